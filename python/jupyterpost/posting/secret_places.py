"""Finds secrets in a text, by how they look and by their values, even if colour codes, invisible
characters or tags stand inside them.

See ``post/secrets/places.ts``. How secrets look is a table of the contract, ``secret-shapes.json``.
"""

from __future__ import annotations

import html
import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Optional
from urllib.parse import quote

from .schema import utf8
from .secret_values import SecretValue, secret_rules
from .text_units import BLANK, units


@dataclass
class SecretPlace:
    start: int
    end: int
    kind: str
    #: The secret is part of a URL, so the mask has to be one word.
    inline: bool


@dataclass(frozen=True)
class _Shape:
    kind: str
    hints: list[str]
    pattern: re.Pattern[str]
    word: bool
    inline: bool
    #: Literal text that every match begins with. Only for shapes that must start a word.
    prefix: Optional[str]


# Colours, titles and links of terminals (ECMA-48), characters without width, and NUL, which the
# relay takes out.
UNSEEN = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"
    "|\x1b\\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\\\)"
    "|[\0\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
# Cells of a table are texts of their own.
# Backslashes of TeX and markdown are not shown: ``ghp\_``.
UNSEEN_ESCAPES = re.compile(r"\\(?=[!-/:-@\[-`{-~])|" + UNSEEN.pattern)
UNSEEN_IN_MARKUP = re.compile(f"<(?!/?[tT][dDhHrR][\\s>])[^<>]{{0,4096}}>|{UNSEEN.pattern}")

_ALNUM = re.compile(r"[A-Za-z0-9]")
_WORD_END = "(?![A-Za-z0-9])"
# An escape of JSON or of a URL before a word does not belong to it: "a\nTOKEN", %3DTOKEN.
_ESCAPE_BEFORE = re.compile(r"(?:\\[bfnrt]|%[0-9A-Fa-f]{2}|\\(?:x1b|u001b|033)\[[0-9;]{0,12}m)\Z")


@lru_cache(maxsize=None)
def _shapes() -> list[_Shape]:
    """Made when the first post is masked: many programs import the package and never post."""
    return [_shape(row) for row in secret_rules()["shapes"]]


def _shape(row: dict[str, Any]) -> _Shape:
    hints, word = row.get("hints", []), row.get("word", False)
    source = _with_blanks(re.sub(r"\(\?<(?![=!])", "(?P<", row["pattern"]))
    pattern = re.compile(
        source + _WORD_END if word else source, re.ASCII | (re.IGNORECASE if row.get("ignoreCase") else 0)
    )
    begins_with_hint = len(hints) == 1 and re.sub(r"^\(\?<!\[[^\]]*\]\)", "", source).startswith(hints[0])
    prefix = hints[0] if word and begins_with_hint else None
    return _Shape(row["kind"], hints, pattern, word, row.get("inline", False), prefix)


def _with_blanks(pattern: str) -> str:
    """With JavaScript's blanks for ``\\s`` and ``\\S``, which in ASCII are fewer."""
    parts, in_class = [], False
    for token in re.findall(r"\\.|[^\\]", pattern, re.DOTALL):
        if token in "[]":
            in_class = token == "["
        if token == r"\s":
            token = BLANK if in_class else f"[{BLANK}]"
        elif token == r"\S":
            token = f"[^{BLANK}]"
        parts.append(token)
    return "".join(parts)


def secret_places(text: str, values: Iterable[SecretValue], unseen: re.Pattern[str]) -> list[SecretPlace]:
    """In order and without overlaps. What ``unseen`` finds may stand inside a secret."""
    # Most table cells are too short: trying a hundred patterns on each would take seconds.
    shortest = secret_rules()["shortestText"]
    if len(text) < shortest and units(text) < shortest:
        return []
    places = _places_seen(text, UNSEEN, values)
    if unseen is not UNSEEN:
        places += _places_seen(text, unseen, values)
    return _merged(places)


def _places_seen(text: str, unseen: re.Pattern[str], values: Iterable[SecretValue]) -> list[SecretPlace]:
    starts, offsets, parts, length, end = [], [], [], 0, 0
    for first, last in [*(match.span() for match in unseen.finditer(text)), (len(text), len(text))]:
        if first > end:
            starts.append(length)
            offsets.append(end)
            parts.append(text[end:first])
            length += first - end
        end = last

    def offset(index: int) -> int:
        part = bisect_right(starts, index) - 1
        return index - starts[part] + offsets[part]

    return [
        SecretPlace(offset(place.start), offset(place.end - 1) + 1, place.kind, place.inline)
        for place in _places_in("".join(parts), values)
    ]


def _places_in(text: str, values: Iterable[SecretValue]) -> Iterator[SecretPlace]:
    for shape in _shapes():
        if not shape.hints or any(hint in text for hint in shape.hints):
            for match in _matches(shape, text):
                name = next((name for name, group in match.groupdict().items() if group is not None), None)
                start, end = match.span(name) if name else match.span()
                yield SecretPlace(start, end, shape.kind, shape.inline)
    for name, value in values:
        for form in _forms_of(value):
            at = text.find(form)
            while at != -1:
                yield SecretPlace(at, at + len(form), name, False)
                at = text.find(form, at + len(form))


def _matches(shape: _Shape, text: str) -> Iterator[re.Match[str]]:
    position = 0
    while True:
        start = _candidate(shape, text, position)
        match = None if start is None else shape.pattern.search(text, start)
        if match is None:
            return
        start = match.start()
        if shape.word and not _starts_word(text, start):
            position = start + 1
            continue
        yield match
        position = max(match.end(), start + 1)


def _candidate(shape: _Shape, text: str, position: int) -> Optional[int]:
    """Where to search for the next match. A shape with a prefix is tried only where a word starts:
    hostile text may repeat the prefix at every letter, and each would be scanned to the end of its
    run.
    """
    if shape.prefix is None:
        return position
    at = text.find(shape.prefix, position)
    while at != -1 and not (_starts_word(text, at) and shape.pattern.match(text, at)):
        at = text.find(shape.prefix, at + 1)
    return None if at == -1 else at


def _starts_word(text: str, start: int) -> bool:
    if start == 0 or not _ALNUM.match(text[start - 1]):
        return True
    before = text[max(0, start - 24) : start]
    # Most text has neither, and this check is faster than the pattern.
    return ("\\" in before or "%" in before) and _ESCAPE_BEFORE.search(before) is not None


def _forms_of(value: str) -> set[str]:
    """The value as it is, and as it looks in JSON, URLs and HTML."""
    markup = html.escape(value, quote=False)
    return {
        value,
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(value)[1:-1],
        repr(value)[1:-1],
        quote(utf8(value), safe="!'()*-._~"),
        markup,
        markup.replace('"', "&quot;").replace("'", "&#39;"),
    }


def _merged(places: list[SecretPlace]) -> list[SecretPlace]:
    """Joins places that overlap. The kind is that of the first one, or of the longest if they start
    together.
    """
    result: list[SecretPlace] = []
    for place in sorted(places, key=lambda place: (place.start, -place.end)):
        if not result or place.start >= result[-1].end:
            result.append(place)
            continue
        result[-1].end = max(result[-1].end, place.end)
        result[-1].inline = result[-1].inline or place.inline
    return result
