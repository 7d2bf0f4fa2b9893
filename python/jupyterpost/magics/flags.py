"""Usage and flags of ``%post``, ``%%post`` and ``%autopost`` (docs/spec.md 1), read from the
contract that both languages share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ..contract import read
from ..posting.duration import parse_duration
from ..posting.receipt import first_line
from ..posting.text_units import quoted
from .arguments import Flag, Parsed, Table, UsageError, mistake

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
    #: In words, empty without a condition: `` if they took 5m or longer and they failed``.
    words: str

    @property
    def interrupted(self) -> bool:
        """An interrupted cell is posted only if ``--on always`` asks for it."""
        return self.on == "always"

    def matches(self, failed: bool, elapsed: float) -> bool:
        return elapsed >= self.least and (self.on in (None, "always") or (self.on == "error") == failed)


def condition_of(parsed: Parsed) -> Condition:
    """Raises UsageError."""
    on = parsed.value("on")
    if on is not None and on not in _ON.choices:
        raise _unexpected(_ON, on)
    slow = parsed.value("slow")
    least = 0 if slow is None else _milliseconds(slow)
    return Condition(on, least, _words(on, slow))


def _words(on: Optional[str], slow: Optional[str]) -> str:
    words = [] if slow is None else [first_line("slow", time=slow)]
    words += [first_line(on)] if on in ("error", "done") else []
    if len(words) == 2:
        return first_line("bothConditions", one=words[0], other=words[1])
    return first_line("condition", condition=words[0]) if words else ""


def _milliseconds(text: str) -> float:
    ms = parse_duration(text)
    if ms is None:
        raise _unexpected(_SLOW, text)
    return ms


def _unexpected(flag: Flag, value: str) -> UsageError:
    return UsageError(mistake("unexpected", flag=flag.name, expected=flag.expected, given=quoted(value)))


def refuse_contradictions(parsed: Parsed) -> None:
    """Raises UsageError for flags that make no sense together: a raw post runs nothing, and a live
    post is there before the cell ends.
    """
    timed = next((name for name in ("live", "on", "slow") if name in parsed.flags), None)
    if "raw" in parsed.flags and timed is not None:
        raise UsageError(mistake("rawAlone", flag=f"--{timed}"))
    if "live" in parsed.flags and ("slow" in parsed.flags or parsed.value("on") not in (None, "always")):
        raise UsageError(mistake("liveAlone"))
