"""Finds the magics in a cell's text: ``%%post`` at its head, ``%post`` on a line of its own."""

from __future__ import annotations

import re
from typing import Optional

_CELL_MAGIC = re.compile(r"%%post(?:[ \t]+(?=\S)(.*))?$")
_LINE_MAGIC = re.compile(r"\s*%post(?=\s|$)")


def head_magic(lines: list[str]) -> Optional[tuple[int, str]]:
    """Index and arguments of the ``%%post`` line, if only blanks and comments come before it."""
    for index, line in enumerate(lines):
        match = _CELL_MAGIC.match(line.rstrip())
        if match:
            return index, match[1] or ""
        if line.strip() and not line.lstrip().startswith("#"):
            return None
    return None


def without_head(lines: list[str], index: int) -> list[str]:
    """The cell that runs. An empty line takes the place of the magic's line, so that line numbers
    stay as typed. If another cell magic follows, it becomes the first line, where IPython looks for
    it.
    """
    body = lines[index + 1 :]
    first = next((place for place, line in enumerate(body) if line.strip()), None)
    if first is not None and body[first].startswith("%%"):
        return body[first:]
    return [*lines[:index], "\n", *body]


def starts_with_post(cell: str) -> bool:
    """Whether nothing but comments and imports comes before the first ``%post``."""
    inside_import = False
    for line in cell.splitlines():
        if inside_import:
            inside_import = ")" not in line
        elif _LINE_MAGIC.match(line):
            return True
        elif re.match(r"\s*(import|from)\s", line):
            inside_import = "(" in line and ")" not in line
        elif line.strip() and not re.match(r"\s*(#|%load_ext\s+jupyterpost\b)", line):
            return False
    return False
