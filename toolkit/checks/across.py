"""Between workbooks: who is on the roster, which file counts, who is late or missing."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from toolkit.checks.batches import opened
from toolkit.checks.counting import Chooser
from toolkit.checks.findings import Findings
from toolkit.checks.heads import Head
from toolkit.checks.last_year import LastYear
from toolkit.checks.likeness import compare_texts
from toolkit.checks.model import (
    CheckResult,
    Collected,
    Earlier,
    RosterUnit,
    Standing,
    StandingRow,
    Waiver,
    issue_key,
)
from toolkit.checks.policy import Policy
from toolkit.checks.projects import compare_projects, same_scores
from toolkit.checks.results import Results
from toolkit.checks.roster import Units
from toolkit.checks.waivers import waive
from toolkit.checks.yearly import compare_years, with_last_year
from toolkit.form.model import Form
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue, Location, Verdict


def judge_across(  # noqa: PLR0913 - what a collection decides about its workbooks, each by name
    results: Iterable[CheckResult],
    roster: Sequence[RosterUnit],
    forms: Mapping[str, Form],
    *,
    year: int | None = None,
    due: date | None = None,
    policy: Policy | None = None,
    waivers: Sequence[Waiver] = (),
    chooser: Chooser | None = None,
    last_year: LastYear | None = None,
) -> Collected:
    """Judge all workbooks of a collection together.

    Results come back in the order of their file names, those that 报送 files hold among them, under the
    roster's spelling of their unit, with the issues that only appear between workbooks, the gravest first.
    `year` and `due` stand in where the roster gives none. Verdicts and standings are those after `policy`
    and `waivers`; `chooser` decides which of several workbooks counts. With `last_year`, its figures fill the
    blanks about it, and what counts is compared with it.
    """
    policy = policy or Policy()
    listed = [replace(unit, year=unit.year or year, due=unit.due or due) for unit in roster]
    units, chooser = Units(listed), chooser or Chooser(forms)
    named = opened(Results.of(results, forms)).by_file()
    named = named.changed(lambda head, result: chooser.flagged(_on_roster(head, result, units)))
    findings = Findings(named.store)
    counted = chooser.counted(named)
    counting = counted.files
    findings.add(counted.told)
    findings.add(_late(named.heads, listed))
    earlier = last_year.matched(named.heads, listed, forms, counting) if last_year else {}
    named = _compared(named, forms, earlier, policy, findings)
    findings.add(compare_projects(named, forms, counting), likened=True)
    findings.add(same_scores(named.heads, forms, counting), likened=True)
    findings.add(compare_texts(named, listed, forms, counting, policy), likened=True)
    told = named.changed(lambda head, result: _treated(_with_new(result, *findings.of(result.file)), policy))
    missing = tuple(policy.all_treated(_missing(_standings(told.heads, listed, forms, counting), forms)))
    final, missing, uses = waive(told, missing, waivers, listed, policy.today)
    standings = tuple(_standings(final.heads, listed, forms, counting))
    return Collected(final, standings, counting, missing, uses, earlier=earlier)


def _compared(
    results: Results,
    forms: Mapping[str, Form],
    earlier: Mapping[str, Earlier],
    policy: Policy,
    findings: Findings,
) -> Results:
    """Return the results with the blanks that last year's workbooks fill; tell what both years show."""
    filled = []
    for at, one in enumerate(results.kept):
        before = earlier.get(one.head.file)
        if before is not None:
            form, result = forms[one.head.form], results[at]
            complete, notes = with_last_year(result, form, before)
            found = [*notes, *compare_years(complete, form, before, policy)]
            findings.add((one.head.file, item) for item in found)
            filled.append(one if complete is result else results.with_answers(one, complete))
        else:
            filled.append(one)
    return Results(results.store, filled)


def _treated(result: CheckResult, policy: Policy) -> CheckResult:
    issues = sorted(policy.all_treated(result.issues), key=lambda item: item.order)
    return replace(result, issues=tuple(issues))


