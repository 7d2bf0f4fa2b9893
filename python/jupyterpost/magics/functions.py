"""The functions that IPython calls for ``%post``, ``%%post`` and ``%autopost``, with their help."""

from __future__ import annotations

from typing import Any, Callable, Optional

from IPython.core.magic import needs_local_scope, no_var_expand

from .arguments import UsageError, usage_text
from .autopost import Autopost
from .cell_runs import CellRuns
from .flags import AUTOPOST, CELL, LINE
from .post_line import post_line
from .recorder import Recorder
from .shell_notebook import ShellNotebook
from .told import told


def post_function(shell: Any, recorder: Recorder, notebook: ShellNotebook, runs: CellRuns) -> Callable[..., None]:
    def run_line(line: str, scope: dict[str, Any]) -> None:
        previous = runs.previous_if_first()
        recorder.drain()
        post_line(line, scope, recorder.outputs(), previous, notebook.notice)

    @no_var_expand  # MESSAGE stays as typed, except for ${expr}
    @needs_local_scope
    def post(line: str, cell: Optional[str] = None, local_ns: Optional[dict[str, Any]] = None) -> None:
        try:
            if cell is None:
                run_line(line, {**shell.user_ns, **(local_ns or {})})
            else:
                runs.run_inside(line, cell)
        except (Exception, KeyboardInterrupt) as error:
            raise told(error, shell) from error.__cause__

    post.__doc__ = f"{LINE.summary}\n\n{usage_text(LINE)}\n\n{usage_text(CELL)}"
    return post


def autopost_function(shell: Any, recorder: Recorder, autopost_of_shell: Autopost) -> Callable[..., None]:
    @no_var_expand
    def autopost(line: str) -> None:
        try:
            autopost_of_shell.set(line, recorder.outputs().execution_count)
        except UsageError as error:
            raise told(error, shell) from None

    autopost.__doc__ = f"{AUTOPOST.summary}\n\n{usage_text(AUTOPOST)}"
    return autopost
