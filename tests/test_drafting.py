"""`form draft`: an official blank goes in, and the form it proposes reads that blank when it is filled."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.datavalidation import DataValidation

from tests import official_blanks as official
from tests.alter import put_together, take_apart
from tests.filling import facts, fill, form, load_forms, read
from tests.official_blanks import saved
from tests.packages import saved_as
from tests.valid import answers
from toolkit.checks.rules import validate
from toolkit.cli import cli
from toolkit.drafting.draft import Draft, NothingToAskError, draft_form
from toolkit.drafting.toml_text import Node
from toolkit.form.loader import parse_form
from toolkit.form.model import FieldType, Form, SectionKind
from toolkit.form.places import LISTS_SHEET, NOTES_SHEET, STATUS_SHEET
from toolkit.writers.blank import write_blank

LAYOUTS = ("central", "sichuan", "beijing", "tianjin", "hubei", "anhui")
GENERATED = (NOTES_SHEET, STATUS_SHEET, LISTS_SHEET)
shipped = cache(load_forms)


def drafted(path: Path) -> tuple[Form, Draft]:
    """Draft a form of a blank, and load it as an author would."""
    draft = draft_form(path, shipped())
    loaded = parse_form(draft.text)
    validate(loaded)
    return loaded, draft


def layout(name: str, tmp_path: Path) -> tuple[Form, Draft]:
    return drafted(saved(getattr(official, name)(), tmp_path / f"{name}.xlsx"))


def filled_facts(name: str, loaded: Form, typed: dict[str, Any], tmp_path: Path) -> dict[Any, Any]:
    """Return what the drafted form reads in the bureau's own workbook, filled; no cell may be left unread."""
    path = saved(getattr(official, name)(), tmp_path / "filled.xlsx", typed)
    result = read(path, (loaded,))
    assert result.cells.unread == 0, [item.message for item in result.issues if item.code == "S16"]
    return facts(result)


# ── every shipped form, as its blank shows it ──────────────────────────────────────────────────────────


def _as_official(path: Path, target: Path) -> Path:
    """Take from a workbook of ours what no bureau has: the mark, our own sheets, formulas, hints."""
    pages = [page for page in take_apart(path) if page.name not in GENERATED]
    for page in pages:
        page.cells = {place: cell for place, cell in page.cells.items() if "表样编号" not in str(cell[0])}
    return put_together(pages, target)


@pytest.mark.parametrize("name", [loaded.id for loaded in load_forms()])
def test_the_blank_of_a_shipped_form_gives_a_form_that_reads_it_filled(name: str, tmp_path: Path) -> None:
    asked = form(name)
    write_blank(asked, tmp_path / "blank.xlsx")
    loaded, _ = drafted(_as_official(tmp_path / "blank.xlsx", tmp_path / "official.xlsx"))
    write_blank(loaded, tmp_path / "ours.xlsx", year=2024)
    filled = fill(asked, answers(name), tmp_path / "filled.xlsx", year=2024)
    stripped = _as_official(filled, tmp_path / "stripped.xlsx")
    cells = {
        answer.cell: (section, row, field, answer.value)
        for section, row, field, answer in _submission(stripped, loaded).facts()
        if answer.value is not None
    }
    missed, renamed = [], []
    for section, row, field, answer in _submission(stripped, asked).facts():
        if answer.value is not None:
            found = cells.get(answer.cell)
            if found is None or found[3] != answer.value:
                missed.append((section, row, field, answer.cell, found))
            elif found[:3] != (section, row, field):
                renamed.append((section, row, field, found))
    assert missed == []
    assert renamed == []


def _submission(path: Path, asked: Form) -> Any:
    result = read(path, (asked,))
    assert result.submission is not None, result.issues
    return result.submission


# ── official layouts ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_form_of_an_official_layout_issues_a_blank_it_reads_back(name: str, tmp_path: Path) -> None:
    loaded, draft = layout(name, tmp_path)
    write_blank(loaded, tmp_path / "ours.xlsx", year=2024)
    result = read(tmp_path / "ours.xlsx", (loaded,))
    assert result.submission is not None
    assert result.cells.unread == 0
    assert not [item for item in result.issues if item.code in ("S06", "S21")]
    assert draft.text.count("# 待确认：") > 0


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_doubt_stands_beside_its_line_and_is_told(name: str, tmp_path: Path) -> None:
    _, draft = layout(name, tmp_path)
    comments = [line.partition("# 待确认：")[2] for line in draft.text.splitlines() if "# 待确认：" in line]
    for path, sentence in draft.doubts:
        assert any(sentence in comment for comment in comments), (path, sentence)


