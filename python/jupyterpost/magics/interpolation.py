"""``${expr}`` in a text, with what an f-string takes after it: ``${loss:.3f}``, ``${name!r:>10}``,
``${loss:{width}.{digits}f}``, ``${loss=}``.

Whether it is an expression, Python's parser decides. ``$x$`` and ``${}^{14}C$`` stay text, ``\\${``
is a literal ``${``, and any other content of ``${...}`` is refused.
"""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import dataclass
from typing import Any, Iterator, Optional, Union

from .arguments import UsageError

#: The file name of an expression in tracebacks.
EXPRESSION = "<${...}>"


_CONVERSIONS = {"r": repr, "s": str, "a": ascii}
# A format may contain fills, and their formats others, as in an f-string.
_MOST_NESTED = 2
# How many beginnings of a ``${`` are tried as its expression.
_MOST_TRIES = 1000
_MARK = re.compile(r"[!:]|=[ ]*(?=[!:]|\Z)")
# What may come after an expression: a conversion and a format.
_AFTER = re.compile(r"(?:!([rsa]))?(?::(.*))?", re.DOTALL)


@dataclass(frozen=True)
class Fill:
    code: ast.Expression
    #: As typed, without the braces.
    text: str
    #: What comes before the value: ``loss=`` for ``${loss=}``.
    label: str = ""
    #: ``r``, ``s`` or ``a`` after an exclamation mark.
    conversion: Optional[str] = None
    #: The format after a colon, texts and fills in turn; None if there is none.
    spec: Optional[list[Union[str, Fill]]] = None


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
    if isinstance(value, str) and fill.spec is None and fill.conversion in (None, "s") and not fill.label:
        return value
    conversion = fill.conversion or ("r" if fill.label and fill.spec is None else None)
    converted = _CONVERSIONS[conversion](value) if conversion else value
    shown = format(converted, fill_in(fill.spec or [], scope))
    return fill.label + " ".join(shown.splitlines())


def _fill_at(text: str, found: int) -> tuple[Fill, int]:
    end = text.find("}", found)
    tries = iter(range(_MOST_TRIES))
    while end != -1 and next(tries, None) is not None:
        fill = _fill_of(text[found + 2 : end], tries)
        if fill is not None:
            return fill, end
        end = text.find("}", end + 1)
    end = text.find("}", found)
    shown = text[found:] if end == -1 else text[found : end + 1]
    what = "is never closed" if end == -1 else "holds no valid expression"
    raise UsageError(f"`{shown}` {what}. To have `${{` as text, write `\\${{`")


def _fill_of(text: str, tries: Iterator[int], nested: int = 0) -> Optional[Fill]:
    code = _expression(text)
    if code is not None:
        return Fill(code, text)
    for mark in _MARK.finditer(text):
        if next(tries, None) is None:
            return None
        fill = _fill_until(text, mark, tries, nested)
        if fill is not None:
            return fill
    return None


def _fill_until(text: str, mark: re.Match[str], tries: Iterator[int], nested: int) -> Optional[Fill]:
    """The fill whose expression ends at the mark; None if it does not end there."""
    label, rest = "", text[mark.start() :]
    if mark[0].startswith("="):
        label, rest = text[: mark.end()], text[mark.end() :]
    after = _AFTER.fullmatch(rest)
    code = _expression(text[: mark.start()]) if after else None
    if after is None or code is None:
        return None
    spec = None if after[2] is None else _spec_of(after[2], tries, nested)
    if after[2] is not None and spec is None:
        return None
    return Fill(code, text, label, after[1], spec)


def _spec_of(text: str, tries: Iterator[int], nested: int) -> Optional[list[Union[str, Fill]]]:
    """A format with its ``{width}``; None if its braces do not match."""
    parts: list[Union[str, Fill]] = []
    offset = 0
    while True:
        began = offset
        start = text.find("{", began)
        if start == -1:
            rest = text[began:]
            return None if "}" in rest else [*parts, rest]
        if nested >= _MOST_NESTED or "}" in text[began:start]:
            return None
        fill, end = None, start
        while fill is None:
            end = text.find("}", end + 1)
            if end == -1 or next(tries, None) is None:
                return None
            fill = _fill_of(text[start + 1 : end], tries, nested + 1)
        parts += [text[began:start], fill]
        offset = end + 1


def _expression(text: str) -> Optional[ast.Expression]:
    try:
        return ast.parse(text.strip(), EXPRESSION, "eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        # The last two tell of operators and brackets that are nested too deep.
        return None
