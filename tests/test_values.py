"""Cells as clerks fill them, and what each type of field makes of them."""

from __future__ import annotations

import math
import time
from datetime import date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.form.model import Field, FieldType, MoneyUnit
from toolkit.submission.answers import read_field
from toolkit.submission.dates import read_date, read_year
from toolkit.submission.grid import RawValue
from toolkit.submission.model import Blank
from toolkit.submission.numerals import Reading, spoken
from toolkit.submission.values import (
    read_choice,
    read_integer,
    read_money,
    read_number,
    read_percent,
    read_prose,
    read_text,
)

VALUES = (
    FieldType.NUMBER,
    FieldType.INTEGER,
    FieldType.MONEY,
    FieldType.PERCENT,
    FieldType.DATE,
    FieldType.YEAR,
)


def read(kind: FieldType, raw: RawValue, percent_format: bool = False) -> Reading:
    field = Field("answer", "答案", kind, choices=("是", "否"))
    return read_field(field, raw, unit=MoneyUnit.WAN, percent_format=percent_format, year=2024)


# --- blanks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", ["", " ", "\n\t", "\u3000\u3000", "\u00a0", "\u200b\ufeff", " \u2003\u3000"])
@pytest.mark.parametrize("kind", list(FieldType))
def test_white_space_of_any_kind_is_empty_in_every_field(kind: FieldType, raw: str) -> None:
    assert read(kind, raw) == Reading(None, Blank.EMPTY)


@pytest.mark.parametrize(
    "raw", ["—", "——", "–", "-", "--", "－", "*", "/", "／", "\\", "@@@", "N/A", "n/a", "NA"]
)
@pytest.mark.parametrize("kind", list(FieldType))
def test_a_sign_instead_of_an_answer_is_not_applicable_and_never_zero(kind: FieldType, raw: str) -> None:
    assert read(kind, raw).blank is Blank.NOT_APPLICABLE


@pytest.mark.parametrize("raw", ["无", "（无）", "不适用", "不涉及", " 无 "])
def test_the_word_none_is_not_applicable_where_a_figure_is_asked_and_an_answer_in_text(raw: str) -> None:
    for kind in VALUES:
        assert read(kind, raw).blank is Blank.NOT_APPLICABLE
    assert read(FieldType.TEXT, raw).value == raw.strip()
    assert read(FieldType.PROSE, raw).value == raw.rstrip()


@pytest.mark.parametrize(
    "raw", ["#REF!", "#DIV/0!", "#N/A", "#value!", "#NAME?", "#NUM!", "#SPILL!", "#CALC!", "####"]
)
@pytest.mark.parametrize("kind", list(FieldType))
def test_an_error_text_is_an_error_in_every_field(kind: FieldType, raw: str) -> None:
    assert read(kind, raw).blank is Blank.ERROR


@pytest.mark.parametrize("raw", ["0", "0.00", "０", 0, 0.0, -0.0])
@pytest.mark.parametrize("kind", [FieldType.NUMBER, FieldType.INTEGER, FieldType.MONEY, FieldType.PERCENT])
def test_zero_stays_zero(kind: FieldType, raw: RawValue) -> None:
    reading = read(kind, raw)
    assert reading.value == 0
    assert reading.blank is None


# --- numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", ["1234", "1234.50", "-5", "0.5", " 12 ", 1234, 1234.5])
def test_a_number_as_it_should_be_needs_no_repair(raw: RawValue) -> None:
    reading = read_number(raw)
    assert reading.value == Decimal(str(raw).strip())
    assert reading.repairs == ()


