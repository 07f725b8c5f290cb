"""The tables of 汇总报告.docx."""

from __future__ import annotations

from narrative_parts import given
from official_document import Column, OfficialDocument

_ONE_PAGE = 20  # rows a page can hold
_FEW = 5  # rows of long text a page can hold
_FUNDS = (
    ("initial_budget", "年初预算数"),
    ("adjusted_budget", "全年预算数"),
    ("actual_expenditure", "全年执行数"),
)


def units_table(paper: OfficialDocument) -> None:
    """Add funds and rates by unit, with the district's total; a short table stays on one page."""
    _captioned(paper, "部门整体支出预算执行情况", unit="万元")
    columns = [
        Column("单位", 38, "{{ row.name }}"),
        *_funds("row", 26),
        Column("执行率", 20, "{{ row.execution_rate|percent }}", "Number"),
        Column("调整率", 20, "{{ row.adjustment_rate|percent }}", "Number"),
    ]
    sums = [column.cell for column in _funds("total", 26)]
    rates = ["{{ total.execution_rate|percent }}", "{{ total.adjustment_rate|percent }}"]
    with paper.when(f"units|length > {_ONE_PAGE}"):
        paper.table(columns, loop="row in shown_units", closing=[["合计", *sums, *rates]])
        paper.otherwise()
        paper.table(columns, loop="row in shown_units", closing=[["合计", *sums, *rates]], whole=True)
    few = "只列全年预算数最大的{{ shown_units|length|count }}单位，合计为全部单位；"
    note = "比率按合计数计算，缺少其中一个数的单位不计入该比率。"
    paper.table_note(f"注：{given('shown_units|length < units|length', few)}{note}")


def groups_table(paper: OfficialDocument) -> None:
    """Add funds and rates by year and district."""
    _captioned(paper, "分年度、分区预算执行情况", unit="万元")
    columns = [
        Column("年度", 15, "{{ row.year }}", "Centre"),
        Column("区", 29, "{{ row.district }}", "Centre"),
        Column("单位数", 20, "{{ row.units|number }}", "Number"),
        *_funds("row", 24),
        Column("执行率", 20, "{{ row.execution_rate|percent }}", "Number"),
    ]
    paper.table(columns, loop="row in groups")
    paper.table_note()


def grades_table(paper: OfficialDocument, rows: str, title: str, subject: str) -> None:
    """Add how the grades of units or projects are spread, as stated and as the scores earn them."""
    _captioned(paper, title, unit="个、万元")
    columns = [
        Column("等级", 20, "{{ row.grade }}", "Centre"),
        Column(f"{subject}数", 20, "{{ row.count|number }}", "Number"),
        Column("占比", 22, "{{ row.share|percent }}", "Number"),
        Column("按得分核定", 26, "{{ row.computed|number }}", "Number"),
        Column("全年预算数", 24, "{{ row.adjusted_budget|wan }}", "Number"),
        Column("全年执行数", 24, "{{ row.actual_expenditure|wan }}", "Number"),
        Column("执行率", 20, "{{ row.execution_rate|percent }}", "Number"),
    ]
    paper.table(columns, loop=f"row in {rows}", whole=True)
    paper.table_note(f"注：“未评”为没有填报自评等级（按得分核定一栏为没有填报总分）的{subject}。")


def shown_unmet_table(paper: OfficialDocument) -> None:
    """Add the unmet indicators shown in the text."""
    _captioned(paper, "未完成的主要指标")
    columns = [
        Column("单位", 25, "{{ row.short }}"),
        Column("三级指标", 29, "{{ row.name }}"),
        Column("年度指标值", 21, "{{ row.target }}", "Centre"),
        Column("实际完成值", 23, "{{ row.actual }}", "Centre"),
        Column("完成率", 18, "{{ row.completion|percent }}", "Number"),
        Column("原因", 40, "{{ row.reason }}"),
    ]
    with paper.when(f"unmet.shown|length > {_FEW}"):
        paper.table(columns, loop="row in unmet.shown")
        paper.otherwise()
        paper.table(columns, loop="row in unmet.shown", whole=True)
    paper.table_note()


def rules_table(paper: OfficialDocument) -> None:
    """Add the rules that found most."""
    _captioned(paper, "审核发现的主要问题")
    columns = [
        Column("级别", 20, "{{ row.severity }}", "Centre"),
        Column("代码", 18, "{{ row.code }}", "Centre"),
        Column("问题", 70, "{{ row.title }}"),
        Column("条数", 22, "{{ row.count|number }}", "Number"),
        Column("涉及单位数", 26, "{{ row.units|number }}", "Number"),
    ]
    paper.table(columns, loop="row in rules.rows")
    paper.table_note()


