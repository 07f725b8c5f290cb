"""Where a form's sections lie in a workbook: found by headings and titles, never by address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations

from toolkit.form.labels import unit_in
from toolkit.form.model import Form, MoneyUnit, Section, SectionKind
from toolkit.submission.grid import Merge, Position, RawValue, SheetGrid
from toolkit.submission.lexicon import Kind, Lexicon, Meaning

TITLE_REACH = 6  # rows between a section's title and its heading row
HEADING_ROWS = 3  # a heading may be stacked over so many rows
WIDEST = 16_384  # columns of a sheet
_UNIT_NOTE_LENGTH = 40


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
    units: dict[Position, MoneyUnit] = field(default_factory=dict)  # 单位：万元 and headings that name a unit
    own_units: set[Position] = field(default_factory=set)  # those of them that speak for one table only
    merged: dict[Position, Merge] = field(default_factory=dict)  # by top left cell
    covered: dict[Position, Position] = field(default_factory=dict)  # cell of a merge -> its top left
    valueless: dict[int, set[int]] = field(default_factory=dict)  # row -> columns of errors and bare formulas

    @classmethod
    def of(cls, index: int, grid: SheetGrid, lexicon: Lexicon) -> View:
        """Look up every text of the sheet once."""
        view = cls(index, grid, lexicon.meanings(grid.name))
        for row, values in enumerate(grid.rows):
            for column, value in enumerate(values):
                if not value or not isinstance(value, str):
                    continue
                if found := lexicon.meanings(value):
                    view.labels.setdefault(row, {})[column] = found
                if "元" in value and len(value) < _UNIT_NOTE_LENGTH and (unit := unit_in(value)):
                    view.units[row, column] = unit
        view.merged = {(merge[0], merge[1]): merge for merge in grid.merges}
        view.covered = {
            (row, column): (top, left)
            for top, left, bottom, right in grid.merges
            for row in range(top, min(bottom + 1, len(grid.rows)))
            for column in range(left, right + 1)
            if (row, column) != (top, left)
        }
        for row, column in (*grid.errors, *grid.uncalculated):
            view.valueless.setdefault(row, set()).add(column)
        return view

    def span(self, row: int, column: int) -> Merge:
        """Return the merged area that starts at the cell, or the cell alone."""
        return self.merged.get((row, column), (row, column, row, column))

    def anchor(self, row: int, column: int) -> Position:
        """Return the top left cell of the merged area that covers a cell, or the cell itself."""
        return self.covered.get((row, column), (row, column))

    def sections_named(self, row: int, column: int) -> set[str]:
        """Return the sections whose title stands in the cell."""
        found = self.labels.get(row, {}).get(column, ())
        return {meaning.section for meaning in found if meaning.kind is Kind.SECTION}

    def filled(self, row: int) -> list[int]:
        """Return the columns of a row that hold something, an error or an uncalculated formula included."""
        columns = [column for column, value in enumerate(self.grid.rows[row]) if not is_blank(value)]
        return sorted({*columns, *self.valueless[row]}) if row in self.valueless else columns


@dataclass(slots=True)
class Region:
    """The part of a sheet that holds rows of one grid or table: rows `first` to `end`, `end` excluded.

    Its columns, row labels included, are `left` to `right`; they end before a table that stands beside it.
    """

    section: Section
    view: View
    heading: tuple[int, int]  # first and last heading row
    columns: dict[str, int]  # field -> column
    repeated: dict[str, int] = field(default_factory=dict)  # a second column under the same label
    title: Position | None = None
    first: int = 0
    end: int = 0
    left: int = 0
    right: int = WIDEST
    score: float = 0.0
    note: MoneyUnit | None = None  # the unit named in its title or headings

    @property
    def stub_end(self) -> int:
        """Return the first column that is not a row label."""
        return min(self.columns.values())

    @property
    def last_column(self) -> int:
        """Return the last column under a heading, as far as the heading is merged."""
        return max(self.view.span(self.heading[0], column)[3] for column in self.columns.values())

    def filled(self, row: int) -> list[int]:
        """Return the columns of a row of the region that hold something."""
        columns = self.view.filled(row)
        if not self.left and self.right == WIDEST:
            return columns
        return [column for column in columns if self.left <= column <= self.right]

    def unit(self, form: Form, field_id: str) -> MoneyUnit:
        """Return a column's money unit: that of its heading, of the table, of the sheet, of the form."""
        column = self.columns[field_id]
        for row in range(self.heading[0], self.heading[1] + 1):
            if unit := self.view.units.get((row, column)):
                return unit
        return self.note or note_above(self.view, self.heading[0]) or form.money

    def meets(self, first: int, last: int) -> bool:
        """Return whether some of the columns `first` to `last` are the region's."""
        return first <= self.right and last >= self.left

    def beside(self, other: Region) -> bool:
        """Return whether two regions of a sheet stand side by side instead of one below the other."""
        return abs(self.heading[0] - other.heading[0]) <= TITLE_REACH and (
            self.last_column < other.stub_end or other.last_column < self.stub_end
        )


