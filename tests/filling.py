"""A clerk at work: a blank written by the toolkit, opened and filled cell by cell with openpyxl."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl

from toolkit.checks.model import CheckResult
from toolkit.checks.runner import Task, check_workbook
from toolkit.form.layout import lay_out
from toolkit.form.loader import load_form
from toolkit.form.model import Form, SectionKind
from toolkit.form.places import Layout
from toolkit.submission.guard import Limits
from toolkit.submission.reader import Reader
from toolkit.writers.blank import write_blank

FORMS = Path(__file__).parent.parent / "templates" / "forms"


def load_forms() -> tuple[Form, ...]:
    """Load every shipped form."""
    return tuple(load_form(path) for path in sorted(FORMS.glob("*.toml")))


def form(name: str) -> Form:
    """Load one shipped form."""
    return load_form(FORMS / f"{name}.toml")


def fill(asked: Form, answers: Mapping[str, Any], path: Path, *, year: int | None = None) -> Path:
    """Write a blank and type the answers into it as a clerk would, keeping everything else."""
    write_blank(asked, path, year=year)
    book = openpyxl.load_workbook(path)
    layout = lay_out(asked, year=year)
    for section in asked.sections:
        given = answers.get(section.id)
        if given is None:
            continue
        if section.kind is SectionKind.ANSWERS:
            rows = {"": given}
        elif section.kind is SectionKind.GRID:
            rows = dict(given)
        else:
            rows = {str(position): row for position, row in enumerate(given, 1)}
        for row_id, values in rows.items():
            for field_id, value in values.items():
                _type(book, layout, (section.id, row_id, field_id), value)
    book.save(path)
    return path


def _type(book: Any, layout: Layout, name: tuple[str, str, str], value: Any) -> None:
    sheet, place = layout.cells[name]
    book[sheet].cell(place.row + 1, place.column + 1).value = value


def read(path: Path, forms: tuple[Form, ...] | None = None) -> CheckResult:
    """Read and judge one workbook in this process."""
    return check_workbook(Task(path, path.name), Reader(forms or load_forms()), Limits())


def facts(result: CheckResult) -> dict[tuple[str, str, str], Any]:
    """Return every answered value by its name: what must not change when a workbook is altered."""
    assert result.submission is not None, result.issues
    return {
        (section, row, field): answer.value
        for section, row, field, answer in result.submission.facts()
        if answer.value is not None
    }


def told(result: CheckResult) -> list[tuple[str, str, str]]:
    """Return (code, sheet, cell) of every issue."""
    return [(item.code, item.location.sheet, item.location.cell) for item in result.issues]
