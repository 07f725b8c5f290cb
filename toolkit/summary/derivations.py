"""How each figure of 汇总表.xlsx comes about, in words: sheet by sheet, column by column.

The figures of single workbooks are followed to their cells in 溯源; what is counted, added up or ranked from
them is told here, with the sheet it is made of.
"""

from __future__ import annotations

from collections.abc import Mapping

_OWN_ROW = "本行两数相除：{}"
_RATE = "全年执行数÷全年预算数"
_CHANGE = "（全年预算数－年初预算数）÷年初预算数"
_NUMBER = {"number": "本表的行号"}
_YEAR = {"year": "单位填报的预算年度；未填的取文件标题中的年度"}
_UNIT_SUMS = {
    "units": "“单位汇总”中本组的行数",
    "initial_budget": "“单位汇总”中本组各行的年初预算数相加",
    "adjusted_budget": "“单位汇总”中本组各行的全年预算数相加",
    "actual_expenditure": "“单位汇总”中本组各行的全年执行数相加",
    "execution_rate": "本组执行数合计÷预算数合计，缺其中一个数的单位不计入",
    "adjustment_rate": "本组（全年预算数合计－年初预算数合计）÷年初预算数合计，缺其中一个数的单位不计入",
    "mean_score": "“单位汇总”中本组各行自评总分的简单平均",
    "indicators": "“单位汇总”中本组各行的指标总数相加",
    "met": "“单位汇总”中本组各行的已完成数相加",
    "completion_rate": "本组已完成数÷指标总数",
}
_MONITORED = {
    "goal_progress": "各项目的绩效目标完成进度按全年预算数加权平均",
    "behind": "执行率低于警戒线的项目数",
    "apart": "执行率与绩效目标完成进度相差过大的项目数",
    "both": "两种情形都有的项目数",
}
_MONITOR_SUMS = {
    "projects": "本部门各行的项目数相加",
    "adjusted_budget": "本部门各行的全年预算数相加",
    "actual_expenditure": "本部门各行的截至本期支出数相加",
    "execution_rate": "本部门各行的支出数合计÷预算数合计，缺其中一个数的单位不计入",
    **_MONITORED,
}


def _both_years(sheet: str) -> dict[str, str]:
    """Return how a sheet of both years comes about; this year's figures are those of another sheet."""
    return {
        **_NUMBER,
        **_YEAR,
        "last_adjusted_budget": "上年自评表的全年预算数",
        "adjusted_budget": f"同“{sheet}”",
        "budget_change": _OWN_ROW.format("（全年预算数－上年全年预算数）÷上年全年预算数"),
        "last_actual_expenditure": "上年自评表的全年执行数",
        "actual_expenditure": f"同“{sheet}”",
        "expenditure_change": _OWN_ROW.format("（全年执行数－上年执行数）÷上年执行数"),
        "last_rate": _OWN_ROW.format("上年执行数÷上年全年预算数"),
        "execution_rate": _OWN_ROW.format(_RATE),
        "last_total_score": "上年自评表的自评总分",
        "total_score": f"同“{sheet}”",
        "score_change": "自评总分－上年自评总分",
    }


