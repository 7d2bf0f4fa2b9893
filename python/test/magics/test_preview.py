"""``--preview``: what would be posted, as text. For TypeScript, see
``kernel/test/posting/post.test.ts``.
"""

import os
import unittest
from unittest import mock

from jupyterpost.capture.recording import Recording
from jupyterpost.magics.post_cell import post_cell, read_cell_post
from jupyterpost.magics.post_line import post_line
from jupyterpost.magics.preview import preview_bundle
from jupyterpost.posting.schema import Post

TABLE = "<table><tr><th>a</th></tr><tr><td>1</td></tr><tr><td>2</td></tr></table>"


class Preview(unittest.TestCase):
    def test_html_which_the_relay_reads_is_named_with_its_text(self):
        cases = [
            (TABLE, "a  b", "[a table of 2 rows]\na  b"),
            ("<TR><td>1", "", "[a table of 1 row]"),
            ("<b>hi</b>", "", "[HTML]"),
        ]
        for html, text, shown in cases:
            with self.subTest(html):
                post = Post(["lab"], [{"type": "html", "html": html, "text": text}])
                self.assertEqual(
                    preview_bundle(post)["text/plain"], f"Preview, nothing was posted. To lab:\n\n{shown}"
                )

    def test_a_block_of_a_type_that_it_does_not_know_is_named(self):
        bundle = preview_bundle(Post(["lab"], [{"type": "sound", "file": 0}]))
        self.assertEqual(bundle["text/plain"], "Preview, nothing was posted. To lab:\n\n[sound]")
        self.assertTrue(bundle["text/markdown"].endswith("\n\n*sound*"))

    def test_of_what_a_cell_showed_asks_no_relay(self):
        recording = Recording(3)
        recording.stream("stdout", "loss 0.1\n")
        recording.end("ok", None)
        cell = recording.outputs()
        previews = {
            "%post": lambda notice: post_line("--preview @me", {}, cell, None, notice),
            "%%post": lambda notice: post_cell(read_cell_post("--preview @me", ""), cell, {}, notice),
        }
        relay = mock.patch("jupyterpost.posting.poster.local_relay", side_effect=AssertionError("asked"))
        for magic, preview in previews.items():
            shown = []
            with self.subTest(magic), relay, mock.patch.dict(os.environ, {"JUPYTERPOST_URL": "local"}):
                preview(shown.append)
                self.assertIn("loss 0.1", shown[0]["text/plain"])


if __name__ == "__main__":
    unittest.main()
