"""The blank workbook as a clerk's programs see it: opened with openpyxl, calculated anew by LibreOffice."""

from __future__ import annotations

import math
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.formula import ArrayFormula
from recalculation import recalculated

from toolkit.form.layout import lay_out
from toolkit.form.loader import load_form
from toolkit.form.model import Form
from toolkit.form.places import LISTS_SHEET, NOTES_SHEET, STATUS_SHEET, Role
from toolkit.form.prefill import AnswerError
from toolkit.writers.blank import write_blank

FORMS = Path(__file__).parent.parent / "templates" / "forms"
DEPARTMENT = load_form(FORMS / "department.toml")
PROJECT = load_form(FORMS / "project.toml")
both = pytest.mark.parametrize("form", [DEPARTMENT, PROJECT], ids=lambda form: form.id)

PROJECT_ANSWERS: dict[str, Any] = {
    "project": {
        "project_name": "环卫保洁项目",
        "fiscal_year": 2024,
        "supervising_department": "某街道办事处",
        "unit_name": "某街道办事处",
    },
    "funds": {
        "total": {"score": Decimal("9.67")},
        "current": {"adjusted_budget": Decimal(300), "actual_expenditure": Decimal("290.10")},
    },
    "goal": {"goal": {"expected": "全年保洁达标。", "completion": "全年保洁达标。"}},
    "indicators": [
        {
            "level1": "产出指标",
            "level2": "数量指标",
            "name": "保洁面积",
            "target": "≥50万平方米",
            "actual": "52万平方米",
            "max_score": 50,
            "score": 50,
        },
        {"name": "投诉办结率", "target": "≥95%", "actual": "96%", "max_score": 40, "score": Decimal("39.5")},
    ],
}
DEPARTMENT_ANSWERS: dict[str, Any] = {
    "cover": {
        "unit_name": "某街道办事处",
        "district": "某区",
        "fiscal_year": 2024,
        "filler": "某某",
        "fill_date": date(2025, 3, 10),
    },
    "plan": {"goal": "完成全年任务。"},
    "income": {"general_public_budget": {"actual_expenditure": Decimal("800.1")}},
    "expenditure": {
        "basic": {"adjusted_budget": Decimal(500), "actual_expenditure": Decimal("480.4")},
        "project": {"adjusted_budget": Decimal(350), "actual_expenditure": Decimal("319.7")},
    },
    "indicators": [
        {"level1": "产出指标", "level2": "数量指标", "name": "活动场次", "target": "≥8场", "actual": "9场"}
    ],
    "projects": [
        {"project_name": "保洁", "fund_source": "财政", "adjusted_budget": 200, "actual_expenditure": 180},
        {"total": True, "adjusted_budget": 200, "actual_expenditure": 180},
    ],
    "scores": {"duty": {"score": 47}, "management": {"score": 46}},
    "result": {"grade": "优", "conclusion": "年度任务完成。"},
    "problems": [{"text": "项目进度不均衡。"}],
    "measures": [{"text": "按季度跟踪。"}],
}
COMPLETE = {"department": DEPARTMENT_ANSWERS, "project": PROJECT_ANSWERS}


def written(form: Form, folder: Path, name: str = "blank.xlsx", **more: Any) -> Path:
    path = folder / name
    write_blank(form, path, **more)
    return path


def opened(path: Path, *, values: bool = False) -> Any:
    return openpyxl.load_workbook(path, data_only=values)


def cell(book: Any, form: Form, name: tuple[str, str, str], **more: Any) -> Any:
    sheet, place = lay_out(form, **more).cells[name]
    return book[sheet].cell(place.row + 1, place.column + 1)


def typed(form: Form, answers: dict[str, Any], path: Path) -> Path:
    """Type answers into an empty blank, which throws every stored formula result away."""
    write_blank(form, path)
    book = opened(path)
    cells = lay_out(form).cells
    for section, given_rows in answers.items():
        rows = (
            {str(number): row for number, row in enumerate(given_rows, start=1) if "total" not in row}
            if isinstance(given_rows, list)
            else given_rows
        )
        if not any(isinstance(row, dict) for row in rows.values()):
            rows = {"": rows}
        for row_id, values in rows.items():
            for field, value in values.items():
                sheet, place = cells[section, row_id, field]
                book[sheet].cell(place.row + 1, place.column + 1).value = value
    book.save(path)
    return path


def formulas(path: Path) -> dict[tuple[str, str], str]:
    found = {}
    for sheet in opened(path):
        for row in sheet.iter_rows():
            for one in row:
                if one.data_type == "f":
                    text = one.value.text if isinstance(one.value, ArrayFormula) else one.value
                    found[sheet.title, one.coordinate] = text
    return found


