"""A cell read as its field asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TypeAlias

from toolkit.form.labels import label_forms, plain
from toolkit.form.model import Field, FieldType, Form, MoneyUnit
from toolkit.form.operators import operator_sign
from toolkit.submission.dates import read_date, read_year
from toolkit.submission.grid import RawValue
from toolkit.submission.model import Answer, Blank, Operator, Target
from toolkit.submission.numerals import Reading
from toolkit.submission.targets import (
    Beside,
    end_of_name,
    level_word,
    read_actual,
    read_target,
    unit_beside,
    with_unit,
)
from toolkit.submission.values import (
    read_choice,
    read_integer,
    read_money,
    read_number,
    read_operator,
    read_percent,
    read_prose,
    read_text,
    without_code,
)

NOTHING: Mapping[str, Answer] = {}
REMEMBERED = 8192  # readings: units of one district fill the same form with much the same words and weights
SHORT = 64  # characters of a cell worth remembering; longer ones hardly come again
# looking up a member of an enum costs a call
_TARGET, _ACTUAL, _UNREADABLE = FieldType.TARGET, FieldType.ACTUAL, Blank.UNREADABLE
_NUMBERED_NAME = re.compile(r"指标\s*\d+\s*[:：]\s*(?=\S)")


# what the row says of how to read a cell: of a target its own columns; of an actual value its unit, the
# end of the indicator's name, and the unit of its target
_Clue: TypeAlias = Beside | tuple[str, str, str] | None


class Readings:
    """How the cells of a form are read. What a short cell says does not change from workbook to workbook."""

    def __init__(self, form: Form) -> None:
        fields = [entry for section in form.sections for entry in section.fields]
        self._default = Operator(form.scoring.default_operator)
        self._levels = {
            level_word(spelling): band.name
            for band in form.scoring.bands
            for spelling in (band.name, *band.aliases)
        }
        self._unit_columns = any(entry.unit_from for entry in fields)
        self._fields = {id(entry): entry for entry in fields}  # kept here, so that no other can have the id
        # typed: 1.0, 1 and True are one key otherwise
        self._again = lru_cache(maxsize=REMEMBERED, typed=True)(self._read)

    def read(
        self,
        asked: Field,
        raw: RawValue,
        unit: MoneyUnit,
        percent: bool,
        year: int | None,
        row: Mapping[str, Answer] = NOTHING,
    ) -> Reading:
        """Read a cell; the row's target and name tell which figure of a sentence counts."""
        clue: _Clue = None
        words = raw if isinstance(raw, str) else ""
        if asked.type is _TARGET:
            clue = _beside(asked, row)
        elif asked.type is _ACTUAL:
            target = next((item.value for item in row.values() if isinstance(item.value, Target)), None)
            name = end_of_name(row["name"].text) if "name" in row else ""
            clue = (asked.unit, name, "") if target is None else (target.unit, name, target.unit)
        read = self._again if len(words) <= SHORT else self._read
        return read(id(asked), raw, unit, percent, year, clue)

    def _read(
        self, key: int, raw: RawValue, unit: MoneyUnit, percent: bool, year: int | None, clue: _Clue
    ) -> Reading:
        asked = self._fields[key]
        if isinstance(clue, tuple):
            unit_hint, name, own_unit = clue
            reading = read_actual(
                raw,
                percent_format=percent,
                unit_hint=unit_hint,
                name_end=name,
                levels=self._levels,
                year=year,
            )
            return with_unit(reading, own_unit) if self._unit_columns else reading
        if asked.type is _TARGET:
            return read_target(
                raw,
                percent_format=percent,
                default=self._default,
                unit_hint=asked.unit,
                year=year,
                beside=clue,
            )
        reading = read_field(asked, raw, unit=unit, percent_format=percent, year=year)
        if reading.problem and asked.type is FieldType.CHOICE and (word := _choice(asked, str(raw))):
            return Reading(word)  # 产出指标(50分)
        if asked.key and isinstance(reading.value, str) and (match := _NUMBERED_NAME.match(reading.value)):
            return replace(reading, value=reading.value[match.end() :])  # 指标1：垃圾清运率
        if reading.blank is _UNREADABLE and isinstance(raw, str) and raw.strip() in asked.choices:
            return Reading(raw.strip())  # a word allowed where a figure is asked: 达标完成
        return reading


def _choice(asked: Field, text: str) -> str:
    """Return the choice a text means when it carries a weight or an ordinal beside it."""
    known = {plain(spelling): choice for spelling, choice in asked.choice_aliases.items()}
    known |= {plain(choice): choice for choice in asked.choices}
    return next((known[key] for key in label_forms(text) if key in known), "")


def _beside(asked: Field, row: Mapping[str, Answer]) -> Beside | None:
    """Return what the row's own columns say of a target's operator and unit; None without such columns."""
    if not (asked.operator_from or asked.unit_from):
        return None
    sign, unit = (row.get(name) for name in (asked.operator_from, asked.unit_from))
    return Beside(
        Operator.of_sign(operator_sign(sign.text)) if sign else None,
        unit_beside(unit.raw) if unit else "",
    )


def read_field(
    field: Field, raw: RawValue, *, unit: MoneyUnit, percent_format: bool, year: int | None = None
) -> Reading:
    """Read a cell as its field asks; `unit` is that of the heading, `year` the fiscal year if known."""
    match field.type:
        case FieldType.TEXT:
            reading = read_text(raw, percent_format)
            if field.coded and isinstance(reading.value, str):
                reading = replace(reading, value=without_code(reading.value))
        case FieldType.PROSE:
            reading = read_prose(raw, percent_format)
        case FieldType.NUMBER | FieldType.INTEGER:
            if percent_format and field.unit == "%" and isinstance(raw, float):
                raw *= 100  # the cell shows 90%, and the heading says so
            read = read_number if field.type is FieldType.NUMBER else read_integer
            reading = read(raw, field.unit)
        case FieldType.MONEY:
            reading = read_money(raw, unit)
        case FieldType.PERCENT:
            reading = read_percent(raw, percent_format)
        case FieldType.DATE:
            reading = read_date(raw)
        case FieldType.YEAR:
            reading = read_year(raw)
        case FieldType.CHOICE:
            reading = read_choice(raw, field.choices, field.choice_aliases)
        case FieldType.OPERATOR:
            reading = read_operator(raw, field.choices, field.choice_aliases)
        case FieldType.TARGET:
            reading = read_target(raw, percent_format=percent_format, unit_hint=field.unit, year=year)
        case FieldType.ACTUAL:
            reading = read_actual(raw, percent_format=percent_format, unit_hint=field.unit, year=year)
    return reading
