"""The main job: read, check, aggregate, and write everything an officer sends on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import __version__
from toolkit.cache import ResultCache, digest_of, judgement
from toolkit.checks.across import fill_date, judge_across
from toolkit.checks.batches import opened
from toolkit.checks.files import UNREAD
from toolkit.checks.ledger import LEDGER, updated
from toolkit.checks.model import CheckResult, Collected, WaiverUse
from toolkit.checks.runner import Task
from toolkit.checks.waivers import waive
from toolkit.checks.workers import Checked, check_files
from toolkit.collection import Collection, files_under, form_files
from toolkit.form.model import Form
from toolkit.issues.model import Severity, Verdict
from toolkit.last_build import LastBuild, basis
from toolkit.listing import tally_line
from toolkit.previous import last_year, previous
from toolkit.publication import Publication, alone
from toolkit.settings import CollectionError
from toolkit.submission.names import shown
from toolkit.writers.files import write_whole

if TYPE_CHECKING:
    from toolkit.summary.model import Summary
    from toolkit.writers.narrative import Filled
    from toolkit.writers.reports import Reports
    from toolkit.writers.verify import Difference

Progress = Callable[[int], None]
MANIFEST = "manifest.json"
OURS = ("汇总报告.pdf", "单位报告/**/*", "退回/**/*", "报送-*.xlsx")
UNDATED = datetime(2000, 1, 1)  # time stamp of outputs made from workbooks without a fill-in date


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made: what it has to tell, files in the order written, those it could not replace."""

    told: str
    clean: bool  # every workbook is accepted and nothing is missing
    written: Sequence[Path]
    locked: Sequence[Path] = ()
    fresh: bool = True  # False when nothing had changed since the last build


def is_clean(collected: Collected) -> bool:
    """Return whether nothing but notes was found."""
    issues = [*collected.issues, *(item for result in collected.results for item in result.issues)]
    return all(item.severity is Severity.NOTE for item in issues)


def collect(
    collection: Collection,
    *,
    jobs: int | None = None,
    progress: Progress = lambda done: None,
    keep: bool = False,
) -> Collected:
    """Read and judge every workbook of a collection; what was judged before is not read again.

    With `keep`, the results are kept for the next time. Last year's collection is read the same way.
    """
    earlier = last_year(collection, lambda one: collect(one, jobs=jobs, keep=keep))
    tasks, cache = collection.tasks(), _cache(collection)
    known = cache.find(tasks)
    progress(len(known))
    checked = _check(collection, [task for task in tasks if task.name not in known], jobs, progress)
    results = [*known.values(), *checked.results]
    if keep:
        cache.keep(results)
    collected = judge_across(
        results,
        collection.roster,
        collection.forms_by_id,
        year=collection.settings.fiscal_year,
        due=collection.settings.due,
        policy=collection.policy,
        waivers=collection.waivers,
        chooser=collection.chooser,
        last_year=earlier,
    )
    return replace(collected, skipped=checked.skipped)


def _cache(collection: Collection) -> ResultCache:
    """Return the collection's cache, under everything that decides how a workbook is judged."""
    limits, policy = collection.settings.limits, collection.policy
    lasting = [policy.is_probation(day) for day in _probations(collection)]
    library = [(name, digest_of(path)) for name, path in form_files(collection.root).items()]
    judged = judgement(
        collection.forms, library, limits, policy.codes, lasting, collection.settings.passwords
    )
    return ResultCache(collection.work, judged, largest=limits.max_bytes)


def _check(collection: Collection, tasks: Sequence[Task], jobs: int | None, progress: Progress) -> Checked:
    return check_files(
        tasks,
        collection.forms,
        limits=collection.settings.limits,
        policy=collection.policy,
        passwords=collection.settings.passwords,
        library=form_files(collection.root),
        jobs=jobs,
        progress=progress,
    )


