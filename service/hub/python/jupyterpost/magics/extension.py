"""The magics in one IPython shell: hears its cells, keeps what the running and the last finished one showed, and posts.

It follows IPython's events: ``pre_run_cell`` and ``post_run_cell`` of the outermost cell are its begin and end. Figures of
matplotlib, which appear at ``post_execute``, are there by then.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Optional

from IPython.core.magic import needs_local_scope, no_var_expand

from .. import client
from ..capture.outputs import CellOutputs
from ..capture.recording import Recording
from ..posting.error import PostError, PostInterrupted
from ..posting.receipt import NOTICE
from ..posting.secret_values import is_secret_name
from .arguments import UsageError, usage_text
from .cell_text import starts_with_post
from .flags import CELL, LINE
from .post_cell import CellPost, post_cell, post_raw, read_cell_post
from .post_line import post_line
from .sending import plain_notice, source_of
from .tee import Tee
from .traceback_text import error_output
from .transform import CellTransform, LineTransform


class PostExtension:
    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.next_post: Optional[CellPost] = None
        self._cell_post: Optional[CellPost] = None
        self._depth = 0
        self._is_first = False
        #: Value -> name of the variable that holds or held it.
        self._secrets: dict[str, str] = {}
        self._previous: Optional[CellOutputs] = None
        self._tee = Tee(shell)
        # The cell that loads this: what it shows from now on.
        self._current: Optional[Recording] = None
        self._begin()
        self._transform = CellTransform(self)

    def load(self) -> None:
        shell = self.shell
        shell.input_transformers_cleanup.append(self._transform)
        shell.input_transformer_manager.token_transformers.append(LineTransform)
        shell.events.register("pre_run_cell", self._pre_run_cell)
        shell.events.register("post_run_cell", self._post_run_cell)
        shell.register_magic_function(self._magic(), "line_cell", "post")
        shell.set_hook("complete_command", self._complete, str_key="%post")
        shell.set_hook("complete_command", self._complete, str_key="%%post")
        client.source_of_cell = self._source
        client.variables_of_notebook = self._variables
        client.show_warning = lambda receipt: self.notice(receipt.bundle())

    def unload(self) -> None:
        shell = self.shell
        shell.input_transformers_cleanup.remove(self._transform)
        shell.input_transformer_manager.token_transformers.remove(LineTransform)
        shell.events.unregister("pre_run_cell", self._pre_run_cell)
        shell.events.unregister("post_run_cell", self._post_run_cell)
        client.source_of_cell, client.variables_of_notebook = dict, tuple
        for magics in shell.magics_manager.magics.values():
            magics.pop("post", None)
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
        self._begin()

    def _post_run_cell(self, result: Any) -> None:
        # An empty cell ends without having begun; the cell that loaded us began before we heard of it.
        if result is not None and not (result.info.raw_cell or "").strip():
            return
        self._depth = max(0, self._depth - 1)
        if self._depth > 0 or self._current is None:
            return
        cell_post, self._cell_post = self._cell_post, None
        recording, self._current = self._current, None
        try:
            self._tee.drain()
            outputs = self._end(recording, result)
            self._previous = outputs
            self._variables()
            if cell_post is not None:
                self._post(cell_post, outputs, result)
        finally:
            self._tee.recordings.clear()
            self._tee.close_streams()

    def _begin(self) -> None:
        self._current = Recording(self.shell.execution_count)
        self._tee.recordings[:] = [self._current]
        self._tee.open_streams()

    def _end(self, recording: Recording, result: Any) -> CellOutputs:
        error = None if result is None else result.error_before_exec or result.error_in_exec
        if result is not None and result.execution_count is not None:
            recording.execution_count = result.execution_count
        if result is None or isinstance(error, (KeyboardInterrupt, asyncio.CancelledError)):
            status = "interrupted"
        else:
            status = "ok" if error is None else "failed"
        recording.end(status, None if error is None else error_output(error, self.shell.compile))
        return recording.outputs()

    def _post(self, cell_post: CellPost, outputs: CellOutputs, result: Any) -> None:
        try:
            post_cell(cell_post, outputs, self.shell.user_ns, self.notice)
        except (Exception, KeyboardInterrupt) as error:
            if outputs.status == "ok" and result is not None:
                # The post's failure is the cell's, as if its last statement had raised it.
                result.error_in_exec = _brief(error)
                self.shell.showtraceback((type(error), error, _outside(error.__traceback__)))
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
            except (PostError, PostInterrupted, UsageError) as error:
                raise _brief(error) from None

        post.__doc__ = f"Posts a message, or what a cell showed, to a channel or a person.\n\n{usage_text(LINE)}\n\n{usage_text(CELL)}"
        return post

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
        self._tee.recordings.append(recording)
        try:
            result = self.shell.run_cell(body, store_history=False)
            self._tee.drain()
        finally:
            self._tee.recordings.remove(recording)
        outputs = self._end(recording, result)
        self._post(cell_post, outputs, result)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            raise _shown(error)

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
        return [(name, value) for value, name in self._secrets.items()]

    def _complete(self, _shell: Any, event: Any) -> list[str]:
        """Flags, and targets where TARGET stands."""
        table = CELL if event.command.startswith("%%") else LINE
        if event.symbol.startswith("-"):
            return [flag.name for flag in table.flags if flag.name.startswith(event.symbol)]
        typed = event.line[: len(event.line) - len(event.symbol)].split()[1:]
        return [] if any(not word.startswith("-") for word in typed) else client.poster().targets(event.symbol)


def _brief(error: BaseException) -> BaseException:
    """Shown as its message: a stack of ours tells the person nothing (IPython asks the exception itself)."""
    if isinstance(error, (PostError, PostInterrupted, UsageError)):
        error._render_traceback_ = lambda: [f"{type(error).__name__}: {error}"]  # type: ignore[union-attr]
    return error


def _outside(trace: Optional[TracebackType]) -> Optional[TracebackType]:
    """Without our own frames: those of TITLE's expression are left."""
    while trace is not None and "jupyterpost" in trace.tb_frame.f_globals.get("__name__", ""):
        trace = trace.tb_next
    return trace


def _shown(error: BaseException) -> BaseException:
    """Already shown by the cell in the cell."""
    try:
        error._render_traceback_ = lambda: []  # type: ignore[attr-defined]
    except AttributeError:  # an exception without a dictionary: it is shown twice
        return error
    return error
