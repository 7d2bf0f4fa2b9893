"""How a program posts: checks limits, finds the relay, sends waiting posts first, and uses the
spool if the relay is away (``post/relay/poster.ts``).
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Callable, Optional

from .client import delete_answer, delete_post, get_answer, get_limits, get_post, get_targets, patch_post, submit_post
from .endpoint import Endpoint, resolve_endpoint
from .error import PostError, PostInterrupted, RelayAway, sentence
from .identity import link_account
from .limits import check_limits, refuse_flood
from .local_relay import local_relay
from .mask import Masker
from .pending_posts import PendingPosts
from .receipt import Receipt, sent_lines
from .relay_file import state_folder
from .request import Relay
from .schema import LIMITS, Limits, Post
from .secret_values import SecretValue
from .spool import Flushed, Spool
from .spool_file import LAYOUT

# Seconds after which the relay is asked for its limits again.
_BELIEVED = LIMITS["request"]["limitsMs"] / 1000


class RelayPoster:
    """Sends posts of one program, one after the other, so that they arrive in order."""

    def __init__(
        self,
        env: Mapping[str, str],
        url: Optional[str] = None,
        token: Optional[str] = None,
        variables: Callable[[], Iterable[SecretValue]] = tuple,
        on_refused: Optional[Callable[[str], None]] = None,
    ) -> None:
        """``variables``: the notebook's, besides the environment's. Their values may be secrets.
        ``on_refused`` takes, in any thread, a line about a post that the chat refused later.
        """
        self._env = env
        #: What another program needs to reach the same relay.
        self.address = (url, token)
        self._url = url
        self._token = token
        self._variables = variables
        self._spool = Spool(state_folder(env))
        self._turn = threading.RLock()
        self._limits: Optional[tuple[Optional[str], float, Limits]] = None
        self._warned: set[str] = set()
        self._pending = None if on_refused is None else PendingPosts(self._status_at, on_refused)

    def post(self, unmasked: Post) -> Receipt:
        """Stores the post at the relay, or in the spool if the relay is away.

        Raises PostError if it is refused, PostInterrupted. Then nothing is kept.
        """
        with self._turn:
            endpoint = self._endpoint()
            notices = [warning for warning in endpoint.warnings if warning not in self._warned]
            self._warned.update(notices)
            # Done first, so that neither the relay nor the spool ever gets a secret.
            post, masked = self.masked(unmasked)
            notices += masked
            key = str(uuid.uuid4())

            def send(relay: Relay) -> Receipt:
                check_limits(post, self._limits_of(endpoint, relay))
                behind = self._wait_behind(relay, endpoint, post)
                notices.extend(behind.notices)
                if behind.away is not None:
                    raise RelayAway(behind.away)
                accepted = submit_post(relay, post, key)
                if behind.is_failing:
                    # The relay takes posts, so waiting ones that it fails at are to blame. They
                    # would hold up every later post, so they are set aside.
                    blamed = self._flush_at(relay, endpoint, wait=0, is_well=True)
                    notices.extend(blamed.notices)
                return Receipt(post.targets, accepted["posts"], None, notices)

            try:
                receipt = self._at_relay(endpoint, send)
                # Whoever waits for an answer is told by that wait.
                if self._pending is not None and post.ask is None:
                    self._pending.add(receipt, endpoint)
                return receipt
            except RelayAway as away:
                if post.ask is not None:
                    raise PostError("relay_away", sentence("notAsked", reason=away)) from None
                check_limits(post, Limits())
                try:
                    dropped = self._spool.add(post, endpoint.owner, str(away), key)
                except OSError as error:
                    raise PostError("relay_away", sentence("notKept", reason=away, why=error)) from None
                return Receipt(post.targets, [], str(away), notices + dropped)
            except KeyboardInterrupt as interrupt:
                if isinstance(interrupt, PostInterrupted):
                    raise
                raise PostInterrupted(sentence("interrupted")) from None

    def change(self, post_id: str, content: Post) -> dict[str, Any]:
        """Gives a stored post new content (without targets), after earlier posts and changes.

        Raises PostError: ``too_late`` if the post can no longer change, ``relay_away``.
        """
        with self._turn:
            masked, _ = self.masked(content)
            check_limits(masked, self.limits())
            return self.ask(lambda relay: patch_post(relay, post_id, masked))

    def status(self, post_id: str) -> dict[str, Any]:
        """The status of one stored post. Raises PostError."""
        post = self.ask(lambda relay: get_post(relay, post_id))
        if post["status"] == "dead":
            self._forget(post_id)
        return post

    def remove(self, post_id: str) -> None:
        """Deletes a stored post. Raises PostError."""
        self._forget(post_id)
        self.ask(lambda relay: delete_post(relay, post_id))

    def answer(self, post_id: str, wait: int) -> dict[str, Any]:
        """The state of a question, after up to ``wait`` seconds (0 to 30). Raises PostError."""
        return self.ask(lambda relay: get_answer(relay, post_id, wait))

    def withdraw(self, post_id: str) -> None:
        """Takes a question back, within 2 s. Raises PostError."""
        self.ask(lambda relay: delete_answer(relay, post_id, LIMITS["waiting"]["withdrawMs"] / 1000))

    def link(self, word: str) -> str:
        """Links a chat account: first by name, then by the code that came. Raises PostError."""
        return self.ask(lambda relay: link_account(relay, word))

    def masked(self, post: Post) -> tuple[Post, list[str]]:
        """The post as it leaves this program, and notices about its secrets for the receipt.

        Raises PostError ``too_large`` for a flood of text.
        """
        refuse_flood(post)
        if post.mask == "off":
            return post, []
        own = [("token", self._token)] if self._token else []
        masker = Masker([*self._env.items(), *self._variables(), *own])
        return masker.post(post), masker.notices

    def limits(self) -> Limits:
        """The relay's limits, or the usual ones if it does not answer. Raises PostError."""
        endpoint = self._endpoint()
        try:
            return self._known_limits(endpoint) or self._at_relay(
                endpoint, lambda relay: self._limits_of(endpoint, relay)
            )
        except RelayAway:
            return Limits()

    def targets(self, query: str) -> list[str]:
        """Names that complete what was typed; empty if the relay does not answer or refuses."""
        try:
            return self._at_relay(self._endpoint(), lambda relay: get_targets(relay, query))
        except (RelayAway, PostError):
            return []

    def flush(self) -> Flushed:
        """Sends this person's waiting posts. Raises PostError if token or address is wrong."""
        with self._turn:
            endpoint = self._endpoint()
            if not self._spool.entries(endpoint.owner):
                return Flushed()
            try:
                return self._at_relay(
                    endpoint, lambda relay: self._flush_at(relay, endpoint, wait=LAYOUT["flushWaitMs"] / 1000)
                )
            except RelayAway as away:
                return Flushed(away=str(away))

    def _status_at(self, endpoint: Endpoint, post_id: str) -> dict[str, Any]:
        return self._ask_at(endpoint, lambda relay: get_post(relay, post_id))

    def _forget(self, post_id: str) -> None:
        """The caller knows the end of this post."""
        if self._pending is not None:
            self._pending.forget(post_id)

    def ask(self, request: Callable[[Relay], Any]) -> Any:
        """For requests that cannot be kept for later: if the relay is away, that is an error."""
        return self._ask_at(self._endpoint(), request)

    def _ask_at(self, endpoint: Endpoint, request: Callable[[Relay], Any]) -> Any:
        try:
            return self._at_relay(endpoint, request)
        except RelayAway as away:
            raise PostError("relay_away", sentence("noAnswer", reason=away)) from None

    def _at_relay(self, endpoint: Endpoint, request: Callable[[Relay], Any]) -> Any:
        """Makes a request. A local relay has a new token at each start, so if its token is refused,
        looks once for a relay that has replaced it.
        """
        relay = self._relay(endpoint)
        try:
            return request(relay)
        except PostError as error:
            if error.code != "bad_token" or endpoint.url is not None:
                raise
            found = self._relay(endpoint)
            if found.token == relay.token:
                raise
            return request(found)

    def _flush_at(self, relay: Relay, endpoint: Endpoint, wait: float, is_well: bool = False) -> Flushed:
        """Posts that had waited are followed like those that are sent at once."""
        flushed = self._spool.flush(relay, endpoint.owner, wait, is_well)
        if self._pending is not None and flushed.posts:
            self._pending.add(Receipt([], flushed.posts), endpoint)
        return flushed

    def _wait_behind(self, relay: Relay, endpoint: Endpoint, post: Post) -> Flushed:
        """Sends waiting posts first. ``away`` if one to the same target could not be sent."""
        flushed = self._flush_at(relay, endpoint, wait=LAYOUT["postWaitMs"] / 1000)
        flushed.notices += sent_lines(flushed.sent)
        if flushed.away is not None:
            waiting = self._spool.entries(endpoint.owner)
            if not any(set(entry.post.targets) & set(post.targets) for _, entry in waiting):
                flushed.away = None
        return flushed

    def _known_limits(self, endpoint: Endpoint) -> Optional[Limits]:
        """None if unknown or too old. They are the same for everyone, but a cell may have changed
        the relay's address.
        """
        if self._limits is None:
            return None
        address, until, limits = self._limits
        return limits if address == endpoint.url and time.monotonic() < until else None

    def _limits_of(self, endpoint: Endpoint, relay: Relay) -> Limits:
        known = self._known_limits(endpoint)
        if known is not None:
            return known
        limits = get_limits(relay)
        self._limits = (endpoint.url, time.monotonic() + _BELIEVED, limits)
        return limits

    def _endpoint(self) -> Endpoint:
        return resolve_endpoint(self._env, self._url, self._token)

    def _relay(self, endpoint: Endpoint) -> Relay:
        if endpoint.url is None:
            return local_relay(self._env)
        return Relay(endpoint.url, endpoint.token)
