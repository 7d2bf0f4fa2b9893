"""Posts whose relay is away: kept on disk in order, sent once each under a lock, by whichever process comes first, this
one, a TypeScript kernel or the CLI (``post/relay/spool.ts``). A post at which the relay itself fails is set aside once it takes
others. What is dropped or set aside is said.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Optional

from .client import submit_post
from .error import PostError, RelayAway
from .lock import wait_lock
from .private_file import private_folder
from .request import Relay
from .schema import Post
from .spool_file import SpoolEntry, read_spool_file, write_spool_file

BOUND_BYTES = 200 * 1024 * 1024
BOUND_DAYS = 7
_ASIDE = "jupyterpost spool send tries it again, spool drop deletes it"
# After this many failures in a row, try only the newest post: the relay may be broken.
_MOST_FAILED = 5
# The refusals that are about the post itself, which no later try changes. All others are about the site: the post waits.
_FINAL = frozenset(
    {"bad_request", "bad_target", "unknown_target", "not_allowed", "too_large", "idempotency_conflict"}
)
# About the way to the post's targets: posts elsewhere go on. Any other refusal would meet each post.
_ABOUT_TARGETS = frozenset({"chat_refuses", "identity_not_linked"})


@dataclass
class Flushed:
    sent: int = 0
    #: What was given up, in words.
    notices: list[str] = field(default_factory=list)
    #: Why it did not send them all, if it did not.
    away: Optional[str] = None


class Spool:
    def __init__(self, state_folder: Path) -> None:
        self.folder = state_folder / "spool"

    def add(self, post: Post, owner: tuple[str, str], reason: str, idempotency_key: str) -> list[str]:
        """Keeps a post. Returns what had to go for it, in words."""
        private_folder(self.folder.parent)
        private_folder(self.folder)
        entry = SpoolEntry(idempotency_key, *owner, int(time.time() * 1000), reason, post)
        write_spool_file(self.folder, self._next_name(), entry)
        return self._expire()

    def entries(self, owner: Optional[tuple[str, str]] = None) -> list[tuple[Path, SpoolEntry]]:
        """Oldest first; of one owner if one is named."""
        read = [(path, read_spool_file(path)) for path in self._paths()]
        return [
            (path, entry)
            for path, entry in read
            if entry is not None and owner in (None, (entry.relay, entry.user))
        ]

    def flush(self, relay: Relay, owner: tuple[str, str], wait: float) -> Flushed:
        """Sends the owner's entries in order, until one finds the relay away. Only one process sends at a time;
        for another one that is sending it waits ``wait`` seconds."""
        flushed = Flushed()
        if not self._paths():
            return flushed
        name = hashlib.sha256("\n".join(owner).encode()).hexdigest()[:16]
        release = wait_lock(self.folder / f".lock-{name}", wait)
        if release is None:
            flushed.away = "another program is sending the spool"
            return flushed
        try:
            flushed.notices += self._expire()
            self._send_all(relay, self.entries(owner), flushed)
        except RelayAway as away:
            flushed.away = str(away)
        finally:
            release()
        return flushed

    def _send_all(self, relay: Relay, entries: list[tuple[Path, SpoolEntry]], flushed: Flushed) -> None:
        """Raises what leaves the rest for a later try."""
        failed: list[tuple[Path, SpoolEntry]] = []
        why: Optional[RelayAway] = None
        # Targets that take nothing for now: what goes there keeps its place behind the first.
        closed: set[str] = set()
        while entries:
            path, entry = entries.pop(0)
            taken = flushed.sent
            failure = self._failure(relay, path, entry, flushed, closed)
            if failure is not None:
                failed.append((path, entry))
                why = failure
            if len(failed) == _MOST_FAILED:
                entries = entries[-1:]
            if len(failed) > _MOST_FAILED:
                break
            if flushed.sent == taken:
                continue
            # It took this one, so what it failed at before is to blame, if it fails once more.
            for path, entry in failed:
                failure = self._failure(relay, path, entry, flushed, closed)
                if failure is not None:
                    path.rename(path.with_suffix(".aside"))
                    flushed.notices.append(f"{_name(entry)} is set aside: {failure}, and takes others. {_ASIDE}")
            failed = []
        if failed and why is not None:
            raise why

    def _failure(
        self, relay: Relay, path: Path, entry: SpoolEntry, flushed: Flushed, closed: set[str]
    ) -> Optional[RelayAway]:
        """Why the relay itself fails at the entry, which says nothing about others. Raises what leaves all for later."""
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
        """Raises what leaves the entry for a later try."""
        try:
            submit_post(relay, entry.post, entry.idempotency_key)
            flushed.sent += 1
        except PostError as error:
            if error.code not in _FINAL:
                raise
            flushed.notices.append(f"{_name(entry)} was refused and dropped: {error}")

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("[!.]*.post"))

    def _next_name(self) -> str:
        """Names sort by time; also after the clock was set back, a new entry comes last."""
        paths = self._paths()
        last = int(paths[-1].name.split("-")[0]) if paths else 0
        return f"{max(int(time.time() * 1000) * 1000, last + 1):017d}-{uuid.uuid4().hex[:8]}.post"

    def _expire(self) -> list[str]:
        """Entries too old, then the oldest of too many bytes, go; each is named."""
        notices = []
        entries = [(path, entry, _size(path)) for path, entry in self.entries()]
        total = sum(size for _, _, size in entries)
        for path, entry, size in entries:
            is_old = time.time() * 1000 - entry.spooled_at > BOUND_DAYS * 86_400_000
            if not is_old and total <= BOUND_BYTES:
                break
            path.unlink(missing_ok=True)
            total -= size
            why = (
                f"it waited longer than {BOUND_DAYS} days"
                if is_old
                else f"the spool is full ({BOUND_BYTES // 1024 // 1024} MB)"
            )
            notices.append(f"{_name(entry)} was dropped: {why}")
        return notices


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # sent by another process meanwhile
        return 0


def _name(entry: SpoolEntry) -> str:
    when = datetime.fromtimestamp(entry.spooled_at / 1000, timezone.utc)
    stamp = when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"A waiting post of {stamp} to {', '.join(entry.post.targets)}"
