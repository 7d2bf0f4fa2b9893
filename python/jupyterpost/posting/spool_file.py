"""One post of the spool as one file: a JSON line, then the bytes of its files (``post/relay/spool-file.ts``).

Written whole or not at all; never with a token. Either side reads what the other wrote.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from .schema import Post, PostFile


@dataclass(frozen=True)
class SpoolEntry:
    idempotency_key: str
    #: The relay and the person that the entry is bound to.
    relay: str
    user: str
    #: Milliseconds since the epoch.
    spooled_at: int
    reason: str
    post: Post


def write_spool_file(folder: Path, name: str, entry: SpoolEntry) -> None:
    """Atomic and durable: after it returns, a crash keeps the entry."""
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
    temporary = folder / f".{name}.part"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(f"{json.dumps(head)}\n".encode())
        for attached in entry.post.files:
            file.write(attached.bytes)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, folder / name)
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read_spool_file(path: Path) -> Optional[SpoolEntry]:
    """None if another process sent it meanwhile, or if the file is none of ours or was cut."""
    try:
        line, newline, rest = path.read_bytes().partition(b"\n")
        head = json.loads(line)
        manifest = head["manifest"]
        files, offset = [], 0
        for file in head["files"]:
            files.append(PostFile(file["name"], file["mimetype"], rest[offset : offset + file["bytes"]]))
            offset += file["bytes"]
        entry = _entry(head, manifest, files)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return entry if newline and offset == len(rest) else None


def _entry(head: dict[str, Any], manifest: dict[str, Any], files: list[PostFile]) -> SpoolEntry:
    optional = (manifest.get(name) for name in ("thread", "source", "mask"))
    post = Post(list(manifest["targets"]), list(manifest["blocks"]), files, *optional)
    texts = [head[name] for name in ("idempotencyKey", "relay", "user", "reason")]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError
    key, relay, user, reason = texts
    return SpoolEntry(key, relay, user, int(head["spooledAt"]), reason, post)
