"""``%post TARGET MESSAGE`` posts the message as typed. Without MESSAGE it posts what this cell has
shown so far; if it is the first thing in its cell, it posts what the last finished cell showed.
"""

from __future__ import annotations

from typing import Any, Optional

from ..capture.blocks import capture_cell
from ..capture.outputs import CellOutputs
from ..posting.error import PostError
from ..posting.identity import link_request
from ..posting.posters import poster
from ..posting.receipt import first_line
from ..posting.schema import Post
from ..posting.text_units import quoted
from .arguments import Parsed, UsageError, mistake, parse_line, usage_of
from .flags import LINE
from .interpolation import fill_in, parse_interpolation
from .sending import Notice, limits, plain_notice, required_target, send, source_of


def post_line(
    line: str, scope: dict[str, Any], current: CellOutputs, previous: Optional[CellOutputs], notice: Notice
) -> None:
    """``previous``: the last finished cell, if this line is the first thing in its cell.

    Raises UsageError or PostError; in that case nothing was posted.
    """
    parsed = parse_line(line, LINE)
    if "link" in parsed.flags:
        notice(plain_notice(poster().link(_linked_word(parsed))))
        return
    with usage_of(LINE):
        targets = required_target(parsed)
    cell = current if previous is None else previous
    if parsed.rest is not None:
        text = fill_in(parse_interpolation(parsed.rest), scope)
        # A message is about the cell but does not show it: it gets the cell's place and duration,
        # not its status.
        source = source_of(current)
        source.pop("durationMs", None)
        source.update((name, value) for name, value in source_of(cell).items() if name == "durationMs")
        send(Post(targets, [{"type": "message", "text": text}], [], None, source), parsed, notice)
        return
    blocks, files = capture_cell(cell, "stderr" in parsed.flags, limits(parsed))
    captured = first_line("outputSoFar" if previous is None else "outputOf", number=cell.execution_count)
    send(Post(targets, blocks, files, None, source_of(cell)), parsed, notice, captured)


_LINK_USAGE = "Usage: %post --link NAME, then %post --link CODE"


def _linked_word(parsed: Parsed) -> str:
    """Raises UsageError."""
    word = parsed.value("link") or ""
    other = next((f"--{flag}" for flag in parsed.flags if flag != "link"), None)
    more = parsed.target or other
    if more is not None:
        raise UsageError(f"{mistake('linkAlone', given=quoted(more))}\n{_LINK_USAGE}")
    try:
        link_request(word)
    except PostError as error:
        raise UsageError(f"{error}\n{_LINK_USAGE}") from None
    return word
