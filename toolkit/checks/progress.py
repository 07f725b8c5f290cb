"""Checks of a year that is not over: money behind the calendar, money and goals that run apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Literal, TypeAlias

from toolkit.checks.context import Context, unexplained
from toolkit.checks.figures import answers_at, figure
from toolkit.checks.printing import percent
from toolkit.checks.rules import check
from toolkit.form.model import Ref
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue
from toolkit.submission.model import Answer

MONTHS = 12
Month: TypeAlias = Literal["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]
_MONTH = re.compile(r"\d+(?=月?$)")


def month_of(answer: Answer) -> int | None:
    """Return the month up to which a workbook counts: of a date, a number or a text that ends with it.

    >>> month_of(Answer("10月", "10月", None)), month_of(Answer(Decimal(6), "6", None))
    (10, 6)
    """
    if isinstance(answer.value, date):
        return answer.value.month
    return month_said(str(answer.number) if answer.number is not None else answer.text)


def month_said(text: str) -> int | None:
    """Return the month a text ends with.

    >>> month_said("截至6月"), month_said("12"), month_said("上半年")
    (6, 12, None)
    """
    found = _MONTH.search(text.strip())
    month = int(found[0]) if found else 0
    return month if 1 <= month <= MONTHS else None


def due_share(month: int, limits: Mapping[Month, Decimal]) -> Decimal:
    """Return the share of the year's money that has to be spent by a month.

    Between the months that have a limit it grows evenly, from nothing at the beginning of the year to all of
    it at the end: without limits it is the calendar itself.

    >>> limits = {"4": Decimal("0.25"), "6": Decimal("0.4")}
    >>> [str(due_share(month, limits)) for month in (4, 5, 9)], str(due_share(6, {}))
    (['0.25', '0.325', '0.7'], '0.5')
    """
    points = {0: Decimal(0), MONTHS: Decimal(1)} | {int(key): limit for key, limit in limits.items()}
    for (before, low), (after, high) in pairwise(sorted(points.items())):
        if before < month <= after:
            return low + (high - low) * (month - before) / (after - before)
    raise ValueError(f"{month} is no month")


@check
def behind_calendar(
    context: Context,
    code: str,
    *,
    month: str,
    rate: str,
    limits: Mapping[Month, Decimal],
    reason: str = "",
) -> Iterator[Issue]:
    """By the month of the workbook enough of the year's money is spent, or a reason is given."""
    reached = month_of(context.answer(context.ref(month)))
    if reached is None:
        return
    limit = due_share(reached, limits)
    for ref, _ in answers_at(context.form, context.submission, context.ref(rate)):
        value = figure(context.form, context.submission, ref)
        if value is None or value >= limit or context.is_unsure(ref):
            continue
        if (told := unexplained(context, ref, reason)) is not None:
            yield issue(
                code,
                told.place,
                found=percent(value),
                expected=percent(limit),
                month=f"{reached}月",
                name=_row_name(context, ref),
                reason=told.reason,
                lacking=told.lacking,
            )
            context.lose(told.cell)


@check
def money_and_goals_apart(
    context: Context, code: str, *, rate: str, progress: str, gap: Decimal, reason: str = ""
) -> Iterator[Issue]:
    """The share of money spent and the share of goals reached go together, or a reason is given."""
    for ref, _, other, done in context.pairs(rate, progress):
        value = figure(context.form, context.submission, ref)
        if value is None or done.number is None or context.is_unsure(ref, other):
            continue
        apart = abs(value - done.number)
        if apart > gap and (told := unexplained(context, ref, reason)) is not None:
            yield issue(
                code,
                told.place,
                found=percent(value),
                expected=percent(done.number),
                gap=f"{apart * 100:.2f} 个百分点",
                name=_row_name(context, ref),
                reason=told.reason,
                lacking=told.lacking,
            )
            context.lose(told.cell)


def _row_name(context: Context, ref: Ref) -> str:
    return context.row_name(context.form.section(ref.section), ref.row) or context.label(ref)
