"""What a person is told when a post is not taken, and what the poster tells itself when a relay is away."""

from __future__ import annotations

from typing import Optional, Sequence

from ..contract import read

_ERRORS = read("errors")
#: Worth another try: the relay, or a proxy before it, is overloaded, restarting or broken.
RETRYABLE = frozenset(_ERRORS["retryable"])
#: Codes by which the token check refuses.
TOKEN_CHECK = frozenset(_ERRORS["tokenCheck"])


def sentence(name: str, **values: object) -> str:
    """A sentence of ``errors.json`` with a value in the place of each ``{name}``."""
    return str(_ERRORS["sentences"][name]).format(**values)


class PostError(ValueError):
    """A post that was refused and will not be sent later.

    ``code`` is the relay's or one of the client's own: ``no_relay_url``, ``no_token``, ``wrong_url``, ``too_large``,
    ``bad_target``, ``bad_attachment``, ``bad_request``. ``nearest`` are names that the person may post to.
    """

    def __init__(self, code: str, message: str, nearest: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.nearest = list(nearest)


class PostInterrupted(KeyboardInterrupt):
    """The person's interrupt while a post was on its way; the message says what became of it.

    A KeyboardInterrupt, so that ``except Exception`` in a loop does not swallow the interrupt.
    """


class RelayAway(Exception):
    """The relay cannot take the post now; trying later can help. Never leaves this package."""

    def __init__(
        self, message: str, retry_after: Optional[float] = None, status: Optional[int] = None
    ) -> None:
        super().__init__(message)
        #: Of its answer; None if none came.
        self.status = status
        #: Seconds that the relay asked to wait.
        self.retry_after = retry_after


def refusal(problem: dict) -> PostError:
    """The words for a relay's problem document: what it says, the nearest names, and the step to take."""
    detail = str(problem["detail"])
    nearest = [str(name) for name in problem.get("nearest") or []]
    names = ", ".join(nearest)
    if nearest and f" {names}" not in detail:
        detail = f"{detail}\n{sentence('mayPostTo', names=names)}"
    return PostError(str(problem["code"]), detail, nearest)
