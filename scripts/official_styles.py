"""How a GB/T 9704-2012 document looks: its fonts, paragraph styles, table style and settings, as Word's XML.

`set_look` replaces those of a python-docx document; nothing else in the scripts knows a font or a size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docx.document import Document
from docx.oxml.ns import nsdecls
from docx.oxml.parser import parse_xml

LINE = 579  # twips: 22 lines fill 225 mm; 580 would leave room for 21 only
CHARACTER = -848  # 1/4096 pt: 28 characters of 16 pt fill 156 mm

SONG, FANG, KAI, HEI, XIAO_BIAO_SONG = "宋体", "仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体"
LATIN = "Times New Roman"
SUBSTITUTES = {SONG: "SimSun", FANG: "仿宋", KAI: "楷体", HEI: "SimHei", XIAO_BIAO_SONG: "宋体"}
TWO, THREE, FOUR, SMALL_FOUR, FIVE = 44, 32, 28, 24, 21  # 二号 三号 四号 小四 五号 in half points

_W = nsdecls("w")


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style. Sizes in half points, spacing in twips, indents as attributes of `w:ind`.

    `line` is the exact line pitch; 0 is single spacing, which never clips, and characters at their own width:
    for tables. Text keeps to the page's 28 characters a line.
    """

    id: str
    name: str
    font: str = FANG
    size: int = THREE
    align: str = "left"
    indent: str = ""
    line: int = LINE
    before: int = 0
    after: int = 0
    keep: bool = False  # with the paragraph that follows
    outline: int | None = None
    following: str = "BodyText"
    latin: str = LATIN

    def xml(self) -> str:
        """Return the style's element; children in the order the schema wants."""
        pitch = f'w:line="{self.line}" w:lineRule="exact"' if self.line else 'w:line="240" w:lineRule="auto"'
        off_grid = (
            '<w:snapToGrid w:val="0"/>'  # lines are pitched exactly; LibreOffice would widen text on it
        )
        paragraph = "".join(
            (
                "<w:keepNext/><w:keepLines/>" if self.keep else "",
                off_grid,
                f'<w:spacing w:before="{self.before}" w:after="{self.after}" {pitch}/>',
                f"<w:ind {self.indent}/>" if self.indent else "",
                f'<w:jc w:val="{self.align}"/>',
                "" if self.outline is None else f'<w:outlineLvl w:val="{self.outline}"/>',
            )
        )
        custom = "" if self.name.isascii() else ' w:customStyle="1"'
        return (
            f'<w:style {_W} w:type="paragraph"{custom} w:styleId="{self.id}"><w:name w:val="{self.name}"/>'
            f'<w:basedOn w:val="Normal"/><w:next w:val="{self.following}"/><w:qFormat/>'
            f"<w:pPr>{paragraph}</w:pPr><w:rPr>{_fonts(self.font, self.latin)}{off_grid * (not self.line)}"
            f'<w:sz w:val="{self.size}"/><w:szCs w:val="{self.size}"/></w:rPr></w:style>'
        )


def _fonts(font: str, latin: str = LATIN) -> str:
    names = f'w:ascii="{latin}" w:hAnsi="{latin}" w:cs="{latin}" w:eastAsia="{font}"'
    return f'<w:rFonts w:hint="eastAsia" {names}/>'


