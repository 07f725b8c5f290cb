"""Chapters and sentences that the reports of whole departments share; names in tags are those of the form
部门整体支出绩效自评表 and of `report` (toolkit/writers/report_context.py).

Whatever a unit filled in is said in each of its reports; the outlines differ in where and how fully.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from narrative_parts import INLINE, NEXT_TABLE, chapter, continued, each, given, known, run_in, section
from official_document import OfficialDocument
from unit_tables import duties_table, funds_table, grid_table, indicator_table, project_indicator_table

Also: TypeAlias = Mapping[str, tuple[str, str]]  # grid row -> condition, sentence
DONE = "tasks|selectattr('completion')|list"  # tasks whose outcome is told
MANY = 6  # duties; more than these go into a table
BASIS = given("cover.basis", f"根据{{{{ cover.basis{INLINE} }}}}要求", "按照预算绩效管理工作要求")
OUTCOME = "{{ %s.met|outcome(%s.unmet, %s.undecided) }}"
_LAST_YEAR = "{{ %s.actual_expenditure|change(%s.prior_expenditure) }}"
_ADJUSTED = "{{ %s.adjusted_budget|adjustment(%s.initial_budget) }}"


def outcome_of(owner: str) -> str:
    """Return the words for how the indicators of something ended."""
    return OUTCOME % (owner, owner, owner)


def listed(paper: OfficialDocument, rows: str, title: str) -> None:
    """Add rows of headings （一） with their text below; without a row, that it is still to be written."""
    with paper.repeat(f"part in {rows}"):
        with paper.when("part.heading"):
            paper.heading2("{{ number.section }}{{ part.heading|clause }}")
        paper.prose("part.text|paragraphs")
    with paper.when(f"not {rows}"):
        paper.body(f"{{{{ '{title}'|missing }}}}")


def or_missing(paper: OfficialDocument, rows: str, title: str) -> None:
    """Add rows as items, or that the chapter is still to be written."""
    run_in(paper, rows)
    with paper.when(f"not {rows}"):
        paper.body(f"{{{{ '{title}'|missing }}}}")


# ── 部门概况 ────────────────────────────────────────────────────────────────────────────────────────


def duties(paper: OfficialDocument, *, table: bool) -> None:
    """Add the duties: one to a row of a table when they are many, else one to an item."""
    many = f"duties|length > {MANY}" if table else "False"
    said = "{{ report.unit }}的主要职责有{{ duties|length|count('项') }}"
    with paper.when("duties"):
        paper.body(
            given("organisation.duty_basis", f"依据{{{{ organisation.duty_basis{INLINE} }}}}，")
            + said
            + (given(many, f"，具体见{NEXT_TABLE}。", "：") if table else "：")
        )
        paper.otherwise("organisation.duty_basis")
        paper.body(f"职能配置依据是{{{{ organisation.duty_basis{INLINE} }}}}。")
    if table:
        with paper.when(many):
            duties_table(paper)
            paper.otherwise()
            _duty_items(paper, "subitem")
    else:
        _duty_items(paper, "item")


def _duty_items(paper: OfficialDocument, level: str) -> None:
    with paper.repeat("duty in duties"):
        paper.body(f"{{{{ number.{level} }}}}{{{{ duty.text{INLINE}|sentence }}}}")


def offices(paper: OfficialDocument) -> None:
    """Add the offices in one sentence."""
    with paper.when("offices"):
        names = "{{ offices|map(attribute='name')|join_list }}"
        paper.body(
            "{{ report.unit }}设内设机构{{ offices|length|count }}"
            + given("offices|length == 1", f"，即{names}。", f"，分别是：{names}。")
        )


def plan(paper: OfficialDocument) -> None:
    """Add the year's work and its tasks as a list of goals."""
    with paper.when("plan.overview"):
        paper.prose("plan.overview|paragraphs")
    task_goals(paper, "{{ report.year }}年度重点工作任务共{{ tasks|length|count('项') }}：")


