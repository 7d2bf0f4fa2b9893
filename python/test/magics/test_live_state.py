"""What the post of a live cell shows of its outputs: cases that TypeScript runs too."""

import unittest

from jupyterpost.capture.outputs import CellOutputs
from jupyterpost.magics.live_state import state_blocks
from jupyterpost.posting.schema import Limits

from ..fixtures import fixture


class LiveState(unittest.TestCase):
    def test_shows_what_typescript_shows(self):
        for case in fixture("live"):
            with self.subTest(case["name"]):
                ended_at = None if case["status"] == "running" else 1250
                cell = CellOutputs(1, 0, ended_at, case["status"], case["outputs"], [])
                blocks, files = state_blocks(cell, False, Limits())
                self.assertEqual(blocks, case["blocks"])
                self.assertEqual(len(files), case["files"])


if __name__ == "__main__":
    unittest.main()
