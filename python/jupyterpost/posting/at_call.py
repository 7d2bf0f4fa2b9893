"""A person's mistake is shown where they made it: what a call of ours raises says all in its message, our frames nothing."""

from __future__ import annotations

import functools
from typing import Any, Callable, TypeVar

from .error import PostError, PostInterrupted

_Call = TypeVar("_Call", bound=Callable[..., Any])


def _as_it_is(error: BaseException) -> BaseException:
    return error


#: Set where IPython shows errors; it gets each one before it is raised.
show: Callable[[BaseException], BaseException] = _as_it_is


def reset() -> None:
    global show
    show = _as_it_is


def at_call(call: _Call) -> _Call:
    """For what people call. A TypeError is of an attachment."""

    @functools.wraps(call)
    def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return call(*args, **kwargs)
        except (PostError, PostInterrupted, TypeError) as error:
            raise show(error) from None

    return told  # type: ignore[return-value]
