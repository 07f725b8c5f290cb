"""Where things lie in a blank, seen only through the layout."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from filling import read
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.form.layout import lay_out
from toolkit.form.loader import load_form, parse_form
from toolkit.form.model import Form, SectionKind
from toolkit.form.places import Layout, Placement, Role, SheetLayout
from toolkit.form.prefill import AnswerError
from toolkit.form.toml_table import FormError
from toolkit.writers.blank import write_blank

FORMS = Path(__file__).parent.parent / "templates" / "forms"
DEPARTMENT = load_form(FORMS / "department.toml")
PROJECT = load_form(FORMS / "project.toml")
both = pytest.mark.parametrize("form", [DEPARTMENT, PROJECT], ids=lambda form: form.id)


def sheet_of(layout: Layout, name: str) -> SheetLayout:
    return next(sheet for sheet in layout.sheets if sheet.name == name)


def placed(sheet: SheetLayout, role: Role) -> list[Placement]:
    return [place for place in sheet.placements if place.role is role]


def small_form(sections: str, columns: str = "") -> Form:
    return parse_form(
        f"""
        id = "small"
        version = "1"
        title = "小表"
        [[sheet]]
        name = "表"
        {columns}
        {sections}
        """
    )


@both
def test_every_asked_cell_of_the_form_has_exactly_one_place(form: Form) -> None:
    layout = lay_out(form)
    for section in form.sections:
        rows = [row.id for row in section.rows] or list(layout.rows(section.id))
        assert rows
        for row_id in rows:
            grid = section.kind is SectionKind.GRID
            asked = (section.row(row_id).fields if grid else ()) or tuple(
                entry.id for entry in section.fields
            )
            assert all((section.id, row_id, name) in layout.cells for name in asked)


@both
def test_no_two_things_share_a_cell_and_none_leaves_its_sheet(form: Form) -> None:
    for sheet in lay_out(form).sheets:
        taken: set[tuple[int, int]] = set()
        for place in sheet.placements:
            assert place.last_column < len(sheet.widths)
            for column in range(place.column, place.last_column + 1):
                assert (place.row, column) not in taken, (sheet.name, place)
                taken.add((place.row, column))


@both
def test_sections_of_a_sheet_follow_each_other_in_the_order_of_the_form(form: Form) -> None:
    for sheet in lay_out(form).sheets:
        expected = [section.id for section in form.sections if section.sheet == sheet.name]
        assert [extent.section for extent in sheet.extents] == expected
        assert all(above.bottom < below.top for above, below in pairwise(sheet.extents))


@both
def test_the_form_names_itself_once_at_the_top_of_its_first_sheet(form: Form) -> None:
    marks = [(sheet.name, mark) for sheet in lay_out(form).sheets for mark in placed(sheet, Role.FORM_MARK)]
    assert [(name, mark.row, mark.text) for name, mark in marks] == [
        (form.sheets[0].name, 0, f"表样编号：{form.name}")
    ]


def test_the_year_stands_in_the_subtitle_or_room_is_left_for_it() -> None:
    def subtitle(layout: Layout) -> str:
        return placed(layout.sheets[0], Role.SUBTITLE)[0].text

    assert subtitle(lay_out(PROJECT, year=2024)) == "（2024年度）"
    assert subtitle(lay_out(PROJECT)) == "（    年度）"


def test_pairs_of_answers_share_a_line_and_end_on_a_straight_edge() -> None:
    sheet = sheet_of(lay_out(DEPARTMENT), "封面")
    answers = {place.field: place for place in placed(sheet, Role.ANSWER)}
    assert answers["district"].row == answers["fiscal_year"].row
    assert answers["unit_name"].row < answers["district"].row
    lines = {place.row: place.last_column for place in answers.values()}  # the last of each line stays
    assert set(lines.values()) == {len(sheet.widths) - 1}


def test_a_table_is_open_when_it_ends_its_sheet_and_else_says_where_to_insert() -> None:
    layout = lay_out(DEPARTMENT)
    duties, offices = layout.extents["duties"], layout.extents["offices"]
    assert (duties.open, offices.open) == (False, True)
    assert offices.hint is None
    hint = next(place for place in sheet_of(layout, "职责机构").placements if place.role is Role.INSERT_HINT)
    assert hint.row == duties.hint == duties.last + 1
    assert "插入行" in hint.text


def test_the_total_row_stands_below_the_hint_and_is_labelled_up_to_its_first_sum() -> None:
    layout = lay_out(PROJECT)
    extent = layout.extents["indicators"]
    total = layout.cells["indicators", "total", "max_score"][1]
    assert total.role is Role.TOTAL
    assert extent.hint is not None
    assert total.row == extent.total == extent.hint + 1
    labels = [
        place
        for place in layout.sheets[0].placements
        if place.row == total.row and place.role is Role.ROW_LABEL
    ]
    assert [(label.text, label.column, label.last_column) for label in labels] == [
        ("总分", 0, total.column - 1)
    ]


def test_cells_a_grid_row_does_not_ask_for_are_dashes() -> None:
    layout = lay_out(PROJECT)
    assert ("funds", "current", "score") not in layout.cells
    dashes = [place for place in placed(layout.sheets[0], Role.NOT_ASKED) if place.row_id == "current"]
    assert {place.text for place in dashes} == {"—"}
    assert len(dashes) == 3  # 分值, 得分, 偏差原因


def test_a_sum_over_rows_that_do_not_ask_for_the_column_is_a_plain_answer() -> None:
    layout = lay_out(PROJECT)
    assert layout.cells["funds", "total", "adjusted_budget"][1].role is Role.DERIVED
    assert layout.cells["funds", "total", "score"][1].role is Role.ANSWER


@both
def test_every_block_with_money_says_its_unit_above(form: Form) -> None:
    for sheet in lay_out(form).sheets:
        notes = [place.row for place in placed(sheet, Role.UNIT_NOTE)]
        for extent in sheet.extents:
            section = form.section(extent.section)
            if any(entry.type == "money" for entry in section.fields):
                assert any(row <= extent.first for row in notes), section.id


def test_a_hidden_title_prints_no_title() -> None:
    titles = {
        place.section for place in placed(sheet_of(lay_out(DEPARTMENT), "职责机构"), Role.SECTION_TITLE)
    }
    assert titles == {"duties", "offices"}


@settings(deadline=None, max_examples=30)
@given(count=st.integers(0, 60))
def test_a_table_has_room_for_any_number_of_rows_and_a_few_more(count: int) -> None:
    rows = [{"name": f"机构{number}"} for number in range(count)]
    layout = lay_out(DEPARTMENT, answers={"offices": rows})
    ids = layout.rows("offices")
    assert len(ids) == len(set(ids)) >= count + 3
    lines = [layout.cells["offices", row_id, "name"][1].row for row_id in ids]
    assert lines == list(range(lines[0], lines[0] + len(lines)))


def test_a_total_row_among_the_answers_keeps_its_place_and_takes_no_number() -> None:
    rows = [
        {"project_name": "甲", "fund_source": "财政"},
        {"total": True, "adjusted_budget": 3},
        {"project_name": "乙"},
    ]
    layout = lay_out(DEPARTMENT, answers={"projects": rows})
    assert layout.rows("projects")[:4] == ("1", "total", "2", "3")


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"covr": {}}, "answers: there is no section 'covr', did you mean 'cover'?"),
        ({"cover": {"unit": "某街道"}}, "answers.cover: there is no field 'unit'"),
        ({"income": {"totl": {}}}, "answers.income: there is no row 'totl', did you mean 'total'?"),
        ({"tasks": [{"nme": "一"}]}, r"answers.tasks\[1\]: there is no field 'nme', did you mean 'name'?"),
        ({"tasks": {"name": "一"}}, "answers.tasks: a table takes a list of rows"),
        ({"cover": "某街道"}, "answers.cover: must be a table of answers"),
        ({"management": {"total": {"text": "好"}}}, "answers.management.total: there is no field 'text'"),
    ],
)
def test_answers_the_form_does_not_know_are_refused_with_their_place(
    answers: dict[str, object], message: str
) -> None:
    with pytest.raises(AnswerError, match=message.replace("?", r"\?")):
        lay_out(DEPARTMENT, answers=answers)


def test_a_section_wider_than_its_sheet_is_refused_with_its_path() -> None:
    narrow = replace(DEPARTMENT.sheets[3], columns=(20, 10, 10))
    sheets = tuple(narrow if sheet.name == narrow.name else sheet for sheet in DEPARTMENT.sheets)
    with pytest.raises(FormError, match=r"form.section\[income\]: needs 9 columns, sheet '收支情况' has 3"):
        lay_out(replace(DEPARTMENT, sheets=sheets))


def test_a_sheet_without_columns_takes_its_widths_from_the_fields() -> None:
    form = small_form(
        """
        [[section]]
        id = "list"
        title = "清单"
        sheet = "表"
        kind = "table"
        numbered = true
        [[section.field]]
        id = "name"
        label = "名称"
        width = 30
        [[section.field]]
        id = "note"
        label = "备注"
        width = 18
        """
    )
    assert lay_out(form).sheets[0].widths == (6, 30, 18)


BLOCKS = """
id = "blocks"
version = "1"
title = "分块表"
[[sheet]]
name = "表"
columns = [8, 20, 12, 12, 12, 12, 12]
[[section]]
id = "tasks"
title = "年度任务"
sheet = "表"
kind = "table"
side = 1
blank_rows = 4
totals = ["合计"]
total_fields = ["budget", "own_budget", "spent", "own_spent", "rate"]
[[section.field]]
id = "name"
label = "任务名称"
key = true
[[section.field]]
id = "budget"
label = "总额"
group = "预算数"
type = "money"
[[section.field]]
id = "own_budget"
label = "自筹"
group = "预算数"
type = "money"
[[section.field]]
id = "spent"
label = "总额"
group = "执行数"
type = "money"
[[section.field]]
id = "own_spent"
label = "自筹"
group = "执行数"
type = "money"
[[section.field]]
id = "rate"
label = "执行率"
type = "percent"
derive = { ratio = ["spent", "budget"] }
"""
TASKS = [
    {"name": "甲", "budget": 100, "own_budget": 10, "spent": 50, "own_spent": 5},
    {"name": "乙", "budget": 300, "own_budget": 30, "spent": 250, "own_spent": 20},
]


def test_a_title_at_the_side_covers_the_rows_of_its_block() -> None:
    layout = lay_out(parse_form(BLOCKS))
    extent = layout.extents["tasks"]
    (side,) = [place for place in layout.sheets[0].placements if place.role is Role.SIDE_TITLE]
    assert (side.text, side.column, side.column_span) == ("年度任务", 0, 1)
    assert (side.row, side.row + side.row_span - 1) == (extent.top, extent.hint)
    assert extent.total == side.row + side.row_span


def test_columns_in_groups_have_a_heading_of_two_rows() -> None:
    layout = lay_out(parse_form(BLOCKS))
    heads = {
        (place.text, place.row - layout.extents["tasks"].top, place.column): (
            place.row_span,
            place.column_span,
        )
        for place in layout.sheets[0].placements
        if place.role is Role.HEADING
    }
    assert heads == {
        ("任务名称", 0, 1): (2, 1),
        ("预算数", 0, 2): (1, 2),
        ("总额", 1, 2): (1, 1),
        ("自筹", 1, 3): (1, 1),
        ("执行数", 0, 4): (1, 2),
        ("总额", 1, 4): (1, 1),
        ("自筹", 1, 5): (1, 1),
        ("执行率", 0, 6): (2, 1),
    }


def test_groups_tell_columns_of_one_name_apart_and_a_total_rate_is_one_of_totals(tmp_path: Path) -> None:
    form = parse_form(BLOCKS)
    write_blank(form, tmp_path / "filled.xlsx", answers={"tasks": TASKS})
    result = read(tmp_path / "filled.xlsx", (form,))
    assert result.submission is not None
    assert (result.issues, result.cells.unread) == ((), 0)
    tasks = result.submission.sections["tasks"]
    assert [[row[name].number for name in ("budget", "spent", "rate")] for row in tasks.rows] == [
        [1_000_000, 500_000, 0.5],
        [3_000_000, 2_500_000, Decimal("0.833333333333333")],
        [4_000_000, 3_000_000, 0.75],
    ]
