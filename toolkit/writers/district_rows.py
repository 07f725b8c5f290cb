"""Rows of the summary as the district report prints them: short names, balanced amounts, who leads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, overload

from toolkit.summary.model import Summary, Table
from toolkit.summary.ranked import short_names
from toolkit.summary.rounding import WAN
from toolkit.summary.rows import Record, Rows
from toolkit.writers.report_values import Values

MOST_NAMED = 3  # named as best or weakest
LONGEST_ANNEX = 300  # rows of a table in Word; 汇总表 has them all


class Mapped(Sequence[Record]):
    """Rows of a table as the report prints them, made when they are asked for: they may be very many."""

    def __init__(self, rows: Rows, change: Callable[[Record], Record]) -> None:
        self._rows, self._change = rows, change

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def __iter__(self) -> Iterator[Record]:
        """Make one row after the other."""
        return map(self._change, self._rows)

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


def named_rows(table: Table, amounts: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows with the unit's short name, and the amounts 汇总表 prints, so that parts add up."""
    records = table.records
    for at, row in enumerate(records):
        for column in amounts:
            amount = table.printed(column, at, row[column])
            row[column] = None if amount is None else amount * WAN
    return [{**row, "short": name} for row, name in zip(records, short_names(records), strict=True)]


def ranking(rows: Sequence[Record], column: str) -> Values:
    """Return who leads and who trails by `name`, nobody when all are alike, and whose figure is not known."""
    known = sorted((row for row in rows if row[column] is not None), key=lambda row: row[column])
    distinct = len({row[column] for row in known}) > 1
    return {
        "known": len(known),
        "alike": known[0][column] if known and not distinct else None,
        "lowest": _first(known, column) if distinct else [],
        "highest": _first(known[::-1], column) if distinct else [],
        "unknown": [row["name"] for row in rows if row[column] is None],
    }


def _first(ranked: Sequence[Record], column: str) -> list[Record]:
    """Return the few to be named; those with the same figure are named together or not at all."""
    few = list(ranked[: min(MOST_NAMED, len(ranked) // 2)])
    left_out = ranked[len(few)][column]
    if few[0][column] == left_out:
        few = [row for row in ranked if row[column] == left_out]
        return few if len(few) <= MOST_NAMED else []
    return [row for row in few if row[column] != left_out]
