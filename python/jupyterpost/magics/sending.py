"""What ``%post`` and ``%%post`` share: the target, attachments, where a post comes from, and its way out with a receipt."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Optional

from ..capture.outputs import CellOutputs
from ..capture.recording import now
from ..posting.attachment import disk_file
from ..posting.error import PostError
from ..posting.posters import poster
from ..posting.schema import Limits, Post, file_block
from ..posting.target import parse_targets
from .arguments import Parsed, UsageError
from .preview import preview_bundle

#: Shows a line that belongs to jupyterpost, not to the cell: text and markdown.
Notice = Callable[[dict[str, str]], None]


def required_target(parsed: Parsed) -> list[str]:
    """Raises UsageError if there is none or it is malformed."""
    if parsed.target is None:
        raise UsageError(
            "Expected a TARGET: @me, @name or the name of a channel. %post? shows the flags"
        )
    try:
        return parse_targets(parsed.target)
    except PostError as error:
        raise UsageError(str(error)) from None


def source_of(cell: CellOutputs) -> dict[str, Any]:
    """Below a second the time tells nothing and is left out (docs/spec.md 2.2)."""
    source: dict[str, Any] = {**notebook_of(), "executionCount": cell.execution_count}
    duration = (now() if cell.ended_at is None else cell.ended_at) - cell.started_at
    if duration >= 1000:
        source["durationMs"] = duration
    if cell.status != "running":
        source["status"] = cell.status
    return source


def notebook_of() -> dict[str, Any]:
    """The last part of JPY_SESSION_NAME, which Jupyter sets to the notebook's path or to an id."""
    name = re.split(r"[/\\]", os.environ.get("JPY_SESSION_NAME", ""))[-1]
    return {"notebook": name[:200]} if name.endswith(".ipynb") else {}


def limits() -> Limits:
    return poster().limits()


def send(post: Post, parsed: Parsed, notice: Notice, captured: Optional[str] = None) -> None:
    """Sends, or only shows it for ``--preview``; then tells the person, unless ``--quiet``. What of ``--attach`` cannot be
    read is an error, but for a cell that failed: it may never have made it, and then the post names it.

    Raises PostError, PostInterrupted; then nothing was posted, or the message says what is not known.
    """
    post, failures = attached(post, parsed)
    if failures and (post.source or {}).get("status") not in ("failed", "interrupted"):
        raise failures[0]
    post = with_options(post, parsed)
    if "preview" in parsed.flags:
        masked, notices = poster().masked(post)
        preview = preview_bundle(masked)
        notice({mimetype: "\n\n".join([text, *notices]) for mimetype, text in preview.items()})
        return
    receipt = poster().post(post)
    # A warning is shown also when receipts are not wanted: the post did not arrive.
    if "quiet" not in parsed.flags or receipt.spooled:
        notice(receipt.bundle(captured))


def attached(post: Post, parsed: Parsed) -> tuple[Post, list[PostError]]:
    """With the files of ``--attach``; what cannot be read is named in the post, and returned."""
    files, failures = [], []
    for name in parsed.flags.get("attach", []):
        try:
            files.append(disk_file(Path.cwd() / Path(name).expanduser()))
        except PostError as error:
            failures.append(error)
    blocks = [file_block(file, index) for index, file in enumerate(files, len(post.files))]
    blocks += [{"type": "notice", "text": str(error)} for error in failures]
    return replace(post, blocks=post.blocks + blocks, files=post.files + files), failures


def with_options(post: Post, parsed: Parsed) -> Post:
    """With ``--thread`` and ``--no-mask``."""
    return replace(
        post, thread=parsed.value("thread"), mask="off" if "no-mask" in parsed.flags else None
    )


def plain_notice(text: str, markdown: Optional[str] = None) -> dict[str, str]:
    return {"text/plain": text, "text/markdown": text if markdown is None else markdown}