def task_goals(paper: OfficialDocument, start: str) -> None:
    """Add each task with its goal and funds as an item."""
    with paper.when("tasks"):
        paper.body("{{ number.anew }}" + start)
        with paper.repeat("task in tasks"):
            funds = known("task.funds", "（涉及项目资金", "wan_text", "）")
            continued(paper, f"{{{{ number.item }}}}{{{{ task.name|clause }}}}{funds}。", "task.goal")


def goal(paper: OfficialDocument) -> None:
    """Add the goal of the year."""
    with paper.when("plan.goal"):
        paper.prose("plan.goal|paragraphs")
        paper.otherwise()
        paper.body("{{ '年度整体绩效目标'|missing }}")


def goal_completion(paper: OfficialDocument) -> None:
    """Add how the goal was reached, and why not in full."""
    with paper.when("plan.goal_completion"):
        paper.prose("plan.goal_completion|paragraphs")
    with paper.when("plan.goal_reason"):
        paper.body(f"目标未能全部完成的原因：{{{{ plan.goal_reason{INLINE}|sentence }}}}")


def tasks_done(paper: OfficialDocument, level: str = "item") -> None:
    """Add what became of each task as an item."""
    with paper.repeat("task in tasks|selectattr('completion')"):
        continued(paper, f"{{{{ number.{level} }}}}{{{{ task.name|clause }}}}。", "task.completion")


def next_year(paper: OfficialDocument) -> None:
    """Add the chapter on next year's work when there is any."""
    with paper.when("next_year"):
        chapter(paper, "{{ report.next_year }}年度工作计划")
        run_in(paper, "next_year")


# ── 收支 ────────────────────────────────────────────────────────────────────────────────────────────


def whole(side: str, start: str, *, initial: bool = True) -> str:
    """Return the sentence on one side of the accounts: budget, adjustment, actual, rate, last year."""
    total = f"{side}.total"
    adjusted = f"{total}.initial_budget is number and {total}.adjusted_budget is number"
    rated = f"{total}.adjusted_budget is number and {total}.actual_expenditure is number"
    return (
        start
        + (known(f"{total}.initial_budget", "年初预算数", "wan_text", "，") if initial else "")
        + known(f"{total}.adjusted_budget", "全年预算数", "wan_text", "，")
        + given(adjusted, _ADJUSTED % (total, total) + "，")
        + f"决算数{{{{ {total}.actual_expenditure|wan_text }}}}"
        + given(
            rated,
            f"，{{{{ {total}.actual_expenditure|completed({total}.adjusted_budget) }}}}",
            known(f"{total}.execution_rate", "，完成全年预算的", "percent"),
        )
        + given(f"{total}.prior_expenditure is number", "，" + _LAST_YEAR % (total, total))
        + "。"
    )


def parts_of(side: str, said: str, zero: str) -> str:
    """Return the parts of a side that are not zero, and in words those that are."""
    some, none = f"{side}.parts|selectattr('actual_expenditure')", f"{side}.zeros"
    return (
        given(f"{some}|list", f"其中：{each(f'part in {some}', said, '；')}")
        + given(f"{some}|list and {none}", "；")
        + given(none, f"{zero}{{{{ {none}|map(attribute='name')|join_list(last='和') }}}}")
        + given(f"{some}|list or {none}", "。")
    )


def part(*, change: bool = True, adjusted: bool = True) -> str:
    """Return what is said of one kind of income or expenditure."""
    moved = (
        "part.initial_budget is number and part.adjusted_budget is number"
        " and part.initial_budget != part.adjusted_budget"
    )
    initial = "，年初预算数{{ part.initial_budget|wan_text }}，"
    return (
        "{{ part.name|replace('小计', '') }}{{ part.actual_expenditure|wan_text }}"
        + known("part.share", "，占", "percent")
        + (given(moved, initial + _ADJUSTED % ("part", "part")) if adjusted else "")
        + (given("part.prior_expenditure is number", "，" + _LAST_YEAR % ("part", "part")) if change else "")
    )


