"""The relay of this machine: found by ``relay.json``, and started if there is none.

It has to prove itself before anything is sent, so that another program on its port gets neither the
token nor a post (``post/relay/local-relay.ts``).
"""

from __future__ import annotations

import hmac
import os
import secrets
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Optional

from ..configuration_error import ConfigurationError
from ..relay_command import relay_command
from .client import call_relay
from .error import PostError, RelayAway, sentence
from .lock import wait_lock
from .private_file import private_file
from .relay_file import RelayFile, is_of_this_machine, read_relay_file, relay_proof, runtime_folder
from .request import Relay
from .schema import LIMITS

_PROOF = LIMITS["localRelay"]["proofMs"] / 1000
# A relay needs a second to start on a fast machine; a loaded machine gets twenty.
_START = LIMITS["localRelay"]["startMs"] / 1000

# Kept until they end: Python warns of a child process that is garbage-collected while it runs.
_started: list[subprocess.Popen] = []


def local_relay(env: Mapping[str, str]) -> Relay:
    """The running local relay. Starts one if there is none.

    Raises RelayAway if it does not start, PostError ``no_local_relay`` if it is not installed.
    """
    running = find_local_relay(env)
    if running is not None:
        return running
    folder = runtime_folder(env)
    # If several programs need a relay at once, one starts it and the others wait.
    release = wait_lock(folder / "relay-start.lock", _START)
    if release is None:
        raise RelayAway(sentence("otherStarts"))
    try:
        return find_local_relay(env) or _start_relay(env, folder)
    finally:
        release()


def find_local_relay(env: Mapping[str, str]) -> Optional[Relay]:
    """None if no relay runs on this machine, or if what listens on its port cannot prove itself."""
    file = read_relay_file(env)
    if file is None or not is_of_this_machine(file):
        return None
    # The address is made from the port alone, so the file cannot send a token to another host.
    url = f"http://127.0.0.1:{file.port}/"
    return Relay(url, file.token) if _proves(url, file) else None


def _proves(url: str, file: RelayFile) -> bool:
    nonce = secrets.token_urlsafe(24)
    try:
        answer = call_relay(Relay(url, None), "GET", f"api/v1/proof?nonce={nonce}", total=_PROOF)
    except (RelayAway, PostError):
        # Nothing listens, or it is no relay. Either way it is not what wrote the file.
        return False
    given = answer.get("proof") if isinstance(answer, dict) else None
    expected = relay_proof(file.token, nonce, file.instance)
    return isinstance(given, str) and hmac.compare_digest(expected.encode(), given.encode())


def _start_relay(env: Mapping[str, str], folder: Path) -> Relay:
    try:
        command = [*relay_command(), "--mode", "local"]
    except ConfigurationError as error:
        raise PostError("no_local_relay", f"There is no relay to post to. {error}") from None
    log_path = folder / "relay.log"
    private_file(log_path)
    with open(os.open(log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as log:
        child = subprocess.Popen(
            command,
            # The relay outlives the kernel: it must not use the notebook's folder or process group.
            cwd=folder,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Options for this program's Node (an inspector's port, a loader) are not for the relay.
            env={k: v for k, v in env.items() if k not in ("NODE_OPTIONS", "NODE_CHANNEL_FD")},
        )
    _started.append(child)
    deadline = time.monotonic() + _START
    while child.poll() is None and time.monotonic() < deadline:
        relay = find_local_relay(env)
        if relay is not None:
            return relay
        time.sleep(0.02)
    # Another relay may have taken the lock first; if so, it is there now.
    relay = find_local_relay(env)
    if relay is not None:
        return relay
    code = child.poll()
    why = f"no answer in {_START:.0f} s" if code is None else f"exit code {code}"
    raise RelayAway(sentence("notStarted", why=why, log=log_path))
