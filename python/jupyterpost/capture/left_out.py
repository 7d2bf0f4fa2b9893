"""What a post says about outputs that it does not show as they are. See
``kernel/src/capture/left-out.ts``.
"""

from __future__ import annotations

from ..posting.schema import LIMITS
from .bundle import is_only_name
from .terminal import BLANK

_NAMED = LIMITS["capture"]["named"]


def left_out_text(left_out: list[str]) -> str:
    """What is left out, in words; of very much, the first things."""
    more = len(left_out) - _NAMED
    shown = [*left_out[:_NAMED], f"{more} more"] if more > 0 else left_out
    return f"Left out: {'; '.join(shown)}"


def has_words(text: str) -> bool:
    """Whether a text/plain is more than a name like ``<Figure>``."""
    return bool(text.strip(BLANK)) and not is_only_name(text)
