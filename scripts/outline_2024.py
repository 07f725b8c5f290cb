"""单位自评表说明.docx: 绩效自评情况 in four sections, 问题, 措施 (Guangdong, 2024)."""

from __future__ import annotations

from narrative_parts import NEXT_TABLE, chapter, given, known, run_in, section
from official_document import OfficialDocument
from unit_parts import (
    DONE,
    carryover,
    close,
    conclusion,
    goal,
    goal_completion,
    indicators,
    management,
    money,
    next_year,
    or_missing,
    others,
    part,
    parts_of,
    project_summary,
    running,
    sources,
    task_goals,
    tasks_done,
    whole,
)
from unit_tables import projects_table


def explanation_2024() -> OfficialDocument:
    """Return the template."""
    paper = OfficialDocument("部门整体支出绩效自评表说明", "")
    paper.title("{{ report.year }}年度{{ report.title_unit }}部门整体支出绩效自评表说明")
    chapter(paper, "绩效自评情况")
    section(paper, "部门整体支出绩效目标")
    goal(paper)
    task_goals(paper, "{{ report.year }}年度工作计划如下：")
    section(paper, "自评结论")
    conclusion(paper)
    goal_completion(paper)
    indicators(paper, ("target", "actual", "rate"))
    section(paper, "履职效能分析")
    with paper.when("duty_analysis"):
        run_in(paper, "duty_analysis")
    with paper.when(DONE):
        paper.body("{{ number.anew }}重点工作任务完成情况如下：")
        tasks_done(paper, "item")
    run_in(paper, "achievements")
    with paper.when(f"not duty_analysis and not achievements and not ({DONE})"):
        paper.body("{{ '履职效能分析'|missing }}")
    _budget(paper)
    with paper.when("report.projects or project_count.count is not none"):
        paper.body(project_summary() + given("report.projects", f"各项目预算执行情况见{NEXT_TABLE}。"))
        with paper.when("report.projects"):
            projects_table(paper)
    with paper.when("management.parts or performance_management or running.filled"):
        section(paper, "管理效率分析")
        management(paper, headed=False)
        run_in(paper, "performance_management")
        running(paper)
    others(paper)
    chapter(paper, "存在的主要问题")
    or_missing(paper, "problems", "存在的主要问题")
    chapter(paper, "下一步改进措施")
    or_missing(paper, "measures", "下一步改进措施")
    next_year(paper)
    close(paper)
    return paper


def _budget(paper: OfficialDocument) -> None:
    """Add what was budgeted and what came and went, in a few paragraphs without headings."""
    money(paper)
    with paper.when(
        "income.total.initial_budget is not none or expenditure.total.initial_budget is not none"
    ):
        paper.body(
            "{{ report.year }}年部门"
            + known("income.total.initial_budget", "年初预算收入", "wan_text")
            + given(
                "income.total.initial_budget is not none and expenditure.total.initial_budget is not none",
                "，",
            )
            + known("expenditure.total.initial_budget", "年初预算支出", "wan_text")
            + "。"
        )
    for side, word, zero in (("income", "收入", "没有取得"), ("expenditure", "支出", "没有发生")):
        with paper.when(f"{side}.filled"):
            paper.body(whole(side, f"部门年度{word}", initial=False) + parts_of(side, part(), zero))
    sources(paper, table=False)
    carryover(paper)
    with paper.when("result.fiscal_rate is not none"):
        paper.body("预算内财政资金支出率为{{ result.fiscal_rate|percent }}。")
