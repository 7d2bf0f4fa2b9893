"""Tab after the name of a magic: its flags, and targets in the place of TARGET."""

from __future__ import annotations

from typing import Any

from ..posting.posters import poster
from .flags import AUTOPOST, CELL, LINE

#: Name of a magic as typed -> its usage and flags.
TABLES = {"%post": LINE, "%%post": CELL, "%autopost": AUTOPOST}


def complete(_shell: Any, event: Any) -> list[str]:
    """``event``: IPython's, with the line up to the cursor."""
    if event.symbol.startswith("-"):
        flags = TABLES.get(event.command, LINE).flags
        return [flag.name for flag in flags if flag.name.startswith(event.symbol)]
    typed = event.line[: len(event.line) - len(event.symbol)].split()[1:]
    return [] if any(not word.startswith("-") for word in typed) else poster().targets(event.symbol)
