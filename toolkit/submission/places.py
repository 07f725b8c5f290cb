"""Sheets with the meanings of their labels, and the places found in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, product, repeat

from toolkit.form.labels import plain, unit_in
from toolkit.form.model import Form, MoneyUnit, Section
from toolkit.issues.values import value_class
from toolkit.submission.grid import Merge, Position, RawValue, SheetGrid
from toolkit.submission.lexicon import Kind, Lexicon, Meaning, parted

TITLE_REACH = 6  # rows between a section's title and its heading row
WIDEST = 16_384  # columns of a sheet
_UNIT_NOTE_LENGTH = 40
_SECTION, _ROW = Kind.SECTION, Kind.ROW  # looking up a member of an enum costs a call


def is_blank(value: RawValue) -> bool:
    """Return whether a cell holds nothing but white space."""
    return isinstance(value, str) and (not value or value.isspace())


@dataclass(slots=True)
class View:
    """A sheet with the meanings of its label cells."""

    index: int
    grid: SheetGrid
    name_meanings: tuple[Meaning, ...]
    labels: dict[int, dict[int, tuple[Meaning, ...]]] = field(
        default_factory=dict
    )  # row -> column -> meanings
    titles: dict[str, list[Position]] = field(default_factory=dict)  # section -> cells that name it
    rows: dict[str, set[int]] = field(default_factory=dict)  # grid -> lines that bear a row's label
    units: dict[Position, MoneyUnit] = field(default_factory=dict)  # 单位：万元 and headings that name a unit
    own_units: set[Position] = field(default_factory=set)  # those of them that speak for one table only
    merged: dict[Position, Merge] = field(default_factory=dict)  # by top left cell
    covered: dict[Position, Position] = field(default_factory=dict)  # cell of a merge -> its top left
    asked: list[Position] = field(default_factory=list)  # labels, those of `inline` too, as they stand
    inline: dict[Position, tuple[Meaning, ...]] = field(default_factory=dict)  # 单位名称：某街道, in one cell
    valueless: dict[int, set[int]] = field(default_factory=dict)  # row -> columns of errors and bare formulas
    _words: frozenset[str] | None = None
    _filled: list[list[int]] = field(default_factory=list)  # columns by row

    @classmethod
    def of(cls, index: int, grid: SheetGrid, lexicon: Lexicon) -> View:
        """Look at every cell of the sheet once."""
        view = cls(index, grid, lexicon.meanings(grid.name))
        for row, values in enumerate(grid.rows):
            filled = []
            for column, value in enumerate(values):
                if value == "":
                    continue
                if isinstance(value, str):
                    if value.isspace():
                        continue
                    view._see(row, column, value, lexicon)
                filled.append(column)
            view._filled.append(filled)
        view.merged = {(merge[0], merge[1]): merge for merge in grid.merges}
        for top, left, bottom, right in grid.merges:
            places = product(range(top, min(bottom + 1, len(grid.rows))), range(left, right + 1))
            next(places, None)  # the top left cell itself
            view.covered.update(zip(places, repeat((top, left))))
        for row, column in (*grid.errors, *grid.uncalculated):
            view.valueless.setdefault(row, set()).add(column)
        for row, columns in view.valueless.items():
            view._filled[row] = sorted(columns.union(view._filled[row]))
        return view

    def _see(self, row: int, column: int, text: str, lexicon: Lexicon) -> None:
        """Keep what a text means, and the unit it names."""
        if meanings := lexicon.meanings(text):
            self.asked.append((row, column))
            self.labels.setdefault(row, {})[column] = meanings
            for meaning in meanings:
                if meaning.kind is _SECTION:
                    self.titles.setdefault(meaning.section, []).append((row, column))
                elif meaning.kind is _ROW:
                    self.rows.setdefault(meaning.section, set()).add(row)
        elif ("：" in text or ":" in text) and (meanings := lexicon.inline(text)):
            self.asked.append((row, column))
            self.inline[row, column] = meanings
        if "元" in text and len(text) < _UNIT_NOTE_LENGTH and (unit := unit_in(text)):
            self.units[row, column] = unit

    def asked_at(self, row: int, column: int) -> tuple[Meaning, ...]:
        """Return what a label names, with an answer in the same cell or not."""
        return self.labels.get(row, {}).get(column) or self.inline.get((row, column), ())

    def meanings(self) -> Iterator[tuple[Position, Meaning]]:
        """Yield (cell, meaning) for all that labels name, with an answer in the same cell or not."""
        for place in self.asked:
            for meaning in self.asked_at(*place):
                yield place, meaning

    @property
    def words(self) -> frozenset[str]:
        """Return the labels in their barest form."""
        if self._words is None:
            rows = self.grid.rows
            labels = (str(rows[row][column]) for row, found in self.labels.items() for column in found)
            heads = (parted(str(rows[row][column]))[0] for row, column in self.inline)
            self._words = frozenset(map(plain, chain(labels, heads)))
        return self._words

    def span(self, row: int, column: int) -> Merge:
        """Return the merged area that starts at the cell, or the cell alone."""
        return self.merged.get((row, column), (row, column, row, column))

    def anchor(self, row: int, column: int) -> Position:
        """Return the top left cell of the merged area that covers a cell, or the cell itself."""
        return self.covered.get((row, column), (row, column))

    def sections_named(self, row: int, column: int) -> set[str]:
        """Return the sections whose title stands in the cell."""
        found = self.labels.get(row, {}).get(column, ())
        return {meaning.section for meaning in found if meaning.kind is _SECTION}

    def named(self, row: int, section: str) -> list[int]:
        """Return the columns of a row that bear the label of a row of a section."""
        return [
            column
            for column, found in self.labels.get(row, {}).items()
            if any(meaning.kind is _ROW and meaning.section == section for meaning in found)
        ]

    def row_names(self, row: int, section: str) -> set[str]:
        """Return the rows of a section whose label stands in a row."""
        found = chain.from_iterable(self.labels.get(row, {}).values())
        return {meaning.name for meaning in found if meaning.kind is _ROW and meaning.section == section}

    def filled(self, row: int) -> list[int]:
        """Return the columns of a row that hold something, an error or an uncalculated formula included."""
        return self._filled[row]


@dataclass(slots=True)
class Region:
    """The part of a sheet that holds rows of one grid or table: rows `first` to `end`, `end` excluded.

    Its columns, row labels included, are `left` to `right`; they end before a table that stands beside it.
    """

    section: Section
    view: View
    heading: tuple[int, int]  # first and last heading row
    columns: dict[str, int] = field(default_factory=dict)  # field -> column, by `add` only
    stub_end: int = WIDEST  # the first column that is not a row label
    last_column: int = -1  # the last column under a heading, as far as the heading is merged
    bottom: int = -1  # the last row over which the headings of the first heading row are merged
    repeated: dict[str, int] = field(default_factory=dict)  # a second column under the same label
    title: Position | None = None
    start: int = 0  # the leftmost of its own columns, those of row labels and running numbers included
    first: int = 0
    end: int = 0
    left: int = 0
    right: int = WIDEST
    score: float = 0.0
    note: MoneyUnit | None = None  # the unit named in its title or headings
    before: Region | None = None  # the first piece of the same grid or table, which this one goes on

    def add(self, field_id: str, column: int) -> None:
        """Give a field its column; `heading` begins with the same row before and after."""
        _, _, bottom, right = self.view.span(self.heading[0], column)
        self.columns[field_id] = column
        self.stub_end = min(self.stub_end, column)
        self.last_column = max(self.last_column, right)
        self.bottom = max(self.bottom, bottom)

    def filled(self, row: int) -> list[int]:
        """Return the columns of a row of the region that hold something."""
        columns = self.view.filled(row)
        if not self.left and self.right == WIDEST:
            return columns
        return [column for column in columns if self.left <= column <= self.right]

    def near(self, row: int) -> list[int]:
        """Return the columns of a row that hold something; what stands right of the headings is a remark."""
        columns, last = self.filled(row), self.last_column
        if not columns or columns[-1] <= last:
            return columns
        return [column for column in columns if column <= last]

    def unit(self, form: Form, field_id: str) -> MoneyUnit:
        """Return a column's money unit: that of its heading, of the table, of the sheet, of the form.

        A piece that goes on elsewhere, and whose sheet names none, is in the unit of the first.
        """
        column = self.columns[field_id]
        for row in range(self.heading[0], self.heading[1] + 1):
            if unit := self.view.units.get(self.view.anchor(row, column)):
                return unit
        if self.note:
            return self.note
        if self.before is not None and field_id in self.before.columns:
            same = self.before.view is self.view
            own = note_above(self.view, self.heading[0], self.before.heading[0] if same else None)
            return own or self.before.unit(form, field_id)
        return note_above(self.view, self.heading[0]) or form.money

    def meets(self, first: int, last: int) -> bool:
        """Return whether some of the columns `first` to `last` are the region's."""
        return first <= self.right and last >= self.left

    def beside(self, other: Region) -> bool:
        """Return whether two regions of a sheet share no column, their row labels included."""
        return self.last_column < other.start or other.last_column < self.start


@value_class(frozen=True, slots=True)
class Label:
    """The label cell of an answers field; `inline` says that the answer follows in the same cell."""

    section: Section
    field_id: str
    view: View
    row: int
    column: int
    inline: bool = False


@dataclass(slots=True)
class Places:
    """Everything found in one workbook."""

    regions: list[Region]
    labels: list[Label]


def note_above(view: View, row: int, below: int | None = None) -> MoneyUnit | None:
    """Return the unit of the nearest note above a row, else the sheet's first; a table's own is none.

    With `below` only a note between the two rows counts.
    """
    notes = [place for place in view.units if place not in view.own_units]
    above = [place for place in notes if place[0] <= row]
    if below is not None:
        above = [place for place in above if place[0] > below]
        return view.units[max(above)] if above else None
    return view.units[max(above) if above else notes[0]] if notes else None
