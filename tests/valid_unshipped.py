"""Valid answers for the forms that are not shipped, in each form's own units."""

from __future__ import annotations

from pathlib import Path
from typing import Any

ELSEWHERE = Path(__file__).parent / "forms_elsewhere"
UNIT = "青山区人民政府红桥街道办事处"
COVER = {
    "project_name": "老旧小区加装电梯",
    "fiscal_year": 2024,
    "supervising_department": "青山区住房和建设局",
    "unit_name": UNIT,
}
GOAL = {"goal": {"expected": "加装四十部电梯。", "completion": "加装三十六部，其余已经开工。"}}

BEIJING: dict[str, Any] = {
    "project": COVER,
    "funds": {
        "total": {"max_score": 10, "score": 9.5},
        "general": {"initial_budget": 380, "actual_expenditure": 360},
        "other": {"initial_budget": 20, "actual_expenditure": 20},
    },
    "goal": GOAL,
    "indicators": [
        {"level1": "产出指标", "level2": "数量指标", "name": "加装电梯数", "max_score": 50, "target": "40部"}
        | {"actual": "36部", "method": "按完成比例", "score": 45, "reason": "四部电梯管线迁改时间较长。"},
        {"level1": "效益指标", "level2": "社会效益指标", "name": "受益居民户数", "max_score": 30}
        | {"target": "≥500户", "actual": "520户", "method": "达到即得满分", "score": 30},
        {"level1": "满意度指标", "level2": "服务对象满意度指标", "name": "居民满意度", "max_score": 10}
        | {"target": "≥90%", "actual": "93%", "method": "达到即得满分", "score": 10},
    ],
}
HUBEI: dict[str, Any] = {
    "project": COVER | {"category": "☑部门预算项目 □省直专项", "nature": "持续性项目", "kind": "常年性项目"},
    "funds": {
        "total": {"adjusted_budget": 400, "actual_expenditure": 380, "max_score": 20, "score": 19},
    },
    "indicators": [
        {"level1": "产出指标", "level2": "数量指标", "name": "加装电梯数", "target": "40部", "max_score": 50}
        | {"actual": "36部", "score": 45, "reason": "四部电梯管线迁改时间较长。"},
        {"level1": "效益指标", "level2": "社会效益指标", "name": "受益居民户数", "target": "≥500户"}
        | {"actual": "520户", "max_score": 20, "score": 20},
        {"level1": "满意度指标", "level2": "服务对象满意度指标", "name": "居民满意度", "target": "≥90%"}
        | {"actual": "93%", "max_score": 10, "score": 10},
    ],
    "analysis": {"deviation": "四部电梯管线迁改时间较长。", "measures": "提前会同管线单位勘察。"},
}
TIANJIN: dict[str, Any] = {
    "project": COVER,
    "funds": {
        "total": {"max_score": 10, "score": 9.5},
        "fiscal": {"initial_budget": 300, "adjusted_budget": 380, "actual_expenditure": 360},
        "other": {"initial_budget": 20, "adjusted_budget": 20, "actual_expenditure": 20},
    },
    "goals": [
        {"expected": "加装四十部电梯。", "completion": "加装三十六部。", "reason": "管线迁改时间较长。"},
        {"expected": "改善老人出行条件。", "completion": "五百多户居民受益。"},
    ],
    "indicators": [
        {"level1": "产出指标", "level2": "数量指标", "name": "加装电梯数", "operator": "＝", "target": 40}
        | {"actual": 36, "unit": "部", "max_score": 50, "score": 45, "reason": "四部电梯管线迁改时间较长。"},
        {"level1": "效益指标", "level2": "社会效益指标", "name": "受益居民户数", "operator": "≥"}
        | {"target": "500", "actual": "520", "unit": "户", "max_score": 30, "score": 30},
        {"level1": "满意度指标", "level2": "服务对象满意度指标", "name": "居民满意度", "operator": "≥"}
        | {"target": 0.9, "actual": 0.93, "unit": "%", "max_score": 10, "score": 10},
    ],
}
UNSHIPPED = {"beijing-project": BEIJING, "hubei-project": HUBEI, "tianjin-project": TIANJIN}
