"""This year's workbook against last year's of the same unit: figures, targets, indicators, texts.

Every check only sees workbooks that count. What last year's workbook had wrong itself compares with nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from toolkit.checks.context import is_real_reason
from toolkit.checks.figures import answers_at, figure
from toolkit.checks.likeness import CHECK
from toolkit.checks.model import CheckResult, Earlier
from toolkit.checks.paragraphs import (
    Paragraph,
    cells_in_words,
    is_copy,
    paragraphs,
    same_words,
    texts_of,
)
from toolkit.checks.policy import Policy
from toolkit.checks.printing import listed, money, percent
from toolkit.checks.prior_figures import other_figures
from toolkit.form.labels import normalise
from toolkit.form.model import Form, Ref, Section, SectionKind
from toolkit.form.references import EVERY_ROW, Names
from toolkit.issues.catalogue import issue, shorten
from toolkit.issues.model import Issue, Severity
from toolkit.submission.measures import comparable
from toolkit.submission.model import Actual, Operator, Row, Submission, Target, place_of

LARGE_CHANGE = Decimal("0.5")
SHORTEST_GOAL = 20  # characters of a goal that is told to be last year's
_UPWARDS, _DOWNWARDS = (Operator.GE, Operator.GT), (Operator.LE, Operator.LT)
_FUNDS = {"adjusted_budget": "全年预算数", "actual_expenditure": "全年执行数"}


def compare_years(result: CheckResult, form: Form, earlier: Earlier, policy: Policy) -> Iterator[Issue]:
    """Yield what a workbook says otherwise than last year's, or repeats where it should not."""
    yield from other_figures(result, form, earlier, policy)
    yield from _large_changes(result, form, earlier)
    yield from _targets(result, form, earlier)
    yield from _dropped(result, form, earlier)
    yield from _copied(result, form, earlier, policy)


# ── figures ─────────────────────────────────────────────────────────────────────────────────────────


def _large_changes(result: CheckResult, form: Form, earlier: Earlier) -> Iterator[Issue]:
    """Yield one issue when budget or outturn is far from last year's and nobody says why."""
    submission, before = result.submission, earlier.submission
    assert submission is not None
    if any(item.code == "X11" for item in result.issues):
        return
    rule = next((rule for rule in form.rules if rule.code == "X11"), None)
    limit, reason = Decimal(rule.params.get("limit", LARGE_CHANGE)) if rule else LARGE_CHANGE, None
    if rule and "reason" in rule.params:
        reason = Names.of_form(form).resolve(rule.params["reason"], f"form.rule[{rule.id}]")
        if any(is_real_reason(answer) for _, answer in answers_at(form, submission, reason)):
            return
    faulty = result.faulty | earlier.result.faulty
    for key, what in _FUNDS.items():
        now, then = _fund(form, submission, key), _fund(earlier.form, before, key)
        if now is None or then is None or not now[1] or not then[1]:
            continue
        answers = [submission.at(now[0]), before.at(then[0])]
        if any(one.cell is not None and (one.cell.sheet, one.cell.a1) in faulty for one in answers):
            continue
        change = abs(now[1] - then[1]) / then[1]
        if change > limit:
            asked = form.section(now[0].section)
            yield issue(
                "X11",
                place_of(answers[0].cell, asked.label_of(now[0].field, now[0].row), result.file),
                found=money(now[1], form.money),
                expected=money(then[1], form.money),
                unit=result.unit,
                what=what,
                rate=percent(change),
                reason=form.field(reason).label if reason else "原因说明",
            )
            return


def _fund(form: Form, submission: Submission, key: str) -> tuple[Ref, Decimal] | None:
    for ref in form.summary.get(key, ()):
        value = figure(form, submission, ref)
        if value is not None:
            return ref, value
    return None


# ── targets and indicators ──────────────────────────────────────────────────────────────────────────


def _targets(result: CheckResult, form: Form, earlier: Earlier) -> Iterator[Issue]:
    """Yield a note for each target that asks less than last year already brought."""
    for key in ("indicators", "project_indicators"):
        then = _indicator_rows(earlier.result, earlier.form, key)
        for name, (section, row) in _indicator_rows(result, form, key).items():
            target, before = row["target"].value, then[name][1]["actual"].value if name in then else None
            if not isinstance(target, Target) or not isinstance(before, Actual) or not _eases(target, before):
                continue
            yield issue(
                "X15",
                place_of(row["target"].cell, section.field("target").label, result.file),
                found=target.text,
                expected=before.text,
                unit=result.unit,
                name=row["name"].text.strip(),
                source=earlier.source(then[name][1]["actual"].cell),
            )


