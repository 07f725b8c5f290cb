"""A cluster does the same job: the same bytes, whatever becomes of its workers and of single files."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from collections_made import TODAY, run, start
from fatal_reader import deadly, environment
from filling import fill, form
from valid import answers

from toolkit.build import build
from toolkit.cluster import cluster_crew
from toolkit.collection import open_collection
from toolkit.settings import CollectionError

FATAL = {"abort": ["F10"], "hang": ["F05"], "swell": ["F05"]}
GOOD = ("good 1", "good 2", "good 3")
SETTINGS = "[limits]\nmax_seconds = 5\nmax_memory = 268435456\n"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two worker processes under their nannies; some files are deadly to them."""
    faulty = environment(tmp_path_factory.mktemp("错"))
    command = [sys.executable, str(Path(__file__).parent / "local_cluster.py")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=faulty, text=True
    ) as process:
        assert process.stdout and process.stdin
        yield process.stdout.readline().strip()
        process.stdin.close()
        process.wait(60)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection of many units, an archive among them, and what is no workbook."""
    root = start(tmp_path_factory.mktemp("集群") / "集", SETTINGS)
    for number in range(24):
        unit(root, number, f"{number:02}.xlsx")
    with zipfile.ZipFile(root / "workbooks" / "包.zip", "w") as archive:
        for name in ("00.xlsx", "01.xlsx", "02.xlsx"):
            (root / "workbooks" / name).rename(path := root / name)
            archive.write(path, f"甲/{name}")
    (root / "workbooks" / "空.xlsx").write_bytes(b"")
    (root / "workbooks" / "图.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 100)
    return root


def unit(root: Path, number: int, name: str) -> None:
    """Put the workbook of a unit into the collection."""
    given = answers("project")
    given["project"]["unit_name"] = f"第{number}街道办事处"
    if number % 3 == 0:
        given["indicators"][0]["actual"] = "约好"
    fill(form("project"), given, root / "workbooks" / name, year=2024)


def copied(root: Path, to: Path) -> Path:
    shutil.copytree(root, to)
    return to


def outputs(root: Path) -> dict[str, bytes]:
    out = root / "out"
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_without_the_extra_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    root = start(tmp_path / "集")
    for command in ("build", "check"):
        ended = run("-C", str(root), command, "--cluster", "tcp://127.0.0.1:1")
        assert ended.exit_code == 2
        assert "pip install 'xlreport[cluster]'" in ended.stderr
    assert not (root / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tcp://127.0.0.1:1", "连不上集群的调度程序“tcp://127.0.0.1:1”"),
        ("10.0.0.1:8786", "集群地址“10.0.0.1:8786”不对，应如 tcp://"),
        ("abc://10.0.0.1:8786", "连不上集群的调度程序“abc://10.0.0.1:8786”"),
    ],
)
def test_a_cluster_that_is_not_there_is_told_in_one_sentence(
    tmp_path: Path, address: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.cluster.PATIENCE", 1)
    root = start(tmp_path / "集")
    ended = run("-C", str(root), "check", "--cluster", address)
    assert ended.exit_code == 2
    assert said in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes_and_the_same_words(
    cluster: str, filled: Path, tmp_path: Path
) -> None:
    here, there = copied(filled, tmp_path / "这里" / "集"), copied(filled, tmp_path / "那里" / "集")
    alone = run("-C", str(here), "build")
    together = run("-C", str(there), "build", "--cluster", cluster)
    assert together.exit_code == alone.exit_code == 1
    assert together.stdout.replace("那里", "这里") == alone.stdout
    assert outputs(there) == outputs(here)
    assert len(outputs(here)) > 30
    checked = run("-C", str(there), "check", "--cluster", cluster, "--format", "json")
    assert checked.stdout == run("-C", str(here), "check", "--format", "json").stdout


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # dask's sockets to the dead
def test_killing_a_worker_in_the_middle_loses_nothing(cluster: str, filled: Path, tmp_path: Path) -> None:
    from distributed import Client

    root, other = copied(filled, tmp_path / "甲"), copied(filled, tmp_path / "乙")
    with Client(cluster, set_as_default=False) as client:
        before = dict(client.run(os.getpid))
        killed: list[int] = []

        def progress(done: int) -> None:
            if not killed:
                killed.append(next(iter(before.values())))
                os.kill(killed[0], signal.SIGKILL)

        with cluster_crew(cluster) as crew:
            crew.most = 2  # so that this is the middle
            build(open_collection(root, today=TODAY), crew=crew, progress=progress)
        assert killed
        client.wait_for_workers(2, timeout=60)
        assert killed[0] not in client.run(os.getpid).values()  # the nanny has started another
    build(open_collection(other, today=TODAY))
    assert outputs(root) == outputs(other)


@pytest.mark.slow
def test_a_scheduler_that_dies_in_the_middle_is_told_in_one_sentence(filled: Path, tmp_path: Path) -> None:
    root = copied(filled, tmp_path / "集")
    script = Path(__file__).parent / "local_cluster.py"
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stdin
        address = process.stdout.readline().strip()

        def progress(done: int) -> None:
            process.kill()  # scheduler and nannies; the workers follow

        with pytest.raises(CollectionError, match="连接中断，没有做完"), cluster_crew(address) as crew:
            crew.most = 2
            build(open_collection(root, today=TODAY), crew=crew, progress=progress)
    assert not (root / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize("where", ["here", "cluster"])
def test_a_file_that_kills_hangs_or_swells_its_reader_costs_only_itself(
    where: str, cluster: str, tmp_path: Path
) -> None:
    from distributed import Client

    root = start(tmp_path / "集", SETTINGS)
    for number, name in enumerate((*FATAL, *GOOD)):
        unit(root, 3 * number + 1, f"{name}.xlsx")
    for what in FATAL:
        deadly(root / "workbooks" / f"{what}.xlsx", what)
    options = ["--cluster", cluster] if where == "cluster" else []
    command = [sys.executable, "-m", "toolkit", "-C", str(root), "check", "--format", "json", *options]
    with Client(cluster, set_as_default=False) as client:
        workers = client.run(os.getpid)
        ended = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment(tmp_path / "错")
        )
        assert client.run(os.getpid) == workers  # the cluster lost nobody
    told = {
        one["file"]: [item["code"] for item in one["issues"]] for one in json.loads(ended.stdout)["files"]
    }
    assert ended.returncode == 1
    assert told == {f"{name}.xlsx": FATAL.get(name, ["S02"]) for name in (*FATAL, *GOOD)}


@pytest.mark.slow
def test_workers_with_another_version_are_refused(cluster: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.cluster.__version__", "99.0")
    with (
        pytest.raises(CollectionError, match=r"上是 xlreport .*，本机是 99\.0；请装同一版本"),
        cluster_crew(cluster),
    ):
        pass
    monkeypatch.undo()
    monkeypatch.setattr("toolkit.cluster.code_digest", lambda: "other")
    with pytest.raises(CollectionError, match="程序文件或所用的库与本机不同"), cluster_crew(cluster):
        pass
