"""Asks one person a question and waits for the answer, even if the relay restarts meanwhile
(``post/api/ask.ts``, ``post/api/asking.ts``).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Optional, Union

from .duration import duration_text, parse_duration, rounded_half_up
from .error import PostError
from .poster import RelayPoster
from .receipt import Receipt
from .schema import LIMITS, Post
from .text_units import BLANK, units

Timeout = Union[str, int, float, timedelta]

_BOUNDS = LIMITS["ask"]
_WAITING = LIMITS["waiting"]
#: How long a question waits for its answer if it does not say.
DEFAULT_TIMEOUT = duration_text(_BOUNDS["defaultMs"])
# Seconds that one poll waits: less than the 30 s after which proxies end a request.
_WAIT = _WAITING["pollSeconds"]
# Seconds between two polls if a proxy does not wait and answers each at once.
_POLL = _WAITING["pollMs"] / 1000
# Seconds that the relay may still be away when the time is up.
_GRACE = _WAITING["graceMs"] / 1000
_FIRST_PAUSE = _WAITING["firstPauseMs"] / 1000
_LONGEST_PAUSE = _WAITING["longestPauseMs"] / 1000


def seconds_of(timeout: Timeout) -> float:
    """``90s``, ``2h``, a number of seconds or a timedelta, in seconds.

    Raises PostError ``bad_request``.
    """
    seconds: Optional[float] = None
    if isinstance(timeout, timedelta):
        seconds = timeout.total_seconds()
    elif isinstance(timeout, (int, float)) and not isinstance(timeout, bool):
        seconds = float(timeout)
    elif isinstance(timeout, str):
        ms = parse_duration(timeout)
        seconds = None if ms is None else ms / 1000
    shortest, longest = _BOUNDS["shortestMs"], _BOUNDS["longestMs"]
    if seconds is not None and shortest <= seconds * 1000 <= longest:
        return seconds
    raise PostError(
        "bad_request",
        f"Expected timeout to be a time from {duration_text(shortest)} to {duration_text(longest)} like '90s', '30m', "
        f"'2h', '1d', a number of seconds or a timedelta, got {timeout!r}",
    )


def manifest_of(choices: Sequence[str], timeout: Timeout, otherwise: Optional[str]) -> dict[str, Any]:
    """The field ``ask`` of a post. Raises PostError ``bad_request``."""
    if isinstance(choices, str) or not all(isinstance(choice, str) for choice in choices):
        raise PostError("bad_request", f"Expected choices as a list of texts, got {choices!r}")
    texts = [choice.strip(BLANK) for choice in choices]
    if len(texts) > _BOUNDS["choices"]:
        raise PostError("bad_request", f"Expected at most {_BOUNDS['choices']} choices, got {len(texts)}")
    for text in texts:
        if not 1 <= units(text) <= _BOUNDS["choice"]:
            raise PostError(
                "bad_request",
                f"Expected choices of 1 to {_BOUNDS['choice']} characters, got one of {units(text)}",
            )
    if len({text.lower() for text in texts}) < len(texts):
        raise PostError("bad_request", f"Expected choices that a reader can tell apart, got {choices!r}")
    if otherwise is not None and not isinstance(otherwise, str):
        raise PostError("bad_request", f"Expected otherwise to be text, got {otherwise!r}")
    if otherwise is not None and units(otherwise) > _BOUNDS["otherwise"]:
        raise PostError(
            "bad_request",
            f"Expected otherwise of at most {_BOUNDS['otherwise']} characters, got {units(otherwise)}",
        )
    ask = {"choices": texts, "timeoutMs": rounded_half_up(seconds_of(timeout) * 1000)}
    return ask if otherwise is None else {**ask, "otherwise": otherwise}


def ask_and_wait(
    way: RelayPoster, question: Post, show: Callable[[Receipt], None], grace: float = _GRACE
) -> str:
    """Returns the answer: one of the choices, any text if there are none, or ``otherwise``.

    Raises PostError ``no_answer``, ``withdrawn``, ``dead``, ``relay_away``. An interrupt takes the
    question back.
    """
    given = question.ask or {}
    post, notices = way.masked(question)
    sent = (post.ask or {})["choices"]
    if len(set(sent)) < len(sent):
        raise PostError(
            "bad_request", "Expected choices that a reader can tell apart: two of them are secrets, which are masked"
        )
    receipt = way.post(post)
    post_id = receipt.posts[0]["id"]
    end = time.time() + given["timeoutMs"] / 1000
    until = datetime.fromtimestamp(end, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    receipt.notices = [*receipt.notices, *notices, f"Waits for an answer until {until}"]
    try:
        show(receipt)
        answer = _wait(way, post_id, end, grace)
    except KeyboardInterrupt:
        _take_back(way, post_id)
        raise
    state = answer.get("state")
    if state == "answered":
        text = str(answer.get("answer"))
        if not sent:
            return text
        if text in sent:
            return str(given["choices"][sent.index(text)])
        raise PostError("wrong_url", "The relay gave an answer that is none of the choices")
    if state == "expired":
        if "otherwise" in given:
            return str(given["otherwise"])
        raise PostError("no_answer", f"No answer in time{answer.get('reason', '')}; with otherwise='text' the result is that text instead")
    if state == "withdrawn":
        raise PostError("withdrawn", "The question was taken back")
    raise PostError("dead", f"The question was not delivered: {answer.get('error', 'no reason given')}")


def _wait(way: RelayPoster, post_id: str, end: float, grace: float) -> dict[str, Any]:
    away_since: Optional[float] = None
    pause = _FIRST_PAUSE
    while True:
        started = time.monotonic()
        try:
            answer = way.answer(post_id, _WAIT)
        except PostError as error:
            # The relay took the question, so "no relay" only means that a proxy has lost it.
            if error.code not in ("relay_away", "wrong_url"):
                raise
            away_since = time.time() if away_since is None else away_since
            left = max(end, away_since) + grace - time.time()
            if left <= 0:
                return {"state": "expired", "reason": f"; it is not known whether there is one: {error}"}
            time.sleep(min(pause, left))
            pause = min(pause * 2, _LONGEST_PAUSE)
            continue
        away_since, pause = None, _FIRST_PAUSE
        if answer.get("state") != "open":
            return answer
        # If a proxy answered without waiting, wait here.
        time.sleep(max(0.0, _POLL - (time.monotonic() - started)))


def _take_back(way: RelayPoster, post_id: str) -> None:
    try:
        way.withdraw(post_id)
    except PostError:
        # The relay is away or the question is over. It ends by itself when its time is up.
        pass
