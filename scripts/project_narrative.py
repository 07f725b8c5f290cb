"""The outline of 项目自评报告.docx; it asks only `report`, so that it fits every form of a project."""

from __future__ import annotations

from narrative_parts import NEXT_TABLE, chapter, given, known, section
from official_document import Column, OfficialDocument
from unit_parts import explanations, outcome_of

_MONEY = "report.money"
_BLOCK = "{{ group.name }}共{{ group.rows|length|count }}，"


def project_narrative() -> OfficialDocument:
    """Return the template of a project's self-evaluation report."""
    paper = OfficialDocument("项目支出绩效自评报告", "")
    paper.title("{{ report.year }}年度{{ report.project }}", "项目支出绩效自评报告")
    paper.body(
        "按照预算绩效管理工作要求，{{ report.unit }}对{{ report.year }}年度{{ report.project }}支出"
        "开展了绩效自评，现将有关情况报告如下。"
    )
    chapter(paper, "项目基本情况")
    section(paper, "项目概况")
    paper.body(
        "{{ report.project }}由{{ report.unit }}实施"
        + known("report.supervising_department", "，主管部门为", "clause")
        + "。"
    )
    with paper.when("report.goals"):
        section(paper, "项目绩效目标")
        with paper.repeat("goal in report.goals"), paper.when("goal.expected"):
            paper.prose("goal.expected|paragraphs")
    section(paper, "项目资金情况")
    _funds(paper)
    chapter(paper, "绩效自评情况")
    section(paper, "自评结论")
    _conclusion(paper)
    with paper.when("report.goals"):
        section(paper, "年度总体目标完成情况")
        with paper.repeat("goal in report.goals"), paper.when("goal.completion"):
            paper.prose("goal.completion|paragraphs")
            paper.otherwise()
            paper.body("{{ '实际完成情况'|missing }}")
    section(paper, "绩效指标完成情况")
    _indicators(paper)
    with paper.when("report.explained"):
        chapter(paper, "偏差原因和改进措施")
        explanations(paper, "report.explained")
    with paper.when("report.others"):
        chapter(paper, "其他情况")
        with paper.repeat("other in report.others"):
            paper.heading2("{{ number.section }}{{ other.label|clause }}")
            paper.prose("other.text|paragraphs")
    paper.attachment("{{ report.form_title }}")
    paper.signature("{{ report.signature }}", "{{ report.date|day }}")
    return paper


def _funds(paper: OfficialDocument) -> None:
    parts = given("report.funds|length > 1", f"具体见{NEXT_TABLE}。")
    paper.body(
        known(f"{_MONEY}.initial_budget", "年初预算数", "wan_text", "，")
        + known(f"{_MONEY}.adjusted_budget", "全年预算数", "wan_text", "，")
        + given(
            f"{_MONEY}.initial_budget is not none and {_MONEY}.adjusted_budget is not none",
            f"{{{{ {_MONEY}.adjusted_budget|adjustment({_MONEY}.initial_budget) }}}}，",
        )
        + f"全年执行数{{{{ {_MONEY}.actual_expenditure|wan_text }}}}"
        + given(
            f"{_MONEY}.actual_expenditure is not none and {_MONEY}.adjusted_budget is not none",
            f"，{{{{ {_MONEY}.actual_expenditure|completed({_MONEY}.adjusted_budget) }}}}",
        )
        + f"。{parts}"
    )
    with paper.when("report.funds|length > 1"):
        paper.caption("{{ number.table }}　项目预算执行情况")
        paper.unit_note("单位：万元")
        columns = [
            Column("资金来源", 48, "{{ row.indented|replace('其中：', '') }}"),
            Column("年初预算数", 28, "{{ row.initial_budget|wan }}", "Number"),
            Column("全年预算数", 28, "{{ row.adjusted_budget|wan }}", "Number"),
            Column("全年执行数", 28, "{{ row.actual_expenditure|wan }}", "Number"),
            Column("执行率", 24, "{{ row.execution_rate|percent }}", "Number"),
        ]
        paper.table(columns, loop="row in report.funds", whole=True)
        paper.table_note()


def _conclusion(paper: OfficialDocument) -> None:
    weighed = "report.groups|selectattr('score')|list"
    paper.body(
        given(
            "report.total_score is not none",
            "项目自评总得分{{ report.total_score|count('分') }}"
            + known("report.full_score", "（满分", "count('分')", "）")
            + given("report.grade", "，自评等级为“{{ report.grade }}”"),
            given("report.grade", "项目自评等级为“{{ report.grade }}”", "项目没有填报自评总分和等级"),
        )
        + "。"
        + given(weighed, f"各部分得分情况见{NEXT_TABLE}。")
    )
    with paper.when(weighed):
        paper.caption("{{ number.table }}　项目绩效自评得分情况")
        columns = [
            Column("评价内容", 51, "{{ row.name }}"),
            Column("分值（分）", 35, "{{ row.max_score|score(2) }}", "Number"),
            Column("得分（分）", 35, "{{ row.score|score(2) }}", "Number"),
            Column("得分率", 35, "{{ row.score_rate|percent }}", "Number"),
        ]
        paper.table(columns, loop="row in report.scored", whole=True)
        paper.table_note()


def _indicators(paper: OfficialDocument) -> None:
    with paper.when("not report.groups"):
        paper.body("{{ '绩效指标'|missing }}")
        paper.otherwise()
        paper.body(
            "项目共设置绩效指标{{ report.indicators.total|count }}，"
            + outcome_of("report.indicators")
            + f"。具体见{NEXT_TABLE}。"
        )
        with paper.when("report.groups|length > 1"), paper.repeat("group in report.groups"):
            paper.body("{{ number.item }}" + _BLOCK + outcome_of("group") + "。")
        paper.caption("{{ number.table }}　项目绩效指标完成情况")
        with paper.when("report.has_scores"):
            paper.table(_columns(18, 20, scored=True), loop="row in report.rows")
            paper.otherwise()
            paper.table(_columns(20, 24, scored=False), loop="row in report.rows")
        paper.table_note()


def _columns(first: float, second: float, *, scored: bool) -> list[Column]:
    told = [
        Column("年度指标值", 25, "{{ row.target }}", "Centre"),
        Column("实际完成值", 25, "{{ row.actual }}", "Centre"),
        Column("完成情况", 18, "{{ row.status }}", "Centre"),
    ]
    if scored:
        told += [
            Column("分值", 11, "{{ row.max_score|score }}", "Centre"),
            Column("得分", 11, "{{ row.score|score }}", "Centre"),
        ]
    name = 156 - first - second - sum(column.width for column in told)
    return [
        Column("一级指标", first, "{{ row.level1|merged }}", "Centre"),
        Column("二级指标", second, "{{ row.level2|merged }}", "Centre"),
        Column("三级指标", name, "{{ row.name }}"),
        *told,
    ]
