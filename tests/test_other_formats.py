"""xls, xlsb and ods: the same promises, as far as each format can keep them."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
import xlsxwriter
from packages import RELATIONS, related, relation, saved_as, zipped

from toolkit.submission.grid import Finding
from toolkit.submission.guard import Limits
from toolkit.submission.source import Source, SourceError, read_source


def refusal(data: bytes) -> str:
    with pytest.raises(SourceError) as caught:
        read_source(data, "表")
    return str(caught.value)


# OpenDocument

ODS_NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"))
)


def ods(rows: str, *, manifest: str = "", before: str = "") -> bytes:
    body = f'<table:table table:name="表">{rows}</table:table>'
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<office:document-content {ODS_NAMES}>'
        f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
            "content.xml": content,
        }
    )


def ods_cell(value: float, attributes: str = "", kind: str = "float") -> str:
    shown = f"<text:p>{value}</text:p>"
    typed = f'office:value-type="{kind}" office:value="{value}"'
    return f"<table:table-cell {typed} {attributes}>{shown}</table:table-cell>"


def ods_row(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def test_repeated_cells_and_rows_stand_where_they_are_shown() -> None:
    gap = '<table:table-cell table:number-columns-repeated="2"/>'
    twice = ods_row(gap, ods_cell(0.5, kind="percentage"), attributes='table:number-rows-repeated="2"')
    grid = read_source(ods(twice + ods_row(ods_cell(1))), "表.ods").sheets[0]
    assert grid.rows == [["", "", 0.5], ["", "", 0.5], [1.0, "", ""]]
    assert [grid.is_percent(row, 2) for row in range(3)] == [True, True, False]


def test_merges_of_an_ods_are_read() -> None:
    merged = ods_cell(1, 'table:number-columns-spanned="3" table:number-rows-spanned="2"')
    assert read_source(ods(ods_row(merged)), "表.ods").sheets[0].merges == ((0, 0, 1, 2),)


def test_a_formula_of_an_ods_without_value_is_not_calculated() -> None:
    formula = '<table:table-cell table:formula="of:=[.A1]"/>'
    grid = read_source(ods(ods_row(ods_cell(1), formula)), "表.ods").sheets[0]
    assert (grid.rows, grid.uncalculated) == ([[1.0, ""]], {(0, 1)})


def test_another_file_that_formulas_of_an_ods_lead_to_is_told_once() -> None:
    formula = "of:=['file:///D:/2023.xlsx'#$表.A1]"
    linked = f'table:formula="{formula}"'
    source = read_source(ods(ods_row(ods_cell(1, linked), ods_cell(2, linked))), "表.ods")
    assert source.findings == (Finding("F08", found="file:///D:/2023.xlsx"),)


def test_a_cell_repeated_over_the_whole_sheet_is_refused_before_it_is_laid_out() -> None:
    everywhere = ods_cell(1, 'table:number-columns-repeated="16384"')
    bomb = ods(ods_row(everywhere, attributes='table:number-rows-repeated="1048576"'))
    assert refusal(bomb) == f"F05 max_cells {16384 * 1048576} > {Limits().max_cells}"


def test_a_long_text_repeated_often_is_refused() -> None:
    text = "长" * 100_000
    cell = f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
    assert refusal(ods(ods_row(cell, attributes='table:number-rows-repeated="5000"'))).startswith(
        "F05 max_text"
    )


def test_an_encrypted_ods_and_one_with_entities_are_refused() -> None:
    assert refusal(ods("", manifest="<encryption-data/>")) == "F02 password"
    assert refusal(ods("", before='<!DOCTYPE a [<!ENTITY b "c">]>')).startswith("F06")


# Binary workbooks


def record(kind: int, body: bytes = b"") -> bytes:
    length, count = b"", len(body)
    while True:
        count, low = count >> 7, count & 0x7F
        length += bytes([low | (0x80 if count else 0)])
        if not count:
            break
    return (bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])) + length + body


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(*cells: tuple[int, int, int, bytes], state: int = 0) -> bytes:
    """Return a binary workbook of (row, column, record type, value) cells."""
    tab = record(156, struct.pack("<II", state, 1) + wide("rId1") + wide("表"))
    book = record(131) + record(143) + tab + record(144) + record(132)
    sheet = record(129) + record(148, struct.pack("<4I", 0, 9, 0, 9)) + record(145)
    for row, column, kind, value in cells:
        sheet += record(0, struct.pack("<I", row) + bytes(13)) + record(
            kind, struct.pack("<II", column, 0) + value
        )
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": related(
                relation("rId1", f"{RELATIONS}/worksheet", "worksheets/sheet1.bin")
            ),
            "xl/worksheets/sheet1.bin": sheet + record(146) + record(130),
        }
    )


REAL, TEXT, ERROR = 5, 6, 3


def real(number: float) -> bytes:
    return struct.pack("<d", number)


def test_a_binary_workbook_is_read_with_its_errors() -> None:
    source = read_source(
        xlsb((0, 0, REAL, real(1.5)), (1, 1, TEXT, wide("甲")), (3, 2, ERROR, b"\x07")), "表"
    )
    assert (source.kind, source.sheets[0].errors) == ("xlsb", {(3, 2): "#DIV/0!"})
    assert source.sheets[0].rows == [[1.5, "", ""], ["", "甲", ""], ["", "", ""], ["", "", ""]]


def test_a_hidden_binary_sheet_is_found() -> None:
    source = read_source(xlsb((0, 0, REAL, real(1)), state=1), "表")
    assert source.findings == (Finding("S13", "表", "", "hidden sheet"),)


def test_a_stray_cell_in_a_binary_workbook_is_refused_instead_of_killing_the_process() -> None:
    assert refusal(xlsb((0, 0, REAL, real(1)), (1048575, 16383, REAL, real(2)))).startswith("F05 max_cells")


# Excel 97


@pytest.fixture(scope="module")
def xls(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("xls")
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("表")
        sheet.write_column(0, 0, [index + 0.123 for index in range(40)])
        sheet.write_row(0, 1, range(5))
        sheet.write_row(1, 1, [0.01, -7, 12345678], book.add_format({"num_format": "0%"}))
    (folder / "表.xlsx").write_bytes(buffer.getvalue())
    return saved_as(folder / "表.xlsx", "xls", folder).read_bytes()


def patched(data: bytes, before: bytes, after: bytes) -> bytes:
    assert data.count(before) >= 1
    assert len(before) == len(after)
    return data.replace(before, after, 1)


def number_record(row: int, column: int) -> bytes:
    return struct.pack("<4H", 0x203, 14, row, column)


def read(data: bytes) -> Source:
    return read_source(data, "表.xls")


@pytest.mark.office
def test_numbers_of_every_packing_are_read_and_percentages_known(xls: bytes) -> None:
    grid = read(xls).sheets[0]
    assert grid.rows[:2] == [[0.123, 0.0, 1.0, 2.0, 3.0, 4.0], [1.123, 0.01, -7.0, 12345678.0, "", ""]]
    assert [grid.is_percent(1, column) for column in range(4)] == [False, True, True, True]


@pytest.mark.office
def test_an_xls_with_a_password_record_is_encrypted(xls: bytes) -> None:
    codepage = struct.pack("<HH", 0x42, 2)
    assert refusal(patched(xls, codepage, struct.pack("<HH", 0x2F, 2))) == "F02 password 0"  # none was given


@pytest.mark.office
def test_a_stray_cell_in_an_xls_is_refused_before_it_is_laid_out(xls: bytes) -> None:
    far = patched(xls, number_record(39, 0), number_record(65535, 255))
    assert refusal(far) == f"F05 max_cells {65536 * 256} > {Limits().max_cells}"


@pytest.mark.office
@pytest.mark.parametrize("stated", [(0, 65536, 0, 256), (0, 0xFFFFFFFF, 0, 0xFFFF), (9, 2, 9, 2)])
def test_the_box_an_xls_states_is_not_believed(xls: bytes, stated: tuple[int, ...]) -> None:
    honest = struct.pack("<HHIIHH", 0x200, 14, 0, 40, 0, 6)
    lie = patched(xls, honest, struct.pack("<HHIIHH", 0x200, 14, *stated))
    assert read(lie).sheets[0].rows == read(xls).sheets[0].rows


@pytest.mark.office
@pytest.mark.parametrize("place", [44, 64])
def test_table_counts_larger_than_the_file_are_damage(xls: bytes, place: int) -> None:
    lie = bytearray(xls)
    struct.pack_into("<I", lie, place, 0xFFFFFF)
    assert refusal(bytes(lie)).startswith("F01 damaged ole")


@pytest.mark.office
def test_an_xls_cut_short_anywhere_is_refused_or_read_but_never_crashes(xls: bytes, tmp_path: Path) -> None:
    for length in range(8, len(xls), 97):
        try:
            outcome = read(xls[:length]).kind
        except SourceError as error:
            outcome = error.code
        assert outcome in {"F01", "F03", "F04", "xls"}


@pytest.mark.office
def test_a_chain_of_sectors_that_bites_its_tail_is_damaged(xls: bytes) -> None:
    fat = 512 * (1 + struct.unpack_from("<I", xls, 76)[0])
    start = next(
        number for number in range(100) if struct.unpack_from("<I", xls, fat + 4 * number)[0] == number + 1
    )
    loop = bytearray(xls)
    struct.pack_into("<I", loop, fat + 4 * (start + 1), start)
    assert refusal(bytes(loop)).startswith("F01 damaged ole")
