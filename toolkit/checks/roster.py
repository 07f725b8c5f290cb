"""Unit and project names: as written in a workbook, and as others call them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from toolkit.checks.model import RosterUnit
from toolkit.form.labels import normalise

_GOVERNMENT = re.compile(r"人民政府|\(本级\)|本级|机关")
_PLACE = re.compile(r"(.*[省市州盟区县旗])(?=..)")
_KIND = re.compile(r"(?:街道办事处|街道办|街道|街|办事处)$")
_PROJECT_TAIL = re.compile(r"(?:项目|经费|资金)+$")
_PROJECT_MARKS = re.compile(r"\W")
_TOO_COMMON = frozenset({"管委会", "管理委员会", "办公室", "委员会", "财政局", "教育局"})


class Units:
    """Units to find names among, however many there are of both."""

    def __init__(self, units: Iterable[RosterUnit]) -> None:
        self.names: list[str] = []
        self._known: dict[str, RosterUnit] = {}
        self._like: dict[str, list[tuple[str, RosterUnit]]] = defaultdict(list)  # by distinctive part
        for unit in units:
            self.names.append(unit.name)
            for name in (unit.name, unit.code, *unit.aliases):
                if name:
                    self._known.setdefault(normalise(name), unit)
            place, core = _parts(normalise(unit.name))
            self._like[core].append((place, unit))

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self.names)

    def match(self, name: str) -> tuple[RosterUnit | None, bool]:
        """Return the unit a name means, and whether it was only nearly spelt so.

        A near name shares the distinctive part (新华 of 花都区新华街道办) and contradicts nothing: of two
        units that differ in one character neither is taken for the other.
        """
        wanted = normalise(name)
        if not wanted:
            return None, False
        if wanted in self._known:
            return self._known[wanted], False
        place, core = _parts(wanted)
        near = [unit for other, unit in self._like.get(core, ()) if _fit(core, place, other)]
        return (near[0], True) if len(near) == 1 else (None, False)


def match_unit(name: str, roster: Sequence[RosterUnit]) -> tuple[RosterUnit | None, bool]:
    """Return the roster unit a name means, as `Units.match` does; for one name."""
    return Units(roster).match(name)


def _fit(core: str, place: str, other: str) -> bool:
    """Return whether units with one distinctive part can be one: their places do not contradict."""
    if len(core) < 2:
        return False
    if not place or not other:
        return core not in _TOO_COMMON
    return place.endswith(other) or other.endswith(place)


def _parts(name: str) -> tuple[str, str]:
    """Return the place and the distinctive part of a unit's name.

    >>> _parts("广州市花都区人民政府新华街道办事处"), _parts("新华街")
    (('广州市花都区', '新华'), ('', '新华'))
    """
    bare = _GOVERNMENT.sub("", name)
    place = _PLACE.match(bare)
    prefix = place.group(1) if place else ""
    core = bare.removeprefix(prefix)
    return prefix, _KIND.sub("", core) or core


def project_key(name: str) -> str:
    """Return the form of a project's name under which two tellings meet.

    >>> project_key("长者长寿保健金项目") == project_key("“长者长寿”保健金"), project_key("项目")
    (True, '项目')
    """
    bare = _PROJECT_MARKS.sub("", normalise(name))
    return _PROJECT_TAIL.sub("", bare) or bare
