"""The summary as data: figures by name, and one pandas frame per sheet with the columns it prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

import pandas as pd

Record: TypeAlias = Mapping[str, Any]


class Kind(StrEnum):
    """What a column holds. Frames keep money as Decimal yuan and rates as ratios; None is unknown."""

    TEXT = "text"
    LONG = "long"  # text that wraps
    MONEY = "money"  # printed in 万元
    PERCENT = "percent"
    SCORE = "score"
    NUMBER = "number"  # a figure in the clerk's own unit
    INTEGER = "integer"
    YEAR = "year"
    DATE = "date"
    BY_ROW = "by_row"  # the row's own `kind` says which of the above


class Total(StrEnum):
    """How the last row of a table sums a column up."""

    NONE = ""
    SUM = "sum"
    MEAN = "mean"
    RATIO = "ratio"  # of the totals of two columns: first / second
    CHANGE = "change"  # of the totals of two columns: (first − second) / second


class Tint(StrEnum):
    """Which values of a column deserve the officer's eye; the writer decides the colour."""

    NONE = ""
    VERDICT = "verdict"
    SEVERITY = "severity"
    STANDING = "standing"
    WAIVER = "waiver"
    AGREEMENT = "agreement"
    COMPLETION = "completion"
    MISSING = "missing"
    GRADE = "grade"
    PROGRESS = "progress"
    RATE = "rate"  # execution below the limit
    BAR = "bar"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet; `width` is the widest it may become, in half-width characters."""

    id: str
    heading: str
    kind: Kind = Kind.TEXT
    width: int = 14
    total: Total = Total.NONE
    of: tuple[str, str] = ("", "")  # of RATIO and CHANGE
    tint: Tint = Tint.NONE
    formula: str = ""  # a live formula of its own row, with {column_id} for the other cells


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet that is one table. A row whose frame column `strong` is true is a total among the rows."""

    id: str
    name: str
    columns: tuple[Column, ...]
    frame: pd.DataFrame
    note: str = ""
    empty: str = "没有数据"
    total_label: str = ""  # empty: no total row
    accepted_label: str = ""  # empty: no second total row for the accepted workbooks
    frozen: int = 2  # columns that stay in sight

    @classmethod
    def of(
        cls, id: str, name: str, columns: Sequence[Column], records: Iterable[Record], **more: Any
    ) -> Table:
        """Build a table from records; keys that are no column stay in the frame for other readers."""
        rows = list(records)
        names = list(
            dict.fromkeys([*(column.id for column in columns), *(key for row in rows for key in row)])
        )
        values = [[row.get(name) for name in names] for row in rows]
        return cls(id, name, tuple(columns), pd.DataFrame(values, columns=names, dtype=object), **more)

    @property
    def records(self) -> list[dict[str, Any]]:
        """Return the rows as plain mappings."""
        names = [str(name) for name in self.frame.columns]
        return [dict(zip(names, row, strict=True)) for row in self.frame.itertuples(index=False, name=None)]

    def column(self, column_id: str) -> Column:
        """Return a printed column; KeyError if there is none."""
        for candidate in self.columns:
            if candidate.id == column_id:
                return candidate
        raise KeyError(f"{self.id}.{column_id}")


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
