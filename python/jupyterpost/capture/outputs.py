"""What a cell showed, as the notebook has it now: updates applied, cleared outputs removed,
bounded. See ``kernel/src/capture/outputs.ts``.

An output is a dictionary with nbformat's fields. Its ``type`` is ``stream`` (``name``, ``text``),
``display_data`` or ``execute_result`` (``data``, ``metadata``, perhaps ``displayId``), or ``error``
(``ename``, ``evalue``, ``traceback``). If an ``Output`` widget took it, ``widget`` is its id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from .tex_macros import MacroBook

Output = dict[str, Any]

#: The type of a widget in a bundle: what shows it finds its state by its name.
WIDGET = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True)
class CellOutputs:
    execution_count: int
    #: Milliseconds since the epoch. The end is None while the cell is running.
    started_at: int
    ended_at: Optional[int]
    #: ``running``, ``ok``, ``failed``, ``interrupted``
    status: str
    #: In the order shown.
    outputs: list[Output]
    #: What was too much for the bounds, in words.
    left_out: list[str]
    #: What the notebook's TeX has defined so far, in this cell and others.
    macros: Optional[MacroBook] = None
    #: Ids of the Output widgets that the cell cleared.
    cleared: frozenset[str] = frozenset()
