"""Reads a magic's line by its table of flags.

Values are strings, never numbers: ``007`` stays ``007``. The text after flags and target is taken
as typed, with its quotes, spaces and dashes. See ``kernel/src/magics/arguments.ts``.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Optional

from ..contract import read
from ..posting.text_units import BLANK

_MISTAKES = read("flags")["mistakes"]
# A flag's name in ASCII, and blanks as JavaScript has them: the same line has the same words there.
_WORD = re.compile(
    rf"(--?[A-Za-z0-9_-]+=)?(?:\"([^\"]*)\"|'([^']*)')(?=[{BLANK}]|\Z)|[^{BLANK}]+",
)


class UsageError(ValueError):
    """A person's mistake in a magic line. The usage is shown, and nothing was run."""


def mistake(name: str, **values: object) -> str:
    """What is said of a mistake, with a value in the place of each ``{name}``."""
    return str(_MISTAKES[name]).format(**values)


@contextmanager
def usage_of(table: Table) -> Iterator[None]:
    """A mistake that only the magic itself finds is shown with its usage too."""
    try:
        yield
    except UsageError as error:
        if "Usage:" in str(error):
            raise
        raise UsageError(f"{error}\nUsage: {table.usage}") from None


@dataclass(frozen=True)
class Flag:
    #: With its dashes: ``--thread``.
    name: str
    description: str
    #: One letter with its dash: ``-i``.
    short: Optional[str] = None
    #: Name of its value in the usage line. A flag without one is a switch.
    value: Optional[str] = None
    #: All possible values, if they are few.
    choices: tuple[str, ...] = ()
    #: Which values are right, in words.
    expected: str = ""
    repeatable: bool = False


@dataclass(frozen=True)
class Table:
    usage: str
    flags: tuple[Flag, ...]
    #: The first line of its help.
    summary: str = ""


@dataclass(frozen=True)
class Parsed:
    #: Flag name without dashes -> values as typed; a switch has ``['']``.
    flags: dict[str, list[str]]
    target: Optional[str]
    #: MESSAGE or TITLE as typed; None if there is none.
    rest: Optional[str]

    def value(self, name: str) -> Optional[str]:
        return self.flags[name][-1] if name in self.flags else None


@dataclass(frozen=True)
class _Token:
    #: Without its quotes.
    text: str
    start: int
    end: int


def parse_line(line: str, table: Table) -> Parsed:
    """Reads flags before TARGET only. ``--``, before TARGET or right after it, ends them.

    ``%post --quiet @me -5C`` has the message ``-5C``. Raises UsageError also for a flag right after
    TARGET, because it would be posted as text.
    """
    tokens = _tokenize(line)
    flags, used = _leading_flags(tokens, table)
    if used == len(tokens):
        return Parsed(flags, None, None)
    target, *others = tokens[used:]
    rest = deque(others)
    if not rest or (used and tokens[used - 1].text == "--"):
        return Parsed(flags, target.text, line[target.end :].strip(BLANK) or None)
    if _flag_of(_typed(line, rest[0]), table) is not None:
        raise _misplaced_flag(line, target, rest, table)
    end = rest[0].end if rest[0].text == "--" else target.end
    return Parsed(flags, target.text, line[end:].strip(BLANK) or None)


def _misplaced_flag(line: str, target: _Token, rest: deque[_Token], table: Table) -> UsageError:
    """For a flag right after TARGET: shows the line as it should be, for either meaning."""
    text = line[rest[0].start :].strip(BLANK)
    name = rest[0].text.partition("=")[0]
    moved: list[str] = []
    flag = _flag_of(_typed(line, rest[0]), table)
    while flag is not None:
        token = rest.popleft()
        moved.append(flag.name if flag.value is None else _typed(line, token))
        if flag.value is not None and "=" not in token.text:
            moved.append(_typed(line, rest.popleft()) if rest else flag.value)
        flag = _flag_of(_typed(line, rest[0]), table) if rest else None
    magic, before = table.usage.partition(" ")[0], line[: target.start].strip(BLANK)
    message = line[rest[0].start :].strip(BLANK) if rest else ""
    right = [magic, before, *moved, _typed(line, target), message]
    as_text = [magic, before, _typed(line, target), "--", text]
    words = mistake(
        "order", flag=name, right=" ".join(filter(None, right)), asText=" ".join(filter(None, as_text))
    )
    return UsageError(f"{words}\n{usage_text(table)}")


