"""Finds the relay and the token for a post in the environment (docs/spec.md 5.1).

A token is only sent to the address that it belongs to.
"""

from __future__ import annotations

import getpass
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from .address import origin_of, relay_url
from .error import PostError, sentence
from .text_units import BLANK


@dataclass(frozen=True)
class Endpoint:
    #: Ends in a slash; None for the local relay.
    url: Optional[str]
    token: Optional[str]
    #: Who posts, as far as the client knows. Spool entries belong to this user.
    user: str
    warnings: tuple[str, ...] = ()

    @property
    def owner(self) -> tuple[str, str]:
        """Relay and user, as a spool entry has them."""
        return (self.url or "local", self.user)


def resolve_endpoint(
    env: Mapping[str, str], url: Optional[str] = None, token: Optional[str] = None
) -> Endpoint:
    """Raises PostError ``no_relay_url``, ``no_token``, ``wrong_url``.

    ``url``: an address other than ``JUPYTERPOST_URL``, which needs its own token.
    """
    user = env.get("JUPYTERHUB_USER") or _user_name()
    from_env = _trimmed(env.get("JUPYTERPOST_URL"))
    given = url.strip(BLANK) if url is not None else from_env
    if given == "local":
        return Endpoint(None, None, user)
    if given is None:
        if _is_on_hub(env):
            raise PostError("no_relay_url", sentence("noRelayUrl"))
        return Endpoint(None, None, user)
    address = relay_url(given)
    is_own = from_env is None or (from_env != "local" and relay_url(from_env) == address)
    token = _trimmed(token) or _token_for(env, is_own, from_env is not None)
    if token is None:
        raise PostError("no_token", sentence("noToken" if is_own else "noTokenElsewhere", url=address))
    if re.search(r"[^\x21-\x7e]", token):
        raise PostError("bad_token", sentence("tokenCharacters"))
    return Endpoint(address, token, user, _transport_warnings(address))


def _user_name() -> str:
    try:
        import pwd

        # Not by $LOGNAME: the other clients ask the system too.
        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        pass
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        # A container may run as a person whom its system does not know.
        return str(os.getuid())


def _is_on_hub(env: Mapping[str, str]) -> bool:
    return any(env.get(name) for name in ("JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN", "JUPYTERHUB_USER"))


def _token_for(env: Mapping[str, str], is_own: bool, has_url: bool) -> Optional[str]:
    """The Hub's tokens belong to JUPYTERPOST_URL.

    So does JUPYTERPOST_TOKEN, if JUPYTERPOST_URL is set. Otherwise it belongs to the address that
    the person named.
    """
    if not is_own:
        return None
    names = ("JUPYTERPOST_TOKEN", "JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN")
    values = (_trimmed(env.get(name)) for name in (names if has_url else names[:1]))
    return next(filter(None, values), None)


def _trimmed(text: Optional[str]) -> Optional[str]:
    """Without blanks and line ends around it: a mounted secret ends in one. None if empty."""
    return (text or "").strip(BLANK) or None


def _transport_warnings(url: str) -> tuple[str, ...]:
    origin = origin_of(url)
    host = re.sub(r"^https?://|:\d+$", "", origin).strip("[]")
    if url.startswith("https:") or _is_near(host):
        return ()
    return (sentence("unencrypted", origin=origin),)


def _is_near(host: str) -> bool:
    """Loopback, or a name that only resolves inside a cluster or container network."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return (
            "." not in host
            or re.search(r"\.(localhost|svc|cluster\.local|internal)$", host) is not None
            or ".svc." in host
        )
