"""What is kept between builds: results by content, and the last build itself."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from collections_made import add, project, run, start
from filling import fill, form, load_forms, read
from valid import answers

from toolkit.cache import ResultCache, judgement
from toolkit.checks.model import CheckResult
from toolkit.checks.records import Record, RecordError, pack, unpack, unpack_head
from toolkit.checks.results import Results, Store
from toolkit.checks.runner import Task
from toolkit.collecting import collect
from toolkit.collection import open_collection

FORMS = {form.id: form for form in load_forms()}
SAMPLES = sorted((Path(__file__).parent.parent / "workbooks").glob("*自评表*.xlsx"))


def outputs(root: Path) -> dict[str, str]:
    out = root / "out"
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A collection with one project workbook, not built yet."""
    root = start(tmp_path / "collection")
    project(root, {})
    return root


def packed(result: CheckResult) -> Record:
    return pack(result, FORMS)


def kept_and_back(result: CheckResult) -> CheckResult:
    return Results.of([result], FORMS)[0]


# ── records ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_result_comes_back_from_its_record_as_it_was(path: Path) -> None:
    result = read(path)
    assert kept_and_back(result) == result


def test_the_result_of_a_file_that_cannot_be_read_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "坏.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing else")
    result = read(path)
    assert result.submission is None
    assert kept_and_back(result) == result


def test_a_record_is_read_under_the_name_the_file_goes_by_now() -> None:
    record = packed(read(SAMPLES[0]))
    result = unpack(replace(unpack_head(record.head), file="新名.xlsx"), record.told, record.said)
    assert result.file == "新名.xlsx"
    assert result.submission is not None
    assert result.submission.file == "新名.xlsx"
    assert {issue.location.file for issue in result.issues} == {"新名.xlsx"}


@pytest.mark.parametrize("part", ["head", "told", "said"])
@pytest.mark.parametrize("damage", [lambda _: b"\x00" * 20, lambda whole: whole[:-30]], ids=["other", "cut"])
def test_a_broken_record_is_refused(part: str, damage: Callable[[bytes], bytes]) -> None:
    record = packed(read(SAMPLES[0]))
    broken = replace(record, **{part: damage(getattr(record, part))})
    with pytest.raises(RecordError):
        unpack(unpack_head(broken.head), broken.told, broken.said)


def test_without_the_answers_of_a_record_its_issues_and_its_form_are_there() -> None:
    result = read(SAMPLES[0])
    (bare,) = Results.of([result]).bare()
    assert result.submission is not None
    assert bare.submission is not None
    assert (bare.submission.form, bare.submission.sections) == (result.submission.form, {})
    assert (bare.issues, bare.verdict, bare.cells) == (result.issues, result.verdict, result.cells)


# ── the cache of results ────────────────────────────────────────────────────────────────────────────


def kept(folder: Path, path: Path, judged: str = "j") -> tuple[ResultCache, CheckResult]:
    cache = ResultCache(folder, judged, largest=1 << 20)
    result = read(path)
    cache.keep(Results.of([result], FORMS))
    return cache, result


def test_a_file_is_known_by_its_content_wherever_it_lies(tmp_path: Path) -> None:
    cache, result = kept(tmp_path, SAMPLES[0])
    moved = tmp_path / "子目录" / "改名.xlsx"
    moved.parent.mkdir()
    shutil.copy(SAMPLES[0], moved)
    store = Store()
    found = cache.find([Task(moved, "子目录/改名.xlsx")], store)
    (again,) = Results(store, found.results["子目录/改名.xlsx"])
    assert again == replace(
        result,
        file="子目录/改名.xlsx",
        submission=result.submission and replace(result.submission, file="子目录/改名.xlsx"),
        issues=tuple(item.in_file("子目录/改名.xlsx") for item in result.issues),
    )


def test_one_changed_byte_makes_a_file_unknown(tmp_path: Path) -> None:
    cache, _ = kept(tmp_path, SAMPLES[0])
    changed = tmp_path / SAMPLES[0].name
    changed.write_bytes(SAMPLES[0].read_bytes() + b"\0")
    assert cache.find([Task(changed, changed.name)], Store()).results == {}


def test_results_of_another_judgement_are_unknown_and_dropped(tmp_path: Path) -> None:
    kept(tmp_path, SAMPLES[0], judged="before")
    task = Task(SAMPLES[0], SAMPLES[0].name)
    now = ResultCache(tmp_path, "now", largest=1 << 20)
    assert now.find([task], Store()).results == {}
    now.keep(Results.of([]))
    assert ResultCache(tmp_path, "before", largest=1 << 20).find([task], Store()).results == {}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
