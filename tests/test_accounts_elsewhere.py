"""The same workbook as .xlsx, .xls and .ods: the same answers, errors, links and hidden data."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from filling import facts, fill, form, read
from packages import saved_as
from valid import answers

from toolkit.checks.model import CheckResult
from toolkit.form.layout import lay_out
from toolkit.submission.grid import a1
from toolkit.submission.source import open_source

pytestmark = pytest.mark.office
KINDS = ("xlsx", "xls", "ods")
SHEET = "项目支出绩效自评表"
ERRORS = (("funds", "total", "score"), ("indicators", "1", "score"))


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CheckResult]:
    """Return, by kind, a project's form with errors, a draft on a hidden sheet, folded rows and columns.

    LibreOffice saves all three, so that each is what a program writes, and every formula is calculated.
    """
    folder = tmp_path_factory.mktemp("saved")
    asked = form("project")
    path = fill(asked, answers("project"), folder / "表.xlsx", year=2024)
    cells = lay_out(asked, year=2024).cells
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET]
    for name in ERRORS:
        sheet.cell(cells[name][1].row + 1, cells[name][1].column + 1).value = "=1/0"
    sheet["T2"] = "旧数"
    sheet.column_dimensions.group("T", "U", hidden=True)
    row = cells["indicators", "3", "name"][1].row + 1
    sheet.row_dimensions.group(row, row + 1, hidden=True)
    draft = book.create_sheet("底稿")
    draft.append(["核对", 12, "=B1/0"])
    draft.sheet_state = "hidden"
    book.save(path)
    (folder / "out").mkdir()
    return {kind: read(saved_as(path, kind, folder / "out")) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_told_on_its_cell_and_is_no_zero(judged: dict[str, CheckResult], kind: str) -> None:
    found = {item.location.cell: item.found for item in judged[kind].issues if item.code == "S11"}
    cells = lay_out(form("project"), year=2024).cells
    places = {a1(cells[name][1].row, cells[name][1].column) for name in ERRORS}
    assert places <= found.keys()  # and the sum of the scores, which is an error by theirs
    assert all("#DIV/0!" in text for text in found.values())
    assert not {*ERRORS} & facts(judged[kind]).keys()


@pytest.mark.parametrize("kind", KINDS)
def test_folded_rows_and_columns_and_a_hidden_sheet_are_read_and_told(
    judged: dict[str, CheckResult], kind: str
) -> None:
    hidden = Counter(item.location.sheet for item in judged[kind].issues if item.code == "S13")
    assert hidden == {SHEET: 2, "底稿": 1}
    assert facts(judged[kind])["indicators", "3", "name"] == answers("project")["indicators"][2]["name"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_cell_is_accounted_for_and_says_the_same_in_every_kind(
    judged: dict[str, CheckResult], kind: str
) -> None:
    result, first = judged[kind], judged["xlsx"]
    assert result.submission is not None
    cells = result.submission.cells
    assert cells.filled == cells.labels + cells.answers + cells.notes + cells.unread
    unread = {(item.location.sheet, item.location.cell) for item in result.issues if item.code == "S16"}
    assert unread == {(SHEET, "T2"), ("底稿", "A1"), ("底稿", "B1"), ("底稿", "C1")}
    assert cells.unread == len(unread)
    before, after = facts(first), facts(result)
    assert {place: after.get(place) for place in before} == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_to_another_workbook_is_told(kind: str, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "表.xlsx") as book:
        book.add_worksheet("表").write_formula("A1", "='[去年决算.xlsx]汇总'!B2", value=5)
    (tmp_path / "out").mkdir()
    source = open_source(saved_as(tmp_path / "表.xlsx", kind, tmp_path / "out"))
    (link,) = [finding for finding in source.findings if finding.code == "F08"]
    assert "去年决算.xlsx" in link.found
