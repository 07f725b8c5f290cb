"""Checks of weights, scores and grades."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from toolkit.checks.context import Context, unexplained
from toolkit.checks.figures import answers_at, figure
from toolkit.checks.printing import grouped, percent, shown
from toolkit.checks.rules import check
from toolkit.checks.scales import after_deduction, in_words, share_of
from toolkit.checks.scoring import grade_of, scale_for
from toolkit.form.model import Ref, Section
from toolkit.form.references import EVERY_ROW
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue
from toolkit.submission.model import Answer, Row

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
    context: Context,
    code: str,
    *,
    section: str,
    by: str,
    of: str,
    values: Mapping[str, Any] | Sequence[Mapping[str, Any]],
) -> Iterator[Issue]:
    """The figures of each group of rows add up to its fixed weight (产出 50, 效益 30, 满意度 10).

    Several allowed schemes are a list: one must fit as a whole, a group it does not name weighing nothing.
    """
    sums: dict[str, Decimal] = defaultdict(Decimal)
    first: dict[str, Ref] = {}
    for row in context.rows(section):
        number, group = row[of].number, row[by].text
        if number is None or context.is_unsure(Ref(section, row.id, of), Ref(section, row.id, by)):
            return
        sums[group] += number
        first.setdefault(group, Ref(section, row.id, by))
    if not isinstance(values, Mapping):
        yield from _against_schemes(context, code, values, sums, first)
        return
    for group, expected in values.items():
        if group in sums and abs(sums[group] - Decimal(str(expected))) > SCORE_SLACK:
            place = context.place(first[group])
            yield issue(
                code, place, found=grouped(sums[group]), expected=str(expected), group=group, scheme=""
            )


def _against_schemes(
    context: Context,
    code: str,
    schemes: Sequence[Mapping[str, Any]],
    sums: Mapping[str, Decimal],
    first: Mapping[str, Ref],
) -> Iterator[Issue]:
    """Yield one issue naming the nearest scheme, on the group furthest off, when the sums fit none.

    Of two equally near ones, that with the groups the clerk has is meant.
    """
    groups = dict.fromkeys(group for scheme in schemes for group in scheme)

    def gaps(scheme: Mapping[str, Any]) -> dict[str, Decimal]:
        weights = {group: Decimal(str(scheme.get(group, 0))) for group in groups}
        return {group: abs(sums.get(group, Decimal(0)) - weights[group]) for group in groups}

    def distance(scheme: Mapping[str, Any]) -> tuple[Decimal, int]:
        return sum(gaps(scheme).values(), Decimal(0)), len(set(scheme) ^ set(sums))

    if not sums or not schemes:
        return
    nearest = min(schemes, key=distance)
    off = gaps(nearest)
    group = max(off, key=lambda name: (off[name], name in first))
    if off[group] <= SCORE_SLACK:
        return
    ref = first.get(group) or next(iter(first.values()))
    words = "、".join(f"{name}{weight}" for name, weight in nearest.items())
    yield issue(
        code,
        context.place(ref),
        found=grouped(sums.get(group, Decimal(0))),
        expected=str(nearest.get(group, 0)),
        group=group,
        scheme=f"（共有 {len(schemes)} 种分配办法，最接近的是：{words}）",
    )


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
    for ref, answer, _, full in context.pairs(left, right):
        if ref.row in except_rows or answer.number is None or full.number is None:
            continue
        if answer.number >= full.number or context.is_blamed(answer, full):
            continue
        if (told := unexplained(context, ref, reason)) is None:
            continue
        yield issue(
            code,
            told.place,
            found=grouped(answer.number),
            expected=grouped(full.number),
            gap=grouped(full.number - answer.number),
            name=context.label(ref).rpartition("·")[0] or context.label(ref),
            lacking=told.lacking,
            reason=told.reason,
        )
        context.lose(told.cell)


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


@check
def scored_by_scale(
    context: Context,
    code: str,
    *,
    section: str,
    value: str,
    weight: str = "max_score",
    score: str = "score",
    deduction: str = "",
    exact: bool = True,
) -> Iterator[Issue]:
    """The score of every row with a scale is what its figure earns, less what was taken off by hand.

    With `exact` false only a score above that is an issue; a lower one is for its reason to explain.
    """
    asked = context.form.section(section)
    for row in context.rows(section):
        refs = [Ref(section, row.id, name) for name in (value, weight, score, deduction) if name]
        stated = row[score].number
        if stated is None or context.is_unsure(*refs) or (value not in row.answers):
            continue
        worth = figure(context.form, context.submission, refs[1])
        judged = _by_scale(context, asked, row, refs[0], worth)
        if judged is None:
            continue
        expected, method = judged
        taken = row[deduction].number if deduction else None
        expected = after_deduction(expected, taken)
        gap = stated - expected
        if gap <= SCORE_SLACK and not (exact and gap < -SCORE_SLACK):
            continue
        if taken:
            method += f"，减去{asked.field(deduction).label} {grouped(taken)} 分，"
        yield issue(
            code,
            context.place(refs[2], row[score]),
            found=grouped(stated),
            expected=grouped(expected),
            name=context.label(refs[2]).rpartition("·")[0] or context.label(refs[2]),
            method=method,
            special=f"填入“{asked.field(deduction).label}”栏" if deduction else "在原因栏写明",
        )


def _by_scale(
    context: Context, section: Section, row: Row, value: Ref, weight: Decimal | None
) -> tuple[Decimal, str] | None:
    """Return the score a row's figure earns and how, or None where no scale or no figure tells."""
    scoring, scale = context.form.scoring, scale_for(context.form, section, row)
    number = figure(context.form, context.submission, value)
    if scale is None or number is None or weight is None:
        return None
    share = share_of(scale, number, reverse=scoring.reverse)
    if share is None:
        return None
    words = in_words(scale, weight=weight, bands=scoring.bands, reverse=scoring.reverse)
    earned = (weight * share).quantize(Decimal(1).scaleb(-scoring.score_decimals), "ROUND_HALF_UP")
    shown_value = shown(section.field(value.field), number, context.form.money)
    return earned, f"{section.field(value.field).label} {shown_value}，按“{words}”"


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
