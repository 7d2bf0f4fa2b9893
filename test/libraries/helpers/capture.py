"""Prints the blocks and files that the package makes of recordings: ``capture.py RECORDING...``"""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

from jupyterpost.capture.blocks import capture_cell
from jupyterpost.capture.outputs import CellOutputs
from jupyterpost.posting.schema import Limits


def captured(path: str) -> dict[str, Any]:
    with open(path, encoding="utf-8") as file:
        recording = json.load(file)
    cell = CellOutputs(1, 0, 0, recording["status"], recording["outputs"], recording["leftOut"])
    blocks, files = capture_cell(cell, False, Limits())
    shown = [
        {"name": one.name, "mimetype": one.mimetype, "base64": base64.b64encode(one.bytes).decode()} for one in files
    ]
    return {"blocks": blocks, "files": shown}


json.dump([captured(path) for path in sys.argv[1:]], sys.stdout)
