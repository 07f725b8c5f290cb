"""单位自评报告（附表）.docx: 评价部门概况, 综合评价分析, 问题, 措施, 附件, with numbered tables (2022)."""

from __future__ import annotations

from narrative_parts import INLINE, NEXT_TABLE, chapter, continued, given, run_in, section
from official_document import OfficialDocument
from unit_parts import (
    DONE,
    carryover,
    close,
    conclusion,
    duties,
    goal,
    goal_completion,
    indicators,
    listed,
    management,
    money,
    next_year,
    offices,
    others,
    part,
    parts_of,
    project_summary,
    projects,
    running,
    sources,
    unscored_indicators,
    whole,
)
from unit_tables import scores_table, statistics_table


def report_2022() -> OfficialDocument:
    """Return the template."""
    paper = OfficialDocument("部门整体支出绩效自评报告", "")
    paper.title("{{ report.year }}年度{{ report.title_unit }}部门整体支出绩效自评报告")
    paper.body(
        "为落实全面实施预算绩效管理的要求，强化预算绩效主体责任，"
        + given("cover.basis", f"依据{{{{ cover.basis{INLINE} }}}}，")
        + "{{ report.unit }}开展了{{ report.year }}年度部门整体支出绩效自评，现将具体情况报告如下。"
    )
    _department(paper)
    _evaluation(paper)
    others(paper)
    chapter(paper, "存在的主要问题")
    listed(paper, "problems", "存在的主要问题")
    chapter(paper, "下一步改进措施")
    listed(paper, "measures", "下一步改进措施")
    next_year(paper)
    chapter(paper, "附件")
    paper.body("附件：{{ report.year }}年度{{ report.unit }}{{ report.form_title }}")
    close(paper, attachment=False)
    return paper


def _department(paper: OfficialDocument) -> None:
    chapter(paper, "评价部门概况")
    with paper.when("organisation.duty_basis or duties or offices"):
        section(paper, "部门概况")
        with paper.when("organisation.duty_basis or duties"):
            paper.heading3("{{ number.item }}部门职责")
            duties(paper, table=True)
        with paper.when("offices"):
            paper.heading3("{{ number.item }}部门机构设置")
            offices(paper)
    with paper.when("plan.overview or tasks"):
        section(paper, "年度总体工作和重点工作任务")
        with paper.when("plan.overview"):
            paper.prose("plan.overview|paragraphs")
        with paper.when("tasks"):
            paper.body("年初设置重点工作任务{{ tasks|length|count('项') }}。")
        with paper.repeat("task in tasks"):
            first = given("tasks|length > 1", "{{ loop.index|ordinal }}是")
            aimed = given("task.goal", "，匹配年度绩效目标为：", "。")
            continued(paper, f"{first}年度重点工作任务{{{{ task.name|clause }}}}{aimed}", "task.goal")
    with paper.when("income.filled or expenditure.filled"):
        section(paper, "部门整体收支情况")
        _statistics(paper)
    with paper.when("not asked.income and not asked.expenditure"):
        section(paper, "部门整体收支情况")
        money(paper)
    section(paper, "部门整体支出绩效目标及完成情况")
    goal(paper)
    goal_completion(paper)
    indicators(paper, ("target", "actual", "status"))
    unscored_indicators(paper)


def _evaluation(paper: OfficialDocument) -> None:
    chapter(paper, "综合评价分析")
    section(paper, "自评结论综述")
    conclusion(paper)
    with paper.when("scores.filled|length > 1"):
        paper.body(f"部门整体支出绩效自评得分总体情况见{NEXT_TABLE}。")
        scores_table(paper)
    with paper.when(DONE):
        section(paper, "各项工作任务绩效目标完成情况分析")
        with paper.repeat("task in tasks|selectattr('completion')"):
            paper.heading3("{{ number.item }}{{ task.name|clause }}")
            with paper.when("task.goal"):
                continued(paper, "年度重点工作任务{{ task.name|clause }}，匹配年度绩效目标为：", "task.goal")
            paper.prose("task.completion|paragraphs")
    with paper.when("report.projects or project_count.count is not none"):
        section(paper, "各重点任务项目支出完成情况分析")
        with paper.when("project_count.count is not none"):
            paper.body(project_summary())
        projects(paper, headed=True)
    with paper.when("achievements or duty_analysis"):
        section(paper, "主要工作成效")
        for rows in ("achievements", "duty_analysis"):
            with paper.repeat(f"part in {rows}"):
                with paper.when("part.heading"):
                    paper.heading3("{{ number.item }}{{ part.heading|clause }}")
                paper.prose("part.text|paragraphs")
    with paper.when("management.parts"):
        section(paper, "管理效率分析")
        management(paper, headed=False)
    with paper.when("performance_management"):
        section(paper, "部门整体绩效管理情况")
        run_in(paper, "performance_management")


def _statistics(paper: OfficialDocument) -> None:
    """Add income and expenditure, each with its table."""
    with paper.when("income.filled"):
        paper.heading3("{{ number.item }}部门整体收入情况")
        paper.body(
            whole("income", "依据{{ report.year }}年度部门决算报表，部门总收入")
            + parts_of("income", part(), "没有取得")
            + f"{{{{ report.year }}}}年度部门总收入情况见{NEXT_TABLE}。"
        )
        statistics_table(paper, "income", "部门总收入统计表", numbered=False)
    with paper.when("expenditure.filled"):
        paper.heading3("{{ number.item }}部门整体支出情况")
        paper.body(
            whole("expenditure", "{{ report.year }}年度部门整体支出")
            + given("expenditure.parts|selectattr('actual_expenditure')|list", "按支出性质和经济分类划分，")
            + parts_of("expenditure", part(), "没有发生")
            + f"{{{{ report.year }}}}年度部门总支出情况见{NEXT_TABLE}。"
        )
        statistics_table(paper, "expenditure", "部门总支出统计表（按支出性质和经济分类）", numbered=True)
    sources(paper, table=True)
    carryover(paper)
    running(paper)