def test_the_central_form_is_recognised_whole(tmp_path: Path) -> None:
    loaded, draft = layout("central", tmp_path)
    assert (loaded.title, loaded.subtitle) == ("项目支出绩效自评表", "（{year}年度）")
    assert (loaded.entity, loaded.money.value) == ("project", "万元")
    assert [section.id for section in loaded.sections] == ["project", "funds", "goal", "indicators"]
    seeds = loaded.section("indicators").seeds
    assert {seed["level1"] for seed in seeds} == {"产出指标", "效益指标", "满意度指标"}
    assert len({seed["level2"] for seed in seeds}) == 9
    assert loaded.section("indicators").total_fields == ("max_score", "score")
    weights = next(rule for rule in loaded.rules if rule.check == "group_sum_is").params["values"]
    assert weights == {"产出指标": 50, "效益指标": 30, "满意度指标": 10}
    assert loaded.sheets[0].columns == (8, 12, 14, 24, 16, 16, 8, 12, 30)
    assert loaded.sheets[0].footnotes[0].startswith("注：1.其他资金")
    assert loaded.section("funds").row("total").defaults == {"max_score": "10"}
    assert "score" not in loaded.section("funds").row("other").fields
    assert not [item for item in draft.doubts if "不知是标题还是栏目" in item[1]]


def test_the_central_form_filled_by_a_unit_is_read(tmp_path: Path) -> None:
    loaded, _ = layout("central", tmp_path)
    typed = {
        "A2": "（2024年度）", "B3": "河道保洁", "B4": "青山区水务局", "F4": "红桥街道办事处",
        "D6": 120, "E6": 110, "F6": 104.5, "H6": "95.00%", "I6": 9.5, "D7": 120, "E7": 110, "F7": 104.5,
        "B11": "全年保洁三百天。", "F11": "保洁三百一十天。",
        "D13": "指标1：保洁天数", "E13": "≥300天", "F13": "310天", "G13": 20, "H13": 20,
        "D16": "指标1：合格率", "E16": "≥95%", "F16": 0.97, "G16": 30, "H16": 30,
        "D37": "指标1：居民满意度", "E37": "≥90%", "F37": "88%", "G37": 10, "H37": 9.78,
        "I37": "投诉较多，已增加频次。",
        "H40": 69.28,
    }  # fmt: skip
    found = filled_facts("central", loaded, typed, tmp_path)
    assert found["project", "", "project_name"] == "河道保洁"
    assert found["project", "", "fiscal_year"] == 2024
    assert found["project", "", "unit_name"] == "红桥街道办事处"
    assert found["funds", "total", "actual_expenditure"] == 1045000
    assert found["funds", "total", "execution_rate"] == Decimal("0.95")
    assert found["funds", "current", "adjusted_budget"] == 1100000
    assert found["goal", "goal", "completion"] == "保洁三百一十天。"
    assert [found["indicators", str(row), "name"] for row in (1, 2, 3)] == [
        "保洁天数",
        "合格率",
        "居民满意度",
    ]
    assert found["indicators", "2", "level2"] == "质量指标"
    assert found["indicators", "3", "level1"] == "满意度指标"
    assert found["indicators", "1", "target"].number == 300
    assert found["indicators", "total", "score"] == Decimal("69.28")


