"""What a form says of its own scoring reaches the clerk: gravity, the nearest scheme, the method in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from filling import form, read
from valid import answers

from toolkit.issues.model import Issue, Severity
from toolkit.writers.blank import write_blank


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
