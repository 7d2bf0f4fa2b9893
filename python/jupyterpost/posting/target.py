"""Targets as a person types them: ``@me``, ``@ada``, ``lab``, ``~lab``, ``#lab``,
``"Town Square"``, a link to a channel, ``mattermost:lab``, and lists of them.

They are checked here so that a typing mistake is an error before anything is sent. The relay checks
again and decides. See ``post/contract/target.ts``.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Optional

from .error import PostError
from .text_units import BLANK, quoted, units

_SERVICE = re.compile(r"[a-z][a-z0-9-]{0,31}")
_NAME = re.compile(r"\w[\w.+@-]{0,99}")
# No longer than the contract takes; without comma (it ends a target), quote and backslash.
_LINK = re.compile(r"https?://[!#-+\--\[\]-~]{1,150}", re.IGNORECASE | re.ASCII)
_LONGEST_DISPLAY_NAME = 100
_SELF = {"me", "myself", "@me", "@myself"}


def parse_targets(text: str) -> list[str]:
    """``a,@Myself`` -> ``['a', '@me']``. A display name is in quotes then: ``"Town Square"``.

    Raises PostError ``bad_target``.
    """
    return list(dict.fromkeys(_parse_target(target) for target in _listed(text)))


def targets_of(channel: Any) -> list[str]:
    """A text with one or several targets, or a list of such texts.

    Raises PostError ``bad_target``.
    """
    if isinstance(channel, str):
        return parse_targets(channel)
    texts = list(channel) if isinstance(channel, (list, tuple)) else []
    if not texts or not all(isinstance(text, str) for text in texts):
        shown = type(channel).__name__ if not texts else f"a list with {_other_kind(texts)}"
        raise PostError(
            "bad_target",
            f"Expected a channel as text, '@me' or 'lab', or a list of them, got {shown}: post('text', '@me')",
        )
    return list(dict.fromkeys(target for text in texts for target in parse_targets(text)))


def _other_kind(values: list[Any]) -> str:
    return next(type(value).__name__ for value in values if not isinstance(value, str))


def _listed(text: str) -> list[str]:
    """``a,"b, c"`` -> ``a`` and ``"b, c"``: a comma in quotes is part of a display name."""
    targets, start, is_quoted = [], 0, False
    for index, character in enumerate(text):
        if character == '"':
            is_quoted = not is_quoted
        if character == "," and not is_quoted:
            targets.append(text[start:index].strip(BLANK))
            start = index + 1
    return [*targets, text[start:].strip(BLANK)]


def _parse_target(text: str) -> str:
    target = _canonical(text)
    if target is None:
        raise PostError(
            "bad_target",
            f"{quoted(text)} is no target. Expected @me, @name for a person, the name of a channel (lab, ~lab, #lab), "
            'its display name in quotes ("Town Square") or a link to it, with several in a list: lab,@me',
        )
    return target


def _canonical(text: str) -> Optional[str]:
    """As it is sent to the relay; None if it is not well-formed."""
    if _LINK.fullmatch(text):
        return text
    mark = re.search('[:"]', text)
    if mark is None or mark[0] == '"':
        return _without_service(text)
    service, rest = text[: mark.start()], text[mark.end() :]
    target = _without_service(rest) if _SERVICE.fullmatch(service) else None
    return None if target is None else f"{service}:{target}"


def _without_service(text: str) -> Optional[str]:
    if _LINK.fullmatch(text):
        return text
    if text.lower() in _SELF:
        return "@me"
    bare = re.sub(r"\A[@~#]", "", text)
    if _NAME.fullmatch(bare) and ".." not in bare:
        return text
    name = None if text.startswith("@") else _display_name(bare)
    return None if name is None else f'"{name}"'


def _display_name(text: str) -> Optional[str]:
    """In quotes anything that can be seen; without quotes several words, as in ``Town Square``."""
    is_quoted = len(text) > 1 and text.startswith('"') and text.endswith('"')
    name = (text[1:-1] if is_quoted else text).strip(BLANK)
    if not name or units(name) > _LONGEST_DISPLAY_NAME:
        return None
    if '"' in name or any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in name):
        return None
    if is_quoted:
        return name
    is_words = " " in name and re.match(r"\w", name) is not None
    return name if is_words and not re.search(r"[/\\:]|\.\.", name) else None
