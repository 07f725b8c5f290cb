"""What clerks do to workbooks: rows and columns inserted, sheets renamed, columns swapped, labels respelt.

A workbook is taken apart into values and merges, altered, and written again as plain cells: no protection, no
validations, no styles but number formats, as after a copy into another program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import range_boundaries


@dataclass
class Page:
    """One sheet: (row, column) -> (value, number format), both from one; merges as rectangles."""

    name: str
    cells: dict[tuple[int, int], tuple[Any, str]] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)  # top, left, bottom, right

    def move(self, place: Callable[[int, int], tuple[int, int]]) -> None:
        """Move every cell; merges follow their corners."""
        self.cells = {place(row, column): cell for (row, column), cell in self.cells.items()}
        self.merges = [(*place(top, left), *place(bottom, right)) for top, left, bottom, right in self.merges]

    def insert_row(self, at: int) -> None:
        """Insert an empty row before row `at`."""
        self.move(lambda row, column: (row + (row >= at), column))

    def insert_column(self, at: int) -> None:
        """Insert an empty column before column `at`."""
        self.move(lambda row, column: (row, column + (column >= at)))

    def swap_columns(self, one: int, other: int, rows: range) -> None:
        """Exchange two columns of a table, in the rows it takes."""
        order = {one: other, other: one}
        self.move(lambda row, column: (row, order.get(column, column) if row in rows else column))

    @property
    def size(self) -> tuple[int, int]:
        """Return the last row and column in use."""
        return max(row for row, _ in self.cells), max(column for _, column in self.cells)


def take_apart(path: Path) -> list[Page]:
    """Return the pages of a workbook, values as typed; formulas are left out, as nobody calculated them."""
    book = openpyxl.load_workbook(path)
    pages = []
    for sheet in book.worksheets:
        page = Page(sheet.title)
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None and cell.data_type != "f":
                    page.cells[cell.row, cell.column] = (cell.value, cell.number_format)
        for merge in sheet.merged_cells.ranges:
            left, top, right, bottom = range_boundaries(str(merge))
            page.merges.append((top, left, bottom, right))
        pages.append(page)
    return pages


def put_together(pages: list[Page], path: Path) -> Path:
    """Write the pages as a new workbook."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for page in pages:
        sheet = book.create_sheet(page.name)
        for (row, column), (value, number_format) in page.cells.items():
            cell = sheet.cell(row, column, value)
            cell.number_format = number_format
        for top, left, bottom, right in page.merges:
            if (top, left) != (bottom, right):
                sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    book.save(path)
    return path
