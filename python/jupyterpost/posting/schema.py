"""The post contract (``post/contract/schema.ts``): what a client sends to the relay. Blocks are
dictionaries, as in the JSON.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from ..contract import read

Block = dict[str, Any]

#: Limits and bounds. The TypeScript code and the relay read the same document. Lengths of text are
#: in UTF-16 units.
LIMITS = read("limits")
_POST = LIMITS["post"]


@dataclass(frozen=True)
class Limits:
    """What a relay takes in one post, unless its ``GET api/v1/limits`` says otherwise."""

    files: int = _POST["files"]
    file_bytes: int = _POST["fileBytes"]
    post_bytes: int = _POST["postBytes"]
    text_bytes: int = _POST["textBytes"]
    #: Whether the relay reads HTML when a post comes, so that markup does not count as text. A
    #: relay of version 0.1.0 does not say so.
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
    #: Posts with the same key form a thread.
    thread: Optional[str] = None
    #: Where the post comes from: ``notebook``, ``executionCount``, ``durationMs``, ``status``.
    source: Optional[dict[str, Any]] = None
    #: ``off`` asks to leave secrets as they are. The relay's policy decides, and masks otherwise.
    mask: Optional[str] = None
    #: Makes the post a question. It has ``choices``, ``timeoutMs`` and ``otherwise``
    #: (``post/contract/question.ts``).
    ask: Optional[dict[str, Any]] = None

    def manifest(self) -> dict[str, Any]:
        """The part ``post`` of the form, which files follow. A change has no targets."""
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
    """The same JSON as JavaScript makes, in UTF-8. ``default`` converts what JSON does not know."""
    return utf8(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=default))


#: Images that chats can show. SVG is not one of them: the relay converts it first.
SHOWN_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def file_block(file: PostFile, index: int) -> Block:
    return {"type": "image" if file.mimetype in SHOWN_IMAGES else "file", "file": index}


def utf8(text: str) -> bytes:
    """UTF-8 of any Python text. Half a surrogate pair is no character and becomes U+FFFD."""
    try:
        # Much faster, and called for each piece that a cell prints.
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
