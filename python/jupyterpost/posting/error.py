"""What a person is told if a post is refused, and what says that a relay is away."""

from __future__ import annotations

from typing import Optional, Sequence

from ..contract import read

_ERRORS = read("errors")
#: Statuses that may be different later: the relay, or a proxy before it, is overloaded, restarting
#: or broken.
RETRYABLE = frozenset(_ERRORS["retryable"])
#: Codes after which the same request can be sent again a little later, whatever their status.
RETRYABLE_CODES = frozenset(_ERRORS["retryableCodes"])
#: Codes of refusals by the token check.
TOKEN_CHECK = frozenset(_ERRORS["tokenCheck"])


def sentence(name: str, **values: object) -> str:
    """A sentence of ``errors.json`` with its ``{name}`` replaced by values."""
    return str(_ERRORS["sentences"][name]).format(**values)


class PostError(ValueError):
    """A post that was refused and will not be sent later.

    ``code`` comes from the relay or is one of the client's own: ``no_relay_url``, ``no_token``,
    ``wrong_url``, ``too_large``, ``bad_target``, ``bad_attachment``, ``bad_request``. ``nearest``
    are names that the person may post to.
    """

    def __init__(self, code: str, message: str, nearest: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.nearest = list(nearest)


class PostInterrupted(KeyboardInterrupt):
    """An interrupt while a post was being sent. The message says what happened to the post.

    It is a KeyboardInterrupt, so that ``except Exception`` in a loop does not swallow it.
    """


class RelayAway(Exception):
    """The relay cannot take the post now, but may later. Never leaves this package."""

    def __init__(
        self, message: str, retry_after: Optional[float] = None, status: Optional[int] = None
    ) -> None:
        super().__init__(message)
        #: HTTP status of the answer; None if there was no answer.
        self.status = status
        #: How many seconds the relay asked to wait.
        self.retry_after = retry_after


def refusal(problem: dict) -> PostError:
    """The sentence for a relay's problem document, with the names nearest to a wrong one."""
    detail = str(problem["detail"])
    nearest = [str(name) for name in problem.get("nearest") or []]
    names = ", ".join(nearest)
    if nearest and f" {names}" not in detail:
        detail = f"{detail}\n{sentence('mayPostTo', names=names)}"
    return PostError(str(problem["code"]), detail, nearest)
