"""Completion, outcome and score of an indicator, recomputed by the direction of its target.

The score caps completion at 100 %; whether completion is shown capped is the form's choice. Formulas for a
weight w, target t and actual a: positive w·a/t; reverse w·(1 − (a − t)/t), nothing from twice the target on
(`linear_double`), or w·t/a (`ratio`); equal like positive, but only 0 meets a target of 0; the score of a
qualitative indicator is a matter of judgement inside its band.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from toolkit.checks.scales import in_words, reverse_share, share_of
from toolkit.form.labels import normalise
from toolkit.form.model import Form, Section, SectionKind
from toolkit.form.scoring import Band, Grade, Scale, Scoring
from toolkit.submission.measures import comparable
from toolkit.submission.model import Actual, Operator, Row, Target

MET, UNMET, PARTLY, UNKNOWN = "已完成", "未完成", "部分完成", "无法判定"
DEDUCTION = "deduction"  # the column of points taken off by hand
ALIKE = 0.8  # similarity from which a qualitative outcome repeats its target
_ONE, _ZERO = Decimal(1), Decimal(0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from a target and an actual value.

    `completion` is a ratio, `share` the part of the weight earned; both None where they are not a matter of
    arithmetic. `met` is None when it cannot be decided. `method` says in words how it was computed.
    """

    completion: Decimal | None
    share: Decimal | None
    met: bool | None
    status: str
    method: str

    def score(self, weight: Decimal | None, decimals: int) -> Decimal | None:
        """Return the recomputed score for a weight, rounded half up."""
        if weight is None or self.share is None:
            return None
        return (weight * self.share).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


UNDECIDED = Outcome(None, None, None, UNKNOWN, "没有可比较的数值")


def outcome(target: Target, actual: Actual, scoring: Scoring, stated: str = "") -> Outcome:
    """Return what a target and an actual value make; `stated`, the clerk's 完成情况, only names levels."""
    if target.operator is Operator.QUALITATIVE:
        return _qualitative(target, actual, scoring, stated)
    if target.operator is Operator.DATE:
        return _dated(target, actual, scoring, stated)
    if actual.operator is not None:
        return UNDECIDED
    pair = comparable(target, _zero_if_none_occurred(target, actual))
    if pair is None:
        return UNDECIDED
    goal, reached = pair
    if target.operator is Operator.BETWEEN:
        return _between(target, goal, reached)
    if target.operator in (Operator.LE, Operator.LT) or (goal == 0 and not target.stated):
        return _reverse(target.operator, goal, reached, scoring)
    return _positive(target.operator, goal, reached, scoring)


def name_of(row: Row) -> str:
    """Return what an indicator is called, or what stands in the place of its name."""
    return row["name"].text or row["name"].raw


def scale_for(form: Form, section: Section, row: Row) -> Scale | None:
    """Return the scale that scores a row, or None when it goes by the direction of its target."""
    own = section.row(row.id).scale if section.kind is SectionKind.GRID else ""
    words = (row[name].text for name in ("name", "level2", "level1"))
    return form.scoring.named(own) if own else form.scale_of(section, *words)


def by_scale(
    base: Outcome, scale: Scale, target: Target, actual: Actual, scoring: Scoring, weight: Decimal | None
) -> Outcome:
    """Return the outcome with the share its scale gives; what cannot be measured stays as it was."""
    if scale.function == "manual":
        return replace(base, share=None, method=in_words(scale, reverse=scoring.reverse))
    value, goal = _measured(scale, target, actual, scoring)
    share = None if value is None else share_of(scale, value, full=goal, reverse=scoring.reverse)
    if share is None:
        return base
    words = in_words(scale, weight=weight, bands=scoring.bands, reverse=scoring.reverse)
    return replace(base, share=share, method=f"按“{words}”")


def _measured(
    scale: Scale, target: Target, actual: Actual, scoring: Scoring
) -> tuple[Decimal | None, Decimal | None]:
    """Return what a scale looks at, and the target in the same unit; rates as ratios."""
    if actual.operator is not None:
        return None, None
    if scale.measure == "completion":
        return outcome(target, actual, replace(scoring, completion_cap=False)).completion, None
    pair = comparable(target, _zero_if_none_occurred(target, actual))
    if pair is None:
        by_hundred = Decimal(100) if actual.unit == "%" else _ONE
        alone = actual.number if target.number is None and scale.measure == "value" else None
        return (None if alone is None else alone / by_hundred), None
    goal, reached = pair
    if scale.measure == "deviation":
        return (abs(reached - goal) / abs(goal) if goal and target.upper is None else None), None
    by_hundred = Decimal(100) if target.unit == "%" else _ONE
    return reached / by_hundred, goal / by_hundred


