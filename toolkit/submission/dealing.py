"""The parts of a workbook dealt out to the forms it holds: whose is each sheet?

Rivals (`rivals.py`) are never of one form. The rest is weighed: sheets of one form say the same of whose it
is, bear the same mark in their tabs, hold each table once and all of them together, and stand one after the
other in the order of the form.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import TypeAlias

from toolkit.form.labels import normalise
from toolkit.submission.parts import Part
from toolkit.submission.rivals import is_blank_beside, names_differ, rivals_among

Deal: TypeAlias = dict[Part, int]  # part -> number of its form
ALIKE = 0.8  # of a sheet's labels, found on the other: both hold the same tables
MOST_WEIGHED = 40  # parts beyond which the first deal stands
SURE = 10  # what exchanging two sheets must cost before it is sure whose each is
_RIVALS_TOGETHER, _NAMES_APART, _NO_COPY = 1000, 30, 30  # what speaks against a deal
_FROM_BLANK, _MARKS_APART, _TWICE, _MISSING, _AWAY, _BACKWARDS = 20, 15, 8, 8, 5, 5


@dataclass(slots=True)
class Dealt:
    """The parts of a workbook by form, in the order of the workbook."""

    forms: list[list[Part]]
    rivals: Mapping[Part, list[Part]]  # part -> those of which it or they can be read, not both
    twins: Mapping[Part, list[Part]]  # part -> those of other forms with its labels, rivals or not
    unsure: frozenset[frozenset[Part]] = frozenset()  # pairs that might as well be exchanged

    def home(self, part: Part) -> list[Part]:
        """Return the parts of the form a part belongs to."""
        return next(form for form in self.forms if part in form)

    def year(self, part: Part) -> int:
        """Return the year of a part, else that of the form it belongs to."""
        return part.year or max(other.year for other in self.home(part))


def deal(parts: Sequence[Part]) -> Dealt:
    """Deal out the parts of a workbook: no two rivals in one form, whatever else they are."""
    alike: dict[Part, list[Part]] = defaultdict(list)
    pairs = [pair for pair in combinations(parts, 2) if same_labels(pair[0].labels, pair[1].labels)]
    for one, other in pairs:
        alike[one].append(other)
        alike[other].append(one)
    rivals = rivals_among(parts, pairs)
    if not rivals:
        return Dealt([list(parts)], {}, {})
    scales = _Scales(parts, rivals, alike, _marks(parts, alike))
    dealt = scales.first_deal()
    if len(parts) <= MOST_WEIGHED:
        dealt = scales.improved(dealt)
    forms = [
        [part for part in parts if dealt[part] == number]
        for number in dict.fromkeys(map(dealt.__getitem__, parts))
    ]
    twins = {
        part: others
        for part in alike
        if (others := [other for other in alike[part] if dealt[other] != dealt[part]])
    }
    return Dealt(forms, rivals, twins, frozenset(scales.unsure(dealt)))


def much_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether two sheets share so many labels that a closer look is worth it."""
    return len(one & other) > min(len(one), len(other)) // 3


