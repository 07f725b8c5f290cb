"""Where a region ends: at the next heading, title or line of answers, unless that stands beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import permutations

from toolkit.submission.places import Label, Region


def bound(regions: Sequence[Region], labels: Sequence[Label]) -> None:
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
