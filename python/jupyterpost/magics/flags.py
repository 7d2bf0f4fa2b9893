"""Usage and flags of ``%post``, ``%%post`` and ``%autopost`` (docs/spec.md 1), from what both languages share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Optional

from ..contract import read
from ..posting.duration import parse_duration
from .arguments import Flag, Parsed, UsageError, Table

_DOCUMENT = read("flags")


def _flag(name: str) -> Flag:
    words = _DOCUMENT["flags"][name]
    choices = tuple(words.get("choices", ()))
    return Flag(
        name,
        words["description"],
        short=words.get("short"),
        value=words.get("value") or "|".join(choices) or None,
        choices=choices,
        expected=words.get("expected", ""),
        repeatable=words.get("repeatable", False),
    )


def _table(magic: str) -> Table:
    words = _DOCUMENT["magics"][magic]
    return Table(words["usage"], tuple(_flag(name) for name in words["flags"]), words["summary"])


LINE = _table("%post")
CELL = _table("%%post")
AUTOPOST = _table("%autopost")
_ON = _flag("--on")
_SLOW = _flag("--slow")


@dataclass(frozen=True)
class Condition:
    on: Optional[str]
    #: Milliseconds.
    least: float
    #: For people: `` if they took 5m or longer and they failed``; empty without a condition.
    words: str

    @property
    def interrupted(self) -> bool:
        """An interrupted cell is posted only if that was asked for."""
        return self.on == "always"

    def matches(self, failed: bool, elapsed: float) -> bool:
        return elapsed >= self.least and (self.on in (None, "always") or (self.on == "error") == failed)


def condition_of(parsed: Parsed) -> Condition:
    """Raises UsageError."""
    on = parsed.value("on")
    if on is not None and on not in _ON.choices:
        raise _unexpected(_ON, on)
    slow = parsed.value("slow")
    words = [] if slow is None else [f"they took {slow} or longer"]
    words += {"error": ["they failed"], "done": ["they did not fail"]}.get(on or "", [])
    least = 0 if slow is None else _milliseconds(slow)
    return Condition(on, least, f" if {' and '.join(words)}" if words else "")


def _milliseconds(text: str) -> float:
    ms = parse_duration(text)
    if ms is None:
        raise _unexpected(_SLOW, text)
    return ms


def _unexpected(flag: Flag, value: str) -> UsageError:
    return UsageError(f"{flag.name} takes {flag.expected}, not {json.dumps(value, ensure_ascii=False)}")
