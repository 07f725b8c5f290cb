"""A workbook as a clerk's Excel leaves it: everything on it that a tool is apt to lose."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from datetime import datetime
from typing import Any

from packages import DECLARATION, RELATIONS, part_of, related, relation, rezipped
from xlsxwriter import Workbook

FORM, PICTURES, LISTS, TALK = "收支表", "照片", "选项", "讨论"
_X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
_THREADED = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
_LISTS_OF_ANOTHER_SHEET = (
    f'<extLst><ext xmlns:x14="{_X14}" uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}">'
    '<x14:dataValidations xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main" count="1">'
    '<x14:dataValidation type="list" allowBlank="1"><x14:formula1><xm:f>选项!$A$1:$A$2</xm:f></x14:formula1>'
    "<xm:sqref>D2:D9</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>"
)
_TALK_ID = "{6B0F4A4E-0C39-4B0C-9E0B-000000000001}"


def clerk_workbook() -> bytes:
    """Return the workbook: comments, picture, chart, both kinds of lists, print set-up, names, threads …"""
    buffer = io.BytesIO()
    book = Workbook(buffer)
    form, pictures, lists, talk = (book.add_worksheet(name) for name in (FORM, PICTURES, LISTS, TALK))
    _form(book, form)
    pictures.insert_image("B2", "照片.png", {"image_data": io.BytesIO(_png())})
    pictures.set_header("&L&[Picture]", {"image_left": "页眉.png", "image_data_left": io.BytesIO(_png())})
    pictures.insert_textbox("D2", "文本框里的说明")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": f"={FORM}!$B$2:$B$4"})
    pictures.insert_chart("B12", chart)
    lists.write_column("A1", ["优", "良"])
    lists.hide()
    talk.write("A1", "在讨论")
    talk.write_comment("A1", "[线程批注]", {"author": f"tc={_TALK_ID}"})
    book.define_name("合计数", f"={FORM}!$B$4")
    book.define_name(f"{PICTURES}!本页", f"={PICTURES}!$B$2")
    pictures.activate()
    book.set_properties({"created": datetime(2025, 1, 1)})
    book.close()
    return _with_what_xlsxwriter_cannot_write(buffer.getvalue())


def _form(book: Workbook, form: Any) -> None:
    bold = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1})
    money = book.add_format({"num_format": "#,##0.00", "bg_color": "#FFF2CC", "locked": False})
    form.write_row("A1", ["项目", "预算数", "决算数", "等级"], bold)
    for row, (name, budget, actual) in enumerate((("基本支出", 100, 98.5), ("项目支出", 50.25, 50)), start=1):
        form.write_row(row, 0, [name, budget, actual], money)
    form.write_formula("B4", "=SUM(B2:B3)", money, 150.25)
    form.write_rich_string("A4", bold, "合", "计")
    form.write_blank("C4", None, money)
    form.merge_range("A6:C7", "说明：略", bold)
    form.set_column("F:F", 30, bold)
    form.write_comment("B2", "含年中追加\n见附件", {"author": "王丽", "width": 300, "visible": True})
    form.write_comment("C9", "待核", {"author": "王丽"})
    form.conditional_format("B2:C4", {"type": "3_color_scale"})
    form.conditional_format("B2:B4", {"type": "data_bar", "data_bar_2010": True})
    form.data_validation("C2:C4", {"validate": "decimal", "criteria": ">=", "value": 0})
    form.print_area("A1:D9")
    form.repeat_rows(0)
    form.set_landscape()
    form.set_h_pagebreaks([5])
    form.set_footer("&C第 &P 页")
    form.protect("", {"objects": False})
    form.freeze_panes(1, 1)


def _with_what_xlsxwriter_cannot_write(data: bytes) -> bytes:
    form, rels = "xl/worksheets/sheet1.xml", "xl/worksheets/_rels/sheet1.xml.rels"
    talk_rels = "xl/worksheets/_rels/sheet4.xml.rels"
    text = part_of(data, form)
    end = "</extLst></worksheet>"
    assert text.endswith(end)  # the data bar's extension is there already
    text = text.removesuffix(end) + _LISTS_OF_ANOTHER_SHEET.removeprefix("<extLst>") + "</worksheet>"
    text = text.replace("<pageSetup ", '<pageSetup r:id="rId77" ')
    printer = relation("rId77", f"{RELATIONS}/printerSettings", "../printerSettings/printerSettings1.bin")
    talk = relation(
        "rId78",
        "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment",
        "../threadedComments/threadedComment1.xml",
    )
    types = part_of(data, "[Content_Types].xml").replace(
        "</Types>",
        '<Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml'
        '.printerSettings"/><Override PartName="/xl/threadedComments/threadedComment1.xml" '
        'ContentType="application/vnd.ms-excel.threadedcomments+xml"/></Types>',
    )
    end = "</Relationships>"
    return rezipped(
        data,
        {
            "[Content_Types].xml": types,
            form: text,
            rels: part_of(data, rels).replace(end, printer + end),
            talk_rels: part_of(data, talk_rels).replace(end, talk + end),
            "xl/printerSettings/printerSettings1.bin": b"\0printer\0" * 20,
            "xl/threadedComments/threadedComment1.xml": f'{DECLARATION}<ThreadedComments xmlns="{_THREADED}">'
            f'<threadedComment ref="A1" id="{_TALK_ID}"><text>要不要改？</text></threadedComment>'
            "</ThreadedComments>",
            "xl/cellimages.xml": f"{DECLARATION}<etc:cellImages "
            'xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"/>',
            "customXml/item1.xml": f"{DECLARATION}<填报系统>A-17</填报系统>",
            "customXml/_rels/item1.xml.rels": related(""),
        },
    )


def parts_of(data: bytes) -> dict[str, bytes]:
    """Return the parts of a package by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _png() -> bytes:
    """Return a picture of one grey dot."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">2I5B", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0\x80"))
        + chunk(b"IEND", b"")
    )
