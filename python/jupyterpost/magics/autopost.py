"""``%autopost TARGET``: posts every cell from the next one on, as ``%%post`` would, under the given
conditions; ``off`` ends it. See ``kernel/src/posting/autopost.ts``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from ..capture.blocks import capture_cell
from ..capture.outputs import CellOutputs
from ..posting.posters import poster
from ..posting.receipt import notice_text
from ..posting.schema import Post
from ..posting.text_units import quoted
from ..posting.watch.watched import WatchedPost, Wish
from .arguments import Parsed, UsageError, mistake, parse_cell_line, usage_of
from .cell_text import head_magic
from .flags import AUTOPOST, Condition, condition_of
from .sending import Notice, limits, plain_notice, required_target, send, source_of


@dataclass(frozen=True)
class _Wish:
    targets: list[str]
    condition: Condition
    #: The cell with the ``%autopost`` line, which is not posted itself.
    execution_count: int


class Autopost:
    def __init__(self, notice: Notice) -> None:
        self._notice = notice
        self._wish: Optional[_Wish] = None

    @property
    def is_on(self) -> bool:
        return self._wish is not None

    def set(self, line: str, execution_count: int) -> None:
        """Raises UsageError."""
        with usage_of(AUTOPOST):
            self._set(line, execution_count)

    def _set(self, line: str, execution_count: int) -> None:
        parsed = parse_cell_line(line, AUTOPOST)
        if parsed.rest is not None:
            raise UsageError(mistake("noMessage", given=quoted(parsed.rest)))
        if parsed.target == "off":
            words = notice_text("autopostOff" if self.is_on else "autopostWasOff")
            self._wish = None
            self._notice(plain_notice(words))
            return
        targets, condition = required_target(parsed), condition_of(parsed)
        self._wish = _Wish(targets, condition, execution_count)
        self._notice(
            plain_notice(
                notice_text("autopostOn", targets=", ".join(targets), condition=condition.words)
            )
        )

    def watched(self, execution_count: int, info: Any) -> Optional[WatchedPost]:
        """The post that will be made of a cell that begins, as far as known before its end.
        ``info`` is IPython's.
        """
        wish = self._wish
        if wish is None or not info.store_history or not (info.raw_cell or "").strip():
            return None
        if wish.execution_count == execution_count:
            return None
        posts_itself = head_magic(info.raw_cell.splitlines()) is not None
        failures = not posts_itself and wish.condition.on != "done"
        return WatchedPost(poster(), wish.targets, wish=Wish(failures, wish.condition.least, has_lease=True))

    def cell_ended(self, cell: CellOutputs, info: Any) -> None:
        """Posts a cell that ended, if that was asked for. ``info`` is IPython's.

        A refusal is shown below the cell and does not make it fail.
        """
        wish = self._wish
        if wish is None or not info.store_history or wish.execution_count == cell.execution_count:
            return
        elapsed = (cell.ended_at or cell.started_at) - cell.started_at
        posts_itself = head_magic(info.raw_cell.splitlines()) is not None
        if posts_itself or not wish.condition.matches(cell.status != "ok", elapsed):
            return
        try:
            parsed = Parsed({"quiet": [""]}, None, None)
            blocks, files = capture_cell(cell, False, limits(parsed))
            send(Post(wish.targets, blocks, files, None, source_of(cell)), parsed, self._notice)
        except (Exception, KeyboardInterrupt) as error:
            self._notice(plain_notice(notice_text("notPosted", reason=error)))
