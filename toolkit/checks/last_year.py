"""Last year's workbooks: which of them is on the same thing as one of this year's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from toolkit.checks.identity import summary_answer
from toolkit.checks.model import CheckResult, Earlier, RosterUnit
from toolkit.checks.roster import match_unit, project_key
from toolkit.form.labels import normalise
from toolkit.form.model import Form

_Subject: TypeAlias = tuple[str, str, str]  # unit, entity, project


@dataclass(frozen=True, slots=True)
class LastYear:
    """What counted in the collection before this one, with the forms it was read under."""

    results: tuple[CheckResult, ...]
    forms: Mapping[str, Form] = field(default_factory=dict)

    @property
    def years(self) -> set[int | None]:
        """Return the fiscal years of its workbooks."""
        return {result.year for result in self.results}

    def matched(
        self,
        results: Sequence[CheckResult],
        roster: Sequence[RosterUnit],
        forms: Mapping[str, Form],
        counting: Collection[str],
    ) -> dict[str, Earlier]:
        """Return last year's workbook on the same unit (and project) for each file that counts.

        Units meet by the roster's names, codes and aliases, then by near names; a workbook of the same form
        goes before one of another form of the same entity; one of a year other than the last is none.
        """
        units = _listed(results, roster)
        known: dict[_Subject, list[Earlier]] = {}
        for earlier in self._entries():
            if subject := _subject(earlier.result, earlier.form, units):
                known.setdefault(subject, []).append(earlier)
        found = {}
        for result in results:
            if result.file not in counting or result.submission is None:
                continue
            form = forms[result.submission.form]
            subject = _subject(result, form, units)
            candidates = (
                [one for one in known.get(subject, ()) if _is_before(one.result, result)] if subject else []
            )
            if candidates:
                found[result.file] = min(candidates, key=lambda one: one.form.id != form.id)
        return found

    def of_unit(self, unit: RosterUnit, form: Form, year: int | None) -> Earlier | None:
        """Return a unit's workbook of the same form, of the year before `year`; None for none or several."""
        found = [
            one
            for one in self._entries()
            if one.form.id == form.id
            and (year is None or one.result.year in (None, year - 1))
            and match_unit(one.result.unit, [unit])[0] is not None
        ]
        return found[0] if len(found) == 1 else None

    def _entries(self) -> Iterable[Earlier]:
        for result in self.results:
            form = self.forms.get(result.submission.form) if result.submission else None
            if form is not None and form.entity != "monitor":  # a part of a year compares with no other
                yield Earlier(result, form)


def _listed(results: Iterable[CheckResult], roster: Sequence[RosterUnit]) -> list[RosterUnit]:
    """Return the units that names of last year may mean: the roster's, and those that came in beside it."""
    names = {unit.name for unit in roster}
    others = dict.fromkeys(result.unit for result in results if result.unit and result.unit not in names)
    return [*roster, *(RosterUnit("", name) for name in others)]


def _subject(result: CheckResult, form: Form, units: Sequence[RosterUnit]) -> _Subject | None:
    if result.submission is None or not result.unit:
        return None
    unit, _ = match_unit(result.unit, units)
    project = summary_answer(form, result.submission, "project_name")
    name = unit.name if unit else normalise(result.unit)
    return name, form.entity, project_key(project.text) if project is not None else ""


def _is_before(earlier: CheckResult, result: CheckResult) -> bool:
    return earlier.year is None or result.year is None or earlier.year == result.year - 1
