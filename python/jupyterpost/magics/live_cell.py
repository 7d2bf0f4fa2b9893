"""``%%post --live``: posts when the cell starts, edits the post as outputs come, and shows the
final state when the cell ends. See ``kernel/src/posting/post-live.ts``. Output of threads that
comes after the end is not added here, because IPython does not say which cell it belongs to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable

from ..capture.outputs import CellOutputs
from ..posting.live_post import LivePost
from ..posting.posters import poster
from ..posting.schema import Post
from ..posting.watch.watches import watches
from .interpolation import fill_in
from .live_state import state_blocks
from .post_cell import CellPost, filled_title, head_blocks
from .sending import Notice, attached, limits, source_of, with_options


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
        self._watched = self._live.watched(self._state)
        watches.tell(self._watched)
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
        try:
            self._live.finish(lambda: final)
        finally:
            watches.ended(self._watched)
        if unfilled is not None:
            raise unfilled
        if failures:
            raise failures[0]

    def _state(self) -> Post:
        cell, parsed = self._outputs(), self._cell_post.parsed
        blocks, files = state_blocks(cell, "stderr" in parsed.flags, limits(parsed))
        head = head_blocks(self._cell_post, self._title)
        return with_options(Post([], head + blocks, files, None, source_of(cell)), parsed)
