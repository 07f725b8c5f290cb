"""One table of the summary onto its worksheets: typed cells, filter, live totals, widths, print set-up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from toolkit.checks.cell_text import held
from toolkit.summary.kinds import Kind, Tint
from toolkit.summary.model import Table
from toolkit.summary.rows import Record
from toolkit.writers.measure import row_height, text_lines
from toolkit.writers.row_sheet import Cell, RowSheet
from toolkit.writers.source_links import MOST_LINKS, links_of
from toolkit.writers.styles import A3, A4, DATA_BAR, Colour, NumberFormat, Styles
from toolkit.writers.summary_placing import FIRST_ROW, HEADING_ROW, NOTE_ROW, TITLE_ROW, printed_rows
from toolkit.writers.summary_totals import Part, Placed, TotalRow, total_rows
from toolkit.writers.verify import ClaimedRow

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

BOARD = "看板"
SUMMARY_FILE = "汇总表.xlsx"
SIZE, PADDING, MOST_LINES = 10, 4.0, 12  # points of the text, around it, and lines before a row stops growing
SHORT = 12  # half-width characters up to which a text column is centred
SCREEN_ONLY = {"file", "cell"}  # last columns of this kind are not printed: paper is too narrow for them
WIDE = 190  # characters that an A4 page across still prints legibly
LOW_EXECUTION = Decimal("0.90")  # below it the forms ask for a reason
LISTED_AS = {Kind.YEAR: "centre", Kind.DATE: "centre", Kind.INTEGER: "centre"}
FORMATS = {
    Kind.MONEY: NumberFormat.MONEY,
    Kind.PERCENT: NumberFormat.PERCENT,
    Kind.SCORE: NumberFormat.SCORE,
    Kind.YEAR: NumberFormat.WHOLE,
    Kind.INTEGER: NumberFormat.COUNT,
    Kind.DATE: NumberFormat.DATE,
}

# value -> look of the cells that show it
TINTS: Mapping[Tint, Mapping[str, str]] = {
    Tint.VERDICT: {"采用": "good", "待说明": "wait", "退回": "bad"},
    Tint.SEVERITY: {"必改": "bad", "需说明": "wait"},
    Tint.STANDING: {
        "已报": "good",
        "迟报": "wait",
        "退回": "bad",
        "漏报": "bad",
        "重复": "wait",
        "名册外": "wait",
    },
    Tint.WAIVER: {"已采用": "good", "未用到": "wait", "已过期": "wait", "不适用": "bad"},
    Tint.AGREEMENT: {"一致": "good", "不一致": "bad"},
    Tint.COMPLETION: {
        "未完成": "bad",
        "未达成": "bad",
        "部分完成": "wait",
        "部分达成": "wait",
        "无法判定": "wait",
    },
    Tint.MISSING: {"未说明": "bad"},
    Tint.PROGRESS: {
        "正常": "good",
        "有滞后项目": "wait",
        "滞后": "bad",
        "资金快于目标": "wait",
        "目标快于资金": "wait",
        "双预警": "bad",
        "执行滞后": "wait",
        "进度不一致": "wait",
        "本期未报": "bad",
        "目标无法完成": "bad",
    },
    Tint.GRADE: {"差": "bad", "中": "wait", "未评": "wait"},
}

LINK: Mapping[str, Any] = {"font_color": Colour.TAB_FORM.value}  # of a cell that leads to its source
SOURCE_TIP = "打开来源文件"
GUIDE_TIP = "打开这个文件"
GUIDE_WIDTH, LINE = 70, 18.0  # of the lines that lead to other workbooks: characters, points

Cached: TypeAlias = Decimal | float | int | str | date | None


PrintedRows: TypeAlias = Iterator[tuple[Record, list[Any]]]


def write_table(workbook: Workbook, styles: Styles, placed: Placed, title: str) -> RowSheet:
    """Add a worksheet for each part of a table, or one that leads to its workbooks; return the last one."""
    if placed.is_apart:
        return _write_guide(workbook, styles, placed, title)
    rows = printed_rows(placed.table)
    for part in placed.parts:
        sheet = write_part(workbook, styles, placed, part, rows, title)
    return sheet


def write_part(
    workbook: Workbook, styles: Styles, placed: Placed, part: Part, rows: PrintedRows, title: str
) -> RowSheet:
    """Add a worksheet with the next of the rows; total rows stand below the last part."""
    table = placed.table
    sheet: RowSheet = workbook.add_worksheet(part.sheet, RowSheet)
    totals = total_rows(placed) if part is placed.parts[-1] else []
    _head(sheet, styles, placed, part, title)
    if placed.count:
        _rows(sheet, styles, placed, part, islice(rows, part.count))
        for row, total in enumerate(totals, part.last + 1):
            _total_row(sheet, styles, table, total, row)
        _list_object(sheet, table, part, totals)
        _tint(sheet, styles, table, part)
    else:
        sheet.add_row(FIRST_ROW, [Cell(table.empty, styles.get("sheet_note"))])
    _page(sheet, placed, part)
    return sheet


def _write_guide(workbook: Workbook, styles: Styles, placed: Placed, title: str) -> RowSheet:
    """Add a worksheet that leads to the workbooks a table stands in."""
    sheet: RowSheet = workbook.add_worksheet(placed.table.name, RowSheet)
    lines = dict(_guide(placed))
    _title_row(sheet, styles, placed.table.name, title, "")
    sheet.add_row(NOTE_ROW, [Cell(lines.pop(NOTE_ROW), styles.get("sheet_note"))], 16)
    for part, (row, words) in zip(placed.parts, lines.items(), strict=True):
        sheet.add_link(row, 0, f"external:{part.file}", GUIDE_TIP)
        sheet.add_row(row, [Cell(words, styles.get("board_link", align="left"))], LINE)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, GUIDE_WIDTH)
    return sheet


def _guide(placed: Placed) -> Iterator[tuple[int, str]]:
    """Yield row and words of the lines that tell where a table stands."""
    yield NOTE_ROW, f"共 {placed.count:,} 行，本工作簿放不下，依次列在以下文件，与本文件同在一个文件夹。"
    start = 1
    for row, part in enumerate(placed.parts, FIRST_ROW):
        yield row, f"{part.file}　第 {start:,}—{start + part.count - 1:,} 行"
        start += part.count


def table_claims(placed: Placed) -> Iterator[tuple[str, Iterator[ClaimedRow]]]:
    """Yield, for each sheet of a table in 汇总表.xlsx, what its rows show: headings, records and totals."""
    if placed.is_apart:
        yield placed.table.name, ((row, [words]) for row, words in _guide(placed))
        return
    rows = printed_rows(placed.table)
    for part in placed.parts:
        yield part.sheet, part_claims(placed, part, rows)


def part_claims(placed: Placed, part: Part, rows: PrintedRows) -> Iterator[ClaimedRow]:
    """Yield what the rows of a part show, taking its records from `rows`."""
    yield HEADING_ROW, [column.heading for column in placed.table.columns]
    for row, (_, values) in enumerate(islice(rows, part.count), part.first):
        yield row, values
    totals = total_rows(placed) if part is placed.parts[-1] else []
    for row, total in enumerate(totals, part.last + 1):
        cells: list[Any] = [cell.value for cell in total.cells]
        cells[_named(placed.table)] = total.label
        yield row, cells


def write_value(sheet: Worksheet, row: int, column: int, value: Cached, form: Format) -> None:
    """Write one value by its type; text is never taken for a formula or a link."""
    if value is None:
        sheet.write_blank(row, column, None, form)
    elif isinstance(value, str):
        if sheet.write_string(row, column, value, form):
            raise ValueError(f"cell ({row}, {column}) does not hold its {len(value)} characters")
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, form)
    else:
        sheet.write_number(row, column, float(value), form)


def format_of(
    styles: Styles,
    kind: Kind,
    value: Any,
    look: str = "listed",
    *,
    short: bool = False,
    link: bool = False,
) -> Format:
    """Return the format of a cell by what its column holds and the value it shows."""
    ink = LINK if link else {}
    if kind in (Kind.TEXT, Kind.LONG) or isinstance(value, str):
        return styles.get(f"{look}_centre" if short else look, **ink)
    whole = value is None or value == int(value) if kind is Kind.NUMBER else False
    number_format = FORMATS.get(kind, NumberFormat.COUNT if whole else NumberFormat.MEASURE)
    return styles.get(f"{look}_{LISTED_AS.get(kind, 'figure')}", num_format=number_format.value, **ink)


def cached(value: Cached) -> float | str:
    """Return a value as the cached result of a formula.

    >>> cached(Decimal("0.5")), cached(None)
    (0.5, '')
    """
    return (
        value if isinstance(value, str) else "" if value is None or isinstance(value, date) else float(value)
    )


# --- cells --------------------------------------------------------------------------------------------


class _Looks:
    """The formats of one table's cells, each looked up once by what decides about it."""

    def __init__(self, styles: Styles, placed: Placed) -> None:
        columns = zip(placed.table.columns, placed.widths, strict=True)
        self._styles = styles
        self._short = [column.kind is Kind.TEXT and width <= SHORT for column, width in columns]
        self._made: dict[tuple[int, Kind, bool, bool, str, bool], Format] = {}

    def of(self, at: int, kind: Kind, value: Any, look: str, link: bool) -> Format:
        """Return the format of a cell of the column at that place."""
        figure = value is not None and not isinstance(value, str)
        whole = kind is Kind.NUMBER and figure and value == int(value)
        key = (at, kind, isinstance(value, str), whole or value is None, look, link)
        if key not in self._made:
            short = self._short[at]
            self._made[key] = format_of(self._styles, kind, value, look, short=short, link=link)
        return self._made[key]


