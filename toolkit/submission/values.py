"""Raw cells to typed readings: one pure function per type of field, no workbook in sight.

The written rules, beside those in the docstrings:

* Zero is a number. A dash, slash or star, 无 or 不适用 is "not applicable", never 0. In text fields 无 and
  不适用 are answers and only the signs are "not applicable".
* A number is read whole or not at all: `12abc` and `12,34` are unreadable. Whatever was mended to read it
  (width, separators, Chinese numerals, 约…) is told in `repairs`.
* Number cells are rounded to the 15 significant digits Excel keeps, which removes binary noise.
"""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

from toolkit.form.labels import normalise
from toolkit.form.model import Field, FieldType, MoneyUnit
from toolkit.submission.model import Blank, Value

RawValue: TypeAlias = str | int | float | bool | date | datetime | time | timedelta


@dataclass(frozen=True, slots=True)
class Reading:
    """What one cell says.

    `blank` is set exactly when `value` is None; `problem` then says why a text was unreadable.
    A choice outside the list keeps its text as value and has a `problem`. `decimals` counts the decimals
    printed, in the unit printed: percentage points for percentages, `printed_unit` for money.
    """

    value: Value
    blank: Blank | None = None
    repairs: tuple[str, ...] = ()
    problem: str = ""
    decimals: int = 0
    printed_unit: str = ""


# --- characters ---------------------------------------------------------------------------------------

_ZERO_WIDTH = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_MINUS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63"
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # the full-width copy of ASCII
_FOLD |= dict.fromkeys(map(ord, _MINUS), ord("-"))
_FOLD |= {ord(a): ord(b) for a, b in zip("﹪≧⩾≦⩽﹥﹤〜∼￥", "%≥≥≤≤><~~¥", strict=True)}
_FOLD_TABLE: dict[int, int | None] = {**_FOLD, **dict.fromkeys(map(ord, _ZERO_WIDTH))}
_WIDE_NUMBER = re.compile(rf"[０-９．，－＋{_MINUS}]")
_FILLERS = re.compile(rf"[\s\x00-\x1f\x7f-\x9f\u2800\u3164{_ZERO_WIDTH}]+")
_LINE_END = re.compile(r"_x000[DdAaBb]_\n?|\r\n?|[\n\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u2060\ufeff"
    r"\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)
_HAN = "\u4e00-\u9fff\u3001-\u303f\uff01-\uff5e"
_BREAK_IN_HAN = re.compile(rf"(?<=[{_HAN}])[ \t]*\n\s*(?=[{_HAN}])")


def fold(text: str) -> str:
    """Return the text with full-width ASCII, minus signs and comparison signs in one spelling.

    Unlike NFKC it leaves ① and ² alone, so that 10² does not become 102.
    """
    return text.translate(_FOLD_TABLE)


def close_up(text: str) -> str:
    """Return the text without white space, except one space where two digits would touch.

    >>> close_up("1000 平 方米"), close_up("105. 26 %"), close_up("5  10")
    ('1000平方米', '105.26%', '5 10')
    """
    return re.sub(r"(?<![0-9]) | (?![0-9])", "", " ".join(text.split()))


# --- blanks -------------------------------------------------------------------------------------------

_SIGNS = re.compile(r"[-*/\\@]{1,12}|N/?A", re.IGNORECASE)
_WORDS = frozenset({"无", "不适用", "不涉及", "未涉及", "暂无", "没有"})
_ERROR = re.compile(
    r"#(?:REF|DIV/0|VALUE|NUM|NULL|SPILL|CALC|FIELD|BLOCKED|CONNECT|BUSY|UNKNOWN|PYTHON|EXTERNAL|TIMEOUT|ERROR)!"
    r"|#N/A|#NAME\?|#GETTING_DATA|#{2,}|ERR:[0-9]{3}",  # the last two: a column too narrow, LibreOffice
    re.IGNORECASE,
)


def blank_of(raw: RawValue, *, words: bool = True) -> Blank | None:
    """Return why the cell holds no value, or None when it does; `words` counts 无 and 不适用 as blank.

    >>> blank_of("\u3000"), blank_of("——"), blank_of("#REF!"), blank_of("0"), blank_of("无", words=False)
    (<Blank.EMPTY: 'empty'>, <Blank.NOT_APPLICABLE: 'not_applicable'>, <Blank.ERROR: 'error'>, None, None)
    """
    if not isinstance(raw, str):
        return None
    if not raw or _FILLERS.fullmatch(raw):
        return Blank.EMPTY
    if len(raw) > 64:
        return None
    text = _FILLERS.sub("", fold(raw))
    if _ERROR.fullmatch(text):
        return Blank.ERROR
    inner = text.strip("()[]【】。")
    if _SIGNS.fullmatch(inner) or (words and inner in _WORDS):
        return Blank.NOT_APPLICABLE
    return None


def unreadable(problem: str) -> Reading:
    """Return the reading of a cell that holds something else than its field asks."""
    return Reading(None, Blank.UNREADABLE, problem=problem)


# --- numerals -----------------------------------------------------------------------------------------

_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "两": 2}
_FORMAL = str.maketrans("壹贰貳叁參肆伍陆陸柒捌玖拾佰仟萬億兩", "一二二三三四五六六七八九十百千万亿两")
_UNITS = (("亿", 8, 8), ("万", 4, 4), ("千", 3, 1), ("百", 2, 1), ("十", 1, 1))  # word, power, digits before
HAN_NUMERAL = "〇零○一二两三四五六七八九十百千万亿壹贰貳叁參肆伍陆陸柒捌玖拾佰仟萬億兩"
_PLAIN = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]{1,3}(?: [0-9]{3})+(?:\.[0-9]+)?")
_EXPONENT = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE][-+]?(?:0?[0-9]|1[0-9])")
_SCALES = {"": 1, "百": 10**2, "千": 10**3, "万": 10**4, "亿": 10**8}
_SCALES |= {"十万": 10**5, "百万": 10**6, "千万": 10**7, "w": 10**4, "W": 10**4}
_LONGEST = 120  # characters of a cell that may still be one number
_LONGEST_NUMERAL = 40
_MOST_DIGITS = 20  # so that a figure times 亿 stays within the 28 digits of Decimal arithmetic


