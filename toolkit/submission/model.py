"""A submission: flat facts, each with the cell it was read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from toolkit.form.model import Ref
from toolkit.issues.model import Issue, Location
from toolkit.issues.values import value_class
from toolkit.submission.grid import a1, column_index


class Blank(StrEnum):
    """Why a cell holds no value although it may not look empty: five different things."""

    EMPTY = "empty"  # nothing there
    NOT_APPLICABLE = "not_applicable"  # 无, 不适用, —
    ERROR = "error"  # #REF!, #DIV/0! …
    UNCALCULATED = "uncalculated"  # a formula nobody calculated
    UNREADABLE = "unreadable"  # text where a number or date must be


class Operator(StrEnum):
    """The direction of an indicator's target."""

    GE = "ge"
    GT = "gt"
    EQ = "eq"
    LE = "le"
    LT = "lt"
    BETWEEN = "between"  # from `number` to `upper`, both included (±10%, 5–10次)
    DATE = "date"  # on or before `deadline`
    QUALITATIVE = "qualitative"

    @property
    def sign(self) -> str:
        """Return the sign or word the 指标明细 prints.

        >>> Operator.GE.sign
        '≥'
        """
        return _SIGNS[self]

    @classmethod
    def of_sign(cls, sign: str) -> Operator | None:
        """Return the operator that a sign of `form.operators` names; None for none of them.

        >>> Operator.of_sign("＝"), Operator.of_sign("定量")
        (<Operator.EQ: 'eq'>, None)
        """
        width = {"＝": "=", "＞": ">", "＜": "<"}
        return next((one for one, own in _SIGNS.items() if own == width.get(sign, sign)), None)


_SIGNS = {
    Operator.GE: "≥",
    Operator.GT: ">",
    Operator.EQ: "=",
    Operator.LE: "≤",
    Operator.LT: "<",
    Operator.BETWEEN: "区间",
    Operator.DATE: "期限",
    Operator.QUALITATIVE: "定性",
}


@value_class(frozen=True, slots=True)
class Target:
    """A 年度指标值 as read. `number` is as printed: 90 with unit `%`, 28000 with unit `人次`.

    `text` is what a person reads: where operator and unit have columns of their own, `≥90%` and not `90`.
    `stated` is False when the operator was not written and the form's default was taken.
    """

    text: str
    operator: Operator
    number: Decimal | None = None
    upper: Decimal | None = None
    unit: str = ""
    deadline: date | None = None
    stated: bool = True


@value_class(frozen=True, slots=True)
class Actual:
    """A 实际完成值 as read: a number with its unit, a level, a date, or only text.

    `operator` is set when an inequality was written where a figure belongs (`办结率≥90%`); `number` then
    holds its bound, which is not a measurement. `level` is the clerk's own word for a qualitative outcome.
    `none_occurred` marks wordings such as 未发生投诉, which say 0 of a thing without a figure.
    """

    text: str
    number: Decimal | None = None
    unit: str = ""
    operator: Operator | None = None
    level: str = ""
    date: date | None = None
    none_occurred: bool = False


Value: TypeAlias = Decimal | str | date | Target | Actual | None


@value_class(frozen=True, slots=True)
class Cell:
    """A cell of a workbook, counted from zero."""

    sheet: str
    row: int
    column: int

    def __hash__(self) -> int:
        """Return a hash that takes no tuple to make: every rule asks for the cells told already."""
        return hash(self.sheet) ^ self.row << 14 ^ self.column

    @property
    def a1(self) -> str:
        """Return the address staff know.

        >>> Cell("收支", 2, 27).a1
        'AB3'
        """
        return a1(self.row, self.column)

    @classmethod
    def of(cls, sheet: str, address: str) -> Cell:
        """Return the cell of an address; ValueError when it is none.

        >>> Cell.of("收支", "AB3")
        Cell(sheet='收支', row=2, column=27)
        """
        letters = address.rstrip("0123456789")
        return cls(sheet, int(address[len(letters) :]) - 1, column_index(letters))


def place_of(cell: Cell | None, label: str, file: str = "") -> Location:
    """Return where an issue is told: on a cell, or where there is none on its label alone."""
    return Location(file, cell.sheet if cell else "", cell.a1 if cell else "", label)


