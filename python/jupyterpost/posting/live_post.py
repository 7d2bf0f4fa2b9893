"""A post that shows the newest state of something: written at most every few seconds, and always at
the end. Only the last state makes its caller wait. See ``post/relay/live-post.ts``.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Callable, Optional

from .error import PostError
from .poster import RelayPoster
from .progress_state import ProgressState
from .receipt import Receipt
from .schema import LIMITS, Post
from .watch.watched import WatchedPost

# Seconds. Chats keep a history of edits, and people read no faster.
EVERY = LIMITS["live"]["everyMs"] / 1000
# Times in a row that a state is written again because the relay is away.
_AGAIN = 20
# If the post was taken back, nobody wants to see its last state.
_GONE = frozenset({"too_late", "unknown_post", "no_longer_kept"})

#: Makes the newest state: a post, whose targets are ignored.
State = Callable[[], Post]


class LivePost:
    """May be used from several threads."""

    def __init__(
        self, poster: RelayPoster, targets: Sequence[str], thread: str, receipt: Receipt, every: float = EVERY
    ) -> None:
        self._poster = poster
        self._targets = list(targets)
        self._thread = thread
        # Empty if the relay was away. Then the last state becomes a post.
        self._ids = [post["id"] for post in receipt.posts]
        self._every = every
        self._lock = threading.Lock()
        # Held while a state is being sent, so that an earlier one never arrives after the last.
        self._writing = threading.Lock()
        self._next: Optional[State] = None
        self._timer: Optional[threading.Timer] = None
        self._written = time.monotonic()
        self._again = 0

    def watched(
        self, content: Callable[[], Post], progress: Optional[Callable[[], ProgressState]] = None
    ) -> WatchedPost:
        """For the watch over what runs. ``content``: what the post shows now."""
        return WatchedPost(self._poster, self._targets, self._thread, self._ids, content, progress)

    @classmethod
    def start(cls, poster: RelayPoster, first: Post, every: float = EVERY) -> tuple[LivePost, Receipt]:
        """Posts the first state. Raises PostError."""
        thread = first.thread or str(uuid.uuid4())
        receipt = poster.post(replace(first, thread=thread))
        return cls(poster, first.targets, thread, receipt, every), receipt

    def show(self, state: State) -> None:
        """Writes this state later, unless a newer one comes first. If the relay is away, it is
        tried again for a while: nothing may come after it.
        """
        with self._lock:
            self._next = state
            if self._timer is not None or not self._ids:
                return
            wait = max(0.0, self._written + self._every - time.monotonic())
            timer = threading.Timer(wait, self._write_next)
            timer.name, timer.daemon = "jupyterpost live", True
            try:
                timer.start()
                self._timer = timer
                return
            except RuntimeError:
                # From Python 3.12 on, no thread can be started once the main code has ended.
                if wait > 0:
                    return
        self._write_next()

    def finish(self, state: State) -> None:
        """Writes the last state. If the relay is away, it becomes a post in the thread, which may
        wait in the spool.

        Raises PostError if it is refused.
        """
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._next = None
        with self._writing:
            content = state()
            if self._ids:
                refused = [error for error in self._write(content) if error.code not in _GONE]
                for error in refused:
                    if error.code != "relay_away":
                        raise error
                if not refused:
                    return
            self._poster.post(replace(content, targets=self._targets, thread=self._thread))

    def _write_next(self) -> None:
        with self._writing:
            with self._lock:
                state, self._next, self._timer = self._next, None, None
                self._written = time.monotonic()
            if state is None:
                return
            # Other refusals are told by finish().
            away = any(error.code == "relay_away" for error in self._write(state()))
        with self._lock:
            self._again = self._again + 1 if away else 0
            newest = self._next or state
        if away and self._again <= _AGAIN:
            self.show(newest)

    def _write(self, content: Post) -> list[PostError]:
        """Writes to all targets, as one may refuse what others take. Returns the refusals."""
        refused = []
        for post_id in self._ids:
            try:
                self._poster.change(post_id, replace(content, targets=[], thread=None))
            except PostError as error:
                refused.append(error)
        with self._lock:
            self._written = time.monotonic()
        return refused
