"""What became of earlier posts: told with the next cell, or with the next call of a program."""

from __future__ import annotations

import threading

from .notebook import current_notebook
from .receipt import Receipt

_lines: list[str] = []
_changing = threading.Lock()


def add_news(line: str) -> None:
    """May be called in any thread."""
    with _changing:
        _lines.append(line)


def tell_news() -> None:
    """Tells the person what is new, once."""
    with _changing:
        lines = list(_lines)
        _lines.clear()
    if lines:
        current_notebook().warn(Receipt([], notices=lines))
