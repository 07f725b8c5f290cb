"""An opened workbook as the reader sees it: sheets of cells from A1, and what the file says beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TypeAlias
from urllib.parse import unquote

RawValue: TypeAlias = str | float | int | bool | date | datetime | time | timedelta
Position: TypeAlias = tuple[int, int]  # row, column, both from zero
Merge: TypeAlias = tuple[int, int, int, int]  # first row, first column, last row, last column, inclusive

MERGE_REACH = 256


def known(positions: Iterable[Position] = ()) -> Callable[[], frozenset[Position]]:
    """Return positions found already in the shape of a search not yet made."""
    found = frozenset(positions)
    return lambda: found


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth an issue that does not keep the file from being read.

    F07 macros, F08 links to other workbooks, F09 a sheet or cell that could not be read, F13 a text read as
    a workbook, S13 hidden data.
    `found` is a short fact without Chinese (`vbaProject.bin`, `rows 7-9`).
    """

    code: str
    sheet: str = ""
    cell: str = ""
    found: str = ""


def link_to(target: str) -> Finding:
    """Return the finding of a link to another file, its name as people write it.

    >>> link_to("file:///D:/%E5%8E%BB%E5%B9%B4.xlsx").found
    'file:///D:/去年.xlsx'
    """
    name = unquote(target)
    return Finding("F08", found=name if name.isprintable() else target)


@dataclass(slots=True)
class SheetGrid:
    """One sheet. `rows` is a rectangle from A1 to the last cell in use; an empty cell is `""`.

    An error cell and a formula without a value are `""` in `rows` and named in `errors` and `uncalculated`;
    they lie inside the rectangle. `far` holds what stands beyond a wide empty gap, where a rectangle
    would be millions of blanks. Numbers are floats as stored (90 % is 0.9). Cells with a date format are
    dates, or datetimes when they are not midnight, or times below one day; zero and negative numbers
    stay numbers under any date format but that of a duration.
    `merges` end at most 256 rows and columns beyond the rectangle, whatever the file says.
    """

    name: str
    visible: bool = True
    rows: list[list[RawValue]] = field(default_factory=list)
    merges: tuple[Merge, ...] = ()
    errors: Mapping[Position, str] = field(default_factory=dict)
    uncalculated: frozenset[Position] = frozenset()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    far: Mapping[Position, RawValue] = field(default_factory=dict)
    find_percents: Callable[[], frozenset[Position]] = field(default_factory=known, repr=False)
    counted: int = 0  # filled cells of a sheet that was only counted and has no `rows`
    _percents: frozenset[Position] | None = field(default=None, init=False, repr=False)

    def is_percent(self, row: int, column: int) -> bool:
        """Return whether the cell's number format shows a percentage; the first call searches the sheet."""
        if self._percents is None:
            self._percents = self.find_percents()
        return (row, column) in self._percents

    @property
    def has_content(self) -> bool:
        """Return whether any cell holds more than blanks."""
        return bool(
            self.counted
            or self.far
            or self.errors
            or self.uncalculated
            or any(not isinstance(value, str) or value.strip() for row in self.rows for value in row)
        )


@dataclass(slots=True)
class Source:
    """A workbook as read. `kind` is decided by content: xlsx, xls, ods, csv, html…; `size` is in bytes."""

    name: str
    kind: str
    sha256: str
    size: int
    sheets: tuple[SheetGrid, ...]
    findings: tuple[Finding, ...] = ()


def a1(row: int, column: int) -> str:
    """Return the address of a cell counted from zero.

    >>> a1(2, 27)
    'AB3'
    """
    return f"{column_letters(column)}{row + 1}"


def column_letters(column: int) -> str:
    """Return the letters of a column counted from zero.

    >>> column_letters(16383)
    'XFD'
    """
    letters, column = "", column + 1
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def column_index(letters: str) -> int:
    """Return the column, counted from zero, of its letters.

    >>> column_index("XFD")
    16383
    """
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def trimmed(rows: list[list[RawValue]]) -> list[list[RawValue]]:
    """Return a rectangle without its trailing empty rows and columns."""
    while rows and not any(value != "" for value in rows[-1]):
        rows.pop()
    if not rows:
        return rows
    width = len(rows[0])
    while all(row[width - 1] == "" for row in rows):
        width -= 1
    return rows if width == len(rows[0]) else [row[:width] for row in rows]


def covering(rows: list[list[RawValue]], positions: Iterable[Position]) -> list[list[RawValue]]:
    """Return the trimmed rectangle, widened where needed so that every position lies inside."""
    rows = trimmed(rows)
    places = list(positions)
    if places:
        width = max(len(rows[0]) if rows else 0, 1 + max(column for _, column in places))
        height = max(len(rows), 1 + max(row for row, _ in places))
        rows = [row + [""] * (width - len(row)) for row in rows]
        rows += ([""] * width for _ in range(height - len(rows)))
    return rows


def put(rows: list[list[RawValue]], numbers: Mapping[Position, float]) -> None:
    """Write numbers over the dates or times that zero and negative numbers were read as."""
    for (row, column), number in numbers.items():
        if row < len(rows) and column < len(rows[row]) and isinstance(rows[row][column], date | time):
            rows[row][column] = number


def bounded(merges: list[Merge], rows: list[list[RawValue]]) -> tuple[Merge, ...]:
    """Return the merges of more than one cell, cut 256 beyond the rectangle.

    A merge over a whole column is 1,048,576 rows of which nobody can use more than the sheet's own.
    """
    last_row = len(rows) - 1 + MERGE_REACH
    last_column = (len(rows[0]) if rows else 0) - 1 + MERGE_REACH
    return tuple(
        (top, left, min(bottom, last_row), min(right, last_column))
        for top, left, bottom, right in merges
        if top <= min(bottom, last_row) and left <= min(right, last_column) and (top, left) != (bottom, right)
    )
