"""The state of a progress post and how it looks: title, bar, rate, remaining time, last values, and
how it ended. ``post/api/progress-state.ts`` makes the same; both are tested with the same cases, in
``post/contract/fixtures``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Optional

from .duration import duration_words, rounded_half_up
from .schema import LIMITS, Block
from .text_units import first_units

_WIDTH = LIMITS["progress"]["bar"]


@dataclass(frozen=True)
class ProgressState:
    title: str
    #: Number of all steps, above 0; None if it is not known.
    total: Optional[float]
    count: float
    #: Milliseconds since the epoch.
    started_at: int
    #: What the last step said; may be empty.
    line: str = ""
    #: ``running``, ``done``, ``ended`` (the cell ended before all steps were made), ``failed``,
    #: ``interrupted``, ``stopped``
    status: str = "running"
    #: Name and message of a failure.
    error: Optional[tuple[str, str]] = None


def progress_blocks(state: ProgressState, now: int) -> list[Block]:
    blocks: list[Block] = [
        {"type": "message", "text": state.title},
        {"type": "markdown", "text": _figures(state, now)},
    ]
    if state.line:
        blocks.append({"type": "text", "text": first_units(state.line, LIMITS["progress"]["line"]), "stream": "result"})
    if state.error is not None:
        name, message = state.error
        blocks.append({"type": "error", "name": name, "message": message, "traceback": ""})
    return blocks


def progress_source(state: ProgressState, now: int) -> dict[str, Any]:
    """What the post's first line needs to say how the progress ended."""
    source: dict[str, Any] = {"durationMs": max(0, now - state.started_at)}
    if state.status in ("failed", "interrupted"):
        source["status"] = state.status
    return source


def rounded(value: float, digits: int) -> str:
    """The number with this many significant digits, written as JavaScript's ``toPrecision`` and
    ``String`` do: 0.1, 1e-7, NaN.
    """
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity"
    number = Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal(Decimal(value)).normalize()
    if -7 < number.adjusted() < 21:
        return "0" if number == 0 else format(number, "f")
    sign, figures, _ = number.as_tuple()
    fraction = "".join(map(str, figures[1:]))
    exponent = number.adjusted()
    return f"{'-' if sign else ''}{figures[0]}{'.' if fraction else ''}{fraction}e{exponent:+d}"


def _figures(state: ProgressState, now: int) -> str:
    total, count = state.total, state.count
    elapsed = max(0, now - state.started_at) / 1000
    rate = count / elapsed if count > 0 and elapsed > 0 else 0.0
    steps = "1 step" if count == 1 else f"{_number(count)} steps"
    parts = []
    if total is not None:
        steps = f"{_number(count)}/{_number(total)}"
        parts.append(f"`{_bar(count / total)}` {_percent(count / total)}")
    if state.status != "ended":
        parts.append(steps)
    if rate:
        parts.append(f"{_number(rate)}/s" if rate >= 1 else f"{_number(1 / rate)} s a step")
    if state.status != "running":
        word = f"ended at {steps}" if state.status == "ended" else state.status
        parts.append(f"**{word}** after {duration_words(elapsed)}")
    elif total is not None and rate and total > count:
        parts.append(f"{duration_words((total - count) / rate)} left")
    return " · ".join(parts)


def _bar(share: float) -> str:
    full = rounded_half_up(min(1.0, max(0.0, share)) * _WIDTH)
    return "█" * full + "░" * (_WIDTH - full)


def _percent(share: float) -> str:
    """Shows 100 only if all steps are made."""
    return f"{rounded_half_up(share * 100) if share >= 1 else min(99, max(0, math.floor(share * 100)))} %"


def _number(value: float) -> str:
    """Below a thousand, three significant digits."""
    return str(rounded_half_up(value)) if abs(value) >= 1000 or value == int(value) else rounded(value, 3)
