"""One request to a relay: no redirects, and answers sorted into taken, refused and away (``post/relay/http.ts``)."""

from __future__ import annotations

import email.utils
import errno
import http.client
import json
import socket
import time
from dataclasses import dataclass, field
from typing import Any, Optional
from urllib.parse import urlsplit

from .address import origin_of
from .error import PostError, RelayAway, refusal
from .exchange import CONNECT, Answer, ConnectTimeout, Exchange, NoAnswer, Request
from .schema import LIMITS

TOTAL = LIMITS["request"]["totalMs"] / 1000


@dataclass(frozen=True)
class Relay:
    #: Ends in a slash.
    url: str
    #: None for requests that need none: the proof. Never shown.
    token: Optional[str] = field(repr=False)


def start_exchange(
    relay: Relay, method: str, path: str, headers: dict[str, str], body: Optional[bytes]
) -> Exchange:
    own = {"Accept": "application/json", "User-Agent": "jupyterpost-python"}
    if relay.token is not None:
        own["Authorization"] = f"token {relay.token}"
    base = urlsplit(relay.url).path
    return Exchange(Request(method, relay.url, base + path, {**own, **headers}, body))


def parse_answer(relay: Relay, answer: Answer) -> Any:
    """The parsed JSON of a 2xx answer; None for 204. Raises RelayAway (408, 429, 5xx), PostError for anything else."""
    if 300 <= answer.status < 400:
        raise PostError(
            "wrong_url", _wrong_url(relay.url, f"it redirects ({answer.status}) to another address")
        )
    if answer.status == 204:
        return None
    body = _parsed(answer.body)
    if 200 <= answer.status < 300:
        if body is not None:
            return body
        raise PostError(
            "wrong_url", _wrong_url(relay.url, "what answers there is no relay: it sent no JSON")
        )
    raise _failure(relay, answer, body)


def no_answer(relay: Relay, error: BaseException) -> RelayAway:
    """Why there was none, in words."""
    if isinstance(error, NoAnswer):
        return RelayAway(f"the relay did not answer within {TOTAL:.0f} s")
    if isinstance(error, ConnectionRefusedError):
        why = "refuses connections"
    elif isinstance(error, socket.gaierror):
        why = "was not found (name lookup failed)"
    elif isinstance(error, ConnectTimeout):
        why = f"did not accept a connection within {CONNECT:.0f} s"
    else:
        name = errno.errorcode.get(getattr(error, "errno", None) or 0)
        hang_up = "ECONNRESET" if isinstance(error, http.client.RemoteDisconnected) else None
        why = f"broke the connection ({name or hang_up or error or type(error).__name__})"
    return RelayAway(f"the relay at {origin_of(relay.url)} {why}")


# Answers that a later try can change: the relay or a proxy before it is overloaded, restarting or broken.
_AWAY = frozenset({408, 425, 429, 500, 502, 503, 504, 507})


def _failure(relay: Relay, answer: Answer, body: Any) -> Exception:
    problem = body if _is_problem(body) else None
    origin = origin_of(relay.url)
    if answer.status in _AWAY:
        detail = f": {problem['detail']}" if problem else ""
        return RelayAway(
            f"the relay at {origin} says {answer.status} {answer.reason}{detail}",
            _retry_after(answer.retry_after),
            answer.status,
        )
    if problem is not None:
        return _forbidden(problem) if answer.status == 403 else refusal(problem)
    if answer.status in (401, 403):
        return PostError(
            "bad_token", f"The relay at {relay.url} refuses this token ({answer.status}). {_GRANT}"
        )
    if answer.status == 413:
        return PostError(
            "too_large", f"A proxy before the relay at {origin} refuses a post of this size (413)"
        )
    return PostError(
        "wrong_url",
        _wrong_url(relay.url, f"what answers there ({answer.status} {answer.reason}) is no relay"),
    )


_GRANT = (
    'The token needs the scope access:services!service=jupyterpost (the admin grants it to the roles "user" and '
    '"server"; configure_jupyterhub does). A server that was started before the grant must be stopped and started again'
)


def _forbidden(problem: dict) -> PostError:
    """The token check's refusals name the grant; the relay's own (``not_allowed``, ...) say what they are about."""
    if problem["code"] not in ("no_token", "bad_token", "not_granted"):
        return refusal(problem)
    return PostError(problem["code"], f"{problem['detail']}\n{_GRANT}")


def _is_problem(body: Any) -> bool:
    return isinstance(body, dict) and all(isinstance(body.get(name), str) for name in ("detail", "code"))


def _wrong_url(url: str, why: str) -> str:
    return (
        f"JUPYTERPOST_URL is wrong: {url}: {why}. It must be the relay's own address, like "
        "https://hub.example/services/jupyterpost/"
    )


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:  # HTML of a login page or of a proxy
        return None


def _retry_after(value: Optional[str]) -> Optional[float]:
    """Seconds; RFC 9110, 10.2.3: seconds or a date."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
