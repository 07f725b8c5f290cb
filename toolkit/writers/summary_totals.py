"""Total rows as live formulas with cached values; filtering a table changes its total and its rates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from toolkit.issues.model import Verdict
from toolkit.summary.kinds import Column, Total
from toolkit.summary.model import Table
from toolkit.summary.sums import Sums
from toolkit.writers.source_links import FOLDER

RATES = (Total.RATIO, Total.CHANGE)


@dataclass(frozen=True, slots=True)
class Part:
    """A run of a table's rows on a sheet of its own."""

    sheet: str
    first: int  # row of its first record, counted from zero
    count: int
    number: int = 1
    file: str = ""  # a workbook of its own beside 汇总表.xlsx; empty: in 汇总表.xlsx

    @property
    def last(self) -> int:
        """Return the row of its last record; it is above the first when there is none."""
        return self.first + self.count - 1


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the rows of a table stand, and what they add up to as printed, for the formulas over them."""

    table: Table
    parts: tuple[Part, ...]
    widths: tuple[float, ...]  # of the columns
    everything: Sums  # of printed figures, money in 万元
    accepted: Sums  # of the rows whose workbook is accepted
    folder: str = FOLDER  # where the workbooks are that its links lead to

    @property
    def count(self) -> int:
        """Return the number of records."""
        return sum(part.count for part in self.parts)

    @property
    def is_apart(self) -> bool:
        """Return whether the rows stand in workbooks of their own."""
        return bool(self.parts[0].file)

    def at(self, column_id: str) -> int:
        """Return the index of a column."""
        return [column.id for column in self.table.columns].index(column_id)

    def cells(self, column_id: str, *, sheet: bool = False) -> list[str]:
        """Return the absolute ranges of a column's records, part by part.

        Formulas below the last part name other sheets only; with `sheet`, every sheet is named.
        """
        from xlsxwriter.utility import xl_range_abs

        at = self.at(column_id)
        return [
            f"'{part.sheet}'!{area}" if sheet or part is not self.parts[-1] else str(area)
            for part in self.parts
            for area in [xl_range_abs(part.first, at, part.last, at)]
        ]

    def sums(self, *, accepted: bool) -> Sums:
        """Return the sums of all rows, or of those whose workbook is accepted."""
        return self.accepted if accepted else self.everything


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
    wanted = [(table.total_label, False), (table.accepted_label, True)] if placed.count else []
    return [
        TotalRow(label, tuple(_cell(placed, column, accepted) for column in table.columns))
        for label, accepted in wanted
        if label
    ]


def sums_for(table: Table, asked: Iterable[Sequence[str]]) -> Sums:
    """Return empty sums of what the total rows of a table show, and of the columns or pairs asked for."""
    totalled = [column for column in table.columns if column.total is not Total.NONE]
    alone = [column.id for column in totalled]
    pairs = [column.of for column in totalled if all(column.of)]
    for columns in asked:
        if len(columns) == 1:
            alone += columns
        else:
            pairs.append((columns[0], columns[1]))
    return Sums([*alone, *(name for pair in pairs for name in pair)], pairs)


def _cell(placed: Placed, column: Column, accepted: bool) -> TotalCell:
    """Return a column's total; a rate divides sums over the rows that know both figures."""
    if column.total is Total.NONE:
        return TotalCell()
    sums = placed.sums(accepted=accepted)
    if not sums.known(column.id):
        return TotalCell()
    if column.total is Total.SUM:
        live = _sum(placed, column.id) if accepted else _subtotal(109, placed.cells(column.id))
        return TotalCell(f"={live}", sums.total(column.id))
    if column.total is Total.MEAN:
        live = _mean(placed, column.id) if accepted else _subtotal(101, placed.cells(column.id))
        return TotalCell(f'=IFERROR({live},"")', sums.mean(column.id))
    first, second = column.of
    sum_of = _sum if accepted else _filtered_sum
    over, under = sum_of(placed, first, second), sum_of(placed, second, first)
    if column.total is Total.RATIO:
        return TotalCell(f'=IF({under}=0,"",{over}/{under})', sums.rate(first, second))
    return TotalCell(f'=IF({under}=0,"",{over}/{under}-1)', sums.change(first, second))


def _subtotal(how: int, areas: Sequence[str]) -> str:
    return f"SUBTOTAL({how},{','.join(areas)})"


