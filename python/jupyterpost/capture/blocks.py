"""Turns the outputs of a cell into blocks and files of a post, in the order shown (the table in
docs/spec.md 2.1).

Sends originals and text/plain, as the relay converts. What a post cannot take is named in it. See
``kernel/src/capture/blocks.ts``; the cases in ``post/contract/fixtures`` hold both to the same
posts.
"""

from __future__ import annotations

import json
import re
import time
from typing import Any, Optional

from ..posting.duration import seconds_text
from ..posting.schema import Block, Limits, PostFile, utf8
from .bundle import is_formula, is_nothing, is_object_name, without_later_frames
from .documents import InlineImage, decoded, html_block, markdown_blocks
from .error_block import error_block
from .fitted_post import FittedPost
from .left_out import left_out_text
from .macros import with_macros
from .outputs import WIDGET, CellOutputs, Output
from .streams import shown_streams
from .terminal import BLANK, terminal_text
from .tex_macros import MacroBook
from .vega import plot_text, vega_spec

# Mime type -> file extension, best first.
_IMAGES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}

# Only a page with scripts can show these.
_INTERACTIVE = re.compile(r"application/(vnd\.(plotly|vega|vegalite|jupyter\.widget|bokeh).*|javascript)")


def capture_cell(
    cell: CellOutputs, stderr: bool, limits: Limits, unfinished: bool = False
) -> tuple[list[Block], list[PostFile]]:
    """Blocks and files of a cell. Never empty unless ``unfinished``: if a cell showed nothing, a
    notice says so.

    ``stderr``: include it even if the cell did not fail. ``unfinished``: the cell still runs, and
    there is no notice that it showed nothing yet; no text becomes a file, which would be another
    one at the next look.
    """
    post = FittedPost(limits, unfinished)
    capture = _Capture(post, cell.macros)
    for output in shown_streams(cell.outputs, stderr or cell.status == "failed"):
        capture.add(output)
    post.end_rest()
    post.left_out += cell.left_out
    if post.left_out:
        post.blocks.append({"type": "notice", "text": left_out_text(post.left_out)})
    elif not post.blocks and not unfinished:
        post.blocks.append({"type": "notice", "text": _no_output(cell)})
    return post.blocks, post.files


class _Capture:
    def __init__(self, post: FittedPost, macros: Optional[MacroBook]) -> None:
        self._post = post
        self._macros = macros

    def add(self, output: Output) -> None:
        if output["type"] == "stream":
            self._post.text(terminal_text(output["text"]), output["name"])
        elif output["type"] == "error":
            self._post.push(error_block(output))
        else:
            self._display(output["data"])

    def _display(self, data: dict[str, Any]) -> None:
        """Adds the best representation in the bundle."""
        if is_nothing(data):
            return
        for mimetype, extension in _IMAGES.items():
            content = decoded(_text_of(data.get(mimetype)) or "")
            if content is not None:
                self._post.image(content, mimetype, extension, _plain(data))
                return
        svg, markdown, html = (
            _text_of(data.get(mimetype)) for mimetype in ("image/svg+xml", "text/markdown", "text/html")
        )
        vega = vega_spec(data)
        pdf = decoded(_text_of(data.get("application/pdf")) or "")
        latex = _formula_of(data)
        if svg is not None:
            self._post.image(utf8(svg), "image/svg+xml", "svg", _plain(data))
        elif vega is not None:
            self._post.image(*vega, plot_text(_plain(data)))
        elif pdf is not None:
            self._post.image(pdf, "application/pdf", "pdf", _plain(data))
        elif any(_INTERACTIVE.fullmatch(mimetype) for mimetype in data):
            self._interactive(data)
        elif latex is not None:
            self._post.push(with_macros({"type": "latex", "text": latex}, self._macros))
        elif markdown is not None:
            for part in markdown_blocks(markdown):
                if isinstance(part, InlineImage):
                    self._post.image(part.bytes, part.mimetype, part.extension, part.alt)
                else:
                    self._post.push(with_macros(part, self._macros))
        elif html is not None:
            self._post.push(html_block(without_later_frames(html), _plain(data) or "", self._post.limits))
        elif "application/json" in data:
            text = json.dumps(data["application/json"], indent=2, ensure_ascii=False, default=str)
            self._post.push({"type": "code", "text": text, "language": "json"})
        else:
            self._plain_or_named(data)

    def _interactive(self, data: dict[str, Any]) -> None:
        """A widget's text says what it is and its value; a plot's is only a name or its data."""
        is_widget = WIDGET in data
        if is_widget:
            self._post.text(_plain(data) or "", "result")
        what = "Widget" if is_widget else "Interactive plot"
        self._post.push({"type": "notice", "text": f"{what}, see the notebook"})

    def _plain_or_named(self, data: dict[str, Any]) -> None:
        shown = _plain(data)
        latex = _text_of(data.get("text/latex"))
        if latex is not None and (shown is None or is_object_name(shown)):
            self._post.push({"type": "code", "text": latex.strip(BLANK), "language": ""})
        elif shown is not None:
            self._post.text(shown, "result")
        elif data:
            self._post.left_out.append(f"output of type {', '.join(_other_types(data))}")

def _formula_of(data: dict[str, Any]) -> Optional[str]:
    """LaTeX of a document, not a formula, is shown only if there is nothing else."""
    latex = _text_of(data.get("text/latex"))
    return latex if latex is not None and is_formula(latex) else None


def _no_output(cell: CellOutputs) -> str:
    ended = int(time.time() * 1000) if cell.ended_at is None else cell.ended_at
    return f"No output ({seconds_text(ended - cell.started_at)})"


def _plain(data: dict[str, Any]) -> Optional[str]:
    shown = _text_of(data.get("text/plain"))
    if shown is None or shown in [f"[{mimetype}]" for mimetype in _other_types(data)]:
        return None
    return terminal_text(shown)


def _other_types(data: dict[str, Any]) -> list[str]:
    return [mimetype for mimetype in data if mimetype != "text/plain"]


def _text_of(value: Any) -> Optional[str]:
    """A text in a bundle: a string, or a list of lines, as nbformat allows. None if it is empty."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return None
