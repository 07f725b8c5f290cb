"""The district's report: the summary in sentences, whatever the collection holds."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import docx
import pytest
from builders import collected, department, forms, issue, money, project, result, unreadable
from docx.enum.section import WD_ORIENT
from hypothesis import given, settings
from hypothesis import strategies as st
from report_reading import Report

from toolkit.checks.model import CheckResult, Collected, Standing, StandingRow
from toolkit.issues.model import Severity
from toolkit.summary.summarise import summarise
from toolkit.writers import district_context as district_context_module
from toolkit.writers.district_context import district_context
from toolkit.writers.reports import Reports

NARRATIVES = Path(__file__).resolve().parent.parent / "templates" / "narratives"
CREATED = datetime(2025, 4, 8)
MET = {"level1": "产出指标", "level2": "数量指标", "name": "巡查次数", "target": "≥10次", "actual": "12次"}
UNMET = {"level1": "效益指标", "level2": "社会效益指标", "name": "满意率", "target": "≥90%", "actual": "81%"}


@cache
def reports() -> Reports:
    return Reports(
        uses={},
        serving=lambda form, year, unit: None,
        collection=NARRATIVES / "汇总报告.docx",
        forms=forms(),
        vocabulary=forms(),
    )


def report(given_results: Collected, *, title: str = "", district: str = "某区") -> Report:
    summary = summarise(given_results, forms(), title=title, district=district)
    return Report(reports().collection_report(summary, given_results, title, CREATED))


def context(given_results: Collected) -> dict[str, Any]:
    summary = summarise(given_results, forms(), title="", district="某区")
    return district_context(summary, given_results, forms(), "")


def unit(name: str, year: int = 2024, budget: Any = 100, actual: Any = 95, **sections: Any) -> CheckResult:
    answers = department(name, year, expenditure=money(budget, actual, 90), **sections)
    return result(forms()["department"], answers, f"{name}{year}.xlsx")


def scored(score: float, grade: str = "优") -> dict[str, Any]:
    return {"scores": {"total": {"score": score, "max_score": 100}}, "result": {"grade": grade}}


def rated_project(score: float, grade: str) -> dict[str, Any]:
    total = {"total": True, "max_score": 100, "score": score}
    return {"indicators": [{**MET, "max_score": 100, "score": score}, total], "sign": {"grade": grade}}


def running(name: str, month: int, spent: float) -> CheckResult:
    given = {
        "cover": {"unit_name": name, "fiscal_year": 2024, "month": f"{month}月", "fill_date": "2024-07-05"},
        "projects": [
            {
                "project_name": "改造",
                "adjusted_budget": 100,
                "actual_expenditure": spent,
                "goal_progress": "55%",
            }
        ],
    }
    return result(forms()["monitor"], given, f"{name}{month}.xlsx")


# what is said


def test_sums_and_the_rate_of_the_sums_stand_in_the_text_and_the_table() -> None:
    made = report(collected([unit("甲街道"), unit("乙街道", budget=300, actual=300)]))
    assert "全年预算数合计400.00万元，执行数合计395.00万元，预算执行率98.75%" in made.text
    assert "预算执行率较高的有乙街道100.00%，预算执行率较低的有甲街道95.00%。" in made.text
    rows = made.table("部门整体支出预算执行情况")
    assert rows[-1] == ["合计", "180.00", "400.00", "395.00", "98.75%", "122.22%"]


def test_one_unit_is_named_and_not_added_up() -> None:
    text = report(collected([unit("甲街道")])).text
    assert "甲街道年初预算数90.00万元，全年预算数100.00万元，执行数95.00万元，预算执行率95.00%。" in text


def test_problems_are_grouped_by_what_they_are_about() -> None:
    results = [unit("甲街道"), unit("乙街道")]
    found = [issue(), issue(code="B07", severity=Severity.EXPLAIN)], [issue(), issue(code="S05")]
    told = [replace(one, issues=tuple(issues)) for one, issues in zip(results, found, strict=True)]
    assert (
        "按内容归类，预算与收支3条（涉及单位2个）、结构与身份1条（涉及单位1个）。"
        in report(collected(told)).text
    )


def test_parts_in_the_table_add_up_to_the_total_as_printed() -> None:
    results = [unit(f"{name}街道", budget="1.0044", actual=0) for name in "甲乙丙"]
    rows = report(collected(results)).table("部门整体支出预算执行情况")[1:]
    assert [row[2] for row in rows] == ["1.01", "1.00", "1.00", "3.01"]


def test_a_unit_that_lacks_its_budget_is_named_and_left_out_of_the_rate() -> None:
    lacking = result(
        forms()["department"],
        department("乙街道", expenditure={"total": {"actual_expenditure": 50}}),
        "乙.xlsx",
    )
    made = report(collected([unit("甲街道"), lacking]))
    assert "预算执行率95.00%（缺少全年预算数或执行数的乙街道不计入）" in made.text


def test_scores_and_grades_are_told_with_who_has_none() -> None:
    results = [
        unit("甲街道", **scored(95)),
        unit("乙街道", budget=300, actual=300, **scored(85, "优")),
        unit("丙街道"),
    ]
    made = report(collected(results))
    assert "填报自评总分的单位2个，平均90.00分，按全年预算数加权平均87.50分。" in made.text
    assert "没有填报自评总分的有：丙街道。" in made.text
    assert "自评等级与按得分核定的等级不一致的有：乙街道（自评优，核定良）。" in made.text
    grades = {row[0]: row[1:4] for row in made.table("自评等级分布")}
    assert grades["优"] == ["2", "66.67%", "1"]
    assert grades["未评"] == ["1", "33.33%", "1"]


def test_unmet_indicators_are_listed_with_their_cause_or_the_lack_of_one() -> None:
    explained = {**UNMET, "name": "办结率", "reason": "系统切换停办两周，已补办。"}
    made = report(collected([unit("甲街道", indicators=[MET, UNMET, explained])]))
    assert "部门整体绩效指标共3个，已完成1个，未完成2个，指标完成率33.33%。" in made.text
    assert "未完成的指标共2个，其中1个没有说明原因" in made.text
    rows = made.table("未完成的主要指标")
    assert ["甲街道", "满意率", "≥90%", "81%", "90.00%", "未说明"] in rows
    assert rows[2][-1] == "系统切换停办两周，已补办。"
    assert "附件2" in made.text


def test_the_text_shows_the_furthest_from_their_target_and_the_annex_has_all() -> None:
    rows = [{**UNMET, "name": f"指标{n}", "actual": f"{n}%"} for n in range(12, 0, -1)]
    made = report(collected([unit("甲街道", indicators=rows)]))
    assert [row[1] for row in made.table("未完成的主要指标")[1:]] == [f"指标{n}" for n in range(1, 11)]
    assert "完成率最低的10个见表4-1，其余见附件2。" in made.text
    annex = made.document.tables[-1]
    assert len(annex.rows) == 13


def test_all_met_leaves_out_the_second_annex() -> None:
    made = report(collected([unit("甲街道", indicators=[MET])]))
    assert "部门整体绩效指标共1个，已完成。" in made.text
    assert "未完成指标表" not in made.text
    assert [block.text for block in made.blocks if block.style == "附件标识"] == ["附件"]


def test_problems_and_measures_are_grouped_by_unit_in_the_words_of_the_unit() -> None:
    results = [
        unit(
            "甲街道",
            problems=[{"heading": "1. 进度慢", "text": "招标偏晚。"}],
            measures=[{"text": "提前招标。"}],
        ),
        unit("乙街道", problems=[{"text": "人手不足。"}]),
    ]
    made = report(collected(results))
    after = made.text.split("存在的主要问题\n")[1]
    assert after.startswith("（一）甲街道\n进度慢。招标偏晚。\n（二）乙街道\n人手不足。\n")
    assert "改进措施\n（一）甲街道\n提前招标。\n" in after


def test_of_very_many_units_the_words_of_the_first_are_printed_and_it_is_said_where_the_rest_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(district_context_module, "LONGEST_ANNEX", 2)
    results = [unit(f"{name}街道", problems=[{"text": "人手不足。"}]) for name in "乙丁丙"]
    after = report(collected(results)).text.split("存在的主要问题\n")[1]
    assert after.startswith("（一）乙街道\n人手不足。\n（二）丁街道\n人手不足。\n（三）其余单位\n单位较多")
    assert "改进措施" not in after


def test_issues_are_counted_by_rule_the_gravest_first() -> None:
    first = replace(unit("甲街道"), issues=(issue(), issue(), issue(Severity.NOTE, "V04")))
    second = replace(unit("乙街道"), issues=(issue(),))
    rows = report(collected([first, second])).table("审核发现的主要问题")
    assert [row[:2] + row[3:] for row in rows[1:]] == [
        ["必改", "B05", "3", "2"],
        ["提示", "V04", "1", "1"],
    ]


def test_who_has_not_reported_or_must_mend_is_named() -> None:
    results = [unit("甲街道"), unit("乙街道")]
    standings = [
        StandingRow("甲街道", "department", 2024, Standing.LATE, file="甲街道2024.xlsx"),
        StandingRow("乙街道", "department", 2024, Standing.RETURNED, file="乙街道2024.xlsx"),
        StandingRow("丙街道", "department", 2024, Standing.MISSING),
    ]
    made = report(collected(results, standings))
    assert "应报自评表3份，按时报送0份，迟报1份，需退回修改1份，漏报1份。" in made.text
    assert "迟报的有：甲街道。\n需退回修改的有：乙街道。\n漏报的有：丙街道。" in made.text


def test_forms_and_years_are_told_apart_where_they_differ() -> None:
    standings = [
        StandingRow("丙街道", "department", 2023, Standing.MISSING),
        StandingRow("丙街道", "project", 2024, Standing.MISSING),
    ]
    listed = context(collected([], standings))["standings"]["missing"]
    assert listed == ["丙街道（2023年度部门整体支出绩效自评表）", "丙街道（2024年度项目支出绩效自评表）"]


# collections of every kind


def test_several_years_are_named_from_first_to_last_and_added_up_apart() -> None:
    made = report(collected([unit("甲街道", 2021), unit("乙街道", 2024)]), title="绩效自评汇总报告")
    assert made.blocks[0].text == "2021—2024年度\n绩效自评汇总报告"
    assert [row[0] for row in made.table("分年度、分区预算执行情况")[1:]] == ["2021", "2024"]
    assert "甲街道（2021）" in made.text


def test_one_year_is_named_once() -> None:
    made = report(collected([unit("甲街道")]), title="某区2024年度绩效自评汇总")
    assert made.blocks[0].text == "某区2024年度绩效自评汇总报告"
    assert "分年度" not in made.text


def test_nobody_and_nothing_makes_a_whole_report() -> None:
    made = report(collected([]))
    assert made.slips() == []
    assert made.headings(1) == ["一、总体情况"]
    assert "目前没有收到自评表。" in made.text
    assert "【待补充：成文日期】" in made.text


def test_projects_alone_make_a_whole_report() -> None:
    form = forms()["project"]
    rated = [
        result(form, project("甲街道", "配餐", 100, 98, **rated_project(96, "优")), "a.xlsx"),
        result(form, project("乙街道", "绿化", 300, 150, **rated_project(80, "良")), "b.xlsx"),
    ]
    made = report(collected(rated))
    assert made.slips() == []
    assert "汇总项目2个，全年预算数400.00万元，执行数248.00万元，预算执行率62.00%。" in made.text
    assert made.table("项目预算执行情况")[1:] == [
        ["乙街道", "绿化", "300.00", "150.00", "50.00%"],
        ["甲街道", "配餐", "100.00", "98.00", "98.00%"],
    ]
    assert "填报自评总分的项目2个，平均88.00分，按全年预算数加权平均84.00分。" in made.text
    assert made.table("项目自评等级分布")[1][:2] == ["优", "1"]
    assert "附件：项目汇总表" in made.text
    assert "附件1" not in made.text


def test_the_running_year_is_told_beside_the_calendar() -> None:
    made = report(collected([running("甲街道", 6, 20), running("乙街道", 6, 60)]))
    assert made.slips() == []
    assert "现将2024年度绩效运行监控的报送、核对和汇总情况报告如下" in made.text
    assert (
        "均截至6月，监控项目2个，全年预算数200.00万元，支出数80.00万元，执行率40.00%（序时进度50.00%）"
        in made.text
    )
    assert made.table("单位运行监控情况")[-1][:5] == ["合计", "", "200.00", "80.00", "40.00%"]
    (late,) = made.table("进度滞后的主要项目")[1:]
    assert late == ["甲街道", "改造", "20.00%", "40.00%", "55.00%", "未说明"]
    assert "附件：运行监控情况表" in made.text


def test_units_of_different_periods_are_not_held_against_one_calendar() -> None:
    made = report(collected([running("甲街道", 6, 55), running("乙街道", 9, 80)])).text
    assert "各单位取最近一期" in made
    assert "序时进度" not in made


def test_a_long_annex_says_how_much_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.writers.district_context.LONGEST_ANNEX", 2)
    made = report(collected([unit(f"{name}街道") for name in "甲乙丙"]))
    assert "共3行，只列前2行，其余见汇总表；" in made.text


def test_the_verdict_of_what_is_summed_up_is_said() -> None:
    accepted = replace(unit("甲街道"), issues=())
    returned = replace(unit("乙街道"), issues=(issue(),))
    assert "审核结论均为“采用”。" in report(collected([accepted])).text
    assert "目前没有审核结论为“采用”的部门自评表" in report(collected([returned])).text
    both = report(collected([accepted, returned])).text
    assert "其中审核结论为“采用”的1份，全年预算数100.00万元，执行数95.00万元，预算执行率95.00%。" in both


def test_units_that_tie_are_named_together_or_not_at_all() -> None:
    alike = collected([unit(f"{name}街道") for name in "甲乙丙"])
    assert "各单位预算执行率均为95.00%。" in report(alike).text
    many = [unit(f"{name}街道", actual=100) for name in "甲乙丙丁戊"]
    made = report(collected([*many, unit("己街道", actual=60)])).text
    assert "预算执行率较低的有己街道60.00%。" in made
    assert "较高" not in made


def test_the_annexes_are_on_turned_pages_and_nothing_follows_them() -> None:
    document = report(collected([unit("甲街道", indicators=[UNMET])])).document
    assert [section.orientation for section in document.sections] == [
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
    ]
    wide = [sum(cell.width.mm for cell in table.rows[0].cells) for table in document.tables[-2:]]
    assert all(224 < width < 226 for width in wide)


@pytest.mark.parametrize(("units", "kept"), [(3, True), (30, False)])
def test_the_total_stays_with_its_rows_while_a_page_can_hold_them(units: int, kept: bool) -> None:
    made = report(collected([unit(f"第{n}街道") for n in range(units)]))
    table = made.document.tables[0]
    assert len(table.rows) == units + 2
    assert all(
        bool(cell.paragraphs[0].paragraph_format.keep_with_next) is kept
        for row in table.rows[1:]
        for cell in row.cells
    )


def test_the_signature_is_that_of_the_districts_bureau_and_of_the_latest_fill_in_date() -> None:
    cover = {"unit_name": "甲街道", "fiscal_year": 2024, "district": "某区", "fill_date": date(2025, 3, 5)}
    made = report(collected([result(forms()["department"], {"cover": cover}, "a.xlsx")]))
    assert "某区财政局\n2025年3月5日\n" in made.text


PARTS = st.fixed_dictionaries(
    {},
    optional={
        "indicators": st.lists(st.sampled_from([MET, UNMET]), max_size=3),
        "problems": st.just([{"heading": "进度慢", "text": "招标偏晚。"}]),
        "scores": st.builds(lambda score: {"total": {"score": score, "max_score": 100}}, st.integers(0, 100)),
        "result": st.sampled_from([{"grade": "优"}, {"grade": "中"}]),
        "expenditure": st.builds(money, st.integers(0, 999), st.integers(0, 999)),
    },
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([2023, 2024]), PARTS), max_size=5), st.integers(0, 2))
def test_whatever_units_report_the_report_is_whole(
    reporting: Sequence[tuple[int, dict[str, Any]]], broken: int
) -> None:
    results: Iterable[CheckResult] = [
        result(forms()["department"], department(f"单位{n}", year, **parts), f"{n}.xlsx")
        for n, (year, parts) in enumerate(reporting)
    ]
    made = report(collected([*results, *(unreadable(f"坏{n}.xlsx") for n in range(broken))]))
    assert made.slips() == []
    assert len(made.headings(1)) == len(set(made.headings(1)))


# the reader these tests rely on


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("Heading 1", "三、没有一和二"),
        ("Normal", "执行率nan。"),
        ("Normal", "共0.333333个"),
        ("Normal", "甲。；"),
        ("Normal", "见表9-9"),
        ("Caption", "表0-1　没有表格"),
    ],
)
def test_a_planted_slip_is_seen(style: str, text: str) -> None:
    document = docx.Document()
    document.add_paragraph(text, style=style)
    document.add_paragraph("正文。")
    saved = io.BytesIO()
    document.save(saved)
    assert Report(saved.getvalue()).slips() != []


def test_a_mean_is_printed_with_two_decimals_however_long_it_is() -> None:
    results = [unit(f"{n}街道", **scored(score)) for n, score in enumerate((90, 91, 91))]
    made = report(collected(results))
    assert Decimal(272) / 3 == pytest.approx(Decimal("90.67"), abs=Decimal("0.01"))
    assert "平均90.67分" in made.text
