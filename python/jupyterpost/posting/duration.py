"""Durations as people write them (``90s``, ``5m``, ``2h``, ``1d``) and as they read them
(``3 min 12 s``). See ``post/contract/duration.ts``; both run the cases in
``post/contract/fixtures/durations.json``.
"""

from __future__ import annotations

import math
import re
from typing import Optional

# Milliseconds, largest unit first.
_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)")


def parse_duration(text: str) -> Optional[float]:
    """``1.5h`` -> 5400000 ms; None if the text is not a duration."""
    match = _DURATION.fullmatch(text)
    return None if match is None else float(match[1]) * dict(_UNITS)[match[2]]


def duration_text(ms: int) -> str:
    """5400000 ms -> ``90m``: the largest unit that gives a whole number."""
    name, length = next(unit for unit in _UNITS if ms % unit[1] == 0)
    return f"{ms // length}{name}"


def duration_words(seconds: float) -> str:
    """``3 h 4 min``. ``seconds``: at least 0."""
    whole = rounded_half_up(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def seconds_text(ms: float) -> str:
    """``1.2 s``; from ten seconds on without a decimal, ``75 s``. ``ms``: at least 0."""
    # Round to tenths first: 9.97 s become 10 s, not 10.0 s.
    tenths = rounded_half_up(ms / 100)
    return f"{tenths / 10:.1f} s" if tenths < 100 else f"{rounded_half_up(ms / 1000)} s"


def rounded_half_up(value: float) -> int:
    """Same as JavaScript's ``Math.round``; Python's ``round`` rounds halves to even numbers."""
    return math.floor(value + 0.5)
