"""A second unit's form, last year's, or a copy of a sheet in the same workbook: one is read, the others told.

Two sheets are rivals when both hold the same grid, name different units, projects or years, repeat each
other's texts under the same heading, or one bears the other's name with `(2)` behind it. A table that merely
goes on elsewhere, or a cover line repeated on every page, is none of these. A form pasted below the first on
one sheet is cut off as a part of its own beforehand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations, starmap
from typing import TypeAlias

from toolkit.form.model import Form
from toolkit.submission.lexicon import Lexicon, is_note
from toolkit.submission.parts import COPY, UNUSED, Part, cuts_of, differ, identity_of, labels_of, parts_of
from toolkit.submission.places import View

Key: TypeAlias = tuple[bool, int, bool, bool, bool]  # the smaller one is read
ALIKE = 0.8  # of a sheet's labels, found on the other: both hold the same tables
REPEATED = 0.5  # of a sheet's longer texts, found on the other, that make it a copy
LONG_TEXT = 4  # characters of a text that does not recur by chance
BLANK = 0.25  # of the answers for each label of the other: with fewer, a sheet is an empty blank
FRAGMENT = 2  # times the labels of a part make a form of which it is only a piece
_WHOSE = {"unit", "project_name"}


@dataclass(slots=True)
class Aside:
    """The parts of one form that is not read, and why it is not."""

    parts: list[Part]
    kept: list[Part]
    blank: bool = False
    alike: bool = False

    @property
    def filled(self) -> int:
        """Return how many cells of the parts hold something."""
        return sum(
            len(part.view.filled(row)) for part in self.parts for row in range(len(part.view.grid.rows))
        )

    @property
    def year_kept(self) -> int:
        """Return the latest year of the parts that are read; 0 when they name none."""
        return max((part.year for part in self.kept), default=0)

    def name(self, key: str) -> str:
        """Return the unit, project or year that the parts state."""
        return next((part.names[key] for part in self.parts if part.names.get(key)), "")


def choose(form: Form, lexicon: Lexicon, views: Sequence[View]) -> tuple[list[View], list[Aside]]:
    """Return the views to read, numbered anew, and the forms set aside."""
    identity = identity_of(form)
    cuts = {view.index: cuts_of(lexicon, view, identity) for view in views}
    if not any(cuts.values()) and not any(starmap(_much_alike, combinations(map(labels_of, views), 2))):
        return list(views), []
    parts = [part for view in views for part in parts_of(form, lexicon, view, cuts[view.index])]
    dealt = _Forms.of(parts)
    lost = _lost(dealt)
    if not lost:
        return list(views), []
    gone = {part for form in lost for part in form}
    chosen = [part.view for part in parts if part not in gone]
    for index, view in enumerate(chosen):
        view.index = index
    return chosen, [_aside(form, [part for part in parts if part not in gone], dealt) for form in lost]


# --- rivals -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Forms:
    """The parts of a workbook dealt out to as many forms as it holds, in the order of the workbook."""

    forms: list[list[Part]]
    rivals: dict[Part, list[Part]]  # part -> those of which it or they can be read, not both
    twins: dict[Part, list[Part]]  # likewise, but only because of the forms they belong to

    @classmethod
    def of(cls, parts: Sequence[Part]) -> _Forms:
        """Deal out the parts: no two rivals in one form, and what follows the start of a form is its own."""
        dealt = cls([[]], defaultdict(list), defaultdict(list))
        current = 0
        for part in parts:
            against = [other for form in dealt.forms for other in form if _rival(part, other)]
            pairs = dealt.rivals
            if not against and dealt._goes_on(part, current):
                against = [other for form in dealt.forms for other in dealt._twins(part, form)]
                pairs = dealt.twins
            for other in against:
                pairs[part].append(other)
                pairs[other].append(part)
            number = dealt._home(part, against, current)
            if number == len(dealt.forms):
                dealt.forms.append([])
            dealt.forms[number].append(part)
            current = number if against else current
        dealt._match()
        return dealt

    def _match(self) -> None:
        """Pair parts that no rival speaks for with their like in the forms that rival their own."""
        for form, other in permutations(self.forms, 2):
            rivals = {rival for part in form for rival in self.rivals.get(part, ())}
            for part in form if not rivals.isdisjoint(other) else ():
                if part not in self.rivals and part not in self.twins:
                    self.twins[part] += self._twins(part, other)

    def _goes_on(self, part: Part, current: int) -> bool:
        """Return whether a second form has begun, whose next sheet the part may be."""
        form = self.forms[current]
        begun = current > 0 and form[0].mark == part.mark and any(other.names for other in form)
        return begun and not self._twins(part, form)

    @staticmethod
    def _twins(part: Part, form: list[Part]) -> list[Part]:
        return [other for other in form if _same_labels(part.labels, other.labels)]

    def _home(self, part: Part, against: list[Part], current: int) -> int:
        """Return the number of a part's form: the current one, one of the same mark, or a new one."""
        free = [number for number, form in enumerate(self.forms) if not set(against) & set(form)]
        alike = [
            number
            for number in free
            if not self.forms[number] or any(other.mark == part.mark for other in self.forms[number])
        ]
        if current in free and (against or current in alike):
            return current
        return (alike or [len(self.forms)])[0]

    def year(self, part: Part) -> int:
        """Return the year of a part, else that of the form it belongs to."""
        home = next(form for form in self.forms if part in form)
        return part.year or max(other.year for other in home)


