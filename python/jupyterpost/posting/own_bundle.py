"""The bundle of a value by its own methods, as IPython calls them: mime type -> data."""

from __future__ import annotations

from typing import Any

from .asked_value import has_method


#: Mime type -> the method that gives it.
METHODS = {
    "text/html": "_repr_html_",
    "text/markdown": "_repr_markdown_",
    "text/latex": "_repr_latex_",
    "image/svg+xml": "_repr_svg_",
    "image/jpeg": "_repr_jpeg_",
    "image/png": "_repr_png_",
}


def own_bundle(value: Any) -> dict[str, Any]:
    """By the methods that IPython calls. What they raise is raised here."""
    bundle: dict[str, Any] = {}
    for mimetype, name in METHODS.items():
        bundle[mimetype] = _without_metadata(getattr(value, name)()) if has_method(value, name) else None
    has_whole = has_method(value, "_repr_mimebundle_")
    given = _without_metadata(value._repr_mimebundle_(include=None, exclude=None)) if has_whole else None
    bundle.update(given if isinstance(given, dict) else {})
    bundle.setdefault("text/plain", repr(value))
    return {mimetype: data for mimetype, data in bundle.items() if data is not None}


def _without_metadata(shown: Any) -> Any:
    return shown[0] if isinstance(shown, tuple) and shown else shown
