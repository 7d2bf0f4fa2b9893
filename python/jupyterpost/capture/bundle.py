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
_NAME = re.compile(r"<[^<>]*>")
# Scripts for later outputs.
_LOADED = re.compile(r"application/vnd\.(?:bokehjs|holoviews)_load\.v0\+json")
# A plot has a text too; without one it is what HoloViews and Panel set up for all plots.
_SET_UP = "application/vnd.holoviews_exec.v0+json"
# Plotly's scripts, and the element of a plot.
_PLOTLY = ("window.PlotlyConfig", "plotly-graph-div")


def is_formula(latex: str) -> bool:
    """Whether LaTeX is a formula. If not, it is for a document, as a highlighter's ``Verbatim`` or
    a table, and no chat can show it.
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


def is_only_name(text: str) -> bool:
    """Whether a text is only a name, of an object or a figure: ``<Figure size 640x480>``."""
    return _NAME.fullmatch(text.strip(BLANK)) is not None


def is_nothing(data: dict[str, Any]) -> bool:
    """Whether a bundle shows nothing, in a notebook either: it loads a library's scripts, or it is
    the empty line that rich writes after a progress bar.
    """
    if any(_LOADED.fullmatch(mimetype) for mimetype in data):
        return True
    plain, html = data.get("text/plain"), data.get("text/html")
    if plain is None and _SET_UP in data:
        return True
    if not isinstance(html, str):
        return False
    if plain is None and _PLOTLY[0] in html:
        return _PLOTLY[1] not in html
    return isinstance(plain, str) and not plain.strip(BLANK) and _is_empty_line(html.strip(BLANK))


def without_later_frames(html: str) -> str:
    """An animation of matplotlib (``to_jshtml``) with its first picture only, which is what a chat
    shows: all of them are often more than a relay takes. Other HTML stays as it is.
    """
    start = html.find('frames[1] = "')
    if start == -1 or 'var img_id = "' not in html:
        return html
    opening = html.find('"', html.rfind("frames["))
    closing = html.find('"', opening + 1)
    return html if closing == -1 else html[:start] + html[closing + 1 :]


def _is_empty_line(html: str) -> bool:
    end = "</pre>"
    if not html.startswith("<pre") or not html.endswith(end):
        return False
    return not html[html.index(">") + 1 : -len(end)].strip(BLANK)
