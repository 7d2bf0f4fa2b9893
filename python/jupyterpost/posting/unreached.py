"""Why a relay was not reached, in one sentence that names the setting to look at
(``post/relay/unreached.ts``). Codes are those of Node, so that both languages say the same.
"""

from __future__ import annotations

import errno
import http.client
import re
import socket
import ssl
from typing import Optional
from urllib.parse import urlsplit

from ..contract import read
from .address import origin_of
from .error import sentence
from .exchange import CONNECT, ConnectTimeout
from .way import Proxy

_ERRORS = read("errors")
_NAMES = _ERRORS["connections"]
#: Errors that a proxy causes, if there is one.
_OF_PROXY = frozenset(_ERRORS["ofProxy"])
#: OpenSSL's number of what is wrong with a certificate -> its name.
_CERTIFICATES = _ERRORS["certificates"]
_SETTING = "JUPYTERPOST_URL"
#: What Python needs to trust another certificate authority.
_TRUST = "SSL_CERT_FILE"


def unreached(url: str, error: BaseException, proxy: Optional[Proxy] = None) -> str:
    """``error``: as the standard library raises it."""
    server = the_relay(url)
    values = {"trust": _TRUST, "seconds": f"{CONNECT:.0f}"}
    if proxy is not None:
        tunnel = _TUNNEL.match(str(error))
        if tunnel is not None:
            return proxy_refuses(url, proxy, int(tunnel[1]))
    why = _code_of(error)
    if proxy is not None and why in _OF_PROXY:
        name = sentence("theProxy", proxy=proxy.origin)
        return sentence(_name_of(why, "http"), server=name, setting=proxy.setting, why=why, **values)
    return sentence(_name_of(why, urlsplit(url).scheme), server=server, setting=_SETTING, why=why, **values)


def proxy_refuses(url: str, proxy: Proxy, status: int) -> str:
    if status == 407:
        return sentence("proxyLogin", proxy=proxy.origin, setting=proxy.setting)
    return sentence("proxyRefuses", proxy=proxy.origin, setting=proxy.setting, server=the_relay(url), why=status)


def the_relay(url: str) -> str:
    return sentence("theRelay", origin=origin_of(url))


#: How ``http.client`` says that a proxy does not connect. It keeps the status nowhere else.
_TUNNEL = re.compile(r"Tunnel connection failed: ([0-9]{3})")


def _code_of(error: BaseException) -> str:
    if isinstance(error, ConnectTimeout):
        return "CONNECT_TIMEOUT"
    if isinstance(error, socket.gaierror):
        return "ENOTFOUND"
    if isinstance(error, ssl.SSLCertVerificationError):
        number = getattr(error, "verify_code", 0)
        return str(_CERTIFICATES.get(str(number), f"certificate error {number}"))
    if isinstance(error, (ConnectionResetError, http.client.RemoteDisconnected, ssl.SSLEOFError)):
        return "ECONNRESET"
    # An SSLError has a number too, which is not one of the system.
    if isinstance(error, ssl.SSLError):
        return "EPROTO"
    if isinstance(error, http.client.HTTPException):
        return "HPE_INVALID_CONSTANT"
    return errno.errorcode.get(getattr(error, "errno", None) or 0) or str(error) or type(error).__name__


def _name_of(code: str, scheme: str) -> str:
    if code in _NAMES:
        return str(_NAMES[code])
    return "brokePlain" if scheme == "http" and code == "ECONNRESET" else "brokeConnection"
