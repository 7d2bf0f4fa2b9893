"""Usage and flags of ``%post``, ``%%post`` and ``%autopost`` (docs/spec.md 1), as in ``posting/post.ts``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional

from .arguments import Flag, Parsed, UsageError, Table

_COMMON = (
    Flag("--attach", "attach a file; may be given several times", value="FILE", repeatable=True),
    Flag("--thread", "posts of one key form one thread", value="KEY"),
    Flag("--quiet", "show nothing in the notebook"),
    Flag("--preview", "show what would be posted, send nothing"),
    Flag("--stderr", "post stderr too, also of a cell that did not fail"),
    Flag("--no-mask", "leave secrets as they are, if the relay lets you"),
)

_LINK = Flag("--link", "link your chat account: NAME first, then the code that its bot sends you", value="NAME")

LINE = Table("%post [flags] TARGET [MESSAGE]", (*_COMMON, _LINK))
_ON = Flag("--on", "post only if the cell ended so", value="done|error|always")
_SLOW = Flag("--slow", "post only if it took longer: 30s, 5m, 2h", value="TIME")

CELL = Table(
    "%%post [flags] TARGET [TITLE]",
    (
        Flag("--raw", "post the body as markdown, run nothing", short="-r"),
        Flag("--input", "post the cell's source first", short="-i"),
        Flag("--live", "post when the cell starts, and show in the post what it shows"),
        _ON,
        _SLOW,
        *_COMMON,
    ),
)
AUTOPOST = Table("%autopost TARGET [--slow 5m] [--on error], %autopost off", (_ON, _SLOW))


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
    if on not in (None, "done", "error", "always"):
        raise UsageError(f'--on takes done, error or always, not "{on}"')
    slow = parsed.value("slow")
    words = [] if slow is None else [f"they took {slow} or longer"]
    words += {"error": ["they failed"], "done": ["they did not fail"]}.get(on or "", [])
    least = 0 if slow is None else _milliseconds(slow)
    return Condition(on, least, f" if {' and '.join(words)}" if words else "")


_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}


def _milliseconds(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h)", text)
    if match is None:
        raise UsageError(f'--slow takes a time like 30s, 5m or 2h, not "{text}"')
    return float(match[1]) * _UNITS[match[2]]
