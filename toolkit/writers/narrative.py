"""Fill Word templates: the district report and the units' reports.

A template is an ordinary .docx with jinja tags, edited in Word. Prose that may have several paragraphs is
looped over, so that each becomes a real paragraph in the style of the one that holds it:

    {%p for paragraph in report.problems|paragraphs %}
    {{ paragraph }}
    {%p endfor %}

A table row is repeated between two rows that hold only `{%tr for row in rows %}` and `{%tr endfor %}`; cells
written `{{ row.level1|merged }}` are merged downwards while they say the same.

docxtpl reads the tags. Its rendering is not used: it compiles anew for each document and mends broken XML
in silence, while here a template is compiled once per process and a document is whole or refused.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from traceback import walk_tb
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.opc.oxml import serialize_part_xml
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement, parse_xml
from docxtpl import DocxTemplate
from jinja2 import Template, meta, nodes
from jinja2.exceptions import SecurityError
from jinja2.utils import missing

from toolkit.writers.budget import MadeUpError, TooLongError, UnknownNameError
from toolkit.writers.closing import keep_signature
from toolkit.writers.fields import mark_stale, updating
from toolkit.writers.sandbox import MERGED, environment, writable
from toolkit.writers.template_check import (
    NESTED,
    Problem,
    Source,
    grammar_problems,
    mark_problems,
    name_problems,
    names_of,
    nearest,
)
from toolkit.writers.verify import Said, said

_LARGEST_PACKAGE = 64 * 2**20  # bytes unpacked; a template has some hundred thousand
_MOST_TAGS = 20_000  # in a part; a district report has some hundreds
_TAGGED = ("document.main+xml", "header+xml", "footer+xml", "footnotes+xml", "endnotes+xml")
_BEFORE_MERGE = (qn("w:cnfStyle"), qn("w:tcW"), qn("w:gridSpan"), qn("w:hMerge"))  # order of the schema
_TAG = re.compile(r"\{[{%].*?[%}]\}")
_CORE = "core-properties+xml"
_SETTINGS = "word/settings.xml"
_with_plain_tags = DocxTemplate(
    io.BytesIO()
).patch_xml  # tags spread over Word's runs -> jinja; keeps no state
_PROPERTIES = """<?xml version='1.0' encoding='UTF-8' standalone='yes'?>
<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"\
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"\
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{title}</dc:title>\
<dc:creator>{author}</dc:creator><cp:lastModifiedBy>{author}</cp:lastModifiedBy><cp:revision>1</cp:revision>\
<dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created>\
<dcterms:modified xsi:type="dcterms:W3CDTF">{moment}</dcterms:modified>\
<dc:language>zh-CN</dc:language></cp:coreProperties>"""


class TemplateError(Exception):
    """A template cannot be used; the message names the template, the paragraphs and what may be meant."""

    def __init__(self, template: str, *problems: Problem) -> None:
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"报告模板《{template}》有误：\n{lines}")
        self.template = template
        self.problems = problems

    def __reduce__(self) -> tuple[type[TemplateError], tuple[object, ...]]:
        """Let it travel between processes."""
        return type(self), (self.template, *self.problems)


@dataclass(frozen=True, slots=True)
class _Package:
    """A template taken apart: its parts by name, and those that hold tags."""

    parts: dict[str, bytes]
    core: str
    sources: tuple[Source, ...]
    grammar: tuple[Problem, ...]  # tags that cannot be read
    words: tuple[Problem, ...]  # filters and tests that do not exist


class Filled(bytes):
    """A filled document that knows, part by part, the paragraphs it has to say."""

    claims: Mapping[str, Sequence[Said]]

    @classmethod
    def of(cls, content: bytes, claims: Mapping[str, Sequence[Said]]) -> Filled:
        """Join a document and what was rendered for it."""
        filled = cls(content)
        filled.claims = claims
        return filled


class Narrative:
    """A Word template that can be checked and filled. Making one costs little once its file has been read."""

    def __init__(self, path: Path) -> None:
        """Read the template; TemplateError if it is not a .docx."""
        self.name = path.name
        try:
            self.content = path.read_bytes()
            self._package = _package(self.content)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile, SyntaxError) as error:
            problem = Problem(str(path.name), "打不开。模板应是 .docx 文件，可用 Word 或 WPS 另存为 .docx")
            raise TemplateError(self.name, problem) from error

    @classmethod
    def of(cls, name: str, content: bytes) -> Narrative:
        """Take the bytes of a template that was opened before, in another process."""
        narrative = cls.__new__(cls)
        narrative.name, narrative.content, narrative._package = name, content, _package(content)
        return narrative

    def variables(self) -> set[str]:
        """Return the names the template asks of its data; TemplateError if its tags are wrong."""
        self._refuse(*self._package.grammar)
        asked: set[str] = set()
        for source in self._package.sources:
            asked |= meta.find_undeclared_variables(environment().parse(source.text))
        return asked - set(environment().globals)

    def asked_of(self, name: str) -> set[str]:
        """Return the attributes the template asks of a name."""
        trees = (environment().parse(source.text) for source in self._package.sources)
        parts = (part for tree in trees for part in tree.find_all(nodes.Getattr))
        return {part.attr for part in parts if isinstance(part.node, nodes.Name) and part.node.name == name}

    def lines(self) -> list[str]:
        """Return the texts of the parts that hold tags, by paragraph."""
        return [line for source in self._package.sources for line in source.lines() if line]

    def check(self, known: Mapping[str, object]) -> tuple[Problem, ...]:
        """Return every mistake found with sample data, including those in branches the sample does not take.

        Lists of the sample need one element each: a list without any says nothing about its rows. A template
        without such a mistake is filled with the sample, which finds what only shows at work: a loop without
        end, a format that does not fit its value, a block closed in another place than it was opened.
        """
        if self._package.grammar:
            return self._package.grammar
        found = tuple(each for source in self._package.sources for each in name_problems(source, known))
        found = found or self._package.words
        if not found:
            try:
                for source in self._package.sources:
                    self._part(source, self._rendered(source, known))
            except TemplateError as error:
                return error.problems
        return found

    def render(
        self, context: Mapping[str, object], *, author: str, created: datetime, title: str = ""
    ) -> Filled:
        """Return the filled document, the same bytes for the same arguments; TemplateError if it fails.

        Without a title given, the document's own becomes its property.
        """
        self._refuse(*self._package.grammar, *self._package.words)
        parts = dict(self._package.parts)
        claims = {}
        stale = False
        for source in self._package.sources:
            rendered = self._rendered(source, context)
            root = self._part(source, rendered)
            stale |= mark_stale(root)
            parts[source.part] = serialize_part_xml(root)
            claims[source.part] = tuple(said(rendered))
            title = title or (_title(root) if root.tag == qn("w:document") else "")
        if stale and _SETTINGS in parts:
            parts[_SETTINGS] = updating(parts[_SETTINGS])
        parts[self._package.core] = _PROPERTIES.format(
            title=escape(writable(title or Path(self.name).stem)),
            author=escape(writable(author)),
            moment=created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        ).encode()
        return Filled.of(packed(parts), claims)

    def _rendered(self, source: Source, context: Mapping[str, object]) -> str:
        """Return one part with its tags filled."""
        try:
            return "".join(_template(source).generate(context))
        except Exception as error:
            raise TemplateError(self.name, _failure(source, context, error)) from error

    def _part(self, source: Source, rendered: str) -> Any:
        """Return a filled part as Word wants it."""
        try:
            root = parse_xml(rendered)
        except SyntaxError as error:  # what lxml raises for XML that is not well-formed
            message = "条件或循环的开头和结尾不在同一层（段落、行或表格），文档结构被拆开"
            raise TemplateError(self.name, Problem(source.part, message)) from error
        _mend_tables(root)
        keep_signature(root)
        return root

    def _refuse(self, *problems: Problem) -> None:
        if problems:
            raise TemplateError(self.name, *problems)


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Return a zip of the parts that depends on nothing but the parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


@lru_cache(maxsize=32)
def _package(content: bytes) -> _Package:
    """Take a template apart; one that is no Word document raises whatever python-docx does."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        if sum(entry.file_size for entry in package.infolist()) > _LARGEST_PACKAGE:
            raise ValueError("the package is too large")
    document = docx.Document(io.BytesIO(content))
    document.core_properties.revision = 1  # makes the part exist
    saved = io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    kinds = {part.partname.lstrip("/"): part.content_type for part in document.part.package.iter_parts()}
    core = next(name for name, kind in kinds.items() if kind.endswith(_CORE))
    roots = {name: parse_xml(parts[name]) for name, kind in sorted(kinds.items()) if kind.endswith(_TAGGED)}
    grammar = [problem for root in roots.values() for problem in mark_problems(root)]
    sources = () if grammar else tuple(_source(name, root) for name, root in roots.items())
    tagged = tuple(source for source in sources if "{{" in source.text or "{%" in source.text)
    for source in tagged:
        many = source.text.count("{%") + source.text.count("{{") > _MOST_TAGS
        grammar += [Problem(source.part, "标签太多")] if many else grammar_problems(source)
    words = () if grammar else tuple(each for source in tagged for each in _word_problems(source))
    return _Package(parts, core, tagged, tuple(grammar), words)


