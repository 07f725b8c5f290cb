"""One table of the summary onto one worksheet: typed cells, filter, live totals, widths, print set-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from toolkit.summary.model import Column, Kind, Table, Tint
from toolkit.summary.rounding import printed_money, wan
from toolkit.writers.measure import display_width, row_height, text_lines
from toolkit.writers.source_links import MOST_LINKS, links_of
from toolkit.writers.styles import DATA_BAR, Colour, NumberFormat, Styles
from toolkit.writers.summary_totals import Placed, TotalRow, total_rows

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

BOARD = "看板"
TITLE_ROW, NOTE_ROW, HEADING_ROW, FIRST_ROW = range(4)
LONGEST_TEXT = 32_767  # UTF-16 units an Excel cell holds
CUT = "…（已截断）"
SIZE, PADDING, MOST_LINES = 10, 4.0, 12  # points of the text, around it, and lines before a row stops growing
NARROWEST, MARGIN = 5.0, 2.0  # of a column, in half-width characters
ONE_LINE = 8  # half-width characters of a heading that is not broken
SHORT = 12  # half-width characters up to which a text column is centred
SCREEN_ONLY = {"file", "cell"}  # last columns of this kind are not printed: paper is too narrow for them
A3, A4 = 8, 9  # paper sizes as Excel numbers them
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

Cached: TypeAlias = Decimal | float | int | str | date | None


def write_table(workbook: Workbook, styles: Styles, table: Table, title: str) -> Placed:
    """Add a worksheet with the table and return where its rows stand."""
    sheet = workbook.add_worksheet(table.name)
    placed = place(table)
    widths = [_width(column, placed.printed(column.id)) for column in table.columns]
    _head(sheet, styles, table, title, widths)
    if placed.values:
        totals = total_rows(placed)
        _rows(sheet, styles, placed, widths)
        _list_object(sheet, placed, totals)
        for offset, row in enumerate(totals, 1):
            _total_row(sheet, styles, table, row, placed.last + offset)
        _tint(sheet, styles, placed)
    else:
        sheet.write_string(FIRST_ROW, 0, table.empty, styles.get("sheet_note"))
    for at, column in enumerate(table.columns):
        sheet.write_string(HEADING_ROW, at, column.heading, styles.get("column"))
    _page(sheet, placed, widths)
    return placed


def place(table: Table) -> Placed:
    """Return where the rows of a table stand on its sheet, and what they show."""
    return Placed(table, FIRST_ROW, _printed(table))


def table_claims(placed: Placed) -> dict[tuple[int, int], object]:
    """Return what the cells of a table show, by row and column: headings, rows and totals."""
    columns = placed.table.columns
    claims: dict[tuple[int, int], object] = {
        (HEADING_ROW, at): column.heading for at, column in enumerate(columns)
    }
    for row, values in enumerate(placed.values, placed.first):
        claims |= {(row, at): value for at, value in enumerate(values)}
    for row, total in enumerate(total_rows(placed), placed.last + 1):
        claims |= {(row, at): cell.value for at, cell in enumerate(total.cells)}
        claims[row, _named(placed.table)] = total.label
    return claims


def cut(text: str) -> str:
    """Return the text as long as a cell can hold, visibly cut when it is longer.

    >>> cut("一" * 40_000)[-6:]
    '…（已截断）'
    """
    if len(text) * 2 <= LONGEST_TEXT:
        return text
    encoded = text.encode("utf-16-le", "replace")
    if len(encoded) <= LONGEST_TEXT * 2:
        return text
    return encoded[: (LONGEST_TEXT - len(CUT)) * 2].decode("utf-16-le", "ignore") + CUT


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


# --- values -------------------------------------------------------------------------------------------


def _printed(table: Table) -> list[list[Any]]:
    """Return the rows as they are printed: money in 万元, text cut, unknown and empty both None."""
    columns: list[list[Any]] = []
    for column in table.columns:
        values = list(table.frame[column.id])
        if column.kind is Kind.MONEY:
            columns.append(printed_money(table, column.id)[0])
        elif column.kind is Kind.BY_ROW and values:
            kinds = table.frame["kind"]
            columns.append([_by_row(value, kind) for value, kind in zip(values, kinds, strict=True)])
        else:
            columns.append([(cut(value) or None) if isinstance(value, str) else value for value in values])
    return [list(row) for row in zip(*columns, strict=True)]


def _by_row(value: Decimal | int | None, kind: Kind) -> Decimal | int | None:
    return wan(Decimal(value)) if kind is Kind.MONEY and value is not None else value


def _shown(value: Any, kind: Kind) -> str:
    """Return roughly what a cell shows, to measure it."""
    if value is None or isinstance(value, str):
        return value or ""
    if kind is Kind.PERCENT:
        return f"{value:.2%}"
    return f"{value:,.2f}" if isinstance(value, Decimal) else str(value)


# --- cells --------------------------------------------------------------------------------------------


def _rows(sheet: Worksheet, styles: Styles, placed: Placed, widths: Sequence[float]) -> None:
    table = placed.table
    records = table.records
    short = [
        column.kind is Kind.TEXT and width <= SHORT
        for column, width in zip(table.columns, widths, strict=True)
    ]
    room = MOST_LINKS
    for row, (record, values) in enumerate(zip(records, placed.values, strict=True), placed.first):
        links = links_of(record) if room > 0 else {}
        room -= len(links)
        lines = max(_lines(value, width) for value, width in zip(values, widths, strict=True))
        look = "summed" if record.get("strong") else "listed" if lines == 1 else "listed_top"
        for at, (column, value) in enumerate(zip(table.columns, values, strict=True)):
            kind = record["kind"] if column.kind is Kind.BY_ROW else column.kind
            form = format_of(styles, kind, value, look, short=short[at])
            if column.formula:
                sheet.write_formula(row, at, _in_row(table, column.formula, row), form, cached(value))
            elif value is not None and column.id in links:
                linked = format_of(styles, kind, value, look, short=short[at], link=True)
                sheet.write_url(row, at, links[column.id], linked, str(value), SOURCE_TIP)
                write_value(sheet, row, at, value, linked)
            else:
                write_value(sheet, row, at, value, form)
        sheet.set_row(row, row_height(min(lines, MOST_LINES), size=SIZE, padding=PADDING))


def _in_row(table: Table, formula: str, row: int) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell

    return formula.format_map(
        {column.id: xl_rowcol_to_cell(row, at) for at, column in enumerate(table.columns)}
    )


def _total_row(sheet: Worksheet, styles: Styles, table: Table, total: TotalRow, row: int) -> None:
    named = _named(table)
    for at, (column, cell) in enumerate(zip(table.columns, total.cells, strict=True)):
        form = format_of(styles, column.kind, None, "summed")
        if cell.formula:
            sheet.write_formula(row, at, cell.formula, form, cached(cell.value))
        else:
            write_value(sheet, row, at, total.label if at == named else None, form)
    sheet.set_row(row, row_height(1, size=SIZE, padding=PADDING))


def _list_object(sheet: Worksheet, placed: Placed, totals: Sequence[TotalRow]) -> None:
    """Make the rows an Excel table, so that they filter, sort and grow."""
    table = placed.table
    columns = [{"header": column.heading} for column in table.columns]
    if totals:
        columns[_named(table)]["total_string"] = totals[0].label
        for column, cell in zip(columns, totals[0].cells, strict=True):
            if cell.formula:
                column["total_function"] = cell.formula
    options = {"name": table.name, "style": None, "total_row": bool(totals), "columns": columns}
    sheet.add_table(HEADING_ROW, 0, placed.last + bool(totals), len(columns) - 1, options)


def _named(table: Table) -> int:
    """Return the column that carries the label of a total row: the first of text."""
    return next(at for at, column in enumerate(table.columns) if column.kind in (Kind.TEXT, Kind.LONG))


# --- looks --------------------------------------------------------------------------------------------


def _head(sheet: Worksheet, styles: Styles, table: Table, title: str, widths: Sequence[float]) -> None:
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    link = (f"internal:'{BOARD}'!A1", styles.get("sheet_title"), cut(f"{title}·{table.name}"), "返回看板")
    sheet.write_url(TITLE_ROW, 0, *link)
    sheet.write_string(NOTE_ROW, 0, table.note, styles.get("sheet_note"))
    sheet.set_row(TITLE_ROW, 26)
    sheet.set_row(NOTE_ROW, 16)
    sheet.set_row(HEADING_ROW, row_height(2, size=SIZE))


def _tint(sheet: Worksheet, styles: Styles, placed: Placed) -> None:
    from xlsxwriter.utility import xl_rowcol_to_cell

    for at, column in enumerate(placed.table.columns):
        area = (placed.first, at, placed.last, at)
        cell = xl_rowcol_to_cell(placed.first, at)
        rules = [(f'={cell}="{word}"', look) for word, look in TINTS.get(column.tint, {}).items()]
        if column.tint is Tint.RATE:
            rules = [(f"=AND(ISNUMBER({cell}),ROUND({cell},4)<{LOW_EXECUTION})", "wait")]
            rules.append((f"=AND(ISNUMBER({cell}),ROUND({cell},4)>1)", "bad"))
        for formula, look in rules:
            options = {"type": "formula", "criteria": formula, "format": styles.get(look)}
            sheet.conditional_format(*area, options)
        if column.tint is Tint.BAR:
            sheet.conditional_format(*area, dict(DATA_BAR))


def _page(sheet: Worksheet, placed: Placed, widths: Sequence[float]) -> None:
    table = placed.table
    sheet.hide_gridlines(2)
    sheet.freeze_panes(FIRST_ROW, table.frozen)
    sheet.set_landscape()
    sheet.set_paper(A3 if sum(widths) > WIDE else A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(TITLE_ROW, HEADING_ROW)
    sheet.set_footer(f"&L{table.name}&C第 &P 页，共 &N 页")
    last = len(table.columns) - 1
    while table.columns[last].id in SCREEN_ONLY:
        last -= 1
    totals = bool(table.total_label) + bool(table.accepted_label)
    sheet.print_area(0, 0, max(placed.last, FIRST_ROW) + totals, last)


def _width(column: Column, values: Sequence[Any]) -> float:
    """Return a width that holds the contents, up to the column's own limit for text, and the heading."""
    named = display_width(column.heading)
    heading = named + 1.5 if named <= ONE_LINE else -(-named // 4) * 2 + 1.5
    content = max((_text_width(_shown(value, column.kind)) for value in values), default=0)
    limited = column.kind in (Kind.TEXT, Kind.LONG)
    return max(NARROWEST, heading, (min(content, column.width) if limited else content) + MARGIN)


def _lines(value: Any, width: float) -> int:
    return text_lines(value, width, size=SIZE) if isinstance(value, str) and len(value) * 2 >= width else 1


@lru_cache(maxsize=65536)
def _text_width(text: str) -> int:
    return max(map(display_width, text.split("\n")))
