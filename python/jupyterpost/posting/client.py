"""The HTTP client of a relay: one request in up to three tries and ten seconds
(``post/relay/client.ts``).

It does not find relays or keep posts. If a relay is away, it raises an error, and ``poster``
decides what happens to the post.
"""

from __future__ import annotations

import http.client
import time
import uuid
from typing import Any, Optional
from urllib.parse import quote, urlencode

from .error import PostError, PostInterrupted, RelayAway, sentence
from .exchange import Exchange
from .request import TOTAL, Relay, no_answer, parse_answer, start_exchange
from .schema import LIMITS, Limits, Post, json_bytes

_TRIES = LIMITS["request"]["tries"]
_FIRST_PAUSE = LIMITS["request"]["firstPauseMs"] / 1000


def submit_post(relay: Relay, post: Post, idempotency_key: str) -> dict[str, Any]:
    """Stores a post at the relay. Returns the relay's answer.

    All tries have the same key, so the relay stores the post once. Raises PostError if it is
    refused, RelayAway if the relay did not take it in any try, PostInterrupted.
    """
    body, content_type = _form(post)
    headers = {"Content-Type": content_type, "Idempotency-Key": idempotency_key}
    answer = call_relay(relay, "POST", "api/v1/posts", headers, body)
    if not _is_accepted(answer):
        raise _other_version(relay)
    return answer


def patch_post(relay: Relay, post_id: str, content: Post) -> dict[str, Any]:
    """Gives a stored post new content.

    Raises PostError (``too_late`` if nothing can change it), RelayAway.
    """
    body, content_type = _form(content)
    headers = {"Content-Type": content_type, "Idempotency-Key": str(uuid.uuid4())}
    return _stored(relay, call_relay(relay, "PATCH", _path(post_id), headers, body))


def get_post(relay: Relay, post_id: str) -> dict[str, Any]:
    """The status of a post at one target."""
    return _stored(relay, call_relay(relay, "GET", _path(post_id)))


def delete_post(relay: Relay, post_id: str) -> None:
    call_relay(relay, "DELETE", _path(post_id))


def get_answer(relay: Relay, post_id: str, wait: int) -> dict[str, Any]:
    """The state of a question: when it is over, or after ``wait`` seconds (0 to 30)."""
    answer = call_relay(relay, "GET", f"{_path(post_id)}/answer?wait={wait}", total=wait + TOTAL)
    if not isinstance(answer, dict) or "state" not in answer:
        raise _other_version(relay)
    return answer


def delete_answer(relay: Relay, post_id: str, total: float) -> None:
    """Takes a question back, within ``total`` seconds."""
    call_relay(relay, "DELETE", f"{_path(post_id)}/answer", total=total)


def get_limits(relay: Relay) -> Limits:
    answer = call_relay(relay, "GET", "api/v1/limits")
    try:
        values = [answer[name] for name in ("files", "fileBytes", "postBytes", "textBytes")]
        return Limits(*(int(value) for value in values), html=answer.get("html") is True)
    except (KeyError, TypeError, ValueError):
        raise _other_version(relay) from None


def get_targets(relay: Relay, query: str) -> list[str]:
    """Targets that the person may post to, best match first."""
    answer = call_relay(relay, "GET", f"api/v1/targets?{urlencode({'q': query})}")
    targets = answer.get("targets") if isinstance(answer, dict) else None
    if not isinstance(targets, list):
        raise _other_version(relay)
    return [str(target) for target in targets]


def put_watch(relay: Relay, watch_id: str, manifest: dict[str, Any]) -> dict[str, Any]:
    """Begins or updates the watch over a running cell. Returns ``leaseMs`` and ``commands``."""
    headers = {"Content-Type": "application/json"}
    answer = call_relay(relay, "PUT", _watch_path(watch_id), headers, json_bytes(manifest))
    return _watch_state(relay, answer)


def get_commands(relay: Relay, watch_id: str, after: int, wait: int) -> dict[str, Any]:
    """Renews the watch. The answer comes with a command, or after ``wait`` seconds (0 to 30)."""
    path = f"{_watch_path(watch_id)}/commands?after={after}&wait={wait}"
    return _watch_state(relay, call_relay(relay, "GET", path, total=wait + TOTAL))


def delete_watch(relay: Relay, watch_id: str) -> None:
    call_relay(relay, "DELETE", _watch_path(watch_id))


