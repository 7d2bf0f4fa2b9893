"""``%%post TARGET TITLE``: the cell runs as it would without this line, then what it showed is
posted. With ``--raw`` the body is the message and nothing runs. The reply is always the cell's own
outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional, Union

from ..capture.blocks import capture_cell
from ..capture.outputs import CellOutputs
from ..posting.posters import poster
from ..posting.receipt import notice_text
from ..posting.schema import Block, Post
from ..posting.watch.watched import WatchedPost, Wish
from .arguments import Parsed, UsageError, mistake, parse_cell_line, usage_of
from .flags import CELL, Condition, condition_of, refuse_contradictions
from .interpolation import Fill, fill_in, parse_interpolation
from .sending import Notice, limits, notebook_of, plain_notice, required_target, send, source_of


@dataclass(frozen=True)
class CellPost:
    """A ``%%post`` line, read before its cell runs: if it has a mistake, nothing runs."""

    parsed: Parsed
    targets: list[str]
    condition: Condition
    title: list[Union[str, Fill]]
    body: str

    @property
    def is_raw(self) -> bool:
        return "raw" in self.parsed.flags

    @property
    def is_live(self) -> bool:
        """False with ``--preview``, which shows only the end."""
        return "live" in self.parsed.flags and "preview" not in self.parsed.flags


def read_cell_post(line: str, body: str) -> CellPost:
    """Raises UsageError."""
    with usage_of(CELL):
        parsed = parse_cell_line(line, CELL)
        targets, condition = required_target(parsed), condition_of(parsed)
        refuse_contradictions(parsed)
    return CellPost(parsed, targets, condition, parse_interpolation(parsed.rest or ""), body)


def post_cell(
    cell_post: CellPost, cell: CellOutputs, scope: dict[str, Any], notice: Notice, interrupted_too: bool = False
) -> None:
    """Called after the run. ``interrupted_too``: posts the cell even if the person interrupted it.

    Raises UsageError, PostError, and, once the cell is posted, what an expression in TITLE raises.
    """
    parsed, targets = cell_post.parsed, cell_post.targets
    if cell.status == "interrupted" and not (cell_post.condition.interrupted or interrupted_too):
        if "quiet" not in parsed.flags:
            command = f"%post {','.join(targets)}"
            told = [notice_text("interrupted", command=words) for words in (command, f"`{command}`")]
            notice(plain_notice(*told))
        return
    elapsed = (cell.ended_at or cell.started_at) - cell.started_at
    if not cell_post.condition.matches(cell.status != "ok", elapsed):
        return
    title, unfilled = filled_title(cell_post, scope)
    if isinstance(unfilled, KeyboardInterrupt) and cell.status == "ok":
        raise unfilled
    blocks = head_blocks(cell_post, title)
    captured, files = capture_cell(cell, "stderr" in parsed.flags, limits(parsed))
    post = Post(targets, blocks + captured, files, None, source_of(cell))
    send(post, parsed, notice, cell_failed=cell.status != "ok")
    if unfilled is not None and cell.status == "ok":
        raise unfilled


def filled_title(cell_post: CellPost, scope: dict[str, Any]) -> tuple[str, Optional[BaseException]]:
    """TITLE with its ``${expr}`` filled in.

    If one of them raises, returns TITLE as typed and the error: the outputs of a long cell are
    worth more than its title.
    """
    try:
        return fill_in(cell_post.title, scope), None
    except (Exception, KeyboardInterrupt) as error:
        return cell_post.parsed.rest or "", error


def head_blocks(cell_post: CellPost, title: str) -> list[Block]:
    """The blocks before the outputs."""
    blocks: list[Block] = [{"type": "message", "text": title}] if title else []
    if "input" in cell_post.parsed.flags:
        blocks.append({"type": "code", "text": cell_post.body.rstrip(), "language": "python"})
    return blocks


def watched_post(cell_post: CellPost) -> WatchedPost:
    """For the case that the kernel dies before the cell's end: with TITLE as typed."""
    condition = cell_post.condition
    head = head_blocks(cell_post, cell_post.parsed.rest or "")
    return WatchedPost(
        poster(),
        cell_post.targets,
        cell_post.parsed.value("thread"),
        content=lambda: Post([], head),
        wish=Wish(condition.on != "done", condition.least, has_lease=False),
    )


def post_raw(cell_post: CellPost, execution_count: int, notice: Notice) -> None:
    """Posts the body as markdown, with no ``${expr}`` filled in. Raises UsageError, PostError."""
    text = "\n\n".join(filter(None, [cell_post.parsed.rest, cell_post.body.rstrip()]))
    if not text.strip():
        raise UsageError(f"{mistake('rawEmpty')}\nUsage: {CELL.usage}")
    source = {**notebook_of(), "executionCount": execution_count}
    blocks: list[Block] = [{"type": "message", "text": text}]
    send(Post(cell_post.targets, blocks, [], None, source), cell_post.parsed, notice)
