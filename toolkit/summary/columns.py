"""How columns of 汇总表.xlsx are declared, and those that many of its sheets have."""

from __future__ import annotations

from toolkit.summary.kinds import Column, Kind, Tint, Total


def text(id: str, heading: str, width: int = 16, tint: Tint = Tint.NONE) -> Column:
    """Return a column of short texts, on one line."""
    return Column(id, heading, Kind.TEXT, width, tint=tint)


def long_text(id: str, heading: str, width: int = 40) -> Column:
    """Return a column of texts that wrap."""
    return Column(id, heading, Kind.LONG, width)


def money(id: str, heading: str) -> Column:
    """Return a column of money, printed in 万元 and added up."""
    return Column(id, heading, Kind.MONEY, 16, Total.SUM)


def rate(id: str, heading: str, *of: str, total: Total = Total.RATIO, tint: Tint = Tint.NONE) -> Column:
    """Return a column of rates; with `of` two columns, its total is made of their totals."""
    first, second = of or ("", "")
    return Column(id, heading, Kind.PERCENT, 11, total if of else Total.NONE, (first, second), tint)


def count(id: str, heading: str, total: Total = Total.NONE) -> Column:
    """Return a column of counts."""
    return Column(id, heading, Kind.INTEGER, 8, total)


def score(id: str, heading: str, total: Total = Total.NONE) -> Column:
    """Return a column of scores."""
    return Column(id, heading, Kind.SCORE, 10, total)


UNIT = long_text("unit", "单位", 38)
YEAR = Column("year", "年度", Kind.YEAR, 7)
DISTRICT = text("district", "区")
VERDICT = text("verdict", "结论", 8, Tint.VERDICT)
GRADE = text("grade", "等级", 7, Tint.GRADE)
GRADE_COMPUTED = text("grade_computed", "等级（核）", 8)
FILE = long_text("file", "来源文件", 40)
CELL = long_text("cell", "单元格", 22)
NUMBER = count("number", "序号")
