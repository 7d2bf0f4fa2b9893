"""One post of the spool as one file: a JSON line, then the bytes of its files
(``post/relay/spool-file.ts``).

Written completely or not at all, and never with a token. Each language reads what the other wrote.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from ..contract import read
from .schema import Post, PostFile, json_bytes

#: Names, bounds and refusals of the spool, as ``post/relay/spool.ts`` has them.
LAYOUT = read("spool")


@dataclass(frozen=True)
class SpoolEntry:
    idempotency_key: str
    #: The entry is only sent to this relay and for this person.
    relay: str
    user: str
    #: Milliseconds since the epoch.
    spooled_at: int
    reason: str
    post: Post


def write_spool_file(folder: Path, name: str, entry: SpoolEntry) -> None:
    """Atomic and durable: once it returns, a crash cannot lose the entry."""
    head = {
        "idempotencyKey": entry.idempotency_key,
        "relay": entry.relay,
        "user": entry.user,
        "spooledAt": entry.spooled_at,
        "reason": entry.reason,
        "manifest": entry.post.manifest(),
        "files": [
            {"name": file.name, "mimetype": file.mimetype, "bytes": len(file.bytes)}
            for file in entry.post.files
        ],
    }
    temporary = folder / f".{name}{LAYOUT['part']}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(json_bytes(head) + b"\n")
            for attached in entry.post.files:
                file.write(attached.bytes)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        # On a full disk, half a post would only take the space of the next one.
        temporary.unlink(missing_ok=True)
        raise
    os.replace(temporary, folder / name)
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read_spool_file(path: Path) -> Optional[SpoolEntry]:
    """None if another process has sent the entry, or if the file is not one of ours or was cut."""
    try:
        line, newline, rest = path.read_bytes().partition(b"\n")
        head = json.loads(line)
        files, offset = [], 0
        for file in head["files"]:
            size = _checked(file["bytes"], int)
            name, mimetype = _checked(file["name"], str), _checked(file["mimetype"], str)
            files.append(PostFile(name, mimetype, rest[offset : offset + size]))
            offset += size
        entry = _entry(head, files)
    except (FileNotFoundError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return entry if newline and offset == len(rest) else None


def _entry(head: dict[str, Any], files: list[PostFile]) -> SpoolEntry:
    manifest = head["manifest"]
    targets = [_checked(target, str) for target in _filled(manifest["targets"])]
    blocks = [_checked(block, dict) for block in _filled(manifest["blocks"])]
    optional = (manifest.get(name) for name in ("thread", "source", "mask", "ask"))
    texts = [_checked(head[name], str) for name in ("idempotencyKey", "relay", "user", "reason")]
    key, relay, user, reason = texts
    spooled_at = int(_checked(head["spooledAt"], (int, float)))
    return SpoolEntry(key, relay, user, spooled_at, reason, Post(targets, blocks, files, *optional))


def _checked(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool) or (kind is int and value < 0):
        raise TypeError
    return value


def _filled(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise TypeError
    return value