def test_sichuan_keeps_sign_value_and_unit_apart(tmp_path: Path) -> None:
    loaded, _ = layout("sichuan", tmp_path)
    table = loaded.section("indicators")
    assert table.field("operator").choices == ("≥", "≤", "＝", "定性")
    assert loaded.sheets[0].landscape
    texts = {entry.label: entry for section in loaded.sections for entry in section.fields}
    assert texts["评价结论"].max_length == texts["存在问题"].max_length == 200
    assert texts["1.年度目标完成情况"].max_length == 100
    labels = [row.label for row in loaded.section("funds").rows]
    assert labels == ["总额", "其中：财政资金", "财政专户管理资金", "单位资金", "其他资金"]
    typed = {
        "C3": "51000021R-培训", "H3": "某单位", "D4": "完成。", "D7": 10, "E7": 12,
        "F7": 9, "G7": 0.75, "I7": 7.5, "J7": "采购推迟。", "D13": "培训人次", "E13": "≥", "F13": 200,
        "G13": "人次", "H13": 210, "I13": 90,
        "J13": 90, "J27": 97.5, "C28": "良好。", "C31": "甲", "H31": "乙",
    }  # fmt: skip
    found = filled_facts("sichuan", loaded, typed, tmp_path)
    target = found["indicators", "1", "target"]
    assert (target.operator.value, target.number, target.unit) == ("ge", 200, "人次")
    assert found["funds", "total", "reason"] == "采购推迟。"
    assert found["funds", "total", "adjusted_budget"] == 120000
    assert {"完成。", "良好。", "甲", "乙"} <= set(found.values())


def test_beijing_divides_by_the_only_budget_there_is(tmp_path: Path) -> None:
    loaded, draft = layout("beijing", tmp_path)
    derive = loaded.section("funds").field("execution_rate").derive
    assert derive is not None
    assert [ref.field for ref in derive.of] == ["actual_expenditure", "initial_budget"]
    assert any("全年执行数（B）÷年初预算数（A）" in sentence for _, sentence in draft.doubts)
    assert next(rule for rule in loaded.rules if rule.check == "group_sum_is").params["values"] == {
        "产出指标": 50, "效果指标": 40,
    }  # fmt: skip
    typed = {"C3": "绿化", "H4": "某街道", "D6": 50, "F6": 48, "I6": "96%", "J6": 9.6,
             "B10": "种树。", "F10": "种了。", "D12": "树木", "E12": 50, "F12": "100棵", "G12": "100棵",
             "H12": "按比例",
             "I12": 50, "I30": 59.6}  # fmt: skip
    found = filled_facts("beijing", loaded, typed, tmp_path)
    assert found["funds", "total", "initial_budget"] == 500000
    assert found["indicators", "1", "scoring_method"] == "按比例"
    assert found["indicators", "total", "score"] == Decimal("59.6")


def test_tianjin_has_a_table_of_goals_and_a_line_of_signatures(tmp_path: Path) -> None:
    loaded, _ = layout("tianjin", tmp_path)
    goals = next(section for section in loaded.sections if section.fields[0].label == "年度绩效目标")
    assert goals.kind is SectionKind.TABLE
    typed = {"B2": "安全", "E2": "应急局", "H2": "某所", "B4": 30, "D4": 30, "F4": 30, "H4": "100%", "I4": 10,
             "A8": "目标1：巡查全覆盖", "D8": "已覆盖", "A9": "目标2：培训", "D9": "已培训", "G9": "无偏差",
             "B12": "巡查次数", "C12": "≥", "D12": 12, "E12": 12, "F12": "次", "G12": 50, "H12": 50,
             "H21": 60, "A22": "填报人：张三", "D22": "审核人：李四",
             "G22": "填报日期：2024年3月1日"}  # fmt: skip
    found = filled_facts("tianjin", loaded, typed, tmp_path)
    assert found[goals.id, "2", goals.fields[1].id] == "已培训"
    assert found["indicators", "1", "level1"] == "产出指标"
    assert {"张三", "李四", date(2024, 3, 1)} <= set(found.values())


def test_hubei_offers_its_boxes_as_choices(tmp_path: Path) -> None:
    loaded, draft = layout("hubei", tmp_path)
    fields = {entry.label: entry for section in loaded.sections for entry in section.fields}
    assert fields["项目类别"].choices == ("部门预算项目", "市直专项", "转移支付项目")
    assert fields["项目属性"].type is FieldType.CHOICE
    assert any("勾选项" in sentence for _, sentence in draft.doubts)
    assert fields["执行率（B/A）"].derive is not None
    assert [ref.field for ref in fields["执行率（B/A）"].derive.of] == [
        "actual_expenditure",
        fields["预算数（A）"].id,
    ]


