"""What ``status`` answers in the chat: cases that TypeScript runs too."""

import unittest

from jupyterpost.capture.outputs import CellOutputs
from jupyterpost.magics.cell_status import output_text
from jupyterpost.posting.watch.status_words import status_blocks

from ..fixtures import fixture


class Status(unittest.TestCase):
    def test_each_cell_is_shown_as_in_typescript(self):
        for case in fixture("status"):
            with self.subTest(case["name"]):
                text = output_text(CellOutputs(1, 0, None, "running", case["outputs"], []))
                self.assertEqual(status_blocks(text, case["progress"]), case["blocks"])

    def test_only_the_end_of_megabytes_is_read_from_a_line_on(self):
        text = "secret" * 20_000 + "\nlast"
        outputs = [{"type": "stream", "name": "stdout", "text": text}]
        self.assertEqual(output_text(CellOutputs(1, 0, None, "running", outputs, [])), "last")


if __name__ == "__main__":
    unittest.main()
