"""Between workbooks, and what a single file cannot show: names, dates, duplicates, a worker that dies."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from alter import put_together, take_apart
from filling import facts, fill, form, read
from valid import answers

from toolkit.checks.across import judge_across
from toolkit.checks.model import CheckResult, Collected, RosterUnit, Standing
from toolkit.form.model import Form
from toolkit.submission.reader import OUR_SHEETS
from toolkit.writers.blank import write_blank

FORMS: dict[str, Form] = {name: form(name) for name in ("department", "project")}
UNIT = answers("department")["cover"]["unit_name"]


def workbook(path: Path, name: str, **changes: dict[str, Any]) -> CheckResult:
    """Write and read a valid workbook with fields of its answers sections changed."""
    given = answers(name)
    for section, fields in changes.items():
        given[section].update(fields)
    write_blank(FORMS[name], path, answers=given, year=2024)
    return read(path, tuple(FORMS.values()))


def together(results: list[CheckResult], *units: RosterUnit) -> Collected:
    return judge_across(results, units, FORMS)


def codes(collected: Collected, file: str) -> list[str]:
    return [item.code for result in collected.results if result.file == file for item in result.issues]


def test_a_unit_outside_the_roster_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    result = workbook(tmp_path / "甲.xlsx", "department", cover={"unit_name": "青山区人民政府红旗街道办事处"})
    collected = together([result], RosterUnit("1", UNIT, forms=("department",), year=2024))
    assert codes(collected, "甲.xlsx") == ["S02"]
    assert UNIT in collected.results[0].issues[0].message
    assert [row.standing for row in collected.standings] == [Standing.MISSING, Standing.UNLISTED]
    assert [item.code for item in collected.issues] == ["S05"]


def test_a_name_nearly_spelt_is_gathered_under_the_roster_name_and_said_so(tmp_path: Path) -> None:
    result = workbook(tmp_path / "甲.xlsx", "department", cover={"unit_name": "红桥街道办"})
    collected = together([result], RosterUnit("1", UNIT, forms=("department",), year=2024))
    assert codes(collected, "甲.xlsx") == ["S22"]
    assert collected.results[0].unit == UNIT
    assert [row.standing for row in collected.standings] == [Standing.REPORTED]


def test_a_form_filled_in_after_the_due_date_is_late(tmp_path: Path) -> None:
    result = workbook(tmp_path / "甲.xlsx", "department", cover={"fill_date": date(2025, 4, 8)})
    unit = RosterUnit("1", UNIT, forms=("department",), year=2024, due=date(2025, 3, 31))
    collected = together([result], unit)
    (found,) = collected.results[0].issues
    assert (found.code, found.found, found.expected) == ("S15", "2025-04-08", "2025-03-31")
    assert found.location.cell
    assert [row.standing for row in collected.standings] == [Standing.LATE]


def test_the_same_bytes_twice_count_once_and_are_said_to_be_the_same(tmp_path: Path) -> None:
    one = workbook(tmp_path / "甲.xlsx", "department")
    (tmp_path / "乙.xlsx").write_bytes((tmp_path / "甲.xlsx").read_bytes())
    collected = together([one, read(tmp_path / "乙.xlsx", tuple(FORMS.values()))])
    assert len(collected.counting) == 1
    replaced = next(result.file for result in collected.results if result.file not in collected.counting)
    assert codes(collected, replaced) == ["F11"]


def test_a_project_told_differently_by_its_two_workbooks_is_named(tmp_path: Path) -> None:
    department = answers("department")
    department["projects"].append(
        {"project_name": "长者配餐服务项目", "adjusted_budget": 90, "actual_expenditure": 89}
    )
    write_blank(FORMS["department"], tmp_path / "甲.xlsx", answers=department, year=2024)
    first = read(tmp_path / "甲.xlsx", tuple(FORMS.values()))
    collected = together([first, workbook(tmp_path / "乙.xlsx", "project")])
    (found,) = [item for item in collected.results[1].issues if item.code == "X12"]
    assert collected.results[1].file == "甲.xlsx"
    assert "90.00 与 100.00 万元" in found.message


def test_three_projects_of_one_score_are_worth_a_note(tmp_path: Path) -> None:
    names = ("长者配餐", "微改造", "亮灯工程")
    results = [
        workbook(tmp_path / f"{name}.xlsx", "project", project={"project_name": name}) for name in names
    ]
    collected = together(results)
    assert [item.code for result in collected.results for item in result.issues] == ["C15"]
    assert "3 个项目" in next(item for result in collected.results for item in result.issues).message


def test_another_version_of_the_form_is_read_under_the_present_one(tmp_path: Path) -> None:
    path = fill(FORMS["project"], answers("project"), tmp_path / "filled.xlsx", year=2024)
    pages = [page for page in take_apart(path) if page.name not in OUR_SHEETS]
    for page in pages:
        for place, (value, number_format) in page.cells.items():
            if isinstance(value, str) and "project@" in value:
                page.cells[place] = ("表样编号：project@2019.7", number_format)
    result = read(put_together(pages, tmp_path / "old.xlsx"), tuple(FORMS.values()))
    assert [item.code for item in result.issues] == ["S19"]


def test_a_column_copied_under_the_same_heading_is_told_and_the_left_one_taken(tmp_path: Path) -> None:
    path = fill(FORMS["project"], answers("project"), tmp_path / "filled.xlsx", year=2024)
    pages = [page for page in take_apart(path) if page.name not in OUR_SHEETS]
    page = pages[0]
    (row, column) = next(place for place, (value, _) in page.cells.items() if value == "三级指标")
    page.cells[row, 20] = ("三级指标", "General")
    result = read(put_together(pages, tmp_path / "twice.xlsx"), tuple(FORMS.values()))
    (found,) = result.issues
    assert found.code == "S21"
    assert found.location.cell == f"T{row}"
    assert column < 20
    page.cells[row + 1, 20] = ("另一个指标", "General")
    result = read(put_together(pages, tmp_path / "filled_twice.xlsx"), tuple(FORMS.values()))
    assert [(item.code, item.location.cell) for item in result.issues] == [
        ("S21", f"T{row}"),
        ("S16", f"T{row + 1}"),
    ]
    assert facts(result)["indicators", "1", "name"] == answers("project")["indicators"][0]["name"]