def test_hubei_filled_is_read_with_what_stands_behind_a_colon(tmp_path: Path) -> None:
    loaded, _ = layout("hubei", tmp_path)
    typed = {
        "A2": "单位名称：某局", "E2": "填报日期：2023年3月1日", "B3": "绿道", "B4": "园林局", "E4": "园林所",
        "B5": "部门预算项目", "B6": "新增性项目", "B7": "一次性项目",
        "C9": 100, "D9": 95, "E9": "95%", "F9": 19, "C11": "绿道里程", "D11": "5公里", "E11": "5公里",
        "F11": 40, "F19": 59, "B20": "天气", "B21": "加强",
    }  # fmt: skip
    found = filled_facts("hubei", loaded, typed, tmp_path)
    assert found["project", "", "unit_name"] == "某局"
    assert found["project", "", "fill_date"] == date(2023, 3, 1)
    assert found["project", "", "fiscal_year"] == 2022
    assert found["funds", loaded.section("funds").rows[0].id, "actual_expenditure"] == 950000
    assert found["indicators", "1", "level1"] == "产出指标"
    assert found["indicators", "total", "score"] == 59
    assert {"部门预算项目", "新增性项目", "一次性项目", "天气", "加强"} <= set(found.values())


@pytest.mark.office
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_a_blank_of_another_program_is_drafted_as_its_xlsx_but_for_what_it_hides(
    kind: str, tmp_path: Path
) -> None:
    path = saved(official.central(), tmp_path / "central.xlsx")
    one, _ = drafted(path)
    other, draft = drafted(saved_as(path, kind, tmp_path))
    for section in one.sections:
        again = other.section(section.id)
        assert [(field.id, field.label, field.type) for field in again.fields] == [
            (field.id, field.label, field.type) for field in section.fields
        ]
        assert [row.id for row in again.rows] == [row.id for row in section.rows]
        assert again.seeds == section.seeds
    assert any("看不到下拉列表" in sentence for _, sentence in draft.doubts)


def test_anhui_asks_the_weight_before_the_target_and_two_expenditures_below_the_total(tmp_path: Path) -> None:
    loaded, _ = layout("anhui", tmp_path)
    assert loaded.entity == "department"
    ids = [entry.id for entry in loaded.section("indicators").fields]
    assert ids.index("max_score") < ids.index("target") < ids.index("actual")
    rows = loaded.section("funds").rows
    assert [row.label for row in rows] == ["合计", "基本支出", "项目支出"]
    assert rows[0].derives["adjusted_budget"].of[0].row == rows[1].id
    typed = {"C4": "某局", "C6": 100, "D6": 110, "E6": 99, "G6": "90%", "H6": 9, "C7": 60, "D7": 60, "E7": 60,
             "C8": 40, "D8": 50, "E8": 39, "B10": "目标", "E10": "完成", "C11": "加快支付",
             "C13": "指标1：办件", "D13": 50, "E13": "≥10件", "F13": "12件", "G13": 50,
             "G27": 59}  # fmt: skip
    found = filled_facts("anhui", loaded, typed, tmp_path)
    assert found["funds", rows[2].id, "actual_expenditure"] == 390000
    assert found["indicators", "1", "max_score"] == 50
    assert "加快支付" in found.values()


# ── odd blanks ─────────────────────────────────────────────────────────────────────────────────────────


