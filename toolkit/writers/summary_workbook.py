"""Summary -> 汇总表.xlsx: the board, a sheet per table, figures behind charts; and what it cannot hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.summary.model import Summary
from toolkit.writers.files import whole
from toolkit.writers.source_links import FOLDER
from toolkit.writers.styles import DEFAULT_FONT, Colour, Styles
from toolkit.writers.summary_board import asked_of, board_claims, write_board
from toolkit.writers.summary_charts import DATA_SHEET, chart_claims, progress_chart, write_chart_data
from toolkit.writers.summary_placing import place, printed_rows, tables_apart
from toolkit.writers.summary_sheet import (
    BOARD,
    SUMMARY_FILE,
    PrintedRows,
    part_claims,
    table_claims,
    write_part,
    write_table,
)
from toolkit.writers.summary_totals import Part, Placed
from toolkit.writers.verify import Claims, in_rows

if TYPE_CHECKING:
    from xlsxwriter import Workbook

MONTHS = "monitor_months"  # a table that a chart draws
PROGRESS_ROWS = 19  # below the rows of 逐月进度: its chart


@dataclass(frozen=True, slots=True)
class Volume:
    """One workbook of the summary: its name, how it is written to a path, and what its cells have to show."""

    name: str
    write: Callable[[Path], None]
    claims: Callable[[], Claims]


class SummaryBook:
    """汇总表.xlsx of a summary, and beside it the workbooks of tables that it cannot hold."""

    def __init__(self, summary: Summary, *, created: datetime, folder: str = FOLDER) -> None:
        """Find out where everything stands, which goes over every row once.

        `folder` is where the workbooks of the units are, seen from this one.
        """
        self._summary, self._created = summary, created
        asked = {table.id: list(asked_of(table)) for table in summary.tables}
        needed = {name for name, columns in asked.items() if columns} | {MONTHS}
        apart = tables_apart(summary.tables, needed)
        self._placed = {
            table.id: replace(place(table, asked[table.id], apart=table.id in apart), folder=folder)
            for table in summary.tables
        }

    def volumes(self) -> Iterator[Volume]:
        """Yield 汇总表.xlsx and what stands beside it, to be written and then read in this order."""
        yield Volume(SUMMARY_FILE, self.write, self.claims)
        for placed in self._placed.values():
            written, claimed = printed_rows(placed.table), printed_rows(placed.table)
            for part in placed.parts if placed.is_apart else ():
                yield Volume(
                    part.file,
                    partial(self._write_part, placed, part, written),
                    partial(_part_claims, placed, part, claimed),
                )

    def write(self, path: Path) -> None:
        """Write 汇总表.xlsx, complete or not at all; the same summary and time give the same bytes."""
        with self._opened(path) as workbook:
            _write(workbook, self._summary, self._placed)

    def claims(self) -> Claims:
        """Return what every cell of 汇总表.xlsx that shows a figure or a word of the data has to show."""
        return {
            BOARD: in_rows(board_claims(self._summary, self._placed)),
            **{sheet: rows for each in self._placed.values() for sheet, rows in table_claims(each)},
            DATA_SHEET: in_rows(chart_claims(self._summary.charts)),
        }

    def _write_part(self, placed: Placed, part: Part, rows: PrintedRows, path: Path) -> None:
        with self._opened(path) as workbook:
            write_part(workbook, Styles(workbook), placed, part, rows, self._summary.title)

    @contextmanager
    def _opened(self, path: Path) -> Iterator[Workbook]:
        import xlsxwriter

        with whole(path) as beside:
            options = {"default_format_properties": dict(DEFAULT_FONT), "tmpdir": str(beside.parent)}
            with xlsxwriter.Workbook(str(beside), options) as workbook:
                workbook.use_zip64()
                workbook.set_properties(_properties(self._summary, self._created))
                yield workbook


def _part_claims(placed: Placed, part: Part, rows: PrintedRows) -> Claims:
    return {part.sheet: part_claims(placed, part, rows)}


def write_summary(summary: Summary, path: Path, *, created: datetime) -> None:
    """Write 汇总表.xlsx without asking what it has to show."""
    SummaryBook(summary, created=created).write(path)


def _properties(summary: Summary, created: datetime) -> dict[str, object]:
    return {"title": summary.title, "subject": "绩效自评汇总", "author": summary.district, "created": created}


def _write(workbook: Workbook, summary: Summary, placed: dict[str, Placed]) -> None:
    styles = Styles(workbook)
    board = workbook.add_worksheet(BOARD)
    board.set_tab_color(Colour.TITLE.value)
    board.activate()
    sheets = {name: write_table(workbook, styles, each, summary.title) for name, each in placed.items()}
    if months := placed.get(MONTHS):
        sheet, below = sheets[MONTHS], months.parts[0].last
        sheet.insert_chart(below + 2, 1, progress_chart(workbook, months), {"object_position": 2})
        sheet.print_area(0, 0, below + PROGRESS_ROWS, len(months.table.columns) - 1)
    charts = write_chart_data(workbook, styles, summary.charts)
    if months:
        charts["progress"] = progress_chart(workbook, months)
    write_board(board, styles, summary, placed, charts)
