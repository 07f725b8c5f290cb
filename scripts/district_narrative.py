"""The outline of 汇总报告.docx; tags ask for the figures and rows of the summary."""

from __future__ import annotations

from district_subjects import monitoring, project_funds, project_scores
from district_tables import (
    grades_table,
    groups_table,
    monitor_annex,
    projects_annex,
    rules_table,
    shown_unmet_table,
    units_annex,
    units_table,
    unmet_annex,
    waivers_annex,
)
from narrative_parts import NEXT_TABLE, chapter, each, given, known, ranked, run_in, section
from official_document import OfficialDocument
from unit_parts import outcome_of

_STANDINGS = (
    ("late", "迟报"),
    ("returned", "需退回修改"),
    ("missing", "漏报"),
    ("unlisted", "名册外报送"),
    ("duplicate", "重复报送、未计入汇总"),
)


def district_narrative() -> OfficialDocument:
    """Return the template of the district's summary report."""
    paper = OfficialDocument("绩效自评汇总报告", "")
    paper.title("{{ title }}")
    paper.body("按照预算绩效管理工作要求，现将{{ years }}{{ subject }}的报送、核对和汇总情况报告如下。")
    chapter(paper, "总体情况")
    _overview(paper)
    with paper.when("units or total.projects"):
        chapter(paper, "预算执行情况")
        _execution(paper)
    with paper.when("units or projects.scored"):
        chapter(paper, "自评得分和等级")
        _scores(paper)
    with paper.when("total.indicators or projects.indicators or unmet.rows"):
        chapter(paper, "绩效指标完成情况")
        _indicators(paper)
    with paper.when("monitoring.rows"):
        chapter(paper, "年度中间运行监控情况")
        monitoring(paper)
    with paper.when("rules.rows"):
        chapter(paper, "审核发现的问题")
        _rules(paper)
    for title, rows in (("存在的主要问题", "problems"), ("改进措施", "measures")):
        with paper.when(rows):
            chapter(paper, title)
            with paper.repeat(f"told in {rows}"):
                section(paper, "{{ told.unit }}")
                run_in(paper, "told.parts")
    paper.attachments("annexes")
    paper.signature("{{ author }}", "{{ date|day }}")
    with paper.landscape(to_the_end=True):
        _annexes(paper)
    return paper


def _overview(paper: OfficialDocument) -> None:
    section(paper, "报送情况")
    owed = (
        "应报{{ papers }}{{ reporting.due|count('份') }}，按时报送{{ reporting.reported|count('份') }}"
        + given("reporting.late", "，迟报{{ reporting.late|count('份') }}")
        + given("reporting.returned", "，需退回修改{{ reporting.returned|count('份') }}")
        + given("reporting.missing", "，漏报{{ reporting.missing|count('份') }}", "，没有漏报")
        + "。"
    )
    came = (
        "共收到工作簿{{ reporting.workbooks|count('份') }}，{{ reporting.counted|count('份') }}计入汇总"
        + given("reporting.unreadable", "，{{ reporting.unreadable|count('份') }}无法读取")
        + "。"
    )
    paper.body(
        given("reporting.due", owed) + given("reporting.workbooks", came, "目前没有收到{{ papers }}。")
    )
    for key, words in _STANDINGS:
        listed = " and reporting.due" if key == "unlisted" else ""  # without a roster everybody is off it
        with paper.when(f"standings.{key}{listed}"):
            paper.body(f"{words}的有：{{{{ standings.{key}|join_list }}}}。")
    section(paper, "汇总范围")
    _scope(paper)


