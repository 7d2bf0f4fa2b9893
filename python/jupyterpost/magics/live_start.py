"""When a ``--live`` post starts: after the cell is compiled, before its first statement.

So a refused target is an error, and nothing runs. IPython lets a transformer of the syntax tree
reject a cell; a hook for its events could not.
"""

from __future__ import annotations

import ast
from typing import Callable

from IPython.core.error import InputRejected

from ..posting.error import PostError, PostInterrupted


class LiveStart:
    """Calls ``begin`` when it sees a tree of a cell, which it does not change."""

    def __init__(self, begin: Callable[[], None]) -> None:
        self._begin = begin

    def visit(self, tree: ast.AST) -> ast.AST:
        try:
            self._begin()
        except (PostError, PostInterrupted) as error:
            raise _rejection(error) from None
        return tree


def _rejection(error: BaseException) -> InputRejected:
    """Has the name of the error, and is shown as its message."""
    rejected = type(type(error).__name__, (InputRejected,), {})(str(error))
    rejected._render_traceback_ = lambda: [f"{type(error).__name__}: {error}"]
    return rejected
