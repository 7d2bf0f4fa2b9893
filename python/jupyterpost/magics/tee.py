"""Hears what cells show without changing it: the streams, the display publisher and the display
hook of a shell, and what forked children send through the kernel.

Nothing is held back or delayed on its way to the notebook. Output that ``%%capture`` or
``redirect_stdout`` takes away does not reach the notebook, so it is not heard here either; nor is
what the notebook shows below another cell.
"""

from __future__ import annotations

import os
import sys
import threading
from functools import partial
from typing import Any, Callable, Optional

from ..capture.recording import Recording
from .fd_pipe import drain_streams
from .forked import ForkedChildren, forks
from .held import Held
from .messages import Action, action_of, bundle_of, cell_id_of, is_notice
from .output_widgets import OutputWidgets
from .traceback_text import error_output
from .wrap import Wrap

# Seconds to wait for the output of child processes: through a pipe or a socket of the kernel.
_DRAIN = 0.2
_DRAIN_FORKED = 1.0
# Seconds after which a write that does not end no longer holds up those of other threads.
_STUCK = 1.0


class Tee:
    def __init__(self, shell: Any) -> None:
        self._shell = shell
        #: Each of them hears everything.
        self.recordings: list[Recording] = []
        #: Called after each output, in the thread that showed it.
        self.heard: Callable[[], None] = nothing
        #: Data and metadata of the result that the display hook is about to send.
        self._result: Optional[tuple[dict[str, Any], dict[str, Any]]] = None
        self._local = threading.local()
        self._order = threading.RLock()
        self._pid = os.getpid()
        #: Id of the request of the running cell, and how often this process forked before it.
        self._cell_id: Optional[str] = None
        self._forks = forks()
        self._held = Held()
        self._widgets = OutputWidgets()
        self._stream_wraps: list[Wrap] = []
        publisher, hook = shell.display_pub, shell.displayhook
        self._publisher, self._hook = publisher, hook
        # A terminal prints results and errors. We hear them as results and errors, not as text too.
        self._shell_wraps = [
            Wrap(publisher, "publish", self._publish),
            Wrap(publisher, "clear_output", self._clear_output),
            Wrap(hook, "write_format_data", self._write_format_data),
            Wrap(hook, "write_output_prompt", self._unheard),
            Wrap(hook, "finish_displayhook", self._finish_displayhook),
            Wrap(shell, "_showtraceback", self._show_traceback),
        ]
        session = getattr(publisher, "session", None)
        if session is not None:
            self._shell_wraps.append(Wrap(session, "send", self._send))
        iopub = getattr(getattr(publisher, "pub_socket", None), "io_thread", None)
        self._children = ForkedChildren(iopub, session, self._child)

    def open_streams(self) -> None:
        """Hears the present streams. Called for each cell, because they may be others by then."""
        self.close_streams()
        # A new one: an interrupt may have come before the last one was released.
        self._order = threading.RLock()
        self._held.release()
        self._cell_id, self._forks = cell_id_of(self._publisher), forks()
        self._widgets.begin(self._cell_id)
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            self._stream_wraps.append(Wrap(stream, "write", partial(self._write, name, stream)))

    def close_streams(self) -> None:
        for wrap in self._stream_wraps:
            wrap.undo()
        self._stream_wraps.clear()

    def close(self) -> None:
        self.close_streams()
        self._children.close()
        for wrap in self._shell_wraps:
            wrap.undo()
        self.recordings.clear()

    def drain(self) -> None:
        """Waits for what child processes and native code have written."""
        drain_streams(_DRAIN)
        if self._has_forked:
            self._children.drain(_DRAIN_FORKED)
        self.settle()

    def settle(self) -> None:
        """Now the recordings have all that was heard."""
        self._held.release()

    @property
    def _has_forked(self) -> bool:
        return forks() != self._forks

    def _is_heard(self, shown_by: Any) -> bool:
        """Whether what this stream or publisher shows now belongs to the running cell of this
        process. A child has a copy of everything here, whose locks may be held for ever.
        """
        if os.getpid() != self._pid or getattr(self._local, "deaf", False):
            return False
        cell_id = cell_id_of(shown_by)
        return cell_id is None or self._cell_id is None or cell_id == self._cell_id

    def _record(self, action: Action) -> None:
        recordings, widget = list(self.recordings), self._widgets.taking
        if self._has_forked:
            self._held.hold(lambda: _each(recordings, action, widget))
        else:
            for recording in recordings:
                action(recording, widget)
        self.heard()

    def _child(
        self, kind: str, content: dict[str, Any], cell_id: Optional[str], made_at: float
    ) -> None:
        """Something that a forked child shows."""
        action = action_of(kind, content)
        if action is None or cell_id != self._cell_id:
            return
        recordings, widget = list(self.recordings), self._widgets.taking
        self._held.pass_by(made_at, lambda: _each(recordings, action, widget))
        self.heard()

    def _unheard(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Makes the call; what it writes to a stream, in this thread, is not heard."""
        outer = getattr(self._local, "deaf", False)
        self._local.deaf = True
        try:
            return call(*args, **kwargs)
        finally:
            self._local.deaf = outer

    def _write(self, name: str, stream: Any, original: Callable[..., Any], text: str) -> Any:
        if not isinstance(text, str) or not self._is_heard(stream):
            return self._unheard(original, text)
        # Threads write too, and are heard in the order in which they wrote, unless one is stuck.
        order = self._order
        is_next = order.acquire(timeout=_STUCK)
        try:
            # If a stream passes its text on to another one, the text is heard once.
            written = self._unheard(original, text)
            self._record(lambda recording, widget: recording.stream(name, text, widget))
        finally:
            if is_next:
                order.release()
        return written

    def _publish(
        self, original: Callable[..., Any], data: Any, metadata: Any = None, *args: Any, **kwargs: Any
    ) -> None:
        is_heard = not is_notice(metadata) and self._is_heard(self._publisher)
        self._unheard(original, data, metadata, *args, **kwargs)
        if not is_heard:
            return
        bundle, about = bundle_of(data), metadata or {}
        display_id = (kwargs.get("transient") or {}).get("display_id")
        if kwargs.get("update"):
            self._record(lambda recording, _: recording.update(display_id, bundle, about))
        else:
            self._record(
                lambda recording, widget: recording.display(
                    "display_data", bundle, about, display_id, widget
                )
            )

    def _clear_output(self, original: Callable[..., Any], wait: bool = False) -> None:
        is_heard = self._is_heard(self._publisher)
        self._unheard(original, wait)
        if is_heard:
            self._record(lambda recording, widget: recording.clear(wait, widget))

    def _write_format_data(
        self, original: Callable[..., Any], format_dict: Any, md_dict: Any = None
    ) -> None:
        is_heard = not is_notice(md_dict) and self._is_heard(self._hook)
        self._unheard(original, format_dict, md_dict)
        if is_heard:
            self._result = (bundle_of(format_dict), md_dict or {})

    def _finish_displayhook(self, original: Callable[..., Any]) -> None:
        self._unheard(original)
        # ipykernel flushes the streams and sends the result only here. A child's text that it has
        # read by then comes before the result in the notebook, and so in the post.
        result, self._result = self._result, None
        if result is not None:
            self._record(
                lambda recording, widget: recording.display(
                    "execute_result", *result, None, widget
                )
            )

    def _show_traceback(
        self, original: Callable[..., Any], etype: Any, evalue: Any, *args: Any, **kwargs: Any
    ) -> None:
        self._unheard(original, etype, evalue, *args, **kwargs)
        # The cell's own error is heard at its end. One in an Output widget does not end the cell.
        widget = self._widgets.taking
        if widget is not None and self._is_heard(self._publisher):
            error = error_output(evalue, self._shell.compile)
            self._record(lambda recording, _: recording.error(error, widget))

    def _send(
        self, original: Callable[..., Any], stream: Any, msg_or_type: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """The kernel sends a message. Those of comms are how widgets change."""
        sent = original(stream, msg_or_type, *args, **kwargs)
        is_comm = isinstance(msg_or_type, str) and msg_or_type.startswith("comm_")
        if is_comm and self._is_heard(self._publisher):
            told = self._widgets.changed(args[0] if args else kwargs.get("content"))
            if told is not None:
                self._record(lambda recording, _: recording.forget_taken(told))
            if any(recording.has_widgets for recording in self.recordings):
                self.heard()
        return sent


def nothing() -> None:
    """For when nobody wants to know."""


def _each(recordings: list[Recording], action: Action, widget: Optional[str]) -> None:
    for recording in recordings:
        action(recording, widget)