def execution(side: str, word: str) -> str:
    """Return how far the budgets of one side and of its parts were carried out, nothing without a budget."""
    total = f"{side}.total"
    rated = f"part in {side}.parts if part.execution_rate is not none"
    said = "{{ part.name|replace('小计', '') }}"
    return given(
        f"{total}.adjusted_budget is not none",
        f"全年{word}预算数{{{{ {total}.adjusted_budget|wan_text }}}}"
        + given(
            f"{side}.has.adjusted_budget and {side}.parts|selectattr('adjusted_budget')|list",
            "（"
            + each(
                f"part in {side}.parts|selectattr('adjusted_budget')",
                said + "{{ part.adjusted_budget|wan_text }}",
                "，",
            )
            + "）",
        )
        + f"，全年执行数{{{{ {total}.actual_expenditure|wan_text }}}}"
        + known(f"{total}.execution_rate", "，执行率", "percent")
        + f"{{% for {rated} %}}"
        + "{% if loop.first %}；其中{% else %}，{% endif %}"
        + said
        + "执行数{{ part.actual_expenditure|wan_text }}，执行率{{ part.execution_rate|percent }}"
        + "{% endfor %}。",
    )


def sources(paper: OfficialDocument, *, table: bool) -> None:
    """Add the expenditure by source of funds."""
    parts = "sources.parts|selectattr('actual_expenditure')"
    said = (
        "{{ part.name }}{{ part.actual_expenditure|wan_text }}"
        + known("part.share", "，占", "percent")
        + known("part.execution_rate", "，预算完成率", "percent")
    )
    with paper.when(f"{parts}|list"):
        paper.body(
            f"按资金来源划分，{each(f'part in {parts}', said, '；')}。"
            + (given("sources.filled|length > 1", f"具体见{NEXT_TABLE}。") if table else "")
        )
        if table:
            with paper.when("sources.filled|length > 1"):
                grid_table(paper, "sources", "部门支出情况（按资金来源）", "资金来源", initial=False)


def carryover(paper: OfficialDocument) -> None:
    """Add what was carried over, and why the budget was adjusted."""
    with paper.when("carryover.opening is not none or carryover.closing is not none or carryover.note"):
        between = given("carryover.closing is not none", "，", "。")
        continued(
            paper,
            known("carryover.opening", "年初结转和结余", "wan_text", between)
            + known("carryover.closing", "年末结转和结余", "wan_text", "。"),
            "carryover.note",
        )
    with paper.when("carryover.adjustment_reason"):
        continued(paper, "预算调整的主要原因：", "carryover.adjustment_reason")


RUNNING = (
    "{{ row.name }}"
    + known("row.adjusted_budget", "年度预算数", "wan_text", "，")
    + "决算数{{ row.actual_expenditure|wan_text }}"
    + known("row.execution_rate", "，执行率", "percent")
    + given("row.prior_expenditure is number", "，" + _LAST_YEAR % ("row", "row"))
    + given("row.reason", f"，主要原因：{{{{ row.reason{INLINE}|clause }}}}")
)


def running(paper: OfficialDocument) -> None:
    """Add 三公 and the running costs."""
    with paper.when("running.filled"):
        paper.body(f"{each('row in running.filled', RUNNING, '；')}。")


# ── 绩效自评 ────────────────────────────────────────────────────────────────────────────────────────


def conclusion(paper: OfficialDocument) -> None:
    """Add the unit's own conclusion and the scores, as far as there are any."""
    concluding(paper)
    with paper.when("scores.filled or result.grade"):
        paper.body(scored())


def concluding(paper: OfficialDocument) -> None:
    """Add the unit's own conclusion, or the result of a form that asks for none."""
    with paper.when("result.conclusion"):
        paper.prose("result.conclusion|paragraphs")
        paper.otherwise("asked.result")
        paper.body("{{ '自评结论综述'|missing }}")
        paper.otherwise()
        paper.body(_result())