# What the clerk may touch


@both
def test_answers_are_unlocked_and_tinted_and_everything_else_is_locked(form: Form, tmp_path: Path) -> None:
    book = opened(written(form, tmp_path))
    layout = lay_out(form)
    unlocked = {Role.ANSWER, Role.DERIVED, Role.TOTAL, Role.ORDINAL}  # rows must be sortable as a whole
    for sheet in layout.sheets:
        for place in sheet.placements:
            one = book[sheet.name].cell(place.row + 1, place.column + 1)
            assert one.protection.locked is (place.role not in unlocked), (sheet.name, place)
    answer = cell(book, form, next(iter(layout.cells)))
    assert answer.fill.fgColor.rgb not in ("00000000", "FFFFFFFF")


def test_derived_cells_have_another_tint_than_answers(tmp_path: Path) -> None:
    book = opened(written(DEPARTMENT, tmp_path))
    plain = cell(book, DEPARTMENT, ("income", "other", "adjusted_budget"))
    derived = cell(book, DEPARTMENT, ("income", "other", "execution_rate"))
    assert plain.fill.fgColor.rgb != derived.fill.fgColor.rgb


@both
def test_every_visible_sheet_is_protected_without_a_password(form: Form, tmp_path: Path) -> None:
    for sheet in opened(written(form, tmp_path)):
        if sheet.sheet_state != "visible":
            continue
        protection = sheet.protection
        assert protection.sheet is True
        assert protection.password is None
        allowed = ("insertRows", "formatRows", "formatColumns", "sort", "autoFilter")
        assert all(getattr(protection, name) is False for name in allowed)  # False: not protected


def test_an_open_table_can_be_filled_far_below_its_drawn_rows(tmp_path: Path) -> None:
    book = opened(written(DEPARTMENT, tmp_path))
    extent = lay_out(DEPARTMENT).extents["indicators"]
    sheet = book["绩效指标"]
    assert sheet.max_row < extent.last + 5  # no cell is written for the room below
    for letter in ("B", "D", "K"):
        assert sheet.column_dimensions[letter].protection.locked is False
    below = f"B{extent.last + 200}"
    levels = [rule for rule in sheet.data_validations.dataValidation if below in rule.sqref]
    assert [rule.type for rule in levels] == ["list"]


# What guides the clerk


def test_choices_become_dropdowns_and_long_ones_a_hidden_list(tmp_path: Path) -> None:
    long = tuple(f"第{number}类很长的指标名称" for number in range(40))
    section = DEPARTMENT.section("result")
    fields = tuple(
        replace(one, choices=long, choice_aliases={}) if one.id == "grade" else one for one in section.fields
    )
    sections = tuple(
        replace(one, fields=fields) if one.id == "result" else one for one in DEPARTMENT.sections
    )
    form = replace(DEPARTMENT, sections=sections)
    book = opened(written(form, tmp_path))
    grade = cell(book, form, ("result", "", "grade"))
    rules = book["自评得分"].data_validations.dataValidation
    rule = next(one for one in rules if grade.coordinate in one.sqref)
    assert rule.formula1.startswith(f"'{LISTS_SHEET}'!")
    hidden = book[LISTS_SHEET]
    assert hidden.sheet_state == "hidden"
    assert [row[0].value for row in hidden.iter_rows(max_col=1)] == list(long)


@both
def test_hints_keep_to_the_lengths_excel_can_show(form: Form, tmp_path: Path) -> None:
    book = opened(written(form, tmp_path))
    rules = [rule for sheet in book for rule in sheet.data_validations.dataValidation]
    assert rules
    assert all(len(rule.promptTitle or "") <= 32 and len(rule.prompt or "") <= 255 for rule in rules)
    assert all(len(rule.formula1 or "") <= 257 for rule in rules if rule.type == "list")
    assert any("必填" in (rule.prompt or "") for rule in rules)


def test_number_formats_follow_the_kind_of_answer(tmp_path: Path) -> None:
    book = opened(written(DEPARTMENT, tmp_path))
    shown = {
        ("income", "other", "adjusted_budget"): "#,##0.00",
        ("income", "other", "execution_rate"): "0.00%",
        ("cover", "", "fill_date"): "yyyy\\-mm\\-dd",
        ("cover", "", "unit_name"): "@",
        ("indicators", "1", "target"): "@",
        ("indicators", "1", "actual"): "@",
    }
    found = {name: cell(book, DEPARTMENT, name).number_format.replace("\\", "") for name in shown}
    assert found == {name: form.replace("\\", "") for name, form in shown.items()}


