"""Last year's workbooks: which of them is on the same thing as one of this year's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from toolkit.checks.heads import Head
from toolkit.checks.model import Earlier, RosterUnit
from toolkit.checks.results import Results
from toolkit.checks.roster import Units, match_unit, project_key
from toolkit.form.labels import normalise
from toolkit.form.model import Form

_Subject: TypeAlias = tuple[str, str, str]  # unit, entity, project


@dataclass(frozen=True, slots=True)
class LastYear:
    """What counted in the collection before this one, with the forms it was read under."""

    results: Results
    forms: Mapping[str, Form] = field(default_factory=dict)

    @property
    def years(self) -> set[int | None]:
        """Return the fiscal years of its workbooks."""
        return {head.year for head in self.results.heads}

    def matched(
        self,
        heads: Sequence[Head],
        roster: Sequence[RosterUnit],
        forms: Mapping[str, Form],
        counting: Collection[str],
    ) -> dict[str, Earlier]:
        """Return last year's workbook on the same unit (and project) for each file that counts.

        Units meet by the roster's names, codes and aliases, then by near names, projects by their names, then
        by like ones if there is one only; a workbook of the same form goes before one of another form of the
        same entity; one of a year other than the last is none.
        """
        units = Units(_listed(heads, roster))
        known: dict[_Subject, list[Earlier]] = {}
        for earlier in self._entries():
            if subject := _subject(earlier.head, earlier.form, units):
                known.setdefault(subject, []).append(earlier)
        found = {}
        for head in heads:
            if head.file not in counting or not head.is_read:
                continue
            form = forms[head.form]
            subject = _subject(head, form, units)
            candidates = [
                one for one in (known.get(subject, ()) if subject else ()) if _is_before(one.head, head)
            ]
            if before := _same(candidates, head, form):
                found[head.file] = before
        return found

    def of_unit(self, unit: RosterUnit, form: Form, year: int | None) -> Earlier | None:
        """Return a unit's workbook of the same form, of the year before `year`; None for none or several."""
        found = [
            one
            for one in self._entries()
            if one.form.id == form.id
            and (year is None or one.head.year in (None, year - 1))
            and match_unit(one.head.unit, [unit])[0] is not None
        ]
        return found[0] if len(found) == 1 else None

    def _entries(self) -> Iterator[Earlier]:
        for at, head in enumerate(self.results.heads):
            form = self.forms.get(head.form)
            if form is not None and form.entity != "monitor":  # a part of a year compares with no other
                yield Earlier.of(self.results, at, form)


def _listed(heads: Iterable[Head], roster: Sequence[RosterUnit]) -> list[RosterUnit]:
    """Return the units that names of last year may mean: the roster's, and those that came in beside it."""
    names = {unit.name for unit in roster}
    others = dict.fromkeys(head.unit for head in heads if head.unit and head.unit not in names)
    return [*roster, *(RosterUnit("", name) for name in others)]


def _subject(head: Head, form: Form, units: Units) -> _Subject | None:
    if not head.is_read or not head.unit:
        return None
    unit, _ = units.match(head.unit)
    name = unit.name if unit else normalise(head.unit)
    return name, form.entity, project_key(head.project) if head.project is not None else ""


def _same(candidates: Sequence[Earlier], head: Head, form: Form) -> Earlier | None:
    """Return the workbook on the same thing among those on things of like names; None in doubt."""
    name = normalise(head.project or "")
    names = {one.head.file: normalise(one.head.project or "") for one in candidates}
    named = [one for one in candidates if names[one.head.file] == name]
    if not named and len(set(names.values())) > 1:
        return None
    return min(named or candidates, key=lambda one: one.form.id != form.id, default=None)


def _is_before(earlier: Head, head: Head) -> bool:
    return earlier.year is None or head.year is None or earlier.year == head.year - 1
