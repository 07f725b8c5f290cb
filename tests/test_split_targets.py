"""A 指标值 whose operator and unit stand in columns of their own, read as one target."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from filling import read as read_workbook

from toolkit.checks.model import CheckResult
from toolkit.checks.rules import validate
from toolkit.form.loader import parse_form
from toolkit.form.toml_table import FormError
from toolkit.submission.model import Operator, Target
from toolkit.submission.numerals import Reading
from toolkit.submission.targets import Beside, read_target, unit_beside
from toolkit.submission.values import read_operator
from toolkit.writers.blank import write_blank

CHOICES = ("≥", "≤", "＝", "＞", "＜", "定性")


def read(sign: str, value: Any, unit: str, *, percent_format: bool = False) -> Reading:
    operator = Operator.of_sign(str(read_operator(sign, CHOICES, {}).value))
    return read_target(
        value, percent_format=percent_format, beside=Beside(operator, unit_beside(unit)), year=2023
    )


@pytest.mark.parametrize(
    ("sign", "value", "unit", "text", "operator", "number", "own_unit"),
    [
        ("≥", "95", "%", "≥95%", Operator.GE, "95", "%"),
        ("≥", 95.0, "%", "≥95%", Operator.GE, "95", "%"),
        ("≥", 0.95, "百分比", "≥95%", Operator.GE, "95", "%"),
        ("≥", "95%", "%", "≥95%", Operator.GE, "95", "%"),
        ("反向指标", 0.5, "%", "≤0.5%", Operator.LE, "0.5", "%"),
        ("大于等于", "1,200", "人次", "≥1200人次", Operator.GE, "1200", "人次"),
        ("≤", "15万", "元", "≤15万元", Operator.LE, "15", "万元"),
        ("＝", 0.0, "起", "=0起", Operator.EQ, "0", "起"),
        ("≥", 0.0, "起", "≥0起", Operator.GE, "0", "起"),
        ("＜", "12", "天", "<12天", Operator.LT, "12", "天"),
        ("＝", "5-10", "次", "5-10次", Operator.BETWEEN, "5", "次"),
        ("", "不少于8", "场", "不少于8场", Operator.GE, "8", "场"),
        ("≥", "发放率95", "%", "发放率≥95%", Operator.GE, "95", "%"),
        ("定量", "30", "个", "30个", Operator.GE, "30", "个"),
    ],
)
def test_operator_value_and_unit_make_one_target(
    sign: str, value: Any, unit: str, text: str, operator: Operator, number: str, own_unit: str
) -> None:
    target = read(sign, value, unit).value
    assert isinstance(target, Target)
    assert (target.text, target.operator, target.number) == (text, operator, Decimal(number))
    assert target.unit == own_unit


def test_a_percent_format_and_a_percent_unit_are_one_percent() -> None:
    target = read("≥", 0.95, "%", percent_format=True).value
    assert isinstance(target, Target)
    assert (target.text, target.number, target.unit) == ("≥95%", Decimal(95), "%")


@pytest.mark.parametrize("value", ["优良中低差", "达到95%以上的居民认可"])
def test_what_is_called_qualitative_has_no_figure(value: str) -> None:
    assert read("定性", value, "").value == Target(value, Operator.QUALITATIVE)


def test_a_deadline_stays_a_deadline() -> None:
    target = read("定性", "2023年12月底前", "年").value
    assert isinstance(target, Target)
    assert (target.operator, target.deadline) == (Operator.DATE, date(2023, 12, 31))


@pytest.mark.parametrize(
    ("sign", "value", "unit", "against"),
    [
        ("≥", "不超过5次", "次", "≥"),
        ("≥", "95%", "人", "人"),
        ("≥", "95%以上", "%", ""),
        ("≤", "3万元", "元", ""),
    ],
)
def test_a_value_that_contradicts_its_columns_is_told(sign: str, value: str, unit: str, against: str) -> None:
    assert read(sign, value, unit).problem == against


def test_codes_of_a_system_are_read_as_the_form_says() -> None:
    codes = {"2": "≥", "3": "＝", "5": "≤", "6": "定性"}
    assert [read_operator(raw, CHOICES, codes).value for raw in (2.0, "3", 5, "６")] == [
        "≥",
        "＝",
        "≤",
        "定性",
    ]
    assert read_operator(7, CHOICES, codes).problem


FORM = """
id = "split"
version = "1"
title = "分列指标表"
entity = "project"
[[sheet]]
name = "表"
[[section]]
id = "cover"
title = "基本信息"
sheet = "表"
[[section.field]]
id = "project_name"
label = "项目名称"
coded = true
[[section]]
id = "indicators"
title = "绩效指标"
sheet = "表"
kind = "table"
indicators = true
[[section.field]]
id = "name"
label = "指标名称"
key = true
[[section.field]]
id = "operator"
label = "计算符号"
type = "operator"
choice_aliases = { "2" = "≥" }
[[section.field]]
id = "target"
label = "指标值"
type = "target"
operator_from = "operator"
unit_from = "unit"
key = true
required = true
[[section.field]]
id = "actual"
label = "实际完成值"
type = "actual"
key = true
[[section.field]]
id = "unit"
label = "计量单位"
[[section.field]]
id = "reason"
label = "偏差原因"
type = "prose"
[[rule]]
id = "indicators"
check = "indicators"
code = "N06"
section = "indicators"
"""


def judged(path: Path, *rows: dict[str, str], name: str = "510000R01-绿化") -> CheckResult:
    form = parse_form(FORM)
    validate(form)
    write_blank(form, path, answers={"cover": {"project_name": name}, "indicators": list(rows)})
    return read_workbook(path, (form,))


def test_the_unit_may_stand_after_the_actual_value(tmp_path: Path) -> None:
    result = judged(
        tmp_path / "filled.xlsx",
        {"name": "合格率", "operator": "2", "target": "95", "actual": "97.5", "unit": "%"},
        {"name": "植树", "operator": "≥", "target": "200", "actual": "150", "unit": "株"},
    )
    assert result.submission is not None
    assert result.submission.answer("cover", "", "project_name").text == "绿化"
    first = result.submission.answer("indicators", "1", "target")
    assert (first.written, first.raw, first.cell.a1 if first.cell else "") == ("≥95%", "95", "C7")
    assert result.submission.answer("indicators", "1", "actual").written == "97.5%"
    assert [(item.code, item.found, item.expected) for item in result.issues] == [("N17", "150株", "≥200株")]


def test_a_contradiction_is_one_issue_on_the_value(tmp_path: Path) -> None:
    row = {"name": "投诉", "operator": "≥", "target": "不超过5次", "actual": "2", "unit": "次"}
    result = judged(tmp_path / "filled.xlsx", row)
    assert [(item.code, item.location.cell) for item in result.issues] == [("V05", "C7")]


def test_a_row_with_operator_and_unit_alone_keeps_a_place(tmp_path: Path) -> None:
    result = judged(tmp_path / "filled.xlsx", {"operator": "≥", "unit": "%"})
    assert result.submission is not None
    assert result.submission.sections["indicators"].rows == ()
    assert result.issues == ()


def test_a_word_that_is_no_operator_is_told(tmp_path: Path) -> None:
    row = {"name": "植树", "operator": "大约", "target": "200", "actual": "210", "unit": "株"}
    result = judged(tmp_path / "filled.xlsx", row)
    assert [(item.code, item.location.cell) for item in result.issues] == [("V02", "B7")]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('operator_from = "operator"', 'operator_from = "name"', "the field 'name' must be an operator"),
        ('unit_from = "unit"', 'unit_from = "unti"', "there is no other field 'unti', did you mean 'unit'?"),
        ('"operator"\nchoice', '"operator"\nchoices = ["≈"]\nchoice', "'≈' is no operator; known are ≥ ≤"),
        ('id = "reason"', 'id = "reason"\nunit_from = "unit"', "only a target takes 'operator_from'"),
    ],
)
def test_a_mistake_of_the_form_is_refused(old: str, new: str, message: str) -> None:
    assert old in FORM
    with pytest.raises(FormError, match=message):
        parse_form(FORM.replace(old, new))
