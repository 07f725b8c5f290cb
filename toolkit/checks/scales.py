"""What a scale of the form makes of a result: the share of the weight it earns, and its method in words.

All functions are monotone on the side that `better` or their limits name, stay within [0, 1], and give all at
their `full` (unless `most` forbids it). A rate is a ratio; distances are counted after rounding to the fourth
decimal, the second of a percentage, as rates are printed.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from toolkit.checks.printing import plain
from toolkit.form.scoring import Band, Scale

_ZERO, _ONE = Decimal(0), Decimal(1)
_PRINTED = Decimal("0.0001")


def share_of(scale: Scale, value: Decimal, *, full: Decimal | None = None, reverse: str) -> Decimal | None:
    """Return the part of the weight that a value earns; None where that is a matter of judgement.

    `full` is the target of the row where the scale names none, `reverse` the form's convention.

    >>> staff = Scale("staff", "deduct", better="low", full=Decimal(1), each=Decimal("0.01"),
    ...     points=Decimal("0.5"), count="started", out_of=Decimal(5))
    >>> share_of(staff, Decimal("1.024"), reverse="ratio") * 5
    Decimal('3.5')
    """
    function = _FUNCTIONS.get(scale.function)
    if function is None:
        return None
    goal = scale.full if scale.full is not None else full
    points = function(scale, value, goal, scale.convention or reverse)
    return None if points is None else max(_ZERO, min(_ONE, points))


def _linear(scale: Scale, value: Decimal, full: Decimal | None, _convention: str) -> Decimal | None:
    return None if full is None or full == scale.zero else (value - scale.zero) / (full - scale.zero)


def _capped(scale: Scale, value: Decimal, full: Decimal | None, _convention: str) -> Decimal | None:
    if scale.measure != "value" and scale.full is None:
        full = _ONE
    if full is None or full <= 0:
        return None
    share = _ZERO if scale.floor is not None and value < scale.floor else min(value / full, _ONE)
    return share if scale.most is None else min(share, scale.most / scale.out_of)


def _reverse(_scale: Scale, value: Decimal, full: Decimal | None, convention: str) -> Decimal | None:
    return None if full is None else reverse_share(full, value, convention)


def reverse_share(goal: Decimal, reached: Decimal, convention: str) -> Decimal:
    """Return the share of a result that should stay at or below its goal.

    >>> [reverse_share(Decimal(10), Decimal(15), name) for name in ("linear_double", "ratio")][0]
    Decimal('0.5')
    """
    if reached <= goal:
        return _ONE
    if goal <= 0:
        return _ZERO
    return goal / reached if convention == "ratio" else max(_ZERO, _ONE - (reached - goal) / goal)


def _step(scale: Scale, value: Decimal, _full: Decimal | None, _convention: str) -> Decimal:
    sign = 1 if scale.better == "high" else -1
    for limit, points in scale.steps:
        ahead = sign * (value - limit).quantize(_PRINTED, ROUND_HALF_UP)
        if ahead > 0 or (ahead == 0 and not scale.open_end):
            return points / scale.out_of
    return scale.otherwise / scale.out_of


def _deduct(scale: Scale, value: Decimal, full: Decimal | None, _convention: str) -> Decimal | None:
    if full is None or scale.each is None:
        return None
    off = (full - value if scale.better == "high" else value - full).quantize(_PRINTED, ROUND_HALF_UP)
    distance = max(_ZERO, off) / scale.each
    if scale.count != "exact":
        rounding = ROUND_CEILING if scale.count == "started" else ROUND_FLOOR
        distance = distance.to_integral_value(rounding)
    return max(_ONE - distance * scale.points / scale.out_of, scale.least / scale.out_of)


_FUNCTIONS: dict[str, Callable[[Scale, Decimal, Decimal | None, str], Decimal | None]] = {
    "linear": _linear,
    "capped": _capped,
    "reverse": _reverse,
    "step": _step,
    "deduct": _deduct,
}


def after_deduction(score: Decimal, deduction: Decimal | None) -> Decimal:
    """Return a score less what was taken off by hand, never below 0."""
    return max(_ZERO, score - max(_ZERO, deduction or _ZERO))


def in_words(
    scale: Scale, *, weight: Decimal | None = None, bands: tuple[Band, ...] = (), reverse: str
) -> str:
    """Return the method as a clerk reads it; points are those of the weight, else of `out_of`.

    >>> in_words(Scale("staff", "deduct", better="low", full=Decimal(1), each=Decimal("0.01"),
    ...     points=Decimal("0.5"), count="started", out_of=Decimal(5)), weight=Decimal(8), reverse="ratio")
    '不超过100%得满分，每超1个百分点扣0.8分（不足1个百分点的按1个百分点计），扣完为止'
    """
    if scale.text:
        return scale.text
    match scale.function:
        case "linear":
            words = _linear_words(scale)
        case "capped":
            words = _capped_words(scale, weight)
        case "reverse":
            words = _reverse_words(scale, reverse)
        case "step":
            words = _step_words(scale, weight)
        case "deduct":
            words = _deduct_words(scale, weight)
        case "band":
            words = "按等次计分：" + "，".join(f"{band.name}得分值的{_range(band)}" for band in bands)
        case _:
            words = "由单位据实评定，不作核算"
    return _MEASURES[scale.measure] + words


_MEASURES = {"value": "", "completion": "按完成率：", "deviation": "按偏离目标的幅度："}


def _linear_words(scale: Scale) -> str:
    full, zero = _figure(scale, scale.full or _ZERO), _figure(scale, scale.zero)
    return f"{full}得满分，{zero}不得分，其间按比例计分"


def _capped_words(scale: Scale, weight: Decimal | None) -> str:
    goal = _figure(scale, scale.full) if scale.full is not None else "目标"
    if scale.measure == "completion" and scale.full is None:
        goal = _figure(scale, _ONE)
    words = f"达到{goal}得满分，不到的按比例计分"
    if scale.floor is not None:
        words += f"，低于{_figure(scale, scale.floor)}不得分"
    return words if scale.most is None else f"{words}，最多得{_points(scale, scale.most, weight)}"


def _reverse_words(scale: Scale, reverse: str) -> str:
    goal = "目标" if scale.full is None else _figure(scale, scale.full)
    by_ratio = (scale.convention or reverse) == "ratio"
    beyond = f"按{goal}÷实际计分" if by_ratio else f"按超出的比例扣分，达到{goal}的两倍不得分"
    return f"不超过{goal}得满分，超过的{beyond}"


def _step_words(scale: Scale, weight: Decimal | None) -> str:
    high = scale.better == "high"
    side = {
        (True, False): "及以上",
        (True, True): "以上（不含）",
        (False, False): "及以下",
        (False, True): "以下（不含）",
    }
    end = side[high, scale.open_end]
    listed = [
        f"{_figure(scale, limit)}{end}得{_points(scale, points, weight)}" for limit, points in scale.steps
    ]
    rest = f"其余得{_points(scale, scale.otherwise, weight)}" if scale.otherwise else "其余不得分"
    return "，".join([*listed, rest])


def _deduct_words(scale: Scale, weight: Decimal | None) -> str:
    high = scale.better == "high"
    full, each = _figure(scale, scale.full or _ZERO), _distance(scale)
    words = f"{'达到' if high else '不超过'}{full}得满分，每{'低' if high else '超'}{each}"
    words += f"扣{_points(scale, scale.points, weight)}"
    counted = {"started": f"（不足{each}的按{each}计）", "whole": f"（不足{each}的不扣）", "exact": ""}
    end = f"最低得{_points(scale, scale.least, weight)}" if scale.least else "扣完为止"
    return f"{words}{counted[scale.count]}，{end}"


def _points(scale: Scale, points: Decimal, weight: Decimal | None) -> str:
    """Return points in words: of a known weight, of the scale's own, else as a share of any weight."""
    if weight is None and scale.out_of == 1:
        return f"分值的{plain(points * 100)}%"
    worth = points if weight is None else (points * weight / scale.out_of).quantize(_PRINTED)
    return f"{plain(worth)}分"


def _figure(scale: Scale, value: Decimal) -> str:
    rate = scale.unit == "%" or scale.measure != "value"
    return f"{plain(value * 100)}%" if rate else f"{plain(value)}{scale.unit}"


def _distance(scale: Scale) -> str:
    each = scale.each or _ONE
    rate = scale.unit == "%" or scale.measure != "value"
    return f"{plain(each * 100)}个百分点" if rate else f"{plain(each)}{scale.unit}"


def _range(band: Band) -> str:
    return f"{plain(band.low * 100)}%～{plain(band.high * 100)}%{'（不含）' if band.open_top else ''}"
