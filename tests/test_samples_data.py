"""The samples say what the public reports print, in places the forms know."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from toolkit.form.loader import load_form
from toolkit.form.model import Field, FieldType, Form, SectionKind
from toolkit.lists import read_roster

ROOT = Path(__file__).resolve().parent.parent


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_samples", ROOT / "scripts" / "make_samples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


SCRIPT = _script()
SAMPLES: dict[str, Any] = dict(
    zip((path.stem for path in sorted(SCRIPT.SAMPLES.glob("*.toml"))), SCRIPT.load_samples(), strict=True)
)
FORMS = {name: load_form(ROOT / "templates" / "forms" / f"{name}.toml") for name in ("department", "project")}
ROW_KEYS = ("name", "fund_source", "text", "heading")

# (section, row, {field: as printed}); an answers section has no row, a table row is named by its key text.
# Thousands separators are dropped; a decrease carries a minus sign.
Figures = list[tuple[str, str, dict[str, str]]]
QIANJIN: Figures = [
    ("cover", "", {"unit_name": "广州市天河区人民政府前进街道办事处", "fiscal_year": "2023"}),
    ("income", "fiscal", {"adjusted_budget": "11753.34", "actual_expenditure": "11401.55"}),
    ("income", "superior", {"actual_expenditure": "0"}),
    ("income", "operating", {"actual_expenditure": "0"}),
    ("income", "business", {"actual_expenditure": "0"}),
    ("income", "subsidiary", {"actual_expenditure": "0"}),
    ("income", "other", {"adjusted_budget": "49.49", "actual_expenditure": "112.34"}),
    (
        "income",
        "total",
        {"adjusted_budget": "11802.83", "actual_expenditure": "11513.90", "execution_rate": "97.55%"},
    ),
    (
        "expenditure",
        "basic",
        {"actual_expenditure": "3502.89", "execution_rate": "99.27%", "share": "30.46%"},
    ),
    ("expenditure", "basic", {"change_amount": "-628.34", "change_rate": "-15.21%"}),
    ("expenditure", "project", {"actual_expenditure": "7946.72", "execution_rate": "95.73%"}),
    ("expenditure", "project", {"share": "69.41%", "change_amount": "2042.99", "change_rate": "34.61%"}),
    (
        "expenditure",
        "total",
        {"adjusted_budget": "11829.68", "actual_expenditure": "11449.61", "execution_rate": "96.79%"},
    ),
    (
        "running",
        "three_public",
        {"adjusted_budget": "82.82", "actual_expenditure": "67.10", "execution_rate": "81.02%"},
    ),
    (
        "running",
        "administration",
        {"actual_expenditure": "395.76", "change_amount": "115.39", "change_rate": "41.2%"},
    ),
    ("scores", "total", {"score": "97.2"}),
    ("result", "", {"fiscal_rate": "97.14%"}),
]
ZHONGCUN: Figures = [
    ("cover", "", {"unit_name": "广州市番禺区人民政府钟村街道办事处", "fiscal_year": "2024"}),
    ("income", "fiscal", {"actual_expenditure": "27872. 79", "share": "99. 94%"}),
    ("income", "other", {"actual_expenditure": "15.58", "share": "0.06%"}),
    ("income", "total", {"initial_budget": "30172.04", "actual_expenditure": "27888. 37"}),
    ("expenditure", "total", {"initial_budget": "30172.04", "actual_expenditure": "27907.66"}),
    (
        "sources",
        "fiscal",
        {"actual_expenditure": "27872.79", "share": "99.88%", "execution_rate": "100%"},
    ),
    ("sources", "other", {"actual_expenditure": "34.87", "share": "0.12%"}),
    ("carryover", "", {"opening": "25.04", "closing": "5.76"}),
    ("scores", "total", {"score": "97"}),
    ("result", "", {"grade": "优秀"}),
    *(
        ("indicators", name, {"target": target, "actual": actual, "completion": completion})
        for name, target, actual, completion in (
            ("财政资金预算完成率(%)", "完成率≥90%", "完成率=100%", "100%"),
            ("展党指标完成率(%)", "完成率=100%", "完成率=100%", "100%"),
            ("征兵指标完成率(%)", "完成率=100%", "完成率=100%", "100%"),
            ("辖区食品生产企业抽检覆盖率(%)", "完成率=100%", "完成率=100%", "100%"),
            ("订购党报党刊数量", "符合上级有关规定", "符合上级有关规定", "达标完成"),
            ("开展各类活动", "不少于8场", "完成目标值", "100%"),
            ("部分工程实际完工率(%)", "完工率=100%", "完工率=100%", "100%"),
            ("服务验收合格率(%)", "合格率=100%", "合格率=100%", "100%"),
            ("工程验收合格率(%)", "合格率=100%", "合格率=100%", "100%"),
            ("采购合规率(%)", "合规率=100%", "合规率=100%", "100%"),
            ("市政设施投诉办结率(%)", "办结率≥90%", "办结率≥90%", "100%"),
            ("救济金发放及时性(%)", "及时性=100%", "及时性=100%", "100%"),
            ("各类补贴发放及时性(%)", "及时性=100%", "及时性=100%", "100%"),
            ("信访案件办结率(%)", "办结率≥90%", "办结率≥90%", "100%"),
            ("公开及时性(%)", "及时性=100%", "及时性=100%", "100%"),
            ("财政资金依存率(%)", "依存率=100%", "依存率=100%", "100%"),
            ("单位成本", "符合上级有关规定", "符合上级有关规定", "达标完成"),
            ("税收缴纳率", "符合上级有关规定", "符合上级有关规定", "达标完成"),
            ("行政许可事项审批提速率(%)", "符合上级有关规定", "符合上级有关规定", "达标完成"),
            ("促进社会公平", "符合上级有关规定", "符合上级有关规定", "达标完成"),
            ("目标对象保障面(%)", "保障面=100%", "保障面=100%", "100%"),
            ("基本农田保护率(%)", "符合上级有关规定", "符合上级有关规定", "达标完成"),
            ("环保宣传覆盖面(个)", "符合上级有关规定", "符合上级有关规定", "达标完成"),
            ("项目可持续性", "项目可持续", "项目可持续", "达标完成"),
            (
                "促进街道工作开展有序常态化",
                "促进街道工作开展有序,形成常态化",
                "促进街道工作开展有序常态化",
                "达标完成",
            ),
            ("对政务服务、城市环境、社区公共设施满意度(%)", "满意度≥80%", "满意度≥80%", "100%"),
        )
    ),
]
HUADI: Figures = [
    ("cover", "", {"unit_name": "广州市荔湾区人民政府花地街道办事处", "fiscal_year": "2021"}),
    ("expenditure", "project", {"initial_budget": "2671.07", "actual_expenditure": "3601.87"}),
    (
        "expenditure",
        "project",
        {"execution_rate": "100%", "adjustment_amount": "930.80", "adjustment_rate": "34.86%"},
    ),
    ("expenditure", "total", {"initial_budget": "4982.39", "actual_expenditure": "6364.24"}),
    (
        "expenditure",
        "total",
        {"execution_rate": "100%", "adjustment_amount": "1381.85", "adjustment_rate": "27.73%"},
    ),
    ("project_count", "", {"count": "73"}),
    ("tasks", "街道工作规范化建设", {"funds": "524.51"}),
    ("tasks", "社区综合服务", {"funds": "1444.24"}),
    ("tasks", "安全稳定和城市环境", {"funds": "1014.69"}),
    ("tasks", "“两新”党组织建设", {"funds": "108.06"}),
    ("result", "", {"grade": "优"}),
]
CHANGHUA: Figures = [
    ("cover", "", {"unit_name": "广州市荔湾区人民政府昌华街道办事处", "fiscal_year": "2024"}),
    (
        "expenditure",
        "total",
        {"adjusted_budget": "7704.69元", "actual_expenditure": "7663.69", "execution_rate": "99.47%"},
    ),
    ("indicators", "固定资产投资", {"actual": "9170万元", "completion": "152.83%"}),
]
ZEROS = {"initial_budget": "0.00", "adjusted_budget": "0.00", "actual_expenditure": "0.00"}
XINHUA: Figures = [
    ("cover", "", {"unit_name": "广州市花都区人民政府新华街道办事处", "fiscal_year": "2022"}),
    (
        "income",
        "general_public_budget",
        {"initial_budget": "21870.50", "adjusted_budget": "22588.02", "actual_expenditure": "22588.02"},
    ),
    (
        "income",
        "government_funds",
        {"initial_budget": "4000.00", "adjusted_budget": "21127.10", "actual_expenditure": "21127.10"},
    ),
    *(
        ("income", row, ZEROS)
        for row in ("state_capital", "superior", "operating", "business", "subsidiary", "other")
    ),
    ("income", "total", {"actual_expenditure": "43717.66"}),
    (
        "expenditure",
        "basic",
        {"initial_budget": "4956.27", "adjusted_budget": "5171.27", "actual_expenditure": "5171.26"},
    ),
    (
        "expenditure",
        "project",
        {"initial_budget": "20914.23", "adjusted_budget": "38546.39", "actual_expenditure": "38546.39"},
    ),
    *(("expenditure", row, ZEROS) for row in ("remitted", "business", "subsidiary")),
    ("expenditure", "total", {"actual_expenditure": "43717.66"}),
    *(
        ("indicators", name, {"target": target, "actual": actual, "status": status})
        for name, target, actual, status in (
            ("补偿村集体数量", "5个", "5 个", "已完成"),
            ("补偿企业数量", "2家", "2 家", "已完成"),
            ("补偿土地面积数量", "114亩", "114 亩", "已完成"),
            ("开展讲座、活动次数", "≥100场", "134 场", "已完成"),
            ("服务场地覆盖面积", "1000 平方米", "1000 平方米", "已完成"),
            ("村干部补助人数", "461 人", "461 人", "已完成"),
            ("城乡低保金补助完成率", "100%", "100%", "已完成"),
            ("城中村清洁管理人员巡查率", "100%", "100%", "已完成"),
            ("重要节日慰问人次", "≥500 人次", "208 人次", "未完成"),
            ("村干部绩效考核达标率", "100%", "100%", "已完成"),
            ("垃圾清运达标率", "100%", "100%", "已完成"),
            ("补偿资金发放准确率", "100%", "100%", "已完成"),
            ("突发疫情及时处置率", "100%", "100%", "已完成"),
            ("居民使用场室人次", "≥28000 人次", "11,476 人次", "未完成"),
            ("城中村清洁覆盖率", "100%", "100%", "已完成"),
            ("市容环境卫生问题整改率", "100%", "100%", "已完成"),
            ("市民防疫知晓率", "100%", "100%", "已完成"),
            ("村干部被处理率", "< 10%", "< 10%", "已完成"),
            ("历史遗留问题解决率", "100%", "历史遗留土地等问题正在逐步解决", "未完成"),
            ("民政救助对象投诉率", "0%", "年度无民政救助对象投诉情况", "已完成"),
            ("村民投诉次数", "0次", "年度无村民投诉及信访等情况", "已完成"),
        )
    ),
    *(
        (
            "projects",
            source,
            {"adjusted_budget": amount, "actual_expenditure": amount, "execution_rate": rate},
        )
        for source, amount, rate in (
            ("长者长寿保健金市级财政资助经费", "390.47", "100.00%"),
            ("花都区长者长寿保健金经费", "417.75", "100.00%"),
            ("民政事务经费", "1.06", "100.00%"),
            ("合计", "809.28", "100.00%"),
            ("财政拨款（市本级支出）", "1287. 98", "100%"),
        )
    ),
    *(
        ("project_indicators", name, {"target": target, "completion": completion})
        for name, target, completion in (
            ("70周岁以上长者长寿保健金发放人次数计划完成率", "95%以上", "105. 26%"),
            ("月度长者长寿保健金镇街发放及时率", "90%以上", "101. 12%"),
            ("投诉发生率", "≤1%", "100%"),
            ("长寿保健金发放对象准确率", "100%", "100%"),
            ("长寿保健金发放金额符合率", "100%", "100%"),
            ("长者满意度", "90%", "111.11%"),
            ("防疫物资到位率", "100%", "100%"),
            ("市民防疫知晓率", "100%", "100%"),
            ("疫情防控覆盖率", "100%", "100%"),
            ("重大安全事故发生率", "0", "100%"),
            ("隔离人员满意率", "≥90%", "100%"),
        )
    ),
    ("project_indicators", "特殊人员及时响应及处理率", {"completion": "100%"}),
    ("scores", "duty", {"max_score": "50", "score": "47.50", "score_rate": "95.00%"}),
    ("scores", "management", {"max_score": "50", "score": "46.50", "score_rate": "93.00%"}),
    ("scores", "total", {"max_score": "100", "score": "94.00", "score_rate": "94.00%"}),
    ("result", "", {"grade": "优"}),
]
LONGEVITY: Figures = [
    ("funds", "total", {"adjusted_budget": "809.28", "actual_expenditure": "809.28"}),
    ("indicators", "70周岁以上长者长寿保健金发放人次数计划完成率", {"target": "95%以上", "actual": "100%"}),
    ("indicators", "月度长者长寿保健金镇街发放及时率", {"target": "90%以上", "actual": "91.01%"}),
    ("indicators", "投诉发生率", {"target": "≤1%", "actual": "0%"}),
    ("indicators", "长者满意度", {"target": "90%", "actual": "100%"}),
]
EPIDEMIC: Figures = [
    ("funds", "current", {"adjusted_budget": "1287. 98", "actual_expenditure": "1287. 98"}),
    ("funds", "current", {"execution_rate": "100%"}),
    ("indicators", "重大安全事故发生率", {"target": "0", "actual": "0"}),
    ("indicators", "隔离人员满意率", {"target": "≥90%", "actual": "未发生隔离人员投诉等情况"}),
]
PRINTED: dict[str, Figures] = {
    "qianjin-2023": QIANJIN,
    "zhongcun-2024": ZHONGCUN,
    "huadi-2021": HUADI,
    "changhua-2024": CHANGHUA,
    "xinhua-2022": XINHUA,
    "xinhua-2022-longevity": LONGEVITY,
    "xinhua-2022-epidemic": EPIDEMIC,
}
# figures that stand in sentences
IN_PROSE = {
    "qianjin-2023": (
        "83份 1322人 2205人次 29274户 439条 18个 369个 52家 89573辆 1225处 7400元 499105.48元 8115件"
    ),
    "zhongcun-2024": (
        "148.51亿 143.9亿 106.46亿 43.4亿 174.25亿 164.27亿 2421宗 4359宗 504.15万 3388株 10983处"
    ),
    "huadi-2021": "506项 73个 6364.24万 3601.87万",
    "changhua-2024": "1953栋 3580套 10033人 2058件 3350平方米 69对 24期 9170万 152.83%",
    "xinhua-2022": (
        "40,682件 2420宗 44.44亿 44.88亿 404.21亩 66.73亿 60,210吨 157,327人次 899.3万 113.69亿 31,077人"
    ),
}


def _row(sample: str, section: str, row: str) -> dict[str, Any]:
    data = SAMPLES[sample].answers[section]
    if isinstance(data, list):
        found = [entry for entry in data if row in [entry.get(key) for key in ROW_KEYS]]
        assert len(found) == 1, f"{len(found)} rows named {row} in {section}"
        return dict(found[0])
    return dict(data[row] if row else data)


def _rows(answers: dict[str, Any], form: Form) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every row of a sample as (section, row id, values)."""
    for section, data in answers.items():
        kind = form.section(section).kind
        if kind is SectionKind.ANSWERS:
            yield section, "", data
        elif kind is SectionKind.GRID:
            yield from ((section, row, values) for row, values in data.items())
        else:
            yield from ((section, "", values) for values in data)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