def spoken(text: str) -> Decimal | None:
    """Return a numeral in Chinese or mixed writing as a number, or None.

    >>> spoken("十五万"), spoken("两百零三"), spoken("1千5"), spoken("壹万贰仟"), spoken("二〇二四")
    (Decimal('150000'), Decimal('203'), Decimal('1500'), Decimal('12000'), Decimal('2024'))
    """
    if len(text) > _LONGEST_NUMERAL:
        return None
    whole, point, fraction = text.translate(_FORMAL).partition("点")
    number = _spoken_whole(whole)
    if number is None or not point:
        return number
    if not fraction or any(digit not in _DIGITS for digit in fraction):
        return None
    return number + Decimal("0." + "".join(str(_DIGITS[digit]) for digit in fraction))


def _spoken_whole(text: str) -> Decimal | None:
    for word, power, digits in _UNITS:
        head, found, tail = text.rpartition(word)
        if not found:
            continue
        times = Decimal(1) if word == "十" and not head else _spoken_whole(head)
        limit = 10 if _PLAIN.fullmatch(head) else digits  # 2000万 is usual, 二千百 is nothing
        rest = _spoken_rest(tail, power)
        if times is None or rest is None or times >= 10**limit or rest >= 10**power:
            return None
        return trimmed(times * 10**power + rest)
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if text and all(digit in _DIGITS or digit == "0" for digit in text):
        return Decimal("".join(str(_DIGITS.get(digit, 0)) for digit in text))
    return None


def _spoken_rest(tail: str, power: int) -> Decimal | None:
    """Return what follows 万 or 百; a lone digit there is of the next lower unit: 一百五 is 150."""
    if not tail:
        return Decimal(0)
    if len(tail) == 1 and tail not in "零〇○":
        digit = _spoken_whole(tail)
        return None if digit is None else digit * 10 ** (power - 1)
    return _spoken_whole(tail.lstrip("零〇○"))


