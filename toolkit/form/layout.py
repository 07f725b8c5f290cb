"""Form -> Layout: the pages of a blank, worked out without touching a workbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toolkit.form.model import Form
from toolkit.form.page import Page
from toolkit.form.places import ASKED, CellName, Layout
from toolkit.form.prefill import AnswerError, prefill


def lay_out(form: Form, *, answers: Mapping[str, Any] | None = None, year: int | None = None) -> Layout:
    """Place every cell of the form's blank, with room for `answers` (see `prefill`).

    FormError if a section does not fit its sheet's columns; AnswerError if `answers` names what is not there.
    """
    known = prefill(form, answers)
    sheets = []
    for position, sheet in enumerate(form.sheets):
        page = Page(form, sheet, known)
        page.head(first=position == 0, year=year)
        page.body()
        page.foot()
        sheets.append(page.finish())
    cells = {
        (place.section, place.row_id, place.field): (sheet.name, place)
        for sheet in sheets
        for place in sheet.placements
        if place.role in ASKED
    }
    _check_all_placed(form, known, cells)
    extents = {extent.section: extent for sheet in sheets for extent in sheet.extents}
    return Layout(form, tuple(sheets), cells, extents)


def _check_all_placed(form: Form, known: Mapping[CellName, Any], cells: Mapping[CellName, Any]) -> None:
    for name, value in known.items():
        if name not in cells and str(value) not in form.section(name[0]).totals:
            raise AnswerError(".".join(part for part in name if part), "the blank has no cell for it")
