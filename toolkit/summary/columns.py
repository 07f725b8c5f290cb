"""The columns of every sheet of 汇总表.xlsx, declared once: id, heading, kind, width, total, tint."""

from __future__ import annotations

from toolkit.summary.kinds import Column, Kind, Tint, Total


def _text(id: str, heading: str, width: int = 16, tint: Tint = Tint.NONE) -> Column:
    return Column(id, heading, Kind.TEXT, width, tint=tint)


def _long(id: str, heading: str, width: int = 40, tint: Tint = Tint.NONE) -> Column:
    return Column(id, heading, Kind.LONG, width, tint=tint)


def _money(id: str, heading: str, total: Total = Total.SUM) -> Column:
    return Column(id, heading, Kind.MONEY, 16, total)


def _rate(id: str, heading: str, *of: str, total: Total = Total.RATIO, tint: Tint = Tint.NONE) -> Column:
    first, second = of or ("", "")
    return Column(id, heading, Kind.PERCENT, 11, total if of else Total.NONE, (first, second), tint)


def _count(id: str, heading: str, total: Total = Total.NONE) -> Column:
    return Column(id, heading, Kind.INTEGER, 8, total)


def _score(id: str, heading: str, total: Total = Total.NONE) -> Column:
    return Column(id, heading, Kind.SCORE, 10, total)


UNIT = _long("unit", "单位", 38)
YEAR = Column("year", "年度", Kind.YEAR, 7)
DISTRICT = _text("district", "区")
VERDICT = _text("verdict", "结论", 8, Tint.VERDICT)
GRADE = _text("grade", "等级", 7, Tint.GRADE)
GRADE_COMPUTED = _text("grade_computed", "等级（核）", 8)
FILE = _long("file", "来源文件", 40)
CELL = _long("cell", "单元格", 22)
NUMBER = _count("number", "序号")

UNITS = (
    NUMBER,
    UNIT,
    DISTRICT,
    YEAR,
    _money("initial_budget", "年初预算数"),
    _money("adjusted_budget", "全年预算数"),
    _money("actual_expenditure", "全年执行数"),
    _rate("execution_rate", "预算执行率", "actual_expenditure", "adjusted_budget", tint=Tint.RATE),
    _rate("adjustment_rate", "预算调整率", "adjusted_budget", "initial_budget", total=Total.CHANGE),
    _count("indicators", "指标总数", Total.SUM),
    _count("met", "已完成数", Total.SUM),
    _count("unmet", "未完成数", Total.SUM),
    _count("undecided", "无法判定", Total.SUM),
    _rate("completion_rate", "指标完成率", "met", "indicators", tint=Tint.BAR),
    _score("duty_score", "履职效能得分"),
    _score("management_score", "管理效率得分"),
    _score("total_score", "自评总分"),
    GRADE,
    _count("execution_rank", "执行率排名"),
    _count("score_rank", "得分排名"),
    _count("errors", "必改数", Total.SUM),
    _count("explains", "需说明数", Total.SUM),
    VERDICT,
    FILE,
)

SCORES = (
    NUMBER,
    UNIT,
    YEAR,
    _score("duty_score", "履职效能", Total.MEAN),
    _score("management_score", "管理效率", Total.MEAN),
    _score("total_score", "自评总分", Total.MEAN),
    _rate("score_rate", "得分率"),
    GRADE,
    GRADE_COMPUTED,
    _count("score_rank", "得分排名"),
    _long("reason", "主要扣分原因", 44),
    VERDICT,
    FILE,
)

FLOWS = (
    _text("side", "类别", 8),
    _text("kind", "项目", 40),
    _money("initial_budget", "年初预算数"),
    _money("adjusted_budget", "全年预算数"),
    _money("actual_expenditure", "决算数"),
    _rate("execution_rate", "执行率"),
    _rate("share", "占比", tint=Tint.BAR),
    _money("prior_expenditure", "上年决算数"),
    _money("change_amount", "比上年增减额"),
    _rate("change_rate", "增减率"),
    _count("units", "单位数"),
    _money("accepted_budget", "全年预算数（采用）"),
    _money("accepted_actual", "决算数（采用）"),
    _rate("accepted_rate", "执行率（采用）"),
)

FLOW_ROWS = (
    UNIT,
    DISTRICT,
    YEAR,
    _text("side", "类别", 8),
    _text("kind", "项目", 40),
    _money("initial_budget", "年初预算数"),
    _money("adjusted_budget", "全年预算数"),
    _money("actual_expenditure", "决算数"),
    _rate("execution_rate", "执行率", tint=Tint.RATE),
    _rate("share", "占比"),
    _money("prior_expenditure", "上年决算数"),
    _money("change_amount", "比上年增减额"),
    _rate("change_rate", "增减率"),
    VERDICT,
    FILE,
    CELL,
)

