"""A valid workbook broken in one place: the issue names that place, and there is one issue per cause."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alter import put_together, take_apart
from filling import fill, form, read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from valid import answers

from toolkit.checks.model import CheckResult
from toolkit.form.layout import lay_out
from toolkit.form.model import Field, Form, SectionKind
from toolkit.issues.model import Issue, Severity
from toolkit.submission.grid import a1
from toolkit.submission.reader import OUR_SHEETS
from toolkit.writers.blank import write_blank

FORMS = {name: form(name) for name in ("department", "project")}
YEAR = 2024
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def required_cells(asked: Form) -> list[tuple[str, str, str]]:
    """Return every required cell that the valid answers fill."""
    found = []
    given_answers = answers(asked.id)
    for section in asked.sections:
        rows = given_answers.get(section.id, {})
        if section.kind is SectionKind.ANSWERS:
            rows = {"": rows}
        elif section.kind is SectionKind.TABLE:
            rows = {str(position): row for position, row in enumerate(rows, 1)} if rows else {}
        for row_id, row in rows.items():
            for entry in section.fields:
                printed = section.kind is SectionKind.GRID and entry.id in section.row(row_id).defaults
                if entry.id in row and not printed and _is_required(asked, section.id, row_id, entry):
                    found.append((section.id, row_id, entry.id))
    return found


def _is_required(asked: Form, section_id: str, row_id: str, entry: Field) -> bool:
    section = asked.section(section_id)
    if entry.fill_down or entry.id == "fiscal_year":
        return False  # a blank level cell repeats the one above; the title names the year, too
    if section.kind is SectionKind.GRID:
        return entry.required or entry.id in section.row(row_id).required
    return entry.required


def put(given_answers: dict[str, Any], name: tuple[str, str, str], value: Any) -> None:
    section, row_id, field = name
    row = given_answers[section]
    row = row[int(row_id) - 1] if isinstance(row, list) else row[row_id] if row_id else row
    if value is None:
        del row[field]
    else:
        row[field] = value


def get(given_answers: dict[str, Any], name: tuple[str, str, str]) -> Any:
    section, row_id, field = name
    row = given_answers[section]
    row = row[int(row_id) - 1] if isinstance(row, list) else row[row_id] if row_id else row
    return row[field]


def judged(asked: Form, given_answers: dict[str, Any], path: Path) -> CheckResult:
    write_blank(asked, path, answers=given_answers, year=YEAR)
    return read(path, tuple(FORMS.values()))


def grave(result: CheckResult) -> list[Issue]:
    return [item for item in result.issues if item.severity is not Severity.NOTE]


def cell_of(asked: Form, given_answers: dict[str, Any], name: tuple[str, str, str]) -> tuple[str, str]:
    sheet, place = lay_out(asked, answers=given_answers, year=YEAR).cells[name]
    return sheet, a1(place.row, place.column)


def the_one(result: CheckResult) -> tuple[str, str, str]:
    (found,) = grave(result)
    return found.code, found.location.sheet, found.location.cell


@pytest.mark.parametrize("name", FORMS)
@QUICK
@given(data=st.data())
def test_a_required_cell_left_blank_is_the_one_issue(name: str, tmp_path: Path, data: st.DataObject) -> None:
    asked, given_answers = FORMS[name], answers(name)
    place = data.draw(st.sampled_from(required_cells(asked)))
    if asked.section(place[0]).kind is SectionKind.TABLE and len(given_answers[place[0]]) == 1:
        return  # the row would be empty, and the table short of a row
    put(given_answers, place, None)
    assert the_one(judged(asked, given_answers, tmp_path / "broken.xlsx")) == (
        "S04",
        *cell_of(asked, given_answers, place),
    )


SUMS = (
    ("department", ("income", "total", "actual_expenditure"), 2207.75, "B12"),
    ("department", ("expenditure", "total", "adjusted_budget"), 2210, "B12"),
    ("department", ("expenditure", "total", "prior_expenditure"), 2040, "B12"),
    ("department", ("scores", "total", "score"), 92, "C06"),
    ("department", ("management", "total", "score"), 48, "C08"),
    ("project", ("funds", "total", "initial_budget"), 100, "B02"),
)


@QUICK
@given(data=st.data())
def test_a_broken_sum_is_the_one_issue(tmp_path: Path, data: st.DataObject) -> None:
    name, place, right, code = data.draw(st.sampled_from(SUMS))
    off = data.draw(st.sampled_from([-1, 1])) * data.draw(st.integers(1, 9))
    given_answers = answers(name)
    given_answers[place[0]].setdefault(place[1], {})
    put(given_answers, place, right + off)
    result = judged(FORMS[name], given_answers, tmp_path / "broken.xlsx")
    assert the_one(result) == (code, *cell_of(FORMS[name], given_answers, place))


@QUICK
@given(data=st.data())
def test_a_score_above_its_weight_is_the_one_issue(tmp_path: Path, data: st.DataObject) -> None:
    asked, given_answers = FORMS["department"], answers("department")
    places = [("indicators", str(row), "score") for row in range(1, 6)]
    places += [("management", row, "score") for row in given_answers["management"]]
    place = data.draw(st.sampled_from(places))
    weight = asked.section(place[0]).row(place[1]).defaults["max_score"] if place[0] == "management" else None
    limit = float(weight or get(given_answers, (*place[:2], "max_score")))
    put(given_answers, place, limit + data.draw(st.integers(1, 30)))
    result = judged(asked, given_answers, tmp_path / "broken.xlsx")
    assert the_one(result) == ("C04", *cell_of(asked, given_answers, place))


@QUICK
@given(data=st.data())
def test_yuan_for_ten_thousand_yuan_is_the_one_issue(tmp_path: Path, data: st.DataObject) -> None:
    asked, given_answers = FORMS["department"], answers("department")
    places = [
        (section, row, field)
        for section, rows in (("projects", ("1", "2")), ("expenditure", ("basic", "project")))
        for row in rows
        for field in ("initial_budget", "adjusted_budget", "actual_expenditure")
    ]
    place = data.draw(st.sampled_from(places))
    amount = get(given_answers, place)
    put(given_answers, place, data.draw(st.sampled_from([amount * 10_000, f"{amount}元"])))
    result = judged(asked, given_answers, tmp_path / "broken.xlsx")
    assert the_one(result) == ("B10", *cell_of(asked, given_answers, place))


REASONS = (
    ("department", ("indicators", "5", "reason"), "N17"),
    ("department", ("scores", "duty", "reason"), "C09"),
    ("department", ("scores", "management", "reason"), "C09"),
    ("department", ("running", "administration", "reason"), "B19"),
    ("project", ("indicators", "3", "reason"), "N17"),
)


@QUICK
@given(data=st.data())
def test_a_reason_dropped_or_empty_is_the_one_issue(tmp_path: Path, data: st.DataObject) -> None:
    name, place, code = data.draw(st.sampled_from(REASONS))
    given_answers = answers(name)
    put(given_answers, place, data.draw(st.sampled_from([None, "无", "略", "—", "已完成", "详见附件"])))
    result = judged(FORMS[name], given_answers, tmp_path / "broken.xlsx")
    assert the_one(result) == (code, *cell_of(FORMS[name], given_answers, place))


HEADINGS = (
    ("department", "绩效指标", "年度指标值", "年度指标直"),
    ("department", "绩效指标", "实际完成值", "实际完或值"),
    ("department", "绩效指标", "三级指标", "三级旨标"),
    ("department", "项目支出", "全年预算数", "全年预祘数"),
    ("project", "项目支出绩效自评表", "三级指标", "三级指示"),
    ("project", "项目支出绩效自评表", "年度指标值", "年度指标制"),
)


@pytest.mark.parametrize(("name", "sheet", "label", "misspelt"), HEADINGS)
def test_a_misspelt_heading_is_one_issue_that_guesses_what_was_meant(
    name: str, sheet: str, label: str, misspelt: str, tmp_path: Path
) -> None:
    path = fill(FORMS[name], answers(name), tmp_path / "filled.xlsx", year=YEAR)
    pages = [page for page in take_apart(path) if page.name not in OUR_SHEETS]
    page = next(page for page in pages if page.name == sheet)
    (place,) = [place for place, (value, _) in page.cells.items() if value == label]
    page.cells[place] = (misspelt, "General")
    result = read(put_together(pages, tmp_path / "misspelt.xlsx"), tuple(FORMS.values()))
    (found,) = grave(result)
    assert (found.code, found.location.sheet) == ("S06", sheet)
    assert found.location.cell == a1(place[0] - 1, place[1] - 1)
    assert misspelt in found.message
    assert label in found.message
