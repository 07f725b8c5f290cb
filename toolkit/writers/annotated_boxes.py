"""The boxes of comments: a VML drawing, patched as bytes since Excel's own is not always well-formed XML."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from toolkit.submission.grid import Merge, Position
from toolkit.submission.sheet_xml import LAST_COLUMN, LAST_ROW
from toolkit.writers.annotated_package import Element, Parts, child, children, number
from toolkit.writers.annotated_sheet import Sheet
from toolkit.writers.measure import row_height, text_lines
from toolkit.writers.styles import Colour

BOX_WIDTH = 44  # half-width characters
TEXT_SIZE = 9
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_PREFIXES = {
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}
_BLOCK = 1024  # shape ids of one drawing
_PIXELS_PER_CHARACTER = 7
_DEFAULT_WIDTH, _DEFAULT_HEIGHT = 64, 20  # pixels
_GAP = 15  # pixels between a cell and its box
_SHAPE = re.compile(rb"<v:shape\s.*?</v:shape\s*>", re.DOTALL)
_PLACE = re.compile(rb"<x:(Row|Column)>\s*([0-9]+)\s*</x:")
_SHAPE_ID = re.compile(rb"_x0000_s([0-9]{1,9})")
_ID_MAP = re.compile(rb"""<o:idmap[^>]*\sdata\s*=\s*["']([0-9, ]+)""")
_ROOT = re.compile(rb"<xml[^>]*>")
_TYPE_ID = b"_x0000_t202"
_SHAPE_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_BOX = (
    '<v:shape id="_x0000_s{id}" type="#_x0000_t202" '
    'style="position:absolute;visibility:hidden" fillcolor="{fill}" o:insetmode="auto">'
    '<v:fill color2="{fill}"/><v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column>"
    "</x:ClientData></v:shape>"
)


