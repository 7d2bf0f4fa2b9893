"""The answer to ``status`` in the chat. See ``kernel/src/posting/cell-status.ts``; both run the
cases in ``post/contract/fixtures/status.json``.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..receipt import notice_text
from ..schema import LIMITS, Block
from ..text_units import last_units

_WATCH = LIMITS["watch"]


def status_blocks(text: str, progress: Sequence[Block] = ()) -> list[Block]:
    """``text``: of the cell, already masked. ``progress``: what its progress posts show."""
    running: Block = {"type": "notice", "text": notice_text("running")}
    if not text:
        nothing: Block = {"type": "notice", "text": notice_text("noOutputSoFar")}
        return [*(progress or [nothing]), running]
    return [*progress, last_lines(text), running]


def last_lines(text: str) -> Block:
    lines = "\n".join(text.split("\n")[-_WATCH["statusLines"] :])
    tail = last_units(lines, _WATCH["statusCharacters"])
    return {"type": "text", "text": text if len(tail) == len(text) else f"…\n{tail}", "stream": "stdout"}
