"""The tables of the reports of whole departments; a column nobody filled is left out."""

from __future__ import annotations

from collections.abc import Sequence

from official_document import Column, OfficialDocument

_WIDTH = 156  # mm
_INDICATOR = {
    "target": Column("年度指标值", 26, "{{ row.target }}", "Centre"),
    "actual": Column("实际完成值", 26, "{{ row.actual }}", "Centre"),
    "rate": Column("完成率", 20, "{{ row.completion|percent }}", "Centre"),
    "status": Column("完成情况", 18, "{{ row.status }}", "Centre"),
    "max_score": Column("分值", 11, "{{ row.max_score|score }}", "Centre"),
    "score": Column("得分", 11, "{{ row.score|score }}", "Centre"),
}
_SCORED = ("max_score", "score")


def duties_table(paper: OfficialDocument) -> None:
    """Add one duty to a row."""
    paper.caption("{{ number.table }}　部门主要职责")
    columns = [
        Column("序号", 14, "{{ loop.index }}", "Centre"),
        Column("职责内容", 142, "{{ duty.text|paragraphs|join_list('；') }}"),
    ]
    paper.table(columns, loop="duty in duties")
    paper.table_note()


def grid_table(
    paper: OfficialDocument, section: str, title: str, heading: str, *, initial: bool = True
) -> None:
    """Add the filled rows of a grid of funds, with 年初预算数 when anyone filled it, rates and shares."""
    _captioned(paper, title)
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
    rate = (_WIDTH - label - amount * len(funds)) / 2
    columns = [
        Column(heading, label, "{{ row.indented }}"),
        *_amounts(funds, amount),
        Column("完成率", rate, "{{ row.execution_rate|percent }}", "Number"),
        Column("占比", rate, "{{ row.share|percent }}", "Number"),
    ]
    paper.table(columns, loop=f"row in {section}.filled")


def statistics_table(paper: OfficialDocument, section: str, title: str, *, numbered: bool) -> None:
    """Add the filled rows of a grid with its three amounts, and 行次 if `numbered`."""
    _captioned(paper, title)
    funds = (
        ("initial_budget", "年初预算数"),
        ("adjusted_budget", "全年预算数"),
        ("actual_expenditure", "决算数"),
    )
    line = [Column("行次", 14, "{{ loop.index }}", "Centre")] if numbered else []
    columns = [
        Column("项目", 66 - 14 * numbered, "{{ row.name }}"),
        *line,
        *_amounts(funds, 30),
    ]
    paper.table(columns, loop=f"row in {section}.filled")
    paper.table_note()


def indicator_table(paper: OfficialDocument, columns: Sequence[str]) -> None:
    """Add the unit's indicators by level, with 分值 and 得分 when they are scored."""
    paper.caption("{{ number.table }}　部门年度绩效指标完成情况")
    with paper.when("report.has_scores"):
        told = [
            name for name in columns if name != "status" or "rate" not in columns
        ]  # there is room for one
        paper.table(_by_level([*told, *_SCORED]), loop="row in indicators")
        paper.otherwise()
        paper.table(_by_level(columns), loop="row in indicators")
    paper.table_note()


def _by_level(names: Sequence[str]) -> list[Column]:
    first, second = 18, 20  # four characters of a heading on one line
    told = [_INDICATOR[name] for name in names]
    name = _WIDTH - first - second - sum(column.width for column in told)
    return [
        Column("一级指标", first, "{{ row.level1|merged }}", "Centre"),
        Column("二级指标", second, "{{ row.level2|merged }}", "Centre"),
        Column("三级指标", name, "{{ row.name }}"),
        *told,
    ]


def funds_table(paper: OfficialDocument) -> None:
    """Add the sources of one project's funds and what was spent of them."""
    _captioned(paper, "{{ project.title|clause }}预算执行情况")
    with paper.when("project.initial_budget is not none"):
        _funds(paper, 50, ("initial_budget", "年初预算数"))
        paper.otherwise()
        _funds(paper, 66)
    paper.table_note()


def _funds(paper: OfficialDocument, label: float, *first: tuple[str, str]) -> None:
    funds = (*first, ("adjusted_budget", "年度预算数"), ("actual_expenditure", "年度预算执行数"))
    amount = (_WIDTH - label - 26) / len(funds)
    columns = [
        Column("资金来源", label, "{{ row.fund_source or '—' }}"),
        *_amounts(funds, amount),
        Column("预算完成率", 26, "{{ row.execution_rate|percent }}", "Number"),
    ]
    sums = [f"{{{{ project.{name}|wan }}}}" for name, _ in funds]
    total = ["合计", *sums, "{{ project.execution_rate|percent }}"]
    paper.table(columns, loop="row in project.funds", closing=[total], whole=True)


def project_indicator_table(paper: OfficialDocument) -> None:
    """Add the indicators of one project."""
    paper.caption("{{ number.table }}　{{ project.title|clause }}指标完成情况")
    columns = [
        Column("指标名称", 44, "{{ row.name }}"),
        Column("年度指标值", 38, "{{ row.target }}", "Centre"),
        Column("实际完成指标值", 52, "{{ row.actual }}", "Centre"),
        Column("完成率", 22, "{{ row.completion|percent }}", "Centre"),
    ]
    paper.table(columns, loop="row in project.indicators")
    paper.table_note()


def projects_table(paper: OfficialDocument) -> None:
    """Add every project on one line."""
    _captioned(paper, "项目支出预算执行情况")
    columns = [
        Column("序号", 12, "{{ loop.index }}", "Centre"),
        Column("项目名称", 66, "{{ row.name }}"),
        *_amounts((("adjusted_budget", "全年预算数"), ("actual_expenditure", "全年执行数")), 28),
        Column("预算完成率", 22, "{{ row.execution_rate|percent }}", "Number"),
    ]
    paper.table(columns, loop="row in report.projects")
    paper.table_note()


def scores_table(paper: OfficialDocument) -> None:
    """Add the scores of the two halves and their total."""
    paper.caption("{{ number.table }}　部门整体支出绩效自评得分总体情况")
    columns = [
        Column("评价因素", 51, "{{ row.name }}"),
        Column("分值（分）", 35, "{{ row.max_score|score(2) }}", "Number"),
        Column("评价得分（分）", 35, "{{ row.score|score(2) }}", "Number"),
        Column("得分率", 35, "{{ row.score_rate|percent }}", "Number"),
    ]
    paper.table(columns, loop="row in scores.filled", whole=True)
    paper.table_note()


def _captioned(paper: OfficialDocument, title: str) -> None:
    paper.caption("{{ number.table }}　" + title)
    paper.unit_note("单位：万元")


def _amounts(funds: Sequence[tuple[str, str]], width: float) -> list[Column]:
    return [Column(title, width, f"{{{{ row.{name}|wan }}}}", "Number") for name, title in funds]
