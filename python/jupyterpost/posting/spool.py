"""Posts whose relay is away: kept on disk in order, and each sent once, under a lock, by whichever
process comes first: this one, a TypeScript kernel or the CLI (``post/relay/spool.ts``).

If the relay itself fails at a post but takes others, the post is set aside. The person is told what
was dropped or set aside.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

from .client import submit_post
from .error import PostError, RelayAway
from .lock import wait_lock
from .private_file import private_folder
from .request import Relay
from .schema import Post
from .spool_file import LAYOUT, SpoolEntry, read_spool_file, write_spool_file

_WAITING, _ASIDE, _PART = LAYOUT["waiting"], LAYOUT["aside"], LAYOUT["part"]
# After this many failures in a row, try only the newest post: the relay may be broken.
_MOST_FAILED = LAYOUT["mostFailed"]
# Refusals that are about the post itself, so that no later try helps. After any other refusal the
# post waits.
_FINAL = frozenset(LAYOUT["refusalsOfPosts"])
# Refusals that are about the way to the post's targets: posts to others are still sent. After any
# other refusal (``refusalsOfAll`` in the same file) all posts wait.
_ABOUT_TARGETS = frozenset(LAYOUT["refusalsOfTargets"])


@dataclass
class Flushed:
    sent: int = 0
    #: What the relay said of those, one for each target.
    posts: list[dict[str, Any]] = field(default_factory=list)
    #: What was given up, or was set aside, in words.
    notices: list[str] = field(default_factory=list)
    #: Why it did not send all of them; None if it did.
    away: Optional[str] = None
    #: It stopped because the relay itself fails, at these posts or at every post.
    is_failing: bool = False


class Spool:
    def __init__(self, state_folder: Path) -> None:
        self.folder = state_folder / LAYOUT["folder"]

    def add(self, post: Post, owner: tuple[str, str], reason: str, idempotency_key: str) -> list[str]:
        """Keeps a post. Returns, in words, what had to be dropped for it."""
        private_folder(self.folder.parent)
        private_folder(self.folder)
        entry = SpoolEntry(idempotency_key, *owner, int(time.time() * 1000), reason, post)
        write_spool_file(self.folder, self._next_name(), entry)
        return self._expire()

    def entries(self, owner: Optional[tuple[str, str]] = None) -> list[tuple[Path, SpoolEntry]]:
        """Those that wait to be sent, oldest first; only those of ``owner``, if given."""
        return [
            (path, entry)
            for path, entry in self._all()
            if path.suffix == _WAITING and owner in (None, (entry.relay, entry.user))
        ]

    def _all(self) -> list[tuple[Path, SpoolEntry]]:
        """With those that were set aside."""
        read = [(path, read_spool_file(path)) for path in self._paths()]
        return [(path, entry) for path, entry in read if entry is not None]

    def flush(self, relay: Relay, owner: tuple[str, str], wait: float, is_well: bool = False) -> Flushed:
        """Sends the owner's entries in order, until one finds the relay away. Only one process
        sends at a time; if another one is sending, this waits for it, ``wait`` seconds.

        ``is_well``: the relay has just taken a post, so if it fails, that is because of the entry.
        """
        flushed = Flushed()
        if not self._paths():
            return flushed
        name = hashlib.sha256("\n".join(owner).encode()).hexdigest()[: LAYOUT["lockDigits"]]
        release = wait_lock(self.folder / f"{LAYOUT['lock']}{name}", wait)
        if release is None:
            flushed.away = "another program is sending the waiting posts"
            return flushed
        try:
            flushed.notices += self._expire()
            self._send_all(relay, self.entries(owner), flushed, is_well)
        except RelayAway as away:
            flushed.away = str(away)
            flushed.is_failing = away.status == 500
        finally:
            release()
        return flushed

    def _send_all(
        self, relay: Relay, entries: list[tuple[Path, SpoolEntry]], flushed: Flushed, is_well: bool
    ) -> None:
        """Raises an error if the rest has to wait for a later try. If the relay fails at several
        posts, it is the one of the oldest.
        """
        failed: list[tuple[Path, SpoolEntry, RelayAway]] = []
        # Targets that take nothing now. A later post to one of them keeps its place behind the
        # first.
        closed: set[str] = set()
        while entries:
            path, entry = entries.pop(0)
            taken = flushed.sent
            failure = self._failure(relay, path, entry, flushed, closed)
            if failure is not None and is_well:
                _set_aside(path, entry, failure, flushed)
            elif failure is not None:
                failed.append((path, entry, failure))
            if len(failed) == _MOST_FAILED:
                entries = entries[-1:]
            if len(failed) > _MOST_FAILED:
                break
            if flushed.sent == taken:
                continue
            # The relay took this one. Earlier ones that it failed at are set aside if it fails
            # again.
            for path, entry, _ in failed:
                failure = self._failure(relay, path, entry, flushed, closed)
                if failure is not None:
                    _set_aside(path, entry, failure, flushed)
            failed = []
        if failed:
            raise failed[0][2]

    def _failure(
        self, relay: Relay, path: Path, entry: SpoolEntry, flushed: Flushed, closed: set[str]
    ) -> Optional[RelayAway]:
        """Why the relay itself fails at this entry, though it may take others. Raises an error if
        all entries have to wait.
        """
        if closed.intersection(entry.post.targets):
            return None
        try:
            self._send_one(relay, entry, flushed)
        except RelayAway as away:
            if away.status == 500:
                return away
            raise
        except PostError as error:
            if error.code not in _ABOUT_TARGETS:
                raise
            closed.update(entry.post.targets)
            flushed.away = flushed.away or str(error)
            return None
        path.unlink(missing_ok=True)
        return None

    def _send_one(self, relay: Relay, entry: SpoolEntry, flushed: Flushed) -> None:
        """Raises an error if the entry has to wait for a later try."""
        try:
            accepted = submit_post(relay, entry.post, entry.idempotency_key)
            flushed.sent += 1
            flushed.posts += accepted["posts"]
        except PostError as error:
            if error.code not in _FINAL:
                raise
            flushed.notices.append(f"{_name(entry)} was refused and dropped: {error}")

    def _paths(self) -> list[Path]:
        """With those that were set aside."""
        return sorted([*self.folder.glob(f"*{_WAITING}"), *self.folder.glob(f"*{_ASIDE}")])

    def _next_name(self) -> str:
        """Names sort by time. A new entry comes last even after the clock was set back."""
        paths = self._paths()
        newest = paths[-1].name.split("-")[0] if paths else ""
        last = int(newest) if newest.isdecimal() else 0
        at = max(int(time.time() * 1000) * 1000, last + 1)
        return f"{at:0{LAYOUT['timeDigits']}d}-{uuid.uuid4().hex[: LAYOUT['idLetters']]}{_WAITING}"

    def _remove_parts(self) -> None:
        """Removes halves of posts whose process was killed: nobody will complete them."""
        for path in self.folder.glob(f".*{_PART}"):
            try:
                if (time.time() - path.stat().st_mtime) * 1000 > LAYOUT["partMs"]:
                    path.unlink(missing_ok=True)
            except FileNotFoundError:  # complete by now
                continue

    def _expire(self) -> list[str]:
        """Drops entries that are too old, then the oldest if all are too large together; names
        each.
        """
        self._remove_parts()
        notices = []
        entries = [(path, entry, _size(path)) for path, entry in self._all()]
        total = sum(size for _, _, size in entries)
        most, longest = LAYOUT["bytes"], LAYOUT["ageMs"]
        for path, entry, size in entries:
            is_old = time.time() * 1000 - entry.spooled_at > longest
            if not is_old and total <= most:
                break
            path.unlink(missing_ok=True)
            total -= size
            why = (
                f"it waited longer than {longest // 86_400_000} days"
                if is_old
                else f"the spool is full ({most // 1024 // 1024} MB)"
            )
            notices.append(f"{_name(entry)} was dropped: {why}")
        return notices


def _set_aside(path: Path, entry: SpoolEntry, failure: RelayAway, flushed: Flushed) -> None:
    """The post will only be sent if a person asks for it."""
    with contextlib.suppress(FileNotFoundError):  # sent by another process meanwhile
        path.rename(path.with_suffix(_ASIDE))
    flushed.notices.append(
        f"{_name(entry)} is set aside: {failure}, but it takes other posts. "
        "jupyterpost spool send tries it again, jupyterpost spool drop deletes it"
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # sent by another process meanwhile
        return 0


def _name(entry: SpoolEntry) -> str:
    when = datetime.fromtimestamp(entry.spooled_at / 1000, timezone.utc)
    stamp = when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"A waiting post of {stamp} to {', '.join(entry.post.targets)}"
