"""``%%post --live``: posts when the cell starts, edits the post as outputs come, and shows the
final state when the cell ends. See ``kernel/src/posting/post-live.ts``. Output of threads that
comes after the end is not added here, because IPython does not say which cell it belongs to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable

from ..capture.blocks import capture_cell
from ..capture.outputs import CellOutputs, Output
from ..posting.live_post import LivePost
from ..posting.posters import poster
from ..posting.receipt import first_line
from ..posting.schema import LIMITS, Block, Post
from ..posting.text_units import last_units
from .interpolation import fill_in
from .post_cell import CellPost, filled_title, head_blocks
from .sending import Notice, attached, limits, source_of, with_options

# A running cell shows only its last lines: nobody sees progress in a post that fills many messages.
_RUNNING_LINES = LIMITS["live"]["runningLines"]
_RUNNING_CHARACTERS = LIMITS["live"]["runningCharacters"]


class LiveCell:
    """The post of one cell. ``show`` is cheap and may be called from any thread."""

    def __init__(self, cell_post: CellPost, outputs: Callable[[], CellOutputs], notice: Notice) -> None:
        """Posts the start. Raises PostError; in that case nothing has run."""
        self._cell_post = cell_post
        self._outputs = outputs
        # ${} can only be filled in once the cell has run.
        is_fixed = all(isinstance(part, str) for part in cell_post.title)
        self._title = fill_in(cell_post.title, {}) if is_fixed else ""
        self._live, receipt = LivePost.start(poster(), replace(self._state(), targets=cell_post.targets))
        if "quiet" not in cell_post.parsed.flags or receipt.spooled:
            notice(receipt.bundle())

    def show(self) -> None:
        self._live.show(self._state)

    def finish(self, cell: CellOutputs, scope: dict[str, Any]) -> None:
        """Shows the end, even if TITLE or ``--attach`` names something that the cell never made.

        After that, raises UsageError, PostError, and what an expression in TITLE raises.
        """
        parsed = self._cell_post.parsed
        self._outputs = lambda: cell
        self._title, unfilled = filled_title(self._cell_post, scope)
        final, failures = attached(self._state(), parsed)
        self._live.finish(lambda: final)
        if unfilled is not None:
            raise unfilled
        if failures:
            raise failures[0]

    def _state(self) -> Post:
        cell, parsed = self._outputs(), self._cell_post.parsed
        is_running = cell.status == "running"
        shown = replace(cell, outputs=list(map(_running, cell.outputs))) if is_running else cell
        blocks, files = capture_cell(shown, "stderr" in parsed.flags, limits())
        if is_running:
            blocks = [*map(_last_lines, blocks), {"type": "notice", "text": first_line("running")}]
        head = head_blocks(self._cell_post, self._title)
        return with_options(Post([], head + blocks, files, None, source_of(cell)), parsed)


def _running(output: Output) -> Output:
    """A picture with a display id may change at every step, so it is shown only at the end."""
    is_picture = any(mimetype.startswith("image/") for mimetype in output.get("data", {}))
    if "displayId" not in output or not is_picture:
        return output
    return {**output, "data": {"text/plain": first_line("changes")}}


def _last_lines(block: Block) -> Block:
    if block["type"] != "text":
        return block
    lines = "\n".join(block["text"].split("\n")[-_RUNNING_LINES:])
    tail = last_units(lines, _RUNNING_CHARACTERS)
    return block if len(tail) == len(block["text"]) else {**block, "text": f"…\n{tail}"}
