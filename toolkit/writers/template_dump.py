"""A Word template as text that can be read line by line, compared and reviewed.

Word documents are zips: a changed comma does not show in a diff. This prints what an author decides: page,
headers and footers, styles in use, every paragraph with its style and tags, every table with its widths,
then text boxes and footnotes, and what the tags ask for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.opc.part import XmlPart
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml

from toolkit.writers.narrative import Narrative
from toolkit.writers.wording import join_list

_MM = 1440 / 25.4  # twips
_MARGINS = (("top", "上"), ("bottom", "下"), ("left", "左"), ("right", "右"))
_EDGES = {"default": "", "even": "（偶数页）", "first": "（首页）"}
_BETWEEN = {"tab": "→", "br": "↵", "cr": "↵"}
_FLAGS = {
    "keepNext": "与下段同页",
    "keepLines": "段中不分页",
    "pageBreakBefore": "段前分页",
    "b": "加粗",
}
_ROW_FLAGS = {"tblHeader": "每页重复", "cantSplit": "不跨页"}
_NOTES = ("footnotes+xml", "endnotes+xml")


def dump(path: Path) -> Iterator[str]:
    """Yield the lines of a template's dump; TemplateError if it is not a .docx."""
    narrative = Narrative(path)
    document = docx.Document(str(path))
    names = _style_names(document)
    yield f"# {path.name}"
    yield ""
    yield "## 页面"
    for number, section in enumerate(_sections(document), 1):
        yield from _page(document, section, number)
    yield ""
    yield "## 样式"
    yield from _styles(document, names)
    yield ""
    yield "## 正文"
    yield from _blocks(document.element.body, names, "")
    notes = list(_notes(document, names))
    if notes:
        yield ""
        yield "## 脚注和尾注"
        yield from notes
    yield ""
    yield "## 取用的数据"
    yield from sorted(narrative.variables())


# ── page ────────────────────────────────────────────────────────────────────────────────────────────


def _sections(document: Document) -> list[Any]:
    return list(document.element.body.iter(qn("w:sectPr")))


def _page(document: Document, section: Any, number: int) -> Iterator[str]:
    size, margins, grid = (section.find(qn(f"w:{tag}")) for tag in ("pgSz", "pgMar", "docGrid"))
    words = [f"第 {number} 节"]
    if size is not None:
        words.append(f"{_mm(size, 'w')}×{_mm(size, 'h')} mm")
        words.append("横向" if size.get(qn("w:orient")) == "landscape" else "纵向")
    if margins is not None:
        edges = " ".join(f"{word} {_mm(margins, edge)}" for edge, word in _MARGINS)
        words.append(f"页边距 {edges}")
        words.append(f"页眉 {_mm(margins, 'header')} 页脚 {_mm(margins, 'footer')}")
    if grid is not None:
        words.append(" ".join(f"{key}={value}" for key, value in _attributes(grid)))
    if section.find(qn("w:titlePg")) is not None:
        words.append("首页不同")
    yield "；".join(words)
    for kind, word in (("header", "页眉"), ("footer", "页脚")):
        for reference in section.findall(qn(f"w:{kind}Reference")):
            part: Any = document.part.related_parts.get(reference.get(qn("r:id")))
            edge = _EDGES.get(reference.get(qn("w:type"), "default"), "")
            for paragraph in part.element.iter(qn("w:p")) if part else ():
                yield f"  {word}{edge}：{_text(paragraph)}"


def _mm(element: Any, name: str) -> str:
    return f"{int(element.get(qn(f'w:{name}'), '0')) / _MM:.0f}"


# ── styles ──────────────────────────────────────────────────────────────────────────────────────────


def _style_names(document: Document) -> dict[str, str]:
    return {style.style_id: str(style.name) for style in document.styles}


def _styles(document: Document, names: dict[str, str]) -> Iterator[str]:
    """Yield the styles in use and those they are based on, with what they set."""
    elements = {style.style_id: style.element for style in document.styles}
    used = _used(document, elements)
    for style_id in sorted(used, key=lambda each: names[each]):
        element = elements[style_id]
        based = element.find(qn("w:basedOn"))
        parent = names.get(based.get(qn("w:val")), "") if based is not None else ""
        said = "；".join(_look(element))
        yield f"{names[style_id]}{f'（基于 {parent}）' if parent else ''}：{said or '同上级'}"


def _used(document: Document, elements: dict[str, Any]) -> set[str]:
    tags = [qn(f"w:{name}") for name in ("pStyle", "rStyle", "tblStyle")]
    parts = [document.element, *(part.element for part in _related(document, ("header+xml", "footer+xml")))]
    waiting = {found.get(qn("w:val")) for part in parts for tag in tags for found in part.iter(tag)}
    waiting |= {"Normal"}
    used: set[str] = set()
    while waiting:
        style_id = waiting.pop()
        if style_id in elements and style_id not in used:
            used.add(style_id)
            based = elements[style_id].find(qn("w:basedOn"))
            waiting |= {based.get(qn("w:val"))} if based is not None else set()
    return used