def _rows(
    sheet: RowSheet,
    styles: Styles,
    placed: Placed,
    part: Part,
    rows: Iterable[tuple[Record, list[Any]]],
) -> None:
    table, widths = placed.table, placed.widths
    looks, room = _Looks(styles, placed), MOST_LINKS
    for row, (record, values) in enumerate(rows, part.first):
        links = links_of(record, placed.folder) if room > 0 else {}
        room -= len(links)
        lines = max(map(_lines, values, widths))
        look = "summed" if record.get("strong") else "listed" if lines == 1 else "listed_top"
        cells = []
        for at, (column, value) in enumerate(zip(table.columns, values, strict=True)):
            kind = record["kind"] if column.kind is Kind.BY_ROW else column.kind
            link = "" if value is None or column.formula else links.get(column.id, "")
            if link:
                sheet.add_link(row, at, link, SOURCE_TIP)
            formula = _in_row(table, column.formula, row) if column.formula else ""
            cells.append(Cell(value, looks.of(at, kind, value, look, bool(link)), formula))
        sheet.add_row(row, cells, row_height(min(lines, MOST_LINES), size=SIZE, padding=PADDING))


def _in_row(table: Table, formula: str, row: int) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell

    return formula.format_map(
        {column.id: xl_rowcol_to_cell(row, at) for at, column in enumerate(table.columns)}
    )


