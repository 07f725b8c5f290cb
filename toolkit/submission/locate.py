"""Where a form's sections lie in a workbook: found by headings and titles, never by address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from toolkit.form.labels import plain
from toolkit.form.model import Form, Section, SectionKind
from toolkit.submission.answer_labels import answer_labels
from toolkit.submission.bounds import bound
from toolkit.submission.grid import Position
from toolkit.submission.lexicon import Kind, Meaning, is_note, is_ordinal_heading
from toolkit.submission.places import TITLE_REACH, WIDEST, Label, Places, Region, View, is_blank

Heading: TypeAlias = tuple[str, int]  # field, column
HEADING_ROWS = 3  # a heading may be stacked over so many rows
MERGED_ROWS = 6  # a heading may be merged over so many, rows inserted within it included
LEAST_WHOLE = 0.8  # of a table's headings in a row that are its own when another table stands right beside it
_FIELD, _SECTION = Kind.FIELD, Kind.SECTION  # looking up a member of an enum costs a call
ROWS_ENOUGH = 4  # known row labels below a heading that settle whose it is


def locate(form: Form, views: Sequence[View]) -> Places:
    """Find the regions of grids and tables and the label cells of answers."""
    regions = find_regions(form, views)
    labels = answer_labels(form, views, regions)
    bound(regions, labels)
    return Places(regions, [label for label in labels if not _inside(label, regions)])


def find_regions(form: Form, views: Sequence[View]) -> list[Region]:
    """Find the headings of grids and tables; where their rows end is not settled yet."""
    blocks = {section.id: section for section in form.sections if section.kind is not SectionKind.ANSWERS}
    return _assign([candidate for view in views for candidate in _candidates(blocks, view)])


def _candidates(blocks: Mapping[str, Section], view: View) -> Iterator[Region]:
    headings = {row: _headings(view.labels[row], blocks) for row in sorted(view.labels)}
    sizes = {name: len(block.fields) for name, block in blocks.items()}
    taken: set[tuple[str, int]] = set()
    for row, named in headings.items():
        for section_id, found in named.items():
            if (section_id, row) in taken:
                continue
            if len(found) == 1 and _heads_nothing(view, blocks[section_id], row, found[0][1], headings):
                continue
            runs = _side_by_side(view, row, found, _Beside(named, sizes))
            for columns, stretch in _stretches(runs):
                title = _title(view, section_id, row, stretch)
                region = Region(blocks[section_id], view, (row, row), title=title)
                region.left, region.right = stretch
                _add_columns(region, columns)
                taken |= _stack(region, headings, abreast=len(runs) > 1)
                region.heading = (row, max(region.heading[1], _bottom(region)))
                if _plausible(region):
                    region.score = _score(region, headings)
                    yield region


def _heads_nothing(
    view: View, section: Section, row: int, column: int, headings: Mapping[int, Mapping[str, list[Heading]]]
) -> bool:
    """Return whether the only label of a section in a row, like 备注, is the heading of nothing."""
    if len(section.fields) > 2:
        return section.id not in headings.get(row + 1, ())
    if any(section.id in headings.get(below, ()) for below in range(row + 1, row + MERGED_ROWS)):
        return False  # the rest of a stacked heading
    named = _named_by_sheet(view, section) or _title(view, section.id, row, (0, WIDEST)) is not None
    return not named and not _numbered(view, row, {column})


def _stretches(runs: Sequence[list[Heading]]) -> Iterator[tuple[list[Heading], tuple[int, int]]]:
    """Yield the runs of labels of a row, each with the first and last column that can be its table's."""
    ends = [-1, *(max(column for _, column in run) for run in runs)]
    starts = [*(min(column for _, column in run) for run in runs[1:]), WIDEST + 1]
    for run, end, start in zip(runs, ends, starts, strict=False):
        yield run, (end + 1, start - 1)


def _stack(
    region: Region, headings: Mapping[int, Mapping[str, list[Heading]]], *, abreast: bool
) -> set[tuple[str, int]]:
    """Add the columns that the next rows of a stacked heading name, and return those rows as taken.

    With another table abreast, only what stands below the first row's headings is taken, and no row whole.
    """
    row, name = region.heading[0], region.section.id
    taken = set()
    bottom = _bottom(region)
    for below in range(row + 1, max(row + HEADING_ROWS, bottom + 1)):
        if below not in headings:
            if below < bottom and not region.view.filled(below):
                continue  # a row inserted within the merged heading
            break
        named = headings[below].get(name)
        if not named:
            break
        first, last = (region.stub_end, region.last_column) if abreast else _reach(region, below)
        found = [pair for pair in named if first <= pair[1] <= last]
        more = _in_groups(region, below, found) if found else []
        new = [(entry, column) for entry, column in more if entry not in region.columns]
        if not new or len(new) < len(more):
            break
        _add_columns(region, new)
        region.heading = (row, below)
        taken.add((name, below))
    return set() if abreast else taken


