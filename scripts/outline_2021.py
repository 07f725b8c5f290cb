"""单位绩效评价报告.docx: the whole in the lead, 项目安排, 综合评价, 问题, next year's plan (2021)."""

from __future__ import annotations

from narrative_parts import NEXT_TABLE, chapter, given, known, run_in, section
from official_document import OfficialDocument
from unit_parts import (
    BASIS,
    carryover,
    close,
    concluding,
    duties,
    goal,
    goal_completion,
    indicators,
    listed,
    management,
    money,
    offices,
    others,
    part,
    parts_of,
    project_summary,
    running,
    scored,
    sources,
    whole,
)
from unit_tables import projects_table, scores_table


def evaluation_2021() -> OfficialDocument:
    """Return the template."""
    paper = OfficialDocument("部门整体支出绩效评价报告", "")
    paper.title("{{ report.year }}年度{{ report.title_unit }}部门整体支出绩效评价报告")
    _lead(paper)
    _projects(paper)
    _conclusion(paper)
    others(paper)
    chapter(paper, "工作中存在的问题及改进措施")
    listed(paper, "problems", "工作中存在的问题")
    chapter(paper, "{{ report.next_year }}年工作计划及改进措施")
    run_in(paper, "next_year")
    with paper.when("measures"):
        with paper.when("next_year"):
            paper.body("{{ number.anew }}改进措施如下：")
        run_in(paper, "measures")
        paper.otherwise("not next_year")
        paper.body("{{ '工作计划及改进措施'|missing }}")
    close(paper)
    return paper


def _lead(paper: OfficialDocument) -> None:
    total = "expenditure.total"
    paper.body(
        f"{BASIS}，{{{{ report.unit }}}}对{{{{ report.year }}}}年度部门整体支出开展了绩效评价。"
        + given(
            f"{total}.actual_expenditure is not none",
            f"年度整体实际支出{{{{ {total}.actual_expenditure|wan_text }}}}"
            + known(f"{total}.execution_rate", "，预算完成率", "percent")
            + given(
                f"{total}.initial_budget is number and {total}.adjusted_budget is number",
                f"，较年初预算{{{{ {total}.initial_budget|wan_text }}}}，"
                f"{{{{ {total}.adjusted_budget|adjustment({total}.initial_budget) }}}}",
            )
            + "。",
        )
        + parts_of("expenditure", part(adjusted=False), "没有发生")
    )
    with paper.when("income.filled"):
        paper.body(whole("income", "年度收入") + parts_of("income", part(), "没有取得"))
    sources(paper, table=False)
    carryover(paper)
    running(paper)


def _projects(paper: OfficialDocument) -> None:
    chapter(paper, "项目安排管理使用效益情况")
    money(paper)
    with paper.when("organisation.duty_basis or duties or offices"):
        duties(paper, table=False)
        offices(paper)
    with paper.when("plan.overview"):
        paper.prose("plan.overview|paragraphs")
    with paper.when("project_count.count is not none or expenditure.project.actual_expenditure is not none"):
        paper.body(project_summary())
    with paper.when("report.projects"):
        paper.body(f"各项目预算执行情况见{NEXT_TABLE}。")
        projects_table(paper)
    goal(paper)
    with paper.when("tasks"):
        paper.body("主要绩效目标完成情况如下：")
        with paper.repeat("task in tasks"):
            paper.heading2("{{ number.section }}{{ task.name|clause }}")
            for said in ("goal", "completion"):
                with paper.when(f"task.{said}"):
                    paper.prose(f"task.{said}|paragraphs")
            with paper.when("task.funds is not none"):
                paper.body("任务涉及项目资金{{ task.funds|wan_text }}。")
            with paper.when("not task.goal and not task.completion and task.funds is none"):
                paper.body("{{ '完成情况'|missing }}")
    with paper.when("indicators"):
        with paper.when("tasks"):
            section(paper, "绩效指标完成情况")
        indicators(paper)


def _conclusion(paper: OfficialDocument) -> None:
    chapter(paper, "综合评价情况及评价结论")
    concluding(paper)
    goal_completion(paper)
    for rows in ("duty_analysis", "achievements", "performance_management"):
        run_in(paper, rows)
    with paper.when("management.parts"):
        management(paper, headed=False)
    with paper.when("result.fiscal_rate is not none"):
        paper.body("预算内财政资金支出率为{{ result.fiscal_rate|percent }}。")
    with paper.when("scores.filled or result.grade"):
        paper.body(scored() + given("scores.filled|length > 1", f"得分情况见{NEXT_TABLE}。"))
        with paper.when("scores.filled|length > 1"):
            scores_table(paper)