def projects_table(paper: OfficialDocument) -> None:
    """Add funds and rate of the projects shown in the text."""
    _captioned(paper, "项目预算执行情况", unit="万元")
    columns = [
        Column("单位", 30, "{{ row.short }}"),
        Column("项目", 52, "{{ row.name }}"),
        *_funds("row", 27)[1:],
        Column("执行率", 20, "{{ row.execution_rate|percent }}", "Number"),
    ]
    paper.table(columns, loop="row in projects.shown")
    paper.table_note()


def monitor_table(paper: OfficialDocument) -> None:
    """Add the latest period of the units shown in the text, and the sums over all."""
    _captioned(paper, "单位运行监控情况", unit="万元、个")
    columns = [
        Column("单位", 30, "{{ row.name }}"),
        Column("截至", 12, "{{ row.month }}月", "Centre"),
        *_spent(25),
        Column("执行率", 18, "{{ row.execution_rate|percent }}", "Number"),
        Column("目标进度", 20, "{{ row.goal_progress|percent }}", "Number"),
        Column("滞后", 12, "{{ row.behind|number }}", "Number"),
        Column("双预警", 14, "{{ row.both|number }}", "Number"),
    ]
    whole = [_of_total(column) for column in columns[2:]]
    paper.table(columns, loop="row in monitoring.listed", closing=[["合计", "", *whole]])
    paper.table_note("注：“滞后”为执行率低于警戒线的项目数；目标进度合计按全年预算数加权。")


def monitor_annex(paper: OfficialDocument) -> None:
    """Add every unit's latest period on one wide line."""
    paper.unit_note("单位：万元、个")
    columns = [
        Column("序号", 9, "{{ loop.index }}", "Centre"),
        Column("单位", 38, "{{ row.unit }}"),
        Column("主管部门", 34, "{{ row.department }}"),
        Column("截至", 12, "{{ row.month }}月", "Centre"),
        *_spent(25),
        Column("执行率", 18, "{{ row.execution_rate|percent }}", "Number"),
        Column("警戒线", 18, "{{ row.limit|percent }}", "Number"),
        Column("目标进度", 18, "{{ row.goal_progress|percent }}", "Number"),
        Column("项目数", 14, "{{ row.projects|number }}", "Number"),
        Column("滞后", 12, "{{ row.behind|number }}", "Number"),
    ]
    paper.table(columns, loop=_listed("monitoring.rows"))
    paper.table_note(f"注：{_cut('monitoring.rows')}各单位取最近一期；执行率低于警戒线的项目列入“滞后”。")


def _spent(width: float) -> list[Column]:
    return [
        Column("全年预算数", width, "{{ row.adjusted_budget|wan }}", "Number"),
        Column("支出数", width, "{{ row.actual_expenditure|wan }}", "Number"),
    ]


def _of_total(column: Column) -> str:
    return column.cell.replace("row.", "monitoring.total.")


def behind_table(paper: OfficialDocument) -> None:
    """Add the projects behind that are shown in the text."""
    _captioned(paper, "进度滞后的主要项目")
    columns = [
        Column("单位", 25, "{{ row.short }}"),
        Column("项目", 33, "{{ row.name }}"),
        Column("执行率", 17, "{{ row.execution_rate|percent }}", "Number"),
        Column("警戒线", 17, "{{ row.limit|percent }}", "Number"),
        Column("目标进度", 18, "{{ row.goal_progress|percent }}", "Number"),
        Column("偏差原因", 46, "{{ row.reason or '未说明' }}"),
    ]
    paper.table(columns, loop="row in monitoring.shown")
    paper.table_note()