CASES = [
    pytest.param(sample, section, row, field, printed, id=f"{sample}-{section}.{row}.{field}")
    for sample, figures in PRINTED.items()
    for section, row, fields in figures
    for field, printed in fields.items()
]


@pytest.mark.parametrize(("sample", "section", "row", "field", "printed"), CASES)
def test_a_figure_stands_as_printed_where_it_belongs(
    sample: str, section: str, row: str, field: str, printed: str
) -> None:
    assert str(_row(sample, section, row)[field]) == printed


@pytest.mark.parametrize("sample", IN_PROSE)
def test_the_prose_keeps_the_figures_that_matter(sample: str) -> None:
    prose = "\n".join(_texts(SAMPLES[sample].answers))
    assert [figure for figure in IN_PROSE[sample].split() if figure not in prose] == []


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_names_only_sections_rows_and_fields_of_its_form(sample: str) -> None:
    form = FORMS[SAMPLES[sample].form]
    for section_id, row_id, values in _rows(SAMPLES[sample].answers, form):
        section = form.section(section_id)
        known = {field.id for field in section.fields}
        if row_id:
            known &= set(section.row(row_id).fields or known)
        if section.kind is SectionKind.TABLE:
            known.add("total")
        assert set(values) <= known, f"{section_id}.{row_id}"


