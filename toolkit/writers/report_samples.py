"""Workbooks that answer every question of a form: the data a template is checked against before any work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from toolkit.checks.model import (
    CheckResult,
    Collected,
    Earlier,
    IndicatorResult,
    Standing,
    StandingRow,
    Waiver,
    WaiverState,
    WaiverUse,
)
from toolkit.checks.results import Results
from toolkit.checks.scoring import UNMET
from toolkit.form.model import Field, FieldType, Form, GridRow, Section, SectionKind
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Location
from toolkit.submission.model import (
    Actual,
    Answer,
    CellCount,
    Operator,
    Row,
    SectionData,
    Submission,
    Target,
    Value,
)

_YEARS = (2023, 2024)  # two, so that what only several years have is there too
_DAY = date(2025, 3, 10)
_MONEY = Decimal("12345600")  # yuan


def sample_result(form: Form, year: int = _YEARS[0]) -> CheckResult:
    """Return the result of a workbook in which every cell is filled and no indicator is met."""
    sections = {section.id: _section(section, year) for section in form.sections}
    file = f"{form.id}-{year}.xlsx"
    return CheckResult(
        file=file,
        sha256="",
        size=0,
        submission=Submission(file, form.id, form.version, sections, CellCount()),
        issues=(issue("F04", Location(file=file)),),
        unit=f"示例单位{year}",
        year=year,
        indicators={
            (section.id, "1"): IndicatorResult(section.id, "1", Decimal("0.5"), False, UNMET, None, "")
            for section in form.sections
            if section.indicators
        },
    )


def sample_collection(forms: Mapping[str, Form]) -> Collected:
    """Return a collection with every kind of standing and a workbook of each form and of two years."""
    known = {form.id: form for form in forms.values()}
    results = Results.of(
        (sample_result(form, year) for form in _unique(forms.values()) for year in _YEARS), known
    )
    standings = [
        StandingRow(head.unit, head.form, head.year, standing, file=head.file)
        for head in results.heads
        for standing in Standing
    ]
    waiver = WaiverUse(Waiver("某街道", "B07", "说明", "某科室"), WaiverState.USED, 1)
    counting = frozenset(head.file for head in results.heads)
    earlier = {head.file: Earlier.of(results, at, known[head.form]) for at, head in enumerate(results.heads)}
    return Collected(results, tuple(standings), counting, (), (waiver,), earlier=earlier)


def _unique(forms: Iterable[Form]) -> list[Form]:
    """Return each form once, though it may be known by id and by id@version."""
    return list({form.name: form for form in forms}.values())


def _section(section: Section, year: int) -> SectionData:
    if section.kind is SectionKind.GRID:
        return SectionData(section.id, tuple(_row(section, year, row) for row in section.rows))
    row = _row(section, year)
    return SectionData(section.id, (replace(row, id="1") if section.kind is SectionKind.TABLE else row,))


def _row(section: Section, year: int, grid_row: GridRow | None = None) -> Row:
    asked = [field for field in section.fields if grid_row is None or grid_row.asks(field.id)]
    answers = {field.id: Answer(_value(field, year), field.label, None) for field in asked}
    return Row(grid_row.id if grid_row else "", answers)


def _value(field: Field, year: int) -> Value:
    match field.type:
        case FieldType.TARGET:
            return Target("≥2", Operator.GE, Decimal(2))
        case FieldType.ACTUAL:
            return Actual("1", Decimal(1))
        case FieldType.DATE:
            return _DAY
        case FieldType.YEAR:
            return Decimal(year)
        case FieldType.CHOICE | FieldType.OPERATOR:
            return field.choices[0] if field.choices else field.label
        case FieldType.TEXT | FieldType.PROSE:
            return field.example or field.label
        case FieldType.MONEY:
            return _MONEY
        case _:
            return Decimal(1)
