"""Text as JavaScript counts it, and so the relay and the contract: in UTF-16 units, of which a character has one or two."""

from __future__ import annotations

# What JavaScript's trim takes for blank: Python's strip also takes \x1c to \x1f, and not \ufeff.
BLANK = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)


def units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def first_units(text: str, most: int) -> str:
    """Its start of at most so many units; a character of two is not halved."""
    count = 0
    for index, character in enumerate(text[:most]):
        count += 2 if character > "\uffff" else 1
        if count > most:
            return text[:index]
    return text[:most]


def last_units(text: str, most: int) -> str:
    """Its end of at most so many units; a character of two is not halved."""
    return first_units(text[::-1], most)[::-1]