def collect_paths(
    collection: Collection,
    paths: Sequence[Path],
    *,
    jobs: int | None = None,
    progress: Progress = lambda done: None,
) -> Collected:
    """Read and judge only the files and folders named; nobody is missed, and no file replaces another.

    Waivers apply, but those that are not used are not told: they may be for files that are not named.
    """
    tasks = []
    for path in paths:
        if path.is_dir():
            tasks += [
                replace(task, name=shown(str(task.path)))
                for task, ignored in files_under(path)
                if not ignored
            ]
        elif path.exists():
            tasks.append(Task(path, shown(str(path))))
        else:
            raise CollectionError(f"找不到“{path}”。")
    checked = _check(collection, tasks, jobs, progress)
    results, _, uses = waive(
        opened(checked.results),
        (),
        collection.waivers,
        collection.roster,
        collection.policy.today,
    )
    used = tuple(use for use in uses if use.count)
    return Collected(
        results, (), frozenset(result.file for result in results), (), used, skipped=checked.skipped
    )


def build(
    collection: Collection,
    *,
    jobs: int | None = None,
    progress: Progress = lambda done: None,
    pdf: bool = False,
) -> Built:
    """Build every output of a collection and put them in place together; with `pdf`, every report as PDF too.

    Templates are checked before any work. An output open in another program is kept as it is and named in
    `locked`, and the others are written. When nothing has changed since the last build, nothing is done.
    """
    with alone(collection.work):
        publication = Publication(collection.out, collection.work, OURS)
        made_of = _basis(collection, pdf)
        last = LastBuild.read(collection.work)
        if last and last.holds(made_of, collection.out):
            return Built(last.told, last.clean, [collection.out / name for name in last.outputs], fresh=False)
        reports = _reports(collection)
        if pdf:
            _require_office()
        collected = collect(collection, jobs=jobs, progress=progress, keep=True)
        _make(collection, collected, reports, publication, pdf)
        outputs = publication.digests()
        locked = publication.publish()
        locked += _keep_ledger(collection, collected)
        told, clean = tally_line(collected, collection.ignored()), is_clean(collected)
        if not locked:
            LastBuild(made_of, outputs, told, clean).keep(collection.work)
        else:
            outputs = {name: digest for name, digest in outputs.items() if name not in locked}
            with suppress(PermissionError):  # when it is the manifest that is held open
                write_whole(collection.out / MANIFEST, _json(manifest(collection, collected, outputs)))
    out = collection.out
    return Built(told, clean, [out / name for name in outputs], [out / name for name in locked])


def _keep_ledger(collection: Collection, collected: Collected) -> list[str]:
    """Write 台账.xlsx; return its name when another program holds it open."""
    from toolkit.writers.ledger import write_ledger

    forms, today = collection.forms_by_id, collection.policy.today
    rows = updated(collection.ledger, collected, forms, collection.times(), today)
    if rows == collection.ledger:
        return []
    try:
        write_ledger(rows, collection.root / LEDGER)
    except PermissionError:
        return [LEDGER]
    return []


def _basis(collection: Collection, pdf: bool) -> str:
    """Return the digest of what decides about the outputs; the day counts where something ends on a day."""
    dated = any(waiver.until for waiver in collection.waivers) or bool(_probations(collection))
    limits, before = collection.settings.limits, previous(collection)
    return basis(
        [*collection.sources(), *(before.sources() if before else ())],
        max(limits.max_bytes, limits.max_archive),
        collection.policy.today if dated else None,
        pdf,
        collection.chooser.decisions,
        collection.times(),
        (before.chooser.decisions, before.times()) if before else None,
    )


def _probations(collection: Collection) -> list[date]:
    """Return the days on which a probation ends, of issue codes and of rules of the forms."""
    days = [treatment.probation for treatment in collection.policy.codes.values()]
    days += [rule.probation for form in collection.forms for rule in form.rules]
    return [day for day in days if day is not None]


def _require_office() -> None:
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


def _make(
    collection: Collection, collected: Collected, reports: Reports, publication: Publication, pdf: bool
) -> None:
    """Make every output where it waits to be published."""
    from toolkit.summary.summarise import summarise
    from toolkit.writers.merged import Sender, merged_files
    from toolkit.writers.page import page_bytes
    from toolkit.writers.summary_workbook import summary_claims, write_summary
    from toolkit.writers.verify import workbook_differences

    forms, settings = collection.forms_by_id, collection.settings
    created = stamp(collected, forms)
    summary = summarise(collected, forms, title=settings.title, district=settings.district)
    publication.write("汇总表.xlsx", lambda path: write_summary(summary, path, created=created))
    _verify("汇总表.xlsx", workbook_differences(publication.staged("汇总表.xlsx"), summary_claims(summary)))
    narrative = reports.collection_report(summary, collected, settings.title, created)
    _write_report(publication, "汇总报告.docx", narrative)
    for name, report in reports.unit_reports(collected, created):
        _write_report(publication, f"单位报告/{name}.docx", report)
    if pdf:
        _write_pdfs(publication, created)
    for name, content in _returned(collection, collected, created):
        publication.write_bytes(f"退回/{name}", content)
    sender = Sender(settings.district or settings.title, settings.title, created.date(), summary.everything)
    for name, write in merged_files(collected, forms, settings.district, sender):
        publication.write(name, write)
    page = page_bytes(collected, forms, title=settings.title, created=created, annexes=_annexes(summary))
    publication.write_bytes("审核报告.html", page)
    publication.write_bytes("issues.json", _json(as_json(collected)))
    publication.write_bytes(MANIFEST, _json(manifest(collection, collected, publication.digests())))


