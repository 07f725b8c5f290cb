"""Checks of what is possible but unlikely: money left over, results that outrun it, scores that flatter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from toolkit.checks.context import Context, is_real_reason
from toolkit.checks.figures import answers_at, derive_of, figure, parts_of
from toolkit.checks.printing import grouped, money, percent, shown
from toolkit.checks.rules import check
from toolkit.checks.scoring import PARTLY, UNMET
from toolkit.form.model import FieldType, MoneyUnit, Ref
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue, Severity
from toolkit.submission.model import Answer, Blank, place_of

_NOTHING = (Blank.EMPTY, Blank.NOT_APPLICABLE)


@check
def no_budget(context: Context, code: str, *, adjusted: str, actual: str) -> Iterator[Issue]:
    """全年预算数 is above 0; with nothing spent either it only asks for a word (not begun, cancelled)."""
    for ref, answer, other, spent in context.pairs(adjusted, actual):
        if answer.number != 0 or spent.number is None or context.is_blamed(answer, spent):
            continue
        unit = context.form.money
        context.blame(answer)
        yield issue(
            code,
            context.place(ref, answer),
            severity=None if spent.number else Severity.EXPLAIN,
            found=shown(context.form.field(ref), answer.number, unit),
            expected=shown(context.form.field(other), spent.number, unit),
            other=context.label(other),
        )


@check
def unspent(
    context: Context, code: str, *, actual: str, adjusted: str, limit: Decimal, reason: str = ""
) -> Iterator[Issue]:
    """No more than a share of the budget is left over at the end of the year, or a reason is given."""
    for ref, answer, _, budget in context.pairs(actual, adjusted):
        if answer.number is None or not budget.number or context.is_blamed(answer, budget):
            continue
        left = (budget.number - answer.number) / budget.number
        if left <= limit or (reason and is_real_reason(context.answer(context.ref(reason)))):
            continue
        unspent_money = money(budget.number - answer.number, context.form.money) + context.form.money.value
        yield issue(
            code, context.place(ref, answer), found=percent(left), expected=percent(limit), left=unspent_money
        )


@check
def money_decimals(context: Context, code: str, *, sections: Sequence[str]) -> Iterator[Issue]:
    """Amounts have no digit below the fen."""
    for section_id in sections:
        for entry in context.form.section(section_id).fields:
            if entry.type is not FieldType.MONEY or entry.derive is not None:
                continue
            for row in context.rows(section_id):
                answer = row[entry.id]
                known = answer.printed_unit in [*MoneyUnit]
                unit = MoneyUnit(answer.printed_unit) if known else context.form.money
                most = unit.decimals
                if answer.number is None or answer.decimals <= most or context.is_blamed(answer):
                    continue
                place = context.place(Ref(section_id, row.id, entry.id), answer)
                yield issue(code, place, found=answer.raw, expected=str(most))


@check
def shares_sum(context: Context, code: str, *, section: str, share: str) -> Iterator[Issue]:
    """The shares stated for the parts of a whole add up to 100 %, within the rounding of each."""
    parts = [row for row in context.form.section(section).rows if not row.strong and not row.indent]
    answers = [context.answer(Ref(section, row.id, share)) for row in parts]
    stated = [answer.number for answer in answers if answer.number is not None]
    if len(stated) < 2 or context.is_blamed(*answers, *_sources(context, Ref(section, parts[0].id, share))):
        return
    total = sum(stated, Decimal(0))
    if abs(total - 1) > Decimal("0.0002") * len(stated):
        place = context.place(Ref(section, parts[0].id, share), answers[0])
        yield issue(code, place, found=percent(total), expected="100.00%", basis="各项占比之和")


def _sources(context: Context, ref: Ref) -> list[Answer]:
    """Return the answers a derived figure follows from."""
    rule = derive_of(context.form, ref)
    return [context.answer(part) for part in parts_of(rule, ref)] if rule else []


@check
def signed(context: Context, code: str, *, of: Sequence[str]) -> Iterator[Issue]:
    """The cells for those who answer for the form are filled."""
    for name in of:
        ref = context.ref(name)
        answer = context.answer(ref)
        if answer.cell is not None and answer.blank in _NOTHING:
            yield issue(code, context.place(ref, answer))


@check
def formality(context: Context, code: str, *, score: str, full: str) -> Iterator[Issue]:
    """A full total asks for a word: nothing at all to improve is rare."""
    total, most = (figure(context.form, context.submission, context.ref(name)) for name in (score, full))
    unsure = context.is_unsure(context.ref(score), context.ref(full))
    if total is not None and most and total >= most and not unsure:
        yield issue(code, context.place(context.ref(score)), found=grouped(total))


@check
def plausible_loss(context: Context, code: str, *, section: str, score: str, full: str) -> Iterator[Issue]:
    """The share of the score lost is not far below the share of indicators missed."""
    results = [result for (place, _), result in context.indicators.items() if place == section]
    missed = sum(result.met is False or result.status in (UNMET, PARTLY) for result in results)
    missed += _said_unmet(context, section, {result.row for result in results if result.met is not None})
    ref = context.ref(score)
    earned, most = (figure(context.form, context.submission, context.ref(name)) for name in (score, full))
    if not results or not missed or earned is None or not most or context.is_blamed(context.answer(ref)):
        return
    missed_share, lost_share = Decimal(missed) / len(results), (most - earned) / most
    if lost_share < missed_share / 2:
        yield issue(
            code,
            context.place(ref),
            found=percent(lost_share),
            expected=percent(missed_share),
            missed=missed,
            count=len(results),
            lost=grouped(most - earned),
        )


def _said_unmet(context: Context, section: str, decided: set[str]) -> int:
    """Return how many undecidable indicators the clerk calls unmet."""
    return sum(
        row.id not in decided and row["status"].text in (UNMET, PARTLY) for row in context.rows(section)
    )


@check
def results_outrun_money(
    context: Context,
    code: str,
    *,
    section: str,
    score: str,
    full: str,
    reason: str,
    gap: Decimal = Decimal("0.05"),
    low: Decimal = Decimal("0.90"),
) -> Iterator[Issue]:
    """The results claimed do not run ahead of the money spent (the red light), or a reason is given.

    With S the share of indicator points earned and E that of execution points: (S − E) / S above `gap`. Below
    `low` the execution itself asks for a reason already.
    """
    earned = figure(context.form, context.submission, Ref(section, "*", "score"))
    weights = figure(context.form, context.submission, Ref(section, "*", "max_score"))
    paid, most = (figure(context.form, context.submission, context.ref(name)) for name in (score, full))
    answer = context.answer(context.ref(score))
    points = [row[name] for row in context.rows(section) for name in ("score", "max_score")]
    if not earned or not weights or paid is None or not most or context.is_blamed(answer, *points):
        return
    results, money_share = earned / weights, paid / most
    if money_share < low or is_real_reason(context.answer(context.ref(reason))):
        return
    if (results - money_share) / results > gap:
        place = context.place(context.ref(score), answer)
        yield issue(code, place, found=percent(results), expected=percent(money_share))


@check
def weighted(context: Context, code: str, *, of: str) -> Iterator[Issue]:
    """Every weight that is filled in is above 0: an indicator that counts for nothing is none."""
    for ref, answer in answers_at(context.form, context.submission, context.ref(of)):
        if answer.number == 0 and not context.is_blamed(answer):
            name = context.row_name(context.form.section(ref.section), ref.row)
            yield issue(code, context.place(ref, answer), found="0", name=name)


@check
def as_many(context: Context, code: str, *, few: str, many: str) -> Iterator[Issue]:
    """One table has no fewer rows than another: every problem has its measure."""
    answered, asked = (list(context.rows(section)) for section in (few, many))
    title = context.submission.sections[few].title_cell
    if answered and len(answered) < len(asked):
        label = context.form.section(few).title
        place = place_of(title, label)
        other = context.form.section(many).title
        yield issue(code, place, found=str(len(answered)), expected=str(len(asked)), other=other)


@check
def idle_money(
    context: Context, code: str, *, section: str, rate: str, least: Decimal = Decimal("0.05")
) -> Iterator[Issue]:
    """Quantities are not delivered in full with next to no money spent."""
    ref = context.ref(rate)
    share = figure(context.form, context.submission, ref)
    if share is None or share >= least or context.is_blamed(context.answer(ref)):
        return
    done = [
        result
        for (place, _), result in context.indicators.items()
        if place == section and result.completion is not None and result.completion >= 1
    ]
    if done:
        name = context.row_name(context.form.section(section), done[0].row)
        place = context.place(Ref(section, done[0].row, "actual"))
        yield issue(
            code, place, found=percent(done[0].completion or Decimal(0)), expected=percent(share), name=name
        )
