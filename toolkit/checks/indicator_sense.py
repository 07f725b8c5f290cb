"""Checks of how indicators are set: measurable, in the right direction, under the right heading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from toolkit.checks.context import Context, is_real_reason
from toolkit.checks.printing import percent
from toolkit.checks.rules import check
from toolkit.checks.scoring import name_of
from toolkit.form.model import Ref
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue
from toolkit.submission.model import Actual, Blank, Operator, Row, Target

_UPWARD = (Operator.GE, Operator.GT)
_DOWNWARD = (Operator.LE, Operator.LT)


def _target(row: Row) -> Target | None:
    value = row["target"].value
    return value if isinstance(value, Target) else None


def _rows(context: Context, section: str) -> Iterator[tuple[Row, Target, str]]:
    """Yield the rows whose target could be read and is not blamed, with target and name."""
    for row in context.rows(section):
        target = _target(row)
        if target is not None and not context.is_blamed(row["target"]):
            yield row, target, name_of(row)


@check
def measurable(context: Context, code: str, *, section: str, level2: Sequence[str]) -> Iterator[Issue]:
    """Indicators of these second levels have a target with a figure or a date."""
    for row, target, name in _rows(context, section):
        if row["level2"].text in level2 and target.operator is Operator.QUALITATIVE:
            place = context.place(Ref(section, row.id, "target"), row["target"])
            yield issue(code, place, found=target.text, name=name, level=row["level2"].text)


@check
def described(context: Context, code: str, *, section: str, text: str) -> Iterator[Issue]:
    """A qualitative indicator says in words what was done: a level alone shows nothing."""
    for row, target, name in _rows(context, section):
        ref, given = Ref(section, row.id, text), row[text]
        if target.operator is not Operator.QUALITATIVE or context.is_lost(ref) or context.is_blamed(given):
            continue
        if not is_real_reason(given):
            place = context.place(ref if given.cell else Ref(section, row.id, "actual"))
            label = context.form.field(ref).label
            yield issue(code, place, found=given.raw.strip() or "空白", name=name, text=label)


@check
def share_within_whole(context: Context, code: str, *, section: str) -> Iterator[Issue]:
    """A share (率) with a target up to 100 % is not more than 100 %."""
    for row, target, name in _rows(context, section):
        actual = row["actual"].value
        if (
            not isinstance(actual, Actual)
            or target.number is None
            or actual.number is None
            or "率" not in name
        ):
            continue
        if "增" in name or target.unit != "%" or actual.unit not in ("%", "") or actual.operator is not None:
            continue  # a growth rate may exceed 100 %
        if target.number <= 100 < actual.number and not context.is_blamed(row["actual"]):
            place = context.place(Ref(section, row.id, "actual"), row["actual"])
            yield issue(code, place, found=actual.text, expected="100%", name=name)


@check
def right_direction(
    context: Context, code: str, *, section: str, downward: Sequence[str], upward: Sequence[str]
) -> Iterator[Issue]:
    """What should be kept low is not asked to be at least so much, nor what should be high at most so much.

    `downward` and `upward` are words of indicator names; a word of both decides nothing.
    """
    for row, target, name in _rows(context, section):
        low, high = any(word in name for word in downward), any(word in name for word in upward)
        if not target.stated or low == high or not target.number:
            continue
        if (low and target.operator in _UPWARD) or (high and target.operator in _DOWNWARD):
            place = context.place(Ref(section, row.id, "target"), row["target"])
            expected = "≤（不超过）" if low else "≥（不低于）"
            yield issue(code, place, found=target.text, expected=expected, name=name)


@check
def empty_target(context: Context, code: str, *, section: str) -> Iterator[Issue]:
    """A target of at least 0 asks for nothing."""
    for row, target, name in _rows(context, section):
        if target.operator in _UPWARD and target.stated and target.number == 0:
            place = context.place(Ref(section, row.id, "target"), row["target"])
            yield issue(code, place, found=target.text, name=name)


@check
def right_heading(
    context: Context, code: str, *, section: str, misplaced: Mapping[str, Sequence[str]]
) -> Iterator[Issue]:
    """Indicators with these words in their name do not stand under these second levels."""
    for row, _, name in _rows(context, section):
        level = row["level2"].text
        word = next((word for word in misplaced.get(level, ()) if word in name), None)
        if word is not None:
            place = context.place(Ref(section, row.id, "level2"), row["level2"])
            yield issue(code, place, found=name, level=level, word=word)


@check
def exact_target(context: Context, code: str, *, section: str, limit: Decimal) -> Iterator[Issue]:
    """A target stated with = is met within a share of it, or a reason is given."""
    for row, target, name in _rows(context, section):
        result = context.indicators.get((section, row.id))
        actual = row["actual"].value
        if target.operator is not Operator.EQ or not target.stated or not target.number:
            continue
        if (
            result is None
            or result.completion is None
            or not isinstance(actual, Actual)
            or actual.number is None
        ):
            continue
        away = abs(result.completion - 1)
        if not context.form.section(section).has("reason"):
            return  # the form has no place for it
        lacking = context.lacking(Ref(section, row.id, "reason"), row["reason"])
        if away > limit and result.met and lacking:
            place = context.place(Ref(section, row.id, "actual"), row["actual"])
            yield issue(
                code,
                place,
                found=actual.text,
                expected=target.text,
                name=name,
                away=percent(away),
                lacking=lacking,
            )


@check
def scored_without_result(context: Context, code: str, *, section: str) -> Iterator[Issue]:
    """An indicator marked as not applicable earns nothing; its weight belongs to the others."""
    for row in context.rows(section):
        marked = [row[field] for field in ("target", "actual") if row[field].blank is Blank.NOT_APPLICABLE]
        score = row["score"]
        if marked and score.number and not context.is_blamed(score):
            context.blame(*marked)
            place = context.place(Ref(section, row.id, "score"), score)
            yield issue(code, place, found=str(score.number), name=row["name"].text)
