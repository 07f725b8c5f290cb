"""Outputs appear together: builds that are killed, locked out, or begun twice."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from collections_made import project, run, start

from toolkit.publication import Publication, alone

Digests = dict[str, str]


def digests(out: Path) -> Digests:
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in out.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def publication(tmp_path: Path) -> Callable[[], Publication]:
    return lambda: Publication(tmp_path / "out", tmp_path / "work", ("退回/**/*",))


def test_nothing_is_seen_before_it_is_published(
    publication: Callable[[], Publication], tmp_path: Path
) -> None:
    made = publication()
    made.write_bytes("退回/甲.xlsx", b"1")
    assert not (tmp_path / "out").exists()
    assert made.publish() == []
    assert (tmp_path / "out" / "退回" / "甲.xlsx").read_bytes() == b"1"
    assert not (tmp_path / "work" / "new").exists()


def test_what_an_earlier_build_left_in_our_folders_goes_and_other_files_stay(
    publication: Callable[[], Publication], tmp_path: Path
) -> None:
    first = publication()
    first.write_bytes("退回/甲.xlsx", b"1")
    first.publish()
    (tmp_path / "out" / "笔记.txt").write_bytes(b"mine")
    second = publication()
    second.write_bytes("退回/乙.xlsx", b"2")
    second.publish()
    assert set(digests(tmp_path / "out")) == {"退回/乙.xlsx", "笔记.txt"}


def test_what_was_not_finished_is_dropped(publication: Callable[[], Publication], tmp_path: Path) -> None:
    publication().write_bytes("汇总表.xlsx", b"half")
    publication().publish()
    assert digests(tmp_path / "out") == {}


def test_moves_that_were_cut_short_are_ended_by_the_next_build(
    publication: Callable[[], Publication], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = publication()
    for name in ("甲", "乙", "丙"):
        made.write_bytes(name, name.encode())
    move, moved = Path.replace, []

    def cut_short(self: Path, target: Path) -> Path:
        if self.parent.name == "new" and len(moved) == 1:
            raise KeyboardInterrupt
        moved.append(target)
        return move(self, target)

    monkeypatch.setattr(Path, "replace", cut_short)
    with pytest.raises(KeyboardInterrupt):
        made.publish()
    monkeypatch.undo()
    assert len(digests(tmp_path / "out")) < 3
    publication()
    assert set(digests(tmp_path / "out")) == {"甲", "乙", "丙"}


def test_an_output_open_in_another_program_is_named_and_the_others_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = start(tmp_path / "c")
    project(root, {})
    run("-C", str(root), "build")
    before = digests(root / "out")
    project(root, {(1, "score"): 29}, "再报.xlsx")
    move = Path.replace

    def held_open(self: Path, target: Path) -> Path:
        if target.name == "汇总表.xlsx" and target.parent.name == "out":
            raise PermissionError(13, "open in another program")  # what Windows says
        return move(self, target)

    monkeypatch.setattr(Path, "replace", held_open)
    done = run("-C", str(root), "build")
    monkeypatch.undo()
    assert done.exit_code == 2
    assert "汇总表.xlsx 正被其他程序打开" in done.output
    after = digests(root / "out")
    assert after["汇总表.xlsx"] == before["汇总表.xlsx"]
    assert after["issues.json"] != before["issues.json"]
    assert "汇总表.xlsx" not in (root / "out" / "manifest.json").read_text(encoding="utf-8")
    assert run("-C", str(root), "build").exit_code != 2  # closed in the meantime
    assert digests(root / "out")["汇总表.xlsx"] != before["汇总表.xlsx"]


def test_a_second_build_at_the_same_time_says_so_and_stops(tmp_path: Path) -> None:
    root = start(tmp_path / "c")
    project(root, {})
    with alone(root / ".xlreport"):
        done = run("-C", str(root), "build")
    assert done.exit_code == 2
    assert "另一个 xlreport build 正在处理" in done.output
    assert not (root / "out").exists()
    assert run("-C", str(root), "build").exit_code != 2


@pytest.mark.slow
def test_a_build_killed_at_any_moment_leaves_whole_outputs_old_or_new(tmp_path: Path) -> None:
    root = start(tmp_path / "c")
    submitted = root / "workbooks" / "项目.xlsx"
    both: list[tuple[bytes, Digests]] = []
    for score in (30, 29):
        project(root, {(1, "score"): score})
        run("-C", str(root), "build")
        both.append((submitted.read_bytes(), digests(root / "out")))
    chance = random.Random(20250310)
    killed = 0
    for turn in range(50):
        content, target = both[turn % 2]
        submitted.write_bytes(content)
        child = subprocess.Popen(
            [sys.executable, "-m", "toolkit", "-C", str(root), "build"], stdout=subprocess.DEVNULL
        )
        time.sleep(chance.uniform(0.2, 2.5))
        killed += child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.wait()
        for name, digest in digests(root / "out").items():
            assert digest in {outputs.get(name) for _, outputs in both}, (turn, name)
        assert run("-C", str(root), "--jobs", "1", "build").exit_code in (0, 1)
        assert digests(root / "out") == target, turn
    assert killed > 10
