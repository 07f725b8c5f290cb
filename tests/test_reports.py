"""The units' reports: every figure of a workbook in its place, nothing invented, nothing empty."""

from __future__ import annotations

import copy
import io
import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import docx
import pytest
from builders import collected, department, forms, result
from hypothesis import given, settings
from hypothesis import strategies as st
from printed_reports import PRINTED, REPORTS, PrintedTable
from report_reading import Report, unit_reports
from valid import DEPARTMENT

from toolkit.checks.model import CheckResult
from toolkit.checks.runner import Task, check_workbook
from toolkit.submission.guard import Limits
from toolkit.submission.reader import Reader
from toolkit.summary.entries import counting_entries
from toolkit.writers.narrative import TemplateError
from toolkit.writers.report_context import unit_context
from toolkit.writers.reports import Reports, template_problems

sys.path.append(str(Path(__file__).parent.parent / "scripts"))

import make_narratives
import make_samples

ROOT = Path(__file__).resolve().parent.parent
NARRATIVES = ROOT / "templates" / "narratives"
UNIT, DISTRICT = NARRATIVES / "单位自评报告.docx", NARRATIVES / "汇总报告.docx"
PROJECT = NARRATIVES / "项目自评报告.docx"
UNITS = tuple(sorted(NARRATIVES.glob("单位*.docx")))
CREATED = datetime(2025, 4, 8)


@cache
def reports(template: str = UNIT.name) -> Reports:
    """The shipped templates, department reports by the one named."""
    return reports_of(NARRATIVES / template)


def reports_of(template: Path) -> Reports:
    by_entity = {"department": template, "project": PROJECT}
    return Reports(
        uses={by_entity[form.entity]: [form] for form in forms().values() if form.entity in by_entity},
        serving=lambda form, year, unit: by_entity[form.entity],
        collection=DISTRICT,
        forms=forms(),
        vocabulary=forms(),
    )


def unit_report(answers: Mapping[str, Any], template: str = UNIT.name) -> Report:
    """Return the report of one workbook that says `answers`."""
    (only,) = made(result(forms()["department"], answers, "甲.xlsx"), template=template).values()
    return only


def project_report(answers: Mapping[str, Any]) -> Report:
    """Return the report of one project's workbook that says `answers`."""
    (only,) = made(result(forms()["project"], answers, "甲.xlsx")).values()
    return only


def made(*results: CheckResult, template: str = UNIT.name) -> dict[str, Report]:
    """Return the reports by file stem."""
    made_reports = unit_reports(reports(template), collected(results), CREATED)
    return {stem: Report(content) for stem, content in made_reports}


def context(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the template of a unit's report may ask about `answers`."""
    given_answers = collected([result(forms()["department"], answers, "甲.xlsx")])
    return unit_context(counting_entries(given_answers, forms(), "")[0], forms())


@pytest.fixture(scope="module")
def sample_results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CheckResult]:
    """Write the sample workbooks, read and judge them: the way a build sees them."""
    folder = tmp_path_factory.mktemp("workbooks")
    stems = [path.stem for path in sorted(make_samples.SAMPLES.glob("*.toml"))]
    paths = make_samples.write_samples(make_samples.load_samples(), folder)
    reader = Reader(list(forms().values()))
    return {
        stem: check_workbook(Task(path, path.name), reader, Limits())
        for stem, path in zip(stems, paths, strict=True)
    }


@pytest.fixture(scope="module")
def samples(sample_results: dict[str, CheckResult]) -> dict[str, Report]:
    """The report of each of the five sample departments in its own outline, by sample."""
    return {
        stem: next(iter(made(sample_results[stem], template=PRINTED[stem].template).values()))
        for stem in REPORTS
    }


# what the public reports print, these reports print


@pytest.mark.parametrize("stem", REPORTS)
def test_the_outline_is_that_of_the_public_report(samples: dict[str, Report], stem: str) -> None:
    assert [block.text for block in samples[stem].blocks if block.level] == list(PRINTED[stem].headings)


@pytest.mark.parametrize("stem", REPORTS)
def test_every_figure_the_public_report_prints_is_in_the_report_made_from_its_workbook(
    samples: dict[str, Report], stem: str
) -> None:
    assert [figure for figure in PRINTED[stem].figures if figure not in samples[stem].text] == []


