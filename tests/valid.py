"""Valid answers for every shipped form: what a careful clerk would fill in, in the form's own units."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

from valid_elsewhere import ELSEWHERE
from valid_scored import COST, GUANGXI, HUNAN
from valid_unshipped import UNSHIPPED

DEPARTMENT: dict[str, Any] = {
    "cover": {
        "unit_name": "青山区人民政府红桥街道办事处",
        "district": "青山区",
        "fiscal_year": 2024,
        "supervising_department": "青山区人民政府红桥街道办事处",
        "leader": "陈强",
        "filler": "王丽",
        "phone": "020-12345678",
        "fill_date": date(2025, 3, 10),
        "basis": "《关于开展2024年度部门整体支出绩效自评的通知》（青财〔2025〕3号）",
    },
    "organisation": {"duty_basis": "青编〔2020〕12号"},
    "duties": [
        {"text": "统筹辖区公共服务。"},
        {"text": "统筹辖区公共安全。"},
        {"text": "完成交办的其他任务。"},
    ],
    "offices": [{"name": "党政综合办公室"}, {"name": "公共服务办公室"}],
    "plan": {
        "overview": "围绕民生实事和基层治理开展工作。",
        "goal": "办好十件民生实事，辖区环境和治安明显改善。",
        "goal_completion": "十件民生实事全部办结。",
    },
    "tasks": [
        {"name": "民生实事", "goal": "十件实事全部办结。", "funds": 300, "completion": "全部办结。"},
        {"name": "环境整治", "goal": "整治背街小巷二十条。", "funds": 220.5, "completion": "整治二十二条。"},
    ],
    "income": {
        "general_public_budget": {
            "initial_budget": 2000,
            "adjusted_budget": 2100,
            "actual_expenditure": 2100,
            "prior_expenditure": 1950,
        },
        "government_funds": {
            "initial_budget": 100,
            "adjusted_budget": 100,
            "actual_expenditure": 98.5,
            "prior_expenditure": 90,
        },
        "other": {
            "initial_budget": 10,
            "adjusted_budget": 10,
            "actual_expenditure": 9.25,
            "prior_expenditure": 8,
        },
    },
    "expenditure": {
        "basic": {
            "initial_budget": 1200,
            "adjusted_budget": 1230,
            "actual_expenditure": 1225.25,
            "prior_expenditure": 1200,
        },
        "project": {
            "initial_budget": 910,
            "adjusted_budget": 980,
            "actual_expenditure": 975.5,
            "prior_expenditure": 840,
        },
    },
    "sources": {
        "fiscal": {"adjusted_budget": 2200, "actual_expenditure": 2191.5},
        "other": {"adjusted_budget": 10, "actual_expenditure": 9.25},
    },
    "carryover": {"opening": 3.5, "closing": 10.5},
    "running": {
        "three_public": {"adjusted_budget": 20, "actual_expenditure": 15.5, "prior_expenditure": 16},
        "administration": {
            "adjusted_budget": 150,
            "actual_expenditure": 148,
            "prior_expenditure": 110,
            "reason": "本年补付上年物业管理费。",
        },
    },
    "indicators": [
        {
            "level1": "产出指标",
            "level2": "数量指标",
            "name": "开展社区活动场次",
            "target": "≥100场",
            "actual": "112场",
            "completion": 1.12,
            "status": "已完成",
            "max_score": 30,
            "score": 30,
        },
        {
            "level1": "产出指标",
            "level2": "质量指标",
            "name": "垃圾清运达标率",
            "target": "≥95%",
            "actual": "97.5%",
            "status": "已完成",
            "max_score": 20,
            "score": 20,
        },
        {
            "level1": "产出指标",
            "level2": "时效指标",
            "name": "补贴发放完成时间",
            "target": "2024年12月底前",
            "actual": "2024年11月20日",
            "status": "已完成",
            "max_score": 10,
            "score": 10,
        },
        {
            "level1": "效益指标",
            "level2": "社会效益指标",
            "name": "重大安全事故发生数",
            "target": "≤1起",
            "actual": "0起",
            "status": "已完成",
            "max_score": 20,
            "score": 20,
        },
        {
            "level1": "满意度指标",
            "level2": "服务对象满意度指标",
            "name": "居民满意度",
            "target": "≥90%",
            "actual": "81%",
            "completion": 0.9,
            "status": "未完成",
            "max_score": 20,
            "score": 18,
            "reason": "老旧小区停车难尚未解决，已列入下年实事项目。",
        },
    ],
    "project_count": {"count": 2},
    "projects": [
        {
            "project_name": "民生实事",
            "fund_source": "一般公共预算",
            "initial_budget": 600,
            "adjusted_budget": 650,
            "actual_expenditure": 648.5,
        },
        {
            "project_name": "环境整治",
            "fund_source": "政府性基金",
            "initial_budget": 310,
            "adjusted_budget": 330,
            "actual_expenditure": 327,
        },
    ],
    "project_indicators": [
        {"project_name": "民生实事", "name": "实事办结数", "target": "10件", "actual": "10件"},
        {"project_name": "环境整治", "name": "整治背街小巷数", "target": "≥20条", "actual": "22条"},
    ],
    "management": {
        "budget_preparation": {"score": 2, "text": "按程序编制预算。"},
        "budget_execution": {"score": 6.5, "text": "按月通报进度。"},
        "transparency": {"score": 3, "text": "按时公开预决算。"},
        "performance": {"score": 14, "text": "制度覆盖全过程。"},
        "procurement": {"score": 10, "text": "采购意向全部提前公开。"},
        "assets": {"score": 9.5, "text": "年底完成资产盘点。"},
        "running_cost": {"score": 3, "text": "运行成本低于定额。"},
    },
    "scores": {
        "duty": {"score": 44, "reason": "居民满意度没有达到目标值。"},
        "management": {"score": 48, "reason": "部分项目支付进度偏慢。"},
    },
    "result": {"grade": "优", "conclusion": "全年目标总体完成，得分和等级见得分表，停车管理有待加强。"},
    "duty_analysis": [{"heading": "民生改善", "text": "十件实事全部办结。"}],
    "problems": [{"heading": "停车难", "text": "老旧小区停车位缺口较大。"}],
    "measures": [{"heading": "增加供给", "text": "与周边单位协商错时停车。"}],
}

PROJECT: dict[str, Any] = {
    "project": {
        "project_name": "长者配餐服务",
        "fiscal_year": 2024,
        "supervising_department": "青山区民政局",
        "unit_name": "青山区人民政府红桥街道办事处",
    },
    "funds": {
        "total": {"max_score": 10, "score": 9.8},
        "current": {"initial_budget": 100, "adjusted_budget": 100, "actual_expenditure": 98},
        "carryover": {"initial_budget": 0, "adjusted_budget": 0, "actual_expenditure": 0},
        "other": {"initial_budget": 0, "adjusted_budget": 0, "actual_expenditure": 0},
    },
    "goal": {"goal": {"expected": "为长者提供平价餐食。", "completion": "全年配餐九万份。"}},
    "indicators": [
        {
            "level1": "产出指标",
            "level2": "数量指标",
            "name": "配餐份数",
            "target": "≥9万份",
            "actual": "9.3万份",
            "max_score": 30,
            "score": 30,
        },
        {
            "level1": "产出指标",
            "level2": "质量指标",
            "name": "食品抽检合格率",
            "target": "100%",
            "actual": "100%",
            "max_score": 20,
            "score": 20,
        },
        {
            "level1": "效益指标",
            "level2": "社会效益指标",
            "name": "服务覆盖率",
            "target": "≥80%",
            "actual": "76%",
            "max_score": 30,
            "score": 28.5,
            "reason": "两个社区厨房下半年才启用。",
        },
        {
            "level1": "满意度指标",
            "level2": "服务对象满意度指标",
            "name": "长者满意度",
            "target": "≥90%",
            "actual": "95%",
            "max_score": 10,
            "score": 10,
        },
    ],
    "sign": {"grade": "优", "leader": "陈强", "filler": "王丽", "fill_date": date(2025, 3, 10)},
}

_BY_FORM = {
    "department": DEPARTMENT,
    "project": PROJECT,
    "guangxi-project": GUANGXI,
    "hunan-department": HUNAN,
    "project-cost": COST,
    **ELSEWHERE,
    **UNSHIPPED,
}


def answers(form: str) -> dict[str, Any]:
    """Return a copy of the valid answers of a form, free to be changed."""
    return copy.deepcopy(_BY_FORM[form])
