"""What reading and checking cost beside calamine, openpyxl and pandas, and what worker processes save."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.rivals import calamine_alone, openpyxl_load, openpyxl_script, pandas_script
from benchmarks.timing import Ratio, command, rounds
from benchmarks.workbooks import Batch
from toolkit.checks.runner import Task, check_workbook
from toolkit.submission.guard import Limits
from toolkit.submission.reader import OUR_SHEETS, Reader
from toolkit.submission.source import open_source

SLOW_ROUNDS = 2  # openpyxl needs minutes for what calamine does in a second


def reading(batch: Batch) -> Iterator[Ratio]:
    """Compare `check` in one process with the libraries alone and the scripts, on the same workbooks."""
    reader, limits = Reader([batch.form]), Limits()

    def opened(paths: Sequence[Path]) -> None:
        for path in paths:
            open_source(path, limits=limits, only_counted=OUR_SHEETS)

    def read(paths: Sequence[Path]) -> None:
        for path in paths:
            reader.read(open_source(path, limits=limits, only_counted=OUR_SHEETS))

    def checked(paths: Sequence[Path]) -> None:
        for path in paths:
            check_workbook(Task(path, path.name), reader, limits)

    slow = {
        "openpyxl, loading only": openpyxl_load,
        "a script with openpyxl": openpyxl_script(batch.form),
        "a script with pandas": pandas_script(batch.form, "openpyxl"),
        "a script with pandas and calamine": pandas_script(batch.form, "calamine"),
    }
    form = batch.form.id
    contestants = {
        "calamine, every cell": calamine_alone,
        f"{form}: open safely": opened,
        f"{form}: open, read": read,
        f"{form}: check": checked,
        **slow,
    }
    times = rounds(contestants, batch.paths, slow=dict.fromkeys(slow, SLOW_ROUNDS))
    for name in (f"{form}: open safely", f"{form}: open, read", f"{form}: check"):
        yield Ratio.of(name, "calamine, every cell", times)
    for name in slow:
        yield Ratio.of(name, f"{form}: check", times)


def processes(batch: Batch, collection: Path) -> Ratio:
    """Compare the command with one process and with as many as there are processors, start-up included."""
    times: dict[str, list[float]] = {"check, one process": [], "check, all processors": []}
    for name, jobs in (("check, one process", ["--jobs", "1"]), ("check, all processors", [])):
        seconds, _ = command("-m", "toolkit", "-C", str(collection), *jobs, "check", folder=collection)
        times[name].append(seconds / len(batch.paths))
    return Ratio.of("check, one process", "check, all processors", times)
