"""单位自评报告.docx: 部门基本情况, 绩效自评情况 with 履职效能 and 管理效率, 问题, 措施 (Guangdong, 2023)."""

from __future__ import annotations

from narrative_parts import INLINE, NEXT_TABLE, chapter, continued, given, run_in, section
from official_document import OfficialDocument
from unit_parts import (
    BASIS,
    DONE,
    RUNNING,
    carryover,
    close,
    conclusion,
    duties,
    execution,
    goal,
    indicators,
    management,
    money,
    next_year,
    offices,
    or_missing,
    others,
    part,
    parts_of,
    plan,
    project_summary,
    projects,
    running,
    sources,
    tasks_done,
    whole,
)
from unit_tables import grid_table, scores_table

_UNTOLD = "'万元' not in (part.text or '')"  # the unit has not given the amounts in its own words


def report_2023() -> OfficialDocument:
    """Return the template."""
    paper = OfficialDocument("部门整体支出绩效自评报告", "")
    paper.title("{{ report.year }}年度{{ report.title_unit }}部门整体支出绩效自评报告")
    with paper.when("cover.basis"):
        paper.body(
            f"{BASIS}，{{{{ report.unit }}}}对{{{{ report.year }}}}年度部门整体支出开展了绩效自评，"
            "现将有关情况报告如下。"
        )
    chapter(paper, "部门基本情况")
    with paper.when("organisation.duty_basis or duties or offices"):
        section(paper, "部门职能")
        duties(paper, table=False)
        offices(paper)
    with paper.when("plan.overview or tasks"):
        section(paper, "年度总体工作和重点工作任务")
        plan(paper)
    section(paper, "部门整体支出绩效目标")
    goal(paper)
    section(paper, "部门整体收支情况")
    _accounts(paper)
    with paper.when("performance_management"):
        section(paper, "部门整体绩效管理情况")
        run_in(paper, "performance_management")
    chapter(paper, "绩效自评情况")
    section(paper, "自评结论")
    conclusion(paper)
    with paper.when("scores.filled|length > 1"):
        scores_table(paper)
    section(paper, "履职效能分析")
    _duty(paper)
    with paper.when("management.parts"):
        section(paper, "管理效率分析")
        management(
            paper,
            headed=True,
            also={
                "budget_execution": (
                    f"{_UNTOLD} and (income.total.adjusted_budget is not none"
                    " or expenditure.total.adjusted_budget is not none)",
                    "{{ report.year }}年度" + execution("income", "收入") + execution("expenditure", "支出"),
                ),
                "running_cost": (
                    f"running.filled and {_UNTOLD}",
                    f"{{{{ report.year }}}}年度{_joined(RUNNING)}。",
                ),
            },
        )
    with paper.when("running.filled and management.running_cost not in management.parts"):
        section(paper, "“三公”经费和机关运行经费")
        running(paper)
    others(paper)
    chapter(paper, "存在的主要问题")
    or_missing(paper, "problems", "存在的主要问题")
    chapter(paper, "下一步改进措施")
    or_missing(paper, "measures", "下一步改进措施")
    next_year(paper)
    close(paper)
    return paper


def _accounts(paper: OfficialDocument) -> None:
    """Add how the goal was reached, then income and expenditure with their parts."""
    money(paper)
    with paper.when("plan.goal_completion"):
        continued(paper, "部门整体支出绩效目标完成情况主要是：", "plan.goal_completion")
    with paper.when("plan.goal_reason"):
        paper.body(f"目标未能全部完成的原因：{{{{ plan.goal_reason{INLINE}|sentence }}}}")
    for side, word, zero in (("income", "收入", "没有取得"), ("expenditure", "支出", "没有发生")):
        with paper.when(f"{side}.filled or {side}.total.actual_expenditure is not none"):
            paper.body(
                whole(side, f"{{{{ report.year }}}}年部门{word}")
                + parts_of(side, part(), zero)
                + given(f"{side}.filled|length > 2", f"具体见{NEXT_TABLE}。")
            )
            with paper.when(f"{side}.filled|length > 2"):
                grid_table(paper, side, f"部门{word}情况", f"{word}项目")
    sources(paper, table=False)
    carryover(paper)


def _duty(paper: OfficialDocument) -> None:
    """Add indicators, the rate of fiscal expenditure, what became of tasks and projects, and the analysis."""
    indicators(paper)
    with paper.when("result.fiscal_rate is not none"):
        paper.body("{{ report.year }}年度预算内财政资金支出率为{{ result.fiscal_rate|percent }}。")
    with paper.when("report.projects or project_count.count is not none"):
        paper.body(project_summary() + given("report.projects", "各项目情况如下："))
        projects(paper, headed=False)
    with paper.when(f"duty_analysis and {DONE}"):
        paper.body("{{ number.item }}重点工作任务完成情况。各项任务的完成情况如下：")
        tasks_done(paper, "subitem")
        paper.body("{{ number.item }}履职情况分析。年度履职的主要情况如下：")
        run_in(paper, "duty_analysis", "subitem")
        paper.otherwise(DONE)
        paper.body("{{ number.anew }}年度总体工作和重点工作任务完成情况如下：")
        tasks_done(paper, "item")
        paper.otherwise()
        run_in(paper, "duty_analysis")
    run_in(paper, "achievements")
    with paper.when(f"not indicators and not duty_analysis and not ({DONE})"):
        paper.body("{{ '履职效能分析'|missing }}")


def _joined(said: str) -> str:
    return f"{{% for row in running.filled %}}{said}{{% if not loop.last %}}；{{% endif %}}{{% endfor %}}"
