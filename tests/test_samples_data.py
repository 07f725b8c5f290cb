"""The samples say what the public reports print, in places the forms know."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from printed_reports import PRINTED, REPORTS

from toolkit.form.loader import load_form
from toolkit.form.model import Field, FieldType, Form, SectionKind
from toolkit.lists import read_roster

ROOT = Path(__file__).resolve().parent.parent


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_samples", ROOT / "scripts" / "make_samples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


SCRIPT = _script()
SAMPLES: dict[str, Any] = dict(
    zip((path.stem for path in sorted(SCRIPT.SAMPLES.glob("*.toml"))), SCRIPT.load_samples(), strict=True)
)
FORMS = {name: load_form(ROOT / "templates" / "forms" / f"{name}.toml") for name in ("department", "project")}
ROW_KEYS = ("name", "fund_source", "text", "heading")


def _row(sample: str, section: str, row: str) -> dict[str, Any]:
    data = SAMPLES[sample].answers[section]
    if isinstance(data, list):
        found = [entry for entry in data if row in [entry.get(key) for key in ROW_KEYS]]
        assert len(found) == 1, f"{len(found)} rows named {row} in {section}"
        return dict(found[0])
    return dict(data[row] if row else data)


def _rows(answers: dict[str, Any], form: Form) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every row of a sample as (section, row id, values)."""
    for section, data in answers.items():
        kind = form.section(section).kind
        if kind is SectionKind.ANSWERS:
            yield section, "", data
        elif kind is SectionKind.GRID:
            yield from ((section, row, values) for row, values in data.items())
        else:
            yield from ((section, "", values) for values in data)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


CASES = [
    pytest.param(sample, section, row, field, printed, id=f"{sample}-{section}.{row}.{field}")
    for sample, told in PRINTED.items()
    for section, row, fields in told.answers
    for field, printed in fields.items()
]


@pytest.mark.parametrize(("sample", "section", "row", "field", "printed"), CASES)
def test_a_figure_stands_as_printed_where_it_belongs(
    sample: str, section: str, row: str, field: str, printed: str
) -> None:
    assert str(_row(sample, section, row)[field]) == printed


@pytest.mark.parametrize("sample", REPORTS)
def test_the_prose_keeps_the_figures_that_matter(sample: str) -> None:
    prose = "\n".join(_texts(SAMPLES[sample].answers))
    assert [figure for figure in PRINTED[sample].prose if figure not in prose] == []


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_names_only_sections_rows_and_fields_of_its_form(sample: str) -> None:
    form = FORMS[SAMPLES[sample].form]
    for section_id, row_id, values in _rows(SAMPLES[sample].answers, form):
        section = form.section(section_id)
        known = {field.id for field in section.fields}
        if row_id:
            known &= set(section.row(row_id).fields or known)
        if section.kind is SectionKind.TABLE:
            known.add("total")
        assert set(values) <= known, f"{section_id}.{row_id}"


def _fault(field: Field, value: Any) -> str:
    """Return why a form could not take the value, or an empty string."""
    if field.type is FieldType.DATE:
        return "" if isinstance(value, date) else "not a date"
    if field.type is FieldType.CHOICE and field.strict:
        return "" if value in (*field.choices, *field.choice_aliases) else "not a choice"
    if field.max_length and len(str(value)) > field.max_length:
        return f"longer than {field.max_length}"
    if field.type in {FieldType.TEXT, FieldType.PROSE}:
        return "" if isinstance(value, str) and value.strip() == value != "" else "not a clean text"
    return ""


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_answer_fits_its_field(sample: str) -> None:
    form = FORMS[SAMPLES[sample].form]
    for section, row, values in _rows(SAMPLES[sample].answers, form):
        for field_id, value in values.items():
            if field_id != "total":
                fault = _fault(form.section(section).field(field_id), value)
                assert not fault, f"{section}.{row}.{field_id} = {value!r}: {fault}"


@pytest.mark.parametrize(
    ("sample", "section", "count"),
    [
        ("qianjin-2023", "duties", 11),
        ("qianjin-2023", "tasks", 7),
        ("zhongcun-2024", "indicators", 26),
        ("zhongcun-2024", "tasks", 7),
        ("huadi-2021", "tasks", 4),
        ("xinhua-2022", "duties", 12),
        ("xinhua-2022", "offices", 14),
        ("xinhua-2022", "tasks", 6),
        ("xinhua-2022", "indicators", 21),
        ("xinhua-2022", "project_indicators", 12),
    ],
)
def test_a_list_is_as_long_as_in_the_report(sample: str, section: str, count: int) -> None:
    assert len(SAMPLES[sample].answers[section]) == count