def _look(element: Any) -> Iterator[str]:
    """Yield what a style sets: fonts, size, alignment, spacing, indents, flags."""
    for properties in (element.find(qn("w:rPr")), element.find(qn("w:pPr"))):
        for child in properties if properties is not None else ():
            name = child.tag.rpartition("}")[2]
            value = child.get(qn("w:val"))
            if name == "rFonts":
                fonts = [child.get(qn(f"w:{kind}")) for kind in ("eastAsia", "ascii")]
                yield "字体 " + "／".join(font for font in fonts if font)
            elif name == "sz" and value:
                yield f"{int(value) / 2:g} 磅"
            elif name in _FLAGS and value not in ("0", "false"):
                yield _FLAGS[name]
            elif name in ("spacing", "ind"):
                yield " ".join(f"{key}={given}" for key, given in _attributes(child))
            elif name in ("jc", "outlineLvl", "color"):
                yield f"{name}={value}"


def _attributes(element: Any) -> Iterator[tuple[str, str]]:
    return ((str(key).rpartition("}")[2], str(value)) for key, value in sorted(element.attrib.items()))


# ── text ────────────────────────────────────────────────────────────────────────────────────────────


def _blocks(parent: Any, names: dict[str, str], margin: str) -> Iterator[str]:
    """Yield paragraphs and tables in order, a new page section where one begins."""
    for child in parent:
        if child.tag == qn("w:p"):
            yield f"{margin}[{_style_of(child, names)}] {_text(child)}".rstrip()
            yield from _boxes(child, names, margin)
            if child.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None:
                yield f"{margin}——— 分节 ———"
        elif child.tag == qn("w:tbl"):
            yield from _table(child, names, margin)
        elif child.tag == qn("w:sdt"):
            content = child.find(qn("w:sdtContent"))
            yield from _blocks(content if content is not None else (), names, margin)


def _boxes(paragraph: Any, names: dict[str, str], margin: str) -> Iterator[str]:
    """Yield the paragraphs of text boxes; Word keeps each box twice, for old readers too."""
    for box in paragraph.iter(qn("w:txbxContent")):
        fallbacks = (ancestor.tag.endswith("}Fallback") for ancestor in box.iterancestors())
        if not any(fallbacks):
            yield f"{margin}  文本框："
            yield from _blocks(box, names, f"{margin}    ")


def _table(table: Any, names: dict[str, str], margin: str) -> Iterator[str]:
    widths = [_mm(column, "w") for column in table.iter(qn("w:gridCol"))]
    style = table.find(f"{qn('w:tblPr')}/{qn('w:tblStyle')}")
    named = names.get(style.get(qn("w:val")), "") if style is not None else ""
    yield f"{margin}表格〔{named}〕 列宽 {' '.join(widths)} mm"
    for row in table.iterchildren(qn("w:tr")):
        properties = row.find(qn("w:trPr"))
        flags = [word for tag, word in _ROW_FLAGS.items() if _has(properties, tag)]
        cells = [_cell(cell) for cell in row.iterchildren(qn("w:tc"))]
        yield f"{margin}  | {' | '.join(cells)} |{f'  〔{join_list(flags)}〕' if flags else ''}"


def _has(properties: Any, tag: str) -> bool:
    return properties is not None and properties.find(qn(f"w:{tag}")) is not None


def _cell(cell: Any) -> str:
    return " ¶ ".join(_text(paragraph) for paragraph in cell.iter(qn("w:p")))


def _style_of(paragraph: Any, names: dict[str, str]) -> str:
    style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return names.get(style.get(qn("w:val")), "?") if style is not None else names.get("Normal", "Normal")


def _text(paragraph: Any) -> str:
    """Return the text of a paragraph, fields as 〈PAGE〉, that of its text boxes left out."""
    said = []
    for piece in paragraph.iter():
        if next(piece.iterancestors(qn("w:p")), None) is not paragraph:
            continue
        name = piece.tag.rpartition("}")[2] if isinstance(piece.tag, str) else ""
        if name == "t":
            said.append(piece.text or "")
        elif name == "instrText":
            said.append(f"〈{(piece.text or '').strip()}〉")
        elif name in _BETWEEN and piece.getparent().tag == qn("w:r"):
            said.append(_BETWEEN[name])
    return "".join(said)


def _notes(document: Document, names: dict[str, str]) -> Iterator[str]:
    for part in _related(document, _NOTES):
        for note in part.element:
            if note.get(qn("w:type")) is None:  # separators have one
                yield from _blocks(note, names, "")


def _related(document: Document, kinds: Iterable[str]) -> list[Any]:
    """Return the parts of the document of some kinds, in the order of their names."""
    parts = {id(part): part for part in document.part.related_parts.values()}.values()
    found = [
        part if isinstance(part, XmlPart) else _Parsed(part.partname, parse_xml(part.blob))
        for part in parts
        if part.content_type.endswith(tuple(kinds))
    ]
    return sorted(found, key=lambda part: str(part.partname))


class _Parsed:
    """A part that python-docx keeps as bytes, read."""

    def __init__(self, partname: str, element: Any) -> None:
        self.partname = partname
        self.element = element
