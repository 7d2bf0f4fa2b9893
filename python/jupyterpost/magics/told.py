"""How IPython shows an error raised here: a mistake as its message, an error in a person's code
with their own lines only. IPython asks the exception for this by ``_render_traceback_``.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Callable, Optional

from ..posting.error import PostError, PostInterrupted
from .arguments import UsageError
from .interpolation import EXPRESSION


def told(error: BaseException, shell: Any) -> BaseException:
    """What a magic raises: our errors show their message, others the person's frames."""
    if isinstance(error, (PostError, PostInterrupted, UsageError)):
        return _rendered(error, lambda: [f"{type(error).__name__}: {error}"])
    # Already shown by the inner cell.
    return error if hasattr(error, "_render_traceback_") else without_our_frames(error, shell)


def shown(error: BaseException) -> BaseException:
    """For an error that the inner cell has already shown."""
    return _rendered(error, list)


def without_our_frames(error: BaseException, shell: Any) -> BaseException:
    """Shows the person's lines only, without the frames of this package."""

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
    except AttributeError:  # an exception without a __dict__: it is shown like any other
        return error
    return error


def _without_ours(trace: Optional[TracebackType]) -> Optional[TracebackType]:
    """The same traceback without our frames."""
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
