"""Rows of the summary as the district report prints them: short names, balanced amounts, who leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import overload

from toolkit.summary.model import Summary, Table
from toolkit.summary.ranked import short_names
from toolkit.summary.rounding import WAN
from toolkit.summary.rows import First, Order, Record, Rows
from toolkit.writers.report_values import Values

MOST_NAMED = 3  # named as best or weakest
LONGEST_ANNEX = 300  # rows of a table in Word; 汇总表 has them all


class Mapped(Sequence[Record]):
    """Rows of a table as the report prints them, made when they are asked for: they may be very many."""

    def __init__(self, rows: Rows, change: Callable[[int, Record], Record]) -> None:
        """Change each row, given with its position."""
        self._rows, self._change = rows, change

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def __iter__(self) -> Iterator[Record]:
        """Make one row after the other."""
        return (self._change(at, row) for at, row in enumerate(self._rows))

    def __reversed__(self) -> Iterator[Record]:
        """Make them all and yield the last first."""
        return reversed(list(self))

    @overload
    def __getitem__(self, at: int) -> Record: ...

    @overload
    def __getitem__(self, at: slice) -> list[Record]: ...

    def __getitem__(self, at: int | slice) -> Record | list[Record]:
        """Return a row, or the rows of a slice."""
        places = range(len(self))[at]
        if isinstance(places, int):
            return next(islice(self, places, None))
        if places.step < 0:
            return list(self)[at]
        return list(islice(self, places.start, places.stop, places.step))


def table_of(summary: Summary, table_id: str) -> Table | None:
    """Return a sheet's table, None when the collection has nothing for it."""
    return next((table for table in summary.tables if table.id == table_id), None)


def named_rows(table: Table, amounts: Sequence[str]) -> Mapped:
    """Return the rows with every column, the unit's short name, and the amounts 汇总表 prints.

    Those amounts are in yuan again, so that what the report prints adds up as it does there.
    """
    without = dict.fromkeys(column.id for column in table.columns)
    names = short_names(table.rows)

    def named(at: int, row: Record) -> Record:
        printed = {name: table.printed(name, at, row.get(name)) for name in amounts}
        yuan = {name: None if amount is None else amount * WAN for name, amount in printed.items()}
        return {**without, **row, **yuan, "short": names[at]}

    return Mapped(table.rows, named)


def ranking(rows: Iterable[Record], column: str) -> Values:
    """Return who leads and who trails by `name`, nobody when all are alike, and whose figure is not known."""
    lowest, highest = _few(lambda row: row[column]), _few(lambda row: -row[column])
    unknown = []
    for row in rows:
        if row[column] is None:
            unknown.append(row["name"])
        else:
            lowest.add(row)
            highest.add(row)
    known, low, high = lowest.count, lowest.rows(), highest.rows()
    distinct = known > 0 and low[0][column] != high[0][column]
    return {
        "known": known,
        "alike": low[0][column] if known and not distinct else None,
        "lowest": _named(low, known, column) if distinct else [],
        "highest": _named(high, known, column) if distinct else [],
        "unknown": unknown,
    }


def _few(order: Order) -> First:
    """Return what keeps the first rows by some order, and one more to see where a tie ends."""
    return First(MOST_NAMED + 1, order)


def _named(ranked: Sequence[Record], known: int, column: str) -> list[Record]:
    """Return the few to be named; those with the same figure are named together or not at all."""
    few = list(ranked[: min(MOST_NAMED, known // 2)])
    left_out = ranked[len(few)][column]
    if few[0][column] == left_out:
        few = [row for row in ranked if row[column] == left_out]
        return few if len(few) <= MOST_NAMED else []
    return [row for row in few if row[column] != left_out]
