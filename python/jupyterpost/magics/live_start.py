"""Where a ``--live`` post is started: when the cell is compiled and before its first statement, so that a target that is
refused is told and nothing runs. IPython lets a transformer of the syntax tree reject a cell; a hook of its events could not.
"""

from __future__ import annotations

import ast
from typing import Callable

from IPython.core.error import InputRejected

from ..posting.error import PostError, PostInterrupted


class LiveStart:
    """Begins with the first tree of a cell; leaves each as it is."""

    def __init__(self, begin: Callable[[], None]) -> None:
        self._begin = begin

    def visit(self, tree: ast.AST) -> ast.AST:
        try:
            self._begin()
        except (PostError, PostInterrupted) as error:
            raise _rejection(error) from None
        return tree


def _rejection(error: BaseException) -> InputRejected:
    """Named as what it is, and shown as its message."""
    rejected = type(type(error).__name__, (InputRejected,), {})(str(error))
    rejected._render_traceback_ = lambda: [f"{type(error).__name__}: {error}"]
    return rejected
