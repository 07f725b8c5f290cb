"""报送.xlsx goes up: what districts merged is merged again, and comes out as if every workbook were there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from collections_made import run
from filling import fill, form
from hypothesis import given, settings
from hypothesis import strategies as st
from packages import zipped
from python_calamine import CalamineWorkbook
from valid import answers

from toolkit.checks import merged_tables
from toolkit.checks.merged_tables import canonical, digest, number_or_text
from toolkit.checks.model import Collected, Standing
from toolkit.collecting import collect
from toolkit.collection import open_collection
from toolkit.issues.model import Issue
from toolkit.summary.model import Summary
from toolkit.summary.summarise import summarise

# Sheets whose rows tell of files as they came, or stand in that order; all others must be equal.
OF_FILES = {"看板", "上报情况", "对账表", "报送单位", "图表数据"}


def collection(root: Path, district: str) -> Path:
    """Make an empty collection of a district, without a roster."""
    assert run("init", str(root)).exit_code == 0
    (root / "workbooks" / "名册.xlsx").unlink()
    path = root / "xlreport.toml"
    text = path.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith(("title", "district", "forms"))]
    head = f'title = "{district}绩效自评汇总"\ndistrict = "{district}"\nforms = ["department", "project"]'
    path.write_text("\n".join([head, *kept]), encoding="utf-8")
    return root


def send(root: Path, unit: str, district: str, *, seed: int = 0) -> None:
    """Put a department and a project workbook of a unit into a collection."""
    department, project = answers("department"), answers("project")
    department["cover"] |= {"unit_name": unit, "district": district}
    department["expenditure"]["basic"]["actual_expenditure"] -= seed
    project["project"] |= {"unit_name": unit, "project_name": f"{unit}配餐服务"}
    project["funds"]["current"]["actual_expenditure"] = 98 - seed / 10
    fill(form("department"), department, root / "workbooks" / f"{unit}部门.xlsx", year=2024)
    fill(form("project"), project, root / "workbooks" / f"{unit}项目.xlsx", year=2024)


def collected(root: Path) -> Collected:
    return collect(open_collection(root), jobs=1)


def summary(root: Path) -> Summary:
    opened = open_collection(root)
    return summarise(collect(opened, jobs=1), opened.forms_by_id, title="", district="")


def issues(root: Path, code: str) -> list[Issue]:
    return [item for result in collected(root).results for item in result.issues if item.code == code]


def tables(path: Path) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def same_figures(one: Path, other: Path) -> None:
    """Hold two 汇总表 against each other: all sheets on figures are equal but for file names."""
    left, right = tables(one), tables(other)
    for name in left.keys() - OF_FILES:
        assert plain(left[name]) == plain(right[name]), name


def plain(rows: list[list[Any]]) -> list[list[Any]]:
    """Return rows without the names of files and the running numbers that follow from them, sorted."""
    named = [["文件" if isinstance(cell, str) and ".xlsx" in cell else cell for cell in row] for row in rows]
    head = next((row for row in named if "序号" in row), [])
    numbers = {at for at, cell in enumerate(head) if cell == "序号"}
    bare = [
        [cell for at, cell in enumerate(row) if at not in numbers] for row in named if row[0] not in OF_FILES
    ]
    return sorted(bare, key=repr)


@pytest.fixture(scope="module")
def districts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two districts of two units each, built."""
    base = tmp_path_factory.mktemp("districts")
    units = {"东区": ("东风街道办事处", "东湖街道办事处"), "西区": ("西山街道办事处", "西桥街道办事处")}
    made = {}
    for district, names in units.items():
        made[district] = collection(base / district, district)
        for seed, unit in enumerate(names):
            send(made[district], unit, district, seed=seed)
        assert run("-C", str(made[district]), "build").exit_code in (0, 1)
    return made