INDICATORS = (
    UNIT,
    YEAR,
    _long("scope", "范围", 22),
    _text("level1", "一级指标"),
    _text("level2", "二级指标", 20),
    _long("name", "三级指标", 30),
    _long("target", "年度指标值", 20),
    _long("actual", "实际完成值", 24),
    _text("operator", "方向", 7),
    Column("target_number", "目标数值", Kind.NUMBER, 12),
    _text("target_unit", "计量单位", 9),
    Column("actual_number", "实际数值", Kind.NUMBER, 12),
    _rate("completion", "完成率（核）"),
    _text("status", "完成情况（核）", 10, Tint.COMPLETION),
    _rate("completion_stated", "完成率（报）"),
    _text("status_stated", "完成情况（报）", 10, Tint.COMPLETION),
    _score("max_score", "分值"),
    _score("score", "得分"),
    _score("score_computed", "得分（核）"),
    _long("reason", "偏差原因分析及改进措施", 36),
    _long("method", "核算说明", 30),
    VERDICT,
    FILE,
    CELL,
)

UNFINISHED = (
    UNIT,
    YEAR,
    _long("scope", "范围", 22),
    _text("level1", "一级指标"),
    _text("level2", "二级指标", 20),
    _long("name", "三级指标", 30),
    _long("target", "年度指标值", 20),
    _long("actual", "实际完成值", 24),
    _rate("completion", "完成率（核）"),
    _text("status", "完成情况（核）", 10, Tint.COMPLETION),
    _score("max_score", "分值"),
    _score("score", "得分"),
    _score("lost", "失分"),
    _text("reason_given", "原因说明", 9, Tint.MISSING),
    _long("reason", "偏差原因分析及改进措施", 44),
    VERDICT,
    FILE,
    CELL,
)

PROJECTS = (
    NUMBER,
    UNIT,
    YEAR,
    _long("name", "项目名称", 30),
    _long("supervising_department", "主管部门", 38),
    _long("sources", "资金来源", 26),
    _money("initial_budget", "年初预算数"),
    _money("adjusted_budget", "全年预算数"),
    _money("actual_expenditure", "全年执行数"),
    _rate("execution_rate", "预算执行率", "actual_expenditure", "adjusted_budget", tint=Tint.RATE),
    _count("indicators", "指标总数", Total.SUM),
    _count("met", "已完成数", Total.SUM),
    _rate("completion_rate", "指标完成率", "met", "indicators"),
    _score("total_score", "自评得分"),
    GRADE,
    _text("origin", "取数来源", 16),
    _long("remark", "备注", 40),
    VERDICT,
    FILE,
    CELL,
)

GRADES = (
    _text("subject", "对象", 14),
    _text("grade", "等级", 8, Tint.GRADE),
    _count("count", "数量"),
    _rate("share", "数量占比", tint=Tint.BAR),
    _count("computed", "按得分核定数量"),
    _money("adjusted_budget", "全年预算数"),
    _rate("budget_share", "预算占比"),
    _money("actual_expenditure", "全年执行数"),
    _rate("execution_rate", "预算执行率"),
)

GROUPS = (
    YEAR,
    _text("district", "区", 20),
    _count("units", "单位数", Total.SUM),
    _money("initial_budget", "年初预算数"),
    _money("adjusted_budget", "全年预算数"),
    _money("actual_expenditure", "全年执行数"),
    _rate("execution_rate", "预算执行率", "actual_expenditure", "adjusted_budget", tint=Tint.RATE),
    _rate("adjustment_rate", "预算调整率", "adjusted_budget", "initial_budget", total=Total.CHANGE),
    _score("mean_score", "平均自评得分"),
    _count("indicators", "指标总数", Total.SUM),
    _count("met", "已完成数", Total.SUM),
    _rate("completion_rate", "指标完成率", "met", "indicators"),
)

SENDERS = (
    _text("sender", "报送单位", 24),
    _count("workbooks", "自评表份数", Total.SUM),
    _count("missing", "尚未报送", Total.SUM),
    *GROUPS[2:],
)

YEARLY = (
    NUMBER,
    UNIT,
    YEAR,
    _money("last_adjusted_budget", "上年全年预算数"),
    _money("adjusted_budget", "全年预算数"),
    _rate("budget_change", "预算增减率", "adjusted_budget", "last_adjusted_budget", total=Total.CHANGE),
    _money("last_actual_expenditure", "上年执行数"),
    _money("actual_expenditure", "全年执行数"),
    _rate(
        "expenditure_change",
        "执行增减率",
        "actual_expenditure",
        "last_actual_expenditure",
        total=Total.CHANGE,
    ),
    _rate("last_rate", "上年执行率", "last_actual_expenditure", "last_adjusted_budget"),
    _rate("execution_rate", "预算执行率", "actual_expenditure", "adjusted_budget", tint=Tint.RATE),
    _score("last_total_score", "上年自评总分", Total.MEAN),
    _score("total_score", "自评总分", Total.MEAN),
    _score("score_change", "得分增减"),
    VERDICT,
    _long("last_file", "上年文件", 30),
    FILE,
)

STANDINGS = (
    NUMBER,
    UNIT,
    _text("form", "应报表种", 26),
    YEAR,
    _text("standing", "状态", 9, Tint.STANDING),
    _text("verdict", "结论", 8, Tint.VERDICT),
    Column("fill_date", "填报日期", Kind.DATE, 12),
    Column("due", "报送期限", Kind.DATE, 12),
    _text("contact", "联系人", 12),
    _text("phone", "联系电话", 16),
    FILE,
    _long("why", "说明", 40),
)

