"""What the running cell of a shell has shown so far, and what the last finished cell showed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable, Optional

from ..capture.outputs import CellOutputs
from ..capture.recording import Recording
from ..capture.tex_macros import MacroBook
from .tee import Tee, nothing
from .traceback_text import error_output
from .widgets import Taken, taken_now, with_widgets


class Recorder:
    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._tee = Tee(shell)
        self._current: Optional[Recording] = None
        self._macros = MacroBook()
        #: The last finished cell, and what its Output widgets had then.
        self._previous: Optional[tuple[CellOutputs, Taken]] = None

    @property
    def is_recording(self) -> bool:
        """Whether a cell is running."""
        return self._current is not None

    @property
    def previous(self) -> Optional[CellOutputs]:
        """The last finished cell, as the notebook shows it now."""
        return None if self._previous is None else with_widgets(*self._previous)

    def begin(self) -> None:
        """A cell begins. What it shows is heard until ``close_cell``."""
        self._current = Recording(self._shell.execution_count, macros=self._macros)
        self._tee.recordings[:] = [self._current]
        self._tee.open_streams()

    def begin_live(self, is_kept: bool) -> Callable[[], CellOutputs]:
        """Called before the first statement of a cell. Returns how to ask, at any time, what the
        cell has shown. ``is_kept``: whether the history keeps the cell.
        """
        recording = self._running()
        # The number of the cell that is being compiled. The display hook gets it only later, and
        # some shells count before a cell, others after it.
        history = self._shell.history_manager
        if is_kept and history:
            recording.execution_count = len(history.input_hist_raw) - 1
        return self.asking(recording)

    def asking(self, recording: Recording) -> Callable[[], CellOutputs]:
        """How to ask, at any time and in any thread, what this recording has heard."""

        def outputs() -> CellOutputs:
            self._tee.settle()
            return with_widgets(recording.outputs())

        return outputs

    def hear(self, heard: Callable[[], None]) -> None:
        """``heard`` is called after each thing that the running cell shows."""
        self._tee.heard = heard

    def drain(self) -> None:
        """Waits for what child processes and native code have written."""
        self._tee.drain()

    def outputs(self) -> CellOutputs:
        """What the running cell has shown until now."""
        recording = self._running()
        running = getattr(self._shell.displayhook, "exec_result", None)
        if running is not None and running.execution_count is not None:
            recording.execution_count = running.execution_count
        return self.asking(recording)()

    def end(self, result: Any) -> CellOutputs:
        """The running cell has ended. ``result`` is IPython's; None if the cell was interrupted
        before it had one.
        """
        self._tee.heard = nothing
        recording, self._current = self._running(), None
        self._tee.drain()
        shown = ended(recording, result, self._shell.compile)
        cell = recording.outputs()
        self._previous = cell, taken_now(cell)
        return shown

    def close_cell(self) -> None:
        self._tee.recordings.clear()
        self._tee.close_streams()

    def close(self) -> None:
        self._tee.close()

    @contextmanager
    def beside(self, recording: Recording, heard: Optional[Callable[[], None]]) -> Iterator[None]:
        """For a cell within the running cell: ``recording`` hears what it shows, too."""
        before = self._tee.heard
        self._tee.heard = heard or before
        self._tee.recordings.append(recording)
        try:
            yield
            self._tee.drain()
        finally:
            self._tee.recordings.remove(recording)
            self._tee.heard = before

    def _running(self) -> Recording:
        return self._current or Recording(self._shell.execution_count, macros=self._macros)


def ended(recording: Recording, result: Any, compiler: Any) -> CellOutputs:
    """``compiler``: the shell's, which knows the cells by file name."""
    error = error_of(result)
    if result is not None and result.execution_count is not None:
        recording.execution_count = result.execution_count
    if result is None or isinstance(error, (KeyboardInterrupt, asyncio.CancelledError)):
        status = "interrupted"
    else:
        status = "ok" if error is None else "failed"
    recording.end(status, None if error is None else error_output(error, compiler))
    return with_widgets(recording.outputs())


def error_of(result: Any) -> Optional[BaseException]:
    """The error in IPython's result of a cell; the result is None after an early interrupt."""
    return None if result is None else result.error_before_exec or result.error_in_exec
