"""Every output of a build, made where it waits to be published, and read back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from toolkit.checks.files import UNREAD
from toolkit.checks.model import CheckResult, Collected
from toolkit.collection import Collection
from toolkit.issues.model import Verdict
from toolkit.publication import Publication
from toolkit.settings import CollectionError
from toolkit.shapes import MANIFEST, as_json, json_bytes, manifest

if TYPE_CHECKING:
    from toolkit.summary.model import Summary
    from toolkit.writers.narrative import Filled
    from toolkit.writers.reports import Reports
    from toolkit.writers.verify import Difference

ROWS = "rows"  # folder of the rows of 汇总表 while it is made, in the working folder
UNDATED = datetime(2000, 1, 1)  # time stamp of outputs made from workbooks without a fill-in date


def open_reports(collection: Collection) -> Reports:
    """Open and check the Word templates; CollectionError says what is wrong with them."""
    from toolkit.writers.narrative import TemplateError
    from toolkit.writers.reports import Reports

    try:
        templates = collection.templates()
        return Reports(
            uses=templates.uses(),
            serving=templates.serving,
            collection=templates.collection,
            forms=collection.forms_by_id,
            vocabulary=collection.vocabulary(),
        )
    except TemplateError as error:
        raise CollectionError(str(error)) from error


def make_outputs(
    collection: Collection, collected: Collected, reports: Reports, publication: Publication, pdf: bool
) -> None:
    """Make every output where it waits to be published."""
    from toolkit.summary.rows import Spools
    from toolkit.summary.summarise import summarise
    from toolkit.writers.merged import Sender, merged_files
    from toolkit.writers.page import page_bytes

    forms, settings = collection.forms_by_id, collection.settings
    created = stamp(collected)
    with Spools(collection.work / ROWS) as spools:
        summary = summarise(collected, forms, title=settings.title, district=settings.district, spools=spools)
        _write_summary(publication, summary, created)
        narrative = reports.collection_report(summary, collected, settings.title, created)
        annexes = _annexes(summary)
    write_report(publication, "汇总报告.docx", narrative)
    for name, report in reports.unit_reports(collected, created):
        write_report(publication, f"单位报告/{name}.docx", report)
    if pdf:
        _write_pdfs(publication, created)
    for name, content in _returned(collection, collected, created):
        publication.write_bytes(f"退回/{name}", content)
    sender = Sender(settings.district or settings.title, settings.title, created.date(), summary.everything)
    for name, write in merged_files(collected, forms, settings.district, sender):
        publication.write(name, write)
    page = page_bytes(collected, forms, title=settings.title, created=created, annexes=annexes)
    publication.write_bytes("审核报告.html", page)
    publication.write_bytes("issues.json", json_bytes(as_json(collected)))
    publication.write_bytes(MANIFEST, json_bytes(manifest(collection, collected, publication.digests())))


def _write_summary(publication: Publication, summary: Summary, created: datetime) -> None:
    """Make 汇总表.xlsx and read it back; CollectionError when it does not say what it should."""
    from toolkit.writers.summary_workbook import SummaryBook
    from toolkit.writers.verify import workbook_differences

    book = SummaryBook(summary)
    publication.write("汇总表.xlsx", lambda path: book.write(path, created=created))
    _verify("汇总表.xlsx", workbook_differences(publication.staged("汇总表.xlsx"), book.claims()))


def write_report(publication: Publication, name: str, report: Filled) -> None:
    """Make a document and read it back; CollectionError when it does not say what it should."""
    from toolkit.writers.verify import document_differences

    publication.write_bytes(name, report)
    _verify(name, document_differences(publication.staged(name), report.claims))


def _verify(name: str, differences: Iterable[Difference]) -> None:
    """Stop before anything is published when an output does not say what the data say; CollectionError."""
    from toolkit.writers.verify import told

    if wrong := told(name, differences):
        advice = "没有更新 out 里的任何文件。请重试；仍然如此的，请把这句话告诉维护人员。"
        raise CollectionError(f"{wrong}{advice}")


def require_office() -> None:
    """Ask for LibreOffice before any work; CollectionError if there is none."""
    from toolkit.writers.pdf import PdfError, office

    try:
        office()
    except PdfError as error:
        raise CollectionError(str(error)) from error


def _write_pdfs(publication: Publication, created: datetime) -> None:
    """Make a PDF beside every Word report; CollectionError if LibreOffice fails."""
    from toolkit.writers.pdf import PdfError, write_pdfs

    reports = [name for name in publication.names if name.endswith(".docx")]
    names = {name: f"{name.removesuffix('.docx')}.pdf" for name in reports}
    staged = {publication.staged(name): publication.staged(pdf) for name, pdf in names.items()}
    try:
        write_pdfs(staged, publication.work / "pdf", created=created)
    except PdfError as error:
        raise CollectionError(str(error)) from error
    publication.names += names.values()


def stamp(collected: Collected) -> datetime:
    """Return the latest fill-in date of the workbooks: the time stamp that makes outputs reproducible."""
    dates = (head.filled for head in collected.results.heads if head.filled is not None)
    latest: date | None = max(dates, default=None)
    return datetime.combine(latest, time()) if latest else UNDATED


def _annexes(summary: Summary) -> list[tuple[str, list[str], list[list[object]]]]:
    """Return the waivers for the page, where the collection has any."""
    tables = [table for table in summary.tables if table.id == "waivers"]
    return [
        (
            table.name,
            [column.heading for column in table.columns],
            [[record[column.id] for column in table.columns] for record in table.records],
        )
        for table in tables
    ]


def _returned(collection: Collection, collected: Collected, created: datetime) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of the marked copy of every workbook that is not accepted."""
    from toolkit.writers.annotated import returned

    limits = collection.settings.limits
    for result in collected.results.bare():
        if result.verdict is not Verdict.ACCEPTED and not result.sender:
            content = collection.content(result.file) if _was_read(result) else b""
            yield returned(content, result.file, result.issues, created=created, limits=limits)


def _was_read(result: CheckResult) -> bool:
    """Return whether a file was read by a worker, so that it can be trusted to be taken apart here."""
    return not any(item.code in UNREAD for item in result.issues)
