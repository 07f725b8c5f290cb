"""A file that kills, hangs or swells the process that reads it costs itself only, and is named."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path, PosixPath

import pytest
import xlsxwriter
from packages import workbook, worksheet
from valid import answers

from toolkit.checks.model import CheckResult
from toolkit.checks.runner import Task
from toolkit.checks.workers import Judging, check_files
from toolkit.crew.watched import watched_crew
from toolkit.form.loader import load_form
from toolkit.submission.guard import MIB, Limits
from toolkit.writers.blank import write_blank

PROJECT = load_form(Path(__file__).parent.parent / "templates" / "forms" / "project.toml")
SMALL = workbook(worksheet('<row r="1"><c r="A1"><v>1</v></c></row>'))


def in_worker() -> bool:
    return multiprocessing.parent_process() is not None


class Aborting(PosixPath):
    """A file that ends the process that opens it, as a fault in a library of C or Rust does."""

    def __fspath__(self) -> str:
        if in_worker():
            os.abort()
        return PosixPath.__fspath__(self)


class AbortingOnce(PosixPath):
    """A file whose reader dies the first time, as it does when the machine is short of memory."""

    def __fspath__(self) -> str:
        plain = PosixPath.__fspath__(self)
        if not Path(plain + ".seen").exists():
            Path(plain + ".seen").touch()
            os.abort()
        return plain


class Endless(PosixPath):
    """A file whose reader goes round in a circle."""

    def __fspath__(self) -> str:
        while in_worker():
            pass
        return PosixPath.__fspath__(self)


class Swelling(PosixPath):
    """A file whose reader takes more and more memory."""

    def __fspath__(self) -> str:
        held = []
        while in_worker():
            held.append(bytearray(os.urandom(1 << 16) * 16))
        return PosixPath.__fspath__(self)


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    for number in range(4):
        write_blank(PROJECT, tmp_path / f"{number}.xlsx", answers=answers("project"), year=2024)
    return [tmp_path / f"{number}.xlsx" for number in range(4)]


def checked(paths: list[Path], limits: Limits | None = None, jobs: int = 1) -> list[CheckResult]:
    tasks = [Task(path, f"{number}号.xlsx") for number, path in enumerate(paths)]
    with watched_crew(jobs) as crew:
        results = check_files(tasks, Judging((PROJECT,), limits or Limits()), crew)
    assert [result.file for result in results.results] == [task.name for task in tasks]
    return list(results.results)


def codes(results: list[CheckResult]) -> list[list[str]]:
    return [[item.code for item in result.issues] for result in results]


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_file_that_kills_its_worker_is_named_and_its_siblings_are_judged(
    paths: list[Path], jobs: int
) -> None:
    results = checked([paths[0], Aborting(paths[1]), paths[2], Aborting(paths[3])], jobs=jobs)
    assert codes(results) == [[], ["F10"], [], ["F10"]]
    assert results[1].size == paths[1].stat().st_size
    assert len(results[1].sha256) == 64


def test_a_file_whose_worker_died_by_chance_is_read_the_second_time(paths: list[Path]) -> None:
    assert codes(checked([paths[0], AbortingOnce(paths[1]), paths[2]])) == [[], [], []]


def test_a_file_that_hangs_is_ended_by_the_parent_and_its_siblings_are_judged(paths: list[Path]) -> None:
    results = checked([Endless(paths[0]), *paths[1:]], Limits(max_seconds=1))
    assert codes(results) == [["F05"], [], [], []]
    (told,) = results[0].issues
    assert "读取用时 1 秒" in told.message
    assert "max_seconds" in told.hint


def test_a_file_that_swells_is_ended_and_its_siblings_are_judged(paths: list[Path]) -> None:
    results = checked([paths[0], Swelling(paths[1]), paths[2]], Limits(max_memory=256 * MIB))
    assert codes(results) == [[], ["F05"], []]
    (told,) = results[1].issues
    assert "占用内存" in told.message
    assert "max_memory" in told.hint


def test_an_honest_file_that_takes_too_long_costs_only_itself(tmp_path: Path, paths: list[Path]) -> None:
    with xlsxwriter.Workbook(tmp_path / "大.xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(60_000):
            sheet.write_row(row, 0, [f"第{row}行", *range(20)])
    assert codes(checked([tmp_path / "大.xlsx", paths[0]], Limits(max_seconds=1), jobs=2)) == [["F05"], []]


def test_many_small_files_keep_their_order_whatever_worker_takes_them(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number}.xlsx").write_bytes(SMALL)
    assert codes(checked([tmp_path / f"{number}.xlsx" for number in range(40)], jobs=3)) == [["S18"]] * 40


@pytest.mark.parametrize("name", ["toolkit/__init__.py", "toolkit/checks/workers.py", "selectors.py"])
def test_no_module_is_loaded_from_the_folder_the_command_is_run_in(
    tmp_path: Path, paths: list[Path], name: str
) -> None:
    elsewhere = tmp_path / "别人的"
    (elsewhere / name).parent.mkdir(parents=True)
    (elsewhere / name).write_text("raise SystemExit('loaded')", encoding="utf-8")
    (tmp_path / "xlreport.toml").write_text('forms = ["project"]', encoding="utf-8")
    command = [str(Path(sys.executable).parent / "xlreport"), "-C", "..", "check", str(paths[0])]
    ended = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "采用 1" in ended.stdout
