"""Read an xlsx or xlsm package: plain sheets through calamine, the others through our own reader."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import time
from itertools import chain
from math import isfinite

from python_calamine import CalamineWorkbook

from toolkit.submission import calamine, sheet_scan
from toolkit.submission.grid import (
    Finding,
    Position,
    RawValue,
    SheetGrid,
    a1,
    bounded,
    known,
    trimmed,
)
from toolkit.submission.guard import Archive, Budget, Limits, SourceError
from toolkit.submission.hidden import hidden_data
from toolkit.submission.package import Package, SheetPart
from toolkit.submission.sheet_xml import SheetContent, read_sheet

GAP_ROWS, GAP_COLUMNS = 1_000, 100  # in a thinly filled sheet, what lies beyond such a gap is kept as `far`
_MIDNIGHT = time(0, 0)


def read_xlsx(
    data: bytes, archive: Archive, limits: Limits, only_counted: Collection[str] = ()
) -> tuple[str, list[SheetGrid], list[Finding]]:
    """Return kind, sheets and findings of an Excel package; `only_counted` names sheets not worth reading."""
    package = Package(archive)
    findings = package.findings()
    kind = "xlsm" if any(finding.code == "F07" for finding in findings) else "xlsx"
    book = _Book(data, package, limits)
    sheets: list[SheetGrid] = []
    for part in package.sheets:
        try:
            counted = book.counted(part) if part.name.strip() in only_counted else None
            sheets.append(counted or book.sheet(part, findings))
        except SourceError as error:
            if error.code != "F01":
                raise
            findings.append(Finding("F09", part.name, found=error.detail or error.found))
    if package.sheets and not sheets:
        raise SourceError("F01", "damaged workbook", findings[-1].found)
    return kind, sheets, findings


class _Book:
    """The workbook while it is being read; calamine opens it when the first plain sheet asks."""

    def __init__(self, data: bytes, package: Package, limits: Limits) -> None:
        self._data = data
        self._package = package
        self._budget = Budget(limits)
        self._calamine: CalamineWorkbook | None = None
        self._calamine_fits = package.suits_calamine()
        self._longest_string = package.longest_string()

    def sheet(self, part: SheetPart, findings: list[Finding]) -> SheetGrid:
        """Return one sheet, adding what is worth an issue to `findings`."""
        xml = self._package.archive.xml(part.part)
        grid = self._plain(part, xml) if self._may_be_plain(xml) else None
        if grid is None:
            content = read_sheet(xml, self._package, self._budget)
            grid = grid_of(part, content, self._budget)
            findings += (
                Finding("F09", part.name, a1(*where), f"shared string {text}")
                for where, text in content.damaged.items()
            )
        findings += hidden_data(grid)
        self._budget.spend_cells(len(grid.rows) * len(grid.rows[0]) if grid.rows else 0)
        return grid

    def counted(self, part: SheetPart) -> SheetGrid | None:
        """Return a sheet of which only the filled cells are counted, None when it must be read for that."""
        xml, blank = self._package.archive.xml(part.part), self._package.blank_strings
        filled = None if blank is None else sheet_scan.count_filled(xml, blank)
        if filled is None:
            return None
        self._budget.spend_cells(filled)
        return SheetGrid(part.name, part.visible, counted=filled)

    def _may_be_plain(self, xml: bytes) -> bool:
        """Return whether calamine can be given the sheet, and count the text it will copy."""
        if not self._calamine_fits or self._package.archive.transcoded:
            return False
        text = sheet_scan.text_bound(xml, self._longest_string)
        if self._budget.text + text > self._budget.limits.max_text:
            return False
        if not sheet_scan.is_plain(xml, self._budget.limits):
            return False
        self._budget.spend_text(text)
        return True

    def _plain(self, part: SheetPart, xml: bytes) -> SheetGrid | None:
        """Return a plain sheet as calamine reads it, or None when it refuses or reads what cannot be."""
        try:
            if self._calamine is None:
                self._calamine_fits = False  # until it has opened the file and sees the same tabs
                self._calamine = calamine.open_book(self._data)
                self._calamine_fits = self._calamine.sheet_names == self._package.names
            if not self._calamine_fits:
                return None
            rows = calamine.read_rows(self._calamine, part.index, self._budget)
        except SourceError:
            return None
        rows = trimmed(rows)
        if _misread(rows, xml):
            return None
        return SheetGrid(
            part.name,
            part.visible,
            rows,
            bounded(sheet_scan.merges(xml), rows),
            find_percents=lambda: sheet_scan.cells_of_styles(xml, self._package.styles.percents),
        )


def _misread(rows: list[list[RawValue]], xml: bytes) -> bool:
    """Return whether calamine made a time of zero or less, or a number of the texts NaN and Infinity."""
    cells = list(chain.from_iterable(rows))
    if time in set(map(type, cells)) and _MIDNIGHT in cells:
        return True
    return sheet_scan.has_odd_number(xml) and any(
        isinstance(cell, float) and not isfinite(cell) for cell in cells
    )


def grid_of(part: SheetPart, content: SheetContent, budget: Budget) -> SheetGrid:
    """Lay cells out as a rectangle; in a thinly filled sheet keep those beyond a wide gap aside as `far`."""
    height, width = _dense_part(content.cells, budget.limits)
    budget.check_cells(height * width)
    rows: list[list[RawValue]] = [[""] * width for _ in range(height)]
    far: dict[Position, RawValue] = {}
    for (row, column), value in content.cells.items():
        if row < height and column < width:
            rows[row][column] = value
        elif value != "":
            far[row, column] = value
    return SheetGrid(
        part.name,
        part.visible,
        rows,
        bounded(content.merges, rows),
        content.errors,
        frozenset(content.uncalculated),
        frozenset(content.hidden_rows),
        frozenset(content.hidden_columns),
        far,
        known(content.percents),
    )


def _dense_part(cells: Iterable[Position], limits: Limits) -> tuple[int, int]:
    """Return height and width of the rectangle worth allocating."""
    positions = list(cells)
    rows = sorted({row for row, _ in positions})
    columns = sorted({column for _, column in positions})
    if not positions:
        return 0, 0
    height, width = rows[-1] + 1, columns[-1] + 1
    allowed = min(limits.max_cells, sheet_scan.dense_box(len(positions)))
    if height * width > allowed or width > limits.max_columns:
        height, width = (
            _before_gap(rows, GAP_ROWS),
            min(_before_gap(columns, GAP_COLUMNS), limits.max_columns),
        )
    return height, width


def _before_gap(used: list[int], gap: int) -> int:
    """Return the length of the part before the first gap of that many unused rows or columns.

    >>> _before_gap([0, 1, 5, 16383], 100), _before_gap([16383], 100)
    (6, 0)
    """
    end = 0
    for index in used:
        if index - end >= gap:
            break
        end = index + 1
    return end
