"""Labels as people write them: one normal form for 全年预算数（A）, 全年预算数 and Ａ 全年 预算数."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from toolkit.form.model import MoneyUnit

_SPACE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_ORDINAL = re.compile(
    r"^(?:[*★☆※●◆■▲]+|其中[:,]|\(?[一二三四五六七八九十]{1,3}[)、.]\)?|\(?\d{1,2}[)、.](?!\d)|[①-⑳]"
    r"|附?表\d{1,2}(?:[-.]\d{1,2})?[:、]?|其中(?=[^:]))"
)
NUMBER = re.compile(  # before a label or a paragraph
    r"^\s*(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[.、．](?!\d))\s*"
)
_MONEY = "|".join(sorted(MoneyUnit, key=len, reverse=True))
_TAIL = re.compile(rf"(?:\([^()]*\)|\[[^\[\]]*\]|[:*★※]|[,/](?:人民币)?(?:{_MONEY}))$")
_UNIT = re.compile(rf"(?:单位[:为]?|[(:,\[/])(?:人民币)?({_MONEY})(?=[)\]]|$|[,;])")
LONGEST_LABEL = 60
INVISIBLE = 20  # quotes and characters without width that a label may hold beside
_ONE_SPELLING = (*((dash, "-") for dash in "—–－‐"), *((quote, "") for quote in '“”"'))


@lru_cache(maxsize=65536)
def normalise(text: str) -> str:
    """Return the text with width folded and every space, line break and quote mark removed.

    >>> normalise(" 全年 预算数（Ａ）：")
    '全年预算数(a):'
    """
    folded = _SPACE.sub("", unicodedata.normalize("NFKC", text).lower())
    for written, meant in _ONE_SPELLING:  # many times faster than `translate`, which looks up every character
        folded = folded.replace(written, meant)
    return folded


@lru_cache(maxsize=65536)
def label_forms(text: str) -> tuple[str, ...]:
    """Return the normal forms under which a label may be known, the most exact first.

    >>> label_forms("二、其中：当年财政拨款（万元）："), label_forms("表1-4 支出情况")[-1]
    (('二、其中:当年财政拨款(万元):', '二、其中:当年财政拨款', '当年财政拨款'), '支出情况')
    """
    if len(text) > LONGEST_LABEL + INVISIBLE and len("".join(text.split())) > LONGEST_LABEL + INVISIBLE:
        return ()
    exact = normalise(text)
    if not exact or len(exact) > LONGEST_LABEL:
        return ()
    forms = [exact]
    bare = _strip(_TAIL, exact)
    head = _strip(_ORDINAL, bare)
    forms.extend(form for form in (bare, head) if form and form not in forms)
    return tuple(forms)


def unnumbered(label: str) -> str:
    """Return a label without the number it has on its sheet, to stand under another one.

    >>> unnumbered("2.项目实施内容"), unnumbered("（一）投入"), unnumbered("1.5倍工资"), unnumbered("12月")
    ('项目实施内容', '投入', '1.5倍工资', '12月')
    """
    return NUMBER.sub("", label)


def plain(text: str) -> str:
    """Return the barest normal form of a label, under which the form's own labels are indexed.

    >>> plain("全年执行数（B）")
    '全年执行数'
    """
    forms = label_forms(text)
    return forms[-1] if forms else ""


def unit_in(text: str) -> MoneyUnit | None:
    """Return the money unit a heading or title names.

    >>> unit_in("全年预算数（万元）"), unit_in("金额单位：千元"), unit_in("单元")
    (<MoneyUnit.WAN: '万元'>, <MoneyUnit.THOUSAND: '千元'>, None)
    """
    match = _UNIT.search(normalise(text))
    return MoneyUnit(match.group(1)) if match else None


def _strip(pattern: re.Pattern[str], text: str) -> str:
    while True:
        shorter = pattern.sub("", text, count=1)
        if shorter == text or not shorter:
            return text
        text = shorter
