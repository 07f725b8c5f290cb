"""The outline of 单位自评报告.docx; names in tags are those of the form 部门整体支出绩效自评表."""

from __future__ import annotations

from narrative_parts import (
    INLINE,
    NEXT_TABLE,
    chapter,
    continued,
    each,
    given,
    known,
    outcome,
    run_in,
    section,
)
from official_document import Column, OfficialDocument
from unit_tables import funds_table, grid_table, indicator_table, project_indicator_table, scores_table

_LAST_YEAR = "{{ %s.actual_expenditure|change(%s.prior_expenditure) }}"
_ADJUSTED = "{{ %s.adjusted_budget|adjustment(%s.initial_budget) }}"
_MANY = 6  # duties; more than these go into a table


def unit_narrative() -> OfficialDocument:
    """Return the template of a unit's self-evaluation report."""
    paper = OfficialDocument("部门整体支出绩效自评报告", "xlreport")
    paper.title("{{ report.unit }}", "{{ report.year }}年度部门整体支出绩效自评报告")
    paper.body(
        given("cover.basis", f"根据{{{{ cover.basis{INLINE} }}}}要求", "按照预算绩效管理工作要求")
        + "，{{ report.unit }}对{{ report.year }}年度部门整体支出开展了绩效自评，现将有关情况报告如下。"
    )
    _basics(paper)
    _evaluation(paper)
    for title, rows in (("存在的主要问题", "problems"), ("下一步改进措施", "measures")):
        chapter(paper, title)
        _listed(paper, rows)
        with paper.when(f"not {rows}"):
            paper.body(f"{{{{ '{title}'|missing }}}}")
    with paper.when("next_year"):
        chapter(paper, "{{ report.next_year }}年度工作计划")
        _listed(paper, "next_year")
    paper.attachments("{{ report.form_title }}")
    paper.signature("{{ report.signature }}", "{{ cover.fill_date|day }}")
    return paper


def _listed(paper: OfficialDocument, rows: str) -> None:
    """Add rows of headings with their text below."""
    with paper.repeat(f"part in {rows}"):
        with paper.when("part.heading"):
            paper.heading2("{{ number.section }}{{ part.heading|clause }}")
        paper.prose("part.text|paragraphs")


# ── 部门基本情况 ────────────────────────────────────────────────────────────────────────────────────


def _basics(paper: OfficialDocument) -> None:
    chapter(paper, "部门基本情况")
    with paper.when("organisation.duty_basis or duties or offices"):
        section(paper, "部门职责和机构设置")
        _duties(paper)
    with paper.when("plan.overview or tasks"):
        section(paper, "年度总体工作和重点工作任务")
        _year_of_work(paper)
    section(paper, "部门整体支出绩效目标及完成情况")
    paper.prose("plan.goal|paragraphs")
    with paper.when("plan.goal_completion"):
        paper.prose("plan.goal_completion|paragraphs")
    with paper.when("plan.goal_reason"):
        paper.body(f"目标未能全部完成的原因：{{{{ plan.goal_reason{INLINE}|sentence }}}}")
    section(paper, "部门整体收支情况")
    _flow(paper, "income", "收入")
    _flow(paper, "expenditure", "支出")
    _sources(paper)
    _carryover(paper)
    _running(paper)
    with paper.when("performance_management"):
        section(paper, "部门整体绩效管理情况")
        run_in(paper, "performance_management")


def _duties(paper: OfficialDocument) -> None:
    """Add duties as a table when they are many, else as a list; then the offices in one sentence."""
    many = f"duties|length > {_MANY}"
    with paper.when("duties"):
        paper.body(
            given("organisation.duty_basis", f"依据{{{{ organisation.duty_basis{INLINE} }}}}，")
            + "{{ report.unit }}的主要职责有{{ duties|length|count('项') }}"
            + given(many, f"，具体见{NEXT_TABLE}。", "：")
        )
        paper.otherwise("organisation.duty_basis")
        paper.body(f"职能配置依据是{{{{ organisation.duty_basis{INLINE} }}}}。")
    with paper.when(many):
        paper.caption("{{ number.table }}　部门主要职责")
        columns = [
            Column("序号", 14, "{{ loop.index }}", "Centre"),
            Column("职责内容", 142, "{{ duty.text }}"),
        ]
        paper.table(columns, loop="duty in duties")
        paper.table_note()
        paper.otherwise()
        with paper.repeat("duty in duties"):
            paper.body(f"{{{{ number.item }}}}{{{{ duty.text{INLINE}|sentence }}}}")
    with paper.when("offices"):
        names = "{{ offices|map(attribute='name')|join_list }}"
        paper.body(f"{{{{ report.unit }}}}设内设机构{{{{ offices|length|count }}}}，分别是：{names}。")


