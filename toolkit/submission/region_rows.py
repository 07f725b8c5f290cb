"""The rows of a grid or a table, line by line: which lines hold answers, and what the others are."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from toolkit.form.labels import plain
from toolkit.form.model import Field, FieldType, MoneyUnit, Section, SectionKind
from toolkit.form.references import TOTAL_ROW
from toolkit.submission.extract import EMPTY, LABEL, MONEY, Extraction, Role
from toolkit.submission.grid import Position
from toolkit.submission.lexicon import Kind, is_closing, is_note, is_ordinal_heading, is_placeholder
from toolkit.submission.lines import (
    asks_elsewhere,
    below_numbers,
    is_share,
    is_signature,
    is_subtotal,
    numbers_columns,
    parts_rows,
)
from toolkit.submission.model import Answer, Blank, Cell, Row
from toolkit.submission.places import Region

MOST_ROWS = 100_000  # a number above it in the column of running numbers is none
_ORDINAL = re.compile(r"[(（]?(?:[\d.]{1,6}|[一二三四五六七八九十百]{1,4}|[①-⑳A-Za-z])[)）.、．]?")
_DASHES = ("—", "-", "–", "——", "/", "--", "*")
_SHARED_BY_MERGE = {FieldType.TEXT, FieldType.PROSE, FieldType.CHOICE, FieldType.DATE}
_LATE = {FieldType.TARGET: 1, FieldType.ACTUAL: 2}  # read after what tells how to read them
_SUMMED = {FieldType.MONEY, FieldType.NUMBER, FieldType.INTEGER, FieldType.PERCENT}  # what a 合计 row holds
_SILENT = (Blank.EMPTY, Blank.UNCALCULATED)


@dataclass(slots=True)
class RegionRows:
    """Reads the lines of one region through the extraction that reads and remembers its cells."""

    extraction: Extraction
    region: Region
    _ordinals: set[int] = field(init=False)  # columns of running numbers
    _answers: list[str] = field(init=False)  # sections of answers beside their labels, which may lie between
    _repeated: int = -1  # the line below a repeated heading

    def __post_init__(self) -> None:
        """Look up what every line is compared with."""
        self._ordinals = _ordinal_columns(self.region)
        sections = self.extraction.form.sections
        self._answers = [one.id for one in sections if one.kind is SectionKind.ANSWERS]

    def of_grid(self, known: Container[str] = ()) -> Iterator[Row]:
        """Yield the rows of a grid whose label is known; one in `known` was read before, and stays unread."""
        self._mark_heading()
        region, columns = self.region, self._columns()
        for line in range(self._first_line(), region.end):
            self._mark_ordinals(line)
            row_id = self._row_label(line)
            if row_id is None or row_id in known:
                continue
            open_fields = region.section.row(row_id).fields
            found: dict[str, Answer] = {}
            for asked, column, unit in columns:
                if open_fields and asked.id not in open_fields:
                    self._mark_closed(line, column)
                else:
                    found[asked.id] = self.extraction.cell(region.view, line, column, asked, unit, found)
            yield Row(row_id, found)

    def of_table(self, start: int, above: dict[str, Answer]) -> Iterator[Row]:
        """Yield the rows of a table from ordinal `start`; `above` carries level cells on."""
        self._mark_heading()
        region, section, columns = self.region, self.region.section, self._columns()
        shared = _shared_cells(region)
        merged_lines = {row for row, _ in shared}
        fill_down = [entry.id for entry in section.fields if entry.fill_down]
        count, totals = start, 0
        counted = False  # does the row above hold amounts of which the next may be parts
        for line in range(self._first_line(), region.end):
            filled = {*region.near(line)} - self._ordinals
            if not filled and line not in merged_lines:
                self._mark_ordinals(line)
                continue
            if self._is_total(line):
                if section.total_fields and self._totals_below(line):
                    continue  # it adds up the rows so far, and is none of them
                totals += 1
                figures = [entry for entry in columns if entry[0].type in _SUMMED]
                row = self._table_row(line, figures, shared, {})
                yield replace(row, id=TOTAL_ROW if totals == 1 else f"{TOTAL_ROW}.{totals}", total=True)
                if section.total_fields:
                    return  # the form closes this table with its total; what stands below is none of it
                continue
            share = is_share(region, line, filled)
            if (share and counted) or self._asks_nothing(line, filled):
                continue
            self._mark_ordinals(line)
            row = self._table_row(line, columns, shared, above)
            above.update({name: row[name] for name in fill_down if row[name].blank is None})
            if _holds_data(section, row):
                yield Row(str(count), row.answers)
                count += 1
                amounts = (row[entry.id].number for entry, *_ in columns if entry.type is MONEY)
                counted = not share and any(amount is not None for amount in amounts)
            else:
                self._forget_strange(line, row)

    # ── cells ───────────────────────────────────────────────────────────────────────────────────────

    def _columns(self) -> list[tuple[Field, int, MoneyUnit]]:
        """Return (field, column, money unit) once for all rows, in the order of reading.

        Columns may stand in any order: a target is read knowing the operator and unit beside it, an actual
        value knowing its target.
        """
        region, form = self.region, self.extraction.form
        return [
            (
                entry,
                region.columns[entry.id],
                region.unit(form, entry.id) if entry.type is MONEY else form.money,
            )
            for entry in sorted(region.section.fields, key=lambda entry: _LATE.get(entry.type, 0))
            if entry.id in region.columns
        ]

    def _table_row(
        self,
        line: int,
        columns: list[tuple[Field, int, MoneyUnit]],
        shared: Mapping[Position, int],
        above: Mapping[str, Answer],
    ) -> Row:
        found: dict[str, Answer] = {}
        new_level = False
        for asked, column, unit in columns:
            source = shared.get((line, column), line) if asked.type in _SHARED_BY_MERGE else line
            answer = self.extraction.cell(self.region.view, source, column, asked, unit, found)
            if asked.fill_down and answer.blank is EMPTY:
                carried = answer if new_level else above.get(asked.id, answer)
                answer = self._level(line, column, found) or carried
            elif asked.fill_down and asked.id in above and above[asked.id].value != answer.value:
                new_level = True  # the levels below it begin anew
            found[asked.id] = answer
        return Row("", found)

    def _level(self, line: int, column: int, found: Mapping[str, Answer]) -> Answer | None:
        """Return the level cell that a merge across levels spreads over this column, too."""
        view = self.region.view
        row, left = view.anchor(line, column)
        if (row, left) == (line, column) or left == column:
            return None
        place = Cell(view.grid.name, row, left)
        return next((answer for answer in found.values() if answer.cell == place), None)

    def _forget_strange(self, line: int, row: Row) -> None:
        """Leave unread what a row without answers holds: texts that are no levels of the form, 以下空白."""
        section = self.region.section
        for entry in section.fields:
            answer = row[entry.id]
            if answer.cell is None or answer.cell.row != line or not answer.raw:
                continue
            word = plain(answer.raw)
            level = entry.fill_down and not (
                word in _plain_words(entry.choices) or _is_level(section, entry, word)
            )
            if level or is_closing(answer.raw):
                self.extraction.roles.pop((self.region.view.index, line, answer.cell.column), None)

    # ── lines ───────────────────────────────────────────────────────────────────────────────────────

    def _first_line(self) -> int:
        """Return the first line that may hold answers; the columns may be numbered above it."""
        first = below_numbers(self.region)
        for line in range(self.region.first, first):
            self._mark_labels(line, self.region.near(line))
        return first

    def _row_label(self, line: int) -> str | None:
        """Return the grid row named left of the first column, nearest to it first.

        A label merged over several rows names each of them; the only row of a grid needs no label at all.
        """
        region, found = self.region, None
        section = region.section
        for column in range(region.stub_end - 1, region.left - 1, -1):
            row, left = region.view.anchor(line, column)
            for meaning in region.view.labels.get(row, {}).get(left, ()):
                if meaning.kind is Kind.ROW and meaning.section == section.id and found is None:
                    found = meaning.name
                    self._mark_labels(row, (left,))
        if found is None and len(section.rows) == 1 and line == self._only_line():
            return section.rows[0].id
        return found

    def _only_line(self) -> int:
        """Return the first line of the region that holds something; what stands farther right is a remark."""
        region = self.region
        return next(filter(region.near, range(region.first, region.end)), -1)

    def _asks_nothing(self, line: int, filled: set[int]) -> bool:
        """Return whether a line is no row of the table: a note, the heading again, a name, signatures."""
        if self._is_note_line(line, filled):
            return True
        if self._is_heading_again(line, filled) or (line == self._repeated and self._numbers_again(line)):
            self._repeated = line + 1
            return True
        if parts_rows(self.region, line, filled) or (filled and is_subtotal(self.region, line)):
            return True
        if filled and is_signature(self.region, line):
            return True
        return asks_elsewhere(self.region, line, self._answers)

    def _is_total(self, line: int) -> bool:
        """Return whether the row is a 合计: its first text says so."""
        if not self.region.section.totals:
            return False
        totals = _plain_words(self.region.section.totals)
        for column in self.region.filled(line):
            value = self.region.view.grid.rows[line][column]
            if isinstance(value, str) and plain(value) in totals:
                self._mark_labels(line, (column,))
                return True
        return False

    def _totals_below(self, line: int) -> bool:
        """Return whether another total row follows in the same table."""
        region = self.region
        totals = _plain_words(region.section.totals)
        return any(
            isinstance(value, str) and value and plain(value) in totals
            for below in range(line + 1, region.end)
            for value in map(region.view.grid.rows[below].__getitem__, region.filled(below))
        )

    def _is_note_line(self, line: int, filled: set[int]) -> bool:
        """Return whether the row is one remark below or within the table, or the head of another sheet."""
        if len(filled) != 1:
            return False
        column = next(iter(filled))
        value = self.region.view.grid.rows[line][column]
        if not value or not isinstance(value, str):
            return False
        if note := is_note(value):
            self.extraction.mark(self.region.view, line, column, Role.NOTE)
        return note or self.extraction.lexicon.is_head(value)

    def _is_heading_again(self, line: int, filled: set[int]) -> bool:
        """Return whether the row repeats the heading, as for the next printed page."""
        region = self.region
        labels, top = region.view.labels.get(line), region.heading[0]
        if not labels or not filled <= labels.keys() or not filled & set(region.columns.values()):
            return False
        above = region.view.labels.get(top, {})
        if any(labels[column] != above.get(column) for column in filled):
            return False
        self._mark_labels(line, filled)
        return True

    def _numbers_again(self, line: int) -> bool:
        """Return whether the columns are numbered below a repeated heading, too."""
        if not numbers_columns(self.region, line):
            return False
        self._mark_labels(line, self.region.near(line))
        return True

    # ── what belongs to the form ────────────────────────────────────────────────────────────────────

    def _mark_labels(self, line: int, columns: Iterable[int]) -> None:
        for column in columns:
            self.extraction.mark(self.region.view, line, column, LABEL)

    def _mark_heading(self) -> None:
        region = self.region
        for row in range(region.heading[0], region.heading[1] + 1):
            labels = region.view.labels.get(row, {})
            self._mark_labels(row, (column for column in region.columns.values() if column in labels))
        if region.title is not None:
            row, column = region.title
            self._mark_labels(row, (column,))

    def _mark_closed(self, line: int, column: int) -> None:
        """A dash in a cell that asks nothing belongs to the form; anything else there stays unread."""
        value = self.region.view.grid.rows[line][column]
        if isinstance(value, str) and len(value.strip()) <= 2 and value.strip() in _DASHES:
            self._mark_labels(line, (column,))

    def _mark_ordinals(self, line: int) -> None:
        for column in self._ordinals:
            if column not in self.region.filled(line):
                continue
            value = self.region.view.grid.rows[line][column]
            if isinstance(value, str):
                numbered = not value or _ORDINAL.fullmatch(value.strip()) is not None
            else:
                numbered = isinstance(value, float) and value < MOST_ROWS
            if numbered or is_placeholder(str(value)):
                self._mark_labels(line, (column,))


def _ordinal_columns(region: Region) -> set[int]:
    """Return the columns of running numbers, by their headings."""
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


def _shared_cells(region: Region) -> dict[Position, int]:
    """Return the cells to which a merge gives the value of a line above, each with that line."""
    return {
        cell: top
        for cell, (top, left) in region.view.covered.items()
        if region.first <= top < cell[0] < region.end and cell[1] == left
    }


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


def _is_level(section: Section, entry: Field, word: str) -> bool:
    """Return whether a word is a level the form knows, or keeps the place of one."""
    seeds = (seed.get(entry.id, "") for seed in section.seeds)
    return word in map(plain, (*entry.choice_aliases, *seeds)) or is_placeholder(word)


@lru_cache(maxsize=256)  # asked for every line of a table
def _plain_words(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(plain, words))
