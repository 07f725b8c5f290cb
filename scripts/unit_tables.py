"""The tables of 单位自评报告.docx; some exist twice, because a column nobody filled would be dashes only."""

from __future__ import annotations

from official_document import Column, OfficialDocument

_INDICATOR = (
    Column("年度指标值", 25, "{{ row.target }}", "Centre"),
    Column("实际完成值", 25, "{{ row.actual }}", "Centre"),
    Column("完成率", 20, "{{ row.completion|percent }}", "Centre"),
    Column("完成情况", 18, "{{ row.status }}", "Centre"),
)


def grid_table(
    paper: OfficialDocument, section: str, title: str, heading: str, *, initial: bool = True
) -> None:
    """Add the filled rows of a grid of funds, with 年初预算数 when anyone filled it."""
    paper.caption(f"{{{{ number.table }}}}　{title}")
    paper.unit_note("单位：万元")
    if initial:
        with paper.when(f"{section}.has.initial_budget"):
            _grid(paper, section, heading, 44, 24, ("initial_budget", "年初预算数"))
            paper.otherwise()
            _grid(paper, section, heading, 60, 28)
    else:
        _grid(paper, section, heading, 60, 28)
    paper.table_note()


def _grid(
    paper: OfficialDocument, section: str, heading: str, label: float, amount: float, *first: tuple[str, str]
) -> None:
    funds = (*first, ("adjusted_budget", "全年预算数"), ("actual_expenditure", "决算数"))
    rate = (156 - label - amount * len(funds)) / 2
    columns = [
        Column(heading, label, "{{ row.indented }}"),
        *(Column(title, amount, f"{{{{ row.{name}|wan }}}}", "Number") for name, title in funds),
        Column("完成率", rate, "{{ row.execution_rate|percent }}", "Number"),
        Column("占比", rate, "{{ row.share|percent }}", "Number"),
    ]
    paper.table(columns, loop=f"row in {section}.filled", whole=True)


def indicator_table(paper: OfficialDocument) -> None:
    """Add the unit's indicators, with 分值 and 得分 when they are scored."""
    paper.caption("{{ number.table }}　部门年度绩效指标完成情况")
    with paper.when("report.has_scores"):
        target, actual, rate, status = _INDICATOR
        scored = (
            Column(target.heading, 20, target.cell, "Centre"),
            Column(actual.heading, 20, actual.cell, "Centre"),
            rate,
            Column(status.heading, 14, status.cell, "Centre"),
            Column("分值", 11, "{{ row.max_score|score }}", "Centre"),
            Column("得分", 11, "{{ row.score|score }}", "Centre"),
        )
        paper.table(
            [*_levels(14, 18), Column("三级指标", 28, "{{ row.name }}"), *scored], loop="row in indicators"
        )
        paper.otherwise()
        columns = [*_levels(18, 19), Column("三级指标", 31, "{{ row.name }}"), *_INDICATOR]
        paper.table(columns, loop="row in indicators")
    paper.table_note()


def _levels(first: float, second: float) -> tuple[Column, Column]:
    return (
        Column("一级指标", first, "{{ row.level1|merged }}", "Centre"),
        Column("二级指标", second, "{{ row.level2|merged }}", "Centre"),
    )


def funds_table(paper: OfficialDocument) -> None:
    """Add the sources of one project's funds and what was spent of them."""
    paper.caption("{{ number.table }}　{{ project.title }}预算执行情况")
    paper.unit_note("单位：万元")
    with paper.when("project.initial_budget is not none"):
        _funds(paper, 50, ("initial_budget", "年初预算数"))
        paper.otherwise()
        _funds(paper, 66)
    paper.table_note()


def _funds(paper: OfficialDocument, label: float, *first: tuple[str, str]) -> None:
    funds = (*first, ("adjusted_budget", "全年预算数"), ("actual_expenditure", "全年执行数"))
    amount = (156 - label - 26) / len(funds)
    columns = [
        Column("资金来源", label, "{{ row.fund_source }}"),
        *(Column(title, amount, f"{{{{ row.{name}|wan }}}}", "Number") for name, title in funds),
        Column("预算完成率", 26, "{{ row.execution_rate|percent }}", "Number"),
    ]
    sums = [f"{{{{ project.{name}|wan }}}}" for name, _ in funds]
    total = ["合计", *sums, "{{ project.execution_rate|percent }}"]
    paper.table(columns, loop="row in project.funds", closing=[total], whole=True)


def project_indicator_table(paper: OfficialDocument) -> None:
    """Add the indicators of one project."""
    paper.caption("{{ number.table }}　{{ project.title }}绩效指标完成情况")
    target, actual, rate, status = _INDICATOR
    columns = [
        Column("指标名称", 40, "{{ row.name }}"),
        Column("年度指标值", 36, target.cell, "Centre"),
        Column("实际完成值", 42, actual.cell, "Centre"),
        rate,
        status,
    ]
    paper.table(columns, loop="row in project.indicators")
    paper.table_note()


def scores_table(paper: OfficialDocument) -> None:
    """Add the scores of the two halves and their total."""
    paper.caption("{{ number.table }}　部门整体支出绩效自评得分情况")
    columns = [
        Column("评价因素", 51, "{{ row.name }}"),
        Column("分值（分）", 35, "{{ row.max_score|score(2) }}", "Number"),
        Column("评价得分（分）", 35, "{{ row.score|score(2) }}", "Number"),
        Column("得分率", 35, "{{ row.score_rate|percent }}", "Number"),
    ]
    paper.table(columns, loop="row in scores.filled", whole=True)
    paper.table_note()
