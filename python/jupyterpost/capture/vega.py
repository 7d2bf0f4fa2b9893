"""Finds Vega and Vega-Lite specifications in a bundle. They become files, which the relay knows by
their ``$schema`` and draws. See ``kernel/src/capture/vega.ts``.
"""

from __future__ import annotations

import json
import re
from typing import Any, Optional

from ..posting.schema import utf8

_VEGA = re.compile(r"application/vnd\.vega(lite)?\.v([0-9])(?:\.[0-9]+)*\+json")


def vega_spec(data: dict[str, Any]) -> Optional[tuple[bytes, str, str]]:
    """Bytes, type and file extension of the specification in a bundle; None if there is none."""
    for mimetype, spec in data.items():
        match = _VEGA.fullmatch(mimetype)
        if match is None or not isinstance(spec, dict):
            continue
        language = "vega-lite" if match[1] else "vega"
        schema = f"https://vega.github.io/schema/{language}/v{match[2]}.json"
        text = json.dumps({"$schema": schema, **spec}, ensure_ascii=False, separators=(",", ":"))
        return utf8(text), mimetype, "vl.json" if match[1] else "vg.json"
    return None
