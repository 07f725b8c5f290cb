"""What is written into an answer cell: a number, a date or a text, never anything Excel would interpret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from toolkit.checks.cell_text import LONGEST_TEXT
from toolkit.form.model import Field, FieldType
from toolkit.form.prefill import AnswerError
from toolkit.writers.styles import NumberFormat, decimals

LARGEST = Decimal(10) ** 15  # beyond it Excel keeps no unit
NUMERIC = frozenset({FieldType.MONEY, FieldType.NUMBER, FieldType.INTEGER, FieldType.PERCENT, FieldType.YEAR})

_PERCENT = re.compile(r"([-+]?\d{1,12}(?:\.(\d{1,8}))?)\s*[%％]")
_PLAIN = re.compile(r"-?\d{1,12}(?:\.\d{1,8})?")


@dataclass(frozen=True, slots=True)
class Entry:
    """A value for one cell; `number_format` is set where the value asks for another than its field's."""

    value: Decimal | str | date
    number_format: str = ""

    @property
    def number(self) -> Decimal | None:
        """Return the value when it is a number."""
        return self.value if isinstance(self.value, Decimal) else None


def number_format(field: Field) -> str:
    """Return the number format of a field's cells."""
    if field.type is FieldType.PERCENT:
        return decimals(2 if field.decimals is None else field.decimals, percent=True)
    if field.type is FieldType.NUMBER and field.decimals is not None:
        return decimals(field.decimals)
    return {
        FieldType.MONEY: NumberFormat.MONEY,
        FieldType.INTEGER: NumberFormat.WHOLE,
        FieldType.YEAR: NumberFormat.WHOLE,
        FieldType.DATE: NumberFormat.DATE,
        FieldType.NUMBER: NumberFormat.GENERAL,
        FieldType.PROSE: NumberFormat.GENERAL,  # Excel prints #### for a long text in a text-formatted cell
    }.get(field.type, NumberFormat.TEXT)


def entry(field: Field, value: Any, place: str, *, printed: bool = False) -> Entry:
    """Return what to write for an answer; AnswerError names the place of what no cell can hold.

    `printed` values come from the form itself (defaults, seeds), so a figure written there as text is a
    figure. In answers a text in a numeric cell stays the text it is, except a percentage in a percent cell.

    >>> from toolkit.form.model import Field, FieldType
    >>> rate = Field("rate", "完成率", FieldType.PERCENT)
    >>> entry(rate, "97.5%", "A1")
    Entry(value=Decimal('0.975'), number_format='0.0%')
    >>> entry(rate, "达标完成", "A1")
    Entry(value='达标完成', number_format='')
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal, date)):
        raise AnswerError(place, f"{value!r} is neither text nor number nor date")
    if isinstance(value, date):
        return _dated(field, value)
    if not isinstance(value, str):
        return _numeric(field, value, place)
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    if field.type is FieldType.PERCENT and (match := _PERCENT.fullmatch(text.strip())):
        places = decimals(len(match.group(2) or ""), percent=True)
        return Entry(Decimal(match.group(1)).scaleb(-2), places)
    if printed and field.type in NUMERIC and _PLAIN.fullmatch(text):
        return Entry(Decimal(text))
    return Entry(_checked(text, place))


def _dated(field: Field, value: date) -> Entry:
    day = value.date() if isinstance(value, datetime) else value
    return Entry(day) if field.type is FieldType.DATE else Entry(day.isoformat())


def _numeric(field: Field, value: float | Decimal, place: str) -> Entry:
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite() or abs(number) >= LARGEST:
        raise AnswerError(place, f"{value!r} is no figure a cell can keep")
    return Entry(number) if field.type in NUMERIC else Entry(f"{number:f}")


def _checked(text: str, place: str) -> str:
    try:
        length = len(text.encode("utf-16-le")) // 2
    except UnicodeEncodeError as error:
        raise AnswerError(place, f"holds a character no file can hold ({error.reason})") from error
    if length > LONGEST_TEXT:
        raise AnswerError(place, f"{length} characters, a cell holds {LONGEST_TEXT}")
    return text