ISSUES = (
    NUMBER,
    _text("severity", "级别", 8, Tint.SEVERITY),
    UNIT,
    FILE,
    _text("sheet", "工作表", 16),
    _text("cell", "单元格", 9),
    _long("label", "栏目", 24),
    _long("message", "问题", 46),
    _long("found", "填报内容", 26),
    _long("expected", "应为", 26),
    _long("hint", "处理建议", 46),
    _text("code", "代码", 7),
)

WAIVERS = (
    NUMBER,
    UNIT,
    _text("code", "代码", 7),
    _long("title", "问题", 20),
    _long("place", "单元格或栏目", 16),
    _text("who", "说明人", 10),
    _long("why", "说明", 32),
    Column("until", "有效期至", Kind.DATE, 12),
    _text("state", "状态", 9, Tint.WAIVER),
    _count("count", "采用处数", Total.SUM),
    _long("remark", "备注", 28),
    _long("source", "登记处", 20),
)

MONTH = _count("month", "截止月份")
MONITORED = (
    _count("projects", "项目数", Total.SUM),
    _money("adjusted_budget", "全年预算数"),
    _money("actual_expenditure", "截至本期支出数"),
    _rate("execution_rate", "执行率", "actual_expenditure", "adjusted_budget"),
)
WARNED = (
    _count("behind", "滞后项目数", Total.SUM),
    _count("apart", "进度不一致项目数", Total.SUM),
    _count("both", "双预警项目数", Total.SUM),
)
CALENDAR = _rate("calendar", "序时进度")
LIMIT = _rate("limit", "警戒线")
GOAL_PROGRESS = _rate("goal_progress", "目标完成进度", tint=Tint.BAR)
DEPARTMENT = _long("department", "主管部门", 38)

MONITOR = (
    NUMBER,
    UNIT,
    DISTRICT,
    YEAR,
    DEPARTMENT,
    MONTH,
    *MONITORED,
    CALENDAR,
    LIMIT,
    _rate("lag", "与警戒线之差"),
    GOAL_PROGRESS,
    *WARNED,
    _text("state", "状态", 11, Tint.PROGRESS),
    VERDICT,
    FILE,
)

MONITOR_DEPARTMENTS = (DEPARTMENT, _count("units", "单位数", Total.SUM), *MONITORED, GOAL_PROGRESS, *WARNED)

MONITOR_MONTHS = (
    YEAR,
    MONTH,
    _count("units", "本期已报单位数"),
    _count("of_units", "当年报过的单位数"),
    *MONITORED,
    CALENDAR,
    LIMIT,
    GOAL_PROGRESS,
    *WARNED,
)

BEHIND = (
    UNIT,
    YEAR,
    MONTH,
    _long("name", "项目名称", 30),
    DEPARTMENT,
    _money("adjusted_budget", "全年预算数"),
    _money("actual_expenditure", "截至本期支出数"),
    _rate("execution_rate", "执行率"),
    LIMIT,
    GOAL_PROGRESS,
    _rate("gap", "执行率－目标进度"),
    _text("behind", "执行进度", 9, Tint.PROGRESS),
    _text("apart", "资金与目标", 13, Tint.PROGRESS),
    _text("reason_given", "原因说明", 9, Tint.MISSING),
    _long("reason", "偏差原因", 36),
    _long("measures", "纠偏措施", 36),
    VERDICT,
    FILE,
    CELL,
)

REMINDERS = (
    NUMBER,
    UNIT,
    YEAR,
    MONTH,
    _text("what", "事项", 13, Tint.PROGRESS),
    _long("name", "项目或指标", 30),
    _long("said", "情况", 44),
    _long("asked", "请单位办理", 36),
    _text("contact", "联系人", 12),
    _text("phone", "联系电话", 16),
    FILE,
    CELL,
)

RECONCILIATION = (
    NUMBER,
    _text("topic", "类别", 16),
    _long("item", "对账事项", 34),
    UNIT,
    _long("left_name", "甲方口径", 34),
    Column("left", "甲", Kind.BY_ROW, 16),
    _long("right_name", "乙方口径", 60),
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
    _long("remark", "说明", 40),
    FILE,
    CELL,
)

TRACE = (
    _text("place", "工作表或报告", 12),
    UNIT,
    YEAR,
    _text("figure", "栏目", 26),
    Column("value", "数值", Kind.BY_ROW, 16),
    _long("formula", "取数公式", 44),
    FILE,
    _text("sheet", "工作表", 18),
    _text("cell", "单元格", 9),
    _long("label", "填报栏目", 50),
    _long("raw", "填报内容", 20),
)


def scores_column(label: str) -> Column:
    """Return the column of one scored aspect, which only its form knows; no two headings may be the same.

    >>> scores_column("资产管理").heading, scores_column("管理效率").heading
    ('资产管理', '管理效率（分项）')
    """
    taken = any(column.heading == label for column in SCORES)
    return _score(label, f"{label}（分项）" if taken else label, Total.MEAN)
