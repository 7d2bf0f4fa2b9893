"""A file of ``--attach`` that is missing."""

import unittest

from jupyterpost.capture.recording import Recording
from jupyterpost.magics.post_cell import post_cell, read_cell_post
from jupyterpost.magics.post_line import post_line
from jupyterpost.posting.error import PostError

LINE = "--preview --attach never.png lab"


def _failed_cell():
    recording = Recording(3)
    recording.end("failed", None)
    return recording.outputs()


class MissingFile(unittest.TestCase):
    def test_of_a_cell_that_failed_is_named_in_its_post(self):
        shown = []
        post_cell(read_cell_post(LINE, ""), _failed_cell(), {}, shown.append)
        self.assertRegex(shown[0]["text/plain"], "Cannot attach .*never.png: No such file")

    def test_of_a_line_is_an_error_whatever_became_of_the_cell_before(self):
        with self.assertRaisesRegex(PostError, "Cannot attach .*never.png: No such file"):
            post_line(LINE, {}, Recording(4).outputs(), _failed_cell(), self.fail)


if __name__ == "__main__":
    unittest.main()
