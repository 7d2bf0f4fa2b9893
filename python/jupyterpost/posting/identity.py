"""``%post --link``: links a chat account, proved by a code that the chat's bot sends to it
(``post/contract/identity.ts``).
"""

from __future__ import annotations

import json
import re
from typing import Any

from .client import call_relay
from .error import PostError, sentence
from .request import Relay
from .text_units import quoted

_CODE = re.compile(r"\d{4}-\d{4}", re.ASCII)
_NAME = re.compile(r"(?:([a-z][a-z0-9-]{0,31}):)?@?([^:\s@]{1,65})")


def link_request(word: str) -> tuple[str, dict[str, str]]:
    """Path and body for a word as typed: a code, or a name like ``alice``, ``@alice``,
    ``service:alice``.

    Raises PostError ``bad_request``.
    """
    if _CODE.fullmatch(word):
        return "api/v1/identity/code", {"code": word}
    match = _NAME.fullmatch(word)
    if match is None:
        raise PostError(
            "bad_request",
            "Expected your user name at the chat, as alice or service:alice, or the code that its bot sent you, as "
            f"1234-5678; got {quoted(word)}",
        )
    service, name = match.groups()
    return "api/v1/identity", {"name": name, **({} if service is None else {"service": service})}


def link_account(relay: Relay, word: str) -> str:
    """Returns the relay's message. Tries only once: a second try would ask for another code, or use
    one up twice.

    Raises PostError, RelayAway.
    """
    path, body = link_request(word)
    headers = {"Content-Type": "application/json"}
    answer: Any = call_relay(relay, "POST", path, headers, json.dumps(body).encode(), tries=1)
    message = answer.get("message") if isinstance(answer, dict) else None
    if not isinstance(message, str):
        raise PostError("wrong_url", sentence("otherVersion", url=relay.url))
    return message
