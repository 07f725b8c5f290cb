"""Names of units: near spellings are matched, neighbours are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.checks.model import RosterUnit
from toolkit.checks.roster import match_unit
from toolkit.collection import read_roster
from toolkit.writers.roster import write_roster

UNITS = (
    RosterUnit("1", "广州市花都区人民政府新华街道办事处", ("新华街道", "新华街")),
    RosterUnit("2", "广州市荔湾区人民政府花地街道办事处", ("花地街道",)),
    RosterUnit("3", "广州市荔湾区人民政府昌华街道办事处"),
    RosterUnit("4", "广州市花都区花东镇人民政府"),
    RosterUnit("5", "广州空港经济区管理委员会"),
)


@pytest.mark.parametrize(
    ("name", "code", "guessed"),
    [
        ("广州市花都区人民政府新华街道办事处", "1", False),
        (" 广州市 花都区人民政府新华街道办事处", "1", False),
        ("新华街", "1", False),
        ("1", "1", False),
        ("花都区新华街道办事处", "1", True),
        ("花都区人民政府新华街道办", "1", True),
        ("广州市荔湾区昌华街道办事处（本级）", "3", True),
        ("昌华街道", "3", True),
        ("花东镇人民政府", "4", True),
    ],
)
def test_a_name_is_matched_and_a_guess_is_said_to_be_one(name: str, code: str, guessed: bool) -> None:
    unit, was_guessed = match_unit(name, UNITS)
    assert unit is not None
    assert (unit.code, was_guessed) == (code, guessed)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "白云区新华街道办事处",  # another district's street of the same name
        "广州市荔湾区人民政府东华街道办事处",  # one character from 昌华
        "广州市荔湾区人民政府花蕾街道办事处",
        "新华镇人民政府",
        "管理委员会",
        "广州市荔湾区",
    ],
)
def test_a_neighbour_is_never_taken_for_a_unit_of_the_roster(name: str) -> None:
    assert match_unit(name, UNITS) == (None, False)


def test_a_name_that_fits_two_units_fits_none() -> None:
    twins = (*UNITS, RosterUnit("6", "广州市白云区人民政府新华街道办事处"))
    assert match_unit("新华街道办", twins) == (None, False)


def test_an_empty_roster_reads_as_no_units(tmp_path: Path) -> None:
    write_roster((), tmp_path / "名册.xlsx")
    assert read_roster(tmp_path / "名册.xlsx") == ()
