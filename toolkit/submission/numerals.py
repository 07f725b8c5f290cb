"""Characters and numerals: how a cell that should hold a number is spelt, and why one holds no value."""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from toolkit.issues.values import value_class
from toolkit.submission.grid import RawValue
from toolkit.submission.model import Blank, Value


@value_class(frozen=True, slots=True)
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
LINE_END = re.compile(r"_x000[DdAaBb]_\n?|\r\n?|[\n\x0b\x0c\x85\u2028\u2029]")
INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u2060\ufeff"
    r"\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)
_HAN = "\u4e00-\u9fff\u3001-\u303f\uff01-\uff5e"
BREAK_IN_HAN = re.compile(rf"(?<=[{_HAN}])[ \t]*\n\s*(?=[{_HAN}])")


_LOOSE_SPACE = re.compile(r"(?<![0-9]) | (?![0-9])")


@lru_cache(1024)  # units, levels and short answers are the same in every row of every workbook
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
    spaced = " ".join(text.split())
    return _LOOSE_SPACE.sub("", spaced) if " " in spaced else spaced


# --- blanks -------------------------------------------------------------------------------------------

LONGEST_BLANK = 64  # characters of a cell that may still say that there is nothing to say
_SIGNS = re.compile(r"[-*/\\@]{1,12}|N/?A", re.IGNORECASE)
_WORDS = frozenset({"无", "不适用", "不涉及", "未涉及", "暂无", "没有"})
_SURELY_SOMETHING = re.compile(r"[\u4e00-\u9fff]{4}")  # longer than any of the words above
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
    return None if len(raw) > LONGEST_BLANK or _SURELY_SOMETHING.search(raw) else _blank_text(raw, words)


@lru_cache(4096)  # units of one district fill the same form with much the same words
def _blank_text(raw: str, words: bool) -> Blank | None:
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
SCALES = {"": 1, "百": 10**2, "千": 10**3, "万": 10**4, "亿": 10**8}
SCALES |= {"十万": 10**5, "百万": 10**6, "千万": 10**7, "w": 10**4, "W": 10**4}
LONGEST = 120  # characters of a cell that may still be one number
_LONGEST_NUMERAL = 40
WHOLE = 10**15  # below it a whole number has no more digits than Excel keeps
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


@value_class(frozen=True, slots=True)
class Figure:
    """One number written out: `scale` is 万, 亿 … and `unit` what followed it."""

    number: Decimal
    scale: str
    unit: str
    repairs: tuple[str, ...]


MONEY_SUFFIX = r"(?P<scale>(?:千万|百万|十万|[百千万亿wW])?)(?P<unit>元|圆|块)?[整正]?"
PERCENT_SUFFIX = r"(?P<scale>)(?P<unit>[%‰])?"
COUNTERS = "人次|[人名位个项家户次场件宗条处套台辆间栋亩米吨天日年分元]|场次|平方米|公里|小时|个月"
EDGES = " '\"‘’“”`。;,"
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


def find_figure(raw: str, suffix: str) -> Figure | str:
    """Return the one number a text writes, with its suffix; a sentence when it is not one number.

    `suffix` is a pattern with the groups `scale` and `unit`.
    """
    if len(raw) > LONGEST:
        return "文字过长，不是数字"
    text = close_up(fold(raw)).strip(EDGES)
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
    return Figure(number, scale, unit, tuple(repairs))


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
        if raw.is_integer() and abs(raw) < WHOLE:
            return Decimal(int(raw))
        return trimmed(Decimal(f"{raw:.15g}"))
    return "是日期，不是数字" if isinstance(raw, date) else "是时间，不是数字"
