"""The notebook that Python runs in, as far as posting asks for it: a port. The magics attach a notebook; outside of one there
is only standard error to warn on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from .receipt import Receipt
from .secret_values import SecretValue


class Notebook:
    """None: what is asked for outside of a notebook."""

    def source(self) -> dict[str, Any]:
        """Where a post comes from: notebook, cell and time."""
        return {}

    def variables(self) -> Iterable[SecretValue]:
        """Variables whose values may be secrets."""
        return ()

    def warn(self, receipt: Receipt) -> None:
        """Tells the person that a post waits, or what else the receipt notices."""
        print(f"jupyterpost: {receipt}", file=sys.stderr)

    def told(self, error: BaseException) -> BaseException:
        """An error of a call, as it is raised to the person."""
        return error


_OUTSIDE = Notebook()
# The newest is last. A process has one, or a few one after the other in tests.
_attached: list[Notebook] = []


def attach_notebook(notebook: Notebook) -> None:
    """Posts come from this notebook from now on."""
    _attached.append(notebook)


def detach_notebook(notebook: Notebook) -> None:
    _attached.remove(notebook)


def current_notebook() -> Notebook:
    """Ask anew each time: a notebook may be attached after a post was made."""
    return next(reversed(_attached), _OUTSIDE)
