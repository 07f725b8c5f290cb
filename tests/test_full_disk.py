"""A disk that is full, or takes nothing, is told in one sentence that names the folder; nothing is torn."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from collections_made import project, run, start
from filling import fill, form
from valid import answers

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are POSIX")
ROOM = "磁盘已满、超出配额"


@pytest.fixture(scope="module")
def wordy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection of few workbooks whose results take more than SQLite keeps in memory (2 MB)."""
    root = start(tmp_path_factory.mktemp("磁盘") / "集")
    chance = random.Random(1)
    for number in range(8):
        given = answers("project")
        given["project"]["unit_name"] = f"第{number}街道办事处"
        for row in given["indicators"]:
            row["actual"] = "".join(chance.choices([chr(code) for code in range(0x4E00, 0x9FA5)], k=30_000))
        fill(form("project"), given, root / "workbooks" / f"{number}.xlsx", year=2024)
    return root


def limited(blocks: int, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command where no file can be longer than so many blocks of 1,024 bytes."""
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (blocks * 1024, blocks * 1024))

    return subprocess.run(
        [sys.executable, "-m", "toolkit", *words],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
        env={**os.environ, **environment},
    )


def test_results_that_do_not_fit_into_the_temporary_folder_are_told(wordy: Path, tmp_path: Path) -> None:
    told = limited(512, "-C", str(wordy), "check", TMPDIR=str(tmp_path))
    assert told.returncode == 2
    assert told.stderr == (
        f"错误：临时文件夹“{tmp_path}”写不进去：{ROOM}或没有权限。"
        "请腾出空间，或把环境变量 TMPDIR 设为另一个放得下的文件夹，再重新运行。\n"
    )
    assert told.stdout == ""


def test_outputs_that_do_not_fit_are_told_and_those_before_stay(tmp_path: Path) -> None:
    root = start(tmp_path / "集")
    project(root, {})
    assert run("-C", str(root), "build").exit_code == 0
    before = {path: path.read_bytes() for path in (root / "out").rglob("*") if path.is_file()}
    project(root, {(1, "actual"): ""})
    told = limited(20, "-C", str(root), "build")
    assert told.returncode == 2
    assert told.stderr == (
        f"错误：文件夹“{root / '.xlreport' / 'new'}”写不进去：{ROOM}或只读。请腾出空间后重新运行。\n"
    )
    assert before == {path: path.read_bytes() for path in (root / "out").rglob("*") if path.is_file()}
    assert run("-C", str(root), "build").exit_code == 1


def test_what_is_printed_to_a_full_disk_is_told() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("a device of Linux")
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "toolkit", "explain"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert ended.returncode == 2
    assert ended.stderr.decode().count("\n") == 1 and "或接收输出的文件" in ended.stderr.decode()
