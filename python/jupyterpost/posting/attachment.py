"""Makes content of what a person attaches: a file, or what a notebook would show of it. The type of
a file comes from its bytes, not its name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable
from urllib.parse import unquote, urlsplit

from .asked_value import attribute, has_method
from .disk_file import bytes_of_disk, own_path, whole
from .displayed import Content, displayed, is_displayed
from .error import PostError
from .figures import figures_of, png_of
from .schema import Block, Limits, PostFile, file_block, utf8
from .svg_text import begins_with_svg

# First bytes -> (extension, type). For RIFF, the bytes at 8 say what it is, see _type_of.
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "png", "image/png"),
    (b"\xff\xd8\xff", "jpg", "image/jpeg"),
    (b"GIF8", "gif", "image/gif"),
    (b"%PDF-", "pdf", "application/pdf"),
    (b"PK\x03\x04", "zip", "application/zip"),
    (b"\x1f\x8b", "gz", "application/gzip"),
)
_BYTES = (bytes, bytearray, memoryview)


def attached_content(attachment: Any, limits: Callable[[], Limits]) -> Content:
    """The content of one attachment or of a list. ``limits``: asked for if it is more than files.

    Raises PostError ``bad_attachment``; TypeError, which says which one is of no use.
    """
    if attachment is None:
        return [], []
    values = list(attachment) if isinstance(attachment, (list, tuple)) else [attachment]
    blocks: list[Block] = []
    files: list[PostFile] = []
    # Several axes of one figure are one picture.
    drawn: list[Any] = []
    for place, value in enumerate(values, 1):
        if value is None:
            continue
        for more_blocks, more_files in _contents(value, place, drawn, limits):
            moved = [
                {**block, "file": block["file"] + len(files)} if "file" in block else block
                for block in more_blocks
            ]
            blocks += moved
            files += more_files
    return blocks, files


def is_shown(value: Any) -> bool:
    """Whether a value has more to show than text: in the place of a message, it is attached."""
    return bool(figures_of(value)) or is_displayed(value)


def disk_file(path: Path) -> PostFile:
    """A file on disk, under its own name. Raises PostError ``bad_attachment``, ``too_large``."""
    return _sniffed(bytes_of_disk(path), path.name)


def _contents(
    value: Any, place: int, drawn: list[Any], limits: Callable[[], Limits]
) -> Iterator[Content]:
    name = f"attachment-{place}"
    figures = [] if isinstance(value, (str, *_BYTES)) else figures_of(value)
    if figures:
        for figure in figures:
            if not any(figure is one for one in drawn):
                drawn.append(figure)
                yield _one_file(_sniffed(png_of(figure, place), name))
    elif isinstance(value, _BYTES):
        yield _one_file(_sniffed(bytes(value), name))
    elif isinstance(value, str):
        yield _one_file(_text_file(value, place))
    elif has_method(value, "__fspath__"):
        yield _one_file(disk_file(Path(value)))
    elif has_method(value, "read"):
        yield _one_file(_open_file(value, place))
    else:
        yield displayed(value, place, limits)


def _one_file(file: PostFile) -> Content:
    return [file_block(file, 0)], [file]


def _text_file(text: str, place: int) -> PostFile:
    """A text is the path of a file, or SVG."""
    if begins_with_svg(text[:4096]):
        return _sniffed(utf8(text), f"attachment-{place}")
    if text.startswith("file://"):
        text = unquote(urlsplit(text).path)
    if text.lower().startswith(("http://", "https://")):
        raise PostError(
            "bad_attachment",
            f"Attachment {place} is an address in the web: put it into the message as a link, or fetch it first",
        )
    # A long text with line ends is no path, and not repeated.
    if len(text) > 500 or "\n" in text or "\0" in text:
        raise PostError(
            "bad_attachment",
            f"Attachment {place} is text of {len(text)} characters: expected the path of a file; "
            "text goes into the message, or as a file with .encode()",
        )
    path = own_path(text)
    # Unlike ``path.exists``, this is no error for a text that no path may have.
    if os.path.exists(path) and not path.is_dir():
        return disk_file(path)
    what = "is a folder" if os.path.isdir(path) else f"does not exist in {Path.cwd()}"
    raise PostError(
        "bad_attachment",
        f"Attachment {place}, {text}, {what}: expected the path of a file; text goes into the message",
    )


def _open_file(file: Any, place: int) -> PostFile:
    """What is left to read; all that was written, if the file is in memory."""
    written = attribute(file, "getvalue")
    try:
        content = written() if callable(written) else whole(file, f"attachment {place}")
    except PostError:
        raise
    except (OSError, ValueError) as error:  # not open for reading, or closed
        raise PostError("bad_attachment", f"Attachment {place} cannot be read: {error}") from None
    if isinstance(content, str):
        content = utf8(content)
    if not isinstance(content, _BYTES):
        raise TypeError(f"attachment {place}: expected bytes from its read(), got {type(content).__name__}")
    name = attribute(file, "name")
    own = Path(name).name if isinstance(name, str) else ""
    return _sniffed(bytes(content), own or f"attachment-{place}")


def _sniffed(content: bytes, name: str) -> PostFile:
    """A name without an extension gets that of the true type."""
    if not content:
        raise PostError("bad_attachment", f"The attachment {name} is empty")
    extension, mimetype = _type_of(content)
    named = name if re.search(r"\.\w{1,8}$", name) else f"{name}.{extension}"
    return PostFile(named, mimetype, content)


def _type_of(content: bytes) -> tuple[str, str]:
    for signature, extension, mimetype in _SIGNATURES:
        if content.startswith(signature):
            return extension, mimetype
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp", "image/webp"
    head = content[:4096]
    if begins_with_svg(head.decode("utf-8", "replace")):
        return "svg", "image/svg+xml"
    return ("bin", "application/octet-stream") if b"\0" in head else ("txt", "text/plain")
