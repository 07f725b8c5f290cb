"""Say figures and lists the way official Chinese documents say them.

Every function is a pure jinja filter. Money comes in yuan and is printed in 万元, rates come in as ratios,
everything is rounded half up. Text passes through every filter unchanged, because a 【待补充：…】 that stands
for a figure must reach the page as it is; None and NaN become words or a dash, never `None` or `nan`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TypeAlias

from toolkit.form.labels import NUMBER

Figure: TypeAlias = Decimal | int | str | None

DASH = "—"  # a table cell without a figure
_LARGEST = 300  # decimal digits; anything longer is a slip of the source, not a figure
_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)

_BREAK = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
_RUN = re.compile(r"[，、；：。！？,;](?:\s*[，、；：。！？,;])+")
_STRENGTH = "、,，;；：。！？"
_LOOSE_END = " \t\n\r\v\f\x85\u3000，、；：,;.。"
_FIRSTLY = re.compile(r"^\s*[一二三四五六七八九十]是")
_STOPS = "。！？…"
_CLOSERS = "”’」』）》】"


def missing(label: str | None = "") -> str:
    """Return the mark that stands where an answer is still to be written.

    >>> missing("存在的主要问题")
    '【待补充：存在的主要问题】'
    """
    return f"【待补充：{label}】" if label else "【待补充】"


def wan(value: Figure, places: int = 2) -> str:
    """Return yuan as a bare figure in 万元 for a table cell.

    >>> wan(Decimal("437176600")), wan(Decimal(0)), wan(None)
    ('43,717.66', '0.00', '—')
    """
    return value if isinstance(value, str) else _printed(_shifted(value, -4), places)


def wan_text(value: Figure, places: int = 2) -> str:
    """Return yuan as an amount inside a sentence.

    >>> wan_text(Decimal("437176600")), wan_text(0)
    ('43,717.66万元', '0万元')
    """
    if isinstance(value, str):
        return value
    known = _known(value)
    if known is None:
        return missing("金额")
    return "0万元" if known == 0 else f"{wan(known, places)}万元"


def number(value: Figure, places: int | None = None) -> str:
    """Return a figure with thousands separators; without `places`, as many decimals as it needs.

    >>> number(Decimal("28000.50")), number(3, 2)
    ('28,000.5', '3.00')
    """
    return value if isinstance(value, str) else _printed(_known(value), places)


def count(value: Figure, unit: str = "个") -> str:
    """Return a counted thing with its measure word.

    >>> count(1208, "人次")
    '1,208人次'
    """
    if isinstance(value, str):
        return value
    return missing("数量") if _known(value) is None else f"{number(value)}{unit}"


def score(value: Figure, places: int | None = None) -> str:
    """Return a score; a fixed number of decimals makes a column of a table line up.

    >>> score(Decimal("94.00")), score(Decimal("47.50")), score(Decimal("47.5"), 2)
    ('94', '47.5', '47.50')
    """
    return number(value, places)


def percent(ratio: Figure, places: int = 2) -> str:
    """Return a ratio as a percentage.

    >>> percent(Decimal("0.96789")), percent(Decimal(1)), percent(None)
    ('96.79%', '100.00%', '—')
    """
    if isinstance(ratio, str):
        return ratio
    known = _shifted(ratio, 2)
    return DASH if known is None else f"{_printed(known, places)}%"


def share(part: Figure, whole: Figure) -> str:
    """Return which share of `whole` a part is, as the clause after an amount.

    >>> share(Decimal(25), Decimal(200)), share(Decimal(0), Decimal(0))
    ('占12.50%', '合计为零，不计算占比')
    """
    if isinstance(part, str) or isinstance(whole, str):
        return part if isinstance(part, str) else str(whole)
    amount, total = _known(part), _known(whole)
    if amount is None or total is None:
        return missing("占比")
    return f"占{percent(amount / total)}" if total else "合计为零，不计算占比"


def change(current: Figure, prior: Figure, basis: str = "上年决算数") -> str:
    """Return how an amount in yuan moved against an earlier one, in words when there is no basis.

    >>> change(Decimal("79455900"), Decimal("59026000"))
    '比上年决算数增加2,042.99万元，增长34.61%'
    >>> change(Decimal(0), Decimal("50000"))
    '比上年决算数减少5.00万元，下降100.00%'
    >>> change(Decimal("50000"), Decimal(0)), change(Decimal("50000"), None)
    ('上年决算数为零，本年新增5.00万元', '无上年决算数可比')
    """
    if isinstance(current, str) or isinstance(prior, str):
        return current if isinstance(current, str) else str(prior)
    now, before = _known(current), _known(prior)
    if now is None:
        return missing("本年数")
    return f"无{basis}可比" if before is None else _movement(now, before, basis)


def adjustment(adjusted: Figure, initial: Figure) -> str:
    """Return how a budget in yuan was adjusted during the year, as the clause after both amounts.

    >>> adjustment(Decimal("437176600"), Decimal("451652000"))
    '调整减支1,447.54万元，预算调整率-3.20%'
    >>> adjustment(Decimal("437176600"), Decimal("437176600"))
    '年中未作调整'
    """
    if isinstance(adjusted, str) or isinstance(initial, str):
        return adjusted if isinstance(adjusted, str) else str(initial)
    after, before = _known(adjusted), _known(initial)
    if after is None or before is None:
        return missing("预算调整情况")
    if after == before:
        return "年中未作调整"
    difference = _EXACT.subtract(after, before)
    moved = f"调整{'增支' if difference > 0 else '减支'}{wan(difference.copy_abs())}万元"
    if before == 0:
        return f"{moved}，年初预算数为零，不计算预算调整率"
    return f"{moved}，预算调整率{percent(difference / before)}"


def completed(actual: Figure, budget: Figure, basis: str = "全年预算") -> str:
    """Return which share of a budget was carried out, as the clause after the amount.

    >>> completed(Decimal("114496100"), Decimal("118296800")), completed(Decimal(0), Decimal("50000"))
    ('完成全年预算的96.79%', '完成全年预算的0.00%')
    >>> completed(Decimal(0), Decimal(0)), completed(Decimal(5), None)
    ('全年预算为零，不计算完成率', '缺少全年预算数，不计算完成率')
    """
    if isinstance(actual, str) or isinstance(budget, str):
        return actual if isinstance(actual, str) else str(budget)
    spent, planned = _known(actual), _known(budget)
    if spent is None:
        return missing("完成率")
    if planned is None:
        return f"缺少{basis}数，不计算完成率"
    return f"完成{basis}的{percent(spent / planned)}" if planned else f"{basis}为零，不计算完成率"


def outcome(met: int, unmet: int = 0, undecided: int = 0) -> str:
    """Return how many indicators are met, in the words that fit all, none or one of them.

    >>> outcome(21), outcome(1), outcome(0, 3), outcome(18, 3), outcome(0, 0, 2)
    ('已全部完成', '已完成', '均未完成', '已完成18个，未完成3个', '完成情况均待核实')
    >>> outcome(4, 1, 2), outcome(0, 1), outcome(0, 1, 1)
    ('已完成4个，未完成1个，待核实2个', '未完成', '未完成1个，待核实1个')
    """
    total = met + unmet + undecided
    if total == 0:
        return "没有设置指标"
    if met == total:
        return "已全部完成" if total > 1 else "已完成"
    if unmet == total:
        return "均未完成" if total > 1 else "未完成"
    if undecided == total:
        return "完成情况均待核实" if total > 1 else "完成情况待核实"
    told = (("已完成", met), ("未完成", unmet), ("待核实", undecided))
    return "，".join(f"{word}{number}个" for word, number in told if number)


def ordinal(value: int) -> str:
    """Return a whole number from 0 to 9999 in Chinese; ValueError outside.

    >>> [ordinal(n) for n in (0, 10, 12, 20, 105, 1010, 2023)]
    ['零', '十', '十二', '二十', '一百零五', '一千零一十', '二千零二十三']
    """
    if not 0 <= value <= 9999:
        raise ValueError(f"{value} is not between 0 and 9999")
    digits = str(value)
    text, gap = "", False
    for place, digit in zip(("千", "百", "十", "")[-len(digits) :], digits, strict=True):
        if digit == "0":
            gap = bool(text)
            continue
        text += ("零" if gap else "") + "零一二三四五六七八九"[int(digit)] + place
        gap = False
    return text.removeprefix("一") if text.startswith("一十") else text or "零"


def chapter(value: int) -> str:
    """Return the number of a first-level heading.

    >>> chapter(3)
    '三、'
    """
    return f"{ordinal(value)}、"


def section(value: int) -> str:
    """Return the number of a second-level heading.

    >>> section(12)
    '（十二）'
    """
    return f"（{ordinal(value)}）"


def item(value: int) -> str:
    """Return the number of a third-level heading.

    >>> item(4)
    '4.'
    """
    return f"{value}."


def subitem(value: int) -> str:
    """Return the number of a fourth-level heading.

    >>> subitem(4)
    '（4）'
    """
    return f"（{value}）"


def day(value: date | str | None) -> str:
    """Return a date as 成文日期 write it: full year, no zero before month or day.

    >>> day(date(2024, 3, 5))
    '2024年3月5日'
    """
    if isinstance(value, str):
        return value
    return missing("日期") if value is None else f"{value.year}年{value.month}月{value.day}日"


def clause(text: str | None) -> str:
    """Return text without its closing punctuation, to stand in the middle of a sentence.

    >>> clause(" 项目招标延期。； ")
    '项目招标延期'
    """
    return _tidy(text).rstrip(_LOOSE_END) or missing()


def sentence(text: str | None) -> str:
    """Return text as one finished sentence: a single mark at its end and no doubled marks inside.

    >>> sentence("资产盘点不及时，，制度未落实。；"), sentence("等级为“优”"), sentence("")
    ('资产盘点不及时，制度未落实。', '等级为“优”。', '【待补充】。')
    """
    body = clause(text)
    closed = body[-1] in _STOPS or (body[-1] in _CLOSERS and body[-2:-1] in tuple(_STOPS))
    return body if closed else f"{body}。"


def join_list(items: Iterable[object] | str | None, mark: str = "、", last: str = "") -> str:
    """Return the items that say something, joined by `mark` (and by `last` before the last one).

    >>> join_list(["道路维护。", "", "垃圾清运；"]), join_list(["甲", "乙", "丙"], last="和"), join_list([])
    ('道路维护、垃圾清运', '甲、乙和丙', '无')
    """
    if isinstance(items, str):
        return items
    said = [_tidy(str(each)).rstrip(_LOOSE_END) for each in items or () if each is not None]
    said = [each for each in said if each]
    if not said:
        return "无"
    if last and len(said) > 1:
        return f"{mark.join(said[:-1])}{last}{said[-1]}"
    return mark.join(said)


def paragraphs(text: str | None) -> list[str]:
    """Return prose as its paragraphs, one for each line the clerk began; their numbering is kept.

    >>> paragraphs("1. 完善制度。\\r\\n\\r\\n　　2. 加强监控。")
    ['1. 完善制度。', '2. 加强监控。']
    """
    lines = (line.strip() for line in _BREAK.split(text or ""))
    return [line for line in lines if line] or [missing()]


def numbered(text: str | None) -> bool:
    """Return whether text begins with a number of a list, which a template must not number again.

    >>> numbered("1. 完善制度。"), numbered("（二）加强监控"), numbered("一是健全机制"), numbered("12345热线")
    (True, True, True, False)
    """
    return NUMBER.match(text or "") is not None or bool(_FIRSTLY.match(text or ""))


def _known(value: Decimal | int | None) -> Decimal | None:
    """Return the figure, or None when there is none to print."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (Decimal, int)):
        raise TypeError(f"a figure must be Decimal or int, not {type(value).__name__}")
    exact = Decimal(value)
    return exact if exact.is_finite() and exact.adjusted() < _LARGEST else None


