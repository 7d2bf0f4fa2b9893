"""Lines of the magics: their targets, flags and message, or what is wrong with them. The TypeScript
kernel runs the same cases.
"""

import unittest

from jupyterpost.contract import read
from jupyterpost.magics.arguments import UsageError, mistake, parse_cell_line, parse_line, usage_text
from jupyterpost.magics.flags import AUTOPOST, CELL, LINE, condition_of, refuse_contradictions
from jupyterpost.magics.post_cell import read_cell_post
from jupyterpost.magics.sending import required_target

from ..fixtures import fixture

_TABLES = {"%post": LINE, "%%post": CELL, "%autopost": AUTOPOST}


def _outcome(magic, line):
    try:
        parsed = (parse_line if magic == "%post" else parse_cell_line)(line, _TABLES[magic])
        targets = required_target(parsed)
        condition_of(parsed)
        refuse_contradictions(parsed)
        found = {"targets": targets, "flags": parsed.flags, "message": parsed.rest}
        return {name: value for name, value in found.items() if value}
    except UsageError as error:
        return {"error": str(error).partition("\nUsage: ")[0]}


class Arguments(unittest.TestCase):
    def test_a_line_means_what_it_means_in_typescript(self):
        for case in fixture("arguments"):
            magic, line = case.pop("magic"), case.pop("line")
            with self.subTest(f"{magic} {line}"):
                self.assertEqual(_outcome(magic, line), case)

    def test_help_of_each_magic(self):
        shown = {magic: f"{table.summary}\n\n{usage_text(table)}" for magic, table in _TABLES.items()}
        self.assertEqual(shown, fixture("flags")["help"])

    def test_each_mistake(self):
        cases = fixture("flags")["mistakes"]
        for case in cases:
            with self.subTest(case["name"]):
                self.assertEqual(mistake(case["name"], **case["values"]), case["text"])
        self.assertEqual({case["name"] for case in cases}, set(read("flags")["mistakes"]))

    def test_a_mistake_that_only_the_magic_finds_is_shown_with_its_usage(self):
        for line in ("", "@me --on maybe", "@me --raw --live", "a:b:c"):
            with self.subTest(line), self.assertRaisesRegex(UsageError, "\nUsage: %%post"):
                read_cell_post(line, "")
