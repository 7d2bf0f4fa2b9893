"""``post.progress()``: one message that shows how far something is, edited at most every 5 s. A
tick is cheap and never waits.

If the code does not say how it ended, because its cell ended or failed or the program ends, that
becomes the last state. A later tick continues the progress. See ``post/api/progress.ts``.
"""

from __future__ import annotations

import atexit
import math
import numbers
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Callable, Optional

from .at_call import at_call
from .error import PostError
from .handle import PostHandle
from .live_post import LivePost
from .progress_state import ProgressState, progress_blocks, progress_source, rounded
from .schema import Post
from .watch.watches import Watches

#: Where a tick comes from: the notebook and the cell.
Place = Callable[[], dict[str, Any]]

# Those whose last state is still to be written.
_open: list[Progress] = []


class Progress:
    """A running progress post. It is shown as its receipt; a ``with`` statement ends it."""

    def __init__(
        self, handle: PostHandle, live: LivePost, state: ProgressState, place: Place, watches: Optional[Watches] = None
    ) -> None:
        #: The message itself, with ``reply``, ``delivered`` and ``delete``.
        self.post = handle
        self._live = live
        self._state = state
        self._place = place
        # Other threads may tick too.
        self._lock = threading.Lock()
        self._source = place()
        self._is_ticked = False
        self._watched = live.watched(self._content, lambda: self._state)
        self._watches = watches
        _open.append(self)
        self._watch()

    @property
    def count(self) -> float:
        return self._state.count

    def tick(self, value: Any = None, **values: Any) -> None:
        """One more step. ``value``, or values by name, are shown as the last line."""
        with self._lock:
            self._step(self._state.count + 1, value, values)

    @at_call
    def update(self, count: float, value: Any = None, **values: Any) -> None:
        """``count``: all steps made so far. Raises PostError if it is not a number."""
        if not _is_number(count):
            raise PostError("bad_request", f"Expected the number of steps made, got {count!r}")
        with self._lock:
            self._step(float(count), value, values)

    def _step(self, count: float, value: Any, values: Mapping[str, Any]) -> None:
        # After an interrupt or a failed cell, a tick continues the progress.
        state = replace(self._state, count=count, status="running", error=None)
        self._state = _with_line(state, value, values)
        self._source = self._place()
        self._is_ticked = True
        if self not in _open:
            self._watch()
        self._live.show(self._content)

    @at_call
    def done(self, value: Any = None, **values: Any) -> None:
        """Ends it. Raises PostError if the relay refuses the last state."""
        self._end(_with_line(replace(self._state, status="done"), value, values))

    @at_call
    def fail(self, error: Any = None) -> None:
        """Ends it as failed. ``error``: an exception, or text."""
        shown = None
        if isinstance(error, BaseException):
            shown = (type(error).__name__, str(error))
        elif error is not None:
            shown = ("Error", str(error))
        self._end(replace(self._state, status="failed", error=shown))

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: Any, error: Optional[BaseException], trace: Any) -> None:
        if isinstance(error, KeyboardInterrupt):
            self._end(replace(self._state, status="interrupted"))
        elif error is not None:
            self.fail(error)
        elif self._state.status == "running":
            self.done()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        return self.post._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        return repr(self.post)

    def _content(self) -> Post:
        now = int(time.time() * 1000)
        source = {**self._source, **progress_source(self._state, now)}
        return Post([], progress_blocks(self._state, now), [], None, source)

    def _end(self, state: ProgressState) -> None:
        self._state = state
        if self in _open:
            _open.remove(self)
        try:
            self._live.finish(self._content)
        finally:
            if self._watches is not None:
                self._watches.ended(self._watched)

    def _watch(self) -> None:
        """It belongs to the cell that runs now, if any."""
        if self._watches is not None:
            self._watches.tell(self._watched)

    def _ended_status(self) -> str:
        total, count = self._state.total, self._state.count
        return "done" if total is None or count >= total else "ended"

    def _end_quietly(self, status: str, error: Optional[BaseException] = None) -> None:
        shown = None if error is None else (type(error).__name__, str(error))
        try:
            self._end(replace(self._state, status=status, error=shown))
        except PostError:
            # The relay refuses the last state, and there is nobody to tell.
            return


def first_state(title: str, total: Optional[float]) -> ProgressState:
    """Raises PostError ``bad_request``."""
    if not isinstance(title, str) or not title:
        raise PostError("bad_request", "Expected a channel and a title: post.progress('@me', 'training', total=100)")
    if total is not None and not (_is_number(total) and total > 0):
        raise PostError("bad_request", f"Expected total to be a number above 0, got {total!r}")
    return ProgressState(title, None if total is None else float(total), 0.0, int(time.time() * 1000))


def cell_ended(execution_count: int, status: str, error: Optional[BaseException]) -> None:
    """When a cell ends, so does the progress that it reported; a tick in any cell continues it."""
    for progress in list(_open):
        if progress._source.get("executionCount") != execution_count:
            continue
        if status != "ok":
            progress._end_quietly(status, error if status == "failed" else None)
        # A progress without a tick belongs to a loop in the next cell.
        elif progress._is_ticked:
            progress._end_quietly(progress._ended_status())


def _program_ends() -> None:
    for progress in list(_open):
        # Not at the end of a forked child: its parent goes on.
        if progress._watched.owner == os.getpid():
            progress._end_quietly("stopped")


# Comes after all threads that the program waits for: they may tick after the main code has ended.
atexit.register(_program_ends)


def _with_line(state: ProgressState, value: Any, values: Mapping[str, Any]) -> ProgressState:
    said = ([] if value is None else [_line_of(value)]) + ([_line_of(values)] if values else [])
    return replace(state, line=" · ".join(said)) if said else state


def _line_of(value: Any) -> str:
    if isinstance(value, Mapping):
        return " · ".join(f"{name} {_shown(one)}" for name, one in value.items())
    return _shown(value)


def _shown(value: Any) -> str:
    """Strings as they are. A fraction has six digits, or all digits before the point if those are
    more. Anything else is as Python shows it, on one line.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        number = float(value)
        whole = math.floor(math.log10(abs(number))) + 1 if math.isfinite(number) and number else 0
        return rounded(number, max(6, whole))
    return " ".join(str(value).splitlines())


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and math.isfinite(value)