@pytest.mark.parametrize(
    ("raw", "number", "repair"),
    [
        ("1,234", "1234", "“1,234”按 1234 读取"),
        ("11,802.83", "11802.83", "“11,802.83”按 11802.83 读取"),
        ("１２３４", "1234", "全角字符已转为半角"),
        ("－5", "-5", "全角字符已转为半角"),
        ("−5", "-5", "全角字符已转为半角"),
        ("27888. 37", "27888.37", "数字中的空格已去除"),
        ("1 234 567", "1234567", "数字中的空格已去除"),
        ("(5.00)", "-5.00", "“(5.00)”按 -5.00 读取"),
        ("（5）", "-5", "“(5)”按 -5 读取"),
        ("△5", "-5", "“△5”按 -5 读取"),
        ("▲5.5", "-5.5", "“▲5.5”按 -5.5 读取"),
        ("¥500", "500", "“¥500”按 500 读取"),
        ("￥1,000", "1000", "“¥1,000”按 1000 读取"),
        ("1.2E+04", "12000", "“1.2E+04”按 12000 读取"),
        ("两百", "200", "“两百”按 200 读取"),
        ("一百零五", "105", "“一百零五”按 105 读取"),
        ("十五万", "150000", "“十五万”按 150000 读取"),
        ("1千5", "1500", "“1千5”按 1500 读取"),
        ("壹万贰仟叁佰", "12300", "“壹万贰仟叁佰”按 12300 读取"),
        ("1.9万", "19000", "“1.9万”按 19000 读取"),
        ("约20", "20", "“约20”是约数，按 20 读取"),
        ("近30", "30", "“近30”是约数，按 30 读取"),
        ("20余", "20", "“20余”是约数，按 20 读取"),
        ("20多", "20", "“20多”是约数，按 20 读取"),
        ("46万余", "460000", "“46万余”是约数，按 460000 读取"),
        ("30左右", "30", "“30左右”是约数，按 30 读取"),
        ("12 人", "12", "单位“人”已略去"),
    ],
)
def test_a_number_in_disguise_is_read_and_the_repair_told(raw: str, number: str, repair: str) -> None:
    reading = read_number(raw)
    assert reading.value == Decimal(number)
    assert repair in reading.repairs


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("12abc", "不是数字"),
        ("abc", "不是数字"),
        ("1、234", "不是数字"),
        ("3/4", "不是数字"),
        ("((5))", "不是数字"),
        ("(5", "不是数字"),
        ("--5", "不是数字"),
        ("5人3户", "不是数字"),
        ("1E+99", "不是数字"),
        ("12,34", "千位分隔符或小数点的位置不对"),
        ("1,2,3", "千位分隔符或小数点的位置不对"),
        ("1.234,56", "千位分隔符或小数点的位置不对"),
        ("12,34,567", "千位分隔符或小数点的位置不对"),
        ("12 34", "数字中间有空格"),
        ("5-10", "写的是范围，不是一个数"),
        ("≥5", "写的是范围，不是一个数"),
        ("不少于5", "写的是范围，不是一个数"),
        ("9" * 30, "数字过长"),
        (True, "是逻辑值，不是数字"),
        (math.nan, "不是有限的数字"),
        (math.inf, "不是有限的数字"),
        (date(2024, 1, 1), "是日期，不是数字"),
        (clock(0, 0), "是时间，不是数字"),
        (timedelta(hours=30), "是时间，不是数字"),
    ],
)
def test_what_is_no_number_is_unreadable_and_says_why(raw: RawValue, problem: str) -> None:
    assert read_number(raw) == Reading(None, Blank.UNREADABLE, problem=problem)


def test_a_number_may_carry_the_unit_its_field_asks_for_and_no_other() -> None:
    assert read_number("95分", "分").value == 95
    assert read_number("1.2万人次", "人次").value == 12000
    assert read_number("95人", "分").blank is Blank.UNREADABLE


def test_a_whole_number_may_be_written_with_a_zero_fraction_but_not_with_another() -> None:
    assert read_integer(12.0).value == 12
    assert read_integer("12.00").decimals == 0
    assert read_integer("12.5").problem == "不是整数"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_float_becomes_the_nearest_number_of_fifteen_digits(raw: float) -> None:
    number = read_number(raw).value
    assert isinstance(number, Decimal)
    assert len(number.normalize().as_tuple().digits) <= 15
    assert abs(number - Decimal(raw)) <= abs(Decimal(raw)) * Decimal("5.1e-15")


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 8))
def test_any_number_of_fifteen_digits_survives_its_way_through_a_float(digits: int, decimals: int) -> None:
    number = Decimal(digits).scaleb(-decimals)
    reading = read_number(float(number))
    assert reading.value == number
    assert reading.decimals <= decimals


@given(st.decimals(-(10**9), 10**9, places=2))
def test_any_number_with_separators_in_the_right_places_is_read(number: Decimal) -> None:
    assert read_number(f"{number:,}").value == number
    assert read_number(f"{number:,}").decimals == 2


@given(st.text(alphabet="0123456789,", min_size=1, max_size=12))
def test_a_separator_in_the_wrong_place_is_never_dropped(raw: str) -> None:
    value = read_number(raw).value
    assert value is None or "," not in raw.strip(",") or raw.strip(",").lstrip("0,") in f"{value:,}"


