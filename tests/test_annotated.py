"""The clerk's own workbook back: marked, and otherwise as it came."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from clerk_workbook import FORM, LISTS, PICTURES, TALK, clerk_workbook, parts_of
from filling import facts, fill, form, read, told
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from packages import MAIN, STRICT, part_of, rezipped, saved_as, workbook, worksheet, zipped
from valid import answers

from toolkit.issues.model import Issue, Location, Severity
from toolkit.submission.grid import Source
from toolkit.submission.source import read_source
from toolkit.writers.annotated import CannotMarkError, mark, returned
from toolkit.writers.annotated_comments import FOOT, HEAD
from toolkit.writers.annotated_opinion import COLUMNS, HEADING_ROW
from toolkit.writers.annotated_styles import MARKS

CREATED = datetime(2025, 3, 31)
OPINION = "审核意见"


def found(sheet: str, cell: str, severity: Severity = Severity.ERROR, message: str = "没有填写。") -> Issue:
    place = Location(file="甲/自评表.xlsx", sheet=sheet, cell=cell, label="预算数")
    return Issue("S04", severity, place, "", "金额", message, "请补填，如 1234.56。", "红桥街道办事处")


def marked(data: bytes, *issues: Issue) -> bytes:
    return mark(data, issues, created=CREATED)


def opened(data: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells what it does not read
        return openpyxl.load_workbook(io.BytesIO(data))


def values(source: Source) -> dict[str, Any]:
    return {
        sheet.name: (sheet.rows, sheet.merges, sheet.visible)
        for sheet in source.sheets
        if OPINION not in sheet.name
    }


def fill_of(data: bytes, sheet: str, cell: str) -> str:
    return str(opened(data)[sheet][cell].fill.fgColor.rgb)


def rgb(severity: Severity) -> str:
    return f"FF{MARKS[severity].value[1:]}"


def opinion_rows(data: bytes) -> list[dict[str, Any]]:
    rows = opened(data)[OPINION].iter_rows(min_row=HEADING_ROW + 2, values_only=True)
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def clerks() -> bytes:
    return clerk_workbook()


# ── what stays ──────────────────────────────────────────────────────────────────────────────────────


def test_only_the_marked_sheets_their_comments_and_the_added_sheet_differ(clerks: bytes) -> None:
    before, after = parts_of(clerks), parts_of(marked(clerks, found(FORM, "B2"), found(FORM, "C4")))
    assert [name for name in before if name not in after] == []
    assert {name for name in before if before[name] != after[name]} == {
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        "xl/worksheets/sheet1.xml",
        "xl/comments1.xml",
        "xl/drawings/vmlDrawing1.vml",
    }
    assert set(after) - set(before) == {"xl/worksheets/sheet5.xml"}


def test_parts_nobody_touched_keep_their_packed_bytes_and_times(clerks: bytes) -> None:
    def packed(data: bytes) -> dict[str, tuple[Any, ...]]:
        infos = zipfile.ZipFile(io.BytesIO(data)).infolist()
        return {
            info.filename: (info.date_time, info.CRC, info.compress_size, info.external_attr)
            for info in infos
        }

    before, after = packed(clerks), packed(marked(clerks, found(FORM, "B2")))
    pictures = [name for name in before if "media" in name or "printer" in name or "customXml" in name]
    assert len(pictures) == 5
    assert [before[name] for name in pictures] == [after[name] for name in pictures]


def test_on_a_marked_sheet_nothing_but_styles_and_added_blanks_changes(clerks: bytes) -> None:
    def bare(data: bytes) -> bytes:
        root = etree.fromstring(parts_of(data)["xl/worksheets/sheet1.xml"])
        for cell in root.iter(f"{{{MAIN}}}c"):
            cell.attrib.pop("s", None)
        for empty in [*root.iter(f"{{{MAIN}}}c"), *root.iter(f"{{{MAIN}}}row")]:
            if not len(empty):
                empty.getparent().remove(empty)
        for row in root.iter(f"{{{MAIN}}}row"):
            row.attrib.pop("spans", None)
        return bytes(etree.tostring(root, method="c14n"))

    after = marked(clerks, found(FORM, "B2"), found(FORM, "C4"), found(FORM, "H8"), found(FORM, "B40"))
    assert bare(after) == bare(clerks)


def test_every_value_stays(clerks: bytes) -> None:
    after = marked(clerks, found(FORM, "B2"), found(FORM, "A4"), found(TALK, "A1"), found(PICTURES, "C3"))
    assert values(read_source(after, "")) == values(read_source(clerks, ""))
    one, other = opened(clerks), opened(after)
    for sheet in one:
        for cell in (cell for row in sheet for cell in row):
            again = other[sheet.title][cell.coordinate]
            assert (again.value, again.number_format) == (cell.value, cell.number_format)
            for look in ("font", "border", "alignment", "protection"):
                assert repr(getattr(again, look)) == repr(getattr(cell, look))


def test_names_of_one_sheet_and_the_open_tab_stay_with_their_sheets(clerks: bytes) -> None:
    before, after = opened(clerks), opened(marked(clerks, found(FORM, "B2")))
    assert after.sheetnames == [OPINION, *before.sheetnames]
    assert after.active.title == before.active.title == PICTURES
    assert [sheet.title for sheet in after if sheet.sheet_view.tabSelected] == [PICTURES]
    assert after[FORM].print_area == before[FORM].print_area
    assert after[FORM].print_title_rows == "$1:$1"
    assert list(after[PICTURES].defined_names) == ["本页"]
    assert after.defined_names["合计数"].attr_text == f"{FORM}!$B$4"
    assert after[LISTS].sheet_state == "hidden"


def test_a_protected_sheet_stays_protected(clerks: bytes) -> None:
    after = opened(marked(clerks, found(FORM, "B2"), found(FORM, "A1")))[FORM]
    assert after.protection.sheet
    assert not after["B2"].protection.locked
    assert after["A1"].protection.locked


# ── fills ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("severity", Severity)
def test_a_marked_cell_has_the_colour_of_its_gravest_issue(clerks: bytes, severity: Severity) -> None:
    after = marked(clerks, found(FORM, "B2", Severity.NOTE), found(FORM, "B2", severity))
    assert fill_of(after, FORM, "B2") == rgb(severity)
    assert fill_of(after, FORM, "B3") == fill_of(clerks, FORM, "B3")


def test_cells_that_were_not_there_take_the_style_of_their_column_and_lie_in_order(clerks: bytes) -> None:
    after = marked(
        clerks, found(FORM, "F3"), found(FORM, "F30"), found(FORM, "A5"), found(FORM, "XFD1048576")
    )
    sheet = opened(after)[FORM]
    for cell in ("F3", "F30"):
        assert sheet[cell].fill.fgColor.rgb == rgb(Severity.ERROR)
        assert sheet[cell].font.bold
        assert sheet[cell].border.left.style == "thin"
    root = etree.fromstring(parts_of(after)["xl/worksheets/sheet1.xml"])
    rows = [int(row.get("r")) for row in root.iter(f"{{{MAIN}}}row")]
    assert rows == sorted(set(rows))
    assert {5, 30, 1048576} <= set(rows)
    for row in root.iter(f"{{{MAIN}}}row"):
        columns = [openpyxl.utils.cell.coordinate_from_string(cell.get("r"))[0] for cell in row]
        numbers = [openpyxl.utils.column_index_from_string(letters) for letters in columns]
        assert numbers == sorted(set(numbers))


def test_an_issue_inside_a_merged_area_is_marked_on_the_cell_that_shows(clerks: bytes) -> None:
    after = opened(marked(clerks, found(FORM, "B7")))[FORM]
    assert after["A6"].fill.fgColor.rgb == rgb(Severity.ERROR)
    assert HEAD in after["A6"].comment.text


# ── comments ────────────────────────────────────────────────────────────────────────────────────────


def test_our_words_are_added_to_the_clerks_comment(clerks: bytes) -> None:
    before, after = opened(clerks)[FORM], opened(marked(clerks, found(FORM, "B2")))[FORM]
    comment = after["B2"].comment
    assert comment.text == f"含年中追加\n见附件\n{HEAD}\n【必改】没有填写。\n请补填，如 1234.56。\n{FOOT}"
    assert comment.author == "王丽"
    assert (comment.width, comment.height) == (before["B2"].comment.width, before["B2"].comment.height)
    assert after["C9"].comment.text == "待核"


def test_the_box_of_the_clerks_comment_stays_as_it_is(clerks: bytes) -> None:
    after = part_of(marked(clerks, found(FORM, "B2"), found(FORM, "D3")), "xl/drawings/vmlDrawing1.vml")
    assert after.startswith(part_of(clerks, "xl/drawings/vmlDrawing1.vml").removesuffix("</xml>").rstrip())
    assert after.count("<x:Row>") == 3


def test_the_issues_of_one_cell_share_a_comment_the_gravest_first(clerks: bytes) -> None:
    issues = (found(FORM, "D3", Severity.NOTE, "有空格。"), found(FORM, "D3", Severity.ERROR, "不是数字。"))
    text = opened(marked(clerks, *issues))[FORM]["D3"].comment.text
    assert text.index("【必改】不是数字。") < text.index("【提示】有空格。")
    assert text.count(HEAD) == 1


def test_a_sheet_without_comments_gets_them_with_their_boxes(clerks: bytes) -> None:
    before, after = parts_of(clerks), parts_of(marked(clerks, found(PICTURES, "C3")))
    assert {"xl/comments3.xml", "xl/drawings/vmlDrawing4.vml"} <= set(after) - set(before)
    sheet = after["xl/worksheets/sheet2.xml"].decode()
    assert sheet.index("<drawing ") < sheet.index("<legacyDrawing ") < sheet.index("<legacyDrawingHF ")
    types = after["[Content_Types].xml"].decode()
    assert 'PartName="/xl/comments3.xml"' in types
    assert types.count('Extension="vml"') == 1
    blocks = {
        name: re.findall(b'data="([0-9]+)"', part) for name, part in after.items() if name.endswith(".vml")
    }
    (ours,) = blocks.pop("xl/drawings/vmlDrawing4.vml")
    assert [ours] not in blocks.values()


def test_a_thread_of_comments_is_left_alone_and_the_sheet_says_so(clerks: bytes) -> None:
    after = marked(clerks, found(TALK, "A1"))
    assert parts_of(after)["xl/comments2.xml"] == parts_of(clerks)["xl/comments2.xml"]
    assert fill_of(after, TALK, "A1") == rgb(Severity.ERROR)
    (row,) = opinion_rows(after)
    assert "批注对话" in row["怎么改"]


def test_characters_xml_cannot_hold_are_left_out(clerks: bytes) -> None:
    after = marked(clerks, found(FORM, "B2", message="甲\x0b<乙>&\ud800丙"))
    assert "甲<乙>&丙" in opened(after)[FORM]["B2"].comment.text


# ── 审核意见 ────────────────────────────────────────────────────────────────────────────────────────


def test_the_sheet_lists_every_issue_with_a_link_to_its_cell(clerks: bytes) -> None:
    issues = [
        found(FORM, "C4", Severity.NOTE, "有空格。"),
        found(FORM, "B2"),
        found(PICTURES, "C3"),
        found("", "", Severity.EXPLAIN, "没有填报日期。"),
    ]
    after = marked(clerks, *issues)
    sheet, rows = opened(after)[OPINION], opinion_rows(after)
    assert [(row["级别"], row["位置"], row["问题"]) for row in rows] == [
        ("必改", "收支表!B2", "没有填写。"),
        ("必改", "照片!C3", "同上"),
        ("需说明", None, "没有填报日期。"),
        ("提示", "收支表!C4", "有空格。"),
    ]
    links = {row: sheet.cell(row, 3).hyperlink for row in range(HEADING_ROW + 2, HEADING_ROW + 6)}
    assert [link and link.location for link in links.values()] == [
        "'收支表'!B2",
        "'照片'!C3",
        None,
        "'收支表'!C4",
    ]
    assert "退回（必改 2 处，需说明 1 处，提示 1 处）" in sheet["A3"].value
    assert "红桥街道办事处" in sheet["A2"].value
    assert sheet.print_title_rows == f"${HEADING_ROW + 1}:${HEADING_ROW + 1}"
    assert [row["回复"] for row in rows] == [None] * 4


def test_no_link_leads_to_a_hidden_sheet_or_one_that_is_not_there(clerks: bytes) -> None:
    after = marked(clerks, found(LISTS, "A1"), found("没有这张表", "A1"))
    sheet = opened(after)[OPINION]
    assert [sheet.cell(HEADING_ROW + row, 3).hyperlink for row in (2, 3)] == [None, None]
    assert [row["位置"] for row in opinion_rows(after)] == ["选项!A1", "没有这张表!A1"]


def test_text_of_the_clerk_never_becomes_a_formula(clerks: bytes) -> None:
    item = replace(found(FORM, "B2"), found="=HYPERLINK(1)", message="=1+1")
    (row,) = opinion_rows(marked(clerks, item))
    assert (row["填报内容"], row["问题"]) == ("=HYPERLINK(1)", "=1+1")
    assert "<f>" not in part_of(marked(clerks, item), "xl/worksheets/sheet5.xml")


def test_a_sheet_of_the_clerks_own_with_our_name_stays(clerks: bytes) -> None:
    own = rezipped(clerks, {"xl/workbook.xml": part_of(clerks, "xl/workbook.xml").replace(TALK, OPINION)})
    after = opened(marked(own, found(FORM, "B2")))
    assert after.sheetnames == ["审核意见（退回）", FORM, PICTURES, LISTS, OPINION]
    assert after[OPINION]["A1"].value == "在讨论"


# ── marking again ───────────────────────────────────────────────────────────────────────────────────


def test_the_same_input_gives_the_same_bytes(clerks: bytes) -> None:
    assert marked(clerks, found(FORM, "B2")) == marked(clerks, found(FORM, "B2"))


def test_marking_twice_is_marking_once(clerks: bytes) -> None:
    issues = [found(FORM, cell) for cell in ("B2", "C4", "A7", "F30")] + [
        found(PICTURES, "C3"),
        found(TALK, "A1"),
    ]
    once = marked(clerks, *issues)
    assert marked(once, *issues) == once


def test_marks_of_an_earlier_round_go_with_their_issues(clerks: bytes) -> None:
    first = marked(clerks, found(FORM, "B2"), found(FORM, "C4"), found(PICTURES, "C3"))
    second = marked(first, found(FORM, "B3", Severity.EXPLAIN))
    assert fill_of(second, FORM, "B3") == rgb(Severity.EXPLAIN)
    before, after = opened(clerks), opened(second)
    for cell in ("B2", "C4"):
        assert after[FORM][cell].fill.fgColor.rgb == before[FORM][cell].fill.fgColor.rgb
    assert after[FORM]["B2"].comment.text == "含年中追加\n见附件"
    assert after[FORM]["C4"].comment is None
    assert after[PICTURES]["C3"].comment is None
    assert b"legacyDrawing " not in parts_of(second)["xl/worksheets/sheet2.xml"]
    assert after.sheetnames == [OPINION, *before.sheetnames]
    assert [row["位置"] for row in opinion_rows(second)] == ["收支表!B3"]


def test_what_the_clerk_writes_around_our_words_stays(clerks: bytes) -> None:
    first = marked(clerks, found(FORM, "D3"))
    name = "xl/comments1.xml"
    answered = rezipped(first, {name: part_of(first, name).replace(FOOT, f"{FOOT}\n已改，王丽")})
    again = opened(marked(answered, found(FORM, "B3")))
    assert again[FORM]["D3"].comment.text.strip() == "已改，王丽"


def test_replies_are_carried_into_the_next_round(clerks: bytes) -> None:
    issues = [found(FORM, "B2"), found(FORM, "B3"), found(FORM, "C2", message="不符。")]
    book = opened(marked(clerks, *issues))
    book[OPINION].cell(HEADING_ROW + 3, len(COLUMNS), "上年没有这笔")
    saved = io.BytesIO()
    book.save(saved)
    rows = opinion_rows(marked(saved.getvalue(), *issues))
    assert [(row["位置"], row["回复"]) for row in rows] == [
        ("收支表!B2", None),
        ("收支表!B3", "上年没有这笔"),
        ("收支表!C2", None),
    ]


# ── odd packages ────────────────────────────────────────────────────────────────────────────────────


def test_prefixed_and_strict_workbooks_with_cells_without_address_are_marked() -> None:
    def prefixed(rows: str, name: str) -> str:
        return f'<x:worksheet xmlns:x="{name}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'

    row = "<x:row><x:c t='inlineStr'><x:is><x:t>甲</x:t></x:is></x:c><x:c><x:v>2</x:v></x:c></x:row>"
    for name, kinds in ((MAIN, None), (STRICT, "http://purl.oclc.org/ooxml/officeDocument/relationships")):
        options = {"relations": kinds} if kinds else {}
        data = workbook(prefixed(row + row, name), namespace=name, **options)  # type: ignore[arg-type]
        issues = [found("表1", cell) for cell in ("B1", "C2", "A3")]
        after = marked(data, *issues)
        assert values(read_source(after, "")) == values(read_source(data, ""))
        sheet = etree.fromstring(parts_of(after)["xl/worksheets/sheet1.xml"])
        cells = [(cell.get("r"), cell.get("s", "0") != "0") for cell in sheet.iter(f"{{{name}}}c")]
        assert [address for address, styled in cells if styled] == ["B1", "C2", "A3"]
        assert marked(after, *issues) == after
        assert kinds is None or MAIN.encode() not in b"".join(parts_of(after).values())


def test_a_damaged_sheet_stays_as_it_is_and_is_listed() -> None:
    data = workbook(worksheet('<row r="1"><c r="A1"><v>1</v></c></row>'), "<worksheet><sheetData>")
    after = marked(data, found("表1", "A1"), found("表2", "A1"))
    assert parts_of(after)["xl/worksheets/sheet2.xml"] == b"<worksheet><sheetData>"
    (opinion,) = (sheet for sheet in read_source(after, "").sheets if sheet.name == OPINION)
    assert [row[2] for row in opinion.rows[HEADING_ROW + 1 :]] == ["表1!A1", "表2!A1"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "，,\n".encode(),
        zipped({"xl/workbook.bin": b""}),
        zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}),
        rezipped(workbook(worksheet("")), {"xl/styles.xml": "<styleSheet>"}),
        rezipped(workbook(worksheet("")), {"xl/workbook.xml": '<!DOCTYPE a [<!ENTITY b "c">]><workbook/>'}),
    ],
)
def test_what_is_no_excel_package_cannot_be_marked(data: bytes) -> None:
    with pytest.raises(CannotMarkError):
        marked(data, found("表1", "A1"))
    name, content = returned(data, "甲/旧表.xls", [found("表1", "A1")], created=CREATED)
    assert name == "甲/审核意见-旧表.xls.xlsx"
    (row,) = opinion_rows(content)
    assert row["位置"] == "表1!A1"


def test_an_opinion_alone_is_a_workbook_without_links() -> None:
    _, alone = returned(b"", "旧表.xls", [found(FORM, "B2"), found("", "")], created=CREATED)
    sheet = opened(alone)[OPINION]
    assert [sheet.cell(HEADING_ROW + row, 3).value for row in (2, 3)] == ["收支表!B2", None]
    assert sheet.cell(HEADING_ROW + 2, 3).hyperlink is None


# ── from blank to blank: our own forms ──────────────────────────────────────────────────────────────


def wrong(asked: dict[str, Any]) -> None:
    asked["cover"]["district"] = None
    asked["indicators"][0]["actual"] = "很多"
    asked["income"]["general_public_budget"]["actual_expenditure"] = "二千一百"


def slipped(path: Path, change: Callable[[dict[str, Any]], None] = wrong) -> Path:
    asked = answers("department")
    change(asked)
    return fill(form("department"), asked, path, year=2024)


def test_a_marked_copy_sent_in_again_reads_the_same(tmp_path: Path) -> None:
    before = read(slipped(tmp_path / "自评表.xlsx"))
    copy = _folder(tmp_path / "退回") / "自评表.xlsx"
    copy.write_bytes(mark((tmp_path / "自评表.xlsx").read_bytes(), before.issues, created=CREATED))
    after = read(copy)
    assert len(before.issues) >= 3
    assert facts(after) == facts(before)
    assert after.issues == before.issues
    assert (after.cells.answers, after.cells.unread) == (before.cells.answers, before.cells.unread)


def test_a_mended_copy_reads_cleanly_and_loses_its_marks(tmp_path: Path) -> None:
    first = read(slipped(tmp_path / "自评表.xlsx"))
    book = opened(mark((tmp_path / "自评表.xlsx").read_bytes(), first.issues, created=CREATED))
    for item in first.issues:
        cell = {"S04": "青山区", "N02": "112场", "V04": 2100}[item.code]
        book[item.location.sheet][item.location.cell].value = cell
    book.save(tmp_path / "改好.xlsx")
    mended = read(tmp_path / "改好.xlsx")
    assert told(mended) == []
    assert facts(mended) == facts(
        read(fill(form("department"), answers("department"), tmp_path / "对.xlsx", year=2024))
    )
    clean = marked((tmp_path / "改好.xlsx").read_bytes())
    blank = opened((tmp_path / "自评表.xlsx").read_bytes())
    for item in first.issues:
        place = item.location
        assert opened(clean)[place.sheet][place.cell].comment is None
        before = blank[place.sheet][place.cell].fill.fgColor.rgb
        assert fill_of(clean, place.sheet, place.cell) == before


_FILLED: list[bytes] = []
_CELLS = st.builds(
    lambda column, row: f"{openpyxl.utils.get_column_letter(column)}{row}",
    st.integers(1, 30),
    st.integers(1, 80),
)
_WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
_ISSUES = st.builds(
    found,
    st.sampled_from(["封面", "收支情况", "绩效指标", "填报说明", "没有", ""]),
    _CELLS,
    st.sampled_from(Severity),
    _WORDS,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.lists(_ISSUES, max_size=12), second=st.lists(_ISSUES, max_size=6))
def test_whatever_is_marked_no_value_changes(first: list[Issue], second: list[Issue], tmp_path: Path) -> None:
    if not _FILLED:
        _FILLED.append(slipped(tmp_path / "自评表.xlsx").read_bytes())
    once = mark(_FILLED[0], first, created=CREATED)
    twice = mark(once, second, created=CREATED)
    before = values(read_source(_FILLED[0], ""))
    assert values(read_source(once, "")) == before
    assert values(read_source(twice, "")) == before
    assert mark(twice, second, created=CREATED) == twice


# ── LibreOffice ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.office
def test_libreoffice_opens_a_marked_copy_with_all_comments(clerks: bytes, tmp_path: Path) -> None:
    path = tmp_path / "自评表.xlsx"
    path.write_bytes(marked(clerks, found(FORM, "B2"), found(PICTURES, "C3"), found(FORM, "F30")))
    saved = opened(saved_as(path, "xlsx:Calc MS Excel 2007 XML", _folder(tmp_path / "存")).read_bytes())
    assert saved.sheetnames[0] == OPINION
    assert "含年中追加\n见附件\n" + HEAD in saved[FORM]["B2"].comment.text
    assert HEAD in saved[PICTURES]["C3"].comment.text
    assert saved[FORM]["F30"].fill.fgColor.rgb == rgb(Severity.ERROR)
    assert saved[OPINION].cell(HEADING_ROW + 2, 3).hyperlink.location.replace("'", "") == "收支表!B2"
    assert saved_as(path, "pdf", _folder(tmp_path / "印")).stat().st_size > 10_000


@pytest.mark.office
def test_a_copy_saved_by_libreoffice_is_marked_and_unmarked(tmp_path: Path) -> None:
    before = read(slipped(tmp_path / "自评表.xlsx"))
    saved = saved_as(tmp_path / "自评表.xlsx", "xlsx:Calc MS Excel 2007 XML", _folder(tmp_path / "存"))
    saved.write_bytes(mark(saved.read_bytes(), before.issues, created=CREATED))
    assert facts(read(saved)).items() >= facts(before).items()
    again = saved_as(saved, "xlsx:Calc MS Excel 2007 XML", _folder(tmp_path / "再存"))
    assert HEAD.encode() in b"".join(parts_of(again.read_bytes()).values())
    clean = marked(again.read_bytes())
    ours = {rgb(severity) for severity in Severity}
    for item in before.issues:
        assert fill_of(again.read_bytes(), item.location.sheet, item.location.cell) in ours
        assert fill_of(clean, item.location.sheet, item.location.cell) not in ours
    assert HEAD.encode() not in b"".join(parts_of(clean).values())
    assert [row["问题"] for row in opinion_rows(clean)] == []


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
