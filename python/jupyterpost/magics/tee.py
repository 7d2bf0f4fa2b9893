"""Hears what cells show without changing it: the streams, the display publisher and the display
hook of a shell, and what forked children send through the kernel.

Nothing is held back or delayed on its way to the notebook. Output that ``%%capture`` or
``redirect_stdout`` takes away does not reach the notebook, so it is not heard here either; nor is
what the notebook shows below another cell.
"""

from __future__ import annotations

import base64
import os
import sys
import threading
from functools import partial
from typing import Any, Callable, Optional

from ..capture.recording import Recording
from .fd_pipe import drain_streams
from .forked import ForkedChildren, forks
from .held import Held
from .wrap import Wrap

# Seconds to wait for the output of child processes: through a pipe or a socket of the kernel.
_DRAIN = 0.2
_DRAIN_FORKED = 1.0


class Tee:
    def __init__(self, shell: Any) -> None:
        #: Each of them hears everything.
        self.recordings: list[Recording] = []
        #: Called after each output, in the thread that showed it.
        self.heard: Callable[[], None] = nothing
        #: Data and metadata of the result that the display hook is about to send.
        self._result: Optional[tuple[dict[str, Any], dict[str, Any]]] = None
        self._local = threading.local()
        self._pid = os.getpid()
        #: Id of the request of the running cell, and how often this process forked before it.
        self._cell_id: Optional[str] = None
        self._forks = forks()
        self._held = Held()
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
            Wrap(shell, "_showtraceback", self._unheard),
        ]
        iopub = getattr(getattr(publisher, "pub_socket", None), "io_thread", None)
        self._children = ForkedChildren(iopub, getattr(publisher, "session", None), self._child)

    def open_streams(self) -> None:
        """Hears the present streams. Called for each cell, because they may be others by then."""
        self.close_streams()
        self._held.release()
        self._cell_id, self._forks = _cell_id(self._publisher), forks()
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
        cell_id = _cell_id(shown_by)
        return cell_id is None or self._cell_id is None or cell_id == self._cell_id

    def _record(self, action: Callable[[Recording], None]) -> None:
        recordings = list(self.recordings)
        if self._has_forked:
            self._held.hold(lambda: _each(recordings, action))
        else:
            _each(recordings, action)
        self.heard()

    def _child(
        self, kind: str, content: dict[str, Any], cell_id: Optional[str], made_at: float
    ) -> None:
        """Something that a forked child shows."""
        action = _action_of(kind, content)
        if action is None or cell_id != self._cell_id:
            return
        recordings = list(self.recordings)
        self._held.pass_by(made_at, lambda: _each(recordings, action))
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
        is_heard = isinstance(text, str) and self._is_heard(stream)
        # If a stream passes its text on to another one, the text is heard once.
        written = self._unheard(original, text)
        if is_heard:
            self._record(lambda recording: recording.stream(name, text))
        return written

    def _publish(
        self, original: Callable[..., Any], data: Any, metadata: Any = None, *args: Any, **kwargs: Any
    ) -> None:
        is_heard = not _is_notice(metadata) and self._is_heard(self._publisher)
        self._unheard(original, data, metadata, *args, **kwargs)
        if not is_heard:
            return
        bundle, about = _bundle(data), metadata or {}
        display_id = (kwargs.get("transient") or {}).get("display_id")
        if kwargs.get("update"):
            self._record(lambda recording: recording.update(display_id, bundle, about))
        else:
            self._record(
                lambda recording: recording.display("display_data", bundle, about, display_id)
            )

    def _clear_output(self, original: Callable[..., Any], wait: bool = False) -> None:
        is_heard = self._is_heard(self._publisher)
        self._unheard(original, wait)
        if is_heard:
            self._record(lambda recording: recording.clear(wait))

    def _write_format_data(
        self, original: Callable[..., Any], format_dict: Any, md_dict: Any = None
    ) -> None:
        is_heard = not _is_notice(md_dict) and self._is_heard(self._hook)
        self._unheard(original, format_dict, md_dict)
        if is_heard:
            self._result = (_bundle(format_dict), md_dict or {})

    def _finish_displayhook(self, original: Callable[..., Any]) -> None:
        self._unheard(original)
        # ipykernel flushes the streams and sends the result only here. A child's text that it has
        # read by then comes before the result in the notebook, and so in the post.
        result, self._result = self._result, None
        if result is not None:
            self._record(lambda recording: recording.display("execute_result", *result, None))


def nothing() -> None:
    """For when nobody wants to know."""


def _each(recordings: list[Recording], action: Callable[[Recording], None]) -> None:
    for recording in recordings:
        action(recording)


def _action_of(kind: str, content: dict[str, Any]) -> Optional[Callable[[Recording], None]]:
    """What a message of iopub does to a recording; None if it shows nothing."""
    if kind == "stream":
        return lambda recording: recording.stream(content["name"], content["text"])
    if kind == "clear_output":
        return lambda recording: recording.clear(content["wait"])
    if kind not in ("display_data", "execute_result", "update_display_data"):
        return None
    data, metadata = content["data"], content["metadata"]
    display_id = (content.get("transient") or {}).get("display_id")
    if kind == "update_display_data":
        return lambda recording: recording.update(display_id, data, metadata)
    return lambda recording: recording.display(kind, data, metadata, display_id)


def _cell_id(shown_by: Any) -> Optional[str]:
    """Id of the request below whose cell ipykernel shows what comes from here now. None in other
    shells.
    """
    parent = getattr(shown_by, "parent_header", None)
    return parent.get("msg_id") if isinstance(parent, dict) else None


def _is_notice(metadata: Optional[dict[str, Any]]) -> bool:
    own = (metadata or {}).get("jupyterpost")
    return isinstance(own, dict) and own.get("notice") is True


def _bundle(data: dict[str, Any]) -> dict[str, Any]:
    """The data as a message has it: bytes as base64."""
    return {
        mimetype: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for mimetype, value in data.items()
    }
