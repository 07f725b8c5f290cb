"""The audit of long texts: what contradicts the tables is told with both places, and nothing else is told."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest
from builders import department, forms, sample, submission
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.checks import rules
from toolkit.checks.context import Context
from toolkit.checks.prose import clauses, plain_text
from toolkit.checks.prose_claims import stated_counts
from toolkit.form.references import Names
from toolkit.issues.model import Issue

AUDIT = ("prose_figures", "prose_grade", "prose_counts", "prose_years", "prose_tells_result", "clean_text")
SAMPLES = ("changhua-2024", "huadi-2021", "qianjin-2023", "xinhua-2022", "zhongcun-2024")
TABLES: dict[str, Any] = {
    "income": {"total": {"adjusted_budget": "2210", "actual_expenditure": "2207.75"}},
    "expenditure": {
        "basic": {"initial_budget": "1200", "adjusted_budget": "1230", "actual_expenditure": "1225.25"},
        "project": {"adjusted_budget": "980", "actual_expenditure": "975.5", "prior_expenditure": "840"},
        "total": {"initial_budget": "2100", "adjusted_budget": "2210", "actual_expenditure": "2200.75"},
    },
    "running": {"three_public": {"adjusted_budget": "20", "actual_expenditure": "15.5"}},
    "carryover": {"opening": "3.5", "closing": "10.5"},
    "projects": [
        {
            "project_name": "民生实事",
            "adjusted_budget": "600",
            "actual_expenditure": "590",
            "execution_rate": "98.33%",
        }
    ],
    "scores": {"duty": {"score": 44}, "management": {"score": 48}, "total": {"score": 92}},
    "result": {"grade": "优"},
}


def audit(answers: dict[str, Any], form: str = "department") -> list[Issue]:
    """Run the audit of texts over answers, as the form sets it."""
    asked = forms()[form]
    context = Context(asked, submission(asked, answers), Names.of_form(asked))
    return [item for rule in asked.rules if rule.check in AUDIT for item in rules.run(context, rule)]


def told(text: str, at: str = "result.conclusion", **tables: Any) -> list[str]:
    """Return what is told of a contradiction when one text says `text`."""
    answers = department("甲街道", **{**TABLES, **tables})
    section, _, field = at.rpartition(".")
    if section == "management":
        answers["management"] = {"budget_execution": {field: text}}
    elif section == "duty_analysis":
        answers["duty_analysis"] = [{"heading": "民生", field: text}]
    else:
        answers[section] = {**answers.get(section, {}), field: text}
    return [item.message for item in audit(answers) if item.code == "X01"]


# --- amounts and rates --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "整体支出2200.75万元，预算执行率99.58%",
        "整体支出2,200.75 万元",
        "整体支出２２００.７５万元",
        "部门整体支出22007500元",
        "部门整体支出0.22亿元",
        "部门整体支出2201万元",
        "部门整体支出约2200万元",
        "部门整体支出超2100万元",
        "2024年度整体支出2200.75万元，执行率达到99.57%",  # cut off instead of rounded
        "全年预算数2210万元，执行数2200.75万元，完成预算的99.58%",
        "年度决算收入2207.75万元、支出2200.75万元",
        "“三公”经费预算20万元，实际支出15.5万元，执行率77.5%",
        "项目支出975.5万元，比上年增加135.5万元、增长16.13%",
        "整体支出2200.75万元，较年初预算2100万元，调整增支110万元，预算调整率5.24%",
        "整体支出2200.75万元，其中基本支出1225.25万元、占55.67%，预算执行率99.58%",
    ],
)
def test_a_figure_that_agrees_as_printed_is_not_told(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "label", "written"),
    [
        ("整体支出2207.75万元", "支出合计·决算数", "2207.75万元"),
        ("整体支出2200.75万元，预算执行率97.14%", "支出合计·完成率", "97.14%"),
        ("决算收入2200.57万元", "收入合计·决算数", "2200.57万元"),
        ("支出全年预算2120万元", "支出合计·全年预算数", "2120万元"),
        ("“三公”经费预算20万元，支出18.5万元", "“三公”经费·决算数", "18.5万元"),
        ("“三公”经费执行率87.5%", "“三公”经费·执行率", "87.5%"),
        ("项目支出975.5万元，比上年减少135.5万元", "项目支出·比上年增减额", "减少 135.5万元"),
        ("部门整体支出2200.75元", "支出合计·决算数", "2200.75元"),
        ("年末结转和结余15.5万元", "年末结转和结余", "15.5万元"),
        ("2024年度自评总得分95分", "自评总得分·得分", "95分"),
        ("履职效能自评45.50分", "履职效能·得分", "45.50分"),
    ],
)
def test_a_contradiction_is_told_with_what_the_text_says(text: str, label: str, written: str) -> None:
    (message,) = told(text)
    assert f"“{label}”文中写 {written}，" in message


def test_both_places_are_named() -> None:
    answers = department(
        "甲街道", **TABLES, management={"budget_execution": {"text": "整体支出2207.75万元。"}}
    )
    (found,) = [item for item in audit(answers) if item.code == "X01"]
    held = submission(forms()["department"], answers).answer("expenditure", "total", "actual_expenditure")
    assert held.cell is not None
    assert found.location.sheet == "管理效率"
    assert found.message == (
        "“预算执行及资金管理·自评情况”中的数与表中不一致："
        f"“支出合计·决算数”文中写 2207.75万元，收支情况 {held.cell.a1} 为 2,200.75万元。"
    )


def test_many_contradictions_in_one_text_are_one_issue() -> None:
    text = "整体支出1万元。基本支出2万元。决算收入3万元。年末结转和结余4万元。“三公”经费5万元。"
    (message,) = told(text)
    assert message.count("文中写") == 3
    assert "另有 2 处" in message


@pytest.mark.parametrize(
    "text",
    [
        "投入500万元改造社区食堂，完成率97.14%",  # no figure of the tables
        "整体支出100万元用于防疫",  # a part of it
        "基本支出、项目支出分别为975.5万元、1225.25万元",
        "基本支出不低于90%",
        "每年整体支出1000-2000万元",
        "2023年整体支出1900万元",
        "2023年，整体支出1900万元",
        "上年整体支出1900万元",
        "前三季度整体支出1500万元",
        "民生实事项目进展顺利，全年预算数600万元，执行数590万元，执行率98.33%",
        "民生实事项目进展顺利。支出590.5万元，预算执行率97%",  # the paragraph has turned to a project
        "依据《2021年部门整体支出1万元管理办法》开展自评",
        "自评得分率较高",
        "平均得分85分",
        "资产管理等级为良好",
    ],
)
def test_what_is_not_wholly_understood_or_not_in_the_tables_is_not_told(text: str) -> None:
    assert told(text) == []


def test_common_words_are_trusted_only_where_the_unit_as_a_whole_is_spoken_of() -> None:
    assert told("支出590.5万元，执行率91%。", "duty_analysis.text") == []
    assert len(told("支出590.5万元，执行率91%。", "management.text")) == 1


def test_common_words_with_a_figure_of_another_cell_may_mean_that_one() -> None:
    assert told("支出590万元。", "management.text") == []


def test_a_blank_table_contradicts_nothing() -> None:
    assert told("整体支出2200.75万元，预算执行率97%", expenditure={}) == []


def test_a_cell_with_its_own_issue_is_not_held_against_a_text() -> None:
    asked = forms()["department"]
    answers = department("甲街道", **{**TABLES, "result": {"conclusion": "整体支出2207.75万元。"}})
    context = Context(asked, submission(asked, answers), Names.of_form(asked))
    context.blame(context.submission.answer("expenditure", "total", "actual_expenditure"))
    assert not [item for rule in asked.rules if rule.code == "X01" for item in rules.run(context, rule)]


def test_a_grade_in_the_conclusion_is_the_one_of_the_form() -> None:
    assert told("自评总得分92分，等级为“优”") == told("等级为优秀") == told("优化营商环境，结果良好") == []
    (message,) = told("自评总得分92分，等级为“良”")
    assert "文中写“良”，自评得分 B" in message


# --- the samples --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_contradict_themselves_only_where_their_reports_do(name: str) -> None:
    found = {item.code for item in audit(sample(name)) if item.code != "Q11"}
    assert found == ({"X03"} if name == "zhongcun-2024" else set())  # 2023年年末 for the end of 2024


@pytest.mark.parametrize(
    ("name", "written", "wrong"),
    [
        ("qianjin-2023", "执行11513.90万元", "执行11531.90万元"),
        ("qianjin-2023", "执行率96.79%", "执行率97.69%"),
        ("qianjin-2023", "基本支出执行率99.27%", "基本支出执行率92.97%"),
        ("qianjin-2023", "比上年增加115.39万元", "比上年增加151.39万元"),
        ("qianjin-2023", "增长41.2%", "增长29.16%"),
        ("qianjin-2023", "自评得分97.2分", "自评得分92.7分"),
        ("huadi-2021", "整体支出6364.24万元", "整体支出6346.24万元"),
        ("zhongcun-2024", "支出27907.66万元", "支出27970.66万元"),
        ("xinhua-2022", "履职效能自评47.50分", "履职效能自评45.70分"),
        ("xinhua-2022", "自评总得分94分", "自评总得分96分"),
    ],
)
def test_a_slip_put_into_a_sample_text_is_told(name: str, written: str, wrong: str) -> None:
    answers = _replaced(sample(name), written, wrong)
    (found,) = [item for item in audit(answers) if item.code == "X01"]
    assert found.found in wrong


def _replaced(value: Any, written: str, wrong: str) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(item, written, wrong) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, written, wrong) for item in value]
    return value.replace(written, wrong) if isinstance(value, str) else value


# --- counts, years, slips -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("共设置三级绩效指标21个", 21),
        ("三级指标有二十一个", 21),
        ("设置了全部21个三级指标", 21),
        ("26个三级指标均达到目标值", 26),
        ("三级指标21个全部完成", 21),
        ("2024年年初确定三级指标12项", 12),
        ("完成三级指标18个", None),
        ("其中三级指标3个未完成", None),
        ("18个三级指标完成", None),
        ("第3个三级指标均完成", None),
        ("新增三级指标2个", None),
    ],
)
def test_a_count_is_taken_only_where_all_of_the_things_are_meant(text: str, number: int | None) -> None:
    found = set(stated_counts(plain_text(text), ("三级绩效指标", "三级指标")).values())
    assert found == (set() if number is None else {Decimal(number)})


def test_an_empty_table_is_no_count() -> None:
    answers = department("甲街道", plan={"goal_completion": "共设置三级指标21个。"})
    assert "X02" not in {item.code for item in audit(answers)}


def test_a_year_is_told_only_when_the_text_is_about_the_year_reported() -> None:
    def found(text: str) -> bool:
        answers = department("甲街道", **{**TABLES, "plan": {"overview": text}})
        return "X03" in {item.code for item in audit(answers)}

    assert found("现将2023年度部门整体支出绩效自评情况报告如下。")
    assert found("2023年年末结转结余10.5万元。")
    assert not found("2023年年末结转结余3.5万元。")  # what this year opened with
    assert not found("与2023年整体支出相比有所下降。")
    assert not found("2024年绩效自评吸取2023年绩效自评的经验。")
    assert not found("编制2025年部门整体支出绩效目标。")
    assert not found("依据《2023年度绩效自评办法》。")


def test_slips_of_one_text_are_told_once_with_what_was_found() -> None:
    answers = department(
        "甲街道", duties=[{"text": "公开率105. 26%。；规范 workflows，，见 www.example.com/index。"}]
    )
    (found,) = [item for item in audit(answers) if item.code == "Q11"]
    assert found.found == "“105. 26”、“。；”、“，，”、“workflows”"


@pytest.mark.parametrize(
    "text", ["1. 2023年的工作。", "比例为1.5%。", "见a.example@mail.com。", "好！！", "only english"]
)
def test_ordinary_writing_is_no_slip(text: str) -> None:
    assert "Q11" not in {item.code for item in audit(department("甲街道", duties=[{"text": text}]))}


# --- any text -----------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *"，。；：、（）《》“”\n 的为是共约",
        *(
            "支出",
            "收入",
            "整体支出",
            "基本支出",
            "预算执行率",
            "比上年",
            "增加",
            "减少",
            "占",
            "其中",
            "全年预算数",
        ),
        *(
            "“三公”经费",
            "2023年",
            "2024年",
            "年末结转结余",
            "三级指标",
            "共有",
            "项目",
            "自评得分",
            "等级",
            "优",
            "完成",
        ),
        *(
            "1",
            "2,200.75",
            "105. 26",
            "99.58",
            "０",
            "万元",
            "亿元",
            "元",
            "%",
            "分",
            "个",
            "十二",
            "workflows",
        ),
    ]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=300)


@settings(max_examples=150, deadline=500)
@given(text=TEXTS)
def test_no_text_breaks_the_audit(text: str) -> None:
    answers = department("甲街道", **{**TABLES, "management": {"assets": {"text": text}}})
    answers["result"] = {"grade": "优", "conclusion": text}
    answers["carryover"] = {"opening": "3.5", "closing": "10.5", "note": text}
    for item in audit(answers):
        assert item.message
        assert "{" not in item.message or "{" in text


@settings(max_examples=200, deadline=500)
@given(text=TEXTS)
def test_clauses_lose_no_character_of_a_paragraph(text: str) -> None:
    for paragraph in plain_text(text).split("\n"):
        again = "".join(
            "".join(words + figure.text for words, figure in clause.parts) + clause.rest + clause.mark
            for clause in clauses(paragraph)
        )
        assert again == paragraph + "。" * (again != paragraph)


@pytest.mark.parametrize(
    "piece",
    [
        "的",
        "支出",
        "1",
        "，",
        "三级指标",
        "支出1万元",
        "1 ",
        "增加",
        "2024年",
        "《",
        "（",
        "a",
        "。，",
        "部门整体支出1%",
    ],
)
def test_a_very_long_text_takes_no_long_time(piece: str) -> None:
    text = (piece * 20_000)[:30_000]
    answers = department("甲街道", **{**TABLES, "result": {"grade": "优", "conclusion": text}})
    started = time.process_time()
    audit(answers)
    assert time.process_time() - started < 3