def _amount(body: str) -> Decimal | str:
    """Return the number a bare numeral means, or the problem."""
    if sum(char.isdigit() for char in body) > _MOST_DIGITS:
        return "数字过长"
    if _PLAIN.fullmatch(body) or _EXPONENT.fullmatch(body):
        return Decimal(body) if _PLAIN.fullmatch(body) else trimmed(Decimal(body))
    if _GROUPED.fullmatch(body):
        return Decimal(body.replace(",", "").replace(" ", ""))
    said = spoken(body)
    if said is not None:
        return said
    if set(body) <= set("0123456789.,"):
        return "千位分隔符或小数点的位置不对"
    return "数字中间有空格" if " " in body else "不是数字"


@dataclass(frozen=True, slots=True)
class _Figure:
    """One number written out: `scale` is 万, 亿 … and `unit` what followed it."""

    number: Decimal
    scale: str
    unit: str
    repairs: tuple[str, ...]


_MONEY_SUFFIX = r"(?P<scale>(?:千万|百万|十万|[百千万亿wW])?)(?P<unit>元|圆|块)?[整正]?"
_PERCENT_SUFFIX = r"(?P<scale>)(?P<unit>[%‰])?"
_COUNTERS = "人次|[人名位个项家户次场件宗条处套台辆间栋亩米吨天日年分元]|场次|平方米|公里|小时|个月"
_EDGES = " '\"‘’“”`。;,"
_SPAN = re.compile(
    r"^(?:[≥≤<>=±]|不[低少高多超小大足到]|至少|最多)|[0-9%成]\)?(?:[-~至到±]\(?[0-9]|(?:及|\(含\))?以[上下内])"
)


@lru_cache(maxsize=256)
def _shape(suffix: str) -> re.Pattern[str]:
    return re.compile(
        r"(?P<about>大约|约|将近|接近|近|逾|超过?)?(?P<open>\()?(?P<sign>[-+△▲负])?"
        r"(?:人民币|RMB|CNY)?¥?(?P<minus>-)?"
        rf"(?P<body>[0-9.,eE+\- 点{HAN_NUMERAL}]+?)(?:(?P<more>[余多来])(?P<thousands>[万亿])?)?"
        rf"(?P<close>\))?{suffix}(?P<thereabouts>左右|上下)?"
    )


def _figure(raw: str, suffix: str) -> _Figure | str:
    """Return the one number a text writes, with its suffix; a sentence when it is not one number.

    `suffix` is a pattern with the groups `scale` and `unit`.
    """
    if len(raw) > _LONGEST:
        return "文字过长，不是数字"
    text = close_up(fold(raw)).strip(_EDGES)
    if _SPAN.search(text):
        return "写的是范围，不是一个数"
    match = _shape(suffix).fullmatch(text)
    if match is None or bool(match["open"]) != bool(match["close"]) or (match["sign"] and match["minus"]):
        return "不是数字"
    body, scale, end = match["body"], match["scale"] or match["thousands"] or "", match.start("scale")
    if not (_PLAIN.fullmatch(body) or _GROUPED.fullmatch(body)):
        body += scale  # 一万五千 is one numeral, not 一万五 times 千
        scale, end = "", match.end("scale")
    number = _amount(body)
    if isinstance(number, str):
        return number
    if number and (match["open"] or match["minus"] or match["sign"] not in (None, "+")):
        number = -number
    repairs = []
    if _WIDE_NUMBER.search(raw):
        repairs.append("全角字符已转为半角")
    if re.search(r"[0-9.,]\s+[0-9.,]", fold(raw)):
        repairs.append("数字中的空格已去除")
    unit = match["unit"] or ""
    if match["about"] or match["more"] or match["thereabouts"]:
        repairs.append(f"“{text}”是约数，按 {plain(number)}{scale}{unit} 读取")
    elif text[:end].replace(" ", "") != plain(number):
        repairs.append(f"“{text[:end]}”按 {plain(number)} 读取")
    return _Figure(number, scale, unit, tuple(repairs))


def trimmed(number: Decimal) -> Decimal:
    """Return the same number without trailing zeros and without a positive exponent."""
    return Decimal(int(number)) if number == number.to_integral() else number.normalize()


def plain(number: Decimal) -> str:
    """Return a number without exponent, as staff would write it."""
    return format(number, "f")


