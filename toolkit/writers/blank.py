"""Form -> the blank workbook a clerk fills: official look, tinted answers, live totals, dropdowns, hints."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.form.layout import lay_out
from toolkit.form.model import Form, SectionKind
from toolkit.form.places import LISTS_SHEET, NOTES_SHEET, STATUS_SHEET, CellName, Layout
from toolkit.form.prefill import prefill
from toolkit.writers.blank_hints import needs_own_list
from toolkit.writers.blank_notes import write_notes
from toolkit.writers.blank_page import PageWriter, print_setup
from toolkit.writers.blank_status import write_status
from toolkit.writers.entries import Entry, entry
from toolkit.writers.files import whole
from toolkit.writers.formulas import Workings, address
from toolkit.writers.styles import DEFAULT_FONT, Colour, Styles

if TYPE_CHECKING:
    from xlsxwriter import Workbook

CREATED = datetime(2024, 1, 1)  # the same input gives the same bytes
PROTECTION = {  # no password: it guards against slips, not against the clerk
    "insert_rows": True,
    "format_rows": True,
    "format_columns": True,
    "sort": True,
    "autofilter": True,
}
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}


def write_blank(
    form: Form, path: Path, *, answers: Mapping[str, Any] | None = None, year: int | None = None
) -> None:
    """Write the blank of a form to `path`, complete or not at all, with `answers` filled in (see `prefill`).

    A stated figure replaces the formula of its cell. AnswerError names the answer that no cell can hold.
    """
    from xlsxwriter import Workbook

    layout = lay_out(form, answers=answers, year=year)
    workings = Workings.of(layout, _entries(form, answers))
    with whole(path) as beside:
        workbook = Workbook(str(beside), {**_OPTIONS, "default_format_properties": dict(DEFAULT_FONT)})
        workbook.set_properties({"title": form.title, "created": CREATED})
        _write_sheets(workbook, layout, workings)
        workbook.close()


def _entries(form: Form, answers: Mapping[str, Any] | None) -> dict[CellName, Entry]:
    entries = {}
    for name, value in prefill(form, answers).items():
        field = form.section(name[0]).field(name[2])
        place = ".".join(part for part in name if part)
        printed = name[0] not in (answers or {}) or value in _printed(form, name)
        entries[name] = entry(field, value, place, printed=printed)
    return entries


def _printed(form: Form, name: CellName) -> tuple[str, ...]:
    """Return what the form itself prints into a cell."""
    section = form.section(name[0])
    own = section.row(name[1]).defaults if section.kind is SectionKind.GRID else {}
    return tuple(text for text in (own.get(name[2], ""), section.field(name[2]).default) if text)


def _write_sheets(workbook: Workbook, layout: Layout, workings: Workings) -> None:
    styles = Styles(workbook)
    form = layout.form
    notes = workbook.add_worksheet(NOTES_SHEET)
    pages = [workbook.add_worksheet(sheet.name) for sheet in layout.sheets]
    status = workbook.add_worksheet(STATUS_SHEET)
    lists = _write_lists(workbook, form)
    write_notes(notes, styles, form)
    for page, sheet in zip(pages, layout.sheets, strict=True):
        PageWriter(page, styles, workings, sheet, lists).write()
        page.set_tab_color(Colour.TAB_FORM)
    write_status(status, styles, workings)
    for generated, colour in ((notes, Colour.TAB_NOTES), (status, Colour.TAB_STATUS)):
        print_setup(generated, landscape=False)
        generated.set_tab_color(colour)
    for page in (notes, *pages, status):
        page.hide_gridlines(2)
        page.set_zoom(100)
        page.protect("", PROTECTION)
    pages[0].activate()


def _write_lists(workbook: Workbook, form: Form) -> dict[tuple[str, ...], str]:
    """Write choices that do not fit a dropdown to a hidden sheet; return their ranges."""
    long_lists = {
        field.choices: None
        for section in form.sections
        for field in section.fields
        if needs_own_list(field.choices)
    }
    if not long_lists:
        return {}
    sheet = workbook.add_worksheet(LISTS_SHEET)
    sheet.hide()
    sheet.protect()
    ranges = {}
    for column, choices in enumerate(long_lists):
        for row, choice in enumerate(choices):
            sheet.write_string(row, column, choice)
        corners = address(0, column, fixed=True), address(len(choices) - 1, column, fixed=True)
        ranges[choices] = f"'{LISTS_SHEET}'!{':'.join(corners)}"
    return ranges
