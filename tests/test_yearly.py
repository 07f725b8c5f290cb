"""Two years of one unit: last year's figures fill and check this year's, and what changed is told."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
from collections_made import UNIT, issues, judged, run, start
from filling import fill, form, read
from python_calamine import CalamineWorkbook
from valid import answers

from toolkit.checks.model import RosterUnit
from toolkit.issues.model import Issue

CALLED = "红桥街道"  # what the unit called itself last year
ROSTER = (
    RosterUnit("0401", UNIT, (CALLED,), district="青山区", forms=("department", "project")),
    RosterUnit("0402", "青山区人民政府青石街道办事处", (), district="青山区", forms=("project",)),
)


def department(year: int, changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return valid answers of a department for a year; `changes` are by `section.row.field` or section."""
    given = answers("department")
    given["cover"] |= {"fiscal_year": year, "fill_date": date(year + 1, 3, 10)}
    for name, value in (changes or {}).items():
        parts = name.split(".")
        place = given
        for part in parts[:-1]:
            place = place[int(part) if isinstance(place, list) else part]
        place[parts[-1]] = value
    return given


LAST = department(
    2023,
    {
        "cover.unit_name": CALLED,
        "expenditure.basic.actual_expenditure": 1150,
        "expenditure.project.actual_expenditure": 830,
        "expenditure.basic.adjusted_budget": 1180,
        "expenditure.project.adjusted_budget": 860,
        "running.three_public.actual_expenditure": 16,
        "indicators.0.target": "≥90场",
        "indicators.0.actual": "120场",
        "indicators.0.completion": 1.3333,
        "indicators.4.name": "群众满意度",
        "plan.goal": "办好十件民生实事，辖区环境和治安明显改善，群众办事更加便利。",
        "result.conclusion": "得分和等级见得分表。",
    },
)


@dataclass(frozen=True)
class Years:
    """Two collections, side by side."""

    last: Path
    this: Path


def sent(
    root: Path, given: Mapping[str, Any], year: int, name: str = "部门.xlsx", asked: str = "department"
) -> Path:
    return fill(form(asked), given, root / "workbooks" / name, year=year)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Years:
    """Last year's collection filled, this year's empty and naming it."""
    folder = tmp_path_factory.mktemp("years")
    last = start(folder / "2023", units=ROSTER)
    sent(last, LAST, 2023)
    return Years(last, start(folder / "2024", units=ROSTER))


@pytest.fixture
def years(made: Years, tmp_path: Path) -> Years:
    for path in (made.last, made.this):
        shutil.copytree(path, tmp_path / path.name)
    this = tmp_path / "2024"
    settings = this / "xlreport.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(f'previous = "../2023"\n{text}', encoding="utf-8")
    return Years(tmp_path / "2023", this)


def placed(found: list[Issue]) -> list[tuple[str, str]]:
    return [(item.location.sheet, item.location.cell) for item in found]


def table(root: Path, name: str) -> list[list[Any]]:
    """Return the rows of a sheet of 汇总表.xlsx as Excel shows them."""
    return CalamineWorkbook.from_path(str(root / "out" / "汇总表.xlsx")).get_sheet_by_name(name).to_python()


# ── figures ─────────────────────────────────────────────────────────────────────────────────────────


def test_blank_figures_on_last_year_are_taken_from_last_years_workbook_and_said_so(years: Years) -> None:
    given = department(2024)
    for row in ("basic", "project"):
        del given["expenditure"][row]["prior_expenditure"]
    sent(years.this, given, 2024)
    assert run("-C", str(years.this), "build").exit_code in (0, 1)
    sheet = table(years.this, "收支汇总")
    head = next(row for row in sheet if "上年决算数" in row)
    column = head.index("上年决算数")
    rows = {row[1]: row[column] for row in sheet if row[0] == "支出"}
    assert (rows["基本支出"], rows["项目支出"], rows["支出合计"]) == (1150, 830, 1980)
    (told,) = [item for item in issues(years.this, "X14") if item.location.label.endswith("上年决算数")]
    assert "《部门.xlsx》收支情况" in told.message
    assert told.location.sheet == "收支情况"
    assert told.location.cell
    names = {told.location.cell for told in issues(years.this, "X13")}
    assert told.location.cell not in names


def test_a_stated_figure_that_is_not_last_years_is_told_on_its_cell(years: Years) -> None:
    given = department(
        2024,
        {"expenditure.basic.prior_expenditure": 1150, "expenditure.project.prior_expenditure": 830.02},
    )
    sent(years.this, given, 2024)
    told = [item for item in issues(years.this, "X13") if "项目支出" in item.location.label]
    assert [(item.found, item.expected) for item in told] == [("830.02", "830.00")]
    assert "《部门.xlsx》收支情况" in told[0].message
    assert all("基本支出" not in item.location.label for item in issues(years.this, "X13"))


