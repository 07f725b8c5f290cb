"""汇总表.xlsx as an officer opens it, read back with other tools than the one that wrote it."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from builders import collected, department, forms, issue, money, project, result, sample, unreadable
from openpyxl.cell.cell import Cell
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from recalculation import recalculated

from toolkit.checks.model import CheckResult
from toolkit.issues.model import Severity
from toolkit.summary.model import Summary
from toolkit.summary.summarise import summarise
from toolkit.writers import summary_workbook
from toolkit.writers.summary_workbook import write_summary

CREATED = datetime(2025, 5, 1)
NAMES = ["看板", "单位汇总", "收支汇总", "收支明细", "得分汇总", "指标明细", "未完成指标", "项目汇总"]
NAMES += ["等级分布", "上报情况", "问题清单", "对账表", "溯源", "图表数据"]
HEADING_ROW = 3


def unit(
    name: str, budget: Any = 100, actual: Any = 90, issues: Sequence[Any] = (), **more: Any
) -> CheckResult:
    answers = department(name, expenditure=money(budget, actual, 80), **more)
    return result(forms()["department"], answers, f"{len(name)}-{name[:20]}.xlsx", issues)


def summary_of(results: Sequence[CheckResult]) -> Summary:
    return summarise(collected(results), forms(), title="汇总表", district="某市财政局")


def written(folder: Path, results: Sequence[CheckResult]) -> Path:
    path = folder / "汇总表.xlsx"
    write_summary(summary_of(results), path, created=CREATED)
    return path


def opened(path: Path, *, formulas: bool = False) -> Workbook:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*xtension", category=UserWarning)
        return openpyxl.load_workbook(path, data_only=not formulas)


def column(sheet: Worksheet, heading: str) -> list[Cell]:
    """Return the cells below a heading, the total rows included."""
    at = next(cell.column for cell in sheet[HEADING_ROW] if cell.value == heading)
    return [sheet.cell(row, at) for row in range(HEADING_ROW + 1, sheet.max_row + 1)]


def values(sheet: Worksheet, heading: str) -> list[Any]:
    return [cell.value for cell in column(sheet, heading)]


def filled(book: Workbook) -> Iterator[Cell]:
    return (cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None)


def shown(book: Workbook, place: Cell) -> Any:
    """Return what a cell shows in another edition of the workbook; an empty text is like no value."""
    value = book[place.parent.title][place.coordinate].value
    return "" if value is None else value


def full(folder: Path) -> Path:
    """Write a summary in which every sheet has rows, some figures are unknown and years differ."""
    names = ["xinhua-2022", "zhongcun-2024", "qianjin-2023", "xinhua-2022-longevity"]
    found = [[], [issue(Severity.EXPLAIN)], [issue(Severity.ERROR), issue(Severity.NOTE, "B02")], []]
    results = []
    for name, issues in zip(names, found, strict=True):
        answers = sample(name)
        form, file = forms()[answers.pop("form")], answers.pop("file")
        results.append(result(form, answers, file, issues))
    return written(folder, [*results, unreadable("坏.xlsx")])


# --- figures ------------------------------------------------------------------------------------------


def test_totals_are_filterable_formulas_with_their_values(tmp_path: Path):
    path = written(tmp_path, [unit("甲", 1000, 1000), unit("乙", 10, 5)])
    assert values(opened(path)["单位汇总"], "全年预算数") == [1000, 10, 1010, 1010]
    formulas = values(opened(path, formulas=True)["单位汇总"], "全年预算数")
    assert formulas[2] == "=SUBTOTAL(109,$F$4:$F$5)"
    assert formulas[3].startswith("=SUMIFS(")


def test_the_total_rate_is_that_of_the_sums(tmp_path: Path):
    path = written(tmp_path, [unit("甲", 1000, 1000), unit("乙", 10, 5)])
    rate = values(opened(path)["单位汇总"], "预算执行率")
    assert rate == [1, 0.5, pytest.approx(1005 / 1010), pytest.approx(1005 / 1010)]
    assert rate[2] != pytest.approx(0.75)


def test_accepted_units_have_a_total_of_their_own(tmp_path: Path):
    path = written(tmp_path, [unit("甲", 1000, 1000), unit("乙", 10, 5, [issue()])])
    sheet = opened(path)["单位汇总"]
    assert values(sheet, "单位")[-2:] == ["合计", "其中：采用"]
    assert values(sheet, "全年执行数")[-2:] == [1005, 1000]


def test_printed_units_add_up_although_they_were_stated_in_yuan(tmp_path: Path):
    path = written(tmp_path, [unit(name, "10044元", "10044元") for name in ("甲", "乙乙", "丙丙丙")])
    budget = values(opened(path)["单位汇总"], "全年预算数")
    assert budget[:4] == [1.01, 1.0, 1.0, 3.01]
    assert "舍位平衡" in values(opened(path)["对账表"], "类别")


def test_zero_prints_as_zero_and_unknown_as_nothing(tmp_path: Path):
    answers = department("甲", expenditure={"total": {"actual_expenditure": 0}})
    path = written(tmp_path, [result(forms()["department"], answers, "甲.xlsx")])
    sheet = opened(path)["单位汇总"]
    assert column(sheet, "全年执行数")[0].value == 0
    assert column(sheet, "全年执行数")[0].number_format == "#,##0.00"
    assert values(sheet, "全年预算数") == [None, None, None]
    assert values(sheet, "预算执行率")[0] is None


def test_a_project_told_of_twice_stands_once(tmp_path: Path):
    listed = [{"project_name": "长者服务", "adjusted_budget": 10, "actual_expenditure": 8}]
    own = project("甲", "长者服务项目", 10, 9)
    path = written(tmp_path, [unit("甲", projects=listed), result(forms()["project"], own, "项目.xlsx")])
    sheet = opened(path)["项目汇总"]
    assert values(sheet, "全年执行数")[:-2] == [9]
    assert "相差" in values(sheet, "备注")[0]


def test_the_board_says_what_the_sheets_say(tmp_path: Path):
    book = opened(full(tmp_path))
    board = {str(row[0].value): (row[4].value, row[6].value) for row in book["看板"].iter_rows(8, 24)}
    sheet = book["单位汇总"]
    for label, heading in (
        ("全年预算数（万元）", "全年预算数"),
        ("预算执行率", "预算执行率"),
        ("绩效指标（个）", "指标总数"),
    ):
        assert board[label] == pytest.approx(tuple(values(sheet, heading)[-2:]))


def test_every_check_of_the_reconciliation_is_a_formula_and_agrees(tmp_path: Path):
    path = written(tmp_path, [unit("甲"), unit("乙", issues=[issue()])])
    assert set(values(opened(path)["对账表"], "结果")) == {"一致"}
    assert all(str(text).startswith("=IF(") for text in values(opened(path, formulas=True)["对账表"], "结果"))


# --- what staff wrote ---------------------------------------------------------------------------------


def test_a_name_like_a_formula_stays_a_name(tmp_path: Path):
    path = written(tmp_path, [unit("=1+1"), unit("http://example.invalid")])
    sheet = opened(path, formulas=True)["单位汇总"]
    cells = column(sheet, "单位")[:2]
    assert [(cell.value, cell.data_type) for cell in cells] == [
        ("=1+1", "s"),
        ("http://example.invalid", "s"),
    ]
    assert all(cell.hyperlink is None for cell in cells)
    names = [opened(path, formulas=True)[name] for name in ("指标明细", "溯源", "上报情况", "图表数据")]
    formulas = [
        cell.value for sheet in names for row in sheet.iter_rows() for cell in row if cell.data_type == "f"
    ]
    assert formulas == []


def test_text_beyond_the_limit_of_a_cell_is_cut_visibly(tmp_path: Path):
    row = {"name": "走访", "target": "≥10户", "actual": "5户", "reason": "因" * 40_000}
    sheet = opened(written(tmp_path, [unit("甲", indicators=[row])]))["未完成指标"]
    text = values(sheet, "偏差原因分析及改进措施")[0]
    assert len(text) <= 32_767
    assert text.endswith("…（已截断）")


# --- look and use -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        ("单位汇总", ["采用", "待说明", "退回", "0.9"]),
        ("上报情况", ["已报", "漏报"]),
        ("未完成指标", ["未完成", "未说明"]),
        ("对账表", ["不一致"]),
    ],
)
def test_what_deserves_the_eye_is_coloured(tmp_path: Path, sheet: str, words: list[str]):
    tinted = opened(full(tmp_path))[sheet].conditional_formatting
    rules = {formula: rule for area in tinted for rule in area.rules for formula in rule.formula}
    for word in words:
        rule = next(rule for formula, rule in rules.items() if word in formula)
        assert rule.dxf.fill.bgColor.rgb not in (None, "00000000")


def test_every_table_filters_freezes_and_prints_across_wide_ones_on_a3(tmp_path: Path):
    book = opened(full(tmp_path))
    papers = {name: book[name].page_setup.paperSize for name in book.sheetnames}
    assert (papers["指标明细"], papers["等级分布"]) == (8, 9)  # A3, A4
    for name in book.sheetnames[1:-1]:
        sheet = book[name]
        (table,) = sheet.tables.values()
        assert table.displayName == name
        assert table.autoFilter is not None
        assert sheet.freeze_panes is not None
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == "$1:$3"
        assert not sheet.merged_cells.ranges


def test_no_figure_is_raw_and_no_error_is_shown(tmp_path: Path):
    for cell in filled(opened(full(tmp_path))):
        assert cell.data_type != "e"
        if isinstance(cell.value, float):
            assert cell.number_format != "General", (cell.parent.title, cell.coordinate)


def test_the_board_leads_to_every_sheet(tmp_path: Path):
    book = opened(full(tmp_path))
    cells = (cell for row in book["看板"].iter_rows() for cell in row if cell.hyperlink is not None)
    links = {str(cell.hyperlink.location).split("!")[0].strip("'") for cell in cells}
    assert links == set(book.sheetnames) - {"看板"}


def test_the_charts_have_titles_and_draw_filled_cells(tmp_path: Path):
    path = full(tmp_path)
    book = opened(path)
    with zipfile.ZipFile(path) as package:
        charts = [package.read(name).decode() for name in package.namelist() if "charts/chart" in name]
    assert len(charts) == 6
    for chart in charts:
        assert "<c:title>" in chart
        for sheet, area in re.findall(r"<c:f>'?([^'!<]+)'?!([^<]+)</c:f>", chart):
            drawn = book[sheet][area.replace("$", "")]
            cells = [cell for row in drawn for cell in row] if isinstance(drawn, tuple) else [drawn]
            assert all(cell.value is not None for cell in cells)


def test_the_author_is_the_office_and_not_a_program(tmp_path: Path):
    properties = opened(full(tmp_path)).properties
    assert properties.creator == "某市财政局"
    assert "xlreport" not in str(properties)


# --- the file itself ----------------------------------------------------------------------------------


def test_the_same_summary_gives_the_same_bytes(tmp_path: Path):
    first = full(tmp_path).read_bytes()
    assert full(tmp_path).read_bytes() == first


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "汇总表.xlsx"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(summary_workbook, "write_board", fail)
    with pytest.raises(RuntimeError, match="in the middle"):
        write_summary(summary_of([unit("甲")]), path, created=CREATED)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["汇总表.xlsx"]


@pytest.mark.parametrize("results", [[], [unreadable("坏.xlsx")]])
def test_nothing_to_add_up_is_still_a_workbook(tmp_path: Path, results: list[CheckResult]):
    book = opened(written(tmp_path, results))
    assert book.sheetnames == NAMES
    assert "没有" in book["单位汇总"]["A4"].value
    assert all(cell.data_type != "e" for cell in filled(book))


def test_an_empty_collection_has_a_board(tmp_path: Path):
    path = tmp_path / "汇总表.xlsx"
    empty = summarise(collected([]), forms(), title="汇总表", district="")
    write_summary(empty, path, created=CREATED)
    shown = [cell.value for row in opened(path)["看板"].iter_rows() for cell in row]
    assert "没有名册" in shown


@pytest.mark.office
def test_an_office_recalculates_every_formula_to_the_value_we_wrote(tmp_path: Path):
    path = full(tmp_path)
    expected, formulas = opened(path), opened(path, formulas=True)
    bare = tmp_path / "bare.xlsx"
    formulas.save(bare)  # without cached values, so that the office has to calculate
    found = opened(*recalculated([bare], tmp_path))
    compared = 0
    for cell in filled(formulas):
        if cell.data_type == "f":
            ours, theirs = (shown(book, cell) for book in (expected, found))
            assert theirs == pytest.approx(ours), (cell.parent.title, cell.coordinate, cell.value)
            compared += 1
    assert compared > 100


def test_projects_alone_are_drawn_by_unit_and_by_name() -> None:
    form = forms()["project"]
    own = [
        result(form, project(unit, name, 100, spent, **scored), f"{unit}{name}.xlsx")
        for unit, name, spent in (("甲街道", "配餐", 98), ("甲街道", "绿化", 50), ("乙街道", "道路", 80))
        for scored in [{"indicators": [{"total": True, "max_score": 100, "score": spent}]}]
    ]
    made = summarise(collected(own), forms(), title="", district="某区").charts
    assert made["money"].labels == ("甲街道", "乙街道")
    assert made["score"].labels == ("配餐", "乙街道", "绿化")
    assert made["grade"].title == "等级分布（项目数）"