def _against_last_year(paper: OfficialDocument) -> None:
    """Add budget, outturn, rate and score of both years, of the units or the projects known in both."""
    both = "last_year.{0} is not none and last_year.last_{0} is not none"

    def moved(key: str, what: str) -> str:
        change = f"{{{{ last_year.{key}|change(last_year.last_{key}, '上年') }}}}"
        return given(both.format(key), f"{what}{{{{ last_year.{key}|wan_text }}}}，{change}；")

    paper.body(
        given(
            "last_year.units",
            "两年都有自评表的{{ last_year.units|count }}单位，",
            "两年都填报的{{ last_year.projects|count }}项目，",
        )
        + moved("adjusted_budget", "全年预算数合计")
        + moved("actual_expenditure", "执行数合计")
        + given(
            both.format("execution_rate"),
            "预算执行率{{ last_year.execution_rate|percent }}，"
            "上年为{{ last_year.last_execution_rate|percent }}",
            "预算执行率不能比较",
        )
        + given(
            both.format("mean_score"),
            "；平均自评总分{{ last_year.mean_score|score(2) }}分，"
            "上年为{{ last_year.last_mean_score|score(2) }}分",
        )
        + "。"
    )


def _scope(paper: OfficialDocument) -> None:
    """Add what is summed up, and what of it is accepted."""
    projects = "纳入汇总的项目{{ total.projects|count }}，没有可汇总的部门整体支出绩效自评表。"
    monitored = "纳入汇总的是年度中间的运行监控表，涉及单位{{ monitoring.units|count }}。"
    accepted = (
        "其中审核结论为“采用”的{{ accepted.units|count('份') }}"
        + known("accepted.adjusted_budget", "，全年预算数", "wan_text")
        + known("accepted.actual_expenditure", "，执行数", "wan_text")
        + known("accepted.execution_rate", "，预算执行率", "percent")
        + "。"
    )
    none = "目前没有审核结论为“采用”的部门自评表，以下为各单位报送数，改正后重新汇总。"
    paper.body(
        given(
            "units",
            "纳入汇总的部门整体支出绩效自评表{{ total.units|count('份') }}"
            + given("total.projects", "、项目{{ total.projects|count }}")
            + "。"
            + given(
                "accepted.units == total.units",
                "审核结论均为“采用”。",
                given("accepted.units", accepted, none),
            ),
            given(
                "total.projects",
                projects,
                given("monitoring.rows", monitored, "目前没有可汇总的自评表。"),
            ),
        )
    )


def _execution(paper: OfficialDocument) -> None:
    with paper.when("units"):
        section(paper, "部门整体支出")
        _whole(paper)
        units_table(paper)
        with paper.when("groups"):
            paper.body(f"各单位不属于同一年度或同一区，分别合计见{NEXT_TABLE}，合计数仅供核对。")
            groups_table(paper)
    with paper.when("last_year"):
        section(paper, "与上年比较")
        _against_last_year(paper)
    with paper.when("total.projects"):
        section(paper, "项目支出")
        project_funds(paper)


def _whole(paper: OfficialDocument) -> None:
    """Add the sums in sentences: how much, for what, and who lags."""
    whole = given("units|length > 1", "合计")
    left_out = "（缺少全年预算数或执行数的{{ execution.unknown|join_list }}不计入）"
    kind = (
        "{{ row.kind|replace('（未分项）', '未列明分项的支出') }}{{ row.actual_expenditure|wan_text }}"
        + known("row.share", "，占", "percent")
    )
    paper.body(
        given("units|length == 1", "{{ units[0].name }}", "{{ total.units|count }}单位")
        + known("total.initial_budget", f"年初预算数{whole}", "wan_text", "，")
        + known("total.adjusted_budget", f"全年预算数{whole}", "wan_text", "，")
        + f"执行数{whole}{{{{ total.actual_expenditure|wan_text }}}}"
        + known("total.execution_rate", "，预算执行率", "percent", given("execution.unknown", left_out))
        + "。"
        + given("kinds", f"按支出性质划分，{each('row in kinds', kind, '；')}。")
    )
    paper.body(ranked("execution", "execution_rate", "percent", "预算执行率") + f"各单位情况见{NEXT_TABLE}。")