def decimals_of(number: Decimal) -> int:
    """Return how many decimals a number is written with."""
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def cell_number(raw: RawValue) -> Decimal | str:
    """Return the number of a cell that is not text, or the problem when it is none.

    >>> cell_number(0.1 + 0.2), cell_number(3502.8900000000003), cell_number(True)
    (Decimal('0.3'), Decimal('3502.89'), '是逻辑值，不是数字')
    """
    if isinstance(raw, bool):
        return "是逻辑值，不是数字"
    if isinstance(raw, int):
        return Decimal(raw)
    if isinstance(raw, float):
        if not math.isfinite(raw):
            return "不是有限的数字"
        return trimmed(Decimal(f"{raw:.15g}"))
    return "是日期，不是数字" if isinstance(raw, date) else "是时间，不是数字"


# --- numbers, money, percentages ----------------------------------------------------------------------


def read_number(raw: RawValue, unit: str = "") -> Reading:
    """Read a number; text may carry the field's `unit`, or a common counter when the field has none.

    >>> read_number("１,２３４").value, read_number("12abc").problem, read_number("（5.00）").value
    (Decimal('1234'), '不是数字', Decimal('-5.00'))
    """
    if blank := blank_of(raw):
        return Reading(None, blank)
    if not isinstance(raw, str):
        cell = cell_number(raw)
        return unreadable(cell) if isinstance(cell, str) else Reading(cell, decimals=decimals_of(cell))
    words = re.escape(close_up(fold(unit))) if unit else _COUNTERS
    figure = _figure(raw, rf"(?P<scale>)\(?(?P<unit>{words})?\)?")
    if isinstance(figure, str):
        return unreadable(figure)
    dropped = (f"单位“{figure.unit}”已略去",) if figure.unit else ()
    number = figure.number * _SCALES[figure.scale]
    return Reading(number, repairs=figure.repairs + dropped, decimals=decimals_of(number))


def read_integer(raw: RawValue, unit: str = "") -> Reading:
    """Read a whole number; 12.0 is one, 12.5 is unreadable."""
    reading = read_number(raw, unit)
    if not isinstance(reading.value, Decimal):
        return reading
    if reading.value != int(reading.value):
        return unreadable("不是整数")
    return replace(reading, value=Decimal(int(reading.value)), decimals=0)


def read_money(raw: RawValue, unit: MoneyUnit) -> Reading:
    """Read money as exact yuan; a unit written in the cell wins over `unit`, that of the heading.

    >>> reading = read_money("7704.69元", MoneyUnit.WAN)
    >>> reading.value, reading.printed_unit, reading.repairs
    (Decimal('7704.69'), '元', ('“7704.69元”按元读取，表头单位为万元',))
    >>> read_money(7704.69, MoneyUnit.WAN).value
    Decimal('77046900')
    """
    if blank := blank_of(raw):
        return Reading(None, blank)
    if not isinstance(raw, str):
        number = cell_number(raw)
        if isinstance(number, str):
            return unreadable(number)
        return Reading(trimmed(number * unit.yuan), decimals=decimals_of(number), printed_unit=unit.value)
    figure = _figure(raw, _MONEY_SUFFIX)
    if isinstance(figure, str):
        return unreadable(figure)
    in_words = not figure.scale and re.search("[万亿萬億]", raw)  # 一千五百万 is yuan, whatever the heading
    if figure.scale or figure.unit or in_words:
        printed, yuan = f"{figure.scale.replace('w', '万').replace('W', '万')}元", _SCALES[figure.scale]
    else:
        printed, yuan = unit.value, unit.yuan
    repairs = figure.repairs
    if printed != unit.value:
        repairs += (f"“{raw.strip()}”按{printed}读取，表头单位为{unit.value}",)
    elif figure.scale or figure.unit:
        repairs += (f"单位“{figure.scale}{figure.unit}”已略去",)
    decimals = decimals_of(figure.number)
    return Reading(trimmed(figure.number * yuan), repairs=repairs, decimals=decimals, printed_unit=printed)


