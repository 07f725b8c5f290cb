"""Figures and lists as the sentences of issues print them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from toolkit.form.model import Field, FieldType, MoneyUnit
from toolkit.submission.model import Answer

MOST_NAMED = 5
_CENT = Decimal("0.01")


def money(yuan: Decimal, unit: MoneyUnit) -> str:
    """Return an amount of yuan in the form's unit, without the unit.

    >>> money(Decimal("437176600"), MoneyUnit.WAN)
    '43,717.66'
    """
    return grouped(yuan / unit.yuan)


def grouped(number: Decimal) -> str:
    """Return a number with two decimals and thousands separators; a smaller one keeps what it has.

    >>> grouped(Decimal("1234.5")), grouped(Decimal("0.000123"))
    ('1,234.50', '0.000123')
    """
    rounded = number.quantize(_CENT, ROUND_HALF_UP)
    if number and not rounded:
        return f"{number.normalize():f}"
    return f"{rounded:,}"


def percent(ratio: Decimal) -> str:
    """Return a ratio as a percentage with two decimals.

    >>> percent(Decimal("0.96787"))
    '96.79%'
    """
    return f"{(ratio * 100).quantize(_CENT, ROUND_HALF_UP)}%"


def plain(number: Decimal) -> str:
    """Return a number without exponent and trailing zeros.

    >>> plain(Decimal("28000")), plain(Decimal("47.50"))
    ('28000', '47.5')
    """
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown(field: Field, value: Decimal, unit: MoneyUnit) -> str:
    """Return a figure the way its field prints it."""
    if field.type is FieldType.MONEY:
        return money(value, unit)
    if field.type is FieldType.PERCENT:
        return percent(value)
    if field.type in (FieldType.INTEGER, FieldType.YEAR):
        return plain(value)
    return grouped(value)


def as_stated(field: Field, answer: Answer, unit: MoneyUnit) -> str:
    """Return what the clerk stated: the cell's own text when it is one, else the printed figure."""
    if answer.number is None:
        return answer.raw
    if isinstance(answer.raw, str) and answer.raw and not _is_number(answer.raw):
        return answer.raw.strip()
    return shown(field, answer.number, unit)


def listed(names: Sequence[str], most: int = MOST_NAMED) -> str:
    """Return names in a sentence, the first of many.

    >>> listed(["甲", "乙", "丙"], 2)
    '甲、乙等 3 个'
    """
    return "、".join(names[:most]) + (f"等 {len(names)} 个" if len(names) > most else "")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
