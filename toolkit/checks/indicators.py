"""The check of indicator tables: what the clerk states against what target and actual value make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from toolkit.checks.context import Context
from toolkit.checks.model import IndicatorResult
from toolkit.checks.printing import grouped, percent
from toolkit.checks.rules import check
from toolkit.checks.scales import after_deduction
from toolkit.checks.scores import SCORE_SLACK
from toolkit.checks.scoring import (
    DEDUCTION,
    MET,
    PARTLY,
    UNDECIDED,
    UNMET,
    Outcome,
    by_scale,
    name_of,
    outcome,
    scale_for,
)
from toolkit.checks.stated import rate_tolerance
from toolkit.form.model import Ref
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue
from toolkit.submission.measures import units_conflict
from toolkit.submission.model import Actual, Answer, Blank, Operator, Row, Target

_DOWNWARD = (Operator.LE, Operator.LT)


@check
def indicators(
    context: Context,
    code: str,
    *,
    section: str,
    over_limit: Decimal = Decimal("1.3"),
    notice_limit: Decimal = Decimal("1.2"),
) -> Iterator[Issue]:
    """Recompute every indicator of a table and compare what the clerk stated.

    Kept in `context.indicators`: completion, outcome and score of every row. From `over_limit` times the
    target on, a reason is asked for.
    """
    rows = list(context.rows(section))
    yield from _repeated(context, section, rows)
    for row in rows:
        undirected = bool(row["target"].problem) or _undirected(context, section, row)
        result = UNDECIDED if undirected else _outcome(context, section, row)
        score = result.score(row["max_score"].number, context.form.scoring.score_decimals)
        if score is not None:
            score = after_deduction(score, row[DEDUCTION].number)
        context.indicators[section, row.id] = IndicatorResult(
            section, row.id, result.completion, result.met, result.status, score, result.method
        )
        if undirected:
            continue
        found = list(_unreadable(context, section, row, result))
        yield from found or _judged(context, section, row, result, score, (over_limit, notice_limit), code)


def _undirected(context: Context, section: str, row: Row) -> bool:
    """Return whether a target's operator has a column of its own and is not to be had: that is told there."""
    asked = context.form.section(section)
    target, name = row["target"].value, asked.field("target").operator_from
    if not name or not isinstance(target, Target) or target.number is None or target.stated:
        return False
    return not row[name].text and (row[name].cell is None or asked.field(name).required)


def _outcome(context: Context, section: str, row: Row) -> Outcome:
    target, actual = row["target"].value, row["actual"].value
    if not isinstance(target, Target) or not isinstance(actual, Actual):
        return UNDECIDED
    scoring = context.form.scoring
    result = outcome(target, actual, scoring, row["status"].text)
    scale = scale_for(context.form, context.form.section(section), row)
    if scale is None:
        return result
    return by_scale(result, scale, target, actual, scoring, row["max_score"].number)


def _repeated(context: Context, section: str, rows: list[Row]) -> Iterator[Issue]:
    key = [(row["project_name"].text, "".join(name_of(row).split())) for row in rows]
    counted = Counter(key)
    told: set[tuple[str, str]] = set()
    for row, words in zip(rows, key, strict=True):
        if words[1] and counted[words] > 1:
            if words in told:
                place = context.place(Ref(section, row.id, "name"), row["name"])
                yield issue("N12", place, found=name_of(row), count=counted[words])
            told.add(words)


def _unreadable(context: Context, section: str, row: Row, result: Outcome) -> Iterator[Issue]:
    """Yield why a row cannot be judged; then nothing else is said about it."""
    target, actual = row["target"].value, row["actual"].value
    if not isinstance(target, Target) or not isinstance(actual, Actual) or context.is_blamed(row["actual"]):
        return
    place = context.place(Ref(section, row.id, "actual"), row["actual"])
    if actual.operator is not None and actual.operator is not Operator.EQ:
        yield issue("N03", place, found=actual.text, name=name_of(row))
    elif target.number is None or result.met is not None or row["status"].text in (UNMET, PARTLY):
        return
    elif units_conflict(target, actual):
        yield issue("N05", place, found=actual.text, expected=target.text, name=name_of(row))
    else:
        unasked = actual.none_occurred and "满意" in row["level2"].text + name_of(row)
        code = "Q09" if unasked else "N02"
        yield issue(code, place, found=actual.text, expected=target.text, name=name_of(row))


def _judged(
    context: Context,
    section: str,
    row: Row,
    result: Outcome,
    score: Decimal | None,
    over: tuple[Decimal, Decimal],
    code: str,
) -> Iterator[Issue]:
    yield from _stated_completion(context, section, row, result, code)
    yield from _stated_status(context, section, row, result)
    stated, weight = row["score"], row["max_score"]
    unmet = result.met is False or row["status"].text in (UNMET, PARTLY)
    if context.is_blamed(stated, weight):
        stated = Answer(None, "", None, Blank.EMPTY)
    dated = isinstance(row["target"].value, Target) and row["target"].value.operator is Operator.DATE
    unearned, full = "N14" if dated else "C10", weight.number
    in_full = stated.number is not None and full is not None and 0 < full <= stated.number
    scaled = scale_for(context.form, context.form.section(section), row) is not None
    earned = scaled and result.share == 1 and not row[DEDUCTION].number  # a scale may forgive a small gap
    if unmet and in_full and not earned and full is not None and not context.policy.is_off(unearned):
        yield _wording(context, section, row, unearned, "score", row["actual"].written, grouped(full))
    elif score is not None and not context.is_blamed(row[DEDUCTION]):
        yield from _stated_score(context, section, row, stated, score, result)
    short = stated.number is not None and weight.number is not None and stated.number < weight.number
    far = _far_over(row, result, over[0])
    if unmet or short or far:
        yield from _unexplained(context, section, row, result, unmet=unmet, short=short, far=far)
    elif _far_over(row, result, over[1]):
        place = context.place(Ref(section, row.id, "actual"), row["actual"])
        found, expected = row["actual"].written, row["target"].written
        rate = percent(result.completion or Decimal(0))
        yield issue("N08", place, found=found, expected=expected, rate=rate, name=name_of(row))