def _typed(line: str, token: _Token) -> str:
    """With its quotes."""
    return line[token.start : token.end]


def parse_cell_line(line: str, table: Table) -> Parsed:
    """Like ``parse_line``, but flags may also come after TARGET, where an unknown ``--x`` is a
    mistake.
    """
    tokens = _tokenize(line)
    flags, used = _leading_flags(tokens, table)
    target = tokens[used] if used < len(tokens) else None
    title: list[_Token] = []
    rest = deque(tokens[used + 1 :])
    while rest:
        token = rest.popleft()
        if token.text == "--":
            title += rest
            break
        flag = _flag_of(token.text, table)
        if flag is not None:
            _take(flag, token.text, rest, flags, table)
        elif re.match(r"--[a-zA-Z]", token.text):
            raise _unknown_flag(token.text, table)
        else:
            title.append(token)
    _check_once(flags, table)
    return Parsed(flags, target and target.text, _joined(line, title) or None)


def usage_text(table: Table) -> str:
    """The usage line and the flags, for the help and for the end of each usage error."""
    rows = []
    for flag in table.flags:
        names = flag.name if flag.short is None else f"{flag.short}, {flag.name}"
        rows.append((names if flag.value is None else f"{names} {flag.value}", flag.description))
    width = max((len(names) for names, _ in rows), default=0)
    return "\n".join([f"Usage: {table.usage}", *(f"  {names.ljust(width)}  {words}" for names, words in rows)])


def _leading_flags(tokens: list[_Token], table: Table) -> tuple[dict[str, list[str]], int]:
    """Reads flags up to the first other word; returns them and how many tokens they take, with
    ``--``.
    """
    flags: dict[str, list[str]] = {}
    rest = deque(tokens)
    while rest and rest[0].text.startswith("-"):
        token = rest.popleft()
        if token.text == "--":
            break
        flag = _flag_of(token.text, table)
        if flag is None:
            raise _unknown_flag(token.text, table)
        _take(flag, token.text, rest, flags, table)
    _check_once(flags, table)
    return flags, len(tokens) - len(rest)


def _take(flag: Flag, text: str, rest: deque[_Token], flags: dict[str, list[str]], table: Table) -> None:
    _, equals, value = text.partition("=")
    if flag.value is None:
        if equals:
            raise UsageError(f"{mistake('switchValue', flag=flag.name)}\n{usage_text(table)}")
        flags[_key(flag)] = [""]
        return
    if not equals and rest and rest[0].text != "--" and _flag_of(rest[0].text, table) is None:
        value = rest.popleft().text
    if not value:
        raise UsageError(f"{mistake('withoutValue', flag=flag.name, value=flag.value)}\n{usage_text(table)}")
    flags.setdefault(_key(flag), []).append(value)


def _check_once(flags: dict[str, list[str]], table: Table) -> None:
    for flag in table.flags:
        count = len(flags.get(_key(flag), []))
        if count > 1 and not flag.repeatable:
            raise UsageError(f"{mistake('several', flag=flag.name, count=count)}\n{usage_text(table)}")


def _flag_of(text: str, table: Table) -> Optional[Flag]:
    name = text.partition("=")[0]
    return next((flag for flag in table.flags if flag.name == name or flag.short == text), None)


def _unknown_flag(text: str, table: Table) -> UsageError:
    return UsageError(f"{mistake('unknown', flag=text)}\n{usage_text(table)}")


def _key(flag: Flag) -> str:
    return flag.name[2:]


def _tokenize(line: str) -> list[_Token]:
    """Words separated by blanks. Quotes count only around a whole word: ``don't`` is one word."""
    tokens = []
    for match in _WORD.finditer(line):
        quoted = match[2] if match[2] is not None else match[3]
        text = match[0] if quoted is None else f"{match[1] or ''}{quoted}"
        tokens.append(_Token(text, match.start(), match.end()))
    return tokens


def _joined(line: str, tokens: list[_Token]) -> str:
    """The text of the tokens as typed, with the blanks between neighbours."""
    text = ""
    for place, token in enumerate(tokens):
        between = line[tokens[place - 1].end : token.start] if place else ""
        text += (" " if between.strip(BLANK) else between) + line[token.start : token.end]
    return text
