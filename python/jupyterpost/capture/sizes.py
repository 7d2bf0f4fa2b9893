"""Cuts text to a size in UTF-8, between words, because half a secret would not be masked. Says
sizes in words. See ``kernel/src/capture/bytes.ts``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from ..posting.duration import rounded_half_up
from ..posting.limits import megabytes
from ..posting.schema import LIMITS, utf8
from ..posting.text_units import units

_BLANKS = frozenset(" \n\t")
# In UTF-16 units. Longer words, such as base64, may be cut.
_LONGEST_WORD = LIMITS["capture"]["word"]


def first_bytes(text: str, size: float) -> str:
    """The longest start of the text with at most ``size`` bytes in UTF-8, cut between words, or,
    inside a very long word, between characters.
    """
    encoded = utf8(text)
    if len(encoded) <= size:
        return text
    cut = encoded[: max(0, int(size))].decode("utf-8", "ignore")
    if text[len(cut)] in _BLANKS:
        return cut
    word = _word_length(reversed(cut))
    return cut if word is None else cut[: len(cut) - word]


def last_bytes(text: str, size: float) -> str:
    """The longest end of the text, cut in the same way."""
    encoded = utf8(text)
    if len(encoded) <= size:
        return text
    start = -int(-(len(encoded) - size) // 1)
    while start < len(encoded) and encoded[start] & 0xC0 == 0x80:
        start += 1
    cut = encoded[start:].decode()
    if text[-len(cut) - 1] in _BLANKS:
        return cut
    word = _word_length(cut)
    return cut if word is None else cut[word:]


def _word_length(characters: Iterable[str]) -> Optional[int]:
    """Number of characters before the first blank; None if the word is longer than the longest."""
    passed = 0
    for count, character in enumerate(characters):
        if passed >= _LONGEST_WORD:
            return None
        if character in _BLANKS:
            return count
        passed += units(character)
    return None


def in_words(size: float) -> str:
    """For people: ``3 KB``."""
    if size < 1024:
        return f"{size:.0f} bytes"
    return f"{rounded_half_up(size / 1024)} KB" if size < 1024 * 1024 else megabytes(size)
