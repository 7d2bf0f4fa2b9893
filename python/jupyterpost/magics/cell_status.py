"""Text and results at the end of a cell's output, as a terminal shows them. See
``kernel/src/posting/cell-status.ts``; both run the cases in ``post/contract/fixtures/status.json``.
"""

from __future__ import annotations

import re

from ..capture.outputs import CellOutputs, Output
from ..capture.terminal import terminal_text
from ..posting.schema import LIMITS
from ..posting.text_units import BLANK

_READ = LIMITS["watch"]["statusRead"]
_LINE_END = re.compile(r"[\r\n]")


def output_text(cell: CellOutputs) -> str:
    text = "".join(map(_text_of, cell.outputs))
    if len(text) > _READ:
        tail = text[-_READ:]
        # Starts with a whole line: half a line may contain half a secret, which would not be
        # recognised.
        end = _LINE_END.search(tail)
        text = tail[end.end() :] if end else tail
    return terminal_text(text).rstrip(BLANK)


def _text_of(output: Output) -> str:
    if output["type"] == "stream":
        return str(output["text"]) if output["name"] == "stdout" else ""
    plain = output.get("data", {}).get("text/plain")
    return f"{plain}\n" if isinstance(plain, str) else ""
