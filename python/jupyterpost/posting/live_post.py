"""A post that shows the newest state of something: written at most every few seconds, and always at its end. Who reports
states waits for none of them but the last. See ``post/relay/live-post.ts``.
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
from .receipt import Receipt
from .schema import LIMITS, Post

# Seconds: chats keep a history of edits, and people read no faster.
EVERY = LIMITS["live"]["everyMs"] / 1000
# Who took the post back wants no last state of it.
_GONE = frozenset({"too_late", "unknown_post"})

#: Makes the newest state: a post, of which the targets do not matter.
State = Callable[[], Post]


class LivePost:
    """Safe to use from several threads."""

    def __init__(
        self, poster: RelayPoster, targets: Sequence[str], thread: str, receipt: Receipt, every: float = EVERY
    ) -> None:
        self._poster = poster
        self._targets = list(targets)
        self._thread = thread
        # None if the relay was away: then the last state is a post.
        self._ids = [post["id"] for post in receipt.posts]
        self._every = every
        self._lock = threading.Lock()
        # Held while a state is on its way, so that an earlier one never comes after the last.
        self._writing = threading.Lock()
        self._next: Optional[State] = None
        self._timer: Optional[threading.Timer] = None
        self._written = time.monotonic()

    @classmethod
    def start(cls, poster: RelayPoster, first: Post, every: float = EVERY) -> tuple[LivePost, Receipt]:
        """Posts the first state. Raises PostError."""
        thread = first.thread or str(uuid.uuid4())
        receipt = poster.post(replace(first, thread=thread))
        return cls(poster, first.targets, thread, receipt, every), receipt

    def show(self, state: State) -> None:
        """Will be written unless a newer one comes first. A state that is lost is made up for by the next."""
        with self._lock:
            self._next = state
            if self._timer is not None or not self._ids:
                return
            wait = max(0.0, self._written + self._every - time.monotonic())
            self._timer = threading.Timer(wait, self._write_next)
            self._timer.name, self._timer.daemon = "jupyterpost live", True
            self._timer.start()

    def finish(self, state: State) -> None:
        """Writes the last state; then the relay has it, or the spool if the relay is away: a post in the thread.

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
            # The relay is away, or the post is gone: the last state says what became of it.
            self._write(state())

    def _write(self, content: Post) -> list[PostError]:
        """Why it was not written everywhere: what one target refuses says nothing about the others."""
        refused = []
        for post_id in self._ids:
            try:
                self._poster.change(post_id, replace(content, targets=[], thread=None))
            except PostError as error:
                refused.append(error)
        with self._lock:
            self._written = time.monotonic()
        return refused