def _zero_if_none_occurred(target: Target, actual: Actual) -> Actual:
    """未发生投诉 is 0 against 不超过 1 % or 0 次; it says nothing about a satisfaction of 90 %."""
    downward = target.operator in (Operator.LE, Operator.LT) or target.number == 0
    if actual.number is None and actual.none_occurred and downward:
        return Actual(actual.text, number=_ZERO, unit=target.unit)
    return actual


def _positive(operator: Operator, goal: Decimal, reached: Decimal, scoring: Scoring) -> Outcome:
    if goal <= 0:
        met = reached <= 0 if operator is Operator.EQ else reached >= goal
        return _outcome(_ONE if met else _ZERO, met, scoring, "目标值为 0 时，达到即为 100%")
    met = reached > goal if operator is Operator.GT else reached >= goal
    return _outcome(max(reached, _ZERO) / goal, met, scoring, "按实际÷目标")


def _reverse(operator: Operator, goal: Decimal, reached: Decimal, scoring: Scoring) -> Outcome:
    met = reached < goal if operator is Operator.LT else reached <= goal
    if reached <= goal:
        return _outcome(_ONE, met, scoring, "反向指标，不超过目标即为 100%")
    if goal <= 0:
        return _outcome(_ZERO, met, scoring, "反向指标，目标值为 0 而有发生")
    method = "按目标÷实际" if scoring.reverse == "ratio" else "按 1－超出比例"
    return _outcome(reverse_share(goal, reached, scoring.reverse), met, scoring, f"反向指标，{method}")


def _between(target: Target, goal: Decimal, reached: Decimal) -> Outcome:
    upper = target.upper if target.upper is not None else goal
    met = goal <= reached <= upper
    share = _ONE if met else None
    return Outcome(share, share, met, MET if met else UNMET, "在目标区间内为完成")


def _outcome(completion: Decimal, met: bool, scoring: Scoring, method: str) -> Outcome:
    shown = min(completion, _ONE) if scoring.completion_cap else completion
    return Outcome(shown, min(completion, _ONE), met, MET if met else UNMET, method)


def _dated(target: Target, actual: Actual, scoring: Scoring, stated: str) -> Outcome:
    if target.deadline is not None and actual.date is not None:
        met = actual.date <= target.deadline
        return Outcome(_ONE if met else None, _ONE if met else None, met, MET if met else UNMET, "按期限比较")
    return _qualitative(target, actual, scoring, stated)


def _qualitative(target: Target, actual: Actual, scoring: Scoring, stated: str) -> Outcome:
    band = band_reached(target, actual, scoring, stated)
    if band is None:
        return UNDECIDED
    first, last = scoring.bands[0], scoring.bands[-1]
    status = MET if band is first else UNMET if band is last else PARTLY
    return Outcome(_ONE if band is first else None, None, band is first, status, f"定性指标，{band.name}")


def band_reached(target: Target, actual: Actual, scoring: Scoring, stated: str = "") -> Band | None:
    """Return the band of a qualitative outcome: by its level, by 完成情况, or the first when it is as set."""
    band = band_of(scoring.bands, actual.level or actual.text) or band_of(scoring.bands, stated)
    if band is None and _repeats(target.text, actual.text) and scoring.bands:
        return scoring.bands[0]
    return band


def _repeats(target: str, actual: str) -> bool:
    """Return whether the outcome says the target over again (符合上级规定 for 符合上级规定)."""
    left, right = (normalise(text).strip("。,;") for text in (target, actual))
    if not left or not right or len(left) > 200 or len(right) > 200:
        return bool(left) and left == right
    return left == right or difflib.SequenceMatcher(None, left, right).ratio() >= ALIKE


def band_of(bands: Iterable[Band], text: str) -> Band | None:
    """Return the band whose name or alias the text is."""
    word = normalise(text).strip("。")
    if not word or len(word) > 40:
        return None
    for band in bands:
        if word in {normalise(name) for name in (band.name, *band.aliases)}:
            return band
    return None


def grade_of(grades: Iterable[Grade], score: Decimal, full: Decimal = Decimal(100)) -> str:
    """Return the grade of a total out of `full`, or an empty string when none fits.

    >>> grade_of([Grade("优", Decimal(90)), Grade("良", Decimal(80))], Decimal("89.99"))
    '良'
    """
    scaled = score * 100 / full if full else score
    for grade in sorted(grades, key=lambda item: -item.min):
        if scaled > grade.min or (scaled == grade.min and not grade.open_end):
            return grade.name
    return ""
