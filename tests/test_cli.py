"""The command line, as an officer types it: what it prints, writes and returns."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from filling import fill, form
from python_calamine import CalamineWorkbook
from valid import answers

from toolkit.checks.model import RosterUnit
from toolkit.cli import cli
from toolkit.writers.roster import write_roster

ROOT = Path(__file__).parent.parent


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def command(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as its own process: exit codes and streams as the shell sees them."""
    return subprocess.run(
        [sys.executable, "-m", "toolkit", *words], capture_output=True, text=True, cwd=cwd, check=False
    )


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A new collection with one unit on its roster and that unit's valid workbooks."""
    root = tmp_path / "collection"
    assert run("init", str(root)).exit_code == 0
    unit = RosterUnit(
        code="1", name=answers("department")["cover"]["unit_name"], forms=("department", "project"), year=2024
    )
    write_roster([unit], root / "workbooks" / "名册.xlsx")
    for name in ("department", "project"):
        fill(form(name), answers(name), root / "workbooks" / f"{name}.xlsx", year=2024)
    return root


def files_of(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_a_clean_collection_builds_every_output_and_exits_with_0(collection: Path) -> None:
    done = run("-C", str(collection), "build")
    assert done.exit_code == 0, done.output
    unit = answers("department")["cover"]["unit_name"]
    expected = {"汇总表.xlsx", "汇总报告.docx", f"单位报告/{unit}.docx", "issues.json", "manifest.json"}
    assert expected <= files_of(collection / "out")
    assert not [name for name in files_of(collection) if name.endswith(".tmp")]


def test_a_build_after_a_build_gives_the_same_bytes(collection: Path) -> None:
    run("-C", str(collection), "build")
    before = {name: (collection / "out" / name).read_bytes() for name in files_of(collection / "out")}
    shutil.rmtree(collection / "out")
    run("-C", str(collection), "build")
    after = {name: (collection / "out" / name).read_bytes() for name in files_of(collection / "out")}
    assert after == before


def test_issues_found_exit_with_1_and_everything_is_still_built(collection: Path) -> None:
    broken = answers("department")
    broken["scores"]["duty"]["score"] = 60
    fill(form("department"), broken, collection / "workbooks" / "department.xlsx", year=2024)
    done = run("-C", str(collection), "build")
    assert done.exit_code == 1
    assert "汇总表.xlsx" in files_of(collection / "out")
    found = json.loads((collection / "out" / "issues.json").read_text(encoding="utf-8"))
    codes = {item["code"] for file in found["files"] for item in file["issues"]}
    assert "C04" in codes


def test_check_prints_the_shape_machines_rely_on(collection: Path) -> None:
    done = run("-C", str(collection), "--quiet", "check", "--format", "json")
    assert done.exit_code == 0
    shape = json.loads(done.output)
    assert [file["file"] for file in shape["files"]] == ["department.xlsx", "project.xlsx"]
    for file in shape["files"]:
        assert set(file) == {"file", "unit", "form", "version", "verdict", "cells", "issues"}
        cells = file["cells"]
        assert set(cells) == {"filled", "labels", "answers", "notes", "unread"}
        assert cells["filled"] == cells["labels"] + cells["answers"] + cells["notes"] + cells["unread"]
        assert file["verdict"] == "采用"
        assert file["unit"] == answers("department")["cover"]["unit_name"]
    assert not (collection / "out").exists(), "check writes nothing"


def test_an_issue_in_json_names_its_cell_and_what_to_do(collection: Path) -> None:
    broken = answers("project")
    broken["indicators"][2]["reason"] = "无"
    fill(form("project"), broken, collection / "workbooks" / "project.xlsx", year=2024)
    shape = json.loads(run("-C", str(collection), "--quiet", "check", "--format", "json").output)
    (found,) = shape["files"][1]["issues"]
    assert set(found) == {
        "code",
        "severity",
        "sheet",
        "cell",
        "label",
        "found",
        "expected",
        "message",
        "hint",
    }
    assert found["code"] == "N17"
    assert found["severity"] == "error"
    assert found["sheet"] == "项目支出绩效自评表"
    sheet = openpyxl.load_workbook(collection / "workbooks" / "project.xlsx")[found["sheet"]]
    assert sheet[found["cell"]].value == "无"


def _bad_files(folder: Path) -> dict[str, str]:
    """Put files that are no workbooks into a folder; return the code each must get."""
    whole = next(folder.glob("project.xlsx")).read_bytes()
    (folder / "空.xlsx").write_bytes(b"")
    (folder / "截断.xlsx").write_bytes(whole[: len(whole) // 2])
    (folder / "图片.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    (folder / "程序.xls").write_bytes(b"MZ" + bytes(range(256)))
    (folder / "说明.docx").write_bytes(_docx())
    with zipfile.ZipFile(folder / "炸弹.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b"0" * 300_000_000)
    return {
        "空.xlsx": "F04",
        "截断.xlsx": "F01",
        "图片.xlsx": "F03",
        "程序.xls": "F03",
        "说明.docx": "F03",
        "炸弹.xlsx": "F05",
    }


def _docx() -> bytes:
    import io

    from docx import Document

    content = io.BytesIO()
    Document().save(content)
    return content.getvalue()


def test_an_unreadable_file_is_one_issue_and_stops_nothing(collection: Path) -> None:
    expected = _bad_files(collection / "workbooks")
    if hasattr(os, "mkfifo"):
        os.mkfifo(collection / "workbooks" / "管道.xlsx")
        expected["管道.xlsx"] = "F01"
    (collection / "workbooks" / "~$department.xlsx").write_bytes(b"lock")
    done = run("-C", str(collection), "build")
    assert done.exit_code == 1
    assert "跳过临时文件 1" in done.output
    shape = json.loads((collection / "out" / "issues.json").read_text(encoding="utf-8"))
    found = {file["file"]: [item["code"] for item in file["issues"]] for file in shape["files"]}
    assert {name: codes for name, codes in found.items() if codes} == {
        name: [code] for name, code in expected.items()
    }
    assert {"department.xlsx", "project.xlsx"} <= set(found)
    book = CalamineWorkbook.from_path(str(collection / "out" / "汇总表.xlsx"))
    values = {value for row in book.get_sheet_by_name("单位汇总").to_python() for value in row}
    assert answers("department")["cover"]["unit_name"] in values


def test_a_web_page_named_xls_is_read_as_a_sheet_and_judged_by_its_labels(collection: Path) -> None:
    page = collection / "workbooks" / "网页.xls"
    page.write_text("<html><table><tr><td>1</td></tr></table></html>", encoding="utf-8")
    done = run("-C", str(collection), "--quiet", "check", "--format", "json", str(page))
    (file,) = json.loads(done.output)["files"]
    assert [(item["code"], item["severity"]) for item in file["issues"]] == [
        ("S18", "error"),
        ("F13", "note"),
    ]
    assert "网页" in file["issues"][1]["message"]
    assert file["cells"]["filled"] == file["cells"]["unread"] == 1


def test_status_tells_who_has_reported_and_who_has_not(collection: Path) -> None:
    units = [
        RosterUnit(
            code="1", name=answers("department")["cover"]["unit_name"], forms=("department",), year=2024
        ),
        RosterUnit(code="2", name="青山区人民政府白云街道办事处", forms=("department",), year=2024),
    ]
    write_roster(units, collection / "workbooks" / "名册.xlsx")
    done = run("-C", str(collection), "status")
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert any("红桥" in line and "已报" in line for line in lines)
    assert any("白云" in line and "漏报" in line for line in lines)


def test_the_same_unit_twice_counts_once_and_the_later_one(collection: Path) -> None:
    later = answers("department")
    later["cover"]["fill_date"] = later["cover"]["fill_date"].replace(month=4)
    later["expenditure"]["basic"]["prior_expenditure"] = 1100
    fill(form("department"), later, collection / "workbooks" / "again.xlsx", year=2024)
    run("-C", str(collection), "build")
    manifest = json.loads((collection / "out" / "manifest.json").read_text(encoding="utf-8"))
    counts = {item["file"]: item["counts"] for item in manifest["inputs"]}
    assert counts == {"again.xlsx": True, "department.xlsx": False, "project.xlsx": True}
    shape = json.loads((collection / "out" / "issues.json").read_text(encoding="utf-8"))
    replaced = next(file for file in shape["files"] if file["file"] == "department.xlsx")
    assert [item["code"] for item in replaced["issues"]] == ["S14"]


def test_blanks_for_every_unit_carry_its_name_and_year(collection: Path, tmp_path: Path) -> None:
    done = run("-C", str(collection), "blank", "--all", "-o", str(tmp_path / "空白表"))
    assert done.exit_code == 0, done.output
    assert len(list((tmp_path / "空白表").glob("*.xlsx"))) == 2
    for path in (tmp_path / "空白表").glob("*.xlsx"):
        book = openpyxl.load_workbook(path)
        values = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
        assert answers("department")["cover"]["unit_name"] in values
        assert 2024 in values


def test_blanks_of_forms_with_one_title_do_not_overwrite_each_other(collection: Path, tmp_path: Path) -> None:
    settings = collection / "xlreport.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('forms = ["', 'forms = ["project-cost", "guangxi-project", "'), "utf-8")
    done = run("-C", str(collection), "blank", "-o", str(tmp_path / "空白表"))
    assert done.exit_code == 0, done.output
    names = {path.stem for path in (tmp_path / "空白表").glob("项目支出绩效自评表*.xlsx")}
    assert names == {
        f"项目支出绩效自评表（{name}）" for name in ("project", "project-cost", "guangxi-project")
    }


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("build", "--nosuch"), "--nosuch"),
        (("bild",), "bild"),
        (("-C", "没有这个文件夹", "build"), "xlreport.toml"),
        (("explain", "N177"), "N17"),
        (("form", "show", "departmnt"), "department"),
        (("check", "没有这个文件.xlsx"), "没有这个文件.xlsx"),
    ],
)
def test_what_cannot_be_done_is_one_chinese_sentence_and_exit_2(words: tuple[str, ...], part: str) -> None:
    done = command(*words, cwd=ROOT)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("错误：")
    assert part in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_form_is_refused_with_its_path_and_a_suggestion(collection: Path) -> None:
    path = collection / "templates" / "forms" / "project.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("max_length = 100", "maxlength = 100", 1), encoding="utf-8")
    done = command("-C", str(collection), "build")
    assert done.returncode == 2
    assert "form.section[project].field[project_name]" in done.stderr
    assert "unknown key 'maxlength', did you mean 'max_length'?" in done.stderr


def test_init_refuses_to_overwrite_a_collection(collection: Path) -> None:
    before = {name: (collection / name).read_bytes() for name in files_of(collection)}
    done = command("init", str(collection))
    assert done.returncode == 2
    assert {name: (collection / name).read_bytes() for name in files_of(collection)} == before


def test_explain_says_what_a_code_means(collection: Path) -> None:
    done = run("explain", "n17")
    assert done.exit_code == 0
    assert "未完成而没有说明原因" in done.output
    assert "怎么改" in done.output


def test_a_collection_without_workbooks_still_builds(tmp_path: Path) -> None:
    run("init", str(tmp_path / "new"))
    done = run("-C", str(tmp_path / "new"), "build")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "new" / "out" / "汇总表.xlsx").is_file()