def test_two_tables_on_one_sheet_become_two_sections(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Budget"
    for row, texts in enumerate((
        ["部门整体收支情况表"], ["一、收入情况", None, None, "单位：元"],
        ["项目", "年初预算数", "决算数", "完成率"],
        ["一般公共预算"], ["其他收入"], ["合计"], [],
        ["二、重点项目", None, None, None], ["项目名称", "预算金额", "支出金额", "备注"], [], [], [],
    ), 1):  # fmt: skip
        official.put(sheet, row, texts)
    loaded, _ = drafted(saved(book, tmp_path / "two.xlsx"))
    assert loaded.money.value == "元"
    assert [(section.kind.value, section.title) for section in loaded.sections] == [
        ("grid", "一、收入情况"), ("table", "二、重点项目"),
    ]  # fmt: skip
    assert loaded.sheets[0].name == "Budget"
    path = saved(book, tmp_path / "filled.xlsx", {"B4": 10, "C4": 9, "A10": "修路", "B10": 5, "C10": 4})
    found = facts(read(path, (loaded,)))
    assert {Decimal(10), Decimal(9), "修路", Decimal(5), Decimal(4)} <= set(found.values())


def test_stacked_headings_give_a_column_each(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    official.put(sheet, 1, ["项目资金绩效自评表"])
    official.put(sheet, 2, ["资金来源", "预算情况", None, "支出情况", None])
    official.put(sheet, 3, [None, "年初预算数", "调整后预算数", "执行数", "执行率"])
    for row, label in enumerate(("财政拨款", "其他资金", "合计"), 4):
        sheet.cell(row, 1, label)
    official.merge(sheet, "A1:E1", "A2:A3", "B2:C2", "D2:E2")
    loaded, _ = drafted(saved(book, tmp_path / "stacked.xlsx"))
    grid = loaded.sections[0]
    assert [entry.label for entry in grid.fields] == ["年初预算数", "调整后预算数", "执行数", "执行率"]
    assert [entry.group for entry in grid.fields] == ["预算情况", "预算情况", "支出情况", "支出情况"]
    found = facts(read(saved(book, tmp_path / "f.xlsx", {"B4": 1, "C4": 2, "D4": 1, "E4": "50%"}), (loaded,)))
    assert found[grid.id, grid.rows[0].id, grid.fields[1].id] == 20000


def test_an_example_row_is_left_out_and_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    official.put(sheet, 1, ["重点项目绩效自评表"])
    official.put(sheet, 2, ["项目名称", "年度指标值", "实际完成值", "分值", "得分"])
    official.put(sheet, 3, ["例：道路维修", "≥5公里", "6公里", 10, 10])
    official.put(sheet, 6, ["合计"])
    loaded, draft = drafted(saved(book, tmp_path / "example.xlsx"))
    assert loaded.sections[0].seeds == ()
    assert any("第 3 行填有示例" in sentence for _, sentence in draft.doubts)
    assert loaded.sections[0].totals[0] == "合计"


def test_dropdowns_of_another_sheet_and_of_a_name_are_choices(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    official.put(sheet, 1, ["项目绩效自评表"])
    for row, label in enumerate(("资金渠道", "所属科室", "评价方式", "满意比例", "验收日"), 2):
        official.put(sheet, row, [label])
    lists = book.create_sheet("选项")
    official.put(lists, 1, ["甲科"])
    official.put(lists, 2, ["乙科"])
    lists.sheet_state = "hidden"
    book.defined_names["方式"] = openpyxl.workbook.defined_name.DefinedName(
        "方式", attr_text="'选项'!$A$1:$A$2"
    )
    for cell, formula in (("B2", '"财政,自筹"'), ("B3", "'选项'!$A$1:$A$2"), ("B4", "方式")):
        rule = DataValidation(type="list", formula1=formula)
        rule.add(cell)
        sheet.add_data_validation(rule)
    sheet["B5"].number_format = "0.00%"
    sheet["B6"].number_format = "yyyy-mm-dd"
    loaded, _ = drafted(saved(book, tmp_path / "lists.xlsx"))
    found = {entry.label: entry for entry in loaded.sections[0].fields}
    assert [found[label].choices for label in ("资金渠道", "所属科室", "评价方式")] == [
        ("财政", "自筹"), ("甲科", "乙科"), ("甲科", "乙科"),
    ]  # fmt: skip
    assert (found["满意比例"].type, found["验收日"].type) == (FieldType.PERCENT, FieldType.DATE)
    assert len(loaded.sheets) == 1


def test_required_marks_limits_and_units_of_labels_are_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row, texts in enumerate((
        ["单位整体支出绩效自评表"], ["*单位名称", None, "在职人数（人）", None], ["主要做法（不超过300字）"],
        ["存在的困难（限150字）"], [], ["填报日期", "    年   月   日"],
    ), 1):  # fmt: skip
        official.put(sheet, row, texts)
    official.merge(sheet, "A4:D4", "A5:D5", "B3:D3")
    loaded, _ = drafted(saved(book, tmp_path / "marks.xlsx"))
    found = {entry.label: entry for section in loaded.sections for entry in section.fields}
    assert found["单位名称"].required
    assert found["在职人数"].unit == "人"
    assert found["主要做法"].max_length == 300
    assert found["存在的困难"].max_length == 150
    assert found["填报日期"].type is FieldType.DATE
    typed = {"B2": "某局", "D2": 12, "B3": "做法", "A5": "困难在于人手。", "B6": date(2025, 3, 1)}
    values = facts(read(saved(book, tmp_path / "f.xlsx", typed), (loaded,))).values()
    assert {"某局", "做法", "困难在于人手。", date(2025, 3, 1)} <= set(values)


LABELS = [
    None, None, None, None, "项目名称", "主管部门", "年初预算数", "全年预算数（A）", "得分", "分值",
    "一级指标",
    "二级指标", "三级指标", "产出指标(50分)", "数量指标", "指标1：", "……", "合计", "总分",
    "项目资金（万元）", "年度总体目标",
    "预期目标", "实际完成情况", "项目支出绩效自评表", "（2024年度）", "注：1. 说明", "单位：元",
    "填报人：", "—", 10, "序号",
    "某某事项",
    "a\"b\\c'", "执行率(B/A)", "存在问题（200字以内）", "□是 □否", "项目负责人：   财务负责人：",
]  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.lists(st.sampled_from(LABELS), min_size=1, max_size=7), min_size=1, max_size=14),
    merges=st.lists(
        st.tuples(st.integers(1, 14), st.integers(1, 7), st.integers(0, 4), st.integers(0, 3)), max_size=5
    ),
)
def test_whatever_a_sheet_holds_the_draft_loads(
    rows: list[list[Any]], merges: list[tuple[int, int, int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row, texts in enumerate(rows, 1):
        for column, text in enumerate(texts, 1):
            if text is not None:
                sheet.cell(row, column).value = text
    taken: set[tuple[int, int]] = set()
    for top, left, down, right in merges:
        area = {(r, c) for r in range(top, top + down + 1) for c in range(left, left + right + 1)}
        if not area & taken and len(area) > 1:
            taken |= area
            sheet.merge_cells(start_row=top, start_column=left, end_row=top + down, end_column=left + right)
    path = tmp_path_factory.mktemp("odd") / "odd.xlsx"
    if all(cell.value is None for row in sheet for cell in row):
        sheet["A1"] = "单位名称"
    book.save(path)
    try:
        loaded, _ = drafted(path)
    except NothingToAskError:
        return
    write_blank(loaded, path, year=2024)


@given(
    st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=20) | st.integers() | st.booleans()),
    st.text(),
)
@settings(max_examples=60, deadline=None)
def test_any_text_survives_the_writing_of_toml(values: dict[str, Any], doubt: str) -> None:
    node = Node(dict(values))
    for key in values:
        node.doubt(key, doubt)
    assert tomllib.loads(node.text()) == values


# ── the command ────────────────────────────────────────────────────────────────────────────────────────


def test_the_command_writes_a_form_that_form_check_passes(tmp_path: Path) -> None:
    blank = saved(official.central(), tmp_path / "空白.xlsx")
    target = tmp_path / "central.toml"
    told = CliRunner().invoke(cli, ["form", "draft", str(blank), "-o", str(target)])
    assert told.exit_code == 0, told.output
    assert "待确认" in told.stderr
    assert "权重取自原表“产出指标 50" in told.stderr
    checked = CliRunner().invoke(cli, ["form", "check", str(target)])
    assert checked.output.strip() == "central@1.0：没有发现问题。"
    before = target.read_text(encoding="utf-8")
    again = CliRunner().invoke(cli, ["form", "draft", str(blank), "-o", str(target)])
    assert again.exit_code == 2
    assert target.read_text(encoding="utf-8") == before


def test_the_command_prints_the_form_by_default(tmp_path: Path) -> None:
    told = CliRunner().invoke(cli, ["form", "draft", str(saved(official.anhui(), tmp_path / "a.xlsx"))])
    assert parse_form(told.stdout).title == "部门整体支出绩效自评表"


@pytest.mark.parametrize("content", [b"%PDF-1.4 hello", b""])
def test_what_is_no_workbook_is_refused_in_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "假.xlsx"
    path.write_bytes(content)
    told = CliRunner().invoke(cli, ["form", "draft", str(path)])
    assert told.exit_code == 2
    assert "Traceback" not in told.output


def test_a_sheet_of_prose_has_nothing_to_ask(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "请各单位认真组织自评工作。"
    told = CliRunner().invoke(cli, ["form", "draft", str(saved(book, tmp_path / "文.xlsx"))])
    assert told.exit_code == 2
