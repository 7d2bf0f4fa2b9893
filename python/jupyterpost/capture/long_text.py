"""Text that is too long for a block: the block shows its first lines and more of its last ones, and
a file has the text. If it is too long for the file, the file has its first and last half MB
(docs/spec.md 2.5). See ``kernel/src/capture/long-text.ts``.
"""

from __future__ import annotations

from typing import Optional

from ..posting.schema import LIMITS, Block, utf8
from .sizes import first_bytes, in_words, last_bytes
from .terminal import BLANK

_HEAD_LINES, _HEAD_BYTES = LIMITS["capture"]["headLines"], LIMITS["capture"]["headBytes"]
_TAIL_LINES, _TAIL_BYTES = LIMITS["capture"]["tailLines"], LIMITS["capture"]["tailBytes"]

#: Types of blocks whose text can go on in a file, with its extension.
EXTENSIONS = {
    "text": "txt",
    "code": "txt",
    "markdown": "md",
    "latex": "tex",
    "error": "txt",
    "notice": "txt",
}


def has_ends(size: int) -> bool:
    """Whether something is left out where only the ends of a text of this size are shown."""
    return size > _HEAD_BYTES + _TAIL_BYTES


def whole_text(block: Block) -> str:
    if block["type"] != "error":
        return block["text"]
    return f"{block['name']}: {block['message']}\n{block['traceback']}"


def ends_of(block: Block) -> Block:
    """The block with the ends of its text. Half a formula or half a document is shown as source."""
    if block["type"] == "error":
        return {**block, "message": _ends(block["message"]), "traceback": _ends(block["traceback"])}
    if block["type"] in ("markdown", "latex"):
        language = "tex" if block["type"] == "latex" else "markdown"
        return {"type": "code", "language": language, "text": _ends(block["text"])}
    return {**block, "text": _ends(block["text"])}


def _ends(text: str) -> str:
    head = first_bytes("\n".join(text.split("\n", _HEAD_LINES)[:_HEAD_LINES]), _HEAD_BYTES)
    rest = text[len(head) :]
    tail = last_bytes("\n".join(rest.rsplit("\n", _TAIL_LINES)[-_TAIL_LINES:]), _TAIL_BYTES)
    between = rest[: len(rest) - len(tail)]
    if not between.strip(BLANK):
        return text
    left, tail = in_words(len(utf8(between))), tail.lstrip("\n")
    return f"{head.rstrip(BLANK)}\n\n… {left} left out …\n\n{tail}"


def long_text(text: str, most: int) -> tuple[bytes, Optional[str]]:
    """The file with at most ``most`` bytes of text, and, in words, how much is left out of it."""
    content = utf8(text)
    if len(content) <= most:
        return content, None
    start, end = utf8(first_bytes(text, most / 2)), utf8(last_bytes(text, most / 2))
    cut = in_words(len(content) - len(start) - len(end))
    return b"".join([start, f"\n\n… {cut} left out …\n\n".encode(), end]), cut
