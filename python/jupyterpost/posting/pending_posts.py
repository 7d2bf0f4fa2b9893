"""Posts that a relay accepted but has not delivered yet. As long as there are some, asks for their
status now and then, until each is delivered or refused (``post/relay/pending-posts.ts``).
"""

from __future__ import annotations

import threading
import time
from typing import Any, Callable, Optional

from .endpoint import Endpoint
from .error import PostError
from .receipt import Receipt, notice_text
from .schema import LIMITS

_PENDING = LIMITS["pending"]
_OPEN = frozenset({"queued", "retrying"})


class PendingPosts:
    """Asks in a thread of its own, which does not keep the program alive."""

    def __init__(
        self, status: Callable[[Endpoint, str], dict[str, Any]], on_refused: Callable[[str], None]
    ) -> None:
        """``status`` may raise PostError. ``on_refused`` takes one line for the person, in any
        thread.
        """
        self._status = status
        self._on_refused = on_refused
        self._lock = threading.Lock()
        # Id -> when it was added, by the monotonic clock, and the relay that took it: a cell may
        # have changed the relay's address since.
        self._posts: dict[str, tuple[float, Endpoint]] = {}
        self._looks = 0
        self._timer: Optional[threading.Timer] = None

    def add(self, receipt: Receipt, endpoint: Endpoint) -> None:
        """Follows the posts of a receipt whose status may still change."""
        with self._lock:
            for post in receipt.posts:
                if post["status"] in _OPEN and len(self._posts) < _PENDING["posts"]:
                    self._posts[post["id"]] = (time.monotonic(), endpoint)
            self._looks = 0
            self._look_later()

    def forget(self, post_id: str) -> bool:
        """The end of this post is known, or nobody wants to know it. False if it was forgotten."""
        with self._lock:
            return self._posts.pop(post_id, None) is not None

    def _look_later(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._posts:
            return
        pauses = _PENDING["looksMs"]
        timer = threading.Timer(pauses[min(self._looks, len(pauses) - 1)] / 1000, self._look)
        timer.name, timer.daemon = "jupyterpost pending", True
        try:
            timer.start()
        except RuntimeError:
            # The main code has ended (``exchange``), so there is nobody to tell.
            return
        self._timer = timer
        self._looks += 1

    def _look(self) -> None:
        with self._lock:
            posts = list(self._posts.items())
        # Relays that do not answer, so that asking them for other posts is useless now.
        away: set[Optional[str]] = set()
        for post_id, (since, endpoint) in posts:
            if (time.monotonic() - since) * 1000 > _PENDING["forgetMs"]:
                self.forget(post_id)
            elif endpoint.url not in away and not self._settle(post_id, endpoint):
                away.add(endpoint.url)
        with self._lock:
            self._look_later()

    def _settle(self, post_id: str, endpoint: Endpoint) -> bool:
        """False if the relay does not answer."""
        try:
            post = self._status(endpoint, post_id)
        except PostError as error:
            if error.code == "relay_away":
                return False
            # The post was deleted, or the token is no longer valid: its status cannot be learnt any
            # more.
            self.forget(post_id)
            return True
        if post["status"] not in _OPEN and self.forget(post_id) and post["status"] == "dead":
            error = post.get("error") or notice_text("noReason")
            self._on_refused(notice_text("refusedLater", destination=post["destination"], error=error))
        return True
