"""The way to a relay: directly, or through the proxy of the environment (``HTTP_PROXY``,
``HTTPS_PROXY``, ``NO_PROXY``; see ``post/relay/way.ts``).
"""

from __future__ import annotations

import base64
import http.client
import os
import ssl
from dataclasses import dataclass, field
from typing import Optional
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies_environment

from .error import RelayAway, sentence
from .no_proxy import is_listed, is_this_machine


@dataclass(frozen=True)
class Proxy:
    host: str
    port: int
    #: The name of its variable.
    setting: str
    #: With its password, if it has one. Never shown.
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}" + ("" if self.port == 80 else f":{self.port}")


def proxy_for(url: str) -> Optional[Proxy]:
    """None if requests go directly. Raises RelayAway if the variable names no HTTP proxy."""
    parts = urlsplit(url)
    # The local relay, and whatever else runs on this machine, is never behind a proxy.
    if is_this_machine(parts.hostname or ""):
        return None
    # The names are lower-case here, whatever they are in the environment.
    proxies = getproxies_environment()
    kind = next((kind for kind in (parts.scheme, "all") if proxies.get(kind)), None)
    if kind is None or is_listed(parts, proxies.get("no", "")):
        return None
    name = f"{kind}_proxy"
    return _proxy(proxies[kind], name if name in os.environ else name.upper())


def connection_by(
    proxy: Optional[Proxy], url: str, timeout: float
) -> tuple[http.client.HTTPConnection, dict[str, str], str]:
    """A connection that is not opened yet; headers for the proxy; what a path begins with."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        # Reads SSL_CERT_FILE and SSL_CERT_DIR.
        context = ssl.create_default_context()
        if proxy is None:
            return http.client.HTTPSConnection(host, port, timeout=timeout, context=context), {}, ""
        secure = http.client.HTTPSConnection(proxy.host, proxy.port, timeout=timeout, context=context)
        secure.set_tunnel(host, port or 443, proxy.headers)
        return secure, {}, ""
    if proxy is None:
        return http.client.HTTPConnection(host, port, timeout=timeout), {}, ""
    plain = http.client.HTTPConnection(proxy.host, proxy.port, timeout=timeout)
    return plain, proxy.headers, f"{parts.scheme}://{parts.netloc}"


def _proxy(given: str, setting: str) -> Proxy:
    parts = _split(given.strip())
    if parts is None:
        raise RelayAway(sentence("badProxy", setting=setting))
    headers = {}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Proxy-Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return Proxy(parts.hostname or "", parts.port or 80, setting, headers)


def _split(given: str) -> Optional[SplitResult]:
    try:
        parts = urlsplit(given if "://" in given else f"http://{given}")
        is_proxy = parts.scheme == "http" and bool(parts.hostname) and (parts.port or 1) > 0
        return parts if is_proxy else None
    except ValueError:
        return None
