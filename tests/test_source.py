"""What is read from a workbook: every value in its place, and what calamine does not tell."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from packages import (
    DECLARATION,
    MAIN,
    STRICT,
    part_of,
    related,
    relation,
    rezipped,
    saved_as,
    strings,
    styles,
    workbook,
    worksheet,
)
from python_calamine import CalamineWorkbook

from toolkit.submission.grid import Finding, RawValue, SheetGrid
from toolkit.submission.guard import Budget, Limits
from toolkit.submission.package import Package
from toolkit.submission.sheet_xml import read_sheet
from toolkit.submission.source import Archive, Source, SourceError, open_source, read_source

SHEET = "xl/worksheets/sheet1.xml"


def written(write: Callable[[xlsxwriter.Workbook], None], **options: object) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, **options}) as book:
        write(book)
    return buffer.getvalue()


def read(data: bytes) -> Source:
    return read_source(data, "表.xlsx")


def grid_of(rows: str, **others: str) -> SheetGrid:
    return read(workbook(worksheet(rows), **others)).sheets[0]  # type: ignore[arg-type]


def cell(address: str, value: object, kind: str = "", style: int = 0) -> str:
    return f'<c r="{address}" s="{style}"{kind and f" t={chr(34)}{kind}{chr(34)}"}><v>{value}</v></c>'


def row(*cells: str) -> str:
    return f'<row r="1">{"".join(cells)}</row>'


# Values ----------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12)
MOMENTS = st.datetimes(datetime(1900, 3, 1), datetime(2199, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)
VALUES = st.one_of(
    st.just(""),
    TEXT,
    st.sampled_from(["_x000D_", "甲\n乙", " 前后 ", "=1+1", "http://例", "NaN", "<&>'\"", "\t"]),
    st.booleans(),
    st.integers(-(10**9), 10**9).map(float),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12),
    MOMENTS,
    st.dates(date(1900, 3, 1), date(2199, 12, 31)),
)
ANCHOR = (31, 0)  # a cell with content, so that no grid is empty
GRIDS = st.dictionaries(st.tuples(st.integers(0, 30), st.integers(0, 30)), VALUES, min_size=1, max_size=12)


def with_cells(cells: dict[tuple[int, int], RawValue]) -> bytes:
    def write(book: xlsxwriter.Workbook) -> None:
        sheet, dates = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.write_string(*ANCHOR, "甲")
        for (down, right), value in cells.items():
            if isinstance(value, str):
                sheet.write_string(down, right, value)
            elif isinstance(value, bool):
                sheet.write_boolean(down, right, value)
            elif isinstance(value, date):
                sheet.write_datetime(down, right, value, dates)
            else:
                sheet.write_number(down, right, value)

    return written(write)


def expected_of(cells: dict[tuple[int, int], RawValue]) -> dict[tuple[int, int], RawValue]:
    expected: dict[tuple[int, int], RawValue] = {ANCHOR: "甲"}
    for where, value in cells.items():
        midnight = isinstance(value, datetime) and value.time() == time()
        if value != "":
            expected[where] = value.date() if midnight else value
    return expected


@settings(max_examples=150, deadline=None)
@given(GRIDS)
def test_any_written_grid_is_read_back_in_its_place(cells: dict[tuple[int, int], RawValue]) -> None:
    grid = read(with_cells(cells)).sheets[0]
    found = {
        (down, right): value
        for down, values in enumerate(grid.rows)
        for right, value in enumerate(values)
        if value != ""
    }
    expected = expected_of(cells)
    assert found.keys() == expected.keys()
    for where, value in expected.items():
        if isinstance(value, float):
            assert found[where] == pytest.approx(value, rel=1e-14)
        else:
            assert (type(found[where]), found[where]) == (type(value), value)
    assert {len(values) for values in grid.rows} == {max(right for _, right in expected) + 1}
    assert len(grid.rows) == max(down for down, _ in expected) + 1


@settings(max_examples=150, deadline=None)
@given(GRIDS)
def test_our_own_reader_agrees_with_calamine_on_any_grid(cells: dict[tuple[int, int], RawValue]) -> None:
    data = with_cells(cells)
    archive = Archive(data, Limits())
    content = read_sheet(archive.xml(SHEET), Package(archive), Budget(Limits()))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    calamine = {
        (down, right): value
        for down, values in enumerate(sheet.to_python(skip_empty_area=False))
        for right, value in enumerate(values)
        if value != ""
    }
    assert content.cells == calamine


def test_a_grid_begins_at_a1_even_when_nothing_stands_there() -> None:
    grid = grid_of('<row r="3"><c r="C3"><v>7</v></c></row>')
    assert grid.rows == [["", "", ""], ["", "", ""], ["", "", 7.0]]


def test_trailing_empty_rows_and_columns_are_cut_off() -> None:
    grid = grid_of(
        f'{row(cell("A1", 1), cell("D1", 0, "s"))}<row r="9"><c r="B9" t="s"><v>0</v></c></row>',
        sst=strings(""),
    )
    assert grid.rows == [[1.0]]


def test_a_zero_or_negative_number_with_a_date_format_stays_a_number() -> None:
    grid = grid_of(
        row(cell("A1", -5), cell("B1", 0), cell("C1", 45292), cell("D1", 45292.5)).replace('s="0"', 's="1"'),
        style=styles(0, 14),
    )
    assert grid.rows == [[-5.0, 0.0, date(2024, 1, 1), datetime(2024, 1, 1, 12)]]


@pytest.mark.parametrize("number", [14, 31, 57, "yyyy&quot;年&quot;m&quot;月&quot;", "[$-804]yyyy\\-mm;@"])
@pytest.mark.parametrize("beside", ["", '<c r="B1" t="e"><v>#N/A</v></c>'])
def test_chinese_date_formats_are_dates_for_both_readers(number: int | str, beside: str) -> None:
    grid = grid_of(row(cell("A1", 45292, style=1), beside), style=styles(0, number))
    assert grid.rows[0][0] == date(2024, 1, 1)


@pytest.mark.parametrize("beside", ["", '<c r="B1" t="e"><v>#N/A</v></c>'])
def test_dates_of_the_1904_system_are_shifted_for_both_readers(beside: str) -> None:
    date1904 = '<workbookPr date1904="1"/>'
    grid = grid_of(row(cell("A1", 43830, style=1), beside), style=styles(0, 14), properties=date1904)
    assert grid.rows[0][0] == date(2024, 1, 1)


def test_elapsed_hours_are_a_duration() -> None:
    grid = grid_of(
        row(cell("A1", 1.5, style=1), '<c r="B1" t="e"><v>#N/A</v></c>'), style=styles(0, "[h]:mm")
    )
    assert grid.rows[0][0] == timedelta(hours=36)


def test_a_date_stored_as_iso_text_is_a_date() -> None:
    assert grid_of(row(cell("A1", "2024-05-06T00:00:00", "d"))).rows == [[date(2024, 5, 6)]]


@pytest.mark.parametrize("junk", ["NaN", "inf", "-Infinity", "1e999", "约三百"])
def test_junk_in_a_numeric_cell_is_shown_as_it_stands(junk: str) -> None:
    assert grid_of(row(cell("A1", junk), cell("B1", 1))).rows == [[junk, 1.0]]


def test_a_shared_string_that_does_not_exist_costs_one_cell_not_the_sheet() -> None:
    data = workbook(worksheet(row(cell("A1", 0, "s"), cell("B1", 99, "s"))), sst=strings("甲"))
    source = read(data)
    assert source.sheets[0].rows == [["甲"]]
    assert source.findings == (Finding("F09", "表1", "B1", "shared string 99"),)


def test_reading_aids_are_no_part_of_a_text() -> None:
    sst = strings("甲").replace("</si>", "<rPh sb='0' eb='1'><t>jia</t></rPh></si>")
    for beside in ("", cell("B1", "#N/A", "e")):
        assert grid_of(row(cell("A1", 0, "s"), beside), sst=sst).rows[0][0] == "甲"


# Errors and formulas ---------------------------------------------------------------------------------

ERRORS = [
    "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA",
    "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "Err:502",
]  # fmt: skip


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_value_is_found_and_spoils_nothing_beside_it(error: str) -> None:
    grid = grid_of(row(cell("A1", 1), f'<c r="B1" t="e"><f>X1</f><v>{error}</v></c>'))
    assert grid.rows == [[1.0, ""]]
    assert grid.errors == {(0, 1): error}
    assert not grid.uncalculated


def test_the_text_of_an_error_typed_by_hand_is_text() -> None:
    grid = grid_of(row(cell("A1", "#REF!", "str")))
    assert (grid.rows, grid.errors) == ([["#REF!"]], {})


def test_a_formula_openpyxl_wrote_is_not_calculated() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append([1, "=A1*2", "甲"])  # type: ignore[union-attr]
    book.active["D4"] = "=A1"  # type: ignore[index]
    buffer = io.BytesIO()
    book.save(buffer)
    grid = read(buffer.getvalue()).sheets[0]
    assert grid.uncalculated == {(0, 1), (3, 3)}
    assert grid.rows == [[1.0, "", "甲", ""], *[["", "", "", ""]] * 3]


@pytest.mark.parametrize("formula", ["<f>A1</f>", '<f t="shared" si="0"/>', '<f t="array" ref="B1">A1</f>'])
@pytest.mark.parametrize("value", ["", "<v/>", "<v></v>", "<v />"])
def test_a_formula_without_a_value_is_found_however_it_is_written(formula: str, value: str) -> None:
    grid = grid_of(row(cell("A1", 1), f'<c r="B1">{formula}{value}</c>'))
    assert grid.uncalculated == {(0, 1)}


def test_a_formula_with_an_empty_text_is_calculated() -> None:
    grid = grid_of(row(cell("A1", 1), '<c r="B1" t="str"><f>""</f><v></v></c>'))
    assert (grid.rows, grid.uncalculated) == ([[1.0]], frozenset())


def test_a_text_formula_without_a_value_is_not_calculated() -> None:
    assert grid_of(row(cell("A1", 1), '<c r="B1" t="str"><f>""</f></c>')).uncalculated == {(0, 1)}


def test_formulas_with_values_are_read_as_their_values() -> None:
    grid = grid_of(
        row(cell("A1", 1), '<c r="B1"><f>A1&gt;0</f><v>3</v></c><c r="C1" t="str"><f>D1</f><v>甲</v></c>')
    )
    assert (grid.rows, grid.uncalculated) == ([[1.0, 3.0, "甲"]], frozenset())


# Percentages -----------------------------------------------------------------------------------------


def percents(grid: SheetGrid) -> list[bool]:
    return [grid.is_percent(0, column) for column in range(len(grid.rows[0]))]


FORMATS = (0, 9, 10, "0.0%", "0&quot;%&quot;", "0\\%", "#,##0.00", "[红色]0.0%;[Red]-0.0%", 14)


@pytest.mark.parametrize("oddity", ["", cell("Z1", "#N/A", "e"), '<c r="Z1"><v>1</v></c><c s="1"/>'])
def test_a_percentage_is_known_by_its_number_format_and_not_by_a_quoted_sign(oddity: str) -> None:
    cells = row(*(cell(f"{chr(65 + index)}1", 0.5, style=index) for index in range(len(FORMATS))), oddity)
    found = percents(grid_of(cells, style=styles(*FORMATS)))[: len(FORMATS)]
    assert found == [False, True, True, True, False, False, False, True, False]


def test_cells_that_name_no_style_have_the_first_one() -> None:
    grid = grid_of('<row r="1"><c r="A1"><v>1</v></c><c r="B1" s="1"><v>1</v></c></row>', style=styles(9, 0))
    assert percents(grid) == [True, False]


def test_a_workbook_without_styles_has_no_percentages() -> None:
    assert percents(grid_of(row(cell("A1", 1)))) == [False]


# Odd spellings ---------------------------------------------------------------------------------------


def test_a_sheet_in_utf_16_is_read() -> None:
    text = worksheet(row(cell("A1", "甲", "str"), cell("B1", 2))).replace("UTF-8", "UTF-16")
    assert read(workbook(text.encode("utf-16"))).sheets[0].rows == [["甲", 2.0]]


def test_a_workbook_list_in_utf_16_is_read() -> None:
    data = workbook(worksheet(row(cell("A1", 1))))
    listed = part_of(data, "xl/workbook.xml").replace("UTF-8", "UTF-16")
    source = read(rezipped(data, {"xl/workbook.xml": listed.encode("utf-16")}))
    assert (source.sheets[0].name, source.sheets[0].rows) == ("表1", [[1.0]])


def test_strict_open_xml_is_read() -> None:
    strict = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    sheet = worksheet(row(cell("A1", 0, "s"), cell("B1", 0.5, style=1)), namespace=STRICT)
    source = read(workbook(sheet, sst=strings("甲"), style=styles(0, 9), namespace=STRICT, relations=strict))
    assert source.sheets[0].rows == [["甲", 0.5]]
    assert percents(source.sheets[0]) == [False, True]


@pytest.mark.parametrize("stated", ["A1", "A1:XFD1048576", "Q9:Q9", "junk"])
def test_the_dimension_a_sheet_states_is_not_believed(stated: str) -> None:
    sheet = worksheet(row(cell("A1", 1), cell("C1", 3)), before=f'<dimension ref="{stated}"/>')
    assert read(workbook(sheet)).sheets[0].rows == [[1.0, "", 3.0]]


def test_prefixed_tags_attributes_in_any_order_and_single_quotes_are_read() -> None:
    body = (
        "<x:row><x:c t='e' s='1' r='B1'><x:v>#N/A</x:v></x:c><x:c s='1' r='C1'><x:v>0.5</x:v></x:c></x:row>"
    )
    sheet = f"{DECLARATION}<x:worksheet xmlns:x='{MAIN}'><x:sheetData>{body}</x:sheetData></x:worksheet>"
    grid = read(workbook(sheet, style=styles(0, 9))).sheets[0]
    assert grid.rows == [["", "", 0.5]]
    assert grid.errors == {(0, 1): "#N/A"}
    assert percents(grid) == [False, True, True]


def test_cells_and_rows_without_addresses_follow_each_other() -> None:
    grid = grid_of("<row><c><v>1</v></c><c/><c><v>3</v></c></row><row><c><v>4</v></c></row>")
    assert grid.rows == [[1.0, "", 3.0], [4.0, "", ""]]


FAR_CELL = '<x:c r="XFD1048576"><x:v>2</x:v></x:c>'


@pytest.mark.parametrize(
    "sheet",
    [
        f"<!--<sheetData></sheetData>--><x:sheetData>{row(cell('A1', 1))}<row>{FAR_CELL}</row></x:sheetData>",
        f"<sheetData>{row(cell('A1', 1))}<row>{FAR_CELL}</row></sheetData>",
        f"<sheetData>{row(cell('A1', 1))}<row><c\nr='XFD1048576'><v>2</v></c></row></sheetData>",
    ],
)
def test_a_far_cell_cannot_be_hidden_from_the_guard_by_its_spelling(sheet: str) -> None:
    grid = read(workbook(f'<worksheet xmlns="{MAIN}" xmlns:x="{MAIN}">{sheet}</worksheet>')).sheets[0]
    assert (grid.rows, grid.far) == ([[1.0]], {(1048575, 16383): 2.0})


def test_the_parts_may_lie_anywhere() -> None:
    data = workbook(worksheet(row(cell("A1", 0, "s"))), sst=strings("甲"))
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    moved = {
        "[Content_Types].xml": '<Types><Override ContentType="x.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": related(relation("rId1", f"{kind}/officeDocument", "/book.xml")),
        "xl/workbook.xml": None,
        "book.xml": part_of(data, "xl/workbook.xml"),
        "_rels/book.xml.rels": related(
            relation("rId1", f"{kind}/worksheet", "a/b.xml")
            + relation("rId2", f"{kind}/sharedStrings", "c.xml")
        ),
        "a/b.xml": part_of(data, SHEET),
        "c.xml": part_of(data, "xl/sharedStrings.xml"),
    }
    assert read(rezipped(data, moved)).sheets[0].rows == [["甲"]]


# Far cells, merges, hidden things --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "where"),
    [("XFD1048576", (1048575, 16383)), ("A1048576", (1048575, 0)), ("XFD1", (0, 16383))],
)
def test_a_stray_cell_far_away_is_kept_apart(address: str, where: tuple[int, int]) -> None:
    table = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}"><v>2</v></c></row>' for n in range(1, 21)
    )
    grid = grid_of(f"{table}<row><c r='{address}'><v>9</v></c></row>")
    kept = {where: 9.0}
    if where == (0, 16383):  # a box of 20 rows is small enough for 16,384 columns, but no reader wants them
        assert len(grid.rows[0]) == 2
    assert (len(grid.rows), grid.rows[19], grid.far) == (20, [20.0, 2.0], kept)


def test_a_style_on_the_last_cell_costs_nothing() -> None:
    grid = grid_of(f'{row(cell("A1", 1))}<row r="1048576"><c r="XFD1048576" s="1"/></row>')
    assert (grid.rows, grid.far) == ([[1.0]], {})


def test_a_long_table_is_read_whole() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 30_001))
    grid = grid_of(rows)
    assert (len(grid.rows), grid.rows[-1], grid.far) == (30_000, [30_000.0], {})


def test_an_address_outside_any_sheet_does_not_move_the_others() -> None:
    assert grid_of(row(cell("A1", 1), cell("B99999999", 2), cell("C1", 3))).rows == [[1.0, 2.0, 3.0]]


def test_a_merge_over_whole_columns_ends_soon_after_the_data() -> None:
    merges = "".join(f'<mergeCell ref="{ref}"/>' for ref in ("A1:B1048576", "A3:XFD3", "D1:D2"))
    sheet = worksheet(row(cell("A1", 1), cell("E1", 1)), after=f"<mergeCells>{merges}</mergeCells>")
    assert read(workbook(sheet)).sheets[0].merges == ((0, 0, 256, 1), (2, 0, 2, 260), (0, 3, 1, 3))


@pytest.mark.parametrize("oddity", ["", cell("D1", "#N/A", "e")])
def test_merges_are_read_by_both_readers(oddity: str) -> None:
    sheet = worksheet(row(cell("A1", 1), oddity), after='<mergeCells><mergeCell ref="A1:C2"/></mergeCells>')
    assert read(workbook(sheet)).sheets[0].merges == ((0, 0, 1, 2),)


@pytest.mark.parametrize("spelling", ["ref='A1:C2'", 'x="" ref="A1:C2"', ' ref="$A$1:$C$2"'])
def test_merges_are_read_however_they_are_spelt(spelling: str) -> None:
    sheet = worksheet(row(cell("A1", 1)), after=f"<mergeCells><mergeCell {spelling}/></mergeCells>")
    assert read(workbook(sheet)).sheets[0].merges == ((0, 0, 1, 2),)


def test_hidden_columns_are_counted_once_and_in_order() -> None:
    hidden = "".join(
        f'<col min="{a}" max="{b}" hidden="1"/>' for a, b in ((2, 3), (1, 16384), (5, 16384), (5, 5))
    )
    grid = read(workbook(worksheet(row(cell("B1", 1)), before=f"<cols>{hidden}</cols>"))).sheets[0]
    assert grid.hidden_columns == {1, 2, *range(4, 16384)}


def test_hidden_rows_columns_and_sheets_with_data_are_found() -> None:
    def write(book: xlsxwriter.Workbook) -> None:
        seen, unseen, empty = (book.add_worksheet(name) for name in ("表", "藏", "空"))
        seen.write_column(0, 0, range(10))
        seen.write(4, 6, "远")
        for hidden in (2, 3, 7, 50):
            seen.set_row(hidden, None, None, {"hidden": True})
        seen.set_column(5, 20, None, None, {"hidden": True})
        unseen.write(0, 0, "甲")
        unseen.hide()
        empty.very_hidden()

    source = read(written(write))
    assert source.findings == (
        Finding("S13", "表", "A3", "hidden rows 3-4,8"),
        Finding("S13", "表", "G5", "hidden columns G"),
        Finding("S13", "藏", "", "hidden sheet"),
    )
    assert [sheet.visible for sheet in source.sheets] == [True, False, False]
    assert source.sheets[0].hidden_rows == {2, 3, 7, 50}
    assert source.sheets[0].hidden_columns == set(range(5, 21))


def test_macros_and_links_to_other_workbooks_are_found() -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath"
    target = f'<Relationship Id="rId1" Type="{kind}" Target="file:///D:/2023.xlsx" TargetMode="External"/>'
    extra: dict[str, str | bytes] = {
        "xl/vbaProject.bin": b"\xd0\xcf",
        "xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{MAIN}"/>',
        "xl/externalLinks/_rels/externalLink1.xml.rels": related(target),
    }
    source = read(workbook(worksheet(row(cell("A1", 1))), extra=extra))
    assert source.kind == "xlsm"
    assert set(source.findings) == {
        Finding("F07", found="vbaProject.bin"),
        Finding("F08", found="file:///D:/2023.xlsx"),
    }


def test_a_chart_sheet_does_not_shift_the_sheets_after_it() -> None:
    def write(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("一").write(0, 0, 1)
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=一!$A$1"})
        book.add_chartsheet("图").set_chart(chart)
        book.add_worksheet("二").write(0, 0, 2)

    assert [(sheet.name, sheet.rows) for sheet in read(written(write)).sheets] == [
        ("一", [[1.0]]),
        ("二", [[2.0]]),
    ]


def test_one_damaged_sheet_does_not_take_the_others_with_it() -> None:
    data = workbook(worksheet(row(cell("A1", 1))), worksheet(row(cell("A1", 2))))
    source = read(rezipped(data, {SHEET: part_of(data, SHEET).replace("</sheetData>", "")}))
    assert [sheet.rows for sheet in source.sheets] == [[[2.0]]]
    assert [(finding.code, finding.sheet) for finding in source.findings] == [("F09", "表1")]
    only = rezipped(workbook(worksheet(row(cell("A1", 1)))), {SHEET: None})
    with pytest.raises(SourceError, match="F01"):
        read(only)


# Files and other formats -----------------------------------------------------------------------------


def test_a_file_is_described_by_its_content(tmp_path: Path) -> None:
    import hashlib

    data = workbook(worksheet(row(cell("A1", 1))))
    path = tmp_path / "改名.et"
    path.write_bytes(data)
    source = open_source(path)
    assert (source.name, source.kind, source.size) == ("改名.et", "xlsx", len(data))
    assert source.sha256 == hashlib.sha256(data).hexdigest()


def sample(book: xlsxwriter.Workbook) -> None:
    sheet, unseen = book.add_worksheet("自评表"), book.add_worksheet("藏")
    percent, day = book.add_format({"num_format": "0.0%"}), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write(0, 0, "标题")
    sheet.merge_range("A2:C3", "合并")
    sheet.write_comment("A1", "批注")
    sheet.write(4, 1, 0.5, percent)
    sheet.write(5, 1, date(2023, 3, 15), day)
    sheet.write_formula("C6", "=1/0", None, "#DIV/0!")
    sheet.write_formula("C7", "=B5*2", None, 1)
    sheet.write(7, 3, -5, day)
    sheet.write(8, 3, 0, day)
    sheet.write_formula("E12", "=NA()", None, "#N/A")
    sheet.set_row(6, None, None, {"hidden": True})
    sheet.set_column(3, 3, None, None, {"hidden": True})
    unseen.write(0, 0, "甲")
    unseen.hide()


@pytest.mark.office
@pytest.mark.parametrize("extension", ["xlsx", "xls", "ods"])
def test_libreoffice_saves_the_same_workbook_in_every_format(extension: str, tmp_path: Path) -> None:
    original = tmp_path / "原表.xlsx"
    original.write_bytes(written(sample))
    before, after = open_source(original), open_source(saved_as(original, extension, tmp_path / "out"))
    assert (before.kind, after.kind) == ("xlsx", extension)
    assert after.findings == before.findings
    assert len(before.findings) == 3
    for first, second in zip(before.sheets, after.sheets, strict=True):
        assert (second.name, second.visible, second.rows) == (first.name, first.visible, first.rows)
        assert (second.merges, second.errors) == (first.merges, first.errors)
        assert (second.hidden_rows, second.hidden_columns) == (first.hidden_rows, first.hidden_columns)
    assert after.sheets[0].errors == {(5, 2): "#DIV/0!", (11, 4): "#N/A"}
    assert after.sheets[0].is_percent(4, 1)
    assert not after.sheets[0].is_percent(5, 1)


@pytest.mark.office
def test_a_renamed_xls_is_read_by_its_content_and_a_renamed_word_document_is_named(tmp_path: Path) -> None:
    original = tmp_path / "原表.xlsx"
    original.write_bytes(written(sample))
    old = saved_as(original, "xls", tmp_path)
    assert open_source(old.rename(tmp_path / "表.et")).kind == "xls"
    text = tmp_path / "说明.txt"
    text.write_text("自评说明", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        open_source(saved_as(text, "doc:MS Word 97", tmp_path))
    assert (caught.value.code, caught.value.found) == ("F03", "doc")
