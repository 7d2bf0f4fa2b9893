"""What a widget of ipywidgets and those inside it show now, as outputs of a cell: text, HTML,
pictures, and what ``Output`` widgets took.

A tree is read up to bounds, as a program can make it of any size, and even without an end.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Optional, Union

from .html_scan import Tag, scan_html
from .outputs import Output
from .widget_values import MOST_HTML, SHOWN_ONLY, Values, line_of, text_of, values_of

# Widgets of one tree, how deep it is read, and characters of its texts and HTML together.
_MOST_WIDGETS = 1000
_DEEPEST = 30
_MOST_CHARACTERS = 2_000_000
_BOXES = frozenset({"BoxModel", "VBoxModel", "GridBoxModel"})
#: Only one of their children is open.
_FOLDED = frozenset({"AccordionModel", "TabModel", "StackModel"})
_PICTURES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}

#: Lines of text, or an output of another kind.
_Part = Union[str, Output]

#: The outputs that an ``Output`` widget shows, by the widget's id and its own list of them.
Inside = Callable[[str, object], list[Output]]


@dataclass
class WidgetView:
    outputs: list[Output]
    #: Whether it has something to see or do that the outputs have not.
    has_more: bool


def widget_view(widget: object, inside: Inside) -> WidgetView:
    reader = _Reader(inside)
    outputs: list[Output] = []
    for is_text, parts in groupby(reader.parts(widget, 0, False), lambda part: isinstance(part, str)):
        outputs += [_display({"text/plain": "\n".join(parts)})] if is_text else parts
    return WidgetView(outputs, reader.has_more)


def model_of(values: Values) -> str:
    return text_of(values.get("_model_name"))


@dataclass
class _Reader:
    inside: Inside
    has_more: bool = False
    _left: int = _MOST_WIDGETS
    _characters_left: int = _MOST_CHARACTERS

    def parts(self, widget: object, depth: int, is_beside_text: bool) -> list[_Part]:
        values = values_of(widget)
        model = model_of(values)
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST:
            self.has_more = True
            return []
        if not model or _is_hidden(values):
            return []
        if model in _BOXES:
            return [part for child in _children(values) for part in self.parts(child, depth + 1, False)]
        if model == "HBoxModel":
            return self._row(_children(values), depth + 1)
        if model in _FOLDED:
            return self._folded(model, values, depth + 1)
        if model == "OutputModel":
            return list(self.inside(_id_of(values), values.get("outputs")))
        return self._leaf(model, values, is_beside_text)

    def _row(self, children: tuple[object, ...], depth: int) -> list[_Part]:
        """Texts beside each other become one line."""
        is_beside_text = any(model_of(values_of(child)) in ("HTMLModel", "LabelModel") for child in children)
        parts = [part for child in children for part in self.parts(child, depth, is_beside_text)]
        line: list[str] = []
        for part in parts:
            if not isinstance(part, str) and list(part.get("data", {})) == ["text/html", "text/plain"]:
                part = part["data"]["text/plain"]
            if not isinstance(part, str) or "\n" in part:
                return parts
            line.append(part)
        text = " ".join(filter(None, line))
        return [text] if text else []

    def _folded(self, model: str, values: Values, depth: int) -> list[_Part]:
        children, opened = _children(values), values.get("selected_index")
        # Before ipywidgets 8, they were a dictionary.
        titles = values.get("titles") or values.get("_titles")
        parts: list[_Part] = []
        for index, child in enumerate(children):
            if type(titles) is dict:
                title = text_of(titles.get(str(index)))
            else:
                title = text_of(titles[index]) if type(titles) is tuple and index < len(titles) else ""
            # The pages of a stack have no titles that are seen.
            if model != "StackModel":
                parts.append(f"{'▾' if index == opened else '▸'} {title}".rstrip())
            if index == opened:
                parts += self.parts(child, depth, False)
            else:
                self.has_more = True
        return parts

    def _leaf(self, model: str, values: Values, is_beside_text: bool) -> list[_Part]:
        if model == "ImageModel":
            picture = _picture(values)
            self.has_more = self.has_more or picture is None
            return ["[Image]" if picture is None else picture]
        line = line_of(model, values, is_beside_text)
        self.has_more = self.has_more or model not in SHOWN_ONLY
        if line is None:
            return [f"[{model[:-5] if model.endswith('Model') else model}]"]
        is_html = model == "HTMLModel" and not text_of(values.get("description"))
        html = text_of(values.get("value"), MOST_HTML) if is_html else ""
        self._characters_left -= len(line) + len(html)
        if self._characters_left < 0:
            self.has_more = True
            return []
        if any(isinstance(part, Tag) for part in scan_html(html)):
            return [_display({"text/html": html, "text/plain": line})]
        return [line] if line else []


def _children(values: Values) -> tuple[object, ...]:
    children = values.get("children")
    return children if type(children) is tuple else ()


def _is_hidden(values: Values) -> bool:
    layout = values_of(values.get("layout"))
    return layout.get("display") == "none" or layout.get("visibility") == "hidden"


def _id_of(values: Values) -> str:
    """A widget's id is that of its comm."""
    identity = getattr(values.get("comm"), "comm_id", None)
    return identity if isinstance(identity, str) else ""


def _picture(values: Values) -> Optional[Output]:
    mimetype, content = _PICTURES.get(text_of(values.get("format"))), values.get("value")
    if mimetype is None or not isinstance(content, (bytes, memoryview)):
        return None
    return _display({mimetype: base64.b64encode(content).decode()})


def _display(data: dict[str, Any]) -> Output:
    return {"type": "display_data", "data": data, "metadata": {}}