def _on_roster(head: Head, result: CheckResult, roster: Units) -> CheckResult:
    """Return the result under the roster's name; an issue says when it was guessed or is unknown."""
    if not roster or not head.is_read or not result.unit:
        return result
    unit, guessed = roster.match(result.unit)
    if unit is None and result.sender:
        return result  # its sender knows it
    place = head.place(head.unit_at, "单位名称")
    if unit is None:
        near = difflib.get_close_matches(result.unit, roster.names, n=1, cutoff=0.4)
        hint = f"（名册中相近的有“{near[0]}”）" if near else ""
        return _with(result, issue("S02", place, found=result.unit, near=hint, unit=result.unit))
    issues = tuple(replace(item, unit=unit.name) for item in result.issues)
    district = result.district or unit.district
    renamed = replace(result, unit=unit.name, district=district, issues=issues)
    if not guessed:
        return renamed
    return _with(renamed, issue("S22", place, found=result.unit, expected=unit.name, unit=unit.name))


def _with(result: CheckResult, *found: Issue) -> CheckResult:
    return replace(result, issues=(*result.issues, *(item.in_file(result.file) for item in found)))


def _with_new(result: CheckResult, found: Iterable[Issue], likened: Sequence[Issue]) -> CheckResult:
    """Return the result with what was found between workbooks, but for what its sender has told already.

    `likened` hangs on which workbooks are compared: who compares more of them finds it anew, so the result
    remembers which of its issues are of this kind.
    """
    own = {issue_key(item) for item in result.issues}
    told = own if result.sender else set()
    new = [item for item in (*found, *likened) if issue_key(item) not in told]
    keys = tuple(key for item in likened if (key := issue_key(item)) not in own)
    return replace(_with(result, *new), likened=keys)


# ── who has reported ────────────────────────────────────────────────────────────────────────────────


def _late(heads: Iterable[Head], roster: Sequence[RosterUnit]) -> Iterator[tuple[str, Issue]]:
    due = {unit.name: unit.due for unit in roster}
    for head in heads:
        limit = due.get(head.unit)
        if limit is not None and head.filled is not None and head.filled > limit and not head.excluded:
            place = head.place(head.filled_at, "填报日期")
            found = issue("S15", place, found=str(head.filled), expected=str(limit), unit=head.unit)
            yield head.file, found


def _standings(
    heads: Sequence[Head],
    roster: Sequence[RosterUnit],
    forms: Mapping[str, Form],
    counting: Collection[str],
) -> Iterator[StandingRow]:
    """Yield what every roster unit owes and has sent, then what came in beside it."""
    sent: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, head in enumerate(heads):
        sent[head.unit, head.form].append(at)
    placed: set[int] = set()
    for unit in roster:
        for form in unit.forms or tuple(forms)[:1]:
            mine = [
                at
                for at in sent.get((unit.name, form), ())
                if at not in placed and (unit.year is None or heads[at].year in (None, unit.year))
            ]
            yield from (_row(heads[at], counting, unit) for at in mine)
            placed.update(mine)
            if not any(heads[at].file in counting for at in mine):
                yield StandingRow(
                    unit.name,
                    form,
                    unit.year,
                    Standing.MISSING,
                    due=unit.due,
                    contact=unit.contact,
                    phone=unit.phone,
                )
    known = {unit.name: unit for unit in roster}
    here = {(head.unit, head.form) for head in heads if head.is_read and head.file in counting}
    for at, head in enumerate(heads):
        if at not in placed:
            if (merged := head.merged) is None:
                yield _row(head, counting, known.get(head.unit))
                continue
            for row in merged.missing:  # unless our own roster asks it, or it has come since
                if row.unit not in known and (row.unit, row.form) not in here:
                    yield replace(row, why=f"{merged.sender}报送时尚未收到")


def _row(head: Head, counting: Collection[str], unit: RosterUnit | None) -> StandingRow:
    due = unit.due if unit else None
    if head.is_unreadable:
        standing, why = Standing.UNREADABLE, "文件无法读取，不知是哪个单位的"
    elif head.excluded:
        standing, why = Standing.EXCLUDED, head.excluded
    elif head.file not in counting:
        standing, why = Standing.DUPLICATE, "同一单位另有采用的一份"
    elif unit is None and head.standing in ("", Standing.UNLISTED):
        standing, why = Standing.UNLISTED, "名册中没有这个单位"
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
    )


def _missing(standings: Iterable[StandingRow], forms: Mapping[str, Form]) -> Iterator[Issue]:
    for row in standings:
        if row.standing is Standing.MISSING:
            title = forms[row.form].title if row.form in forms else row.form
            year = f"（{row.year}年度）" if row.year else ""
            yield issue("S05", Location(), unit=row.unit, unit_name=row.unit, form_title=title, year=year)
