"""A raised error as the block of a post: its name, its message and the frames of the cell. See
``kernel/src/capture/error-block.ts``.
"""

from __future__ import annotations

import re

from ..posting.schema import LIMITS, Block
from ..posting.text_units import first_units
from .outputs import Output
from .terminal import BLANK, terminal_text


def error_block(output: Output) -> Block:
    name = terminal_text(output["ename"])
    message = terminal_text(output["evalue"]).rstrip(BLANK)
    parts = [terminal_text(part).rstrip(BLANK) for part in output["traceback"]]

    # The block has name and message anyway. In a traceback, a long message may be cut.
    summary = f"{name}: {first_units(message, LIMITS['capture']['comparedMessage'])}".rstrip(BLANK)

    def is_summary(part: str) -> bool:
        return part == name.rstrip(BLANK) or part.startswith(summary)

    if parts and is_summary(parts[-1]):
        parts.pop()
    if parts and is_summary(parts[0]):
        parts.pop(0)
    lines = "\n".join(parts).split("\n")
    # Frames in libraries and in Node mean nothing to a reader in the chat.
    kept = [line for line in lines if not re.match(r"\s+at .*(node:|node_modules)", line)]
    # Only whole blank lines go: frames keep their indentation.
    while kept and not kept[0].strip(BLANK):
        kept.pop(0)
    traceback = "\n".join(kept).rstrip(BLANK)
    return {"type": "error", "name": name, "message": message, "traceback": traceback}
