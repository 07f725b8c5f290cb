"""The base document keeps the measures of GB/T 9704-2012, and its tables those of the bureau."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn

from toolkit.writers.narrative import Narrative

sys.path.append(str(Path(__file__).parent.parent / "scripts"))

from official_document import Column, OfficialDocument

Make = Callable[[Callable[[OfficialDocument], object]], Document]
COLUMNS = [Column("项目", 90, "{{ row.label }}"), Column("金额", 66, "{{ row.amount|wan }}", "Number")]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Build, save and fill a template; the data are two rows and three paragraphs."""

    def made(build: Callable[[OfficialDocument], object]) -> Document:
        paper = OfficialDocument()
        build(paper)
        paper.save(tmp_path / "模板.docx")
        rows = [{"label": "基本支出", "amount": 12_345_600}, {"label": "项目支出", "amount": 0}]
        context = {
            "rows": rows,
            "lines": ["甲。", "乙。"],
            "wanted": True,
            "none": [],
            "titles": ["甲", "乙"],
        }
        narrative = Narrative(tmp_path / "模板.docx")
        assert narrative.check(context) == ()
        content = narrative.render(context, title="报告", author="甲", created=datetime(2025, 1, 1))
        return docx.Document(io.BytesIO(content))

    return made


def style(document: Document, name: str) -> dict[str, dict[str, str]]:
    """Return the properties of a style: local tag -> local attribute -> value."""
    element: Any = document.styles[name].element
    found = {}
    for child in (*element.pPr, *element.rPr):
        values = {key.rpartition("}")[2]: value for key, value in child.attrib.items()}
        found[child.tag.rpartition("}")[2]] = values
    return found


def test_the_page_leaves_156_by_225_millimetres_for_22_lines_of_28_characters(make: Make) -> None:
    section = make(lambda paper: paper.body("正文")).sections[0]
    margins = (section.top_margin, section.left_margin, section.bottom_margin, section.right_margin)
    assert [round(margin.mm) for margin in margins if margin is not None] == [37, 28, 35, 26]
    size: Any = section._sectPr.pgSz
    width = int(size.get(qn("w:w"))) - sum(margin.twips for margin in margins[1::2] if margin)
    height = int(size.get(qn("w:h"))) - sum(margin.twips for margin in margins[0::2] if margin)
    grid: Any = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "linesAndChars"
    pitch = 320 + int(grid.get(qn("w:charSpace"))) * 20 / 4096
    assert width // pitch == 28
    assert height // int(grid.get(qn("w:linePitch"))) == 22


@pytest.mark.parametrize(
    ("name", "font", "half_points"),
    [
        ("Title", "方正小标宋简体", "44"),
        ("Body Text", "仿宋_GB2312", "32"),
        ("Heading 1", "黑体", "32"),
        ("Heading 2", "楷体_GB2312", "32"),
        ("Heading 3", "仿宋_GB2312", "32"),
        ("附件标识", "黑体", "32"),
        ("Caption", "黑体", "28"),
        ("表头", "黑体", "21"),
        ("表格文字", "仿宋_GB2312", "21"),
    ],
)
def test_each_style_has_its_font_and_size(make: Make, name: str, font: str, half_points: str) -> None:
    look = style(make(lambda paper: paper.body("正文")), name)
    assert (look["rFonts"]["eastAsia"], look["rFonts"]["ascii"]) == (font, "Times New Roman")
    assert look["sz"]["val"] == half_points
    assert "color" not in look


def test_text_is_indented_by_two_characters_on_an_exact_pitch(make: Make) -> None:
    for name in ("Body Text", "Heading 1", "Heading 2", "Heading 3", "Heading 4"):
        look = style(make(lambda paper: paper.body("正文")), name)
        assert look["ind"]["firstLineChars"] == "200"
        assert (look["spacing"]["line"], look["spacing"]["lineRule"]) == ("579", "exact")


def test_headings_are_word_s_own_and_stay_with_their_text(make: Make) -> None:
    document = make(lambda paper: (paper.heading1("一、"), paper.heading2("（一）"), paper.heading3("1.")))
    names = [paragraph.style and paragraph.style.name for paragraph in document.paragraphs]
    assert names == ["Heading 1", "Heading 2", "Heading 3"]
    for level in (1, 2, 3, 4):
        look = style(document, f"Heading {level}")
        assert (look["outlineLvl"]["val"], "keepNext" in look) == (str(level - 1), True)


def test_page_numbers_stand_outside_between_dashes(make: Make) -> None:
    document = make(lambda paper: paper.body("正文"))
    assert document.settings.odd_and_even_pages_header_footer
    section = document.sections[0]
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        (paragraph,) = footer.paragraphs
        assert "".join(paragraph._p.xpath(".//w:t/text() | .//w:instrText/text()")) == "—  PAGE 1 —"
        assert paragraph._p.xpath("./w:pPr/w:jc/@w:val") == [side]
        assert paragraph._p.xpath(f"./w:pPr/w:ind/@w:{side}Chars") == ["100"]
    assert style(document, "Footer")["rFonts"]["ascii"] == "宋体"
    assert section.bottom_margin and section.footer_distance
    assert round(section.bottom_margin.mm - section.footer_distance.mm) == 10


def tabled(paper: OfficialDocument) -> None:
    paper.caption("表1　支出情况")
    paper.unit_note("单位：万元")
    paper.table(COLUMNS, loop="row in rows", closing=[["合计", "{{ 12345600|wan }}"]])
    paper.table_note()


