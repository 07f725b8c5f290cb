"""A cell read as its field asks."""

from __future__ import annotations

from dataclasses import replace

from toolkit.form.model import Field, FieldType, MoneyUnit
from toolkit.submission.grid import RawValue
from toolkit.submission.numerals import Reading
from toolkit.submission.targets import read_actual, read_target
from toolkit.submission.values import (
    read_choice,
    read_date,
    read_integer,
    read_money,
    read_number,
    read_operator,
    read_percent,
    read_prose,
    read_text,
    read_year,
    without_code,
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
