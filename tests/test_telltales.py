"""Forms that differ by a few labels only are told apart by what they say marks them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from filling import fill, form, read
from valid import answers

PROJECT = replace(form("project"), foreign=())
SHEET = PROJECT.sheets[0].name
DEDUCTING = replace(PROJECT, id="deducting", telltales=("扣减分数",))


@pytest.fixture(scope="module")
def unmarked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = fill(PROJECT, answers("project"), tmp_path_factory.mktemp("unmarked") / "a.xlsx", year=2024)
    book = openpyxl.load_workbook(path)
    for row in book[SHEET].iter_rows():
        for cell in row:
            if "表样编号" in str(cell.value):
                cell.value = None
    book.save(path)
    return path


def _with(path: Path, text: str, target: Path) -> Path:
    book = openpyxl.load_workbook(path)
    book[SHEET]["L30"] = text
    book.save(target)
    return target


def _chosen(path: Path, *forms: object) -> str:
    submission = read(path, forms).submission  # type: ignore[arg-type]
    return submission.form if submission else ""


def test_without_its_telltale_a_workbook_is_the_other_form(unmarked: Path) -> None:
    assert _chosen(unmarked, PROJECT, DEDUCTING) == "project"
    assert _chosen(unmarked, DEDUCTING) == ""


def test_with_a_foreign_label_it_is_not_this_form(unmarked: Path, tmp_path: Path) -> None:
    marked = _with(unmarked, "扣减 分数（分）", tmp_path / "marked.xlsx")
    plain = replace(PROJECT, foreign=("扣减分数",))
    assert _chosen(marked, plain, DEDUCTING) == "deducting"
    assert _chosen(marked, plain) == ""
    assert _chosen(unmarked, plain, DEDUCTING) == "project"


def test_two_forms_with_nothing_to_tell_them_apart_are_one_issue(unmarked: Path) -> None:
    result = read(unmarked, (PROJECT, replace(PROJECT, id="twin")))
    assert [item.code for item in result.issues] == ["S18"]
