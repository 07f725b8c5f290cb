"""The XML of one worksheet: give its cells styles, add the cells that are not there, see what is merged."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from toolkit.submission.grid import Merge, Position, a1
from toolkit.submission.sheet_xml import position
from toolkit.writers.annotated_package import Element, Parts, add_before, child, children, namespace, number

_AFTER_LEGACY_DRAWING = frozenset(
    (
        "legacyDrawingHF",
        "drawingHF",
        "picture",
        "oleObjects",
        "controls",
        "webPublishItems",
        "tableParts",
        "extLst",
        "AlternateContent",  # wraps one of the others
    )
)
_TRUE = frozenset(("1", "true"))


@dataclass(slots=True)
class Sheet:
    """A worksheet of a package; rows and cells are counted from zero."""

    parts: Parts
    name: str
    part: str
    visible: bool
    _rows: list[tuple[int, Element]] = field(default_factory=list)  # ascending, once a cell was asked for
    _merges: list[Merge] | None = None

    @property
    def root(self) -> Element:
        """Return the root element; XMLSyntaxError when the part is damaged."""
        return self.parts.tree(self.part)

    def merge(self, place: Position) -> Merge:
        """Return the merged area a cell lies in, or the cell as an area."""
        if self._merges is None:
            self._merges = list(_merges(self.root))
        row, column = place
        for top, left, bottom, right in self._merges:
            if top <= row <= bottom and left <= column <= right:
                return top, left, bottom, right
        return row, column, row, column

    # ── styles ──

    def restyle(self, place: Position, style: Callable[[int], int]) -> None:
        """Replace the style of a cell by what `style` makes of it; a cell that is not there is added."""
        cell = self._cell(place)
        _set_style(cell, style(number(cell.get("s"))))
        self.parts.touch(self.part)

    def restyle_all(self, styles: Collection[int], style: Callable[[int], int]) -> None:
        """Replace the style of every cell that has one of the styles."""
        for row in children(child(self.root, "sheetData"), "row"):
            for cell in children(row, "c"):
                if number(cell.get("s")) in styles:
                    _set_style(cell, style(number(cell.get("s"))))
                    self.parts.touch(self.part)

    def _cell(self, place: Position) -> Element:
        row = self._row(place[0])
        cells = children(row, "c")
        columns: list[int] = []
        for cell in cells:  # an address left out means the next cell
            stated = position(cell.get("r", ""))
            columns.append(stated[1] if stated else columns[-1] + 1 if columns else 0)
            if not stated:
                cell.set("r", a1(place[0], columns[-1]))
        after = bisect_left(columns, place[1])
        if after < len(columns) and columns[after] == place[1]:
            return cells[after]
        made = etree.Element(f"{{{namespace(row)}}}c", r=a1(*place))
        if style := self._style_of_blank(row, place[1]):
            made.set("s", str(style))
        _insert(row, made, cells, after)
        _widen_spans(row, place[1])
        return made

    def _row(self, index: int) -> Element:
        data = child(self.root, "sheetData")
        if not self._rows:
            self._rows = _numbered(children(data, "row"))
        after = bisect_left(self._rows, index, key=lambda row: row[0])
        if after < len(self._rows) and self._rows[after][0] == index:
            return self._rows[after][1]
        made = etree.Element(f"{{{namespace(data)}}}row", r=str(index + 1))
        _insert(data, made, [row for _, row in self._rows], after)
        self._rows.insert(after, (index, made))
        return made

    def _style_of_blank(self, row: Element, column: int) -> int:
        """Return the style of a cell that is not there: its row's, else its column's."""
        if row.get("customFormat") in _TRUE:
            return number(row.get("s"))
        for one in children(child(self.root, "cols"), "col"):
            if number(one.get("min")) <= column + 1 <= number(one.get("max")):
                return number(one.get("style"))
        return 0

    # ── the drawing of comments ──

    def legacy_drawing(self) -> str:
        """Return the relationship id of the drawing that holds comment boxes and form controls, or ""."""
        found = child(self.root, "legacyDrawing")
        return (
            next((one for key, one in found.attrib.items() if key.endswith("}id")), "")
            if found is not None
            else ""
        )

    def set_legacy_drawing(self, name: str) -> None:
        """Refer to the drawing of comment boxes by its relationship id; "" takes it away."""
        found = child(self.root, "legacyDrawing")
        if found is not None:
            self.root.remove(found)
        if name:
            kinds = self.parts.kinds
            made = add_before(self.root, "legacyDrawing", _AFTER_LEGACY_DRAWING, {"r": kinds})
            made.set(f"{{{kinds}}}id", name)
        self.parts.touch(self.part)


def _merges(root: Element) -> Iterator[Merge]:
    for one in children(child(root, "mergeCells"), "mergeCell"):
        first, _, last = one.get("ref", "").partition(":")
        top, bottom = position(first), position(last or first)
        if top and bottom:
            yield (*top, *bottom)


def _numbered(rows: Sequence[Element]) -> list[tuple[int, Element]]:
    """Return the rows with their numbers; a number left out means the next row, and is filled in."""
    found: list[tuple[int, Element]] = []
    for row in rows:
        stated = number(row.get("r")) - 1
        index = stated if stated >= 0 else found[-1][0] + 1 if found else 0
        if stated < 0:
            row.set("r", str(index + 1))
        found.append((index, row))
    return found


def _insert(parent: Element, made: Element, siblings: Sequence[Element], after: int) -> None:
    """Insert before the sibling at `after`, else behind the last."""
    if after < len(siblings):
        siblings[after].addprevious(made)
    elif siblings:
        siblings[-1].addnext(made)
    else:
        parent.insert(0, made)


def _set_style(cell: Element, style: int) -> None:
    """Set the style, as the second attribute: fast readers expect it there."""
    stated = dict(cell.attrib)
    if stated.get("s", "0") == str(style):
        return
    cell.attrib.clear()
    cell.attrib.update({name: value for name, value in stated.items() if name == "r"})
    cell.set("s", str(style))
    cell.attrib.update({name: value for name, value in stated.items() if name not in {"r", "s"}})


def _widen_spans(row: Element, column: int) -> None:
    """Let the columns a row says it spans include one more."""
    first, _, last = row.get("spans", "").partition(":")
    if first.isdecimal() and last.isdecimal():
        row.set("spans", f"{min(int(first), column + 1)}:{max(int(last), column + 1)}")
