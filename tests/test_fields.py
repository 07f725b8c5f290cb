"""Tables of contents and references are brought up to date when a filled document is opened."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement

from toolkit.writers.narrative import Narrative

NARRATIVES = Path(__file__).resolve().parent.parent / "templates" / "narratives"


def field(document: Document, instruction: str, kept: str) -> None:
    """Add a field as Word writes it, with the text it last had."""
    paragraph = document.add_paragraph()
    for kind in ("begin", "instr", "separate", "text", "end"):
        run = paragraph.add_run(kept if kind == "text" else "")
        if kind == "instr":
            element = OxmlElement("w:instrText")
            element.text = f" {instruction} "
            run._r.append(element)
        elif kind != "text":
            run._r.append(OxmlElement("w:fldChar", {qn("w:fldCharType"): kind}))


def filled(tmp_path: Path, *instructions: str) -> Document:
    document = docx.Document()
    document.add_heading("一、{{ name }}")
    for instruction in instructions:
        field(document, instruction, "旧")
    path = tmp_path / "模板.docx"
    document.save(str(path))
    content = Narrative(path).render({"name": "概况"}, author="甲", created=datetime(2025, 1, 1))
    return docx.Document(io.BytesIO(content))


def dirty(document: Document) -> list[str]:
    body: Any = document.element.body
    instructions = ".//w:r[w:fldChar/@w:dirty='true']/following-sibling::w:r[1]/w:instrText/text()"
    return [instruction.split()[0] for instruction in body.xpath(instructions)]


def updates(document: Document) -> list[str]:
    settings: Any = document.settings.element
    return list(settings.xpath("./w:updateFields/@w:val"))


@pytest.mark.parametrize("instruction", [r"TOC \o 1-3 \h", r"PAGEREF _Toc1 \h", "REF 表1", "NUMPAGES"])
def test_a_field_that_keeps_text_is_calculated_anew(tmp_path: Path, instruction: str) -> None:
    document = filled(tmp_path, instruction)
    assert (dirty(document), updates(document)) == ([instruction.split(maxsplit=1)[0]], ["true"])


def test_word_s_settings_keep_the_order_of_their_schema(tmp_path: Path) -> None:
    settings: Any = filled(tmp_path, "NUMPAGES").settings.element
    names = [child.tag.rpartition("}")[2] for child in settings]
    assert names.index("updateFields") < names.index("compat")


def test_page_numbers_count_themselves_and_nobody_is_asked(tmp_path: Path) -> None:
    document = filled(tmp_path, "PAGE", r"HYPERLINK https://example.org")
    assert (dirty(document), updates(document)) == ([], [])


@pytest.mark.parametrize("path", sorted(NARRATIVES.glob("*.docx")), ids=lambda path: path.stem)
def test_shipped_templates_hold_no_field_that_could_be_out_of_date(path: Path) -> None:
    document = docx.Document(str(path))
    body: Any = document.element.body
    assert body.xpath(".//w:instrText | .//w:fldSimple") == []
    assert updates(document) == []
    assert document.core_properties.author == ""