def _year_of_work(paper: OfficialDocument) -> None:
    with paper.when("plan.overview"):
        paper.prose("plan.overview|paragraphs")
    with paper.when("tasks"):
        paper.body("年度重点工作任务共{{ tasks|length|count('项') }}：")
        with paper.repeat("task in tasks"):
            funds = known("task.funds", "（涉及项目资金", "wan_text", "）")
            continued(paper, f"{{{{ number.item }}}}{{{{ task.name|clause }}}}{funds}。", "task.goal")


def _flow(paper: OfficialDocument, side: str, word: str) -> None:
    """Add one side of the accounts: the whole, its parts, and a table when there is more than the whole."""
    whole = f"{side}.total"
    adjusted = f"{whole}.initial_budget is number and {whole}.adjusted_budget is number"
    parts = f"{side}.parts|selectattr('actual_expenditure')"
    more = f"{side}.filled|length > 1"
    paper.body(
        f"{{{{ number.item }}}}{word}情况。{{{{ report.year }}}}年度{word}合计，"
        + known(f"{whole}.initial_budget", "年初预算数", "wan_text", "，")
        + known(f"{whole}.adjusted_budget", "全年预算数", "wan_text", "，")
        + given(adjusted, _ADJUSTED % (whole, whole) + "，")
        + f"决算数{{{{ {whole}.actual_expenditure|wan_text }}}}"
        + known(f"{whole}.execution_rate", "，完成全年预算的", "percent")
        + given(f"{whole}.prior_expenditure is number", "，" + _LAST_YEAR % (whole, whole))
        + "。"
        + given(more, f"具体见{NEXT_TABLE}。")
        + given(f"{parts}|list", "其中：")
    )
    with paper.repeat(f"part in {parts}"):
        paper.body(f"{{{{ number.subitem }}}}{_part()}。")
    with paper.when(more):
        grid_table(paper, side, f"部门{word}情况", f"{word}项目")


def _part() -> str:
    """Return what is said of one kind of income or expenditure."""
    adjusted = (
        "part.initial_budget is number and part.adjusted_budget is number"
        " and part.initial_budget != part.adjusted_budget"
    )
    initial = "，年初预算数{{ part.initial_budget|wan_text }}，"
    return (
        "{{ part.name|replace('小计', '') }}{{ part.actual_expenditure|wan_text }}"
        + known("part.share", "，占", "percent")
        + known("part.execution_rate", "，完成率", "percent")
        + given(adjusted, initial + _ADJUSTED % ("part", "part"))
        + given("part.prior_expenditure is number", "，" + _LAST_YEAR % ("part", "part"))
    )


def _sources(paper: OfficialDocument) -> None:
    parts = "sources.parts|selectattr('actual_expenditure')"
    with paper.when(f"{parts}|list"):
        said = (
            "{{ part.name }}{{ part.actual_expenditure|wan_text }}"
            + known("part.share", "，占", "percent")
            + known("part.execution_rate", "，完成率", "percent")
        )
        paper.body(
            f"{{{{ number.item }}}}资金来源。按资金来源划分，{each(f'part in {parts}', said, '；')}。"
            + given("sources.filled|length > 1", f"具体见{NEXT_TABLE}。")
        )
        with paper.when("sources.filled|length > 1"):
            grid_table(paper, "sources", "部门支出情况（按资金来源）", "资金来源", initial=False)


def _carryover(paper: OfficialDocument) -> None:
    with paper.when("carryover.opening is not none or carryover.closing is not none or carryover.note"):
        between = given("carryover.closing is not none", "，", "。")
        continued(
            paper,
            "{{ number.item }}结转和结余。"
            + known("carryover.opening", "年初结转和结余", "wan_text", between)
            + known("carryover.closing", "年末结转和结余", "wan_text", "。"),
            "carryover.note",
        )
    with paper.when("carryover.adjustment_reason"):
        continued(paper, "{{ number.item }}预算调整原因。", "carryover.adjustment_reason")


def _running(paper: OfficialDocument) -> None:
    with paper.when("running.filled"):
        said = (
            "{{ row.name }}"
            + known("row.adjusted_budget", "年度预算数", "wan_text", "，")
            + "决算数{{ row.actual_expenditure|wan_text }}"
            + known("row.execution_rate", "，执行率", "percent")
            + given("row.prior_expenditure is number", "，" + _LAST_YEAR % ("row", "row"))
            + given("row.reason", f"，主要原因：{{{{ row.reason{INLINE} }}}}")
        )
        paper.body(
            f"{{{{ number.item }}}}“三公”经费和机关运行经费。{each('row in running.filled', said, '；')}。"
        )


# ── 绩效自评情况 ────────────────────────────────────────────────────────────────────────────────────


