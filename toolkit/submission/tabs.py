"""What the name of a sheet says of it: that it is a copy, a sample, one of another year or not in use."""

from __future__ import annotations

import re

from toolkit.form.labels import normalise

COPY = re.compile(
    r"\s*(?:[(（]\d{1,2}[)）]|_(?:[2-9]|1\d))$|副本|备份|复制|拷贝|copy(?:\s+of\b)?|backup", re.IGNORECASE
)
UNUSED = re.compile(r"示例|样表|样例|范例|示范|模板|空表|空白|作废|(?<!老)旧|上年|去年|往年|参考")
YEAR = re.compile(r"20\d\d(?=年|$|[^\d])")
_JOINTS = re.compile(r"[()\[\]_的·.-]|年度?$|^年度?")  # what stands between a name and its mark


def mark(tab: str) -> str:
    """Return the marks in a name: `(2)`, 2023, 旧; an empty text when there is none.

    >>> mark("收支 (2)"), mark("收支（旧）"), mark("收支情况"), mark("老旧小区改造")
    (' (2)', '旧', '', '')
    """
    return "".join(match[0] for shape in (COPY, YEAR, UNUSED) if (match := shape.search(tab)))


def is_spare(tab: str, newest: int = 0) -> bool:
    """Return whether a name says that the sheet is not the one that counts; `newest` is the year that does.

    >>> [is_spare(tab, 2024) for tab in ("项目支出_2", "上年项目支出", "项目支出2023", "2024年")]
    [True, True, True, False]
    """
    year = year_in(tab)
    return bool(COPY.search(tab) or UNUSED.search(tab) or 0 < year < newest)


def year_in(tab: str) -> int:
    """Return the year a name holds; 0 when it holds none."""
    match = YEAR.search(normalise(tab))
    return int(match[0]) if match else 0


def bare(tab: str) -> str:
    """Return a name without brackets and joints, as names are compared."""
    return _JOINTS.sub("", normalise(tab))


def unmarked(tab: str) -> str:
    """Return what a name is without its marks, as names are compared.

    >>> [unmarked(tab) for tab in ("收支 (2)", "“收支”的副本", "收支_2", "2023年收支（旧）", "Copy of 收支")]
    ['收支', '收支', '收支', '收支', '收支']
    """
    for shape in (COPY, YEAR, UNUSED):
        tab = shape.sub("", tab)
    return bare(tab)
