"""A workbook goes in, its answers come out: whatever clerks do to the page around them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alter import Page, put_together, take_apart
from filling import facts, fill, form, load_forms, read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from valid import answers

from toolkit.collection import ROSTER
from toolkit.form.layout import lay_out
from toolkit.form.model import Form
from toolkit.issues.model import Verdict
from toolkit.lists import read_roster
from toolkit.submission.lexicon import Kind, Lexicon
from toolkit.submission.reader import OUR_SHEETS

FORMS = tuple(asked.id for asked in load_forms())
WORKBOOKS = Path(__file__).parent.parent / "workbooks"


@pytest.fixture(scope="session", params=FORMS)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Form, Path]:
    asked = form(request.param)
    path = tmp_path_factory.mktemp("filled") / f"{request.param}.xlsx"
    return asked, fill(asked, answers(request.param), path, year=2024)


def test_a_blank_filled_with_valid_answers_is_accepted_without_an_issue(filled: tuple[Form, Path]) -> None:
    result = read(filled[1])
    assert result.issues == ()
    assert result.verdict is Verdict.ACCEPTED


def test_every_answer_typed_is_read_from_its_own_cell(filled: tuple[Form, Path]) -> None:
    asked, path = filled
    found = facts(read(path))
    for section, given_rows in answers(asked.id).items():
        rows = given_rows if isinstance(given_rows, list) else [given_rows]
        typed = sum(len(row) for row in rows)
        if not isinstance(given_rows, list) and all(isinstance(value, dict) for value in given_rows.values()):
            typed = sum(len(row) for row in given_rows.values())
        assert sum(name[0] == section for name in found) >= typed, section


def test_every_cell_is_accounted_for(filled: tuple[Form, Path]) -> None:
    cells = read(filled[1]).cells
    assert cells.filled == cells.labels + cells.answers + cells.notes + cells.unread
    assert cells.unread == 0


@pytest.mark.parametrize("name", sorted(path.name for path in WORKBOOKS.glob("*绩效自评表*.xlsx")))
def test_every_cell_of_the_sample_workbooks_is_accounted_for(name: str) -> None:
    result = read(WORKBOOKS / name)
    cells = result.cells
    listed = [issue.location.cell for issue in result.issues if issue.code == "S16"]
    assert cells.filled == cells.labels + cells.answers + cells.notes + cells.unread > 0
    assert cells.unread == len(listed)


def _form_pages(pages: list[Page]) -> list[Page]:
    return [page for page in pages if page.name not in OUR_SHEETS]


def test_a_workbook_without_its_own_sheets_and_formulas_has_the_same_answers(
    filled: tuple[Form, Path], tmp_path: Path
) -> None:
    path = put_together(_form_pages(take_apart(filled[1])), tmp_path / "plain.xlsx")
    assert facts(read(path)) == facts(read(filled[1]))


def _insert_rows(pages: list[Page], draw: st.DataObject) -> None:
    page = draw.draw(st.sampled_from(pages))
    page.insert_row(draw.draw(st.integers(1, page.size[0])))


def _insert_column(pages: list[Page], draw: st.DataObject) -> None:
    page = draw.draw(st.sampled_from(pages))
    page.insert_column(draw.draw(st.integers(1, page.size[1])))


def _rename(pages: list[Page], draw: st.DataObject) -> None:
    names = st.text(st.characters(categories=["Lo", "Nd"]), min_size=1, max_size=12)
    page = draw.draw(st.sampled_from(pages))
    taken = {other.name.lower() for other in pages}
    page.name = draw.draw(names.filter(lambda name: name.lower() not in taken and name not in OUR_SHEETS))


def _stray_spaces(pages: list[Page], draw: st.DataObject) -> None:
    page = draw.draw(st.sampled_from(pages))
    page.cells[900, draw.draw(st.integers(1, 12))] = ("  \u3000", "General")


def _respell(pages: list[Page], draw: st.DataObject) -> None:
    """Space out a label, widen its brackets, add a colon."""
    page = draw.draw(st.sampled_from(pages))
    texts = [
        place
        for place, (value, _) in page.cells.items()
        if value in {"分值", "得分", "年初预算数", "单位全称"}
    ]
    unit = "元" if any(value == "单位：元" for value, _ in page.cells.values()) else "万元"
    if texts:
        place = draw.draw(st.sampled_from(sorted(texts)))
        value, number_format = page.cells[place]
        spelt = draw.draw(
            st.sampled_from([f"{value[0]} {value[1:]}", f"{value}：", f" {value}（{unit}）", f"{value}\n"])
        )
        page.cells[place] = (spelt, number_format)


ALTERATIONS = (_insert_rows, _insert_column, _rename, _stray_spaces, _respell)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data(), kinds=st.lists(st.sampled_from(ALTERATIONS), min_size=1, max_size=6))
def test_alterations_of_the_page_change_no_answer(
    filled: tuple[Form, Path], tmp_path: Path, draw: st.DataObject, kinds: list[object]
) -> None:
    pages = _form_pages(take_apart(filled[1]))
    for kind in kinds:
        kind(pages, draw)  # type: ignore[operator]
    result = read(put_together(pages, tmp_path / "altered.xlsx"))
    assert facts(result) == facts(read(filled[1]))
    assert result.cells.unread == 0


def test_two_swapped_columns_change_no_answer(tmp_path: Path) -> None:
    asked = form("department")
    path = fill(asked, answers("department"), tmp_path / "filled.xlsx", year=2024)
    expected, extents = facts(read(path)), lay_out(asked, year=2024).extents
    for section, one, other in (
        ("indicators", "target", "actual"),
        ("indicators", "max_score", "score"),
        ("income", "initial_budget", "actual_expenditure"),
        ("projects", "fund_source", "adjusted_budget"),
    ):
        pages = _form_pages(take_apart(path))
        extent = extents[section]
        page = next(page for page in pages if page.name == extent.sheet)
        columns = [extent.columns[name][0] + 1 for name in (one, other)]
        assert extent.heading is not None
        page.swap_columns(*columns, rows=range(extent.heading + 1, extent.last + 2))
        altered = put_together(pages, tmp_path / "swapped.xlsx")
        assert facts(read(altered)) == expected, (section, one, other)


def test_every_alias_of_a_label_is_read_as_that_label(filled: tuple[Form, Path], tmp_path: Path) -> None:
    """All labels are replaced at once: by their first alias, by their second, as far as they have any."""
    asked, path = filled
    expected, lexicon = facts(read(path)), Lexicon.of(asked)
    most = max(len(entry.aliases) for section in asked.sections for entry in section.fields)
    for position in range(most):
        pages = _form_pages(take_apart(path))
        for section in asked.sections:
            page = next(item for item in pages if item.name == section.sheet)
            spelt = {
                spelling: entry.aliases[position]
                for entry in section.fields
                if len(entry.aliases) > position and _names_only(lexicon, entry.aliases[position])
                for spelling in (entry.label, entry.heading)
            }
            for place, (value, number_format) in list(page.cells.items()):
                page.cells[place] = (
                    spelt.get(value, value) if isinstance(value, str) else value,
                    number_format,
                )
        found = facts(read(put_together(pages, tmp_path / "alias.xlsx")))
        assert found == expected, position


def _names_only(lexicon: Lexicon, alias: str) -> bool:
    """Return whether an alias names fields only: one that is also a title would move the title."""
    return {meaning.kind for meaning in lexicon.meanings(alias)} == {Kind.FIELD}


def test_forms_are_told_apart_without_their_mark(filled: tuple[Form, Path], tmp_path: Path) -> None:
    asked, path = filled
    pages = _form_pages(take_apart(path))
    for page in pages:
        page.cells = {place: cell for place, cell in page.cells.items() if "表样编号" not in str(cell[0])}
    result = read(put_together(pages, tmp_path / "unmarked.xlsx"))
    assert result.submission is not None
    assert result.submission.form == asked.id
    assert [item.code for item in result.issues] == ["S17"]


def _strangers(one: Form, other: Form) -> bool:
    """Return whether two forms have nothing in common; a near relative may stand in, and says so (S17)."""
    return (one.base or one.id) != (other.base or other.id)


def test_every_form_reads_its_own_sample_and_no_other(tmp_path: Path) -> None:
    for asked in load_forms():
        path = fill(asked, answers(asked.id), tmp_path / f"{asked.id}.xlsx", year=2024)
        others = tuple(other for other in load_forms() if _strangers(asked, other))
        pages = _form_pages(take_apart(path))
        for page in pages:
            page.cells = {place: cell for place, cell in page.cells.items() if "表样编号" not in str(cell[0])}
        result = read(put_together(pages, tmp_path / "unmarked.xlsx"), others)
        assert result.submission is None, result.submission and result.submission.form
        assert "S18" in {item.code for item in result.issues}


def test_the_sample_workbooks_are_what_their_script_writes(tmp_path: Path) -> None:
    """The committed workbooks are rebuilt from their answers, and nothing in them is found changed."""
    script = Path(__file__).parent.parent / "scripts" / "make_samples.py"
    subprocess.run([sys.executable, str(script), "-o", str(tmp_path)], check=True, capture_output=True)
    rebuilt = sorted(path.name for path in tmp_path.glob("*.xlsx"))
    assert rebuilt == sorted(path.name for path in WORKBOOKS.glob("*.xlsx"))
    for name in rebuilt:
        if name == ROSTER:
            assert read_roster(tmp_path / name) == read_roster(WORKBOOKS / name)
            continue
        one, other = read(tmp_path / name), read(WORKBOOKS / name)
        assert facts(one) == facts(other), name
        assert one.issues == other.issues, name
