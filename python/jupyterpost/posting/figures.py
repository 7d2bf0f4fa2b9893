"""Finds the figures of matplotlib and its kin in what their functions return: a figure, axes, an
array of axes, a line, a bar. Known by their methods, so that no library is imported.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from .asked_value import attribute, has_method
from .error import PostError

#: From an artist over its subfigures to the figure.
_MOST_STEPS = 5
#: Axes of an array, and artists of a container, that are looked at.
_MOST_PARTS = 1000


def figures_of(value: Any) -> list[Any]:
    """Figures that can be drawn, each once; none if the value is of another kind."""
    figure = _figure_of(value)
    if figure is not None:
        return [figure]
    found: list[Any] = []
    for part in _parts(value):
        figure = _figure_of(part)
        if figure is None:
            return []
        if not any(figure is one for one in found):
            found.append(figure)
    return found


def png_of(figure: Any, place: int) -> bytes:
    """Raises PostError ``bad_attachment`` if it cannot be drawn."""
    buffer = io.BytesIO()
    try:
        figure.savefig(buffer, format="png")
    except Exception as error:
        kind = type(error).__name__
        raise PostError("bad_attachment", f"Attachment {place} cannot be drawn: {kind}: {error}") from None
    return buffer.getvalue()


def _figure_of(value: Any) -> Any:
    for _ in range(_MOST_STEPS):
        if value is None or isinstance(value, type):
            return None
        if has_method(value, "savefig"):
            return value
        value = attribute(value, "figure")
    return None


def _parts(value: Any) -> Iterable[Any]:
    """Of an array of objects, as ``plt.subplots`` returns, or of a container of bars."""
    if isinstance(value, (list, tuple)):
        return value[:_MOST_PARTS]
    kind, size = attribute(attribute(value, "dtype"), "kind"), attribute(value, "size")
    flat = attribute(value, "flat")
    is_array = isinstance(kind, str) and kind == "O" and isinstance(size, int) and flat is not None
    return list(flat) if is_array and size <= _MOST_PARTS else []
