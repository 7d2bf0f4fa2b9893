"""What a chat shows of a running cell, as the watch over this cell needs it."""

from __future__ import annotations

import base64
import os
import uuid
from dataclasses import asdict, dataclass, field
from typing import Any, Callable, Optional

from ..poster import RelayPoster
from ..progress_state import ProgressState, progress_blocks
from ..schema import Block, Post

#: Files of a state that are kept for the case that the program dies; bytes.
_MOST = 8 * 1024 * 1024


@dataclass(frozen=True)
class Cell:
    """A running cell, or a program without cells."""

    #: Milliseconds since the epoch.
    started_at: int
    #: Notebook and number.
    place: Callable[[], dict[str, Any]] = field(default=dict)
    #: The last lines of what it showed.
    text: Callable[[], str] = field(default=str)
    #: Whether it is a cell of a notebook.
    is_cell: bool = False


@dataclass(frozen=True)
class Wish:
    """When a cell that died is posted, and whether it is watched by the relay too."""

    failures: bool
    #: Milliseconds.
    least: float
    has_lease: bool


@dataclass(eq=False)
class WatchedPost:
    """A post of a cell; or, with ``wish``, one that will be made of it at its end."""

    poster: RelayPoster
    targets: list[str]
    thread: Optional[str] = None
    #: At the relay, one for each target.
    ids: list[str] = field(default_factory=list)
    #: What the post shows now.
    content: Optional[Callable[[], Post]] = None
    progress: Optional[Callable[[], ProgressState]] = None
    wish: Optional[Wish] = None
    #: False once its last state is written; true again if it goes on.
    is_open: bool = True
    #: Names it to the watching process.
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    #: The process that made it. A forked child neither watches nor ends it.
    owner: int = field(default_factory=os.getpid)

    def address(self) -> dict[str, Any]:
        masked, _ = self.poster.masked(Post(self.targets, [], thread=self.thread))
        return {
            "key": self.key,
            "targets": self.targets,
            "thread": masked.thread,
            "ids": self.ids,
            "wish": None if self.wish is None else asdict(self.wish),
        }

    def state(self) -> dict[str, Any]:
        """Masked: it leaves this process."""
        progress = self.progress() if self.progress else None
        if self.content is None or not self.is_open:
            return {"isOpen": self.is_open}
        post, _ = self.poster.masked(self.content())
        is_small = sum(len(file.bytes) for file in post.files) <= _MOST
        return {
            "blocks": [block for block in post.blocks if is_small or "file" not in block],
            "files": [
                [file.name, file.mimetype, base64.b64encode(file.bytes).decode("ascii")]
                for file in (post.files if is_small else ())
            ],
            "isOpen": True,
            "source": post.source or {},
            "progress": None if progress is None else self._masked_progress(progress),
        }

    def _masked_progress(self, state: ProgressState) -> dict[str, Any]:
        texts: list[Block] = [{"type": "text", "text": text} for text in (state.title, state.line)]
        masked, _ = self.poster.masked(Post([], texts))
        title, line = (block["text"] for block in masked.blocks)
        return {**asdict(state), "title": title, "line": line}

    def progress_blocks(self, now: int) -> list[Block]:
        return progress_blocks(self.progress(), now) if self.progress and self.is_open else []