@pytest.mark.parametrize(
    ("sample", "groups"),
    [
        (
            "zhongcun-2024",
            {
                ("产出指标", "数量指标"): 6,
                ("产出指标", "质量指标"): 4,
                ("产出指标", "时效指标"): 5,
                ("产出指标", "成本指标"): 2,
                ("效益指标", "经济效益"): 2,
                ("效益指标", "社会效益"): 2,
                ("效益指标", "生态效益"): 2,
                ("效益指标", "可持续发展"): 2,
                ("效益指标", "服务对象满意度"): 1,
            },
        ),
        (
            "xinhua-2022",
            {
                ("产出指标", "数量指标"): 9,
                ("产出指标", "质量指标"): 3,
                ("产出指标", "时效指标"): 1,
                ("效益指标", "社会指标"): 6,
                ("效益指标", "服务对象满意度"): 2,
            },
        ),
    ],
)
def test_indicators_are_grouped_as_in_the_merged_cells(
    sample: str, groups: dict[tuple[str, str], int]
) -> None:
    level1 = level2 = ""
    counted: dict[tuple[str, str], int] = {}
    for row in SAMPLES[sample].answers["indicators"]:
        level1, level2 = row.get("level1", level1), row.get("level2", level2)
        counted[level1, level2] = counted.get((level1, level2), 0) + 1
    assert counted == groups


@pytest.mark.parametrize(
    ("sample", "section", "row", "field"),
    [
        ("qianjin-2023", "expenditure", "basic", "adjusted_budget"),
        ("qianjin-2023", "expenditure", "project", "adjusted_budget"),
        ("qianjin-2023", "result", "", "grade"),
        ("zhongcun-2024", "expenditure", "total", "adjusted_budget"),
        ("changhua-2024", "indicators", "固定资产投资", "target"),
        ("changhua-2024", "result", "", "grade"),
        ("xinhua-2022", "expenditure", "total", "adjusted_budget"),
        ("xinhua-2022", "indicators", "重要节日慰问人次", "reason"),
        ("xinhua-2022", "indicators", "居民使用场室人次", "reason"),
        ("xinhua-2022", "indicators", "历史遗留问题解决率", "reason"),
        ("xinhua-2022-longevity", "funds", "total", "initial_budget"),
    ],
)
def test_what_the_report_does_not_print_stays_empty(sample: str, section: str, row: str, field: str) -> None:
    assert field not in _row(sample, section, row)


@pytest.mark.parametrize("sample", ["huadi-2021", "changhua-2024"])
def test_a_report_without_scores_gives_a_sample_without_scores(sample: str) -> None:
    assert "scores" not in SAMPLES[sample].answers


@pytest.mark.parametrize("sample", ["xinhua-2022-longevity", "xinhua-2022-epidemic"])
def test_a_project_sample_weighs_fifty_thirty_ten_and_ten(sample: str) -> None:
    answers = SAMPLES[sample].answers
    level1, weights = "", {"预算执行率": Decimal(answers["funds"]["total"]["max_score"])}
    for row in answers["indicators"]:
        if not row.get("total"):
            level1 = row.get("level1", level1)
            weights[level1] = weights.get(level1, Decimal(0)) + row["max_score"]
    assert weights == {"预算执行率": 10, "产出指标": 50, "效益指标": 30, "满意度指标": 10}


def test_the_roster_expects_every_sample_and_one_unit_more() -> None:
    reported = set()
    for sample in SAMPLES.values():
        form = FORMS[sample.form]
        unit, year = (form.summary[key][0] for key in ("unit", "year"))
        reported.add(
            (sample.answers[unit.section][unit.field], sample.answers[year.section][year.field], form.id)
        )
    expected = {(unit.name, unit.year, form) for unit in SCRIPT.ROSTER for form in unit.forms}
    assert expected - reported == {("广州市海珠区人民政府滨江街道办事处", 2024, "department")}
    assert reported <= expected


def test_the_roster_workbook_reads_back_as_written(tmp_path: Path) -> None:
    path = tmp_path / "名册.xlsx"
    SCRIPT.write_roster(SCRIPT.ROSTER, path)
    assert read_roster(path) == SCRIPT.ROSTER
