"""The relay's address in the one spelling of the WHATWG URL standard. Every language finds a spool
entry by it.
"""

from __future__ import annotations

import posixpath
import re
from urllib.parse import SplitResult, quote, urlsplit

from .error import PostError, sentence
from .text_units import quoted

_DEFAULT_PORTS = {"http": 80, "https": 443}


def relay_url(text: str) -> str:
    """Ends in a slash, so that ``api/v1/posts`` can be added. Raises PostError ``wrong_url``."""
    parts = _split(text)
    if parts is None:
        raise PostError("wrong_url", sentence("noUrl", given=quoted(text)))
    if parts.username is not None or parts.password is not None:
        raise PostError("wrong_url", sentence("passwordInUrl"))
    # Escapes what may not stand in a path as it is. What is already escaped stays.
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~[]|\\^") or "/"
    if re.search(r"(^|/)\.\.?(/|$)", path):
        path = posixpath.normpath("/" + path.lstrip("/"))
    return f"{_origin(parts)}{path}" + ("" if path.endswith("/") else "/")


def origin_of(url: str) -> str:
    """``https://hub.example``, for people."""
    return _origin(urlsplit(url))


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text.strip())
        known = parts.scheme in _DEFAULT_PORTS and bool(parts.hostname)
        return parts if known and (parts.port or 1) and not re.search(r"[\s<>^|%]", parts.netloc) else None
    except ValueError:
        return None


def _origin(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    elif not host.isascii():
        host = host.encode("idna").decode()
    port = parts.port
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, _DEFAULT_PORTS[parts.scheme]) else "")