@pytest.mark.parametrize("stem", [stem for stem in REPORTS if PRINTED[stem].corrected])
def test_a_rate_that_contradicts_its_amounts_is_printed_as_they_make_it(
    samples: dict[str, Report], stem: str
) -> None:
    for printed, right in PRINTED[stem].corrected:
        assert printed not in samples[stem].text
        assert right in samples[stem].text


@pytest.mark.parametrize(
    ("stem", "table"),
    [
        pytest.param(stem, table, id=f"{stem}-{table.caption}")
        for stem in REPORTS
        for table in PRINTED[stem].tables
    ],
)
def test_tables_have_the_rows_of_the_public_report(
    samples: dict[str, Report], stem: str, table: PrintedTable
) -> None:
    heading, *rows = samples[stem].table(table.caption)
    places = [heading.index(column) for column in table.columns]
    told = [tuple(row[place].strip("　") for place in places) for row in rows]
    assert [row for row in told if row in table.rows] == list(table.rows)


@pytest.mark.parametrize("stem", REPORTS)
def test_a_public_report_s_tables_are_all_told(samples: dict[str, Report], stem: str) -> None:
    captions = [block.text.partition("　")[2] for block in samples[stem].blocks if block.style == "Caption"]
    assert [table.caption for table in PRINTED[stem].tables if table.caption not in captions] == []


def test_equal_levels_of_indicators_are_merged(samples: dict[str, Report]) -> None:
    rows = samples["xinhua-2022"].table("部门年度绩效指标完成情况")[1:]
    assert [row[0] for row in rows] == ["产出指标"] * 13 + ["效益指标"] * 8


@pytest.mark.parametrize("stem", REPORTS)
def test_no_sample_report_has_a_slip_an_empty_chapter_or_a_wrong_number(
    samples: dict[str, Report], stem: str
) -> None:
    assert samples[stem].slips() == []


def test_a_figure_in_the_wrong_unit_of_money_is_printed_as_written(samples: dict[str, Report]) -> None:
    assert "全年预算数7704.69元，决算数7,663.69万元，完成全年预算的99.47%。" in samples["changhua-2024"].text


def test_the_report_ends_with_annex_unit_and_date_of_filling_in(samples: dict[str, Report]) -> None:
    ending = [block.text for block in samples["xinhua-2022"].blocks if block.text][-3:]
    assert ending == [
        "附件：2022年度广州市花都区人民政府新华街道办事处部门整体支出绩效自评表",
        "广州市花都区人民政府\n新华街道办事处",
        "2023年3月30日",
    ]


# what a template is told


def test_a_required_answer_that_is_missing_is_marked_and_an_optional_one_is_none() -> None:
    values = context(department("甲街道", expenditure={"total": {"actual_expenditure": 5}}))
    assert values["plan"]["goal"] == "【待补充：年度整体绩效目标】"
    assert values["plan"]["overview"] is None
    assert values["expenditure"]["total"]["adjusted_budget"] == "【待补充：支出合计·全年预算数】"
    assert values["expenditure"]["total"]["initial_budget"] is None


def test_rates_are_recomputed_when_both_parts_are_known_and_stated_otherwise() -> None:
    values = context(
        department(
            "甲街道",
            expenditure={
                "basic": {"adjusted_budget": 10, "actual_expenditure": 8, "execution_rate": "99%"},
                "project": {"actual_expenditure": 8, "execution_rate": "97%"},
            },
        )
    )["expenditure"]
    assert values["basic"]["execution_rate"] == Decimal("0.8")
    assert values["project"]["execution_rate"] == Decimal("0.97")
    assert values["remitted"]["execution_rate"] is None


def test_a_total_nobody_stated_is_the_sum_of_its_parts() -> None:
    flows = {"basic": {"actual_expenditure": 2}, "project": {"actual_expenditure": 3}}
    values = context(department("甲街道", expenditure=flows))["expenditure"]
    assert values["total"]["actual_expenditure"] == 50_000
    assert [row["name"] for row in values["filled"]] == ["基本支出", "项目支出", "支出合计"]
    assert [row["name"] for row in values["parts"]] == ["基本支出", "项目支出"]


def test_zero_is_an_answer_and_stays_in_the_tables() -> None:
    flows = {"basic": {"actual_expenditure": 2}, "business": {"actual_expenditure": 0}}
    report = unit_report(department("甲街道", expenditure=flows))
    rows = report.table("部门支出情况")
    assert ["经营支出", "—", "0.00", "—", "0.00%"] in rows
    assert "对附属单位补助支出" not in report.text


