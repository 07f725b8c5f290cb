"""A collection that lies at an address as a whole: the same work as on the disk, and no trap on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from addresses import every_kind, on_disk
from collections_made import project, run, start
from fsspec.implementations.memory import MemoryFileSystem

from toolkit.writers.roster import write_roster

THERE = "memory://bureau/2024"


@pytest.fixture(autouse=True)
def storage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MemoryFileSystem]:
    """An empty storage, and a machine that has not seen it yet."""
    monkeypatch.setattr(MemoryFileSystem, "store", {})
    monkeypatch.setattr(MemoryFileSystem, "pseudo_dirs", [""])
    another_machine(monkeypatch, tmp_path / "甲机")
    return fsspec.filesystem("memory")


def another_machine(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.setenv("LOCALAPPDATA", str(folder))


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return every_kind(tmp_path_factory.mktemp("disk") / "c")


def sent(collection: Path, address: str = THERE) -> None:
    """Put a collection to an address as it is, but for what was made of it."""
    system = fsspec.url_to_fs(address)[0]
    for name, content in on_disk(collection).items():
        if not name.startswith(("out/", ".xlreport/", "台账")):
            system.pipe_file(f"{address}/{name}", content)


def at(address: str) -> dict[str, bytes]:
    system, root = fsspec.url_to_fs(address)
    return {path.removeprefix(f"{root}/"): system.cat_file(path) for path in system.find(root)}


def test_its_outputs_are_those_of_the_disk_and_a_second_build_does_nothing(collection: Path) -> None:
    sent(collection)
    told = run("-C", f"{THERE}/", "build")
    assert told.exit_code == 1, told.output
    assert f"  {THERE}/out/汇总表.xlsx\n" in told.stdout
    assert at(f"{THERE}/out") == on_disk(collection / "out")
    assert at(THERE).keys() == {*on_disk(collection)} - {
        name for name in on_disk(collection) if name.startswith(".xlreport/")
    }
    assert "与上次相同" in run("-C", THERE, "build").stdout
    for command in (["check"], ["status"], ["form", "check"], ["template", "check"]):
        here, there = run("-C", str(collection), *command), run("-C", THERE, *command)
        assert (here.exit_code, here.output) == (there.exit_code, there.output)


def test_what_is_changed_there_counts_at_once(
    collection: Path, storage: MemoryFileSystem, tmp_path: Path
) -> None:
    sent(collection)
    assert run("-C", THERE, "form", "show", "project").exit_code == 0
    form = storage.cat_file("/bureau/2024/templates/forms/project.toml").decode()
    storage.pipe_file("/bureau/2024/templates/forms/own.toml", form.replace('"project"', '"own"', 1).encode())
    assert "own@" in run("-C", THERE, "form", "list").stdout
    storage.rm("/bureau/2024/templates/forms/own.toml")
    assert "own@" not in run("-C", THERE, "form", "list").stdout
    settings = storage.cat_file("/bureau/2024/xlreport.toml").decode()
    storage.pipe_file("/bureau/2024/xlreport.toml", f'workbooks = "../收到"\n{settings}'.encode())
    assert "“memory://bureau/收到”里没有文件" in run("-C", THERE, "check").stderr
    write_roster((), tmp_path / "名册.xlsx")
    storage.pipe_file("/bureau/收到/名册.xlsx", (tmp_path / "名册.xlsx").read_bytes())
    assert run("-C", THERE, "check").stdout == "共 0 个文件：没有找到自评表。\n"


def test_decisions_are_kept_there_for_every_machine(
    collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(collection)
    assert run("-C", THERE, "exclude", "项目.xlsx", "--why", "报错").exit_code == 0
    another_machine(monkeypatch, tmp_path / "乙机")
    assert "排除" in run("-C", THERE, "status").stdout
    assert run("-C", THERE, "include", "项目.xlsx").exit_code == 0
    another_machine(monkeypatch, tmp_path / "甲机")
    assert "排除" not in run("-C", THERE, "status").stdout


def test_a_decision_that_cannot_be_kept_there_is_told_and_does_not_count(
    collection: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError

    sent(collection)
    with monkeypatch.context() as patch:
        patch.setattr(MemoryFileSystem, "put_file", refused)
        told = run("-C", THERE, "exclude", "项目.xlsx", "--why", "报错")
    assert (told.exit_code, told.stderr) == (
        2,
        f"错误：“{THERE}/台账.xlsx”没有传上去：没有权限，或账号、密钥不对。\n",
    )
    assert "排除" not in run("-C", THERE, "status").stdout


def test_last_year_may_lie_beside_it(tmp_path: Path, storage: MemoryFileSystem) -> None:
    for year, indicator in (("2023", 1), ("2024", 2)):
        root = start(tmp_path / year)
        project(root, {(indicator, "actual"): "80%"})
        sent(root, f"memory://bureau/{year}")
    here = tmp_path / "2024" / "xlreport.toml"
    here.write_text('previous = "../2023"\n' + here.read_text(encoding="utf-8"), encoding="utf-8")
    sent(tmp_path / "2024")
    on_this, there = run("-C", str(tmp_path / "2024"), "check"), run("-C", THERE, "check")
    assert there.exit_code == on_this.exit_code
    assert there.output == on_this.output
    storage.rm("/bureau/2023/xlreport.toml")
    assert "“../2023”里没有 xlreport.toml" in run("-C", THERE, "check").stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-C", "memory://nothing", "build"), "“memory://nothing”里没有 xlreport.toml；请核对地址。"),
        (("-C", "nowhere://x", "build"), "不认识“nowhere://”这种地址"),
        (("-C", "sftp://me:secret@host/x", "build"), "不要在地址里写密码"),
        (("init", "s3://bucket/2025"), "这里只能写本机的文件夹或文件，不能写地址“s3://bucket/2025”。"),
        (("blank", "-o", "s3://bucket/2025"), "不能写地址“s3://bucket/2025”。"),
    ],
)
def test_an_address_that_cannot_be_meant_is_one_sentence(
    words: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = run(*words)
    assert ended.exit_code == 2
    assert told in ended.stderr and ended.stderr.count("\n") == 1
    assert "secret" not in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_settings_do_not_lead_out_of_the_storage(collection: Path, storage: MemoryFileSystem) -> None:
    sent(collection)
    storage.pipe_file("/bureau/2024/xlreport.toml", b'workbooks = "../../../x"')
    assert "已经在存储的最上层" in run("-C", THERE, "check").stderr
