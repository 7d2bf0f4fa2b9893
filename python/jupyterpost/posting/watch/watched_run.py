"""One watched cell or program, in the watching process: what it shows, as far as it told, and its
commands.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Callable

from ..duration import duration_words
from ..error import PostError
from .last_words import Death, Ending, last_words
from .lease import Lease
from ..poster import RelayPoster
from ..receipt import notice_text
from ..schema import LIMITS, Post
from .status_words import status_blocks

_WATCH = LIMITS["watch"]
# Seconds that something runs before it is watched, and between two questions what it shows.
_FIRST = _WATCH["firstMs"] / 1000
_EVERY = LIMITS["live"]["everyMs"] / 1000
# Seconds that are left for the last words, which may go to the spool.
_LAST = 30.0
# A person waits no longer for what the cell shows now.
_ANSWER = 2.0


class WatchedRun:
    def __init__(self, begin: dict[str, Any], tell: Callable[[dict[str, Any]], None]) -> None:
        """``tell`` sends a message to the watched program."""
        self.id = str(begin["id"])
        self._tell = tell
        self._poster = RelayPoster(begin["env"], begin["url"], begin["token"])
        self._started_at: int = begin["startedAt"]
        self._is_cell: bool = begin["isCell"]
        self._place: dict[str, Any] = begin["place"]
        self._posts: list[dict[str, Any]] = begin["posts"]
        # The last answer of the program.
        self._state: dict[str, Any] = {"text": "", "progress": [], "posts": begin["states"]}
        self._heard_at = time.monotonic()
        self._answered = threading.Condition()
        self._ended = threading.Event()
        self._is_watching = False
        self._status_at = float("-inf")
        self._lease = Lease(self._poster, self.id, self._manifest, self._obey)
        threading.Thread(target=self._run, name="jupyterpost run", daemon=True).start()

    def changed(self, begin: dict[str, Any]) -> None:
        self._posts = begin["posts"]
        self.told(begin["states"])
        if self._is_watching:
            self._lease.changed()

    def told(self, states: dict[str, Any]) -> None:
        """What some of its posts show now."""
        with self._answered:
            self._state["posts"].update(states)

    def answered(self, state: dict[str, Any]) -> None:
        with self._answered:
            self._state = state
            self._place = state["place"]
            self._heard_at = time.monotonic()
            self._answered.notify_all()

    def end(self, until: Callable[[], float]) -> None:
        """It ended well, and has told so itself."""
        self._ended.set()
        self._lease.end(until)

    def died(self, ending: Ending, until: Callable[[], float]) -> None:
        death = Death(ending, self._place, self._is_cell, self._running_ms(), self._state["text"])
        # First the lease: while the relay is away, it tries again.
        self.end(lambda: until() - _LAST)
        for post in self._posts:
            state = self._state["posts"].get(post["key"], {})
            if state.get("isOpen", True):
                last_words(self._poster, death, post, state)

    def _run(self) -> None:
        if self._ended.wait(max(0.0, _FIRST - self._running_ms() / 1000)):
            return
        self._ask()
        self._watch()
        while not self._ended.wait(_EVERY):
            self._ask()
            self._watch()

    def _watch(self) -> None:
        """The relay watches only what a chat shows, or what ``%autopost`` will show."""
        is_shown = any(post["wish"] is None or post["wish"]["has_lease"] for post in self._posts)
        if is_shown and not self._is_watching:
            self._is_watching = True
            threading.Thread(target=self._lease.run, name="jupyterpost lease", daemon=True).start()

    def _ask(self) -> bool:
        """Whether the program answered in time: it cannot while native code holds it up."""
        with self._answered:
            before = self._heard_at
            self._tell({"do": "ask", "id": self.id})
            return self._answered.wait_for(lambda: self._heard_at > before or self._ended.is_set(), _ANSWER)

    def _manifest(self) -> dict[str, Any]:
        posts = self._posts
        targets = list(dict.fromkeys(target for post in posts for target in post["targets"]))
        thread = next((post["thread"] for post in posts if post["thread"]), None)
        return {
            "targets": targets[: _WATCH["posts"]],
            **({} if thread is None else {"thread": thread}),
            "source": self._place,
            "runningMs": self._running_ms(),
            "posts": [post_id for post in posts for post_id in post["ids"]][-_WATCH["posts"] :],
        }

    def _obey(self, command: dict[str, Any]) -> None:
        if command["command"] == "stop":
            self._tell({"do": "stop", "id": self.id})
            return
        now = time.monotonic()
        if now - self._status_at < _WATCH["statusGapMs"] / 1000:
            return
        self._status_at = now
        threading.Thread(target=self._status, args=(command.get("post"),), daemon=True).start()

    def _status(self, heard_in: Any) -> None:
        is_answered = self._ask()
        state, age = self._state, time.monotonic() - self._heard_at
        blocks = status_blocks(state["text"], state["progress"])
        if not is_answered:
            blocks.append({"type": "notice", "text": notice_text("silentCell", time=duration_words(age))})
        targets, thread = self._address_of(heard_in)
        source = {**self._place, "durationMs": self._running_ms()}
        try:
            self._poster.post(Post(targets, blocks, [], thread, source))
        except PostError:
            # The relay refuses it. The person can ask again.
            return

    def _address_of(self, heard_in: Any) -> tuple[list[str], str]:
        """The thread in which a command was given; the watch's own thread for posts that the relay
        made itself.
        """
        for post in self._posts:
            if heard_in in post["ids"]:
                return [post["targets"][post["ids"].index(heard_in)]], str(post["thread"] or self.id)
        manifest = self._manifest()
        return manifest["targets"], str(manifest.get("thread", self.id))

    def _running_ms(self) -> int:
        return max(0, int(time.time() * 1000) - self._started_at)
