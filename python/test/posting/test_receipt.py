"""What a person reads of what became of a post. The TypeScript clients run the same cases."""

import unittest

from jupyterpost.posting.receipt import Receipt, sent_lines

from ..fixtures import fixture

_CASES = fixture("first-line")


class Receipts(unittest.TestCase):
    def test_each_receipt(self):
        for case in _CASES["receipts"]:
            with self.subTest(case["text"]):
                receipt = Receipt(case.get("targets", []), case.get("posts", []), case.get("reason"), case["notices"])
                shown = receipt.bundle(case.get("captured"))
                self.assertEqual(shown, {"text/plain": case["text"], "text/markdown": case["markdown"]})

    def test_posts_that_waited(self):
        for case in _CASES["sent"]:
            self.assertEqual(sent_lines(case["count"]), case["lines"])
