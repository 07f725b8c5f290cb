"""What 汇总报告.docx says of projects and of the running year."""

from __future__ import annotations

from district_tables import behind_table, grades_table, monitor_table, projects_table
from narrative_parts import NEXT_TABLE, each, given, known, ranked, section
from official_document import OfficialDocument


def project_funds(paper: OfficialDocument) -> None:
    """Add what the projects cost; which they are, where no department's workbook stands above them."""
    paper.body(
        "汇总项目{{ total.projects|count }}"
        + given("units", "（部门自评表和项目自评表都列出的只计一次）")
        + known("total.project_budget", "，全年预算数", "wan_text")
        + known("total.project_expenditure", "，执行数", "wan_text")
        + known("total.project_rate", "，预算执行率", "percent")
        + "。"
        + given(
            "not units",
            ranked("projects.execution", "execution_rate", "percent", "预算执行率", "各项目")
            + given(
                "projects.rest",
                f"全年预算数最大的{{{{ projects.shown|length|count }}}}见{NEXT_TABLE}，"
                "全部项目见{{ annex.projects }}。",
                f"各项目情况见{NEXT_TABLE}。",
            ),
        )
    )
    with paper.when("not units"):
        projects_table(paper)


def project_scores(paper: OfficialDocument) -> None:
    """Add the scores and grades of project workbooks."""
    paper.body(
        "填报自评总分的项目{{ projects.scored|count }}，平均{{ projects.mean_score|score(2) }}分"
        + known("projects.weighted_score", "，按全年预算数加权平均", "score(2)", "分")
        + "。"
        + ranked("projects.scores", "total_score", "count('分')", "自评总分", "各项目")
        + given("project_grades", f"等级分布见{NEXT_TABLE}。")
    )
    with paper.when("project_grades"):
        grades_table(paper, "project_grades", "项目自评等级分布", "项目")


def monitoring(paper: OfficialDocument) -> None:
    """Add money and goals of the running year beside the calendar, the projects behind, the reminders."""
    section(paper, "总体进度")
    paper.body(
        "报送运行监控表的单位{{ monitoring.units|count }}，"
        + given("monitoring.month", "均截至{{ monitoring.month }}月", "各单位取最近一期")
        + "，监控项目{{ monitoring.total.projects|count }}"
        + known("monitoring.total.adjusted_budget", "，全年预算数", "wan_text")
        + known("monitoring.total.actual_expenditure", "，支出数", "wan_text")
        + known("monitoring.total.execution_rate", "，执行率", "percent")
        + known("monitoring.calendar", "（序时进度", "percent", "）")
        + known("monitoring.total.goal_progress", "，绩效目标完成进度（按全年预算数加权）", "percent")
        + "。"
        + ranked("monitoring.execution", "execution_rate", "percent", "执行率")
        + given(
            "monitoring.unlisted",
            f"支出最慢的{{{{ monitoring.listed|length|count }}}}见{NEXT_TABLE}，"
            "全部单位见{{ annex.monitoring }}。",
            f"各单位进度见{NEXT_TABLE}。",
        )
    )
    monitor_table(paper)
    section(paper, "进度滞后和提醒事项")
    behind = (
        "执行率低于警戒线的项目{{ monitoring.total.behind|count }}，"
        "支出进度与绩效目标完成进度相差过大的项目{{ monitoring.total.apart|count }}"
        + given("monitoring.total.both", "，两种情形都有的{{ monitoring.total.both|count }}")
        + given("monitoring.unexplained", "；没有写明原因的{{ monitoring.unexplained|count }}")
        + "。"
        + given(
            "monitoring.rest",
            f"最突出的{{{{ monitoring.shown|length|count }}}}见{NEXT_TABLE}，其余见汇总表“进度滞后”。",
            f"有关项目见{NEXT_TABLE}。",
        )
    )
    kinds = each("row in monitoring.kinds", "{{ row.name }}{{ row.count|count('件') }}", "、")
    paper.body(
        given("monitoring.behind", behind, "没有进度滞后的项目。")
        + given("monitoring.reminders", f"需要提醒单位办理的事项：{kinds}，逐件见汇总表“提醒清单”。")
    )
    with paper.when("monitoring.shown"):
        behind_table(paper)
