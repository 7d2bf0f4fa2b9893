"""Masks secrets in a post before anything leaves the program: ``[masked: GitHub token]``, in URLs
``[masked]``.

The relay masks again, by how secrets look. Masking a text twice changes nothing more. See
``post/secrets/mask.ts``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from .schema import LIMITS, Block, Post, PostFile
from .secret_places import UNSEEN, UNSEEN_ESCAPES, UNSEEN_IN_MARKUP, secret_places
from .secret_values import SecretValue, assigned_variables, secret_values
from .text_units import first_units

_TEXT = re.compile(r"text/|image/svg\+xml|application/(?:.*[+/])?(?:json|xml|javascript|yaml|toml)\b")
_MARKUP = re.compile(r"html|xml")


class Masker:
    """Masks one post and counts its secrets. Ignores ``variables`` with names that say nothing."""

    def __init__(self, variables: Iterable[SecretValue] = ()) -> None:
        self._values = secret_values(variables)
        self._secrets: set[str] = set()

    @property
    def notices(self) -> list[str]:
        """``2 secrets masked``; empty if there were none."""
        count = len(self._secrets)
        return [] if count == 0 else ["1 secret masked" if count == 1 else f"{count} secrets masked"]

    def post(self, post: Post) -> Post:
        """The post with secrets masked everywhere: blocks, text files, file names, the notebook's
        name, the thread's key and choices.
        """
        for block in post.blocks:
            if block["type"] == "code":
                self._values = secret_values([*self._values, *assigned_variables(block["text"])])
        source = dict(post.source or {})
        if "notebook" in source:
            source["notebook"] = first_units(self.text(source["notebook"]), LIMITS["manifest"]["notebook"])
        return replace(
            post,
            blocks=[self._block(block) for block in post.blocks],
            files=[self._file(file) for file in post.files],
            thread=None if post.thread is None else first_units(self.text(post.thread), LIMITS["manifest"]["thread"]),
            source=source or None,
            ask=None if post.ask is None else self._ask(post.ask),
        )

    def _ask(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Cut to the lengths of the contract: masks may be longer than what they replace."""
        bounds = LIMITS["ask"]
        choices = [first_units(self.text(choice), bounds["choice"]) for choice in ask["choices"]]
        masked = {**ask, "choices": choices}
        if "otherwise" in ask:
            masked["otherwise"] = first_units(self.text(ask["otherwise"]), bounds["otherwise"])
        return masked

    def text(self, text: str, markup: bool = False) -> str:
        return self._text(text, UNSEEN_IN_MARKUP if markup else UNSEEN)

    def _text(self, text: str, unseen: re.Pattern[str]) -> str:
        result, end = [], 0
        for place in secret_places(text, self._values, unseen):
            secret = text[place.start : place.end]
            self._secrets.add(unseen.sub("", secret))
            mask = "[masked]" if place.inline else f"[masked: {place.kind}]"
            # A backslash would escape what follows the mask.
            left = [part for part in unseen.findall(secret) if part != "\\"]
            result += [text[end : place.start], mask, *left]
            end = place.end
        return "".join([*result, text[end:]])

    def _block(self, block: Block) -> Block:
        has_escapes = block["type"] in ("message", "markdown", "latex")
        unseen = {"html": UNSEEN_IN_MARKUP, "text": UNSEEN_ESCAPES if has_escapes else UNSEEN}
        return {
            name: value if name in ("type", "language", "stream") else self._value(value, unseen.get(name, UNSEEN))
            for name, value in block.items()
        }

    def _value(self, value: Any, unseen: re.Pattern[str]) -> Any:
        if isinstance(value, str):
            return self._text(value, unseen)
        return [self._value(item, unseen) for item in value] if isinstance(value, list) else value

    def _file(self, file: PostFile) -> PostFile:
        """Masks the file's name and, if it is text, its content."""
        name, content = self.text(file.name), file.bytes
        if _TEXT.match(file.mimetype):
            try:
                text = content.decode()
            except UnicodeDecodeError:
                return PostFile(name, file.mimetype, content)
            content = self.text(text, _MARKUP.search(file.mimetype) is not None).encode()
        return PostFile(name, file.mimetype, content)
