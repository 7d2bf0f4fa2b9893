"""What posting needs to know of the notebook that Python runs in: a port. The magics attach a
notebook. Outside a notebook, warnings go to standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, Optional

from .own_bundle import own_bundle
from .receipt import Receipt
from .secret_values import SecretValue


class Notebook:
    """The answers outside of a notebook; a notebook overrides them."""

    #: Whether what runs is a cell.
    has_cells = False

    def name(self) -> Optional[str]:
        """Its file name, without its folders. None if it is not known."""
        return None

    def source(self) -> dict[str, Any]:
        """Where a post comes from: notebook, cell and time."""
        return {}

    def variables(self) -> Iterable[SecretValue]:
        """Variables whose values may be secrets."""
        return ()

    def bundle(self, value: Any) -> dict[str, Any]:
        """What it shows of a value: mime type -> data. Raises what the value's methods raise."""
        return own_bundle(value)

    def warn(self, receipt: Receipt) -> None:
        """Tells the person that a post waits, and what else the receipt says."""
        print(f"jupyterpost: {receipt}", file=sys.stderr)

    def told(self, error: BaseException) -> BaseException:
        """An error of a call, as the person will see it."""
        return error


_OUTSIDE = Notebook()
# The newest is last. A process has one; tests have several, one after the other.
_attached: list[Notebook] = []


def attach_notebook(notebook: Notebook) -> None:
    """From now on, posts come from this notebook."""
    _attached.append(notebook)


def detach_notebook(notebook: Notebook) -> None:
    _attached.remove(notebook)


def current_notebook() -> Notebook:
    """Ask each time: a notebook may be attached later."""
    return next(reversed(_attached), _OUTSIDE)
