"""The columns of the sheets of 汇总表.xlsx, declared once: id, heading, kind, width, total, tint."""

from __future__ import annotations

from toolkit.summary.columns import (
    CELL,
    DISTRICT,
    FILE,
    GRADE,
    GRADE_COMPUTED,
    NUMBER,
    UNIT,
    VERDICT,
    YEAR,
    count,
    long_text,
    money,
    rate,
    score,
    text,
)
from toolkit.summary.kinds import Column, Kind, Tint, Total

UNITS = (
    NUMBER,
    UNIT,
    DISTRICT,
    YEAR,
    money("initial_budget", "年初预算数"),
    money("adjusted_budget", "全年预算数"),
    money("actual_expenditure", "全年执行数"),
    rate("execution_rate", "预算执行率", "actual_expenditure", "adjusted_budget", tint=Tint.RATE),
    rate("adjustment_rate", "预算调整率", "adjusted_budget", "initial_budget", total=Total.CHANGE),
    count("indicators", "指标总数", Total.SUM),
    count("met", "已完成数", Total.SUM),
    count("unmet", "未完成数", Total.SUM),
    count("undecided", "无法判定", Total.SUM),
    rate("completion_rate", "指标完成率", "met", "indicators", tint=Tint.BAR),
    score("duty_score", "履职效能得分"),
    score("management_score", "管理效率得分"),
    score("total_score", "自评总分"),
    GRADE,
    count("execution_rank", "执行率排名"),
    count("score_rank", "得分排名"),
    count("errors", "必改数", Total.SUM),
    count("explains", "需说明数", Total.SUM),
    VERDICT,
    FILE,
)

SCORES = (
    NUMBER,
    UNIT,
    YEAR,
    score("duty_score", "履职效能", Total.MEAN),
    score("management_score", "管理效率", Total.MEAN),
    score("total_score", "自评总分", Total.MEAN),
    rate("score_rate", "得分率"),
    GRADE,
    GRADE_COMPUTED,
    count("score_rank", "得分排名"),
    long_text("reason", "主要扣分原因", 44),
    VERDICT,
    FILE,
)

_FLOW = (
    text("side", "类别", 8),
    text("kind", "项目", 40),
    money("initial_budget", "年初预算数"),
    money("adjusted_budget", "全年预算数"),
    money("actual_expenditure", "决算数"),
)
_CHANGE = (
    money("prior_expenditure", "上年决算数"),
    money("change_amount", "比上年增减额"),
    rate("change_rate", "增减率"),
)
FLOWS = (
    *_FLOW,
    rate("execution_rate", "执行率"),
    rate("share", "占比", tint=Tint.BAR),
    *_CHANGE,
    count("units", "单位数"),
    money("accepted_budget", "全年预算数（采用）"),
    money("accepted_actual", "决算数（采用）"),
    rate("accepted_rate", "执行率（采用）"),
)

FLOW_ROWS = (
    UNIT,
    DISTRICT,
    YEAR,
    *_FLOW,
    rate("execution_rate", "执行率", tint=Tint.RATE),
    rate("share", "占比"),
    *_CHANGE,
    VERDICT,
    FILE,
    CELL,
)

_INDICATOR = (
    UNIT,
    YEAR,
    long_text("scope", "范围", 22),
    text("level1", "一级指标"),
    text("level2", "二级指标", 20),
    long_text("name", "三级指标", 30),
    long_text("target", "年度指标值", 20),
    long_text("actual", "实际完成值", 24),
)
INDICATORS = (
    *_INDICATOR,
    text("operator", "方向", 7),
    Column("target_number", "目标数值", Kind.NUMBER, 12),
    text("target_unit", "计量单位", 9),
    Column("actual_number", "实际数值", Kind.NUMBER, 12),
    rate("completion", "完成率（核）"),
    text("status", "完成情况（核）", 10, Tint.COMPLETION),
    rate("completion_stated", "完成率（报）"),
    text("status_stated", "完成情况（报）", 10, Tint.COMPLETION),
    score("max_score", "分值"),
    score("score", "得分"),
    score("score_computed", "得分（核）"),
    long_text("reason", "偏差原因分析及改进措施", 36),
    long_text("method", "核算说明", 30),
    VERDICT,
    FILE,
    CELL,
)

UNFINISHED = (
    *_INDICATOR,
    rate("completion", "完成率（核）"),
    text("status", "完成情况（核）", 10, Tint.COMPLETION),
    score("max_score", "分值"),
    score("score", "得分"),
    score("lost", "失分"),
    text("reason_given", "原因说明", 9, Tint.MISSING),
    long_text("reason", "偏差原因分析及改进措施", 44),
    VERDICT,
    FILE,
    CELL,
)

PROJECTS = (
    NUMBER,
    UNIT,
    YEAR,
    long_text("name", "项目名称", 30),
    long_text("supervising_department", "主管部门", 38),
    long_text("sources", "资金来源", 26),
    money("initial_budget", "年初预算数"),
    money("adjusted_budget", "全年预算数"),
    money("actual_expenditure", "全年执行数"),
    rate("execution_rate", "预算执行率", "actual_expenditure", "adjusted_budget", tint=Tint.RATE),
    count("indicators", "指标总数", Total.SUM),
    count("met", "已完成数", Total.SUM),
    rate("completion_rate", "指标完成率", "met", "indicators"),
    score("total_score", "自评得分"),
    GRADE,
    text("origin", "取数来源", 16),
    long_text("remark", "备注", 40),
    VERDICT,
    FILE,
    CELL,
)