_PERCENT_WORDS = re.compile(
    rf"(?P<base>[百千])分之(?P<part>[点0-9.{HAN_NUMERAL}]+)"
    rf"|(?<![0-9.{HAN_NUMERAL}])(?P<tenths>[一二两三四五六七八九十]|[0-9](?:\.[0-9])?|10)成"
    r"(?P<more>[一二三四五六七八九半1-9])?(?![员立为就功果分本品长人绩效交都0-9])"
)


def percent_words(text: str) -> str:
    """Return the text with 百分之…, 千分之… and 成 written as figures.

    >>> percent_words("百分之九十五以上"), percent_words("九成五"), percent_words("完成三成员单位")
    ('95%以上', '95%', '完成三成员单位')
    """
    return _PERCENT_WORDS.sub(_percent_figure, text) if "成" in text or "分之" in text else text


def _percent_figure(match: re.Match[str]) -> str:
    if match["base"]:
        number = spoken(match["part"])
        return match[0] if number is None else plain(number) + ("%" if match["base"] == "百" else "‰")
    tenths, more = spoken(match["tenths"]), match["more"] or ""
    points = Decimal(5) if more == "半" else spoken(more) if more else Decimal(0)
    if tenths is None or points is None:
        return match[0]
    number = tenths * 10 + points
    return f"{plain(trimmed(number))}%"


def read_percent(raw: RawValue, percent_format: bool) -> Reading:
    """Read a percentage as a ratio.

    A percent sign, 成 or 百分之 in the text, or a percent format on the cell, settles the matter. Without one
    the size decides: up to 2 is a ratio (0.9679, and 1 is 100 %, since a rate computed by a formula without
    format is far more usual than a rate of 1 %), above 2 is in percent (96.79). Every guess from 1 upwards is
    told as a repair. The bound is 2 because over-completion beyond 200 % is rarer than a rate of 3 %.

    >>> [str(read_percent(raw, False).value) for raw in (0.9679, 96.79, "九成五", 1.05)]
    ['0.9679', '0.9679', '0.95', '1.05']
    """
    if blank := blank_of(raw):
        return Reading(None, blank)
    if isinstance(raw, str):
        figure = _percent_text(raw)
        if isinstance(figure, str):
            return unreadable(figure)
        number, sign, repairs = figure.number, figure.unit, figure.repairs
    else:
        cell = cell_number(raw)
        if isinstance(cell, str):
            return unreadable(cell)
        number, sign, repairs = (trimmed(cell * 100), "%", ()) if percent_format else (cell, "", ())
    if not sign:
        sign = "" if abs(number) <= 2 else "%"
        if abs(number) >= 1:
            shown = number if sign else trimmed(number * 100)
            repairs += (f"{plain(number)} 按 {plain(shown)}% 读取",)
    shift = {"": 0, "%": 2, "‰": 3}[sign]
    return Reading(number.scaleb(-shift), repairs=repairs, decimals=max(0, decimals_of(number) + shift - 2))


def _percent_text(raw: str) -> _Figure | str:
    written = close_up(fold(raw[: _LONGEST + 1]))
    text = percent_words(written)
    if text == written:
        return _figure(raw, _PERCENT_SUFFIX)
    figure = _figure(text, _PERCENT_SUFFIX)
    if isinstance(figure, str):
        return figure
    return replace(figure, repairs=(*figure.repairs, f"“{raw.strip()}”按 {text} 读取"))


# --- dates and years ----------------------------------------------------------------------------------

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
        return _date_text(raw) if len(raw) <= _LONGEST else unreadable("不是日期")
    number = cell_number(raw)
    return unreadable("不是日期") if isinstance(number, str) else _date_number(number, plain(number))


def _date_text(raw: str) -> Reading:
    folded = close_up(_TIME_OF_DAY.sub("", fold(raw).strip(_EDGES)))
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
    if len(text) > _LONGEST:
        return unreadable("不是年份")
    folded = close_up(fold(text).strip(_EDGES))
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


# --- text and choices ---------------------------------------------------------------------------------


