"""The magics in one IPython shell: makes their parts, registers them, and takes them back."""

from __future__ import annotations

from typing import Any

from ..posting.notebook import attach_notebook, detach_notebook
from ..posting.watch.watches import watches
from .autopost import Autopost
from .cell_runs import CellRuns
from .complete import TABLES, complete
from .functions import autopost_function, post_function
from .live_start import LiveStart
from .recorder import Recorder
from .shell_notebook import ShellNotebook
from .transform import CellTransform, LineTransform


class PostExtension:
    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self._recorder = Recorder(shell)
        self._notebook = ShellNotebook(shell, self._recorder)
        self._autopost = Autopost(self._notebook.notice)
        self._runs = CellRuns(shell, self._recorder, self._notebook, self._autopost)
        self._transform = CellTransform(self._runs)
        self._start = LiveStart(self._runs.begin_live)

    def load(self) -> None:
        shell = self.shell
        # Hear the cell that loads this from now on.
        self._recorder.begin()
        shell.input_transformers_cleanup.append(self._transform)
        shell.input_transformer_manager.token_transformers.append(LineTransform)
        shell.events.register("pre_run_cell", self._runs.pre_run_cell)
        shell.events.register("post_run_cell", self._runs.post_run_cell)
        shell.ast_transformers.append(self._start)
        post = post_function(shell, self._recorder, self._notebook, self._runs)
        shell.register_magic_function(post, "line_cell", "post")
        autopost = autopost_function(shell, self._recorder, self._autopost)
        shell.register_magic_function(autopost, "line", "autopost")
        for name in TABLES:
            shell.set_hook("complete_command", complete, str_key=name)
        attach_notebook(self._notebook)
        if shell.has_trait("exit_now"):
            shell.observe(_shutdown_requested, "exit_now")

    def unload(self) -> None:
        shell = self.shell
        shell.input_transformers_cleanup.remove(self._transform)
        shell.input_transformer_manager.token_transformers.remove(LineTransform)
        shell.events.unregister("pre_run_cell", self._runs.pre_run_cell)
        shell.events.unregister("post_run_cell", self._runs.post_run_cell)
        # IPython itself removes a transformer that failed.
        if self._start in shell.ast_transformers:
            shell.ast_transformers.remove(self._start)
        detach_notebook(self._notebook)
        if shell.has_trait("exit_now"):
            shell.unobserve(_shutdown_requested, "exit_now")
        for magics in shell.magics_manager.magics.values():
            magics.pop("post", None)
            magics.pop("autopost", None)
        self._recorder.close()


def _shutdown_requested(change: Any) -> None:
    """ipykernel sets this in the thread of its control channel, so while a cell runs, too."""
    if change["new"]:
        watches.shutdown_requested()
