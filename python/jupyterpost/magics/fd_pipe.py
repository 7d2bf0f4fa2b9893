"""Waits for what child processes and native code wrote to the file descriptors of an ipykernel,
which reads them through pipes, in threads of its own.
"""

from __future__ import annotations

import select
import sys
import threading
import time
from pathlib import Path
from typing import Optional


def drain_streams(seconds: float) -> None:
    """Waits until all has been read and passed on to the streams, as long as this at most."""
    deadline = time.monotonic() + seconds
    for stream in (sys.stdout, sys.stderr):
        pipe = getattr(stream, "_fid", None)
        if not isinstance(pipe, int) or sys.platform == "win32":
            continue
        reader = getattr(stream, "watch_fd_thread", None)
        while _is_on_its_way(pipe, reader) and time.monotonic() < deadline:
            time.sleep(0.001)


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
