"""What 汇总表.xlsx and the report of many workbooks take: `python -m benchmarks.tables 2000 20000 100000`.

A few dozen workbooks are read and checked; their results stand for as many units as asked, each under its own
name. Everything after the checking is the real thing: adding up, writing, reading back, 汇总报告.docx. Each
size runs in a process of its own, whose peak memory is told beside that of the process before there is any
summary.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from benchmarks.workbooks import ROOT, every_form, filled_workbooks
from toolkit.checks.heads import Head
from toolkit.checks.model import CheckResult, Collected, Standing, StandingRow
from toolkit.checks.results import Results
from toolkit.checks.runner import Task, check_workbook
from toolkit.collection import open_collection
from toolkit.form.model import Form
from toolkit.outputs import open_reports
from toolkit.submission.guard import Limits
from toolkit.submission.reader import Reader
from toolkit.summary.rows import Spools
from toolkit.summary.summarise import summarise
from toolkit.writers.reports import Reports
from toolkit.writers.summary_workbook import SummaryBook
from toolkit.writers.verify import workbook_differences

MODELS = 40  # workbooks that are really read
CREATED = datetime(2025, 5, 1)


class Many(Results):
    """A few results, each standing for many units."""

    def __init__(self, models: Results, number: int) -> None:
        self._models = [*models]
        self._last = 0, models[0]
        self._heads = [_renamed(models.heads[at % len(models)], at) for at in range(number)]

    @property
    def heads(self) -> list[Head]:
        """Return the heads, in order."""
        return self._heads

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._heads)

    def __getitem__(self, at: int) -> CheckResult:  # type: ignore[override]
        """Return a result; the last one is at hand."""
        if at != self._last[0]:
            self._last = at, self._made(at)
        return self._last[1]

    def _made(self, at: int) -> CheckResult:
        model, head = self._models[at % len(self._models)], self._heads[at]
        issues = tuple(issue.in_file(head.file, head.unit) for issue in model.issues)
        return replace(model, file=head.file, unit=head.unit, issues=issues)

    def __iter__(self) -> Iterator[CheckResult]:
        """Make one after the other."""
        return (self[at] for at in range(len(self)))

    def bare(self) -> Iterator[CheckResult]:
        """Make one after the other; the answers are there and nobody looks."""
        return iter(self)


def _renamed(head: Head, at: int) -> Head:
    return replace(head, file=f"{at // 1000:03}/{at:06}.xlsx", unit=f"{head.unit}{at:06}")


def collected(form: Form, number: int, cache: Path) -> Collected:
    """Return so many results of a form, as if their workbooks had been read."""
    batch, reader = filled_workbooks(form, MODELS, cache), Reader([form])
    read = (check_workbook(Task(path, path.name), reader, Limits()) for path in batch.paths)
    results = Many(Results.of(read, {form.id: form}), number)
    standings = tuple(
        StandingRow(head.unit, form.id, head.year, Standing.REPORTED, head.file, head.verdict.value)
        for head in results.heads
    )
    return Collected(results, standings, frozenset(head.file for head in results.heads), ())


def main() -> int:
    """Measure the sizes asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tables", description=__doc__)
    parser.add_argument("sizes", type=int, nargs="+", help="workbooks")
    parser.add_argument("--form", default="department", help="their form")
    parser.add_argument("--folder", type=Path, help="where the 汇总表 is left")
    parser.add_argument("--cache", type=Path, default=ROOT / ".benchmarks", help=argparse.SUPPRESS)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        with tempfile.TemporaryDirectory() as folder:
            _measure(asked.form, asked.sizes[0], asked.folder or Path(folder), asked.cache)
        return 0
    heading = (
        "workbooks",
        "peak MB",
        "of it before",
        "adding up s",
        "writing s",
        "reading back s",
        "report s",
    )
    print(f"| {' | '.join(heading)} | 汇总表 MB | files beside MB |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    for size in asked.sizes:
        again = [sys.executable, "-m", "benchmarks.tables", "--one", "--form", asked.form, str(size)]
        again += ["--cache", str(asked.cache), *(["--folder", str(asked.folder)] if asked.folder else [])]
        subprocess.run(again, check=True)
    return 0


def _measure(form_id: str, number: int, folder: Path, cache: Path) -> None:
    form = next(form for form in every_form() if form.id == form_id)
    made = collected(form, number, cache)
    before, start = _peak(), time.process_time()
    written: dict[str, int] = {}
    wrong = []
    with Spools(folder / "rows") as spools:
        summary = summarise(made, {form.id: form}, title="汇总", district="青山区", spools=spools)
        adding = _since(start)
        writing = reading = 0.0
        for volume in SummaryBook(summary, created=CREATED).volumes():
            path, start = folder / str(number) / volume.name, time.process_time()
            volume.write(path)
            writing += _since(start)
            start = time.process_time()
            wrong += list(workbook_differences(path, volume.claims()))
            reading += _since(start)
            written[volume.name] = path.stat().st_size
        start = time.process_time()
        _report(folder, form).collection_report(summary, made, "汇总", CREATED)
        reporting = _since(start)
    assert not wrong, wrong[:5]
    figures = (_peak(), before, adding, writing, reading, reporting, *map(_megabytes, _sizes(written)))
    print(f"| {number:,} | {' | '.join(f'{figure:,.1f}' for figure in figures)} |", flush=True)


def _report(folder: Path, form: Form) -> Reports:
    settings = f'title = "汇总"\ndistrict = "青山区"\nforms = ["{form.id}"]\n'
    (folder / "xlreport.toml").write_text(settings, encoding="utf-8")
    return open_reports(open_collection(folder))


def _since(start: float) -> float:
    return time.process_time() - start


def _sizes(written: dict[str, int]) -> tuple[int, int]:
    """Return the bytes of 汇总表.xlsx and of all workbooks beside it."""
    return written["汇总表.xlsx"], sum(written.values()) - written["汇总表.xlsx"]


def _megabytes(size: int) -> float:
    return size / 1e6


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    raise SystemExit(main())
