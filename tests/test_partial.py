"""Part of a build: what is wanted comes out as of a whole build, and the rest stays or goes as it is told."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from collections_made import run, start
from filling import fill, form
from valid import answers

from toolkit.checks.model import RosterUnit

ONE, TWO, THREE = "青山区红桥街道办事处", "青山区绿水街道办事处", "青山区红桥街道办事处第二幼儿园"


def put(root: Path, unit: str, name: str, *, good: bool = False, project: str = "") -> None:
    given = answers("project")
    given["project"] |= {"unit_name": unit} | ({"project_name": project} if project else {})
    given["indicators"][0]["actual"] = given["indicators"][0]["actual"] if good else "约好"
    fill(form("project"), given, root / "workbooks" / name, year=2024)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three units, the name of one the beginning of another's; nobody is accepted."""
    units = [
        RosterUnit(code=code, name=name, aliases=aliases, forms=("project",), year=2024)
        for code, name, aliases in (("01", ONE, ("红桥街",)), ("02", TWO, ()), ("03", THREE, ("二幼",)))
    ]
    root = start(tmp_path / "集", units=units)
    for unit, name in ((ONE, "一.xlsx"), (TWO, "二/二.xlsx"), (THREE, "三.xlsx")):
        put(root, unit, name)
    return root


def built(root: Path, *options: str) -> dict[str, bytes]:
    ended = run("-C", str(root), "build", *options)
    assert ended.exit_code in (0, 1), ended.stderr
    return outputs(root)


def outputs(root: Path) -> dict[str, bytes]:
    out = root / "out"
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def manifest(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "out" / "manifest.json").read_text(encoding="utf-8"))
    return found


def assert_true(root: Path) -> None:
    """Every output is named once in the manifest, with its SHA-256."""
    known = manifest(root)
    listed = [each for part in (known, *known.get("only", [])) for each in part["outputs"]]
    found = {name: sha256(content).hexdigest() for name, content in outputs(root).items()}
    del found["manifest.json"]
    assert {each["file"]: each["sha256"] for each in listed} == found
    assert len(listed) == len(found)


def of(made: dict[str, bytes], folder: str) -> list[str]:
    return sorted(name for name in made if name.startswith(folder))


def test_without_reports_or_copies_the_tables_come_out_the_same(root: Path) -> None:
    whole = built(root)
    for options in (["--no-reports"], ["--no-copies"], ["--no-reports", "--no-copies"]):
        made = built(root, *options)
        gone = ("单位报告", "汇总报告") if "--no-reports" in options else ()
        gone = (*gone, "退回") if "--no-copies" in options else gone
        wanted = {name: content for name, content in whole.items() if not name.startswith(gone)}
        assert made.keys() == wanted.keys()
        assert all(made[name] == content for name, content in wanted.items() if name != "manifest.json")
        assert_true(root)
        assert "没有重做" in run("-C", str(root), "build", *options).stdout
    assert built(root) == whole


def test_one_unit_alone_is_brought_up_to_date_and_the_rest_is_untouched(root: Path) -> None:
    before = built(root)
    put(root, ONE, "一.xlsx", project="改了名字的项目")
    put(root, TWO, "二/二.xlsx", project="也改了名字")
    after = built(root, "--only", "红桥街")
    assert after.keys() - before.keys() == {f"单位报告/{ONE}-改了名字的项目.docx"}
    changed = {name for name in after if after[name] != before.get(name)}
    assert {name.split("/")[0] for name in changed} == {"单位报告", "退回", "manifest.json"}
    assert all(ONE in name or name in ("退回/一.xlsx", "manifest.json") for name in changed)
    assert before.keys() - after.keys() == {f"单位报告/{ONE}-长者配餐服务.docx"}
    assert of(after, f"单位报告/{THREE}") == of(before, f"单位报告/{THREE}") != []
    assert_true(root)
    known = manifest(root)
    assert [part["units"] for part in known["only"]] == [[ONE]]
    assert [each["file"] for each in known["only"][0]["inputs"]] == ["一.xlsx"]
    whole = built(root)
    assert {name: whole[name] for name in changed - {"manifest.json"}} == {
        name: after[name] for name in changed - {"manifest.json"}
    }
    assert "only" not in manifest(root)
    assert_true(root)


def test_a_copy_goes_when_the_unit_has_mended_its_workbook(root: Path) -> None:
    built(root)
    put(root, TWO, "二/二.xlsx", good=True)
    ended = run("-C", str(root), "build", "--only", "02", "--only", "二幼")
    assert ended.exit_code == 1  # the other one has not
    assert f"只更新了{TWO}、{THREE}：3 个文件，其他输出没有改动。" in ended.stdout
    assert of(outputs(root), "退回") == ["退回/一.xlsx", "退回/三.xlsx"]
    assert_true(root)
    assert run("-C", str(root), "build", "--only", "02").exit_code == 0


def test_a_unit_that_is_up_to_date_leaves_everything_and_the_next_build_does_nothing(root: Path) -> None:
    before = built(root)
    (root / "out" / "退回" / "一.xlsx").unlink()
    assert built(root, "--only", ONE) == before
    assert "没有重做" in run("-C", str(root), "build").stdout


def test_what_was_made_for_a_unit_does_not_pass_for_a_whole_build(root: Path) -> None:
    built(root)
    put(root, ONE, "一.xlsx", project="改了名字的项目")
    built(root, "--only", ONE)
    ended = run("-C", str(root), "build")
    assert "没有重做" not in ended.stdout
    assert "改了名字的项目" in json.dumps(manifest(root), ensure_ascii=False)


def test_outputs_that_are_held_open_are_named_and_not_in_the_manifest(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = Path.replace

    def held_open(self: Path, target: Path) -> Path:
        if target.parent.parent == root / "out":
            raise PermissionError(13, "open in another program")  # what Windows says
        return move(self, target)

    monkeypatch.setattr(Path, "replace", held_open)
    ended = run("-C", str(root), "build", "--only", "红桥街")
    monkeypatch.undo()
    assert ended.exit_code == 2
    assert "退回/一.xlsx" in ended.output
    assert set(outputs(root)) == {"manifest.json"}
    assert_true(root)


def test_only_some_parts_of_a_unit_may_be_wanted(root: Path) -> None:
    made = built(root, "--only", ONE, "--no-copies")
    assert set(made) == {"manifest.json", f"单位报告/{ONE}-长者配餐服务.docx"}
    made = built(root, "--only", ONE, "--no-reports")
    assert set(made) == {"manifest.json", f"单位报告/{ONE}-长者配餐服务.docx", "退回/一.xlsx"}
    assert_true(root)
    assert not (root / "台账.xlsx").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--only", "绿水街道办"], ""),
        (["--only", "红挢街"], "没有单位“红挢街”（相近的有“红桥街”）"),
        (["--only", "财政局"], "没有单位“财政局”"),
        (["--no-reports", "--pdf"], "--no-reports 不能与 --pdf 一起用"),
        (["--no-reports", "--no-copies", "--only", ONE], "没有可写的文件"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(root: Path, options: list[str], said: str) -> None:
    ended = run("-C", str(root), "build", *options)
    assert ended.exit_code == (2 if said else 1)
    assert said in ended.stderr
    assert (root / "out").exists() == (not said)
