"""The look of GB/T 9704-2012 as a small vocabulary for scripts that make Word templates.

A script written in it reads as the outline of the document:

    paper = OfficialDocument()
    paper.title("{{ unit.name }}部门整体支出绩效自评报告")
    paper.heading1("一、部门基本情况")
    paper.prose("text.duties|paragraphs")
    paper.caption("表1　收入情况")
    paper.unit_note("单位：万元")
    paper.table([Column("项目", 60, "{{ row.label }}"), …], loop="row in income")
    paper.save(path)

Paragraphs carry styles only (`official_styles`), so an officer who edits the template changes the look in one
place, the style pane of Word or WPS.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from docx.section import Section
from docx.shared import Mm
from docx.text.paragraph import Paragraph
from official_styles import CHARACTER, LINE, THREE, set_look

from toolkit.writers.narrative import packed

TOP, LEFT, BOTTOM, RIGHT = Mm(37), Mm(28), Mm(35), Mm(26)  # leaves the 156 × 225 mm the standard asks for
NUMBER_BELOW = Mm(10)  # from the text to the foot of a 14 pt page number: puts its dash 7 mm below the text
TEXT_WIDTH, TEXT_WIDTH_LANDSCAPE = 156, 225  # mm

_W = nsdecls("w")
_HINT = '<w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr>'
_START, _END = '<w:t xml:space="preserve">', "</w:t>"
_KEPT_PARTS = ("/styles", "/settings", "/fontTable", "/officeDocument", "/core-properties")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its width in mm, its cell in the repeated row, how it is aligned."""

    heading: str
    width: float
    cell: str
    align: str = "Text"  # Text, Centre or Number


