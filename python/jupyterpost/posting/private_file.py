"""Files and folders that only their owner can read, from their first byte and whatever the umask.

They contain posts and tokens, and whoever can open a file can hold a lock on it. If others can read
one, because an earlier version made it or it was copied, that is mended and said on stderr. See
``post/relay/private-file.ts``.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

_OTHERS = 0o077


def make_folder(path: Path) -> None:
    """Makes the folder and those above it if they are not there. Does not change existing ones."""
    if path.is_dir():
        return
    if path.parent != path:
        make_folder(path.parent)
    # ``Path.mkdir`` gives its mode only to the last folder.
    path.mkdir(mode=0o700, exist_ok=True)


def private_folder(path: Path) -> None:
    """Like ``make_folder``, but for one of our own: if others can use it, that is mended."""
    make_folder(path)
    _mend(path, 0o700)


def private_file(path: Path) -> None:
    """Makes an empty file if there is none. Does not open one that is there: closing it would
    release every lock that this process has on it (``fcntl(2)``).
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        _mend(path, 0o600)


def _mend(path: Path, mode: int) -> None:
    if os.name != "posix":
        return
    was = path.stat().st_mode
    if not was & _OTHERS or (mode == 0o600 and not stat.S_ISREG(was)):
        return
    try:
        path.chmod(mode)
        told = "could be used by others (mode {:o}): now only its owner can use it"
    except OSError as error:
        told = f"can be used by others (mode {{:o}}): {error.strerror}"
    print(f"jupyterpost: {path} {told.format(was & 0o777)}", file=sys.stderr)
