"""The documents hold: commands run, tables list what the code knows, links lead somewhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from toolkit import __version__
from toolkit.cli import cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
AUTHORS = (ROOT / "docs" / "表样编写.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "用户指南.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LARGEST_PICTURE = 200_000  # bytes


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A copy of the sample collection."""
    for name in ("templates", "workbooks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copyfile(ROOT / "xlreport.toml", tmp_path / "xlreport.toml")
    return tmp_path


def xlreport(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "toolkit", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


# ── README ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_readme_has_two_commands_and_the_first_prints_what_it_says(collection: Path) -> None:
    first, second = (block.strip() for block in blocks(README, "sh"))
    assert first == "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/xlreport build"
    assert second == "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/pytest"
    done = xlreport(first.split(" && ")[-1].split()[1:], collection)
    (shown,) = blocks(README, "text")
    assert (done.returncode, done.stdout, done.stderr) == (1, shown, "")


def test_the_json_in_the_readme_is_an_excerpt_of_what_check_prints(collection: Path) -> None:
    printed = json.loads(xlreport(["check", "--format", "json"], collection).stdout)
    (block,) = blocks(README, "json")
    shown = json.loads(block)
    assert shown.keys() == printed.keys()
    (excerpt,) = shown["files"]
    (whole,) = (entry for entry in printed["files"] if entry["file"] == excerpt["file"])
    assert all(item in whole["issues"] for item in excerpt["issues"])
    assert {**whole, "issues": []} == {**excerpt, "issues": []}
    assert all(item.keys() == {"unit", *excerpt["issues"][0]} for item in printed["issues"])


def test_the_readme_names_every_room_and_top_folder() -> None:
    rooms = {f"toolkit/{path.parent.name}" for path in (ROOT / "toolkit").glob("*/__init__.py")}
    listed = set(re.findall(r"`([\w/.]+)`", README.partition("## The folders")[2]))
    assert rooms | {"toolkit", "templates", "tests", "scripts", "docs", "workbooks"} <= listed


def test_the_changelog_tells_of_this_version() -> None:
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


# ── links and pictures ──────────────────────────────────────────────────────────────────────────────


def anchors(text: str) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)]+)\)", text):
        if re.match(r"https?://", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = document.parent / path if path else document
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_of_the_repository_that_a_document_names_exists(document: Path) -> None:
    named = re.findall(
        r"`((?:toolkit|templates|tests|scripts|docs|workbooks|\.ci)/[^`<> ]*)`", document.read_text("utf-8")
    )
    for path in named:
        assert list(ROOT.glob(path.rstrip("/"))), path


def test_pictures_are_shown_and_small() -> None:
    shown = {
        (document.parent / link).resolve().relative_to(ROOT).as_posix()
        for document in DOCUMENTS
        for link in re.findall(r"!\[[^]]*\]\(([^)]*pictures/[^)]+)\)", document.read_text("utf-8"))
    }
    pictures = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "docs" / "pictures").iterdir()}
    assert shown == pictures.keys()
    for path in pictures.values():
        assert path.read_bytes().startswith(b"\x89PNG"), path
        assert path.stat().st_size < LARGEST_PICTURE, path


# ── 用户指南 and 问题代码 ───────────────────────────────────────────────────────────────────────────


def commands(
    group: click.Group, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        else:
            yield (*words, name), command


def test_the_guide_tells_of_every_command_and_option() -> None:
    section = GUIDE.partition("## 四、命令一览")[2].partition("\n## ")[0]
    for words, command in commands(cli):
        (line,) = (line for line in section.splitlines() if line.startswith(f"| `xlreport {' '.join(words)}"))
        for option in (item for item in command.params if isinstance(item, click.Option)):
            assert any(f"`{name}" in line for name in option.opts), (words, option.opts)
    for option in (item for item in cli.params if isinstance(item, click.Option)):
        assert any(f"`{name}`" in section for name in option.opts), option.opts


def test_the_guide_and_the_readme_name_no_command_that_does_not_exist() -> None:
    known = {" ".join(words) for words, _ in commands(cli)}
    for text in (README, GUIDE, AUTHORS):
        prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
        code = "\n".join([*re.findall(r"`(.+?)`", prose), *blocks(text, "sh"), *blocks(text, "bat")])
        for line in re.findall(r"xlreport (?:-C \S+ )?([a-z][a-z ]*[a-z])", code):
            assert any(f"{line} ".startswith(f"{name} ") for name in known), line


def test_the_settings_the_guide_shows_are_followed_and_it_names_every_sheet(collection: Path) -> None:
    import openpyxl

    settings = collection / "xlreport.toml"
    settings.write_text("\n".join([settings.read_text("utf-8"), *blocks(GUIDE, "toml")]), encoding="utf-8")
    done = xlreport(["--quiet", "build"], collection)
    assert (done.returncode, done.stderr) == (1, "")
    sheets = openpyxl.load_workbook(collection / "out" / "汇总表.xlsx", read_only=True).sheetnames
    section = GUIDE.partition("`汇总表.xlsx` 的工作表")[2].partition("\n\n合计")[0]
    rows = [row.split("|")[1].strip() for row in section.splitlines() if row.startswith("| ")][1:]
    assert [name for row in rows for name in row.split("、")] == sheets


def test_the_page_of_issue_codes_is_what_the_catalogue_gives() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from make_docs import CODES, codes_page
    finally:
        sys.path.pop(0)
    assert CODES.read_text(encoding="utf-8") == codes_page(), "run scripts/make_docs.py"


def test_every_toml_block_is_toml() -> None:
    for document in DOCUMENTS:
        for block in blocks(document.read_text(encoding="utf-8"), "toml"):
            tomllib.loads(block)