def _plus(terms: Iterator[str]) -> str:
    """Return the sum of a term for each part of a table, as one factor of a formula."""
    parts = list(terms)
    return parts[0] if len(parts) == 1 else f"({'+'.join(parts)})"


def _sum(placed: Placed, column_id: str, beside: str = "", *, sheet: bool = False) -> str:
    """Return the sum over the accepted workbooks, where `beside` is known too."""
    verdicts, amounts = placed.cells("verdict", sheet=sheet), placed.cells(column_id, sheet=sheet)
    known = [f',{area},"<>"' for area in placed.cells(beside, sheet=sheet)] if beside else [""] * len(amounts)
    return _plus(
        f'SUMIFS({amount},{verdict},"{Verdict.ACCEPTED}"{more})'
        for amount, verdict, more in zip(amounts, verdicts, known, strict=True)
    )


def _mean(placed: Placed, column_id: str) -> str:
    """Return the mean over the accepted workbooks."""
    if len(placed.parts) > 1:
        return f"{_known_sum(placed, column_id, column_id, True)}/{_known_count(placed, column_id, True)}"
    (area,), (verdicts,) = placed.cells(column_id), placed.cells("verdict")
    return f'AVERAGEIFS({area},{verdicts},"{Verdict.ACCEPTED}")'


def _filtered_sum(placed: Placed, column_id: str, beside: str) -> str:
    """Return the sum over the rows in sight, where `beside` is known too.

    SUBTOTAL heeds the filter but takes no condition: only where a row lacks one figure is each row asked by
    itself, so that the usual formula stays one an officer can read.
    """
    areas = placed.cells(column_id)
    if placed.everything.known(beside) == placed.count:
        return _subtotal(109, areas)
    return _plus(
        f"SUMPRODUCT(SUBTOTAL(109,OFFSET({top},ROW({area})-ROW({top}),0))*ISNUMBER({known}))"
        for area, known in zip(areas, placed.cells(beside), strict=True)
        for top in [area.partition(":")[0]]
    )


def overall(placed: Placed, how: str, of: Sequence[str], *, accepted: bool) -> TotalCell:
    """Return a figure over all rows, in sight or not: count, sum, mean, weighted, rate or change."""
    sums = placed.sums(accepted=accepted)
    if how == "count":
        counted = f"={_known_count(placed, 'verdict', accepted)}" if placed.count else ""
        return TotalCell(counted, Decimal(sums.count))
    first, last = of[0], of[-1]
    if not (sums.known(first) if len(of) == 1 else sums.known_both(first, last)):
        return TotalCell()
    over, under = _known_sum(placed, first, last, accepted), _known_sum(placed, last, first, accepted)
    if how == "sum":
        return TotalCell(f"={over}", sums.total(first))
    if how == "mean":
        return TotalCell(f"={over}/{_known_count(placed, first, accepted)}", sums.mean(first))
    if how == "rate":
        return TotalCell(f'=IF({under}=0,"",{over}/{under})', sums.rate(first, last))
    if how == "change":
        return TotalCell(f'=IF({under}=0,"",{over}/{under}-1)', sums.change(first, last))
    products = _plus(_products(placed, of, accepted))
    return TotalCell(f'=IF({under}=0,"",{products}/{under})', sums.weighted(first, last))


def _products(placed: Placed, of: Sequence[str], accepted: bool) -> Iterator[str]:
    verdicts = placed.cells("verdict", sheet=True)
    for *areas, verdict in zip(*(placed.cells(name, sheet=True) for name in of), verdicts, strict=True):
        only = f',--({verdict}="{Verdict.ACCEPTED}")' if accepted else ""
        yield f"SUMPRODUCT({','.join(areas)}{only})"


def _conditions(placed: Placed, beside: str, accepted: bool) -> Iterator[str]:
    verdicts = placed.cells("verdict", sheet=True)
    for area, verdict in zip(placed.cells(beside, sheet=True), verdicts, strict=True):
        yield f'{area},"<>"' + (f',{verdict},"{Verdict.ACCEPTED}"' if accepted else "")


def _known_sum(placed: Placed, column_id: str, beside: str, accepted: bool) -> str:
    areas = placed.cells(column_id, sheet=True)
    conditions = _conditions(placed, beside, accepted)
    return _plus(f"SUMIFS({area},{asked})" for area, asked in zip(areas, conditions, strict=True))


def _known_count(placed: Placed, column_id: str, accepted: bool) -> str:
    return _plus(f"COUNTIFS({asked})" for asked in _conditions(placed, column_id, accepted))