def _write_report(publication: Publication, name: str, report: Filled) -> None:
    """Make a document and read it back."""
    from toolkit.writers.verify import document_differences

    publication.write_bytes(name, report)
    _verify(name, document_differences(publication.staged(name), report.claims))


def _verify(name: str, differences: Iterable[Difference]) -> None:
    """Stop before anything is published when an output does not say what the data say; CollectionError."""
    from toolkit.writers.verify import told

    if wrong := told(name, differences):
        advice = "没有更新 out 里的任何文件。请重试；仍然如此的，请把这句话告诉维护人员。"
        raise CollectionError(f"{wrong}{advice}")


def _reports(collection: Collection) -> Reports:
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


def stamp(collected: Collected, forms: Mapping[str, Form]) -> datetime:
    """Return the latest fill-in date of the workbooks: the time stamp that makes outputs reproducible."""
    dates = [found for result in collected.results if (found := fill_date(result, forms))]
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
    for result in collected.results:
        if result.verdict is not Verdict.ACCEPTED and not result.sender:
            content = collection.content(result.file) if _was_read(result) else b""
            yield returned(content, result.file, result.issues, created=created, limits=limits)


def _was_read(result: CheckResult) -> bool:
    """Return whether a file was read by a worker, so that it can be trusted to be taken apart here."""
    return not any(item.code in UNREAD for item in result.issues)


def as_json(collected: Collected) -> dict[str, Any]:
    """Return the public JSON shape of a whole build: files, the issues of no single file, waivers."""
    return {
        "files": [file_as_json(result) for result in collected.results],
        "issues": [{"unit": item.unit, **item.as_json()} for item in collected.issues],
        "waivers": [_waiver_as_json(use) for use in collected.waivers],
    }


def _waiver_as_json(use: WaiverUse) -> dict[str, Any]:
    waiver = use.waiver
    return {
        "unit": waiver.unit,
        "code": waiver.code,
        "place": waiver.place,
        "why": waiver.why,
        "who": waiver.who,
        "until": waiver.until.isoformat() if waiver.until else "",
        "source": waiver.source,
        "state": use.state.value,
        "count": use.count,
        "remark": use.why,
    }


def file_as_json(result: CheckResult) -> dict[str, Any]:
    """Return the public JSON shape of one file."""
    return {
        "file": result.file,
        "unit": result.unit,
        "form": result.submission.form if result.submission else "",
        "version": result.submission.version if result.submission else "",
        "verdict": result.verdict.value,
        "cells": result.cells.as_json(),
        "issues": [item.as_json() for item in result.issues],
    }


def manifest(collection: Collection, collected: Collected, outputs: Mapping[str, str]) -> dict[str, Any]:
    """Return what went in and what came out (name -> SHA-256), to prove where every output comes from."""
    return {
        "tool": "xlreport",
        "version": __version__,
        "forms": [form.name for form in collection.forms],
        "inputs": [
            {
                "file": result.file,
                "sha256": result.sha256,
                "size": result.size,
                "verdict": result.verdict.value,
                "counts": result.file in collected.counting,
                "form": result.submission.form if result.submission else "",
                "version": result.submission.version if result.submission else "",
            }
            for result in collected.results
        ],
        "last_year": [
            {"file": one.result.file, "sha256": one.result.sha256, "for": file}
            for file, one in sorted(collected.earlier.items())
        ],
        "ignored": collection.ignored() + collected.skipped,
        "outputs": [{"file": name, "sha256": outputs[name]} for name in sorted(outputs) if name != MANIFEST],
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
