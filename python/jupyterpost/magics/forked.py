"""Hears what forked children of an ipykernel show (``os.fork``, ``multiprocessing``).

Their messages come through a socket of the kernel's IOPub thread, which passes them on to the front
end. The streams and the display publisher of this process never see them.
"""

from __future__ import annotations

import os
import threading
import time
from datetime import datetime
from typing import Any, Callable, Optional

#: Called in the IOPub thread with the message's type, its content, the id of its cell, and when the
#: child made it, in seconds since the epoch.
Heard = Callable[[str, dict[str, Any], Optional[str], float], None]

_SIGN = b"jupyterpost: all messages before this one have arrived"
# Between the identities and the signature of a message.
_DELIMITER = b"<IDS|MSG>"
_NEEDED = ("_pipe_in", "_pipe_uuid", "_handle_pipe_msg", "_setup_pipe_out", "io_loop", "schedule")


class _Forks:
    """How often this process has forked since the module was imported."""

    count = 0

    @classmethod
    def one_more(cls) -> None:
        cls.count += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_parent=_Forks.one_more)


def forks() -> int:
    return _Forks.count


class ForkedChildren:
    def __init__(self, iopub: Any, session: Any, heard: Heard) -> None:
        """``iopub``: the IOPub thread; other shells than ipykernel's have none."""
        self._session, self._heard = session, heard
        self._arrived = threading.Event()
        # What ipykernel 6 and 7 have. If another one has it no more, children are not heard.
        self._iopub = iopub if all(hasattr(iopub, name) for name in _NEEDED) else None
        if self._iopub is not None:
            iopub.schedule(lambda: iopub._pipe_in.on_recv(self._message))

    def close(self) -> None:
        iopub = self._iopub
        if iopub is not None:
            iopub.schedule(lambda: iopub._pipe_in.on_recv(iopub._handle_pipe_msg))

    def drain(self, seconds: float) -> None:
        """Waits until what the children have written by now was heard, as long as this at most.

        A message of our own goes the same way: a child's write returns only when its message is on
        that way. Then what waits beside it is taken.
        """
        if self._iopub is None:
            return
        deadline = time.monotonic() + seconds
        self._arrived.clear()
        context, socket = self._iopub._setup_pipe_out()
        try:
            socket.send_multipart([self._iopub._pipe_uuid, _SIGN])
            if self._arrived.wait(max(0.0, deadline - time.monotonic())):
                quiet = threading.Event()
                self._iopub.schedule(lambda: self._look(quiet, deadline))
                quiet.wait(max(0.0, deadline - time.monotonic()))
        finally:
            # After an interrupt too, or its files would stay open.
            context.destroy(linger=0)

    def _look(self, quiet: threading.Event, deadline: float) -> None:
        """In the IOPub thread: once no message waits, says so."""
        if self._iopub._pipe_in.socket.poll(0) and time.monotonic() < deadline:
            self._iopub.io_loop.add_callback(lambda: self._look(quiet, deadline))
        else:
            quiet.set()

    def _message(self, frames: list[bytes]) -> None:
        is_ours = frames[0] == self._iopub._pipe_uuid
        if is_ours and frames[1:] == [_SIGN]:
            self._arrived.set()
            return
        try:
            if is_ours and _DELIMITER in frames:
                self._hear(frames[frames.index(_DELIMITER) + 2 :])
        finally:
            self._iopub._handle_pipe_msg(frames)

    def _hear(self, parts: list[bytes]) -> None:
        header, parent, _, content = map(self._session.unpack, parts[:4])
        made_at = datetime.fromisoformat(header["date"].replace("Z", "+00:00")).timestamp()
        self._heard(header["msg_type"], content, parent.get("msg_id"), made_at)
