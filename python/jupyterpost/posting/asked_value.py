"""Asks a value of the person for a method or an attribute. Its class may raise anything then, or
have every method that it is asked for, as mocks and the clients of remote services do.
"""

from __future__ import annotations

from typing import Any

# The name by which IPython finds out too that a value has every method.
_NO_METHOD = "_ipython_canary_method_should_not_exist_"


def attribute(value: Any, name: str) -> Any:
    """None if it has none, or if it cannot be asked."""
    try:
        return getattr(value, name, None)
    except Exception:
        return None


def has_method(value: Any, name: str) -> bool:
    """Whether it can be called. Never for a class, and for what has every method."""
    if isinstance(value, type) or not callable(attribute(value, name)):
        return False
    return attribute(value, _NO_METHOD) is None
