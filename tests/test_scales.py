"""Scoring functions: within the weight, monotone, full at the target, and as a slow definition says."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.checks.scales import after_deduction, in_words, share_of
from toolkit.checks.scoring import by_scale, outcome
from toolkit.form.loader import parse_form
from toolkit.form.scoring import Band, Scale, Scoring
from toolkit.form.toml_table import FormError
from toolkit.submission.model import Actual, Operator, Target

QUICK = settings(max_examples=40, deadline=None)
D = Decimal


def numbers(low: str, high: str, places: int = 4) -> st.SearchStrategy[Decimal]:
    return st.decimals(D(low), D(high), places=places)


@st.composite
def linear(draw: st.DrawFn) -> Scale:
    full, zero = draw(st.lists(numbers("-2", "2"), min_size=2, max_size=2, unique=True))
    return Scale("s", "linear", full=full, zero=zero)


@st.composite
def capped(draw: st.DrawFn) -> Scale:
    full = draw(numbers("0.1", "2"))
    floor = draw(st.none() | st.just((full / 2).quantize(D("0.01"))))
    return Scale("s", "capped", full=full, floor=floor)


@st.composite
def reverse(draw: st.DrawFn) -> Scale:
    convention = draw(st.sampled_from(["linear_double", "ratio"]))
    return Scale("s", "reverse", better="low", full=draw(numbers("0", "2")), convention=convention)


@st.composite
def step(draw: st.DrawFn) -> Scale:
    better = draw(st.sampled_from(["high", "low"]))
    limits = draw(st.lists(numbers("-1", "2"), min_size=1, max_size=5, unique=True))
    points = draw(st.lists(numbers("0", "10", 1), min_size=len(limits), max_size=len(limits)))
    falling = sorted([*points[1:], D(10)], reverse=True)
    ranked = zip(sorted(limits, reverse=better == "high"), falling, strict=True)
    return Scale("s", "step", better=better, steps=tuple(ranked), out_of=D(10), open_end=draw(st.booleans()))


@st.composite
def deduct(draw: st.DrawFn) -> Scale:
    return Scale(
        "s",
        "deduct",
        better=draw(st.sampled_from(["high", "low"])),
        full=draw(numbers("-1", "2")),
        each=draw(numbers("0.001", "0.2", 3)),
        points=draw(numbers("0.1", "3", 1)),
        count=draw(st.sampled_from(["exact", "started", "whole"])),
        least=draw(st.sampled_from([D(0), D(1)])),
        out_of=D(5),
    )


SCALES = st.one_of(linear(), capped(), reverse(), step(), deduct())
VALUES = numbers("-3", "4")


def share(scale: Scale, value: Decimal) -> Decimal:
    found = share_of(scale, value, reverse="linear_double")
    assert found is not None
    return found


def _rises(scale: Scale) -> bool:
    if scale.function == "linear":
        return (scale.full or D(0)) > scale.zero
    return scale.function != "reverse" and scale.better == "high"


@QUICK
@given(SCALES, VALUES, numbers("0.5", "100", 1))
def test_a_score_lies_between_nothing_and_the_weight(scale: Scale, value: Decimal, weight: Decimal) -> None:
    assert 0 <= share(scale, value) * weight <= weight


@QUICK
@given(SCALES, VALUES, VALUES)
def test_a_better_result_never_earns_less(scale: Scale, one: Decimal, other: Decimal) -> None:
    worse, better = sorted((one, other), reverse=not _rises(scale))
    assert share(scale, worse) <= share(scale, better)


@QUICK
@given(SCALES, numbers("0", "3"))
def test_at_its_limit_and_beyond_everything_is_earned(scale: Scale, beyond: Decimal) -> None:
    limit = scale.steps[0][0] if scale.function == "step" else scale.full
    assert limit is not None
    outside = D("0.0001") if scale.open_end else D(0)
    assert share(scale, limit + (1 if _rises(scale) else -1) * (beyond + outside)) == 1


def slow(scale: Scale, value: Decimal) -> Fraction:
    """Return the share by counting and comparing, with exact fractions."""
    v, full = Fraction(value), Fraction(scale.full or 0)
    match scale.function:
        case "linear":
            position = (v - Fraction(scale.zero)) / (full - Fraction(scale.zero))
            return sorted((Fraction(0), position, Fraction(1)))[1]
        case "capped":
            if scale.floor is not None and v < Fraction(scale.floor):
                return Fraction(0)
            return sorted((Fraction(0), v / full, Fraction(1)))[1]
        case "reverse":
            if v <= full:
                return Fraction(1)
            if full == 0:
                return Fraction(0)
            return full / v if scale.convention == "ratio" else max(Fraction(0), 2 - v / full)
        case "step":
            reached = [
                points
                for limit, points in scale.steps
                if (value > limit if scale.better == "high" else value < limit)
                or (value == limit and not scale.open_end)
            ]
            return Fraction(max(reached, default=D(0))) / Fraction(scale.out_of)
    left, points, each = Fraction(scale.out_of), Fraction(scale.points), Fraction(scale.each or 1)
    off = full - v if scale.better == "high" else v - full
    while off > 0 and left > 0:
        if off >= each or scale.count == "started":
            left -= points
        elif scale.count == "exact":
            left -= points * off / each
        off -= each
    return max(left, Fraction(scale.least)) / Fraction(scale.out_of)


@QUICK
@given(SCALES, VALUES)
def test_a_score_is_what_counting_step_by_step_gives(scale: Scale, value: Decimal) -> None:
    assert abs(Fraction(share(scale, value)) - slow(scale, value)) < Fraction(1, 10**20)


def scale_in(text: str) -> Scale:
    """Return the scale of a form, as its author writes it."""
    head = 'id = "x"\nversion = "1"\ntitle = "表"\n[[sheet]]\nname = "页"\n[[scoring.scale]]\nid = "s"\n'
    section = '\n[[section]]\nid = "a"\ntitle = "块"\nsheet = "页"\n[[section.field]]\nid = "b"\nlabel = "栏"'
    return parse_form(head + text + section).scoring.scales[0]


STAFF = 'function = "deduct"\nbetter = "low"\nfull = 1\neach = 0.01\npoints = 0.5\nout_of = 5\n'
BUDGET = 'function = "deduct"\nfull = 1\neach = 0.05\npoints = 2\nout_of = 10\n'
CONTROL = 'function = "step"\nbetter = "low"\nsteps = [[0, 5], [0.1, 4], [0.2, 3], [0.3, 2]]\nout_of = 5'


@pytest.mark.parametrize(
    ("text", "weight", "value", "score"),
    [
        (f'{STAFF}count = "started"', 5, "1.00", "5"),
        (f'{STAFF}count = "started"', 5, "1.001", "4.5"),
        (f'{STAFF}count = "whole"', 5, "1.019", "4.5"),
        (STAFF, 5, "1.024", "3.8"),
        (STAFF, 8, "1.02", "6.4"),  # 8 points lose 0.8 each
        (STAFF, 5, "1.5", "0"),
        (
            'function = "deduct"\nfull = 1\neach = 0.05\npoints = 2\nout_of = 10\ncount = "whole"',
            10,
            "0.9",
            "6",
        ),
        (CONTROL, 5, "0", "5"),
        (CONTROL, 5, "0.1", "4"),
        (CONTROL, 5, "0.1001", "3"),
        (CONTROL, 5, "0.31", "0"),
        ('function = "linear"\nfull = 1\nzero = 0.6', 10, "0.8", "5"),
        ('function = "capped"\nfull = 0.9\nfloor = 0.6', 9, "0.8", "8"),
        ('function = "capped"\nfull = 0.9\nfloor = 0.6', 9, "0.59", "0"),
        ('function = "capped"\nfull = 1\nmost = 5\nout_of = 10', 10, "1", "5"),
        ('function = "reverse"\nfull = 10', 10, "15", "5"),
        ('function = "reverse"\nfull = 10\nconvention = "ratio"', 9, "15", "6"),
        ('function = "reverse"\nfull = 10', 10, "20", "0"),
        ('function = "reverse"\nfull = 0', 10, "0", "10"),
        ('function = "reverse"\nfull = 0', 10, "0.01", "0"),
    ],
)
def test_the_scoring_texts_of_the_field_give_their_scores(
    text: str, weight: int, value: str, score: str
) -> None:
    assert (share(scale_in(text), D(value)) * weight).quantize(D("0.01"), ROUND_HALF_UP) == D(score)


FLOORED = 'function = "capped"\nfloor = 0.6\nmeasure = "completion"'
FEWER = 'function = "capped"\nfull = 9\nunit = "场"\nmost = 5\nout_of = 9'
WITHIN = 'function = "step"\nmeasure = "deviation"\nbetter = "low"\nsteps = [[0.1, 1], [0.15, 0.6]]'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (STAFF, "不超过100%得满分，每超1个百分点扣0.5分，扣完为止"),
        (f'{STAFF}count = "whole"', "（不足1个百分点的不扣）"),
        (CONTROL, "0%及以下得5分，10%及以下得4分，20%及以下得3分，30%及以下得2分，其余不得分"),
        ('function = "linear"\nfull = 1\nzero = 0.6', "100%得满分，60%不得分，其间按比例计分"),
        (FLOORED, "按完成率：达到100%得满分，不到的按比例计分，低于60%不得分"),
        (FEWER, "达到9场得满分，不到的按比例计分，最多得5分"),
        ('function = "reverse"', "不超过目标得满分，超过的按超出的比例扣分，达到目标的两倍不得分"),
        (WITHIN, "按偏离目标的幅度：10%及以下得分值的100%，15%及以下得分值的60%，其余不得分"),
        ('function = "band"', "按等次计分：达成得分值的80%～100%"),
        ('function = "manual"', "由单位据实评定，不作核算"),
        ('function = "manual"\ntext = "按区财政局通报的等次得分"', "按区财政局通报的等次得分"),
    ],
)
def test_a_method_is_said_in_words(text: str, words: str) -> None:
    bands = (Band("达成", D("0.8"), D(1)),)
    assert words in in_words(scale_in(text), bands=bands, reverse="linear_double")


def test_points_in_words_are_those_of_the_weight() -> None:
    assert "扣0.8分" in in_words(scale_in(STAFF), weight=D(8), reverse="ratio")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('function = "deducted"', "did you mean 'deduct'?"),
        ('function = "linear"\nfull = 0', "'linear' needs 'full', another value than 'zero'"),
        ('function = "deduct"\nfull = 1', "'deduct' needs 'full', and 'each' and 'points' above 0"),
        ('function = "capped"\nfull = 0', "'full' of 'capped' must be above 0"),
        ('function = "step"', "'step' needs 'steps'"),
        ('function = "step"\nsteps = [[1]]', "'steps' must be a list of [limit, points]"),
        ('function = "step"\nsteps = [[0.8, 1], [0.9, 0.5]]', "falling limits, falling points"),
        ('function = "step"\nsteps = [[0.9, 0.5], [0.8, 1]]', "falling limits, falling points"),
        ('function = "step"\nsteps = [[0.9, 5]]', "points must lie between 0 and 'out_of' (1)"),
        ('function = "manual"\nfull = 1', "'manual' does not take 'full'; it takes no parameters"),
        ('function = "reverse"\nfull = 1\neach = 2', "'reverse' does not take 'each'"),
    ],
)
def test_a_scale_without_sense_is_refused_with_its_path(text: str, problem: str) -> None:
    with pytest.raises(FormError, match=re.escape(problem)) as refused:
        scale_in(text)
    assert refused.value.path.startswith("form.scoring.scale[s]")


TARGET = Target("100场", Operator.GE, D(100), unit="场")


def scored(scale: Scale, target: Target, actual: Actual, scoring: Scoring) -> Decimal | None:
    return by_scale(outcome(target, actual, scoring), scale, target, actual, scoring, D(10)).score(D(10), 2)


@QUICK
@given(numbers("0", "300", 1), st.booleans())
def test_an_indicator_is_measured_as_its_scale_says(reached: Decimal, cap: bool) -> None:
    scoring, actual = Scoring(completion_cap=cap), Actual("", reached, "场")
    steps = ((D("0.1"), D(1)), (D("0.15"), D("0.6")))
    within = Scale("s", "step", measure="deviation", better="low", steps=steps)
    off = abs(reached - 100)
    assert scored(within, TARGET, actual, scoring) == (10 if off <= 10 else 6 if off <= 15 else 0)
    half = Scale("s", "linear", measure="completion", full=D(2))
    assert scored(half, TARGET, actual, scoring) == min(reached / 20, D(10)).quantize(
        D("0.01"), ROUND_HALF_UP
    )
    count = Scale("s", "deduct", full=D(100), each=D(10), points=D(1), count="whole", out_of=D(10), unit="场")
    assert scored(count, TARGET, actual, scoring) == max(D(0), 10 - max(D(0), 100 - reached) // 10)
    assert scored(replace(half, function="manual"), TARGET, actual, scoring) is None


def test_what_a_scale_cannot_measure_is_scored_by_direction() -> None:
    scale, target = Scale("s", "linear", measure="completion", full=D(1)), Target("优", Operator.QUALITATIVE)
    assert scored(scale, target, Actual("说不清"), Scoring()) is None
    assert scored(scale, TARGET, Actual("≥90场", D(90), "场", Operator.GE), Scoring()) is None


@QUICK
@given(numbers("0", "100", 2), numbers("-5", "200", 2))
def test_a_deduction_takes_off_no_more_than_there_is(score: Decimal, deduction: Decimal) -> None:
    left = after_deduction(score, deduction)
    assert left == (score if deduction <= 0 else 0 if deduction >= score else score - deduction)


@QUICK
@given(numbers("-50", "300", 1), numbers("0", "100", 0))
def test_the_zero_rules_of_the_field_hold(reached: Decimal, goal: Decimal) -> None:
    actual, scoring = Actual("", reached), Scoring()
    equal = outcome(Target("", Operator.EQ, goal), actual, scoring).share
    reverse_share = outcome(Target("", Operator.LE, goal), actual, scoring).share
    if goal == 0:
        assert equal == (1 if reached <= 0 else 0)
    if reached < 0 < goal:
        assert equal == 0  # a negative result counts as nothing
    if goal > 0 and reached >= 2 * goal:
        assert reverse_share == 0
