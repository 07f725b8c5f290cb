"""A workbook that holds two forms: one is read, the other is one issue that names it."""

from __future__ import annotations

from random import Random

import pytest
from alter import Page, as_source
from alterations import SECOND_UNIT
from altered import altered, expected, forms, reader, unread_cells, values

from toolkit.form.places import ASKED
from toolkit.issues.model import Severity


@pytest.mark.parametrize("form", forms())
@pytest.mark.parametrize("seed", range(4))
def test_a_second_unit_in_the_same_file_is_one_issue_naming_sheet_and_unit(form: str, seed: int) -> None:
    made = altered(form, ["同一文件另一单位的表"], Random(seed))
    (issue,) = made.result.issues
    assert (issue.code, issue.severity) == ("S23", Severity.EXPLAIN)
    assert SECOND_UNIT in issue.message
    assert all(f"“{page.name}”" in issue.message for page in made.pages if page.set_aside)
    assert made.differing == {}


@pytest.mark.parametrize("form", forms())
@pytest.mark.parametrize("seed", range(4))
def test_last_year_s_form_left_in_the_file_is_a_note(form: str, seed: int) -> None:
    made = altered(form, ["另存的旧年度表"], Random(seed))
    (issue,) = made.result.issues
    assert (issue.code, issue.severity) == ("S24", Severity.NOTE)
    assert "2023 年度" in issue.message
    assert made.differing == {}


@pytest.mark.parametrize("form", forms())
def test_a_copy_of_a_sheet_with_other_figures_asks_which_one_counts(form: str) -> None:
    made = [altered(form, ["工作表的副本"], Random(seed)) for seed in range(8)]
    severities = {issue.severity for one in made for issue in one.result.issues}
    assert severities == {Severity.NOTE, Severity.EXPLAIN}  # the same figures, and others


def project(*pages: str) -> list[Page]:
    page = altered("project", ["远处的空格"], Random(0)).pages[0]
    return [page.copied() for _ in pages]


def test_several_projects_of_one_unit_are_not_mixed() -> None:
    first, second = project("甲", "乙")
    second.name = "第二个项目"
    place = next(where for where, (value, _) in second.cells.items() if value == "长者配餐服务")
    second.cells[place] = ("社区绿化养护", "General")
    read = reader().read(as_source([first, second]))
    assert values(read) == expected("project")
    (issue,) = read.issues
    assert (issue.code, issue.found, issue.location.sheet) == ("S23", "社区绿化养护", "第二个项目")


def test_an_empty_blank_before_the_filled_sheet_is_not_read() -> None:
    blank, filled = project("空表", "填好的")
    filled.name = "填好的"
    asked = {where for where, part in blank.parts.items() if part.role in ASKED}
    blank.cells = {where: cell for where, cell in blank.cells.items() if where not in asked}
    read = reader().read(as_source([blank, filled]))
    assert values(read) == expected("project")
    assert [(issue.code, issue.severity) for issue in read.issues] == [("S24", Severity.NOTE)]


def test_a_cover_line_repeated_on_the_next_page_is_no_second_form() -> None:
    made = altered("project", ["一张表拆到两页"], Random(5))
    first, second = made.pages
    line = first.copied().cut(range(5, 7))
    second.insert_row(1, 3)
    second.paste(line, 1)
    read = reader().read(as_source(made.pages))
    assert values(read) == expected("project")
    assert {issue.code for issue in read.issues} <= {"S16"}


def two_units(marked: bool) -> list[Page]:
    """Return 湖南's form of two units, the first one's 评分表 among the second's sheets."""
    pages = altered("hunan-department", ["同一文件另一单位的表"], Random(0)).pages
    first, scores, *others = pages[:4]
    pages = [first, *others, pages[4], scores, *pages[5:]]
    for number, page in enumerate(pages):
        page.name = page.name if marked else f"Sheet{number}"
    return pages


def test_a_sheet_among_another_unit_s_is_ours_when_theirs_bear_a_mark() -> None:
    read = reader().read(as_source(two_units(marked=True)))
    assert values(read) == expected("hunan-department")
    assert [issue.code for issue in read.issues] == ["S23"]


def test_a_sheet_that_may_be_either_unit_s_is_told() -> None:
    pages = two_units(marked=False)
    read = reader().read(as_source(pages))
    told = {issue.code: issue for issue in read.issues}
    assert told.keys() == {"S23", "S29"}
    assert "“Sheet4”" in told["S29"].message
    assert "“Sheet5”" in told["S29"].message


def gathered(tab: str, *, words: bool = False, figures: bool = True) -> list[Page]:
    """Return the department's form on one sheet, and a copy of its projects on a sheet of another name."""
    made = altered("department", ["各表合到一张工作表"], Random(3)).pages
    (copied,) = (page for page in altered("department", [], Random(0)).pages if page.name == "项目支出")
    copied.name = tab
    for where, part in copied.parts.items():
        if part.section != "projects" or part.role not in ASKED:
            continue
        value, shown = copied.cells.get(where, ("", ""))
        if isinstance(value, int | float) and figures:
            copied.cells[where] = (value + 7, shown)
        elif value and isinstance(value, str) and words:
            copied.cells[where] = (value[::-1], shown)
    return [*made, copied]


@pytest.mark.parametrize(
    "tab", ["项目支出 (2)", "项目支出副本", "“项目支出”的副本", "副本-项目", "项目支出_2", "Copy of 项目支出"]
)
@pytest.mark.parametrize("words", [False, True])
def test_a_copied_tab_is_a_copy_whatever_the_sheet_with_the_table_is_called(tab: str, words: bool) -> None:
    pages = gathered(tab, words=words)
    read = reader().read(as_source(pages))
    assert values(read) == expected("department")
    (issue,) = read.issues
    assert (issue.code, issue.severity, issue.location.sheet) == ("S24", Severity.EXPLAIN, tab)
    assert unread_cells(issue, pages) == {(tab, *where) for where in pages[-1].filled}


@pytest.mark.parametrize(
    "tab", ["项目支出2023", "2023年项目", "上年项目支出", "项目支出（旧）", "项目（作废）"]
)
def test_a_table_on_a_tab_of_another_year_or_not_in_use_adds_no_rows(tab: str) -> None:
    read = reader().read(as_source(gathered(tab, words=True)))
    assert values(read) == expected("department")
    assert [issue.code for issue in read.issues] == ["S24"]


def test_a_copy_under_any_name_that_repeats_every_row_is_a_copy() -> None:
    read = reader().read(as_source(gathered("最终", figures=False)))
    assert values(read) == expected("department")
    assert [issue.code for issue in read.issues] == ["S24"]


@pytest.mark.parametrize("tab", ["项目支出续", "老旧小区改造", "2024年", "项目（一）", "Sheet2"])
def test_a_tab_that_says_nothing_of_a_copy_goes_on_with_the_table(tab: str) -> None:
    read = reader().read(as_source(gathered(tab, words=True)))
    found = values(read)
    assert [found["projects", row, "adjusted_budget"] for row in "34"] == [6_570_000, 3_370_000]
    assert [issue.code for issue in read.issues if issue.code != "S16"] == []
