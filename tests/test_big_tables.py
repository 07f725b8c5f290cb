"""Tables of more rows than memory or one sheet holds come out as short ones do."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from builders import collected, department, forms, issue, money, project, result, sample
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.workbook import Workbook
from python_calamine import CalamineWorkbook
from recalculation import recalculated

from toolkit.checks.model import CheckResult
from toolkit.issues.model import Severity
from toolkit.summary.kinds import Kind
from toolkit.summary.model import Summary
from toolkit.summary.rows import Spool, Spools
from toolkit.summary.summarise import summarise
from toolkit.writers import summary_placing
from toolkit.writers.summary_workbook import SummaryBook
from toolkit.writers.verify import workbook_differences

CREATED = datetime(2025, 5, 1)
pytest.importorskip("pyarrow")


def books() -> list[CheckResult]:
    """Return workbooks of every kind, with projects told of twice and issues of every severity."""
    found = [[], [issue(Severity.EXPLAIN)], [issue(Severity.ERROR), issue(Severity.NOTE, "B02")], []]
    made = []
    for name, issues in zip(
        ("xinhua-2022", "zhongcun-2024", "qianjin-2023", "xinhua-2022-longevity"), found, strict=True
    ):
        answers = sample(name)
        form, file = forms()[answers.pop("form")], answers.pop("file")
        made.append(result(form, answers, file, issues))
    listed = [{"project_name": "长者服务", "adjusted_budget": 10, "actual_expenditure": 8}]
    for name, budget in (("甲街道", "10044元"), ("乙街道", "10042元"), ("丙街道", "20048元")):
        answers = department(name, expenditure=money(budget, 1), projects=listed)
        made.append(result(forms()["department"], answers, f"{name}.xlsx"))
    made.append(result(forms()["project"], project("甲街道", "长者服务项目", 10, 9), "项目.xlsx"))
    return made


def summary(results: Sequence[CheckResult], spools: Spools | None = None) -> Summary:
    return summarise(collected(results), forms(), title="汇总表", district="某市", spools=spools)


# --- rows on disk -------------------------------------------------------------------------------------


def test_rows_on_disk_give_the_same_bytes_as_rows_in_memory(tmp_path: Path) -> None:
    SummaryBook(summary(books()), created=CREATED).write(tmp_path / "memory.xlsx")
    with Spools(tmp_path / "rows", most=3) as spools:
        made = summary(books(), spools)
        assert len(list((tmp_path / "rows").iterdir())) > 20
        SummaryBook(made, created=CREATED).write(tmp_path / "disk.xlsx")
    assert (tmp_path / "disk.xlsx").read_bytes() == (tmp_path / "memory.xlsx").read_bytes()
    assert not (tmp_path / "rows").exists()


VALUES = st.one_of(
    st.none(),
    st.text(st.characters(codec=None)),
    st.decimals(allow_nan=False),
    st.integers(),
    st.booleans(),
    st.dates(),
    st.sampled_from(Kind),
    st.lists(st.dictionaries(st.sampled_from("ab"), st.decimals(allow_nan=False) | st.none()), max_size=2),
    st.tuples(st.text("甲 乙{}"), st.none() | st.dates()),
)
RECORDS = st.lists(
    st.dictionaries(st.sampled_from(["unit", "value", "更多"]), VALUES, min_size=1), min_size=1, max_size=9
)


@settings(max_examples=40, deadline=None)
@given(records=RECORDS)
def test_any_rows_come_back_from_disk_as_they_were(
    records: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with Spools(tmp_path_factory.mktemp("rows") / "rows", most=2) as spools:
        spool = filled(spools.spool(), records)
        names = {name for record in records for name in record}
        for read, record in zip(spool, records, strict=True):
            for name in names:
                value = read.get(name)
                assert (value, type(value)) == (record.get(name), type(record.get(name)))


def filled(spool: Spool, records: Sequence[dict[str, Any]]) -> Spool:
    for record in records:
        spool.add(record)
    return spool


@settings(max_examples=40, deadline=None)
@given(keys=st.lists(st.integers(0, 5), max_size=30))
def test_a_sorted_spool_is_sorted_as_a_list_is(
    keys: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    records = [{"key": key, "at": at, "day": date(2025, 1, 1)} for at, key in enumerate(keys)]
    with Spools(tmp_path_factory.mktemp("rows") / "rows", most=4) as spools:
        spool = filled(spools.spool(lambda row: row["key"]), records)
        assert list(spool) == list(spool) == sorted(records, key=lambda row: row["key"])
        assert len(spool) == len(records)


@pytest.mark.parametrize("most", [1, 1000])
def test_half_a_character_is_replaced_and_never_stops_a_summary(most: int, tmp_path: Path) -> None:
    half = result(forms()["department"], department("甲\ud800乙", expenditure=money(1, 1)), "甲.xlsx")
    with Spools(tmp_path / "rows", most=most) as spools:
        book = SummaryBook(summary([half], spools), created=CREATED)
        book.write(tmp_path / "汇总表.xlsx")
        assert list(workbook_differences(tmp_path / "汇总表.xlsx", book.claims())) == []
    assert "甲\N{REPLACEMENT CHARACTER}乙" in str(
        list(CalamineWorkbook.from_path(tmp_path / "汇总表.xlsx").get_sheet_by_name("单位汇总").to_python())
    )


# --- more rows than a sheet or a workbook holds ---------------------------------------------------------


def opened(path: Path, *, formulas: bool = False) -> Workbook:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*xtension", category=UserWarning)
        return openpyxl.load_workbook(path, data_only=not formulas)


def column(book: Workbook, sheet: str, heading: str) -> list[Any]:
    """Return what stands below a heading."""
    head, *rows = book[sheet].iter_rows(min_row=3, values_only=True)
    return [row[head.index(heading)] for row in rows]


def words(book: Workbook, sheet: str) -> list[str]:
    return [str(cell.value) for row in book[sheet].iter_rows() for cell in row if cell.value]


def volumes(folder: Path, made: Summary) -> list[Path]:
    """Write every workbook of a summary, read each back, and return them."""
    paths = []
    for volume in SummaryBook(made, created=CREATED).volumes():
        paths.append(folder / volume.name)
        volume.write(paths[-1])
        assert list(workbook_differences(paths[-1], volume.claims())) == []
    return paths


def test_rows_beyond_one_sheet_go_on_on_further_sheets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (whole,) = volumes(tmp_path / "one", summary(books()))
    monkeypatch.setattr(summary_placing, "SHEET_ROWS", 3)
    (parted,) = volumes(tmp_path / "many", summary(books()))
    one, many = opened(whole), opened(parted)
    sheets = [name for name in many.sheetnames if name.startswith("单位汇总")]
    assert sheets == ["单位汇总", "单位汇总 (2)"]
    found = [value for name in sheets for value in column(many, name, "单位")]
    assert found == column(one, "单位汇总", "单位")
    budgets = (column(book, name, "全年预算数") for book, name in ((one, sheets[0]), (many, sheets[1])))
    assert next(budgets)[-2:] == next(budgets)[-2:]
    formulas = column(opened(parted, formulas=True), sheets[1], "全年预算数")
    assert formulas[-2] == "=SUBTOTAL(109,'单位汇总'!$F$4:$F$6,$F$4:$F$6)"
    assert formulas[-1].count("SUMIFS(") == 2
    assert "“单位汇总”共 6 行，列在“单位汇总”至“单位汇总 (2)” 2 张工作表，合计行在最后一张。" in words(
        many, "看板"
    )


def test_every_sheet_of_a_parted_table_is_a_table_and_is_found_from_the_board(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (whole,) = volumes(tmp_path / "one", summary(books()))
    monkeypatch.setattr(summary_placing, "SHEET_ROWS", 3)
    (parted,) = volumes(tmp_path / "many", summary(books()))
    one, many = opened(whole), opened(parted)
    names = [table.displayName for sheet in many for table in sheet.tables.values()]
    assert len(names) == len(set(names)) > len(one.sheetnames)
    figures = ([row[4].value for row in book["看板"].iter_rows(9, 23)] for book in (one, many))
    assert next(figures) == pytest.approx(next(figures))
    links = {cell.hyperlink.location for row in many["看板"].iter_rows() for cell in row if cell.hyperlink}
    assert links == {f"'{name}'!A1" for name in many.sheetnames[1:]}


def test_tables_that_make_the_workbook_too_large_get_workbooks_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (whole,) = volumes(tmp_path / "one", summary(books()))
    monkeypatch.setattr(summary_placing, "SHEET_ROWS", 100)
    monkeypatch.setattr(summary_placing, "BOOK_CELLS", 4_000)
    main, *beside = volumes(tmp_path / "many", summary(books()))
    one, many = opened(whole), opened(main)
    assert many.sheetnames == one.sheetnames
    assert not [path for path in beside if "单位汇总" in path.name or "项目汇总" in path.name]  # have totals
    traced = [path for path in beside if "溯源" in path.name]
    assert traced[0].name == "汇总表-溯源-1.xlsx"
    leading = [cell.hyperlink.target for (cell,) in many["溯源"].iter_rows(min_row=4, max_col=1)]
    assert leading == [path.name for path in traced]
    rows = [value for path in traced for value in column(opened(path), "溯源", "填报栏目")]
    assert rows == column(one, "溯源", "填报栏目")
    back = opened(traced[0])["溯源"]["A1"].hyperlink
    assert (back.target, back.location) == ("汇总表.xlsx", "'看板'!A1")
    assert [told for told in words(many, "看板") if f"“{traced[0].name}”" in told]


@pytest.mark.office
def test_an_office_calculates_formulas_over_several_sheets_to_the_value_we_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summary_placing, "SHEET_ROWS", 3)
    (path,) = volumes(tmp_path, summary(books()))
    expected, formulas = opened(path), opened(path, formulas=True)
    bare = tmp_path / "bare.xlsx"
    formulas.save(bare)  # without cached values, so that the office has to calculate
    found = opened(*recalculated([bare], tmp_path))
    compared = 0
    for cell in (cell for sheet in formulas for row in sheet.iter_rows() for cell in row):
        if cell.data_type == "f":
            ours, theirs = (book[cell.parent.title][cell.coordinate].value for book in (expected, found))
            assert (theirs or "") == pytest.approx(ours or ""), (cell.parent.title, cell.coordinate)
            compared += 1
    assert compared > 100


def test_what_a_killed_build_left_is_swept(tmp_path: Path) -> None:
    folder = tmp_path / "rows"
    filled(Spools(folder, most=1).spool(), [{"amount": Decimal("1.10")}])
    assert list(folder.iterdir())
    with Spools(folder, most=1) as spools:
        assert not list(folder.iterdir())
        assert list(spools.spool()) == []
