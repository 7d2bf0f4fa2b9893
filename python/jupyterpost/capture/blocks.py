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
from collections.abc import Iterator
from typing import Any, Optional

from ..posting.duration import seconds_text
from ..posting.limits import counted_bytes, html_bytes, most_html
from ..posting.schema import LIMITS, Block, Limits, PostFile, utf8
from ..posting.text_units import first_units
from .bundle import is_formula, is_nothing, is_object_name, without_later_frames
from .documents import InlineImage, decoded, html_block, markdown_blocks
from .long_text import long_text
from .outputs import CellOutputs, Output
from .sizes import in_words
from .terminal import BLANK, terminal_text
from .vega import vega_spec

# Mime type -> file extension, best first.
_IMAGES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}

# Only a page with scripts can show these.
_WIDGET = "application/vnd.jupyter.widget-view+json"
_INTERACTIVE = re.compile(r"application/(vnd\.(plotly|vega|vegalite|jupyter\.widget|bokeh).*|javascript)")


def capture_cell(
    cell: CellOutputs, stderr: bool, limits: Limits, unfinished: bool = False
) -> tuple[list[Block], list[PostFile]]:
    """Blocks and files of a cell. Never empty unless ``unfinished``: if a cell showed nothing, a
    notice says so.

    ``stderr``: include it even if the cell did not fail. ``unfinished``: the cell still runs, and
    there is no notice that it showed nothing yet.
    """
    capture = _Capture(limits)
    for output in _join_streams(cell.outputs, stderr or cell.status == "failed"):
        capture.add(output)
    capture.left_out += cell.left_out
    if not capture.blocks and not unfinished:
        capture.blocks.append({"type": "notice", "text": _no_output(cell)})
    if capture.left_out:
        capture.blocks.append({"type": "notice", "text": f"Left out: {'; '.join(capture.left_out)}"})
    return capture.blocks, capture.files


def _join_streams(outputs: list[Output], with_stderr: bool) -> Iterator[Output]:
    """Joins streams that follow each other, so that no line is torn where it was flushed."""
    last: Optional[Output] = None
    for output in outputs:
        if output["type"] == "stream":
            if output["name"] == "stderr" and not with_stderr:
                continue
            if last is not None and last["type"] == "stream" and last["name"] == output["name"]:
                last = {**last, "text": last["text"] + output["text"]}
                continue
        if last is not None:
            yield last
        last = output
    if last is not None:
        yield last


class _Capture:
    def __init__(self, limits: Limits) -> None:
        self.blocks: list[Block] = []
        self.files: list[PostFile] = []
        self.left_out: list[str] = []
        self._limits = limits
        self._file_bytes = 0
        # The rest is for a title and the cell's source.
        self._text_left = limits.text_bytes * LIMITS["capture"]["shareForOutputs"]
        self._html_left = most_html(limits)

    def add(self, output: Output) -> None:
        if output["type"] == "stream":
            self._text(terminal_text(output["text"]), output["name"])
        elif output["type"] == "error":
            self._push(_error_block(output))
        else:
            self._display(output["data"])

    def _push(self, block: Block) -> None:
        """Adds a block of text if it fits. Long plain text becomes a file below its first lines."""
        size, html = counted_bytes([block], self._limits), html_bytes([block])
        if size <= self._text_left and html <= self._html_left:
            self._text_left -= size
            self._html_left -= html
            self.blocks.append(block)
        elif block["type"] == "text":
            self._push_long(block)
        else:
            self.left_out.append(f"{block['type']} of {in_words(max(size, html))}")

    def _push_long(self, block: Block) -> None:
        head, content, cut = long_text(block["text"], self._limits.text_bytes)
        taken = any(file.name == "output.txt" for file in self.files)
        name = self._file_name("txt") if taken else "output.txt"
        shown = {**block, "text": head}
        size = counted_bytes([shown], self._limits)
        if size <= self._text_left:
            self._text_left -= size
            self.blocks += [shown, {"type": "notice", "text": f"The text goes on in {name}"}]
        self._file(PostFile(name, "text/plain", content))
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
            self._image(*vega, _plain(data))
        elif pdf is not None:
            self._image(pdf, "application/pdf", "pdf", _plain(data))
        elif any(_INTERACTIVE.fullmatch(mimetype) for mimetype in data):
            self._interactive(data)
        elif latex is not None:
            self._push({"type": "latex", "text": latex})
        elif markdown is not None:
            for part in markdown_blocks(markdown):
                if isinstance(part, InlineImage):
                    self._image(part.bytes, part.mimetype, part.extension, part.alt)
                else:
                    self._push(part)
        elif html is not None:
            self._push(html_block(without_later_frames(html), _plain(data) or "", self._limits))
        elif "application/json" in data:
            text = json.dumps(data["application/json"], indent=2, ensure_ascii=False)
            self._push({"type": "code", "text": text, "language": "json"})
        else:
            self._plain_or_named(data)

    def _interactive(self, data: dict[str, Any]) -> None:
        """A widget's text says what it is and its value; a plot's is only a name or its data."""
        is_widget = _WIDGET in data
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
        index = self._file(PostFile(self._file_name(extension), mimetype, content), is_image=True)
        if index is not None:
            self.blocks.append({"type": "image", "file": index, **({} if alt is None else {"alt": alt})})

    def _file(self, file: PostFile, is_image: bool = False) -> Optional[int]:
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
        if not is_image:
            self.blocks.append({"type": "file", "file": len(self.files) - 1})
        return len(self.files) - 1

    def _file_name(self, extension: str) -> str:
        return f"output-{len(self.files) + 1}.{extension}"


def _formula_of(data: dict[str, Any]) -> Optional[str]:
    """LaTeX of a document, not a formula, is shown only if there is nothing else."""
    latex = _text_of(data.get("text/latex"))
    return latex if latex is not None and is_formula(latex) else None


def _error_block(output: Output) -> Block:
    name = terminal_text(output["ename"])
    message = terminal_text(output["evalue"]).rstrip(BLANK)
    parts = [terminal_text(part).rstrip(BLANK) for part in output["traceback"]]

    # The block has name and message anyway. In a traceback, a long message may be cut.
    summary = f"{name}: {first_units(message, LIMITS['capture']['comparedMessage'])}".rstrip(BLANK)

    def is_summary(part: str) -> bool:
        return part == name.rstrip(BLANK) or part.startswith(summary)

    if parts and is_summary(parts[-1]):
        parts.pop()
    if parts and is_summary(parts[0]):
        parts.pop(0)
    lines = "\n".join(parts).split("\n")
    # Frames in libraries and in Node mean nothing to a reader in the chat.
    kept = [line for line in lines if not re.match(r"\s+at .*(node:|node_modules)", line)]
    # Only whole blank lines go: frames keep their indentation.
    while kept and not kept[0].strip(BLANK):
        kept.pop(0)
    traceback = "\n".join(kept).rstrip(BLANK)
    return {"type": "error", "name": name, "message": message, "traceback": traceback}


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