class OfficialDocument:
    """A document under construction; each method adds one element at its end."""

    def __init__(self, title: str = "", author: str = "") -> None:
        self._document: Document = docx.Document()
        self._body: Any = self._document.element.body
        _keep_only_what_is_ours(self._document)
        set_look(self._document)
        properties = self._document.core_properties
        properties.title, properties.author = title, author
        properties.comments, properties.last_modified_by = "", author
        properties.created = properties.modified = datetime(2025, 1, 1)
        section = self._document.sections[0]
        _turn(section, landscape=False)
        _add_page_number(section.footer.paragraphs[0], 'w:rightChars="100" w:right="280"', "right")
        _add_page_number(section.even_page_footer.paragraphs[0], 'w:leftChars="100" w:left="280"', "left")

    def title(self, *lines: str) -> Paragraph:
        """Add the title, 二号 小标宋 centred, broken where its lines end; one blank line follows."""
        return self._add("\n".join(lines), "Title")

    def heading1(self, text: str) -> Paragraph:
        """Add a heading 一、 in 黑体."""
        return self._add(text, "Heading1")

    def heading2(self, text: str) -> Paragraph:
        """Add a heading （一） in 楷体."""
        return self._add(text, "Heading2")

    def heading3(self, text: str) -> Paragraph:
        """Add a heading 1. in 仿宋."""
        return self._add(text, "Heading3")

    def heading4(self, text: str) -> Paragraph:
        """Add a heading （1） in 仿宋."""
        return self._add(text, "Heading4")

    def body(self, text: str) -> Paragraph:
        """Add a paragraph of text, indented by two characters."""
        return self._add(text, "BodyText")

    def lead(self, text: str) -> Paragraph:
        """Add a paragraph without indent, such as the line of the addressees."""
        return self._add(text, "Lead")

    def blank(self) -> Paragraph:
        """Add a blank line."""
        return self._add("", "Lead")

    def prose(self, paragraphs: str) -> None:
        """Add a loop over prose: each element of the expression becomes a paragraph of text."""
        with self.repeat(f"paragraph in {paragraphs}"):
            self.body("{{ paragraph }}")

    @contextmanager
    def repeat(self, loop: str) -> Iterator[None]:
        """Repeat what is added inside for each element, as in `repeat("task in unit.tasks")`."""
        self.body(f"{{%p for {loop} %}}")
        yield
        self.body("{%p endfor %}")

    @contextmanager
    def when(self, condition: str) -> Iterator[None]:
        """Keep what is added inside only if the condition holds; `otherwise` begins the other branch."""
        self.body(f"{{%p if {condition} %}}")
        yield
        self.body("{%p endif %}")

    def otherwise(self, condition: str = "") -> None:
        """Begin the branch of `when` for the case that its condition fails (and this one holds)."""
        self.body(f"{{%p elif {condition} %}}" if condition else "{%p else %}")

    def caption(self, text: str) -> Paragraph:
        """Add the caption of the table that follows, centred in 黑体 and kept with it."""
        return self._add(text, "Caption")

    def unit_note(self, text: str) -> Paragraph:
        """Add the unit of a table's figures, right above the table."""
        return self._add(text, "UnitNote")

    def table(
        self,
        columns: Sequence[Column],
        *,
        loop: str = "",
        closing: Sequence[Sequence[str]] = (),
        whole: bool = False,
    ) -> None:
        """Add a table: the heading, one row for each element of `loop`, then fixed `closing` rows.

        Without a loop the cells of the columns make one row. The heading is repeated on each page and no row
        is broken across pages; a `whole` table stays on one page if it fits. A cell of
        `{{ row.level1|merged }}` is merged with the one above while both say the same. Close the table with
        `table_note`, even an empty one, to keep text off its border.
        """
        grid = "".join(f'<w:gridCol w:w="{_twips(column.width)}"/>' for column in columns)
        table = parse_xml(
            f'<w:tbl {_W}><w:tblPr><w:tblStyle w:val="OfficialTable"/>{_width("tblW", columns)}'
            '<w:jc w:val="center"/><w:tblLayout w:type="fixed"/>'
            '<w:tblLook w:val="0600" w:noHBand="1" w:noVBand="1"/></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid></w:tbl>"
        )
        table.append(_heading_row(columns))
        if loop:
            table.append(_tag_row(columns, f"{{%tr for {loop} %}}"))
        table.append(_row(columns, [column.cell for column in columns], keep=whole))
        if loop:
            table.append(_tag_row(columns, "{%tr endfor %}"))
        for cells in closing:
            table.append(_row(columns, cells, keep=whole))
        self._body.insert_element_before(table, "w:sectPr")

    def table_note(self, text: str = "") -> Paragraph:
        """Add a note under a table, or only the space that parts the table from the text."""
        return self._add(text, "TableNote")

    def attachment(self, name: str) -> None:
        """Add 附件说明 of one annex: a blank line, then its name, turned lines under its first character."""
        self.blank()
        _indent(self.lead(f"附件：{name}"), 5, 3)

    def attachments(self, names: str) -> None:
        """Add 附件说明 of the titles a list holds, numbered when there are several."""
        with self.when(f"{names}|length == 1"):
            self.attachment(f"{{{{ {names}[0] }}}}")
        with self.when(f"{names}|length > 1"):
            self.blank()
            with self.repeat(f"name in {names}"), self.when("loop.first"):
                self._listed("附件：", 4)
                self.otherwise()
                self._listed("", 1)

    def _listed(self, label: str, hanging: int) -> None:
        paragraph = self.lead(f"{label}{{{{ loop.index }}}}.\t{{{{ name }}}}")
        _indent(paragraph, 6, hanging)
        paragraph.paragraph_format.keep_with_next = True

    def signature(self, unit: str, date: str) -> None:
        """Add 署名 and 成文日期: the date four characters from the right, the name centred above it."""
        self.blank()
        self._add(unit, "Signature")
        self._add(date, "Date")

    def annex(self, label: str, *title: str) -> None:
        """Begin an annex on a new page: its label on the first line, its title on the third."""
        first = not self._document.paragraphs
        self._add(label, "Annex").paragraph_format.page_break_before = None if first else True
        self.blank()
        self.title(*title)

    @contextmanager
    def landscape(self, *, to_the_end: bool = False) -> Iterator[None]:
        """Turn the pages of what is added inside, for wide tables; `to_the_end` if nothing follows them."""
        _turn(self._document.add_section(WD_SECTION.NEW_PAGE), landscape=True)
        yield
        if not to_the_end:
            _turn(self._document.add_section(WD_SECTION.NEW_PAGE), landscape=False)

    def save(self, path: Path) -> None:
        """Write the document; the same calls give the same bytes."""
        saved = io.BytesIO()
        self._document.save(saved)
        with zipfile.ZipFile(saved) as package:
            path.write_bytes(packed({name: package.read(name) for name in package.namelist()}))

    def _add(self, text: str, style: str) -> Paragraph:
        element = parse_xml(_paragraph(text, style))
        self._body.insert_element_before(element, "w:sectPr")
        return Paragraph(element, self._document._body)


