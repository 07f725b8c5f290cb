"""A cluster that is lost or not fit is told in one sentence, and what was done is not done again."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from addresses import on_disk
from collections_made import TODAY, run, start
from filling import fill, form
from local_cluster import Parts, cluster_of_parts
from valid import answers

import toolkit
from toolkit.build import build
from toolkit.cluster import cluster_crew
from toolkit.collection import open_collection
from toolkit.settings import CollectionError, read_settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # sockets to the dead
]


@pytest.fixture
def parts() -> Iterator[Parts]:
    with cluster_of_parts() as found:
        yield found


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection of a dozen workbooks."""
    root = start(tmp_path_factory.mktemp("集群") / "集", "[cluster]\nwait = 2\n")
    for number in range(12):
        given = answers("project")
        given["project"]["unit_name"] = f"第{number}街道办事处"
        fill(form("project"), given, root / "workbooks" / f"{number:02}.xlsx", year=2024)
    return root


@pytest.fixture
def root(filled: Path, tmp_path: Path) -> Path:
    shutil.copytree(filled, tmp_path / "集")
    return tmp_path / "集"


def cut_short(root: Path, address: str, cut: Callable[[], object]) -> str:
    """Build on a cluster of which something is cut off at the third workbook; return what is told of it."""
    done = 0

    def progress(more: int) -> None:
        nonlocal done
        done += more
        if done == 3:
            cut()

    collection = open_collection(root, today=TODAY)
    with (
        pytest.raises(CollectionError) as raised,
        cluster_crew(address, collection.settings.cluster_wait) as crew,
    ):
        crew.most = 1
        build(collection, crew=crew, progress=progress)
    assert done >= 3
    assert not (root / "out").exists()
    return str(raised.value)


def goes_on(root: Path) -> bool:
    """Build here and return whether the workbooks that were read before are not read again."""
    told: list[int] = []
    build(open_collection(root, today=TODAY), progress=told.append)
    assert (root / "out" / "汇总表.xlsx").is_file()
    return told[0] >= 3


def test_when_all_workers_are_gone_it_is_told_after_a_while_and_the_next_run_goes_on(
    root: Path, parts: Parts
) -> None:
    parts.hire()
    began = time.monotonic()
    told = cut_short(root, parts.address, parts.dismiss)
    assert told.startswith(f"集群“{parts.address}”的工作进程都不在了，等了 2 秒没有恢复，没有做完。")
    assert f"重新运行 dask worker {parts.address}" in told
    assert time.monotonic() - began < 40
    assert goes_on(root)


def test_workers_that_come_back_in_time_end_the_job(root: Path, parts: Parts) -> None:
    parts.hire()
    hired: list[int] = []

    def progress(done: int) -> None:
        if not hired:
            parts.dismiss()
            hired.append(parts.hire().pid)

    with cluster_crew(parts.address, 60) as crew:
        crew.most = 1
        assert build(open_collection(root, today=TODAY), crew=crew, progress=progress).fresh
    assert hired


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_scheduler_that_dies_or_falls_silent_is_told_and_the_next_run_goes_on(
    root: Path, parts: Parts, how: int
) -> None:
    parts.hire()
    told = cut_short(root, parts.address, lambda: os.kill(parts.scheduler.pid, how))
    assert told.startswith(f"与集群“{parts.address}”的连接中断，没有做完。请确认调度程序还在运行")
    assert goes_on(root)


def refusal(root: Path, parts: Parts, *words: str) -> str:
    """Return the one sentence in which a command refuses a cluster."""
    ended = run("-C", str(root), *(words or ("check",)), "--cluster", parts.address)
    assert ended.exit_code == 2, ended.output
    assert ended.stderr.count("\n") == 1
    assert not (root / "out").exists()
    return ended.stderr