def _source(part: str, root: Any) -> Source:
    """Return a part as jinja source; each paragraph and row begins a line, so that errors have a place."""
    xml = serialize_part_xml(root).decode().partition("?>")[2].replace("\n", " ")
    for tag in ("w:p", "w:tr"):
        xml = xml.replace(f"<{tag} ", f"\n<{tag} ").replace(f"<{tag}>", f"\n<{tag}>")
    tagged: str = _with_plain_tags(xml)  # turns &lt; in tags to <, but leaves &amp;
    return Source(part, _TAG.sub(lambda tag: tag[0].replace("&amp;", "&"), tagged))


def _word_problems(source: Source) -> list[Problem]:
    """Return unknown filters and tests, and what cannot be compiled."""
    found = name_problems(source, None)
    if not found:
        try:
            _template(source)
        except (SyntaxError, RecursionError, MemoryError):  # Python's own limits of depth
            found = [Problem(source.part, NESTED)]
    return found


@lru_cache(maxsize=64)
def _template(source: Source) -> Template:
    """Compile once per process; the cache is what makes many reports cheap."""
    return environment().from_string(source.text)


def _failure(source: Source, context: Mapping[str, object], error: Exception) -> Problem:
    """Return what went wrong while rendering, with the paragraph it happened in."""
    lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == "<template>"]
    place = source.paragraph(lines[-1]) if lines else source.part
    if isinstance(error, UnknownNameError):
        names = list(context) if error.owner is missing else names_of(error.owner)
        return Problem(place, f"数据中没有“{error.name}”", nearest(error.name, names))
    if isinstance(error, MadeUpError):
        return Problem(place, "模板里加减得到的数不能打印，打印的数都要取自数据")
    if isinstance(error, SecurityError):
        return Problem(place, "模板只能取用数据：不能做乘除运算，也不能调用程序")
    if isinstance(error, (TooLongError, RecursionError)):
        return Problem(place, "循环、宏或拼接没有尽头，或远远超出一份报告所需")
    return Problem(place, "此处的数据不能这样打印，请检查字段和格式是否相配")


