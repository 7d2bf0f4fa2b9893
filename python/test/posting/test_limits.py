"""What is at a limit and what is over it. The TypeScript code runs the same cases."""

import unittest

from jupyterpost.capture.sizes import first_bytes, in_words, last_bytes
from jupyterpost.posting.asking import DEFAULT_TIMEOUT, manifest_of
from jupyterpost.posting.error import PostError
from jupyterpost.posting.limits import check_limits, text_bytes
from jupyterpost.posting.schema import LIMITS, Limits, Post, PostFile
from jupyterpost.posting.text_units import first_units, last_units

from ..fixtures import fixture


def whole(value):
    """``{"repeat": "x", "times": 101}`` is a long text, or a long list, of one part."""
    if isinstance(value, list):
        return [whole(part) for part in value]
    if not isinstance(value, dict):
        return value
    if "repeat" in value:
        part = value["repeat"]
        return (part if isinstance(part, str) else [part]) * value["times"]
    return {name: whole(part) for name, part in value.items()}


CASES = {name: whole(cases) for name, cases in fixture("limits").items()}


class LimitsTest(unittest.TestCase):
    def check_each(self, name, check):
        for case in CASES[name]:
            with self.subTest(case.get("name", case)):
                check(case)

    def test_a_post_counts_as_many_bytes_as_in_typescript(self):
        self.check_each("counted", lambda case: self.assertEqual(text_bytes([case["block"]]), case["bytes"]))

    def test_control_characters_blocks_and_cells_count_too(self):
        table = {"type": "table", "columns": ["a"], "rows": [["", "b"], []]}
        cases = [("é€😀", 9), ("a\n\t\r\n", 5), ("\0\x01\x1b[31m", 22)]
        for block, expected in [*(({"type": "text", "text": text}, size) for text, size in cases), (table, 7)]:
            with self.subTest(block):
                self.assertEqual(text_bytes([block]), 32 + expected)

    def test_posts_are_refused_in_the_words_of_typescript(self):
        self.check_each("refused", self.check_post)

    def check_post(self, case):
        files = [PostFile(file["name"], "application/octet-stream", bytes(file["bytes"])) for file in case["files"]]
        names = ("files", "fileBytes", "postBytes", "textBytes")
        given = case.get("limits")
        limits = Limits() if given is None else Limits(*(given[name] for name in names), html=given.get("html", False))
        try:
            check_limits(Post([], case["blocks"], files), limits)
        except PostError as error:
            self.assertEqual((error.code, str(error)), ("too_large", case.get("error")))
        else:
            self.assertNotIn("error", case)

    def test_questions_are_refused_in_the_words_of_typescript(self):
        self.check_each("questions", self.check_question)

    def check_question(self, case):
        try:
            ask = manifest_of(case["choices"], case.get("timeout", DEFAULT_TIMEOUT), case.get("otherwise"))
        except PostError as error:
            self.assertEqual(error.code, "bad_request")
            # The rest of the sentence shows values as each language writes them.
            self.assertTrue(str(error).startswith(case.get("error", "no error")), error)
        else:
            self.assertNotIn("error", case)
            self.assertEqual(ask["choices"], case.get("sent", case["choices"]))
            self.assertEqual(ask["timeoutMs"], case.get("timeoutMs", ask["timeoutMs"]))

    def test_texts_are_cut_where_typescript_cuts_them(self):
        for name, first, last in (("units", first_units, last_units), ("bytes", first_bytes, last_bytes)):
            for case in CASES[name]:
                with self.subTest(case):
                    text, most = case["text"], case["most"]
                    self.assertEqual((first(text, most), last(text, most)), (case["first"], case["last"]))

    def test_sizes_have_the_words_of_typescript(self):
        self.check_each("words", lambda case: self.assertEqual(in_words(case["bytes"]), case["text"]))

    def test_what_no_case_shows_has_the_same_values(self):
        for name, values in CASES["values"].items():
            self.assertEqual(LIMITS[name], {**LIMITS[name], **values})