def _fault(field: Field, value: Any) -> str:
    """Return why a form could not take the value, or an empty string."""
    if field.type is FieldType.DATE:
        return "" if isinstance(value, date) else "not a date"
    if field.type is FieldType.CHOICE and field.strict:
        return "" if value in (*field.choices, *field.choice_aliases) else "not a choice"
    if field.max_length and len(str(value)) > field.max_length:
        return f"longer than {field.max_length}"
    if field.type in {FieldType.TEXT, FieldType.PROSE}:
        return "" if isinstance(value, str) and value.strip() == value != "" else "not a clean text"
    return ""


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_answer_fits_its_field(sample: str) -> None:
    form = FORMS[SAMPLES[sample].form]
    for section, row, values in _rows(SAMPLES[sample].answers, form):
        for field_id, value in values.items():
            if field_id != "total":
                fault = _fault(form.section(section).field(field_id), value)
                assert not fault, f"{section}.{row}.{field_id} = {value!r}: {fault}"


@pytest.mark.parametrize(
    ("sample", "section", "count"),
    [
        ("qianjin-2023", "duties", 11),
        ("qianjin-2023", "tasks", 7),
        ("zhongcun-2024", "indicators", 26),
        ("zhongcun-2024", "tasks", 7),
        ("huadi-2021", "tasks", 4),
        ("xinhua-2022", "duties", 12),
        ("xinhua-2022", "offices", 14),
        ("xinhua-2022", "tasks", 6),
        ("xinhua-2022", "indicators", 21),
        ("xinhua-2022", "project_indicators", 12),
    ],
)
def test_a_list_is_as_long_as_in_the_report(sample: str, section: str, count: int) -> None:
    assert len(SAMPLES[sample].answers[section]) == count