def _evaluation(paper: OfficialDocument) -> None:
    chapter(paper, "绩效自评情况")
    section(paper, "自评结论")
    _conclusion(paper)
    section(paper, "履职效能分析")
    _performance(paper)
    with paper.when("report.projects or project_count.count is not none"):
        section(paper, "项目支出情况")
        _projects(paper)
    with paper.when("achievements"):
        section(paper, "主要工作成效")
        run_in(paper, "achievements")
    with paper.when("management.parts"):
        section(paper, "管理效率分析")
        _management(paper)


def _conclusion(paper: OfficialDocument) -> None:
    paper.prose("result.conclusion|paragraphs")
    part = "{{ part.name }}自评得分{{ part.score|count('分') }}" + given(
        "part.reason", f"，主要扣分原因：{{{{ part.reason{INLINE} }}}}"
    )
    paper.body(
        f"{{% for part in scores.parts if part.score is not none %}}{part}；{{% endfor %}}"
        "自评总得分{{ scores.total.score|count('分') }}，评价等级为“{{ result.grade }}”。"
        + given("scores.filled|length > 1", f"各部分得分情况见{NEXT_TABLE}。")
    )
    with paper.when("scores.filled|length > 1"):
        scores_table(paper)


def _performance(paper: OfficialDocument) -> None:
    """Add the outcome of indicators and tasks, then the unit's own analysis."""
    start = "{{ number.item }}绩效指标完成情况。"
    names = "（{{ report.unmet|map(attribute='name')|join_list }}）"
    told = outcome("report.indicators", "report.indicators.total", named=names, rate="report.completion_rate")
    with paper.when("indicators"):
        paper.body(
            f"{start}共设置三级绩效指标{{{{ report.indicators.total|count }}}}，{told}。具体见{NEXT_TABLE}。"
        )
        indicator_table(paper)
        _explanations(paper, "report.explained")
        paper.otherwise()
        paper.body(start + "{{ '部门整体绩效指标'|missing }}")
    with paper.when("result.fiscal_rate is not none"):
        paper.body(
            "{{ number.item }}预算资金支出率。预算内财政资金支出率为{{ result.fiscal_rate|percent }}。"
        )
    with paper.when("tasks|selectattr('completion')|list"):
        paper.body("{{ number.item }}重点工作任务完成情况。各项任务的完成情况如下：")
        with paper.repeat("task in tasks|selectattr('completion')"):
            continued(paper, "{{ number.subitem }}{{ task.name|clause }}。", "task.completion")
    with paper.when("duty_analysis"):
        paper.body("{{ number.item }}履职情况分析。年度履职的主要情况如下：")
        run_in(paper, "duty_analysis", "subitem")


def _explanations(paper: OfficialDocument, rows: str) -> None:
    """Add why indicators missed or far exceeded their targets, as the unit explains it."""
    with paper.when(rows):
        paper.body("偏差原因和改进措施：")
        with paper.repeat(f"row in {rows}"):
            paper.body(
                "{{ number.subitem }}{{ row.name|clause }}"
                "（年度指标值{{ row.target }}，实际完成值{{ row.actual }}）："
                + given(
                    "row.reason",
                    f"{{{{ row.reason{INLINE}|sentence }}}}",
                    "{{ '偏差原因分析及改进措施'|missing }}",
                )
            )


def _projects(paper: OfficialDocument) -> None:
    with paper.when("project_count.count is not none"):
        paper.body(
            "{{ report.year }}年度共安排项目{{ project_count.count|count }}"
            + known("expenditure.project.actual_expenditure", "，项目支出决算数", "wan_text")
            + known("expenditure.project.execution_rate", "，预算完成率", "percent")
            + "。"
        )
    told = outcome("project", "project.indicators|length")
    with paper.repeat("project in report.projects"):
        funds = (
            known("project.adjusted_budget", "全年预算数", "wan_text", "，")
            + "执行数{{ project.actual_expenditure|wan_text }}"
            + known("project.execution_rate", "，预算完成率", "percent")
            + given(
                "project.funds|length == 1 and project.funds[0].fund_source",
                "，资金来源为{{ project.funds[0].fund_source|clause }}",
            )
        )
        paper.body(
            "{{ number.item }}{{ project.title|clause }}。"
            + given("project.funds", f"{funds}。")
            + given(
                "project.indicators",
                f"设置绩效指标{{{{ project.indicators|length|count }}}}，{told}。",
            )
        )
        with paper.when("project.funds|length > 1 or project.funds and project.indicators"):
            funds_table(paper)
        with paper.when("project.indicators"):
            project_indicator_table(paper)
        _explanations(paper, "project.explained")


def _management(paper: OfficialDocument) -> None:
    score = known("part.score", "（分值{{ part.max_score|count('分') }}，得分", "count('分')", "）")
    with paper.repeat("part in management.parts"):
        continued(paper, f"{{{{ number.item }}}}{{{{ part.name }}}}{score}。", "part.text")
