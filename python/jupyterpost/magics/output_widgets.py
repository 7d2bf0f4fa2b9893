"""Which ``Output`` widget takes what the running cell shows. The front end decides it: by the id of
the cell that such a widget has, as its messages say.
"""

from __future__ import annotations

from typing import Any, Optional


class OutputWidgets:
    def __init__(self) -> None:
        self._cell_id: Optional[str] = None
        self._taking: list[str] = []

    def begin(self, cell_id: Optional[str]) -> None:
        self._cell_id, self._taking = cell_id, []

    @property
    def taking(self) -> Optional[str]:
        """Id of the innermost widget that takes what is shown now."""
        return self._taking[-1] if self._taking else None

    def changed(self, content: Any) -> Optional[str]:
        """``content``: of a comm message that a widget sends. Returns the widget's id if the kernel
        says anew what this widget shows.
        """
        data = content.get("data") if isinstance(content, dict) else None
        state = data.get("state") if isinstance(data, dict) else None
        if not isinstance(state, dict):
            return None
        widget = content.get("comm_id")
        if "msg_id" in state:
            self._taking = [one for one in self._taking if one != widget]
            if self._cell_id is not None and state["msg_id"] == self._cell_id:
                self._taking = [*self._taking, widget]
        return widget if "outputs" in state else None
