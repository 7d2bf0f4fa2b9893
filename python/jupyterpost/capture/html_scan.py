"""Reads HTML in one pass: its tags, and the text between them. See
``kernel/src/capture/html-table-for-older-relays.ts``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, Union

from .terminal import BLANK

_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}
_ENTITY = re.compile(r"&(#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-zA-Z]{1,31});")
_BLANKS = re.compile(f"[{re.escape(BLANK)}]+")


def plain_text(text: str) -> str:
    """Text between tags as a person reads it, on one line."""
    return _BLANKS.sub(" ", _ENTITY.sub(_entity_text, text)).strip(BLANK)


def _entity_text(match: re.Match[str]) -> str:
    entity = match[1]
    if not entity.startswith("#"):
        return _ENTITIES.get(entity.lower(), match[0])
    code = int(entity[2:], 16) if entity[1] in "xX" else int(entity[1:])
    return chr(code) if 0 < code <= 0x10FFFF else match[0]


_TAG_NAME = re.compile(r"<(/?)([a-zA-Z][\w-]*)", re.ASCII)
_TAG_MARK = re.compile(r"[>\"']")


@dataclass(frozen=True)
class Tag:
    name: str
    closing: bool
    attributes: str


def scan_html(html: str) -> Iterator[Union[str, Tag]]:
    """Tags and text without comments. As in a browser, what is never closed reaches to the end."""
    start, at = 0, html.find("<")
    while at != -1:
        name = _TAG_NAME.match(html, at)
        if html.startswith(("<!", "<?"), at):
            yield html[start:at]
            mark = "-->" if html.startswith("<!--", at) else ">"
            end = html.find(mark, at + 2)
            if end == -1:
                return
            start = end + len(mark)
        elif name:
            yield html[start:at]
            end = _tag_end(html, name.end())
            if end == -1:
                return
            yield Tag(name[2].lower(), name[1] == "/", html[name.end() : end])
            start = end + 1
        at = html.find("<", max(start, at + 1))
    yield html[start:]


def _tag_end(html: str, start: int) -> int:
    """Index of the ``>`` that ends a tag, ignoring those in quoted values; -1 if there is none."""
    mark = _TAG_MARK.search(html, start)
    while mark and mark[0] != ">":
        end = html.find(mark[0], mark.end())
        mark = None if end == -1 else _TAG_MARK.search(html, end + 1)
    return mark.start() if mark else -1
