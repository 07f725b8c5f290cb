"""Workbooks and outputs at an address: the same outputs as from the disk, and no secret ever told."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from addresses import SECRET, every_kind, moved, on_disk
from collections_made import project, run, start
from fsspec.implementations.memory import MemoryFileSystem
from valid import answers

from toolkit.checks.model import CheckResult
from toolkit.checks.policy import Policy
from toolkit.checks.runner import Task, Unpacked, check_task
from toolkit.collection import open_collection
from toolkit.form.loader import load_form
from toolkit.publication import Publication
from toolkit.remote_folder import RemoteFolder
from toolkit.settings import CollectionError
from toolkit.submission import remote
from toolkit.submission.guard import Limits
from toolkit.submission.reader import Reader
from toolkit.submission.remote import RemoteFile, Store
from toolkit.writers.blank import write_blank

PROJECT = load_form(Path(__file__).parent.parent / "templates" / "forms" / "project.toml")
READER = Reader([PROJECT], {})


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("good") / "好.xlsx"
    write_blank(PROJECT, path, answers=answers("project"), year=2024)
    return path.read_bytes()


class NoError(Exception):
    """No failure this time."""


class Refusal(Exception):  # noqa: N818 - it is no error of ours
    """An answer over HTTP of a library that has errors of its own."""

    status_code = 403


class Flaky(MemoryFileSystem):
    """A storage in memory that fails as it is told, and whose errors tell what it was opened with."""

    protocol = "flaky"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    failing: ClassVar[dict[str, list[Exception]]] = {}  # by part of a path: errors still to come
    asked: ClassVar[list[str]] = []
    taken: ClassVar[list[int]] = []  # bytes of each reading

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return MemoryFileSystem._strip_protocol(path.removeprefix("flaky://"))

    def _perhaps(self, what: str, path: str) -> None:
        self.asked.append(f"{what} {path}")
        for part, errors in self.failing.items():
            if part in path and errors and not isinstance(error := errors.pop(0), NoError):
                raise error

    def find(self, path: str, **kwargs: Any) -> Any:
        self._perhaps("find", path)
        return super().find(path, **kwargs)

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **kwargs: Any) -> bytes:
        self._perhaps("read", path)
        content = bytes(super().cat_file(path, start=start, end=end, **kwargs))
        self.taken.append(len(content))
        return content

    def open(self, path: str, mode: str = "rb", **kwargs: Any) -> Any:
        if mode == "rb" and "block_size" in kwargs:
            self._perhaps("open", path)
        return super().open(path, mode, **kwargs)

    def put_file(self, lpath: str, rpath: str, **kwargs: Any) -> None:
        self._perhaps("put", rpath)
        self.pipe_file(rpath, Path(lpath).read_bytes())


@pytest.fixture(autouse=True)
def storages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Empty storages, and no waiting between two attempts."""
    fsspec.register_implementation("flaky", Flaky, clobber=True)
    for kind in (MemoryFileSystem, Flaky):
        monkeypatch.setattr(kind, "store", {})
        monkeypatch.setattr(kind, "pseudo_dirs", [""])
    monkeypatch.setattr(Flaky, "failing", {})
    monkeypatch.setattr(Flaky, "asked", [])
    monkeypatch.setattr(Flaky, "taken", [])
    monkeypatch.setattr(remote, "PAUSES", (0, 0))
    yield
    fsspec.filesystem("flaky").clear_instance_cache()


def at(address: str) -> dict[str, bytes]:
    """Return what lies below an address."""
    system, root = fsspec.url_to_fs(address)
    return {path.removeprefix(f"{root}/"): system.cat_file(path) for path in system.find(root)}


# ── a whole collection ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return every_kind(tmp_path_factory.mktemp("disk") / "c")


def test_a_collection_in_memory_gives_the_outputs_of_the_disk(collection: Path, tmp_path: Path) -> None:
    root = moved(collection, tmp_path, "memory://bureau/2024")
    told = run("-C", str(root), "build")
    assert told.exit_code == 1, told.output
    assert at("memory://bureau/2024/out") == on_disk(collection / "out")
    assert "与上次相同" in run("-C", str(root), "build").output


def test_only_what_is_new_is_read_and_what_could_not_be_had_is_tried_again(
    collection: Path, tmp_path: Path
) -> None:
    root = moved(collection, tmp_path, "flaky://bureau")
    Flaky.failing["workbooks/项目.xlsx"] = [PermissionError(SECRET)]
    told = run("-C", str(root), "build")
    issues = json.loads(at("flaky://bureau/out")["issues.json"])
    assert [file["issues"][0]["code"] for file in issues["files"] if file["file"] == "项目.xlsx"] == ["F14"]
    assert SECRET not in told.output + at("flaky://bureau/out")["issues.json"].decode()

    told = run("-C", str(root), "build")
    assert "与上次相同" not in told.output
    assert at("flaky://bureau/out") == on_disk(collection / "out")
    Flaky.asked.clear()
    assert run("-C", str(root), "status").exit_code == 1
    asked = [one.removeprefix("read /bureau/workbooks/") for one in Flaky.asked if one.startswith("read")]
    assert sorted(asked) == ["包.zip", "名册.xlsx"]  # what is in an archive is not kept by its stamp


