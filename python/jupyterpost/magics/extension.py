"""The magics in one IPython shell: hears its cells, keeps what the running and the last finished one showed, and posts.

It follows IPython's events: ``pre_run_cell`` and ``post_run_cell`` of the outermost cell are its begin and end. Figures of
matplotlib, which appear at ``post_execute``, are there by then.
"""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Optional

from IPython.core.magic import needs_local_scope, no_var_expand

from ..capture.outputs import CellOutputs
from ..capture.recording import Recording
from ..posting import at_call
from ..posting import post as client
from ..posting.receipt import NOTICE
from ..posting.secret_values import is_secret_name
from ..posting.progress import cell_ended
from .arguments import UsageError, usage_text
from .autopost import Autopost
from .cell_text import starts_with_post
from .complete import TABLES, complete
from .flags import AUTOPOST, CELL, LINE
from .live_cell import LiveCell
from .live_start import LiveStart
from .post_cell import CellPost, post_cell, post_raw, read_cell_post
from .post_line import post_line
from .sending import plain_notice, source_of
from .tee import Tee, nothing
from .told import shown, told, without_our_frames
from .traceback_text import error_output
from .transform import CellTransform, LineTransform


class PostExtension:
    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.next_post: Optional[CellPost] = None
        self._cell_post: Optional[CellPost] = None
        self._live: Optional[LiveCell] = None
        self._autopost = Autopost(self.notice)
        self._depth = 0
        self._is_first = False
        self._is_kept = False
        #: Value -> name of the variable that holds or held it.
        self._secrets: dict[str, str] = {}
        self._previous: Optional[CellOutputs] = None
        self._tee = Tee(shell)
        # The cell that loads this: what it shows from now on.
        self._current: Optional[Recording] = None
        self._begin()
        self._transform = CellTransform(self)
        self._start = LiveStart(self._begin_live)

    def load(self) -> None:
        shell = self.shell
        shell.input_transformers_cleanup.append(self._transform)
        shell.input_transformer_manager.token_transformers.append(LineTransform)
        shell.events.register("pre_run_cell", self._pre_run_cell)
        shell.events.register("post_run_cell", self._post_run_cell)
        shell.ast_transformers.append(self._start)
        shell.register_magic_function(self._magic(), "line_cell", "post")
        shell.register_magic_function(self._autopost_magic(), "line", "autopost")
        for name in TABLES:
            shell.set_hook("complete_command", complete, str_key=name)
        client.source_of_cell = self._source
        client.variables_of_notebook = self._variables
        client.show_warning = lambda receipt: self.notice(receipt.bundle())
        at_call.show = lambda error: without_our_frames(error, self.shell)

    def unload(self) -> None:
        shell = self.shell
        shell.input_transformers_cleanup.remove(self._transform)
        shell.input_transformer_manager.token_transformers.remove(LineTransform)
        shell.events.unregister("pre_run_cell", self._pre_run_cell)
        shell.events.unregister("post_run_cell", self._post_run_cell)
        # IPython itself drops one that failed.
        if self._start in shell.ast_transformers:
            shell.ast_transformers.remove(self._start)
        client.unhook()
        at_call.reset()
        for magics in shell.magics_manager.magics.values():
            magics.pop("post", None)
            magics.pop("autopost", None)
        self._tee.close()

    @property
    def is_running(self) -> bool:
        return self._depth > 0

    def notice(self, bundle: dict[str, str]) -> None:
        """Shows what belongs to jupyterpost, not to the cell: never captured."""
        self.shell.display_pub.publish(data=bundle, metadata=NOTICE)

    def _pre_run_cell(self, info: Any) -> None:
        self._depth += 1
        if self._depth > 1:
            return
        self._cell_post, self.next_post = self.next_post, None
        self._is_first = starts_with_post(info.raw_cell)
        self._is_kept = bool(info.store_history)
        self._begin()

    def _post_run_cell(self, result: Any) -> None:
        # An empty cell ends without having begun; the cell that loaded us began before we heard of it.
        if result is not None and not (result.info.raw_cell or "").strip():
            return
        self._depth = max(0, self._depth - 1)
        if self._depth > 0 or self._current is None:
            return
        cell_post, self._cell_post = self._cell_post, None
        live, self._live = self._live, None
        self._tee.heard = nothing
        recording, self._current = self._current, None
        try:
            self._tee.drain()
            outputs = self._end(recording, result)
            self._previous = outputs
            self._variables()
            if live is not None:
                self._post(lambda: live.finish(outputs, self.shell.user_ns), outputs, result)
            elif cell_post is not None:
                self._post(lambda: self._post_ended(cell_post, outputs), outputs, result)
            elif result is not None:
                self._autopost.cell_ended(outputs, result.info)
            cell_ended(outputs.execution_count, outputs.status, _error_of(result))
        finally:
            self._tee.recordings.clear()
            self._tee.close_streams()

    def _begin(self) -> None:
        self._current = Recording(self.shell.execution_count)
        self._tee.recordings[:] = [self._current]
        self._tee.open_streams()

    def _end(self, recording: Recording, result: Any) -> CellOutputs:
        error = _error_of(result)
        if result is not None and result.execution_count is not None:
            recording.execution_count = result.execution_count
        if result is None or isinstance(error, (KeyboardInterrupt, asyncio.CancelledError)):
            status = "interrupted"
        else:
            status = "ok" if error is None else "failed"
        recording.end(status, None if error is None else error_output(error, self.shell.compile))
        return recording.outputs()

    def _begin_live(self) -> None:
        """Before the first statement of the cell. Raises what keeps the cell from running."""
        cell_post = self._cell_post
        if cell_post is None or not cell_post.is_live or self._live is not None:
            return
        # If the start is refused, nothing of the cell is left to post.
        self._cell_post = None
        recording = self._current or Recording(self.shell.execution_count)
        recording.execution_count = self._compiled_count(recording)
        self._live = LiveCell(cell_post, recording.outputs, self.notice)
        self._tee.heard = self._live.show

    def _compiled_count(self, recording: Recording) -> int:
        """Of the cell that is being compiled: the display hook knows it only later, and shells count before or after a cell."""
        history = self.shell.history_manager
        return len(history.input_hist_raw) - 1 if self._is_kept and history else recording.execution_count

    def _post_ended(self, cell_post: CellPost, outputs: CellOutputs) -> None:
        post_cell(cell_post, outputs, self.shell.user_ns, self.notice, self._autopost.is_on)

    def _post(self, send: Callable[[], None], outputs: CellOutputs, result: Any) -> None:
        try:
            send()
        except (Exception, KeyboardInterrupt) as error:
            if outputs.status == "ok" and result is not None:
                # The post's failure is the cell's, as if its last statement had raised it.
                result.error_in_exec = told(error, self.shell)
                self.shell.showtraceback((type(error), error, error.__traceback__))
            else:
                # The cell's own error is the reply; that its post failed too is told beside it.
                self.notice(plain_notice(f"Not posted: {error}"))

    def _magic(self) -> Any:
        @no_var_expand  # MESSAGE stays as typed but for ${expr}
        @needs_local_scope
        def post(line: str, cell: Optional[str] = None, local_ns: Optional[dict[str, Any]] = None) -> None:
            scope = {**self.shell.user_ns, **(local_ns or {})}
            try:
                if cell is None:
                    self._run_line(line, scope)
                else:
                    self._run_cell(line, cell, scope)
            except (Exception, KeyboardInterrupt) as error:
                raise told(error, self.shell) from error.__cause__

        post.__doc__ = f"{LINE.summary}\n\n{usage_text(LINE)}\n\n{usage_text(CELL)}"
        return post

    def _autopost_magic(self) -> Any:
        @no_var_expand
        def autopost(line: str) -> None:
            try:
                self._autopost.set(line, self._outputs().execution_count)
            except UsageError as error:
                raise told(error, self.shell) from None

        autopost.__doc__ = f"{AUTOPOST.summary}\n\n{usage_text(AUTOPOST)}"
        return autopost

    def _run_line(self, line: str, scope: dict[str, Any]) -> None:
        is_first, self._is_first = self._is_first, False
        self._tee.drain()
        post_line(line, scope, self._outputs(), self._previous if is_first else None, self.notice)

    def _run_cell(self, line: str, body: str, scope: dict[str, Any]) -> None:
        """A raw body, a mistake, or a ``%%post`` inside another cell magic, whose body runs as a cell in the cell."""
        cell_post = read_cell_post(line, body)
        if cell_post.is_raw:
            post_raw(cell_post, self._outputs().execution_count, self.notice)
            return
        recording = Recording(self._outputs().execution_count)
        live = LiveCell(cell_post, recording.outputs, self.notice) if cell_post.is_live else None
        before, self._tee.heard = self._tee.heard, live.show if live else self._tee.heard
        self._tee.recordings.append(recording)
        try:
            result = self.shell.run_cell(body, store_history=False)
            self._tee.drain()
        finally:
            self._tee.recordings.remove(recording)
            self._tee.heard = before
        outputs = self._end(recording, result)
        if live is None:
            self._post(lambda: self._post_ended(cell_post, outputs), outputs, result)
        else:
            self._post(lambda: live.finish(outputs, self.shell.user_ns), outputs, result)
        error = _error_of(result)
        if error is not None:
            raise shown(error)

    def _outputs(self) -> CellOutputs:
        """Of the running cell, as of now."""
        recording = self._current or Recording(self.shell.execution_count)
        running = getattr(self.shell.displayhook, "exec_result", None)
        if running is not None and running.execution_count is not None:
            recording.execution_count = running.execution_count
        return recording.outputs()

    def _source(self) -> dict[str, Any]:
        """Of a ``post()`` in a cell: its place and time, it shows nothing of the cell."""
        return {} if self._current is None else source_of(self._outputs())

    def _variables(self) -> list[tuple[str, str]]:
        """Strings of the notebook whose name says that they are secret, those of earlier cells too."""
        for name, value in list(self.shell.user_ns.items()):
            if isinstance(value, str) and is_secret_name(name):
                self._secrets[value] = name
        # A copy: other threads post too.
        return [(name, value) for value, name in list(self._secrets.items())]


def _error_of(result: Any) -> Optional[BaseException]:
    """IPython's result of a cell; None if it was interrupted before there was one."""
    return None if result is None else result.error_before_exec or result.error_in_exec
