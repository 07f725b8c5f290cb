"""Unit and project names: as written in a workbook, and as others call them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from toolkit.checks.model import RosterUnit
from toolkit.form.labels import normalise

NEAR_NAME = 0.85  # similarity from which a unit name is taken for a roster name
_SUFFIXES = ("人民政府", "街道办事处", "办事处", "委员会")


def match_unit(name: str, roster: Sequence[RosterUnit]) -> tuple[RosterUnit | None, bool]:
    """Return the roster unit a name means, and whether it was only nearly spelt so."""
    wanted = normalise(name)
    if not wanted:
        return None, False
    for unit in roster:
        if wanted in {normalise(known) for known in (unit.name, unit.code, *unit.aliases) if known}:
            return unit, False
    near = [(_likeness(wanted, normalise(unit.name)), unit) for unit in roster]
    best = max(near, key=lambda pair: pair[0], default=(0.0, None))
    runners = [likeness for likeness, unit in near if unit is not best[1]]
    if best[1] is not None and best[0] >= NEAR_NAME and best[0] > max(runners, default=0.0):
        return best[1], True
    return None, False


def _likeness(left: str, right: str) -> float:
    """Return how alike two unit names are; what every subdistrict office shares does not count."""
    for suffix in _SUFFIXES:
        left, right = left.replace(suffix, ""), right.replace(suffix, "")
    if left and right and (left.endswith(right) or right.endswith(left)) and min(len(left), len(right)) >= 4:
        return 0.95
    return difflib.SequenceMatcher(None, left, right).ratio()


def project_key(name: str) -> str:
    """Return a project's name without the words that are now written and now left out.

    >>> project_key("长者长寿保健金项目") == project_key("长者长寿保健金")
    True
    """
    key = normalise(name)
    for ending in ("项目经费", "专项经费", "项目", "经费"):
        if key.endswith(ending) and len(key) > len(ending) + 2:
            return key.removesuffix(ending)
    return key