@pytest.mark.parametrize(
    ("sample", "groups"),
    [
        (
            "zhongcun-2024",
            {
                ("产出指标", "数量指标"): 6,
                ("产出指标", "质量指标"): 4,
                ("产出指标", "时效指标"): 5,
                ("产出指标", "成本指标"): 2,
                ("效益指标", "经济效益"): 2,
                ("效益指标", "社会效益"): 2,
                ("效益指标", "生态效益"): 2,
                ("效益指标", "可持续发展"): 2,
                ("效益指标", "服务对象满意度"): 1,
            },
        ),
        (
            "xinhua-2022",
            {
                ("产出指标", "数量指标"): 9,
                ("产出指标", "质量指标"): 3,
                ("产出指标", "时效指标"): 1,
                ("效益指标", "社会指标"): 6,
                ("效益指标", "服务对象满意度"): 2,
            },
        ),
    ],
)
def test_indicators_are_grouped_as_in_the_merged_cells(
    sample: str, groups: dict[tuple[str, str], int]
) -> None:
    level1 = level2 = ""
    counted: dict[tuple[str, str], int] = {}
    for row in SAMPLES[sample].answers["indicators"]:
        level1, level2 = row.get("level1", level1), row.get("level2", level2)
        counted[level1, level2] = counted.get((level1, level2), 0) + 1
    assert counted == groups


