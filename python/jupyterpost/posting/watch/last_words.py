"""What the posts of a cell show if its program can no longer say how it ended."""

from __future__ import annotations

import base64
import enum
import time
from dataclasses import dataclass, replace
from typing import Any, Optional

from ..duration import duration_words
from ..error import PostError
from ..live_post import LivePost
from ..poster import RelayPoster
from ..progress_state import ProgressState, progress_blocks, progress_source
from ..receipt import Receipt, notice_text
from ..schema import Block, Post, PostFile
from .status_words import last_lines


class Ending(enum.Enum):
    #: Gone without a word.
    KILLED = "killed"
    #: The watching process was told to end too: the server or the machine stops.
    STOPPED = "stopped"
    #: A person or a program ended the kernel.
    ASKED = "asked"


@dataclass(frozen=True)
class Death:
    ending: Ending
    #: Notebook and cell.
    place: dict[str, Any]
    #: Whether it was a cell of a notebook; else it was a program.
    is_cell: bool
    running_ms: int
    #: The last lines of what it showed, masked.
    text: str

    @property
    def error(self) -> Optional[tuple[str, str]]:
        """Name and message; None if that is no news."""
        if self.ending is Ending.ASKED:
            return None
        time_words = duration_words(self.running_ms / 1000)
        is_killed = self.ending is Ending.KILLED
        if not self.is_cell:
            name = "programKilled" if is_killed else "programStopped"
            return ("ProgramLostError" if is_killed else "ProgramClosed", notice_text(name, time=time_words))
        cell = notice_text("cell", number=self.place.get("executionCount", "?"))
        reason = notice_text("kernelKilled" if is_killed else "serverStopped", cell=cell, time=time_words)
        if is_killed:
            return "RuntimeLostError", notice_text("variablesLost", reason=reason)
        return "KernelClosed", reason


def last_words(poster: RelayPoster, death: Death, post: dict[str, Any], state: dict[str, Any]) -> None:
    """Writes the end of one post. ``state``: what it showed; empty if it was never told."""
    content = _wished(death, post["wish"], state) if post["wish"] else _last_state(death, state)
    if content is None:
        return
    ids = [{"id": post_id} for post_id in post["ids"]]
    try:
        if post["wish"]:
            poster.post(replace(content, targets=post["targets"], thread=post["thread"]))
        else:
            live = LivePost(poster, post["targets"], post["thread"], Receipt(post["targets"], ids))
            live.finish(lambda: content)
    except PostError:
        # The relay refuses it, and there is nobody to tell.
        return


def _wished(death: Death, wish: dict[str, Any], state: dict[str, Any]) -> Optional[Post]:
    if death.error is None or not wish["failures"] or death.running_ms < wish["least"]:
        return None
    shown = [last_lines(death.text)] if death.text else []
    blocks = [*state.get("blocks", []), *shown, _error_block(death.error)]
    return Post([], blocks, [], None, _source(death, {}))


def _last_state(death: Death, state: dict[str, Any]) -> Post:
    if state.get("progress"):
        return _last_progress(death, ProgressState(**state["progress"]))
    running: Block = {"type": "notice", "text": notice_text("running")}
    blocks = [block for block in state.get("blocks", []) if block != running]
    if death.error is not None:
        blocks.append(_error_block(death.error))
    elif not blocks:
        blocks.append({"type": "notice", "text": notice_text("noOutputSoFar")})
    files = [PostFile(name, kind, base64.b64decode(text)) for name, kind, text in state.get("files", [])]
    return Post([], blocks, files, None, _source(death, state.get("source", {})))


def _last_progress(death: Death, state: ProgressState) -> Post:
    status = "interrupted" if death.error is None else "failed"
    ended = replace(state, status=status, error=death.error)
    now = int(time.time() * 1000)
    return Post([], progress_blocks(ended, now), [], None, {**death.place, **progress_source(ended, now)})


def _source(death: Death, shown: dict[str, Any]) -> dict[str, Any]:
    status = "interrupted" if death.error is None else "failed"
    return {**death.place, **shown, "durationMs": death.running_ms, "status": status}


def _error_block(error: tuple[str, str]) -> Block:
    name, message = error
    return {"type": "error", "name": name, "message": message, "traceback": ""}
