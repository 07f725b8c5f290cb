"""The main job: read, check, aggregate, and write everything an officer sends on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from toolkit import __version__
from toolkit.checks.across import fill_date, judge_across
from toolkit.checks.model import CheckResult, Collected
from toolkit.checks.runner import Task
from toolkit.checks.workers import check_files
from toolkit.collection import Collection, CollectionError, files_under
from toolkit.form.model import Form
from toolkit.issues.model import Severity
from toolkit.writers.files import write_whole

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
    results = check_files(
        collection.tasks(), collection.forms, limits=collection.settings.limits, jobs=jobs, progress=progress
    )
    return judge_across(
        results,
        collection.roster,
        collection.forms_by_id,
        year=collection.settings.fiscal_year,
        due=collection.settings.due,
    )


def collect_paths(
    collection: Collection,
    paths: Sequence[Path],
    *,
    jobs: int | None = None,
    progress: Progress = lambda done: None,
) -> Collected:
    """Read and judge only the files and folders named; nobody is missed, and no file replaces another."""
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
    results = check_files(
        tasks, collection.forms, limits=collection.settings.limits, jobs=jobs, progress=progress
    )
    return Collected(tuple(results), (), frozenset(result.file for result in results), ())


def build(
    collection: Collection, *, jobs: int | None = None, progress: Progress = lambda done: None
) -> Built:
    """Build every output of a collection; each file is complete or untouched.

    Templates are checked before any work. An output open in another program is kept as it is and named in
    `locked`, and the others are written.
    """
    from toolkit.summary.summarise import summarise
    from toolkit.writers.reports import Reports
    from toolkit.writers.summary_workbook import write_summary

    reports = Reports(
        department=collection.narrative("department"),
        collection=collection.narrative("collection"),
        forms=collection.forms_by_id,
    )
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
    _write(built, out / "issues.json", _bytes(_json(as_json(collected))))
    _write(built, out / "manifest.json", _bytes(_json(manifest(collection, built))))
    _sweep(out / "单位报告", {*built.written, *built.locked})
    return built


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


def _sweep(folder: Path, kept: set[Path]) -> None:
    """Remove reports of units that no longer report; they would be taken for current ones."""
    if folder.is_dir():
        for path in folder.glob("*.docx"):
            if path not in kept and not path.name.startswith("~$"):
                path.unlink(missing_ok=True)


def as_json(collected: Collected) -> dict[str, Any]:
    """Return the public JSON shape of a whole build: files, then the issues of no single file."""
    return {
        "files": [file_as_json(result) for result in collected.results],
        "issues": [{"unit": item.unit, **item.as_json()} for item in collected.issues],
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
