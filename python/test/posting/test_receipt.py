"""What a receipt says about a post. The TypeScript clients run the same cases."""

import unittest

from jupyterpost.contract import read
from jupyterpost.posting.receipt import Receipt, notice_text, sent_lines

from ..fixtures import fixture

_CASES = fixture("notices")


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

    def test_each_line(self):
        for case in _CASES["lines"]:
            with self.subTest(case["name"]):
                self.assertEqual(notice_text(case["name"], **case["values"]), case["text"])
        self.assertEqual({case["name"] for case in _CASES["lines"]}, set(read("notices")))
