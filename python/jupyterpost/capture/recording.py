"""What one cell showed, as the notebook has it now, with updates and clears applied. See
``kernel/src/capture/recording.ts``.

It is bounded, so that an endless loop of prints cannot fill the kernel's memory. From a flood of
text it keeps the first and the last half, and says how much is missing; of a bar that is drawn over
and over, the last state. It has a lock, because a cell's threads write too.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Optional

from ..posting.schema import LIMITS, json_bytes, utf8
from .macros import learn_macros
from .outputs import WIDGET, CellOutputs, Output
from .progress_text import is_drawn_over, without_drawn_over
from .sizes import first_bytes, in_words, last_bytes
from .tex_macros import MacroBook

#: Bytes of all streams together, half from the start and half from the end. A post takes 1 MB of
#: text, which includes the words at the gap.
TEXT_BOUND = LIMITS["capture"]["recordedText"]
#: Bytes of all displays, as text. The 64 MB of files that a post takes are 88 MB of base64.
DISPLAY_BOUND = LIMITS["capture"]["recordedDisplays"]


@dataclass
class _Entry:
    output: Output
    size: int = 0
    #: Text of the second half, which goes first when more comes.
    tail: bool = False
    #: Text of a stream. Joined only when needed, so that a flood of prints costs no copies.
    chunks: list[str] = field(default_factory=list)

    def joined(self) -> Output:
        if not self.chunks:
            return dict(self.output)
        self.chunks = ["".join(self.chunks)]
        return {**self.output, "text": self.chunks[0]}


class Recording:
    def __init__(
        self,
        execution_count: int,
        text_bound: int = TEXT_BOUND,
        display_bound: int = DISPLAY_BOUND,
        macros: Optional[MacroBook] = None,
    ) -> None:
        self._macros = MacroBook() if macros is None else macros
        self.execution_count = execution_count
        self.started_at = now()
        self.ended_at: Optional[int] = None
        self.status = "running"
        self._half = text_bound // 2
        self._display_bound = display_bound
        self._lock = threading.RLock()
        #: What is cleared before the next output: what an Output widget took, or, for None, all.
        self._to_clear: set[Optional[str]] = set()
        self._cleared: set[str] = set()
        self._reset()

    @property
    def has_widgets(self) -> bool:
        """Whether a widget is shown, whose state may change without another output."""
        return self._has_widgets

    def outputs(self) -> CellOutputs:
        """What the cell has shown until now."""
        with self._lock:
            outputs = [entry.joined() for entry in self._entries]
            left_out = list(self._refused)
            if self._dropped:
                # Marks the place where text is missing.
                gap = next((i for i, entry in enumerate(self._entries) if entry.tail), len(outputs))
                missing = in_words(self._dropped)
                outputs.insert(gap, {"type": "stream", "name": "stdout", "text": f"\n… {missing} left out …\n"})
                left_out.insert(0, f"{missing} from the middle of the text")
            return CellOutputs(
                self.execution_count,
                self.started_at,
                self.ended_at,
                self.status,
                outputs,
                left_out,
                macros=self._macros,
                cleared=frozenset(self._cleared),
            )

    def stream(self, name: str, text: str, widget: Optional[str] = None) -> None:
        """``widget``: the id of the Output widget that takes it, here and below."""
        with self._lock:
            self._before_next(widget)
            text = without_drawn_over(text)
            head = first_bytes(text, max(0, self._half - self._head_bytes)) if self._tail_bytes == 0 else ""
            if head:
                self._head_bytes += self._append_text(name, head, False, widget)
            rest = text[len(head) :]
            if not rest:
                return
            tail = last_bytes(rest, self._half)
            self._dropped += len(utf8(rest)) - len(utf8(tail))
            self._tail_bytes += self._append_text(name, tail, True, widget)
            # Trimmed only at twice its size, so that a long flood is copied now and then, not for
            # every line.
            if self._tail_bytes > self._half * 2:
                self._trim_tail()

    def display(
        self,
        kind: str,
        data: dict[str, Any],
        metadata: dict[str, Any],
        display_id: Optional[str],
        widget: Optional[str] = None,
    ) -> None:
        """``kind`` is ``display_data`` or ``execute_result``."""
        with self._lock:
            self._before_next(widget)
            learn_macros(self._macros, data)
            size = _bundle_bytes(data)
            if self._display_bytes + size > self._display_bound:
                self._refuse(data, size)
                return
            self._display_bytes += size
            self._has_widgets = self._has_widgets or WIDGET in data
            output = {"type": kind, "data": data, "metadata": metadata, **_taken_by(widget)}
            if display_id is not None:
                output["displayId"] = display_id
            self._entries.append(_Entry(output, size))

    def update(self, display_id: Optional[str], data: dict[str, Any], metadata: dict[str, Any]) -> None:
        """All displays with that id show the new content."""
        with self._lock:
            learn_macros(self._macros, data)
            for entry in self._entries:
                if display_id is None or entry.output.get("displayId") != display_id:
                    continue
                size = _bundle_bytes(data)
                if self._display_bytes - entry.size + size > self._display_bound:
                    self._refuse(data, size)
                    continue
                self._display_bytes += size - entry.size
                entry.size = size
                entry.output = {**entry.output, "data": data, "metadata": metadata}

    def error(self, error: Output, widget: str) -> None:
        """An error that is not the cell's: an Output widget takes it."""
        with self._lock:
            self._before_next(widget)
            self._entries.append(_Entry({**error, **_taken_by(widget)}))

    def clear(self, wait: bool, widget: Optional[str] = None) -> None:
        """``widget``: only what this Output widget took."""
        with self._lock:
            if wait:
                self._to_clear.add(widget)
            else:
                self._clear(widget)

    def forget_taken(self, widget: str) -> None:
        """The kernel says anew what this Output widget shows; it has what it says, and no more."""
        with self._lock:
            self._clear(widget)
            self._cleared.discard(widget)

    def end(self, status: str, error: Optional[Output]) -> None:
        """The cell ended; its error becomes its last output. A second call changes nothing."""
        with self._lock:
            if self.ended_at is not None:
                return
            self.ended_at = now()
            self.status = status
            self._trim_tail()
            if error is not None:
                self._entries.append(_Entry(error))

    def _reset(self) -> None:
        self._entries: list[_Entry] = []
        self._head_bytes = self._tail_bytes = self._dropped = self._display_bytes = 0
        self._refused: list[str] = []
        self._has_widgets = False

    def _before_next(self, widget: Optional[str]) -> None:
        if widget in self._to_clear:
            self._clear(widget)

    def _clear(self, widget: Optional[str]) -> None:
        self._to_clear.discard(widget)
        if widget is None:
            self._reset()
            return
        self._cleared.add(widget)
        gone = [entry for entry in self._entries if entry.output.get("widget") == widget]
        self._entries = [entry for entry in self._entries if entry.output.get("widget") != widget]
        for entry in gone:
            if entry.output["type"] != "stream":
                self._display_bytes -= entry.size
            elif entry.tail:
                self._tail_bytes -= entry.size
            else:
                self._head_bytes -= entry.size

    def _append_text(self, name: str, text: str, tail: bool, widget: Optional[str]) -> int:
        size = len(utf8(text))
        output: Output = {"type": "stream", "name": name, **_taken_by(widget)}
        last = self._entries[-1] if self._entries else None
        if last is None or last.tail != tail or last.output != output:
            self._entries.append(_Entry(output, size, tail, [text]))
            return size
        if is_drawn_over(last.chunks[-1], text):
            size -= len(utf8(last.chunks.pop()))
        last.chunks.append(text)
        last.size += size
        return size

    def _trim_tail(self) -> None:
        for entry in self._entries:
            excess = self._tail_bytes - self._half
            if excess <= 0:
                break
            if not entry.tail:
                continue
            kept = last_bytes("".join(entry.chunks), max(0, entry.size - excess))
            gone = entry.size - len(utf8(kept))
            self._dropped += gone
            self._tail_bytes -= gone
            entry.chunks = [kept]
            entry.size -= gone
        self._entries = [entry for entry in self._entries if not entry.tail or entry.size > 0]

    def _refuse(self, data: dict[str, Any], size: int) -> None:
        mimetype = next(iter(data), "a display")
        self._refused.append(f"{mimetype} of {in_words(size)}: the cell showed too much")


def _taken_by(widget: Optional[str]) -> dict[str, str]:
    return {} if widget is None else {"widget": widget}


def now() -> int:
    """Milliseconds since the epoch."""
    return int(time.time() * 1000)


def _bundle_bytes(data: dict[str, Any]) -> int:
    return sum(len(utf8(value) if isinstance(value, str) else json_bytes(value, default=str)) for value in data.values())
