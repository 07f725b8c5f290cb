"""Read an OpenDocument spreadsheet: values by calamine, the rest from one pass over content.xml."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from python_calamine import SheetVisibleEnum

from toolkit.submission import calamine
from toolkit.submission.grid import (
    Finding,
    Merge,
    Position,
    RawValue,
    SheetGrid,
    bounded,
    covering,
    link_to,
    put,
)
from toolkit.submission.guard import Archive, Budget, Limits, SourceError, utf8
from toolkit.submission.hidden import hidden_data
from toolkit.submission.markup import parse
from toolkit.submission.sheet_xml import iso_date

DAY_ZERO = datetime(1899, 12, 30)
_MANIFEST = '<manifest xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
_STATED = {
    "float": "office:value",
    "percentage": "office:value",
    "currency": "office:value",
    "date": "office:date-value",
    "boolean": "office:boolean-value",
}
_LINK = re.compile(r"'(file:[^'#]+)'#")
_HIDDEN = frozenset(("collapse", "filter"))
_CELLS = frozenset(("table-cell", "covered-table-cell"))


@dataclass(slots=True)
class _Sheet:
    """What content.xml says of one sheet beside its values, and these where calamine does not read them."""

    name: str = ""
    cells: dict[Position, RawValue] = field(default_factory=dict)
    height: int = 0
    width: int = 0
    text: int = 0  # characters, counted as often as their cell is repeated
    errors: dict[Position, str] = field(default_factory=dict)
    uncalculated: set[Position] = field(default_factory=set)
    percents: list[Merge] = field(default_factory=list)  # the areas repeated cells cover
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    numbers: dict[Position, float] = field(default_factory=dict)  # zero and less under a date format


def read_ods(data: bytes, archive: Archive, limits: Limits) -> tuple[str, list[SheetGrid], list[Finding]]:
    """Return kind, sheets and findings of an .ods package."""
    manifest = "META-INF/manifest.xml"
    if manifest in archive and b"encryption-data" in archive.xml(manifest):
        raise SourceError("F02", "password")
    scan = _Scan()
    parse(archive.xml("content.xml"), scan.start, scan.end, scan.text)
    if archive.transcoded:
        raise SourceError("F01", "unknown encoding", "content.xml is not UTF-8")
    budget = Budget(limits)
    for sheet in scan.sheets:  # a repeated cell costs a few bytes here and a box of cells once it is read
        budget.spend_cells(sheet.height * sheet.width)
        budget.spend_text(sheet.text)
    budget = Budget(limits)
    findings = [*map(link_to, scan.links)]
    if any(name.startswith(("basic/", "scripts/")) for name in archive.names()):
        findings.append(Finding("F07", found="macros"))
    try:
        values = [*_values(data, budget)]
    except SourceError as error:
        if error.code != "F01":
            raise
        scan = _Scan(keep=True)  # calamine refuses a book for one odd cell
        parse(archive.xml("content.xml"), scan.start, scan.end, scan.text)
        values = [(sheet.name, True, _laid_out(sheet)) for sheet in scan.sheets]
    grids = []
    for index, (name, visible, read) in enumerate(values):
        sheet = scan.sheets[index] if len(scan.sheets) == len(values) else _Sheet()
        put(read, sheet.numbers)
        rows = covering(read, [*sheet.errors, *sheet.uncalculated])
        grid = SheetGrid(
            name,
            visible,
            rows,
            bounded(sheet.merges, rows),
            sheet.errors,
            frozenset(sheet.uncalculated),
            frozenset(sheet.hidden_rows),
            frozenset(sheet.hidden_columns),
            find_percents=partial(_cells_of, sheet.percents),
        )
        grids.append(grid)
        findings += hidden_data(grid)
    return "ods", grids, findings


def _values(data: bytes, budget: Budget) -> Iterator[tuple[str, bool, list[list[RawValue]]]]:
    """Yield name, visibility and cells of each sheet as calamine reads them."""
    book = calamine.open_book(data)
    for index, tab in enumerate(book.sheets_metadata):
        yield tab.name, tab.visible == SheetVisibleEnum.Visible, calamine.read_rows(book, index, budget)


def _cells_of(areas: Iterable[Merge]) -> frozenset[Position]:
    return frozenset(
        (row, column)
        for top, left, bottom, right in areas
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    )


def _laid_out(sheet: _Sheet) -> list[list[RawValue]]:
    rows: list[list[RawValue]] = [[""] * sheet.width for _ in range(sheet.height)]
    for (row, column), value in sheet.cells.items():
        rows[row][column] = value
    return rows


def read_flat_ods(data: bytes, limits: Limits) -> tuple[str, list[SheetGrid], list[Finding]]:
    """Return kind, sheets and findings of an OpenDocument spreadsheet in one XML file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        archive.writestr("content.xml", utf8(data))
    package = packed.getvalue()
    _, sheets, findings = read_ods(package, Archive(package, limits), limits)
    return "flat opendocument", sheets, [Finding("F13", found="flat opendocument"), *findings]