DERIVATIONS: Mapping[str, Mapping[str, str]] = {
    "units": {
        **_NUMBER,
        **_YEAR,
        "indicators": "“指标明细”中该单位部门整体指标的行数",
        "met": "“指标明细”中该单位已完成的行数",
        "unmet": "“未完成指标”中该单位的行数",
        "undecided": "指标总数－已完成数－未完成数：实际完成值无法与目标值比较，单位也没有写完成情况",
        "completion_rate": "已完成数÷指标总数",
        "execution_rank": "预算执行率在全部单位中由高到低的名次，相同的并列",
        "score_rank": "自评总分在全部单位中由高到低的名次，相同的并列",
        "errors": "“问题清单”中该文件“必改”的行数",
        "explains": "“问题清单”中该文件“需说明”的行数",
    },
    "groups": {"year": "“单位汇总”的年度", **_UNIT_SUMS},
    "senders": {
        "workbooks": "该报送单位计入汇总的自评表份数",
        "missing": "下级报送文件列明尚未报送的单位数",
        **_UNIT_SUMS,
    },
    "flows": {
        "initial_budget": "“收支明细”中同一类别、同一项目各行的年初预算数相加",
        "adjusted_budget": "“收支明细”中同一类别、同一项目各行的全年预算数相加",
        "actual_expenditure": "“收支明细”中同一类别、同一项目各行的决算数相加",
        "execution_rate": "决算数合计÷全年预算数合计，缺其中一个数的行不计入",
        "share": "决算数÷同一类别的决算数合计",
        "prior_expenditure": "“收支明细”中同一类别、同一项目各行的上年决算数相加，没有上年数的行不计入增减",
        "change_amount": "决算数－上年决算数，只计两年都有数的行",
        "change_rate": "增减额÷上年决算数，只计两年都有数的行",
        "units": "“收支明细”中同一类别、同一项目的文件数",
        "accepted_budget": "同全年预算数，只计结论为“采用”的行",
        "accepted_actual": "同决算数，只计结论为“采用”的行",
        "accepted_rate": "决算数（采用）÷全年预算数（采用）",
    },
    "flow_rows": {
        **_YEAR,
        "initial_budget": "单位填报数，或由其下各项相加",
        "adjusted_budget": "单位填报数，或由其下各项相加",
        "actual_expenditure": "单位填报数，或由其下各项相加",
        "execution_rate": _OWN_ROW.format("决算数÷全年预算数"),
        "share": "决算数÷该单位同一类别的合计",
        "prior_expenditure": "单位填报数",
        "change_amount": "决算数－上年决算数",
        "change_rate": "增减额÷上年决算数",
    },
    "scores": {
        **_NUMBER,
        **_YEAR,
        "score_rate": "自评总分÷满分",
        "score_rank": "自评总分在全部单位中由高到低的名次，相同的并列",
    },
    "indicators": {
        **_YEAR,
        "target_number": "年度指标值中的数",
        "actual_number": "实际完成值中的数",
        "completion": "按目标方向由实际数值和目标数值计算，算法见“核算说明”",
        "completion_stated": "单位填报数",
        "max_score": "单位填报数",
        "score": "单位填报数",
        "score_computed": "按完成率和分值计算，算法见“核算说明”",
    },
    "unfinished": {
        **_YEAR,
        "completion": "同“指标明细”",
        "max_score": "单位填报数",
        "score": "单位填报数",
        "lost": "分值－得分",
    },
    "projects": {
        **_NUMBER,
        **_YEAR,
        "initial_budget": "单位填报数；部门表中同一项目有几行的，各行相加",
        "adjusted_budget": "单位填报数；部门表中同一项目有几行的，各行相加",
        "actual_expenditure": "单位填报数；部门表中同一项目有几行的，各行相加",
        "execution_rate": _OWN_ROW.format(_RATE),
        "indicators": "“指标明细”中该项目的行数",
        "met": "“指标明细”中该项目已完成的行数",
        "completion_rate": "已完成数÷指标总数",
        "total_score": "项目自评表填报数",
    },
    "monitor": {
        **_NUMBER,
        **_YEAR,
        **_MONITORED,
        "month": "单位填报的截止月份",
        "projects": "该单位监控表中的项目行数",
        "calendar": "截止月份÷12",
        "limit": "表样规则 behind_calendar 中当月的警戒线",
        "lag": "执行率－警戒线",
    },
    "monitor_departments": {"units": "“运行监控”中该部门的行数", **_MONITOR_SUMS},
    "monitor_months": {
        **_YEAR,
        "month": "单位填报的截止月份",
        "units": "计入汇总的当月监控表份数",
        "of_units": "当年报过任何一期监控表的单位数",
        "calendar": "月份÷12",
        "limit": "表样规则 behind_calendar 中当月的警戒线；各表样不同的不列",
        **{key: words.replace("本部门各行", "当月各监控表") for key, words in _MONITOR_SUMS.items()},
    },
    "behind": {
        **_YEAR,
        "month": "单位填报的截止月份",
        "adjusted_budget": "单位填报数",
        "actual_expenditure": "单位填报数",
        "execution_rate": _OWN_ROW.format("截至本期支出数÷全年预算数"),
        "limit": "表样规则 behind_calendar 中当月的警戒线",
        "goal_progress": "单位填报数",
        "gap": "执行率－绩效目标完成进度",
    },
    "reminders": {**_NUMBER, **_YEAR, "month": "该单位最近一期的截止月份"},
    "grades": {
        "count": "“单位汇总”（项目为“项目汇总”中的项目自评表）中该等级的行数",
        "share": "数量÷数量合计",
        "computed": "按自评总分和分档标准得到该等级的行数",
        "adjusted_budget": "该等级各行的全年预算数相加",
        "budget_share": "全年预算数÷全年预算数合计",
        "actual_expenditure": "该等级各行的全年执行数相加",
        "execution_rate": "该等级执行数合计÷预算数合计，缺其中一个数的不计入",
    },
    "yearly": _both_years("单位汇总"),
    "projects_yearly": _both_years("项目汇总"),
    "standings": {
        **_NUMBER,
        "year": "名册的预算年度；名册外的取单位填报的年度",
        "fill_date": "单位填报的填报日期",
        "due": "名册或 xlreport.toml 的截止日期",
    },
    "issues": _NUMBER,
    "waivers": {**_NUMBER, "until": "登记的有效期", "count": "“问题清单”中改为提示的处数"},
    "reconciliation": {
        **_NUMBER,
        "left": "“甲方口径”所写的取数",
        "right": "“乙方口径”所写的取数",
        "gap": "甲－乙（公式）",
        "allowed": "四舍五入可能造成的差：每个加数 0.01 万元；份数、个数为 0",
    },
}
ELSEWHERE = (  # (sheet, figure, words): what is no column of a table
    ("看板", "主要数据", "各格都是公式，直接取“单位汇总”“项目汇总”的整列，点开单元格即见"),
    ("看板", "各色块", "同“主要数据”；收到、应报份数为“上报情况”各状态的行数"),
    (
        "图表数据",
        "各图",
        "与“单位汇总”“项目汇总”“问题清单”中的数相同，只列最前或最低的若干单位",
    ),
    ("各表", "合计行", "公式：金额、个数相加，比率按合计数重新计算，得分为简单平均；筛选后随之变化"),
    ("汇总报告", "各数", "与本工作簿各表相同：正文的合计、比率同“看板”，各表同名栏目"),
    ("单位报告", "占比、增减、完成率", "由上列同一单位“单位报告”各行的两个数计算，公式见报告所在句"),
)