def _result() -> str:
    """Return score and grade of a form that asks no conclusion, wherever it asks them."""
    return (
        given(
            "report.total_score is not none",
            "自评总得分{{ report.total_score|count('分') }}",
            "{{ '自评得分'|missing }}",
        )
        + given("report.grade", "，评价等级为“{{ report.grade|clause }}”")
        + "。"
    )


def money(paper: OfficialDocument) -> None:
    """Add the whole in one sentence for a form that asks neither 收入 nor 支出 as the shipped one does."""
    spent = "report.money.actual_expenditure"
    with paper.when("not asked.income and not asked.expenditure"):
        paper.body(
            "{{ report.year }}年度部门整体支出"
            + known("report.money.initial_budget", "年初预算数", "wan_text", "，")
            + known("report.money.adjusted_budget", "全年预算数", "wan_text", "，")
            + f"执行数{{{{ {spent}|wan_text }}}}"
            + given(
                f"{spent} is not none and report.money.adjusted_budget is not none",
                f"，{{{{ {spent}|completed(report.money.adjusted_budget) }}}}",
            )
            + "。"
        )


def scored() -> str:
    """Return scores, reasons of deductions and grade in one paragraph."""
    one = "{{ part.name }}自评得分{{ part.score|count('分') }}" + given(
        "part.reason", f"，主要扣分点：{{{{ part.reason{INLINE}|clause }}}}"
    )
    grade = given("'【' in result.grade", "{{ result.grade }}", "“{{ result.grade }}”")
    return (
        f"{{% for part in scores.parts if part.score is not none %}}{one}；{{% endfor %}}"
        + given("scores.filled", "自评总得分{{ scores.total.score|count('分') }}，")
        + given("result.grade", f"评价等级为{grade}", "没有填报评价等级")
        + "。"
    )


def indicators(
    paper: OfficialDocument,
    columns: Sequence[str] = ("target", "actual", "rate", "status"),
    *,
    start: str = "",
) -> None:
    """Add the outcome of the indicators, their table and why some missed their targets."""
    names = given(
        "report.unmet and report.indicators.met",
        "，未完成的是{{ report.unmet|map(attribute='name')|join_list(last='和') }}",
    )
    with paper.when("indicators"):
        paper.body(
            f"{start}共设置三级绩效指标{{{{ report.indicators.total|count }}}}，"
            + outcome_of("report.indicators")
            + given("report.indicators.undecided", "（缺少可以比较的目标值或实际完成值）")
            + names
            + given(
                "report.unmet and not report.indicators.undecided",
                "，指标完成率{{ report.completion_rate|percent }}",
            )
            + f"。具体见{NEXT_TABLE}。"
        )
        indicator_table(paper, columns)
        explanations(paper, "report.explained")


def explanations(paper: OfficialDocument, rows: str) -> None:
    """Add why indicators missed or far exceeded their targets, as the unit explains it."""
    one = (
        "{{ row.name|clause }}（年度指标值{{ row.target|clause }}，实际完成值{{ row.actual|clause }}）："
        + given(
            "row.reason", f"{{{{ row.reason{INLINE}|sentence }}}}", "{{ '偏差原因分析及改进措施'|missing }}。"
        )
    )
    with paper.when(f"{rows}|length == 1"):
        with paper.repeat(f"row in {rows}"):
            paper.body("偏差原因和改进措施：" + one)
        paper.otherwise(rows)
        paper.body("偏差原因和改进措施：")
        with paper.repeat(f"row in {rows}"):
            paper.body("{{ loop.index|subitem }}" + one)


def unscored_indicators(paper: OfficialDocument) -> None:
    """Say that the indicators are still to be given."""
    with paper.when("asked.indicators and not indicators"):
        paper.body("{{ '部门整体绩效指标'|missing }}")


