"""HTML as tags and text, in one pass whose time is proportional to the length: hostile or broken HTML costs no more than its
size. See ``post/text/html-parts.ts``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, Union

_TAG_NAME = re.compile(r"<(/?)([a-zA-Z][\w-]*)", re.ASCII)
_TAG_MARK = re.compile(r"[>\"']")


@dataclass(frozen=True)
class Tag:
    name: str
    closing: bool
    attributes: str


def scan_html(html: str) -> Iterator[Union[str, Tag]]:
    """Comments are left out; an unclosed comment or tag swallows the rest, as in a browser."""
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
    """Index of the ``>`` that ends a tag, looking past quoted values; -1 if there is none."""
    mark = _TAG_MARK.search(html, start)
    while mark and mark[0] != ">":
        end = html.find(mark[0], mark.end())
        mark = None if end == -1 else _TAG_MARK.search(html, end + 1)
    return mark.start() if mark else -1