def _total_row(sheet: RowSheet, styles: Styles, table: Table, total: TotalRow, row: int) -> None:
    named, cells = _named(table), []
    for at, (column, cell) in enumerate(zip(table.columns, total.cells, strict=True)):
        form = format_of(styles, column.kind, None, "summed")
        cells.append(Cell(total.label if at == named else cell.value, form, cell.formula))
    sheet.add_row(row, cells, row_height(1, size=SIZE, padding=PADDING))


def _list_object(sheet: RowSheet, table: Table, part: Part, totals: Sequence[TotalRow]) -> None:
    """Make the rows an Excel table, so that they filter, sort and grow."""
    columns = [{"header": column.heading} for column in table.columns]
    if totals:
        columns[_named(table)]["total_string"] = totals[0].label
        for column, cell in zip(columns, totals[0].cells, strict=True):
            if cell.formula:
                column["total_function"] = cell.formula
    name = table.name if part.number == 1 else f"{table.name}_{part.number}"
    options = {"name": name, "style": None, "total_row": bool(totals), "columns": columns}
    sheet.add_list(HEADING_ROW, part.last + bool(totals), options)


def _named(table: Table) -> int:
    """Return the column that carries the label of a total row: the first of text."""
    return next(at for at, column in enumerate(table.columns) if column.kind in (Kind.TEXT, Kind.LONG))


