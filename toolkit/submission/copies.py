"""A second unit's form, last year's, or a copy of a sheet in the same workbook: one is read, the others told.

A form pasted below the first on one sheet is cut off as a part of its own; then the parts are dealt out to
the forms. Of another unit, project or year nothing is read; of two copies of a sheet one is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, starmap
from typing import TypeAlias

from toolkit.form.model import Form
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue, Location, Severity
from toolkit.submission.dealing import Dealt, deal, much_alike
from toolkit.submission.grid import a1
from toolkit.submission.lexicon import Lexicon
from toolkit.submission.model import SectionData
from toolkit.submission.parts import Part, cuts_of, differ, identity_of, parts_of
from toolkit.submission.places import View, is_blank
from toolkit.submission.rivals import BLANK, is_blank_beside
from toolkit.submission.tabs import is_spare

Key: TypeAlias = tuple[bool, int, bool, bool, bool]  # the smaller one is read
_WHOSE = {"unit", "project_name"}


@dataclass(slots=True)
class Aside:
    """The parts of one form that is not read, and why it is not."""

    parts: list[Part]
    kept: list[Part]
    blank: bool = False
    alike: bool = False
    unsure: list[tuple[Part, Part]] = field(default_factory=list)  # read and not, perhaps wrongly

    @property
    def filled(self) -> int:
        """Return how many cells of the parts hold something."""
        views = [part.view for part in self.parts]
        near = sum(len(view.filled(row)) for view in views for row in range(len(view.grid.rows)))
        return near + sum(not is_blank(text) for view in views for text in view.grid.far.values())

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
    if not any(cuts.values()) and not any(
        starmap(much_alike, combinations((view.words for view in views), 2))
    ):
        return list(views), []
    parts = [part for view in views for part in parts_of(lexicon, view, cuts[view.index])]
    dealt = deal(parts)
    lost = _lost(dealt)
    if not lost:
        return list(views), []
    gone = {part for form in lost for part in form}
    chosen = [part.view for part in parts if part not in gone]
    for index, view in enumerate(chosen):
        view.index = index
    return chosen, [_aside(form, [part for part in parts if part not in gone], dealt) for form in lost]


# --- which one counts ---------------------------------------------------------------------------------


def _lost(dealt: Dealt) -> list[list[Part]]:
    """Return, form by form, the parts that are not read.

    A blank, an older year, a name that says copy or sample, or a hidden sheet loses; where nothing speaks for
    either, the form that won elsewhere wins, else the first.
    """
    keys = {part: _key(part, dealt) for part in dealt.rivals}
    wins = [_wins(form, dealt, keys) for form in dealt.forms]
    order = sorted(range(len(wins)), key=lambda number: (-wins[number], number))
    place = {part: order.index(number) for number, form in enumerate(dealt.forms) for part in form}
    first = dealt.forms[order[0]]
    losers = {part for form in dealt.forms if _strangers(first, form, dealt) for part in form}
    ranks = {part: (key, place[part]) for part, key in keys.items() if part not in losers}
    for part in sorted(ranks, key=ranks.__getitem__):
        if any(ranks[other] < ranks[part] for other in dealt.rivals[part] if other not in losers):
            losers.add(part)
    losers |= {
        part
        for part, others in dealt.twins.items()
        if part not in dealt.rivals and any(place[other] < place[part] for other in others)
    }
    return [lost for form in dealt.forms if (lost := [part for part in form if part in losers])]


def _strangers(one: list[Part], other: list[Part], dealt: Dealt) -> bool:
    """Return whether two forms are of different units, projects or years."""
    if one is other or not any(rival in one for part in other for rival in dealt.rivals.get(part, ())):
        return False
    for key in ("unit", "project_name"):
        stated = [[part.names[key] for part in form if key in part.names] for form in (one, other)]
        if all(stated) and all(differ(here, there) for here in stated[0] for there in stated[1]):
            return True
    years = [max(part.year for part in form) for form in (one, other)]
    return all(years) and years[0] != years[1]


def _wins(form: list[Part], dealt: Dealt, keys: Mapping[Part, Key]) -> int:
    """Return how often a form wins less how often it loses; a table that goes on elsewhere counts once."""

    def best(among: Sequence[Part], against: Sequence[Part]) -> Key:
        return min(keys[part] for part in among if not set(against).isdisjoint(dealt.rivals.get(part, ())))

    wins = 0
    for rival in dict.fromkeys(other for part in form for other in dealt.rivals.get(part, ())):
        own = [part for part in form if rival in dealt.rivals.get(part, ())]
        ours, theirs = best(own, [rival]), best(dealt.home(rival), own)
        wins += (ours < theirs) - (ours > theirs)
    return wins


def _key(part: Part, dealt: Dealt) -> Key:
    rivals = dealt.rivals[part]
    years = [dealt.year(other) for other in (part, *rivals)]
    blank = is_blank_beside(part, rivals)
    nobody = not part.names.keys() & _WHOSE and any(other.names.keys() & _WHOSE for other in rivals)
    return (
        blank and nobody,
        max(years) - years[0] if years[0] else 0,
        blank,
        is_spare(part.view.grid.name),
        not part.view.grid.visible,
    )


def _aside(lost: list[Part], chosen: list[Part], dealt: Dealt) -> Aside:
    """Return a form that is not read, with the sheets that are read in its place."""
    against = {part: {*dealt.rivals.get(part, ()), *dealt.twins.get(part, ())} for part in lost}
    kept = [part for part in chosen if any(part in others for others in against.values())] or chosen[:1]
    pairs = [(part, other) for part in lost for other in kept if other in against[part]]
    return Aside(
        lost,
        kept,
        blank=all(part.density < BLANK * other.density for part, other in pairs),
        alike=all(part.view.grid.rows == other.view.grid.rows for part, other in pairs),
        unsure=[
            (other, part)
            for part, other in pairs
            if frozenset((part, other)) in dealt.unsure
            and _strangers(dealt.home(other), dealt.home(part), dealt)
        ],
    )


# --- what is told of it ---------------------------------------------------------------------------------


def told(form: Form, aside: Aside, sections: Mapping[str, SectionData]) -> Iterator[Issue]:
    """Yield the issue of a form that is not read, and one for each sheet that may be of it, too."""
    yield _told(form, aside, sections)
    for read, other in aside.unsure:
        location = Location(sheet=read.view.grid.name)
        yield issue("S29", location, found=other.where.strip(), kept=read.where.strip())


def _told(form: Form, aside: Aside, sections: Mapping[str, SectionData]) -> Issue:
    """Return the one issue of another form in the same workbook: whose it is, or how it differs from ours."""
    read = {
        key: next((text for ref in refs if (text := _first(sections[ref.section], ref.field))), "")
        for key in ("unit", "project_name", "year")
        if (refs := form.summary.get(key, ()))
    }
    place = aside.parts[0]
    location = Location(sheet=place.view.grid.name, cell=a1(place.rows.start, 0) if not place.whole else "")
    where = "、".join(part.where for part in aside.parts)
    for key, word in (("unit", "单位"), ("project_name", "项目")):
        other = aside.name(key)
        if differ(other, read.get(key, "")):
            return issue("S23", location, found=other, expected=read[key], where=where, what=word)
    kept = "、".join(part.where for part in aside.kept)
    year = max(part.year for part in aside.parts)
    if year and year != aside.year_kept:
        return issue(
            "S24", location, severity=Severity.NOTE, where=where, what=f" {year} 年度的表", kept=kept
        )
    what = "份没有填写的表" if aside.blank else "份内容相同的表" if aside.alike else "份内容不同的表"
    severity = Severity.NOTE if aside.blank or aside.alike else None
    return issue("S24", location, severity=severity, where=where, what=what, kept=kept)


def _first(data: SectionData, field_id: str) -> str:
    return data.rows[0][field_id].raw if data.rows else ""
