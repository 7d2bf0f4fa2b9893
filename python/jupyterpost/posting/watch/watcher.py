"""The process that watches over a program and tells in the chat how it died (``watch_process``
starts it).

It ends soon after the program, whatever the relay does: it may outlive a kernel by a minute, never
longer.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import Any, Optional

from .json_lines import read_messages, write_message
from .last_words import Ending
from .program_life import ProgramLife
from .watched_run import WatchedRun

# Seconds that it may outlive the program.
_OUTLIVE = 60.0
# Seconds without anything to watch after which it ends; the program starts another one then.
_IDLE = 60.0
# Seconds between two looks whether the program lives. Its end closes the pipe, unless one of its
# forked children holds it open.
_LOOK = 1.0
# Seconds in which a cell may still end by itself after the kernel was told to shut down.
_ASKED = 1.0
_WRITE = 2.0


class Watcher:
    def __init__(self, program: int, output: int) -> None:
        """``program``: the process id of the watched program."""
        self._life = ProgramLife(program)
        self._output = output
        self._writing = threading.Lock()
        self._finishing = threading.Lock()
        self._runs: dict[str, WatchedRun] = {}
        self._busy: list[threading.Thread] = []
        self._gone_at: Optional[float] = None
        self._idle_since = time.monotonic()
        self._is_asked = False
        self._is_stopped = False

    def stop(self, *_: object) -> None:
        """SIGTERM came to this process too. The program's end will tell if that was meant."""
        self._is_stopped = True

    def take(self, message: dict[str, Any]) -> None:
        kind = message["do"]
        if kind == "asked":
            self._is_asked = True
            timer = threading.Timer(_ASKED, self._tell_deaths)
            timer.daemon = True
            timer.start()
            return
        run = self._runs.get(message["id"])
        if kind == "watch":
            if run is None:
                self._runs[message["id"]] = WatchedRun(message, self.tell)
            else:
                run.changed(message)
        elif kind == "states" and run is not None:
            run.told(message["states"])
        elif kind == "state" and run is not None:
            run.answered(message)
        elif kind == "end" and run is not None:
            self._runs.pop(message["id"], None)
            self._work(lambda: run.end(self._until))

    def finish(self) -> None:
        """Ends this process: when everything is told, or when its time is up."""
        with self._finishing:
            if self.is_alive(wait=_LOOK):
                # It gave this process up, or has closed what it did not know.
                os._exit(0)
            self._gone_at = time.monotonic()
            self._tell_deaths()
            for thread in self._busy:
                thread.join(max(0.0, self._until() - time.monotonic()))
            os._exit(0)

    def look(self) -> None:
        """Until the program is gone, or until there is nothing to do."""
        while self.is_alive():
            time.sleep(_LOOK)
            if self._is_idle():
                os._exit(0)
        # What it said last is still to be read from the pipe.
        time.sleep(_LOOK)
        self.finish()

    def is_alive(self, wait: float = 0.0) -> bool:
        """A program closes its pipes a moment before its end. Windows tells its end only so."""
        end = time.monotonic() + wait
        while os.name != "nt" and not self._life.is_over():
            if time.monotonic() >= end:
                return True
            time.sleep(0.01)
        return False

    def _is_idle(self) -> bool:
        self._busy = [thread for thread in self._busy if thread.is_alive()]
        if self._runs or self._busy:
            self._idle_since = time.monotonic()
        return time.monotonic() - self._idle_since > _IDLE

    def _tell_deaths(self) -> None:
        ending = Ending.ASKED if self._is_asked else Ending.STOPPED if self._is_stopped else Ending.KILLED
        while self._runs:
            _, run = self._runs.popitem()
            self._work(lambda run=run: run.died(ending, self._until))

    def _work(self, work: Any) -> None:
        thread = threading.Thread(target=work, name="jupyterpost end", daemon=True)
        thread.start()
        self._busy.append(thread)

    def _until(self) -> float:
        return float("inf") if self._gone_at is None else self._gone_at + _OUTLIVE

    def tell(self, message: dict[str, Any]) -> None:
        try:
            with self._writing:
                write_message(self._output, message, _WRITE)
        except OSError:
            # The program is gone, or does not run now. The reader finds out.
            return


def main(program: int) -> None:
    watcher = Watcher(program, sys.stdout.fileno())
    watcher.tell({"do": "here", "pid": os.getpid()})
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, watcher.stop)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if os.name != "nt":
        threading.Thread(target=watcher.look, name="jupyterpost look", daemon=True).start()
    for message in read_messages(sys.stdin.fileno()):
        watcher.take(message)
    watcher.finish()
