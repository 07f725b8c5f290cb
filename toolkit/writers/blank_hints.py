"""What a field tells the clerk: its kind and limits in words, its input hint, its dropdown and guard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from toolkit.form.model import Field, FieldType, MoneyUnit

LONGEST_TITLE = 32
LONGEST_MESSAGE = 255
LONGEST_LIST = 255  # characters of a dropdown's own list, commas included
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)

_KINDS = {
    FieldType.TEXT: "文字",
    FieldType.PROSE: "文字，可分段",
    FieldType.NUMBER: "数字",
    FieldType.INTEGER: "整数",
    FieldType.PERCENT: "百分比",
    FieldType.DATE: "日期",
    FieldType.YEAR: "四位年度",
    FieldType.CHOICE: "下拉选择",
    FieldType.OPERATOR: "下拉选择",
    FieldType.TARGET: "指标值",
    FieldType.ACTUAL: "完成值",
}
_EXAMPLES = {
    FieldType.PERCENT: "96.79%",
    FieldType.DATE: "2025-03-10",
    FieldType.YEAR: "2024",
    FieldType.TARGET: "≥90%、不少于8场、≤500万元、2024年12月底前",
    FieldType.ACTUAL: "97.14%、12场、486.5万元、达成",
}


def kind_in_words(field: Field, money: MoneyUnit) -> str:
    """Return what kind of answer a field takes.

    >>> kind_in_words(Field("a", "决算数", FieldType.MONEY), MoneyUnit.WAN)
    '金额（万元）'
    """
    if field.type is FieldType.MONEY:
        return f"金额（{money}）"
    words = _KINDS[field.type]
    return f"{words}（{field.unit}）" if field.unit else words


def limits_in_words(field: Field) -> str:
    """Return the limits of a field, or an empty string.

    >>> from decimal import Decimal
    >>> limits_in_words(Field("a", "得分", FieldType.NUMBER, min=Decimal(0), max=Decimal(100)))
    '0～100'
    """
    words = []
    if field.min is not None and field.max is not None:
        words.append(f"{field.min}～{field.max}")
    elif field.min is not None:
        words.append("不小于0" if field.min == 0 else f"不小于{field.min}")
    elif field.max is not None:
        words.append(f"不大于{field.max}")
    if field.max_length is not None:
        words.append(f"不超过{field.max_length}字")
    if field.choices:
        words.append("、".join(field.choices) + ("" if field.strict and not _free(field) else "等"))
    return "；".join(words)


def example_of(field: Field) -> str:
    """Return an example answer: the field's own, else one of its kind."""
    return field.example or ("" if field.help else _EXAMPLES.get(field.type, ""))


def validation(
    field: Field, money: MoneyUnit, *, required: bool, derived: bool, choices_at: str = ""
) -> dict[str, Any] | None:
    """Return the xlsxwriter options that guard a field's cells and hint at them, or None.

    A wrong figure is questioned, not refused: 无 and — are answers too. `choices_at` is a range holding
    choices too long for a list of their own.
    """
    options = _guard(field, choices_at)
    message = _message(field, money, required=required, derived=derived)
    if message:
        options["input_title"] = _cut(field.label, LONGEST_TITLE)
        options["input_message"] = _cut(message, LONGEST_MESSAGE)
    return options if message or options["validate"] != "any" else None


def needs_own_list(choices: Sequence[str]) -> bool:
    """Return whether choices do not fit a dropdown's own list, which is comma-separated."""
    return len(",".join(choices)) > LONGEST_LIST or any("," in choice or '"' in choice for choice in choices)


def _free(field: Field) -> bool:
    """Return whether the choices are only suggestions, as words among percentages are."""
    return field.type not in (FieldType.CHOICE, FieldType.OPERATOR)


def _guard(field: Field, choices_at: str) -> dict[str, Any]:
    if field.choices:
        listed: Any = f"={choices_at}" if choices_at else list(field.choices)
        strict = field.strict and not _free(field)
        options: dict[str, Any] = {"validate": "list", "source": listed, "show_error": strict}
        if strict:
            options |= _objection("请从下拉列表中选择。", "stop")
        return options
    if field.type is FieldType.YEAR:
        low, high = field.min or 1949, field.max or 2099
        options = {"validate": "integer", "criteria": "between", "minimum": int(low), "maximum": int(high)}
        return options | _objection(f"请填四位数字的年度，{low}～{high}。", "stop")
    if field.type is FieldType.DATE:
        options = {"validate": "date", "criteria": "between", "minimum": FIRST_DAY, "maximum": LAST_DAY}
        return options | _objection("这里应填日期，如 2025-03-10。确定要保留所填内容吗？")
    if field.type in (FieldType.MONEY, FieldType.NUMBER, FieldType.INTEGER, FieldType.PERCENT):
        return _number_guard(field)
    if field.max_length is not None:
        options = {"validate": "length", "criteria": "<=", "value": field.max_length}
        return options | _objection(f"这里不超过{field.max_length}字。确定要保留所填内容吗？")
    return {"validate": "any"}


def _number_guard(field: Field) -> dict[str, Any]:
    kind = "integer" if field.type is FieldType.INTEGER else "decimal"
    low = -1e13 if field.min is None else float(field.min)
    high = 1e13 if field.max is None else float(field.max)
    if kind == "integer":
        low, high = max(int(low), -(10**9)), min(int(high), 10**9)
    options = {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}
    limits = limits_in_words(field)
    words = (
        f"这里应填数字{f'（{limits}）' if limits else ''}，不带单位；不适用的填“—”。确定要保留所填内容吗？"
    )
    return options | _objection(words)


def _objection(message: str, kind: str = "warning") -> dict[str, Any]:
    return {
        "error_type": kind,
        "error_title": "请核对",
        "error_message": _cut(message, LONGEST_MESSAGE),
    }


def _message(field: Field, money: MoneyUnit, *, required: bool, derived: bool) -> str:
    parts = []
    if derived:
        parts.append("由公式自动计算；与正式报表不一致的，可以直接改写。")
    elif required:
        parts.append("必填。")
    if field.help:
        parts.append(field.help)
    if example := example_of(field):
        parts.append(f"如：{example}")
    if field.type is FieldType.MONEY and not derived:
        parts.append(f"单位：{money}，只填数字；没有发生的填0。")
    if not field.choices and (limits := limits_in_words(field)) and not derived:
        parts.append(f"限制：{limits}。")
    return "\n".join(parts)


def _cut(text: str, longest: int) -> str:
    """Return the text, shortened with a mark when it is longer than Excel takes."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
