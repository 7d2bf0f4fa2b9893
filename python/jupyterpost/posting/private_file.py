"""Files and folders that only their owner may read, from their first byte, whatever the umask: posts and tokens are in
them, and who can open a file can hold a lock on it (``post/relay/private-file.ts``). One that others can read, of an earlier
version or copied, is mended, which is said on stderr.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

_OTHERS = 0o077


def make_folder(path: Path) -> None:
    """Makes the folder, those above it too, if it is not there. Anybody else's keeps its mode."""
    if path.is_dir():
        return
    if path.parent != path:
        make_folder(path.parent)
    # ``Path.mkdir`` gives its mode to the last folder alone.
    path.mkdir(mode=0o700, exist_ok=True)


def private_folder(path: Path) -> None:
    """Like ``make_folder``, for one that we named: it is mended."""
    make_folder(path)
    _mend(path, 0o700)


def private_file(path: Path) -> None:
    """Makes the file, empty, if it is not there. One that is there is not opened: to close it would give back every lock
    that this process has on it (``fcntl(2)``)."""
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
        told = "could be used by others (mode {:o}): it is its owner's alone now"
    except OSError as error:
        told = f"can be used by others (mode {{:o}}): {error.strerror}"
    print(f"jupyterpost: {path} {told.format(was & 0o777)}", file=sys.stderr)
