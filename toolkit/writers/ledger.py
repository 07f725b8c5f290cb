"""台账.xlsx: one row a file, the officer's own columns tinted, with filters and a dropdown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.checks.ledger import COUNTS, EXCLUDED, GONE, LEDGER_COLUMNS, REPLACED, UNREADABLE, LedgerRow
from toolkit.checks.model import Opinion
from toolkit.writers.files import whole
from toolkit.writers.styles import A3, DEFAULT_FONT, NumberFormat, Styles

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

CREATED = datetime(2024, 1, 1)  # the same rows give the same bytes
WIDTHS = {
    "file": 46,
    "unit": 34,
    "form": 24,
    "year": 7,
    "filled": 12,
    "saved": 17,
    "size": 10,
    "verdict": 8,
    "state": 10,
    "why": 40,
    "seen": 12,
    "opinion": 12,
    "reason": 34,
    "sha256": 68,
}
OWN = ("opinion", "reason")  # columns the officer may fill in
TINTS = {COUNTS: "good", REPLACED: "wait", EXCLUDED: "wait", GONE: "wait", UNREADABLE: "bad"}
NOTE = (
    "台账由 xlreport build 更新：见过的每个文件一行，不会删除。“汇总人意见”“意见说明”两栏可以填写，"
    "也可以用 xlreport exclude、xlreport include 登记；填“排除”的不计入任何合计，填“采用”的优先采用，"
    "清空即取消。"
)


def write_ledger(rows: Sequence[LedgerRow], path: Path) -> None:
    """Write the ledger; complete or not at all."""
    from xlsxwriter import Workbook

    with (
        whole(path) as beside,
        Workbook(str(beside), {"default_format_properties": dict(DEFAULT_FONT)}) as book,
    ):
        book.set_properties({"title": "报送台账", "created": CREATED})
        styles = Styles(book)
        sheet = book.add_worksheet("台账")
        sheet.set_row(0, 28)
        sheet.merge_range(0, 0, 0, len(WIDTHS) - 2, NOTE, styles.get("footnote", valign="vcenter"))
        for column, (key, width) in enumerate(WIDTHS.items()):
            sheet.set_column(column, column, width)
            sheet.write_string(1, column, LEDGER_COLUMNS[key][0], styles.get("column"))
        sheet.set_row(1, 24)
        for at, row in enumerate(rows, 2):
            _write_row(sheet, styles, at, row)
        _set_up(sheet, styles, len(rows))


def _write_row(sheet: Worksheet, styles: Styles, at: int, row: LedgerRow) -> None:
    for column, key in enumerate(WIDTHS):
        value = getattr(row, key)
        if key in OWN:
            sheet.write_string(at, column, value, styles.get("answer"))
        elif isinstance(value, date):
            day = styles.get("listed_centre", num_format=NumberFormat.DATE.value)
            sheet.write_datetime(at, column, datetime.combine(value, time()), day)
        elif isinstance(value, int):
            look = styles.get("listed_figure", num_format=NumberFormat.COUNT.value)
            sheet.write_number(at, column, value, styles.get("listed_centre") if key == "year" else look)
        else:
            look = styles.get("listed" if key != "sha256" else "line")
            sheet.write_string(at, column, value or "", look)


def _set_up(sheet: Worksheet, styles: Styles, rows: int) -> None:
    last = rows + 1
    columns = list(WIDTHS)
    opinion, state = columns.index("opinion"), columns.index("state")
    sheet.data_validation(
        2, opinion, last + 200, opinion, {"validate": "list", "source": [word.value for word in Opinion]}
    )
    for word, look in TINTS.items():
        condition = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": styles.get(look)}
        sheet.conditional_format(2, state, max(last, 2), state, condition)
    sheet.freeze_panes(2, 1)
    sheet.autofilter(1, 0, last, len(columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(A3)
    sheet.print_area(0, 0, last, columns.index("reason"))  # a digest is for machines
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)
    sheet.hide_gridlines(2)
