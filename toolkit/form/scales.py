"""[[scoring.scale]] -> Scale: which parameters each scoring function takes, and that they make sense."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

from toolkit.form.scoring import Scale
from toolkit.form.toml_table import REQUIRED, FormError, Table

# function -> its own parameters beside those of every scale
PARAMETERS: dict[str, tuple[str, ...]] = {
    "linear": ("full", "zero"),
    "capped": ("full", "floor", "most"),
    "reverse": ("full", "convention"),
    "step": ("better", "steps", "otherwise", "open_end"),
    "deduct": ("better", "full", "each", "points", "count", "least"),
    "band": (),
    "manual": (),
}
_OWN = dict.fromkeys(name for names in PARAMETERS.values() for name in names)


def read_scale(table: Table) -> Scale:
    """Read one scale; FormError for a parameter that its function does not take, or without sense."""
    function = table.one_of("function", str, PARAMETERS, REQUIRED)
    scale = Scale(
        id=table.text("id", REQUIRED),
        function=function,
        measure=table.one_of("measure", str, ("value", "completion", "deviation"), "value"),
        better=table.one_of("better", str, ("high", "low"), "high"),
        full=table.number("full"),
        zero=_number(table, "zero", 0),
        floor=table.number("floor"),
        most=table.number("most"),
        convention=table.one_of("convention", str, ("", "linear_double", "ratio"), ""),
        steps=_steps(table),
        open_end=table.flag("open_end"),
        otherwise=_number(table, "otherwise", 0),
        each=table.number("each"),
        points=_number(table, "points", 0),
        count=table.one_of("count", str, ("exact", "started", "whole"), "exact"),
        least=_number(table, "least", 0),
        out_of=_number(table, "out_of", 1),
        unit=table.text("unit", "%"),
        text=table.text("text"),
    )
    _refuse_strange(table.path, scale)
    _check(table.path, scale)
    table.done()
    return scale


def _refuse_strange(path: str, scale: Scale) -> None:
    bare, taken = Scale(scale.id, scale.function), PARAMETERS[scale.function]
    for name in _OWN:
        if name not in taken and getattr(scale, name) != getattr(bare, name):
            listed = ", ".join(taken) or "no parameters"
            raise FormError(path, f"'{scale.function}' does not take '{name}'; it takes {listed}")


def _number(table: Table, key: str, default: int) -> Decimal:
    return table.number(key, default) or Decimal(0)


def _steps(table: Table) -> tuple[tuple[Decimal, Decimal], ...]:
    values: list[Any] = table.raw("steps", list, "a list of [limit, points]", [])
    pairs = [pair for pair in values if isinstance(pair, list) and len(pair) == 2]
    numbers = [[Decimal(end) for end in pair if type(end) in (int, Decimal)] for pair in pairs]
    if len(pairs) < len(values) or any(len(pair) < 2 for pair in numbers):
        raise FormError(table.path, "'steps' must be a list of [limit, points]")
    return tuple((limit, points) for limit, points in numbers)


def _check(path: str, scale: Scale) -> None:
    """Refuse a scale that could give less than nothing, more than everything, or more for a worse result."""
    match scale.function:
        case "linear" if scale.full is None or scale.full == scale.zero:
            raise FormError(path, "'linear' needs 'full', another value than 'zero'")
        case "deduct" if scale.full is None or not scale.each or scale.each <= 0 or scale.points <= 0:
            raise FormError(path, "'deduct' needs 'full', and 'each' and 'points' above 0")
        case "capped" if scale.full is not None and scale.full <= 0:
            raise FormError(path, "'full' of 'capped' must be above 0")
        case "step":
            _check_steps(path, scale)
    if scale.out_of <= 0:
        raise FormError(path, "'out_of' must be above 0")
    given = [points for _, points in scale.steps]
    given += [scale.otherwise, scale.least, *([] if scale.most is None else [scale.most])]
    if any(not 0 <= points <= scale.out_of for points in given):
        raise FormError(path, f"points must lie between 0 and 'out_of' ({scale.out_of})")


def _check_steps(path: str, scale: Scale) -> None:
    if not scale.steps:
        raise FormError(path, "'step' needs 'steps'")
    sign = 1 if scale.better == "high" else -1
    falling = [*scale.steps, (scale.steps[-1][0] - sign, scale.otherwise)]
    for (limit, points), (next_limit, next_points) in pairwise(falling):
        if sign * limit <= sign * next_limit or points < next_points:
            words = "falling" if sign > 0 else "rising"
            raise FormError(path, f"'steps' must start with the best: {words} limits, falling points")