# What is printed


@both
def test_every_sheet_prints_on_a4_one_page_wide_with_its_headings_repeated(
    form: Form, tmp_path: Path
) -> None:
    book = opened(written(form, tmp_path))
    layout = lay_out(form)
    for sheet in book:
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.fitToWidth in (None, 1)  # 1 is what its absence means
        assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
        assert sheet.print_options.horizontalCentered is True
        assert "&P" in sheet.oddFooter.center.text
    for page in layout.sheets:
        headings = [extent.heading for extent in page.extents if extent.heading is not None]
        expected = f"${headings[-1] + 1}:${headings[-1] + 1}" if headings else None
        assert book[page.name].print_title_rows == expected
        assert book[page.name].page_setup.orientation == ("landscape" if page.landscape else "portrait")


@both
def test_the_notes_come_first_the_status_last_and_the_form_opens_on_its_own_first_sheet(
    form: Form, tmp_path: Path
) -> None:
    book = opened(written(form, tmp_path))
    assert book.sheetnames == [NOTES_SHEET, *(sheet.name for sheet in form.sheets), STATUS_SHEET]
    assert book.active.title == form.sheets[0].name
    assert book.properties.title == form.title


@both
def test_the_notes_explain_every_field(form: Form, tmp_path: Path) -> None:
    notes = opened(written(form, tmp_path))[NOTES_SHEET]
    said = {one.value for row in notes.iter_rows() for one in row if one.value}
    assert {entry.heading for section in form.sections for entry in section.fields} <= said


# What is filled in beforehand


def test_known_answers_become_figures_dates_and_text_as_their_cells_want_them(tmp_path: Path) -> None:
    answers = {
        "cover": {"unit_name": "某街道", "fiscal_year": 2024, "fill_date": date(2025, 3, 10)},
        "income": {
            "other": {"adjusted_budget": Decimal("49.49"), "execution_rate": "97.5%"},
            "total": {"actual_expenditure": "7704.69元"},
        },
        "indicators": [{"name": "活动", "target": 8, "actual": Decimal("9.50"), "completion": "达标完成"}],
        "plan": {"goal": "第一段\r\n第二段"},
    }
    book = opened(written(DEPARTMENT, tmp_path, answers=answers))

    def at(*name: str) -> Any:
        return cell(book, DEPARTMENT, name, answers=answers)  # type: ignore[arg-type]

    assert at("cover", "", "fiscal_year").value == 2024
    assert at("cover", "", "fill_date").value.date() == date(2025, 3, 10)
    assert at("income", "other", "adjusted_budget").value == 49.49
    rate = at("income", "other", "execution_rate")
    assert (rate.value, rate.number_format) == (0.975, "0.0%")  # stated: no formula, as printed
    assert at("income", "total", "actual_expenditure").value == "7704.69元"
    assert at("indicators", "1", "target").value == "8"
    assert at("indicators", "1", "actual").value == "9.50"
    assert at("indicators", "1", "completion").value == "达标完成"
    assert at("plan", "", "goal").value == "第一段\n第二段"


def test_defaults_and_seeds_are_printed_as_figures_and_words(tmp_path: Path) -> None:
    book = opened(written(DEPARTMENT, tmp_path))
    assert cell(book, DEPARTMENT, ("management", "assets", "max_score")).value == 10
    assert cell(book, DEPARTMENT, ("indicators", "2", "level2")).value == "质量指标"


