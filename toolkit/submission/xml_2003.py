"""Read an XML spreadsheet of Excel 2003, which some systems still export under the name of a workbook."""

from __future__ import annotations

import math

from toolkit.submission.grid import Finding, RawValue, SheetGrid
from toolkit.submission.guard import Budget, Limits, SourceError, utf8
from toolkit.submission.hidden import hidden_data
from toolkit.submission.markup import local, parse
from toolkit.submission.number_formats import format_kind
from toolkit.submission.package import SheetPart
from toolkit.submission.sheet_xml import LAST_COLUMN, LAST_ROW, SheetContent, iso_date
from toolkit.submission.xlsx import grid_of

KIND = "xml spreadsheet 2003"
TAGS_OF_CELL = 4  # <Cell><Data></Data></Cell>


def read_xml_2003(data: bytes, limits: Limits) -> tuple[str, list[SheetGrid], list[Finding]]:
    """Return kind, sheets and findings; F06 with a document type, F01 when it is not well formed."""
    xml = utf8(data.removeprefix(b"\xef\xbb\xbf").lstrip())
    if b"<!DOCTYPE" in xml:
        raise SourceError("F06", "DOCTYPE")
    budget = Budget(limits)
    budget.check_text_cells(xml.count(b"<") // TAGS_OF_CELL)
    book = _Book(budget)
    parse(xml, book.start, book.end, book.text)
    findings = [Finding("F13", found=KIND)]
    grids = []
    for name, visible, content in book.sheets:
        grids.append(grid_of(SheetPart(name, visible, "", 0), content, budget))
        budget.spend_cells(len(grids[-1].rows) * len(grids[-1].rows[0]) if grids[-1].rows else 0)
        findings += hidden_data(grids[-1])
    return KIND, grids, findings


class _Book:
    """The expat handlers; rows and cells follow each other unless they state an index."""

    def __init__(self, budget: Budget) -> None:
        self.sheets: list[tuple[str, bool, SheetContent]] = []
        self._budget = budget
        self._percents: set[str] = set()
        self._style = self._cell_style = self._type = ""
        self._row = self._column = -1
        self._next_column = self._table_column = self._hidden_until = 0
        self._formula = self._comment = False
        self._buffer: list[str] | None = None
        self._value: RawValue | None = None

    @property
    def _content(self) -> SheetContent:
        return self.sheets[-1][2]

    def start(self, tag: str, raw: dict[str, str]) -> None:
        """Open an element."""
        attributes = {local(name): value for name, value in raw.items()}
        if tag == "Worksheet":
            self.sheets.append((attributes.get("Name", ""), True, SheetContent()))
            self._row, self._table_column, self._hidden_until = -1, 0, 0
        elif tag == "Style":
            self._style = attributes.get("ID", "")
        elif tag == "NumberFormat":
            code = attributes.get("Format", "")
            if code == "Percent" or format_kind(code) == "percent":
                self._percents.add(self._style)
        elif tag == "Visible":
            self._buffer = []
        elif self.sheets:
            self._start_in_sheet(tag, attributes)

    def _start_in_sheet(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "Column":
            first = _number(attributes.get("Index"), self._table_column + 1, LAST_COLUMN + 1) - 1
            self._table_column = first + _number(attributes.get("Span"), 0, LAST_COLUMN) + 1
            if attributes.get("Hidden") == "1" and self._table_column > self._hidden_until:
                fresh = range(max(first, self._hidden_until), min(self._table_column, LAST_COLUMN + 1))
                self._content.hidden_columns.update(fresh)
                self._hidden_until = fresh.stop
        elif tag == "Row":
            self._row = _number(attributes.get("Index"), self._row + 2, LAST_ROW + 1) - 1
            self._next_column = 0
            if attributes.get("Hidden") == "1":
                self._content.hidden_rows.add(self._row)
        elif tag == "Cell":
            self._open_cell(attributes)
        elif tag == "Comment":
            self._comment = True
        elif tag == "Data" and not self._comment:
            self._type, self._buffer = attributes.get("Type", "String"), []

    def _open_cell(self, attributes: dict[str, str]) -> None:
        self._column = _number(attributes.get("Index"), self._next_column + 1, LAST_COLUMN + 1) - 1
        right = _number(attributes.get("MergeAcross"), 0, LAST_COLUMN - self._column)
        down = _number(attributes.get("MergeDown"), 0, LAST_ROW - self._row)
        if right or down:
            self._content.merges.append((self._row, self._column, self._row + down, self._column + right))
        self._next_column = min(self._column + right + 1, LAST_COLUMN)
        self._formula = "Formula" in attributes
        self._cell_style = attributes.get("StyleID", "")
        self._value = None

    def text(self, data: str) -> None:
        """Keep the text of a value."""
        if self._buffer is not None:
            self._buffer.append(data)

    def end(self, tag: str) -> None:
        """Close an element."""
        if tag == "Comment":
            self._comment = False
        elif tag == "Visible" and self._buffer is not None and self.sheets:
            name, _, content = self.sheets[-1]
            self.sheets[-1] = (name, not "".join(self._buffer).strip().startswith("Sheet"), content)
            self._buffer = None
        elif tag == "Data" and self._buffer is not None:
            self._value = self._typed("".join(self._buffer))
            self._buffer = None
        elif tag == "Cell" and self.sheets:
            self._close_cell()

    def _typed(self, text: str) -> RawValue:
        match self._type:
            case "Number":
                try:
                    number = float(text)
                except ValueError:
                    return text
                return number if math.isfinite(number) else text
            case "Boolean":
                return text.strip() == "1"
            case "DateTime":
                return iso_date(text)
            case "Error":
                self._content.errors[self._row, self._column] = text.strip()
                return ""
        return text

    def _close_cell(self) -> None:
        where, content = (self._row, self._column), self._content
        if self._cell_style in self._percents:
            content.percents.add(where)
        if self._formula and self._value is None:
            content.uncalculated.add(where)
            self._value = ""
        if self._value is None or (
            self._value == "" and where not in content.errors and where not in content.uncalculated
        ):
            return
        content.cells[where] = self._value
        self._budget.check_cells(len(content.cells))
        if isinstance(self._value, str):
            self._budget.spend_text(len(self._value))


def _number(stated: str | None, otherwise: int, most: int) -> int:
    """Return a stated index or span within the sheet, or what it is when none is stated."""
    number = int(stated) if stated and stated.isdecimal() and len(stated) < 9 else otherwise
    return max(min(number, most), 0)
