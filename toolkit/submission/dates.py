"""Days and years as people write them, in figures, Chinese numerals, or as Excel counts days."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from toolkit.submission.grid import RawValue
from toolkit.submission.numerals import (
    EDGES,
    LONGEST,
    Reading,
    blank_of,
    cell_number,
    close_up,
    fold,
    plain,
    spoken,
    unreadable,
)
from toolkit.submission.values import plain_text

_HAN_DATE_PART = re.compile(r"[〇零○一二三四五六七八九0]{4}(?=年)|[一二三四五六七八九十]{1,3}(?=[月日号])")
_TIME_OF_DAY = re.compile(r"[ T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?$")
_DATE = re.compile(
    r"(?P<year>[0-9]{4}|[0-9]{2}(?=年))[-/.年、](?P<month>[0-9]{1,2})"
    r"(?:[-/.月、](?P<day>[0-9]{1,2})[日号]?|月?[底末]?)"
)
_COMPACT_DATE = re.compile(r"(?P<year>(?:19|20)[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")
_YEAR = re.compile(r"(?P<year>[0-9]{4}|[0-9]{2}(?=年))(?:年度?)?")
_FIRST_SERIAL, _LAST_SERIAL = 32874, 73050  # 1990-01-01 and 2099-12-31 as Excel counts days
_YEARS = range(1990, 2100)


def arabic_dates(text: str) -> str:
    """Return the text with the Chinese numerals of its dates as figures.

    >>> arabic_dates("二〇二四年十二月底前")
    '2024年12月底前'
    """
    return _HAN_DATE_PART.sub(lambda match: str(spoken(match[0]) or match[0]), text)


def day_of(year: int, month: int, day: int | None) -> date | None:
    """Return the day, or the last day of the month when none is named; None when it does not exist."""
    if not (1 <= month <= 12 and 1 <= year <= 9999):
        return None
    last = calendar.monthrange(year, month)[1]
    return date(year, month, day or last) if day is None or 1 <= day <= last else None


def read_date(raw: RawValue) -> Reading:
    """Read a day; a month without a day is its last day, since forms ask by when a thing was done.

    >>> read_date("2024年12月").value, read_date(45657).value, read_date("2024/2/30").problem
    (datetime.date(2024, 12, 31), datetime.date(2024, 12, 31), '日期不存在')
    """
    if blank := blank_of(raw):
        return Reading(None, blank)
    if isinstance(raw, date):
        return Reading(raw.date() if isinstance(raw, datetime) else raw)
    if isinstance(raw, str):
        return _date_text(raw) if len(raw) <= LONGEST else unreadable("不是日期")
    number = cell_number(raw)
    return unreadable("不是日期") if isinstance(number, str) else _date_number(number, plain(number))


def _date_text(raw: str) -> Reading:
    folded = close_up(_TIME_OF_DAY.sub("", fold(raw).strip(EDGES)))
    text = arabic_dates(folded)
    match = _DATE.fullmatch(text)
    if match is None:
        digits = text.isascii() and text.isdigit()
        return _date_number(Decimal(text), text) if digits else unreadable("不是日期")
    year = int(match["year"]) + (2000 if len(match["year"]) == 2 else 0)
    found = day_of(year, int(match["month"]), int(match["day"]) if match["day"] else None)
    if found is None:
        return unreadable("日期不存在")
    exact = match["day"] and len(match["year"]) == 4 and text == folded
    return Reading(found, repairs=() if exact else (f"“{raw.strip()}”按 {found} 读取",))


def _date_number(number: Decimal, text: str) -> Reading:
    """Read 20241231, or a day as Excel counts them."""
    found = None
    if match := _COMPACT_DATE.fullmatch(text):
        found = day_of(int(match["year"]), int(match["month"]), int(match["day"]))
    elif _FIRST_SERIAL <= number < _LAST_SERIAL + 1:
        found = date(1899, 12, 30) + timedelta(days=int(number))
    return Reading(found, repairs=(f"“{text}”按 {found} 读取",)) if found else unreadable("不是日期")


def read_year(raw: RawValue) -> Reading:
    """Read a year between 1990 and 2099 as a whole Decimal; of a date, its year.

    >>> read_year("二〇二四年度").value, read_year(2024.0).value, read_year("2023-2024年").problem
    (Decimal('2024'), Decimal('2024'), '不是年份')
    """
    if blank := blank_of(raw):
        return Reading(None, blank)
    text = plain_text(raw) if not isinstance(raw, str) else raw
    if len(text) > LONGEST:
        return unreadable("不是年份")
    folded = close_up(fold(text).strip(EDGES))
    arabic = arabic_dates(folded + "年").removesuffix("年")  # 二〇二四 alone is a year as well
    match = _YEAR.fullmatch(arabic)
    repairs: tuple[str, ...] = ()
    if match:
        year = int(match["year"]) + (2000 if len(match["year"]) == 2 else 0)
        if arabic != folded or len(match["year"]) == 2:
            repairs = (f"“{text.strip()}”按 {year} 读取",)
    else:
        day = read_date(raw).value if isinstance(raw, str | date) else None
        year = day.year if isinstance(day, date) else 0
        repairs = (f"“{text.strip()}”按 {year} 读取",)
    return Reading(Decimal(year), repairs=repairs) if year in _YEARS else unreadable("不是年份")
