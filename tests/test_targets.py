"""Targets and actual values as clerks spell them, and the figure in each."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from toolkit.submission.grid import RawValue
from toolkit.submission.measures import comparable, units_conflict
from toolkit.submission.model import Actual, Blank, Operator, Target
from toolkit.submission.targets import end_of_name, read_actual, read_target

GE, GT, EQ, LE, LT = Operator.GE, Operator.GT, Operator.EQ, Operator.LE, Operator.LT
BETWEEN, DATE, QUALITATIVE = Operator.BETWEEN, Operator.DATE, Operator.QUALITATIVE

SCALE_IN_PROSE = (
    "计分办法：1个小时内到场视为及时，指标值100%；1-3个小时内到场指标值90%；"
    "3-6个小时内指标值80%，超过6个小时指标值为0；标准：不低于90%"
)


def target(
    raw: RawValue, default: Operator = GE, unit_hint: str = "", percent_format: bool = False
) -> Target:
    reading = read_target(raw, default=default, unit_hint=unit_hint, percent_format=percent_format, year=2024)
    assert isinstance(reading.value, Target)
    return reading.value


def actual(raw: RawValue, unit_hint: str = "", name: str = "") -> Actual:
    reading = read_actual(raw, unit_hint=unit_hint, name_end=end_of_name(name), year=2024)
    assert isinstance(reading.value, Actual)
    return reading.value


# --- targets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "operator", "number", "unit"),
    [
        ("≥90%", GE, "90", "%"),
        (">=90%", GE, "90", "%"),
        ("=>90%", GE, "90", "%"),
        ("≧90%", GE, "90", "%"),
        ("⩾90%", GE, "90", "%"),
        ("＞＝９０％", GE, "90", "%"),
        ("＞90%", GT, "90", "%"),
        ("< 10%", LT, "10", "%"),
        ("＜10%", LT, "10", "%"),
        ("≤1%", LE, "1", "%"),
        ("=<5%", LE, "5", "%"),
        ("≦5‰", LE, "5", "‰"),
        ("完成率≥90%", GE, "90", "%"),
        ("办结率≥90%", GE, "90", "%"),
        ("满意度≥80%", GE, "80", "%"),
        ("完成率=100%", EQ, "100", "%"),
        ("及时性=100%", EQ, "100", "%"),
        ("不少于8场", GE, "8", "场"),
        ("不低于90%", GE, "90", "%"),
        ("不低于（≥）90%", GE, "90", "%"),
        ("不得低于95%", GE, "95", "%"),
        ("达到100%", GE, "100", "%"),
        ("至少10场次", GE, "10", "场次"),
        ("95%以上", GE, "95", "%"),
        ("90%及以上", GE, "90", "%"),
        ("90%（含）以上", GE, "90", "%"),
        ("90%以上（含90%）", GE, "90", "%"),
        ("90%以上（不含90%）", GT, "90", "%"),
        ("满意度90分以上", GE, "90", "分"),
        ("超过1000人次", GT, "1000", "人次"),
        ("≥28000 人次", GE, "28000", "人次"),
        ("≥500 人\n次", GE, "500", "人次"),
        ("不少于2000人（次）", GE, "2000", "人次"),
        ("≥95（%）", GE, "95", "%"),
        ("≥1.5万人次", GE, "1.5", "万人次"),
        ("全年不少于4次", GE, "4", "次"),
        ("不超过3天", LE, "3", "天"),
        ("3天以内", LE, "3", "天"),
        ("10日内", LE, "10", "日"),
        ("30个工作日内", LE, "30", "个工作日"),
        ("24小时内办结", LE, "24", "小时"),
        ("控制在90万元以内", LE, "90", "万元"),
        ("≤90万元", LE, "90", "万元"),
        ("最多5起", LE, "5", "起"),
        ("低于1%", LT, "1", "%"),
        ("小于或等于3次", LE, "3", "次"),
        ("≥-5%", GE, "-5", "%"),
        ("PM2.5≤35微克/立方米", LE, "35", "微克/立方米"),
        ("≤3.5万元/人", LE, "3.5", "万元/人"),
        ("每季度不少于1次", GE, "1", "次/季度"),
        ("2024年12月底前完成率达100%", GE, "100", "%"),
        ("对8个村开展督导，合格率≥90%", GE, "90", "%"),
        ("百分之九十五以上", GE, "95", "%"),
        ("九成以上", GE, "90", "%"),
        ("不少于八场", GE, "8", "场"),
        (SCALE_IN_PROSE, GE, "90", "%"),
    ],
)
def test_a_target_with_an_operator_is_read_as_written(
    raw: str, operator: Operator, number: str, unit: str
) -> None:
    found = target(raw, default=LE if operator is GE else GE)
    assert (found.operator, found.number, found.unit) == (operator, Decimal(number), unit)
    assert found.stated


@pytest.mark.parametrize(
    ("raw", "number", "unit"),
    [
        ("90%", "90", "%"),
        ("100 %", "100", "%"),
        ("5个", "5", "个"),
        ("2家", "2", "家"),
        ("114亩", "114", "亩"),
        ("461 人", "461", "人"),
        ("1000 平 方米", "1000", "平方米"),
        ("11,476 人次", "11476", "人次"),
        ("100%（全覆盖）", "100", "%"),
        ("90%（上年为85%）", "90", "%"),
        ("100%按时完成", "100", "%"),
        ("满意度：95%", "95", "%"),
        ("完成8条行政村督导检查", "8", "条"),
        ("5A级景区1个", "1", "个"),
        ("500元/人·月", "500", "元/人·月"),
        ("每人每月500元", "500", "元/人/月"),
        ("每季度1次", "1", "次/季度"),
        ("每年4次", "4", "次"),
        ("两次", "2", "次"),
        ("十五万人次", "150000", "人次"),
        ("三年行动计划完成率100%", "100", "%"),
        ("5000", "5000", ""),
        (5000.0, "5000", ""),
    ],
)
def test_a_bare_figure_takes_the_operator_of_its_form(raw: RawValue, number: str, unit: str) -> None:
    for default in (GE, EQ, LE):
        found = target(raw, default=default)
        assert (found.operator, found.number, found.unit) == (default, Decimal(number), unit)
        assert not found.stated


@pytest.mark.parametrize("raw", ["0", "0%", "0次", "0.00%", 0, 0.0])
def test_a_bare_zero_means_none_and_never_at_least_none(raw: RawValue) -> None:
    found = target(raw)
    assert (found.operator, found.number, found.stated) == (EQ, Decimal(0), False)


@pytest.mark.parametrize(
    ("raw", "low", "high", "unit"),
    [
        ("±10%", "-10", "10", "%"),
        ("100%±5%", "95", "105", "%"),
        ("90%-95%", "90", "95", "%"),
        ("90～95％", "90", "95", "%"),
        ("90%—95%", "90", "95", "%"),
        ("5~10次", "5", "10", "次"),
        ("5至10次", "5", "10", "次"),
        ("≥90%且≤95%", "90", "95", "%"),
    ],
)
def test_a_range_has_both_ends(raw: str, low: str, high: str, unit: str) -> None:
    found = target(raw)
    assert found.operator is BETWEEN
    assert (found.number, found.upper, found.unit) == (Decimal(low), Decimal(high), unit)


@pytest.mark.parametrize(
    ("raw", "deadline"),
    [
        ("2023年12月底前", date(2023, 12, 31)),
        ("2024年12月31日前完成", date(2024, 12, 31)),
        ("2024-06-30前", date(2024, 6, 30)),
        ("二〇二四年六月底前", date(2024, 6, 30)),
        ("12月31日前", date(2024, 12, 31)),
        ("6月底前", date(2024, 6, 30)),
        ("2024年2月完成", date(2024, 2, 29)),
        ("2024年底前", date(2024, 12, 31)),
        ("年底前完成", date(2024, 12, 31)),
        (datetime(2024, 11, 30, 0, 0), date(2024, 11, 30)),
        ("6月中旬前", None),
        ("12月前", None),
    ],
)
def test_a_deadline_is_a_day_of_the_fiscal_year_unless_it_names_another(
    raw: RawValue, deadline: date | None
) -> None:
    found = target(raw)
    assert (found.operator, found.deadline, found.number) == (DATE, deadline, None)


def test_a_deadline_without_a_year_is_open_when_the_fiscal_year_is_unknown() -> None:
    assert read_target("12月31日前").value == Target("12月31日前", DATE)


@pytest.mark.parametrize(
    "raw",
    [
        "达成",
        "符合上级规定",
        "项目可持续",
        "效果明显",
        "逐步提高",
        "不低于上年",
        "一般",
        "三公经费不增长",
        "每月5日前",
        "每年12月31日前",
        "次月10日前",
        "第3季度前完成",
        "2023-2025年",
        "全年无重大安全事故",
        "完成3项制度修订，发布2份报告",
        "举办5场，参与≥200人次",
        "2小时内响应率100%",
        "验收合格率100%，95%以上群众满意",
        "加强对3个城中村及周边道路的环境卫生综合整治",
        "90%≤合格率≤100%",
        "1,23人",
        "9 0%",
        "1/2",
        "1：1",
        "T+1日",
        "10-5次",
        "四季度",
        "2024.12",
        "20241231",
        "2024年1-12月",
        "≥300户；≥800人",
        "≥3天以内",
        "完成5大专项整治行动",
        "对70周岁以上老人按时发放",
        "按照穗府〔2022〕56号文执行",
        "x" * 3000,
    ],
)
def test_a_target_without_one_clear_figure_is_qualitative(raw: str) -> None:
    found = target(raw)
    assert (found.operator, found.number, found.deadline) == (QUALITATIVE, None, None)
    assert found.text == raw


@pytest.mark.parametrize("raw", ["无", "—", "/", "不适用", "N/A"])
def test_a_target_can_be_not_applicable(raw: str) -> None:
    assert read_target(raw).blank is Blank.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("raw", "default", "number"),
    [
        (0.9, GE, "90"),
        (1, GE, "100"),
        ("0.9", GE, "90"),
        (95, GE, "95"),
        (1.5, GE, "1.5"),
        (0.5, LE, "0.5"),
        ("≤0.5", GE, "0.5"),
    ],
)
def test_under_a_percent_unit_a_figure_up_to_one_is_a_ratio_unless_less_is_better(
    raw: RawValue, default: Operator, number: str
) -> None:
    found = target(raw, default=default, unit_hint="％")
    assert (found.number, found.unit) == (Decimal(number), "%")


def test_a_percent_format_makes_the_cell_a_percentage() -> None:
    assert target(1, percent_format=True) == Target("100%", GE, Decimal(100), unit="%", stated=False)
    assert target(0.0005, percent_format=True).number == Decimal("0.05")


def test_a_unit_in_a_column_of_its_own_is_the_unit_of_a_bare_target() -> None:
    assert target(8, unit_hint="场").unit == "场"
    assert target("≥8场", unit_hint="次").unit == "场"


def test_a_unit_of_its_own_column_chooses_among_two_figures() -> None:
    assert target("举办5场，参与≥200人次", unit_hint="场").number == 5
    assert target("举办5场，参与≥200人次", unit_hint="人次").number == 200


def test_an_approximate_target_is_told() -> None:
    assert read_target("20余场").repairs == ("“20余场”是约数，按 20场 读取",)
    assert read_target("约300人次").repairs == ("“约300人次”是约数，按 300人次 读取",)
    assert read_target("300人次").repairs == ()


SPELLINGS = {
    GE: (
        "≥{}",
        ">={}",
        "≧{}",
        "＞＝{}",
        "不低于{}",
        "不少于{}",
        "至少{}",
        "{}以上",
        "{}及以上",
        "{}（含）以上",
    ),
    GT: (">{}", "＞{}", "大于{}", "超过{}", "高于{}"),
    EQ: ("={}", "＝{}", "等于{}"),
    LE: ("≤{}", "<={}", "≦{}", "不超过{}", "不高于{}", "{}以内", "{}及以下", "控制在{}以内"),
    LT: ("<{}", "＜{}", "小于{}", "低于{}"),
}
WIDE = str.maketrans("0123456789.%", "０１２３４５６７８９．％")
UNITS = [
    "",
    "%",
    "人次",
    "万人次",
    "场",
    "场次",
    "个",
    "平方米",
    "㎡",
    "km",
    "万元",
    "元/人",
    "个工作日",
    "批次",
    "微克/立方米",
]


@given(
    st.sampled_from([(operator, spelling) for operator, all_of in SPELLINGS.items() for spelling in all_of]),
    st.decimals(0, 10**9, places=2) | st.integers(0, 10**9).map(Decimal),
    st.sampled_from(UNITS),
    st.sampled_from(["", "完成率", "满意度", "活动场数", "平均成本：", "全年"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_any_operator_figure_and_unit_is_read_under_any_decoration(
    spelling: tuple[Operator, str],
    number: Decimal,
    unit: str,
    name: str,
    wide: bool,
    spaced: bool,
    grouped: bool,
) -> None:
    operator, pattern = spelling
    figure = f"{number:,}" if grouped else str(number)
    written = name + pattern.format(f"{figure} {unit}" if spaced else figure + unit)
    found = target(written.translate(WIDE) if wide else written)
    assert (found.operator, found.number, found.unit) == (operator, number, unit)
    assert found.stated


# --- actual values ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "number", "unit"),
    [
        ("100%", "100", "%"),
        ("完成率=100%", "100", "%"),
        ("完成率100%", "100", "%"),
        ("及时性=100%", "100", "%"),
        ("受助者满意度为98%。", "98", "%"),
        ("满意度达到95%", "95", "%"),
        ("投诉发生率为0%", "0", "%"),
        ("5 个", "5", "个"),
        ("134 场", "134", "场"),
        ("1000 平方米", "1000", "平方米"),
        ("11,476 人次", "11476", "人次"),
        ("1.6万人次", "1.6", "万人次"),
        ("累计发放3,388株", "3388", "株"),
        ("已完成5个社区改造", "5", "个"),
        ("百分之九十五", "95", "%"),
        ("0", "0", ""),
        (134.0, "134", ""),
        ("实际80人次，计划100人次", "80", "人次"),
        ("物资到位及时，处理率100%。", "100", "%"),
        ("第1季度完成50%，全年完成100%", "100", "%"),
        ("及时响应率100%", "100", "%"),
        ("应急演练5次", "5", "次"),
        ("目标完成率97%", "97", "%"),
    ],
)
def test_a_measurement_is_read_with_its_unit(raw: RawValue, number: str, unit: str) -> None:
    found = actual(raw)
    assert (found.number, found.unit, found.operator) == (Decimal(number), unit, None)


ALLOWANCE = "2023年度向年满80周岁的长者发放津贴4521人次，计划完成率100%。"


@pytest.mark.parametrize(
    ("raw", "unit_hint", "name", "number"),
    [
        (ALLOWANCE, "%", "80周岁以上长者津贴发放计划完成率", "100"),
        (ALLOWANCE, "人次", "", "4521"),
        ("5月于次月4日发放，未达及时要求。月度发放及时率为93.5%。", "%", "月度发放及时率", "93.5"),
        ("发放过程中未出现上访，投诉发生率为0%。", "%", "投诉发生率", "0"),
        ("合格率98.5%，及时率100%", "%", "补贴发放及时率", "100"),
        ("合格率98.5%，及时率100%", "%", "抽检合格率", "98.5"),
        ("实际80人次，计划100人次", "人次", "", "80"),
        ("0.95", "%", "", "95"),
        (0.9101, "%", "", "91.01"),
        (1, "%", "", "100"),
        ("134场", "%", "", "134"),
    ],
)
def test_the_figure_of_a_sentence_is_the_one_of_the_indicator(
    raw: RawValue, unit_hint: str, name: str, number: str
) -> None:
    assert actual(raw, unit_hint, name).number == Decimal(number)


@pytest.mark.parametrize(
    ("raw", "unit_hint"),
    [
        (ALLOWANCE, ""),
        ("合格率98.5%，及时率100%", "%"),
        ("1月完成50%，年底全部完成", "%"),
        ("较上年增长5%", "%"),
        ("组织多轮宣传，向企业和居民介绍减免50%的优惠政策", "%"),
        ("居民知晓率较高", "%"),
        ("完成目标值", "场"),
        ("完成3项、发布2份", "项目组"),
        ("征地历史问题正在逐步解决", "%"),
        ("12,34人", "人"),
        ("1/2", ""),
        ("x" * 3000, ""),
    ],
)
def test_a_text_whose_figure_is_in_doubt_has_none(raw: str, unit_hint: str) -> None:
    assert actual(raw, unit_hint) == Actual(raw)


@pytest.mark.parametrize(
    ("raw", "operator", "number"),
    [
        ("办结率≥90%", GE, "90"),
        ("< 10%", LT, "10"),
        ("95%以上", GE, "95"),
        ("控制在90万元以内", LE, "90"),
        ("超过1000人次", GT, "1000"),
    ],
)
def test_an_inequality_is_a_bound_and_no_measurement(raw: str, operator: Operator, number: str) -> None:
    found = actual(raw)
    assert (found.operator, found.number) == (operator, Decimal(number))
    assert comparable(Target("", GE, Decimal(90), unit=found.unit), found) is None


def test_a_range_is_no_measurement_either() -> None:
    assert actual("完成5-10次") == Actual("完成5-10次", operator=BETWEEN)


@pytest.mark.parametrize(
    "raw",
    [
        "无",
        "（无）",
        "无投诉",
        "零投诉",
        "0投诉",
        "无异常",
        "年度无低保对象投诉情况",
        "年度无居民投诉及上访等情况",
        "未发生住户投诉等情况",
        "全年未发生重大安全事故",
        "暂未收到群众投诉",
        "本年度没有发生信访事件",
        "工作推进有序，未出现逾期情况",
    ],
)
def test_a_wording_for_none_says_so_without_a_figure(raw: str) -> None:
    found = actual(raw)
    assert found.none_occurred
    assert found.number is None


@pytest.mark.parametrize(
    "raw",
    [
        "无法统计",
        "无证经营案件3起",
        "无理投诉较多",
        "没有及时处理投诉",
        "未达到进度要求",
        "对无物业小区投诉处理到位",
        "发生投诉2起",
        "未发生投诉超过5起，上访3起",
        "未发生投诉，投诉率为0%",
        "未完成",
        "100%",
        "效果明显",
    ],
)
def test_other_negative_words_do_not_say_none(raw: str) -> None:
    assert not actual(raw).none_occurred


@pytest.mark.parametrize("raw", ["达成", "部分达成", "未达成", "达标完成", "已完成", "未完成", "基本完成"])
def test_a_usual_level_is_kept_in_the_clerks_word(raw: str) -> None:
    assert actual(raw).level == raw
    assert actual(f" {raw}。").level == raw


def test_a_level_of_the_form_is_known_by_all_its_spellings() -> None:
    levels = {"优秀": "达成", "有一定效果": "部分达成", "达成": "达成"}
    for raw, level in [
        ("优 秀", "达成"),
        ("有一定效果，仍需努力", "部分达成"),
        ("达成", "达成"),
        ("不优秀", ""),
    ]:
        reading = read_actual(raw, levels=levels)
        assert isinstance(reading.value, Actual)
        assert reading.value.level == level


@pytest.mark.parametrize(
    ("raw", "done"),
    [
        ("2024年11月20日完成", date(2024, 11, 20)),
        ("2024-11-20", date(2024, 11, 20)),
        ("11月20日", date(2024, 11, 20)),
        ("2024年11月底完成，完成率100%", date(2024, 11, 30)),
        (date(2024, 11, 20), date(2024, 11, 20)),
        ("每月5日发放", None),
        ("每年11月20日发放", None),
        ("2024年3月开工，2024年11月完工", None),
        ("2024年1-11月", None),
        ("针对2024年3月群众集中反映的问题多次组织协调会议并逐步解决", None),
    ],
)
def test_the_day_of_completion_is_read_when_the_text_is_about_it(raw: RawValue, done: date | None) -> None:
    assert actual(raw).date == done


@pytest.mark.parametrize("raw", ["—", "不适用", "#REF!", ""])
def test_an_actual_without_a_value_is_blank(raw: str) -> None:
    assert read_actual(raw).value is None


def test_a_logical_value_is_neither_target_nor_actual() -> None:
    assert read_target(True).blank is Blank.UNREADABLE
    assert read_actual(False).blank is Blank.UNREADABLE


@given(st.decimals(0, 10**9, places=2), st.sampled_from(UNITS), st.booleans())
def test_any_plain_measurement_is_read_whatever_the_hint(number: Decimal, unit: str, hinted: bool) -> None:
    assume(unit or not 1900 <= number < 2100)  # 2024.12 alone is a month
    found = actual(f"{number} {unit}", unit_hint=unit if hinted and unit != "%" else "")
    assert (found.number, found.unit, found.operator) == (number, unit, None)


# --- comparing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "found", "pair"),
    [
        ("≥1.5万人次", "16000人次", ("1.5", "1.6")),
        ("≥28000人次", "1.1万人次", ("28000", "11000")),
        ("≤90万元", "853000元", ("90", "85.3")),
        ("≤900000元", "85.3万元", ("900000", "853000")),
        ("≤1%", "5‰", ("1", "0.5")),
        ("≥100㎡", "120平方米", ("100", "120")),
        ("3天以内", "2日", ("3", "2")),
        ("30个工作日内", "20工作日", ("30", "20")),
        ("461人", "460名", ("461", "460")),
        ("≥8场", "10", ("8", "10")),
        ("8", "10场", ("8", "10")),
        ("≥90%", "95", ("90", "95")),
        ("≥90%", "0.95", ("90", "95")),
        ("≤1%", "0.5", ("1", "0.5")),
        ("≥1%", "0.5", ("1", "0.5")),
        ("5~10万人", "80000人", ("5", "8")),
    ],
)
def test_target_and_actual_are_compared_in_the_unit_of_the_target(
    wanted: str, found: str, pair: tuple[str, str]
) -> None:
    assert comparable(target(wanted), actual(found)) == tuple(map(Decimal, pair))
    assert not units_conflict(target(wanted), actual(found))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("≥8场", "10次"),
        ("≥8场", "10场次"),
        ("5个", "5项"),
        ("≥90%", "134场"),
        ("3个工作日内", "3天"),
        ("每季度1次", "4次"),
    ],
)
def test_figures_of_different_things_are_not_compared(wanted: str, found: str) -> None:
    assert units_conflict(target(wanted), actual(found))
    assert comparable(target(wanted), actual(found)) is None


def test_without_two_figures_there_is_neither_comparison_nor_conflict() -> None:
    for wanted, found in [("效果明显", "100%"), ("≥8场", "完成目标值"), ("2024年底前", "2024年11月")]:
        assert comparable(target(wanted), actual(found)) is None
        assert not units_conflict(target(wanted), actual(found))