def test_a_file_that_cannot_be_had_a_second_time_for_its_marked_copy_stops_the_build(
    collection: Path, tmp_path: Path
) -> None:
    root = moved(collection, tmp_path, "flaky://bureau")
    Flaky.failing["workbooks/项目.xlsx"] = [NoError(), PermissionError(SECRET)]
    told = run("-C", str(root), "build")
    assert (told.exit_code, told.stderr) == (
        2,
        "错误：“项目.xlsx”没有取到：没有权限，或账号、密钥不对。请重新运行。\n",
    )
    assert at("flaky://bureau/out") == {}
    assert run("-C", str(root), "build").exit_code == 1
    assert at("flaky://bureau/out") == on_disk(collection / "out")


def test_status_and_check_read_an_address_and_decisions_stay_in_the_ledger(
    collection: Path, tmp_path: Path
) -> None:
    root = moved(collection, tmp_path, "flaky://bureau")
    for command in ("status", "check"):
        here, there = run("-C", str(collection), command), run("-C", str(root), command)
        assert (here.exit_code, here.output) == (there.exit_code, there.output)
    told = run("-C", str(root), "exclude", "flaky://bureau/workbooks/项目.xlsx", "--why", "报错")
    assert "排除“项目.xlsx”" in told.output
    run("-C", str(root), "build")
    ledger = [row for row in open_collection(root).ledger if row.file == "项目.xlsx"]
    assert [(row.opinion, row.reason, bool(row.saved)) for row in ledger] == [("排除", "报错", True)]


def test_an_empty_address_is_told_as_an_empty_folder_and_one_that_is_not_there_is_refused(
    tmp_path: Path,
) -> None:
    here, there = start(tmp_path / "这里", units=[]), start(tmp_path / "那里", units=[])
    (there / "xlreport.toml").write_text('workbooks = "memory://bureau/收到"\nforms = ["project"]\n', "utf-8")
    for command in ("check", "status", "build"):
        told = run("-C", str(there), command)
        assert (told.exit_code, told.stderr) == (
            2,
            "错误：“memory://bureau/收到”里没有文件：找不到这个地址。\n",
        )
    fsspec.filesystem("memory").makedirs("/bureau/收到")
    for command in ("check", "build"):
        empty, folder = run("-C", str(there), command), run("-C", str(here), command)
        assert empty.exit_code == folder.exit_code == 0
        assert empty.output.replace("那里", "这里") == folder.output
        assert folder.output.startswith("共 0 个文件：没有找到自评表。")


def test_blanks_and_letters_go_where_the_outputs_are(collection: Path, tmp_path: Path) -> None:
    root = moved(collection, tmp_path, "flaky://bureau")
    here, there = run("-C", str(collection), "blank", "--all"), run("-C", str(root), "blank", "--all")
    assert here.exit_code == there.exit_code == 0
    assert there.output == "flaky://bureau/out/空白表/" + here.output.rpartition("/")[2]
    words = ("notices", "--date", "2025-04-10")
    assert run("-C", str(root), *words).exit_code == run("-C", str(collection), *words).exit_code == 0
    for folder in ("空白表", "通知"):
        assert at(f"flaky://bureau/out/{folder}") == on_disk(collection / "out" / folder)
        shutil.rmtree(collection / "out" / folder)


# ── outputs ─────────────────────────────────────────────────────────────────────────────────────────


def test_outputs_at_an_address_are_those_of_the_disk_and_a_second_build_does_nothing(tmp_path: Path) -> None:
    root = start(tmp_path / "c")
    project(root, {(1, "actual"): ""})
    assert run("-C", str(root), "build").exit_code == 1
    wanted = on_disk(root / "out")
    settings = (root / "xlreport.toml").read_text(encoding="utf-8")
    (root / "xlreport.toml").write_text('out = "memory://bureau/2024"\n' + settings, encoding="utf-8")

    told = run("-C", str(root), "build")
    assert told.exit_code == 1
    assert "  memory://bureau/2024/汇总表.xlsx\n" in told.output
    assert at("memory://bureau/2024") == wanted
    assert "与上次相同" in run("-C", str(root), "build").output
    fsspec.filesystem("memory").pipe_file("/bureau/2024/issues.json", b"edited by hand")
    assert "与上次相同" not in run("-C", str(root), "build").output
    assert at("memory://bureau/2024") == wanted