@pytest.mark.parametrize(
    ("sample", "section", "row", "field"),
    [
        ("qianjin-2023", "expenditure", "basic", "adjusted_budget"),
        ("qianjin-2023", "expenditure", "project", "adjusted_budget"),
        ("qianjin-2023", "result", "", "grade"),
        ("zhongcun-2024", "expenditure", "total", "adjusted_budget"),
        ("changhua-2024", "indicators", "固定资产投资", "target"),
        ("changhua-2024", "result", "", "grade"),
        ("xinhua-2022", "expenditure", "total", "adjusted_budget"),
        ("xinhua-2022", "indicators", "重要节日慰问人次", "reason"),
        ("xinhua-2022", "indicators", "居民使用场室人次", "reason"),
        ("xinhua-2022", "indicators", "历史遗留问题解决率", "reason"),
        ("xinhua-2022-longevity", "funds", "total", "initial_budget"),
    ],
)
def test_what_the_report_does_not_print_stays_empty(sample: str, section: str, row: str, field: str) -> None:
    assert field not in _row(sample, section, row)


@pytest.mark.parametrize("sample", ["huadi-2021", "changhua-2024"])
def test_a_report_without_scores_gives_a_sample_without_scores(sample: str) -> None:
    assert "scores" not in SAMPLES[sample].answers


