"""Durations as they are typed and as they are shown. The TypeScript code runs the same cases."""

import unittest

from jupyterpost.posting.duration import duration_text, duration_words, parse_duration, seconds_text

from ..fixtures import fixture

CASES = fixture("durations")


class Durations(unittest.TestCase):
    def test_what_is_typed_has_as_many_milliseconds_as_in_typescript(self):
        for case in CASES["parsed"]:
            with self.subTest(case["text"]):
                self.assertEqual(parse_duration(case["text"]), case.get("ms"))

    def test_is_shown_in_the_words_of_typescript(self):
        for name, given, words in (
            ("written", "ms", duration_text),
            ("words", "seconds", duration_words),
            ("seconds", "ms", seconds_text),
        ):
            for case in CASES[name]:
                with self.subTest(f"{name} {case}"):
                    self.assertEqual(words(case[given]), case["text"])
