"""Lines of the magics: what targets, flags and message they hold, or what is wrong. The TypeScript kernel runs the same cases."""

import unittest

from jupyterpost.magics.arguments import UsageError, parse_cell_line, parse_line
from jupyterpost.magics.flags import AUTOPOST, CELL, LINE, condition_of
from jupyterpost.magics.sending import required_target

from ..fixtures import fixture

_TABLES = {"%post": LINE, "%%post": CELL, "%autopost": AUTOPOST}


def _outcome(magic, line):
    try:
        parsed = (parse_line if magic == "%post" else parse_cell_line)(line, _TABLES[magic])
        condition_of(parsed)
        found = {"targets": required_target(parsed), "flags": parsed.flags, "message": parsed.rest}
        return {name: value for name, value in found.items() if value}
    except UsageError as error:
        return {"error": str(error).partition("\nUsage: ")[0]}


class Arguments(unittest.TestCase):
    def test_a_line_means_what_it_means_in_typescript(self):
        for case in fixture("arguments"):
            magic, line = case.pop("magic"), case.pop("line")
            with self.subTest(f"{magic} {line}"):
                self.assertEqual(_outcome(magic, line), case)
