"""The block 上年对比 of the board: last year beside this year, live over the sheet of units or projects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.summary.kinds import Kind
from toolkit.writers.styles import Styles
from toolkit.writers.summary_sheet import FORMATS, cached
from toolkit.writers.summary_totals import Placed, TotalCell, overall

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

YEARLY = {
    "yearly": "单位",
    "projects_yearly": "项目",
}  # sheets of both years, of which the first is shown
ROWS = 11  # rows of the block, with the chart beside it
CHART_COLUMN, CHART_COLUMNS = 10, 14
_SPANS = ((0, 3), (4, 5), (6, 7), (8, 9))  # columns of the label, last year, this year, the change
_HEADINGS = ("上年对比", "上年", "本年", "增减率")
_DASH = "—"


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of both years: how it is made, and of which columns."""

    label: str
    kind: Kind
    how: str
    last: tuple[str, ...]
    this: tuple[str, ...]

    def cells(self, placed: Placed) -> Iterator[tuple[TotalCell, Kind]]:
        """Yield last year's, this year's, and for money how it changed."""
        yield overall(placed, self.how, self.last, accepted=False), self.kind
        yield overall(placed, self.how, self.this, accepted=False), self.kind
        change = self.kind is Kind.MONEY
        compared = (self.this[0], self.last[0])
        yield overall(placed, "change", compared, accepted=False) if change else TotalCell(), Kind.PERCENT


_BUDGET, _OUTTURN, _SCORE = "adjusted_budget", "actual_expenditure", "total_score"
LINES = (
    Line("全年预算数（万元）", Kind.MONEY, "sum", (f"last_{_BUDGET}",), (_BUDGET,)),
    Line("全年执行数（万元）", Kind.MONEY, "sum", (f"last_{_OUTTURN}",), (_OUTTURN,)),
    Line("预算执行率", Kind.PERCENT, "rate", (f"last_{_OUTTURN}", f"last_{_BUDGET}"), (_OUTTURN, _BUDGET)),
    Line("自评得分（简单平均）", Kind.SCORE, "mean", (f"last_{_SCORE}",), (_SCORE,)),
)


def shown_years(placed: Mapping[str, Placed]) -> str:
    """Return the sheet of both years that the block is about, empty when there is nothing to compare."""
    return next((name for name in YEARLY if name in placed and placed[name].count), "")


def asked_of_years() -> Iterator[tuple[str, ...]]:
    """Yield the columns, and pairs of columns, of a sheet of both years that the block adds up."""
    for line in LINES:
        yield line.last
        yield line.this
        yield line.this[0], line.last[0]


def write_years(sheet: Worksheet, styles: Styles, placed: Placed, top: int) -> None:
    """Write headings, figures and how many are compared, from row `top` on."""
    for (first, last), heading in zip(_SPANS, _HEADINGS, strict=True):
        sheet.merge_range(top, first, top, last, heading, styles.get("column"))
    for row, line in enumerate(LINES, top + 1):
        sheet.merge_range(row, 0, row, 3, line.label, styles.get("board_label"))
        for (first, last), (cell, kind) in zip(_SPANS[1:], line.cells(placed), strict=True):
            form = styles.get("board_figure", num_format=FORMATS[kind].value)
            sheet.merge_range(row, first, row, last, "" if cell.formula else _DASH, form)
            if cell.formula:
                sheet.write_formula(row, first, cell.formula, form, cached(cell.value))
    sheet.write_string(top + len(LINES) + 1, 0, _note(placed), styles.get("sheet_note"))


def year_claims(placed: Placed, top: int) -> dict[tuple[int, int], object]:
    """Return what the cells of the block show, by row and column."""
    return {
        (row, first): cell.value if cell.formula else _DASH
        for row, line in enumerate(LINES, top + 1)
        for (first, _), (cell, _) in zip(_SPANS[1:], line.cells(placed), strict=True)
    }


def _note(placed: Placed) -> str:
    subject = YEARLY[placed.table.id]
    return f"两年都有自评表的 {placed.count} 个{subject}，逐个{subject}见“{placed.table.name}”。"
