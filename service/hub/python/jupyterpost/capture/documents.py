"""Markdown and HTML that a cell displayed -> blocks: images inside markdown become files, a table becomes a table.

See ``capture/documents.ts``.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Optional, Union

from ..posting.schema import Block
from .terminal import BLANK


@dataclass(frozen=True)
class InlineImage:
    bytes: bytes
    mimetype: str
    extension: str
    alt: str


# ![alt](data:image/png;base64,...), with an optional title.
_DATA_IMAGE = re.compile(
    r"!\[([^\]]*)\]\(\s*<?data:image/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/=\s]+?)>?(?:\s+\"[^\"]*\")?\s*\)"
)


def markdown_blocks(markdown: str) -> list[Union[Block, InlineImage]]:
    """Markdown in pieces: text, and the ``data:`` images between."""
    parts: list[Union[Block, InlineImage]] = []
    end = 0
    for match in _DATA_IMAGE.finditer(markdown):
        parts += _text_part(markdown[end : match.start()])
        end = match.end()
        alt, kind, encoded = match.groups()
        extension = "jpg" if kind == "jpeg" else kind
        parts.append(InlineImage(decoded(encoded) or b"", f"image/{kind}", extension, alt))
    return parts + _text_part(markdown[end:])


def decoded(base64_text: str) -> Optional[bytes]:
    """Bytes of base64, as lenient as Node's: blanks and missing padding are fine. None if there are none."""
    clean = re.sub(r"[^A-Za-z0-9+/]", "", base64_text.replace("-", "+").replace("_", "/").partition("=")[0])
    try:
        content = base64.b64decode(clean[: len(clean) - (len(clean) % 4 == 1)] + "=" * (-len(clean) % 4))
    except binascii.Error:
        return None
    return content or None


def html_block(html: str, plain: str) -> Block:
    """A document that is one simple table becomes a ``table``; any other HTML keeps its text/plain beside it."""
    return _table_block(html) or {"type": "html", "html": html, "text": plain}


def _text_part(text: str) -> list[Block]:
    if not text.strip(BLANK):
        return []
    return [{"type": "markdown", "text": re.sub(r"^ {0,3}(?=\S)|^\n+", "", text).rstrip(BLANK)}]


_TABLE = re.compile(r"<table\b[^>]*>(.*?)</table>", re.IGNORECASE | re.DOTALL)
_ROW = re.compile(r"<tr\b[^>]*>(.*?)(?=<tr\b|</tr>|</t(?:head|body|foot)>|\Z)", re.IGNORECASE | re.DOTALL)
_CELL = re.compile(r"<t[dh]\b[^>]*>(.*?)(?=<t[dh]\b|</t[dh]>|\Z)", re.IGNORECASE | re.DOTALL)
_NOT_SIMPLE = re.compile(r"<table\b|(?:col|row)span\s*=\s*[\"']?[2-9]", re.IGNORECASE)
_STYLE = re.compile(r"<style\b.*?</style>", re.IGNORECASE | re.DOTALL)


def _table_block(html: str) -> Optional[Block]:
    tables = _TABLE.findall(html)
    # Joined and nested cells, and text around the table, would be lost: that stays HTML.
    if len(tables) != 1 or _NOT_SIMPLE.search(tables[0]):
        return None
    around = _STYLE.sub("", _TABLE.sub("", html, count=1))
    if _text_of(around) or re.search(r"<(?:img|svg|script|iframe)\b", html, re.IGNORECASE):
        return None
    rows = [
        (re.search(r"<td\b", row, re.IGNORECASE) is None, [_text_of(cell) for cell in _CELL.findall(row)])
        for row in _ROW.findall(tables[0])
    ]
    if not rows or not rows[0][1]:
        return None
    is_head, first = rows[0]
    columns = first if is_head else [""] * len(first)
    body = [cells for _, cells in rows[1 if is_head else 0 :] if cells]
    if any(len(cells) > len(columns) for cells in body):
        return None
    padded = [cells + [""] * (len(columns) - len(cells)) for cells in body]
    return {"type": "table", "columns": columns, "rows": padded}


_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}


def _text_of(html: str) -> str:
    """The text of a piece of HTML, on one line."""
    text = re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)
    text = re.sub(r"<br\s*/?>", " ", text, flags=re.IGNORECASE)
    text = re.sub(r"<[^>]*>", "", text)
    text = re.sub(r"&(#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-zA-Z]+);", _entity_text, text)
    return re.sub(f"[{re.escape(BLANK)}]+", " ", text).strip(BLANK)


def _entity_text(match: re.Match[str]) -> str:
    entity = match[1]
    if not entity.startswith("#"):
        return _ENTITIES.get(entity.lower(), match[0])
    code = int(entity[2:], 16) if entity[1] in "xX" else int(entity[1:])
    return chr(code) if 0 < code <= 0x10FFFF else match[0]