_TWO_CHARACTERS = 'w:firstLineChars="200" w:firstLine="640"'
_OFF_GRID: dict[str, Any] = {"line": 0, "size": FIVE}
STYLES = (
    Style("BodyText", "Body Text", align="both", indent=_TWO_CHARACTERS),
    Style("Title", "Title", XIAO_BIAO_SONG, TWO, "center", line=680, after=LINE, keep=True),
    Style("Heading1", "heading 1", HEI, indent=_TWO_CHARACTERS, keep=True, outline=0),
    Style("Heading2", "heading 2", KAI, indent=_TWO_CHARACTERS, keep=True, outline=1),
    Style("Heading3", "heading 3", indent=_TWO_CHARACTERS, keep=True, outline=2),
    Style("Heading4", "heading 4", indent=_TWO_CHARACTERS, keep=True, outline=3),
    Style("Lead", "顶格正文"),
    Style("Annex", "附件标识", HEI, following="Title"),
    Style("Signature", "署名", align="center", indent='w:leftChars="1300" w:left="4160"', keep=True),
    Style("Date", "Date", align="right", indent='w:rightChars="400" w:right="1280"'),
    Style("Footer", "footer", SONG, FOUR, line=0, following="Footer", latin=SONG),
    Style("Caption", "caption", HEI, FOUR, "center", line=0, before=120, after=60, keep=True),
    Style("UnitNote", "表格单位", size=SMALL_FOUR, align="right", line=0, keep=True),
    Style("TableNote", "表格注释", before=60, after=120, **_OFF_GRID),
    Style("TableHead", "表头", HEI, align="center", keep=True, following="TableText", **_OFF_GRID),
    Style("TableText", "表格文字", following="TableText", **_OFF_GRID),
    Style("TableCentre", "表格居中", align="center", following="TableCentre", **_OFF_GRID),
    Style("TableNumber", "表格数字", align="right", following="TableNumber", **_OFF_GRID),
)
_DEFAULTS = f"""<w:docDefaults {_W}><w:rPrDefault><w:rPr>{_fonts(FANG)}<w:noProof/><w:sz w:val="{THREE}"/>\
<w:szCs w:val="{THREE}"/><w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>\
<w:pPrDefault><w:pPr><w:widowControl/></w:pPr></w:pPrDefault></w:docDefaults>"""
_NORMAL = f"""<w:style {_W} w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>\
<w:qFormat/><w:pPr><w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/></w:pPr>\
<w:rPr><w:sz w:val="{THREE}"/><w:szCs w:val="{THREE}"/></w:rPr></w:style>"""
_TABLE_NORMAL = f"""<w:style {_W} w:type="table" w:default="1" w:styleId="TableNormal">\
<w:name w:val="Normal Table"/><w:uiPriority w:val="99"/><w:semiHidden/><w:unhideWhenUsed/><w:tblPr>\
<w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/>\
<w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>"""
_TABLE_STYLE = """<w:style {w} w:type="table" w:customStyle="1" w:styleId="OfficialTable">\
<w:name w:val="公文表格"/><w:basedOn w:val="TableNormal"/><w:qFormat/><w:tblPr><w:jc w:val="center"/>\
<w:tblBorders>{borders}</w:tblBorders><w:tblCellMar><w:top w:w="28" w:type="dxa"/>\
<w:left w:w="68" w:type="dxa"/><w:bottom w:w="28" w:type="dxa"/><w:right w:w="68" w:type="dxa"/>\
</w:tblCellMar></w:tblPr><w:tcPr><w:vAlign w:val="center"/></w:tcPr></w:style>""".format(
    w=_W,
    borders="".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    ),
)
_SETTINGS = f"""<w:settings {_W}><w:zoom w:percent="100"/><w:hideSpellingErrors/><w:hideGrammaticalErrors/>\
<w:defaultTabStop w:val="640"/><w:evenAndOddHeaders/>\
<w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:spaceForUL/>\
<w:balanceSingleByteDoubleByteWidth/><w:doNotLeaveBackslashAlone/><w:ulTrailSpace/>\
<w:doNotExpandShiftReturn/><w:useFELayout/><w:compatSetting w:name="compatibilityMode"\
 w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>\
<w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/><w:decimalSymbol w:val="."/><w:listSeparator w:val=","/>\
</w:settings>"""
_FONT_TABLE = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {_W}>{
    "".join(
        f'<w:font w:name="{font}"><w:altName w:val="{substitute}"/><w:charset w:val="86"/></w:font>'
        for font, substitute in SUBSTITUTES.items()
    )
}</w:fonts>"""


def set_look(document: Document) -> None:
    """Replace styles, settings and the table of fonts."""
    styles: Any = document.styles.element
    tables = (_TABLE_NORMAL, _TABLE_STYLE)
    _replace_children(styles, [_DEFAULTS, _NORMAL, *(style.xml() for style in STYLES), *tables])
    settings: Any = document.settings.element
    _replace_children(settings, parse_xml(_SETTINGS))
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/fontTable"):
            relation.target_part._blob = _FONT_TABLE.encode()


def _replace_children(element: Any, children: Any) -> None:
    for child in list(element):
        element.remove(child)
    for child in list(children):
        element.append(parse_xml(child) if isinstance(child, str) else child)
