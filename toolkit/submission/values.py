"""Raw cells to typed readings: one pure function per type of field, no workbook in sight.

The written rules, beside those in the docstrings:

* Zero is a number. A dash, slash or star, 无 or 不适用 is "not applicable", never 0. In text fields 无 and
  不适用 are answers and only the signs are "not applicable".
* A number is read whole or not at all: `12abc` and `12,34` are unreadable. Whatever was mended to read it
  (width, separators, Chinese numerals, 约…) is told in `repairs`.
* Number cells are rounded to the 15 significant digits Excel keeps, which removes binary noise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from toolkit.form.labels import normalise
from toolkit.form.model import MoneyUnit
from toolkit.form.operators import operator_sign
from toolkit.submission.grid import RawValue
from toolkit.submission.numerals import (
    BREAK_IN_HAN,
    COUNTERS,
    HAN_NUMERAL,
    INVISIBLE,
    LINE_END,
    LONGEST,
    MONEY_SUFFIX,
    PERCENT_SUFFIX,
    SCALES,
    Figure,
    Reading,
    blank_of,
    cell_number,
    close_up,
    decimals_of,
    find_figure,
    fold,
    plain,
    spoken,
    trimmed,
    unreadable,
)

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
    words = re.escape(close_up(fold(unit))) if unit else COUNTERS
    figure = find_figure(raw, rf"(?P<scale>)\(?(?P<unit>{words})?\)?")
    if isinstance(figure, str):
        return unreadable(figure)
    dropped = (f"单位“{figure.unit}”已略去",) if figure.unit else ()
    number = figure.number * SCALES[figure.scale]
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
    figure = find_figure(raw, MONEY_SUFFIX)
    if isinstance(figure, str):
        return unreadable(figure)
    in_words = not figure.scale and re.search("[万亿萬億]", raw)  # 一千五百万 is yuan, whatever the heading
    if figure.scale or figure.unit or in_words:
        printed, yuan = f"{figure.scale.replace('w', '万').replace('W', '万')}元", SCALES[figure.scale]
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


def _percent_text(raw: str) -> Figure | str:
    written = close_up(fold(raw[: LONGEST + 1]))
    text = percent_words(written)
    if text == written:
        return find_figure(raw, PERCENT_SUFFIX)
    figure = find_figure(text, PERCENT_SUFFIX)
    if isinstance(figure, str):
        return figure
    return replace(figure, repairs=(*figure.repairs, f"“{raw.strip()}”按 {text} 读取"))


# --- text and choices ---------------------------------------------------------------------------------


def plain_text(raw: RawValue, percent_format: bool = False) -> str:
    """Return a cell as text the way the sheet shows it: 5 and not 5.0, 90% when so formatted.

    >>> plain_text(5.0), plain_text(0.9, True), plain_text(True)
    ('5', '90%', 'TRUE')
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


def _is_clean(text: str) -> bool:
    """Return whether a text is one line of visible characters, as most are, with nothing to mend."""
    return text.isprintable() and "_x00" not in text


def _visible(text: str) -> tuple[str, tuple[str, ...]]:
    clean = INVISIBLE.sub("", text)
    return clean, () if clean.strip("\ufeff") == text.strip("\ufeff") else ("不可见字符已去除",)


def read_text(raw: RawValue, percent_format: bool = False) -> Reading:
    """Read one line: a line break between Chinese characters only wraps them and goes without a trace.

    >>> read_text("广州市\\n花都区 ").value, read_text(2024.0).value, read_text("无").value
    ('广州市花都区', '2024', '无')
    """
    if blank := blank_of(raw, words=False):
        return Reading(None, blank)
    written = plain_text(raw, percent_format)
    if _is_clean(written):
        return Reading(written.strip())
    text, repairs = _visible(LINE_END.sub("\n", written))
    return Reading(BREAK_IN_HAN.sub("", text.strip()).replace("\n", " ").replace("\t", " "), repairs=repairs)


def read_prose(raw: RawValue, percent_format: bool = False) -> Reading:
    """Read paragraphs: one newline between lines, nothing else of the clerk's layout changed.

    >>> read_prose("1.第一段 \\r\\n_x000D_2.第二段\\n").value
    '1.第一段\\n\\n2.第二段'
    """
    if blank := blank_of(raw, words=False):
        return Reading(None, blank)
    written = plain_text(raw, percent_format)
    if _is_clean(written):
        return Reading(written.rstrip())
    text, repairs = _visible(LINE_END.sub("\n", written))
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
    key = normalise(text[:LONGEST]).strip("。.;,、")
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


def read_operator(raw: RawValue, choices: tuple[str, ...], aliases: Mapping[str, str]) -> Reading:
    """Read a 计算符号 or 指标性质 as one of `choices`, else as its sign; `aliases` are codes and other words.

    >>> read_operator("大于等于", ("≥", "≤"), {}).value, read_operator(4.0, ("≥", "≤"), {"4": "≤"}).value
    ('≥', '≤')
    """
    if isinstance(raw, str) and (blank := blank_of(raw)):
        return Reading(None, blank)
    known = {normalise(spelling): choice for spelling, choice in aliases.items()}
    text = plain_text(raw)
    word = normalise(text[:LONGEST])
    if word in known:
        return Reading(known[word])
    sign = operator_sign(word)
    if not sign:
        return replace(read_text(raw), problem="不在可选范围")
    return Reading(next((choice for choice in choices if operator_sign(choice) == sign), sign))


_CODE = re.compile(r"(?!(?:19|20)[0-9]{2}[-—－])(?=[0-9A-Za-z]*[0-9])[0-9A-Za-z]{3,}\s*[-—－_]+\s*(?=\S)")


def without_code(text: str) -> str:
    """Return a name without the code before it; a year is no code.

    >>> without_code("51000021R000000012345-办公经费"), without_code("2023-2024年度绿化")
    ('办公经费', '2023-2024年度绿化')
    """
    match = _CODE.match(text)
    return text[match.end() :] if match else text


def _ticked(text: str) -> list[str]:
    """Return the words with a tick; the first character tells whether marks stand before or after."""
    word = rf"[^{_TICKS}{_BOXES}]+"
    before = text[:1] in _TICKS + _BOXES
    return re.findall(rf"[{_TICKS}]({word})" if before else rf"({word})[{_TICKS}]", text)
