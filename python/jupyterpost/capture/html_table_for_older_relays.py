"""Reads the cells of HTML that is one simple table, in one pass over the tags. Merged or nested
cells, pictures, and text around the table would be lost, so HTML with any of these is not a simple
table. See ``kernel/src/capture/html-table-for-older-relays.ts``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Optional

from .html_scan import Tag, plain_text, scan_html

_NOT_TEXT = ("img", "svg", "script", "iframe")
# What ends a row, besides the next one.
_ROW_ENDS = ("tr", "thead", "tbody", "tfoot")
_JOINED = re.compile(r"(?:col|row)span\s*=\s*[\"']?(?:[2-9]|1\d)", re.IGNORECASE)


@dataclass
class _Row:
    is_head: bool = True  # it has no <td>
    cells: list[str] = field(default_factory=list)


def simple_table(html: str) -> Optional[tuple[list[str], list[list[str]]]]:
    """Columns and rows; None if it is not one simple table. A first row without ``<td>`` is the
    head. Short rows are filled up.
    """
    rows = _rows_of(html)
    if not rows or not rows[0].cells:
        return None
    first = rows[0]
    columns = first.cells if first.is_head else [""] * len(first.cells)
    body = [row.cells for row in rows[1 if first.is_head else 0 :] if row.cells]
    if any(len(cells) > len(columns) for cells in body):
        return None
    return columns, [cells + [""] * (len(columns) - len(cells)) for cells in body]


def _rows_of(html: str) -> Optional[list[_Row]]:
    reader, is_style = _TableReader(), False
    for part in scan_html(html):
        if isinstance(part, Tag) and part.name == "style":
            is_style = not part.closing
        elif is_style:
            continue
        elif not (reader.tag(part) if isinstance(part, Tag) else reader.text(part)):
            return None
    return reader.rows if reader.place == "behind" else None


class _TableReader:
    """Takes one part after the other. Each call returns whether it may still be a simple table."""

    def __init__(self) -> None:
        self.rows: list[_Row] = []
        self.place = "before"
        self._row: Optional[_Row] = None
        self._cell: Optional[list[str]] = None

    def text(self, text: str) -> bool:
        if self._cell is not None:
            self._cell.append(text)
        return self.place == "inside" or plain_text(text) == ""

    def tag(self, tag: Tag) -> bool:
        if not tag.closing and tag.name in _NOT_TEXT:
            return False
        if tag.name == "table":
            return self._table(tag.closing)
        if self.place != "inside":
            return True
        if _JOINED.search(tag.attributes):
            return False
        if tag.name in ("td", "th"):
            self._start_or_end_cell(tag.name, tag.closing)
        elif tag.name in _ROW_ENDS and (tag.closing or tag.name == "tr"):
            self._start_or_end_row(tag.closing)
        elif tag.name == "br" and self._cell is not None:
            self._cell.append(" ")
        return True

    def _table(self, closing: bool) -> bool:
        if closing and self.place != "inside":
            return True
        if not closing and self.place != "before":
            return False
        self._start_or_end_row(True)
        self.place = "behind" if closing else "inside"
        return True

    def _start_or_end_row(self, closing: bool) -> None:
        self._end_cell()
        self._row = None if closing else _Row()
        if self._row is not None:
            self.rows.append(self._row)

    def _start_or_end_cell(self, name: str, closing: bool) -> None:
        self._end_cell()
        if closing or self._row is None:
            return
        self._cell = []
        if name == "td":
            self._row.is_head = False

    def _end_cell(self) -> None:
        if self._cell is not None and self._row is not None:
            self._row.cells.append(plain_text("".join(self._cell)))
        self._cell = None
