"""The tables of a 报送 file: their sheets and columns, the one place where writer and reader agree."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from toolkit.checks.cell_text import held
from toolkit.submission.grid import RawValue

Scalar: TypeAlias = str | Decimal | int | date | None

COVER = "封面"
COVER_LINES = {  # key -> what the cover prints before it
    "sender": "报送单位",
    "title": "汇总名称",
    "compiled": "编制日期",
    "part": "第几份",
    "parts": "共几份",
    "batch": "批次校验码",
    "files": "自评表份数",
    "facts": "数据行数",
    "digest": "目录校验码",
    "tool": "编制工具",
}
FORMAT = "xlreport-merged@1"
MARK = f"报送编号：{FORMAT}"
CHAIN = " › "  # between senders
MOST_FACTS = 150_000  # rows of 数据 in one file, so that a receiver's limits on cells hold it


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, and its width in half-width characters."""

    id: str
    heading: str
    width: int = 12


@dataclass(frozen=True, slots=True)
class MergedTable:
    """One flat table on a sheet of its own: headings in the first row, one record in each row below."""

    sheet: str
    columns: tuple[Column, ...]

    def row(self, **values: Scalar) -> list[Scalar]:
        """Return a row in the order of the columns, as cells can hold it; KeyError for no column's name."""
        row = [values.pop(column.id, None) for column in self.columns]
        if values:
            raise KeyError(f"{self.sheet}: {', '.join(values)}")
        return [held(value) if isinstance(value, str) else value for value in row]


FILES = MergedTable(
    "报送目录",
    (
        Column("number", "序号", 6),
        Column("unit", "单位", 34),
        Column("district", "区", 12),
        Column("origin", "经过的报送单位", 18),
        Column("form", "表样", 14),
        Column("version", "表样版本", 10),
        Column("form_digest", "表样校验码", 18),
        Column("year", "年度", 8),
        Column("title_year", "标题年度", 8),
        Column("fill_date", "填报日期", 12),
        Column("verdict", "结论", 8),
        Column("standing", "上报情况", 8),
        Column("file", "来源文件", 44),
        Column("sha256", "来源文件校验码", 18),
        Column("size", "字节数", 10),
        Column("filled", "非空单元格", 10),
        Column("labels", "标签", 8),
        Column("answers", "答案", 8),
        Column("notes", "注释", 8),
        Column("unread", "未采用", 8),
        Column("facts", "数据行数", 8),
        Column("issues", "问题行数", 8),
        Column("indicators", "指标行数", 8),
        Column("digest", "内容校验码", 18),
    ),
)
FACTS = MergedTable(
    "数据",
    (
        Column("number", "序号", 6),
        Column("line", "行号", 8),
        Column("unit", "单位", 34),
        Column("form", "表样", 12),
        Column("year", "年度", 6),
        Column("section", "块", 14),
        Column("row", "行", 14),
        Column("field", "栏", 18),
        Column("label", "栏目名称", 26),
        Column("value", "数值", 16),
        Column("text", "文字", 40),
        Column("day", "日期", 12),
        Column("sheet", "工作表", 16),
        Column("cell", "单元格", 8),
        Column("file", "来源文件", 30),
        Column("sha256", "来源文件校验码", 18),
        Column("record", "编码", 20),
    ),
)
ISSUES = MergedTable(
    "问题",
    (
        Column("number", "序号", 6),
        Column("line", "行号", 6),
        Column("unit", "单位", 34),
        Column("code", "代码", 8),
        Column("severity", "级别", 8),
        Column("sheet", "工作表", 16),
        Column("cell", "单元格", 10),
        Column("label", "栏目", 20),
        Column("found", "现为", 24),
        Column("expected", "应为", 24),
        Column("message", "问题", 60),
        Column("hint", "怎样处理", 60),
        Column("likened", "与其他自评表比较得出", 10),
    ),
)
INDICATORS = MergedTable(
    "指标核定",
    (
        Column("number", "序号", 6),
        Column("unit", "单位", 34),
        Column("section", "块", 14),
        Column("row", "行", 6),
        Column("name", "指标名称", 30),
        Column("status", "核定情况", 10),
        Column("method", "核定方法", 30),
        Column("record", "编码", 20),
    ),
)
MISSING = MergedTable(
    "漏报",
    (
        Column("unit", "单位", 34),
        Column("form", "表样", 14),
        Column("year", "年度", 8),
        Column("period", "截至", 8),
        Column("due", "截止日期", 12),
        Column("contact", "联系人", 12),
        Column("phone", "电话", 16),
    ),
)


def number_or_text(value: Decimal) -> Decimal | str:
    """Return a number as Excel can hold it, or its digits as text where a binary number would lose some.

    >>> number_or_text(Decimal("7704.69")), number_or_text(Decimal("0.33333333333333333333"))
    (Decimal('7704.69'), '0.33333333333333333333')
    """
    exact = value.is_finite() and abs(value) < Decimal(10) ** 300 and Decimal(repr(float(value))) == value
    return value if exact else str(value)


def canonical(value: Scalar | RawValue) -> str:
    """Return a cell's content as it enters a digest: alike when written and when read back.

    >>> canonical(Decimal("2.50")), canonical(2.5), canonical(None), canonical(date(2025, 3, 10))
    ('2.5', '2.5', '', '2025-03-10')
    """
    if value is None:
        return ""
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal | int):
        number = Decimal(value)
        return format(number.normalize(), "f") if number else "0"
    if isinstance(value, datetime):
        value = value.date()
    return value.isoformat() if isinstance(value, date) else str(value)


def digest(rows: Iterable[Sequence[Scalar | RawValue]]) -> str:
    """Return the SHA-256 of rows in any order, as people sort them; it tells edits, and is no signature."""
    lines = sorted(
        json.dumps([canonical(value) for value in row], ensure_ascii=False, separators=(",", ":"))
        for row in rows
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
