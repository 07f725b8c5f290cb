"""Figures with their units, found in the words around them; and two of them brought to one unit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from toolkit.issues.values import value_class
from toolkit.submission.dates import arabic_dates, day_of
from toolkit.submission.grid import RawValue
from toolkit.submission.model import Actual, Operator, Target
from toolkit.submission.numerals import (
    HAN_NUMERAL,
    Reading,
    cell_number,
    close_up,
    decimals_of,
    fold,
    plain,
    spoken,
    trimmed,
)
from toolkit.submission.values import percent_words

# --- units --------------------------------------------------------------------------------------------

_UNIT_WORDS = """
    % ‰ 个百分点 百分点 人次 人天 人月 人 名 位 户次 户 家次 家 个工作日 工作日 个自然日 自然日 天 日
    周岁 周 个月 个小时 小时 分钟 秒 个季度 年 场次 场 次 批次 批 班次 班 期 届 课时 学时 节 堂 门
    个点位 点位 个 项目 项 件次 件 宗 起 例 条 处 座 栋 幢 间 台套 台 套 辆次 辆 艘 架 部 本 册 份 篇 张
    幅 块 面 枚 只 头 羽 尾 株 棵 盆 亩 公顷 平方公里 平方千米 平方米 平米 ㎡ 立方米 ㎥ 公里 千米 ㎞
    延长米 延米 厘米 毫米 米 公斤 千克 克 毫克 微克 吨 毫升 升 元 分贝 分 星 颗 倍 千瓦时 千瓦 兆瓦 度 ℃
    字 页 剂次 剂 针次 针 支 队 对 组 村 社区 车次 趟 轮 口 眼 盏 根 片 段 樘 盒 箱 瓶 袋 包 桶 张床位
    床位 席 标段
