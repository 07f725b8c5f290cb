"""Whatever valid answers a form may hold, every template makes a whole report of them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import valid
from builders import collected, result
from hypothesis import given, settings
from hypothesis import strategies as st
from report_reading import Report, unit_reports

from toolkit.checks.model import CheckResult
from toolkit.collection import load_forms
from toolkit.form.labels import unnumbered
from toolkit.form.model import Field, FieldType, Form, Section, SectionKind
from toolkit.summary.summarise import summarise
from toolkit.writers.reports import Reports

NARRATIVES = Path(__file__).parent.parent / "templates" / "narratives"
CREATED = datetime(2025, 4, 8)
FORMS: dict[str, Form] = {form.id: form for form in load_forms(None)}
SERVING = {"department": "单位*.docx", "project": "项目*.docx"}  # no report is written of a running year
PAIRS = [
    (form, path.name)
    for form in FORMS.values()
    if form.entity in SERVING
    for path in sorted(NARRATIVES.glob(SERVING[form.entity]))
]

WORDS = st.sampled_from(  # of one line, ended as clerks end them
    [
        *("按计划完成", "全年开展活动12场。", "道路维护；", " 招标延期，已整改。 ", "A & B <公司>"),
        *("（一）人手不足", "1.进度偏慢", "😀满意"),
    ]
)
LINES = st.lists(
    st.sampled_from(
        ["按计划完成", "全年开展活动12场。", "1.进度偏慢，已整改。", "A & B <公司>。", "一是甲。"]
    ),
    min_size=1,
    max_size=4,
).map("\n".join)
LONG = st.sampled_from(["街道落实各项任务，群众较为满意。" * 60, "无标点长文本" * 80])
AMOUNTS = st.sampled_from([0, 3, *map(Decimal, ("0.004", "1.005", "437176.6", "99999999.99", "0.01"))])
RATES = st.sampled_from(["0%", "97.55%", "100%", "228.4%", "0.01%", "达标完成"])
TARGETS = st.sampled_from(
    ["≥90%", "不少于8场", "0次", "2024年12月底前", "符合上级有关规定", "5个", "≤1%", "完成率≥90%"]
)
ACTUALS = st.sampled_from(
    ["95%", "7场", "0次", "2024年11月3日", "符合上级有关规定", "11,476 人次", "5", "正在逐步解决"]
)
OF_TYPE: dict[FieldType, st.SearchStrategy[Any]] = {
    FieldType.MONEY: AMOUNTS,
    FieldType.NUMBER: st.sampled_from([Decimal(0), Decimal("47.5"), Decimal(10), Decimal("33.33")]),
    FieldType.INTEGER: st.sampled_from([0, 1, 73]),
    FieldType.PERCENT: RATES,
    FieldType.DATE: st.just(date(2025, 3, 5)),
    FieldType.YEAR: st.just(2024),
    FieldType.TARGET: TARGETS,
    FieldType.ACTUAL: ACTUALS,
    FieldType.PROSE: st.one_of(LINES, LINES, LONG),
}


def _value(field: Field) -> st.SearchStrategy[Any]:
    if field.type is FieldType.CHOICE and field.choices:
        return st.sampled_from(field.choices)
    return OF_TYPE.get(field.type, WORDS)


def _row(fields: list[Field]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={field.id: _value(field) for field in fields})


def _answers(section: Section) -> st.SearchStrategy[Any]:
    fields = list(section.fields)
    if section.kind is SectionKind.ANSWERS:
        return _row(fields)
    if section.kind is SectionKind.GRID:
        rows = {row.id: _row([field for field in fields if row.asks(field.id)]) for row in section.rows}
        return st.fixed_dictionaries({}, optional=rows)
    key = [field for field in fields if field.key][:1]
    row = _row(fields)
    keyed = st.tuples(row, *(_value(field) for field in key)).map(
        lambda drawn: {**drawn[0], **{field.id: value for field, value in zip(key, drawn[1:], strict=True)}}
    )
    return st.one_of(st.just([]), st.lists(keyed, min_size=1, max_size=3), keyed.map(lambda one: [one] * 40))


@cache
def submissions(form_id: str) -> st.SearchStrategy[dict[str, Any]]:
    """Valid answers of a form: any section missing, none, one or many rows, zeros, long texts."""
    sections = {section.id: _answers(section) for section in FORMS[form_id].sections}
    return st.fixed_dictionaries({}, optional=sections)


@cache
def reports(form_id: str, template: str) -> Reports:
    form, path = FORMS[form_id], NARRATIVES / template
    vocabulary = {entity: FORMS[entity] for entity in ("department", "project")}
    return Reports(
        uses={path: [form]},
        serving=lambda form, year, unit: path,
        collection=NARRATIVES / "汇总报告.docx",
        forms=FORMS,
        vocabulary=vocabulary,
    )


@pytest.mark.parametrize(
    ("form", "template"), [pytest.param(*pair, id=f"{pair[0].id}-{pair[1]}") for pair in PAIRS]
)
def test_every_template_makes_a_whole_report_of_any_answers(form: Form, template: str) -> None:
    @settings(max_examples=8, deadline=None)
    @given(submissions(form.id))
    def whole(answers: dict[str, Any]) -> None:
        only = collected([result(form, answers, "甲.xlsx")])
        ((_, content),) = unit_reports(reports(form.id, template), only, CREATED)
        report = Report(content)
        assert report.slips() == []
        assert report.oddities() == []

    whole()


@settings(max_examples=10, deadline=None)
@given(st.lists(submissions("department"), max_size=3), st.lists(submissions("project"), max_size=2))
def test_the_district_report_is_whole_whatever_the_units_say(
    departments: list[dict[str, Any]], projects: list[dict[str, Any]]
) -> None:
    results = [
        *(_named("department", "cover", number, answers) for number, answers in enumerate(departments)),
        *(_named("project", "project", number, answers) for number, answers in enumerate(projects)),
    ]
    told = collected(results)
    forms = {name: FORMS[name] for name in ("department", "project")}
    summary = summarise(told, forms, title="自评汇总", district="某区")
    made = reports("department", "单位自评报告.docx")
    report = Report(made.collection_report(summary, told, "自评汇总", CREATED))
    assert report.slips() == []
    assert report.oddities() == []


def _named(form: str, cover: str, number: int, answers: dict[str, Any]) -> CheckResult:
    named = {**answers, cover: {**answers.get(cover, {}), "unit_name": f"第{number}街道"}}
    return result(FORMS[form], named, f"{form}{number}.xlsx")


def test_what_only_another_province_asks_is_in_the_project_s_report() -> None:
    form = FORMS["sichuan-project"]
    filled = result(form, valid.answers("sichuan-project"), "甲.xlsx")
    ((stem, content),) = unit_reports(reports(form.id, "项目自评报告.docx"), collected([filled]), CREATED)
    report = Report(content)
    assert report.slips() == []
    prose = [
        (field.label, row[field.id].text.strip())
        for section in form.sections
        if section.id in ("process", "result") and filled.submission is not None
        for row in filled.submission.sections[section.id].rows
        for field in section.fields
        if field.type is FieldType.PROSE and row[field.id].text.strip()
    ]
    assert prose
    headings = report.headings(2)
    for label, text in prose:
        assert any(heading.endswith(unnumbered(label)) for heading in headings), label
        assert text.splitlines()[0] in report.text
    assert "-" in stem


def test_the_last_words_stay_on_the_page_of_the_signature() -> None:
    answers = {"cover": {"unit_name": "甲街道", "fiscal_year": 2024}, "measures": [{"text": "最后一段。"}]}
    only = collected([result(FORMS["department"], answers, "甲.xlsx")])
    ((_, content),) = unit_reports(reports("department", "单位自评报告.docx"), only, CREATED)
    paragraphs = Report(content).document.paragraphs
    texts = [paragraph.text for paragraph in paragraphs]
    first = texts.index("最后一段。")
    assert texts[first:] == [
        "最后一段。",
        "",
        "附件：部门整体支出绩效自评表",
        "",
        "甲街道",
        "【待补充：成文日期】",
    ]
    assert all(paragraph.paragraph_format.keep_with_next for paragraph in paragraphs[first:-2])
    assert not paragraphs[first - 1].paragraph_format.keep_with_next