def _bottom(region: Region) -> int:
    """Return the last row over which the headings of a region's first row are merged."""
    return min(region.bottom, region.heading[0] + MERGED_ROWS - 1, len(region.view.grid.rows) - 1)


def _reach(region: Region, below: int) -> tuple[int, int]:
    """Return the columns of a stacked heading: those from its first row on to a column empty in both rows."""
    rows, view = (*range(region.heading[0], region.heading[1] + 1), below), region.view

    def used(column: int) -> bool:
        places = (view.anchor(row, column) for row in rows)
        return any(not is_blank(view.grid.rows[top][left]) for top, left in places)

    first, last, width = region.stub_end, region.last_column, len(view.grid.rows[below])
    while first and used(first - 1):
        first -= 1
    while last + 1 < width and used(last + 1):
        last += 1
    return first, last


def _in_groups(region: Region, row: int, found: list[Heading]) -> list[Heading]:
    """Leave out fields whose column does not stand under the heading of their group (总额 under 预算数)."""
    view = region.view

    def over(column: int) -> str:
        top, left = view.anchor(row - 1, column)
        text = view.grid.rows[top][left] if left < len(view.grid.rows[top]) else ""
        return plain(text) if isinstance(text, str) else ""

    groups = {entry.id: plain(entry.group) for entry in region.section.fields if entry.group}
    under = {(name, column) for name, column in found if name in groups and groups[name] == over(column)}
    sure = {column for _, column in under}
    return [pair for pair in found if pair[1] not in sure or pair in under]


@dataclass(frozen=True, slots=True)
class _Beside:
    """The labels of a row by section, and how many fields each section has."""

    found: Mapping[str, list[Heading]]
    sizes: Mapping[str, int]

    def ends(self, ordered: Sequence[Heading], place: int, *, again: bool) -> bool:
        """Return whether what a run is parted from belongs to the whole heading of another table."""
        kept, rest = sorted((ordered[:place], ordered[place:]), key=_worth, reverse=True)
        taken, parted = {column for _, column in kept}, {column for _, column in rest}
        for section, found in self.found.items():
            whole = [pair for pair in found if min(taken) > pair[1] or pair[1] > max(taken)]
            names = {name for name, _ in whole}
            enough = len(names) >= LEAST_WHOLE * self.sizes[section] and (again or len(names) > len(rest))
            own = {name for name, column in whole if column not in parted}  # has it those names elsewhere?
            if enough and own < names and parted <= {column for _, column in whole}:
                return True
        return False


def _side_by_side(view: View, row: int, found: list[Heading], beside: _Beside) -> list[list[Heading]]:
    """Part the labels of a row at an empty column or the end of another table's heading: two tables abreast.

    A label that comes again tells it, unless it is hidden, or a heading that is more of another table's than
    of this one.
    """
    if len(found) == 1:
        return [found]
    shown = [name for name, column in found if column not in view.grid.hidden_columns]
    again = len({*shown}) < len(shown)
    ordered = sorted(found, key=lambda pair: pair[1])
    if not again and ordered[-1][1] - ordered[0][1] < len(ordered):
        return [found]  # no column is empty
    gaps: dict[int, tuple[int, bool, bool, int]] = {}  # place -> how likely it is
    for place, ((_, before), (_, column)) in enumerate(pairwise(ordered), 1):
        between = range(view.span(row, before)[3] + 1, column)
        gap = any(is_blank(view.grid.rows[row][empty]) for empty in between)
        ends = (again or gap) and beside.ends(ordered, place, again=again)
        if ends or (gap and again and not _is_doubled(view, row, ordered[place:], ordered[:place])):
            names, closeness = max(_worth(ordered[:place]), _worth(ordered[place:]))
            gaps[place] = names, ends, gap, closeness
    if not gaps:
        return [found]
    best = max(gaps, key=gaps.__getitem__)
    return [
        *_side_by_side(view, row, ordered[:best], beside),
        *_side_by_side(view, row, ordered[best:], beside),
    ]


def _is_doubled(view: View, row: int, run: Sequence[Heading], others: Sequence[Heading]) -> bool:
    """Return whether a run is one heading that stands alone and comes among the others, too: no table."""
    if len(run) > 1 or run[0][0] not in {name for name, _ in others}:
        return False
    _, left, _, right = view.span(row, run[0][1])
    beside = (view.anchor(row, column) for column in (left - 1, right + 1))
    return not any(at in view.filled(top) for top, at in beside)


def _worth(run: Sequence[Heading]) -> tuple[int, int]:
    """Return a key by which labels that are more complete and closer together make the likelier table."""
    return len({name for name, _ in run}), run[0][1] - run[-1][1]


def _headings(
    found: Mapping[int, tuple[Meaning, ...]], blocks: Mapping[str, Section]
) -> dict[str, list[Heading]]:
    """Return section -> (field, column) for the labels of one row."""
    columns: dict[str, list[Heading]] = defaultdict(list)
    for column, meanings in found.items():
        for meaning in meanings:
            if meaning.kind is _FIELD and meaning.section in blocks:
                columns[meaning.section].append((meaning.name, column))
    return columns