def test_a_total_row_of_a_table_carries_its_label_and_its_stated_figures(tmp_path: Path) -> None:
    more = {"answers": DEPARTMENT_ANSWERS}
    book = opened(written(DEPARTMENT, tmp_path, **more))
    assert cell(book, DEPARTMENT, ("projects", "total", "fund_source"), **more).value == "合计"
    assert cell(book, DEPARTMENT, ("projects", "total", "adjusted_budget"), **more).value == 200


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "@SUM(A1)",
        "{=A1}",
        "http://example.org",
        "internal:封面!A1",
        "mailto:a@b",
        "00123",
        "_x0041_",
    ],
)
def test_hostile_text_stays_text(text: str, tmp_path: Path) -> None:
    answers = {"cover": {"unit_name": text}, "income": {"other": {"adjusted_budget": text}}}
    path = written(DEPARTMENT, tmp_path, answers=answers)
    book = opened(path)
    for name in (("cover", "", "unit_name"), ("income", "other", "adjusted_budget")):
        one = cell(book, DEPARTMENT, name)
        assert (one.value, one.data_type, one.hyperlink) == (text, "s", None)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("长" * 40_000, "40000 characters, a cell holds 32767"),
        ("\U0001f600" * 20_000, "40000 characters, a cell holds 32767"),
        ("\ud800", "holds a character no file can hold"),
        (Decimal("NaN"), "is no figure a cell can keep"),
        (float("inf"), "is no figure a cell can keep"),
        (10**20, "is no figure a cell can keep"),
        (True, "is neither text nor number nor date"),
        ([1], "is neither text nor number nor date"),
    ],
)
def test_what_no_cell_can_hold_is_refused_with_its_place_and_nothing_is_left_behind(
    value: object, problem: str, tmp_path: Path
) -> None:
    with pytest.raises(AnswerError, match=rf"answers\.income\.other\.adjusted_budget: .*{problem}"):
        written(DEPARTMENT, tmp_path, answers={"income": {"other": {"adjusted_budget": value}}})
    assert list(tmp_path.iterdir()) == []


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    one = written(DEPARTMENT, tmp_path, "a.xlsx", answers=DEPARTMENT_ANSWERS, year=2024)
    other = written(DEPARTMENT, tmp_path, "b.xlsx", answers=DEPARTMENT_ANSWERS, year=2024)
    assert one.read_bytes() == other.read_bytes()


def test_an_existing_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "blank.xlsx"
    path.write_bytes(b"an older file")
    write_blank(PROJECT, path)
    assert zipfile.is_zipfile(path)
    assert [one.name for one in tmp_path.iterdir()] == ["blank.xlsx"]


# What is worked out


def test_a_blank_shows_empty_texts_where_nothing_can_be_worked_out(tmp_path: Path) -> None:
    path = written(DEPARTMENT, tmp_path)
    with zipfile.ZipFile(path) as package:
        sheet = package.read("xl/worksheets/sheet5.xml").decode()  # 收支情况
    assert sheet.count("<f>") > 50
    assert sheet.count('t="str"><f>') == sheet.count("<f>")  # calculated, and empty: not "never calculated"


INCOME_ONLY = replace(
    DEPARTMENT,
    sheets=tuple(sheet for sheet in DEPARTMENT.sheets if sheet.name == "收支情况"),
    sections=(DEPARTMENT.section("income"),),
    rules=(),
)
money = st.decimals(0, 10**9, places=2)
leaves = [row.id for row in INCOME_ONLY.section("income").rows if not row.derives]
columns = ["initial_budget", "adjusted_budget", "actual_expenditure", "prior_expenditure"]