@dataclass(frozen=True, slots=True)
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


def note_above(view: View, row: int) -> MoneyUnit | None:
    """Return the unit of the nearest note above a row, else the sheet's first; a table's own is none."""
    notes = [place for place in view.units if place not in view.own_units]
    above = [place for place in notes if place[0] <= row]
    return view.units[max(above) if above else notes[0]] if notes else None


def locate(form: Form, lexicon: Lexicon, views: Sequence[View]) -> Places:
    """Find the regions of grids and tables and the label cells of answers."""
    candidates = [candidate for view in views for candidate in _candidates(form, view)]
    regions = _assign(candidates)
    labels = _answer_labels(form, lexicon, views, regions)
    _bound(regions, labels)
    return Places(regions, [label for label in labels if not _inside(label, regions)])


def _candidates(form: Form, view: View) -> Iterator[Region]:
    blocks = {section.id: section for section in form.sections if section.kind is not SectionKind.ANSWERS}
    headings = {row: _headings(found, blocks) for row, found in view.labels.items()}
    taken: set[tuple[str, int]] = set()
    for row in sorted(headings):
        for section_id, found in headings[row].items():
            if (section_id, row) in taken:
                continue
            runs = _side_by_side(view, row, found)
            for columns in runs:
                region = Region(blocks[section_id], view, (row, row), {}, title=_title(view, section_id, row))
                _add_columns(region, columns)
                if len(runs) == 1:
                    taken |= _stack(region, headings)
                last = max(view.span(row, column)[2] for column in region.columns.values())
                last = min(last, row + HEADING_ROWS - 1, len(view.grid.rows) - 1)
                region.heading = (row, max(region.heading[1], last))
                if _plausible(region):
                    region.score = _score(region, headings)
                    yield region


def _stack(
    region: Region, headings: Mapping[int, Mapping[str, list[tuple[str, int]]]]
) -> set[tuple[str, int]]:
    """Add the columns that the next rows of a stacked heading name, and return those rows as taken."""
    row, name = region.heading[0], region.section.id
    taken = set()
    for below in range(row + 1, row + HEADING_ROWS):
        more = headings.get(below, {}).get(name, [])
        new = [(entry, column) for entry, column in more if entry not in region.columns]
        if not new or len(new) < len(more):
            break
        _add_columns(region, new)
        region.heading = (row, below)
        taken.add((name, below))
    return taken


def _side_by_side(view: View, row: int, found: list[tuple[str, int]]) -> list[list[tuple[str, int]]]:
    """Part the labels of a row at empty columns when a label comes again behind one: two tables abreast."""
    if len({name for name, _ in found}) == len(found):
        return [found]
    runs: list[list[tuple[str, int]]] = []
    end = -1
    for name, column in sorted(found, key=lambda pair: pair[1]):
        between = range(end + 1, column)
        if not runs or any(is_blank(view.grid.rows[row][place]) for place in between):
            runs.append([])
        runs[-1].append((name, column))
        end = max(end, view.span(row, column)[3])
    names = [name for run in runs for name in {name for name, _ in run}]
    return runs if len(set(names)) < len(names) else [found]


def _headings(
    found: Mapping[int, tuple[Meaning, ...]], blocks: Mapping[str, Section]
) -> dict[str, list[tuple[str, int]]]:
    """Return section -> (field, column) for the labels of one row."""
    columns: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for column, meanings in found.items():
        for meaning in meanings:
            if meaning.kind is Kind.FIELD and meaning.section in blocks:
                columns[meaning.section].append((meaning.name, column))
    return columns


