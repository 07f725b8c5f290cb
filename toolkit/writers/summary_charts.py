"""The native charts of 看板, and the sheet that holds what they draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from toolkit.checks.cell_text import held
from toolkit.summary.kinds import Kind
from toolkit.summary.model import Ranked
from toolkit.summary.rounding import wan
from toolkit.writers.measure import display_width
from toolkit.writers.styles import CHART_TEXT, CHART_TEXT_INSIDE, CHART_TITLE, Colour, NumberFormat, Styles
from toolkit.writers.summary_placing import printed_rows
from toolkit.writers.summary_sheet import format_of, write_value
from toolkit.writers.summary_totals import Placed

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.chart import Chart
    from xlsxwriter.worksheet import Worksheet

DATA_SHEET = "图表数据"
PROGRESS = {  # columns of 逐月进度 that its chart draws
    "execution_rate": Colour.SERIES,
    "goal_progress": Colour.SERIES_BESIDE,
    "calendar": Colour.RULE,
    "limit": Colour.SERIES_AMISS,
}
NOTE = "“看板”图表的取数区：金额为万元，单位名称为简称。删除后图表将没有数据。"
FEW_BARS = 5
_FIRST = 3  # row of the first label; its headings stand above


@dataclass(frozen=True, slots=True)
class Plan:
    """How one chart looks. Bars lie when labels are long; `axis` titles the axis of figures."""

    id: str
    title: str
    axis: str
    number_format: NumberFormat  # of the axis
    label_format: NumberFormat  # at the bars
    kind: Kind
    colours: tuple[Colour, ...]
    lying: bool = True
    stacked: bool = False
    full: float | None = None  # what 100 % is, when bars are measured against it
    only: str = "前 {} 个{}"  # how many of what are drawn, where that is not all


PLANS = (
    Plan(
        "money",
        "预算与执行（万元）",
        "万元",
        NumberFormat.COUNT,
        NumberFormat.COUNT,
        Kind.MONEY,
        (Colour.SERIES_BESIDE, Colour.SERIES),
        lying=False,
    ),
    Plan(
        "execution",
        "预算执行率（由低到高）",
        "执行率",
        NumberFormat.RATE_AXIS,
        NumberFormat.RATE,
        Kind.PERCENT,
        (Colour.SERIES,),
        full=1,
        only="最低 {} 个{}",
    ),
    Plan(
        "score",
        "自评总分（由高到低）",
        "分",
        NumberFormat.COUNT,
        NumberFormat.SHORT,
        Kind.SCORE,
        (Colour.SERIES,),
        full=100,
    ),
    Plan(
        "grade",
        "等级分布（单位数）",
        "单位数",
        NumberFormat.COUNT,
        NumberFormat.COUNT,
        Kind.INTEGER,
        (Colour.SERIES,),
        lying=False,
    ),
    Plan(
        "indicators",
        "指标完成情况",
        "指标数",
        NumberFormat.COUNT,
        NumberFormat.COUNT,
        Kind.INTEGER,
        (Colour.SERIES, Colour.SERIES_AMISS, Colour.SERIES_OPEN),
        stacked=True,
        only="未完成最多的 {} 个{}",
    ),
    Plan(
        "issues",
        "问题最多的规则（处）",
        "问题数",
        NumberFormat.COUNT,
        NumberFormat.COUNT,
        Kind.INTEGER,
        (Colour.SERIES_AMISS,),
        only="前 {} 条",
    ),
    Plan(
        "years",
        "上年与本年执行数（万元）",
        "万元",
        NumberFormat.COUNT,
        NumberFormat.COUNT,
        Kind.MONEY,
        (Colour.SERIES_BESIDE, Colour.SERIES),
        lying=False,
    ),
)


def write_chart_data(workbook: Workbook, styles: Styles, charts: Mapping[str, Ranked]) -> dict[str, Chart]:
    """Add the sheet of chart figures and return the charts that have any, ready to be placed."""
    sheet = workbook.add_worksheet(DATA_SHEET)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, NOTE, styles.get("sheet_note"))
    made = {}
    column = 0
    for plan in PLANS:
        ranked = charts[plan.id]
        if ranked.labels:
            _write_block(sheet, styles, plan, ranked, column)
            made[plan.id] = _chart(workbook, plan, ranked, column)
            column += len(ranked.series) + 2
    return made


def progress_chart(workbook: Workbook, placed: Placed) -> Chart:
    """Return the lines of 逐月进度: money and goals beside the calendar and the limit, month by month.

    One month alone makes no line and stands in columns; months of several years stand under their year.
    """
    (part,) = placed.parts
    name, first, last = part.sheet, part.first, part.last
    rows = [values for _, values in printed_rows(placed.table)]
    chart = workbook.add_chart({"type": "line" if len(rows) > 1 else "column"})
    months = [row[placed.at("month")] for row in rows]
    years = [row[placed.at("year")] for row in rows]
    several = len(set(years)) > 1
    labels = [name, first, placed.at("year" if several else "month"), last, placed.at("month")]
    for (column_id, colour), dash in zip(PROGRESS.items(), ("solid", "solid", "dash", "dash"), strict=True):
        at = placed.at(column_id)
        line = {"color": colour.value, "width": 2.0 if dash == "solid" else 1.25, "dash_type": dash}
        marker = {"type": "circle" if dash == "solid" else "none", "size": 5}
        chart.add_series(
            {
                "name": [name, first - 1, at],
                "name_data": [placed.table.columns[at].heading],
                "categories": labels,
                "categories_data": [years, months] if several else months,
                "values": [name, first, at, last, at],
                "values_data": [None if row[at] is None else float(row[at]) for row in rows],
                **({"line": line, "marker": marker} if len(rows) > 1 else {"fill": {"color": colour.value}}),
            }
        )
    chart.set_title({"name": "逐月进度（累计）", "name_font": dict(CHART_TITLE), "overlay": False})
    chart.set_x_axis(
        {"num_format": '0"月"', "num_font": dict(CHART_TEXT), "line": {"color": Colour.RULE.value}}
    )
    chart.set_y_axis(
        {
            "num_format": NumberFormat.RATE_AXIS.value,
            "num_font": dict(CHART_TEXT),
            "major_gridlines": {"visible": True, "line": {"color": Colour.HAIR.value, "width": 0.5}},
            "line": {"none": True},
            "min": 0,
        }
    )
    chart.set_legend({"position": "bottom", "font": dict(CHART_TEXT)})
    chart.set_chartarea({"border": {"color": Colour.HAIR.value}})
    chart.set_size({"width": 640, "height": 300})
    return chart


def chart_claims(charts: Mapping[str, Ranked]) -> dict[tuple[int, int], object]:
    """Return what the cells of the chart figures show, by row and column."""
    claims: dict[tuple[int, int], object] = {}
    column = 0
    for plan in PLANS:
        ranked = charts[plan.id]
        if not ranked.labels:
            continue
        claims |= {(row, column): held(label) for row, label in enumerate(ranked.labels, _FIRST)}
        for at, values in enumerate(ranked.series.values(), column + 1):
            claims |= {(row, at): _shown(plan, value) for row, value in enumerate(values, _FIRST)}
        column += len(ranked.series) + 2
    return claims


def _shown(plan: Plan, value: Decimal | int | None) -> Decimal | int | None:
    return wan(Decimal(value)) if plan.kind is Kind.MONEY and value is not None else value


def _write_block(sheet: Worksheet, styles: Styles, plan: Plan, ranked: Ranked, column: int) -> None:
    sheet.write_string(_FIRST - 2, column, ranked.title or plan.title, styles.get("sheet_note"))
    sheet.write_string(_FIRST - 1, column, "名称", styles.get("column"))
    sheet.set_column(column, column, max(map(display_width, ranked.labels)) + 2)
    sheet.set_column(column + 1, column + len(ranked.series), 14)
    for row, label in enumerate(ranked.labels, _FIRST):
        write_value(sheet, row, column, held(label), styles.get("listed"))
    for at, (name, values) in enumerate(ranked.series.items(), column + 1):
        sheet.write_string(_FIRST - 1, at, name, styles.get("column"))
        for row, value in enumerate(values, _FIRST):
            shown = _shown(plan, value)
            write_value(sheet, row, at, shown, format_of(styles, plan.kind, shown))


def _chart(workbook: Workbook, plan: Plan, ranked: Ranked, column: int) -> Chart:
    form = {"type": "bar" if plan.lying else "column"}
    chart = workbook.add_chart(form | ({"subtype": "stacked"} if plan.stacked else {}))
    last = _FIRST + len(ranked.labels) - 1
    for at, (colour, values) in enumerate(zip(plan.colours, ranked.series.values(), strict=True), column + 1):
        series: dict[str, Any] = {
            "name": [DATA_SHEET, _FIRST - 1, at],
            "categories": [DATA_SHEET, _FIRST, column, last, column],
            "values": [DATA_SHEET, _FIRST, at, last, at],
            "fill": {"color": colour.value},
            "gap": 60 if len(ranked.labels) > FEW_BARS else 150,
        }
        if not plan.stacked and len(plan.colours) == 1:
            series["data_labels"] = _labels(plan)
        if any(values):
            chart.add_series(series)
    _dress(chart, plan, ranked)
    return chart


def _dress(chart: Chart, plan: Plan, ranked: Ranked) -> None:
    rest = f"，{plan.only.format(len(ranked.labels), ranked.subject)}" if ranked.rest else ""
    names: dict[str, Any] = {
        "num_font": dict(CHART_TEXT),
        "line": {"color": Colour.RULE.value},
        "interval_unit": 1,
    }
    if plan.lying:
        names |= {"reverse": True, "crossing": "max"}  # the first row on top, the figures below the last
    figures: dict[str, Any] = {
        "name": plan.axis if len(ranked.series) > 1 else next(iter(ranked.series)),
        "name_font": dict(CHART_TEXT),
        "num_font": dict(CHART_TEXT),
        "num_format": plan.number_format.value,
        "major_gridlines": {"visible": True, "line": {"color": Colour.HAIR.value, "width": 0.5}},
        "line": {"none": True},
        "min": 0,
    }
    largest = max((float(value) for values in ranked.series.values() for value in values if value), default=0)
    if plan.full is not None:
        figures |= {"max": _axis_end(largest / plan.full) * plan.full, "major_unit": plan.full / 5}
    if plan.kind is Kind.INTEGER and largest <= FEW_BARS:
        figures["major_unit"] = 1
    title = f"{ranked.title or plan.title}{rest}"
    chart.set_title({"name": title, "name_font": dict(CHART_TITLE), "overlay": False})
    chart.set_x_axis(figures if plan.lying else names)
    chart.set_y_axis(names if plan.lying else figures)
    chart.set_legend(
        {"position": "bottom", "font": dict(CHART_TEXT)} if len(plan.colours) > 1 else {"none": True}
    )
    chart.set_chartarea({"border": {"color": Colour.HAIR.value}})


def _labels(plan: Plan) -> dict[str, Any]:
    """Return figures at the bars: inside where every bar is long, since 100 % leaves no room beyond."""
    inside = plan.full is not None
    return {
        "value": True,
        "num_format": plan.label_format.value,
        "position": "inside_end" if inside else "outside_end",
        "font": dict(CHART_TEXT_INSIDE if inside else CHART_TEXT),
    }


def _axis_end(share: float) -> float:
    """Return where an axis ends, so that one absurd figure does not squeeze the others.

    >>> _axis_end(0.98), _axis_end(1.1), _axis_end(9946)
    (1.0, 1.2, 2.0)
    """
    return next((end for end in (1.0, 1.2, 1.6) if share <= end), 2.0)
