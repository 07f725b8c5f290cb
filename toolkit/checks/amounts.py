"""Checks of amounts and rates: limits, balances, one figure in two places, the unit of money."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from toolkit.checks.context import Context, unexplained
from toolkit.checks.figures import derived, figure
from toolkit.checks.printing import as_stated, money, percent, shown
from toolkit.checks.rules import check
from toolkit.checks.stated import rate_tolerance
from toolkit.form.model import FieldType, MoneyUnit, Ref
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue
from toolkit.submission.model import Answer

TEN_THOUSAND = Decimal(MoneyUnit.WAN.yuan)
SCALE_GAP = (Decimal(1000), Decimal(100_000))  # ratios that look like 元 for 万元


@check
def at_most(context: Context, code: str, *, left: str, right: str) -> Iterator[Issue]:
    """One figure is not above another, row by row (支出 ≤ 预算, 得分 ≤ 分值)."""
    unit = context.form.money
    for ref, answer, other, limit in context.pairs(left, right):
        if answer.number is None or limit.number is None or context.is_blamed(answer, limit):
            continue
        if context.follows_blamed(ref) or context.follows_blamed(other):
            continue
        asked = context.form.field(ref)
        slack = context.cent(asked) if asked.type is FieldType.MONEY else 0
        if answer.number > limit.number + slack:
            context.blame(answer)
            yield issue(
                code,
                context.place(ref, answer),
                found=as_stated(asked, answer, unit),
                expected=shown(asked, limit.number, unit),
                other=context.label(other),
            )


@check
def same_figure(context: Context, code: str, *, left: str, right: str) -> Iterator[Issue]:
    """Two places state the same figure."""
    first, second = context.ref(left), context.ref(right)
    one, other = context.answer(first), context.answer(second)
    two = figure(context.form, context.submission, second)
    if one.number is None or two is None or context.is_blamed(one, other):
        return
    asked, unit = context.form.field(first), context.form.money
    if abs(one.number - two) > context.cent(asked):
        place = context.place(first, one)
        expected = shown(asked, two, unit)
        yield issue(
            code,
            place,
            found=shown(asked, one.number, unit),
            expected=expected,
            basis=f"“{context.label(second)}”",
        )


@check
def rate_is(
    context: Context, code: str, *, rate: str, numerator: Sequence[str], denominator: Sequence[str]
) -> Iterator[Issue]:
    """A rate stated apart agrees with the first pair of figures that can be divided."""
    ref = context.ref(rate)
    stated = context.answer(ref)
    if stated.number is None or context.is_blamed(stated):
        return
    for above, below in zip(numerator, denominator, strict=True):
        upper, lower = context.ref(above), context.ref(below)
        top, bottom = (figure(context.form, context.submission, part) for part in (upper, lower))
        if not bottom or top is None or context.is_blamed(context.answer(upper), context.answer(lower)):
            continue
        if abs(stated.number - top / bottom) > rate_tolerance(stated):
            basis = f"按“{context.label(upper)}”÷“{context.label(lower)}”计算"
            place = context.place(ref, stated)
            yield issue(
                code, place, found=percent(stated.number), expected=percent(top / bottom), basis=basis
            )
        return


@check
def balance(
    context: Context,
    code: str,
    *,
    opening: str,
    income: str,
    expenditure: str,
    closing: str,
    tolerance: Decimal = Decimal("0.03"),
) -> Iterator[Issue]:
    """年初结转 + 收入 − 支出 = 年末结转, where both ends of the year are stated."""
    refs = [context.ref(name) for name in (opening, income, expenditure, closing)]
    figures = [figure(context.form, context.submission, ref) for ref in refs]
    before, received, spent, after = figures
    if before is None or received is None or spent is None or after is None:
        return
    if context.is_blamed(*(context.answer(ref) for ref in refs)):
        return
    expected, unit = before + received - spent, context.form.money
    if abs(after - expected) > tolerance * unit.yuan:
        place = context.place(refs[3])
        gap = money(abs(after - expected), unit)
        yield issue(code, place, found=money(after, unit), expected=money(expected, unit), gap=gap)


@check
def same_scale(context: Context, code: str, *, sections: Sequence[str]) -> Iterator[Issue]:
    """No amount is some ten thousand times larger or smaller than its neighbours: 元 taken for 万元."""
    form = context.form
    amounts: list[tuple[Ref, Answer, Decimal]] = []
    for ref, answer in _money_answers(context, sections):
        if answer.number:
            amounts.append((ref, answer, abs(answer.number)))
    middle = statistics.median(size for _, _, size in amounts) if amounts else Decimal(0)
    lines: dict[tuple[str, str], list[tuple[Ref, Answer, Decimal]]] = defaultdict(list)
    for amount in amounts:
        lines[amount[0].section, amount[0].row].append(amount)
    for ref, answer, size in amounts:
        line = lines[ref.section, ref.row]
        if context.is_blamed(answer) or not _far_off(size, middle, line, ref, answer, form.money):
            continue
        if _repeats_parts(context, ref, size):
            continue
        context.blame(answer)
        if answer.cell is not None:
            context.doubtful.add(answer.cell)
        asked, signed = form.field(ref), answer.number or Decimal(0)
        likely = signed * TEN_THOUSAND if size < middle else signed / TEN_THOUSAND
        yield issue(
            code,
            context.place(ref, answer),
            found=as_stated(asked, answer, form.money),
            expected=money(likely, form.money) + form.money.value,
            amount=money(signed, form.money) + form.money.value,
            form_unit=form.money.value,
        )


def _repeats_parts(context: Context, ref: Ref, size: Decimal) -> bool:
    """Return whether an amount is the sum of its parts: a wrong unit is then told on the part."""
    parts = derived(context.form, context.submission, ref)
    return parts is not None and bool(parts) and Decimal("0.5") < size / abs(parts) < 2


def _money_answers(context: Context, sections: Sequence[str]) -> Iterator[tuple[Ref, Answer]]:
    for section_id in sections:
        for entry in context.form.section(section_id).fields:
            if entry.type is FieldType.MONEY and entry.derive is None:
                for row in context.rows(section_id):
                    yield Ref(section_id, row.id, entry.id), row[entry.id]


def _far_off(
    size: Decimal,
    middle: Decimal,
    line: Sequence[tuple[Ref, Answer, Decimal]],
    ref: Ref,
    answer: Answer,
    unit: MoneyUnit,
) -> bool:
    """Return whether an amount differs by ten thousand from its own row, or is labelled with the wrong unit.

    A row is compared with itself: 年初, 全年 and 决算 of one thing are of one size, while a small project
    beside a large one is no mistake. The cell nearer to the workbook's middle is taken to be right.
    """
    peers = [other for place, _, other in line if place.field != ref.field]
    low, high = SCALE_GAP
    apart = [other for other in peers if low <= max(size, other) / min(size, other) <= high]
    if not apart or len(apart) < len(peers):
        return False
    if answer.printed_unit not in ("", unit.value):
        return True
    if any(item.printed_unit not in ("", unit.value) for _, item, _ in line):
        return False
    return len(peers) > 1 or abs(size - middle) > abs(apart[0] - middle)


@check
def reason_when_changed(
    context: Context, code: str, *, current: str, prior: str, reason: str, limit: Decimal
) -> Iterator[Issue]:
    """A large change against last year or against the initial budget carries a reason."""
    unit = context.form.money
    for ref, answer, other, before in context.pairs(current, prior):
        if not answer.number or not before.number or context.is_blamed(answer, before):
            continue
        change = (answer.number - before.number) / before.number
        if abs(change) <= limit or (told := unexplained(context, ref, reason)) is None:
            continue
        asked = context.form.field(ref)
        yield issue(
            code,
            told.place,
            found=shown(asked, answer.number, unit),
            expected=shown(context.form.field(other), before.number, unit),
            what=asked.label.removeprefix("本年"),
            rate=percent(abs(change)),
            lacking=told.lacking,
            reason=told.reason,
        )
        context.lose(told.cell)


@check
def reason_when_low(
    context: Context, code: str, *, rate: str, limit: Decimal, reason: str = ""
) -> Iterator[Issue]:
    """An execution rate below the limit carries a reason; a form may have no cell for it."""
    ref = context.ref(rate)
    value = figure(context.form, context.submission, ref)
    if value is None or value >= limit or context.is_blamed(context.answer(ref)):
        return
    if (told := unexplained(context, ref, reason)) is not None:
        yield issue(
            code,
            told.place,
            found=percent(value),
            expected=percent(limit),
            reason=told.reason,
            lacking=told.lacking,
        )


@check
def table_totals(context: Context, code: str, *, section: str, fields: Sequence[str]) -> Iterator[Issue]:
    """A 合计 row inside a table is the sum of the rows since the 合计 before it, or of all rows."""
    data = context.submission.sections[section]
    since: list[Any] = []
    everything: list[Any] = []
    for row in data.rows:
        if not row.total:
            since.append(row)
            everything.append(row)
            continue
        for name in fields:
            yield from _compare_total(context, code, Ref(section, row.id, name), since, everything)
        since = []


def _compare_total(
    context: Context, code: str, ref: Ref, since: Sequence[Any], everything: Sequence[Any]
) -> Iterator[Issue]:
    stated, unit = context.answer(ref), context.form.money
    asked = context.form.field(ref)
    sums = []
    for rows in (since, everything):
        numbers = [row[ref.field].number for row in rows if row[ref.field].number is not None]
        if not numbers or context.is_blamed(*(row[ref.field] for row in rows)):
            return
        sums.append((sum(numbers, Decimal(0)), len(numbers)))
    if stated.number is None:
        return
    cent = context.cent(asked)
    if all(abs(stated.number - total) > cent * count for total, count in sums):
        expected = sums[0][0]
        yield issue(
            code,
            context.place(ref, stated),
            found=shown(asked, stated.number, unit),
            expected=shown(asked, expected, unit),
            gap=shown(asked, abs(stated.number - expected), unit),
            unfilled="",
        )
