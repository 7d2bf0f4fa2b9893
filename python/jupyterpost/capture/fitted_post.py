"""Puts blocks and files into a post as far as its limits allow (docs/spec.md 2.5). It shows the
ends of longer text, and names what does not fit. See ``kernel/src/capture/fitted-post.ts``.
"""

from __future__ import annotations

from typing import Optional

from ..posting.limits import counted_bytes, html_bytes, most_html
from ..posting.schema import LIMITS, Block, Limits, PostFile
from .left_out import has_words
from .long_text import EXTENSIONS, ends_of, has_ends, long_text, whole_text
from .sizes import in_words
from .terminal import BLANK


class FittedPost:
    def __init__(self, limits: Limits, unfinished: bool) -> None:
        """``unfinished``: the cell still runs, so no text becomes a file, which would be another
        one at the next look.
        """
        self.blocks: list[Block] = []
        self.files: list[PostFile] = []
        #: What is not in the post as it was, in words.
        self.left_out: list[str] = []
        self.limits = limits
        self._unfinished = unfinished
        self._file_bytes = 0
        # The rest is for a title and the cell's source.
        self._text_left = limits.text_bytes * LIMITS["capture"]["shareForOutputs"]
        self._html_left = most_html(limits)
        # Bytes of what is left for text, kept for errors and the ends of long text.
        self._for_ends = limits.text_bytes * LIMITS["capture"]["shareForEnds"]
        # Short texts that came when there was no room any more.
        self._rest: list[str] = []
        self._text_files = 0

    def push(self, block: Block) -> None:
        """Adds a block if it fits. Longer text shows its ends, and becomes a file."""
        size, html = counted_bytes([block], self.limits), html_bytes([block])
        # The end is what people look for: an error is shown however much came before it.
        is_error = block["type"] == "error"
        if is_error:
            self.end_rest()
        room = self._text_left if is_error else self._text_left - self._for_ends
        if size <= room and html <= self._html_left and not self._rest:
            self._text_left -= size
            self._html_left -= html
            self.blocks.append(block)
        elif block["type"] == "html" and has_words(block["text"]):
            self.left_out.append(f"html of {in_words(max(size, html))}, shown as text")
            self.text(block["text"], "result")
        elif block["type"] in EXTENSIONS:
            is_own = has_ends(size) and self._text_files < LIMITS["capture"]["textFiles"]
            if is_error or is_own:
                self._push_long(block)
            else:
                self._rest.append(whole_text(block))
        else:
            self.left_out.append(f"{block['type']} of {in_words(max(size, html))}")

    def end_rest(self) -> None:
        """Shows the ends of the texts that had no room, which are in a file together."""
        text, self._rest = "\n".join(self._rest), []
        if text:
            self._push_long({"type": "text", "text": text, "stream": "result"})

    def text(self, text: str, stream: str) -> None:
        """Text as the cell printed it, without blank lines around it."""
        trimmed = text.lstrip("\n").rstrip(BLANK)
        if trimmed:
            self.push({"type": "text", "text": trimmed, "stream": stream})

    def image(self, content: bytes, mimetype: str, extension: str, alt: Optional[str]) -> None:
        index = self._file(PostFile(self._file_name(extension), mimetype, content))
        if index is not None:
            self.blocks.append({"type": "image", "file": index, **({} if alt is None else {"alt": alt})})

    def _push_long(self, block: Block) -> None:
        self._text_files += 1
        content, cut = long_text(whole_text(block), self.limits.text_bytes)
        extension = EXTENSIONS[block["type"]]
        is_first = extension == "txt" and all(file.name != "output.txt" for file in self.files)
        name = "output.txt" if is_first else self._file_name(extension)
        index = None if self._unfinished else self._file(PostFile(name, "text/plain", content))
        shown = ends_of(block)
        size = counted_bytes([shown], self.limits)
        if size <= self._text_left:
            self._text_left -= size
            self.blocks.append(shown)
        if index is None:
            return
        self.blocks.append({"type": "notice", "text": f"The whole text is in {name}"})
        self.blocks.append({"type": "file", "file": index})
        if cut is not None:
            self.left_out.append(f"{cut} from the middle of {name}")

    def _file(self, file: PostFile) -> Optional[int]:
        """Index of the file. None if it is over a limit; then it is named as left out."""
        size, limits = len(file.bytes), self.limits
        # Keeps space for text: a post with too many pictures still shows what was printed.
        room = limits.post_bytes - min(limits.text_bytes * 2, limits.post_bytes / 2)
        fits = len(self.files) < limits.files and self._file_bytes + size <= room
        if not fits or size > limits.file_bytes:
            self.left_out.append(f"{file.name} ({in_words(size)})")
            return None
        self._file_bytes += size
        self.files.append(file)
        return len(self.files) - 1

    def _file_name(self, extension: str) -> str:
        return f"output-{len(self.files) + 1}.{extension}"
