"""The post contract (``post/contract/schema.ts``): what a client sends to the relay. Blocks are dictionaries as they go over the wire."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from ..contract import read

Block = dict[str, Any]

#: Limits and bounds, which the TypeScript code and the relay have from the same document. Lengths of text are in UTF-16 units.
LIMITS = read("limits")
_POST = LIMITS["post"]


@dataclass(frozen=True)
class Limits:
    """What a relay takes in one post, unless it says otherwise at ``GET api/v1/limits``."""

    files: int = _POST["files"]
    file_bytes: int = _POST["fileBytes"]
    post_bytes: int = _POST["postBytes"]
    text_bytes: int = _POST["textBytes"]
    #: The relay reads HTML when a post comes: its markup does not count as text. A relay of 0.1.0 does not say so.
    html: bool = _POST["html"]


@dataclass(frozen=True)
class PostFile:
    name: str
    mimetype: str
    bytes: bytes


@dataclass
class Post:
    targets: list[str]
    blocks: list[Block]
    files: list[PostFile] = field(default_factory=list)
    #: Posts of one key form one thread.
    thread: Optional[str] = None
    #: Where the post comes from: ``notebook``, ``executionCount``, ``durationMs``, ``status``.
    source: Optional[dict[str, Any]] = None
    #: ``off``: the wish that secrets stay as they are; the relay grants it by its policy, or masks.
    mask: Optional[str] = None
    #: Makes the post a question: ``choices``, ``timeoutMs``, ``otherwise`` (``post/contract/question.ts``).
    ask: Optional[dict[str, Any]] = None

    def manifest(self) -> dict[str, Any]:
        """The part ``post`` of the form; files follow it. Without targets: of a change, which has the post's own."""
        manifest: dict[str, Any] = {"targets": self.targets} if self.targets else {}
        manifest["blocks"] = self.blocks
        if self.thread is not None:
            manifest["thread"] = self.thread
        if self.source:
            manifest["source"] = self.source
        if self.mask is not None:
            manifest["mask"] = self.mask
        if self.ask is not None:
            manifest["ask"] = self.ask
        return manifest


def json_bytes(value: Any, default: Optional[Callable[[Any], Any]] = None) -> bytes:
    """The JSON that JavaScript makes of it, in UTF-8. ``default``: of what is no JSON."""
    return utf8(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=default))


#: What chats show in place: SVG is converted by the relay first.
SHOWN_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def file_block(file: PostFile, index: int) -> Block:
    return {"type": "image" if file.mimetype in SHOWN_IMAGES else "file", "file": index}


def utf8(text: str) -> bytes:
    """UTF-8 of any Python text: half a surrogate pair, which is no character, becomes a replacement."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
