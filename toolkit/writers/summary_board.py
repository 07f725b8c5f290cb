"""看板: the district on one page, every figure of its table a live formula over 单位汇总 and 项目汇总."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from toolkit.issues.model import Verdict
from toolkit.summary.kinds import Kind
from toolkit.summary.model import Figures, Summary, Table
from toolkit.summary.rounding import wan
from toolkit.writers.board_years import (
    CHART_COLUMN,
    CHART_COLUMNS,
    ROWS,
    YEARLY,
    asked_of_years,
    has_years,
    write_years,
    year_claims,
)
from toolkit.writers.styles import NumberFormat, Styles
from toolkit.writers.summary_charts import DATA_SHEET
from toolkit.writers.summary_sheet import FORMATS, cached, write_value
from toolkit.writers.summary_totals import Placed, overall

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart
    from xlsxwriter.worksheet import Worksheet

DASH = "—"
COLUMNS, COLUMN_WIDTH, COLUMN_PIXELS = 24, 6.3, 49  # the grid everything on the board stands on
TILE = 4  # columns of a tile
LINE, LINE_PIXELS = 16.5, 22  # height of a row in points and pixels
TITLE_ROW, SUBTITLE_ROW, TILE_ROW, TABLE_ROW = 0, 1, 3, 7
CHART_ROWS = 17  # of the lower charts; the upper ones are as high as the table beside them
LINKS_IN_A_ROW = 12
FIGURE_COLUMNS = ((4, 5), (6, 7))  # of the key figures: all workbooks, the accepted ones


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the key figures: one formula over all workbooks, and over the accepted ones."""

    label: str
    kind: Kind
    table: str
    how: str
    of: tuple[str, ...]


