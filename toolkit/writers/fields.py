"""Word's own fields in a filled template: contents and references are brought up to date on opening.

Page numbers count themselves on every page; what a field keeps as text (a table of contents, a reference to
a heading or a page, the number of pages) is the template's until Word calculates it.
"""

from __future__ import annotations

import re
from typing import Any

from docx.opc.oxml import serialize_part_xml
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement, parse_xml

_KEPT_AS_TEXT = re.compile(
    r"\s*(TOC|PAGEREF|REF|NOTEREF|NUMPAGES|SECTIONPAGES|SEQ|STYLEREF)\b", re.IGNORECASE
)
_LATER = (  # what the schema wants after updateFields
    *("hdrShapeDefaults", "footnotePr", "endnotePr", "compat", "docVars", "rsids", "mathPr"),
    *("attachedSchema", "themeFontLang", "clrSchemeMapping", "decimalSymbol", "listSeparator"),
)


def mark_stale(root: Any) -> bool:
    """Mark every field whose text may have changed, and return whether there is any."""
    stale = [
        field for field in root.iter(qn("w:fldSimple")) if _KEPT_AS_TEXT.match(field.get(qn("w:instr"), ""))
    ]
    begun: list[Any] = []
    for element in root.iter(qn("w:fldChar"), qn("w:instrText")):
        if element.tag == qn("w:instrText"):
            if begun and _KEPT_AS_TEXT.match(element.text or ""):
                stale.append(begun[-1])
        elif element.get(qn("w:fldCharType")) == "begin":
            begun.append(element)
        elif element.get(qn("w:fldCharType")) == "end" and begun:
            begun.pop()
    for field in stale:
        field.set(qn("w:dirty"), "true")
    return bool(stale)


def updating(settings: bytes) -> bytes:
    """Return settings that have Word bring fields up to date when it opens the document."""
    root = parse_xml(settings)
    for said in root.findall(qn("w:updateFields")):
        root.remove(said)
    later = [place for place, child in enumerate(root) if child.tag.rpartition("}")[2] in _LATER]
    root.insert(min(later, default=len(root)), OxmlElement("w:updateFields", {qn("w:val"): "true"}))
    return serialize_part_xml(root)