"""
_LATIN_UNITS = r"(?i:(?:km|m|cm|mm)[2²3³]?|kg|g|t|kwh|kw|db|h|min)"
SCALES = {"千万": 10**7, "百万": 10**6, "十万": 10**5, "万": 10**4, "亿": 10**8, "千": 10**3, "百": 10**2}
_SCALE = r"(?:千万|百万|十万|万|亿|千(?![克米瓦])|百(?!分))"
_WORD = "|".join(sorted(map(re.escape, _UNIT_WORDS.split()), key=len, reverse=True))
_UNIT = (
    rf"{_SCALE}?(?:{_WORD}|(?:{_LATIN_UNITS})(?![A-Za-z]))(?:[/·](?:{_WORD}|{_LATIN_UNITS}|月|季))*|{_SCALE}"
    # an unknown word is a unit when it is short and ends the clause
    r"|(?!投诉|信访|上访|事故|伤亡|完成|达|合格|覆盖|办结|落实|到位|左右|上下"
    r"|[以之及或内前后的等和与为至到起余多])"
    r"[\u4e00-\u9fff]{1,4}(?=$|[,;。、()]|以[上下内]|及以|之[内下上])"
)
_SPELLINGS = {
    "人": "名 位",
    "日": "天",
    "工作日": "个工作日",
    "自然日": "个自然日",
    "月": "个月",
    "小时": "个小时 h",
    "季度": "个季度",
    "点位": "个点位",
    "项": "项目",
    "%": "百分点 个百分点",
    "平方米": "㎡ m2 m² 平米",
    "平方公里": "平方千米 km2 km²",
    "立方米": "㎥ m3 m³",
    "千米": "公里 km ㎞",
    "米": "m",
    "千克": "公斤 kg",
    "克": "g",
    "吨": "t",
}
_SAME_UNIT = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings.split()}


def base_unit(unit: str) -> tuple[str, Decimal]:
    """Return a unit without its scale, and how many of it one is.

    >>> base_unit("万人次"), base_unit("㎡"), base_unit("千克")
    (('人次', Decimal('10000')), ('平方米', Decimal('1')), ('千克', Decimal('1')))
    """
    text = close_up(fold(unit)).lower()
    if text == "‰":
        return "%", Decimal("0.1")
    scale = re.match(_SCALE, text)
    word = text[scale.end() :] if scale else text
    return _SAME_UNIT.get(word, word), Decimal(SCALES[scale[0]] if scale else 1)


def units_conflict(target: Target, actual: Actual) -> bool:
    """Return whether both figures have a unit and the units measure different things."""
    if target.number is None or actual.number is None:
        return False
    ours, theirs = base_unit(target.unit)[0], base_unit(actual.unit)[0]
    return bool(ours and theirs and ours != theirs)


def comparable(target: Target, actual: Actual) -> tuple[Decimal, Decimal] | None:
    """Return the figures of target and actual in the target's unit, or None when they cannot be compared.

    A missing unit is taken to be the other side's, except that a bare 0.95 against 90 % is 95 %. The bound of
    an inequality is no measurement.

    >>> comparable(Target("", Operator.GE, Decimal("1.5"), unit="万人次"), Actual("", Decimal(16000), "人次"))
    (Decimal('1.5'), Decimal('1.6'))
    """
    if target.number is None or actual.number is None or actual.operator or units_conflict(target, actual):
        return None
    goal, found = target.number, actual.number
    if target.unit and actual.unit:
        return goal, found * base_unit(actual.unit)[1] / base_unit(target.unit)[1]
    upwards = target.operator not in (Operator.LE, Operator.LT)
    if target.unit == "%" and upwards and goal > 2 and 0 < found <= 1:
        found *= 100
    return goal, found


# --- what is not a figure -----------------------------------------------------------------------------

_ALIKE = {">=": "≥", "=>": "≥", "=≥": "≥", "≥=": "≥", "<=": "≤", "=<": "≤", "=≤": "≤", "≤=": "≤", "==": "="}
_SIGNS = re.compile("|".join(map(re.escape, _ALIKE)))
_WRAPPED = re.compile(r"\(([≥≤<>=%‰次])\)")  # 人（次）, 95（%）, 不低于（≥）90%
_INCLUSIVE = re.compile(r"\((?:含|含本数|含[0-9.]+%?)\)")
_EXCLUSIVE = re.compile(r"(?<=以[上下内])\(不含[^()]*\)")
_VAGUE = re.compile(r"(?<=[0-9])([万亿千百十]?)[余多来](?=[万亿]?[\u4e00-\u9fff])")
LONGEST = 2000  # characters; beyond it a cell is an essay
_REMEMBERED = 2048  # texts: units of one district fill the same form with much the same words
DATE = re.compile(
    r"(?P<numeric>(?:19|20)[0-9]{2}([-./])[0-9]{1,2}\2[0-9]{1,2})(?![0-9%])"
    r"|(?:(?P<year>(?:19|20)[0-9]{2})[年./-]|(?<![0-9])(?<![0-9][-~至到]))(?P<month>1[0-2]|0?[1-9])月"
    r"(?:(?P<day>[0-9]{1,2})[日号]?|(?P<part>[底末份内初]|[上中下]旬)?)"
    r"|(?P<of_year>(?:19|20)[0-9]{2})年度?年?[底末内]|(?<![0-9个])本?年度?[底末内]"
)
_NO_FIGURE = re.compile(
    r"[12][0-9]{3}(?:[-~至、][12][0-9]{3})?年度?|[0-9]{1,2}月(?:[0-9]{1,2}[日号])?|[0-9]{1,2}[日号](?=[之以]?前)"
    r"|\A(?:19|20)[0-9]{2}(?:\.(?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])[0-3][0-9])\Z|第[0-9]+|[1-4]季度"
    r"|[0-9]+(?:周岁|岁)|[〔\[][0-9]{4}[〕\]][0-9]+号|[0-9]+号|[0-9]{1,2}[.、)](?=[\u4e00-\u9fff])"
    r"|12345(?=热线|平台|工单|政务)"
)
RECURRENT = re.compile(r"每[年月季周日天]|次[月年]|当月|按月|逐月|各月")


@lru_cache(_REMEMBERED)
def prepared(text: str) -> str:
    """Return the text in one spelling: width, signs, brackets round 含, percentages and dates in figures."""
    line = _SIGNS.sub(lambda match: _ALIKE[match[0]], close_up(fold(text)))
    line = _EXCLUSIVE.sub("不含", _INCLUSIVE.sub("", _WRAPPED.sub(r"\1", line)))
    return _spoken_figure(_VAGUE.sub(r"\1", arabic_dates(percent_words(line))))


_SPOKEN = re.compile(
    rf"(?P<head>[^0-9{HAN_NUMERAL}]*)(?P<number>[{HAN_NUMERAL}]+)(?P<tail>(?:{_WORD})(?:及?以[上下]|以?之?内)?)"
)


def _spoken_figure(line: str) -> str:
    """Write out a Chinese numeral where it is the one figure of a short text: 不少于八场, not 三公经费."""
    match = _SPOKEN.fullmatch(line) if len(line) <= 24 else None
    if match is None or (match["head"] and not _BEFORE_NUMBER.search(match["head"])):
        return line
    number = spoken(match["number"])
    return line if number is None else match["head"] + plain(number) + match["tail"]


@lru_cache(_REMEMBERED)
def find_dates(line: str, year: int | None) -> tuple[date | None, ...]:
    """Return the days a text names, the last of a month without day; None for a day nobody can know."""
    return tuple(_day(match, year, line[match.end() :][:1]) for match in DATE.finditer(line))


def _day(match: re.Match[str], year: int | None, follows: str) -> date | None:
    if match["numeric"]:
        return day_of(*map(int, re.split(r"[-./]", match["numeric"])))
    of_year = int(match["year"] or match["of_year"] or year or 0)
    if not match["month"]:
        return day_of(of_year, 12, 31)
    if match["day"]:
        return day_of(of_year, int(match["month"]), int(match["day"]))
    unclear = match["part"] in ("初", "上旬", "中旬", "下旬") or (not match["part"] and follows == "前")
    return None if unclear else day_of(of_year, int(match["month"]), None)


# --- figures ------------------------------------------------------------------------------------------

_OPERATORS = {
    Operator.GE: r"≥|不(?:得|应|能|可)?[低少小下]于|(?:大于|高于)或?等于|至少|最少|最低|达到?",
    Operator.LE: r"≤|(?:不|未|没有)(?:得|应|能|可)?(?:超过?|[高多大晚迟]于)|(?:小于|低于)或?等于"
    r"|至多|最多|最高|控制[在到]",
    Operator.GT: r">|[大高多]于|超过?|逾|突破",
    Operator.LT: r"<|[小低少]于|不足|不到|不满|未满",
    Operator.EQ: r"=|等于",
}
_BEFORE_NUMBER = re.compile(rf"(?:每[^\W\d]{{1,2}}|年|{'|'.join(_OPERATORS.values())})$")
_NUMBER = (
    r"(?<![0-9A-Za-z.+])(?<![0-9][,/: ])(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,18})"
    r"(?:\.[0-9]{1,9})?(?![0-9]|[.,/: ][0-9]|[Ee][0-9+])"  # PM2.5, T+1, 1/2, 8:30 and 12,34 are none
)
_FIGURE = re.compile(
    r"(?P<per>(?:每(?:年|季度|季|[两三四六]?个?月|周|日|天|人|户|次|村|社区|个|亩|平方米|学期)){1,3})?"
    rf"(?:(?P<GE>{_OPERATORS[Operator.GE]})|(?P<LE>{_OPERATORS[Operator.LE]})|(?P<GT>{_OPERATORS[Operator.GT]})"
    rf"|(?P<LT>{_OPERATORS[Operator.LT]})|(?P<EQ>{_OPERATORS[Operator.EQ]}))?:?(?P<about>大约|约|将近|近)?"
    rf"(?P<around>±)?(?P<minus>(?:(?<=[≥≤<>=:±])|\A)-)?(?P<number>{_NUMBER})(?P<unit>{_UNIT})?"
    rf"(?:(?P<dash>[-~±至到]|--)(?P<upper>{_NUMBER})(?P<upper_unit>{_UNIT})?)?"
    r"(?:(?P<above>[及或]?以上|之上)|(?P<below>[及或]?以[下内]|之[内下]|(?<=[天日时钟秒周月年])内)"
    r"|(?P<thereabouts>左右|上下))?(?P<open>不含)?"
)
BRACKETS = re.compile(r"\([^()]*\)")
PUNCTUATION = re.compile(r"[,，;；。、:：!？?()\n]")


@value_class(frozen=True, slots=True)
class Figure:
    """One figure of a text; `label` stands before it in its clause, `word` is its operator as written."""

    operator: Operator | None
    number: Decimal
    upper: Decimal | None
    unit: str
    label: str
    span: tuple[int, int]
    word: str = ""
    about: bool = False


@lru_cache(_REMEMBERED)
def find_figures(line: str) -> tuple[Figure, ...]:
    """Return the figures of a prepared text in order, leaving out bracketed remarks when others remain."""
    masked = _mask(_NO_FIGURE, _mask(DATE, line))
    return tuple(_each_figure(_mask(BRACKETS, masked))) or tuple(_each_figure(masked))


def _mask(pattern: re.Pattern[str], line: str) -> str:
    return pattern.sub(lambda match: "□" * len(match[0]), line)


def _each_figure(line: str) -> Iterator[Figure]:
    last = 0
    for match in _FIGURE.finditer(line):
        start, end = match.span()
        word = next((name for name in ("GE", "LE", "GT", "LT", "EQ") if match[name]), "")
        follows = line[end : end + 1]
        bare = not (match["unit"] or match["upper_unit"] or word or match["above"] or match["below"])
        if bare and follows and not PUNCTUATION.match(follows):
            continue  # 5大专项整治行动, 2号楼
        upwards = word in ("GE", "GT")
        if (upwards and match["below"]) or (
            word in ("LE", "LT") and match["above"] and match["LE"] != "控制在"
        ):
            continue  # ≥3天以内 contradicts itself
        label = PUNCTUATION.split(line[last:start])[-1]
        last = end
        yield _figure_of(match, label, word)


def _figure_of(match: re.Match[str], label: str, word: str) -> Figure:
    number = Decimal(match["number"].replace(",", "")) * (-1 if match["minus"] else 1)
    upper = Decimal(match["upper"].replace(",", "")) if match["upper"] else None
    operator = Operator[word] if word else None
    if match["above"]:
        operator = Operator.GT if match["open"] else Operator.GE
    elif match["below"]:
        operator = Operator.LT if match["open"] else Operator.LE
    if match["around"]:
        operator, number, upper = Operator.BETWEEN, -number, number
    elif upper is not None:
        operator = Operator.BETWEEN
        number, upper = (number - upper, number + upper) if match["dash"] == "±" else (number, upper)
    periods = [period for period in re.findall(r"每([^每]+)", match["per"] or "") if period != "年"]
    unit = "/".join([match["upper_unit"] or match["unit"] or "", *periods])
    return Figure(
        operator,
        number,
        upper,
        unit,
        label,
        match.span(),
        match[word] if word else "",
        bool(match["about"] or match["thereabouts"]),
    )


def residue(line: str, figure: Figure | None) -> int:
    """Return how many letters a text has beside its figure, dates and brackets."""
    rest = line[: figure.span[0]] + line[figure.span[1] :] if figure else line
    return len(re.findall(r"[\u4e00-\u9fffA-Za-z]", DATE.sub("", BRACKETS.sub("", rest))))


SHORT = 12  # letters beside a figure up to which the figure is what the text is about


def cell_figure(raw: RawValue, percent_format: bool) -> Figure | str:
    """Return the figure of a number cell, or the problem."""
    number = cell_number(raw)
    if isinstance(number, str):
        return number
    number, unit = (trimmed(number * 100), "%") if percent_format else (number, "")
    return Figure(None, number, None, unit, "", (0, 0))


def in_percent(figure: Figure, operator: Operator | None = None) -> tuple[Figure, tuple[str, ...]]:
    """Return a bare figure of an indicator in percent with its unit, and the repair.

    Above 0 and up to 1 it is a ratio: 0.9 is 90 % and 1 is 100 %. Not so below ≤ and <, where 0.5 % is usual.
    """
    if figure.upper is not None or operator in (Operator.LE, Operator.LT) or not 0 < figure.number <= 1:
        return replace(figure, unit="%"), ()
    percent = trimmed(figure.number * 100)
    repair = f"{plain(figure.number)} 按 {plain(percent)}% 读取"
    return replace(figure, number=percent, unit="%"), (repair,)


def reading_of(value: Target | Actual, figure: Figure, repairs: tuple[str, ...]) -> Reading:
    """Return the reading of a target or actual, with what was mended in its figure."""
    if figure.about or _VAGUE.search(close_up(fold(value.text))):
        repairs += (f"“{value.text}”是约数，按 {plain(figure.number)}{figure.unit} 读取",)
    return Reading(value, repairs=repairs, decimals=decimals_of(figure.number))
