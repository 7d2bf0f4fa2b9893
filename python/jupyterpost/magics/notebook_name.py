"""The file name of the notebook, for the first line of a post. Kernels are not told it: Jupyter's
server names it when it starts one, VS Code by a variable. See
``kernel/src/capture/notebook-name.ts``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Optional

from ..posting.schema import LIMITS
from ..posting.text_units import first_units

# VS Code gives sessions at a server this ending.
_MADE_UP = re.compile(r"-jvsc-[0-9a-f-]{1,40}\Z")
_ENDING = ".ipynb"


def notebook_name(user_ns: Mapping[str, Any]) -> Optional[str]:
    """``user_ns``: the notebook's variables. None if the name is not known."""
    # Its path. In the file's own session VS Code knows better than the server.
    told = user_ns.get("__vsc_ipynb_file__")
    named = _file_name(told) if isinstance(told, str) else None
    return named or _file_name(os.environ.get("JPY_SESSION_NAME", ""))


def _file_name(path: str) -> Optional[str]:
    last = re.split(r"[/\\]", path)[-1]
    name = _MADE_UP.sub("", _without_ending(last))
    if not (last.endswith(_ENDING) or _MADE_UP.search(last)) or not name:
        return None
    most = LIMITS["manifest"]["notebook"] - len(_ENDING)
    return first_units(_without_ending(name), most) + _ENDING


def _without_ending(name: str) -> str:
    return name[: -len(_ENDING)] if name.endswith(_ENDING) else name
