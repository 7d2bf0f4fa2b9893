"""Whether another program still lives, of which this process is no child: a process that ended may
stay as a zombie for long, and its number may be given to another one.
"""

from __future__ import annotations

import os
import select
from pathlib import Path
from typing import Any, Optional

_ENDED = ("Z", "X")


class ProgramLife:
    def __init__(self, pid: int) -> None:
        self._started = _started(pid)
        # It may be over by now, before this process could look.
        is_over = self._started is None and _started(os.getpid()) is not None
        self._pid = 0 if is_over else pid
        self._queue = None if self._started is not None else _exit_queue(pid)

    def is_over(self) -> bool:
        """Once true, always true."""
        if self._pid == 0:
            return True
        if self._looks_over():
            self._pid = 0
        return self._pid == 0

    def _looks_over(self) -> bool:
        if self._started is not None:
            return _started(self._pid) != self._started
        if self._queue is not None and self._queue.control(None, 1, 0):
            return True
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return True
        except OSError:  # it belongs to another person
            return False
        return False


def _started(pid: int) -> Optional[str]:
    """When a process began, in Linux' own units. None if it has ended, or if this is no Linux."""
    try:
        # Its name, in brackets, may contain anything.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if not fields or fields[0] in _ENDED else fields[19]


def _exit_queue(pid: int) -> Any:
    """What hears of its exit on macOS and BSD."""
    if not hasattr(select, "kqueue"):
        return None
    queue = select.kqueue()
    wanted = select.kevent(pid, select.KQ_FILTER_PROC, select.KQ_EV_ADD, select.KQ_NOTE_EXIT)
    try:
        queue.control([wanted], 0, 0)
    except OSError:
        return None
    return queue
