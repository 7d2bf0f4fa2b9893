"""What people call from any Python: ``post()``, ``post.progress()`` and ``post.ask()``."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Optional, Union

from .asking import DEFAULT_TIMEOUT, Timeout, ask_and_wait, manifest_of
from .at_call import at_call
from .error import PostError
from .handle import PostHandle, content_of
from .live_post import LivePost
from .notebook import current_notebook
from .posters import poster
from .progress import Progress, first_state
from .progress_state import progress_blocks
from .schema import Post
from .target import targets_of
from .watch.watches import watches


def _place() -> dict[str, Any]:
    return current_notebook().source()


@at_call
def post(
    message: Any,
    channel: Union[str, Sequence[str]],
    attachment: Any = None,
    service_url: Optional[str] = None,
    token: Optional[str] = None,
    *,
    thread: Optional[str] = None,
) -> PostHandle:
    """Posts a message. Returns once the relay has stored it.

    If the relay is away, you get a warning: the post is kept on disk and sent once, later.

    Parameters
    ----------
    message : str
        Markdown; may mention people. A figure or a table is posted as a notebook shows it, and a
        list or dict as Python prints it. None: there are only attachments.
    channel : str or list of str
        A channel, ``@me``, or ``@username`` for a direct message; several as a list, or separated
        by commas. All are checked first; if one is refused, nothing is posted.
    attachment : bytes, path, figure, table or a list of these, optional
        The bytes of a file, its path, an open file, a figure or axes of matplotlib, an image, or
        anything that Jupyter shows as a picture, table or formula.
    service_url : str, optional
        Address of the relay, by default ``JUPYTERPOST_URL``; ``local`` is the relay of this
        machine.
    token : str, optional
        By default ``JUPYTERPOST_TOKEN``, ``JUPYTERHUB_API_TOKEN`` or ``JPY_API_TOKEN``, which are
        only sent to JUPYTERPOST_URL.
    thread : str, optional
        Posts with the same key form a thread.

    Returns
    -------
    PostHandle
        Says where the post went; ``url`` is its permalink if the chat had it at once. Has
        ``update``, ``reply``, ``delivered`` and ``delete``.

    Raises
    ------
    PostError
        A ValueError: the post was refused, and why.
    TypeError
        The attachment is none of the above; says what to do.
    """
    targets = targets_of(channel)
    content = content_of(message, attachment, lambda: poster(service_url, token).limits())
    # Each post gets a thread key, so that a reply finds its post even before the chat has it.
    key = str(uuid.uuid4()) if thread is None else thread
    way = poster(service_url, token)
    receipt = way.post(replace(content, targets=targets, thread=key, source=_place()))
    if receipt.spooled or receipt.notices:
        current_notebook().warn(receipt)
    return PostHandle(way, key, receipt, _place)


@at_call
def progress(
    channel: Union[str, Sequence[str]],
    title: str,
    total: Optional[float] = None,
    *,
    thread: Optional[str] = None,
    service_url: Optional[str] = None,
    token: Optional[str] = None,
) -> Progress:
    """One message that shows how far something is: ``tick`` and ``update`` change it, ``done`` and
    ``fail`` end it.

    It is edited at most every 5 s. With ``total``, the number of all steps, it has a bar and the
    remaining time.

    Raises PostError if it is refused.
    """
    targets = targets_of(channel)
    state = first_state(title, total)
    way = poster(service_url, token)
    key = str(uuid.uuid4()) if thread is None else thread
    blocks = progress_blocks(state, state.started_at)
    receipt = way.post(Post(targets, blocks, [], key, _place()))
    live = LivePost(way, targets, key, receipt)
    return Progress(PostHandle(way, key, receipt, _place), live, state, _place, watches)


@at_call
def ask(
    channel: str,
    question: str,
    choices: Sequence[str] = (),
    *,
    timeout: Timeout = DEFAULT_TIMEOUT,
    otherwise: Optional[str] = None,
    attachment: Any = None,
    thread: Optional[str] = None,
    service_url: Optional[str] = None,
    token: Optional[str] = None,
) -> str:
    """Asks one person and waits for the answer: one of the choices, or any text if there are none.

    ``timeout`` is ``90s``, ``30m``, ``2h``, ``1d``, a number of seconds or a timedelta. If nobody
    answers in time, the answer is ``otherwise``. An interrupt takes the question back.

    Raises PostError: ``no_answer`` if there is no ``otherwise``; ``withdrawn`` if the question was
    taken back; ``dead`` if the chat refuses it; ``relay_away``, because a question is not kept for
    later.
    """
    targets = targets_of(channel)
    if len(targets) != 1:
        raise PostError("bad_target", f"Expected one person to ask, got {channel}")
    if not isinstance(question, str) or not question.strip():
        raise PostError("bad_request", f"Expected a question as text, got {question!r}")
    content = content_of(question, attachment, lambda: poster(service_url, token).limits())
    key = str(uuid.uuid4()) if thread is None else thread
    manifest = manifest_of(choices, timeout, otherwise)
    asked = replace(content, targets=targets, thread=key, source=_place(), ask=manifest)
    answer = ask_and_wait(poster(service_url, token), asked, lambda receipt: current_notebook().warn(receipt))
    texts = manifest["choices"]
    return choices[texts.index(answer)] if answer in texts else answer


post.ask = ask  # type: ignore[attr-defined]
post.progress = progress  # type: ignore[attr-defined]
