"""Decides what is watched: the running cell, or a program, of which a chat shows something. Another
process does the rest (``watcher``); it asks here what the cell shows, and for the cell's interrupt.
"""

from __future__ import annotations

import _thread
import os
import signal
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Optional

from ..notebook import current_notebook
from ..poster import RelayPoster
from ..schema import Post
from .watch_process import WatchProcess
from .watched import Cell, WatchedPost

# Seconds within which a watching process that ended is not replaced a second time.
_AGAIN = 10.0
# Posts of one cell. The others are not changed by its death.
_MOST = 100


@dataclass
class _Watch:
    poster: RelayPoster
    cell: Cell
    posts: list[WatchedPost]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def begin(self) -> dict[str, Any]:
        url, token = self.poster.address
        return {
            "do": "watch",
            "id": self.id,
            "url": url,
            "token": token,
            "env": dict(os.environ),
            "startedAt": self.cell.started_at,
            "isCell": self.cell.is_cell,
            "place": self._masked(Post([], [], source=self.cell.place())).source or {},
            "posts": [post.address() for post in self.posts],
            "states": {},
        }

    def states(self, post: WatchedPost) -> dict[str, Any]:
        return {"do": "states", "id": self.id, "states": {post.key: post.state()}}

    def make_room(self) -> None:
        """A loop may make any number of posts."""
        if len(self.posts) >= _MOST:
            self.posts.remove(next((post for post in self.posts if not post.is_open), self.posts[0]))

    def state(self) -> dict[str, Any]:
        # Masked before it is cut, because half a secret would not be recognised.
        text = self._masked(Post([], [{"type": "text", "text": self.cell.text()}], source=self.cell.place()))
        now = int(time.time() * 1000)
        blocks = [block for post in list(self.posts) for block in post.progress_blocks(now)]
        return {
            "do": "state",
            "id": self.id,
            "text": text.blocks[0]["text"],
            "place": text.source or {},
            "progress": self._masked(Post([], blocks)).blocks,
            "posts": {post.key: post.state() for post in list(self.posts)},
        }

    def _masked(self, post: Post) -> Post:
        return self.poster.masked(post)[0]


class Watches:
    """May be used from several threads."""

    def __init__(self) -> None:
        self._process = WatchProcess(self._heard, self._process_ended)
        self._lock = threading.RLock()
        self._cell: Optional[Cell] = None
        # One for each relay.
        self._open: dict[RelayPoster, _Watch] = {}
        self._restarted = float("-inf")
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)

    def cell_started(self, cell: Cell) -> None:
        with self._lock:
            self._cell = cell

    def cell_ended(self) -> None:
        """Call after the cell's last post: until then its death would be told."""
        with self._lock:
            self._cell = None
            self._end(list(self._open.values()))

    def tell(self, post: WatchedPost) -> None:
        """A chat shows something of what runs now. Outside a notebook, that is the program."""
        with self._lock:
            was_open, post.is_open = post.is_open, True
            watch = self._open.get(post.poster)
            if post.owner != os.getpid():
                return
            if watch is not None and post in watch.posts:
                if not was_open:
                    self._process.send(watch.states(post))
                return
            cell = self._cell
            if watch is None:
                if cell is None:
                    # A cell that has ended is not watched, even if it goes on posting.
                    if current_notebook().has_cells:
                        return
                    cell = Cell(int(time.time() * 1000))
                watch = self._open[post.poster] = _Watch(post.poster, cell, [])
            watch.make_room()
            watch.posts.append(post)
            # Native code may run from the first moment on, so that nothing can be asked.
            self._process.send({**watch.begin(), **watch.states(post), "do": "watch"}, starts=True)

    def ended(self, post: WatchedPost) -> None:
        """The post has its last state. With its last one, a program is no longer watched."""
        with self._lock:
            post.is_open = False
            watch = self._open.get(post.poster)
            if watch is None or post not in watch.posts:
                return
            if watch.cell.is_cell:
                # Its thread still hears `stop`, but a death changes it no more.
                self._process.send(watch.states(post))
                return
            watch.posts.remove(post)
            if watch.posts:
                self._process.send(watch.begin())
            else:
                self._end([watch])

    def shutdown_requested(self) -> None:
        """A person ends or restarts the kernel: its end is no news."""
        self._process.send({"do": "asked"})

    def _end(self, watches: list[_Watch]) -> None:
        for watch in watches:
            del self._open[watch.poster]
            self._process.send({"do": "end", "id": watch.id})

    def _heard(self, message: dict[str, Any]) -> None:
        if message["do"] == "stop":
            with self._lock:
                # Never the next cell.
                if self._find(message["id"]) is not None:
                    _interrupt()
            return
        with self._lock:
            watch = self._find(message["id"])
        if watch is None:
            # An interrupt came between the cell's end and the message about it.
            self._process.send({"do": "end", "id": message["id"]})
            return
        try:
            # Not under the lock: it takes a while to mask what a cell has shown.
            state = watch.state()
        except Exception:
            # The cell changes what is being read. The process asks again in a few seconds.
            return
        self._process.send(state)

    def _find(self, watch_id: str) -> Optional[_Watch]:
        return next((watch for watch in self._open.values() if watch.id == watch_id), None)

    def _process_ended(self) -> None:
        """It ends when it has nothing to do. What began at that moment gets another one."""
        with self._lock:
            now = time.monotonic()
            if not self._open or now - self._restarted < _AGAIN:
                return
            self._restarted = now
            for watch in self._open.values():
                self._process.send(watch.begin(), starts=True)

    def _forked(self) -> None:
        """The child of a fork runs something else."""
        self._lock = threading.RLock()
        self._cell = None
        self._open.clear()
        self._process.forget()


def _interrupt() -> None:
    """As the front end's interrupt: a signal, which wakes the main thread where it waits."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


watches = Watches()