def published(work: Path, address: str, outputs: dict[str, bytes]) -> None:
    publication = Publication(RemoteFolder(Store(address)), work, ("退回/**/*", "报送-*.xlsx"))
    for name, content in outputs.items():
        publication.write_bytes(name, content)
    publication.publish()


FIRST = {"汇总表.xlsx": b"1", "退回/甲.xlsx": b"1", "退回/乙/丙.xlsx": b"1", "报送-2.xlsx": b"1"}
SECOND = {"汇总表.xlsx": b"22", "退回/丁.xlsx": b"2", "manifest.json": b"2"}


def test_what_is_new_is_there_before_what_was_ours_goes_and_the_manifest_is_the_last(tmp_path: Path) -> None:
    published(tmp_path, "flaky://out", {**FIRST, "manifest.json": b"1"})
    fsspec.filesystem("flaky").pipe_file("/out/笔记.txt", b"mine")
    Flaky.failing["manifest.json"] = [ConnectionError()] * 3
    with pytest.raises(CollectionError, match=r"flaky://out/manifest\.json.*没有传上去.*连接不上或中断"):
        published(tmp_path, "flaky://out", SECOND)
    assert at("flaky://out").keys() >= {*FIRST, *SECOND, "笔记.txt"}
    assert at("flaky://out")["manifest.json"] == b"1"
    published(tmp_path, "flaky://out", SECOND)
    assert at("flaky://out") == {**SECOND, "笔记.txt": b"mine"}


def test_a_failed_upload_names_the_file_and_the_next_one_goes_on_from_there(tmp_path: Path) -> None:
    Flaky.failing["退回/丁.xlsx"] = [PermissionError(SECRET)]
    with pytest.raises(CollectionError, match=r"“flaky://out/退回/丁\.xlsx”没有传上去.*已传 1 个") as raised:
        published(tmp_path, "flaky://out", SECOND)
    assert SECRET not in str(raised.value)
    assert set(at("flaky://out")) == {"汇总表.xlsx"}
    Flaky.asked.clear()
    Publication(RemoteFolder(Store("flaky://out")), tmp_path)
    assert at("flaky://out") == SECOND
    assert not [one for one in Flaky.asked if one.startswith("put") and "汇总表" in one]


def test_what_fails_in_passing_is_tried_again(tmp_path: Path) -> None:
    Flaky.failing["汇总表"] = [ConnectionError(), TimeoutError()]
    published(tmp_path, "flaky://out", SECOND)
    assert at("flaky://out") == SECOND


def test_an_output_that_lies_there_unchanged_is_not_sent_again(tmp_path: Path) -> None:
    published(tmp_path, "flaky://out", FIRST)
    Flaky.asked.clear()
    published(tmp_path, "flaky://out", {**FIRST, "汇总表.xlsx": b"2"})
    assert [one for one in Flaky.asked if one.startswith("put")] == ["put /out/汇总表.xlsx"]


def test_what_waits_for_another_address_is_not_put_at_this_one(tmp_path: Path) -> None:
    Flaky.failing["汇总表"] = [PermissionError()]
    with pytest.raises(CollectionError):
        published(tmp_path, "flaky://old", SECOND)
    Publication(RemoteFolder(Store("flaky://new")), tmp_path)
    assert at("flaky://new") == {}


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────


def listed(content: bytes, name: str = "甲/表.xlsx", **known: Any) -> RemoteFile:
    """Put a file to the flaky storage and return it as it is listed."""
    fsspec.filesystem("flaky").pipe_file(f"/in/{name}", content)
    return replace(RemoteFolder(Store("flaky://in")).files[name], **known)


def judge(file: RemoteFile, limits: Limits) -> CheckResult | Unpacked:
    return check_task(Task(file, file.below), READER, limits, Policy())


def codes(told: CheckResult | Unpacked) -> list[str]:
    assert isinstance(told, CheckResult)
    return [item.code for item in told.issues]


def test_a_file_over_the_limit_is_refused_before_a_byte_is_read(good: bytes) -> None:
    file = listed(good)
    Flaky.asked.clear()
    told = judge(file, Limits(max_bytes=len(good) - 1, max_archive=len(good) - 1))
    assert codes(told) == ["F05"] and isinstance(told, CheckResult) and told.size == len(good)
    assert Flaky.asked == []


def test_a_file_that_grew_since_it_was_listed_is_not_read_beyond_the_limit(good: bytes) -> None:
    grown = listed(good, size=10)
    assert codes(judge(grown, Limits(max_bytes=10, max_archive=10))) == ["F05"]
    untold = listed(good, size=None)
    assert codes(judge(untold, Limits(max_bytes=len(good) - 1, max_archive=10))) == ["F05"]
    assert codes(judge(untold, Limits())) == []


