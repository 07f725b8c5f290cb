"""A bureau's blank as areas of cells, with what the file says of dropdowns, widths, formats and paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.drafting.words import words
from toolkit.form.labels import normalise
from toolkit.submission.grid import Position, RawValue, SheetGrid, Source

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

MOST_ROWS, MOST_COLUMNS = 400, 60  # a blank beyond is no blank; its rest is not looked at
_BLANKS = re.compile(r"[_＿\s\u3000.…]*(?:年[_＿\s\u3000]*(?:月[_＿\s\u3000]*(?:日)?)?)?[_＿\s\u3000.…]*")
_OPENXML = ("xlsx", "xlsm")


@dataclass(frozen=True, slots=True)
class Area:
    """A cell or a merged area, all ends included; `text` is empty where an answer is to be written."""

    row: int
    column: int
    last_row: int
    last_column: int
    text: str
    value: RawValue

    @property
    def filled(self) -> bool:
        """Return whether something is printed in it."""
        return bool(self.text)

    @property
    def span(self) -> int:
        """Return how many columns it covers."""
        return self.last_column - self.column + 1


@dataclass(frozen=True, slots=True)
class Details:
    """What one sheet of an Excel file says beside its cells. Widths are in characters, by column."""

    widths: Mapping[int, float] = field(default_factory=dict)
    landscape: bool = False
    choices: Mapping[Position, tuple[str, ...]] = field(default_factory=dict)
    unread_lists: Mapping[Position, str] = field(default_factory=dict)  # a dropdown whose list was not found
    formats: Mapping[Position, str] = field(default_factory=dict)  # number formats other than General
    edge: Position = (0, 0)  # rows and columns that are drawn or formatted for answers


@dataclass
class Page:
    """One sheet, looked at as areas."""

    grid: SheetGrid
    details: Details | None = None

    @cached_property
    def height(self) -> int:
        """Return how many rows are looked at."""
        merged = max((bottom + 1 for _, _, bottom, _ in self.grid.merges), default=0)
        drawn = self.details.edge[0] if self.details else 0
        return min(max(len(self.grid.rows), merged, drawn), MOST_ROWS)

    @cached_property
    def width(self) -> int:
        """Return the column after the last."""
        merged = max((right + 1 for _, _, _, right in self.grid.merges), default=0)
        drawn = self.details.edge[1] if self.details else 0
        return min(max(len(self.grid.rows[0]) if self.grid.rows else 0, merged, drawn), MOST_COLUMNS)

    @cached_property
    def left(self) -> int:
        """Return the first column in use: some bureaus leave a margin."""
        used = [column for row in self.grid.rows for column, value in enumerate(row) if value != ""]
        merged = [left for _, left, _, _ in self.grid.merges]
        return min([*used, *merged], default=0)

    @cached_property
    def _covers(self) -> dict[Position, Area]:
        covers: dict[Position, Area] = {}
        for top, left, bottom, right in self.grid.merges:
            area = self._area(top, left, min(bottom, self.height - 1), min(right, self.width - 1))
            for row in range(top, area.last_row + 1):
                for column in range(left, area.last_column + 1):
                    covers.setdefault((row, column), area)
        return covers

    def at(self, row: int, column: int) -> Area:
        """Return the area that covers a cell."""
        return self._covers.get((row, column)) or self._area(row, column, row, column)

    def row(self, row: int) -> list[Area]:
        """Return the areas of a row from left to right, those begun above included."""
        areas, column = [], self.left
        while column < self.width:
            area = self.at(row, column)
            areas.append(area)
            column = max(area.last_column, column) + 1
        return areas

    def filled(self, row: int) -> list[Area]:
        """Return the areas that begin in a row and are printed."""
        return [area for area in self.row(row) if area.row == row and area.filled]

    def _area(self, top: int, left: int, bottom: int, right: int) -> Area:
        rows = self.grid.rows
        value = rows[top][left] if top < len(rows) and left < len(rows[top]) else ""
        return Area(top, left, bottom, right, printed(value), value)


def printed(value: RawValue) -> str:
    """Return what a cell prints, on one line; nothing where only a place for an answer is kept.

    >>> printed("绩\\n效\\n指\\n标"), printed("    年  月  日"), printed(10.0)
    ('绩效指标', '', '10')
    """
    if not isinstance(value, str):
        return f"{value:.10g}" if isinstance(value, float) else str(value)
    if _BLANKS.fullmatch(value) or normalise(value) in words().lists["dashes"]:
        return ""
    return re.sub(r"(?<![A-Za-z0-9,.;])\s+|\s+(?![A-Za-z0-9])", "", value.strip())


def pages_of(source: Source, path: Path) -> list[Page]:
    """Return the visible sheets that hold something, with their details where the file tells them."""
    book = _workbook(source, path)
    pages = []
    for grid in source.sheets:
        if grid.visible and grid.has_content:
            sheet = book[grid.name] if book is not None and grid.name in book.sheetnames else None
            pages.append(
                Page(grid, _details(book, sheet) if book is not None and sheet is not None else None)
            )
    return pages


def _workbook(source: Source, path: Path) -> Workbook | None:
    """Return the file as openpyxl sees it; None when it is of another kind, or nothing openpyxl can open."""
    if source.kind not in _OPENXML:
        return None
    import warnings

    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl would lose on saving; nothing is saved
            return load_workbook(BytesIO(path.read_bytes()))
    except Exception:  # openpyxl raises anything for what other readers accept; the cells are known already
        return None


def _details(book: Workbook, sheet: Worksheet) -> Details:
    choices: dict[Position, tuple[str, ...]] = {}
    unread: dict[Position, str] = {}
    for rule in sheet.data_validations.dataValidation:
        if rule.type != "list" or not rule.formula1:
            continue
        found = _listed(book, sheet, rule.formula1)
        for area in rule.sqref.ranges:
            for row in range(area.min_row, min(area.max_row, MOST_ROWS) + 1):
                for column in range(area.min_col, min(area.max_col, MOST_COLUMNS) + 1):
                    if found:
                        choices[row - 1, column - 1] = found
                    else:
                        unread[row - 1, column - 1] = rule.formula1
    formats: dict[Position, str] = {}
    drawn = set(choices) | set(unread)
    area = {"max_row": min(sheet.max_row, MOST_ROWS), "max_col": min(sheet.max_column, MOST_COLUMNS)}
    for row, cells in enumerate(sheet.iter_rows(**area)):
        for column, cell in enumerate(cells):
            if cell.has_style and cell.number_format not in ("General", "@"):
                formats[row, column] = cell.number_format
            if cell.has_style and (cell.border.bottom.style or cell.border.right.style):
                drawn.add((row, column))
    edge = tuple(1 + max((place[axis] for place in (*drawn, *formats)), default=-1) for axis in (0, 1))
    landscape = sheet.page_setup.orientation == "landscape"
    return Details(_widths(sheet), landscape, choices, unread, formats, (edge[0], edge[1]))


def _widths(sheet: Worksheet) -> dict[int, float]:
    from openpyxl.utils import column_index_from_string

    widths: dict[int, float] = {}
    for letters, dimension in sheet.column_dimensions.items():
        if not dimension.width:
            continue
        first = dimension.min or column_index_from_string(letters)
        for column in range(first, min(dimension.max or first, MOST_COLUMNS) + 1):
            widths[column - 1] = float(dimension.width)
    return widths


def _listed(book: Workbook, sheet: Worksheet, formula: str) -> tuple[str, ...]:
    """Return the choices of a dropdown: written out, a range of any sheet, or a defined name."""
    formula = formula.strip().lstrip("=")
    if formula.startswith('"'):
        return tuple(word.strip() for word in formula.strip('"').split(",") if word.strip())
    defined: Any = sheet.defined_names.get(formula) or book.defined_names.get(formula)
    if defined is not None:
        formula = str(defined.attr_text or "").lstrip("=")
    tab, _, cells = formula.rpartition("!")
    name = tab.strip("'").replace("''", "'")
    if name and name not in book.sheetnames:
        return ()
    try:
        area = (book[name] if name else sheet)[cells.replace("$", "")]
    except (ValueError, TypeError, KeyError, AttributeError):
        return ()  # OFFSET, INDIRECT, another workbook
    rows = area if isinstance(area, tuple) else ((area,),)
    found = [cell.value for row in rows for cell in (row if isinstance(row, tuple) else (row,))]
    return tuple(str(value).strip() for value in found[:200] if value not in (None, ""))
