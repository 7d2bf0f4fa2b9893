"""Whether a text is SVG, in one pass. See ``post/text/svg-tags.ts``."""

from __future__ import annotations

import re
from typing import Optional

_BLANKS = re.compile(r"[\s\ufeff]*")
_SVG = re.compile(r"<svg[\s>]", re.IGNORECASE)
_DOCTYPE_MARK = re.compile(r"[\[>]")
_DOCTYPE = re.compile(r"<!DOCTYPE", re.IGNORECASE)


def begins_with_svg(head: str) -> bool:
    """Whether ``<svg>`` comes first, not counting declaration, comments and document type."""
    at = _BLANKS.match(head).end()
    end = _prolog_end(head, at)
    while end is not None:
        if end == -1:
            return False
        at = _BLANKS.match(head, end).end()
        end = _prolog_end(head, at)
    return _SVG.match(head, at) is not None


def _prolog_end(text: str, at: int) -> Optional[int]:
    """The end of the ``<?...?>``, ``<!--...-->`` or ``<!DOCTYPE...>`` at ``at``; -1 if it has none,
    None if there is nothing of the kind.
    """

    def behind(mark: str, start: int) -> int:
        found = text.find(mark, start)
        return -1 if found == -1 else found + len(mark)

    if text.startswith("<?", at):
        return behind("?>", at)
    if text.startswith("<!--", at):
        return behind("-->", at + 4)
    if not _DOCTYPE.match(text, at):
        return None
    mark = _DOCTYPE_MARK.search(text, at)
    if mark is None or mark[0] == ">":
        return mark.end() if mark else -1
    # The document type's own declarations, in brackets.
    close = text.find("]", mark.end())
    return -1 if close == -1 else behind(">", close)
