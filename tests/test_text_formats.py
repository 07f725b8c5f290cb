"""Texts under the name of a workbook: what other systems export is read as a sheet, with a note."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.checks.files import finding
from toolkit.submission.grid import Finding, SheetGrid
from toolkit.submission.guard import Limits, SourceError
from toolkit.submission.source import Source, read_source

SS = "urn:schemas-microsoft-com:office:spreadsheet"


def read(data: bytes, limits: Limits | None = None) -> Source:
    return read_source(data, "表.xls", limits=limits or Limits())


def sheet(data: bytes) -> SheetGrid:
    (only,) = read(data).sheets
    return only


def refusal(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(SourceError) as caught:
        read(data, limits)
    return str(caught.value)


def test_the_note_says_what_the_file_is() -> None:
    source = read("单位,金额\n甲,1\n".encode("gbk"))
    assert source.findings == (Finding("F13", found="csv"),)
    told = finding(source.findings[0])
    assert (told.code, told.severity.value) == ("F13", "note")
    assert "CSV" in told.message


# Separated values ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", ",\t;|")
def test_values_are_read_in_every_encoding_and_with_every_mark(encoding: str, mark: str) -> None:
    text = f"单位{mark}预算数\r\n甲街道{mark}1234.5\r\n"
    grid = sheet(text.encode(encoding))
    assert grid.rows == [["单位", "预算数"], ["甲街道", 1234.5]]


def test_quoted_fields_keep_their_marks_lines_and_codes() -> None:
    grid = sheet('名称,数,号,率\n"甲,乙\n丙","1,234.50",007,90%\n'.encode())
    assert grid.rows[1] == ["甲,乙\n丙", 1234.5, "007", "90%"]


def test_the_mark_excel_states_in_the_first_line_is_followed() -> None:
    assert sheet("sep=;\n甲,一;2\n".encode()).rows == [["甲,一", 2.0]]


def test_bytes_in_no_encoding_are_one_refusal() -> None:
    assert refusal("单位,金额\n".encode() + b"a" * 5000 + b"\xff\xff,\xfe\n").startswith(
        "F01 unknown encoding"
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.from_regex(r"[一-龥a-z]{1,6}", fullmatch=True), min_size=2, max_size=4), min_size=2)
)
def test_any_table_of_words_is_read_back(rows: list[list[str]]) -> None:
    width = max(map(len, rows))
    grid = sheet("\n".join(",".join(row) for row in rows).encode())
    assert grid.rows == [row + [""] * (width - len(row)) for row in rows]


# Web pages -------------------------------------------------------------------------------------------


def page(body: str, charset: str = "utf-8") -> bytes:
    return f'<html><head><meta charset="{charset}"><title>x</title></head><body>{body}</body></html>'.encode(
        charset
    )


def test_a_table_of_a_page_is_read_with_its_spans_numbers_and_lines() -> None:
    grid = sheet(
        page(
            "<h1>自评表</h1><table><tr><th rowspan=2>一级</th><td colspan='2'>甲<br>乙</td></tr>"
            "<tr><td>1,200.5</td><td style='x' x:num='0.9512'>95%</td></tr></table><p>备注：无",
            "gb2312",
        )
    )
    assert grid.rows == [
        ["自评表", "", ""],
        ["一级", "甲\n乙", ""],
        ["", 1200.5, 0.9512],
        ["备注：无", "", ""],
    ]
    assert set(grid.merges) == {(1, 0, 2, 0), (1, 1, 1, 2)}


def test_tables_that_only_lay_out_the_page_are_seen_through() -> None:
    inner = "<table><tr><td>甲</td><td>1</td></tr></table>"
    grid = sheet(page(f"<table><tr><td>标题</td></tr><tr><td>{inner}{inner}</td></tr></table>"))
    assert grid.rows == [["标题", ""], ["甲", 1.0], ["甲", 1.0]]


def test_scripts_are_no_content_and_hidden_rows_are_known() -> None:
    hidden = "<tr style='display: none'><td>旧</td></tr>"
    grid = sheet(page(f"<script>var a</script><table><tr><td>甲</td></tr>{hidden}</table>"))
    assert grid.rows == [["甲"], ["旧"]]
    assert grid.hidden_rows == {1}


def test_entities_of_a_page_lead_nowhere() -> None:
    unsafe = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><table><tr><td>甲&x;</td></tr></table>'
    assert "root:" not in str(sheet(unsafe.encode()).rows)


@pytest.mark.parametrize(
    "body",
    [
        "<table>" * 3000 + "<tr><td>甲",
        "<div>" * 100_000 + "甲",
        "<table>" + "<tr><td rowspan=99999999 colspan=99999999>甲" * 3,
        "<table><tr>" + "<td colspan=16384>甲" * 5,
        "<table><tr><td rowspan=1048576 colspan=16000>甲" + "<tr><td>1" * 50_000,
    ],
)
def test_absurd_pages_are_read_or_refused(body: str) -> None:
    try:
        assert read(page(body)).sheets[0].has_content
    except SourceError as error:
        assert error.code in {"F01", "F04", "F05"}


def test_a_page_of_too_many_cells_is_refused() -> None:
    rows = "<tr><td>1<td>2</tr>" * 600
    assert refusal(page(f"<table>{rows}</table>"), Limits(max_cells=1000)).startswith("F05 max_cells")


@pytest.mark.parametrize(
    "data", [page("<table>" + "<tr><td>1<td>2" * 250_000), b"1,2\n" * 400_000], ids=["page", "values"]
)
def test_a_text_of_more_cells_than_a_form_ever_has_is_refused_before_it_is_taken_apart(data: bytes) -> None:
    assert refusal(data).startswith("F05 max_text_cells")


def test_columns_hidden_again_and_again_are_hidden_once() -> None:
    hidden = '<Column ss:Index="1" ss:Span="16383" ss:Hidden="1"/>' * 10_000
    cell = '<Row><Cell><Data ss:Type="Number">1</Data></Cell></Row>'
    grid = read(xml_2003(hidden + cell)).sheets[0]
    assert len(grid.hidden_columns) == 16384
    apart = '<Column ss:Hidden="1"/><Column/><Column ss:Hidden="1" ss:Span="1"/>'
    assert read(xml_2003(apart + cell)).sheets[0].hidden_columns == {0, 2, 3}


def test_pages_in_one_file_are_a_sheet_each() -> None:
    part = 'Content-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
    pages = "".join(f"--b\r\n{part}<table><tr><td>{name}</td></tr></table>\r\n" for name in ("甲", "乙"))
    head = 'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n'
    source = read((head + pages + "--b--\r\n").encode())
    assert [grid.rows for grid in source.sheets] == [[["甲"]], [["乙"]]]


# Excel 2003 ------------------------------------------------------------------------------------------


def xml_2003(rows: str, *, after: str = "", before: str = "") -> bytes:
    styles = '<Styles><Style ss:ID="p"><NumberFormat ss:Format="0.0%"/></Style></Styles>'
    return (
        f'\ufeff<?xml version="1.0"?>{before}<?mso-application progid="Excel.Sheet"?>'
        f'<Workbook xmlns="{SS}" xmlns:ss="{SS}">{styles}<Worksheet ss:Name="表"><Table>{rows}</Table>{after}'
        "</Worksheet></Workbook>"
    ).encode()


def data(kind: str, value: object, attributes: str = "") -> str:
    return f'<Cell {attributes}><Data ss:Type="{kind}">{value}</Data></Cell>'


def test_an_xml_spreadsheet_keeps_places_types_formats_and_merges() -> None:
    grid = sheet(
        xml_2003(
            f"<Row>{data('String', '甲', 'ss:MergeAcross=&quot;1&quot;'.replace('&quot;', chr(34)))}"
            f"{data('Number', '0.9', 'ss:StyleID=' + chr(34) + 'p' + chr(34))}</Row>"
            f'<Row ss:Index="3" ss:Hidden="1">{data("DateTime", "2024-05-06T00:00:00.000")}'
            f'{data("Error", "#REF!")}<Cell ss:Index="4" ss:Formula="=A1"/></Row>'
        )
    )
    assert grid.rows == [["甲", "", 0.9, ""], ["", "", "", ""], [date(2024, 5, 6), "", "", ""]]
    assert grid.merges == ((0, 0, 0, 1),)
    assert grid.is_percent(0, 2)
    assert (grid.errors, grid.uncalculated, grid.hidden_rows) == ({(2, 1): "#REF!"}, {(2, 3)}, {2})


def test_a_hidden_sheet_and_a_comment_of_an_xml_spreadsheet() -> None:
    comment = '<Cell><Data ss:Type="String">甲</Data><Comment><Data>批注</Data></Comment></Cell>'
    options = "<WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions>"
    source = read(xml_2003(f"<Row>{comment}</Row>", after=options))
    assert source.sheets[0].rows == [["甲"]]
    assert Finding("S13", "表", "", "hidden sheet") in source.findings


def test_hostile_xml_spreadsheets_are_refused() -> None:
    entity = '<!DOCTYPE a [<!ENTITY b "bbbb">]>'
    assert refusal(xml_2003(f"<Row>{data('String', '甲')}</Row>", before=entity)).startswith("F06")
    assert refusal(xml_2003("<Row><Cell>")).startswith("F01")
    rows = f"<Row>{data('Number', 1)}</Row>" * 30
    assert refusal(xml_2003(rows), Limits(max_cells=20)).startswith("F05 max_cells")
    far = read(xml_2003(f'<Row ss:Index="99999999"><Cell ss:Index="99999999">{data("Number", 1)[7:]}</Row>'))
    assert list(far.sheets[0].far) == [(1_048_575, 16_383)]


def test_a_flat_opendocument_is_read() -> None:
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    flat = (
        f'<?xml version="1.0"?><office:document{names} office:mimetype="application/vnd.oasis.opendocument.'
        'spreadsheet"><office:body><office:spreadsheet><table:table table:name="表"><table:table-row>'
        '<table:table-cell office:value-type="float" office:value="1.5"><text:p>1.5</text:p>'
        "</table:table-cell>"
        "</table:table-row></table:table></office:spreadsheet></office:body></office:document>"
    )
    assert sheet(flat.encode()).rows == [[1.5]]
