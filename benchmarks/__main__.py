"""Make the workbooks, run everything in turn and print one table of ratios: `python -m benchmarks --help`."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from benchmarks.building import building
from benchmarks.reading import processes, reading
from benchmarks.timing import Ratio, command
from benchmarks.workbooks import ROOT, Batch, every_form, filled_workbooks
from benchmarks.writing import blanks, documents, marked
from toolkit.checks.runner import Task, check_workbook
from toolkit.collection import open_collection
from toolkit.submission.guard import Limits
from toolkit.submission.reader import Reader

LIBRARIES = ("python-calamine", "openpyxl", "pandas", "xlsxwriter", "docxtpl", "click")
STARTS = 5  # times a command is started


def main() -> int:
    """Run what is asked for."""
    asked = _arguments()
    department, *others = sorted(every_form(), key=lambda form: form.id != asked.form)
    batch = filled_workbooks(department, max([asked.size, *asked.memory]), asked.cache)
    lines = [*_machine(), "", *_heading()]
    with _folder(batch.first(asked.size)) as folder:
        ratios: list[Ratio] = []
        for ratio in _everything(batch.first(asked.size), asked.cache, folder, others, asked.others):
            print(_line(ratio), file=sys.stderr, flush=True)
            ratios.append(ratio)
    lines += map(_line, ratios)
    lines += [
        "",
        "| workbooks | command | peak memory of the largest process | seconds | ms a workbook |",
        "|---|---|---|---|---|",
    ]
    lines += [line for number in asked.memory for line in _memory(batch.first(number))]
    print("\n".join(lines))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--form", default="department", help="the form that is measured in full")
    parser.add_argument("--size", type=int, default=500, help="its workbooks")
    parser.add_argument(
        "--others", type=int, default=50, help="workbooks of each other form; 0 leaves them out"
    )
    parser.add_argument(
        "--memory", type=int, nargs="*", default=[500, 2000], help="workbooks to check and to build at once"
    )
    parser.add_argument(
        "--cache",
        type=Path,
        default=ROOT / ".benchmarks",
        help="where generated workbooks are kept (default: .benchmarks, outside git)",
    )
    return parser.parse_args()


def _everything(
    batch: Batch, cache: Path, folder: Path, others: Iterable[object], number: int
) -> Iterator[Ratio]:
    yield from reading(batch)
    for form in others if number else ():
        yield from list(reading(filled_workbooks(form, number, cache)))[2:3]  # its check beside calamine
    yield processes(batch, folder)
    yield from blanks(batch.form, folder)
    reader = Reader([batch.form])
    results = [check_workbook(Task(path, path.name), reader, Limits()) for path in batch.paths[:50]]
    yield marked(results, batch)
    with _folder(batch.first(100)) as small:
        yield from documents(open_collection(small))
        yield _again(small)
    yield from building(batch, folder)
    yield _start()


def _start() -> Ratio:
    """Compare the start of the command with that of its command line library."""
    times: dict[str, list[float]] = {"xlreport --version": [], "import click": []}
    for _ in range(STARTS):
        times["xlreport --version"].append(command("-m", "toolkit", "--version", folder=ROOT)[0])
        times["import click"].append(command("-c", "import click", folder=ROOT)[0])
    return Ratio.of("xlreport --version", "import click", times)


def _again(folder: Path) -> Ratio:
    """Compare a build of what was built before with the build that made it."""
    full, _ = command("-m", "toolkit", "-C", str(folder), "--quiet", "build", folder=folder)
    again, _ = command("-m", "toolkit", "-C", str(folder), "--quiet", "build", folder=folder)
    return Ratio.of("build, nothing new", "build", {"build, nothing new": [again], "build": [full]})


def _memory(batch: Batch) -> Iterator[str]:
    """Yield a line for check, and for a build with everything it makes."""
    number = len(batch.paths)
    for job in ("check", "build"):
        with _folder(batch) as folder:
            seconds, peak = command("-m", "toolkit", "-C", str(folder), "--quiet", job, folder=folder)
        each = seconds / number * 1000
        yield f"| {number} | {job} | {peak / 2**20:.0f} MiB | {seconds:.1f} | {each:.1f} |"


@contextmanager
def _folder(batch: Batch) -> Iterator[Path]:
    """Make a collection of the workbooks."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = f'title = "基准"\ndistrict = "青山区"\nforms = ["{batch.form.id}"]\n'
        (folder / "xlreport.toml").write_text(settings, encoding="utf-8")
        (folder / "workbooks").mkdir()
        for path in batch.paths:
            shutil.copyfile(path, folder / "workbooks" / path.name)
        yield folder


def _machine() -> Iterator[str]:
    """Describe the machine and the versions that were measured."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = (line for line in cpuinfo.read_text().splitlines() if line.startswith("model name"))
        model = next(named, model).partition(":")[2].strip() or model
    python = f"{platform.python_implementation()} {platform.python_version()}"
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    yield f"{os.cpu_count()} × {model}, {platform.system()}, {python}; {libraries}"


def _heading() -> Iterator[str]:
    yield "| what | beside | ratio, least | ratio, median | ms | ms of the other |"
    yield "|---|---|---|---|---|---|"


def _line(ratio: Ratio) -> str:
    return (
        f"| {ratio.what} | {ratio.beside} | {ratio.least:.2f} | {ratio.median:.2f} "
        f"| {ratio.own:.2f} | {ratio.other:.2f} |"
    )


if __name__ == "__main__":
    sys.exit(main())
