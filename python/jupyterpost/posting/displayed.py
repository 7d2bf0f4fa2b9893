"""What a notebook would show of a value: its bundle, as blocks and files of a post.

The bundle is read by the room ``capture``, above this one: the package gives its function to
``read_bundles_by``.
"""

from __future__ import annotations

import base64
import re
from typing import Any, Callable, Optional

from .asked_value import has_method
from .error import PostError
from .notebook import current_notebook
from .own_bundle import METHODS
from .schema import Block, Limits, PostFile

#: Blocks, and the files that they refer to.
Content = tuple[list[Block], list[PostFile]]
#: Bundle and limits -> blocks and files.
BundleReader = Callable[[dict[str, Any], Limits], Content]

_EXPECTED = (
    "bytes, the path of a file, an open file, a figure, or what a notebook shows as a picture, table or formula"
)
#: What to do instead, for values that are no attachment but might be meant as one.
_INSTEAD = {
    "dict": "attach its values as a list, or json.dumps(it).encode()",
    "set": "attach a list",
    "generator": "attach a list of what it gives",
    "ndarray": "attach a picture of it, or its bytes from numpy.save",
    "Tensor": "attach a picture of it, or its bytes",
    "module": "attach plt.gcf() if its current figure is meant",
}
_readers: list[BundleReader] = []


def read_bundles_by(reader: BundleReader) -> None:
    _readers[:] = [reader]


def is_displayed(value: Any) -> bool:
    """Whether a notebook shows more than text of the value."""
    return any(
        has_method(value, name)
        for name in (*METHODS.values(), "_repr_mimebundle_", "_ipython_display_", "to_frame")
    )


def displayed(value: Any, place: int, limits: Callable[[], Limits]) -> Content:
    """Raises PostError ``bad_attachment`` if there is nothing of it that a chat can show, TypeError
    if it is nothing that a notebook shows.
    """
    kind = type(value).__name__
    if not is_displayed(value):
        instead = f": {_INSTEAD[kind]}" if kind in _INSTEAD else ""
        raise TypeError(f"attachment {place} must be {_EXPECTED}, not {kind}{instead}")
    try:
        # The names as JSON has them, whatever the value's own method gave.
        bundle = {str(name): _text_of(data) for name, data in _bundle_of(value).items()}
    except Exception as error:
        raise _undrawn(place, kind, f"{type(error).__name__}: {error}") from None
    png = None if any(name.startswith("image/") for name in bundle) else _drawn(value, place)
    if png is not None:
        return [{"type": "image", "file": 0}], [PostFile(f"attachment-{place}.png", "image/png", png)]
    blocks, files = _readers[0](bundle, limits())
    if set(bundle) <= {"text/plain"} or all(block["type"] == "notice" for block in blocks):
        raise _undrawn(place, kind, "attach it as a PNG or SVG, or show it in a cell under %%post")
    return blocks, [
        PostFile(file.name.replace("output-1", f"attachment-{place}"), file.mimetype, file.bytes)
        for file in files
    ]


def _bundle_of(value: Any) -> dict[str, Any]:
    bundle = current_notebook().bundle(value)
    if set(bundle) <= {"text/plain"} and has_method(value, "to_frame"):
        # A column of a table, such as a pandas Series, which shows itself as text.
        return current_notebook().bundle(value.to_frame())
    if not any(str(name).startswith(("image/", "application/vnd.vega")) for name in bundle):
        return {**bundle, **_vega_of(value)}
    return bundle


def _vega_of(value: Any) -> dict[str, Any]:
    """The specification of a chart that shows itself by a script, as some of Altair's do."""
    # Other values have a ``to_dict`` too, which may be large: all rows of a table.
    is_chart = type(value).__module__.partition(".")[0] == "altair"
    spec = value.to_dict() if is_chart and has_method(value, "to_dict") else None
    schema = spec.get("$schema") if isinstance(spec, dict) else None
    found = re.search(r"/schema/(vega|vega-lite)/v(\d)", schema) if isinstance(schema, str) else None
    return {f"application/vnd.{found[1].replace('-', '')}.v{found[2]}+json": spec} if found else {}


def _text_of(data: Any) -> Any:
    """Bytes of a picture are base64 in a bundle."""
    return base64.b64encode(data).decode() if isinstance(data, (bytes, bytearray)) else data


def _drawn(value: Any, place: int) -> Optional[bytes]:
    """A picture of an interactive plot, by its own means (plotly's need a browser)."""
    if not has_method(value, "to_image"):
        return None
    try:
        png = value.to_image(format="png")
    except Exception as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise _undrawn(place, type(value).__name__, first) from None
    return png if isinstance(png, bytes) else None


def _undrawn(place: int, kind: str, why: str) -> PostError:
    return PostError("bad_attachment", f"Attachment {place} of type {kind} has no picture, table or formula: {why}")
