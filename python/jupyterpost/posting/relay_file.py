"""``relay.json``: how a client finds the relay of this machine, and what that relay must prove
(``post/relay/relay-file.ts``).

The relay writes it (0600) when it listens and removes it when it ends. Clients only read it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Optional


@dataclass(frozen=True)
class RelayFile:
    host: str
    boot: str
    port: int
    instance: str
    token: str


def read_relay_file(env: Mapping[str, str]) -> Optional[RelayFile]:
    """None without a complete file: one that a full disk cut is the same as no relay."""
    try:
        content = json.loads((runtime_folder(env) / "relay.json").read_text(encoding="utf-8"))
        file = RelayFile(*(content[name] for name in ("host", "boot", "port", "instance", "token")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    texts = (file.host, file.boot, file.instance, file.token)
    is_whole = all(isinstance(text, str) for text in texts) and isinstance(file.port, int)
    return file if is_whole and 0 < file.port < 65536 and len(file.token) >= 32 else None


def is_of_this_machine(file: RelayFile) -> bool:
    """False for a file of another host (in a shared home folder) or from before the last boot."""
    return file.host == socket.gethostname() and file.boot == _boot_id()


def relay_proof(token: str, nonce: str, instance: str) -> str:
    """HMAC-SHA256 with the token as key over nonce, newline and instance id, in lower-case hex."""
    return hmac.new(token.encode(), f"{nonce}\n{instance}".encode(), hashlib.sha256).hexdigest()


def runtime_folder(env: Mapping[str, str]) -> Path:
    """Same as jupyter_core's ``jupyter_runtime_dir()``."""
    return Path(env.get("JUPYTER_RUNTIME_DIR") or _data_folder(env) / "runtime")


def state_folder(env: Mapping[str, str]) -> Path:
    """``$XDG_STATE_HOME/jupyterpost``, with the local relay's database and the spool."""
    return Path(env.get("XDG_STATE_HOME") or _home(env) / ".local" / "state") / "jupyterpost"


def _data_folder(env: Mapping[str, str]) -> Path:
    """Same as jupyter_core's ``jupyter_data_dir()``."""
    if env.get("JUPYTER_DATA_DIR"):
        return Path(env["JUPYTER_DATA_DIR"])
    if sys.platform == "darwin":
        return _home(env) / "Library" / "Jupyter"
    if sys.platform == "win32":
        return Path(env.get("APPDATA") or _home(env)) / "jupyter"
    return Path(env.get("XDG_DATA_HOME") or _home(env) / ".local" / "share") / "jupyter"


def _home(env: Mapping[str, str]) -> Path:
    return Path(env.get("HOME") or os.path.expanduser("~"))


def _boot_id() -> str:
    # Only Linux has a boot id. Elsewhere only the proof tells a live relay from an old file.
    if not sys.platform.startswith("linux"):
        return "unknown"
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
