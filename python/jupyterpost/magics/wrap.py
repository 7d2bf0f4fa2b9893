"""A method of one object, replaced until it is put back."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Optional


class Wrap:
    """The method is replaced by ``wrapper(original, ...)`` until ``undo``."""

    def __init__(self, owner: Any, name: str, wrapper: Callable[..., Any]) -> None:
        self._owner, self._name = owner, name
        self._before = getattr(owner, "__dict__", {}).get(name)
        self._wrapped: Optional[Callable[..., Any]]
        try:
            self._wrapped = partial(wrapper, getattr(owner, name))
            setattr(owner, name, self._wrapped)
        except AttributeError:  # there is no such stream, or its class has slots: we cannot hear it
            self._wrapped = None

    def undo(self) -> None:
        # If someone wrapped it after us, our wrapper stays below theirs.
        if self._wrapped is None or getattr(self._owner, "__dict__", {}).get(self._name) is not self._wrapped:
            return
        if self._before is None:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, self._before)
