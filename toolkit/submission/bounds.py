"""Where a region ends: at the next heading, title or line of answers, unless that stands beside it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import permutations

from toolkit.form.labels import unit_in
from toolkit.submission.lexicon import is_note
from toolkit.submission.places import WIDEST, Label, Region, is_blank


def bound(regions: Sequence[Region], labels: Sequence[Label]) -> None:
    """Set each region's rows, which end at the next heading, title or answers line below it, and columns."""
    by_view: dict[int, list[Region]] = defaultdict(list)
    for region in regions:
        by_view[region.view.index].append(region)
    lines = _answer_lines(labels)
    for index, found in by_view.items():
        for region in found:
            region.left, region.right, region.start = 0, WIDEST, _start(region, found)
        for region, other in permutations(found, 2):
            if region.beside(other):
                _part(region, other)
        for region in found:
            region.first = region.heading[1] + 1
            stops = [len(region.view.grid.rows)]
            for other in found:
                if other is not region and region.meets(_leftmost(other), other.last_column):
                    stops += [other.heading[0], _top(other, region)]
            for row, top, leads in lines[index]:
                if not _runs_past(region, row, leads):
                    stops += [row, top]
            region.end = min((row for row in stops if row >= region.first), default=region.first)
            _own_units(region)


def _start(region: Region, found: Sequence[Region]) -> int:
    """Return a region's first column: that of most row labels, or the first of the run of its headings."""
    view, row = region.view, region.heading[0]
    taken = {
        column
        for other in found
        if other is not region and other.heading[0] <= region.heading[1] and row <= other.heading[1]
        for column in range(other.stub_end, other.last_column + 1)
    }
    start = region.stub_end
    while start and start - 1 not in taken:
        top, left = view.anchor(row, start - 1)
        value = view.grid.rows[top][left]
        if is_blank(value) or (isinstance(value, str) and unit_in(value) and is_note(value)):
            break  # the note of a table that stands right beside it
        start = left
    columns = Counter(
        max(before)
        for line in view.rows.get(region.section.id, ())
        if (before := [at for at in view.named(line, region.section.id) if at < region.stub_end])
    )
    return min(start, max(columns, key=columns.__getitem__)) if columns else start


def _leftmost(region: Region) -> int:
    return min(region.start, region.title[1]) if region.title is not None else region.start


def _top(region: Region, above: Region) -> int:
    """Return the first row of a region's head: its title, or a name merged over its headings.

    Such a name stands right above them; a row of the region above has cells as wide as its own headings.
    """
    if region.title is not None and region.title[0] < region.heading[0]:
        return region.title[0]
    row, view = region.heading[0] - 1, region.view
    if row <= above.heading[1] or row in view.rows.get(above.section.id, ()):
        return region.heading[0]
    own = {view.span(above.heading[0], column)[3] - column for column in above.columns.values()}
    spans = [view.span(row, column) for column in view.filled(row) if region.meets(column, column)]
    named = all(
        sum(left <= column <= right for column in region.columns.values()) > 1
        and not (left in above.columns.values() and right - left in own)
        for _, left, _, right in spans
    )
    return row if spans and named else region.heading[0]


def _part(region: Region, other: Region) -> None:
    """Draw the line between two regions that stand side by side."""
    if region.last_column < other.stub_end:
        region.right = min(region.right, region.last_column)
    else:
        region.left = region.start


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
        sections = {label.section.id for label in found}
        beside = (column for column in view.filled(row) if not sections & view.sections_named(row, column))
        if next(beside, None) != lead:
            continue
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