def han(number: int) -> str:
    """Spell a number the schoolbook way, apart from the reader's own rules."""
    digits = "零一二三四五六七八九"
    for power, word in ((8, "亿"), (4, "万"), (3, "千"), (2, "百"), (1, "十")):
        head, tail = divmod(number, 10**power)
        if head:
            gap = "零" if 0 < tail < 10 ** (power - 1) else ""
            return han(head) + word + (gap + han(tail) if tail else "")
    return digits[number]


@given(st.integers(0, 10**12 - 1))
def test_any_number_spelt_in_chinese_is_read(number: int) -> None:
    assert spoken(han(number)) == number
    assert read_number(han(number)).value == number


# --- money --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "unit", "yuan", "printed"),
    [
        (7704.69, MoneyUnit.WAN, "77046900", "万元"),
        (3502.8900000000003, MoneyUnit.WAN, "35028900", "万元"),
        (499105.48, MoneyUnit.YUAN, "499105.48", "元"),
        ("43,717.66", MoneyUnit.WAN, "437176600", "万元"),
        ("2000万", MoneyUnit.YUAN, "20000000", "万元"),
        ("2000万元", MoneyUnit.WAN, "20000000", "万元"),
        ("7704.69元", MoneyUnit.WAN, "7704.69", "元"),
        ("人民币7704.69元整", MoneyUnit.WAN, "7704.69", "元"),
        ("1.2亿元", MoneyUnit.WAN, "120000000", "亿元"),
        ("500千元", MoneyUnit.WAN, "500000", "千元"),
        ("20w", MoneyUnit.YUAN, "200000", "万元"),
        ("20余万元", MoneyUnit.WAN, "200000", "万元"),
        ("五百", MoneyUnit.WAN, "5000000", "万元"),
        ("二千万元", MoneyUnit.WAN, "20000000", "元"),
        ("一万五千元", MoneyUnit.WAN, "15000", "元"),
        ("1亿2000万", MoneyUnit.WAN, "120000000", "元"),
        ("壹佰万元整", MoneyUnit.YUAN, "1000000", "元"),
        ("(12.5)万元", MoneyUnit.WAN, "-125000", "万元"),
        ("-12.5", MoneyUnit.WAN, "-125000", "万元"),
    ],
)
def test_money_is_kept_in_yuan_and_remembers_its_unit(
    raw: RawValue, unit: MoneyUnit, yuan: str, printed: str
) -> None:
    reading = read_money(raw, unit)
    assert reading.value == Decimal(yuan)
    assert reading.printed_unit == printed


def test_a_unit_other_than_that_of_the_heading_is_told() -> None:
    assert read_money("7704.69元", MoneyUnit.WAN).repairs == ("“7704.69元”按元读取，表头单位为万元",)
    assert read_money("2000万元", MoneyUnit.WAN).repairs == ("单位“万元”已略去",)
    assert read_money("2000", MoneyUnit.WAN).repairs == ()


@pytest.mark.parametrize("raw", ["12美元", "$12", "≤90万元", "80-90万元", "12万人", "九十万左右万", True])
def test_what_is_no_sum_of_money_is_unreadable(raw: RawValue) -> None:
    assert read_money(raw, MoneyUnit.WAN).blank is Blank.UNREADABLE


@given(
    st.decimals(-(10**9), 10**9, places=6),
    st.sampled_from(
        [("", 10_000), ("元", 1), ("万", 10_000), ("万元", 10_000), ("亿元", 10**8), ("千万元", 10**7)]
    ),
    st.booleans(),
)
def test_any_sum_of_money_is_exact_in_the_unit_written(
    number: Decimal, unit: tuple[str, int], grouped: bool
) -> None:
    written, yuan = unit
    reading = read_money(f"{number:,}{written}" if grouped else f"{number:f}{written}", MoneyUnit.WAN)
    assert reading.value == number * yuan
    assert reading.decimals == 6


# --- percentages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "percent_format", "ratio", "decimals"),
    [
        (0.9679, True, "0.9679", 2),
        (1, True, "1", 0),
        (96.79, False, "0.9679", 2),
        (0.9679, False, "0.9679", 2),
        (0.5, False, "0.5", 0),
        (1, False, "1", 0),
        (1.05, False, "1.05", 0),
        (2, False, "2", 0),
        (3, False, "0.03", 0),
        ("96.79%", False, "0.9679", 2),
        ("96.79％", False, "0.9679", 2),
        ("９６.７９%", False, "0.9679", 2),
        ("105. 26%", False, "1.0526", 2),
        ("100.00 %", False, "1", 2),
        ("-3.5%", False, "-0.035", 1),
        ("0.05%", False, "0.0005", 2),
        ("96.79", False, "0.9679", 2),
        ("9成", False, "0.9", 0),
        ("九成五", False, "0.95", 0),
        ("9.5成", False, "0.95", 0),
        ("百分之九十", False, "0.9", 0),
        ("百分之九十五点五", False, "0.955", 1),
        ("5‰", False, "0.005", 1),
    ],
)
def test_a_percentage_is_kept_as_a_ratio(
    raw: RawValue, percent_format: bool, ratio: str, decimals: int
) -> None:
    reading = read_percent(raw, percent_format)
    assert reading.value == Decimal(ratio)
    assert reading.decimals == decimals


