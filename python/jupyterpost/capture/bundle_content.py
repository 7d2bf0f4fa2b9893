"""One bundle, for example of an attachment, as blocks and files: as in the post of a cell that
shows it.
"""

from __future__ import annotations

from typing import Any

from ..posting.schema import Block, Limits, PostFile
from .blocks import capture_cell
from .outputs import CellOutputs


def bundle_content(bundle: dict[str, Any], limits: Limits) -> tuple[list[Block], list[PostFile]]:
    """What cannot be shown is named by a notice."""
    shown = {"type": "display_data", "data": bundle, "metadata": {}}
    return capture_cell(CellOutputs(0, 0, 0, "ok", [shown], []), stderr=False, limits=limits)
