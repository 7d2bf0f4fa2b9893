"""``${expr}`` in a text, with an optional format as in an f-string: ``${loss:.3f}``.

Whether it is an expression, Python's parser decides. ``$x$`` and ``${}^{14}C$`` stay text, ``\\${``
is a literal ``${``, and any other content of ``${...}`` is refused.
"""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from typing import Any, Optional, Union

from .arguments import UsageError

#: The file name of an expression in tracebacks.
EXPRESSION = "<${...}>"
# How many closing braces are tried for one ``${``. Nobody types a line with more.
_MOST_ENDS = 200


@dataclass(frozen=True)
class Fill:
    code: ast.Expression
    text: str
    #: The format after a colon; None if there is none.
    spec: Optional[str]


def parse_interpolation(text: str) -> list[Union[str, Fill]]:
    """Texts and fills in turn. Raises UsageError if a ``${...}`` contains no expression."""
    parts: list[Union[str, Fill]] = []
    piece, offset = "", 0
    while True:
        found = text.find("${", offset)
        if found == -1:
            return [*parts, piece + text[offset:]]
        escaped = found > offset and text[found - 1] == "\\"
        piece += text[offset : found - 1 if escaped else found]
        close = text.find("}", found)
        if escaped or (close != -1 and not text[found + 2 : close].strip()):
            offset = found + 2 if escaped else close + 1
            piece += text[found:offset]
            continue
        fill, end = _fill_at(text, found)
        parts += [piece, fill]
        piece, offset = "", end + 1


def fill_in(parts: list[Union[str, Fill]], scope: dict[str, Any]) -> str:
    """Strings stay as they are; other values look as in an f-string, on one line. If an expression
    raises, that is the cell's error.
    """
    return "".join(part if isinstance(part, str) else _filled(part, scope) for part in parts)


def _filled(fill: Fill, scope: dict[str, Any]) -> str:
    value = eval(compile(fill.code, EXPRESSION, "eval"), scope)
    if inspect.isawaitable(value):
        if inspect.iscoroutine(value):
            value.close()
        raise UsageError(f"`${{{fill.text}}}` is not there yet: await it into a variable in the line before")
    if isinstance(value, str) and fill.spec is None:
        return value
    return " ".join(format(value, fill.spec or "").splitlines())


def _fill_at(text: str, found: int) -> tuple[Fill, int]:
    end = text.find("}", found)
    for _ in range(_MOST_ENDS):
        if end == -1:
            break
        fill = _fill_of(text[found + 2 : end])
        if fill is not None:
            return fill, end
        end = text.find("}", end + 1)
    end = text.find("}", found)
    shown = text[found:] if end == -1 else text[found : end + 1]
    what = "is never closed" if end == -1 else "holds no valid expression"
    raise UsageError(f"`{shown}` {what}. To have `${{` as text, write `\\${{`")


def _fill_of(text: str) -> Optional[Fill]:
    code = _expression(text)
    if code is not None:
        return Fill(code, text, None)
    colon = text.find(":")
    while colon != -1:
        code = _expression(text[:colon])
        if code is not None:
            return Fill(code, text, text[colon + 1 :])
        colon = text.find(":", colon + 1)
    return None


def _expression(text: str) -> Optional[ast.Expression]:
    try:
        return ast.parse(text.strip(), EXPRESSION, "eval")
    except (SyntaxError, ValueError):
        return None