def project_summary() -> str:
    """Return how many projects there are and what was spent on them."""
    spent = (
        known("expenditure.project.actual_expenditure", "，实际支出", "wan_text")
        + known("expenditure.project.execution_rate", "，预算完成率", "percent")
        + given(
            "expenditure.project.initial_budget is number and expenditure.project.adjusted_budget is number",
            "，较年初预算{{ expenditure.project.initial_budget|wan_text }}，"
            + _ADJUSTED % ("expenditure.project", "expenditure.project"),
        )
    )
    return given(
        "project_count.count is not none",
        given(
            "project_count.count",
            "{{ report.year }}年度部门财政支出项目共{{ project_count.count|count }}" + spent,
            "{{ report.year }}年度没有安排财政支出项目",
        )
        + "。",
        given(
            "expenditure.project.actual_expenditure is not none",
            "{{ report.year }}年度项目支出" + spent.replace("，实际支出", "", 1) + "。",
        ),
    )


def project_funds(name: str = "project") -> str:
    """Return what a project was given and spent."""
    return given(
        f"{name}.funds",
        known(f"{name}.adjusted_budget", "全年预算数", "wan_text", "，")
        + f"执行数{{{{ {name}.actual_expenditure|wan_text }}}}"
        + known(f"{name}.execution_rate", "，预算完成率", "percent")
        + given(
            f"{name}.funds|length == 1 and {name}.funds[0].fund_source",
            f"，资金来源为{{{{ {name}.funds[0].fund_source|clause }}}}",
        )
        + "。",
    ) + given(
        f"{name}.indicators",
        f"设置绩效指标{{{{ {name}.indicators|length|count }}}}，{outcome_of(name)}。",
    )


def projects(paper: OfficialDocument, *, headed: bool) -> None:
    """Add each project with its funds and indicators, under a heading of its own or as an item."""
    start = "{{ number.item }}{{ project.title|clause }}"
    with paper.repeat("project in report.projects"):
        if headed:
            paper.heading3(start)
            paper.body(project_funds() + "预算执行和指标完成情况如下：")
        else:
            paper.body(f"{start}。{project_funds()}")
        with paper.when("project.funds"):
            funds_table(paper)
        with paper.when("project.indicators"):
            project_indicator_table(paper)
        explanations(paper, "project.explained")


def management(paper: OfficialDocument, *, headed: bool, also: Also | None = None) -> None:
    """Add the parts of management efficiency; `also` says more in the part of its row, under a condition."""
    got = (
        known("part.max_score", "分值", "count('分')")
        + given("part.max_score is not none and part.score is not none", "，")
        + known("part.score", "自评得分", "count('分')")
    )
    with paper.repeat("part in management.parts"):
        if headed:
            full = (
                "{% if part in [management.budget_preparation, management.budget_execution] %}情况{% endif %}"
            )
            paper.heading3(f"{{{{ number.item }}}}{{{{ part.name }}}}{full}")
            with paper.when("part.score is not none or not part.text"):
                paper.body(f"{got}。")
            for row, (condition, words) in (also or {}).items():
                with paper.when(f"part == management.{row} and ({condition})"):
                    paper.body(words)
            with paper.when("part.text"):
                paper.prose("part.text|paragraphs")
        else:
            start = "{{ part.name }}方面" + given("part.text and part.score is not none", f"（{got}）") + "："
            continued(paper, start + given("not part.text", f"{got}。"), "part.text")


def others(paper: OfficialDocument) -> None:
    """Add what a form of another office asks beyond the one these reports are made for."""
    with paper.when("report.others"):
        section(paper, "其他情况")
        with paper.repeat("other in report.others"):
            paper.body("{{ number.item }}{{ other.label|clause }}。{{ (other.text|paragraphs)[0] }}")
            paper.prose("(other.text|paragraphs)[1:]")


def close(paper: OfficialDocument, *, attachment: bool = True) -> None:
    """Add the attachment, 署名 and 成文日期."""
    if attachment:
        paper.attachment("{{ report.form_title }}")
    paper.signature("{{ report.signature }}", "{{ report.date|day }}")
