"""Official blanks as bureaus lay them out: merges, placeholders, labels beside their rows, notes below.

Each function returns a workbook. Cells are typed by address, as in the bureau's own file; nothing here
comes from our blank writer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

OUTPUTS = ("数量指标", "质量指标", "时效指标", "成本指标")
BENEFITS = ("经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标")


def put(sheet: Worksheet, row: int, texts: Sequence[Any], column: int = 1) -> None:
    """Type texts side by side; None leaves a cell alone."""
    for offset, text in enumerate(texts):
        if text is not None:
            sheet.cell(row, column + offset, text)


def merge(sheet: Worksheet, *areas: str) -> None:
    """Merge areas."""
    for area in areas:
        sheet.merge_cells(area)


def saved(book: Workbook, path: Path, answers: dict[str, Any] | None = None) -> Path:
    """Save a workbook, with answers typed into the cells of its first sheet (or `sheet!cell`)."""
    for address, value in (answers or {}).items():
        tab, _, cell = address.rpartition("!")
        (book[tab] if tab else book.worksheets[0])[cell] = value
    book.save(path)
    return path


def _page(name: str = "Sheet1") -> tuple[Workbook, Worksheet]:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = name
    return book, sheet


def _levels(sheet: Worksheet, row: int, column: int, blocks: Iterable[tuple[str, Sequence[str], int]]) -> int:
    """Type merged level cells with 指标1：, 指标2：, …… rows beside them; return the row after them."""
    for level1, seconds, each in blocks:
        top = row
        for second in seconds:
            sheet.cell(row, column + 1, second)
            for offset in range(each):
                name = f"指标{offset + 1}：" if offset < each - 1 or each == 1 else "……"
                sheet.cell(row + offset, column + 2, name)
            if each > 1:
                sheet.merge_cells(
                    start_row=row, end_row=row + each - 1, start_column=column + 1, end_column=column + 1
                )
            row += each
        sheet.cell(top, column, level1)
        if row - 1 > top:
            sheet.merge_cells(start_row=top, end_row=row - 1, start_column=column, end_column=column)
    return row


def central() -> Workbook:
    """财预〔2020〕10号: 项目支出绩效自评表. Columns A to I; indicators from row 15, three rows each."""
    book, sheet = _page()
    sheet["A1"] = "项目支出绩效自评表"
    sheet["A2"] = "（    年度）"
    merge(sheet, "A1:I1", "A2:I2")
    put(sheet, 3, ["项目名称"])
    put(sheet, 4, ["主管部门", None, None, None, "实施单位"])
    merge(sheet, "B3:I3", "B4:D4", "F4:I4")
    put(
        sheet,
        5,
        [
            "项目资金\n（万元）",
            None,
            None,
            "年初预算数",
            "全年预算数(A)",
            "全年执行数(B)",
            "分值",
            "执行率(B/A)",
            "得分",
        ],
    )
    for row, label in enumerate(
        ("年度资金总额：", "其中：本年财政拨款", "      上年结转资金", "      其他资金"), 6
    ):
        sheet.cell(row, 2, label)
        merge(sheet, f"B{row}:C{row}")
        if row > 6:
            put(sheet, row, ["—", None, "—"], 7)
    sheet["G6"] = 10
    merge(sheet, "A5:A9", "B5:C5")
    put(sheet, 10, ["年度总体目标", "预期目标", None, None, None, "实际完成情况"])
    merge(sheet, "A10:A11", "B10:E10", "F10:I10", "B11:E11", "F11:I11")
    sheet.row_dimensions[11].height = 90
    put(sheet, 12, ["绩\n效\n指\n标", "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值",
                    "得分", "偏差原因分析及改进措施"])  # fmt: skip
    row = _levels(sheet, 13, 2, (
        ("产出指标\n(50分)", OUTPUTS, 3),
        ("效益指标\n(30分)", BENEFITS, 3),
        ("满意度指标\n(10分)", ("服务对象满意度指标",), 3),
    ))  # fmt: skip
    merge(sheet, f"A12:A{row - 1}")
    sheet.cell(row, 1, "总分")
    sheet.cell(row, 7, 100)
    merge(sheet, f"A{row}:F{row}")
    sheet.cell(
        row + 1, 1, "注：1.其他资金包括和财政资金共同投入的自有资金、社会资金等。\n2.一级指标权重统一设置。"
    )
    merge(sheet, f"A{row + 1}:I{row + 1}")
    for letter, width in zip("ABCDEFGHI", (8, 12, 14, 24, 16, 16, 8, 12, 30), strict=True):
        sheet.column_dimensions[letter].width = width
    return book


def sichuan() -> Workbook:
    """四川 2023: operator, value and unit in columns of their own, 90 points, signatures below."""
    book, sheet = _page("项目自评表")
    sheet["A1"] = "部门预算项目支出绩效自评表（2023年度）"
    sheet["A2"] = "报表编号：510000_0013zp"
    merge(sheet, "A1:K1", "A2:E2")
    sheet["J2"] = "单位：万元"
    merge(sheet, "J2:K2")
    put(sheet, 3, ["项目名称", None, None, None, None, "实施单位（盖章）"])
    merge(sheet, "A3:B3", "C3:E3", "F3:G3", "H3:K3")
    put(sheet, 4, ["项目基本情况", "1.年度目标完成情况（100字以内）"])
    put(sheet, 5, [None, "2.项目实施内容及过程概述（500字以内）"])
    merge(sheet, "A4:A5", "B4:C4", "D4:K4", "B5:C5", "D5:K5")
    put(
        sheet,
        6,
        [
            "预算执行情况（10分）",
            None,
            None,
            "年初预算",
            "调整后预算数",
            "预算执行数",
            "预算执行率",
            "权重",
            "得分",
            "原因",
        ],
    )
    merge(sheet, "A6:A11", "B6:C6", "J6:K6")
    for row, label in enumerate(("总额", "其中：财政资金", "财政专户管理资金", "单位资金", "其他资金"), 7):
        sheet.cell(row, 2, label)
        merge(sheet, f"B{row}:C{row}", f"J{row}:K{row}")
    sheet["H7"] = 10
    put(sheet, 12, ["绩效指标（90分）", "一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位",
                    "完成值", "权重", "得分", "未完成原因分析"])  # fmt: skip
    row = _levels(sheet, 13, 2, (
        ("产出指标", ("数量指标", "质量指标", "时效指标"), 2),
        ("成本指标", ("经济成本指标",), 2),
        ("效益指标", ("社会效益指标", "可持续影响指标"), 2),
        ("满意度指标", ("服务对象满意度指标",), 2),
    ))  # fmt: skip
    merge(sheet, f"A12:A{row - 1}")
    sheet.cell(row, 1, "合计")
    sheet.cell(row, 9, 100)
    merge(sheet, f"A{row}:H{row}")
    for offset, label in enumerate(
        ("评价结论（200字以内）", "存在问题（200字以内）", "改进措施（200字以内）"), 1
    ):
        sheet.cell(row + offset, 1, label)
        merge(sheet, f"A{row + offset}:B{row + offset}", f"C{row + offset}:K{row + offset}")
    put(sheet, row + 4, ["项目负责人", None, None, None, None, "财务负责人"])
    merge(
        sheet,
        f"A{row + 4}:B{row + 4}",
        f"C{row + 4}:E{row + 4}",
        f"F{row + 4}:G{row + 4}",
        f"H{row + 4}:K{row + 4}",
    )
    rule = DataValidation(type="list", formula1='"≥,≤,＝,定性"')
    rule.add(f"E13:E{row - 1}")
    sheet.add_data_validation(rule)
    sheet.page_setup.orientation = "landscape"
    return book


def beijing() -> Workbook:
    """北京 2016 (街道): no 全年预算数, rate = B/A of the 年初预算数, a method of scoring per indicator."""
    book, sheet = _page("Sheet1")
    sheet["A1"] = "项目支出绩效自评表"
    sheet["A2"] = "（2016年度）"
    merge(sheet, "A1:J1", "A2:J2")
    put(sheet, 3, ["项目名称"])
    put(sheet, 4, ["主管部门及代码", None, None, None, None, "实施单位"])
    merge(sheet, "A3:B3", "C3:J3", "A4:B4", "C4:E4", "F4:G4", "H4:J4")
    put(
        sheet,
        5,
        [
            "项目资金\n（万元）",
            None,
            None,
            "年初预算数（A）",
            None,
            "全年执行数（B）",
            None,
            "分值",
            "执行率（B/A）",
            "得分",
        ],
    )
    for row, label in enumerate(("年度资金总额", "其中：本年一般公共预算拨款", "其他资金"), 6):
        sheet.cell(row, 3, label)
        merge(sheet, f"D{row}:E{row}", f"F{row}:G{row}")
    merge(sheet, "A5:B8", "D5:E5", "F5:G5")
    put(sheet, 9, ["年度总体目标", "年初设定目标", None, None, None, "全年实际完成情况"])
    merge(sheet, "A9:A10", "B9:E9", "F9:J9", "B10:E10", "F10:J10")
    put(sheet, 11, ["绩效指标", "一级指标", "二级指标", "三级指标", "分值", "年度指标值", "全年完成值",
                    "得分计算方法", "得分", "未完成原因分析"])  # fmt: skip
    row = _levels(sheet, 12, 2, (
        ("产出指标（50分）", OUTPUTS, 2), ("效果指标（40分）", (*BENEFITS, "服务对象满意度指标"), 2)
    ))  # fmt: skip
    merge(sheet, f"A11:A{row - 1}")
    sheet.cell(row, 1, "总分")
    merge(sheet, f"A{row}:H{row}")
    return book


def tianjin() -> Workbook:
    """天津: several goals, each with its completion and reason; sign and unit in columns of their own."""
    book, sheet = _page("自评表")
    sheet["A1"] = "天津市项目支出绩效自评表"
    merge(sheet, "A1:I1")
    put(sheet, 2, ["项目名称", None, None, "主管部门", None, None, "预算单位"])
    merge(sheet, "B2:C2", "E2:F2", "H2:I2")
    put(
        sheet,
        3,
        ["资金来源", "年初预算数", None, "全年预算数", None, "全年执行数", None, "执行率(%)", "得分"],
    )
    for row, label in enumerate(("资金总额", "财政拨款", "其他资金"), 4):
        sheet.cell(row, 1, label)
    for row in range(3, 7):
        merge(sheet, f"B{row}:C{row}", f"D{row}:E{row}", f"F{row}:G{row}")
    put(sheet, 7, ["年度绩效目标", None, None, "实际完成情况", None, None, "偏差原因分析及改进措施"])
    for row in range(7, 11):
        merge(sheet, f"A{row}:C{row}", f"D{row}:F{row}", f"G{row}:I{row}")
    put(sheet, 8, ["目标1："])
    put(sheet, 9, ["目标2："])
    put(sheet, 10, ["……"])
    put(
        sheet,
        11,
        ["一级指标", "指标名称", "计算符号", "指标值", "实际完成值", "计量单位", "分值", "得分", "偏差原因"],
    )
    for row, level in ((12, "产出指标"), (15, "效益指标"), (18, "满意度指标")):
        sheet.cell(row, 1, level)
        merge(sheet, f"A{row}:A{row + 2}")
    put(sheet, 21, ["合计", None, None, None, None, None, 100])
    merge(sheet, "A21:F21")
    put(sheet, 22, ["填报人：", None, None, "审核人：", None, None, "填报日期："])
    merge(sheet, "A22:C22", "D22:F22", "G22:I22")
    return book


def hubei() -> Workbook:
    """湖北: boxes to tick, 20 points for execution, targets and results lettered, no weights in rows."""
    book, sheet = _page("Sheet1")
    sheet["A1"] = "2022年度项目绩效自评表"
    sheet["A2"] = "单位名称："
    sheet["E2"] = "填报日期："
    merge(sheet, "A1:G1", "A2:D2", "E2:G2")
    put(sheet, 3, ["项目名称"])
    merge(sheet, "B3:G3")
    put(sheet, 4, ["主管部门", None, None, "项目实施单位"])
    merge(sheet, "B4:C4", "E4:G4")
    put(sheet, 5, ["项目类别", "1.部门预算项目□  2.市直专项□  3.转移支付项目□"])
    put(sheet, 6, ["项目属性", "1.持续性项目□  2.新增性项目□"])
    put(sheet, 7, ["项目类型", "1.常年性项目□  2.延续性项目□  3.一次性项目□"])
    merge(sheet, "B5:G5", "B6:G6", "B7:G7")
    put(
        sheet,
        8,
        [
            "预算执行情况（万元）（20分）",
            None,
            "预算数（A）",
            "执行数（B）",
            "执行率（B/A）",
            "得分（20分*执行率）",
            None,
        ],
    )
    put(sheet, 9, [None, "年度财政资金总额"])
    merge(sheet, "A8:A9", "F8:G8", "F9:G9")
    put(sheet, 10, ["一级指标", "二级指标", "三级指标", "年初目标值（A）", "实际完成值（B）", "得分", None])
    row = _levels(sheet, 11, 1, (
        ("产出指标（40分）", ("数量指标", "质量指标", "时效指标"), 2),
        ("效益指标（40分）", ("社会效益指标",), 2)
    ))  # fmt: skip
    for line in range(10, row):
        merge(sheet, f"F{line}:G{line}")
    put(sheet, row, ["总分"])
    merge(sheet, f"A{row}:E{row}", f"F{row}:G{row}")
    put(sheet, row + 1, ["偏差大或目标未完成原因分析"])
    put(sheet, row + 2, ["改进措施及结果应用方案"])
    merge(sheet, f"B{row + 1}:G{row + 1}", f"B{row + 2}:G{row + 2}")
    return book


def anhui() -> Workbook:
    """安徽 部门整体: the weight before the target, measures between goals and indicators."""
    book, sheet = _page("部门整体")
    sheet["A1"] = "部门整体支出绩效自评表"
    sheet["A2"] = "（2023年度）"
    sheet["A3"] = "金额单位：万元"
    merge(sheet, "A1:H1", "A2:H2", "A3:H3")
    put(sheet, 4, ["部门（单位）名称"])
    merge(sheet, "A4:B4", "C4:H4")
    put(
        sheet, 5, ["预算执行情况", "名称", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"]
    )
    for line, label in enumerate(("合计", "基本支出", "项目支出"), 6):
        sheet.cell(line, 2, label)
    put(sheet, 6, [10], 6)
    for line in (7, 8):
        put(sheet, line, ["—", None, "—"], 6)
    merge(sheet, "A5:A8")
    put(sheet, 9, ["年度总体目标", "预期目标", None, None, "实际完成情况"])
    merge(sheet, "A9:A10", "B9:D9", "E9:H9", "B10:D10", "E10:H10")
    put(sheet, 11, ["整改的措施与建议："])
    merge(sheet, "A11:B11", "C11:H11")
    put(
        sheet,
        12,
        [
            "一级指标",
            "二级指标",
            "三级指标",
            "分值",
            "指标值",
            "实际完成值",
            "得分",
            "偏差原因分析及改进措施",
        ],
    )
    row = _levels(sheet, 13, 1, (
        ("产出指标（50分）", OUTPUTS, 2), ("效益指标（30分）", ("经济效益指标", "社会效益指标"), 2),
        ("满意度指标（10分）", ("服务对象满意度指标",), 2),
    ))  # fmt: skip
    put(sheet, row, ["总分", None, None, 100])
    merge(sheet, f"A{row}:C{row}")
    return book
