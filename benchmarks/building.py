"""What a whole build costs beside its libraries bare, and beside the scripts one would write instead."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.rivals import calamine_alone, openpyxl_script, pandas_script
from benchmarks.timing import Ratio, command
from benchmarks.workbooks import Batch
from benchmarks.writing import bare_reports, bare_workbook, sheets_of
from toolkit.collection import open_collection

SAMPLE = 50  # workbooks a slow library takes; its time for all follows from theirs


def building(batch: Batch, folder: Path) -> list[Ratio]:
    """Compare `build --jobs 1` with its libraries on the same cells and documents, and with scripts.

    The libraries read every cell (calamine), write the cells of 汇总表 and 报送 without a format (xlsxwriter)
    and fill the same template with the same data (docxtpl, opened anew for each report). Times are of the
    clock: the work of a build is spread over processes, one after the other.
    """
    number, sample = len(batch.paths), batch.first(SAMPLE)
    seconds, _ = command("-m", "toolkit", "-C", str(folder), "--quiet", "--jobs", "1", "build", folder=folder)
    made = sheets_of(folder / "out" / "汇总表.xlsx"), sheets_of(folder / "out" / "报送.xlsx")
    served, reports = bare_reports(open_collection(folder), SAMPLE)

    def writing() -> None:
        for sheets in made:
            bare_workbook(folder / "bare.xlsx", sheets)

    documents = _seconds(reports, served) * number
    tables = _clock(writing)
    reading = {
        "its libraries bare": _seconds(calamine_alone, batch.paths),
        "a script with openpyxl, docxtpl and xlsxwriter": _seconds(openpyxl_script(batch.form), sample.paths),
        "a script with pandas, docxtpl and xlsxwriter": _seconds(
            pandas_script(batch.form, "openpyxl"), sample.paths
        ),
    }
    what = f"build of {number}"
    return [
        Ratio.of(
            what,
            name,
            {what: [seconds / number], name: [(each * number + documents + tables) / number]},
        )
        for name, each in reading.items()
    ]


def _seconds(job: Callable[[Sequence[Any]], Any], items: Sequence[Any]) -> float:
    """Return the seconds an item takes, once imports are done."""
    job(items[:2])
    return _clock(lambda: job(items)) / len(items)


def _clock(job: Callable[[], Any]) -> float:
    began = time.perf_counter()
    job()
    return time.perf_counter() - began
