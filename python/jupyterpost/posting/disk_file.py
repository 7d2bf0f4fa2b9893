"""Reads what a person attaches, up to a bound: a path may be that of a device without an end, and
a file may be larger than the memory.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

from .error import PostError

#: Bytes of a file that are read. The relay's own limits are lower, unless the admin raised them.
MOST = 256 * 1024 * 1024
# Of one step, as some files give less than what is asked for.
_STEP = 1024 * 1024


def own_path(text: str) -> Path:
    """With the home of ``~``. Raises PostError ``bad_attachment`` if there is no such person."""
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise PostError("bad_attachment", f"Cannot attach {text}: {error}") from None


def bytes_of_disk(path: Path) -> bytes:
    """Raises PostError ``bad_attachment``, ``too_large``."""
    try:
        found = path.stat()
        # A pipe would wait for somebody to write, and a device may have no end.
        if stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode):
            if found.st_size > MOST:
                raise _too_large(str(path))
            with path.open("rb") as file:
                return whole(file, str(path))
    except PostError:
        raise
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise PostError("bad_attachment", f"Cannot attach {path}: {why}") from None
    raise PostError("bad_attachment", f"Cannot attach {path}: it is a device or a pipe")


def whole(file: Any, name: str) -> Any:
    """What is left to read: bytes, or text of a text file. As it gives it if that is neither.

    Raises PostError ``too_large``, and what reading raises.
    """
    parts: list[Any] = []
    size = 0
    while True:
        part = file.read(_STEP)
        if not isinstance(part, (str, bytes, bytearray, memoryview)):
            return part
        if not part:
            return part[:0].join(parts) if isinstance(part, str) else b"".join(parts)
        parts.append(part)
        size += len(part)
        if size > MOST:
            raise _too_large(name)


def _too_large(name: str) -> PostError:
    return PostError("too_large", f"The post is too large: {name} has more than {MOST // 1024 // 1024} MB")
