"""What this package and the npm package agree on, as data.

The files are copies of ``post/contract/*.json``, so that this folder can be installed by itself.
``node start/copy-contract.ts`` copies them again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


def read(name: str) -> Any:
    """The content of a document: ``flags`` is ``flags.json``."""
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
