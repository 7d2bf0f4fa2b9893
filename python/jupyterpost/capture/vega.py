"""Finds Vega and Vega-Lite specifications in a bundle. They become files, which the relay knows by
their ``$schema`` and draws. See ``kernel/src/capture/vega.ts``.
"""

from __future__ import annotations

import json
import re
from typing import Any, Optional

from ..posting.schema import utf8
from .bundle import is_only_name

# Altair 6 writes ``vegalite.v6.json``, others ``vegalite.v5+json`` or ``vegalite.v5.20.1+json``.
_VEGA = re.compile(r"application/vnd\.vega(lite)?\.v([0-9]{1,4})(?:\.[0-9]{1,9}){0,9}(?:[.+]json){0,2}")


def vega_spec(data: dict[str, Any]) -> Optional[tuple[bytes, str, str]]:
    """Bytes, type and file extension of the specification in a bundle; None if there is none."""
    for mimetype, value in data.items():
        match = _VEGA.fullmatch(mimetype)
        spec = None if match is None else _object_of(value)
        if match is None or spec is None:
            continue
        language = "vega-lite" if match[1] else "vega"
        schema = f"https://vega.github.io/schema/{language}/v{match[2]}.json"
        text = json.dumps({"$schema": schema, **spec}, ensure_ascii=False, separators=(",", ":"))
        return utf8(text), mimetype, "vl.json" if match[1] else "vg.json"
    return None


def _object_of(value: Any) -> Optional[dict[str, Any]]:
    """A specification is an object; where a type does not end in ``+json``, it may come as text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def plot_text(plain: Optional[str]) -> Optional[str]:
    """The text of a plot. Altair adds to the name how to enable its renderer, unneeded here."""
    first = "" if plain is None else plain.split("\n", 1)[0]
    return first if is_only_name(first) else plain