def test_last_year_follows_from_the_stated_change() -> None:
    flows = {"basic": {"actual_expenditure": 3502.89, "change_amount": -628.34}}
    text = unit_report(department("甲街道", expenditure=flows)).text
    assert "基本支出3,502.89万元，占100.00%，比上年决算数减少628.34万元，下降15.21%" in text


def test_the_word_none_answers_what_must_be_answered_and_nothing_else() -> None:
    answers = department(
        "甲街道",
        plan={"goal": "目标。", "goal_reason": "无"},
        problems=[{"text": "无"}],
        measures=[{"text": "—"}],
    )
    report = unit_report(answers)
    assert "原因" not in report.text
    chapters = report.text.split("存在的主要问题\n")[1]
    assert chapters.startswith("无\n四、下一步改进措施\n【待补充")


def test_headings_a_clerk_has_numbered_are_numbered_once() -> None:
    rows = [{"heading": "（一）进度偏慢。", "text": "甲。"}, {"heading": "2. 人手不足", "text": "乙。"}]
    report = unit_report(department("甲街道", problems=rows), "单位自评报告（附表）.docx")
    assert report.headings(2)[-2:] == ["（一）进度偏慢", "（二）人手不足"]


def test_the_paragraphs_of_the_clerk_stay_paragraphs() -> None:
    report = unit_report(department("甲街道", plan={"goal": "一是甲。\n二是乙。\n\n三是丙。"}))
    lines = [block.text for block in report.blocks]
    assert lines[lines.index("一是甲。") :][:3] == ["一是甲。", "二是乙。", "三是丙。"]


def test_projects_are_grouped_whatever_word_ends_their_names_and_totals_are_not_data() -> None:
    projects = [
        {
            "project_name": "环卫保洁项目",
            "fund_source": "区级",
            "adjusted_budget": 10,
            "actual_expenditure": 9,
        },
        {"fund_source": "市级", "adjusted_budget": 30, "actual_expenditure": 30},
        {"total": True, "fund_source": "合计", "adjusted_budget": 99, "actual_expenditure": 99},
    ]
    indicators = [{"project_name": "环卫保洁", "name": "清运率", "target": "≥95%", "actual": "97%"}]
    (project,) = context(department("甲街道", projects=projects, project_indicators=indicators))["report"][
        "projects"
    ]
    assert project["title"] == "环卫保洁项目"
    assert [row["fund_source"] for row in project["funds"]] == ["区级", "市级"]
    assert (project["adjusted_budget"], project["execution_rate"]) == (400_000, Decimal("0.975"))
    assert [row["status"] for row in project["indicators"]] == ["已完成"]


def test_a_stated_completion_stands_where_none_can_be_computed() -> None:
    rows = [
        {"name": "活动", "target": "不少于8场", "actual": "完成目标值", "completion": "100%"},
        {"name": "投诉", "target": "≥500人次", "actual": "208人次", "completion": "100%"},
    ]
    shown = context(department("甲街道", indicators=rows))["indicators"]
    assert [(row["completion"], row["status"]) for row in shown] == [
        (Decimal(1), "待核实"),
        (Decimal("0.416"), "未完成"),
    ]


def test_an_unmet_indicator_without_a_reason_asks_for_one() -> None:
    rows = [{"name": "慰问", "target": "≥500人次", "actual": "208人次"}]
    text = unit_report(department("甲街道", indicators=rows)).text
    assert (
        "偏差原因和改进措施：慰问（年度指标值≥500人次，实际完成值208人次）：【待补充：偏差原因分析及改进措施】。"
        in text
    )


def test_scored_indicators_show_weight_and_score() -> None:
    report = unit_report(DEPARTMENT)
    heading, first, *_ = report.table("部门年度绩效指标完成情况")
    assert heading[-2:] == ["分值", "得分"]
    assert first[-2:] == ["30", "30"]
    assert report.slips() == []


def test_a_unit_without_any_answer_still_has_a_whole_report() -> None:
    report = unit_report(department("甲街道"))
    assert report.slips() == []
    assert "【待补充：存在的主要问题】" in report.text
    assert "【待补充：成文日期】" in report.text


@settings(max_examples=30, deadline=None)
@given(left_out=st.sets(st.sampled_from(sorted(DEPARTMENT.keys() - {"cover"}))))
def test_whatever_chapters_are_left_out_the_rest_stays_whole_and_numbered(left_out: set[str]) -> None:
    answers = {name: part for name, part in DEPARTMENT.items() if name not in left_out}
    assert unit_report(answers).slips() == []


