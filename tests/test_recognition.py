"""Which form is this? A mark, else the labels; every shipped form is itself and no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from tests.alter import Page, put_together, take_apart
from tests.filling import FORMS, facts, fill, form, load_forms
from tests.official_blanks import saved, sichuan
from tests.valid import answers
from toolkit.checks.model import CheckResult
from toolkit.checks.runner import Task, check_workbook
from toolkit.form.labels import normalise
from toolkit.form.places import LISTS_SHEET, NOTES_SHEET, STATUS_SHEET
from toolkit.submission.guard import Limits
from toolkit.submission.reader import Reader

ALL = load_forms()
IDS = [loaded.id for loaded in ALL]
LIBRARY = {path.stem: path for path in FORMS.glob("*.toml")}
READER = Reader(ALL, LIBRARY)  # every form in use
_GENERATED = (NOTES_SHEET, STATUS_SHEET, LISTS_SHEET)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A filled workbook of every shipped form, as issued."""
    folder = tmp_path_factory.mktemp("samples")
    return {
        loaded.id: fill(loaded, answers(loaded.id), folder / f"{loaded.id}.xlsx", year=2024) for loaded in ALL
    }


@pytest.fixture(scope="module")
def unmarked(samples: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("unmarked")
    return {name: _altered(path, folder / f"{name}.xlsx", _unmark) for name, path in samples.items()}


def _altered(path: Path, target: Path, *changes: object) -> Path:
    pages = [page for page in take_apart(path) if page.name not in _GENERATED]
    for change in changes:
        change(pages)  # type: ignore[operator]
    return put_together(pages, target)


def _unmark(pages: list[Page]) -> None:
    _drop(pages, lambda text: "表样编号" in text)


def _untitle(pages: list[Page]) -> None:
    titles = {normalise(title) for loaded in ALL for title in (loaded.title, *loaded.aliases)}
    _drop(pages, lambda text: any(title in normalise(text) for title in titles))


def _rename(pages: list[Page]) -> None:
    for number, page in enumerate(pages, 1):
        page.name = f"Sheet{number}"


def _drop(pages: list[Page], which: object) -> None:
    for page in pages:
        page.cells = {
            place: cell
            for place, cell in page.cells.items()
            if not which(str(cell[0]))  # type: ignore[operator]
        }


def _judge(path: Path, reader: Reader = READER) -> CheckResult:
    return check_workbook(Task(path, path.name), reader, Limits())


def _form_of(result: CheckResult) -> str:
    return result.submission.form if result.submission is not None else ""


def _identity(result: CheckResult) -> list[str]:
    return [item.code for item in result.issues if item.code in ("S17", "S18", "S19", "S25", "S26")]


@pytest.mark.parametrize("name", IDS)
def test_a_marked_workbook_is_the_form_of_its_mark(name: str, samples: dict[str, Path]) -> None:
    result = _judge(samples[name])
    assert (_form_of(result), _identity(result)) == (name, [])


@pytest.mark.parametrize("name", IDS)
def test_without_its_mark_a_workbook_is_known_by_its_labels(name: str, unmarked: dict[str, Path]) -> None:
    result = _judge(unmarked[name])
    assert (_form_of(result), _identity(result)) == (name, ["S17"])


@pytest.mark.parametrize("name", IDS)
def test_without_mark_title_and_sheet_names_it_is_known_by_its_labels(
    name: str, unmarked: dict[str, Path], tmp_path: Path
) -> None:
    result = _judge(_altered(unmarked[name], tmp_path / "bare.xlsx", _untitle, _rename))
    assert (_form_of(result), _identity(result)) == (name, ["S17"])


@pytest.mark.parametrize("name", IDS)
def test_a_form_that_is_not_collected_is_named_and_not_read_as_another(
    name: str, unmarked: dict[str, Path]
) -> None:
    """One that shares its title with others is named with its id, so that it can be added to the settings."""
    collected = tuple(loaded for loaded in ALL if loaded.id != name)
    result = _judge(unmarked[name], Reader(collected, LIBRARY))
    assert result.submission is None
    assert [item.code for item in result.issues] == ["S25"]
    asked = form(name)
    assert asked.title in result.issues[0].message
    if sum(loaded.title == asked.title for loaded in ALL) > 1:
        assert name in result.issues[0].message


@pytest.mark.parametrize("name", IDS)
def test_each_form_alone_in_use_reads_its_own_and_refuses_the_rest(
    name: str, unmarked: dict[str, Path]
) -> None:
    reader = Reader((form(name),), LIBRARY)
    read = {other: _form_of(_judge(path, reader)) for other, path in unmarked.items()}
    assert read == {other: name if other == name else "" for other in IDS}


def test_an_official_layout_of_sichuan_is_not_read_as_the_project_form_that_shares_its_labels(
    tmp_path: Path,
) -> None:
    typed = {
        "C3": "培训",
        "H3": "某单位",
        "D13": "培训人次",
        "E13": "≥",
        "F13": 200,
        "G13": "人次",
        "H13": 210,
    }
    path = saved(sichuan(), tmp_path / "四川.xlsx", typed)
    result = _judge(path, Reader((form("project"),), LIBRARY))
    assert (_form_of(result), [item.code for item in result.issues]) == ("", ["S25"])
    assert form("sichuan-project").title in result.issues[0].message


@pytest.mark.parametrize("name", IDS)
def test_a_marked_form_that_is_not_collected_is_named(name: str, samples: dict[str, Path]) -> None:
    collected = tuple(loaded for loaded in ALL if loaded.id != name)
    result = _judge(samples[name], Reader(collected, LIBRARY))
    assert [item.code for item in result.issues] == ["S25"]
    assert form(name).title in result.issues[0].message
    assert result.issues[0].location.cell == "A1"


def _remark(mark: str) -> object:
    def change(pages: list[Page]) -> None:
        for page in pages:
            for place, (value, style) in list(page.cells.items()):
                if "表样编号" in str(value):
                    page.cells[place] = (f"表样编号：{mark}", style)

    return change


def test_a_mark_that_names_no_form_is_told_and_the_labels_count(
    samples: dict[str, Path], tmp_path: Path
) -> None:
    result = _judge(_altered(samples["project"], tmp_path / "odd.xlsx", _remark("nobody@1999.1")))
    assert (_form_of(result), _identity(result)) == ("project", ["S19"])
    assert "nobody@1999.1" in next(item for item in result.issues if item.code == "S19").message


def test_an_older_version_is_read_with_a_note(samples: dict[str, Path], tmp_path: Path) -> None:
    result = _judge(_altered(samples["project"], tmp_path / "old.xlsx", _remark("project@2001.1")))
    assert (_form_of(result), _identity(result)) == ("project", ["S19"])


@pytest.mark.parametrize("content", IDS)
def test_a_mark_that_the_labels_belie_is_one_issue(
    content: str, samples: dict[str, Path], tmp_path: Path
) -> None:
    """Next of kin are read by the mark, and nothing is misread; levels (actual) are named by each form."""
    true = facts(_judge(samples[content]))
    for mark in IDS:
        if mark == content:
            continue
        result = _judge(_altered(samples[content], tmp_path / "pasted.xlsx", _remark(form(mark).name)))
        if result.submission is None:
            assert [item.code for item in result.issues] == ["S26"]
            assert form(mark).title in result.issues[0].message
            assert form(content).title in result.issues[0].message
        else:
            assert _form_of(result) == mark
            read = facts(result)
            assert len(read.keys() & true.keys()) > 0.8 * len(true), mark
            shared = {name for name in read.keys() & true.keys() if name[2] != "actual"}
            assert {name for name in shared if read[name] != true[name]} == set(), mark


@pytest.mark.parametrize(("content", "mark"), [("project", "department"), ("department", "project")])
def test_department_and_project_are_never_taken_for_each_other(
    content: str, mark: str, samples: dict[str, Path], tmp_path: Path
) -> None:
    result = _judge(_altered(samples[content], tmp_path / "pasted.xlsx", _remark(form(mark).name)))
    assert [item.code for item in result.issues] == ["S26"]


def test_a_marked_workbook_with_little_in_it_stays_what_its_mark_says(
    samples: dict[str, Path], tmp_path: Path
) -> None:
    """A clerk who sends one sheet of ten is told what is missing, not that the mark is wrong."""
    pages = [page for page in take_apart(samples["department"]) if page.name in ("封面", "绩效指标")]
    result = _judge(put_together(pages, tmp_path / "part.xlsx"))
    assert _form_of(result) == "department"


@pytest.mark.parametrize("name", IDS)
def test_what_a_clerk_writes_beside_the_form_does_not_make_it_another(
    name: str, unmarked: dict[str, Path], tmp_path: Path
) -> None:
    def remark(pages: list[Page]) -> None:
        page = pages[0]
        row, column = page.size
        for offset, text in enumerate(
            ("备注", "复核意见", "已与业务科室核对，项目名称无误。", "序号", "合计")
        ):
            page.cells[row + 2, column + 2 + offset] = (text, "General")

    result = _judge(_altered(unmarked[name], tmp_path / "noted.xlsx", remark))
    assert _form_of(result) == name


def test_two_forms_that_fit_alike_are_one_issue_that_names_both(unmarked: dict[str, Path]) -> None:
    project = form("project")
    twin = replace(project, id="twin", version="9")
    result = _judge(unmarked["project"], Reader((project, twin)))
    assert [item.code for item in result.issues] == ["S18"]
    assert "（project）" in result.issues[0].message
    assert "（twin）" in result.issues[0].message


def _texts() -> Iterator[str]:
    yield from (
        "会议纪要",
        "时间：2024年3月1日",
        "出席：各科室负责人",
        "一、听取预算执行情况汇报。",
        "二、安排绩效自评工作。",
    )


def test_a_workbook_of_nothing_known_is_not_recognised(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row, text in enumerate(_texts(), 1):
        book.active.cell(row, 1, text)
    book.save(tmp_path / "minutes.xlsx")
    result = _judge(tmp_path / "minutes.xlsx")
    assert [item.code for item in result.issues] == ["S18"]


def test_a_broken_form_of_the_library_does_not_keep_workbooks_from_being_read(
    unmarked: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "broken.toml").write_text("id = ", encoding="utf-8")
    reader = Reader((form("project"),), {"broken": tmp_path / "broken.toml"})
    assert _form_of(_judge(unmarked["project"], reader)) == "project"
