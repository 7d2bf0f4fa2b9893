"""The text of a cell's streams as a post shows it. See ``kernel/src/capture/streams.ts``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from .outputs import Output
from .progress_text import progress_text


def shown_streams(outputs: list[Output], with_stderr: bool) -> Iterator[Output]:
    """Joins streams that follow each other, so that no line is torn where it was flushed.

    Without stderr, its progress bars are shown: where it ended, as they were in the end.
    """
    return _joined(outputs if with_stderr else _only_progress(outputs))


def _only_progress(outputs: list[Output]) -> list[Output]:
    """The outputs, with nothing of stderr but its bars."""
    texts = [output["text"] for output in outputs if _is_stderr(output)]
    bars = progress_text("".join(texts))
    end = max((index for index, output in enumerate(outputs) if _is_stderr(output)), default=-1)
    shown: list[Output] = []
    for index, output in enumerate(outputs):
        if not _is_stderr(output):
            shown.append(output)
        elif index == end and bars:
            shown.append({"type": "stream", "name": "stderr", "text": bars})
    return shown


def _is_stderr(output: Output) -> bool:
    return output["type"] == "stream" and output["name"] == "stderr"


def _joined(outputs: list[Output]) -> Iterator[Output]:
    last: Optional[Output] = None
    for output in outputs:
        if (
            output["type"] == "stream"
            and last is not None
            and last["type"] == "stream"
            and last["name"] == output["name"]
        ):
            last = {**last, "text": last["text"] + output["text"]}
            continue
        if last is not None:
            yield last
        last = output
    if last is not None:
        yield last
