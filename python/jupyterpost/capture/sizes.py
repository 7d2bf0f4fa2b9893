"""Text cut by its size in UTF-8, between characters; sizes in words. See ``capture/bytes.ts``."""

from __future__ import annotations

from ..posting.schema import utf8


def first_bytes(text: str, size: float) -> str:
    """The longest start of the text that takes at most ``size`` bytes in UTF-8, cut between characters."""
    encoded = utf8(text)
    return text if len(encoded) <= size else encoded[: max(0, int(size))].decode("utf-8", "ignore")


def last_bytes(text: str, size: float) -> str:
    """The longest end of it."""
    encoded = utf8(text)
    if len(encoded) <= size:
        return text
    start = -int(-(len(encoded) - size) // 1)
    while start < len(encoded) and encoded[start] & 0xC0 == 0x80:
        start += 1
    return encoded[start:].decode()


def in_words(size: float) -> str:
    """For people: ``3 KB``."""
    if size < 1024:
        return f"{size:.0f} bytes"
    if size < 1024 * 1024:
        # Halves up, as JavaScript's toFixed.
        return f"{int(size / 1024 + 0.5)} KB"
    return f"{int(size / 1024 / 1024 * 10 + 0.5) / 10:.1f} MB"
