"""Checks of weights, scores and grades."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from toolkit.checks.context import Context
from toolkit.checks.figures import answers_at, figure
from toolkit.checks.printing import grouped, percent
from toolkit.checks.rules import check
from toolkit.checks.scoring import grade_of
from toolkit.form.model import Ref
from toolkit.form.references import EVERY_ROW
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue
from toolkit.submission.model import Answer

SCORE_SLACK = Decimal("0.01")


@check
def sum_is(
    context: Context, code: str, *, of: str | Sequence[str], value: str | Decimal | int
) -> Iterator[Issue]:
    """Figures add up to a number, or to another figure (分值合计 100, 总分＝各项之和)."""
    total, answers = _total(context, of)
    if total is None or context.is_blamed(*answers):
        return
    if isinstance(value, str):
        ref = context.ref(value)
        stated = context.answer(ref)
        if stated.number is None or context.is_blamed(stated):
            return
        if abs(stated.number - total) > SCORE_SLACK:
            context.blame(stated)
            place = context.place(ref, stated)
            yield issue(code, place, found=grouped(stated.number), expected=grouped(total), what=place.label)
        return
    if abs(total - value) > SCORE_SLACK:
        yield _sum_issue(context, code, of, total, f"为 {value} 分")


@check
def sum_at_most(context: Context, code: str, *, of: str, limit: Decimal | int) -> Iterator[Issue]:
    """Figures together are not above a number."""
    total, answers = _total(context, of)
    if total is not None and not context.is_blamed(*answers) and total > limit + SCORE_SLACK:
        yield _sum_issue(context, code, of, total, f"不超过 {limit} 分")


def _sum_issue(context: Context, code: str, of: str | Sequence[str], total: Decimal, expected: str) -> Issue:
    last = context.ref(of if isinstance(of, str) else of[-1])
    place = context.place(last if last.row != EVERY_ROW else Ref(last.section, "", last.field))
    what = context.form.section(last.section).title
    return issue(code, place, found=grouped(total), expected=expected, what=what)


@check
def group_sum_is(
    context: Context, code: str, *, section: str, by: str, of: str, values: Mapping[str, Any]
) -> Iterator[Issue]:
    """The figures of each group of rows add up to its fixed weight (产出 50, 效益 30, 满意度 10)."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    first: dict[str, Ref] = {}
    for row in context.rows(section):
        number, group = row[of].number, row[by].text
        if number is None or context.is_blamed(row[of], row[by]):
            return
        sums[group] += number
        first.setdefault(group, Ref(section, row.id, by))
    for group, expected in values.items():
        if group in sums and abs(sums[group] - Decimal(str(expected))) > SCORE_SLACK:
            place = context.place(first[group])
            yield issue(code, place, found=grouped(sums[group]), expected=str(expected), group=group)


@check
def grade_fits(context: Context, code: str, *, score: str, grade: str) -> Iterator[Issue]:
    """The grade is the one its total earns."""
    total, ref = figure(context.form, context.submission, context.ref(score)), context.ref(grade)
    stated = context.answer(ref)
    if total is None or not stated.text or context.is_blamed(stated) or context.is_unsure(context.ref(score)):
        return
    expected = grade_of(context.form.grades, total)
    if expected and stated.text != expected:
        scale = "，".join(
            f"{item.min} 分{'以上' if item.open_end else '（含）以上'}为{item.name}"
            for item in context.form.grades
        )
        place = context.place(ref, stated)
        yield issue(code, place, found=stated.text, expected=expected, score=grouped(total), scale=scale)


@check
def reason_when_below(
    context: Context, code: str, *, left: str, right: str, reason: str, except_rows: Sequence[str] = ()
) -> Iterator[Issue]:
    """A score below its weight carries a reason in its row."""
    why = context.ref(reason)
    for ref, answer, _, full in context.pairs(left, right):
        if ref.row in except_rows or answer.number is None or full.number is None:
            continue
        place = Ref(why.section, ref.row if why.row == EVERY_ROW else why.row, why.field)
        given = context.answer(place)
        if answer.number >= full.number or context.is_blamed(answer, full):
            continue
        lacking = context.lacking(place, given)
        if not lacking:
            continue
        yield issue(
            code,
            context.place(place if given.cell else ref, given if given.cell else answer),
            found=grouped(answer.number),
            expected=grouped(full.number),
            gap=grouped(full.number - answer.number),
            name=context.label(ref).rpartition("·")[0] or context.label(ref),
            lacking=lacking,
            reason=context.form.field(why).label,
        )
        context.lose(place)


@check
def execution_score(context: Context, code: str, *, rate: str, weight: str, score: str) -> Iterator[Issue]:
    """预算执行率得分 = 执行率 × 分值, never above the weight."""
    refs = [context.ref(name) for name in (rate, weight, score)]
    share, full, stated = (figure(context.form, context.submission, ref) for ref in refs)
    if share is None or full is None or stated is None or context.is_blamed(*map(context.answer, refs)):
        return
    expected = min(full, max(Decimal(0), share * full)).quantize(Decimal("0.01"), "ROUND_HALF_UP")
    if abs(stated - expected) > SCORE_SLACK:
        place = context.place(refs[2])
        yield issue(
            code, place, found=grouped(stated), expected=grouped(expected), rate=percent(share), weight=full
        )


def _total(context: Context, of: str | Sequence[str]) -> tuple[Decimal | None, list[Answer]]:
    """Return the sum of every figure the references name, and their answers."""
    numbers, answers = [], []
    names = [of] if isinstance(of, str) else of
    if context.is_unsure(*map(context.ref, names)):
        return None, []
    for name in names:
        for ref, answer in answers_at(context.form, context.submission, context.ref(name)):
            number = figure(context.form, context.submission, ref)
            answers.append(answer)
            if number is not None:
                numbers.append(number)
    return (sum(numbers, Decimal(0)) if numbers else None), answers
