"""Text counted in UTF-16 units, of which a character has one or two: as JavaScript, the relay and
the contract count it.
"""

from __future__ import annotations

import json
import re

# What JavaScript's trim removes. Python's strip also removes \x1c to \x1f, but not \ufeff.
BLANK = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)


def quoted(text: str) -> str:
    """As a person typed it, for a sentence. Half a character, which no screen shows, is escaped."""
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", json.dumps(text, ensure_ascii=False))


def units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def first_units(text: str, most: int) -> str:
    """The start of the text with at most this many units; a character of two is not halved."""
    count = 0
    for index, character in enumerate(text[:most]):
        count += 2 if character > "\uffff" else 1
        if count > most:
            return text[:index]
    return text[:most]


def last_units(text: str, most: int) -> str:
    """The end of the text with at most this many units; a character of two is not halved."""
    return first_units(text[::-1], most)[::-1]
