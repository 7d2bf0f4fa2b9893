"""One request to a relay, without redirects. Its answer means taken, refused or away
(``post/relay/http.ts``).
"""

from __future__ import annotations

import email.utils
import json
import time
from dataclasses import dataclass, field
from typing import Any, Optional
from urllib.parse import urlsplit

from .address import origin_of
from .error import RETRYABLE, RETRYABLE_CODES, TOKEN_CHECK, PostError, RelayAway, refusal, sentence
from .exchange import Answer, Exchange, NoAnswer, Request
from .schema import LIMITS
from .unreached import proxy_refuses, unreached
from .way import Proxy

TOTAL = LIMITS["request"]["totalMs"] / 1000


@dataclass(frozen=True)
class Relay:
    #: Ends in a slash.
    url: str
    #: Never shown. None for the one request that needs no token: the proof.
    token: Optional[str] = field(repr=False)


def start_exchange(
    relay: Relay, method: str, path: str, headers: dict[str, str], body: Optional[bytes]
) -> Exchange:
    own = {"Accept": "application/json", "User-Agent": "jupyterpost-python"}
    if relay.token is not None:
        own["Authorization"] = f"token {relay.token}"
    base = urlsplit(relay.url).path
    return Exchange(Request(method, relay.url, base + path, {**own, **headers}, body))


def parse_answer(relay: Relay, answer: Answer, proxy: Optional[Proxy] = None) -> Any:
    """The JSON of a 2xx answer; None for 204.

    ``proxy``: the one that the answer came through. Raises RelayAway for statuses that may be
    different later, PostError for all others.
    """
    if proxy is not None and _is_of_proxy(relay, answer):
        raise RelayAway(proxy_refuses(relay.url, proxy, answer.status), status=answer.status)
    if 300 <= answer.status < 400:
        raise _wrong_url(relay.url, sentence("redirects", status=answer.status))
    if answer.status == 204:
        return None
    body = _parsed(answer.body)
    if 200 <= answer.status < 300:
        if body is not None:
            return body
        raise _wrong_url(relay.url, sentence("noJson"))
    raise _failure(relay, answer, body)


# Statuses with which a proxy answers in place of a server, besides a login page.
_OF_PROXY = frozenset({403, 407, 502, 503, 504})


def _is_of_proxy(relay: Relay, answer: Answer) -> bool:
    """Whether it is a page of the proxy itself, which cannot see into TLS."""
    if not relay.url.startswith("http:") or answer.status == 204:
        return False
    body = _parsed(answer.body)
    return (body is None if answer.status < 400 else answer.status in _OF_PROXY) and not _is_problem(body)


def no_answer(
    relay: Relay, error: BaseException, total: float = TOTAL, proxy: Optional[Proxy] = None
) -> RelayAway:
    """Says why there was no answer. ``total``: seconds for all tries."""
    if isinstance(error, NoAnswer):
        return RelayAway(sentence("noAnswerInTime", seconds=f"{total:g}"))
    return RelayAway(unreached(relay.url, error, proxy))


def _failure(relay: Relay, answer: Answer, body: Any) -> Exception:
    problem = body if _is_problem(body) else None
    origin = origin_of(relay.url)
    status = {"origin": origin, "status": answer.status, "reason": answer.reason}
    if answer.status in RETRYABLE or (problem and problem["code"] in RETRYABLE_CODES):
        words = sentence("saysWhy", **status, detail=problem["detail"]) if problem else sentence("says", **status)
        return RelayAway(words, _retry_after(answer.retry_after), answer.status)
    if problem is not None:
        return _forbidden(relay, problem) if answer.status == 403 else refusal(problem)
    if answer.status in (401, 403):
        words = sentence("refusesToken", url=relay.url, status=answer.status, advice=_advice(relay))
        return PostError("bad_token", words)
    if answer.status == 413:
        return PostError("too_large", sentence("proxyTooLarge", origin=origin))
    # What many servers of TLS answer to plain HTTP.
    is_plain = answer.status == 400 and relay.url.startswith("http:")
    name = "noRelayPlain" if is_plain else "noRelay"
    return _wrong_url(relay.url, sentence(name, status=answer.status, reason=answer.reason))


def _advice(relay: Relay) -> str:
    """A local relay is at the root of 127.0.0.1, a Hub's is below ``/services/``."""
    parts = urlsplit(relay.url)
    return sentence("localToken" if parts.hostname == "127.0.0.1" and parts.path == "/" else "grant")


def _forbidden(relay: Relay, problem: dict) -> PostError:
    """The token check's refusals get advice on the token; others say enough."""
    if problem["code"] not in TOKEN_CHECK:
        return refusal(problem)
    return PostError(problem["code"], f"{problem['detail']}\n{_advice(relay)}")


def _is_problem(body: Any) -> bool:
    return isinstance(body, dict) and all(isinstance(body.get(name), str) for name in ("detail", "code"))


def _wrong_url(url: str, why: str) -> PostError:
    return PostError("wrong_url", sentence("wrongUrl", url=url, why=why))


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:  # HTML of a login page or of a proxy
        return None


def _retry_after(value: Optional[str]) -> Optional[float]:
    """Seconds, from a number of seconds or a date (RFC 9110, 10.2.3)."""
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
