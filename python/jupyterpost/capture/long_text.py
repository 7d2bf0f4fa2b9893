"""Text that is too long for a block: the block shows its start, and the file output.txt has the
text. If it is too long for the file, the file has its first and last half MB (docs/spec.md 2.5).
See ``kernel/src/capture/long-text.ts``.
"""

from __future__ import annotations

from typing import Optional

from ..posting.schema import LIMITS, utf8
from .sizes import first_bytes, in_words, last_bytes

_HEAD_LINES = LIMITS["capture"]["headLines"]
_HEAD_BYTES = LIMITS["capture"]["headBytes"]


def long_text(text: str, most: int) -> tuple[str, bytes, Optional[str]]:
    """The text shown in the post, the file with at most ``most`` bytes of text, and, in words, how
    much is in neither.
    """
    head = first_bytes("\n".join(text.split("\n")[:_HEAD_LINES]), _HEAD_BYTES)
    content = utf8(text)
    if len(content) <= most:
        return head, content, None
    start, end = utf8(first_bytes(text, most / 2)), utf8(last_bytes(text, most / 2))
    cut = in_words(len(content) - len(start) - len(end))
    return head, b"".join([start, f"\n\n… {cut} left out …\n\n".encode(), end]), cut
