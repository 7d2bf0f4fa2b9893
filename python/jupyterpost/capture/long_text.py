"""Text that is too long for a post's blocks: its start stays a block, the text becomes the file output.txt (docs/spec.md 2.5:
of longer text the first and the last half MB). See ``capture/long-text.ts``.
"""

from __future__ import annotations

from typing import Optional

from ..posting.schema import LIMITS, utf8
from .sizes import first_bytes, in_words, last_bytes

_HEAD_LINES = LIMITS["capture"]["headLines"]
_HEAD_BYTES = LIMITS["capture"]["headBytes"]


def long_text(text: str, most: int) -> tuple[str, bytes, Optional[str]]:
    """What is shown in the post, the file of at most ``most`` bytes of text, and what is in neither, in words."""
    head = first_bytes("\n".join(text.split("\n")[:_HEAD_LINES]), _HEAD_BYTES)
    content = utf8(text)
    if len(content) <= most:
        return head, content, None
    start, end = utf8(first_bytes(text, most / 2)), utf8(last_bytes(text, most / 2))
    cut = in_words(len(content) - len(start) - len(end))
    return head, b"".join([start, f"\n\n… {cut} left out …\n\n".encode(), end]), cut
