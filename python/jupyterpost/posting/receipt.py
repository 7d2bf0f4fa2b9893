"""What happened to a post, one line for each target. The magics show it, and so does ``post()`` as
the value of a cell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Optional

from ..contract import read

_WORDS = read("notices")

#: Metadata of a display that belongs to jupyterpost, not to the cell: it is never captured.
NOTICE = {"jupyterpost": {"notice": True}}


def notice_text(name: str, **values: object) -> str:
    """A line of ``notices.json`` with its ``{name}`` replaced by values."""
    return str(_WORDS[name]).format(**values)


@dataclass
class Receipt:
    """``posts``: the relay's answers, one for each target. Empty if the post waits in the spool,
    for ``reason``.
    """

    targets: list[str]
    posts: list[dict[str, Any]] = field(default_factory=list)
    reason: Optional[str] = None
    notices: list[str] = field(default_factory=list)

    @property
    def spooled(self) -> bool:
        return self.reason is not None

    @property
    def url(self) -> Optional[str]:
        """Permalink of the first target, if the chat had the post at once."""
        return self.posts[0].get("url") if self.posts else None

    def lines(self, captured: Optional[str] = None) -> list[tuple[str, str]]:
        """Each line as (text, markdown). ``captured`` says what was posted if the person gave no
        message.
        """
        what = f" {captured}" if captured else ""
        notices = [(text, _escape(text)) for text in self.notices]
        if self.spooled:
            line = notice_text(
                "spooled", what=f"{what}," if what else "", reason=self.reason, targets=", ".join(self.targets)
            )
            return [(line, notice_text("warning", line=_escape(line))), *notices]
        lines = []
        for post in self.posts:
            lines.append(_stored_line(post, what))
            lines += [(text, _escape(text)) for text in post.get("notices", [])]
        return lines + notices

    def bundle(self, captured: Optional[str] = None) -> dict[str, str]:
        lines = self.lines(captured)
        return {
            "text/plain": "\n".join(text for text, _ in lines),
            "text/markdown": "  \n".join(markdown for _, markdown in lines),
        }

    def __str__(self) -> str:
        return self.bundle()["text/plain"]

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        return self.bundle(), NOTICE


def _stored_line(post: dict[str, Any], what: str) -> tuple[str, str]:
    error, url = post.get("error"), post.get("url")
    if post["status"] == "dead":
        name = "deadWhy" if error else "dead"
    else:
        name = "posted" if post["status"] == "delivered" or not error else "notDelivered"
    line = notice_text(name, what=what, destination=post["destination"], error=error)
    if not url:
        return line, _escape(line)
    return notice_text("linked", line=line, url=url), notice_text("open", line=_escape(line), url=url)


def sent_lines(count: int) -> list[str]:
    """What is said about posts that waited for their relay."""
    if count == 0:
        return []
    return [notice_text("sentOne") if count == 1 else notice_text("sent", count=count)]


def _escape(text: str) -> str:
    """Names come from outside: they must never act as markup."""
    return re.sub(r"[\\`*_{}\[\]()<>#|~$&]", r"\\\g<0>", text)
