"""Puts what a cell shows into the order in which it was shown, while forked children write too.

What a child wrote arrives a little later than what this process wrote after it. So what this
process shows is held for a moment, and what arrives from a child goes before what is younger.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Callable

# Seconds. Nothing is held longer: a child's message that takes more than this stands too late.
_LONGEST = 1.0
# A flood of displays and prints is not kept twice.
_MOST = 200


class Held:
    """May be used from several threads. What is released is called with the lock held, in order."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._actions: deque[tuple[float, Callable[[], None]]] = deque()

    def hold(self, action: Callable[[], None]) -> None:
        """For what this process shows now."""
        with self._lock:
            self._actions.append((time.time(), action))
            self._release(time.time() - _LONGEST)
            while len(self._actions) > _MOST:
                self._actions.popleft()[1]()

    def pass_by(self, made_at: float, action: Callable[[], None]) -> None:
        """For what a child showed at this time, in seconds since the epoch."""
        with self._lock:
            self._release(made_at)
            action()

    def release(self) -> None:
        """Everything: nothing that is older can come any more, or somebody wants to see it now."""
        with self._lock:
            self._release(float("inf"))

    def _release(self, before: float) -> None:
        while self._actions and self._actions[0][0] < before:
            self._actions.popleft()[1]()