def call_relay(
    relay: Relay,
    method: str,
    path: str,
    headers: Optional[dict[str, str]] = None,
    body: Optional[bytes] = None,
    total: float = TOTAL,
    tries: int = _TRIES,
) -> Any:
    """Up to ``tries`` tries in ``total`` seconds, not counting time in which an upload moves."""
    left, is_post = total, body is not None
    for number in range(1, tries + 1):
        try:
            exchange = start_exchange(relay, method, path, headers or {}, body)
            answer, left = _one_try(relay, exchange, is_post, left, total)
            return answer
        except _TryFailed as failed:
            away, left = failed.away, failed.left
        pause = max(_FIRST_PAUSE * 2 ** (number - 1), away.retry_after or 0.0)
        if number == tries or pause >= left:
            raise away
        _pause(pause, is_post)
        left -= pause
    raise AssertionError("unreachable")


class _TryFailed(Exception):
    def __init__(self, away: RelayAway, left: float) -> None:
        super().__init__()
        self.away, self.left = away, left


def _one_try(
    relay: Relay, exchange: Exchange, is_post: bool, left: float, total: float
) -> tuple[Any, float]:
    started = time.monotonic()
    try:
        answer, left = exchange.run(left)
        return parse_answer(relay, answer, exchange.proxy), left
    except RelayAway as away:
        raise _TryFailed(away, left) from None
    except (OSError, http.client.HTTPException) as error:
        rest = max(0.0, left - (time.monotonic() - started))
        raise _TryFailed(no_answer(relay, error, total, exchange.proxy), rest) from None
    except KeyboardInterrupt as interrupt:
        if not is_post:
            raise
        if interrupt.args:
            # The answer came in time after all: it says what happened to the post.
            parse_answer(relay, interrupt.args[0], exchange.proxy)
            raise PostInterrupted("Interrupted after the relay stored the post") from None
        raise PostInterrupted(sentence("interruptedUnknown" if exchange.body_sent else "interrupted")) from None


def _pause(seconds: float, is_post: bool) -> None:
    try:
        time.sleep(seconds)
    except KeyboardInterrupt:
        if is_post:
            raise PostInterrupted(sentence("interrupted")) from None
        raise


def _form(post: Post) -> tuple[bytes, str]:
    """A form (RFC 7578) with the parts ``post``, as JSON, and ``files``."""
    boundary = f"jupyterpost-{uuid.uuid4().hex}"
    head = f"--{boundary}\r\nContent-Disposition: form-data; name="
    parts = [f'{head}"post"\r\nContent-Type: application/json\r\n\r\n'.encode(), json_bytes(post.manifest()), b"\r\n"]
    for file in post.files:
        name = file.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        part = f'{head}"files"; filename="{name}"\r\nContent-Type: {file.mimetype}\r\n\r\n'
        parts += [part.encode("utf-8", "replace"), file.bytes, b"\r\n"]
    return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


def _path(post_id: str) -> str:
    return f"api/v1/posts/{quote(post_id, safe='')}"


def _watch_path(watch_id: str) -> str:
    return f"api/v1/watches/{quote(watch_id, safe='')}"


def _watch_state(relay: Relay, answer: Any) -> dict[str, Any]:
    """Checked here, because nobody reads what a watch does."""
    lease = answer.get("leaseMs") if isinstance(answer, dict) else None
    commands = answer.get("commands") if isinstance(answer, dict) else None
    if isinstance(lease, int) and lease > 0 and isinstance(commands, list) and all(map(_is_command, commands)):
        return answer
    raise _other_version(relay)


def _is_command(command: Any) -> bool:
    return isinstance(command, dict) and isinstance(command.get("seq"), int) and isinstance(command.get("command"), str)


def _is_accepted(answer: Any) -> bool:
    posts = answer.get("posts") if isinstance(answer, dict) else None
    return isinstance(posts, list) and len(posts) > 0 and all(map(_is_stored, posts))


def _is_stored(post: Any) -> bool:
    return isinstance(post, dict) and {"id", "destination", "status"} <= post.keys()


def _stored(relay: Relay, answer: Any) -> dict[str, Any]:
    if not _is_stored(answer):
        raise _other_version(relay)
    return answer


def _other_version(relay: Relay) -> PostError:
    return PostError("wrong_url", sentence("otherVersion", url=relay.url))
