"""Every case: a valid sample, a few edits, and exactly the issues they must cause, each on its own cell."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from filling import form, read
from valid import answers

from toolkit.form.layout import lay_out
from toolkit.form.model import Form, SectionKind
from toolkit.form.places import Layout, Role
from toolkit.issues.catalogue import entries
from toolkit.issues.model import Severity
from toolkit.submission.grid import a1
from toolkit.writers.blank import write_blank

CASES = Path(__file__).parent / "cases"
YEAR = 2024


def case_files() -> list[Path]:
    return sorted(CASES.glob("*/*.toml"))


@pytest.mark.parametrize("path", case_files(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_case_gives_its_issues_and_no_other(path: Path, tmp_path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    asked = form(case["form"])
    given = answers(case["form"])
    for edit in case["edit"]:
        _edit(asked, given, edit["at"], edit["value"])
    workbook = tmp_path / "case.xlsx"
    write_blank(asked, workbook, answers=given, year=YEAR)
    layout = lay_out(asked, answers=given, year=YEAR)
    expected = {(item["code"], *_cell(layout, item["at"])) for item in case.get("expect", ())}
    result = read(workbook)
    grave = [
        item for item in result.issues if item.severity is not Severity.NOTE or item.code in _codes(case)
    ]
    assert {(item.code, item.location.sheet, item.location.cell) for item in grave} == expected
    assert len(grave) == len(expected), "one cause, one issue"


def _codes(case: dict[str, Any]) -> set[str]:
    return {item["code"] for item in case.get("expect", ())}


def _edit(asked: Form, given: dict[str, Any], at: str, value: Any) -> None:
    section_id, *rest = at.split(".")
    if not rest:
        given[section_id] = value
        return
    row_id, field_id = rest
    section = asked.section(section_id)
    if section.kind is SectionKind.ANSWERS:
        row = given.setdefault(section_id, {})
    elif section.kind is SectionKind.GRID:
        row = given.setdefault(section_id, {}).setdefault(row_id, {})
    elif row_id == "total":
        given[section_id].append({"total": True, field_id: value})
        return
    else:
        row = given[section_id][int(row_id) - 1]
    if value == "":
        row.pop(field_id, None)
    else:
        row[field_id] = value


def _cell(layout: Layout, at: str) -> tuple[str, str]:
    """Return (sheet, cell) of `section.row.field`, of a column heading `section.field`, or of a title."""
    if at == "title":
        for sheet in layout.sheets:
            for place in sheet.placements:
                if place.role is Role.SUBTITLE:
                    return sheet.name, a1(place.row, place.column)
    parts = at.split(".")
    if len(parts) == 3:
        sheet_name, place = layout.cells[parts[0], parts[1], parts[2]]
        return sheet_name, a1(place.row, place.column)
    extent = layout.extents[parts[0]]
    if len(parts) == 2:
        assert extent.heading is not None
        return extent.sheet, a1(extent.heading, extent.columns[parts[1]][0])
    return extent.sheet, a1(extent.top, 0)


def test_every_case_stands_in_the_folder_of_a_code_it_expects_or_denies() -> None:
    for path in case_files():
        assert path.parent.name in entries()
