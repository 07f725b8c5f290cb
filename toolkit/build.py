"""The main job: read, check, aggregate, and write everything an officer sends on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import __version__
from toolkit.checks.across import fill_date, judge_across
from toolkit.checks.model import CheckResult, Collected, WaiverUse
from toolkit.checks.runner import Task
from toolkit.checks.waivers import waive
from toolkit.checks.workers import check_files
from toolkit.collection import Collection, files_under
from toolkit.form.model import Form
from toolkit.issues.model import Severity, Verdict
from toolkit.settings import CollectionError
from toolkit.writers.files import write_whole

if TYPE_CHECKING:
    from toolkit.summary.model import Summary
    from toolkit.writers.reports import Reports

Progress = Callable[[int], None]
UNDATED = datetime(2000, 1, 1)  # time stamp of outputs made from workbooks without a fill-in date


@dataclass(slots=True)
class Built:
    """What a build made: files in the order written, and those that could not be replaced."""

    collected: Collected
    written: list[Path] = field(default_factory=list)
    locked: list[Path] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Return whether every workbook is accepted and nothing is missing."""
        return is_clean(self.collected)


def is_clean(collected: Collected) -> bool:
    """Return whether nothing but notes was found."""
    issues = [*collected.issues, *(item for result in collected.results for item in result.issues)]
    return all(item.severity is Severity.NOTE for item in issues)


def collect(
    collection: Collection, *, jobs: int | None = None, progress: Progress = lambda done: None
) -> Collected:
    """Read and judge every workbook of a collection."""
    return judge_across(
        _check(collection, collection.tasks(), jobs, progress),
        collection.roster,
        collection.forms_by_id,
        year=collection.settings.fiscal_year,
        due=collection.settings.due,
        policy=collection.policy,
        waivers=collection.waivers,
    )


def _check(
    collection: Collection, tasks: Sequence[Task], jobs: int | None, progress: Progress
) -> list[CheckResult]:
    return check_files(
        tasks,
        collection.forms,
        limits=collection.settings.limits,
        policy=collection.policy,
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
                replace(task, name=str(task.path)) for task, ignored in files_under(path) if not ignored
            ]
        elif path.exists():
            tasks.append(Task(path, str(path)))
        else:
            raise CollectionError(f"找不到“{path}”。")
    results, _, uses = waive(
        _check(collection, tasks, jobs, progress),
        (),
        collection.waivers,
        collection.roster,
        collection.policy.today,
    )
    used = tuple(use for use in uses if use.count)
    return Collected(results, (), frozenset(result.file for result in results), (), used)


def build(
    collection: Collection, *, jobs: int | None = None, progress: Progress = lambda done: None
) -> Built:
    """Build every output of a collection; each file is complete or untouched.

    Templates are checked before any work. An output open in another program is kept as it is and named in
    `locked`, and the others are written.
    """
    from toolkit.summary.summarise import summarise
    from toolkit.writers.page import page_bytes
    from toolkit.writers.summary_workbook import write_summary

    reports = _reports(collection)
    built = Built(collect(collection, jobs=jobs, progress=progress))
    collected, forms = built.collected, collection.forms_by_id
    created = stamp(collected, forms)
    settings = collection.settings
    summary = summarise(collected, forms, title=settings.title, district=settings.district)
    out = collection.out
    _write(built, out / "汇总表.xlsx", lambda path: write_summary(summary, path, created=created))
    _write(
        built,
        out / "汇总报告.docx",
        _bytes(reports.collection_report(summary, collected, settings.title, created)),
    )
    for name, content in reports.unit_reports(collected, created):
        _write(built, out / "单位报告" / f"{name}.docx", _bytes(content))
    for name, content in _returned(collection, collected, created):
        _write(built, out / "退回" / name, _bytes(content))
    page = page_bytes(collected, forms, title=settings.title, created=created, annexes=_annexes(summary))
    _write(built, out / "审核报告.html", _bytes(page))
    _write(built, out / "issues.json", _bytes(_json(as_json(collected))))
    _write(built, out / "manifest.json", _bytes(_json(manifest(collection, built))))
    for folder in ("单位报告", "退回"):
        _sweep(out / folder, {*built.written, *built.locked})
    return built


def _reports(collection: Collection) -> Reports:
    """Open and check the Word templates; CollectionError says what is wrong with them."""
    from toolkit.writers.narrative import TemplateError
    from toolkit.writers.reports import Reports

    try:
        return Reports(
            department=collection.narrative("department"),
            collection=collection.narrative("collection"),
            forms=collection.forms_by_id,
        )
    except TemplateError as error:
        raise CollectionError(str(error)) from error


def stamp(collected: Collected, forms: Mapping[str, Form]) -> datetime:
    """Return the latest fill-in date of the workbooks: the time stamp that makes outputs reproducible."""
    dates = [found for result in collected.results if (found := fill_date(result, forms))]
    latest: date | None = max(dates, default=None)
    return datetime.combine(latest, time()) if latest else UNDATED


def _write(built: Built, path: Path, write: Callable[[Path], None]) -> None:
    try:
        write(path)
    except PermissionError:
        built.locked.append(path)
    else:
        built.written.append(path)


def _bytes(content: bytes) -> Callable[[Path], None]:
    return lambda path: write_whole(path, content)


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
        if result.verdict is not Verdict.ACCEPTED:
            source = collection.workbooks / result.file
            yield returned(source, result.file, result.issues, created=created, limits=limits)


def _sweep(folder: Path, kept: set[Path]) -> None:
    """Remove what an earlier build wrote and this one did not; it would be taken for current."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            with suppress(OSError):  # it still holds something
                path.rmdir()
        elif path not in kept and not path.name.startswith(("~$", ".")):
            with suppress(PermissionError):
                path.unlink(missing_ok=True)


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


def manifest(collection: Collection, built: Built) -> dict[str, Any]:
    """Return what went in and what came out: enough to prove where every output comes from."""
    collected = built.collected
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
        "ignored": collection.ignored(),
        "outputs": [_output(path, collection.out) for path in sorted(built.written)],
    }


def _output(path: Path, out: Path) -> dict[str, Any]:
    import hashlib

    return {
        "file": path.relative_to(out).as_posix(),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
