"""The district adds up: exact sums, recomputed rates, nothing lost and nothing counted twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import builders
import pytest
from builders import collected, department, forms, issue, money, project, result, unreadable
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.checks.model import CheckResult, Collected, Standing, StandingRow
from toolkit.issues.model import Severity
from toolkit.summary.model import Kind, Summary
from toolkit.summary.projects import project_key
from toolkit.summary.rounding import balanced_wan, wan
from toolkit.summary.summarise import summarise

WAN = 10_000


def summary_of(results: Sequence[CheckResult], **more: Any) -> Summary:
    return summary(collected(results, **more))


def summary(all_of_them: Collected) -> Summary:
    return summarise(all_of_them, forms(), title="汇总表", district="某市")


def dept(name: str, budget: Any = 100, actual: Any = 90, **sections: Any) -> dict[str, Any]:
    return department(name, expenditure=money(budget, actual), **sections)


def workbook(answers: dict[str, Any], file: str = "", issues: Sequence[Any] = ()) -> CheckResult:
    form = forms()["project" if "project" in answers else "department"]
    name = answers.get("cover", answers.get("project"))["unit_name"]
    return result(form, answers, file or f"{name}.xlsx", issues)


def rows(made: Summary, table: str, **wanted: Any) -> list[dict[str, Any]]:
    return [
        row for row in made.table(table).records if all(row[name] == value for name, value in wanted.items())
    ]


def disagreements(made: Summary) -> list[dict[str, Any]]:
    return rows(made, "reconciliation", agreement="不一致")


# --- totals and rates ---------------------------------------------------------------------------------


def test_money_is_added_exactly_in_yuan():
    made = summary_of([workbook(dept("甲", "0.1", "0.1")), workbook(dept("乙", "0.2", "0.2"))])
    assert made.everything.adjusted_budget == Decimal("3000")
    assert made.everything.actual_expenditure == Decimal("3000")


def test_the_district_rate_is_recomputed_from_sums_and_not_averaged():
    made = summary_of([workbook(dept("甲", 1000, 1000)), workbook(dept("乙", 10, 5))])
    assert made.everything.execution_rate == Decimal(1005) / Decimal(1010)
    assert made.everything.execution_rate != (Decimal(1) + Decimal("0.5")) / 2


def test_a_unit_without_a_budget_does_not_lift_the_rate():
    lone = department("乙", expenditure={"total": {"actual_expenditure": 500}})
    made = summary_of([workbook(dept("甲", 100, 90)), workbook(lone)])
    assert made.everything.actual_expenditure == 590 * WAN
    assert made.everything.execution_rate == Decimal("0.9")


def test_an_average_score_says_whether_it_is_weighted():
    scores = [{"total": {"max_score": 100, "score": score}} for score in (90, 80)]
    made = summary_of(
        [workbook(dept("甲", 300, 1, scores=scores[0])), workbook(dept("乙", 100, 1, scores=scores[1]))]
    )
    assert made.everything.mean_score == Decimal(85)
    assert made.everything.weighted_score == Decimal("87.5")


def test_a_blank_total_is_taken_from_its_parts_and_traced_to_their_cells():
    parts = {"basic": {"adjusted_budget": 60}, "project": {"adjusted_budget": 40}}
    made = summary_of([workbook(department("甲", expenditure=parts))])
    assert made.everything.adjusted_budget == 100 * WAN
    traced = rows(made, "trace", place="单位汇总", figure="全年预算数")
    assert [row["raw"] for row in traced] == ["60", "40"]
    assert all(row["sheet"] == "收支情况" and row["cell"] for row in traced)


def test_a_stated_total_is_used_as_stated_and_its_gap_to_the_parts_is_shown():
    answers = department("甲", expenditure=money(100, 100, basic={"actual_expenditure": 70}))
    made = summary_of([workbook(answers)])
    assert made.everything.actual_expenditure == 100 * WAN
    (gap,) = disagreements(made)
    assert (gap["unit"], gap["gap"]) == ("甲", 30 * WAN)


def test_zero_stays_zero_and_unknown_stays_unknown():
    made = summary_of([workbook(department("甲", expenditure={"total": {"actual_expenditure": 0}}))])
    (unit,) = made.table("units").records
    assert unit["actual_expenditure"] == 0
    assert unit["adjusted_budget"] is None
    assert unit["execution_rate"] is None


# --- which workbooks count ----------------------------------------------------------------------------


def test_accepted_workbooks_are_added_up_beside_all_of_them():
    made = summary_of(
        [
            workbook(dept("甲", 100, 90)),
            workbook(dept("乙", 200, 100), issues=[issue(Severity.ERROR)]),
            workbook(dept("丙", 300, 100), issues=[issue(Severity.EXPLAIN)]),
        ]
    )
    assert made.everything.adjusted_budget == 600 * WAN
    assert made.accepted.adjusted_budget == 100 * WAN
    assert made.accepted.execution_rate == Decimal("0.9")
    assert [row["verdict"] for row in made.table("units").records] == ["采用", "退回", "待说明"]


def test_a_duplicate_and_an_unreadable_file_are_left_out_and_accounted_for():
    first, second = workbook(dept("甲", 100, 90)), workbook(dept("甲", 999, 999), "甲（旧）.xlsx")
    standings = [
        StandingRow("甲", "department", 2024, Standing.REPORTED, file=first.file),
        StandingRow("甲", "department", 2024, Standing.DUPLICATE, file=second.file),
    ]
    made = summary_of([first, second, unreadable("坏.xlsx")], standings=standings, counting={first.file})
    assert made.everything.adjusted_budget == 100 * WAN
    (row,) = rows(made, "reconciliation", item="收到的工作簿都有去向")
    assert (row["left"], row["right"]) == (3, 3)
    assert row["right_name"] == "计入汇总 1＋重复未计 1＋已排除 0＋名册外未计 0＋无法读取 1"


def test_a_workbook_that_nobody_explains_is_named_as_a_disagreement():
    lost = workbook(dept("乙"), "漏掉的.xlsx")
    made = summary_of([workbook(dept("甲")), lost], standings=[], counting={"甲.xlsx"})
    (row,) = disagreements(made)
    assert "漏掉的.xlsx" in row["remark"]


def test_the_roster_names_the_unit():
    book = workbook(dept("前进街"), "a.xlsx")
    standing = StandingRow("前进街道办事处", "department", 2024, Standing.REPORTED, file="a.xlsx")
    made = summary_of([book], standings=[standing])
    assert made.table("units").records[0]["unit"] == "前进街道办事处"


def test_who_has_reported_adds_up_to_what_is_due():
    standings = [
        StandingRow(name, "department", 2024, standing)
        for name, standing in zip("甲乙丙丁戊", [*Standing][:5], strict=True)
    ]
    told = summary_of([], standings=standings).reporting
    assert told.due == 4
    assert told.due == told.reported + told.late + told.returned + told.missing


# --- income and expenditure ---------------------------------------------------------------------------


def test_a_subtotal_is_not_counted_beside_its_parts():
    income = {
        "fiscal": {"actual_expenditure": 100},
        "general_public_budget": {"actual_expenditure": 70},
        "government_funds": {"actual_expenditure": 30},
        "other": {"actual_expenditure": 5},
        "total": {"actual_expenditure": 105},
    }
    made = summary_of([workbook(department("甲", income=income))])
    kinds = {row["kind"]: row["actual_expenditure"] for row in made.table("flow_rows").records}
    assert kinds == {
        "一般公共预算财政拨款收入": 70 * WAN,
        "政府性基金预算财政拨款收入": 30 * WAN,
        "其他收入": 5 * WAN,
    }


def test_what_a_total_has_beyond_its_parts_gets_a_row_of_its_own():
    answers = department("甲", expenditure=money(100, 100, basic={"actual_expenditure": 70}))
    made = summary_of([workbook(answers)])
    assert [(r["kind"], r["actual_expenditure"]) for r in made.table("flow_rows").records] == [
        ("基本支出", 70 * WAN),
        ("（未分项）", 30 * WAN),
    ]


def test_rates_shares_and_changes_by_kind_follow_from_the_sums():
    def unit(name: str, basic: int, prior: int) -> CheckResult:
        row = {"adjusted_budget": 200, "actual_expenditure": basic, "prior_expenditure": prior}
        other = {"adjusted_budget": 100, "actual_expenditure": 100, "prior_expenditure": 100}
        return workbook(department(name, expenditure={"basic": row, "project": other}))

    made = summary_of([unit("甲", 200, 100), unit("乙", 100, 300)])
    (basic,) = rows(made, "flows", kind="基本支出")
    assert basic["execution_rate"] == Decimal("0.75")
    assert basic["share"] == Decimal("0.6")
    assert basic["change_amount"] == -100 * WAN
    assert basic["change_rate"] == Decimal("-0.25")


def test_the_rate_of_all_expenditure_is_the_same_on_every_sheet():
    halves = {"basic": {"actual_expenditure": 70}, "project": {"actual_expenditure": 20}}
    whole = {"total": {"adjusted_budget": 100, "actual_expenditure": 90}}
    made = summary_of(
        [workbook(department("甲", expenditure={**halves, **whole})), workbook(dept("乙", 200, 200))]
    )
    (total,) = rows(made, "flows", kind="支出合计")
    assert total["execution_rate"] == made.everything.execution_rate == Decimal(290) / Decimal(300)


# --- indicators ---------------------------------------------------------------------------------------

ROWS = [
    {"level1": "产出指标", "level2": "数量指标", "name": "培训", "target": "≥10场", "actual": "12场"},
    {"level1": "产出指标", "level2": "数量指标", "name": "巡查", "target": "≥10场", "actual": "4场"},
    {"name": "走访", "target": "≥10户", "actual": "5户", "reason": "经费年中调减，其余走访顺延。"},
    {"name": "风貌", "target": "有所改善", "actual": "见附件", "status": "已完成"},
    {"name": "其他", "target": "有所改善", "actual": "见附件二十"},
]


def test_indicators_are_counted_as_recomputed_and_else_as_stated():
    made = summary_of([workbook(dept("甲", indicators=ROWS))])
    (unit,) = made.table("units").records
    assert (unit["indicators"], unit["met"], unit["unmet"], unit["undecided"]) == (5, 2, 2, 1)
    assert unit["completion_rate"] == Decimal("0.4")


def test_unfinished_indicators_without_a_reason_are_marked():
    made = summary_of([workbook(dept("甲", indicators=ROWS))])
    assert [(row["name"], row["reason_given"]) for row in made.table("unfinished").records] == [
        ("巡查", "未说明"),
        ("走访", "已说明"),
    ]


def test_an_indicator_shows_what_was_read_beside_what_was_written():
    made = summary_of([workbook(dept("甲", indicators=ROWS[:1]))])
    (row,) = made.table("indicators").records
    assert (row["operator"], row["target_number"], row["target_unit"]) == ("≥", 10, "场")
    assert (row["actual_number"], row["completion"], row["status"]) == (12, Decimal("1.2"), "已完成")
    assert row["cell"].startswith("绩效指标!")


# --- projects -----------------------------------------------------------------------------------------

LISTED = {"project_name": "长者服务", "fund_source": "本级", "adjusted_budget": 10, "actual_expenditure": 8}


def test_fund_sources_of_a_project_are_added_up():
    listed = [LISTED, {**LISTED, "fund_source": "上级", "actual_expenditure": 10}]
    made = summary_of([workbook(dept("甲", projects=listed))])
    (row,) = made.table("projects").records
    assert (row["adjusted_budget"], row["actual_expenditure"]) == (20 * WAN, 18 * WAN)
    assert (row["sources"], row["execution_rate"]) == ("本级；上级", Decimal("0.9"))


def test_a_project_told_of_twice_is_counted_once_with_its_own_figures():
    made = summary_of(
        [
            workbook(dept("甲", projects=[LISTED])),
            workbook(project("甲", "长者服务项目", 10, 9), "项目.xlsx"),
        ]
    )
    (row,) = made.table("projects").records
    assert (row["actual_expenditure"], row["origin"]) == (9 * WAN, "项目自评表")
    assert "只计一次" in row["remark"]
    assert "全年执行数相差 +1.00 万元" in row["remark"]
    assert made.everything.project_expenditure == 9 * WAN
    assert not disagreements(made)


@pytest.mark.parametrize(
    "other", [project("乙", "长者服务", 10, 9), project("甲", "长者服务", 10, 9, year=2023)]
)
def test_a_project_of_another_unit_or_year_is_another_project(other: dict[str, Any]):
    made = summary_of([workbook(dept("甲", projects=[LISTED])), workbook(other, "项目.xlsx")])
    assert made.everything.projects == 2


def test_similar_names_in_one_table_are_not_merged():
    listed = [LISTED, {**LISTED, "project_name": "长者服务经费"}]
    made = summary_of(
        [
            workbook(dept("甲", projects=listed)),
            workbook(project("甲", "长者服务项目", 10, 9), "项目.xlsx"),
        ]
    )
    assert made.everything.projects == 3
    (own,) = rows(made, "projects", origin="项目自评表")
    assert "请核对是否重复计列" in own["remark"]


def test_a_project_name_of_nothing_but_its_suffix_keeps_it():
    assert project_key("专项经费") == "专项"
    assert project_key("经费项目") == "经费项目"


# --- scores, grades, groups, issues -------------------------------------------------------------------


def graded(name: str, score: Any, grade: str, budget: int = 100) -> CheckResult:
    answers = dept(name, budget, 90, scores={"total": {"max_score": 100, "score": score}})
    return workbook({**answers, "result": {"grade": grade}} if grade else answers)


def test_equal_units_share_a_rank():
    made = summary_of(
        [graded("甲", 90, "优"), graded("乙", 95, "优"), graded("丙", 90, "优"), graded("丁", 80, "良")]
    )
    assert [row["score_rank"] for row in made.table("units").records] == [2, 1, 2, 4]


def test_grades_are_counted_as_stated_and_as_earned():
    made = summary_of([graded("甲", 95, "优"), graded("乙", 85, "优", 300), graded("丙", 70, "")])
    by_grade = {row["grade"]: row for row in made.table("grades").records}
    assert {name: row["count"] for name, row in by_grade.items() if row["count"]} == {
        "优": 2,
        "未评": 1,
        "合计": 3,
    }
    assert by_grade["良"]["computed"] == 1
    assert by_grade["优"]["adjusted_budget"] == 400 * WAN
    assert by_grade["优"]["budget_share"] == Decimal("0.8")


def test_scored_aspects_of_the_form_become_columns():
    aspects = {"assets": {"max_score": 10, "score": 9}, "transparency": {"max_score": 3, "score": 3}}
    made = summary_of([workbook(dept("甲", management=aspects))])
    headings = [column.heading for column in made.table("scores").columns]
    assert "资产管理" in headings
    assert made.table("scores").records[0]["资产管理"] == 9


def test_years_and_districts_are_kept_apart_when_there_are_several():
    first, second = dept("甲", 100, 50), dept("乙", 300, 300)
    second["cover"] = {**second["cover"], "fiscal_year": 2023}
    made = summary_of([workbook(first), workbook(second)])
    assert [(row["year"], row["execution_rate"]) for row in made.table("groups").records] == [
        (2023, Decimal(1)),
        (2024, Decimal("0.5")),
    ]
    with pytest.raises(KeyError):
        summary_of([workbook(first)]).table("groups")


def test_the_gravest_issues_come_first():
    made = summary_of(
        [
            workbook(dept("甲"), issues=[issue(Severity.NOTE), issue(Severity.ERROR)]),
            workbook(dept("乙"), issues=[issue(Severity.EXPLAIN)]),
        ]
    )
    assert [(row["severity"], row["unit"]) for row in made.table("issues").records] == [
        ("必改", "甲"),
        ("需说明", "乙"),
        ("提示", "甲"),
    ]


def test_issues_between_workbooks_are_listed_too():
    between = replace(issue(Severity.ERROR, "X01", "没有报送"), unit="丙")
    made = summary(replace(collected([workbook(dept("甲"))]), issues=(between,)))
    assert [row["unit"] for row in made.table("issues").records] == ["丙"]
    assert made.reporting.errors == 1


# --- for any collection -------------------------------------------------------------------------------

cents = st.integers(0, 10**9).map(lambda fen: Decimal(fen).scaleb(-2))
unknown_or = st.one_of(st.none(), cents)


@given(st.lists(unknown_or, max_size=40))
def test_printed_parts_add_up_to_the_printed_total(yuan: list[Decimal | None]):
    printed, moved = balanced_wan(yuan)
    known = [part for part in yuan if part is not None]
    assert sum((part for part in printed if part is not None), Decimal(0)) == wan(sum(known, Decimal(0)))
    for place, (part, shown) in enumerate(zip(yuan, printed, strict=True)):
        assert (part is None) == (shown is None)
        if part is not None and shown is not None:
            assert abs(part / WAN - shown) < Decimal("0.01")
            assert (shown != wan(part)) == (place in moved)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(cents, cents, unknown_or), min_size=1, max_size=6))
def test_the_total_is_the_sum_of_the_units_however_it_is_reached(units: list[tuple[Any, ...]]):
    results = []
    for number, (basic, other, initial) in enumerate(units):
        parts = {
            "basic": {"adjusted_budget": f"{basic}元", "actual_expenditure": f"{other}元"},
            "project": {"adjusted_budget": f"{other}元", "actual_expenditure": f"{basic}元"},
            **({"total": {"initial_budget": f"{initial}元"}} if initial is not None else {}),
        }
        results.append(workbook(department(f"单位{number}", expenditure=parts)))
    made = summary_of(results)
    assert made.everything.adjusted_budget == sum(basic + other for basic, other, _ in units)
    assert made.everything.adjusted_budget == sum(r["adjusted_budget"] for r in made.table("units").records)
    assert not disagreements(made)


def test_nothing_received_is_still_a_summary():
    made = summary(collected([]))
    assert made.everything.units == 0
    assert made.everything.execution_rate is None
    assert all(not table.records for table in made.tables if table.id != "reconciliation")
    assert not disagreements(made)


def test_nothing_readable_is_still_a_summary():
    made = summary_of([unreadable("坏.xlsx")])
    assert (made.reporting.workbooks, made.reporting.counted, made.reporting.unreadable) == (1, 0, 1)
    assert not disagreements(made)


def test_project_workbooks_alone_still_make_charts():
    made = summary_of([workbook(project("甲", "长者服务", 10, 9), "项目.xlsx")])
    assert made.charts["execution"].series["预算执行率"] == (Decimal("0.9"),)


@pytest.mark.parametrize("name", ["xinhua-2022", "zhongcun-2024", "qianjin-2023", "huadi-2021"])
def test_every_sample_reconciles_across_the_sheets(name: str):
    answers = builders.sample(name)
    form, file = forms()[answers.pop("form")], answers.pop("file")
    made = summary_of([result(form, answers, file)])
    assert [row["item"] for row in disagreements(made) if row["topic"] != "单位合计与分项"] == []


def test_a_column_that_takes_its_kind_from_the_row_finds_it_there():
    made = summary_of([workbook(dept("甲"))])
    for table in made.tables:
        if any(column.kind is Kind.BY_ROW for column in table.columns):
            assert all(isinstance(row["kind"], Kind) for row in table.records)
