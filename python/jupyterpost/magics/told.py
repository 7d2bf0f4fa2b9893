"""How IPython shows an error that comes from here: a mistake as its message, what a person's code raised at their lines alone. It
asks the exception itself, by ``_render_traceback_``.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Callable, Optional

from ..posting.error import PostError, PostInterrupted
from .arguments import UsageError
from .interpolation import EXPRESSION


def told(error: BaseException, shell: Any) -> BaseException:
    """For what a magic raises: of ours the message, of what ``${expr}`` raised the person's frames."""
    if isinstance(error, (PostError, PostInterrupted, UsageError)):
        return _rendered(error, lambda: [f"{type(error).__name__}: {error}"])
    # Shown already by the cell in the cell.
    return error if hasattr(error, "_render_traceback_") else without_our_frames(error, shell)


def shown(error: BaseException) -> BaseException:
    """Already shown by the cell in the cell."""
    return _rendered(error, list)


def without_our_frames(error: BaseException, shell: Any) -> BaseException:
    """Shown at the person's lines: those of this package between and below them say nothing."""

    def render() -> Any:
        trace = _without_ours(error.__traceback__)
        if trace is None:
            return [f"{type(error).__name__}: {error}"]
        formatter = shell.InteractiveTB
        return formatter.structured_traceback(type(error), error, trace, formatter.tb_offset)

    return _rendered(error, render)


def _rendered(error: BaseException, render: Callable[[], Any]) -> BaseException:
    try:
        error._render_traceback_ = render  # type: ignore[attr-defined]
    except AttributeError:  # an exception without a dictionary: it is shown as any other
        return error
    return error


def _without_ours(trace: Optional[TracebackType]) -> Optional[TracebackType]:
    """The same traceback, linked anew."""
    if trace is None:
        return None
    rest = _without_ours(trace.tb_next)
    if _is_ours(trace):
        return rest
    trace.tb_next = rest
    return trace


def _is_ours(trace: TracebackType) -> bool:
    name = trace.tb_frame.f_globals.get("__name__", "")
    return name.startswith("jupyterpost.") or trace.tb_frame.f_code.co_filename == EXPRESSION
