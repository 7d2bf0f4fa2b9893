"""What happens with each cell that a shell runs: ``%%post``, live or at the end, and ``%autopost``.

IPython's events ``pre_run_cell`` and ``post_run_cell`` of the outermost cell are its begin and end.
At the end, the figures of matplotlib are there too: they appear at ``post_execute``.
"""

from __future__ import annotations

from typing import Any, Callable, Optional

from ..capture.outputs import CellOutputs
from ..capture.recording import Recording
from ..posting.news import tell_news
from ..posting.progress import cell_ended
from ..posting.receipt import notice_text
from ..posting.watch.watched import Cell
from ..posting.watch.watches import watches
from .autopost import Autopost
from .cell_status import output_text
from .cell_text import starts_with_post
from .live_cell import LiveCell
from .post_cell import CellPost, post_cell, post_raw, read_cell_post, watched_post
from .recorder import Recorder, ended, error_of
from .sending import notebook_of, plain_notice
from .shell_notebook import ShellNotebook
from .told import shown, told


class CellRuns:
    def __init__(self, shell: Any, recorder: Recorder, notebook: ShellNotebook, autopost: Autopost) -> None:
        self._shell = shell
        self._recorder = recorder
        self._notebook = notebook
        self._autopost = autopost
        #: The ``%%post`` of the cell that will run next.
        self.next_post: Optional[CellPost] = None
        self._cell_post: Optional[CellPost] = None
        self._live: Optional[LiveCell] = None
        self._depth = 0
        self._is_first = False
        self._is_kept = False

    @property
    def is_running(self) -> bool:
        return self._depth > 0

    def pre_run_cell(self, info: Any) -> None:
        self._depth += 1
        if self._depth > 1:
            return
        self._cell_post, self.next_post = self.next_post, None
        self._is_first = starts_with_post(info.raw_cell)
        self._is_kept = bool(info.store_history)
        self._recorder.begin()
        self._watch(info)
        tell_news()

    def begin_live(self) -> None:
        """Called before the cell's first statement. Raises what keeps the cell from running."""
        cell_post = self._cell_post
        if cell_post is None or not cell_post.is_live or self._live is not None:
            return
        # If the start is refused, nothing is posted at the end either.
        self._cell_post = None
        self._live = LiveCell(cell_post, self._recorder.begin_live(self._is_kept), self._notebook.notice)
        self._recorder.hear(self._live.show)

    def post_run_cell(self, result: Any) -> None:
        # An empty cell has an end but no begin. The cell that loaded us began before we listened.
        if result is not None and not (result.info.raw_cell or "").strip():
            return
        self._depth = max(0, self._depth - 1)
        if self._depth > 0 or not self._recorder.is_recording:
            return
        cell_post, self._cell_post = self._cell_post, None
        live, self._live = self._live, None
        try:
            outputs = self._recorder.end(result)
            # Remembers the secrets of this cell: a later one may delete them.
            self._notebook.variables()
            if live is not None:
                self._post(lambda: live.finish(outputs, self._shell.user_ns), outputs, result)
            elif cell_post is not None:
                self._post(lambda: self._post_ended(cell_post, outputs), outputs, result)
            elif result is not None:
                self._autopost.cell_ended(outputs, result.info)
            cell_ended(outputs.execution_count, outputs.status, error_of(result))
        finally:
            # Not before the cell's last post: until then its death is to be told.
            watches.cell_ended()
            self._recorder.close_cell()

    def previous_if_first(self) -> Optional[CellOutputs]:
        """The last finished cell, if this ``%post`` is the first thing in its cell."""
        is_first, self._is_first = self._is_first, False
        return self._recorder.previous if is_first else None

    def run_inside(self, line: str, body: str) -> None:
        """For a raw body, for a mistake, and for a ``%%post`` inside another cell magic, whose body
        runs as a cell within the cell.
        """
        cell_post, notice = read_cell_post(line, body), self._notebook.notice
        if cell_post.is_raw:
            post_raw(cell_post, self._recorder.outputs().execution_count, notice)
            return
        running = self._recorder.outputs()
        recording = Recording(running.execution_count, macros=running.macros)
        live = LiveCell(cell_post, self._recorder.asking(recording), notice) if cell_post.is_live else None
        with self._recorder.beside(recording, live.show if live else None):
            result = self._shell.run_cell(body, store_history=False)
        outputs = ended(recording, result, self._shell.compile)
        if live is None:
            self._post(lambda: self._post_ended(cell_post, outputs), outputs, result)
        else:
            self._post(lambda: live.finish(outputs, self._shell.user_ns), outputs, result)
        error = error_of(result)
        if error is not None:
            raise shown(error)

    def _watch(self, info: Any) -> None:
        recorder = self._recorder
        cell = recorder.outputs()
        watches.cell_started(
            Cell(
                cell.started_at,
                lambda: {**notebook_of(), "executionCount": recorder.outputs().execution_count},
                lambda: output_text(recorder.outputs()),
                is_cell=True,
            )
        )
        post = self._autopost.watched(cell.execution_count, info)
        if post is not None:
            watches.tell(post)
        cell_post = self._cell_post
        if cell_post is not None and not cell_post.is_live and "preview" not in cell_post.parsed.flags:
            watches.tell(watched_post(cell_post))

    def _post_ended(self, cell_post: CellPost, outputs: CellOutputs) -> None:
        post_cell(cell_post, outputs, self._shell.user_ns, self._notebook.notice, self._autopost.is_on)

    def _post(self, send: Callable[[], None], outputs: CellOutputs, result: Any) -> None:
        try:
            send()
        except (Exception, KeyboardInterrupt) as error:
            if outputs.status == "ok" and result is not None:
                # The failed post makes the cell fail, as if its last statement had raised this.
                result.error_in_exec = told(error, self._shell)
                self._shell.showtraceback((type(error), error, error.__traceback__))
            else:
                # The reply is the cell's own error; that the post failed too is shown beside it.
                self._notebook.notice(plain_notice(notice_text("notPosted", reason=error)))
