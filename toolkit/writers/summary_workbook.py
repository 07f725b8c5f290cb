"""Summary -> 汇总表.xlsx: the board, a sheet per table, and the figures behind the charts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.summary.model import Summary
from toolkit.writers.files import whole
from toolkit.writers.styles import DEFAULT_FONT, Colour, Styles
from toolkit.writers.summary_board import asked_of, board_claims, write_board
from toolkit.writers.summary_charts import DATA_SHEET, chart_claims, progress_chart, write_chart_data
from toolkit.writers.summary_placing import place
from toolkit.writers.summary_sheet import BOARD, table_claims, write_table
from toolkit.writers.summary_totals import Placed
from toolkit.writers.verify import Claims, in_rows

if TYPE_CHECKING:
    from xlsxwriter import Workbook

PROGRESS_ROWS = 19  # below the rows of 逐月进度: its chart


class SummaryBook:
    """汇总表.xlsx of a summary: written, and what its cells have to show."""

    def __init__(self, summary: Summary) -> None:
        """Find out where everything stands, which goes over every row once."""
        self._summary = summary
        self._placed = {table.id: place(table, asked_of(table)) for table in summary.tables}

    def write(self, path: Path, *, created: datetime) -> None:
        """Write it, complete or not at all; the same summary and time give the same bytes."""
        import xlsxwriter

        with whole(path) as beside:
            options = {"default_format_properties": dict(DEFAULT_FONT), "tmpdir": str(beside.parent)}
            with xlsxwriter.Workbook(str(beside), options) as workbook:
                workbook.use_zip64()
                workbook.set_properties(_properties(self._summary, created))
                _write(workbook, self._summary, self._placed)

    def claims(self) -> Claims:
        """Return what every cell that shows a figure or a word of the data has to show."""
        return {
            BOARD: in_rows(board_claims(self._summary, self._placed)),
            **{sheet: rows for each in self._placed.values() for sheet, rows in table_claims(each)},
            DATA_SHEET: in_rows(chart_claims(self._summary.charts)),
        }


def write_summary(summary: Summary, path: Path, *, created: datetime) -> None:
    """Write 汇总表.xlsx without asking what it has to show."""
    SummaryBook(summary).write(path, created=created)


def _properties(summary: Summary, created: datetime) -> dict[str, object]:
    return {"title": summary.title, "subject": "绩效自评汇总", "author": summary.district, "created": created}


def _write(workbook: Workbook, summary: Summary, placed: dict[str, Placed]) -> None:
    styles = Styles(workbook)
    board = workbook.add_worksheet(BOARD)
    board.set_tab_color(Colour.TITLE.value)
    board.activate()
    sheets = {name: write_table(workbook, styles, each, summary.title) for name, each in placed.items()}
    if months := placed.get("monitor_months"):
        sheet, below = sheets["monitor_months"], months.parts[0].last
        sheet.insert_chart(below + 2, 1, progress_chart(workbook, months), {"object_position": 2})
        sheet.print_area(0, 0, below + PROGRESS_ROWS, len(months.table.columns) - 1)
    charts = write_chart_data(workbook, styles, summary.charts)
    if months:
        charts["progress"] = progress_chart(workbook, months)
    write_board(board, styles, summary, placed, charts)
