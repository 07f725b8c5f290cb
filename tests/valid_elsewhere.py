"""Valid answers for the forms of other provinces, in each form's own units."""

from __future__ import annotations

from typing import Any

SICHUAN_PROJECT: dict[str, Any] = {
    "project": {
        "project_name": "51000023R000000012345-社区养老服务",
        "fiscal_year": 2024,
        "supervising_department": "319-青川市民政局",
        "unit_name": "319001-青川市民政局本级",
    },
    "goal": {"goal": {"expected": "新建六个社区食堂。", "completion": "六个社区食堂全部开业。"}},
    "process": {"process": "年初招标，年中施工，九月起陆续开业。"},
    "funds": {
        "total": {"max_score": 10, "score": 8.75, "reason": "年中追加设备款；两个食堂的尾款次年支付。"},
        "fiscal": {"initial_budget": 150, "adjusted_budget": 180, "actual_expenditure": 155},
        "special_account": {"initial_budget": 0, "adjusted_budget": 0, "actual_expenditure": 0},
        "unit_funds": {"initial_budget": 20, "adjusted_budget": 20, "actual_expenditure": 20},
        "other": {"initial_budget": 0, "adjusted_budget": 0, "actual_expenditure": 0},
    },
    "indicators": [
        {
            "level1": "产出指标",
            "level2": "数量指标",
            "name": "新建社区食堂",
            "operator": "＝",
            "target": 6,
            "unit": "个",
            "actual": 6,
            "max_score": 20,
            "score": 20,
        },
        {
            "level1": "产出指标",
            "level2": "质量指标",
            "name": "食品抽检合格率",
            "operator": "≥",
            "target": 98,
            "unit": "%",
            "actual": 99.5,
            "max_score": 20,
            "score": 20,
        },
        {
            "level1": "产出指标",
            "level2": "时效指标",
            "name": "食堂建成时间",
            "operator": "定性",
            "target": "2024年9月底前",
            "actual": "2024年9月20日",
            "max_score": 10,
            "score": 10,
        },
        {
            "level1": "效益指标",
            "level2": "社会效益指标",
            "name": "日均服务老人",
            "operator": "≥",
            "target": 900,
            "unit": "人次",
            "actual": 828,
            "max_score": 20,
            "score": 18.4,
            "reason": "一个食堂十月才开业，就餐人数还在增加。",
        },
        {
            "level1": "满意度指标",
            "level2": "服务对象满意度指标",
            "name": "就餐老人满意度",
            "operator": "≥",
            "target": 90,
            "unit": "%",
            "actual": 93,
            "max_score": 10,
            "score": 10,
        },
        {
            "level1": "成本指标",
            "level2": "经济成本指标",
            "name": "单个食堂建设成本",
            "operator": "≤",
            "target": 35,
            "unit": "万元",
            "actual": 31.5,
            "max_score": 10,
            "score": 10,
        },
    ],
    "result": {
        "conclusion": "食堂如期建成，受到老人欢迎，自评得分97.15分。",
        "problems": "一个食堂开业偏晚，带动的就餐人数不足。",
        "measures": "与周边小区联合发放体验券，扩大就餐人群。",
    },
    "sign": {"leader": "赵敏", "finance_leader": "周伟"},
}

ELSEWHERE: dict[str, dict[str, Any]] = {"sichuan-project": SICHUAN_PROJECT}