def test_a_cent_of_rounding_is_no_difference(years: Years) -> None:
    given = department(
        2024,
        {"expenditure.basic.prior_expenditure": 1150.01, "expenditure.project.prior_expenditure": 829.99},
    )
    sent(years.this, given, 2024)
    assert not [
        item for item in issues(years.this, "X13") if item.location.label.startswith(("基本", "项目"))
    ]


def test_a_zero_and_a_stroke_are_answers_and_nothing_is_put_in_their_place(years: Years) -> None:
    given = department(
        2024, {"expenditure.basic.prior_expenditure": 0, "expenditure.project.prior_expenditure": "—"}
    )
    sent(years.this, given, 2024)
    assert [item.found for item in issues(years.this, "X13") if "基本支出" in item.location.label] == ["0.00"]
    (result,) = [one for one in judged(years.this).results if one.submission]
    assert result.submission is not None
    assert result.submission.answer("expenditure", "project", "prior_expenditure").value is None


def test_a_budget_that_more_than_doubled_asks_for_a_reason(years: Years) -> None:
    given = department(
        2024,
        {
            "expenditure.basic.adjusted_budget": 3000,
            "expenditure.basic.prior_expenditure": 1150,
            "expenditure.project.prior_expenditure": 830,
        },
    )
    sent(years.this, given, 2024)
    (told,) = issues(years.this, "X11")
    assert "本年全年预算数 3,980.00，上年 2,040.00，变动 95.10%" in told.message


def test_both_years_stand_on_the_board_in_their_sheet_and_in_the_report(years: Years) -> None:
    sent(years.this, department(2024), 2024)
    assert run("-C", str(years.this), "build").exit_code in (0, 1)
    (row,) = [row for row in table(years.this, "上年对比") if row[1] == UNIT]
    head = next(row for row in table(years.this, "上年对比") if "上年执行数" in row)
    figures = dict(zip(head, row, strict=True))
    assert (figures["上年全年预算数"], figures["全年预算数"]) == (2040, 2210)
    assert (figures["上年执行数"], figures["全年执行数"]) == (1980, 2200.75)
    assert figures["上年执行率"] == pytest.approx(1980 / 2040)
    assert figures["执行增减率"] == pytest.approx(2200.75 / 1980 - 1)
    board = table(years.this, "看板")
    lines = {line[0]: (line[4], line[6]) for line in board[[row[0] for row in board].index("上年对比") :]}
    assert lines["全年预算数（万元）"] == (2040, 2210)
    assert lines["预算执行率"] == (pytest.approx(1980 / 2040), pytest.approx(2200.75 / 2210))
    report = docx.Document(str(years.this / "out" / "汇总报告.docx"))
    (said,) = [one.text for one in report.paragraphs if "两年都有自评表" in one.text]
    assert "全年预算数合计2,210.00万元，比上年增加170.00万元，增长8.33%" in said
    assert "上年为97.06%" in said


# ── projects ────────────────────────────────────────────────────────────────────────────────────────


def of_project(year: int, name: str, spent: float, unit: str = UNIT) -> dict[str, Any]:
    given = answers("project")
    given["project"] |= {"fiscal_year": year, "project_name": name, "unit_name": unit}
    given["funds"]["current"]["actual_expenditure"] = spent
    return given


def compared_projects(root: Path) -> dict[str, dict[str, Any]]:
    """Return the rows of 项目上年对比 by project, as Excel shows them."""
    assert run("-C", str(root), "build").exit_code in (0, 1)
    rows = table(root, "项目上年对比")
    at = next(number for number, row in enumerate(rows) if "项目名称" in row)
    found = [dict(zip(rows[at], row, strict=True)) for row in rows[at + 1 :] if isinstance(row[0], float)]
    return {row["项目名称"]: row for row in found}


def test_projects_of_both_years_stand_beside_each_other_whoever_tells_of_them(years: Years) -> None:
    (years.last / "workbooks" / "部门.xlsx").unlink()
    listed = department(2023, {"cover.unit_name": CALLED, "projects.1.actual_expenditure": 300})
    sent(years.last, {**listed, "projects": listed["projects"][1:]}, 2023)
    sent(years.last, of_project(2023, "长者配餐服务项目", 80, CALLED), 2023, "配餐.xlsx", "project")
    sent(years.this, department(2024), 2024)
    sent(years.this, of_project(2024, "长者配餐服务", 98), 2024, "配餐.xlsx", "project")
    rows = compared_projects(years.this)
    assert set(rows) == {"长者配餐服务", "环境整治"}  # nobody told of 民生实事 last year
    own, row = rows["长者配餐服务"], rows["环境整治"]
    assert (own["单位"], own["上年执行数"], own["全年执行数"]) == (UNIT, 80, 98)
    assert own["执行增减率"] == pytest.approx(98 / 80 - 1)
    assert (own["上年文件"], own["来源文件"]) == ("配餐.xlsx", "配餐.xlsx")
    assert (row["上年执行数"], row["全年执行数"], row["上年全年预算数"]) == (300, 327, 330)
    assert (row["上年文件"], row["自评总分"]) == ("部门.xlsx", "")
    assert "上年对比" in [row[0] for row in table(years.this, "看板")]