@pytest.mark.parametrize(
    ("raw", "repair"),
    [
        (96.79, "96.79 按 96.79% 读取"),
        (1, "1 按 100% 读取"),
        ("1.05", "1.05 按 105% 读取"),
        (3, "3 按 3% 读取"),
    ],
)
def test_a_guess_at_a_percentage_without_sign_is_told(raw: RawValue, repair: str) -> None:
    assert read_percent(raw, False).repairs == (repair,)


@pytest.mark.parametrize("raw", [0.9679, 0.5, 0, "0.9679", "96.79%"])
def test_a_ratio_below_one_or_a_written_sign_is_no_guess(raw: RawValue) -> None:
    assert read_percent(raw, False).repairs == ()


@pytest.mark.parametrize("raw", ["≥90%", "90%以上", "九成以上", "90-95%", "100%%", "八九成", "90人", "优"])
def test_what_is_no_single_percentage_is_unreadable(raw: str) -> None:
    assert read_percent(raw, False).blank is Blank.UNREADABLE


@given(st.decimals(-1000, 1000, places=2))
def test_any_percentage_reads_the_same_with_its_sign_and_as_a_formatted_cell(percent: Decimal) -> None:
    assert read_percent(f"{percent}%", False).value == percent / 100
    assert read_percent(float(percent / 100), True).value == percent / 100


# --- dates and years ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        date(2024, 12, 31),
        datetime(2024, 12, 31, 17, 30),
        45657,
        45657.75,
        20241231,
        "20241231",
        "45657",
        "2024-12-31",
        "2024/12/31",
        "2024.12.31",
        "2024、12、31",
        "2024-12-31 00:00:00",
        "2024年12月31日",
        "2024年 12 月 31 号",
        "２０２４年１２月３１日",
        "二〇二四年十二月三十一日",
        "二○二四年十二月三十一日",
        "24年12月31日",
        "2024年12月",
        "2024年12月底",
        "2024-12",
    ],
)
def test_a_day_is_read_in_every_spelling(raw: RawValue) -> None:
    assert read_date(raw).value == date(2024, 12, 31)


def test_a_month_without_a_day_is_its_last_day_and_told() -> None:
    reading = read_date("2024年2月")
    assert reading.value == date(2024, 2, 29)
    assert reading.repairs == ("“2024年2月”按 2024-02-29 读取",)


@pytest.mark.parametrize(
    "raw", ["12月31日", "2024", 2024, 5, 1e9, "31/12/2024", "年底", "2024-12-31前", True, clock(8)]
)
def test_what_is_no_full_date_is_unreadable(raw: RawValue) -> None:
    assert read_date(raw).blank is Blank.UNREADABLE


@pytest.mark.parametrize("raw", ["2024-02-30", "2023/2/29", "2024年13月1日", "0000-01-01"])
def test_a_day_the_calendar_does_not_have_says_so(raw: str) -> None:
    assert read_date(raw).problem == "日期不存在"


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_any_day_is_read_from_text_and_from_the_number_excel_keeps(day: date) -> None:
    assert read_date(f"{day.year}年{day.month}月{day.day}日").value == day
    assert read_date(day.isoformat()).value == day
    assert read_date(float((day - date(1899, 12, 30)).days)).value == day


@pytest.mark.parametrize(
    "raw",
    [
        "2024",
        2024,
        2024.0,
        "2024年",
        "2024 年度",
        "２０２４",
        "二〇二四年",
        "二○二四年度",
        "24年",
        date(2024, 5, 1),
    ],
)
def test_a_year_is_read_in_every_spelling(raw: RawValue) -> None:
    assert read_year(raw).value == 2024


@pytest.mark.parametrize("raw", ["2023-2024年", "1024", 45657, 2024.5, "今年", "十年", "1", True])
def test_what_is_no_single_year_is_unreadable(raw: RawValue) -> None:
    assert read_year(raw).blank is Blank.UNREADABLE