class _Scan:
    """The expat handlers; positions advance by the repeat counts of rows and cells."""

    def __init__(self, *, keep: bool = False) -> None:
        """Keep the values, too, with `keep`: its caller has seen that they are not too many."""
        self._keep = keep
        self.sheets: list[_Sheet] = []
        self.links: dict[str, None] = {}  # files that cells or sheets are linked to, each once
        self._row = self._column = self._table_column = 0
        self._rows = self._columns = 1  # how often the current row and cell are repeated
        self._cell: dict[str, str] | None = None
        self._shown: list[str] = []
        self._paragraph = self._note = 0
        self._paragraphs = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element."""
        if tag == "table" and self._cell is None:
            self.sheets.append(_Sheet(attributes.get("table:name", "")))
            self._row = self._table_column = 0
        elif tag == "table-source" and (link := attributes.get("xlink:href")):
            self.links[link] = None
        elif not self.sheets:
            return
        elif tag == "table-column":
            repeat = _count(attributes, "table:number-columns-repeated")
            if attributes.get("table:visibility") in _HIDDEN:
                last = min(self._table_column + repeat, 16_384)
                self.sheets[-1].hidden_columns.update(range(self._table_column, last))
            self._table_column += repeat
        elif tag == "table-row":
            self._rows, self._column = _count(attributes, "table:number-rows-repeated"), 0
            if attributes.get("table:visibility") in _HIDDEN and self._rows < 10_000:
                self.sheets[-1].hidden_rows.update(range(self._row, self._row + self._rows))
        elif tag in _CELLS:
            self._cell, self._columns = attributes, _count(attributes, "table:number-columns-repeated")
            self._shown.clear()
            self._paragraphs = 0
            if "'file:" in (formula := attributes.get("table:formula", "")):
                self.links |= dict.fromkeys(_LINK.findall(formula))
        elif tag == "annotation":
            self._note += 1
        elif tag == "p" and self._cell is not None and not self._note:
            if self._paragraphs:
                self._shown.append("\n")
            self._paragraph += 1
            self._paragraphs += 1

    def text(self, data: str) -> None:
        """Keep the text a cell shows; comments are not part of it."""
        if self._paragraph and not self._note:
            self._shown.append(data)

    def end(self, tag: str) -> None:
        """Close an element."""
        if tag == "annotation":
            self._note -= 1
        elif tag == "p" and self._paragraph and not self._note:
            self._paragraph -= 1
        elif tag in _CELLS and self._cell is not None:
            self._close_cell(self.sheets[-1], self._cell)
            self._cell = None
            self._column += self._columns
        elif tag == "table-row":
            self._row += self._rows

    def _close_cell(self, sheet: _Sheet, cell: dict[str, str]) -> None:
        where, kind = (self._row, self._column), cell.get("office:value-type", "")
        shown = "".join(self._shown)
        formula = "table:formula" in cell
        rows, columns = (
            _count(cell, "table:number-rows-spanned"),
            _count(cell, "table:number-columns-spanned"),
        )
        if rows > 1 or columns > 1:
            sheet.merges.append((*where, self._row + rows - 1, self._column + columns - 1))
        if kind or shown or formula:
            sheet.height = self._row + self._rows
            sheet.width = max(sheet.width, self._column + self._columns)
            sheet.text += (len(shown) + len(cell.get("office:string-value", ""))) * self._rows * self._columns
        if self._keep and kind and (value := _value(kind, cell, shown)) != "":
            sheet.cells.update(
                ((self._row + down, self._column + right), value)
                for down in range(self._rows)
                for right in range(self._columns)
            )
        if cell.get("calcext:value-type") == "error":
            sheet.errors[where] = shown.strip()
        elif formula and not kind and not self._paragraphs:
            sheet.uncalculated.add(where)
        elif kind == "date" and "" < (stated := cell.get("office:date-value", "")) < "1899-12-31":
            with suppress(ValueError, TypeError):  # no date, or one with a time zone
                sheet.numbers[where] = (datetime.fromisoformat(stated) - DAY_ZERO) / timedelta(days=1)
        elif kind == "percentage" and self._rows * self._columns < 10_000:
            sheet.percents.append((*where, self._row + self._rows - 1, self._column + self._columns - 1))


def _value(kind: str, cell: dict[str, str], shown: str) -> RawValue:
    """Return the value a cell states, or what it shows where that is none."""
    stated = cell.get(_STATED.get(kind, ""), "")
    if kind == "date":
        return iso_date(stated or shown)
    if kind == "boolean":
        return stated == "true"
    if kind in _STATED:
        try:
            number = float(stated)
        except ValueError:
            return shown
        return number if math.isfinite(number) else shown
    return cell.get("office:string-value", shown)


def _count(attributes: dict[str, str], name: str) -> int:
    """Return a repeat or span count, 1 when it is absent or nonsense."""
    stated = attributes.get(name, "1")
    return max(int(stated), 1) if stated.isdecimal() and len(stated) < 10 else 1
