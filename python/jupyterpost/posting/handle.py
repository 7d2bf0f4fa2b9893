"""What ``post()`` returns: where a post went, and how to change it. See ``post/api/post.ts``."""

from __future__ import annotations

import pprint
import time
from typing import Any, Callable, Optional

from .at_call import at_call
from .attachment import attached_content, is_shown
from .error import PostError
from .poster import RelayPoster
from .receipt import NOTICE, Receipt
from .schema import Block, Limits, Post

# Seconds between two status requests. Short at first: most posts are in the chat within a second.
_POLL = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


def content_of(message: Any, attachment: Any, limits: Callable[[], Limits]) -> Post:
    """A post without targets. A message that is no text is posted as a notebook shows it.

    Raises PostError ``bad_request`` if it would be empty, TypeError for an attachment that cannot
    be sent.
    """
    if isinstance(message, (bytes, bytearray)):
        raise PostError(
            "bad_request", "Expected the message to be text, got bytes: .decode() them, or attach them"
        )
    if not isinstance(message, str) and is_shown(message):
        given = attachment if isinstance(attachment, (list, tuple)) else [attachment]
        blocks, files = attached_content([message, *(one for one in given if one is not None)], limits)
        return Post([], blocks, files)
    blocks = _message_blocks(message)
    attached, files = attached_content(attachment, limits)
    if not blocks and not attached:
        raise PostError("bad_request", "Expected a message or an attachment, got neither")
    return Post([], blocks + attached, files)


def _message_blocks(message: Any) -> list[Block]:
    if isinstance(message, (dict, list, tuple, set, frozenset)):
        # Its signs are not markdown.
        return [{"type": "text", "text": pprint.pformat(message, width=100), "stream": "result"}]
    text = "" if message is None else str(message)
    return [{"type": "message", "text": text}] if text else []


class PostHandle:
    """A post that the relay has or that waits on disk. It is shown as its receipt."""

    def __init__(
        self, poster: RelayPoster, thread: str, receipt: Receipt, place: Callable[[], dict[str, Any]]
    ) -> None:
        self._poster = poster
        self._thread = thread
        self._receipt = receipt
        # Where a reply comes from: the cell that is running at that time.
        self._place = place

    @property
    def targets(self) -> list[str]:
        return list(self._receipt.targets)

    @property
    def notices(self) -> list[str]:
        """What else the receipt said: secrets that were masked, earlier posts that were sent."""
        return list(self._receipt.notices)

    @property
    def spooled(self) -> bool:
        """The relay was away, and the post waits on disk."""
        return self._receipt.spooled

    @property
    def status(self) -> str:
        """The last known status (of the first target, if several); ``delivered()`` asks again."""
        return "spooled" if self.spooled else self._receipt.posts[0]["status"]

    @property
    def url(self) -> Optional[str]:
        """Permalink, once the chat has the post."""
        return self._receipt.url

    @at_call
    def delivered(self) -> str:
        """Waits until the chat has the post; returns its status, ``delivered`` or ``unknown``.

        Raises PostError: ``dead`` if the chat refuses it, ``spooled`` if the relay was away.
        """
        poll = 0
        while True:
            posts = [self._poster.status(post["id"]) for post in self._stored()]
            self._receipt = Receipt(self.targets, posts)
            for post in posts:
                if post["status"] == "dead":
                    why = post.get("error") or "no reason given"
                    raise PostError("dead", f"The post to {post['destination']} was not delivered: {why}")
            if all(post["status"] in ("delivered", "unknown") for post in posts):
                return posts[0]["status"]
            time.sleep(_POLL[min(poll, len(_POLL) - 1)])
            poll += 1

    @at_call
    def update(self, message: Any = None, attachment: Any = None) -> None:
        """Replaces the content of the post.

        Raises PostError: ``too_late`` if it was not delivered or is deleted, ``spooled`` if it
        still waits on disk.
        """
        stored = self._stored()
        content = content_of(message, attachment, self._poster.limits)
        self._receipt = Receipt(self.targets, [self._poster.change(post["id"], content) for post in stored])

    @at_call
    def reply(self, message: Any = None, attachment: Any = None) -> PostHandle:
        """A post in the thread of this one, to the same targets. Raises PostError."""
        content = content_of(message, attachment, self._poster.limits)
        content.targets, content.thread, content.source = self.targets, self._thread, self._place()
        return PostHandle(self._poster, self._thread, self._poster.post(content), self._place)

    @at_call
    def delete(self) -> None:
        """Deletes the post, with the files that updates added in its thread. Raises PostError."""
        for post in self._stored():
            self._poster.remove(post["id"])

    def _stored(self) -> list[dict[str, Any]]:
        if not self.spooled:
            return self._receipt.posts
        raise PostError(
            "spooled",
            f"The relay is away ({self._receipt.reason}): the post is kept and sent later, so it is not known yet whether it is delivered",
        )

    def __str__(self) -> str:
        return str(self._receipt)

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        return self._receipt.bundle(), NOTICE
