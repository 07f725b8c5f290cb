"""How a form is scored: its grades, the bands of qualitative indicators, its scoring functions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade holds totals from `min` upwards; `open_end` excludes `min` itself."""

    name: str
    min: Decimal
    open_end: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """A level of a qualitative indicator and the share of the weight it may earn, both ends included
    except that a level below 100 % excludes its upper end when `open_top`."""

    name: str
    low: Decimal
    high: Decimal
    aliases: tuple[str, ...] = ()
    open_top: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """A scoring function by name with its parameters; rates are ratios, other figures as printed.

    `measure` is what it looks at: the value itself, the completion, or how far the value is off its target.
    Points are those of a weight of `out_of`; another weight earns in proportion. Which parameters belong to
    which function is in `toolkit/form/scales.py`, what they make of a value in `toolkit/checks/scales.py`.
    """

    id: str
    function: str  # linear, capped, reverse, step, deduct, band, manual
    measure: str = "value"  # or "completion", "deviation"
    better: str = "high"  # or "low": which side of its limits earns more
    full: Decimal | None = None  # from here on everything is earned
    zero: Decimal = Decimal(0)  # linear: from here on nothing is earned
    floor: Decimal | None = None  # capped: below it nothing is earned
    most: Decimal | None = None  # capped: points that are never exceeded
    convention: str = ""  # reverse: "linear_double", "ratio", or what the form's [scoring] says
    steps: tuple[tuple[Decimal, Decimal], ...] = ()  # step: (limit, points), the best first
    open_end: bool = False  # step: the limits themselves are excluded
    otherwise: Decimal = Decimal(0)  # step: points beyond the last limit
    each: Decimal | None = None  # deduct: the distance that costs `points`
    points: Decimal = Decimal(0)
    count: str = "exact"  # deduct: parts of a distance in proportion, or "started", or "whole" ones only
    least: Decimal = Decimal(0)  # deduct: points that remain however far
    out_of: Decimal = Decimal(1)
    unit: str = "%"  # of the figures, in words
    text: str = ""  # the method in the bureau's own words


@dataclass(frozen=True, slots=True)
class Scoring:
    """How completion and score are recomputed (DOMAIN: 10号文 and local conventions)."""

    reverse: str = "linear_double"  # or "ratio"
    completion_cap: bool = False
    bands: tuple[Band, ...] = ()
    default_operator: str = "ge"  # of a bare number
    score_decimals: int = 2
    scales: tuple[Scale, ...] = ()
    scale: str = ""  # of indicators for which nothing nearer names one; empty is by direction of the target

    def named(self, scale_id: str) -> Scale | None:
        """Return the scale of that id, or None."""
        return next((scale for scale in self.scales if scale.id == scale_id), None)