def test_a_pipe_among_the_workbooks_is_not_waited_for(tmp_path: Path) -> None:
    cache, _ = kept(tmp_path, SAMPLES[0])
    pipe = tmp_path / "管道.xlsx"
    os.mkfifo(pipe)
    assert cache.find([Task(pipe, pipe.name)], Store()).results == {}


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\x00" + bytes(84), b"\xff" * 5000])
def test_a_cache_that_cannot_be_read_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    cache, _ = kept(tmp_path, SAMPLES[0])
    (tmp_path / "results.sqlite").write_bytes(content)
    assert cache.find([Task(SAMPLES[0], SAMPLES[0].name)], Store()).results == {}


def test_a_judgement_is_named_alike_in_every_process() -> None:
    code = "import filling, toolkit.cache as c; print(c.judgement(filling.load_forms()))"
    names = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert names == {judgement(load_forms())}


# ── builds ──────────────────────────────────────────────────────────────────────────────────────────


def test_results_from_the_cache_are_those_of_reading_again(collection: Path) -> None:
    opened = open_collection(collection, today=date(2025, 6, 30))
    fresh = collect(opened, jobs=1, keep=True)
    counted: list[int] = []
    again = collect(opened, jobs=1, progress=counted.append)
    assert again == fresh
    assert counted == [1]  # all that was known, told at once: no file was left to be read


def test_a_build_with_nothing_changed_does_nothing_and_says_so(collection: Path) -> None:
    first = run("-C", str(collection), "build")
    before = {path: path.stat().st_mtime_ns for path in (collection / "out").rglob("*")}
    again = run("-C", str(collection), "build")
    assert "与上次相同，没有重做" in again.output
    assert again.output.replace("与上次相同，没有重做。", "") == first.output
    assert again.exit_code == first.exit_code
    assert before == {path: path.stat().st_mtime_ns for path in (collection / "out").rglob("*")}


@pytest.mark.parametrize(
    "change", ["output deleted", "output edited", "setting", "workbook", "form", "roster"]
)
def test_any_change_is_built(collection: Path, change: str) -> None:
    run("-C", str(collection), "build")
    before = outputs(collection)
    if change == "output deleted":
        (collection / "out" / "汇总表.xlsx").unlink()
    elif change == "output edited":
        (collection / "out" / "issues.json").write_text("{}", encoding="utf-8")
    elif change == "setting":
        add(collection, 'rules.N09.severity = "note"')
    elif change == "workbook":
        fill(form("project"), answers("project"), collection / "workbooks" / "再报.xlsx", year=2024)
    elif change == "form":
        path = next((collection / "templates" / "forms").glob("project.toml"))
        path.write_text(path.read_text(encoding="utf-8") + "\n# 改动\n", encoding="utf-8")
    else:
        (collection / "workbooks" / "名册.xlsx").unlink()
    again = run("-C", str(collection), "build")
    assert "与上次相同" not in again.output
    if change.startswith("output"):
        assert outputs(collection) == before


def test_what_an_archive_holds_is_not_read_again(collection: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.write(SAMPLES[0], "里.xlsx")
    with zipfile.ZipFile(collection / "workbooks" / "包.zip", "w") as archive:
        archive.write(collection / "workbooks" / "项目.xlsx", "外.xlsx")
        archive.writestr("内.zip", inner.getvalue())
        archive.writestr("~$锁.xlsx", b"lock")
    opened = open_collection(collection, today=date(2025, 6, 30))
    fresh = collect(opened, jobs=1, keep=True)
    (collection / "workbooks" / "包.zip").rename(collection / "workbooks" / "改名.zip")
    counted: list[int] = []
    again = collect(opened, jobs=1, progress=counted.append)
    assert counted == [2]  # the workbook and the archive
    assert [head.file for head in again.results.heads] == [
        "改名.zip/内.zip/里.xlsx",
        "改名.zip/外.xlsx",
        "项目.xlsx",
    ]
    assert [head.verdict for head in again.results.heads] == [head.verdict for head in fresh.results.heads]
    assert again.skipped == fresh.skipped == 1


def test_an_archive_is_read_again_when_something_in_it_is_not_known(collection: Path) -> None:
    with zipfile.ZipFile(collection / "workbooks" / "包.zip", "w") as archive:
        archive.write(SAMPLES[0], "里.xlsx")
    opened = open_collection(collection, today=date(2025, 6, 30))
    fresh = collect(opened, jobs=1, keep=True)
    with sqlite3.connect(collection / ".xlreport" / "results.sqlite") as connection:
        connection.execute(
            "UPDATE records SET said = x'00' WHERE content LIKE ?", (f"{fresh.results[0].sha256}%",)
        )
    connection.close()
    assert collect(opened, jobs=1) == fresh


def test_a_build_after_the_cache_was_deleted_gives_the_same_bytes(collection: Path) -> None:
    run("-C", str(collection), "build")
    before = outputs(collection)
    shutil.rmtree(collection / ".xlreport")
    shutil.rmtree(collection / "out")
    run("-C", str(collection), "build")
    assert outputs(collection) == before


def test_looking_does_not_write(collection: Path) -> None:
    run("-C", str(collection), "check")
    run("-C", str(collection), "status")
    assert not (collection / ".xlreport").exists()
