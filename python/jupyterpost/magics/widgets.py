"""The widgets among what a cell showed, as the notebook shows them now.

The message that shows a widget has only its name, or its first state: its state is in the kernel,
and changes later.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Optional

from ..capture.outputs import WIDGET, CellOutputs, Output
from ..capture.widget_tree import widget_view
from ..capture.widget_values import values_of
from .messages import bundle_of

# Widgets shown by what an Output widget took may show each other without end.
_DEEPEST = 5

#: The ``outputs`` of Output widgets at some time, by the widget's id.
Taken = Mapping[str, object]


def with_widgets(cell: CellOutputs, at_end: Optional[Taken] = None) -> CellOutputs:
    """The cell with its widgets as they are now.

    ``at_end``: what its Output widgets had when the cell had ended. Later, the front end tells the
    kernel what they show, and that includes what was heard.
    """
    if not any(_is_of_widget(output) for output in cell.outputs):
        return cell
    return replace(cell, outputs=_Widgets(cell, at_end).outputs())


def taken_now(cell: CellOutputs) -> Taken:
    ids = {output["widget"] for output in cell.outputs if "widget" in output} | cell.cleared
    return {widget: values_of(_live_widgets().get(widget)).get("outputs") for widget in ids}


class _Widgets:
    def __init__(self, cell: CellOutputs, at_end: Optional[Taken]) -> None:
        self._cell, self._at_end = cell, at_end
        self._live, self._comms = _live_widgets(), _open_comms()
        self._seen: set[str] = set()
        self._depth = 0

    def outputs(self) -> list[Output]:
        shown = [
            self._expanded(output) if "widget" not in output else [output] for output in self._cell.outputs
        ]
        # What an Output widget took stands where that widget is, if this cell shows it at all.
        return [
            _plain(output)
            for outputs in shown
            for output in outputs
            if output.get("widget") not in self._seen
        ]

    def _expanded(self, output: Output) -> list[Output]:
        view = output.get("data", {}).get(WIDGET)
        model_id = view.get("model_id") if isinstance(view, dict) else None
        # A bundle with a picture, as of ipympl, shows more than the values of its widget.
        has_other = any(mimetype not in (WIDGET, "text/plain") for mimetype in output.get("data", {}))
        if not isinstance(model_id, str) or has_other or self._depth > _DEEPEST:
            return [output]
        widget = self._live.get(model_id)
        if widget is None:
            # A closed widget is gone from the notebook. One that ipywidgets did not make is not.
            return [] if self._comms is not None and model_id not in self._comms else [output]
        self._depth += 1
        read = widget_view(widget, self._inside)
        self._depth -= 1
        if not read.has_more:
            return read.outputs
        if not read.outputs:
            return [output]
        # Without a text, it says that there is more in the notebook.
        return [*read.outputs, {**output, "data": {WIDGET: view}}]

    def _inside(self, widget_id: str, taken: object) -> list[Output]:
        """What an Output widget shows: what the front end told, and what it took in this cell."""
        self._seen.add(widget_id)
        is_told = self._at_end is not None and self._at_end.get(widget_id, taken) is not taken
        outputs = [] if widget_id in self._cell.cleared and not is_told else _told(taken)
        if not is_told:
            outputs += [_plain(output) for output in self._cell.outputs if output.get("widget") == widget_id]
        return [one for output in outputs for one in self._expanded(output)]


def _plain(output: Output) -> Output:
    return {name: value for name, value in output.items() if name != "widget"}


def _is_of_widget(output: Output) -> bool:
    return "widget" in output or WIDGET in output.get("data", {})


def _live_widgets() -> Mapping[str, Any]:
    """By their id. None of them was made if ipywidgets was not imported."""
    module = sys.modules.get("ipywidgets.widgets.widget")
    # Before ipywidgets 8, the class had them.
    before = getattr(getattr(module, "Widget", None), "widgets", None) if module else None
    widgets = vars(module).get("_instances", before) if module else None
    return widgets if isinstance(widgets, dict) else {}


def _open_comms() -> Optional[Mapping[str, Any]]:
    """By their id; None if this kernel has no list of them."""
    module = sys.modules.get("comm")
    comms = getattr(module.get_comm_manager(), "comms", None) if module else None
    return comms if isinstance(comms, dict) else None


def _told(taken: object) -> list[Output]:
    """Outputs as in a notebook's file."""
    outputs = []
    for one in taken if isinstance(taken, (tuple, list)) else ():
        kind = one.get("output_type") if isinstance(one, dict) else None
        if kind == "stream" and isinstance(one.get("text"), str):
            name = "stderr" if one.get("name") == "stderr" else "stdout"
            outputs.append({"type": "stream", "name": name, "text": one["text"]})
        elif kind in ("display_data", "execute_result") and isinstance(one.get("data"), dict):
            outputs.append({"type": kind, "data": bundle_of(one["data"]), "metadata": {}})
        elif kind == "error":
            traceback = one.get("traceback")
            lines = traceback if isinstance(traceback, list) else []
            texts = {name: str(one.get(name, "")) for name in ("ename", "evalue")}
            outputs.append({"type": "error", **texts, "traceback": list(map(str, lines))})
    return outputs
