"""Which parts of a workbook cannot both be read: two that hold the same, of which one counts.

Two parts are rivals when both hold the same grid, name different units, projects or years, repeat each
other's texts or rows under the same heading, when one is not filled at all, or when the name of one says that
it is a copy, an old or a sample one of what stands elsewhere. A table that merely goes on elsewhere, or a
cover line repeated on every page, is no rival.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from toolkit.form.model import Form
from toolkit.submission.grid import RawValue
from toolkit.submission.lexicon import is_note
from toolkit.submission.parts import Part, differ
from toolkit.submission.places import View, is_blank
from toolkit.submission.tabs import bare, is_spare, unmarked, year_in

Filled: TypeAlias = frozenset[tuple[str, RawValue]]  # field and value of the filled cells of a row

REPEATED = 0.5  # of a sheet's longer texts, found on the other, that make it a copy
BLANK = 0.25  # of the answers for each label of the other: with fewer, a sheet is an empty blank
FRAGMENT = 2  # times the labels of a part make a form of which it is only a piece
LONG_TEXT = 4  # characters of a text that does not recur by chance
LEAST_REPEATED = 5  # values in the rows of a table that do not all recur by chance


def rivals_among(parts: Sequence[Part], pairs: Sequence[tuple[Part, Part]]) -> Mapping[Part, list[Part]]:
    """Return part -> its rivals; `pairs` are those of the parts that have the same labels.

    Once there are two forms, a sheet that nobody filled is a rival, too: elsewhere it may be the empty end
    of a table.
    """
    if not pairs:
        return {}
    spares, found, others = _Spares(parts), list[tuple[Part, Part]](), list[tuple[Part, Part]]()
    for pair in pairs:
        (found if _are_rivals(*pair, spares) else others).append(pair)
    if found:
        found += [pair for pair in others if _is_unfilled_beside(*pair) or _is_unfilled_beside(*pair[::-1])]
    rivals: dict[Part, list[Part]] = defaultdict(list)
    for one, other in found:
        rivals[one].append(other)
        rivals[other].append(one)
    return rivals


def _are_rivals(one: Part, other: Part, spares: _Spares) -> bool:
    grids = one.grids.keys() & other.grids.keys()
    if any(one.repeats(other, name) for name in grids):
        return True
    if not (grids or one.tables & other.tables):
        return False
    return (
        names_differ(one, other)
        or _answers_differ(one, other)
        or spares.hold(one, other)
        or spares.hold(other, one)
        or _repeats_texts(one, other)
        or _repeats_rows(one, other)
    )


@dataclass(slots=True)
class _Spares:
    """The parts of a workbook whose tabs say that they are not the ones that count."""

    parts: Sequence[Part]
    spare: set[Part] = field(init=False)
    tabs: set[str] = field(init=False)
    held: frozenset[str] = field(init=False)  # the sections of the other parts

    def __post_init__(self) -> None:
        """Look at the tabs."""
        dated = any(year_in(part.view.grid.name) for part in self.parts)
        newest = max((part.year for part in self.parts if dated and "year" in part.names), default=0)
        self.spare = {part for part in self.parts if is_spare(part.view.grid.name, newest)}
        self.tabs = {bare(part.view.grid.name) for part in self.parts}
        others = (part.sections for part in self.parts if part not in self.spare) if self.spare else ()
        self.held = frozenset[str]().union(*others)

    def hold(self, part: Part, other: Part) -> bool:
        """Return whether a part is a copy of another, or an old one.

        It is that of the sheet whose name it bears; when there is none, and all it holds stands elsewhere,
        that of every sheet that holds its tables.
        """
        if part not in self.spare:
            return False
        name = unmarked(part.view.grid.name)
        if name in self.tabs:
            return name == bare(other.view.grid.name)
        return other not in self.spare and part.sections <= self.held


def names_differ(one: Part, other: Part) -> bool:
    """Return whether two parts state another unit, project or year."""
    return any(differ(one.names[key], other.names[key]) for key in one.names.keys() & other.names.keys())


def _answers_differ(one: Part, other: Part) -> bool:
    """Return whether two parts answer half of what both ask otherwise; a repeated cover says the same."""
    both = one.answers.keys() & other.answers.keys()
    apart = sum(differ(one.answers[key], other.answers[key]) for key in both)
    return apart > 0 and 2 * apart >= len(both)


def is_blank_beside(part: Part, rivals: Sequence[Part]) -> bool:
    """Return whether a part has hardly an answer, measured by rivals that are no more than twice as large."""
    like = [other for other in rivals if len(other.labels) <= FRAGMENT * len(part.labels)]
    hardly = bool(like) and part.density < BLANK * max(other.density for other in like)
    return hardly or any(_is_unfilled_beside(part, other) for other in rivals)


def _is_unfilled_beside(part: Part, other: Part) -> bool:
    """Return whether a part has no answer at all, and all it asks for is asked and answered on the other."""
    return bool(part.sections) and part.sections <= other.sections and part.density == 0 < other.density


def _repeats_texts(one: Part, other: Part) -> bool:
    """Return whether half of the longer texts of one part stand on the other, too."""
    texts, others = _long_texts(one.form, one.view), _long_texts(one.form, other.view)
    return len(texts & others) >= max(2, REPEATED * min(len(texts), len(others)))


def _long_texts(form: Form, view: View) -> frozenset[str]:
    """Return the longer texts of a sheet's tables, in the rows without a label, that are no choices."""
    fields = [entry for section in form.sections for entry in section.fields]
    choices = {text for entry in fields for text in (*entry.choices, *entry.choice_aliases)}
    return frozenset(
        value
        for row, values in enumerate(view.grid.rows)
        if row not in view.labels
        for value in values
        if isinstance(value, str) and len(value) >= LONG_TEXT and value not in choices and not is_note(value)
    )


def _repeats_rows(one: Part, other: Part) -> bool:
    """Return whether all rows of a table on one part stand on the other, too, figure by figure."""
    for name in one.tables & other.tables:
        fewer, more = sorted((_rows(one, name), _rows(other, name)), key=len)
        if fewer <= more and sum(map(len, fewer)) >= LEAST_REPEATED:
            return True
    return False


def _rows(part: Part, table: str) -> frozenset[Filled]:
    """Return what stands in the rows of a table, where they say more than their levels."""
    rows, levels = (
        part.view.grid.rows,
        {entry.id for entry in part.form.section(table).fields if entry.fill_down},
    )
    found = set()
    for region in part.regions:
        if region.section.id == table:
            for line in range(region.first, region.end):
                cells = ((name, rows[line][column]) for name, column in region.columns.items())
                filled = frozenset((name, value) for name, value in cells if not is_blank(value))
                if any(name not in levels for name, _ in filled):
                    found.add(filled)
    return frozenset(found)
