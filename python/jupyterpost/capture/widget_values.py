"""What one widget of ipywidgets shows, as a line of text: its label and its value.

Widgets may have classes of other people. None of their code is called: only the values of their
traits are read, and of these only texts, numbers and dates.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from itertools import islice
from typing import Any, Optional

from .html_scan import Tag, plain_text, scan_html

Values = Mapping[str, Any]

#: These show what they have; a person cannot change it.
SHOWN_ONLY = frozenset(
    {"LabelModel", "HTMLModel", "HTMLMathModel", "IntProgressModel", "FloatProgressModel", "ValidModel"}
)
_HTML = ("HTMLModel", "HTMLMathModel")
_BAR = 10
# Characters of one value, and how many labels of a choice of several are shown.
_MOST_TEXT = 20_000
MOST_HTML = 1_000_000
_MOST_LABELS = 50


def values_of(widget: object) -> Values:
    """The traits of a widget that have a value; none for anything else."""
    try:
        # As a class of other people may have its own way of giving its attributes.
        values = object.__getattribute__(widget, "_trait_values")
    except AttributeError:
        return {}
    return values if type(values) is dict else {}


def line_of(model: str, values: Values, is_beside_text: bool) -> Optional[str]:
    """``model``: the name of its model, as in ``IntSliderModel``. None if it has none to show.

    ``is_beside_text``: a bar beside texts needs no text of its own.
    """
    label = text_of(values.get("description"))
    if model in ("IntProgressModel", "FloatProgressModel"):
        shown = _bar(values, is_beside_text)
    elif model in _HTML:
        shown = text_in_html(text_of(values.get("value")))
    elif model == "PasswordModel":
        shown = "••••" if text_of(values.get("value")) else ""
    elif model == "ButtonModel":
        return f"[{label}]"
    elif model in ("CheckboxModel", "ToggleButtonModel"):
        return f"[{'x' if values.get('value') is True else ' '}] {label}"
    elif model == "ValidModel":
        shown = "✓" if values.get("value") is True else text_of(values.get("readout")) or "✗"
    elif "_options_labels" in values:
        shown = _chosen(values)
    elif model == "FileUploadModel":
        shown = ", ".join(filter(None, map(_file_name, _items(values.get("value")))))
    elif "value" in values:
        shown = _value(values["value"])
    else:
        return None
    if shown is None:
        return None
    return f"{label}: {shown}".rstrip() if label else shown


def text_of(value: object, most: int = _MOST_TEXT) -> str:
    """A text, at most this many characters; empty for anything else."""
    return str.__str__(value)[:most] if isinstance(value, str) else ""


def text_in_html(html: str) -> str:
    """On one line, without tags, scripts and styles."""
    texts, hidden = [], ""
    for part in scan_html(html):
        if isinstance(part, Tag):
            if part.name in ("script", "style"):
                hidden = "" if part.closing else part.name
            texts.append(" " if part.name in ("br", "p", "div", "li", "tr", "td") else "")
        elif not hidden:
            texts.append(part)
    return plain_text("".join(texts))


def _bar(values: Values, is_beside_text: bool) -> Optional[str]:
    low, high, value = (_number(values.get(name)) for name in ("min", "max", "value"))
    if low is None or high is None or value is None:
        return None
    share = min(1.0, max(0.0, (value - low) / (high - low))) if high > low else 1.0
    full = int(share * _BAR)
    bar = f"|{'█' * full}{' ' * (_BAR - full)}|"
    return bar if is_beside_text else f"{int(share * 100)}% {bar} {_value(values['value'])}/{_value(values['max'])}"


def _number(value: object) -> Optional[float]:
    if isinstance(value, float):
        number = float.__float__(value)
    elif isinstance(value, int) and abs(int.__index__(value)) < 2**63:
        number = float(int.__index__(value))
    else:
        return None
    return number if abs(number) < float("inf") else None


def _chosen(values: Values) -> str:
    """The labels that are chosen. Options may be any objects, which are not asked for a text."""
    labels, index = values.get("_options_labels"), values.get("index")
    indexes = index if isinstance(index, tuple) else (index,)
    if not isinstance(labels, tuple):
        return ""
    chosen = [
        text_of(labels[one]) for one in indexes[:_MOST_LABELS] if isinstance(one, int) and 0 <= one < len(labels)
    ]
    return ", ".join(chosen)


def _value(value: object) -> Optional[str]:
    """A text for a value of a plain type; None for others."""
    if value is None:
        return ""
    if isinstance(value, str):
        return text_of(value)
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, int):
        return int.__repr__(value) if abs(int.__index__(value)) < 2**63 else None
    if isinstance(value, float):
        return float.__repr__(round(float.__float__(value), 6))
    if type(value) in (datetime.date, datetime.time, datetime.datetime):
        return str(value)
    if isinstance(value, (tuple, list)):
        parts = [_value(one) for one in _items(value) if not isinstance(one, (tuple, list))]
        separator = " – " if isinstance(value, tuple) and len(parts) == 2 else ", "
        return None if None in parts else separator.join(filter(None, parts))
    return None


def _items(value: object) -> list[Any]:
    if isinstance(value, tuple):
        return list(islice(tuple.__iter__(value), _MOST_LABELS))
    return list(islice(list.__iter__(value), _MOST_LABELS)) if isinstance(value, list) else []


def _file_name(file: object) -> str:
    return text_of(dict.get(file, "name")) if isinstance(file, dict) else ""