def test_a_collection_of_projects_has_both_years_on_its_board(years: Years) -> None:
    (years.last / "workbooks" / "部门.xlsx").unlink()
    for root, year, spent in ((years.last, 2023, 60), (years.this, 2024, 90)):
        sent(root, of_project(year, "长者配餐服务", spent), year, "配餐.xlsx", "project")
    assert compared_projects(years.this)["长者配餐服务"]["上年执行数"] == 60
    assert "上年对比" not in CalamineWorkbook.from_path(str(years.this / "out" / "汇总表.xlsx")).sheet_names
    board = table(years.this, "看板")
    lines = {line[0]: (line[4], line[6]) for line in board[[row[0] for row in board].index("上年对比") :]}
    assert lines["全年执行数（万元）"] == (60, 90)
    assert any("两年都有自评表的 1 个项目，逐个项目见“项目上年对比”" in str(line) for line in lines)
    report = docx.Document(str(years.this / "out" / "汇总报告.docx"))
    said = "".join(paragraph.text for paragraph in report.paragraphs)
    assert "两年都填报的1个项目，" in said
    assert "执行数合计90.00万元，比上年增加30.00万元，增长50.00%" in said


def test_projects_of_like_names_are_told_apart_by_their_whole_names(years: Years) -> None:
    for name, spent in (("绿化项目", 40), ("绿化经费", 50), ("绿化", 60)):
        sent(years.last, of_project(2023, name, spent), 2023, f"{name}.xlsx", "project")
    for name, spent in (("绿化经费", 70), ("绿化资金", 80)):
        sent(years.this, of_project(2024, name, spent), 2024, f"{name}.xlsx", "project")
    rows = compared_projects(years.this)
    assert {name: row["上年执行数"] for name, row in rows.items()} == {"绿化经费": 50}


# ── indicators and texts ────────────────────────────────────────────────────────────────────────────


def test_a_target_below_what_last_year_brought_is_told_on_its_cell(years: Years) -> None:
    sent(years.this, department(2024), 2024)
    found = issues(years.this, "X15")
    assert {(item.found, item.expected) for item in found} == {
        ("≥100场", "120场"),
        ("≥95%", "97.5%"),
        ("≥20条", "22条"),
    }  # but not ≤1起 after a year without one, ≥90% after 81%, 10件 after 10件
    assert all(cell for _, cell in placed(found))


def test_indicators_that_are_gone_or_new_are_told_once(years: Years) -> None:
    sent(years.this, department(2024), 2024)
    (told,) = issues(years.this, "X16")
    assert "减少 1 个：群众满意度，新增 1 个（居民满意度）" in told.message


def test_a_goal_copied_from_last_year_is_told_and_one_rewritten_is_not(years: Years) -> None:
    copied = department(2024, {"plan.goal": LAST["plan"]["goal"]})
    path = sent(years.this, copied, 2024)
    (told,) = issues(years.this, "X17")
    assert told.location.label == "年度整体绩效目标"
    assert "与上年自评表（《部门.xlsx》" in told.message
    path.unlink()
    sent(years.this, department(2024), 2024)
    assert issues(years.this, "X17") == []


def test_a_projects_goal_copied_from_last_year_is_told(years: Years) -> None:
    goal = "为辖区六十岁以上长者提供平价餐食，全年配餐九万份。"
    for root, year in ((years.last, 2023), (years.this, 2024)):
        given = answers("project")
        given["project"]["fiscal_year"] = year
        given["goal"]["goal"]["expected"] = goal
        sent(root, given, year, "项目.xlsx", "project")
    (told,) = issues(years.this, "X17")
    assert told.found.startswith("为辖区六十岁以上长者")
    assert told.location.cell


# ── which workbook is last year's ───────────────────────────────────────────────────────────────────


def test_the_same_project_of_another_unit_or_of_another_year_is_not_last_years(years: Years) -> None:
    given = answers("project")
    given["project"] |= {"fiscal_year": 2023, "unit_name": ROSTER[1].name}
    given["indicators"][0]["actual"] = "20万份"
    sent(years.last, given, 2023, "甲.xlsx", "project")
    older = copy.deepcopy(given)
    older["project"] |= {"fiscal_year": 2022, "unit_name": CALLED}
    sent(years.last, older, 2022, "乙.xlsx", "project")
    sent(years.this, answers("project"), 2024, "项目.xlsx", "project")
    assert judged(years.this).earlier == {}
    older["project"]["fiscal_year"] = 2023
    sent(years.last, older, 2023, "乙.xlsx", "project")
    assert judged(years.this).earlier["项目.xlsx"].result.file == "乙.xlsx"
    assert "20万份" in [item.expected for item in issues(years.this, "X15")]


