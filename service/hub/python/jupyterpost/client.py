"""``post()``: one message to the relay, with nothing but the standard library.

The token leaves only to the address it belongs to: no redirect is followed, and an address other
than JUPYTERPOST_URL needs a token of its own.
"""

import io
import json
import os
import uuid
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

TOKEN_VARIABLES = ("JUPYTERPOST_TOKEN", "JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN")
# Seconds for connecting and for each wait for the answer; the relay answers as soon as it has stored the post.
TIMEOUT = 30

_IMAGE_TYPES = (
    (b"\x89PNG\r\n\x1a\n", "png", "image/png"),
    (b"\xff\xd8\xff", "jpg", "image/jpeg"),
    (b"GIF8", "gif", "image/gif"),
)


class PostError(ValueError):
    """The post was not accepted; the message says why and what to do."""


def post(message, channel, attachment=None, service_url=None, token=None):
    """Posts a message; returns once the relay has stored it.

    Parameters
    ----------
    message : str
        Markdown.
    channel : str
        A channel, ``@me``, or ``@username`` for a direct message.
    attachment : bytes or figure, optional
        Bytes of a file, or an object with ``savefig(file, format="png")`` such as a matplotlib figure.
    service_url : str, optional
        Address of the relay, by default ``JUPYTERPOST_URL``.
    token : str, optional
        By default ``JUPYTERPOST_TOKEN``, ``JUPYTERHUB_API_TOKEN`` or ``JPY_API_TOKEN``.

    Raises
    ------
    PostError
        A ValueError: nothing was posted, or (said so) it is not known.
    TypeError
        The attachment is neither bytes nor a figure.
    """
    url = _relay_url(service_url)
    token = token or _own_token(url)
    fields = {"message": str(message), "channel": str(channel)}
    body, content_type = _multipart(fields, None if attachment is None else _image_bytes(attachment))
    request = Request(
        url,
        data=body,
        method="POST",
        headers={"Authorization": f"token {token}", "Content-Type": content_type, "Accept": "text/plain"},
    )
    try:
        with _OPENER.open(request, timeout=TIMEOUT) as response:
            if response.read(1):
                raise PostError(f"{url} is not a relay: it answered with a page. {_CHECK_URL}")
    except HTTPError as error:
        raise PostError(_refusal(url, error)) from None
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        fate = "nothing was posted" if isinstance(reason, ConnectionRefusedError) else "it may have the post"
        raise PostError(f"the relay at {url} does not answer ({reason}); {fate}. Try again later") from error


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_arguments):
        return None


_OPENER = build_opener(_NoRedirect)
_CHECK_URL = "Check JUPYTERPOST_URL (or service_url): expected something like https://your.hub/services/jupyterpost/"


def _relay_url(service_url):
    url = service_url or os.environ.get("JUPYTERPOST_URL")
    if not url:
        raise PostError(
            "JUPYTERPOST_URL is not set. On a JupyterHub the admin sets it (configure_jupyterhub does), and your "
            "server must be restarted after that; elsewhere pass service_url and token"
        )
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise PostError(f"{url!r} is no address of a relay. {_CHECK_URL}")
    return url


def _own_token(url):
    own = os.environ.get("JUPYTERPOST_URL")
    if own is None or own.rstrip("/") != url.rstrip("/"):
        raise PostError(
            f"a token is needed for {url}: pass token=, the one of the environment goes to JUPYTERPOST_URL only"
        )
    for variable in TOKEN_VARIABLES:
        if os.environ.get(variable):
            return os.environ[variable]
    raise PostError(f"no token: pass token= or set one of {', '.join(TOKEN_VARIABLES)}")


def _image_bytes(attachment):
    if isinstance(attachment, (bytes, bytearray, memoryview)):
        return bytes(attachment)
    if not callable(getattr(attachment, "savefig", None)):
        raise TypeError(
            f"attachment must be bytes or a figure with savefig, not {type(attachment).__name__}"
        )
    file = io.BytesIO()
    attachment.savefig(file, format="png")
    return file.getvalue()


def _multipart(fields, file):
    """The form of ``POST /``: parts ``message``, ``channel`` and at most one ``file`` (RFC 7578)."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if file is not None:
        extension, mimetype = next(
            ((ext, mime) for magic, ext, mime in _IMAGE_TYPES if file.startswith(magic)),
            ("bin", "application/octet-stream"),
        )
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="upload.{extension}"\r\n'
            f"Content-Type: {mimetype}\r\n\r\n"
        )
        parts += [head.encode(), file, b"\r\n"]
    return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


def _refusal(url, error):
    if 300 <= error.code < 400:
        return f"{url} is not a relay: it answered with a redirect ({error.code}). {_CHECK_URL}"
    text = error.read(10_000).decode("utf-8", "replace").strip()
    is_page = "html" in error.headers.get_content_type()
    if error.code in (502, 503, 504) and is_page:
        return f"the relay at {url} is away ({error.code}); nothing was posted. Try again later"
    if is_page or not text:
        return f"{url} answered {error.code} {error.reason}. {_CHECK_URL}"
    return _detail(text)


def _detail(text):
    """The sentence of a problem document (RFC 9457), or the plain text."""
    try:
        problem = json.loads(text)
    except ValueError:
        return text
    return str(problem.get("detail", text)) if isinstance(problem, dict) else text