LINES = (
    Line("单位数（个）", Kind.INTEGER, "units", "count", ("verdict",)),
    Line("年初预算数（万元）", Kind.MONEY, "units", "sum", ("initial_budget",)),
    Line("全年预算数（万元）", Kind.MONEY, "units", "sum", ("adjusted_budget",)),
    Line("全年执行数（万元）", Kind.MONEY, "units", "sum", ("actual_expenditure",)),
    Line("预算执行率", Kind.PERCENT, "units", "rate", ("actual_expenditure", "adjusted_budget")),
    Line("预算调整率", Kind.PERCENT, "units", "change", ("adjusted_budget", "initial_budget")),
    Line("自评得分（简单平均）", Kind.SCORE, "units", "mean", ("total_score",)),
    Line("自评得分（按预算加权）", Kind.SCORE, "units", "weighted", ("total_score", "adjusted_budget")),
    Line("绩效指标（个）", Kind.INTEGER, "units", "sum", ("indicators",)),
    Line("其中：已完成（个）", Kind.INTEGER, "units", "sum", ("met",)),
    Line("指标完成率", Kind.PERCENT, "units", "rate", ("met", "indicators")),
    Line("项目（个）", Kind.INTEGER, "projects", "count", ("verdict",)),
    Line("项目全年预算数（万元）", Kind.MONEY, "projects", "sum", ("adjusted_budget",)),
    Line("项目全年执行数（万元）", Kind.MONEY, "projects", "sum", ("actual_expenditure",)),
    Line("项目预算执行率", Kind.PERCENT, "projects", "rate", ("actual_expenditure", "adjusted_budget")),
)
# chart id -> first column, columns, whether it stands in the upper row
PLACES = {
    "money": (8, 8, True),
    "execution": (16, 8, True),
    "score": (0, 6, False),
    "grade": (6, 4, False),
    "indicators": (10, 6, False),
    "issues": (16, 8, False),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """A large figure with its name above and what it is made of below."""

    label: str
    value: Decimal | int | str | None
    kind: Kind
    note: str


def write_board(
    sheet: Worksheet,
    styles: Styles,
    summary: Summary,
    placed: Mapping[str, Placed],
    charts: Mapping[str, Chart],
) -> None:
    """Write title, tiles, key figures, charts and links onto the first sheet."""
    years = has_years(placed)
    _page(sheet, ROWS + 1 if years else 0)
    sheet.merge_range(TITLE_ROW, 0, TITLE_ROW, COLUMNS - 1, "", styles.get("title"))
    sheet.write_string(TITLE_ROW, 0, summary.title, styles.get("title"))
    sheet.merge_range(SUBTITLE_ROW, 0, SUBTITLE_ROW, COLUMNS - 1, "", styles.get("board_note"))
    sheet.write_string(SUBTITLE_ROW, 0, _subtitle(summary), styles.get("board_note"))
    for number, tile in enumerate(_tiles(summary)):
        _tile(sheet, styles, tile, number * TILE)
    _key_figures(sheet, styles, placed)
    for chart_id, (column, columns, upper) in PLACES.items():
        row, rows = (TABLE_ROW, len(LINES) + 1) if upper else (_lower_row(), CHART_ROWS)
        chart = charts.get(chart_id)
        if chart is None:
            sheet.write_string(row, column, "没有可画图的数据", styles.get("sheet_note"))
            continue
        chart.set_size({"width": columns * COLUMN_PIXELS - 4, "height": rows * LINE_PIXELS - 2})
        sheet.insert_chart(row, column, chart, {"x_offset": 4, "object_position": 2})
    if years:
        write_years(sheet, styles, placed[YEARLY], _years_row())
        if (chart := charts.get("years")) is not None:
            size = {"width": CHART_COLUMNS * COLUMN_PIXELS - 4, "height": ROWS * LINE_PIXELS - 2}
            chart.set_size(size)
            sheet.insert_chart(_years_row(), CHART_COLUMN, chart, {"x_offset": 4, "object_position": 2})
    top = _years_row() + (ROWS + 1 if years else 0)
    sheets = [part.sheet for place in placed.values() for part in place.parts]
    below = _links(sheet, styles, top, [*sheets, DATA_SHEET])
    for row, words in enumerate(_continued(placed), below):
        sheet.write_string(row, 0, words, styles.get("sheet_note"))


def asked_of(table: Table) -> Iterator[tuple[str, ...]]:
    """Yield the columns, and pairs of columns, of a table that the board adds up."""
    yield from (line.of for line in LINES if line.table == table.id and line.how != "count")
    if table.id == YEARLY:
        yield from asked_of_years()


def _continued(placed: Mapping[str, Placed]) -> Iterator[str]:
    """Yield a line for each table that one sheet does not hold."""
    for place in placed.values():
        if len(place.parts) > 1:
            totals = "，合计行在最后一张" if place.table.total_label else ""
            names = f"“{place.parts[0].sheet}”至“{place.parts[-1].sheet}” {len(place.parts)} 张工作表"
            yield f"“{place.table.name}”共 {place.count:,} 行，依次列在{names}{totals}。"


def board_claims(summary: Summary, placed: Mapping[str, Placed]) -> dict[tuple[int, int], object]:
    """Return what the cells of the board show, by row and column."""
    claims: dict[tuple[int, int], object] = {}
    claims |= {(TITLE_ROW, 0): summary.title, (SUBTITLE_ROW, 0): _subtitle(summary)}
    for number, tile in enumerate(_tiles(summary)):
        claims[TILE_ROW + 1, number * TILE] = _tile_value(tile)
        claims[TILE_ROW + 2, number * TILE] = tile.note
    for row, line in enumerate(LINES, TABLE_ROW + 1):
        for column, accepted in ((FIGURE_COLUMNS[0][0], False), (FIGURE_COLUMNS[1][0], True)):
            cell = overall(placed[line.table], line.how, line.of, accepted=accepted)
            claims[row, column] = DASH if cell.value is None and not cell.formula else cell.value
    return claims | (year_claims(placed[YEARLY], _years_row()) if has_years(placed) else {})


def _tile_value(tile: Tile) -> Decimal | int | str:
    value = wan(tile.value) if tile.kind is Kind.MONEY and isinstance(tile.value, Decimal) else tile.value
    return DASH if value is None else value


def _rated(figures: Figures) -> str:
    """Return what the execution rate is over: units without a budget or an outturn are left out of it."""
    if figures.rated == figures.units:
        return "执行合计÷预算合计"
    return f"只计两数齐全的 {figures.rated} 个单位"


def _subtitle(summary: Summary) -> str:
    told = summary.reporting
    words = [summary.district] if summary.district else []
    words.append(f"收到工作簿 {told.workbooks} 份，计入汇总 {told.counted} 份")
    if told.duplicate or told.unreadable:
        words.append(f"重复 {told.duplicate} 份，无法读取 {told.unreadable} 份")
    words.append(f"必改 {told.errors} 处，需说明 {told.explains} 处，提示 {told.notes} 处")
    return "　".join(words)


def _tiles(summary: Summary) -> list[Tile]:
    told, figures = summary.reporting, summary.everything
    arrived = told.reported + told.late + told.returned
    standing = f"已报 {told.reported}　迟报 {told.late}　退回 {told.returned}　漏报 {told.missing}"
    weighted = DASH if figures.weighted_score is None else f"{figures.weighted_score:.2f}"
    reported = Tile("收到／应报（份）", f"{arrived}／{told.due}", Kind.TEXT, standing)
    if not told.due:
        reported = Tile("收到工作簿（份）", told.workbooks, Kind.INTEGER, "没有名册")
    return [
        reported,
        Tile("全年预算数（万元）", figures.adjusted_budget, Kind.MONEY, f"{figures.units} 个单位"),
        Tile("全年执行数（万元）", figures.actual_expenditure, Kind.MONEY, "部门整体支出"),
        Tile("预算执行率", figures.execution_rate, Kind.PERCENT, _rated(figures)),
        Tile("平均自评得分", figures.mean_score, Kind.SCORE, f"简单平均；按预算加权 {weighted}"),
        Tile(
            "指标完成率", figures.completion_rate, Kind.PERCENT, f"{figures.met}／{figures.indicators} 个指标"
        ),
    ]


def _tile(sheet: Worksheet, styles: Styles, tile: Tile, column: int) -> None:
    last = column + TILE - 1
    form = styles.get("tile_value", num_format=FORMATS.get(tile.kind, NumberFormat.GENERAL).value)
    for row, look in ((TILE_ROW, "tile_label"), (TILE_ROW + 1, "tile_value"), (TILE_ROW + 2, "tile_note")):
        sheet.merge_range(row, column, row, last, "", form if look == "tile_value" else styles.get(look))
    sheet.write_string(TILE_ROW, column, tile.label, styles.get("tile_label"))
    sheet.write_string(TILE_ROW + 2, column, tile.note, styles.get("tile_note"))
    write_value(sheet, TILE_ROW + 1, column, _tile_value(tile), form)


def _key_figures(sheet: Worksheet, styles: Styles, placed: Mapping[str, Placed]) -> None:
    spans = ((0, 3), *FIGURE_COLUMNS)
    for (first, last), heading in zip(spans, ("主要数据", "全部", f"其中：{Verdict.ACCEPTED}"), strict=True):
        sheet.merge_range(TABLE_ROW, first, TABLE_ROW, last, heading, styles.get("column"))
    for row, line in enumerate(LINES, TABLE_ROW + 1):
        sheet.merge_range(row, 0, row, 3, line.label, styles.get("board_label"))
        for (first, last), accepted in zip(spans[1:], (False, True), strict=True):
            cell = overall(placed[line.table], line.how, line.of, accepted=accepted)
            form = styles.get("board_figure", num_format=FORMATS[line.kind].value)
            sheet.merge_range(row, first, row, last, "" if cell.value is not None else DASH, form)
            if cell.formula:
                sheet.write_formula(row, first, cell.formula, form, cached(cell.value))
            elif cell.value is not None:
                sheet.write_number(row, first, float(cell.value), form)


def _links(sheet: Worksheet, styles: Styles, top: int, names: list[str]) -> int:
    """Write a link to each sheet and return the row below them."""
    form = styles.get("board_link")
    for number, name in enumerate(names):
        row = top + number // LINKS_IN_A_ROW
        column = number % LINKS_IN_A_ROW * 2
        sheet.merge_range(row, column, row, column + 1, "", form)
        sheet.write_url(row, column, f"internal:'{name}'!A1", form, name, f"转到“{name}”")
    return top + -(-len(names) // LINKS_IN_A_ROW)


def _lower_row() -> int:
    return TABLE_ROW + len(LINES) + 2


def _years_row() -> int:
    return _lower_row() + CHART_ROWS + 1


def _page(sheet: Worksheet, more: int) -> None:
    sheet.set_column(0, COLUMNS - 1, COLUMN_WIDTH)
    heights = {TITLE_ROW: 32, SUBTITLE_ROW: 18, SUBTITLE_ROW + 1: 6, TILE_ROW: 18, TILE_ROW + 1: 30}
    heights |= {TILE_ROW + 2: 16, TILE_ROW + 3: 8}
    for row in range(_lower_row() + CHART_ROWS + 3 + more):
        sheet.set_row(row, heights.get(row, LINE))
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.4)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 1)
