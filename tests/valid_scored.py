"""Valid answers for the forms that score in ways of their own: by deduction, by scheme, by scale."""

from __future__ import annotations

from datetime import date
from typing import Any

_SIGNED = {"grade": "优", "leader": "韦敏", "filler": "黄芳", "fill_date": date(2025, 3, 6)}

GUANGXI: dict[str, Any] = {
    "project": {
        "project_name": "农村饮水安全巩固提升",
        "fiscal_year": 2024,
        "supervising_department": "青山区水利局",
        "unit_name": "青山区水利工程管理站",
    },
    "funds": {
        "total": {"max_score": 10, "score": 9.6},
        "current": {"initial_budget": 240, "adjusted_budget": 240, "actual_expenditure": 230.4},
    },
    "goal": {"goal": {"expected": "改善六个村的供水。", "completion": "六个村全部通水，水质合格。"}},
    "indicators": [
        {
            "level1": "产出指标",
            "level2": "数量指标",
            "name": "新铺供水管道长度",
            "target": "≥12公里",
            "actual": "16.2公里",
            "description": "六个村全部铺设。",
            "max_score": 20,
            "score": 20,
            "reason": "沿线村民自筹资金，多铺了入户支管。",
        },
        {
            "level1": "产出指标",
            "level2": "质量指标",
            "name": "工程验收合格率",
            "target": "100%",
            "actual": "100%",
            "max_score": 10,
            "deduction": 1,
            "score": 9,
            "reason": "验收资料补正一次，另行扣减。",
        },
        {
            "level1": "产出指标",
            "level2": "时效指标",
            "name": "完工时间",
            "target": "2024年11月底前",
            "actual": "2024年10月28日",
            "max_score": 10,
            "score": 10,
        },
        {
            "level1": "产出指标",
            "level2": "成本指标",
            "name": "每公里管道造价",
            "target": "≤20万元",
            "actual": "19.2万元",
            "max_score": 10,
            "score": 10,
        },
        {
            "level1": "效益指标",
            "level2": "社会效益指标",
            "name": "供水保证率",
            "target": "≥95%",
            "actual": "95.5%",
            "max_score": 20,
            "score": 20,
        },
        {
            "level1": "效益指标",
            "level2": "可持续影响指标",
            "name": "管护制度建立情况",
            "target": "制度健全",
            "actual": "部分达成",
            "description": "四个村订立了管护公约，其余两个村正在征求意见。",
            "max_score": 10,
            "score": 7,
            "reason": "两个村的管护费标准尚未议定。",
        },
        {
            "level1": "满意度指标",
            "level2": "服务对象满意度指标",
            "name": "用水户满意度",
            "target": "≥90%",
            "actual": "93%",
            "max_score": 10,
            "score": 10,
        },
    ],
    "sign": _SIGNED,
}

COST: dict[str, Any] = {
    "project": {
        "project_name": "社区图书室运行",
        "fiscal_year": 2024,
        "supervising_department": "青山区文化和旅游局",
        "unit_name": "青山区图书馆",
    },
    "funds": {
        "total": {"max_score": 10, "score": 9.5},
        "current": {"initial_budget": 80, "adjusted_budget": 80, "actual_expenditure": 76},
    },
    "goal": {"goal": {"expected": "十个图书室每周开放六天。", "completion": "十个图书室正常开放。"}},
    "indicators": [
        {
            "level1": "成本指标",
            "level2": "经济成本指标",
            "name": "单个图书室年运行成本",
            "target": "≤8万元",
            "actual": "7.6万元",
            "max_score": 20,
            "score": 20,
        },
        {
            "level1": "产出指标",
            "level2": "数量指标",
            "name": "新增图书册数",
            "target": "≥5000册",
            "actual": "4800册",
            "max_score": 20,
            "score": 19.2,
            "reason": "第四季度到馆的图书尚未编目。",
        },
        {
            "level1": "产出指标",
            "level2": "时效指标",
            "name": "按时开放率",
            "target": "≥98%",
            "actual": "99%",
            "max_score": 20,
            "score": 20,
        },
        {
            "level1": "效益指标",
            "level2": "社会效益指标",
            "name": "到馆人次",
            "target": "≥6万人次",
            "actual": "6.3万人次",
            "max_score": 20,
            "score": 20,
        },
        {
            "level1": "满意度指标",
            "level2": "服务对象满意度指标",
            "name": "读者满意度",
            "target": "≥90%",
            "actual": "94%",
            "max_score": 10,
            "score": 10,
        },
    ],
    "sign": _SIGNED,
}