def same_labels(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether the labels of one sheet are nearly all on the other."""
    return bool(one and other) and len(one & other) >= ALIKE * min(len(one), len(other))


# --- marks in the tabs --------------------------------------------------------------------------------


def _marks(parts: Sequence[Part], alike: Mapping[Part, Sequence[Part]]) -> dict[Part, str]:
    """Return what each tab says of its series: `(2)`, 旧, 白塔; an empty text where it says nothing.

    Beside the usual marks it is what a tab has behind the name of its like (收支, 收支（白塔）), and a piece
    of a unit's name that the other units and the form do not have.
    """
    tabs = {part: normalise(part.view.grid.name) for part in parts}
    added = {
        tabs[part].replace(tabs[other], "", 1)
        for part, others in alike.items()
        for other in others
        if tabs[other] != tabs[part] and tabs[part].startswith(tabs[other])
    }
    affixes = sorted((affix for affix in added if len(affix) > 1), key=len, reverse=True)
    units = _telling_pieces(parts)
    return {
        part: part.mark
        or next((affix for affix in affixes if tab.endswith(affix)), "")
        or next((unit for unit, pieces in units.items() if any(piece in tab for piece in pieces)), "")
        for part, tab in tabs.items()
    }


def _telling_pieces(parts: Sequence[Part]) -> dict[str, set[str]]:
    """Return, for each unit named, the pairs of characters of its name that tell it from all else."""
    units = {normalise(part.names["unit"]): set[str]() for part in parts if "unit" in part.names}
    if len(units) < 2:
        return {}
    form = parts[0].form
    common = _pairs(" ".join([*(sheet.name for sheet in form.sheets), *(one.title for one in form.sections)]))
    for unit in units:
        others = set().union(*(_pairs(other) for other in units if other != unit))
        units[unit] = _pairs(unit) - others - common
    return units


def _pairs(text: str) -> set[str]:
    return {one + other for one, other in pairwise(text)}


# --- whose is each ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Scales:
    """What speaks against parts being of one form, and what a deal of all parts costs."""

    parts: Sequence[Part]
    rivals: Mapping[Part, Sequence[Part]]
    alike: Mapping[Part, Sequence[Part]]
    marks: Mapping[Part, str]
    order: dict[Part, int] = field(init=False)  # where a part's first section stands in the form
    everything: frozenset[str] = field(init=False)  # all sections that are anywhere
    blank: set[Part] = field(init=False)  # nothing goes on elsewhere from an empty table
    apart: dict[Part, set[Part]] = field(init=False)  # part -> those that state another unit, project or year

    def __post_init__(self) -> None:
        """Look up what each part holds."""
        self.everything = _held(self.parts)
        self.blank = {part for part, rivals in self.rivals.items() if is_blank_beside(part, rivals)}
        self.apart = {one: {other for other in self.parts if names_differ(one, other)} for one in self.parts}
        places = {section.id: place for place, section in enumerate(self.parts[0].form.sections)}
        self.order = {
            part: min(map(places.__getitem__, part.sections)) for part in self.parts if part.sections
        }

    def first_deal(self) -> Deal:
        """Deal out the parts one by one, those that say whose they are first, each where it costs least."""
        dealt: Deal = {}
        sure = sorted(self.parts, key=lambda part: (-len(part.names), not self.marks[part]))
        for part in sure:
            count = 1 + max(dealt.values(), default=-1)
            against = {dealt[rival] for rival in self.rivals.get(part, ()) if rival in dealt}
            free = [number for number in range(count) if number not in against] or [count]
            costs = {number: self.cost({**dealt, part: number}) if len(free) > 1 else 0 for number in free}
            dealt[part] = min(free, key=costs.__getitem__)
        return dealt

    def improved(self, dealt: Deal) -> Deal:
        """Move and exchange parts as long as that makes the deal cost less."""
        cost = self.cost(dealt)
        while True:
            changed = min(self._changes(dealt), key=self.cost, default=dealt)
            if (less := self.cost(changed)) >= cost:
                return dealt
            dealt, cost = changed, less

    def unsure(self, dealt: Deal) -> Iterator[frozenset[Part]]:
        """Yield the pairs of parts that might as well be exchanged: neither says whose it is."""
        cost, sizes = self.cost(dealt), Counter(dealt.values())
        for one, other in self._exchangeable(dealt):
            if (
                sizes[dealt[one]] + sizes[dealt[other]] > 2  # two forms of one part each stay the same
                and other not in self.apart[one]
                and self.cost({**dealt, one: dealt[other], other: dealt[one]}) < cost + SURE
            ):
                yield frozenset((one, other))

    def _changes(self, dealt: Deal) -> Iterator[Deal]:
        for part in self.parts:
            against = {dealt[rival] for rival in self.rivals.get(part, ())}
            for number in set(dealt.values()) - against - {dealt[part]}:
                yield {**dealt, part: number}
        for one, other in self._exchangeable(dealt):
            yield {**dealt, one: dealt[other], other: dealt[one]}

    def _exchangeable(self, dealt: Deal) -> Iterator[tuple[Part, Part]]:
        for one, other in combinations(self.parts, 2):
            if dealt[one] != dealt[other] and other in self.alike.get(one, ()):
                yield one, other

    def cost(self, dealt: Deal) -> int:
        """Return how much speaks against a deal: a whole form lacks nothing, copies draw no other sheets."""
        numbers = [dealt[part] for part in self.parts if part in dealt]
        cost = _AWAY * sum(one != other for one, other in pairwise(numbers))
        forms: dict[int, list[Part]] = defaultdict(list)
        for part in self.parts:
            if part in dealt:
                forms[dealt[part]].append(part)
        held = {number: _held(form) for number, form in forms.items()}
        filled = {number: [part for part in form if part not in self.blank] for number, form in forms.items()}
        bare = {number: [part for part in form if not self.marks[part]] for number, form in filled.items()}
        ranks = {number: (-len(_held(bare[number])), -len(_held(filled[number])), number) for number in forms}
        largest = sorted(forms, key=ranks.__getitem__)
        for place, number in enumerate(largest):
            form = forms[number]
            cost += self._together(form)
            if all(self._are_strangers(form, forms[larger]) for larger in largest[:place]):
                cost += _MISSING * len(self.everything - held[number])
            else:
                cost += _NO_COPY * sum(part not in self.rivals and not self.marks[part] for part in form)
        return cost

    def _are_strangers(self, form: Sequence[Part], other: Sequence[Part]) -> bool:
        return any(not self.apart[part].isdisjoint(other) for part in form)

    def _together(self, form: Sequence[Part]) -> int:
        """Return how much speaks against some parts being of one form."""
        cost = 0
        for one, other in combinations(form, 2):
            cost += _NAMES_APART * (other in self.apart[one])
            if other in self.alike.get(one, ()) and one.sections & other.sections:
                cost += _RIVALS_TOGETHER if other in self.rivals.get(one, ()) else _TWICE
                cost += _FROM_BLANK * ((one in self.blank) is not (other in self.blank))
        marks = Counter(self.marks[part] for part in form)
        cost += _MARKS_APART * (len(form) - max(marks.values()))
        places = [self.order[part] for part in form if part in self.order]
        return cost + _BACKWARDS * sum(one > other for one, other in pairwise(places))


def _held(parts: Iterable[Part]) -> frozenset[str]:
    return frozenset[str]().union(*(part.sections for part in parts))
