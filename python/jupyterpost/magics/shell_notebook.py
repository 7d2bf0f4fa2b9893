"""An IPython shell as the notebook that posts come from, with a way to show something in it."""

from __future__ import annotations

from typing import Any, Optional

from ..posting.notebook import Notebook
from ..posting.receipt import NOTICE, Receipt
from ..posting.secret_values import SecretValue, is_secret_name
from .notebook_name import notebook_name
from .recorder import Recorder
from .sending import source_of
from .told import without_our_frames


class ShellNotebook(Notebook):
    has_cells = True

    def __init__(self, shell: Any, recorder: Recorder) -> None:
        self._shell = shell
        self._recorder = recorder
        #: Value -> name of the variable that has or had it.
        self._secrets: dict[str, str] = {}

    def notice(self, bundle: dict[str, str]) -> None:
        """Shows something that belongs to jupyterpost, not to the cell; it is never captured."""
        self._shell.display_pub.publish(data=bundle, metadata=NOTICE)

    def name(self) -> Optional[str]:
        return notebook_name(self._shell.user_ns)

    def source(self) -> dict[str, Any]:
        """For a ``post()`` in a cell: the cell's place and time."""
        return source_of(self._recorder.outputs()) if self._recorder.is_recording else {}

    def variables(self) -> list[SecretValue]:
        """String variables whose names say that they are secret, with those of earlier cells."""
        for name, value in list(self._shell.user_ns.items()):
            if isinstance(value, str) and is_secret_name(name):
                self._secrets[value] = name
        # A copy: other threads post too.
        return [(name, value) for value, name in list(self._secrets.items())]

    def bundle(self, value: Any) -> dict[str, Any]:
        shown, _ = self._shell.display_formatter.format(value)
        # Values that display themselves give the shell nothing.
        return shown or super().bundle(value)

    def warn(self, receipt: Receipt) -> None:
        self.notice(receipt.bundle())

    def told(self, error: BaseException) -> BaseException:
        return without_our_frames(error, self._shell)
