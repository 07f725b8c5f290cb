"""A collection on an S3-compatible server, read by worker processes: the same outputs as from the disk."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from addresses import SECRET, every_kind, moved, on_disk
from local_cluster import Parts, cluster_of_parts

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # of the server, which is not ours
]
KEY = "AKIAIOSFODNN7EXAMPLE"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with a bucket; who asks needs a key and a secret of the environment."""
    pytest.importorskip("moto")
    from moto.server import ThreadedMotoServer

    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("OUR_KEY", KEY)
        patch.setenv("OUR_SECRET", SECRET)
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))  # nobody's own settings
        running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        running.start()
        host, port = running.get_host_and_port()
        yield f"http://{host}:{port}"
        running.stop()


@pytest.fixture(scope="module")
def bucket(server: str) -> Any:
    """The file system, as a program sees it that is not ours."""
    import s3fs

    system = s3fs.S3FileSystem(
        key=KEY, secret=SECRET, endpoint_url=server, client_kwargs={"region_name": "us-east-1"}
    )
    system.call_s3("create_bucket", Bucket="bureau")
    return system


def settings(server: str) -> str:
    return f"""
[remote.s3]
endpoint_url = "{server}"
key = {{ env = "OUR_KEY" }}
secret = {{ env = "OUR_SECRET" }}
client_kwargs = {{ region_name = "us-east-1" }}
"""


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command by itself: its workers have its environment."""
    return subprocess.run(
        [sys.executable, "-m", "toolkit", *words], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return every_kind(tmp_path_factory.mktemp("disk") / "c")


@pytest.fixture(scope="module")
def built(collection: Path, tmp_path_factory: pytest.TempPathFactory, server: str, bucket: Any) -> Path:
    root = moved(collection, tmp_path_factory.mktemp("s3"), "s3://bureau/2024", settings(server), bucket)
    bucket.pipe_file("bureau/2024/workbooks/一个文件夹/", b"")  # as a console makes a folder
    told = run("-C", str(root), "build")
    assert told.returncode == 1, told.stderr
    assert KEY not in told.stdout + told.stderr and SECRET not in told.stdout + told.stderr
    return root


def outputs(bucket: Any, root: str = "bureau/2024/out") -> dict[str, bytes]:
    bucket.invalidate_cache()
    return {path.removeprefix(f"{root}/"): bucket.cat_file(path) for path in bucket.find(root)}


def test_the_outputs_are_those_of_the_disk(built: Path, collection: Path, bucket: Any) -> None:
    assert outputs(bucket) == on_disk(collection / "out")


def test_nothing_is_done_when_nothing_changed(built: Path, bucket: Any) -> None:
    listed = bucket.find("bureau/2024/out", detail=True)
    assert "与上次相同" in run("-C", str(built), "build").stdout
    bucket.invalidate_cache()
    assert bucket.find("bureau/2024/out", detail=True) == listed


def test_no_key_is_found_in_any_file_we_leave(built: Path, bucket: Any) -> None:
    left = [path.read_bytes() for path in built.rglob("*") if path.is_file()]
    for content in [*left, *outputs(bucket).values()]:
        assert KEY.encode() not in content and SECRET.encode() not in content


def test_a_huge_object_and_one_that_cannot_be_had_are_one_issue_each(
    collection: Path, tmp_path: Path, server: str, bucket: Any
) -> None:
    root = moved(collection, tmp_path, "s3://bureau/odd", settings(server), bucket)
    bucket.pipe_file("bureau/odd/workbooks/大.xlsx", b"large " * 200_000)
    # What lies in cold storage is listed, and refused when it is asked for.
    bucket.call_s3(
        "put_object", Bucket="bureau", Key="odd/workbooks/冷.xlsx", Body=b"PK", StorageClass="GLACIER"
    )
    with (root / "xlreport.toml").open("a", encoding="utf-8") as file:
        file.write("\n[limits]\nmax_bytes = 1000000\nmax_archive = 1000000\n")
    told = run("-C", str(root), "check").stdout
    found = dict(re.findall(r"^■ (\S+)\n.*\n *\[必改 (F\d\d)\]", told, re.M))
    assert found["大.xlsx"] == "F05" and found["冷.xlsx"] == "F14", told
    assert SECRET not in told and KEY not in told


def test_what_is_named_on_the_command_line_may_lie_there_too(built: Path, collection: Path) -> None:
    here = run("-C", str(collection), "check", str(collection / "workbooks" / "项目.xlsx")).stdout
    there = run("-C", str(built), "check", "s3://bureau/2024/workbooks/项目.xlsx").stdout
    assert there == here.replace(str(collection / "workbooks"), "s3://bureau/2024/workbooks")


def test_a_bucket_that_is_not_there_and_a_wrong_server_are_one_sentence(
    built: Path, tmp_path: Path, server: str
) -> None:
    for address, rest, told in (
        ("s3://nobody", settings(server), "不能列出其中的文件：找不到这个地址"),
        ("s3://bureau/2025", settings(server), "里没有文件：找不到这个地址"),
        ("s3://bureau/2024", settings("http://127.0.0.1:9"), "不能列出其中的文件：连接不上或中断"),
    ):
        (tmp_path / "xlreport.toml").write_text(f'workbooks = "{address}"\n{rest}', encoding="utf-8")
        result = run("-C", str(tmp_path), "check")
        assert result.returncode == 2
        assert result.stderr == f"错误：“{address}”{told}。\n"


def test_a_collection_that_lies_there_as_a_whole_gives_the_same_bytes(
    collection: Path, tmp_path: Path, server: str, bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name, content in on_disk(collection).items():
        if not name.startswith(("out/", ".xlreport/", "台账")):
            bucket.pipe_file(f"bureau/whole/{name}", content)
    bucket.call_s3("put_object", Bucket="bureau", Key="whole/templates/../../../evil.toml", Body=b"evil")
    told = run("-C", "s3://bureau/whole", "build")
    assert (told.returncode, told.stderr) == (1, "")
    assert "  s3://bureau/whole/out/汇总表.xlsx\n" in told.stdout
    assert outputs(bucket, "bureau/whole/out") == on_disk(collection / "out")
    assert bucket.exists("bureau/whole/台账.xlsx")
    assert not list(tmp_path.parent.rglob("evil*"))
    for content in on_disk(tmp_path).values():
        assert KEY.encode() not in content and SECRET.encode() not in content


@pytest.fixture(scope="module")
def cluster(server: str) -> Iterator[Parts]:
    """Two workers that know the key; they share no disk with anybody, as far as this is about addresses."""
    pytest.importorskip("distributed")
    with cluster_of_parts() as parts:
        parts.hire()
        parts.hire()
        yield parts


def test_a_cluster_reads_the_addresses_itself_and_gives_the_same_bytes(
    cluster: Parts, collection: Path, tmp_path: Path, server: str, bucket: Any
) -> None:
    root = moved(collection, tmp_path, "s3://bureau/cluster", settings(server), bucket)
    told = run("-C", str(root), "build", "--cluster", cluster.address)
    assert told.returncode == 1, told.stderr
    assert told.stderr == ""
    assert outputs(bucket, "bureau/cluster/out") == on_disk(collection / "out")
    assert KEY not in told.stdout and SECRET not in told.stdout


@pytest.mark.parametrize(
    ("lack", "told"),
    [
        ("OUR_SECRET", "打不开“s3://bureau/2024/workbooks”：设置里写的环境变量 OUR_SECRET 不存在。"),
        ("s3fs", "打不开“s3://bureau/2024/workbooks”：需要先安装程序包，请运行 pip install s3fs。"),
    ],
)
def test_a_worker_that_lacks_what_an_address_needs_is_told_before_any_work(
    built: Path, tmp_path: Path, lack: str, told: str
) -> None:
    (tmp_path / "s3fs.py").write_text("raise ModuleNotFoundError(name='s3fs')", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path) if lack == "s3fs" else ""}
    environment.pop(lack, None)
    with cluster_of_parts() as parts:
        parts.hire(environment)
        ended = run("-C", str(built), "check", "--cluster", parts.address)
    assert ended.returncode == 2
    assert re.fullmatch(rf"错误：集群的工作进程 \S+ {re.escape(told)}\n", ended.stderr)
