"""A file whose bytes travel with its task is judged by whoever has the task alone."""

from __future__ import annotations

import io
import pickle
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from valid import answers

from toolkit.checks.model import CheckResult
from toolkit.checks.policy import Policy
from toolkit.checks.runner import Task, Unpacked, carried, check_task
from toolkit.form.loader import load_form
from toolkit.submission.guard import Limits
from toolkit.submission.reader import Reader
from toolkit.writers.blank import write_blank

PROJECT = load_form(Path(__file__).parent.parent / "templates" / "forms" / "project.toml")
READER = Reader([PROJECT], {})
ELSEWHERE = Path("/nowhere/that/a/worker/can/see")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("good") / "好.xlsx"
    write_blank(PROJECT, path, answers=answers("project"), year=2024)
    return path.read_bytes()


def zipped(**members: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.xlsx", content)
    return held.getvalue()


def put(tmp_path: Path, content: bytes) -> Task:
    path = tmp_path / "表.xlsx"
    path.write_bytes(content)
    return Task(path, "甲/表.xlsx")


def judged_elsewhere(task: Task, limits: Limits) -> CheckResult | Unpacked:
    """Judge a task where its path leads nowhere."""
    taken = carried(task, limits)
    if not isinstance(taken, Task):
        return taken
    sent = pickle.loads(pickle.dumps(replace(taken, path=ELSEWHERE)))
    return check_task(sent, READER, limits, Policy())


def both(task: Task, limits: Limits) -> tuple[CheckResult | Unpacked, CheckResult | Unpacked]:
    return check_task(task, READER, limits, Policy()), judged_elsewhere(task, limits)


@pytest.mark.parametrize("content", ["good", b"", b"\x89PNG\r\n\x1a\n....", b"PK\x03\x04 torn"])
def test_a_carried_file_is_judged_as_it_is_from_the_disk(
    tmp_path: Path, content: str | bytes, good: bytes
) -> None:
    here, there = both(put(tmp_path, content if isinstance(content, bytes) else good), Limits())
    assert isinstance(here, CheckResult)
    assert here == there
    assert (here.submission is not None) == (content == "good")


def test_a_file_over_the_limit_is_told_without_taking_it_along(tmp_path: Path, good: bytes) -> None:
    here, there = both(put(tmp_path, good), Limits(max_bytes=len(good) - 1))
    assert isinstance(there, CheckResult)
    assert here == there
    assert [item.code for item in there.issues] == ["F05"]
    kept = carried(put(tmp_path, good), Limits(max_bytes=len(good)))
    assert isinstance(kept, Task) and kept.content == good


def test_members_of_a_carried_archive_are_carried_one_by_one(tmp_path: Path, good: bytes) -> None:
    task = put(tmp_path, zipped(甲=good, 乙=b"junk"))
    opened = judged_elsewhere(task, Limits())
    assert isinstance(opened, Unpacked)
    members = [replace(member, path=task.path) for member in opened.members]
    assert [member.name for member in members] == ["甲/表.xlsx/乙.xlsx", "甲/表.xlsx/甲.xlsx"]
    for member in members:
        here, there = both(member, Limits())
        assert here == there and isinstance(there, CheckResult) and there.sha256


def test_an_archive_larger_than_a_file_may_be_is_opened_without_taking_it_along(
    tmp_path: Path, good: bytes
) -> None:
    task = put(tmp_path, zipped(甲=good, 乙=good))
    taken = carried(task, Limits(max_bytes=task.path.stat().st_size - 1))
    assert isinstance(taken, Unpacked)
    assert len(taken.members) == 2


def test_archives_carried_are_opened_to_the_same_depth(tmp_path: Path, good: bytes) -> None:
    task = put(tmp_path, zipped(甲=zipped(乙=good)))
    limits = Limits(max_depth=1)
    opened = judged_elsewhere(task, limits)
    assert isinstance(opened, Unpacked)
    here, there = both(replace(opened.members[0], path=task.path), limits)
    assert here == there and isinstance(there, CheckResult)
    assert [item.code for item in there.issues] == ["F05"]