@pytest.mark.parametrize("sample", ["xinhua-2022-longevity", "xinhua-2022-epidemic"])
def test_a_project_sample_weighs_fifty_thirty_ten_and_ten(sample: str) -> None:
    answers = SAMPLES[sample].answers
    level1, weights = "", {"预算执行率": Decimal(answers["funds"]["total"]["max_score"])}
    for row in answers["indicators"]:
        if not row.get("total"):
            level1 = row.get("level1", level1)
            weights[level1] = weights.get(level1, Decimal(0)) + row["max_score"]
    assert weights == {"预算执行率": 10, "产出指标": 50, "效益指标": 30, "满意度指标": 10}


def test_the_roster_expects_every_sample_and_one_unit_more() -> None:
    reported = set()
    for sample in SAMPLES.values():
        form = FORMS[sample.form]
        unit, year = (form.summary[key][0] for key in ("unit", "year"))
        reported.add(
            (sample.answers[unit.section][unit.field], sample.answers[year.section][year.field], form.id)
        )
    expected = {(unit.name, unit.year, form) for unit in SCRIPT.ROSTER for form in unit.forms}
    assert expected - reported == {("广州市海珠区人民政府滨江街道办事处", 2024, "department")}
    assert reported <= expected


def test_the_roster_workbook_reads_back_as_written(tmp_path: Path) -> None:
    path = tmp_path / "名册.xlsx"
    SCRIPT.write_roster(SCRIPT.ROSTER, path)
    assert read_roster(path) == SCRIPT.ROSTER
