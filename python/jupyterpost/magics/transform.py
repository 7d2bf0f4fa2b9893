"""Rewrites the magics' lines before Python reads a cell.

``%%post`` is taken off the cell, which then runs as it would without it: with top-level ``await``,
other cell magics above or below, ``Out`` and the same line numbers. ``%post`` is taken as typed:
IPython itself would read ``work?`` as a question for help and join a line that ends in a backslash
with the next one.
"""
from __future__ import annotations

import re
import tokenize
from typing import Any, Optional

from IPython.core.inputtransformer2 import TokenTransformBase

from .arguments import UsageError
from .cell_runs import CellRuns
from .cell_text import head_magic, without_head
from .post_cell import CellPost, read_cell_post


class CellTransform:
    """A line transformer that remembers the ``%%post`` of the cell that will run next."""

    # So IPython skips it when it only asks whether a cell is complete.
    has_side_effects = True

    def __init__(self, runs: CellRuns) -> None:
        self._runs = runs

    def __call__(self, lines: list[str]) -> list[str]:
        # While a cell runs, one of its magics (%%time) may run other text: a %%post in it is left
        # for IPython to call.
        if self._runs.is_running:
            return lines
        self._runs.next_post = None
        found = head_magic(lines)
        if found is None:
            return lines
        above = lines[found.first : found.index]
        cell_post = _read(found.line, "".join(above + lines[found.index + 1 :]))
        if cell_post is None or cell_post.is_raw:
            # The magic itself posts a raw body, or reports the mistake.
            return lines[found.index :]
        self._runs.next_post = cell_post
        return without_head(lines, found)


def _read(line: str, body: str) -> Optional[CellPost]:
    try:
        return read_cell_post(line, body)
    except UsageError:
        return None


class LineTransform(TokenTransformBase):
    """``%post ...`` -> a call with the rest of the line as it was typed."""

    priority = 1  # before HelpEnd, which takes every line that ends in a question mark

    @classmethod
    def find(cls, tokens_by_line: list[list[Any]]) -> Optional[LineTransform]:
        for line in tokens_by_line:
            words = [token for token in line if token.type not in (tokenize.INDENT, tokenize.DEDENT)][:2]
            if [word.string for word in words] == ["%", "post"] and re.match(
                r"%post(\s|$)", words[0].line[words[0].start[1] :]
            ):
                return cls(words[0].start)
        return None

    def transform(self, lines: list[str]) -> list[str]:
        line = lines[self.start_line]
        rest = line[self.start_col + len("%post") :].strip()
        call = f"{line[: self.start_col]}get_ipython().run_line_magic('post', {rest!r})\n"
        return [*lines[: self.start_line], call, *lines[self.start_line + 1 :]]
