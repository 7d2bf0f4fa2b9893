"""Progress bars in the text of a stream: what a program wrote again and again over the same lines,
by carriage returns, backspaces, cursor moves or erasing. See ``post/text/progress-text.ts``.
"""

from __future__ import annotations

import re

from ..posting.schema import LIMITS
from ..posting.text_units import last_units
from .terminal import CONTROL, Screen, draw

# A bar is drawn again soon: the end of a long text has all of its last state.
_MOST_UNITS = LIMITS["capture"]["progressUnits"]
_MOST_LINES = LIMITS["capture"]["progressLines"]
_MOST_READ = LIMITS["capture"]["recordedText"]
# Without one of these, nothing is written over.
_MOVES = re.compile(r"[\r\b\x1b\x9b]")
_ERASED_FROM_THE_LEFT = ("1", "2")


def progress_text(text: str) -> str:
    """The last state of the bars that were shown last: those that were on the screen together.

    Empty if there are none, or if they were erased in the end.
    """
    if not _MOVES.search(text.replace("\r\n", "\n")):
        return ""
    screen = _Watched()
    draw(last_units(text, _MOST_UNITS), screen)
    lines = screen.lines()
    bars = [row for row in sorted(screen.over) if row < len(lines) and lines[row]]
    if not bars:
        return ""
    # A bar that was still changing when the last one came is beside it; others have ended before.
    began = screen.first.get(bars[-1], 0)
    shown = [row for row in bars if screen.last.get(row, 0) > began or row == bars[-1]]
    return "\n".join(lines[row] for row in shown[-_MOST_LINES:])


def is_drawn_over(before: str, text: str) -> bool:
    """Whether ``text`` writes over all of ``before``, which did the same with the same line: then
    nothing of ``before`` is seen any more.
    """
    return before.startswith("\r") and text.startswith("\r") and _is_over(before[1:], text[1:])


def without_drawn_over(text: str) -> str:
    """The text without those states of its bars that are drawn over by the next one.

    Of a text that is longer than a cell's may be, the end: nobody waits for the rest of it.
    """
    if len(text) > _MOST_READ:
        return text[:-_MOST_READ] + without_drawn_over(text[-_MOST_READ:])
    return "\n".join(map(_line_without_drawn_over, text.split("\n"))) if "\r" in text else text


def _line_without_drawn_over(line: str) -> str:
    kept: list[str] = []
    for drawn in line.split("\r"):
        # What stands before the first return may go on what came before this text.
        if len(kept) > 1 and _is_over(kept[-1], drawn):
            kept.pop()
        kept.append(drawn)
    return "\r".join(kept)


def _is_over(before: str, drawn: str) -> bool:
    return len(before) <= len(drawn) and _is_plain(before) and _is_plain(drawn)


def _is_plain(drawn: str) -> bool:
    """Writes one cell for each UTF-16 unit, in one line."""
    return not drawn or "\n" not in drawn and not CONTROL.search(drawn) and max(drawn, default="") < "\U00010000"


class _Watched(Screen):
    """Knows which lines were written over, and when each was written first and last."""

    def __init__(self) -> None:
        super().__init__()
        self.over: set[int] = set()
        self.first: dict[int, int] = {}
        self.last: dict[int, int] = {}
        # What is written into these lines next is written over.
        self._returned: set[int] = set()
        self._written = 0

    def put(self, character: str) -> None:
        if character in "\r\b":
            self._returned.add(self.row)
        elif character != "\n":
            self._written += 1
            self.first.setdefault(self.row, self._written)
            self.last[self.row] = self._written
            if self.row in self._returned:
                self.over.add(self.row)
        super().put(character)

    def control(self, parameters: str, final: str) -> None:
        row, column = self.row, self.column
        super().control(parameters, final)
        erased = final == "K" and parameters in _ERASED_FROM_THE_LEFT
        if erased or self.row < row or (self.row == row and self.column < column):
            self._returned.add(self.row)
        if final == "J":
            self._forget(0 if parameters in ("2", "3") else self.row + 1)

    def _forget(self, first_row: int) -> None:
        """The lines from this one on were erased."""
        self.over = {row for row in self.over if row < first_row}
        self._returned = {row for row in self._returned if row < first_row}
        self.first = {row: at for row, at in self.first.items() if row < first_row}