def test_a_table_repeats_its_heading_and_breaks_no_row(make: Make) -> None:
    document = make(tabled)
    rows = document.tables[0]._tbl.tr_lst
    assert [bool(row.xpath("./w:trPr/w:tblHeader")) for row in rows] == [True, False, False, False]
    assert all(row.xpath("./w:trPr/w:cantSplit") for row in rows)
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows] == [
        ["项目", "金额"],
        ["基本支出", "1,234.56"],
        ["项目支出", "0.00"],
        ["合计", "1,234.56"],
    ]


def test_figures_stand_right_and_no_line_of_a_cell_is_clipped(make: Make) -> None:
    document = make(tabled)
    cell = document.tables[0].cell(1, 1).paragraphs[0].style
    assert cell is not None
    look = style(document, str(cell.name))
    assert (look["jc"]["val"], look["spacing"]["lineRule"]) == ("right", "auto")


def test_caption_and_unit_are_not_parted_from_their_table(make: Make) -> None:
    document = make(tabled)
    assert all("keepNext" in style(document, name) for name in ("Caption", "表格单位", "表头"))


def test_a_table_is_as_wide_as_its_columns_and_borders_come_from_its_style(make: Make) -> None:
    table = make(tabled).tables[0]._tbl
    columns = [int(width) for width in table.xpath("./w:tblGrid/w:gridCol/@w:w")]
    assert int(table.xpath("./w:tblPr/w:tblW/@w:w")[0]) == sum(columns)
    assert abs(sum(columns) - 156 / 25.4 * 1440) < len(columns)
    assert table.xpath("./w:tblPr/w:tblStyle/@w:val") == ["OfficialTable"]
    assert not table.xpath(".//w:tcBorders | .//w:tblBorders")


def test_a_template_reads_as_an_outline_with_loops_and_branches(make: Make) -> None:
    def build(paper: OfficialDocument) -> None:
        paper.title("东风街道办事处", "自评报告")
        paper.prose("lines")
        with paper.when("not wanted"):
            paper.body("不要")
            paper.otherwise("none")
            paper.body("也不要")
            paper.otherwise()
            paper.body("要")
        with paper.repeat("row in rows"):
            paper.heading3("{{ loop.index|item }}{{ row.label }}")

    said = [paragraph.text for paragraph in make(build).paragraphs]
    assert said == ["东风街道办事处\n自评报告", "甲。", "乙。", "要", "1.基本支出", "2.项目支出"]


def test_an_annex_begins_a_page_with_its_label_first_and_its_title_third(make: Make) -> None:
    def build(paper: OfficialDocument) -> None:
        paper.body("正文")
        paper.annex("附件1", "自评表")

    document = make(build)
    label, blank, title = document.paragraphs[1:]
    assert (label.text, blank.text, title.text) == ("附件1", "", "自评表")
    assert label.paragraph_format.page_break_before
    assert title.style and title.style.name == "Title"


def test_the_names_of_attachments_turn_under_their_first_character(make: Make) -> None:
    document = make(lambda paper: paper.attachments("titles"))
    blank, first, second = document.paragraphs
    assert (blank.text, first.text, second.text) == ("", "附件：1.\t甲", "2.\t乙")
    indents = [paragraph._p.xpath("./w:pPr/w:ind")[0] for paragraph in (first, second)]
    assert [indent.get(qn("w:leftChars")) for indent in indents] == ["600", "600"]
    assert [indent.get(qn("w:hangingChars")) for indent in indents] == ["400", "100"]


def test_the_date_stands_four_characters_from_the_right(make: Make) -> None:
    document = make(lambda paper: paper.signature("东风街道办事处", "2025年1月9日"))
    look = style(document, "Date")
    assert (look["jc"]["val"], look["ind"]["rightChars"]) == ("right", "400")
    assert [paragraph.text for paragraph in document.paragraphs] == ["", "东风街道办事处", "2025年1月9日"]


def test_a_wide_table_gets_a_turned_page_and_the_next_is_upright_again(make: Make) -> None:
    def build(paper: OfficialDocument) -> None:
        paper.body("正文")
        with paper.landscape():
            paper.body("宽表")
        paper.body("正文")

    first, wide, last = make(build).sections
    assert wide.page_width == first.page_height == last.page_height
    assert wide.top_margin == first.left_margin == last.left_margin  # its head at the binding
    assert wide.left_margin == first.bottom_margin


def test_word_marks_no_spelling_and_knows_the_language(make: Make) -> None:
    document = make(lambda paper: paper.body("正文"))
    settings: Any = document.settings.element
    assert settings.xpath("./w:hideSpellingErrors") and settings.xpath("./w:hideGrammaticalErrors")
    assert settings.xpath("./w:characterSpacingControl/@w:val") == ["compressPunctuation"]
    styles: Any = document.styles.element
    assert styles.xpath("./w:docDefaults//w:lang/@w:eastAsia") == ["zh-CN"]
    assert styles.xpath("./w:docDefaults//w:widowControl")


def test_fonts_are_named_with_a_substitute_and_not_embedded(make: Make, tmp_path: Path) -> None:
    make(lambda paper: paper.body("正文"))
    with zipfile.ZipFile(tmp_path / "模板.docx") as package:
        fonts = package.read("word/fontTable.xml").decode()
        assert not [name for name in package.namelist() if "theme" in name or "thumbnail" in name]
    assert '<w:font w:name="仿宋_GB2312"><w:altName w:val="仿宋"/>' in fonts
    assert "embed" not in fonts


def test_the_same_script_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("一.docx", "二.docx"):
        paper = OfficialDocument("模板", "财政局")
        tabled(paper)
        paper.save(tmp_path / name)
    assert (tmp_path / "一.docx").read_bytes() == (tmp_path / "二.docx").read_bytes()
    properties = docx.Document(str(tmp_path / "一.docx")).core_properties
    assert (properties.title, properties.author, properties.comments) == ("模板", "财政局", "")
