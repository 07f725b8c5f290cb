"""What the columns of a sheet hold, how they are summed up, and what of them deserves the eye."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds. Rows keep money as Decimal yuan and rates as ratios; None is unknown."""

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
