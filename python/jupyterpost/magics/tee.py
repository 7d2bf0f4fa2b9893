"""Hears what cells show without changing it: the streams, the display publisher and the display
hook of a shell.

Nothing is held back or delayed. Output that ``%%capture`` or ``redirect_stdout`` takes away does
not reach the notebook, so it is not heard here either.
"""

from __future__ import annotations

import base64
import select
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any, Callable, Optional

from ..capture.recording import Recording

# Seconds to wait for the output of child processes, which comes through a pipe of the kernel.
_DRAIN = 0.2


class _Wrap:
    """A method of one object, replaced by ``wrapper(original, ...)`` until ``undo``."""

    def __init__(self, owner: Any, name: str, wrapper: Callable[..., Any]) -> None:
        self._owner, self._name = owner, name
        self._before = getattr(owner, "__dict__", {}).get(name)
        self._wrapped = partial(wrapper, getattr(owner, name))
        try:
            setattr(owner, name, self._wrapped)
        except AttributeError:  # the class of this stream has slots: we cannot hear it
            return

    def undo(self) -> None:
        # If someone wrapped it after us, our wrapper stays below theirs.
        if getattr(self._owner, "__dict__", {}).get(self._name) is not self._wrapped:
            return
        if self._before is None:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, self._before)


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
        self._shell_wraps: list[_Wrap] = []
        self._stream_wraps: list[_Wrap] = []
        publisher, hook = shell.display_pub, shell.displayhook
        # A terminal prints results and errors. We hear them as results and errors, not as text too.
        self._shell_wraps += [
            _Wrap(publisher, "publish", self._publish),
            _Wrap(publisher, "clear_output", self._clear_output),
            _Wrap(hook, "write_format_data", self._write_format_data),
            _Wrap(hook, "write_output_prompt", self._unheard),
            _Wrap(hook, "finish_displayhook", self._finish_displayhook),
            _Wrap(shell, "_showtraceback", self._unheard),
        ]

    def open_streams(self) -> None:
        """Hears the present streams. Called for each cell, because they may be others by then."""
        self.close_streams()
        for name in ("stdout", "stderr"):
            heard = partial(self._write, name)
            self._stream_wraps.append(_Wrap(getattr(sys, name), "write", heard))

    def close_streams(self) -> None:
        for wrap in self._stream_wraps:
            wrap.undo()
        self._stream_wraps.clear()

    def close(self) -> None:
        self.close_streams()
        for wrap in self._shell_wraps:
            wrap.undo()
        self.recordings.clear()

    def drain(self) -> None:
        """Waits for what child processes and native code have written to the pipe of ipykernel."""
        deadline = time.monotonic() + _DRAIN
        for stream in (sys.stdout, sys.stderr):
            pipe = getattr(stream, "_fid", None)
            if not isinstance(pipe, int) or sys.platform == "win32":
                continue
            reader = getattr(stream, "watch_fd_thread", None)
            while _is_on_its_way(pipe, reader) and time.monotonic() < deadline:
                time.sleep(0.001)

    def _unheard(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Makes the call; what it writes to a stream, in this thread, is not heard."""
        outer = getattr(self._local, "deaf", False)
        self._local.deaf = True
        try:
            return call(*args, **kwargs)
        finally:
            self._local.deaf = outer

    def _write(self, name: str, original: Callable[..., Any], text: str) -> Any:
        # If a stream passes its text on to another one, the text is heard once.
        written = self._unheard(original, text)
        if isinstance(text, str) and not getattr(self._local, "deaf", False):
            for recording in self.recordings:
                recording.stream(name, text)
            self.heard()
        return written

    def _publish(
        self, original: Callable[..., Any], data: Any, metadata: Any = None, *args: Any, **kwargs: Any
    ) -> None:
        self._unheard(original, data, metadata, *args, **kwargs)
        if _is_notice(metadata):
            return
        bundle = _bundle(data)
        display_id = (kwargs.get("transient") or {}).get("display_id")
        for recording in self.recordings:
            if kwargs.get("update"):
                recording.update(display_id, bundle, metadata or {})
            else:
                recording.display("display_data", bundle, metadata or {}, display_id)
        self.heard()

    def _clear_output(self, original: Callable[..., Any], wait: bool = False) -> None:
        self._unheard(original, wait)
        for recording in self.recordings:
            recording.clear(wait)
        self.heard()

    def _write_format_data(
        self, original: Callable[..., Any], format_dict: Any, md_dict: Any = None
    ) -> None:
        self._unheard(original, format_dict, md_dict)
        if not _is_notice(md_dict):
            self._result = (_bundle(format_dict), md_dict or {})

    def _finish_displayhook(self, original: Callable[..., Any]) -> None:
        self._unheard(original)
        # ipykernel flushes the streams and sends the result only here. A child's text that it has
        # read by then comes before the result in the notebook, and so in the post.
        result, self._result = self._result, None
        if result is not None:
            for recording in self.recordings:
                recording.display("execute_result", *result, None)
            self.heard()


def _is_on_its_way(pipe: int, reader: Optional[threading.Thread]) -> bool:
    """Whether text is in the pipe, or the thread that reads it still has to write() some."""
    if select.select([pipe], [], [], 0)[0]:
        return True
    try:
        # Number and arguments of the system call that the thread is in; the first one is the pipe
        # if it waits for more. Only Linux has this file.
        task = Path(f"/proc/self/task/{getattr(reader, 'native_id', None)}/syscall")
        return task.read_text(encoding="ascii").split()[1:2] != [hex(pipe)]
    except OSError:
        time.sleep(0.001)
        return select.select([pipe], [], [], 0)[0] != []


def nothing() -> None:
    """For when nobody wants to know."""


def _is_notice(metadata: Optional[dict[str, Any]]) -> bool:
    own = (metadata or {}).get("jupyterpost")
    return isinstance(own, dict) and own.get("notice") is True


def _bundle(data: dict[str, Any]) -> dict[str, Any]:
    """The data as a message has it: bytes as base64."""
    return {
        mimetype: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for mimetype, value in data.items()
    }