@value_class(frozen=True, slots=True)
class Answer:
    """One fact: the value, how the cell spelt it, and the cell.

    `value` is None exactly when `blank` is set. Money is Decimal yuan, percentages are ratios (0.9 is 90 %).
    `decimals` is the number of decimals the clerk printed, in the unit printed (rounding tolerance follows
    from it). `printed_unit` is the money unit the figure was read in. `repairs` says what was mended,
    `problem` why the cell could not be read or is not among the choices.
    """

    value: Value
    raw: str
    cell: Cell | None
    blank: Blank | None = None
    decimals: int = 0
    printed_unit: str = ""
    repairs: tuple[str, ...] = ()
    problem: str = ""

    @property
    def number(self) -> Decimal | None:
        """Return the value when it is a number."""
        return self.value if isinstance(self.value, Decimal) else None

    @property
    def text(self) -> str:
        """Return the value when it is text, else an empty string."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def written(self) -> str:
        """Return the answer as a person reads it: with the operator and unit of columns of their own."""
        return (self.value.text if isinstance(self.value, Target | Actual) else self.raw).strip()


ABSENT = Answer(None, "", None, Blank.EMPTY)


@value_class(frozen=True, slots=True)
class Row:
    """A row of a section: `id` is the grid row's id, a table row's ordinal from "1", or "" for answers.

    `answers` holds every field that has a cell in the workbook; a field without one is absent.
    """

    id: str
    answers: dict[str, Answer]
    total: bool = False  # a 合计 or 小计 row inside a table

    def __getitem__(self, field_id: str) -> Answer:
        """Return the answer of a field, or ABSENT."""
        return self.answers.get(field_id, ABSENT)


@dataclass(frozen=True, slots=True)
class SectionData:
    """The rows read for one section; `found` is False when the workbook does not have the section."""

    section: str
    rows: tuple[Row, ...]
    found: bool = True
    sheet: str = ""
    title_cell: Cell | None = None
    data: tuple[Row, ...] = field(init=False, repr=False, compare=False)  # rows that are facts, not totals
    _rows: dict[str, Row] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the rows: every rule looks them up. Of two rows of one id the first counts."""
        object.__setattr__(self, "data", tuple(row for row in self.rows if not row.total))
        object.__setattr__(self, "_rows", {row.id: row for row in reversed(self.rows)})

    def row(self, row_id: str) -> Row | None:
        """Return the row of that id, None when there is none."""
        return self._rows.get(row_id)


@dataclass(frozen=True, slots=True)
class CellCount:
    """Every non-empty cell is one of these: filled = labels + answers + notes + unread."""

    filled: int = 0
    labels: int = 0
    answers: int = 0
    notes: int = 0
    unread: int = 0

    def as_json(self) -> dict[str, int]:
        """Return the public JSON shape."""
        return {
            "filled": self.filled,
            "labels": self.labels,
            "answers": self.answers,
            "notes": self.notes,
            "unread": self.unread,
        }


@dataclass(frozen=True, slots=True)
class Submission:
    """What one workbook says, under one form."""

    file: str
    form: str
    version: str
    sections: dict[str, SectionData]
    cells: CellCount
    issues: tuple[Issue, ...] = ()  # found while reading
    columns: dict[tuple[str, str], Cell] = field(default_factory=dict)  # (section, field) -> heading cell
    title_year: Answer | None = None  # the year in the title, （2022年度）

    def answer(self, section: str, row: str, field_id: str) -> Answer:
        """Return one answer, or ABSENT when the workbook has no such cell."""
        data = self.sections.get(section)
        found = data.row(row) if data is not None else None
        return found.answers.get(field_id, ABSENT) if found is not None else ABSENT

    def at(self, ref: Ref) -> Answer:
        """Return the answer a full reference names, or ABSENT when the workbook has no such cell."""
        return self.answer(ref.section, ref.row, ref.field)

    def facts(self) -> Iterator[tuple[str, str, str, Answer]]:
        """Yield every answer as (section, row, field, answer)."""
        for data in self.sections.values():
            for row in data.rows:
                for field_id, answer in row.answers.items():
                    yield data.section, row.id, field_id, answer
