"""What another program makes of our workbooks: answers survive a save in LibreOffice."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from filling import facts, fill, form, read
from recalculation import recalculated
from valid import answers

from toolkit.checks.model import CheckResult

pytestmark = pytest.mark.office


@pytest.mark.parametrize("name", ["department", "project"])
def test_a_save_in_libreoffice_changes_no_answer(name: str, tmp_path: Path) -> None:
    path = fill(form(name), answers(name), tmp_path / f"{name}.xlsx", year=2024)
    (saved,) = recalculated([path], tmp_path)
    before, after = facts(read(path)), facts(read(saved))
    assert {place: after.get(place) for place in before} == before
    derived = set(after) - set(before)  # LibreOffice calculated what openpyxl had left without a value
    assert derived
    assert read(saved).issues == ()


def test_the_sample_workbooks_read_the_same_after_a_save(tmp_path: Path) -> None:
    samples = sorted((Path(__file__).parent.parent / "workbooks").glob("*20*.xlsx"))
    assert len(samples) == 7
    for before, after in zip(samples, recalculated(samples, tmp_path), strict=True):
        one, other = read(before), read(after)
        assert _rounded(other) == _rounded(one)
        assert [item.message for item in other.issues] == [item.message for item in one.issues]


def _rounded(result: CheckResult) -> dict[tuple[str, str, str], Any]:
    """Return the answers with rates rounded: two programs differ in the last binary digit of a division."""
    return {
        place: round(value, 12) if isinstance(value, Decimal) else value
        for place, value in facts(result).items()
    }