def _movement(now: Decimal, before: Decimal, basis: str) -> str:
    """Return the phrase of `change` for two known amounts in yuan."""
    difference = _EXACT.subtract(now, before)
    amount = wan(difference.copy_abs())
    if amount == "0.00":
        return f"与{basis}持平" if difference == 0 else f"与{basis}基本持平"
    if before == 0:
        return f"{basis}为零，本年新增{amount}万元" if now > 0 else f"{basis}为零，本年为{wan(now)}万元"
    moved, grew = ("增加", "增长") if difference > 0 else ("减少", "下降")
    return f"比{basis}{moved}{amount}万元，{grew}{percent((difference / before).copy_abs())}"


def _shifted(value: Decimal | int | None, places: int) -> Decimal | None:
    """Return the figure times ten to the power of `places`, exactly."""
    known = _known(value)
    return None if known is None else known.scaleb(places, context=_EXACT)


def _printed(value: Decimal | None, places: int | None) -> str:
    """Return a figure rounded half up with thousands separators; never an exponent, never minus zero."""
    if value is None:
        return DASH
    if places is None:
        text = f"{value:,f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text in ("-0", "") else text
    rounded = value.quantize(Decimal(1).scaleb(-places), context=_EXACT)
    return f"{rounded.copy_abs() if rounded.is_zero() else rounded:,f}"


def _tidy(text: str | None) -> str:
    """Return text without outer space, each run of punctuation marks reduced to its strongest."""
    return _RUN.sub(_strongest, (text or "").strip())


def _strongest(run: re.Match[str]) -> str:
    """Return the mark that closes most; emphatic ！？ and half-width runs stay as written."""
    marks = [mark for mark in run[0] if mark in _STRENGTH]
    if all(mark in "！？" for mark in marks) or all(mark in ",;" for mark in marks):
        return run[0]
    return max(marks, key=_STRENGTH.index)


FILTERS: Mapping[str, Callable[..., object]] = {
    function.__name__: function
    for function in (
        *(wan, wan_text, number, count, score, percent, share, change, adjustment, completed, outcome),
        *(ordinal, chapter, section, item, subitem, day),
        *(clause, sentence, join_list, paragraphs, numbered, missing),
    )
}
