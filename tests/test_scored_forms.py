"""What a form says of its own scoring reaches the clerk: gravity, the nearest scheme, the method in words."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from filling import form, read
from valid import answers

from toolkit.form.layout import lay_out
from toolkit.form.model import Form
from toolkit.form.places import NOTES_SHEET
from toolkit.form.scoring import Scale
from toolkit.issues.model import Issue, Severity
from toolkit.writers.blank import write_blank

D = Decimal


def issues(form_id: str, folder: Path, change: Any) -> list[Issue]:
    given = answers(form_id)
    change(given)
    path = folder / "changed.xlsx"
    write_blank(form(form_id), path, answers=given, year=2024)
    return [item for item in read(path).issues if item.severity is not Severity.NOTE]


@pytest.mark.parametrize(
    ("form_id", "severity"), [("guangxi-project", Severity.ERROR), ("project", Severity.EXPLAIN)]
)
def test_a_form_sets_the_gravity_of_one_code_of_a_rule(
    form_id: str, severity: Severity, tmp_path: Path
) -> None:
    def exceed(given: dict[str, Any]) -> None:
        given["indicators"][0] |= {"target": "≥10万份", "actual": "13万份", "reason": ""}

    assert [(item.code, item.severity) for item in issues(form_id, tmp_path, exceed)] == [("N07", severity)]


def test_weights_of_no_scheme_are_one_issue_that_names_the_nearest(tmp_path: Path) -> None:
    def shift(given: dict[str, Any]) -> None:
        given["indicators"][0] |= {"max_score": 15, "score": 15}
        given["indicators"][2] |= {"max_score": 25, "score": 25}

    (found,) = issues("project-cost", tmp_path, shift)
    assert "“成本指标”的分值合计是 15.00 分，应为 20 分" in found.message
    assert "4 种分配办法，最接近的是：成本指标20、产出指标40、效益指标20、满意度指标10" in found.message


def test_a_score_after_deduction_is_explained_with_both_steps(tmp_path: Path) -> None:
    (found,) = issues("guangxi-project", tmp_path, lambda given: given["indicators"][1].update(score=10))
    assert "减去扣减分数 1.00 分，应为 9.00 分" in found.message
    assert "填入“扣减分数”栏" in found.hint


def with_scales() -> Form:
    """Return the central form with a scale for one second level and another for one indicator by name."""
    within = (D("0.1"), D(1)), (D("0.15"), D("0.6"))
    scales = (
        Scale("within", "step", measure="deviation", better="low", steps=within),
        Scale("each", "deduct", full=D("0.9"), each=D("0.01"), points=D("0.5"), count="whole", out_of=D(10)),
    )
    asked = form("project")
    sections = tuple(
        replace(section, scales={"数量指标": "within", "长者满意度": "each"})
        if section.indicators
        else section
        for section in asked.sections
    )
    return replace(asked, scoring=replace(asked.scoring, scales=scales), sections=sections)


def judged(asked: Form, folder: Path, row: int, **answer: Any) -> list[Issue]:
    given = answers("project")
    del given["sign"]["grade"]  # it follows from the total, which the score changes
    given["indicators"][row] |= {"reason": "部分站点停业整修，已恢复供餐。", **answer}
    write_blank(asked, folder / "scaled.xlsx", answers=given, year=2024)
    graver = (item for item in read(folder / "scaled.xlsx", (asked,)).issues if item.code[0] in "CN")
    return [item for item in graver if item.severity is not Severity.NOTE]


@pytest.mark.parametrize(
    ("row", "actual", "score", "codes"),
    [
        (0, "8.2万份", 30, []),  # 9 % short is forgiven in full, though the target is not met
        (0, "8万份", 30, ["C10"]),
        (0, "8万份", 18, []),
        (0, "8万份", 20, ["C11"]),
        (3, "87.5%", 9, []),  # two whole points short of 90 %, half a point each
        (3, "87.5%", 9.5, ["C11"]),
    ],
)
def test_indicators_are_scored_by_the_scale_of_their_level_or_name(
    row: int, actual: str, score: float, codes: list[str], tmp_path: Path
) -> None:
    found = judged(with_scales(), tmp_path, row, actual=actual, score=score)
    assert [item.code for item in found] == codes


def test_the_method_is_told_with_the_issue_and_in_the_notes(tmp_path: Path) -> None:
    (found,) = judged(with_scales(), tmp_path, 3, actual="87.5%", score=9.5)
    words = "达到90%得满分，每低1个百分点扣0.5分（不足1个百分点的不扣），扣完为止"
    assert words in found.message
    assert "应为 9.00 分" in found.message
    notes = openpyxl.load_workbook(tmp_path / "scaled.xlsx")[NOTES_SHEET]
    told = {row[0]: row[4] for row in notes.iter_rows(values_only=True)}
    assert told["长者满意度"] == f"{words}。"


def test_a_target_to_be_exceeded_and_only_reached_is_not_full(tmp_path: Path) -> None:
    (found,) = judged(form("project"), tmp_path, 0, target=">9万份", actual="9万份", score=30)
    assert found.code == "C10"


def test_a_rate_scored_by_steps_is_told_with_the_rate_and_its_points(tmp_path: Path) -> None:
    def flatter(given: dict[str, Any]) -> None:
        given["management"]["staff_control"]["score"] = 5

    (found,) = issues("hunan-department", tmp_path, flatter)
    assert "“在职人员控制率”得分填的是 5.00 分，实际值 101.67%，" in found.message
    assert "按“不超过100%得满分，每超1个百分点扣0.5分" in found.message
    assert "应为 4.00 分" in found.message


def test_a_printed_standard_is_locked_and_read_as_text(tmp_path: Path) -> None:
    asked = form("hunan-department")
    write_blank(asked, tmp_path / "blank.xlsx", answers=answers(asked.id), year=2024)
    sheet, place = lay_out(asked, year=2024).cells["management", "staff_control", "standard"]
    cell = openpyxl.load_workbook(tmp_path / "blank.xlsx")[sheet].cell(place.row + 1, place.column + 1)
    assert cell.protection.locked
    assert cell.value.startswith("在职人员数÷编制数")
    assert read(tmp_path / "blank.xlsx").cells.unread == 0


def test_a_row_with_a_list_in_its_name_is_told_by_its_whole_name(tmp_path: Path) -> None:
    def overrate(given: dict[str, Any]) -> None:
        given["management"]["benefit"]["score"] = 9

    found = issues("hunan-department", tmp_path, overrate)
    assert "经济、社会和生态效益·得分" in [item.location.label for item in found if item.code == "C04"]
