"""Text as a terminal shows it in the end: carriage returns, backspaces, cursor moves and erasing
are applied, colours and all other escape sequences are removed (ECMA-48). A progress bar becomes
its last state. See ``post/text/terminal-text.ts``.
"""

from __future__ import annotations

import re

from ..posting.schema import LIMITS
from ..posting.text_units import BLANK

_ESC = "\x1b"
_CSI = "\x9b"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_STRING_TERMINATOR = re.compile("\x1b\\\\")
_STRING_END = re.compile("\x07|\x1b\\\\")
_FARTHEST = LIMITS["terminal"]["farthestColumn"]
# How many blank cells moves to the right may make in all. A few bytes can ask for thousands.
_MOST_BLANKS = LIMITS["terminal"]["blanks"]


def terminal_text(text: str) -> str:
    """The screen after ``text`` was printed. It has no size: lines never wrap or scroll away."""
    plain = text.replace("\r\n", "\n")
    if not _CONTROL.search(plain):
        return plain
    screen = Screen()
    draw(plain, screen)
    return "\n".join(screen.lines())


def draw(text: str, screen: Screen) -> None:
    plain = text.replace("\r\n", "\n")
    position = 0
    while position < len(plain):
        character = plain[position]
        if character in (_ESC, _CSI):
            position = _escape(plain, position, screen)
        else:
            screen.put(character)
            position += 1


def _escape(text: str, start: int, screen: Screen) -> int:
    """Applies the sequence at ``start``; returns the position after it. If unfinished, that is the
    end.
    """
    is_csi = text[start] == _CSI
    kind = "[" if is_csi else text[start + 1 : start + 2]
    begin = start + (1 if is_csi else 2)
    if kind == "[":
        end = begin
        while end < len(text) and not "@" <= text[end] <= "~":
            end += 1
        screen.control(text[begin:end], text[end : end + 1])
        return end + 1
    # Strings (titles, links, images) up to BEL or ST.
    if kind and kind in "PX]^_":
        terminator = (_STRING_END if kind == "]" else _STRING_TERMINATOR).search(text, begin)
        return terminator.end() if terminator else len(text)
    end = start + 1
    while end < len(text) and " " <= text[end] <= "/":
        end += 1
    return end + 1


class Screen:
    def __init__(self) -> None:
        self._lines: list[list[str]] = [[]]
        # For each line, how many cells from the left are known to be blank and need no erasing.
        self._blank = [0]
        self.row = 0
        self.column = 0
        self._blanks_left = _MOST_BLANKS

    def put(self, character: str) -> None:
        if character == "\n":
            self._move(self.row + 1, 0)
        elif character == "\r":
            self.column = 0
        elif character == "\b":
            self.column = max(0, self.column - 1)
        elif not _CONTROL.match(character):
            self._write(character)

    def control(self, parameters: str, final: str) -> None:
        """A CSI sequence: moves the cursor or erases. Colours and modes change no text."""
        digits = re.match(r"\d+", parameters)
        count = max(1, int(digits[0]) if digits else 1)
        row, column = self.row, self.column
        moves = {
            "A": (row - count, column),
            "B": (row + count, column),
            "C": (row, column + count),
            "D": (row, column - count),
            "E": (row + count, 0),
            "F": (row - count, 0),
            "G": (row, count - 1),
        }
        if final in moves:
            self._move(*moves[final])
        elif final == "J":
            self._erase_screen(parameters)
        elif final == "K":
            self._erase_line(parameters)

    def lines(self) -> list[str]:
        # Spaces at the end of a line are only what an erased bar left behind.
        return ["".join(line).rstrip(BLANK) for line in self._lines]

    def _write(self, character: str) -> None:
        line = self._lines[self.row]
        gap = max(0, self.column - len(line))
        if gap > self._blanks_left:
            gap, self.column = 0, len(line)
        self._blanks_left -= gap
        line.extend(" " * gap)
        line[self.column : self.column + 1] = [character]
        self._blank[self.row] = min(self._blank[self.row], self.column)
        self.column += 1

    def _move(self, row: int, column: int) -> None:
        # Limited: a move far away means the corner of the screen, not that many lines.
        self.row = min(max(0, row), len(self._lines))
        self.column = min(max(0, column), _FARTHEST)
        if self.row == len(self._lines):
            self._lines.append([])
            self._blank.append(0)

    def _erase_line(self, parameters: str) -> None:
        line = self._lines[self.row]
        if parameters in ("", "0"):
            del line[self.column :]
        elif parameters == "1":
            blank, end = self._blank[self.row], min(self.column + 1, len(line))
            line[blank:end] = " " * max(0, end - blank)
            self._blank[self.row] = max(blank, end)
        else:
            line.clear()
        self._blank[self.row] = min(self._blank[self.row], len(line))

    def _erase_screen(self, parameters: str) -> None:
        if parameters in ("2", "3"):
            self._lines, self._blank, self.row, self.column = [[]], [0], 0, 0
        elif parameters in ("", "0"):
            self._erase_line("0")
            del self._lines[self.row + 1 :], self._blank[self.row + 1 :]
