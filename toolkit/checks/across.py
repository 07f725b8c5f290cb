"""Between workbooks: who is on the roster, which file counts, who is late or missing."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from toolkit.checks.batches import opened
from toolkit.checks.counting import Chooser
from toolkit.checks.identity import summary_answer
from toolkit.checks.last_year import LastYear
from toolkit.checks.likeness import compare_texts
from toolkit.checks.model import (
    CheckResult,
    Collected,
    Earlier,
    Merged,
    RosterUnit,
    Standing,
    StandingRow,
    Waiver,
    issue_key,
)
from toolkit.checks.policy import Policy
from toolkit.checks.projects import compare_projects, same_scores
from toolkit.checks.roster import match_unit
from toolkit.checks.waivers import waive
from toolkit.checks.yearly import compare_years, with_last_year
from toolkit.form.model import Form
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue, Location, Verdict
from toolkit.submission.model import Answer


def judge_across(  # noqa: PLR0913 - what a collection decides about its workbooks, each by name
    results: Sequence[CheckResult],
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
    results = opened(results)
    listed = [replace(unit, year=unit.year or year, due=unit.due or due) for unit in roster]
    ordered = sorted(results, key=lambda result: result.file)
    chooser = chooser or Chooser(forms)
    named = [chooser.flagged(_on_roster(result, listed, forms)) for result in ordered]
    counted = chooser.counted(named)
    counting = counted.files
    earlier = last_year.matched(named, listed, forms, counting) if last_year else {}
    named, compared = _compared(named, forms, earlier, policy)
    extra: dict[str, list[Issue]] = defaultdict(list)
    for file, found in (*counted.told, *_late(named, listed, forms), *compared):
        extra[file].append(found)
    likened: dict[str, list[Issue]] = defaultdict(list)
    for file, found in (
        *compare_projects(named, forms, counting),
        *same_scores(named, forms, counting),
        *compare_texts(named, listed, forms, counting, _filled(named, forms), policy),
    ):
        likened[file].append(found)
    told = [_treated(_with_new(result, extra[result.file], likened[result.file]), policy) for result in named]
    missing = tuple(policy.all_treated(_missing(_standings(told, listed, forms, counting), forms)))
    final, missing, uses = waive(told, missing, waivers, listed, policy.today)
    standings = tuple(_standings(final, listed, forms, counting))
    return Collected(final, standings, counting, missing, uses, earlier=earlier)


def _compared(
    results: Sequence[CheckResult], forms: Mapping[str, Form], earlier: Mapping[str, Earlier], policy: Policy
) -> tuple[list[CheckResult], list[tuple[str, Issue]]]:
    """Return the results with the blanks that last year's workbooks fill, and (file, issue) on both years."""
    filled, told = [], []
    for result in results:
        before = earlier.get(result.file)
        if before is None or result.submission is None:
            filled.append(result)
            continue
        form = forms[result.submission.form]
        complete, notes = with_last_year(result, form, before)
        filled.append(complete)
        told += [(result.file, item) for item in (*notes, *compare_years(complete, form, before, policy))]
    return filled, told


def _treated(result: CheckResult, policy: Policy) -> CheckResult:
    issues = sorted(policy.all_treated(result.issues), key=lambda item: item.order)
    return replace(result, issues=tuple(issues))


def _on_roster(result: CheckResult, roster: Sequence[RosterUnit], forms: Mapping[str, Form]) -> CheckResult:
    """Return the result under the roster's name; an issue says when it was guessed or is unknown."""
    if not roster or result.submission is None or not result.unit:
        return result
    unit, guessed = match_unit(result.unit, roster)
    if unit is None and result.sender:
        return result  # its sender knows it
    place = _place(result, forms, "unit", "单位名称")
    if unit is None:
        near = difflib.get_close_matches(result.unit, [item.name for item in roster], n=1, cutoff=0.4)
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


def _answer(result: CheckResult, forms: Mapping[str, Form], key: str) -> Answer | None:
    submission = result.submission
    return summary_answer(forms[submission.form], submission, key) if submission is not None else None


def _place(result: CheckResult, forms: Mapping[str, Form], key: str, label: str) -> Location:
    answer = _answer(result, forms, key)
    cell = answer.cell if answer is not None else None
    return Location(result.file, cell.sheet if cell else "", cell.a1 if cell else "", label)


