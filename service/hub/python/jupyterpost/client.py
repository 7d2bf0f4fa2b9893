"""``post()``: one message to the relay, from any Python. How it gets there is ``posting``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any, Callable, Optional

from .posting.attachment import attachment_files
from .posting.error import PostError
from .posting.poster import RelayPoster
from .posting.receipt import Receipt
from .posting.schema import Post, file_block
from .posting.target import parse_targets

# One a relay, so that posts of one program keep their order.
_posters: dict[tuple[Optional[str], Optional[str]], RelayPoster] = {}

# Where a post comes from, if IPython runs the cell: set by the magics.
source_of_cell: Callable[[], dict[str, Any]] = dict
# Variables of the notebook, whose values may be secrets.
variables_of_notebook: Callable[[], Iterable[tuple[str, str]]] = tuple
# Tells a person that a post waits: where there is a notebook, the magics show it in the cell.
show_warning: Callable[[Receipt], None] = lambda receipt: print(f"jupyterpost: {receipt}", file=sys.stderr)


def post(
    message: str,
    channel: str,
    attachment: Any = None,
    service_url: Optional[str] = None,
    token: Optional[str] = None,
) -> Receipt:
    """Posts a message; returns once the relay has stored it.

    If the relay is away, the post is kept on disk and sent later, once; that is a warning and no error.

    Parameters
    ----------
    message : str
        Markdown; may mention people.
    channel : str
        A channel, ``@me``, or ``@username`` for a direct message; several with commas.
    attachment : bytes, path, figure or a list of these, optional
        Bytes of a file, a ``pathlib.Path``, an object with ``savefig(file, format="png")`` such as a matplotlib figure,
        or an image that Jupyter shows (``_repr_png_``).
    service_url : str, optional
        Address of the relay, by default ``JUPYTERPOST_URL``; ``local`` is the relay of this machine.
    token : str, optional
        By default ``JUPYTERPOST_TOKEN``, ``JUPYTERHUB_API_TOKEN`` or ``JPY_API_TOKEN``, which go to JUPYTERPOST_URL only.

    Returns
    -------
    Receipt
        Says where it went; ``receipt.url`` is the permalink if the chat had it at once.

    Raises
    ------
    PostError
        A ValueError: the post was refused, and why.
    TypeError
        The attachment is none of the above.
    """
    targets = parse_targets(str(channel))
    files = attachment_files(attachment)
    text = str(message)
    blocks = [{"type": "message", "text": text}] if text else []
    blocks += [file_block(file, index) for index, file in enumerate(files)]
    if not blocks:
        raise PostError("bad_request", "Expected a message or an attachment, got neither")
    receipt = poster(service_url, token).post(Post(targets, blocks, files, None, source_of_cell()))
    if receipt.spooled or receipt.notices:
        show_warning(receipt)
    return receipt


def poster(service_url: Optional[str] = None, token: Optional[str] = None) -> RelayPoster:
    """The way to the environment's relay, or to a named one."""
    key = (service_url, token)
    if key not in _posters:
        _posters[key] = RelayPoster(os.environ, service_url, token, lambda: variables_of_notebook())
    return _posters[key]


__all__ = ["PostError", "Receipt", "post", "poster"]