def _rival(one: Part, other: Part) -> bool:
    if not _same_labels(one.labels, other.labels):
        return False
    grids = one.grids.keys() & other.grids.keys()
    if any(one.repeats(other, name) for name in grids):
        return True
    if not (grids or one.tables & other.tables):
        return False
    if any(differ(one.names[key], other.names[key]) for key in one.names.keys() & other.names.keys()):
        return True
    names = sorted((one.view.grid.name.strip(), other.view.grid.name.strip()), key=len)
    if names[1].startswith(names[0]) and COPY.match(names[1], len(names[0])):
        return True
    texts, others = _long_texts(one.form, one.view), _long_texts(one.form, other.view)
    return len(texts & others) >= max(2, REPEATED * min(len(texts), len(others)))


def _much_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether two sheets share so many labels that a closer look is worth it."""
    return len(one & other) > min(len(one), len(other)) // 3


def _same_labels(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether the labels of one sheet are nearly all on the other."""
    return bool(one and other) and len(one & other) >= ALIKE * min(len(one), len(other))


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


# --- which one counts ---------------------------------------------------------------------------------


def _lost(dealt: _Forms) -> list[list[Part]]:
    """Return, form by form, the parts that are not read.

    A blank, an older year, a name that says copy or sample, or a hidden sheet loses; where nothing speaks for
    either, the form that won elsewhere wins, else the first.
    """
    keys = {part: _key(part, dealt) for part in dealt.rivals}
    wins = [_wins(form, dealt, keys) for form in dealt.forms]
    order = sorted(range(len(wins)), key=lambda number: (-wins[number], number))
    place = {part: order.index(number) for number, form in enumerate(dealt.forms) for part in form}
    losers: set[Part] = set()
    ranks = {part: (key, place[part]) for part, key in keys.items()}
    for part in sorted(keys, key=ranks.__getitem__):
        if any(ranks[other] < ranks[part] for other in dealt.rivals[part] if other not in losers):
            losers.add(part)
    losers |= {
        part for part, others in dealt.twins.items() if any(place[other] < place[part] for other in others)
    }
    return [lost for form in dealt.forms if (lost := [part for part in form if part in losers])]


def _wins(form: list[Part], dealt: _Forms, keys: Mapping[Part, Key]) -> int:
    """Return how often a form wins less how often it loses; a table that goes on elsewhere counts once."""

    def best(among: Sequence[Part], against: Sequence[Part]) -> Key:
        return min(keys[part] for part in among if not set(against).isdisjoint(dealt.rivals.get(part, ())))

    wins = 0
    for rival in dict.fromkeys(other for part in form for other in dealt.rivals.get(part, ())):
        own = [part for part in form if rival in dealt.rivals.get(part, ())]
        ours, theirs = best(own, [rival]), best(next(home for home in dealt.forms if rival in home), own)
        wins += (ours < theirs) - (ours > theirs)
    return wins


def _key(part: Part, dealt: _Forms) -> Key:
    rivals = dealt.rivals[part]
    years = [dealt.year(other) for other in (part, *rivals)]
    blank = _is_blank(part, rivals)
    nobody = not part.names.keys() & _WHOSE and any(other.names.keys() & _WHOSE for other in rivals)
    return (
        blank and nobody,
        max(years) - years[0] if years[0] else 0,
        blank,
        bool(COPY.search(part.view.grid.name) or UNUSED.search(part.view.grid.name)),
        not part.view.grid.visible,
    )


def _is_blank(part: Part, rivals: Sequence[Part]) -> bool:
    """Return whether a part has hardly an answer, measured by rivals that are no more than twice as large."""
    like = [other for other in rivals if len(other.labels) <= FRAGMENT * len(part.labels)]
    return bool(like) and _density(part) < BLANK * max(map(_density, like))


def _density(part: Part) -> float:
    """Return how many cells that are no labels hold something, for each label."""
    view, rows = part.view, range(len(part.view.grid.rows))
    filled = sum(len(set(view.filled(row)) - view.labels.get(row, {}).keys()) for row in rows)
    return filled / max(1, len(part.labels))


def _aside(lost: list[Part], chosen: list[Part], dealt: _Forms) -> Aside:
    """Return a form that is not read, with the sheets that are read in its place."""
    against = {part: {*dealt.rivals.get(part, ()), *dealt.twins.get(part, ())} for part in lost}
    kept = [part for part in chosen if any(part in others for others in against.values())] or chosen[:1]
    pairs = [(part, other) for part in lost for other in kept if other in against[part]]
    return Aside(
        lost,
        kept,
        blank=all(_density(part) < BLANK * _density(other) for part, other in pairs),
        alike=all(part.view.grid.rows == other.view.grid.rows for part, other in pairs),
    )