@settings(deadline=None, max_examples=25)
@given(
    figures=st.dictionaries(
        st.sampled_from(leaves), st.dictionaries(st.sampled_from(columns), money, min_size=1)
    )
)
def test_stored_totals_are_the_decimal_sums_of_any_figures(
    figures: dict[str, dict[str, Decimal]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = written(INCOME_ONLY, tmp_path_factory.mktemp("sums"), answers={"income": figures})
    book = opened(path, values=True)
    for column in columns:
        given_figures = [row[column] for row in figures.values() if column in row]
        total = cell(book, INCOME_ONLY, ("income", "total", column)).value
        if given_figures:
            assert Decimal(str(total)).quantize(Decimal("0.01")) == sum(given_figures)
        else:
            assert total is None


def test_a_total_reaches_from_the_heading_to_the_hint_so_that_inserted_rows_count(tmp_path: Path) -> None:
    extent = lay_out(PROJECT).extents["indicators"]
    assert extent.heading is not None
    assert extent.hint is not None
    total = cell(opened(written(PROJECT, tmp_path)), PROJECT, ("indicators", "total", "score"))
    assert f"SUM(H{extent.heading + 1}:H{extent.hint + 1}," in total.value


def test_rates_are_ratios_of_the_figures_beside_them(tmp_path: Path) -> None:
    more = {"answers": DEPARTMENT_ANSWERS}
    book = opened(written(DEPARTMENT, tmp_path, **more), values=True)
    rate = cell(book, DEPARTMENT, ("expenditure", "total", "execution_rate"), **more).value
    assert math.isclose(rate, 800.1 / 850)
    share = cell(book, DEPARTMENT, ("expenditure", "basic", "share"), **more).value
    assert math.isclose(share, 480.4 / 800.1)
    assert cell(book, DEPARTMENT, ("expenditure", "basic", "change_rate"), **more).value in (None, "")


def test_the_total_of_the_project_form_counts_the_execution_score_too(tmp_path: Path) -> None:
    more = {"answers": PROJECT_ANSWERS}
    book = opened(written(PROJECT, tmp_path, **more), values=True)
    assert cell(book, PROJECT, ("indicators", "total", "max_score"), **more).value == 100
    assert cell(book, PROJECT, ("indicators", "total", "score"), **more).value == 99.17


# What the status sheet says


def status(path: Path, title: str) -> tuple[str, str]:
    """Return the overall words and the state of one section."""
    sheet = opened(path, values=True)[STATUS_SHEET]
    states = {
        row[1].value: row[5].value for row in sheet.iter_rows(min_row=6) if row[2].value in sheet.parent
    }
    return sheet["A3"].value, states[title]


@both
def test_an_empty_blank_is_unfilled_and_a_complete_one_is_done(form: Form, tmp_path: Path) -> None:
    title = form.sections[0].title
    overall, state = status(written(form, tmp_path), title)
    assert overall.startswith("未填")
    assert state == "未填"
    overall, state = status(written(form, tmp_path, answers=COMPLETE[form.id]), title)
    assert overall.startswith("完成")
    assert state == "完成"


def test_a_section_without_required_answers_may_stay_empty(tmp_path: Path) -> None:
    assert status(written(DEPARTMENT, tmp_path), "内设机构")[1] == "选填"


@pytest.mark.parametrize(
    ("section", "row", "field", "value", "title"),
    [
        ("expenditure", "total", "actual_expenditure", 801, "部门支出情况（按支出性质）"),  # not the sum
        ("expenditure", "basic", "execution_rate", "90.00%", "部门支出情况（按支出性质）"),  # not the rate
        ("expenditure", "basic", "adjusted_budget", 470, "部门支出情况（按支出性质）"),  # spent more
    ],
)
def test_figures_that_disagree_are_shown_as_such(
    section: str, row: str, field: str, value: object, title: str, tmp_path: Path
) -> None:
    grid = DEPARTMENT_ANSWERS[section]
    changed = {**grid, row: {**grid.get(row, {}), field: value}}
    path = written(DEPARTMENT, tmp_path, answers={**DEPARTMENT_ANSWERS, section: changed})
    overall, state = status(path, title)
    assert state == "不一致"
    assert overall.startswith("不一致")


def test_a_begun_table_row_is_asked_for_what_it_lacks(tmp_path: Path) -> None:
    rows = [*DEPARTMENT_ANSWERS["indicators"], {"name": "满意率", "target": "≥90%"}]
    path = written(DEPARTMENT, tmp_path, answers={**DEPARTMENT_ANSWERS, "indicators": rows})
    assert status(path, "部门整体绩效指标")[1] == "未填"


# The second opinion


@pytest.mark.office
def test_libreoffice_calculates_the_stored_values_of_every_formula(tmp_path: Path) -> None:
    wrong = {**DEPARTMENT_ANSWERS["expenditure"], "total": {"actual_expenditure": Decimal("801.5")}}
    paths = [
        written(DEPARTMENT, tmp_path, "empty.xlsx"),
        written(DEPARTMENT, tmp_path, "complete.xlsx", answers=DEPARTMENT_ANSWERS),
        written(DEPARTMENT, tmp_path, "wrong.xlsx", answers={**DEPARTMENT_ANSWERS, "expenditure": wrong}),
        written(PROJECT, tmp_path, "project.xlsx", answers=PROJECT_ANSWERS),
    ]
    for path, again in zip(paths, recalculated(paths, tmp_path), strict=True):
        stored, fresh = opened(path, values=True), opened(again, values=True)
        places = formulas(path)
        assert len(places) > 40
        for sheet, address in places:
            before, after = stored[sheet][address].value, fresh[sheet][address].value
            if isinstance(before, (int, float)):
                assert after == pytest.approx(before, rel=1e-12, abs=1e-12), (path.name, sheet, address)
            else:
                assert (after or "") == (before or ""), (path.name, sheet, address)


@pytest.mark.office
def test_the_status_follows_what_is_typed(tmp_path: Path) -> None:
    paths = [typed(form, COMPLETE[form.id], tmp_path / f"{form.id}.xlsx") for form in (DEPARTMENT, PROJECT)]
    for form, path in zip((DEPARTMENT, PROJECT), recalculated(paths, tmp_path), strict=True):
        overall, state = status(path, form.sections[0].title)
        assert overall.startswith("完成"), form.id
        assert state == "完成"
