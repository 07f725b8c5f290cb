"""Keep 署名 and 成文日期 with the text they close, so that they never stand alone on a page."""

from __future__ import annotations

from typing import Any

from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement

SIGNATURE = "Signature"  # the style of 署名, Word's own and that of the shipped templates
_BEFORE_KEEP = (qn("w:pStyle"),)  # order of the schema


def keep_signature(body: Any) -> None:
    """Keep every 署名 on a page with the last lines above it; a table above it stays where it is."""
    for paragraph in list(body.iter(qn("w:p"))):
        if paragraph.xpath("./w:pPr/w:pStyle/@w:val") == [SIGNATURE]:
            _keep_above(paragraph)


def _keep_above(paragraph: Any) -> None:
    """Keep with the next each paragraph above, up to the first that says anything and is no 附件说明."""
    above = paragraph.getprevious()
    while above is not None and above.tag == qn("w:p") and not above.xpath("./w:pPr/w:sectPr"):
        _keep(above)
        text = "".join(above.itertext(qn("w:t"))).strip()
        if text and above.xpath("./w:pPr/w:pStyle/@w:val") != ["Lead"]:
            return
        above = above.getprevious()


def _keep(paragraph: Any) -> None:
    properties = paragraph.get_or_add_pPr()
    for said in properties.findall(qn("w:keepNext")):
        properties.remove(said)
    place = sum(child.tag in _BEFORE_KEEP for child in properties)
    properties.insert(place, OxmlElement("w:keepNext"))
