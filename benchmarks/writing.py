"""What blanks, marked copies, Word reports and 汇总表 cost beside their libraries bare."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import openpyxl
from docxtpl import DocxTemplate
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from benchmarks.timing import Job, Ratio, rounds
from benchmarks.workbooks import Batch
from toolkit.checks.model import CheckResult
from toolkit.collecting import collect
from toolkit.collection import Collection
from toolkit.form.model import Form
from toolkit.submission.guard import Limits
from toolkit.summary.entries import Entry, counting_entries
from toolkit.summary.summarise import summarise
from toolkit.writers.annotated import returned
from toolkit.writers.blank import write_blank
from toolkit.writers.narrative import Narrative
from toolkit.writers.report_context import unit_context
from toolkit.writers.sandbox import environment
from toolkit.writers.summary_workbook import write_summary

Sheets: TypeAlias = dict[str, list[list[Any]]]
CREATED = datetime(2025, 1, 1)
BLANKS = 10  # blanks and documents of each kind


def blanks(form: Form, folder: Path) -> Iterator[Ratio]:
    """Compare the blank of a form with the same cells written by xlsxwriter without any format."""
    model = folder / f"{form.id}.xlsx"
    write_blank(form, model)
    cells = sheets_of(model)

    def ours(items: Sequence[int]) -> None:
        for _ in items:
            write_blank(form, folder / "blank.xlsx")

    def bare(items: Sequence[int]) -> None:
        for _ in items:
            bare_workbook(folder / "bare.xlsx", cells)

    name, beside = f"blank of {form.id}", "xlsxwriter, the same cells bare"
    yield Ratio.of(name, beside, rounds({name: ours, beside: bare}, range(BLANKS)))


def sheets_of(path: Path) -> Sheets:
    """Return every cell of a workbook by sheet."""
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def bare_workbook(path: Path, sheets: Sheets) -> None:
    """Write cells with xlsxwriter, without any format."""
    with Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for row, values in enumerate(rows):
                for column, value in enumerate(values):
                    if value != "":
                        sheet.write(row, column, value)


def marked(results: Sequence[CheckResult], batch: Batch) -> Ratio:
    """Compare the marked copy of a workbook with openpyxl loading and saving it."""
    where = {path.name: path for path in batch.paths}
    with_issues = [result for result in results if result.issues][:BLANKS]

    def ours(items: Sequence[CheckResult]) -> None:
        for result in items:
            returned(
                where[result.file].read_bytes(), result.file, result.issues, created=CREATED, limits=Limits()
            )

    def bare(items: Sequence[CheckResult]) -> None:
        for result in items:
            openpyxl.load_workbook(where[result.file]).save(io.BytesIO())

    times = rounds({"marked copy": ours, "openpyxl, load and save": bare}, with_issues)
    return Ratio.of("marked copy", "openpyxl, load and save", times)


def documents(collection: Collection) -> Iterator[Ratio]:
    """Compare Word reports and 汇总表 with docxtpl and xlsxwriter, given the same data."""
    collected, forms = collect(collection, jobs=1), collection.forms_by_id
    served, bare = bare_reports(collection, BLANKS)
    narratives = {path: Narrative(path) for _, path in served}
    vocabulary = collection.vocabulary()

    def ours(items: Sequence[Any]) -> None:
        for entry, path in items:
            context = unit_context(entry, vocabulary)
            narratives[path].render(context, author=entry.unit, created=CREATED)

    name, beside = "Word report of a unit", "docxtpl, same template and data"
    yield Ratio.of(name, beside, rounds({name: ours, beside: bare}, served))

    def table(items: Sequence[int]) -> None:
        for _ in items:
            summary = summarise(collected, forms, title="汇总", district="青山区")
            write_summary(summary, collection.root / "汇总表.xlsx", created=CREATED)

    summary = summarise(collected, forms, title="汇总", district="青山区")
    write_summary(summary, collection.root / "model.xlsx", created=CREATED)
    cells = sheets_of(collection.root / "model.xlsx")

    def bare_table(items: Sequence[int]) -> None:
        for _ in items:
            bare_workbook(collection.root / "bare.xlsx", cells)

    name, beside = "adding up and 汇总表", "xlsxwriter, the same cells bare"
    yield Ratio.of(name, beside, rounds({name: table, beside: bare_table}, range(3)))


def bare_reports(collection: Collection, number: int) -> tuple[list[tuple[Entry, Path]], Job]:
    """Return some workbooks with their templates, and what fills these with docxtpl alone."""
    template, vocabulary = collection.templates().serving, collection.vocabulary()
    served = [
        (entry, path)
        for entry in counting_entries(collect(collection, jobs=1), collection.forms_by_id, "")
        if (path := template(entry.form, entry.year, entry.unit))
    ][:number]

    def bare(items: Sequence[Any]) -> None:
        for entry, path in items:
            document = DocxTemplate(path)
            document.render(unit_context(entry, vocabulary), environment())
            document.save(io.BytesIO())

    return served, bare