def _paragraph(text: str, style: str, *, keep: bool = False) -> str:
    """Return a paragraph; the hint makes Word set “ ” … — full width, in the Chinese font."""
    pieces = escape(text).replace("\t", f"{_END}<w:tab/>{_START}").replace("\n", f"{_END}<w:br/>{_START}")
    run = f"<w:r>{_HINT}{_START}{pieces}{_END}</w:r>" if text else ""
    return f'<w:p {_W}><w:pPr><w:pStyle w:val="{style}"/>{"<w:keepNext/>" * keep}</w:pPr>{run}</w:p>'


def _indent(paragraph: Paragraph, left: int, hanging: int) -> None:
    """Indent a 三号 paragraph by whole characters."""
    twips = THREE * 10
    paragraph._p.get_or_add_pPr().append(
        parse_xml(
            f'<w:ind {_W} w:leftChars="{left * 100}" w:left="{left * twips}"'
            f' w:hangingChars="{hanging * 100}" w:hanging="{hanging * twips}"/>'
        )
    )


def _heading_row(columns: Sequence[Column]) -> Any:
    return _row(columns, [column.heading for column in columns], style="TableHead", repeated="<w:tblHeader/>")


def _tag_row(columns: Sequence[Column], tag: str) -> Any:
    """Return a row that holds only a tag; it is gone once the template is filled."""
    cell = f'<w:tcPr>{_width("tcW", columns)}<w:gridSpan w:val="{len(columns)}"/></w:tcPr>'
    return parse_xml(f"<w:tr {_W}><w:tc>{cell}{_paragraph(tag, 'TableText')}</w:tc></w:tr>")


def _row(
    columns: Sequence[Column],
    cells: Sequence[str],
    *,
    style: str = "",
    repeated: str = "",
    keep: bool = False,
) -> Any:
    """Return a row at least 8 mm high that is not broken across pages; `keep` keeps it with the next one."""
    xml = ""
    for column, cell in zip(columns, cells, strict=True):
        paragraph = _paragraph(cell, style or f"Table{column.align}", keep=keep)
        xml += f"<w:tc><w:tcPr>{_width('tcW', [column])}</w:tcPr>{paragraph}</w:tc>"
    height = '<w:trHeight w:val="454" w:hRule="atLeast"/>'
    return parse_xml(f"<w:tr {_W}><w:trPr><w:cantSplit/>{height}{repeated}</w:trPr>{xml}</w:tr>")


def _width(tag: str, columns: Sequence[Column]) -> str:
    return f'<w:{tag} w:w="{sum(_twips(column.width) for column in columns)}" w:type="dxa"/>'


def _twips(millimetres: float) -> int:
    return round(millimetres * 1440 / 25.4)


def _keep_only_what_is_ours(document: Document) -> None:
    """Drop what python-docx's own template brings along: a thumbnail, a theme, numbering."""
    for relations in (document.part.package.rels, document.part.rels):
        for key, relation in list(relations.items()):
            if not relation.reltype.endswith(_KEPT_PARTS):
                del relations[key]


def _turn(section: Section, *, landscape: bool) -> None:
    """Set page, margins and grid; a landscape page is the portrait one turned, its head at the binding."""
    long, short = Mm(297), Mm(210)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if landscape else (short, long)
    margins = (LEFT, BOTTOM, RIGHT, TOP) if landscape else (TOP, LEFT, BOTTOM, RIGHT)
    section.top_margin, section.left_margin, section.bottom_margin, section.right_margin = margins
    section.footer_distance = Mm((section.bottom_margin or BOTTOM).mm - NUMBER_BELOW.mm)
    section.header_distance = Mm(15)
    grid: Any = section._sectPr.find(qn("w:docGrid"))
    grid.set(qn("w:type"), "linesAndChars")
    grid.set(qn("w:linePitch"), str(LINE))
    grid.set(qn("w:charSpace"), str(CHARACTER))


def _add_page_number(paragraph: Paragraph, indent: str, align: str) -> None:
    """Make the paragraph `— n —`, one character in from the outer edge of the page."""
    properties: Any = paragraph._p.get_or_add_pPr()
    for element in (f"<w:ind {_W} {indent}/>", f'<w:jc {_W} w:val="{align}"/>'):
        properties.append(parse_xml(element))
    pieces = (
        f"{_START}— {_END}",
        '<w:fldChar w:fldCharType="begin"/>',
        '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
        "<w:t>1</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
        f"{_START} —{_END}",
    )
    field = "".join(f"<w:r>{_HINT}{piece}</w:r>" for piece in pieces)
    for run in parse_xml(f"<w:p {_W}>{field}</w:p>").iterchildren():
        paragraph._p.append(run)