@settings(max_examples=30, deadline=None)
@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Cn", "Zs", "Zl", "Zp")), min_size=1))
def test_any_text_a_clerk_may_write_arrives_as_written(text: str) -> None:
    answers = copy.deepcopy(DEPARTMENT)
    answers["plan"]["goal"] = f"甲{text}乙"
    answers["duty_analysis"] = [{"text": f"甲{text}乙"}]
    lines = [block.text for block in unit_report(answers).blocks]
    assert lines.count(f"甲{text}乙") == 2


# files and templates


def test_a_report_is_named_after_its_unit_and_after_the_year_when_there_are_several() -> None:
    form = forms()["department"]
    results = [
        result(form, department("甲街道", 2023), "a.xlsx"),
        result(form, department("甲街道", 2024), "b.xlsx"),
        result(form, department("乙/街道", 2024), "c.xlsx"),
    ]
    assert list(made(*results)) == ["甲街道（2023）", "甲街道（2024）", "乙_街道"]


def test_units_whose_names_become_the_same_file_name_both_keep_their_report() -> None:
    form = forms()["department"]
    results = [result(form, department(name), f"{i}.xlsx") for i, name in enumerate(("甲/局", "甲?局"))]
    assert list(made(*results)) == ["甲_局", "甲_局（2）"]


def test_workbooks_that_do_not_count_get_no_report() -> None:
    form = forms()["department"]
    results = [result(form, department("甲街道"), "a.xlsx"), result(form, department("乙街道"), "b.xlsx")]
    counting = collected(results, (), {"b.xlsx"})
    assert [stem for stem, _ in unit_reports(reports(), counting, CREATED)] == ["乙街道"]


def test_the_same_workbooks_make_the_same_bytes() -> None:
    given_results = collected([result(forms()["department"], DEPARTMENT, "a.xlsx")])
    first, second = (list(unit_reports(reports(), given_results, CREATED)) for _ in range(2))
    assert first == second


def test_the_shipped_templates_are_what_the_script_writes(tmp_path: Path) -> None:
    assert make_narratives.main(["-o", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in NARRATIVES.glob("*.docx")}
    for path in NARRATIVES.glob("*.docx"):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_the_shipped_templates_ask_only_what_the_shipped_forms_know() -> None:
    department_form, project_form = forms()["department"], forms()["project"]
    served = {**{path: [department_form] for path in UNITS}, PROJECT: [project_form], DISTRICT: []}
    assert list(template_problems(served, forms(), forms())) == []


@pytest.fixture
def misspelt(tmp_path: Path) -> Iterator[Path]:
    """A unit template that asks for a name one letter off, in a branch most reports do not take."""
    document = docx.Document(str(UNIT))
    run = next(p for p in document.paragraphs if "next_year }}年度工作计划" in p.text).runs[0]
    run.text = run.text.replace("report.next_year", "report.nextyear")
    path = tmp_path / "改过的模板.docx"
    document.save(str(path))
    yield path


def test_a_misspelt_name_is_told_with_template_paragraph_and_suggestion(misspelt: Path) -> None:
    (line,) = template_problems({misspelt: [forms()["department"]]}, forms(), forms())
    assert line.startswith("改过的模板.docx：“")
    assert "report.nextyear" in line
    assert "是否应为“next_year”？" in line


def test_a_bad_template_is_refused_before_any_work(misspelt: Path) -> None:
    with pytest.raises(TemplateError, match="改过的模板"):
        reports_of(misspelt)


def test_a_file_that_is_no_template_is_one_problem(tmp_path: Path) -> None:
    path = tmp_path / "模板.docx"
    path.write_bytes(b"not a document")
    (line,) = template_problems({path: []}, forms(), forms())
    assert line.startswith("模板.docx：") and "打不开" in line


def test_properties_name_the_unit_and_the_title(sample_results: dict[str, CheckResult]) -> None:
    only = collected([sample_results["xinhua-2022"]])
    ((_, content),) = unit_reports(reports("单位自评表说明.docx"), only, CREATED)
    properties = docx.Document(io.BytesIO(content)).core_properties
    assert properties.title == "2022年度广州市花都区人民政府新华街道办事处部门整体支出绩效自评表说明"
    assert properties.author == "广州市花都区人民政府新华街道办事处"
    assert properties.created is not None and properties.created.date() == date(2025, 4, 8)
