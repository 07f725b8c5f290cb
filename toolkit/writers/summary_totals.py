"""Total rows as live formulas with cached values; filtering a table changes its total and its rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from toolkit.issues.model import Verdict
from toolkit.summary.model import Column, Table, Total
from toolkit.summary.rounding import change, ratio, total


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a table stands, and its rows as printed, for the formulas over it."""

    table: Table
    first: int  # row of the first record, counted from zero
    values: Sequence[Sequence[Any]]  # money in 万元; None is unknown or empty

    @property
    def last(self) -> int:
        """Return the row of the last record; it is above the first when there is none."""
        return self.first + len(self.values) - 1

    def at(self, column_id: str) -> int:
        """Return the index of a column."""
        return [column.id for column in self.table.columns].index(column_id)

    def printed(self, column_id: str) -> list[Any]:
        """Return the values of a column as printed."""
        at = self.at(column_id)
        return [row[at] for row in self.values]

    def cells(self, column_id: str, *, sheet: bool = False) -> str:
        """Return the absolute range of a column's records, with its sheet for formulas elsewhere."""
        from xlsxwriter.utility import xl_range_abs

        at = self.at(column_id)
        area = xl_range_abs(self.first, at, self.last, at)
        return f"'{self.table.name}'!{area}" if sheet else str(area)


@dataclass(frozen=True, slots=True)
class TotalCell:
    """A formula and what it gives before anybody filters; no formula, nothing to write."""

    formula: str = ""
    value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TotalRow:
    """A row below the records."""

    label: str
    cells: tuple[TotalCell, ...]


def total_rows(placed: Placed) -> list[TotalRow]:
    """Return the rows to write below a table: its total, and that of the accepted workbooks."""
    table = placed.table
    wanted = [(table.total_label, False), (table.accepted_label, True)] if placed.values else []
    return [
        TotalRow(label, tuple(_cell(placed, column, accepted) for column in table.columns))
        for label, accepted in wanted
        if label
    ]


def _cell(placed: Placed, column: Column, accepted: bool) -> TotalCell:
    if column.total is Total.NONE:
        return TotalCell()
    rows = _accepted(placed) if accepted else placed.values
    at = placed.at(column.id)
    known = [Decimal(row[at]) for row in rows if row[at] is not None]
    if not known:
        return TotalCell()
    area = placed.cells(column.id)
    if column.total is Total.SUM:
        return TotalCell(f"={_sum(placed, column.id) if accepted else f'SUBTOTAL(109,{area})'}", total(known))
    if column.total is Total.MEAN:
        only = f'AVERAGEIFS({area},{placed.cells("verdict")},"{Verdict.ACCEPTED}")'
        formula = only if accepted else f"SUBTOTAL(101,{area})"
        return TotalCell(f'=IFERROR({formula},"")', ratio(total(known), len(known)))
    return _rate(placed, column, rows, accepted)


def _rate(placed: Placed, column: Column, rows: Sequence[Sequence[Any]], accepted: bool) -> TotalCell:
    """Divide the sums of two columns over the rows that know both, so that like is compared with like."""
    first, second = column.of
    pairs = [(row[placed.at(first)], row[placed.at(second)]) for row in rows]
    both = [pair for pair in pairs if None not in pair]
    left, right = (total(Decimal(pair[side]) for pair in both) for side in (0, 1))
    sum_of = _sum if accepted else _filtered_sum
    over, under = sum_of(placed, first, second), sum_of(placed, second, first)
    if column.total is Total.RATIO:
        return TotalCell(f'=IF({under}=0,"",{over}/{under})', ratio(left, right))
    return TotalCell(f'=IF({under}=0,"",{over}/{under}-1)', change(left, right))


def _accepted(placed: Placed) -> list[Sequence[Any]]:
    return [row for row in placed.values if row[placed.at("verdict")] == Verdict.ACCEPTED]


def _sum(placed: Placed, column_id: str, beside: str = "") -> str:
    """Return the sum over the accepted workbooks, where `beside` is known too."""
    known = f',{placed.cells(beside)},"<>"' if beside else ""
    return f'SUMIFS({placed.cells(column_id)},{placed.cells("verdict")},"{Verdict.ACCEPTED}"{known})'


def _filtered_sum(placed: Placed, column_id: str, beside: str) -> str:
    """Return the sum over the rows in sight, where `beside` is known too.

    SUBTOTAL heeds the filter but takes no condition: only where a row lacks one figure is each row asked by
    itself, so that the usual formula stays one an officer can read.
    """
    area = placed.cells(column_id)
    if not any(value is None for value in placed.printed(beside)):
        return f"SUBTOTAL(109,{area})"
    top = area.partition(":")[0]
    return (
        f"SUMPRODUCT(SUBTOTAL(109,OFFSET({top},ROW({area})-ROW({top}),0))*ISNUMBER({placed.cells(beside)}))"
    )


def overall(placed: Placed, how: str, of: Sequence[str], *, accepted: bool) -> TotalCell:
    """Return a figure over all rows, in sight or not: count, sum, mean, weighted, rate or change."""
    rows = _accepted(placed) if accepted else list(placed.values)
    if how == "count":
        return TotalCell(_counted(placed, accepted), Decimal(len(rows)))
    places = [placed.at(column_id) for column_id in of]
    both = [[Decimal(row[at]) for at in places] for row in rows if all(row[at] is not None for at in places)]
    if not both:
        return TotalCell()
    first, second = total(values[0] for values in both), total(values[-1] for values in both)
    over, under = _known_sum(placed, of[0], of[-1], accepted), _known_sum(placed, of[-1], of[0], accepted)
    if how == "sum":
        return TotalCell(f"={over}", first)
    if how == "mean":
        return TotalCell(f"={over}/{_known_count(placed, of[0], accepted)}", ratio(first, len(both)))
    if how == "rate":
        return TotalCell(f'=IF({under}=0,"",{over}/{under})', ratio(first, second))
    if how == "change":
        return TotalCell(f'=IF({under}=0,"",{over}/{under}-1)', change(first, second))
    products = ",".join(placed.cells(column_id, sheet=True) for column_id in of)
    only = f',--({placed.cells("verdict", sheet=True)}="{Verdict.ACCEPTED}")' if accepted else ""
    weighted = ratio(total(score * weight for score, weight in both), second)
    return TotalCell(f'=IF({under}=0,"",SUMPRODUCT({products}{only})/{under})', weighted)


def _conditions(placed: Placed, beside: str, accepted: bool) -> str:
    only = f',{placed.cells("verdict", sheet=True)},"{Verdict.ACCEPTED}"' if accepted else ""
    return f'{placed.cells(beside, sheet=True)},"<>"{only}'


def _known_sum(placed: Placed, column_id: str, beside: str, accepted: bool) -> str:
    return f"SUMIFS({placed.cells(column_id, sheet=True)},{_conditions(placed, beside, accepted)})"


def _known_count(placed: Placed, column_id: str, accepted: bool) -> str:
    return f"COUNTIFS({_conditions(placed, column_id, accepted)})"


def _counted(placed: Placed, accepted: bool) -> str:
    return f"=COUNTIFS({_conditions(placed, 'verdict', accepted)})" if placed.values else ""
