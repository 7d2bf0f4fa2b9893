"""Makes files of what a person attaches. Their type comes from their bytes, not their name."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import Any

from .error import PostError
from .schema import PostFile
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


def attachment_files(attachment: Any) -> list[PostFile]:
    """The files of one attachment or of a list. Raises TypeError, which says which one is wrong."""
    if attachment is None:
        return []
    values = attachment if isinstance(attachment, (list, tuple)) else [attachment]
    return [_attachment_file(value, place) for place, value in enumerate(values, 1)]


def disk_file(path: Path) -> PostFile:
    """A file on disk, under its own name. Raises PostError ``bad_attachment``."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PostError("bad_attachment", f"Cannot attach {path}: {error.strerror or error}") from None
    return _sniffed(content, path.name)


def _attachment_file(value: Any, place: int) -> PostFile:
    name = f"attachment-{place}"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _sniffed(bytes(value), name)
    if isinstance(value, os.PathLike):
        return disk_file(Path(value))
    if callable(getattr(value, "savefig", None)):
        buffer = io.BytesIO()
        value.savefig(buffer, format="png")
        return _sniffed(buffer.getvalue(), name)
    png = getattr(value, "_repr_png_", None)
    shown = png() if callable(png) else None
    if isinstance(shown, tuple):  # with its metadata
        shown = shown[0]
    if isinstance(shown, bytes):
        return _sniffed(shown, name)
    raise TypeError(
        f"attachment {place} must be bytes, a path, a figure with savefig or an image that Jupyter shows as PNG, not "
        f"{type(value).__name__}"
    )


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
