"""年度指标值 and 实际完成值: the operator, the figure and its unit out of what clerks write.

The written rules, beside those in the docstrings:

* When in doubt there is no figure: the target is qualitative, the actual is text. A wrong figure would be
  scored; a missing one is asked for.
* Years, dates, ages (70周岁), ordinals (第3季度) and document numbers are never figures.
* A figure is as printed: `1.5万人次` is 1.5 with unit 万人次; `comparable` brings units together. Chinese
  numerals are written out: `十五万人次` is 150000 with unit 人次. `每季度1次` has the unit 次/季度, while
  每年 and 全年 add nothing in a form about one year.
* A bare zero (0次, 0%) is "equal to 0", whatever the form's default: at least zero complaints is no target.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from toolkit.submission.grid import RawValue
from toolkit.submission.measures import (
    BRACKETS,
    DATE,
    LONGEST,
    PUNCTUATION,
    RECURRENT,
    SCALES,
    SHORT,
    Figure,
    base_unit,
    cell_figure,
    find_dates,
    find_figures,
    in_percent,
    prepared,
    reading_of,
    residue,
)
from toolkit.submission.model import Actual, Operator, Target
from toolkit.submission.numerals import (
    Reading,
    blank_of,
    close_up,
    fold,
    plain,
    unreadable,
)
from toolkit.submission.values import read_text


@dataclass(frozen=True, slots=True)
class Beside:
    """What the columns beside a 指标值 say of it: 指标性质 and 度量单位."""

    operator: Operator | None = None
    unit: str = ""


_PERCENT_UNITS = ("百分比", "百分数", "百分率", "百分号")


def unit_beside(text: str) -> str:
    """Return the unit that a cell of a 度量单位 column names.

    >>> unit_beside("百分比（%）"), unit_beside("万元"), unit_beside("无")
    ('%', '万元', '')
    """
    unit = BRACKETS.sub("", close_up(fold(text)))
    return "%" if unit in _PERCENT_UNITS else "" if blank_of(unit) else unit


# --- targets ------------------------------------------------------------------------------------------

_STANDARD = re.compile(r"(?:标准|目标值|指标值)(?:值)?[:为是]+")
_DUE = re.compile(r"[前底末内止]|完成|截[至止]")


def read_target(
    raw: RawValue,
    *,
    percent_format: bool = False,
    default: Operator = Operator.GE,
    unit_hint: str = "",
    year: int | None = None,
    beside: Beside | None = None,
) -> Reading:
    """Read a 年度指标值; every text is a Target, at worst a qualitative one.

    `default` is the operator of a bare figure, `unit_hint` a unit that goes without saying, `year` the fiscal
    year of a deadline without one, `beside` what columns of their own say of operator and unit.

    >>> target = read_target("完成率≥90%").value
    >>> target.operator, target.number, target.unit, target.stated
    (<Operator.GE: 'ge'>, Decimal('90'), '%', True)
    >>> read_target("2023年12月底前").value.deadline
    datetime.date(2023, 12, 31)
    """
    if blank := blank_of(raw):
        return Reading(None, blank)
    text = str(read_text(raw, percent_format).value)
    if isinstance(raw, date):
        return Reading(Target(text, Operator.DATE, deadline=date(raw.year, raw.month, raw.day)))
    if beside is not None:
        return _completed(raw, text, percent_format, default, year, beside)
    if isinstance(raw, str):
        return _target_text(text, default, unit_hint, year)
    figure = cell_figure(raw, percent_format)
    if isinstance(figure, str):
        return unreadable(figure)
    return _target(text, figure, default, unit_hint)


def _completed(
    raw: RawValue, text: str, percent_format: bool, default: Operator, year: int | None, beside: Beside
) -> Reading:
    """Read a value whose operator and unit stand beside it; what the value says itself goes first."""
    if not isinstance(raw, str):
        figure = cell_figure(raw, percent_format)
        if isinstance(figure, str):
            return unreadable(figure)
        line = plain(figure.number) + figure.unit
    else:
        line = prepared(text) if len(text) <= LONGEST else ""
    own, stated = _target_figure(line, beside.unit), beside.operator
    if stated is Operator.QUALITATIVE or own is None:
        reading = _target_text(text, default, beside.unit, year)
        dated = isinstance(reading.value, Target) and reading.value.operator is Operator.DATE
        return reading if dated else Reading(Target(text, Operator.QUALITATIVE))
    unit = own.unit + beside.unit if own.unit in SCALES else own.unit  # 15万 beside 元
    figure = replace(own, operator=own.operator or stated, unit=unit)
    reading = _target(text, figure, default, beside.unit)
    if not isinstance(reading.value, Target):
        return reading
    whole = replace(reading.value, text=_composed(line, own, reading.value, stated))
    return replace(reading, value=whole, problem=_contradiction(own, beside))


def _composed(line: str, own: Figure, target: Target, stated: Operator | None) -> str:
    """Return the value with the operator before its figure and the unit after it: 95 becomes ≥95%."""
    start, end = own.span
    written = line[start:end]
    if own.unit != target.unit and not target.unit.startswith(own.unit or " "):
        written = plain(target.number) if target.number is not None and not own.operator else written
        written += target.unit
    elif own.unit != target.unit:
        written += target.unit.removeprefix(own.unit)
    sign = stated.sign if stated is not None and own.operator is None else ""
    return line[:start] + sign + written + line[end:]


def _contradiction(own: Figure, beside: Beside) -> str:
    """Return what the value says otherwise than the columns beside it, or an empty string."""
    if own.operator not in (None, Operator.BETWEEN, beside.operator) and beside.operator is not None:
        return beside.operator.sign
    ours, theirs = base_unit(own.unit)[0], base_unit(beside.unit)[0]
    return beside.unit if ours and theirs and ours != theirs else ""


def _target_text(text: str, default: Operator, unit_hint: str, year: int | None) -> Reading:
    line = prepared(text) if len(text) <= LONGEST else ""
    figure, dates = _target_figure(line, unit_hint), find_dates(line, year)
    deadline = dates[0] if len(dates) == 1 else None
    if figure is not None:
        return _target(text, figure, default, unit_hint, deadline)
    due = len(dates) == 1 and not RECURRENT.search(line) and (_DUE.search(line) or DATE.fullmatch(line))
    if due and not find_figures(line):
        return Reading(Target(text, Operator.DATE, deadline=deadline))
    return Reading(Target(text, Operator.QUALITATIVE))


def _target(
    text: str, figure: Figure, default: Operator, unit_hint: str, deadline: date | None = None
) -> Reading:
    operator = figure.operator or (default if figure.number else Operator.EQ)
    unit = close_up(fold(unit_hint))
    bare_percent = unit == "%" and not figure.unit
    figure, repairs = in_percent(figure, operator) if bare_percent else (figure, ())
    figure = replace(figure, unit=figure.unit or unit)
    stated = figure.operator is not None
    target = Target(text, operator, figure.number, figure.upper, figure.unit, deadline, stated)
    return reading_of(target, figure, repairs)


def _target_figure(line: str, unit_hint: str) -> Figure | None:
    """Return the one figure a target is about; of a scale in prose, the one its 标准 names."""
    clauses = _STANDARD.split(line)
    if len(clauses) > 1 and len(found := find_figures(clauses[-1])) == 1:
        return found[0]
    figures = find_figures(line)
    if any(line[figure.span[1] :][:1] in tuple("≤<≥>=") for figure in figures):
        return None  # 90%≤合格率≤95%
    if len(figures) == 2 and (both := _both_bounds(*figures)):
        return both
    if len(figures) > 1:
        unit = base_unit(unit_hint or "%")[0]
        same = tuple(figure for figure in figures if base_unit(figure.unit)[0] == unit)
        figures = same if unit_hint else tuple(figure for figure in same if figure.word)
    if len(figures) != 1:
        return None
    (figure,) = figures
    bad_range = figure.upper is not None and figure.upper < figure.number
    lost = figure.operator is None and residue(line, figure) > SHORT
    return None if bad_range or lost else figure


def _both_bounds(low: Figure, high: Figure) -> Figure | None:
    """Join ≥90%且≤95% into a range, both ends included."""
    if (
        low.operator is Operator.GE
        and high.operator is Operator.LE
        and high.unit
        and low.unit in ("", high.unit)
    ):
        return replace(low, operator=Operator.BETWEEN, upper=high.number, unit=high.unit)
    return None


# --- actuals ------------------------------------------------------------------------------------------

_LEVELS = re.compile(
    r"(?:已|全部|基本|部分|未)?达成|(?:部分|未)?达成(?:年度|预期)指标|(?:已|未)?达标|达标完成"
    r"|部分达成年度指标并具有一定效果|未达成年度指标且效果较差|(?:已|全部|按时|基本|部分|未)?完成|达到预期(?:目标)?"
)
_THINGS = "(?:投诉|信访|上访|事故|事件|案件|情况|现象|异常|违规|违纪|违法|处罚|差错|纠纷|舆情|逾期|伤亡|问题)"
_NONE_OCCURRED = re.compile(
    r"(?:未|没有|从未|未曾|无)(?:发生|出现|收到|接到|接获|发现|产生|受到)"
    r"|(?:^|年度?|期间|均|暂|中|内|今|月|并|且|及|后|工作|项目|\))"
    rf"(?:无(?![法论偿需须障证照故理序牌])|没有任何?)[^,;。%0-9为]{{0,20}}{_THINGS}"
    rf"|(?:^|实现|达到|保持)(?:零|0)(?:{_THINGS}|发生)"
)
_MEASURED = re.compile(
    r"(?:率|度|面|性|比例|占比|数量?|总量|金额|面积|得分)(?:已|均|共)?(?:为|是|约|达到?|=)?$"
)
_ELSEWHERE = re.compile(r"上年|去年|同期|预计|(?:目标|计划)(?!.*率)|(?:^|年)应[发到办完]")  # 计划100人次
_IN_THE_END = re.compile(r"全部|全年|年底|年末|最终|全面|累计")  # 1月完成50%，年底全部完成


def read_actual(
    raw: RawValue,
    *,
    percent_format: bool = False,
    unit_hint: str = "",
    name_end: str = "",
    levels: Mapping[str, str] | None = None,
    year: int | None = None,
) -> Reading:
    """Read a 实际完成值; every text is an Actual, at worst one without a figure.

    `unit_hint` is the target's unit and `name_end` the end of the indicator's name: they choose among the
    figures of a sentence. `levels` maps spellings, each a `level_word`, to the form's levels; else the usual
    words (已完成, 部分达成) are kept.

    >>> read_actual("2023年度发放4521人次，计划完成率100%。", unit_hint="%").value.number
    Decimal('100')
    >>> read_actual("年度无投诉情况").value.none_occurred, read_actual("无法统计").value.none_occurred
    (True, False)
    """
    nothing = isinstance(raw, str) and close_up(fold(raw)).strip("()。") == "无"
    if not nothing and (blank := blank_of(raw)):
        return Reading(None, blank)
    text = str(read_text(raw, percent_format).value)
    if isinstance(raw, date):
        return Reading(Actual(text, date=date(raw.year, raw.month, raw.day)))
    percent = close_up(fold(unit_hint)) == "%"
    if not isinstance(raw, str):
        figure = cell_figure(raw, percent_format)
        if isinstance(figure, str):
            return unreadable(figure)
        figure, repairs = in_percent(figure) if percent and not figure.unit else (figure, ())
        return reading_of(_measured(Actual(text), figure), figure, repairs)
    line = prepared(text) if len(text) <= LONGEST else ""
    chosen = _actual_figure(line, unit_hint, name_end)
    actual = Actual(
        text,
        level=_level(line, levels or {}),
        date=_done_on(line, chosen, year),
        none_occurred=nothing or (chosen is None and _none_occurred(line)),
    )
    if chosen is None:
        return Reading(actual)
    alone = percent and not chosen.unit and chosen.span == (0, len(line))
    chosen, repairs = in_percent(chosen, chosen.operator) if alone else (chosen, ())
    return reading_of(_measured(actual, chosen), chosen, repairs)


_BARE = re.compile(r"[-+0-9０-９.,，\s]+")


def with_unit(reading: Reading, unit: str) -> Reading:
    """Return the reading of a bare figure with the unit that has a column of its own."""
    actual = reading.value
    if (
        not unit
        or not isinstance(actual, Actual)
        or actual.number is None
        or not _BARE.fullmatch(actual.text)
    ):
        return reading
    return replace(reading, value=replace(actual, text=plain(actual.number) + unit, unit=unit))


def _done_on(line: str, figure: Figure | None, year: int | None) -> date | None:
    """Return the one day a short text names; a date in the middle of a story is not when it was done."""
    dates = find_dates(line, year)
    if len(dates) != 1 or RECURRENT.search(line) or residue(line, figure) > SHORT:
        return None
    return dates[0]


def _measured(actual: Actual, figure: Figure) -> Actual:
    if figure.operator is Operator.BETWEEN:
        return replace(actual, operator=Operator.BETWEEN)
    measurement = figure.operator is Operator.EQ or figure.word.startswith("达")
    return replace(
        actual, number=figure.number, unit=figure.unit, operator=None if measurement else figure.operator
    )


def level_word(spelling: str) -> str:
    """Return the spelling of a level as texts are compared with it."""
    return close_up(fold(spelling))


def _level(line: str, levels: Mapping[str, str]) -> str:
    """Return the level a text is, or begins with before its first punctuation."""
    for word in (line.strip("。;"), PUNCTUATION.split(line)[0]):
        if word in levels:
            return levels[word]
        if _LEVELS.fullmatch(word):
            return word
    return ""


def _none_occurred(line: str) -> bool:
    """Return whether some clause without a figure says that nothing of the kind happened."""
    clauses = re.split(r"[,;。]", line)
    return any(_NONE_OCCURRED.search(clause) and not find_figures(clause) for clause in clauses)


def _actual_figure(line: str, unit_hint: str, name_end: str) -> Figure | None:
    """Return the figure that measures the indicator, or None when that is in doubt.

    In a sentence a figure counts when it has the target's unit and either alone has it, or follows the
    indicator's name, and is not said of a plan, of another year, or of a time before the end.
    """
    end = max((match.start() for match in _IN_THE_END.finditer(line)), default=0)
    figures = [
        figure
        for figure in find_figures(line)
        if not _ELSEWHERE.search(figure.label) and not re.search("[,;。]", line[figure.span[1] : end])
    ]
    unit = base_unit(unit_hint)[0]
    same = [figure for figure in figures if unit and base_unit(figure.unit)[0] == unit]
    pool = same or figures
    if len(pool) > 1:
        pool = [figure for figure in pool if _named(figure.label, name_end)] or pool
    if len({(figure.number, figure.operator) for figure in pool}) != 1:
        return None
    figure = pool[-1]
    clear = residue(line, figure) <= SHORT and len(figures) == 1
    clear = clear or bool(_MEASURED.search(figure.label)) or _named(figure.label, name_end)
    return figure if clear or (same and unit != "%") else None


def end_of_name(name: str) -> str:
    """Return the last two characters of an indicator's name, which tell a sentence about it from others.

    >>> end_of_name("信访事项 办结率（%）")
    '结率'
    """
    return BRACKETS.sub("", close_up(fold(name)))[-2:]


def _named(label: str, name_end: str) -> bool:
    """Return whether the words before a figure end like the indicator's name."""
    words = re.sub(r"(?:已|均|共)?(?:为|是|达到?|=|完成)$", "", label)
    return len(name_end) == 2 and words.endswith(name_end)
