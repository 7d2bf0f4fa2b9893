"""What a message of iopub does to a recording, and what its parts mean."""

from __future__ import annotations

import base64
from typing import Any, Callable, Optional

from ..capture.recording import Recording

#: What happens to a recording. The second is the id of the Output widget that takes it, if any.
Action = Callable[[Recording, Optional[str]], None]


def action_of(kind: str, content: dict[str, Any]) -> Optional[Action]:
    """What a message of iopub does to a recording; None if it shows nothing."""
    if kind == "stream":
        return lambda recording, widget: recording.stream(content["name"], content["text"], widget)
    if kind == "clear_output":
        return lambda recording, widget: recording.clear(content["wait"], widget)
    if kind not in ("display_data", "execute_result", "update_display_data"):
        return None
    data, metadata = content["data"], content["metadata"]
    display_id = (content.get("transient") or {}).get("display_id")
    if kind == "update_display_data":
        return lambda recording, _: recording.update(display_id, data, metadata)
    return lambda recording, widget: recording.display(kind, data, metadata, display_id, widget)


def cell_id_of(shown_by: Any) -> Optional[str]:
    """Id of the request below whose cell ipykernel shows what comes from here now. None in other
    shells.
    """
    parent = getattr(shown_by, "parent_header", None)
    return parent.get("msg_id") if isinstance(parent, dict) else None


def is_notice(metadata: Optional[dict[str, Any]]) -> bool:
    own = (metadata or {}).get("jupyterpost")
    return isinstance(own, dict) and own.get("notice") is True


def bundle_of(data: dict[str, Any]) -> dict[str, Any]:
    """The data as a message has it: bytes as base64, and names as texts."""
    return {
        str(mimetype): base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for mimetype, value in data.items()
    }