# --- looks --------------------------------------------------------------------------------------------


def _head(sheet: RowSheet, styles: Styles, placed: Placed, part: Part, title: str) -> None:
    for at, width in enumerate(placed.widths):
        sheet.set_column(at, at, width)
    _title_row(sheet, styles, part.sheet, title, part.file)
    sheet.add_row(NOTE_ROW, [Cell(placed.table.note, styles.get("sheet_note"))], 16)
    headings = [Cell(column.heading, styles.get("column")) for column in placed.table.columns]
    sheet.add_row(HEADING_ROW, headings, row_height(2, size=SIZE))


def _title_row(sheet: RowSheet, styles: Styles, name: str, title: str, file: str) -> None:
    """Write what the sheet is; the title leads back to the board."""
    board = f"external:{SUMMARY_FILE}#'{BOARD}'!A1" if file else f"internal:'{BOARD}'!A1"
    sheet.add_row(TITLE_ROW, [Cell(held(f"{title}·{name}"), styles.get("sheet_title"))], 26)
    sheet.add_link(TITLE_ROW, 0, board, "返回看板")


def _tint(sheet: RowSheet, styles: Styles, table: Table, part: Part) -> None:
    from xlsxwriter.utility import xl_rowcol_to_cell

    for at, column in enumerate(table.columns):
        area = (part.first, at, part.last, at)
        cell = xl_rowcol_to_cell(part.first, at)
        rules = [(f'={cell}="{word}"', look) for word, look in TINTS.get(column.tint, {}).items()]
        if column.tint is Tint.RATE:
            rules = [(f"=AND(ISNUMBER({cell}),ROUND({cell},4)<{LOW_EXECUTION})", "wait")]
            rules.append((f"=AND(ISNUMBER({cell}),ROUND({cell},4)>1)", "bad"))
        for formula, look in rules:
            options = {"type": "formula", "criteria": formula, "format": styles.get(look)}
            sheet.conditional_format(*area, options)
        if column.tint is Tint.BAR:
            sheet.conditional_format(*area, dict(DATA_BAR))


def _page(sheet: RowSheet, placed: Placed, part: Part) -> None:
    table = placed.table
    sheet.hide_gridlines(2)
    sheet.freeze_panes(FIRST_ROW, table.frozen)
    sheet.set_landscape()
    sheet.set_paper(A3 if sum(placed.widths) > WIDE else A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(TITLE_ROW, HEADING_ROW)
    sheet.set_footer(f"&L{part.sheet}&C第 &P 页，共 &N 页")
    last = len(table.columns) - 1
    while table.columns[last].id in SCREEN_ONLY:
        last -= 1
    totals = bool(table.total_label) + bool(table.accepted_label)
    sheet.print_area(0, 0, max(part.last, FIRST_ROW) + totals, last)


def _lines(value: Any, width: float) -> int:
    if value.__class__ is not str or len(value) * 2 < width:
        return 1
    return text_lines(value, width, size=SIZE)
