"""Where an answer, a unit, a heading lies on the page: a small sheet for each mistake made once."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from alter import Page, as_source
from altered import altered, expected, reader, values

from toolkit.submission.grid import SheetGrid, Source, a1
from toolkit.submission.reader import ReadResult

FUNDS = ["项目资金", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"]
HEAD = [["表样编号：project@2020.1"], ["项目支出绩效自评表"], ["项目名称", "长者配餐"]]
ROWS = [["年度资金总额", 100, 100, 98, 10, 0.98, 9.8], ["其他资金", 100, 100, 98]]


def sheet(*rows: Sequence[Any], merges: tuple[tuple[int, int, int, int], ...] = ()) -> ReadResult:
    width = max(len(row) for row in rows)
    cells = [[float(v) if isinstance(v, int) else v for v in row] + [""] * (width - len(row)) for row in rows]
    return reader().read(Source("表.xlsx", "xlsx", "", 0, (SheetGrid("表", rows=cells, merges=merges),)))


def unread(read: ReadResult) -> list[str]:
    return [issue.location.cell for issue in read.issues if issue.code == "S16"]


def test_a_remark_beside_an_empty_answer_is_not_the_answer() -> None:
    read = sheet(*HEAD, ["主管部门", "", "", "请核对"], ["实施单位", "某街道"])
    assert values(read).get(("project", "", "supervising_department")) is None
    assert unread(read) == ["D4"]


@pytest.mark.parametrize("asking", ["存档编号：", "复核员:", "（盖章）", "审核人：____"])
@pytest.mark.parametrize("empty", [0, 1])
def test_what_asks_for_something_itself_is_not_the_answer_to_a_label(asking: str, empty: int) -> None:
    line = ["实施单位", *[""] * empty, asking, "张三"]
    read = sheet(*HEAD, line, ["主管部门", "青山区民政局"])
    assert values(read).get(("project", "", "unit_name")) is None
    assert unread(read) == [a1(3, column) for column in (empty + 1, empty + 2)]


def test_a_unit_in_one_table_s_headings_does_not_speak_for_the_next() -> None:
    in_yuan = ["项目资金", "年初预算数（元）", "全年预算数（元）", "全年执行数（元）", "分值", "得分"]
    indicators = ["一级指标", "二级指标", "三级指标", "年度指标值（元）", "实际完成值"]
    row = ["产出指标", "数量指标", "配餐份数", "≥9万份", "9万份"]
    read = sheet(*HEAD, ["单位：万元"], indicators, row, [""], FUNDS, *ROWS)
    assert values(read)["funds", "total", "adjusted_budget"] == Decimal(1_000_000)
    read = sheet(*HEAD, ["单位：万元"], in_yuan, ["年度资金总额", 100, 100, 98, 10, 9.8])
    assert values(read)["funds", "total", "adjusted_budget"] == 100


def test_a_unit_may_follow_a_slash_or_stand_in_square_brackets() -> None:
    for unit in ("/元", "，元", "[元]"):
        heading = [FUNDS[0], *(f"{label}{unit}" for label in FUNDS[1:4]), *FUNDS[4:]]
        assert values(sheet(*HEAD, heading, *ROWS))["funds", "total", "adjusted_budget"] == 100, unit


def test_an_asterisk_before_a_label_marks_it_as_required() -> None:
    assert values(sheet(*HEAD, ["＊实施单位", "某街道"]))["project", "", "unit_name"] == "某街道"


def test_a_heading_merged_beyond_the_last_row_is_a_heading_without_rows() -> None:
    merges = tuple((3, column, 5, column) for column in range(len(FUNDS)))
    assert values(sheet(*HEAD, FUNDS, merges=merges)) == {("project", "", "project_name"): "长者配餐"}


def test_a_grid_row_met_again_stays_unread_and_is_told() -> None:
    read = sheet(*HEAD, FUNDS, *ROWS, [""], FUNDS, ["年度资金总额", 7, 7, 7, 7, 7, 7])
    assert values(read)["funds", "total", "adjusted_budget"] == Decimal(1_000_000)
    assert unread(read) == [a1(8, column) for column in range(1, 7)]


def test_many_unread_cells_are_one_issue_that_lists_every_range() -> None:
    made = altered("project", [], Random(0))
    page: Page = made.pages[0]
    for row in range(40, 60):
        for column in (20, 21, 23):
            page.put((row, column), "草稿")
    read = reader().read(as_source(made.pages))
    (issue,) = [issue for issue in read.issues if issue.code == "S16"]
    assert "!T40:U59、W40:W59（共 60 个单元格）" in issue.message
    assert read.cells.unread == 60
    assert values(read) == expected("project")


def test_cells_of_a_file_that_is_none_of_the_forms_are_all_unread() -> None:
    grid = SheetGrid(
        "纪要",
        rows=[["会议纪要", "", ""], [1.0, " ", ""]],
        errors={(0, 2): "#REF!"},
        uncalculated=frozenset({(1, 2)}),
        far={(900, 3): "\u3000", (901, 3): "草稿"},
    )
    read = reader().read(Source("纪要.xlsx", "xlsx", "", 0, (grid,)))
    assert [issue.code for issue in read.issues] == ["S18"]
    assert (read.cells.filled, read.cells.unread) == (5, 5)


def test_spaces_far_out_are_no_content() -> None:
    made = altered("project", [], Random(0))
    source = as_source(made.pages)
    source.sheets[0].far = {(900, 3): "\u3000", (5, 701): " "}
    read = reader().read(source)
    assert (read.cells.unread, values(read)) == (0, expected("project"))


def test_a_label_in_the_last_column_has_an_empty_answer() -> None:
    read = sheet(*HEAD, FUNDS, *ROWS, ["填报人", "王丽", "", "", "", "", "项目负责人"])
    assert read.submission is not None
    assert read.submission.answer("sign", "", "leader").value is None
    assert read.submission.answer("sign", "", "filler").value == "王丽"


def test_a_remark_beside_the_hint_below_a_table_makes_no_row_of_it() -> None:
    heading = ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值"]
    row = ["产出指标", "数量指标", "配餐份数", "≥9万份", "9万份"]
    hint = ["", "", "如需增加，请在本行上方插入行", "", "", "", "已核"]
    read = sheet(*HEAD, FUNDS, *ROWS, [""], heading, row, hint)
    assert read.submission is not None
    assert [line.id for line in read.submission.sections["indicators"].rows] == ["1"]
    assert unread(read) == ["G10"]


INDICATORS = ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"]
INDICATOR = ["产出指标", "数量指标", "配餐份数", "≥9万份", "9万份", 30, 30]


def test_tables_side_by_side_without_a_column_between_part_where_a_whole_heading_ends() -> None:
    rows = [INDICATOR, ["效益指标", "社会效益指标", "服务覆盖率", "≥80%", "81%", 30, 30]]
    read = sheet(
        *HEAD, [*INDICATORS, *FUNDS], *([*left, *right] for left, right in zip(rows, ROWS, strict=False))
    )
    found = values(read)
    assert found["funds", "total", "adjusted_budget"] == Decimal(1_000_000)
    assert found["indicators", "1", "name"] == "配餐份数"
    assert unread(read) == []


def test_a_name_merged_over_the_headings_of_the_next_table_is_no_row_of_the_table_above() -> None:
    rows = [*HEAD, INDICATORS, INDICATOR, ["", "", "本年资金情况"], FUNDS, *ROWS]
    read = sheet(*rows, merges=((5, 2, 5, 5),))
    assert ("indicators", "2", "name") not in values(read)
    assert values(read)["funds", "total", "adjusted_budget"] == Decimal(1_000_000)
    assert unread(read) == ["C6"]


def test_the_head_of_another_sheet_pasted_below_a_table_is_no_row_of_it() -> None:
    read = sheet(*HEAD, INDICATORS, INDICATOR, ["（2024年度）"], ["项目支出绩效自评表"], FUNDS, *ROWS)
    assert {row for section, row, _ in values(read) if section == "indicators"} == {"1"}


def test_a_heading_merged_over_rows_goes_on_below_rows_inserted_within_it() -> None:
    heading = ["年度主要任务", "名称", "完成情况", "预算数", "", "分值", "得分"]
    parts = ["", "", "", "总额", "财政拨款", "", ""]
    task = ["", "造林", "完成", 600, 100, 7, 6.8]
    merges = tuple((3, column, 6, column) for column in (0, 1, 2, 5, 6))
    read = sheet(
        ["部门（单位）整体支出绩效自评表"],
        ["部门（单位）名称", "林业局"],
        ["单位：万元"],
        heading,
        [""],
        [""],
        parts,
        task,
        merges=merges,
    )
    assert values(read)["tasks", "1", "budget_fiscal"] == Decimal(1_000_000)


def test_a_word_in_the_column_of_running_numbers_is_told() -> None:
    offices = [["内设机构"], ["序号", "机构名称"], [1, "办公室"], ["√", ""]]
    read = sheet(
        ["部门整体支出绩效自评表"],
        ["单位名称", "某街道"],
        ["部门主要职责"],
        ["序号", "主要职责"],
        [1, "服务"],
        *offices,
    )
    assert "A9" in unread(read)


DUTIES = [
    ["部门整体支出绩效自评表"],
    ["单位名称", "某街道"],
    ["部门主要职责"],
    ["序号", "主要职责"],
    [1, "服务"],
]


@pytest.mark.parametrize(
    "line",
    [
        ["制表：王丽", "审核人：李强"],
        ["", "单位负责人（签字）：____"],
        ["复核人", "王丽"],
        ["", "某街道办事处（盖章）"],
        ["", "2025年3月10日"],
        ["制表日期", "2025.3.10"],
    ],
)
def test_who_signed_below_a_table_is_no_row_of_it_and_is_told(line: list[str]) -> None:
    read = sheet(*DUTIES, line)
    assert read.submission is not None
    assert [row.id for row in read.submission.sections["duties"].rows] == ["1"]
    assert unread(read) == [a1(5, column) for column, text in enumerate(line) if text]


@pytest.mark.parametrize(
    "text", ["审批：办理行政许可", "项目：道路改造", "财务：3人", "2024年3月10日前办结", "负责人事工作"]
)
def test_a_row_that_only_looks_like_a_signature_is_read(text: str) -> None:
    read = sheet(*DUTIES, [2, text])
    assert values(read)["duties", "2", "text"] == text
    assert unread(read) == []


@pytest.mark.parametrize(
    ("unit", "times"), [("元", 1), ("千元", 1000), ("万元", 10_000), ("百万元", 10**6), ("亿元", 10**8)]
)
@pytest.mark.parametrize("shape", ["note", "heading"])
def test_money_is_read_in_the_unit_a_note_or_heading_names(unit: str, times: int, shape: str) -> None:
    note, heading = ([f"单位：{unit}"], FUNDS) if shape == "note" else ([""], [*FUNDS])
    if shape == "heading":
        heading[1:4] = [f"{label}（{unit}）" for label in FUNDS[1:4]]
    read = sheet(*HEAD, note, heading, ["年度资金总额", 100, 100, 98, 10, 0.98, 9.8])
    assert values(read)["funds", "total", "adjusted_budget"] == 100 * times


PROJECTS = [
    ["表样编号：department@2024.1"],
    ["部门整体支出绩效自评表"],
    ["项目支出预算执行情况", "", "", "", "单位：万元"],
    ["项目名称", "资金来源", "年初预算数", "全年预算数", "全年执行数"],
    ["民生实事", "", 600, 650, 640],
]


def test_the_parts_of_a_row_are_not_added_to_it_and_are_told() -> None:
    read = sheet(*PROJECTS, ["其中：首期工程", "", 500, 550, 540], ["环境整治", "", 300, 330, 320])
    found = values(read)
    assert [found["projects", row, "adjusted_budget"] for row in "12"] == [6_500_000, 3_300_000]
    assert ("projects", "3", "adjusted_budget") not in found
    assert unread(read) == [a1(5, column) for column in (0, 2, 3, 4)]


def test_rows_below_a_name_without_amounts_are_the_rows_themselves() -> None:
    rows = [row[:] for row in PROJECTS]
    rows[-1][2:] = ["", "", ""]
    found = values(sheet(*rows, ["其中：道路", "", 500, 550, 540], ["其中：绿化", "", 100, 100, 100]))
    assert [answer for (_, _, name), answer in found.items() if name == "adjusted_budget"] == [
        5_500_000,
        1_000_000,
    ]