def _add_columns(region: Region, columns: Sequence[Heading]) -> None:
    """Give each column to one field: the more particular label wins when two fields share an alias.

    Of two columns of one label the left one is read, and one that is hidden only when no other is there.
    """
    used = set(region.columns.values())
    hidden = region.view.grid.hidden_columns
    ordered = sorted(columns, key=lambda pair: (pair[1] in hidden, pair[1], region.section.place(pair[0])))
    for name, column in ordered:
        if name in region.columns:
            if region.columns[name] != column:
                region.repeated.setdefault(name, column)
        elif column not in used:
            region.add(name, column)
            used.add(column)


def _title(view: View, section: str, row: int, stretch: tuple[int, int]) -> Position | None:
    """Return the cell of the nearest title above a heading row, or left of it.

    A title over the head of a table that names it again is the uppermost, when only notes stand between.
    """
    near = [
        place
        for place in view.titles.get(section, ())
        if row - TITLE_REACH < place[0] <= row and stretch[0] <= place[1] <= stretch[1]
    ]
    title: Position | None = None
    for place in sorted(near, key=lambda place: (-place[0], place[1])):
        between = range(place[0] + 1, title[0]) if title is not None else range(0)
        if title is None or (place[0] < title[0] and all(_is_note_row(view, line) for line in between)):
            title = place
    return title


def _is_note_row(view: View, row: int) -> bool:
    """Return whether a row holds nothing but notes, of the unit and others."""
    texts = (view.grid.rows[row][column] for column in view.filled(row))
    return all(isinstance(text, str) and is_note(text) for text in texts)


def _plausible(region: Region) -> bool:
    if len(region.columns) >= 2:
        return True
    if len(region.section.fields) > 2:
        return False
    view, row = region.view, region.heading[0]
    named = region.title is not None or _named_by_sheet(view, region.section)
    return named or _numbered(view, row, region.columns.values())


def _numbered(view: View, row: int, columns: Collection[int]) -> bool:
    """Return whether a heading row holds nothing but the heading and that of the running numbers."""
    others = [str(view.grid.rows[row][column]) for column in view.filled(row) if column not in columns]
    return len(others) == 1 and is_ordinal_heading(others[0])


def _named_by_sheet(view: View, section: Section) -> bool:
    for meaning in view.name_meanings:  # noqa: SIM110 - asked of every candidate of every sheet
        if meaning.kind is _SECTION and meaning.section == section.id:
            return True
    return False


def _score(region: Region, headings: Mapping[int, Mapping[str, list[Heading]]]) -> float:
    score = float(len(region.columns))
    score -= 2 * sum(entry.required and entry.id not in region.columns for entry in region.section.fields)
    if region.title is not None:
        score += 4 - (region.heading[0] - region.title[0]) / TITLE_REACH
    if _named_by_sheet(region.view, region.section):
        score += 1
    if len(region.section.rows) > 1:
        end = _next_heading(region, headings)
        known = sum(row < end for row in _rows_named(region))
        score += 2 * min(known, ROWS_ENOUGH) if known else -8
    return score


def _rows_named(region: Region) -> list[int]:
    """Return the lines below a region's heading that bear the label of a row of its section."""
    view, section = region.view, region.section.id
    lines = [row for row in view.rows.get(section, ()) if row > region.heading[1]]
    if (region.left, region.right) == (0, WIDEST):
        return lines
    return [
        row for row in lines if any(region.left <= at < region.stub_end for at in view.named(row, section))
    ]


def _next_heading(region: Region, headings: Mapping[int, Mapping[str, list[tuple[str, int]]]]) -> int:
    """Return the line below a region where its labels stand again."""
    for row, named in headings.items():
        if row <= region.heading[1]:
            continue
        again = named.get(region.section.id, ())
        if len(again) >= 2 and sum(region.stub_end <= at <= region.last_column for _, at in again) >= 2:
            return row
    return len(region.view.grid.rows)


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
        if first is not region and not _goes_on(first, region):
            continue
        for row in rows:
            used[row] |= columns
        regions.append(region)
    regions.sort(key=lambda item: (item.view.index, item.heading))
    pieces: dict[str, Region] = {}
    for region in regions:
        if (piece := pieces.setdefault(region.section.id, region)) is not region:
            region.before = piece
    return regions


def _goes_on(first: Region, region: Region) -> bool:
    """Return whether a region goes on with another: columns that nobody must fill may be left out."""
    shared = first.columns.keys() & region.columns.keys()
    if len(shared) >= 0.8 * len(first.columns):
        return True
    needed = {entry.id for entry in first.section.fields if entry.required}
    return len(shared) == len(region.columns) > 1 and bool(needed) and needed <= shared


def _inside(label: Label, regions: Sequence[Region]) -> bool:
    return any(
        region.view is label.view
        and region.first <= label.row < region.end
        and region.left <= label.column <= region.right
        and label.column in region.columns.values()
        for region in regions
    )
