"""Who has reported: what every unit of the roster owes and has sent, and what came in beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from toolkit.checks.heads import Head
from toolkit.checks.model import RosterUnit, Standing, StandingRow
from toolkit.checks.progress import month_said
from toolkit.form.model import Form
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue, Location, Verdict

RUNNING = "monitor"  # the entity of forms that are filled several times a year


@dataclass(frozen=True, slots=True)
class Owed:
    """A form a unit owes: for the year, or up to a month of it."""

    unit: RosterUnit
    form: str
    due: date | None
    month: int | None = None

    @property
    def period(self) -> str:
        """Return the period in words, empty for a whole year."""
        return f"{self.month}月" if self.month else ""

    def met_by(self, head: Head) -> bool:
        """Return whether a workbook is of this year and period; the unit and the form are known to be."""
        same_year = self.unit.year is None or head.year in (None, self.unit.year)
        return same_year and (self.month is None or month_said(head.period or "") == self.month)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is owed, and by when.

    `periods` are the months of which a form of the running year is owed, with their due dates. One that is
    not due yet is owed once any unit has reported it; without periods, one workbook a year is.
    """

    roster: Sequence[RosterUnit]
    forms: Mapping[str, Form]
    periods: Mapping[int, date]
    today: date

    def owed(self, heads: Iterable[Head]) -> Iterator[Owed]:
        """Yield every form that every unit owes."""
        begun = {month_said(head.period or "") for head in heads if self._is_running(head.form)}
        months = [month for month, due in sorted(self.periods.items()) if due <= self.today or month in begun]
        for unit in self.roster:
            for form in unit.forms or tuple(self.forms)[:1]:
                if self.periods and self._is_running(form):
                    yield from (Owed(unit, form, self.periods[month], month) for month in months)
                else:
                    yield Owed(unit, form, unit.due)

    def due(self, head: Head, unit: RosterUnit | None) -> date | None:
        """Return by when a workbook had to come."""
        month = month_said(head.period or "") if self._is_running(head.form) else None
        return self.periods.get(month) if self.periods and month else unit.due if unit else None

    def _is_running(self, form: str) -> bool:
        return form in self.forms and self.forms[form].entity == RUNNING


def late(heads: Iterable[Head], calendar: Calendar) -> Iterator[tuple[str, Issue]]:
    """Yield (file, issue) of every workbook filled in after it was due."""
    known = {unit.name: unit for unit in calendar.roster}
    for head in heads:
        unit = known.get(head.unit)
        limit = calendar.due(head, unit) if unit else None
        if limit is not None and head.filled is not None and head.filled > limit and not head.excluded:
            place = head.place(head.filled_at, "填报日期")
            found = issue("S15", place, found=str(head.filled), expected=str(limit), unit=head.unit)
            yield head.file, found


def standings(heads: Sequence[Head], calendar: Calendar, counting: Collection[str]) -> Iterator[StandingRow]:
    """Yield what every roster unit owes and has sent, then what came in beside it."""
    sent: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, head in enumerate(heads):
        sent[head.unit, head.form].append(at)
    placed: set[int] = set()
    for owed in calendar.owed(heads):
        unit = owed.unit
        mine = [
            at for at in sent.get((unit.name, owed.form), ()) if at not in placed and owed.met_by(heads[at])
        ]
        yield from (_row(heads[at], counting, calendar, unit, owed.due) for at in mine)
        placed.update(mine)
        if not any(heads[at].file in counting for at in mine):
            yield StandingRow(
                unit.name,
                owed.form,
                unit.year,
                Standing.MISSING,
                due=owed.due,
                contact=unit.contact,
                phone=unit.phone,
                period=owed.period,
            )
    known = {unit.name: unit for unit in calendar.roster}
    here = {_subject(head.unit, head.form, head.period) for head in heads if head.file in counting}
    for at, head in enumerate(heads):
        if at not in placed:
            if (merged := head.merged) is None:
                unit_of = known.get(head.unit)
                yield _row(head, counting, calendar, unit_of, calendar.due(head, unit_of))
                continue
            for row in merged.missing:  # unless our own roster asks it, or it has come since
                if row.unit not in known and _subject(row.unit, row.form, row.period) not in here:
                    yield replace(row, why=f"{merged.sender}报送时尚未收到")


def _subject(unit: str, form: str, period: str | None) -> tuple[str, str, int | None]:
    return unit, form, month_said(period or "")


def _row(
    head: Head,
    counting: Collection[str],
    calendar: Calendar,
    unit: RosterUnit | None,
    due: date | None,
) -> StandingRow:
    if head.is_unreadable:
        standing, why = Standing.UNREADABLE, "文件无法读取，不知是哪个单位的"
    elif head.excluded:
        standing, why = Standing.EXCLUDED, head.excluded
    elif head.file not in counting:
        standing, why = Standing.DUPLICATE, "同一单位另有采用的一份"
    elif unit is None and head.standing in ("", Standing.UNLISTED):
        standing, why = Standing.UNLISTED, "名册中没有这个单位" if calendar.roster else "没有名册"
    elif head.verdict is Verdict.RETURNED:
        standing, why = Standing.RETURNED, "有必改问题"
    elif due is not None and head.filled is not None and head.filled > due:
        standing, why = Standing.LATE, f"截止 {due}"
    elif head.standing == Standing.LATE:
        standing, why = Standing.LATE, f"由{head.sender}报送"
    else:
        standing, why = Standing.REPORTED, f"由{head.sender}报送" if head.sender else ""
    return StandingRow(
        unit=head.unit or (unit.name if unit else ""),
        form=head.form,
        year=head.year,
        standing=standing,
        file=head.file,
        verdict="" if head.excluded else head.verdict.value,
        fill_date=head.filled,
        due=due,
        contact=unit.contact if unit else "",
        phone=unit.phone if unit else "",
        why=why,
        period=head.period or "",
    )


def missed(rows: Iterable[StandingRow], forms: Mapping[str, Form]) -> Iterator[Issue]:
    """Yield an issue for every form that has not come."""
    for row in rows:
        if row.standing is Standing.MISSING:
            title = forms[row.form].title if row.form in forms else row.form
            year = f"{row.year}年度" if row.year else ""
            until = f"截至{row.period}" if row.period else ""
            words = "，".join(filter(None, (year, until)))
            about = f"（{words}）" if words else ""
            yield issue("S05", Location(), unit=row.unit, unit_name=row.unit, form_title=title, year=about)