def _title(root: Any) -> str:
    """Return the title a document prints, on one line."""
    for paragraph in root.iter(qn("w:p")):
        if paragraph.xpath("./w:pPr/w:pStyle/@w:val") == ["Title"]:
            return "".join(paragraph.itertext(qn("w:t")))
    return ""


def _mend_tables(root: Any) -> None:
    """Merge the cells that say the same, and keep the rules Word has for the XML of cells."""
    for table in root.iter(qn("w:tbl")):
        _merge_cells(table)
    for merge in list(root.iter(qn("w:vMerge"))):
        properties = merge.getparent()
        properties.remove(merge)
        properties.insert(sum(child.tag in _BEFORE_MERGE for child in properties), merge)
    for cell in root.iter(qn("w:tc")):
        if len(cell) == 0 or cell[-1].tag != qn("w:p"):
            cell.append(OxmlElement("w:p"))  # Word refuses a cell that does not end with a paragraph


def _merge_cells(table: Any) -> None:
    """Merge each cell marked by `merged` with the one above while it and the marked ones left of it agree."""
    above: dict[int, str] = {}
    for row in table.iterchildren(qn("w:tr")):
        said: dict[int, str] = {}
        agree = True
        for column, cell in enumerate(row.iterchildren(qn("w:tc"))):
            marks = cell.xpath(f".//processing-instruction('{MERGED}')")
            for mark in marks:
                text = mark.getparent()
                text.text = (text.text or "") + (mark.tail or "")
                text.remove(mark)
            if not marks:
                continue
            texts = list(cell.iter(qn("w:t")))
            said[column] = "\n".join(text.text or "" for text in texts)
            agree = agree and above.get(column) == said[column]
            merge = OxmlElement("w:vMerge", {qn("w:val"): "continue" if agree else "restart"})
            cell.get_or_add_tcPr().append(merge)
            for text in texts if agree else ():
                text.text = ""
        above = said
