"""A workbook as pages of plain cells that can be cut up, moved and written again.

A workbook is taken apart into values and merges, altered, and written again as plain cells: no protection, no
validations, no styles but number formats, as after a copy into another program. What the blank meant each
cell for travels with it, so that an alteration can be aimed: `alterations.py` holds those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import range_boundaries

from toolkit.form.places import Layout, Placement
from toolkit.submission.grid import SheetGrid, Source, known
from toolkit.submission.hidden import hidden_data

Position = tuple[int, int]  # row, column, both from one


@dataclass
class Page:
    """One sheet: (row, column) -> (value, number format), both from one; merges as rectangles.

    `parts` says what the blank meant a cell for, filled or not; `foreign` are cells no form asks for.
    """

    name: str
    cells: dict[Position, tuple[Any, str]] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)  # top, left, bottom, right
    parts: dict[Position, Placement] = field(default_factory=dict)
    foreign: set[Position] = field(default_factory=set)
    either: set[Position] = field(default_factory=set)  # titles and notes of a form below another
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    set_aside: bool = False  # the sheet of another unit or year: nothing on it may be read

    def copied(self) -> Page:
        """Return a page of its own with the same content."""
        return replace(
            self,
            cells=dict(self.cells),
            merges=list(self.merges),
            parts=dict(self.parts),
            foreign=set(self.foreign),
            either=set(self.either),
            hidden_rows=set(self.hidden_rows),
            hidden_columns=set(self.hidden_columns),
        )

    def move(self, place: Callable[[int, int], Position]) -> None:
        """Move every cell; merges follow their corners."""
        self.cells = {place(*where): cell for where, cell in self.cells.items()}
        self.parts = {place(*where): part for where, part in self.parts.items()}
        self.foreign = {place(*where) for where in self.foreign}
        self.either = {place(*where) for where in self.either}
        self.merges = [(*place(top, left), *place(bottom, right)) for top, left, bottom, right in self.merges]
        self.hidden_rows = {place(row, 1)[0] for row in self.hidden_rows}
        self.hidden_columns = {place(1, column)[1] for column in self.hidden_columns}

    def insert_row(self, at: int, count: int = 1) -> None:
        """Insert empty rows before row `at`."""
        self.move(lambda row, column: (row + count * (row >= at), column))

    def insert_column(self, at: int, count: int = 1) -> None:
        """Insert empty columns before column `at`."""
        self.move(lambda row, column: (row, column + count * (column >= at)))

    def delete_row(self, at: int) -> None:
        """Delete a row with everything in it."""
        self._drop(lambda row, _: row == at)
        self.merges = [
            (top - (top > at), left, bottom - (bottom >= at), right)
            for top, left, bottom, right in self.merges
            if not top == bottom == at
        ]
        merges, self.merges = self.merges, []
        self.move(lambda row, column: (row - (row > at), column))
        self.merges = merges

    def delete_column(self, at: int) -> None:
        """Delete a column with everything in it."""
        self._drop(lambda _, column: column == at)
        merges = [
            (top, left - (left > at), bottom, right - (right >= at))
            for top, left, bottom, right in self.merges
            if not left == right == at
        ]
        self.merges = []
        self.move(lambda row, column: (row, column - (column > at)))
        self.merges = merges

    def swap_columns(self, one: int, other: int, rows: range) -> None:
        """Exchange two columns of a table, in the rows it takes."""
        order = {one: other, other: one}
        self.move(lambda row, column: (row, order.get(column, column) if row in rows else column))

    def cut(self, rows: range) -> Page:
        """Take rows out, leaving them empty; the piece counts its rows from one."""
        piece = self.copied()
        self._drop(lambda row, _: row in rows)
        self.merges = [merge for merge in self.merges if merge[0] not in rows]
        piece._drop(lambda row, _: row not in rows)
        piece.merges = [merge for merge in piece.merges if merge[0] in rows]
        piece.hidden_rows &= {*rows}
        piece.move(lambda row, column: (row - rows.start + 1, column))
        return piece

    def paste(self, piece: Page, row: int, column: int = 1) -> None:
        """Put a piece down with its first cell at the place, over empty cells."""
        piece = piece.copied()
        piece.move(lambda down, right: (down + row - 1, right + column - 1))
        self.cells |= piece.cells
        self.parts |= piece.parts
        self.foreign |= piece.foreign
        self.either |= piece.either
        self.merges += piece.merges

    def put(
        self, where: Position, value: Any, number_format: str = "General", *, foreign: bool = True
    ) -> None:
        """Write something no form asks for."""
        self.cells[where] = (value, number_format)
        if foreign:
            self.foreign.add(where)

    def _drop(self, gone: Callable[[int, int], bool]) -> None:
        self.cells = {where: cell for where, cell in self.cells.items() if not gone(*where)}
        self.parts = {where: part for where, part in self.parts.items() if not gone(*where)}
        self.foreign = {where for where in self.foreign if not gone(*where)}
        self.either = {where for where in self.either if not gone(*where)}

    @property
    def size(self) -> Position:
        """Return the last row and column in use."""
        places = [*self.cells, *self.parts]
        return max((row for row, _ in places), default=1), max((column for _, column in places), default=1)

    @property
    def filled(self) -> set[Position]:
        """Return the cells that hold more than white space."""
        return {
            where
            for where, (value, _) in self.cells.items()
            if str(value).strip("\u200b\ufeff \t\r\n\u3000\xa0")
        }


def take_apart(path: Path, layout: Layout | None = None) -> list[Page]:
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
    by_name = {page.name: page for page in pages}
    for laid in layout.sheets if layout else ():
        by_name[laid.name].parts = {(part.row + 1, part.column + 1): part for part in laid.placements}
    return pages


def put_together(pages: Iterable[Page], path: Path) -> Path:
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
        for row in page.hidden_rows:
            sheet.row_dimensions[row].hidden = True
        for column in page.hidden_columns:
            sheet.column_dimensions[openpyxl.utils.get_column_letter(column)].hidden = True
    book.save(path)
    return path


def as_source(pages: Iterable[Page], name: str = "表.xlsx") -> Source:
    """Return the pages as the reader would see their file, without writing one."""
    grids = tuple(_grid(page) for page in pages)
    hidden = tuple(finding for grid in grids for finding in hidden_data(grid))
    return Source(name, "xlsx", "", 0, grids, hidden)


def _grid(page: Page) -> SheetGrid:
    height = max((row for row, _ in page.cells), default=0)
    width = max((column for _, column in page.cells), default=0)
    rows: list[list[Any]] = [[""] * width for _ in range(height)]
    for (row, column), (value, _) in page.cells.items():
        rows[row - 1][column - 1] = _as_read(value)
    return SheetGrid(
        page.name,
        rows=rows,
        merges=tuple(
            (top - 1, left - 1, bottom - 1, right - 1)
            for top, left, bottom, right in page.merges
            if (top, left) != (bottom, right)
        ),
        hidden_rows=frozenset(row - 1 for row in page.hidden_rows),
        hidden_columns=frozenset(column - 1 for column in page.hidden_columns),
        find_percents=known(
            (row - 1, column - 1) for (row, column), (_, shown) in page.cells.items() if "%" in shown
        ),
    )


def _as_read(value: Any) -> Any:
    """Return a value as it comes out of a file: numbers are floats, midnight is a day."""
    if isinstance(value, datetime) and value.time() == time(0):
        return value.date()
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
