"""What ``%post`` and ``%%post`` share: target, attachments, where a post comes from, and sending it
with a receipt.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Optional

from ..capture.outputs import CellOutputs
from ..capture.recording import now
from ..posting.attachment import disk_file
from ..posting.disk_file import own_path
from ..posting.error import PostError
from ..posting.notebook import current_notebook
from ..posting.posters import poster
from ..posting.schema import Limits, Post, file_block
from ..posting.target import parse_targets
from .arguments import Parsed, UsageError, mistake
from .preview import preview_bundle

#: Shows a line of jupyterpost's own, which is no output of the cell, as text and markdown.
Notice = Callable[[dict[str, str]], None]


def required_target(parsed: Parsed) -> list[str]:
    """Raises UsageError if there is no target or if it is malformed."""
    if parsed.target is None:
        raise UsageError(mistake("noTarget"))
    try:
        return parse_targets(parsed.target)
    except PostError as error:
        raise UsageError(str(error)) from None


def source_of(cell: CellOutputs) -> dict[str, Any]:
    """Without a duration below one second, which says nothing (docs/spec.md 2.2)."""
    source: dict[str, Any] = {**notebook_of(), "executionCount": cell.execution_count}
    duration = (now() if cell.ended_at is None else cell.ended_at) - cell.started_at
    if duration >= 1000:
        source["durationMs"] = duration
    if cell.status != "running":
        source["status"] = cell.status
    return source


def notebook_of() -> dict[str, Any]:
    name = current_notebook().name()
    return {} if name is None else {"notebook": name}


def limits(parsed: Parsed) -> Limits:
    """What the relay takes in one post. A preview asks no relay and uses the usual limits."""
    return Limits() if "preview" in parsed.flags else poster().limits()


def send(
    post: Post, parsed: Parsed, notice: Notice, captured: Optional[str] = None, cell_failed: bool = False
) -> None:
    """Sends the post, or only shows it for ``--preview``; then tells the person, unless
    ``--quiet``.

    A file of ``--attach`` that cannot be read is an error. With ``cell_failed``, the cell may not
    have come to make the file, so the post names what is missing.

    Raises PostError, PostInterrupted. Then nothing was posted, or the message says that this is not
    known.
    """
    post, failures = attached(post, parsed)
    if failures and not cell_failed:
        raise failures[0]
    post = with_options(post, parsed)
    if "preview" in parsed.flags:
        masked, notices = poster().masked(post)
        preview = preview_bundle(masked)
        notice({mimetype: "\n\n".join([text, *notices]) for mimetype, text in preview.items()})
        return
    receipt = poster().post(post)
    # A warning is shown even when receipts are not wanted: the post has not arrived.
    if "quiet" not in parsed.flags or receipt.spooled:
        notice(receipt.bundle(captured))


def attached(post: Post, parsed: Parsed) -> tuple[Post, list[PostError]]:
    """The post with the files of ``--attach``. Failures are named in the post, and returned."""
    files, failures = [], []
    for name in parsed.flags.get("attach", []):
        try:
            files.append(disk_file(Path.cwd() / own_path(name)))
        except PostError as error:
            failures.append(error)
    blocks = [file_block(file, index) for index, file in enumerate(files, len(post.files))]
    blocks += [{"type": "notice", "text": str(error)} for error in failures]
    return replace(post, blocks=post.blocks + blocks, files=post.files + files), failures


def with_options(post: Post, parsed: Parsed) -> Post:
    """The post with ``--thread`` and ``--no-mask`` applied."""
    return replace(
        post, thread=parsed.value("thread"), mask="off" if "no-mask" in parsed.flags else None
    )


def plain_notice(text: str, markdown: Optional[str] = None) -> dict[str, str]:
    return {"text/plain": text, "text/markdown": text if markdown is None else markdown}
