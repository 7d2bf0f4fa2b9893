"""The process that watches over this program, started when first needed. A thread could not do it:
native code may keep all threads from running for minutes, and none lives on to tell how the program
died.

It gets environment and token through a pipe, never as an argument or in its own environment, and
ends with this program (``watcher``).
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Callable, Optional

from .json_lines import read_messages, write_message
from ..secret_values import is_secret_name

# Seconds for one message. A process that does not read for so long is replaced.
_LIMIT = 2.0
# It gets a session of its own, because signals to this program's process group are not for it. It
# is no child of this program: waiting for all children (``os.wait``) would have no end.
_CODE = """import os, sys
if hasattr(os, "fork") and os.fork():
    os._exit(0)
sys.path.append(sys.argv[1])
from jupyterpost.posting.watch.watcher import main
main(int(sys.argv[2]))"""


class WatchProcess:
    def __init__(self, heard: Callable[[dict[str, Any]], None], ended: Callable[[], None]) -> None:
        """Both are called in a thread. ``ended``: the process is gone, and the next ``send`` starts
        another one.
        """
        self._heard = heard
        self._ended = ended
        self._lock = threading.RLock()
        # The one that was started, which ends at once where it is not itself the one that watches.
        self._process: Optional[subprocess.Popen] = None
        self._watcher: Optional[int] = None

    def send(self, message: dict[str, Any], starts: bool = False) -> bool:
        """False if there is no such process, and it need not or cannot be started."""
        with self._lock:
            if self._process is None and not (starts and self._start()):
                return False
            process = self._process
            assert process is not None and process.stdin is not None
            try:
                write_message(process.stdin.fileno(), message, _LIMIT)
                return True
            except OSError:
                self._give_up()
                return False
            except BaseException:
                # Interrupted, perhaps within a line.
                self._give_up()
                raise

    def forget(self) -> None:
        """In a forked child: the process watches over its parent."""
        process, self._process = self._process, None
        self._lock = threading.RLock()
        if process is not None:
            _close(process)

    def _start(self) -> bool:
        command = _command()
        if command is None:
            return False
        try:
            process = subprocess.Popen(
                command,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=os.path.abspath(os.sep),
                env={name: value for name, value in os.environ.items() if not is_secret_name(name)},
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except (OSError, RuntimeError):
            # From Python 3.12 on, nothing can be started once the main code has ended.
            return False
        self._process, self._watcher = process, None
        try:
            if os.name != "nt":
                process.wait(_LIMIT)
        except subprocess.TimeoutExpired:
            # A busy machine: the listener waits for it in the end.
            pass
        except BaseException:
            self._give_up()
            raise
        listener = threading.Thread(target=self._listen, args=(process,), name="jupyterpost watch", daemon=True)
        try:
            listener.start()
        except RuntimeError:
            self._give_up()
            return False
        return True

    def _listen(self, process: subprocess.Popen) -> None:
        assert process.stdout is not None
        for message in read_messages(process.stdout.fileno()):
            if message["do"] == "here":
                self._here(process, message["pid"])
            else:
                self._heard(message)
        process.wait()
        with self._lock:
            if self._process is process:
                self._process = None
            _close(process)
        self._ended()

    def _here(self, process: subprocess.Popen, watcher: int) -> None:
        with self._lock:
            if self._process is process:
                self._watcher = watcher

    def _give_up(self) -> None:
        """It sees that its pipe is closed, but it may be one that does not run now."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        if self._watcher is not None:
            with contextlib.suppress(OSError):
                os.kill(self._watcher, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
        assert process.stdin is not None
        process.stdin.close()


def _command() -> Optional[list[str]]:
    """None where Python is part of another program, which we must not start again."""
    program = Path(sys.executable or "")
    if not program.name.lower().startswith(("python", "pypy")):
        return None
    package = Path(__file__).resolve().parents[3]
    # Isolated: nothing in the person's folder or environment changes what it imports.
    return [str(program), "-I", "-S", "-c", _CODE, str(package), str(os.getpid())]


def _close(process: subprocess.Popen) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
