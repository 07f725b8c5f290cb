"""Figures and sentences read as officials write them, for any figure and any text."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.writers.wording import (
    adjustment,
    change,
    clause,
    count,
    day,
    join_list,
    missing,
    number,
    ordinal,
    paragraphs,
    percent,
    score,
    sentence,
    share,
    wan,
    wan_text,
)

FIGURES = st.none() | st.integers() | st.decimals(allow_nan=True, allow_infinity=True)
YUAN = st.decimals(min_value=Decimal("-1e14"), max_value=Decimal("1e14"), places=2)
PLAIN_FIGURE = re.compile(r"-?\d{1,3}(,\d{3})*(\.\d+)?")
WORDS_OF_PYTHON = re.compile(r"none|nan|inf|e[+-]?\d|decimal", re.IGNORECASE)


@given(FIGURES, FIGURES)
def test_no_figure_is_ever_printed_in_python(
    first: Decimal | int | None, second: Decimal | int | None
) -> None:
    said = [wan(first), wan_text(first), number(first), score(first), percent(first), count(first, "场")]
    said += [share(first, second), change(first, second), adjustment(first, second)]
    assert not [text for text in said if WORDS_OF_PYTHON.search(text)]
    assert all(said)


@given(YUAN)
def test_money_is_rounded_half_up_to_the_hundredth_of_a_wan(yuan: Decimal) -> None:
    printed = wan(yuan)
    assert PLAIN_FIGURE.fullmatch(printed)
    exact = (yuan / 10_000).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert Decimal(printed.replace(",", "")) == exact
    assert not printed.startswith("-0.00")


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_a_number_without_decimals_asked_for_keeps_its_value(value: Decimal) -> None:
    assert Decimal(number(value).replace(",", "")) == value


def test_half_a_hundredth_goes_up_not_to_even() -> None:
    assert (wan(Decimal("100050")), percent(Decimal("0.96785")), score(Decimal("47.125"), 2)) == (
        "10.01",
        "96.79%",
        "47.13",
    )


def test_zero_is_a_figure_and_none_is_not() -> None:
    assert (wan(0), wan_text(0), percent(0), score(0), count(0, "个")) == (
        "0.00",
        "0万元",
        "0.00%",
        "0",
        "0个",
    )
    assert (wan(None), percent(None), score(None)) == ("—", "—", "—")
    assert (wan_text(None), count(None)) == ("【待补充：金额】", "【待补充：数量】")


def test_a_mark_that_stands_for_a_figure_reaches_the_page_unchanged() -> None:
    mark = missing("全年预算数")
    figures = (wan, wan_text, number, score, percent, count, day, join_list)
    assert {filter_(mark) for filter_ in figures} == {mark}
    assert {compare(mark, 1) for compare in (change, share, adjustment)} == {mark}
    assert {compare(1, mark) for compare in (change, share, adjustment)} == {mark}


def test_a_float_is_refused_because_it_is_not_exact() -> None:
    with pytest.raises(TypeError, match="float"):
        wan(0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("current", "prior", "said"),
    [
        ("79455900", "59026000", "比上年决算数增加2,042.99万元，增长34.61%"),
        ("59026000", "79455900", "比上年决算数减少2,042.99万元，下降25.71%"),
        ("0", "0", "与上年决算数持平"),
        ("100000001", "100000000", "与上年决算数基本持平"),
        ("50000", "0", "上年决算数为零，本年新增5.00万元"),
        ("-50000", "0", "上年决算数为零，本年为-5.00万元"),
    ],
)
def test_a_change_is_said_in_words_whatever_its_direction(current: str, prior: str, said: str) -> None:
    assert change(Decimal(current), Decimal(prior)) == said


def test_a_change_without_one_of_its_sides_says_which() -> None:
    assert change(Decimal(1), None) == "无上年决算数可比"
    assert change(None, Decimal(1)) == "【待补充：本年数】"
    assert change(Decimal(30000), Decimal(10000), "年初预算数") == "比年初预算数增加2.00万元，增长200.00%"


def test_an_adjustment_from_nothing_has_no_rate() -> None:
    assert adjustment(Decimal(50000), Decimal(0)) == "调整增支5.00万元，年初预算数为零，不计算预算调整率"


@given(st.integers(min_value=0, max_value=9999))
def test_chinese_numbers_can_be_read_back(value: int) -> None:
    total, digit = 0, 0
    for character in ordinal(value):
        if character in "十百千":
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[character]
            digit = 0
        else:
            digit = "零一二三四五六七八九".index(character)
    assert total + digit == value


def test_a_number_beyond_9999_is_refused() -> None:
    with pytest.raises(ValueError, match="10000"):
        ordinal(10_000)


@given(st.text(alphabet="项目完成。；，、：！？…”） \n,.;1", max_size=30))
def test_a_sentence_ends_once_and_doubles_nothing(text: str) -> None:
    said = sentence(text)
    assert said[-1] in "。！？…" or said[-2:] in {stop + closer for stop in "。！？…" for closer in "”）"}
    assert not re.search(r"[，、；：。]\s*[，、；：。]", said)
    assert sentence(said) == said


def test_a_clause_can_stand_before_a_comma() -> None:
    assert clause("因招标延期。；") == "因招标延期"
    assert clause("  ") == "【待补充】"


def test_figures_inside_a_sentence_keep_their_points_and_commas() -> None:
    assert sentence("支出1,234.56万元，完成96.79%") == "支出1,234.56万元，完成96.79%。"


def test_a_list_skips_what_says_nothing() -> None:
    assert join_list(["甲。", None, " ", "乙；"], "；") == "甲；乙"
    assert join_list(None) == "无"


@given(st.text(max_size=60))
def test_paragraphs_lose_no_character_but_space(text: str) -> None:
    parts = paragraphs(text)
    squeezed = "".join(text.replace("\x85", "\n").split())
    assert "".join("".join(parts).split()) == (squeezed or missing())
    assert all(part == part.strip() and "\n" not in part for part in parts)


def test_a_date_has_no_zero_before_month_and_day() -> None:
    assert (day(date(2025, 1, 9)), day(None)) == ("2025年1月9日", "【待补充：日期】")
