"""From the places found in a workbook to rows of answers, each with its cell."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from toolkit.form.labels import plain, unit_in
from toolkit.form.model import Field, FieldType, Form, MoneyUnit, Section, SectionKind
from toolkit.form.references import TOTAL_ROW
from toolkit.submission.answers import NOTHING, Readings
from toolkit.submission.beside import answer_places
from toolkit.submission.grid import Position, RawValue
from toolkit.submission.lexicon import (
    Kind,
    Lexicon,
    is_closing,
    is_note,
    is_ordinal_heading,
    is_placeholder,
)
from toolkit.submission.lines import asks_elsewhere, below_numbers, is_subtotal, numbers_columns, parts_rows
from toolkit.submission.model import Answer, Blank, Cell, Row
from toolkit.submission.numerals import Reading
from toolkit.submission.places import Label, Region, View, note_above

LONGEST_TAB = 31  # characters a program gives to the name of a sheet; more are not worth remembering
MOST_ROWS = 100_000  # a number above it in the column of running numbers is none
_ORDINAL = re.compile(r"[(（]?(?:[\d.]{1,6}|[一二三四五六七八九十百]{1,4}|[①-⑳A-Za-z])[)）.、．]?")
_SHARED_BY_MERGE = {FieldType.TEXT, FieldType.PROSE, FieldType.CHOICE, FieldType.DATE}
_NUMERIC = {FieldType.PERCENT, FieldType.TARGET, FieldType.ACTUAL}
_LATE = {FieldType.TARGET: 1, FieldType.ACTUAL: 2}  # read after what tells how to read them
_SUMMED = {FieldType.MONEY, FieldType.NUMBER, FieldType.INTEGER, FieldType.PERCENT}  # what a 合计 row holds


class Role(StrEnum):
    """What a non-empty cell turned out to be."""

    LABEL = "label"
    ANSWER = "answer"
    NOTE = "note"


# looking up a member of an enum costs a call
ANSWER, LABEL = Role.ANSWER, Role.LABEL
EMPTY, MONEY = Blank.EMPTY, FieldType.MONEY
_SILENT = (Blank.EMPTY, Blank.UNCALCULATED)


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
                found[label.field_id] = Answer(None, "", own, Blank.EMPTY)
        return Row("", found)

    def _inline(self, label: Label, asked: Field, text: str, unit: MoneyUnit) -> Answer:
        tail = text.replace(":", "：").partition("：")[2].strip(" _＿\u3000")
        self.mark(label.view, label.row, label.column, ANSWER)
        place = Cell(label.view.grid.name, label.row, label.column)
        return _answer(self.readings.read(asked, tail, unit, False, self.year), tail, place)

    def grid_rows(self, region: Region, known: Container[str] = ()) -> Iterator[Row]:
        """Yield the rows of a grid whose label is known; one in `known` was read before, and stays unread."""
        self._mark_heading(region)
        view, section, columns = region.view, region.section, self._columns(region)
        ordinals = self._ordinal_columns(region)
        for line in range(self._first_line(region), region.end):
            self._mark_ordinals(region, line, ordinals)
            row_id = self._row_label(region, line)
            if row_id is None or row_id in known:
                continue
            open_fields = section.row(row_id).fields
            found: dict[str, Answer] = {}
            for asked, column, unit in columns:
                if open_fields and asked.id not in open_fields:
                    self._mark_closed(view, line, column)
                else:
                    found[asked.id] = self.cell(view, line, column, asked, unit, found)
            yield Row(row_id, found)

    def _first_line(self, region: Region) -> int:
        """Return the first line that may hold answers; the columns may be numbered above it."""
        first = below_numbers(region)
        for line in range(region.first, first):
            for column in region.filled(line):
                self.mark(region.view, line, column, LABEL)
        return first

    def _numbers_again(self, region: Region, line: int) -> bool:
        """Return whether the columns are numbered below a repeated heading, too."""
        if not numbers_columns(region, line):
            return False
        for column in region.filled(line):
            self.mark(region.view, line, column, LABEL)
        return True

    def _columns(self, region: Region) -> list[tuple[Field, int, MoneyUnit]]:
        """Return (field, column, money unit) once for all rows of a region, in the order of reading.

        Columns may stand in any order: a target is read knowing the operator and unit beside it, an actual
        value knowing its target.
        """
        return [
            (
                entry,
                region.columns[entry.id],
                region.unit(self.form, entry.id) if entry.type is MONEY else self.form.money,
            )
            for entry in sorted(region.section.fields, key=lambda entry: _LATE.get(entry.type, 0))
            if entry.id in region.columns
        ]

    def _mark_closed(self, view: View, line: int, column: int) -> None:
        """A dash in a cell that asks nothing belongs to the form; anything else there stays unread."""
        value = view.grid.rows[line][column]
        if (
            isinstance(value, str)
            and len(value.strip()) <= 2
            and value.strip() in ("—", "-", "–", "——", "/", "--", "*")
        ):
            self.mark(view, line, column, LABEL)

    def _row_label(self, region: Region, line: int) -> str | None:
        """Return the grid row named left of the first column, nearest to it first.

        A label merged over several rows names each of them; the only row of a grid needs no label at all.
        """
        view, section, found = region.view, region.section, None
        for column in range(region.stub_end - 1, region.left - 1, -1):
            row, left = view.anchor(line, column)
            for meaning in view.labels.get(row, {}).get(left, ()):
                if meaning.kind is Kind.ROW and meaning.section == section.id and found is None:
                    found = meaning.name
                    self.mark(view, row, left, LABEL)
        if found is None and len(section.rows) == 1 and line == self._only_line(region):
            return section.rows[0].id
        return found

    @staticmethod
    def _only_line(region: Region) -> int:
        """Return the first line of a region that holds something; what stands farther right is a remark."""
        last = region.last_column
        lines = range(region.first, region.end)
        return next((line for line in lines if any(at <= last for at in region.filled(line))), -1)

    def table_rows(self, region: Region, start: int, above: dict[str, Answer]) -> Iterator[Row]:
        """Yield the rows of a table from ordinal `start`; `above` carries level cells on."""
        self._mark_heading(region)
        columns, ordinals = self._columns(region), self._ordinal_columns(region)
        shared = {
            cell: top
            for cell, (top, left) in region.view.covered.items()
            if region.first <= top < cell[0] < region.end and cell[1] == left
        }
        merged_lines = {row for row, _ in shared}
        fill_down = [entry.id for entry in region.section.fields if entry.fill_down]
        count, totals, last = start, 0, region.last_column  # what stands farther right is a remark
        repeated = -1  # the line below a repeated heading
        answers = [one.id for one in self.form.sections if one.kind is SectionKind.ANSWERS]
        for line in range(self._first_line(region), region.end):
            filled = {column for column in region.filled(line) if column <= last} - ordinals
            if not filled and line not in merged_lines:
                self._mark_ordinals(region, line, ordinals)
                continue
            if self._total_label(region, line):
                if region.section.total_fields and self._totals_below(region, line):
                    continue  # it adds up the rows so far, and is none of them
                totals += 1
                figures = [entry for entry in columns if entry[0].type in _SUMMED]
                row = self._table_row(region, line, figures, shared, {})
                yield replace(row, id=TOTAL_ROW if totals == 1 else f"{TOTAL_ROW}.{totals}", total=True)
                if region.section.total_fields:
                    return  # the form closes this table with its total; what stands below is none of it
                continue
            if self._note_line(region, line, filled):
                continue
            if self._heading_again(region, line, filled) or (
                line == repeated and self._numbers_again(region, line)
            ):
                repeated = line + 1
                continue
            if parts_rows(region, line, filled) or (filled and is_subtotal(region, line)):
                continue
            if asks_elsewhere(region, line, answers):
                continue
            self._mark_ordinals(region, line, ordinals)
            row = self._table_row(region, line, columns, shared, above)
            above.update({name: row[name] for name in fill_down if row[name].blank is None})
            if self._holds_data(region.section, row):
                yield Row(str(count), row.answers)
                count += 1
            else:
                self._forget_strange(region, line, row)

    def _table_row(
        self,
        region: Region,
        line: int,
        columns: list[tuple[Field, int, MoneyUnit]],
        shared: dict[Position, int],
        above: dict[str, Answer],
    ) -> Row:
        found: dict[str, Answer] = {}
        new_level = False
        for asked, column, unit in columns:
            source = shared.get((line, column), line) if asked.type in _SHARED_BY_MERGE else line
            answer = self.cell(region.view, source, column, asked, unit, found)
            if asked.fill_down and answer.blank is EMPTY:
                carried = answer if new_level else above.get(asked.id, answer)
                answer = self._level(region, line, column, found) or carried
            elif asked.fill_down and asked.id in above and above[asked.id].value != answer.value:
                new_level = True  # the levels below it begin anew
            found[asked.id] = answer
        return Row("", found)

    @staticmethod
    def _level(region: Region, line: int, column: int, found: dict[str, Answer]) -> Answer | None:
        """Return the level cell that a merge across levels spreads over this column, too."""
        row, left = region.view.anchor(line, column)
        if (row, left) == (line, column) or left == column:
            return None
        place = Cell(region.view.grid.name, row, left)
        return next((answer for answer in found.values() if answer.cell == place), None)

    @staticmethod
    def _holds_data(section: Section, row: Row) -> bool:
        """Return False for a row that only keeps a place: 指标1：, or levels begun by the blank."""
        silent = section.companions
        answers = row.answers
        asked = [
            entry
            for entry in section.fields
            if not entry.fill_down and entry.id in answers and entry.id not in silent
        ]
        keyed = any(entry.key for entry in asked)
        for entry in asked:
            answer = answers[entry.id]
            if answer.blank in _SILENT:
                continue
            placeholder = ((entry.key or not keyed) and is_placeholder(answer.raw)) or is_closing(answer.raw)
            if answer.blank is Blank.NOT_APPLICABLE or placeholder:
                continue
            if entry.derive is None:
                return True
        return False

    def _forget_strange(self, region: Region, line: int, row: Row) -> None:
        """Leave unread what a row without answers holds: texts that are no levels of the form, 以下空白."""
        for entry in region.section.fields:
            answer = row[entry.id]
            if answer.cell is None or answer.cell.row != line or not answer.raw:
                continue
            word = plain(answer.raw)
            level = entry.fill_down and not (
                word in _plain_words(entry.choices) or self._is_level(region.section, entry, word)
            )
            if level or is_closing(answer.raw):
                self.roles.pop((region.view.index, line, answer.cell.column), None)

    @staticmethod
    def _is_level(section: Section, entry: Field, word: str) -> bool:
        seeds = (seed.get(entry.id, "") for seed in section.seeds)
        return word in map(plain, (*entry.choice_aliases, *seeds)) or is_placeholder(word)

    def _totals_below(self, region: Region, line: int) -> bool:
        """Return whether another total row follows in the same table."""
        totals = _plain_words(region.section.totals)
        return any(
            isinstance(value, str) and value and plain(value) in totals
            for below in range(line + 1, region.end)
            for value in map(region.view.grid.rows[below].__getitem__, region.filled(below))
        )

    def _total_label(self, region: Region, line: int) -> bool:
        """Return whether the row is a 合计: its first text says so."""
        if not region.section.totals:
            return False
        totals = _plain_words(region.section.totals)
        for column in region.filled(line):
            value = region.view.grid.rows[line][column]
            if isinstance(value, str) and plain(value) in totals:
                self.mark(region.view, line, column, LABEL)
                return True
        return False

    def _note_line(self, region: Region, line: int, filled: set[int]) -> bool:
        """Return whether the row is one remark below or within the table, or the head of another sheet."""
        if len(filled) != 1:
            return False
        column = next(iter(filled))
        value = region.view.grid.rows[line][column]
        if not value or not isinstance(value, str):
            return False
        if note := is_note(value):
            self.mark(region.view, line, column, Role.NOTE)
        return note or self.lexicon.is_head(value)

    def _heading_again(self, region: Region, line: int, filled: set[int]) -> bool:
        """Return whether the row repeats the heading, as for the next printed page."""
        labels, top = region.view.labels.get(line), region.heading[0]
        if not labels or not filled <= labels.keys() or not filled & set(region.columns.values()):
            return False
        above = region.view.labels.get(top, {})
        if any(labels[column] != above.get(column) for column in filled):
            return False
        for column in filled:
            self.mark(region.view, line, column, LABEL)
        return True

    def _mark_heading(self, region: Region) -> None:
        for column in region.columns.values():
            for row in range(region.heading[0], region.heading[1] + 1):
                if column in region.view.labels.get(row, {}):
                    self.mark(region.view, row, column, LABEL)
        if region.title is not None:
            self.mark(region.view, *region.title, LABEL)

    def _ordinal_columns(self, region: Region) -> set[int]:
        rows = range(region.heading[0], region.heading[1] + 1)
        return {
            column
            for row in rows
            for column, value in enumerate(region.view.grid.rows[row])
            if isinstance(value, str)
            and value
            and region.left <= column <= region.right
            and is_ordinal_heading(value)
        }

    def _mark_ordinals(self, region: Region, line: int, ordinals: set[int]) -> None:
        for column in ordinals:
            if column not in region.view.filled(line):
                continue
            value = region.view.grid.rows[line][column]
            if isinstance(value, str):
                numbered = not value or _ORDINAL.fullmatch(value.strip()) is not None
            else:
                numbered = isinstance(value, float) and value < MOST_ROWS
            if numbered or is_placeholder(str(value)):
                self.mark(region.view, line, column, LABEL)


@lru_cache(maxsize=256)  # asked for every line of a table
def _plain_words(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(plain, words))


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