def plain_text(raw: RawValue, percent_format: bool = False) -> str:
    """Return a cell as text the way the sheet shows it: 5 and not 5.0, 90% when so formatted.

    >>> plain_text(5.0), plain_text(0.9, True), plain_text(date(2024, 12, 31))
    ('5', '90%', '2024-12-31')
    """
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return str(raw).upper()
    if isinstance(raw, int | float):
        number = cell_number(raw)
        if isinstance(number, str):
            return str(raw)
        return plain(trimmed(number * 100)) + "%" if percent_format else plain(number)
    return raw.isoformat(" ", "minutes") if isinstance(raw, datetime) else str(raw)


def _visible(text: str) -> tuple[str, tuple[str, ...]]:
    clean = _INVISIBLE.sub("", text)
    return clean, () if clean.strip("\ufeff") == text.strip("\ufeff") else ("不可见字符已去除",)


def read_text(raw: RawValue, percent_format: bool = False) -> Reading:
    """Read one line: a line break between Chinese characters only wraps them and goes without a trace.

    >>> read_text("广州市\\n花都区 ").value, read_text(2024.0).value, read_text("无").value
    ('广州市花都区', '2024', '无')
    """
    if blank := blank_of(raw, words=False):
        return Reading(None, blank)
    text, repairs = _visible(_LINE_END.sub("\n", plain_text(raw, percent_format)))
    return Reading(_BREAK_IN_HAN.sub("", text.strip()).replace("\n", " ").replace("\t", " "), repairs=repairs)


def read_prose(raw: RawValue, percent_format: bool = False) -> Reading:
    """Read paragraphs: one newline between lines, nothing else of the clerk's layout changed.

    >>> read_prose("1.第一段 \\r\\n_x000D_2.第二段\\n").value
    '1.第一段\\n\\n2.第二段'
    """
    if blank := blank_of(raw, words=False):
        return Reading(None, blank)
    text, repairs = _visible(_LINE_END.sub("\n", plain_text(raw, percent_format)))
    return Reading("\n".join(line.rstrip() for line in text.split("\n")).strip("\n"), repairs=repairs)


_TICKS, _BOXES = "☑☒■√✓✔✅", "□☐○"


def read_choice(raw: RawValue, choices: tuple[str, ...], aliases: Mapping[str, str]) -> Reading:
    """Read one of `choices`, by its own spelling, an alias, or the one ticked in `☑是 □否`.

    A text that is none of them stays the value and has a problem, since only the form knows whether that is
    an error.

    >>> read_choice("优 秀", ("优秀", "良好"), {}).value, read_choice("√是 □否", ("是", "否"), {}).value
    ('优秀', '是')
    """
    known = {normalise(choice): choice for choice in choices}
    known |= {normalise(spelling): choice for spelling, choice in aliases.items()}
    text = plain_text(raw)
    key = normalise(text[:_LONGEST]).strip("。.;,、")
    if key in known:
        exact = key in map(normalise, choices)
        return Reading(known[key], repairs=() if exact else (f"“{text.strip()}”按“{known[key]}”读取",))
    if blank := blank_of(raw):
        return Reading(None, blank)
    ticked = {known[word] for word in _ticked(key) if word in known}
    if len(ticked) == 1:
        choice = ticked.pop()
        return Reading(choice, repairs=(f"“{text.strip()}”按“{choice}”读取",))
    return replace(read_text(raw), problem="不在可选范围")


def _ticked(text: str) -> list[str]:
    """Return the words with a tick; the first character tells whether marks stand before or after."""
    word = rf"[^{_TICKS}{_BOXES}]+"
    before = text[:1] in _TICKS + _BOXES
    return re.findall(rf"[{_TICKS}]({word})" if before else rf"({word})[{_TICKS}]", text)


def read_field(
    field: Field, raw: RawValue, *, unit: MoneyUnit, percent_format: bool, year: int | None = None
) -> Reading:
    """Read a cell as its field asks; `unit` is that of the heading, `year` the fiscal year if known."""
    from toolkit.submission.targets import read_actual, read_target  # it builds on this module

    match field.type:
        case FieldType.TEXT:
            reading = read_text(raw, percent_format)
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
        case FieldType.TARGET:
            reading = read_target(raw, percent_format=percent_format, unit_hint=field.unit, year=year)
        case FieldType.ACTUAL:
            reading = read_actual(raw, percent_format=percent_format, unit_hint=field.unit, year=year)
    return reading