def _add_columns(region: Region, columns: Sequence[tuple[str, int]]) -> None:
    """Give each column to one field: the more particular label wins when two fields share an alias."""
    used = set(region.columns.values())
    for name, column in sorted(columns, key=lambda pair: (pair[1], _order(region.section, pair[0]))):
        if name in region.columns:
            if region.columns[name] != column:
                region.repeated.setdefault(name, column)
        elif column not in used:
            region.columns[name] = column
            used.add(column)


def _order(section: Section, field_id: str) -> int:
    return next(position for position, entry in enumerate(section.fields) if entry.id == field_id)


def _title(view: View, section: str, row: int) -> Position | None:
    """Return the cell of the nearest title above a heading row, or left of it."""
    for place in range(row, max(-1, row - TITLE_REACH), -1):
        for column in view.labels.get(place, {}):
            if section in view.sections_named(place, column):
                return place, column
    return None


def _plausible(region: Region) -> bool:
    named = region.title is not None or _named_by_sheet(region)
    if len(region.columns) >= 2:
        return True
    return named and len(region.section.fields) <= 2


def _named_by_sheet(region: Region) -> bool:
    return any(
        meaning.kind is Kind.SECTION and meaning.section == region.section.id
        for meaning in region.view.name_meanings
    )


def _score(region: Region, headings: Mapping[int, Mapping[str, object]]) -> float:
    score = float(len(region.columns))
    score -= 2 * sum(entry.required and entry.id not in region.columns for entry in region.section.fields)
    if region.title is not None:
        score += 4 - (region.heading[0] - region.title[0]) / TITLE_REACH
    if _named_by_sheet(region):
        score += 1
    if len(region.section.rows) > 1:
        known = 0
        for row in range(region.heading[1] + 1, len(region.view.grid.rows)):
            if len(headings.get(row, {}).get(region.section.id, ())) >= 2:  # type: ignore[arg-type]
                break
            known += any(
                meaning.kind is Kind.ROW and meaning.section == region.section.id
                for meanings in region.view.labels.get(row, {}).values()
                for meaning in meanings
            )
        score += 2 * min(known, 4) if known else -8
    return score


def _assign(candidates: Sequence[Region]) -> list[Region]:
    """Give every heading row to the section it fits best; the same section may go on elsewhere."""
    regions: list[Region] = []
    best: dict[str, Region] = {}
    used: dict[tuple[int, int], set[int]] = defaultdict(set)
    for region in sorted(candidates, key=lambda item: (-item.score, item.view.index, item.heading)):
        rows = [(region.view.index, row) for row in range(region.heading[0], region.heading[1] + 1)]
        columns = set(region.columns.values())
        if region.score <= 0 or any(used[row] & columns for row in rows):
            continue
        first = best.setdefault(region.section.id, region)
        shared = len(first.columns.keys() & region.columns.keys())
        if first is not region and shared < 0.8 * len(first.columns):
            continue
        for row in rows:
            used[row] |= columns
        regions.append(region)
    regions.sort(key=lambda item: (item.view.index, item.heading))
    return regions


def _answer_labels(
    form: Form, lexicon: Lexicon, views: Sequence[View], regions: Sequence[Region]
) -> list[Label]:
    sections = {section.id: section for section in form.sections if section.kind is SectionKind.ANSWERS}
    headings = {
        (region.view.index, row)
        for region in regions
        for row in range(region.heading[0], region.heading[1] + 1)
    }
    found: dict[str, list[Label]] = defaultdict(list)
    for view in views:
        for row, values in enumerate(view.grid.rows):
            if (view.index, row) in headings:
                continue
            for column, value in enumerate(values):
                if not value or not isinstance(value, str):
                    continue
                meanings = view.labels.get(row, {}).get(column, ())
                inline = not meanings and ("：" in value or ":" in value)
                for meaning in lexicon.inline(value) if inline else meanings:
                    if meaning.kind is Kind.FIELD and meaning.section in sections:
                        label = Label(sections[meaning.section], meaning.name, view, row, column, inline)
                        found[meaning.section].append(label)
    return [label for labels in found.values() for label in _one_per_field(labels)]


