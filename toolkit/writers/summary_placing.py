"""What the rows of a table print, how wide its columns become, and on which sheets its parts stand."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from toolkit.checks.cell_text import held
from toolkit.issues.model import Verdict
from toolkit.summary.kinds import Column, Kind
from toolkit.summary.model import Table
from toolkit.summary.rounding import wan
from toolkit.summary.rows import Record
from toolkit.writers.measure import display_width
from toolkit.writers.summary_totals import Part, Placed, sums_for

TITLE_ROW, NOTE_ROW, HEADING_ROW, FIRST_ROW = range(4)
LAST_ROW = 1_048_575  # of a worksheet, counted from zero
SHEET_ROWS = LAST_ROW - FIRST_ROW - 1  # records on one sheet, with room for two total rows
BOOK_CELLS = 20_000_000  # that 汇总表.xlsx holds, so that an ordinary computer opens it in a minute or two
NARROWEST, MARGIN = 5.0, 2.0  # of a column, in half-width characters
ONE_LINE = 8  # half-width characters of a heading that is not broken


def tables_apart(tables: Iterable[Table], needed: Container[str]) -> set[str]:
    """Return which tables go to workbooks of their own: the longest, until 汇总表.xlsx is not too large.

    Tables with totals, and those that formulas elsewhere `needed` by id, stay in it.
    """
    cells = {table.id: len(table.rows) * len(table.columns) for table in tables}
    movable = [table for table in tables if not table.total_label and table.id not in needed]
    apart: set[str] = set()
    for table in sorted(movable, key=lambda table: -cells[table.id]):
        if sum(cells.values()) <= BOOK_CELLS:
            break
        cells[table.id] = 0
        apart.add(table.id)
    return apart


def place(table: Table, asked: Sequence[Sequence[str]] = (), *, apart: bool = False) -> Placed:
    """Go over the rows of a table once: where they stand, how wide they are, what they add up to.

    `asked` are columns and pairs of columns that formulas elsewhere add up; a table that stands `apart` has a
    workbook for each sheet.
    """
    sums = sums_for(table, asked), sums_for(table, asked)
    widths = [_Width(column) for column in table.columns]
    names = [column.id for column in table.columns]
    adding = not sums[0].is_idle
    for _, values in printed_rows(table):
        for width, value in zip(widths, values, strict=True):
            if value is not None:
                width.see(value)
        if adding:
            row = dict(zip(names, values, strict=True))
            sums[0].add(row)
            if row.get("verdict") == Verdict.ACCEPTED:
                sums[1].add(row)
    return Placed(table, tuple(_parts(table, apart)), tuple(width.needed() for width in widths), *sums)


def _parts(table: Table, apart: bool) -> Iterator[Part]:
    count = len(table.rows)
    for number, start in enumerate(range(0, max(count, 1), SHEET_ROWS), 1):
        name = table.name if number == 1 or apart else f"{table.name} ({number})"
        file = f"汇总表-{table.name}-{number}.xlsx" if apart else ""
        yield Part(name, FIRST_ROW, min(SHEET_ROWS, count - start), number, file)


def printed_rows(table: Table) -> Iterator[tuple[Record, list[Any]]]:
    """Yield each row with what its cells print: money in 万元, text cut, unknown and empty both None."""
    names = [column.id for column in table.columns]
    kinds = [column.kind for column in table.columns]
    money, by_row = (
        [at for at, one in enumerate(kinds) if one is kind] for kind in (Kind.MONEY, Kind.BY_ROW)
    )
    for number, record in enumerate(table.rows):
        values = list(map(record.get, names))
        for at in money:
            values[at] = table.printed(names[at], number, values[at])
        for at in by_row if by_row and record["kind"] is Kind.MONEY else ():
            if (amount := values[at]) is not None:
                values[at] = wan(Decimal(amount))
        for at, value in enumerate(values):
            if isinstance(value, str):
                values[at] = held(value) or None
        yield record, values


class _Width:
    """How wide a column has to be: for its heading, and for its contents up to its own limit for text."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._limit = column.width if column.kind in (Kind.TEXT, Kind.LONG) else None
        self._text = 0
        self._ends: dict[type, tuple[Any, Any]] = {}  # the least and the largest value of each type

    def see(self, value: Any) -> None:
        """Take a cell's value into account."""
        if isinstance(value, str):
            if self._limit is None or self._text < self._limit:
                self._text = max(self._text, _text_width(value))
            return
        least, largest = self._ends.get(type(value), (value, value))
        if value <= least or value >= largest:
            self._ends[type(value)] = min(least, value), max(largest, value)

    def needed(self) -> float:
        """Return the width in half-width characters."""
        named = display_width(self._column.heading)
        heading = named + 1.5 if named <= ONE_LINE else -(-named // 4) * 2 + 1.5
        figures = [_shown(value, self._column.kind) for ends in self._ends.values() for value in ends]
        content = max([self._text, *map(_text_width, figures)])
        limited = content if self._limit is None else min(content, self._limit)
        return max(NARROWEST, heading, limited + MARGIN)


def _shown(value: Any, kind: Kind) -> str:
    """Return roughly what a cell shows, to measure it."""
    if kind is Kind.PERCENT:
        return f"{value:.2%}"
    return f"{value:,.2f}" if isinstance(value, Decimal) else str(value)


@lru_cache(maxsize=65536)
def _text_width(text: str) -> int:
    return max(map(display_width, text.split("\n")))