@pytest.fixture(scope="module")
def city(districts: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city that merges what the districts sent."""
    root = collection(tmp_path_factory.mktemp("city") / "甲市", "甲市")
    for district, made in districts.items():
        shutil.copy(made / "out" / "报送.xlsx", root / "workbooks" / f"{district}报送.xlsx")
    assert run("-C", str(root), "build").exit_code in (0, 1)
    return root


@pytest.fixture
def received(districts: Mapping[str, Path], tmp_path: Path) -> Path:
    """A city that received one 报送 file, free to be spoilt."""
    root = collection(tmp_path / "乙市", "乙市")
    shutil.copy(districts["东区"] / "out" / "报送.xlsx", root / "workbooks" / "东区.xlsx")
    return root


def edit(root: Path, change: Callable[[Any], None]) -> None:
    """Open the received file as a person would, change something, save."""
    path = root / "workbooks" / "东区.xlsx"
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)


# ── merging ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_city_of_merged_files_equals_a_build_over_all_the_workbooks(
    districts: Mapping[str, Path], city: Path, tmp_path: Path
) -> None:
    direct = collection(tmp_path / "甲市", "甲市")
    for district, made in districts.items():
        shutil.copytree(made / "workbooks", direct / "workbooks" / district)
    run("-C", str(direct), "build")
    same_figures(city / "out" / "汇总表.xlsx", direct / "out" / "汇总表.xlsx")
    reports = sorted(path.name for path in (direct / "out" / "单位报告").iterdir())
    assert len(reports) >= 4
    for name in reports:  # not one byte of a unit's report depends on the way it came
        ours, theirs = (root / "out" / "单位报告" / name for root in (city, direct))
        assert ours.read_bytes() == theirs.read_bytes(), name


def test_a_province_of_cities_equals_a_build_over_all_the_workbooks(
    districts: Mapping[str, Path], city: Path, tmp_path: Path
) -> None:
    province = collection(tmp_path / "某省", "某省")
    other = collection(tmp_path / "乙市", "乙市")
    send(other, "北门街道办事处", "北区", seed=3)
    run("-C", str(other), "build")
    direct = collection(tmp_path / "直接", "某省")
    shutil.copytree(other / "workbooks", direct / "workbooks" / "乙市")
    for district, made in districts.items():
        shutil.copytree(made / "workbooks", direct / "workbooks" / district)
    for made in (city, other):
        shutil.copy(made / "out" / "报送.xlsx", province / "workbooks" / f"{made.name}.xlsx")
    for root in (province, direct):
        run("-C", str(root), "build")
    same_figures(province / "out" / "汇总表.xlsx", direct / "out" / "汇总表.xlsx")
    senders = summary(province).table("senders").records
    assert [(row["sender"], row["units"]) for row in senders] == [("乙市", 1), ("甲市", 4)]


def test_every_merged_answer_names_the_cell_it_was_typed_into(districts: Mapping[str, Path]) -> None:
    rows = tables(districts["东区"] / "out" / "报送.xlsx")["数据"]
    head = {name: at for at, name in enumerate(rows[0])}
    fact = next(
        row
        for row in rows[1:]
        if row[head["单位"]] == "东风街道办事处"
        and (row[head["块"]], row[head["行"]], row[head["栏"]]) == ("income", "other", "actual_expenditure")
    )
    assert fact[head["数值"]] == 92500  # 9.25 万元, in yuan
    source = CalamineWorkbook.from_path(districts["东区"] / "workbooks" / str(fact[head["来源文件"]]))
    cell = openpyxl.utils.cell.coordinate_to_tuple(str(fact[head["单元格"]]))
    assert source.get_sheet_by_name(str(fact[head["工作表"]])).to_python(skip_empty_area=False)[cell[0] - 1][
        cell[1] - 1
    ] == pytest.approx(9.25)


def test_units_of_one_name_in_two_districts_are_two_units(tmp_path: Path) -> None:
    city = collection(tmp_path / "市", "某市")
    for district in ("东区", "西区"):
        made = collection(tmp_path / district, district)
        send(made, "城关街道办事处", district)
        run("-C", str(made), "build")
        shutil.copy(made / "out" / "报送.xlsx", city / "workbooks" / f"{district}.xlsx")
    assert summary(city).everything.units == 2


def test_what_a_district_waits_for_the_city_waits_for(districts: Mapping[str, Path], tmp_path: Path) -> None:
    from toolkit.checks.model import RosterUnit
    from toolkit.writers.roster import write_roster

    district = collection(tmp_path / "区", "南区")
    send(district, "南山街道办事处", "南区")
    units = [
        RosterUnit(code=str(number), name=name, forms=("department",), year=2024)
        for number, name in enumerate(("南山街道办事处", "南头街道办事处"))
    ]
    write_roster(units, district / "workbooks" / "名册.xlsx")
    run("-C", str(district), "build")
    city = collection(tmp_path / "市", "某市")
    shutil.copy(district / "out" / "报送.xlsx", city / "workbooks" / "南区.xlsx")
    rows = {row.unit: row.standing for row in collected(city).standings}
    assert rows["南头街道办事处"] is Standing.MISSING
    assert rows["南山街道办事处"] is not Standing.UNLISTED


def test_the_reconciliation_agrees_at_every_level(city: Path) -> None:
    rows = summary(city).table("reconciliation").records
    assert {row["agreement"] for row in rows} == {"一致"}
    assert any("报送单位" in row["right_name"] for row in rows)


def test_a_file_renamed_keeps_its_submissions_out_of_the_cache_too(received: Path) -> None:
    run("-C", str(received), "build")
    (received / "workbooks" / "东区.xlsx").rename(received / "workbooks" / "改名.xlsx")
    assert {result.file.partition("/")[0] for result in collected(received).results} == {"改名.xlsx"}


# ── what people do to the file on its way ───────────────────────────────────────────────────────────


def test_saving_it_again_and_sorting_its_rows_harms_nothing(received: Path) -> None:
    before = summary(received).everything

    def sort(book: Any) -> None:
        sheet = book["数据"]
        rows = sorted(sheet.iter_rows(min_row=2, values_only=True), key=lambda row: repr(row[5:]))
        for at, row in enumerate(rows, 2):
            for column, value in enumerate(row, 1):
                sheet.cell(at, column).value = value

    edit(received, sort)
    assert summary(received).everything == before
    assert [result.issues for result in collected(received).results if result.merged] == [()]


def column(sheet: Any, heading: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == heading)


def test_an_edited_figure_costs_that_unit_and_is_told_with_its_row(received: Path) -> None:
    def raise_it(book: Any) -> None:
        sheet = book["数据"]
        at = next(
            row for row in range(2, 400) if isinstance(sheet.cell(row, column(sheet, "数值")).value, float)
        )
        sheet.cell(at, column(sheet, "数值")).value += 1000

    edit(received, raise_it)
    told = issues(received, "M01")
    assert len(told) == 1
    assert "“数据”第 " in told[0].message
    assert "有改动" in told[0].message
    assert len([result for result in collected(received).results if result.submission]) == 3


def test_an_edited_record_or_issue_is_told(received: Path) -> None:
    def soften(book: Any) -> None:
        sheet = book["问题"]
        sheet.cell(2, column(sheet, "级别")).value = "note"
        sheet.cell(2, column(sheet, "问题")).value = "没有问题。"

    edit(received, soften)
    assert [item.code for item in issues(received, "M01")] == ["M01"]


@pytest.mark.parametrize("sheet", ["数据", "指标核定"])
def test_a_lost_row_is_told_with_the_count(received: Path, sheet: str) -> None:
    edit(received, lambda book: book[sheet].delete_rows(5))
    told = issues(received, "M01")
    assert len(told) == 1
    assert f"“{sheet}”应有" in told[0].message


def spoil_directory(book: Any) -> None:
    book["报送目录"].cell(2, 2).value = "另一个街道"


def spoil_count(book: Any) -> None:
    book["报送目录"].delete_rows(2)


def spoil_format(book: Any) -> None:
    book["封面"]["A1"].value = "报送编号：xlreport-merged@9"


def spoil_heading(book: Any) -> None:
    book["数据"].cell(1, 3).value = "改过的表头"


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (spoil_directory, "校验码不符"),
        (spoil_count, "4 份自评表，目录现有 3 份"),
        (spoil_format, "版本"),
        (spoil_heading, "表头有改动"),
        (lambda book: book.remove(book["数据"]), "缺少工作表“数据”"),
        (lambda book: book["封面"].delete_rows(4), "封面缺少"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_left_out_as_a_whole(
    received: Path, spoil: Callable[[Any], None], word: str
) -> None:
    edit(received, spoil)
    told = issues(received, "M02")
    assert len(told) == 1
    assert word in told[0].message
    assert summary(received).everything.units == 0


def test_a_form_the_city_does_not_use_is_told_once_with_the_number_of_workbooks(received: Path) -> None:
    path = received / "xlreport.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace('["department", "project"]', '["department"]'),
        encoding="utf-8",
    )
    told = issues(received, "M03")
    assert [(item.found, "2 份" in item.message) for item in told] == [("project", True)]
    assert summary(received).everything.units == 2


def test_a_form_of_another_version_is_used_by_its_names_and_told(received: Path) -> None:
    own = received / "templates" / "forms" / "project.toml"
    text = own.read_text(encoding="utf-8")
    own.write_text(text.replace('version = "2020.1"', 'version = "2026.1"'), encoding="utf-8")
    told = issues(received, "M04")
    assert len(told) == 1
    assert "版本 2020.1，本汇总为 2026.1" in told[0].message
    assert summary(received).everything.projects == 6  # two of their own, four that departments list


def test_the_batch_compiled_last_replaces_an_earlier_one(
    districts: Mapping[str, Path], tmp_path: Path
) -> None:
    city = collection(tmp_path / "市", "某市")
    district = tmp_path / "东区"
    shutil.copytree(districts["东区"], district)
    shutil.copy(district / "out" / "报送.xlsx", city / "workbooks" / "旧.xlsx")
    later = answers("project")
    later["project"]["unit_name"] = "东风街道办事处"
    later["sign"]["fill_date"] = later["sign"]["fill_date"].replace(year=2026)
    fill(form("project"), later, district / "workbooks" / "补报.xlsx", year=2024)
    run("-C", str(district), "build")
    shutil.copy(district / "out" / "报送.xlsx", city / "workbooks" / "新.xlsx")
    told = issues(city, "M05")
    assert [(item.location.file, item.found) for item in told] == [("旧.xlsx", "新.xlsx")]
    assert len([result for result in collected(city).results if result.submission]) == 5


def test_a_large_merging_goes_into_several_files_and_a_missing_one_is_told(
    districts: Mapping[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = tmp_path / "东区"
    shutil.copytree(districts["东区"], district)
    shutil.rmtree(district / ".xlreport")
    monkeypatch.setattr("toolkit.writers.merged.MOST_FACTS", 200)
    run("-C", str(district), "build")
    monkeypatch.undo()
    parts = sorted((district / "out").glob("报送*.xlsx"))
    assert len(parts) > 2
    city = collection(tmp_path / "市", "某市")
    for part in parts:
        shutil.copy(part, city / "workbooks" / part.name)
    assert summary(city).everything == summary(district).everything
    assert issues(city, "M02") == []
    (city / "workbooks" / parts[1].name).unlink()
    assert ["缺第" in item.message for item in issues(city, "M02")] == [True]
    run("-C", str(district), "build")  # in one file again: the others must not be taken for current
    shutil.rmtree(district / ".xlreport")
    run("-C", str(district), "build")
    assert [path.name for path in (district / "out").glob("报送*.xlsx")] == ["报送.xlsx"]


def test_the_same_file_twice_counts_once(received: Path) -> None:
    once = summary(received).everything
    shutil.copy(received / "workbooks" / "东区.xlsx", received / "workbooks" / "副本.xlsx")
    assert summary(received).everything == once
    assert len(issues(received, "F11")) == 1


def test_a_text_longer_than_a_cell_goes_up_visibly_cut(tmp_path: Path) -> None:
    district, city = collection(tmp_path / "东区", "东区"), collection(tmp_path / "丙市", "丙市")
    send(district, "东风街道办事处", "东区")
    workbook = district / "workbooks" / "东风街道办事处部门.xlsx"
    said = "十件民生实事全部办结。"
    with ZipFile(workbook) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    written = said.encode("ascii", "xmlcharrefreplace")  # as openpyxl writes it
    longer = {name: part.replace(written, written * 4_000) for name, part in parts.items()}
    workbook.write_bytes(zipped(longer))
    assert run("-C", str(district), "build").exit_code in (0, 1)
    shutil.copy(district / "out" / "报送.xlsx", city / "workbooks" / "东区.xlsx")

    merged = [result.submission for result in collected(city).results if result.submission]
    department = next(submission for submission in merged if submission.form == "department")
    answer = department.answer("plan", "", "goal_completion")

    assert len(merged) == 2
    assert answer.text.startswith(said * 100)
    assert answer.text.endswith("…（已截断）")
    assert not [item for item in collected(city).issues if item.code.startswith("M")]


# ── digests ─────────────────────────────────────────────────────────────────────────────────────────


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**14), max_value=10**14))
def test_a_number_is_kept_exactly_whether_a_cell_holds_it_or_not(number: Any) -> None:
    kept = number_or_text(number)
    assert (float(kept) if not isinstance(kept, str) else kept) == (
        float(number) if not isinstance(kept, str) else str(number)
    )
    back = float(kept) if not isinstance(kept, str) else kept
    assert canonical(back) == canonical(kept)


@settings(max_examples=40)
@given(st.lists(st.lists(st.one_of(st.text(), st.floats(allow_nan=False, allow_infinity=False))), max_size=5))
def test_a_digest_minds_every_cell_and_no_order_of_rows(rows: list[list[Any]]) -> None:
    assert digest(rows) == digest(rows[::-1])
    assert digest([*rows, ["more"]]) != digest(rows)
    assert merged_tables.digest(rows) == digest([list(row) for row in rows])
