"""Messages between this program and the process that watches it: one line of JSON each."""

from __future__ import annotations

import json
import os
import selectors
import time
from collections.abc import Iterator
from typing import Any

_CHUNK = 64 * 1024


def read_messages(pipe: int) -> Iterator[Any]:
    """Until the other side closes it. Without a buffered reader: one that a daemon thread reads
    would abort the interpreter at its end.
    """
    pending = b""
    while True:
        try:
            chunk = os.read(pipe, _CHUNK)
        except OSError:  # closed on this side
            return
        if not chunk:
            return
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            yield json.loads(line)


def write_message(pipe: int, message: Any, limit: float) -> None:
    """Raises OSError, after ``limit`` seconds too if the other side does not read."""
    left = memoryview(json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n")
    if os.name == "nt":
        while left:
            left = left[os.write(pipe, left) :]
        return
    os.set_blocking(pipe, False)
    end = time.monotonic() + limit
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_WRITE)
        while left:
            if not selector.select(max(0.0, end - time.monotonic())):
                raise TimeoutError("nobody reads")
            left = left[os.write(pipe, left) :]
