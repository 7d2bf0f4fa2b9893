"""Shows a person's mistake at their own line: the message of our errors is enough, our frames say
nothing more.
"""

from __future__ import annotations

import functools
from typing import Any, Callable, TypeVar

from .error import PostError, PostInterrupted
from .news import tell_news
from .notebook import current_notebook

_Call = TypeVar("_Call", bound=Callable[..., Any])


def at_call(call: _Call) -> _Call:
    """For the functions that people call. A TypeError is always about an attachment. What is new of
    earlier posts is told first.
    """

    @functools.wraps(call)
    def told(*args: Any, **kwargs: Any) -> Any:
        tell_news()
        try:
            return call(*args, **kwargs)
        except (PostError, PostInterrupted, TypeError) as error:
            raise current_notebook().told(error) from None

    return told  # type: ignore[return-value]
