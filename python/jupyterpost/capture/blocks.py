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
from ..posting.limits import counted_bytes, html_bytes, most_html
from ..posting.schema import LIMITS, Block, Limits, PostFile, utf8
from .bundle import is_formula, is_nothing, is_object_name, without_later_frames
from .documents import InlineImage, decoded, html_block, markdown_blocks
from .error_block import error_block
from .left_out import has_words, left_out_text
from .long_text import EXTENSIONS, ends_of, has_ends, long_text, whole_text
from .macros import with_macros
from .outputs import WIDGET, CellOutputs, Output
from .sizes import in_words
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
    capture = _Capture(limits, unfinished, cell.macros)
    for output in shown_streams(cell.outputs, stderr or cell.status == "failed"):
        capture.add(output)
    capture.end_rest()
    capture.left_out += cell.left_out
    if not capture.blocks and not unfinished:
        capture.blocks.append({"type": "notice", "text": _no_output(cell)})
    if capture.left_out:
        capture.blocks.append({"type": "notice", "text": left_out_text(capture.left_out)})
    return capture.blocks, capture.files


class _Capture:
    def __init__(self, limits: Limits, unfinished: bool, macros: Optional[MacroBook]) -> None:
        self._macros = macros
        self.blocks: list[Block] = []
        self.files: list[PostFile] = []
        self.left_out: list[str] = []
        self._limits = limits
        self._unfinished = unfinished
        self._file_bytes = 0
        # The rest is for a title and the cell's source.
        self._text_left = limits.text_bytes * LIMITS["capture"]["shareForOutputs"]
        self._html_left = most_html(limits)
        # Kept, of the text that is left, for errors and the ends of long text.
        self._for_ends = limits.text_bytes * LIMITS["capture"]["shareForEnds"]
        # Short texts that came when there was no room any more.
        self._rest: list[str] = []
        self._text_files = 0

    def add(self, output: Output) -> None:
        if output["type"] == "stream":
            self._text(terminal_text(output["text"]), output["name"])
        elif output["type"] == "error":
            self._push(error_block(output))
        else:
            self._display(output["data"])

    def _push(self, block: Block) -> None:
        """Adds a block of text if it fits. Shows the ends of longer text, which becomes a file."""
        size, html = counted_bytes([block], self._limits), html_bytes([block])
        # The end is what people look for: an error is shown however much came before it.
        is_error = block["type"] == "error"
        if is_error:
            self.end_rest()
        room = self._text_left if is_error else self._text_left - self._for_ends
        if size <= room and html <= self._html_left and not self._rest:
            self._text_left -= size
            self._html_left -= html
            self.blocks.append(block)
        elif block["type"] == "html" and has_words(block["text"]):
            self.left_out.append(f"html of {in_words(max(size, html))}, shown as text")
            self._text(block["text"], "result")
        elif block["type"] in EXTENSIONS:
            is_own = has_ends(size) and self._text_files < LIMITS["capture"]["textFiles"]
            if is_error or is_own:
                self._push_long(block)
            else:
                self._rest.append(whole_text(block))
        else:
            self.left_out.append(f"{block['type']} of {in_words(max(size, html))}")

    def end_rest(self) -> None:
        """Shows the ends of the texts that had no room, which are in a file together."""
        text, self._rest = "\n".join(self._rest), []
        if text:
            self._push_long({"type": "text", "text": text, "stream": "result"})

    def _push_long(self, block: Block) -> None:
        self._text_files += 1
        content, cut = long_text(whole_text(block), self._limits.text_bytes)
        extension = EXTENSIONS[block["type"]]
        is_first = extension == "txt" and all(file.name != "output.txt" for file in self.files)
        name = "output.txt" if is_first else self._file_name(extension)
        index = None if self._unfinished else self._file(PostFile(name, "text/plain", content))
        shown = ends_of(block)
        size = counted_bytes([shown], self._limits)
        if size <= self._text_left:
            self._text_left -= size
            self.blocks.append(shown)
        if index is None:
            return
        self.blocks.append({"type": "notice", "text": f"The whole text is in {name}"})
        self.blocks.append({"type": "file", "file": index})
        if cut is not None:
            self.left_out.append(f"{cut} from the middle of {name}")

    def _text(self, text: str, stream: str) -> None:
        trimmed = text.lstrip("\n").rstrip(BLANK)
        if trimmed:
            self._push({"type": "text", "text": trimmed, "stream": stream})

    def _display(self, data: dict[str, Any]) -> None:
        """Adds the best representation in the bundle."""
        if is_nothing(data):
            return
        for mimetype, extension in _IMAGES.items():
            content = decoded(_text_of(data.get(mimetype)) or "")
            if content is not None:
                self._image(content, mimetype, extension, _plain(data))
                return
        svg, markdown, html = (
            _text_of(data.get(mimetype)) for mimetype in ("image/svg+xml", "text/markdown", "text/html")
        )
        vega = vega_spec(data)
        pdf = decoded(_text_of(data.get("application/pdf")) or "")
        latex = _formula_of(data)
        if svg is not None:
            self._image(utf8(svg), "image/svg+xml", "svg", _plain(data))
        elif vega is not None:
            self._image(*vega, plot_text(_plain(data)))
        elif pdf is not None:
            self._image(pdf, "application/pdf", "pdf", _plain(data))
        elif any(_INTERACTIVE.fullmatch(mimetype) for mimetype in data):
            self._interactive(data)
        elif latex is not None:
            self._push(with_macros({"type": "latex", "text": latex}, self._macros))
        elif markdown is not None:
            for part in markdown_blocks(markdown):
                if isinstance(part, InlineImage):
                    self._image(part.bytes, part.mimetype, part.extension, part.alt)
                else:
                    self._push(with_macros(part, self._macros))
        elif html is not None:
            self._push(html_block(without_later_frames(html), _plain(data) or "", self._limits))
        elif "application/json" in data:
            text = json.dumps(data["application/json"], indent=2, ensure_ascii=False, default=str)
            self._push({"type": "code", "text": text, "language": "json"})
        else:
            self._plain_or_named(data)

    def _interactive(self, data: dict[str, Any]) -> None:
        """A widget's text says what it is and its value; a plot's is only a name or its data."""
        is_widget = WIDGET in data
        if is_widget:
            self._text(_plain(data) or "", "result")
        what = "Widget" if is_widget else "Interactive plot"
        self._push({"type": "notice", "text": f"{what}, see the notebook"})

    def _plain_or_named(self, data: dict[str, Any]) -> None:
        shown = _plain(data)
        latex = _text_of(data.get("text/latex"))
        if latex is not None and (shown is None or is_object_name(shown)):
            self._push({"type": "code", "text": latex.strip(BLANK), "language": ""})
        elif shown is not None:
            self._text(shown, "result")
        elif data:
            self.left_out.append(f"output of type {', '.join(_other_types(data))}")

    def _image(self, content: bytes, mimetype: str, extension: str, alt: Optional[str]) -> None:
        index = self._file(PostFile(self._file_name(extension), mimetype, content))
        if index is not None:
            self.blocks.append({"type": "image", "file": index, **({} if alt is None else {"alt": alt})})

    def _file(self, file: PostFile) -> Optional[int]:
        """Index of the file. None if it is over a limit; then it is named as left out."""
        size, limits = len(file.bytes), self._limits
        # Keeps space for text: a post with too many pictures still shows what was printed.
        room = limits.post_bytes - min(limits.text_bytes * 2, limits.post_bytes / 2)
        fits = len(self.files) < limits.files and self._file_bytes + size <= room
        if not fits or size > limits.file_bytes:
            self.left_out.append(f"{file.name} ({in_words(size)})")
            return None
        self._file_bytes += size
        self.files.append(file)
        return len(self.files) - 1

    def _file_name(self, extension: str) -> str:
        return f"output-{len(self.files) + 1}.{extension}"


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
