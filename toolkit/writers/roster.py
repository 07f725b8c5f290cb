"""The roster workbook: which units must report, with which form, for which year, until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.checks.model import RosterUnit
from toolkit.writers.files import whole
from toolkit.writers.styles import A4, DEFAULT_FONT, NumberFormat, Styles

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

COLUMNS = {  # heading -> width in characters
    "单位编码": 14,
    "单位名称": 40,
    "别名": 34,
    "单位类型": 14,
    "所在区": 12,
    "联系人": 12,
    "联系电话": 18,
    "应报表": 22,
    "预算年度": 10,
    "截止日期": 14,
}
CREATED = datetime(2024, 1, 1)  # the same roster gives the same bytes
BLANK_ROWS = 40
_NOTE = (
    "填写说明：应报表写表样编号，多种用“、”隔开，如 department、project；别名写各种简称，用“；”隔开；"
    "预算年度、截止日期留空时按 xlreport.toml 的设置。"
)


def write_roster(units: Sequence[RosterUnit], path: Path) -> None:
    """Write the roster, one unit a row, with empty rows for more; complete or not at all."""
    from xlsxwriter import Workbook

    with whole(path) as beside:
        book = Workbook(
            beside, {"default_format_properties": dict(DEFAULT_FONT), "strings_to_formulas": False}
        )
        book.set_properties({"title": "应报单位名册", "created": CREATED})
        styles = Styles(book)
        sheet = book.add_worksheet("名册")
        head, note = styles.get("heading"), styles.get("footnote")
        for column, (heading, width) in enumerate(COLUMNS.items()):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, heading, head)
        sheet.set_row(0, 26)
        for row in range(1, max(len(units), BLANK_ROWS) + 1):
            _write_unit(sheet, styles, row, units[row - 1] if row <= len(units) else None)
        sheet.write_string(max(len(units), BLANK_ROWS) + 1, 0, _NOTE, note)
        _set_up(sheet, max(len(units), 1))
        book.close()


def _write_unit(sheet: Worksheet, styles: Styles, row: int, unit: RosterUnit | None) -> None:
    text = styles.get("plain")
    year = styles.get("centred", num_format=NumberFormat.WHOLE.value)
    day = styles.get("centred", num_format=NumberFormat.DATE.value)
    sheet.set_row(row, 30 if unit else 22)
    if unit is None:
        for column in range(len(COLUMNS)):
            sheet.write_blank(row, column, None, day if column == len(COLUMNS) - 1 else text)
        return
    texts = (
        unit.code,
        unit.name,
        "；".join(unit.aliases),
        unit.kind,
        unit.district,
        unit.contact,
        unit.phone,
        "、".join(unit.forms),
    )
    for column, value in enumerate(texts):
        sheet.write_string(row, column, value, text)
    if unit.year is None:
        sheet.write_blank(row, len(texts), None, year)
    else:
        sheet.write_number(row, len(texts), unit.year, year)
    _write_date(sheet, row, len(texts) + 1, unit.due, day)


def _write_date(sheet: Worksheet, row: int, column: int, value: date | None, style: Format) -> None:
    if value is None:
        sheet.write_blank(row, column, None, style)
    else:
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), style)


def _set_up(sheet: Worksheet, last: int) -> None:
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.hide_gridlines(2)