def _eases(target: Target, before: Actual) -> bool:
    """Return whether a target asks less than was brought: below it, or above it where less is better."""
    figures = comparable(target, before)
    if figures is None:
        return False
    asked, brought = figures
    if target.operator in _UPWARDS or (target.operator is Operator.EQ and not target.stated):
        return asked < brought
    return target.operator in _DOWNWARDS and asked > brought > 0  # below nothing no target can be


def _indicator_rows(result: CheckResult, form: Form, key: str) -> dict[tuple[str, str], tuple[Section, Row]]:
    """Return the indicator rows by project and name; of equal ones the first."""
    found: dict[tuple[str, str], tuple[Section, Row]] = {}
    submission = result.submission
    for ref in form.summary.get(key, ()):
        section = form.section(ref.section)
        data = submission.sections.get(section.id) if submission else None
        for row in data.data if data else ():
            name = normalise(row["name"].text)
            if name:
                found.setdefault((normalise(row["project_name"].text), name), (section, row))
    return found


def _dropped(result: CheckResult, form: Form, earlier: Earlier) -> Iterator[Issue]:
    """Yield one note on the indicators of last year that are there no more."""
    now, then = (
        _indicator_rows(one, asked, "indicators")
        for one, asked in ((result, form), (earlier.result, earlier.form))
    )
    gone = [row["name"].text.strip() for name, (_, row) in then.items() if name not in now]
    new = [row["name"].text.strip() for name, (_, row) in now.items() if name not in then]
    if not gone or not now:
        return
    section = next(iter(now.values()))[0]
    assert result.submission is not None
    head = (
        result.submission.columns.get((section.id, "name"))
        or result.submission.sections[section.id].title_cell
    )
    yield issue(
        "X16",
        place_of(head, section.title, result.file),
        found=f"减少 {len(gone)} 个：{listed(gone)}",
        expected=f"上年 {len(then)} 个",
        unit=result.unit,
        new=f"，新增 {len(new)} 个（{listed(new)}）" if new else "",
    )


# ── texts ───────────────────────────────────────────────────────────────────────────────────────────


def _copied(result: CheckResult, form: Form, earlier: Earlier, policy: Policy) -> Iterator[Issue]:
    """Yield one issue on the goals and texts that are last year's, on the first of their cells."""
    rule = next((rule for rule in form.rules if rule.check == CHECK), None)
    if rule is None:
        return
    alike = float(rule.params.get("alike", Decimal("0.9")))
    copies: list[tuple[Paragraph, Paragraph]] = []
    goals = [*texts_of(form, rule, "yearly"), *_goals(form)]
    texts = texts_of(form, rule)
    for refs, shortest in ((texts, int(rule.params.get("shortest", 60))), (goals, SHORTEST_GOAL)):
        for ref in refs:
            if not _has_column(earlier.form, ref):
                continue
            before = list(paragraphs(earlier.result, earlier.form, [ref], shortest))
            for mine in paragraphs(result, form, [ref], shortest) if before else ():
                same = next((other for other in before if other.text == mine.text), None)
                same = same or next((other for other in before if is_copy(mine, other, alike)), None)
                if same is not None:
                    copies.append((mine, same))
    if not copies:
        return
    mine, theirs = copies[0]
    cells = cells_in_words(copy for copy, _ in copies)
    found = issue(
        "X17",
        mine.place,
        found=shorten(mine.answer.strip(), 40),
        expected="本年情况",
        unit=result.unit,
        source=earlier.source(theirs.cell),
        alike=same_words(mine, theirs),
        more=f"，这样的文字共 {cells}" if cells else "",
    )
    yield found if not policy.is_probation(rule.probation) else replace(found, severity=Severity.NOTE)


def _goals(form: Form) -> list[Ref]:
    """Return the goals of a form that asks them beside what became of them."""
    return [
        Ref(section.id, "" if section.kind is SectionKind.ANSWERS else EVERY_ROW, "expected")
        for section in form.sections
        if section.has("expected") and section.has("completion")
    ]


def _has_column(form: Form, ref: Ref) -> bool:
    section = next((one for one in form.sections if one.id == ref.section), None)
    return section is not None and section.has(ref.field)
