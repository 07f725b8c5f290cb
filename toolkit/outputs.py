"""Every output of a build, made where it waits to be published, and read back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import TYPE_CHECKING

from toolkit.checks.model import Collected
from toolkit.collection import Collection
from toolkit.crew.batches import Watch
from toolkit.crew.mapping import Crew
from toolkit.mapped_outputs import write_pdfs, write_reports, write_returned
from toolkit.partial import Chosen, Parts
from toolkit.publication import Publication
from toolkit.settings import CollectionError
from toolkit.shapes import MANIFEST, as_json, manifest, write_json

if TYPE_CHECKING:
    from toolkit.summary.model import Summary
    from toolkit.writers.narrative import Filled
    from toolkit.writers.reports import Reports
    from toolkit.writers.verify import Difference

ROWS = "rows"  # folder of the rows of 汇总表 while it is made, in the working folder
LEAST_SECONDS, LEAST_MEMORY = 60, 1 << 30  # for one report or copy, whatever the limits of reading are
UNDATED = datetime(2000, 1, 1)  # time stamp of outputs made from workbooks without a fill-in date


@dataclass(frozen=True, slots=True)
class Making:
    """What the outputs of one build are made of, by whom, and where they wait to be published."""

    collection: Collection
    collected: Collected
    reports: Reports | None  # without templates there are no reports
    publication: Publication
    crew: Crew
    parts: Parts

    @property
    def created(self) -> datetime:
        """Return the latest fill-in date of the workbooks: the time stamp that makes outputs reproducible."""
        dates = (head.filled for head in self.collected.results.heads if head.filled is not None)
        latest: date | None = max(dates, default=None)
        return datetime.combine(latest, time()) if latest else UNDATED


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


def make_outputs(making: Making) -> None:
    """Make every output that is wanted where it waits to be published."""
    from toolkit.summary.rows import Spools
    from toolkit.summary.summarise import summarise
    from toolkit.writers.merged import Sender, merged_files
    from toolkit.writers.page import write_page

    collection, collected, publication = making.collection, making.collected, making.publication
    forms, settings, created = collection.forms_by_id, collection.settings, making.created
    with Spools(collection.work / ROWS) as spools:
        summary = summarise(collected, forms, title=settings.title, district=settings.district, spools=spools)
        _write_summary(publication, summary, created, collection.seen_from_out)
        if making.reports is not None:
            narrative = making.reports.collection_report(summary, collected, settings.title, created)
            write_report(publication, "汇总报告.docx", narrative)
        annexes = _annexes(summary)
    make_single(making)
    sender = Sender(settings.district or settings.title, settings.title, created.date(), summary.everything)
    for name, write in merged_files(collected, forms, settings.district, sender):
        publication.write(name, write)
    shown = partial(write_page, collected, forms, title=settings.title, created=created, annexes=annexes)
    publication.write("审核报告.html", shown)
    publication.write("issues.json", lambda path: write_json(as_json(collected), path))
    proof = manifest(collection, collected, publication.digests())
    publication.write(MANIFEST, lambda path: write_json(proof, path))


def make_single(making: Making, chosen: Chosen | None = None) -> None:
    """Make what is made of single workbooks, of all or of those of some units; the crew does it."""
    from toolkit.writers.returning import Returning

    limits, created, reports = making.collection.settings.limits, making.created, making.reports
    watched = Watch(max(limits.max_seconds, LEAST_SECONDS), max(limits.max_memory, LEAST_MEMORY))
    wanted = chosen.has if chosen is not None else lambda head: True
    if reports is not None:
        due = [one for one in reports.due(making.collected) if wanted(one.entry.head)]
        write_reports(making.publication, due, reports.writing(created, watched), making.crew)
        if making.parts.pdf:
            write_pdfs(making.publication, created, making.crew)
    if making.parts.copies:
        returning = Returning(created, limits, watched)
        write_returned(
            making.publication, making.collection, making.collected, returning, making.crew, wanted
        )


def _write_summary(publication: Publication, summary: Summary, created: datetime, folder: str) -> None:
    """Make 汇总表.xlsx and read it back; CollectionError when it does not say what it should."""
    from toolkit.writers.summary_workbook import SummaryBook
    from toolkit.writers.verify import workbook_differences

    for volume in SummaryBook(summary, created=created, folder=folder).volumes():
        publication.write(volume.name, volume.write)
        _verify(volume.name, workbook_differences(publication.staged(volume.name), volume.claims()))


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


def require_office(crew: Crew | None) -> None:
    """Ask for LibreOffice before any work, wherever it will run; CollectionError says where there is none."""
    from toolkit.writers.pdf import PdfError, office

    if crew is None or not crew.distant:
        try:
            office()
        except PdfError as error:
            raise CollectionError(str(error)) from error
        return
    for worker, found in crew.everywhere(office).items():
        if isinstance(found, BaseException):
            raise CollectionError(
                f"集群的工作进程 {worker} 上没有安装 LibreOffice，不能生成 PDF。"
                "请在那台机器上安装（与其他机器同一版本）后重新运行，或去掉 --pdf。"
            ) from found


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