# --- text and choices ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("  某街道办事处 ", "某街道办事处"),
        ("某街道\n办事处", "某街道办事处"),
        ("Tower A\nFloor 3", "Tower A Floor 3"),
        ("a_x000D_\nb", "a b"),
        (510000.0, "510000"),
        (0.1 + 0.2, "0.3"),
        (date(2024, 5, 1), "2024-05-01"),
        (datetime(2024, 5, 1, 8, 30), "2024-05-01 08:30"),
        ("=SUM(A1)", "=SUM(A1)"),
        ("A&B <c> “引号” 👨‍👩‍👧", "A&B <c> “引号” 👨‍👩‍👧"),
        ("不适用", "不适用"),
    ],
)
def test_a_line_of_text_is_what_the_sheet_shows(raw: RawValue, text: str) -> None:
    assert read_text(raw).value == text


def test_invisible_characters_are_removed_from_text_and_told() -> None:
    reading = read_text("某\u200b街\x07道")
    assert reading.value == "某街道"
    assert reading.repairs == ("不可见字符已去除",)


@pytest.mark.parametrize(
    ("raw", "prose"),
    [
        ("一段\r\n二段", "一段\n二段"),
        ("一段_x000D_\n二段", "一段\n二段"),
        ("一段\x0b二段", "一段\n二段"),
        ("1.一段  \n\n（2）二段\n", "1.一段\n\n（2）二段"),
        ("\u3000\u3000缩进", "\u3000\u3000缩进"),
    ],
)
def test_paragraphs_keep_their_breaks_and_numbering(raw: str, prose: str) -> None:
    assert read_prose(raw).value == prose


@given(st.text(alphabet=st.characters(exclude_categories=("C", "Z"))))
def test_no_visible_character_of_a_paragraph_is_lost(text: str) -> None:
    assert read_prose(f"一、{text}\n{text} 。").value == f"一、{text}\n{text} 。"


@pytest.mark.parametrize(
    ("raw", "choice"),
    [
        ("优", "优"),
        (" 优 ", "优"),
        ("优。", "优"),
        ("优秀", "优"),
        ("☑优 □良 □中", "优"),
        ("□优 ■良 □中", "良"),
        ("优□ 良√ 中□", "良"),
        ("√中", "中"),
    ],
)
def test_a_choice_is_found_by_name_alias_or_tick(raw: str, choice: str) -> None:
    reading = read_choice(raw, ("优", "良", "中"), {"优秀": "优", "良好": "良"})
    assert (reading.value, reading.problem) == (choice, "")


@pytest.mark.parametrize("raw", ["不错", "☑优 ☑良 □中", "优良", 5.0])
def test_a_choice_outside_the_list_keeps_its_text_and_has_a_problem(raw: RawValue) -> None:
    reading = read_choice(raw, ("优", "良", "中"), {})
    assert reading.value == ("5" if raw == 5.0 else raw)
    assert reading.problem == "不在可选范围"


def test_the_word_none_can_be_a_choice() -> None:
    assert read_choice("无", ("有", "无"), {}).value == "无"
    assert read_choice("无", ("是", "否"), {}).blank is Blank.NOT_APPLICABLE


# --- every field --------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    list("0123456789.,%％‰≥≤<>=±~-—（）()年月日成万亿千百十元人次个无零第每约余以上下内前不低于超过为率 \n")
)
ANY_TEXT = st.text(max_size=60) | st.lists(PIECES, max_size=40).map("".join)
ANY_RAW = (
    ANY_TEXT
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.timedeltas()
)


@given(st.sampled_from(FieldType), ANY_RAW, st.booleans())
def test_any_cell_in_any_field_is_read_without_an_exception(
    kind: FieldType, raw: RawValue, percent: bool
) -> None:
    reading = read(kind, raw, percent)
    assert (reading.value is None) == (reading.blank is not None)
    assert (reading.blank is Blank.UNREADABLE) <= bool(reading.problem)


LONG = [
    "9",
    "1,",
    " ",
    "\u3000",
    "十",
    "百分之",
    "每年",
    "≥",
    "(",
    "（含）",
    "无",
    "未发生",
    "年",
    "1-",
    "1月",
    "12,345",
    "字\n",
    "率1%",
    "九成",
]


@pytest.mark.parametrize("piece", LONG)
def test_a_cell_of_a_hundred_thousand_characters_is_read_at_once(piece: str) -> None:
    raws = [(piece * 100_000)[:length] for length in (1999, 100_000)]
    start = time.perf_counter()
    for kind in FieldType:
        for raw in raws:
            read(kind, raw)
    assert time.perf_counter() - start < 2