def add_boxes(sheet: Sheet, texts: Mapping[Position, str]) -> None:
    """Give boxes to comments that have none; the drawing is made when the sheet has none."""
    parts, part = sheet.parts, _drawing(sheet)
    if not part:
        part = parts.free_name(f"{parts.folder}/drawings/vmlDrawing{{}}.vml".lstrip("/"))
        parts.put(part, _empty_drawing(parts))
        parts.declare_extension(part, _VML_TYPE)
        sheet.set_legacy_drawing(parts.relate(sheet.part, "vmlDrawing", part))
    content = parts.read(part)
    boxed = {place for shape in _SHAPE.findall(content) if (place := _place_of(shape))}
    missing = {place: text for place, text in texts.items() if place not in boxed}
    grid = _Grid.of(sheet.root)
    used = [int(one) for one in _SHAPE_ID.findall(content)]
    first = max([_block(content) * _BLOCK, *(one for one in used if one // _BLOCK == _block(content))]) + 1
    boxes = "".join(
        _BOX.format(
            id=first + index,
            fill=Colour.ANSWER.value,
            anchor=", ".join(map(str, grid.anchor(sheet.merge(place), *_box_size(text)))),
            row=place[0],
            column=place[1],
        )
        for index, (place, text) in enumerate(sorted(missing.items()))
    )
    if not re.search(rb"<v:shapetype[^>]*" + _TYPE_ID, content):
        boxes = _SHAPE_TYPE + boxes
    if boxes:
        parts.put(part, _declared(_before_end(content, boxes.encode())))


def remove_boxes(sheet: Sheet, places: Collection[Position | None]) -> None:
    """Take the boxes of comments away, and the drawing with them when nothing else is in it."""
    part = _drawing(sheet)
    if not part:
        return
    content = sheet.parts.read(part)
    kept = _SHAPE.sub(lambda match: b"" if _place_of(match[0]) in places else match[0], content)
    if _SHAPE.search(kept) or re.search(rb"<v:(?!shape|stroke|path|fill|shadow|textbox)", kept):
        if kept != content:
            sheet.parts.put(part, kept)
        return
    sheet.parts.unrelate(sheet.part, sheet.legacy_drawing())
    sheet.parts.remove(part)
    sheet.set_legacy_drawing("")


def _drawing(sheet: Sheet) -> str:
    """Return the part of the sheet's comment boxes, or ""."""
    name = sheet.legacy_drawing()
    for one in sheet.parts.relations(sheet.part) if name else ():
        if one.id == name and one.target in sheet.parts:
            return sheet.parts.name(one.target)
    return ""


def _empty_drawing(parts: Parts) -> bytes:
    """Return a drawing with a block of shape ids no other drawing of the workbook uses."""
    blocks = [_block(parts.read(name)) for name in parts.names() if name.lower().endswith(".vml")]
    prefixes = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in _PREFIXES.items())
    id_map = f'<o:idmap v:ext="edit" data="{max(blocks, default=0) + 1}"/>'
    return f'<xml {prefixes}><o:shapelayout v:ext="edit">{id_map}</o:shapelayout></xml>'.encode()


def _block(drawing: bytes) -> int:
    stated = _ID_MAP.search(drawing)
    return max((int(one) for one in stated[1].split(b",") if one.strip()), default=1) if stated else 1


def _place_of(shape: bytes) -> Position | None:
    """Return the cell of a comment's box, None for other shapes."""
    if b'ObjectType="Note"' not in shape:
        return None
    found = {name: int(value) for name, value in _PLACE.findall(shape)}
    return (found[b"Row"], found[b"Column"]) if len(found) == 2 else None


def _before_end(drawing: bytes, shapes: bytes) -> bytes:
    end = drawing.rfind(b"</xml")
    return drawing[:end] + shapes + drawing[end:] if end >= 0 else drawing


def _declared(drawing: bytes) -> bytes:
    """Return the drawing with the three prefixes of our shapes declared at its root."""
    root = _ROOT.search(drawing)
    if root is None:
        return drawing
    missing = [
        f' xmlns:{prefix}="{name}"'.encode()
        for prefix, name in _PREFIXES.items()
        if f"xmlns:{prefix}=".encode() not in root[0]
    ]
    return drawing[: root.end() - 1] + b"".join(missing) + drawing[root.end() - 1 :]


def _box_size(text: str) -> tuple[int, int]:
    """Return width and height of a box that shows the whole text, in pixels."""
    lines = text_lines(text, BOX_WIDTH, size=TEXT_SIZE + 1.5)  # a box wraps sooner than a cell
    return BOX_WIDTH * _PIXELS_PER_CHARACTER, int(row_height(lines + 1, size=TEXT_SIZE) * 4 / 3)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Pixels of rows and columns that differ from the default."""

    widths: Mapping[int, int]
    heights: Mapping[int, int]
    width: int
    height: int

    @classmethod
    def of(cls, root: Element) -> _Grid:
        """Measure a worksheet."""
        stated = child(root, "sheetFormatPr")
        default = dict(stated.attrib) if stated is not None else {}
        widths: dict[int, int] = {}
        for one in children(child(root, "cols"), "col"):
            hidden = one.get("hidden") in {"1", "true"}
            width = 0 if hidden else _column_pixels(one.get("width"), _DEFAULT_WIDTH)
            last = min(number(one.get("max")), LAST_COLUMN + 1)
            widths |= dict.fromkeys(range(number(one.get("min"), 1) - 1, last), width)
        heights = {}
        for row in children(child(root, "sheetData"), "row"):
            if row.get("hidden") in {"1", "true"}:
                heights[number(row.get("r")) - 1] = 0
            elif row.get("ht"):
                heights[number(row.get("r")) - 1] = _row_pixels(row.get("ht"), _DEFAULT_HEIGHT)
        return cls(
            widths,
            heights,
            _column_pixels(default.get("defaultColWidth"), _DEFAULT_WIDTH),
            _row_pixels(default.get("defaultRowHeight"), _DEFAULT_HEIGHT),
        )

    def anchor(self, area: Merge, width: int, height: int) -> tuple[int, ...]:
        """Return from and to of a box beside a cell: column, pixels into it, row, pixels into it, twice."""
        top, _, _, right = area
        column = right + 1 if right + 12 < LAST_COLUMN else LAST_COLUMN - 12
        row = max(0, top - 1) if top + 100 < LAST_ROW else LAST_ROW - 100
        across, down = _GAP, 2
        last_column, across_end = _walk(self.widths, self.width, column, LAST_COLUMN, across + width)
        last_row, down_end = _walk(self.heights, self.height, row, LAST_ROW, down + height)
        return column, across, row, down, last_column, across_end, last_row, down_end


def _walk(sizes: Mapping[int, int], usual: int, start: int, end: int, way: int) -> tuple[int, int]:
    """Return where one is after so many pixels from the start of a row or column."""
    while start < end and way >= sizes.get(start, usual):
        way -= sizes.get(start, usual)
        start += 1
    return start, way


def _column_pixels(width: str | None, otherwise: int) -> int:
    size = _decimal(width)
    return otherwise if size is None else int(size * _PIXELS_PER_CHARACTER + 5)


def _row_pixels(points: str | None, otherwise: int) -> int:
    size = _decimal(points)
    return otherwise if size is None else int(size * 4 / 3)


def _decimal(text: str | None) -> float | None:
    return float(text) if text and re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]{1,30})?", text) else None
