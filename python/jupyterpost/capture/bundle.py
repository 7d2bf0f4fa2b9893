"""What of a bundle says something: some forms of an output are only for a page, or for a LaTeX
document. See ``kernel/src/capture/bundle.ts``.
"""

from __future__ import annotations

import re
from typing import Any

from ..contract import read
from .terminal import BLANK

_TEXT_ENVIRONMENTS = frozenset(read("latex")["textEnvironments"])
_BEGIN = "\\begin{"
# How Python and IPython name an object without a text.
_OBJECT = re.compile(r"<[A-Za-z0-9_.]+ (?:object|at 0x[0-9a-f]+|object at 0x[0-9a-f]+)>", re.IGNORECASE)
# Scripts for later outputs.
_LOADED = re.compile(r"application/vnd\.(?:bokehjs|holoviews)_load\.v0\+json")


def is_formula(latex: str) -> bool:
    """Whether LaTeX is a formula. If not, it is for a document, as the ``Verbatim`` of a highlighter
    or a table, and no chat can show it.
    """
    at = latex.find(_BEGIN)
    while at != -1:
        start = at + len(_BEGIN)
        name = latex[start : start + 32].partition("}")[0]
        if (name[:-1] if name.endswith("*") else name) in _TEXT_ENVIRONMENTS:
            return False
        at = latex.find(_BEGIN, at + 1)
    return True


def is_object_name(text: str) -> bool:
    """Whether a text only names an object: ``<IPython.core.display.Code object>``."""
    return _OBJECT.fullmatch(text.strip(BLANK)) is not None


def is_nothing(data: dict[str, Any]) -> bool:
    """Whether a bundle shows nothing, in a notebook either: it loads scripts, or it is the empty
    line that rich writes after a progress bar.
    """
    if any(_LOADED.fullmatch(mimetype) for mimetype in data):
        return True
    plain, html = data.get("text/plain"), data.get("text/html")
    if not isinstance(plain, str) or plain.strip(BLANK) or not isinstance(html, str):
        return False
    return _is_empty_line(html.strip(BLANK))


def _is_empty_line(html: str) -> bool:
    end = "</pre>"
    if not html.startswith("<pre") or not html.endswith(end):
        return False
    return not html[html.index(">") + 1 : -len(end)].strip(BLANK)