def test_workers_that_do_not_answer_are_told(
    root: Path, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.cluster.PATIENCE", 3)
    parts.hire().send_signal(signal.SIGSTOP)
    assert "3 秒内没有应答" in refusal(root, parts)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("raise ImportError", "上没有安装 xlreport；请装上与本机相同的"),
        ('__version__ = "0.0"', "上是 xlreport 0.0，本机是"),
        ("# another state", "的程序文件或所用的库与本机不同"),
    ],
)
def test_workers_with_another_state_of_the_program_are_told(
    root: Path, parts: Parts, tmp_path: Path, change: str, told: str
) -> None:
    package = tmp_path / "别的" / "toolkit"
    shutil.copytree(Path(toolkit.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    with (package / "__init__.py").open("a", encoding="utf-8") as file:
        file.write(f"\n{change}\n")
    parts.hire({**os.environ, "PYTHONPATH": str(package.parent)})
    assert told in refusal(root, parts)


def test_another_python_is_told(root: Path, parts: Parts, tmp_path: Path) -> None:
    """A worker that says it is of another Python: there may be no other one on the machine."""
    (tmp_path / "sitecustomize.py").write_text(
        "import distributed.versions as v\n"
        "old = v.get_package_info\n"
        "v.get_package_info = lambda packages: {**old(packages), 'python': '2.7.18.final.0'}\n",
        encoding="utf-8",
    )
    parts.hire({**os.environ, "PYTHONPATH": str(tmp_path)})
    mine = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"上是 Python 2.7，本机是 {mine}；请用同一版本。" in refusal(root, parts)


def test_a_worker_without_libreoffice_is_told_before_any_work(
    root: Path, parts: Parts, tmp_path: Path
) -> None:
    parts.hire({**os.environ, "PATH": str(tmp_path)})
    told = refusal(root, parts, "build", "--pdf")
    assert re.fullmatch(r"错误：集群的工作进程 tcp://\S+ 上没有安装 LibreOffice，不能生成 PDF。.*\n", told)


@pytest.mark.office
def test_pdfs_made_by_workers_have_the_bytes_of_those_made_here(
    root: Path, parts: Parts, tmp_path: Path
) -> None:
    parts.hire()
    parts.hire()
    for path in sorted((root / "workbooks").glob("[0-9]*.xlsx"))[4:]:
        path.unlink()
    shutil.copytree(root, other := tmp_path / "另")
    assert run("-C", str(root), "build", "--pdf", "--cluster", parts.address).exit_code == 1
    assert run("-C", str(other), "build", "--pdf").exit_code == 1
    assert on_disk(root / "out") == on_disk(other / "out")
    assert sum(name.endswith(".pdf") for name in on_disk(root / "out")) == 5


def test_a_scheduler_without_the_program_is_told(root: Path, tmp_path: Path) -> None:
    (tmp_path / "toolkit.py").write_text("raise ImportError", encoding="utf-8")
    with cluster_of_parts({**os.environ, "PYTHONPATH": str(tmp_path)}) as lacking:
        lacking.hire()
        assert "的调度程序上没有安装 xlreport；" in refusal(root, lacking)


def test_a_worker_that_joins_without_the_program_is_told(
    root: Path, parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.cluster.LASTS", 0)
    (tmp_path / "toolkit.py").write_text("raise ImportError", encoding="utf-8")
    parts.hire()
    told = cut_short(root, parts.address, lambda: parts.hire({**os.environ, "PYTHONPATH": str(tmp_path)}))
    assert "上没有安装 xlreport；请装上" in told
    assert goes_on(root)


def test_a_wait_that_is_no_number_of_seconds_is_told(root: Path) -> None:
    for wrong, told in (
        ("wait = 0", "应为秒数"),
        ('wait = "1"', "应为秒数"),
        ("waits = 1", "相近的有“wait”"),
    ):
        (root / "xlreport.toml").write_text(f"[cluster]\n{wrong}\n", encoding="utf-8")
        with pytest.raises(CollectionError, match=told):
            read_settings(root / "xlreport.toml")
