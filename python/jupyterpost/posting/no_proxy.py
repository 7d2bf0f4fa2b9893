"""Which hosts the variable ``NO_PROXY`` lists: see ``post/relay/no-proxy.ts``."""

from __future__ import annotations

import ipaddress
import re
from typing import Optional
from urllib.parse import SplitResult


def is_listed(parts: SplitResult, listed: str) -> bool:
    host = bare_host(parts.hostname or "")
    at = str(parts.port or (443 if parts.scheme == "https" else 80))
    return any(_is_of(entry, host, at) for entry in re.split(r"[\s,]", listed.lower()))


def bare_host(name: str) -> str:
    """``[::1]`` -> ``::1``, ``hub.`` -> ``hub``"""
    return re.sub(r"^\[|\]$|\.$", "", name.lower())


def is_this_machine(host: str) -> bool:
    name = bare_host(host)
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified


def _is_of(entry: str, host: str, at: str) -> bool:
    name, port = _host_and_port(entry)
    if port is not None and port != at:
        return False
    if name == "*":
        return True
    if re.match(r"\*[^.]", name):
        return host.endswith(name[1:])
    domain = re.sub(r"^\*?\.+", "", name)
    return domain != "" and (host == domain or host.endswith(f".{domain}"))


def _host_and_port(entry: str) -> tuple[str, Optional[str]]:
    """An address of IPv6 is in brackets if a port follows: ``[fd00::1]:80``, ``fd00::1``."""
    name, colon, port = entry.rpartition(":")
    is_address = entry.count(":") > 1 and not entry.startswith("[")
    if not colon or is_address or not re.fullmatch("[0-9]+", port):
        return bare_host(entry), None
    return bare_host(name), port
