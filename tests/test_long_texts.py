"""What a clerk writes at length arrives as written: paragraphs, numbering, marks of XML and of templates."""

from __future__ import annotations

import warnings
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from collections_made import UNIT, run, start
from filling import fill, form
from valid import answers

LINES = (
    "一、完善制度。",
    "（1）加强监控 & 复核 <b>“引号”</b> 'x'；",
    "2. 巡查😀𠮷 {{ secret }} {% for %} {_{ 原样 }_}",
    "=SUM(A1) ]]> &amp; &lt; <?merged?>",
    "③ 其余\t各项。",
)
LONGEST = "长" * 32_767


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a collection of one department whose texts are as odd and as long as a cell can hold."""
    root = start(tmp_path_factory.mktemp("长文") / "集")
    given = answers("department")
    given["measures"][0]["text"] = "\r\n\r\n".join(LINES)
    given["plan"]["goal"] = LONGEST
    given["indicators"][0]["reason"] = "原因 & <甲> {{ 乙 }}\n第二行"
    given["indicators"][0]["actual"] = "1次"
    fill(form("department"), given, root / "workbooks" / "甲.xlsx", year=2024)
    assert run("-C", str(root), "build").exit_code == 1
    return root / "out"


@cache
def opened(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*xtension", category=UserWarning)
        return openpyxl.load_workbook(path, data_only=True)


def paragraphs(out: Path) -> list[str]:
    document = docx.Document(str(out / "单位报告" / f"{UNIT}.docx"))
    return [paragraph.text for paragraph in document.paragraphs]


def test_each_line_is_a_paragraph_of_the_report_with_the_clerk_s_own_numbering(out: Path) -> None:
    said = paragraphs(out)
    at = next(place for place, text in enumerate(said) if text.endswith(LINES[0]))
    assert said[at + 1 : at + len(LINES)] == list(LINES[1:])


def test_the_longest_cell_is_in_the_report_whole(out: Path) -> None:
    assert LONGEST in paragraphs(out)


def test_a_text_in_a_table_of_the_workbook_keeps_its_lines_and_is_no_formula(out: Path) -> None:
    values = {cell.value for row in opened(out / "汇总表.xlsx")["指标明细"].iter_rows() for cell in row}
    assert "原因 & <甲> {{ 乙 }}\n第二行" in values


def test_the_longest_cell_is_sent_up_whole(out: Path) -> None:
    book = opened(out / "报送.xlsx")
    assert any(cell.value == LONGEST for sheet in book for row in sheet.iter_rows() for cell in row)


def test_what_xml_cannot_hold_is_taken_out_and_told(tmp_path: Path) -> None:
    """Excel writes a control character as _x0007_; a lone surrogate and U+FFFE come the same way."""
    root = start(tmp_path / "集")
    given = answers("department")
    given["measures"][0]["text"] = "制度_x0007_已_xFFFE_完善\u202e落实\u202c到位_x000D_\n第二段"
    path = fill(form("department"), given, root / "workbooks" / "甲.xlsx", year=2024)
    with zipfile.ZipFile(path) as package:
        assert any(b"_x0007_" in package.read(name) for name in package.namelist())
    checked = run("-C", str(root), "check").stdout
    assert "V06" in checked
    run("-C", str(root), "build")
    said = paragraphs(root / "out")
    at = next(place for place, text in enumerate(said) if text.endswith("制度已完善落实到位"))
    assert said[at + 1] == "第二段"
