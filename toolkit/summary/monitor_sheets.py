"""The columns of the sheets on a running year, beside those of every 汇总表.xlsx."""

from __future__ import annotations

from toolkit.summary.columns import (
    CELL,
    DISTRICT,
    FILE,
    NUMBER,
    UNIT,
    VERDICT,
    YEAR,
    count,
    long_text,
    money,
    rate,
    text,
)
from toolkit.summary.kinds import Tint, Total

MONTH = count("month", "截止月份")
MONITORED = (
    count("projects", "项目数", Total.SUM),
    money("adjusted_budget", "全年预算数"),
    money("actual_expenditure", "截至本期支出数"),
    rate("execution_rate", "执行率", "actual_expenditure", "adjusted_budget"),
)
WARNED = (
    count("behind", "滞后项目数", Total.SUM),
    count("apart", "进度不一致项目数", Total.SUM),
    count("both", "双预警项目数", Total.SUM),
)
CALENDAR = rate("calendar", "序时进度")
LIMIT = rate("limit", "警戒线")
GOAL_PROGRESS = rate("goal_progress", "目标完成进度", tint=Tint.BAR)
DEPARTMENT = long_text("department", "主管部门", 38)

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
    rate("lag", "与警戒线之差"),
    GOAL_PROGRESS,
    *WARNED,
    text("state", "状态", 11, Tint.PROGRESS),
    VERDICT,
    FILE,
)

MONITOR_DEPARTMENTS = (DEPARTMENT, count("units", "单位数", Total.SUM), *MONITORED, GOAL_PROGRESS, *WARNED)

MONITOR_MONTHS = (
    YEAR,
    MONTH,
    count("units", "本期已报单位数"),
    count("of_units", "当年报过的单位数"),
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
    long_text("name", "项目名称", 30),
    DEPARTMENT,
    money("adjusted_budget", "全年预算数"),
    money("actual_expenditure", "截至本期支出数"),
    rate("execution_rate", "执行率"),
    LIMIT,
    GOAL_PROGRESS,
    rate("gap", "执行率－目标进度"),
    text("behind", "执行进度", 9, Tint.PROGRESS),
    text("apart", "资金与目标", 13, Tint.PROGRESS),
    text("reason_given", "原因说明", 9, Tint.MISSING),
    long_text("reason", "偏差原因", 36),
    long_text("measures", "纠偏措施", 36),
    VERDICT,
    FILE,
    CELL,
)

REMINDERS = (
    NUMBER,
    UNIT,
    YEAR,
    MONTH,
    text("what", "事项", 13, Tint.PROGRESS),
    long_text("name", "项目或指标", 30),
    long_text("said", "情况", 44),
    long_text("asked", "请单位办理", 36),
    text("contact", "联系人", 12),
    text("phone", "联系电话", 16),
    FILE,
    CELL,
)
