"""The summary as data: figures by name, and one table per sheet with the columns it prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from toolkit.summary.kinds import Column, Kind, Total
from toolkit.summary.rounding import balance, wan
from toolkit.summary.rows import Record, Rows


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet that is one table. A row whose `strong` is true is a total among the rows.

    Rows may be more than memory holds: go over them, and over them again. They carry keys beside those of
    the columns, for other readers. `moved` are the amounts that print 0.01 off to add up, by column and row.
    """

    id: str
    name: str
    columns: tuple[Column, ...]
    rows: Rows
    moved: Mapping[str, Mapping[int, Decimal]]
    note: str = ""
    empty: str = "没有数据"
    total_label: str = ""  # empty: no total row
    accepted_label: str = ""  # empty: no second total row for the accepted workbooks
    totals_among: bool = False  # some rows are totals of those above them
    frozen: int = 2  # columns that stay in sight

    @classmethod
    def of(
        cls, id: str, name: str, columns: Sequence[Column], rows: Rows | Iterator[Record], **more: Any
    ) -> Table:
        """Build a table from its rows; an iterator is gone over once and kept."""
        held: Rows = list(rows) if isinstance(rows, Iterator) else rows
        summed = [each.id for each in columns if each.kind is Kind.MONEY and each.total is Total.SUM]
        adds_up = more.get("total_label") or more.get("totals_among")
        moved = balance(held, summed) if summed and adds_up else {}
        return cls(id, name, tuple(columns), held, moved, **more)

    @property
    def records(self) -> list[dict[str, Any]]:
        """Return the rows as plain mappings that have every column; for tables known to be short."""
        names = [column.id for column in self.columns]
        return [dict.fromkeys(names) | dict(row) for row in self.rows]

    def column(self, column_id: str) -> Column:
        """Return a printed column; KeyError if there is none."""
        for candidate in self.columns:
            if candidate.id == column_id:
                return candidate
        raise KeyError(f"{self.id}.{column_id}")

    def printed(self, column_id: str, at: int, yuan: Decimal | None) -> Decimal | None:
        """Return an amount in 万元 as the table prints it in the row at that position."""
        if yuan is None:
            return None
        step = self.moved.get(column_id, {}).get(at)
        return wan(yuan) if step is None else wan(yuan) + step


@dataclass(frozen=True, slots=True)
class Figures:
    """The district in figures, over one set of workbooks. Money in yuan, rates as ratios."""

    units: int
    initial_budget: Decimal | None
    adjusted_budget: Decimal | None
    actual_expenditure: Decimal | None
    prior_expenditure: Decimal | None
    execution_rate: Decimal | None
    rated: int  # units that state both figures of the execution rate
    adjustment_rate: Decimal | None
    mean_score: Decimal | None  # every unit counts the same
    weighted_score: Decimal | None  # weighted by 全年预算数
    indicators: int
    met: int
    unmet: int
    undecided: int
    completion_rate: Decimal | None  # met / indicators
    projects: int
    project_budget: Decimal | None
    project_expenditure: Decimal | None
    project_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Reporting:
    """Who has reported; due = reported + late + returned + missing."""

    due: int
    reported: int
    late: int
    returned: int
    missing: int
    duplicate: int
    unlisted: int
    workbooks: int  # everything that came in
    counted: int  # whose figures are in the totals
    unreadable: int
    errors: int
    explains: int
    notes: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """Labels with figures for a chart, in the order they are drawn; `rest` is how many were left out."""

    labels: tuple[str, ...]
    series: dict[str, tuple[Decimal | int | None, ...]]
    rest: int = 0
    title: str = ""  # where the chart is not of what it usually is of
    subject: str = "单位"  # what its labels name


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything 汇总表.xlsx prints, and the figures a narrative or a page may quote."""

    title: str
    district: str
    reporting: Reporting
    everything: Figures  # all counting workbooks that could be read
    accepted: Figures  # those of them with the verdict 采用
    tables: tuple[Table, ...]
    charts: dict[str, Ranked]

    def table(self, table_id: str) -> Table:
        """Return a sheet's table; KeyError if the summary has none of that id."""
        for candidate in self.tables:
            if candidate.id == table_id:
                return candidate
        raise KeyError(table_id)