def units_annex(paper: OfficialDocument) -> None:
    """Add every unit on one wide line."""
    paper.unit_note("单位：万元、个、分")
    columns = [
        Column("序号", 9, "{{ loop.index }}", "Centre"),
        Column("单位", 36, "{{ row.unit }}"),
        Column("年度", 12, "{{ row.year }}", "Centre"),
        *_funds("row", 24),
        Column("执行率", 20, "{{ row.execution_rate|percent }}", "Number"),
        Column("指标数", 10, "{{ row.indicators|number }}", "Number"),
        Column("已完成", 10, "{{ row.met|number }}", "Number"),
        Column("未完成", 10, "{{ row.unmet|number }}", "Number"),
        Column("待核实", 10, "{{ row.undecided|number }}", "Number"),
        Column("总分", 16, "{{ row.total_score|score }}", "Number"),
        Column("等级", 10, "{{ row.grade }}", "Centre"),
        Column("结论", 10, "{{ row.verdict }}", "Centre"),
    ]
    sums = [column.cell for column in _funds("total", 24)]
    counts = [f"{{{{ total.{name}|number }}}}" for name in ("indicators", "met", "unmet", "undecided")]
    rate = "{{ total.execution_rate|percent }}"
    closing = ["", "合计", "", *sums, rate, *counts, "", "", ""]
    paper.table(columns, loop=_listed("units"), closing=[closing])
    paper.table_note(
        f"注：{_cut('units')}指标完成情况按工具核算，无法核算的按单位填报；“待核实”为缺少可以比较的目标值或实际完成值。"
    )


def projects_annex(paper: OfficialDocument) -> None:
    """Add every project on one wide line."""
    paper.unit_note("单位：万元、个、分")
    columns = [
        Column("序号", 9, "{{ loop.index }}", "Centre"),
        Column("单位", 36, "{{ row.unit }}"),
        Column("项目", 47, "{{ row.name }}"),
        Column("年度", 12, "{{ row.year }}", "Centre"),
        *_funds("row", 25)[1:],
        Column("执行率", 20, "{{ row.execution_rate|percent }}", "Number"),
        Column("指标数", 11, "{{ row.indicators|number }}", "Number"),
        Column("已完成", 11, "{{ row.met|number }}", "Number"),
        Column("总分", 16, "{{ row.total_score|score }}", "Number"),
        Column("等级", 11, "{{ row.grade }}", "Centre"),
    ]
    paper.table(columns, loop=_listed("projects.rows"))
    paper.table_note(f"注：{_cut('projects.rows')}部门自评表所列项目没有单独的得分和等级。")


def unmet_annex(paper: OfficialDocument) -> None:
    """Add every unmet indicator with its cause."""
    columns = [
        Column("序号", 9, "{{ loop.index }}", "Centre"),
        Column("单位", 28, "{{ row.short }}"),
        Column("范围", 22, "{{ row.scope }}"),
        Column("一级指标", 17, "{{ row.level1 or '—' }}", "Centre"),
        Column("二级指标", 19, "{{ row.level2 or '—' }}", "Centre"),
        Column("三级指标", 30, "{{ row.name }}"),
        Column("年度指标值", 21, "{{ row.target }}", "Centre"),
        Column("实际完成值", 22, "{{ row.actual }}", "Centre"),
        Column("完成率", 18, "{{ row.completion|percent }}", "Number"),
        Column("原因", 39, "{{ row.reason }}"),
    ]
    paper.table(columns, loop=_listed("unmet.rows"))
    paper.table_note(f"注：{_cut('unmet.rows')}“未说明”的请单位补填偏差原因和改进措施。")


def waivers_annex(paper: OfficialDocument) -> None:
    """Add every explanation the officer recorded, used or not."""
    columns = [
        Column("序号", 10, "{{ loop.index }}", "Centre"),
        Column("单位", 42, "{{ row.unit }}"),
        Column("问题", 44, "{{ row.problem }}"),
        Column("单元格或栏目", 30, "{{ row.place }}"),
        Column("说明", 52, "{{ row.why }}"),
        Column("说明人", 20, "{{ row.who }}", "Centre"),
        Column("处理", 27, "{{ row.state }}", "Centre"),
    ]
    paper.table(columns, loop="row in waivers")


def _listed(rows: str) -> str:
    """Return the loop over what an annex lists: Word is no place for thousands of rows."""
    return f"row in {rows}[:longest]"


def _cut(rows: str) -> str:
    """Return what an annex says of the rows it leaves out."""
    return given(
        f"{rows}|length > longest",
        f"共{{{{ {rows}|length|number }}}}行，只列前{{{{ longest }}}}行，其余见汇总表；",
    )


def _captioned(paper: OfficialDocument, title: str, *, unit: str = "") -> None:
    paper.caption("{{ number.table }}　" + title)
    if unit:
        paper.unit_note(f"单位：{unit}")


def _funds(owner: str, width: float) -> list[Column]:
    return [Column(title, width, f"{{{{ {owner}.{name}|wan }}}}", "Number") for name, title in _FUNDS]
