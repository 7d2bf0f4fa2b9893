"""Checks, before anything is sent, that a relay will take a post. Refusals say limit and size."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .error import PostError
from .duration import rounded_half_up
from .html_text import text_outside_tags
from .schema import LIMITS, Block, Limits, Post, json_bytes, utf8

_COUNTED = LIMITS["counted"]
# Characters of text and HTML. Far above what a relay takes by default.
_FLOOD = 16 * LIMITS["post"]["textBytes"]


def check_limits(post: Post, limits: Limits) -> None:
    """Raises PostError ``too_large``."""
    if len(post.files) > limits.files:
        raise _too_large(f"{len(post.files)} files; the relay takes {limits.files} in one post")
    for file in post.files:
        if len(file.bytes) > limits.file_bytes:
            raise _too_large(
                f"{file.name} has {_size(len(file.bytes))}; the relay takes files of up to {_size(limits.file_bytes)}"
            )
    text = counted_bytes(post.blocks, limits)
    if text > limits.text_bytes:
        raise _too_large(
            f"{_size(text)} of text; the relay takes up to {_size(limits.text_bytes)}, attach it as a file"
        )
    html = html_bytes(post.blocks)
    if html > most_html(limits):
        raise _too_large(
            f"{_size(html)} of HTML; the relay takes up to {_size(most_html(limits))}, attach it as a file"
        )
    cells, most = _cells_of(post.blocks), _COUNTED["cells"]
    if cells > most:
        raise _too_large(f"{cells} cells of tables; the relay takes up to {most}, attach them as a file")
    # Each part of the body has headers and a boundary, a few hundred bytes.
    parts = (len(post.files) + 1) * _COUNTED["part"]
    whole = len(json_bytes(post.manifest())) + parts + sum(len(file.bytes) for file in post.files)
    if whole > limits.post_bytes:
        raise _too_large(f"{_size(whole)} in all; the relay takes up to {_size(limits.post_bytes)} in one post")


def refuse_flood(post: Post) -> None:
    """For before secrets are looked for, which takes a second for a few megabytes of text.

    Raises PostError ``too_large`` for what no relay takes.
    """
    text = sum(len(value) for block in post.blocks for value in block.values() if isinstance(value, str))
    if text > _FLOOD:
        raise _too_large(f"{_size(text)} of text; attach it as a file")


def _cells_of(blocks: Iterable[Block]) -> int:
    """Number of cells and rows in all tables, and of choices. A chat shows a few hundred."""
    return sum(map(_cells_in, blocks))


def _cells_in(block: Block) -> int:
    if block["type"] == "choices":
        return len(block["choices"])
    if block["type"] != "table":
        return 0
    return len(block["columns"]) + sum(1 + len(row) for row in block["rows"])


# Control characters except line ends and tabs. A post is sent, stored and shown as JSON, where each
# takes six bytes.
_CONTROLS = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f]")


def most_html(limits: Limits) -> int:
    """How many bytes of HTML a post may have, with its markup."""
    return limits.text_bytes * _COUNTED["htmlShare"]


def html_bytes(blocks: Iterable[Block]) -> int:
    return sum(_deep_bytes(block["html"]) for block in blocks if block["type"] == "html")


def counted_bytes(blocks: Iterable[Block], limits: Limits) -> int:
    """The bytes that a relay with these limits counts. One that does not read HTML when a post
    comes counts its markup as text.
    """
    return text_bytes(blocks) if limits.html else whole_bytes(blocks)


def text_bytes(blocks: Iterable[Block]) -> int:
    """UTF-8 bytes of all text in the blocks, as the relay counts them: a control character is 6,
    each block adds 32 and each table cell 1. HTML counts as its text outside the tags or as its
    text/plain, whichever is longer, because only one of them is shown.
    """
    return sum(_COUNTED["block"] + _text_of(block) for block in blocks)


def whole_bytes(blocks: Iterable[Block]) -> int:
    """The same, but with the markup of HTML."""
    return sum(_COUNTED["block"] + _whole_of(block) for block in blocks)


def _text_of(block: Block) -> int:
    if block["type"] != "html":
        return _whole_of(block)
    return max(_deep_bytes(text_outside_tags(block["html"])), _deep_bytes(block["text"]))


def _whole_of(block: Block) -> int:
    return sum(_deep_bytes(value) for name, value in block.items() if name != "type")


def _deep_bytes(value: Any) -> int:
    if isinstance(value, str):
        return len(utf8(value)) + (_COUNTED["controlCharacter"] - 1) * len(_CONTROLS.findall(value))
    return len(value) + sum(map(_deep_bytes, value)) if isinstance(value, list) else 0


def _too_large(what: str) -> PostError:
    return PostError("too_large", f"The post is too large: {what}")


def _size(count: int) -> str:
    return f"{-(-count // 1024)} KB" if count < 1024 * 1024 else megabytes(count)


def megabytes(count: float) -> str:
    """``1.3 MB``. Rounds halves up, as JavaScript's toFixed does."""
    return f"{rounded_half_up(count / 1024 / 1024 * 10) / 10:.1f} MB"
