"""Cells read as answers to fields, and what each cell of the workbook was; answers beside their labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from toolkit.form.labels import unit_in
from toolkit.form.model import Field, FieldType, Form, MoneyUnit
from toolkit.submission.answers import NOTHING, Readings
from toolkit.submission.beside import answer_places
from toolkit.submission.grid import RawValue
from toolkit.submission.lexicon import Lexicon, parted
from toolkit.submission.model import Answer, Blank, Cell, Row
from toolkit.submission.numerals import Reading
from toolkit.submission.places import Label, View, note_above

LONGEST_TAB = 31  # characters a program gives to the name of a sheet; more are not worth remembering
_NUMERIC = {FieldType.PERCENT, FieldType.TARGET, FieldType.ACTUAL}


class Role(StrEnum):
    """What a non-empty cell turned out to be."""

    LABEL = "label"
    ANSWER = "answer"
    NOTE = "note"


# looking up a member of an enum costs a call
ANSWER, LABEL = Role.ANSWER, Role.LABEL
EMPTY, MONEY = Blank.EMPTY, FieldType.MONEY


@dataclass(slots=True)
class Extraction:
    """Reads cells of one workbook under one form and remembers what each cell was."""

    lexicon: Lexicon
    readings: Readings
    year: int | None = None
    roles: dict[tuple[int, int, int], Role] = field(default_factory=dict)  # (sheet, row, column)

    @property
    def form(self) -> Form:
        """Return the form the workbook is read as."""
        return self.lexicon.form

    def mark(self, view: View, row: int, column: int, role: Role) -> None:
        """Remember what a cell is; the first word stands, except that an answer outranks a label."""
        key = (view.index, row, column)
        if role is ANSWER or key not in self.roles:
            self.roles[key] = role

    def cell(
        self,
        view: View,
        row: int,
        column: int,
        asked: Field,
        unit: MoneyUnit,
        beside: Mapping[str, Answer] = NOTHING,
    ) -> Answer:
        """Read one cell as the answer to a field; `beside` are the answers already read in its row."""
        grid = view.grid
        rows = grid.rows
        raw = rows[row][column] if row < len(rows) and column < len(rows[row]) else ""
        if raw == "":
            return self._without_value(view, row, column)
        self.roles[view.index, row, column] = ANSWER
        percent = not isinstance(raw, str) and asked.type in _NUMERIC and grid.is_percent(row, column)
        reading = self.readings.read(asked, raw, unit, percent, self.year, beside)
        return _answer(reading, raw, Cell(grid.name, row, column))

    def _without_value(self, view: View, row: int, column: int) -> Answer:
        grid = view.grid
        if row in view.valueless:
            error = grid.errors.get((row, column), "")
            if error or (row, column) in grid.uncalculated:
                self.mark(view, row, column, ANSWER)
                blank = Blank.ERROR if error else Blank.UNCALCULATED
                return Answer(None, error, Cell(grid.name, row, column), blank)
        nothing = _nothing_again if len(grid.name) <= LONGEST_TAB else _nothing
        return nothing(grid.name, row, column)

    def answers(self, labels: list[Label]) -> Row:
        """Read the answers beside their labels."""
        places = answer_places(labels)
        found: dict[str, Answer] = {}
        for label in labels:
            asked = label.section.field(label.field_id)
            self.mark(label.view, label.row, label.column, LABEL)
            text = str(label.view.grid.rows[label.row][label.column])
            unit = self.form.money
            if asked.type is MONEY:
                unit = unit_in(text) or note_above(label.view, label.row) or unit
            if label.inline:
                found[label.field_id] = self._inline(label, asked, text, unit)
            elif place := places.get(label.field_id):
                found[label.field_id] = self.cell(label.view, *place, asked, unit)
            else:
                own = Cell(label.view.grid.name, label.row, label.column)
                found[label.field_id] = Answer(None, "", own, EMPTY)
        return Row("", found)

    def _inline(self, label: Label, asked: Field, text: str, unit: MoneyUnit) -> Answer:
        _, tail = parted(text)
        self.mark(label.view, label.row, label.column, ANSWER)
        place = Cell(label.view.grid.name, label.row, label.column)
        return _answer(self.readings.read(asked, tail, unit, False, self.year), tail, place)


def _nothing(sheet: str, row: int, column: int) -> Answer:
    return Answer(None, "", Cell(sheet, row, column), EMPTY)


_nothing_again = lru_cache(maxsize=1 << 14)(_nothing)  # half of all cells, the same in every workbook


def _answer(reading: Reading, raw: RawValue, place: Cell) -> Answer:
    return Answer(
        reading.value,
        raw if isinstance(raw, str) else _spelt(raw),
        place,
        reading.blank,
        reading.decimals,
        reading.printed_unit,
        reading.repairs,
        reading.problem,
    )


def _spelt(raw: object) -> str:
    """Return a number, date or truth value as the cell would print it, without binary noise."""
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() and abs(raw) < 1e15 else f"{raw:.15g}"
    return str(raw)