def test_last_year_may_be_a_merged_file(years: Years) -> None:
    assert run("-C", str(years.last), "build").exit_code in (0, 1)
    shutil.copy(years.last / "out" / "报送.xlsx", years.this.parent / "上年报送.xlsx")
    shutil.rmtree(years.last)
    settings = years.this / "xlreport.toml"
    settings.write_text(settings.read_text("utf-8").replace('"../2023"', '"../上年报送.xlsx"'), "utf-8")
    sent(years.this, department(2024), 2024)
    assert "120场" in [item.expected for item in issues(years.this, "X15")]


# ── blanks ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_blank_carries_last_years_figures_and_with_a_word_its_indicators(years: Years) -> None:
    settings = years.this / "xlreport.toml"
    settings.write_text("fiscal_year = 2024\n" + settings.read_text("utf-8"), "utf-8")
    asked = ("-C", str(years.this), "blank", "--unit", CALLED, "--form", "department")
    for words, targets in ((), []), (("--with-last-year",), [row["target"] for row in LAST["indicators"]]):
        done = run(*asked, *words)
        assert done.exit_code == 0, done.output
        (path,) = (years.this / "out" / "空白表").iterdir()
        submission = read(path).submission
        assert submission is not None
        known = {row.id: row["prior_expenditure"].number for row in submission.sections["expenditure"].rows}
        assert (known["basic"], known["project"]) == (11_500_000, 8_300_000)
        cover = submission.sections["cover"].rows[0]
        assert (cover["supervising_department"].text, cover["leader"].text) == (UNIT, "")
        rows = submission.sections["indicators"].data
        assert [row["target"].written for row in rows if row["name"].text] == targets
        assert all(row["actual"].value is None for row in rows)


# ── what is kept and what is refused ────────────────────────────────────────────────────────────────


def test_a_change_in_last_years_workbooks_makes_the_build_anew(years: Years) -> None:
    sent(years.this, department(2024), 2024)
    build = ("-C", str(years.this), "build")
    run(*build)
    assert "没有重做" in run(*build).output
    sent(years.last, {**LAST, "indicators": LAST["indicators"][1:]}, 2023)
    assert "没有重做" not in run(*build).output
    listed = json.loads((years.this / "out" / "manifest.json").read_text(encoding="utf-8"))["last_year"]
    assert [(one["file"], one["for"]) for one in listed] == [("部门.xlsx", "部门.xlsx")]


def test_nothing_is_compared_when_no_last_year_is_named(made: Years, tmp_path: Path) -> None:
    this = tmp_path / "2024"
    shutil.copytree(made.this, this)
    sent(this, department(2024), 2024)
    codes = {item.code for result in judged(this).results for item in result.issues}
    assert codes.isdisjoint({"X13", "X14", "X15", "X16", "X17"})
    run("-C", str(this), "build")
    book = CalamineWorkbook.from_path(str(this / "out" / "汇总表.xlsx"))
    assert "上年对比" not in book.sheet_names
    report = docx.Document(str(this / "out" / "汇总报告.docx"))
    assert not [one for one in report.paragraphs if "上年比较" in one.text]


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("../2019", "找不到这个文件夹或文件"),
        (".", "是本汇总文件夹自己"),
        ("workbooks", "不是汇总文件夹"),
        ("workbooks/名册.xlsx", "不能使用"),
        ("坏.xlsx", "不能使用"),
    ],
)
@pytest.mark.parametrize("command", ["build", "status"])
def test_a_last_year_that_cannot_be_used_is_one_sentence(
    made: Years, tmp_path: Path, named: str, why: str, command: str
) -> None:
    this = tmp_path / "2024"
    shutil.copytree(made.this, this)
    (this / "坏.xlsx").write_bytes(b"PK\x03\x04")
    settings = this / "xlreport.toml"
    settings.write_text(f'previous = "{named}"\n' + settings.read_text("utf-8"), "utf-8")
    done = run("-C", str(this), command)
    assert done.exit_code == 2
    assert why in done.output
    assert "previous" in done.output
    assert "Traceback" not in done.output


def test_a_last_year_of_another_year_is_refused(years: Years) -> None:
    text = (years.this / "xlreport.toml").read_text("utf-8")
    (years.this / "xlreport.toml").write_text(f"fiscal_year = 2026\n{text}", "utf-8")
    done = run("-C", str(years.this), "build")
    assert done.exit_code == 2
    assert "是 2023 年度的，本汇总是 2026 年度，应为 2025 年度" in done.output
