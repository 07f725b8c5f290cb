"""Summary -> 汇总表.xlsx: the board, a sheet per table, and the figures behind the charts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.summary.model import Summary
from toolkit.writers.files import whole
from toolkit.writers.styles import DEFAULT_FONT, Colour, Styles
from toolkit.writers.summary_board import board_claims, write_board
from toolkit.writers.summary_charts import DATA_SHEET, chart_claims, progress_chart, write_chart_data
from toolkit.writers.summary_sheet import BOARD, place, table_claims, write_table
from toolkit.writers.verify import Claims

if TYPE_CHECKING:
    from xlsxwriter import Workbook

PROGRESS_ROWS = 19  # below the rows of 逐月进度: its chart


def write_summary(summary: Summary, path: Path, *, created: datetime) -> None:
    """Write 汇总表.xlsx, complete or not at all; the same summary and time give the same bytes."""
    import xlsxwriter

    options = {"default_format_properties": dict(DEFAULT_FONT)}
    with whole(path) as beside, xlsxwriter.Workbook(str(beside), options) as workbook:
        workbook.set_properties(_properties(summary, created))
        _write(workbook, summary)


def summary_claims(summary: Summary) -> Claims:
    """Return what every cell of 汇总表.xlsx that shows a figure or a word of the data has to show."""
    placed = {table.id: place(table) for table in summary.tables}
    return {
        BOARD: board_claims(summary, placed),
        **{each.table.name: table_claims(each) for each in placed.values()},
        DATA_SHEET: chart_claims(summary.charts),
    }


def _properties(summary: Summary, created: datetime) -> dict[str, object]:
    return {"title": summary.title, "subject": "绩效自评汇总", "author": summary.district, "created": created}


def _write(workbook: Workbook, summary: Summary) -> None:
    styles = Styles(workbook)
    board = workbook.add_worksheet(BOARD)
    board.set_tab_color(Colour.TITLE.value)
    board.activate()
    placed = {table.id: write_table(workbook, styles, table, summary.title) for table in summary.tables}
    if months := placed.get("monitor_months"):
        sheet = workbook.get_worksheet_by_name(months.table.name)
        sheet.insert_chart(months.last + 2, 1, progress_chart(workbook, months), {"object_position": 2})
        sheet.print_area(0, 0, months.last + PROGRESS_ROWS, len(months.table.columns) - 1)
    charts = write_chart_data(workbook, styles, summary.charts)
    write_board(board, styles, summary, placed, charts)