def _one_per_field(labels: Sequence[Label]) -> list[Label]:
    """Choose one label per field: on the sheet that has most of the section's labels, the likeliest there."""
    fields_on = {
        label.view.index: len({other.field_id for other in labels if other.view is label.view})
        for label in labels
    }
    chosen: dict[str, Label] = {}
    cells: set[tuple[int, int, int]] = set()
    for label in sorted(
        labels, key=lambda item: (-fields_on[item.view.index], item.view.index, *_likely(item))
    ):
        cell = (label.view.index, label.row, label.column)
        if label.field_id not in chosen and cell not in cells:
            chosen[label.field_id] = label
            cells.add(cell)
    return list(chosen.values())


def _likely(label: Label) -> tuple[bool, int, int, int]:
    """Return a key that puts a label with an answer beside it before a title of the same words."""
    view = label.view
    _, left, _, right = view.span(label.row, label.column)
    answered = label.inline or any(column > right for column in view.filled(label.row))
    return not answered, right - left, label.row, label.column


def _bound(regions: Sequence[Region], labels: Sequence[Label]) -> None:
    """Set each region's rows, which end at the next heading, title or answers line below it, and columns."""
    by_view: dict[int, list[Region]] = defaultdict(list)
    for region in regions:
        by_view[region.view.index].append(region)
    lines = _answer_lines(labels)
    for index, found in by_view.items():
        for region, other in permutations(found, 2):
            if region.beside(other):
                _part(region, other)
        for region in found:
            region.first = region.heading[1] + 1
            stops = [len(region.view.grid.rows)]
            for other in found:
                if other is not region and region.meets(other.stub_end, other.last_column):
                    stops += [other.heading[0], other.title[0] if other.title else other.heading[0]]
            for row, top, leads in lines[index]:
                if not _runs_past(region, row, leads):
                    stops += [row, top]
            region.end = min((row for row in stops if row >= region.first), default=region.first)
            _own_units(region)


def _part(region: Region, other: Region) -> None:
    """Draw the line between two regions that stand side by side."""
    if region.last_column < other.stub_end:
        region.right = min(region.right, region.last_column)
    else:
        region.left = max(region.left, other.last_column + 1)


def _own_units(region: Region) -> None:
    """Claim the units named between a region's title and its rows: they speak for no other table."""
    view, top = region.view, region.heading[0]
    if region.title is not None:
        top = min(top, region.title[0])
    for row, column in view.units:
        if top <= row < region.first and region.left <= column <= region.right:
            view.own_units.add((row, column))
            region.note = view.units[row, column]


def _answer_lines(labels: Sequence[Label]) -> dict[int, list[tuple[int, int, list[Label]]]]:
    """Return, by sheet, (row, row of its title, labels) of the lines that begin with an answers label."""
    rows: dict[tuple[int, int], list[Label]] = defaultdict(list)
    for label in labels:
        rows[label.view.index, label.row].append(label)
    lines: dict[int, list[tuple[int, int, list[Label]]]] = defaultdict(list)
    for (index, row), found in rows.items():
        view, lead = found[0].view, min(label.column for label in found)
        if view.filled(row)[0] != lead:
            continue
        sections = {label.section.id for label in found}
        titled = (
            above
            for above in range(max(0, row - 2), row)
            if any(sections & view.sections_named(above, column) for column in view.labels.get(above, ()))
        )
        lines[index].append((row, next(titled, row), found))
    return lines


def _runs_past(region: Region, row: int, labels: Sequence[Label]) -> bool:
    """Return whether a region goes on beside a line of answers, which stands wholly left or right of it."""
    if any(region.stub_end <= label.column <= region.last_column for label in labels):
        return False
    if all(label.column > region.last_column or label.column < region.left for label in labels):
        return True
    inside = [column for column in region.view.filled(row) if column >= region.stub_end]
    ends = [region.view.span(row, label.column)[3] for label in labels]
    answered = [column for column in region.view.filled(row) if max(ends) < column < region.stub_end]
    return bool(inside and answered)


def _inside(label: Label, regions: Sequence[Region]) -> bool:
    return any(
        region.view is label.view
        and region.first <= label.row < region.end
        and region.left <= label.column <= region.right
        and label.column in region.columns.values()
        for region in regions
    )
