"""What the post of a live cell shows of its outputs: while it runs the last lines, then all. See
``kernel/src/posting/live-state.ts``.
"""

from __future__ import annotations

from dataclasses import replace

from ..capture.blocks import capture_cell
from ..capture.outputs import CellOutputs, Output
from ..posting.receipt import notice_text
from ..posting.schema import LIMITS, Block, Limits, PostFile
from ..posting.text_units import last_units, units

# A running cell shows only its last lines: nobody sees progress in a post of many messages.
_RUNNING_LINES = LIMITS["live"]["runningLines"]
_RUNNING_CHARACTERS = LIMITS["live"]["runningCharacters"]
_RUNNING_OTHERS = LIMITS["live"]["runningOthers"]


def state_blocks(cell: CellOutputs, stderr: bool, limits: Limits) -> tuple[list[Block], list[PostFile]]:
    """``stderr``: include it even if the cell did not fail."""
    if cell.status != "running":
        return capture_cell(cell, stderr, limits)
    shown = replace(cell, outputs=list(map(_running, cell.outputs)))
    blocks, files = capture_cell(shown, stderr, limits, unfinished=True)
    return [*_last_blocks(blocks), {"type": "notice", "text": notice_text("running")}], files


def _running(output: Output) -> Output:
    """A picture with a display id may change at every step, so it is shown only at the end."""
    is_picture = any(mimetype.startswith("image/") for mimetype in output.get("data", {}))
    if "displayId" not in output or not is_picture:
        return output
    return {**output, "data": {"text/plain": notice_text("changes")}}


def _last_blocks(blocks: list[Block]) -> list[Block]:
    """The last lines of all texts together, and the last few other blocks; all with files."""
    lines, characters, others = _RUNNING_LINES, _RUNNING_CHARACTERS, _RUNNING_OTHERS
    is_cut = False
    last: list[Block] = []
    for block in reversed(blocks):
        if "file" in block:
            last.append(block)
        elif block["type"] != "text":
            if others > 0:
                last.append(block)
            others -= 1
        elif is_cut or lines <= 0 or characters <= 0:
            is_cut = True
        else:
            shown = block["text"].split("\n")[-lines:]
            tail = last_units("\n".join(shown), characters)
            lines -= len(shown)
            characters -= units(tail)
            is_cut = len(tail) < len(block["text"])
            last.append({**block, "text": f"…\n{tail}"} if is_cut else block)
    return last[::-1]