def _scores(paper: OfficialDocument) -> None:
    means = (
        "填报自评总分的单位{{ scores.known|count }}，平均{{ total.mean_score|score(2) }}分"
        + known("total.weighted_score", "，按全年预算数加权平均", "score(2)", "分")
        + "。"
    )
    with paper.when("units"):
        paper.body(
            given("scores.known", means)
            + ranked("scores", "total_score", "count('分')", "自评总分")
            + given("scores.unknown", "没有填报自评总分的有：{{ scores.unknown|join_list }}。")
            + f"等级分布见{NEXT_TABLE}。"
        )
        with paper.when("regraded"):
            one = "{{ row.name }}（自评{{ row.grade }}，核定{{ row.grade_computed }}）"
            paper.body(f"自评等级与按得分核定的等级不一致的有：{each('row in regraded', one, '、')}。")
        grades_table(paper, "grades", "自评等级分布", "单位")
    with paper.when("projects.scored"):
        project_scores(paper)


def _indicators(paper: OfficialDocument) -> None:
    told = outcome_of("total") + given(
        "total.met and total.unmet", "，指标完成率{{ total.completion_rate|percent }}"
    )
    each_of = given("unmet.rows|length > 1", "均")
    explained = given(
        "unmet.unexplained == unmet.rows|length",
        f"{each_of}没有说明原因",
        given("unmet.unexplained", "其中{{ unmet.unexplained|count }}没有说明原因", f"{each_of}已说明原因"),
    )
    some = f"完成率最低的{{{{ unmet.shown|length|count }}}}见{NEXT_TABLE}，其余见{{{{ annex.unmet }}}}"
    projects = (
        "项目绩效指标共{{ projects.indicators|count }}，按工具核算已完成{{ projects.met|count }}，"
        "完成率{{ projects.completion_rate|percent }}。"
    )
    paper.body(
        given(
            "total.indicators",
            f"部门整体绩效指标共{{{{ total.indicators|count }}}}，{told}。",
        )
        + given("projects.indicators", projects)
        + given(
            "unmet.rows",
            given("total.indicators and unmet.rows|length > total.unmet", "连同项目指标，")
            + f"未完成的指标共{{{{ unmet.rows|length|count }}}}，{explained}，"
            f"{given('unmet.rest', some, f'见{NEXT_TABLE}')}。",
        )
    )
    with paper.when("unmet.rows"):
        shown_unmet_table(paper)


def _rules(paper: OfficialDocument) -> None:
    kind = "{{ row.name }}{{ row.count|count('条') }}（涉及单位{{ row.units|count }}）"
    kinds = each("row in rules.families", kind, "、")
    rest = f"主要问题见{NEXT_TABLE}，其余{{{{ rules.rest|count('类') }}}}见汇总表"
    paper.body(
        "审核共发现问题{{ rules.total|count('条') }}，其中必改{{ reporting.errors|count('条') }}、"
        "需说明{{ reporting.explains|count('条') }}、提示{{ reporting.notes|count('条') }}。"
        + given("rules.families|length > 1", f"按内容归类，{kinds}。")
        + f"{given('rules.rest', rest, f'各类问题见{NEXT_TABLE}')}。"
    )
    rules_table(paper)


def _annexes(paper: OfficialDocument) -> None:
    for name, title, table in (
        ("units", "单位汇总表", units_annex),
        ("projects", "项目汇总表", projects_annex),
        ("monitoring", "运行监控情况表", monitor_annex),
        ("unmet", "未完成指标表", unmet_annex),
        ("waivers", "说明与豁免", waivers_annex),
    ):
        with paper.when(f"annex.{name}"):
            paper.annex(f"{{{{ annex.{name} }}}}", title)
            table(paper)
    with paper.when("not annexes"):
        paper.annex("附件", "单位汇总表")
        paper.body("目前没有可汇总的自评表。")
