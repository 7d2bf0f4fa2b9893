"""What the outputs of a notebook define for its formulas. See ``kernel/src/capture/macros.ts``."""

from __future__ import annotations

from typing import Any, Optional

from ..posting.schema import Block
from .tex_macros import MacroBook

#: Longer text is no definition.
_MOST = 100_000


def learn_macros(book: MacroBook, data: dict[str, Any]) -> None:
    """Learns what a displayed bundle defines."""
    for mimetype in ("text/latex", "text/markdown"):
        text = data.get(mimetype)
        if isinstance(text, list) and all(isinstance(line, str) for line in text):
            text = "".join(text)
        if isinstance(text, str) and len(text) <= _MOST:
            book.learn(text)


def with_macros(block: Block, book: Optional[MacroBook]) -> Block:
    """A block with the definitions that its formulas need."""
    macros = "" if book is None or len(block["text"]) > _MOST else book.used_by(block["text"])
    return {**block, "macros": macros} if macros else block