GRADES = (
    text("subject", "对象", 14),
    text("grade", "等级", 8, Tint.GRADE),
    count("count", "数量"),
    rate("share", "数量占比", tint=Tint.BAR),
    count("computed", "按得分核定数量"),
    money("adjusted_budget", "全年预算数"),
    rate("budget_share", "预算占比"),
    money("actual_expenditure", "全年执行数"),
    rate("execution_rate", "预算执行率"),
)

GROUPS = (
    YEAR,
    text("district", "区", 20),
    count("units", "单位数", Total.SUM),
    money("initial_budget", "年初预算数"),
    money("adjusted_budget", "全年预算数"),
    money("actual_expenditure", "全年执行数"),
    rate("execution_rate", "预算执行率", "actual_expenditure", "adjusted_budget", tint=Tint.RATE),
    rate("adjustment_rate", "预算调整率", "adjusted_budget", "initial_budget", total=Total.CHANGE),
    score("mean_score", "平均自评得分"),
    count("indicators", "指标总数", Total.SUM),
    count("met", "已完成数", Total.SUM),
    rate("completion_rate", "指标完成率", "met", "indicators"),
)

SENDERS = (
    text("sender", "报送单位", 24),
    count("workbooks", "自评表份数", Total.SUM),
    count("missing", "尚未报送", Total.SUM),
    *GROUPS[2:],
)

_BOTH_YEARS = (
    money("last_adjusted_budget", "上年全年预算数"),
    money("adjusted_budget", "全年预算数"),
    rate("budget_change", "预算增减率", "adjusted_budget", "last_adjusted_budget", total=Total.CHANGE),
    money("last_actual_expenditure", "上年执行数"),
    money("actual_expenditure", "全年执行数"),
    rate(
        "expenditure_change",
        "执行增减率",
        "actual_expenditure",
        "last_actual_expenditure",
        total=Total.CHANGE,
    ),
    rate("last_rate", "上年执行率", "last_actual_expenditure", "last_adjusted_budget"),
    rate("execution_rate", "预算执行率", "actual_expenditure", "adjusted_budget", tint=Tint.RATE),
    score("last_total_score", "上年自评总分", Total.MEAN),
    score("total_score", "自评总分", Total.MEAN),
    score("score_change", "得分增减"),
    VERDICT,
    long_text("last_file", "上年文件", 30),
    FILE,
)

YEARLY = (NUMBER, UNIT, YEAR, *_BOTH_YEARS)

PROJECTS_YEARLY = (NUMBER, UNIT, YEAR, long_text("name", "项目名称", 30), *_BOTH_YEARS)

STANDINGS = (
    NUMBER,
    UNIT,
    text("form", "应报表种", 26),
    YEAR,
    text("standing", "状态", 9, Tint.STANDING),
    text("verdict", "结论", 8, Tint.VERDICT),
    Column("fill_date", "填报日期", Kind.DATE, 12),
    Column("due", "报送期限", Kind.DATE, 12),
    text("contact", "联系人", 12),
    text("phone", "联系电话", 16),
    FILE,
    long_text("why", "说明", 40),
)

ISSUES = (
    NUMBER,
    text("severity", "级别", 8, Tint.SEVERITY),
    UNIT,
    FILE,
    text("sheet", "工作表", 16),
    text("cell", "单元格", 9),
    long_text("label", "栏目", 24),
    long_text("message", "问题", 46),
    long_text("found", "填报内容", 26),
    long_text("expected", "应为", 26),
    long_text("hint", "处理建议", 46),
    text("code", "代码", 7),
)

WAIVERS = (
    NUMBER,
    UNIT,
    text("code", "代码", 7),
    long_text("title", "问题", 20),
    long_text("place", "单元格或栏目", 16),
    text("who", "说明人", 10),
    long_text("why", "说明", 32),
    Column("until", "有效期至", Kind.DATE, 12),
    text("state", "状态", 9, Tint.WAIVER),
    count("count", "采用处数", Total.SUM),
    long_text("remark", "备注", 28),
    long_text("source", "登记处", 20),
)

RECONCILIATION = (
    NUMBER,
    text("topic", "类别", 16),
    long_text("item", "对账事项", 34),
    UNIT,
    long_text("left_name", "甲方口径", 34),
    Column("left", "甲", Kind.BY_ROW, 16),
    long_text("right_name", "乙方口径", 60),
    Column("right", "乙", Kind.BY_ROW, 16),
    Column("gap", "差额", Kind.BY_ROW, 14, formula="=ROUND({left}-{right},2)"),
    Column("allowed", "允许误差", Kind.BY_ROW, 10),
    Column(
        "agreement",
        "结果",
        Kind.TEXT,
        9,
        tint=Tint.AGREEMENT,
        formula='=IF(ABS({gap})<={allowed},"一致","不一致")',
    ),
    long_text("remark", "说明", 40),
    FILE,
    CELL,
)

TRACE = (
    text("place", "工作表或报告", 12),
    UNIT,
    YEAR,
    text("figure", "栏目", 26),
    Column("value", "数值", Kind.BY_ROW, 16),
    long_text("formula", "取数公式", 44),
    FILE,
    text("sheet", "工作表", 18),
    text("cell", "单元格", 9),
    long_text("label", "填报栏目", 50),
    long_text("raw", "填报内容", 20),
)


def scores_column(label: str) -> Column:
    """Return the column of one scored aspect, which only its form knows; no two headings may be the same.

    >>> scores_column("资产管理").heading, scores_column("管理效率").heading
    ('资产管理', '管理效率（分项）')
    """
    taken = any(column.heading == label for column in SCORES)
    return score(label, f"{label}（分项）" if taken else label, Total.MEAN)