def test_of_a_large_file_that_is_no_zip_only_the_start_is_read() -> None:
    file = listed(b"not a zip " * 1_000_000)
    assert codes(judge(file, Limits(max_bytes=1_000_000))) == ["F05"]
    assert Flaky.taken == [4]


def test_what_is_no_regular_file_is_not_read() -> None:
    assert codes(judge(listed(b"PK", is_regular=False), Limits())) == ["F01"]


def test_a_file_that_cannot_be_had_is_one_issue_that_tells_no_secret(good: bytes) -> None:
    file = listed(good)
    for error, why in (
        (PermissionError(SECRET), "没有权限"),
        (FileNotFoundError(SECRET), "找不到"),
        (ValueError(SECRET), "对方没有完成请求"),
        (Refusal(SECRET), "没有权限"),
    ):
        Flaky.failing["表.xlsx"] = [error] * 3
        told = judge(file, Limits())
        assert codes(told) == ["F14"] and isinstance(told, CheckResult)
        assert why in told.issues[0].message and SECRET not in repr(told)
        assert told.size == len(good) and told.sha256 == ""


def test_a_file_is_had_at_the_third_attempt(good: bytes) -> None:
    file = listed(good)
    Flaky.failing["表.xlsx"] = [ConnectionError(), TimeoutError()]
    assert codes(judge(file, Limits())) == []
    assert Flaky.asked.count("read /in/甲/表.xlsx") == 3


def test_an_archive_is_fetched_once_for_all_its_members(good: bytes) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in "甲乙丙":
            archive.writestr(f"{name}.xlsx", good)
    file = listed(held.getvalue(), "包.zip")
    opened = judge(file, Limits())
    assert isinstance(opened, Unpacked) and len(opened.members) == 3
    Flaky.asked.clear()
    for member in opened.members:
        assert codes(check_task(member, READER, Limits(), Policy())) == []
    assert Flaky.asked == ["read /in/包.zip", "open /in/包.zip"]  # its start, then all of it


def test_a_file_of_no_bytes_is_empty_and_not_asked_for() -> None:
    file = listed(b"")
    Flaky.asked.clear()
    assert codes(judge(file, Limits())) == ["F04"]
    assert Flaky.asked == []


# ── settings ────────────────────────────────────────────────────────────────────────────────────────


def refused(root: Path, settings: str) -> str:
    (root / "xlreport.toml").write_text('title = "汇总"\n' + settings, encoding="utf-8")
    with pytest.raises(CollectionError) as raised:
        open_collection(root).tasks()
    return str(raised.value)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('workbooks = "nowhere://bucket"', "不认识“nowhere://”这种地址"),
        ('workbooks = "gs://bucket"', "请运行 pip install gcsfs"),
        ('workbooks = "sftp://甲:密码@host/收到"', "不要在地址里写密码"),
        ('workbooks = "flaky://in"\n[remote]\nendpoint_url = "http://x"', "[remote.s3]"),
        ('workbooks = "flaky://in"\n[remote.flaky]\nsecret = "abc"', "不要写明文"),
        ('workbooks = "flaky://in"\n[remote.flaky]\nauth = ["user", "abc"]', "不要写明文"),
        ('workbooks = "flaky://in"\n[remote.flaky.client]\npassword = "abc"', "不要写明文"),
        ('workbooks = "flaky://in"\n[remote.flaky]\nsecret = { env = "NO_SUCH" }', "环境变量 NO_SUCH 不存在"),
        ("workbooks = 3", "“workbooks”应为"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_sentence(tmp_path: Path, settings: str, told: str) -> None:
    sentence = refused(tmp_path, settings)
    assert told in sentence
    assert "abc" not in sentence and "密码@" not in sentence


def test_a_folder_that_cannot_be_listed_is_one_sentence_without_what_the_storage_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUR_KEY", SECRET)
    Flaky.failing["/in"] = [PermissionError(f"key {SECRET} is wrong")]
    settings = 'workbooks = "flaky://in"\n[remote.flaky]\nsecret = { env = "OUR_KEY" }'
    sentence = refused(tmp_path, settings)
    assert sentence == "“flaky://in”不能列出其中的文件：没有权限，或账号、密钥不对。"


def test_another_folder_of_the_disk_is_read_and_written(tmp_path: Path) -> None:
    root = start(tmp_path / "c")
    project(root, {})
    (root / "workbooks").rename(tmp_path / "收到")
    settings = (root / "xlreport.toml").read_text(encoding="utf-8")
    places = f'workbooks = "../收到"\nout = "{(tmp_path / "给").as_uri()}"\n'
    (root / "xlreport.toml").write_text(places + settings, encoding="utf-8")
    assert run("-C", str(root), "build").exit_code == 0
    assert json.loads((tmp_path / "给" / "manifest.json").read_bytes())["inputs"][0]["file"] == "项目.xlsx"
