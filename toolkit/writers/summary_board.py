"""看板: the district on one page, every figure of its table a live formula over 单位汇总 and 项目汇总."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from toolkit.issues.model import Verdict
from toolkit.summary.kinds import Kind
from toolkit.summary.model import Summary, Table
from toolkit.summary.rounding import wan
from toolkit.writers.board_profiles import (
    DASH,
    MONITOR,
    MONITORED,
    MOST_LINES,
    PROFILES,
    Line,
    Tile,
    profile_of,
    reported_tile,
)
from toolkit.writers.board_years import (
    CHART_COLUMN,
    CHART_COLUMNS,
    ROWS,
    YEARLY,
    asked_of_years,
    shown_years,
    write_years,
    year_claims,
)
from toolkit.writers.styles import A4, NumberFormat, Styles
from toolkit.writers.summary_charts import DATA_SHEET
from toolkit.writers.summary_sheet import FORMATS, cached, write_value
from toolkit.writers.summary_totals import Placed

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart
    from xlsxwriter.worksheet import Worksheet

COLUMNS, COLUMN_WIDTH, COLUMN_PIXELS = 24, 6.3, 49  # the grid everything on the board stands on
TILE = 4  # columns of a tile
LINE, LINE_PIXELS = 16.5, 22  # height of a row in points and pixels
TITLE_ROW, SUBTITLE_ROW, TILE_ROW, TABLE_ROW = 0, 1, 3, 7
CHART_ROWS = 17  # of the lower charts; the upper ones are as high as the table beside them
LINKS_IN_A_ROW = 12
BLOCK_CHARTS = {**dict.fromkeys(YEARLY, "years"), "monitor": "progress"}
FIGURE_COLUMNS = ((4, 5), (6, 7))  # of the key figures: all workbooks, the accepted ones


def write_board(
    sheet: Worksheet,
    styles: Styles,
    summary: Summary,
    placed: Mapping[str, Placed],
    charts: Mapping[str, Chart],
) -> None:
    """Write title, tiles, key figures, charts and links onto the first sheet."""
    profile, blocks = profile_of(placed), list(_blocks(placed))
    _page(sheet, len(blocks) * (ROWS + 1))
    sheet.merge_range(TITLE_ROW, 0, TITLE_ROW, COLUMNS - 1, "", styles.get("title"))
    sheet.write_string(TITLE_ROW, 0, summary.title, styles.get("title"))
    sheet.merge_range(SUBTITLE_ROW, 0, SUBTITLE_ROW, COLUMNS - 1, "", styles.get("board_note"))
    sheet.write_string(SUBTITLE_ROW, 0, _subtitle(summary), styles.get("board_note"))
    for number, tile in enumerate(_tiles(summary, placed)):
        _tile(sheet, styles, tile, number * TILE)
    _figures(sheet, styles, placed, profile.lines, TABLE_ROW, "主要数据")
    for chart_id, (column, columns, upper) in profile.charts.items():
        row, rows = (TABLE_ROW, MOST_LINES + 1) if upper else (_lower_row(), CHART_ROWS)
        chart = charts.get(chart_id)
        if chart is None:
            words = "没有发现问题。" if chart_id == "issues" else "没有可画图的数据"
            sheet.write_string(row, column, words, styles.get("sheet_note"))
        else:
            _draw(sheet, chart, row, column, columns, rows)
    for name, top in blocks:
        if name in YEARLY:
            write_years(sheet, styles, placed[name], top)
        else:
            _figures(sheet, styles, placed, MONITORED, top, "运行监控")
        if (chart := charts.get(BLOCK_CHARTS[name])) is not None:
            _draw(sheet, chart, top, CHART_COLUMN, CHART_COLUMNS, ROWS)
    sheets = dict.fromkeys(part.sheet for place in placed.values() for part in place.parts)
    below = _links(sheet, styles, _block_row(len(blocks)), [*sheets, DATA_SHEET])
    for row, words in enumerate(_continued(placed), below):
        sheet.write_string(row, 0, words, styles.get("sheet_note"))


def _blocks(placed: Mapping[str, Placed]) -> Iterator[tuple[str, int]]:
    """Yield what stands below the charts, each with its first row: last year, the running year."""
    there = [name for name in (shown_years(placed),) if name]
    there += ["monitor"] if "monitor" in placed and profile_of(placed) is not MONITOR else []
    yield from ((name, _block_row(number)) for number, name in enumerate(there))


def _draw(sheet: Worksheet, chart: Chart, row: int, column: int, columns: int, rows: int) -> None:
    """Put a chart on the grid, as many columns wide and rows high as it may be."""
    chart.set_size({"width": columns * COLUMN_PIXELS - 4, "height": rows * LINE_PIXELS - 2})
    sheet.insert_chart(row, column, chart, {"x_offset": 4, "object_position": 2})


def asked_of(table: Table) -> Iterator[tuple[str, ...]]:
    """Yield the columns, and pairs of columns, of a table that the board adds up."""
    lines = (line for profile in PROFILES for line in profile.lines)
    yield from dict.fromkeys(line.of for line in lines if line.table == table.id and line.how != "count")
    if table.id in YEARLY:
        yield from asked_of_years()


def _continued(placed: Mapping[str, Placed]) -> Iterator[str]:
    """Yield a line for each table that one sheet of this workbook does not hold."""
    for place in placed.values():
        first, last, count = place.parts[0], place.parts[-1], len(place.parts)
        if place.is_apart:
            names = f"文件“{first.file}”" if count == 1 else f"“{first.file}”至“{last.file}” {count} 个文件"
        elif count > 1:
            names = f"“{first.sheet}”至“{last.sheet}” {count} 张工作表"
        else:
            continue
        totals = "，合计行在最后一张" if place.table.total_label else ""
        yield f"“{place.table.name}”共 {place.count:,} 行，列在{names}{totals}。"


def board_claims(summary: Summary, placed: Mapping[str, Placed]) -> dict[tuple[int, int], object]:
    """Return what the cells of the board show, by row and column."""
    claims: dict[tuple[int, int], object] = {}
    claims |= {(TITLE_ROW, 0): summary.title, (SUBTITLE_ROW, 0): _subtitle(summary)}
    for number, tile in enumerate(_tiles(summary, placed)):
        claims[TILE_ROW + 1, number * TILE] = _tile_value(tile)
        claims[TILE_ROW + 2, number * TILE] = tile.note
    claims |= dict(_figure_claims(placed, profile_of(placed).lines, TABLE_ROW))
    for name, top in _blocks(placed):
        years = name in YEARLY
        claims |= year_claims(placed[name], top) if years else dict(_figure_claims(placed, MONITORED, top))
    return claims


def _figure_claims(
    placed: Mapping[str, Placed], lines: Sequence[Line], top: int
) -> Iterator[tuple[tuple[int, int], object]]:
    """Yield what the cells of a list of key figures show, by row and column."""
    for row, line in enumerate(lines, top + 1):
        for column, accepted in ((FIGURE_COLUMNS[0][0], False), (FIGURE_COLUMNS[1][0], True)):
            cell = line.cell(placed, accepted=accepted)
            yield (row, column), DASH if cell.value is None and not cell.formula else cell.value


def _tile_value(tile: Tile) -> Decimal | int | str:
    value = wan(tile.value) if tile.kind is Kind.MONEY and isinstance(tile.value, Decimal) else tile.value
    return DASH if value is None else value


def _subtitle(summary: Summary) -> str:
    told = summary.reporting
    words = [summary.district] if summary.district else []
    words.append(f"收到工作簿 {told.workbooks} 份，计入汇总 {told.counted} 份")
    if told.duplicate or told.unreadable:
        words.append(f"重复 {told.duplicate} 份，无法读取 {told.unreadable} 份")
    words.append(f"必改 {told.errors} 处，需说明 {told.explains} 处，提示 {told.notes} 处")
    return "　".join(words)


def _tiles(summary: Summary, placed: Mapping[str, Placed]) -> list[Tile]:
    return [reported_tile(summary), *profile_of(placed).tiles(summary, placed)]


def _tile(sheet: Worksheet, styles: Styles, tile: Tile, column: int) -> None:
    last = column + TILE - 1
    form = styles.get("tile_value", num_format=FORMATS.get(tile.kind, NumberFormat.GENERAL).value)
    for row, look in ((TILE_ROW, "tile_label"), (TILE_ROW + 1, "tile_value"), (TILE_ROW + 2, "tile_note")):
        sheet.merge_range(row, column, row, last, "", form if look == "tile_value" else styles.get(look))
    sheet.write_string(TILE_ROW, column, tile.label, styles.get("tile_label"))
    sheet.write_string(TILE_ROW + 2, column, tile.note, styles.get("tile_note"))
    write_value(sheet, TILE_ROW + 1, column, _tile_value(tile), form)


def _figures(
    sheet: Worksheet,
    styles: Styles,
    placed: Mapping[str, Placed],
    lines: Sequence[Line],
    top: int,
    title: str,
) -> None:
    """Write a list of key figures, its headings on row `top`."""
    spans = ((0, 3), *FIGURE_COLUMNS)
    for (first, last), heading in zip(spans, (title, "全部", f"其中：{Verdict.ACCEPTED}"), strict=True):
        sheet.merge_range(top, first, top, last, heading, styles.get("column"))
    for row, line in enumerate(lines, top + 1):
        sheet.merge_range(row, 0, row, 3, line.label, styles.get("board_label"))
        for (first, last), accepted in zip(spans[1:], (False, True), strict=True):
            cell = line.cell(placed, accepted=accepted)
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
    return TABLE_ROW + MOST_LINES + 2


def _block_row(number: int) -> int:
    return _lower_row() + CHART_ROWS + 1 + number * (ROWS + 1)


def _page(sheet: Worksheet, more: int) -> None:
    sheet.set_column(0, COLUMNS - 1, COLUMN_WIDTH)
    heights = {TITLE_ROW: 32, SUBTITLE_ROW: 18, SUBTITLE_ROW + 1: 6, TILE_ROW: 18, TILE_ROW + 1: 30}
    heights |= {TILE_ROW + 2: 16, TILE_ROW + 3: 8}
    for row in range(_lower_row() + CHART_ROWS + 3 + more):
        sheet.set_row(row, heights.get(row, LINE))
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.4)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 1)
