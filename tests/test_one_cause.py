"""One cause, one issue: what follows from a lost heading or an unreadable cell is not told again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from filling import fill, form, load_forms, read
from valid import answers

from toolkit.checks.model import CheckResult
from toolkit.form.layout import lay_out
from toolkit.form.model import FieldType, Form, SectionKind
from toolkit.form.places import Role
from toolkit.issues.model import Issue, Severity
from toolkit.submission.grid import a1

LABELS = (Role.HEADING, Role.ROW_LABEL, Role.SECTION_TITLE)
FORMS = load_forms()
NUMERIC = (FieldType.MONEY, FieldType.NUMBER, FieldType.INTEGER, FieldType.PERCENT)


def grave(result: CheckResult) -> list[Issue]:
    return [item for item in result.issues if item.severity is not Severity.NOTE]


def _labels() -> list[tuple[str, str, str, str]]:
    """Return (form, sheet, cell, text) of every heading, row label and section title of the blanks."""
    return [
        (asked.id, sheet.name, a1(place.row, place.column), place.text)
        for asked in FORMS
        for sheet in lay_out(asked, year=2024).sheets
        for place in sheet.placements
        if place.role in LABELS and place.text
    ]


def _figures() -> list[tuple[str, str, str, str]]:
    """Return (form, sheet, cell, name) of every numeric cell that the valid answers fill."""
    return [
        (asked.id, sheet, a1(place.row, place.column), f"{section}.{row}.{field}")
        for asked in FORMS
        for (section, row, field), (sheet, place) in lay_out(asked, year=2024).cells.items()
        if asked.section(section).field(field).type in NUMERIC and field in _given(asked, section, row)
    ]


def _given(asked: Form, section: str, row: str) -> dict[str, Any]:
    """Return the valid answers of one row."""
    told = answers(asked.id).get(section, {})
    match asked.section(section).kind:
        case SectionKind.ANSWERS:
            return dict(told)
        case SectionKind.GRID:
            return dict(told.get(row, {}))
        case _:
            return dict(told[int(row) - 1]) if row.isdigit() and int(row) <= len(told) else {}


@pytest.fixture(scope="module")
def valid(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every form filled validly, opened once: each test changes one cell and puts it back."""
    folder = tmp_path_factory.mktemp("valid")
    paths = {form.id: folder / f"{form.id}.xlsx" for form in FORMS}
    return {
        form.id: openpyxl.load_workbook(fill(form, answers(form.id), paths[form.id], year=2024))
        for form in FORMS
    }


def _with(book: Any, sheet: str, cell: str, value: str, path: Path) -> CheckResult:
    before = book[sheet][cell].value
    book[sheet][cell].value = value
    book.save(path)
    book[sheet][cell].value = before
    return read(path, FORMS)


@pytest.mark.parametrize(("name", "sheet", "cell", "text"), _labels(), ids=lambda value: str(value)[:16])
def test_a_misspelt_label_gives_at_most_one_issue(
    valid: dict[str, Any], tmp_path: Path, name: str, sheet: str, cell: str, text: str
) -> None:
    found = grave(_with(valid[name], sheet, cell, f"写错{text[:1]}的", tmp_path / "错.xlsx"))
    assert len(found) <= 1, [str(item.location) + item.message for item in found]


@pytest.mark.parametrize(("name", "sheet", "cell", "place"), _figures(), ids=lambda value: str(value)[-24:])
def test_an_unreadable_number_is_one_issue_on_its_own_cell(
    valid: dict[str, Any], tmp_path: Path, name: str, sheet: str, cell: str, place: str
) -> None:
    found = grave(_with(valid[name], sheet, cell, "详见附件说明", tmp_path / "错.xlsx"))
    assert [(item.code, item.location.sheet, item.location.cell) for item in found] == [("V01", sheet, cell)]


def test_a_table_whose_headings_are_lost_is_not_passed_over(valid: dict[str, Any], tmp_path: Path) -> None:
    """The scores of a department are two rows: without their heading none is found, and that is told."""
    layout = lay_out(form("department"), year=2024)
    extent = layout.extents["scores"]
    assert extent.heading is not None
    cell = a1(extent.heading, extent.columns["score"][0])
    (found,) = grave(_with(valid["department"], extent.sheet, cell, "备注", tmp_path / "错.xlsx"))
    assert (found.code, found.location.label) == ("S06", "自评得分")
