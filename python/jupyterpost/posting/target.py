"""Targets as a person types them: ``@me``, ``@ada``, ``lab``, ``~lab``, ``#lab``,
``mattermost:lab``, and lists of them.

They are checked here so that a typing mistake is an error before anything is sent. The relay checks
again and decides.
"""

from __future__ import annotations

import re

from .error import PostError
from .text_units import BLANK, quoted

_SERVICE = re.compile(r"[a-z][a-z0-9-]{0,31}")
_NAME = re.compile(r"\w[\w.+@-]{0,99}")


def parse_targets(text: str) -> list[str]:
    """``a,@me`` -> ``['a', '@me']``. Raises PostError ``bad_target``."""
    return list(dict.fromkeys(_parse_target(target.strip(BLANK)) for target in text.split(",")))


def _parse_target(text: str) -> str:
    service, colon, name = text.rpartition(":") if text.count(":") < 2 else text.partition(":")
    bare = re.sub(r"^[@~#]", "", name)
    well_formed = (
        (not colon or _SERVICE.fullmatch(service)) and _NAME.fullmatch(bare) and ".." not in bare
    )
    if not well_formed:
        raise PostError(
            "bad_target",
            f"{quoted(text)} is no target. Expected @me, @name for a person, or the name of a "
            "channel (lab, ~lab, #lab), with several in a list without spaces: lab,@me",
        )
    return f"{service}{colon}{'@me' if name == '@myself' else name}"
