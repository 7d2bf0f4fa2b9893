"""Macros that TeX defines for formulas after it, as MathJax keeps them for a whole notebook. A
definition is written anew in the form that KaTeX and MathJax both read. See
``post/text/tex-macros.ts``; the cases in ``post/contract/fixtures`` hold both to the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional

from ..posting.schema import LIMITS

_MOST = LIMITS["macros"]["most"]
_LONGEST = LIMITS["macros"]["definition"]
_MOST_USED = LIMITS["macros"]["used"]

_COMMANDS = {"newcommand", "renewcommand", "providecommand", "def", "gdef"}
_OPERATOR = "DeclareMathOperator"
_WORD = re.compile(r"[A-Za-z]{0,60}")
_BLANKS = re.compile(r"[ \n\t]{0,20}")
_PARAMETERS = re.compile(r"(?:#[0-9]){0,9}")
_COUNT = re.compile(r"[0-9]")


def macros_in(text: str) -> dict[str, str]:
    """Name with its backslash -> its definition, in order."""
    macros: dict[str, str] = {}
    at = text.find("\\")
    while at != -1:
        word = _word_at(text, at + 1)
        end = at + 1 + max(1, len(word))
        found = _definition_at(text, word, end)
        if found is not None:
            macros.pop(found.name, None)
            macros[found.name] = found.definition
            end = found.end
        at = text.find("\\", end)
    return macros


class MacroBook:
    """The macros of one kernel; the oldest are forgotten beyond a number."""

    def __init__(self) -> None:
        self._macros: dict[str, str] = {}

    def learn(self, text: str) -> None:
        for name, definition in macros_in(text).items():
            self._macros.pop(name, None)
            self._macros[name] = definition
            if len(self._macros) > _MOST:
                del self._macros[next(iter(self._macros))]

    def used_by(self, tex: str) -> str:
        """The definitions that this TeX needs, also by way of others; empty if it needs none."""
        if not self._macros:
            return ""
        used: set[str] = set()
        texts = [tex]
        while texts:
            for name in _names_in(texts.pop()):
                if name in self._macros and name not in used:
                    used.add(name)
                    texts.append(self._macros[name])
        definitions = "".join(one for name, one in self._macros.items() if name in used)
        return "" if len(definitions) > _MOST_USED else definitions


def _names_in(text: str) -> set[str]:
    names = set()
    at = text.find("\\")
    while at != -1:
        word = _word_at(text, at + 1)
        if word:
            names.add(f"\\{word}")
        at = text.find("\\", at + 1 + max(1, len(word)))
    return names


@dataclass(frozen=True)
class _Definition:
    name: str
    definition: str
    end: int


def _definition_at(text: str, command: str, at: int) -> Optional[_Definition]:
    """``at``: where the command ends."""
    if command != _OPERATOR and command not in _COMMANDS:
        return None
    reader = _Reader(text, at)
    star = "*" if reader.take("*") else ""
    name = reader.name()
    if name is None:
        return None
    if command == _OPERATOR:
        body = reader.group("{", "}")
        return None if body is None else _made(name, f"\\def{name}{{\\operatorname{star}{{{body}}}}}", reader.at)
    if command.endswith("def"):
        parameters = reader.parameters()
        body = reader.group("{", "}")
        return None if body is None else _made(name, f"\\def{name}{parameters}{{{body}}}", reader.at)
    count = reader.group("[", "]")
    first = reader.group("[", "]")
    body = reader.group("{", "}")
    count = "0" if count is None else count.strip()
    if body is None or not _COUNT.fullmatch(count):
        return None
    if first is not None:
        # Only MathJax reads a first parameter that may be left out.
        return _made(name, f"\\newcommand{{{name}}}[{count}][{first}]{{{body}}}", reader.at)
    parameters = "".join(f"#{n + 1}" for n in range(int(count)))
    return _made(name, f"\\def{name}{parameters}{{{body}}}", reader.at)


def _made(name: str, definition: str, end: int) -> Optional[_Definition]:
    return None if len(definition) > _LONGEST else _Definition(name, definition, end)


class _Reader:
    def __init__(self, text: str, at: int) -> None:
        self._text = text
        self.at = at

    def take(self, character: str) -> bool:
        self._blanks()
        if self._text[self.at : self.at + 1] != character:
            return False
        self.at += 1
        return True

    def name(self) -> Optional[str]:
        """``\\name`` or ``{\\name}``; None if there is none."""
        braced = self.take("{")
        if not self.take("\\"):
            return None
        word = _word_at(self._text, self.at)
        self.at += len(word)
        return None if not word or (braced and not self.take("}")) else f"\\{word}"

    def parameters(self) -> str:
        """``#1#2``; empty if there are none."""
        found = _PARAMETERS.match(self._text, self.at)
        parameters = found[0] if found else ""
        self.at += len(parameters)
        return parameters

    def group(self, opening: str, closing: str) -> Optional[str]:
        """What is between the brackets; None if there is none, or it is too long."""
        before = self.at
        if not self.take(opening):
            return None
        start, depth = self.at, 0
        end = min(len(self._text), start + _LONGEST)
        while self.at < end:
            character = self._text[self.at]
            self.at += 1
            if character == closing and depth == 0:
                return self._text[start : self.at - 1]
            if character == "\\":
                self.at += 1
            elif character == "{":
                depth += 1
            elif character == "}":
                depth -= 1
            if depth < 0:
                break
        self.at = before
        return None

    def _blanks(self) -> None:
        found = _BLANKS.match(self._text, self.at)
        self.at = found.end() if found else self.at


def _word_at(text: str, at: int) -> str:
    found = _WORD.match(text, at)
    return found[0] if found else ""
