"""Between workbooks: who is on the roster, which file counts, who is late or missing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
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
    Waiver,
    issue_key,
)
from toolkit.checks.policy import Policy
from toolkit.checks.prior_figures import with_last_year
from toolkit.checks.projects import compare_projects, same_scores
from toolkit.checks.results import Results
from toolkit.checks.roster import Units
from toolkit.checks.standings import Calendar, late, missed, standings
from toolkit.checks.waivers import waive
from toolkit.checks.yearly import compare_years
from toolkit.form.model import Form
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue


def judge_across(  # noqa: PLR0913 - what a collection decides about its workbooks, each by name
    results: Iterable[CheckResult],
    roster: Sequence[RosterUnit],
    forms: Mapping[str, Form],
    *,
    year: int | None = None,
    due: date | None = None,
    periods: Mapping[int, date] | None = None,
    policy: Policy | None = None,
    waivers: Sequence[Waiver] = (),
    chooser: Chooser | None = None,
    last_year: LastYear | None = None,
) -> Collected:
    """Judge all workbooks of a collection together.

    Results come back in the order of their file names, those that 报送 files hold among them, under the
    roster's spelling of their unit, with the issues that only appear between workbooks, the gravest first.
    `year` and `due` stand in where the roster gives none; `periods` are the months up to which a form of the
    running year is owed, each with its due date. Verdicts and standings are those after `policy`
    and `waivers`; `chooser` decides which of several workbooks counts. With `last_year`, its figures fill the
    blanks about it, and what counts is compared with it.
    """
    policy = policy or Policy()
    listed = [replace(unit, year=unit.year or year, due=unit.due or due) for unit in roster]
    calendar = Calendar(listed, forms, periods or {}, policy.today)
    units, chooser = Units(listed), chooser or Chooser(forms)
    named = opened(Results.of(results, forms)).by_file()
    named = named.changed(lambda head, result: chooser.flagged(_on_roster(head, result, units)))
    findings = Findings(named.store)
    counted = chooser.counted(named)
    counting = counted.files
    findings.add(counted.told)
    findings.add(late(named.heads, calendar))
    earlier = last_year.matched(named.heads, listed, forms, counting) if last_year else {}
    named = _compared(named, forms, earlier, policy, findings)
    findings.add(compare_projects(named, forms, counting), likened=True)
    findings.add(same_scores(named.heads, forms, counting), likened=True)
    findings.add(compare_texts(named, listed, forms, counting, policy), likened=True)
    told = named.changed(lambda head, result: _treated(_with_new(result, *findings.of(result.file)), policy))
    missing = tuple(policy.all_treated(missed(standings(told.heads, calendar, counting), forms)))
    final, missing, uses = waive(told, missing, waivers, listed, policy.today)
    rows = tuple(standings(final.heads, calendar, counting))
    return Collected(final, rows, counting, missing, uses, earlier=earlier)


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