def fill_date(result: CheckResult, forms: Mapping[str, Form]) -> date | None:
    """Return the fill-in date a workbook states."""
    answer = _answer(result, forms, "fill_date")
    return answer.value if answer is not None and isinstance(answer.value, date) else None


def _filled(results: Iterable[CheckResult], forms: Mapping[str, Form]) -> dict[str, date]:
    """Return the fill-in dates by file, of those that state one."""
    return {result.file: day for result in results if (day := fill_date(result, forms)) is not None}


# ── who has reported ────────────────────────────────────────────────────────────────────────────────


def _late(
    results: Sequence[CheckResult], roster: Sequence[RosterUnit], forms: Mapping[str, Form]
) -> Iterator[tuple[str, Issue]]:
    due = {unit.name: unit.due for unit in roster}
    for result in results:
        limit, filled = due.get(result.unit), fill_date(result, forms)
        if limit is not None and filled is not None and filled > limit and not result.excluded:
            place = _place(result, forms, "fill_date", "填报日期")
            found = issue("S15", place, found=str(filled), expected=str(limit), unit=result.unit)
            yield result.file, found


def _standings(
    results: Sequence[CheckResult],
    roster: Sequence[RosterUnit],
    forms: Mapping[str, Form],
    counting: Collection[str],
) -> Iterator[StandingRow]:
    """Yield what every roster unit owes and has sent, then what came in beside it."""
    left = {result.file: result for result in results}
    for unit in roster:
        for form in unit.forms or tuple(forms)[:1]:
            mine = [item for item in left.values() if _answers(item, unit, form)]
            for result in mine:
                yield _row(result, forms, counting, unit)
                del left[result.file]
            if not any(item.file in counting for item in mine):
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
    for result in left.values():
        if result.merged is None:
            yield _row(result, forms, counting, known.get(result.unit))
        else:
            yield from _still_missing(result.merged, results, known, counting)


def _still_missing(
    merged: Merged, results: Sequence[CheckResult], known: Mapping[str, RosterUnit], counting: Collection[str]
) -> Iterator[StandingRow]:
    """Yield what a sender waited for, unless our own roster asks it or it has come since."""
    here = {
        (item.unit, item.submission.form) for item in results if item.submission and item.file in counting
    }
    for row in merged.missing:
        if row.unit not in known and (row.unit, row.form) not in here:
            yield replace(row, why=f"{merged.sender}报送时尚未收到")


def _answers(result: CheckResult, unit: RosterUnit, form: str) -> bool:
    same_year = unit.year is None or result.year in (None, unit.year)
    return (
        result.submission is not None
        and (result.unit, result.submission.form) == (unit.name, form)
        and same_year
    )


def _row(
    result: CheckResult, forms: Mapping[str, Form], counting: Collection[str], unit: RosterUnit | None
) -> StandingRow:
    filled = fill_date(result, forms)
    due = unit.due if unit else None
    if result.is_unreadable:
        standing, why = Standing.UNREADABLE, "文件无法读取，不知是哪个单位的"
    elif result.excluded:
        standing, why = Standing.EXCLUDED, result.excluded
    elif result.file not in counting:
        standing, why = Standing.DUPLICATE, "同一单位另有采用的一份"
    elif unit is None and result.standing in ("", Standing.UNLISTED):
        standing, why = Standing.UNLISTED, "名册中没有这个单位"
    elif result.verdict is Verdict.RETURNED:
        standing, why = Standing.RETURNED, "有必改问题"
    elif due is not None and filled is not None and filled > due:
        standing, why = Standing.LATE, f"截止 {due}"
    elif result.standing == Standing.LATE:
        standing, why = Standing.LATE, f"由{result.sender}报送"
    else:
        standing, why = Standing.REPORTED, f"由{result.sender}报送" if result.sender else ""
    return StandingRow(
        unit=result.unit or (unit.name if unit else ""),
        form=result.submission.form if result.submission else "",
        year=result.year,
        standing=standing,
        file=result.file,
        verdict="" if result.excluded else result.verdict.value,
        fill_date=filled,
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
