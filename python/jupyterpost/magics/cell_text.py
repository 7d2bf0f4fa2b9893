"""Finds the magics in a cell's text: ``%%post`` at its head, ``%post`` on a line of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional

_CELL_MAGIC = re.compile(r"%%post(?:[ \t]+(?=\S)(.*))?$")
_LINE_MAGIC = re.compile(r"\s*%post(?=\s|$)")


# Below these every line is content, as it will be in the file.
_CONTENT = re.compile(r"%%(writefile|file)\b")


@dataclass(frozen=True)
class Head:
    #: Of the ``%%post`` line.
    index: int
    #: What is typed after ``%%post``.
    line: str
    #: Index of another cell magic above it, such as ``%%time``; else that of the line itself.
    first: int


def head_magic(lines: list[str]) -> Optional[Head]:
    """The ``%%post`` line, if only other cell magics, blanks and comments come before it."""
    first: Optional[int] = None
    for index, line in enumerate(lines):
        match = _CELL_MAGIC.match(line.rstrip())
        if match:
            return Head(index, match[1] or "", index if first is None else first)
        if line.startswith("%%") and not _CONTENT.match(line):
            first = index if first is None else first
        # Below another magic a comment may mean something else.
        elif line.strip() and (first is not None or not line.lstrip().startswith("#")):
            return None
    return None


def without_head(lines: list[str], head: Head) -> list[str]:
    """The cell that runs, without the ``%%post`` line. An empty line takes its place, so that line
    numbers stay as typed. If there is another cell magic, it becomes the first line, where IPython
    looks for it.
    """
    body = lines[head.index + 1 :]
    if head.first < head.index:
        # A magic directly below another is its content; blank lines between would be too.
        return [line for line in lines[head.first : head.index] if line.strip()] + body
    first = next((place for place, line in enumerate(body) if line.strip()), None)
    if first is not None and body[first].startswith("%%"):
        return body[first:]
    return [*lines[: head.index], "\n", *body]


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