def _stated_score(
    context: Context, section: str, row: Row, stated: Answer, score: Decimal, result: Outcome
) -> Iterator[Issue]:
    """Yield a score above what was earned; with a column for what is taken off, one below it, too."""
    if stated.number is None:
        return
    deducting = (section, DEDUCTION) in context.submission.columns
    over = stated.number - score
    if over <= SCORE_SLACK and not (deducting and over < -SCORE_SLACK):
        return
    asked = context.form.section(section)
    taken, method = row[DEDUCTION].number, result.method
    if deducting and taken:
        method += f"，减去{asked.field(DEDUCTION).label} {grouped(taken)} 分，"
    yield issue(
        "C11",
        context.place(Ref(section, row.id, "score"), stated),
        found=grouped(stated.number),
        expected=grouped(score),
        name=name_of(row),
        method=method,
        special=f"填入“{asked.field(DEDUCTION).label}”栏" if deducting else "在原因栏写明",
    )


def _unexplained(
    context: Context, section: str, row: Row, result: Outcome, *, unmet: bool, short: bool, far: bool
) -> Iterator[Issue]:
    """Yield what a row needs a reason for, gravest first and once, when it has none."""
    if not context.form.section(section).has("reason"):
        return  # the form has no place for it
    ref, given = Ref(section, row.id, "reason"), row["reason"]
    lacking = context.lacking(ref, given)
    if not lacking:
        return
    facts: dict[str, Any] = {
        "name": name_of(row),
        "lacking": lacking,
        "reason": context.form.section(section).field("reason").label,
    }
    stated, weight = row["score"].number, row["max_score"].number
    if unmet and not context.policy.is_off("N17"):
        place = context.place(ref if given.cell else Ref(section, row.id, "actual"))
        found, expected = row["actual"].written, row["target"].written
        yield issue("N17", place, found=found, expected=expected, **facts)
    elif short and stated is not None and weight is not None and not context.policy.is_off("C09"):
        place = context.place(ref if given.cell else Ref(section, row.id, "score"))
        gap = grouped(weight - stated)
        yield issue("C09", place, found=grouped(stated), expected=grouped(weight), gap=gap, **facts)
    elif far and result.completion is not None:
        place = context.place(Ref(section, row.id, "actual"))
        rate = percent(result.completion)
        yield issue(
            "N07", place, found=row["actual"].written, expected=row["target"].written, rate=rate, **facts
        )
    else:
        return
    context.lose(ref)


def _wording(
    context: Context, section: str, row: Row, code: str, field: str, found: str, expected: str
) -> Issue:
    asked = context.form.section(section)
    return issue(
        code,
        context.place(Ref(section, row.id, field), row[field]),
        found=found.strip(),
        expected=expected.strip(),
        name=name_of(row),
        target=row["target"].written,
        reason=asked.field("reason").label if asked.has("reason") else "原因",
    )


def _stated_completion(
    context: Context, section: str, row: Row, result: Outcome, code: str
) -> Iterator[Issue]:
    """Both conventions are accepted: 105.26 % as computed, or 100 % as the cap."""
    stated, target = row["completion"], row["target"].value
    if stated.number is None or result.completion is None or context.is_blamed(stated):
        return
    if isinstance(target, Target) and target.operator is Operator.QUALITATIVE:
        return  # a level has no rate; that the target cannot be measured is told on its own
    slack = rate_tolerance(stated)
    accepted = (result.completion, min(result.completion, Decimal(1)))
    if any(abs(stated.number - value) <= slack for value in accepted):
        return
    place = context.place(Ref(section, row.id, "completion"), stated)
    yield issue(
        code,
        place,
        found=percent(stated.number),
        expected=percent(result.completion),
        name=name_of(row),
        target=row["target"].written,
        actual=row["actual"].written,
    )


def _stated_status(context: Context, section: str, row: Row, result: Outcome) -> Iterator[Issue]:
    stated = row["status"].text
    if not stated or result.met is None or context.is_blamed(row["status"]):
        return
    if (stated == MET) is not result.met:
        place = context.place(Ref(section, row.id, "status"), row["status"])
        yield issue(
            "N16",
            place,
            found=stated,
            expected=MET if result.met else UNMET,
            name=name_of(row),
            target=row["target"].written,
            actual=row["actual"].written,
        )


def _far_over(row: Row, result: Outcome, over_limit: Decimal) -> bool:
    """Return whether a count or amount was exceeded so far that its target looks too low."""
    target = row["target"].value
    if not isinstance(target, Target) or target.operator in _DOWNWARD or result.completion is None:
        return False
    return result.completion >= over_limit
