"""Turns markdown and HTML that a cell displayed into blocks. Images inside markdown become files;
the relay reads HTML. See ``kernel/src/capture/documents.ts``.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Optional, Union

from ..posting.schema import Block, Limits
from .html_table_for_older_relays import simple_table
from .terminal import BLANK


@dataclass(frozen=True)
class InlineImage:
    bytes: bytes
    mimetype: str
    extension: str
    alt: str


# ![alt](data:image/png;base64, after which the image is read up to where it ends.
_DATA_IMAGE = re.compile(r"!\[([^\][]*)\]\(\s*<?data:image/(png|jpeg|gif|webp);base64,")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
# The end of an image, with an optional title.
_IMAGE_END = re.compile(r">?\s*(?:\"[^\"]*\"\s*)?\)")


def markdown_blocks(markdown: str) -> list[Union[Block, InlineImage]]:
    """The markdown in pieces: text, and the ``data:`` images between."""
    parts: list[Union[Block, InlineImage]] = []
    end = 0
    for head in _DATA_IMAGE.finditer(markdown):
        encoded = _BASE64.match(markdown, head.end())
        close = _IMAGE_END.match(markdown, encoded.end()) if encoded else None
        if encoded is None or close is None:
            continue
        parts += _text_part(markdown[end : head.start()])
        end = close.end()
        alt, kind = head.groups()
        extension = "jpg" if kind == "jpeg" else kind
        parts.append(InlineImage(decoded(encoded[0]) or b"", f"image/{kind}", extension, alt))
    return parts + _text_part(markdown[end:])


def decoded(base64_text: str) -> Optional[bytes]:
    """Decodes base64 as tolerantly as Node: blanks and missing padding are fine. None if empty."""
    clean = re.sub(r"[^A-Za-z0-9+/]", "", base64_text.replace("-", "+").replace("_", "/").partition("=")[0])
    try:
        content = base64.b64decode(clean[: len(clean) - (len(clean) % 4 == 1)] + "=" * (-len(clean) % 4))
    except binascii.Error:
        return None
    return content or None


def html_block(html: str, plain: str, limits: Limits) -> Block:
    """HTML as it is, with its text/plain unless that is the same. Older relays get tables."""
    table = None if limits.html else simple_table(html)
    if table is None:
        return {"type": "html", "html": html, "text": "" if plain == html else plain}
    columns, rows = table
    return {"type": "table", "columns": columns, "rows": rows}


def _text_part(text: str) -> list[Block]:
    if not text.strip(BLANK):
        return []
    return [{"type": "markdown", "text": re.sub(r"^ {0,3}(?=\S)|^\n+", "", text).rstrip(BLANK)}]
