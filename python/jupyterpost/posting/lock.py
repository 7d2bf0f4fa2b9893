"""A lock between processes of any language, which the operating system releases when its holder
dies: SQLite's own lock on an empty database file (``post/relay/lock.ts``).
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Callable, Optional

from .private_file import make_folder, private_file

Release = Callable[[], None]


def try_lock(path: Path) -> Optional[Release]:
    """Takes the lock if it is free. Returns a function that releases it, or None."""
    make_folder(path.parent)
    # Whoever can open the file can hold the lock.
    private_file(path)
    database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
    except BaseException as error:
        database.close()
        if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
            return None
        raise
    return database.close


def wait_lock(path: Path, limit: float) -> Optional[Release]:
    """Waits for the lock up to ``limit`` seconds. Returns a function that releases it, or None."""
    deadline = time.monotonic() + limit
    while True:
        release = try_lock(path)
        if release is not None or time.monotonic() >= deadline:
            return release
        time.sleep(0.025)
