"""The styles of a clerk's workbook: fills laid over cells and taken off again, our looks added to theirs."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import TypeAlias

from lxml import etree

from toolkit.issues.model import Severity
from toolkit.writers.annotated_package import (
    Element,
    Parts,
    add,
    add_before,
    child,
    children,
    namespace,
    number,
    word,
)
from toolkit.writers.styles import Colour

MARKS: Mapping[Severity, Colour] = {
    Severity.ERROR: Colour.MARK_ERROR,
    Severity.EXPLAIN: Colour.MARK_EXPLAIN,
    Severity.NOTE: Colour.MARK_NOTE,
}
MOST_STYLES = 65_490  # cell styles Excel opens
_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs")
_LATER = {
    name: frozenset((*_ORDER[place + 1 :], "tableStyles", "colors", "extLst"))
    for place, name in enumerate(_ORDER)
}
_NOTHING: Mapping[str, str] = {"indexed": "64"}  # the system's own colour: no fill
_OUR_FILLS = {f"FF{colour.value[1:]}": colour for colour in MARKS.values()}
Signature: TypeAlias = tuple[str, tuple[tuple[str, str], ...], str, tuple["Signature", ...]]


class StyleSheet:
    """The styles part of a package; it is changed, or made, when the first style is asked for.

    A fill laid over a cell keeps the cell's own colour as its second colour, which a solid fill does not
    show and Excel does not change: so it can be taken off again after the clerk has saved and moved things.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        found = parts.related(parts.workbook, "styles")
        usual = f"{parts.folder}/styles.xml".lstrip("/")
        self._part = parts.name(found.target if found else usual)
        if self._part not in parts:
            content = f'<styleSheet xmlns="{parts.namespace}"/>'
            parts.put(self._part, content.encode(), _STYLES_TYPE)
        if found is None:
            parts.relate(parts.workbook, "styles", self._part)
        self._root = parts.tree(self._part)
        self._known: dict[str, dict[Signature, int]] = {}
        self._unmarked: dict[int, int] = {}
        self._prepare()

    def _prepare(self) -> None:
        """Make sure of what every style refers to: a font, two reserved fills, a border, a cell style."""
        for name, least in (("fonts", 1), ("fills", 2), ("borders", 1), ("cellXfs", 1)):
            group = child(self._root, name)
            if group is None:
                group = add_before(self._root, name, _LATER[name])
            while len(group) < least:
                made = add(group, {"fonts": "font", "fills": "fill", "borders": "border"}.get(name, "xf"))
                if name == "fills":
                    add(made, "patternFill", {"patternType": ("none", "gray125")[len(group) - 1]})
                self._changed(group)

    def _group(self, name: str) -> Element:
        return children(self._root, name)[0]

    def marked(self, style: int, severity: Severity) -> int:
        """Return a style with the fill of a severity laid over it; the same one when there is no room."""
        styles = self._group("cellXfs")
        if len(styles) >= MOST_STYLES:
            return style
        made = deepcopy(styles[style if style < len(styles) else 0])
        own = self._colour(number(made.get("fillId")))
        made.set("fillId", str(self._fill({"rgb": f"FF{MARKS[severity].value[1:]}"}, own)))
        made.set("applyFill", "1")
        return self._place("cellXfs", made)

    def marked_styles(self) -> frozenset[int]:
        """Return the styles that have a fill of ours."""
        ours = {index for index in range(len(self._group("fills"))) if self._is_ours(index)}
        styles = enumerate(self._group("cellXfs"))
        return frozenset(index for index, style in styles if number(style.get("fillId")) in ours)

    def unmarked(self, style: int, *, trusted: bool) -> int:
        """Return the style that a marked one was before.

        LibreOffice puts other second colours in the place of ours: where it saved last they are not
        `trusted`, and the cell is left without a fill.
        """
        if style not in self._unmarked:
            marked = self._group("cellXfs")[style]
            own = self._second_colour(number(marked.get("fillId"))) if trusted else _NOTHING
            self._unmarked[style] = self._without(marked, own)
        return self._unmarked[style]

    def adopt(self, foreign: Element, style: int) -> int:
        """Return the index of a cell style of another workbook's styles, copied with all it refers to."""
        source = children(child(foreign, "cellXfs"), "xf")[style]
        made = self._copied(source)
        for group, reference in (("fonts", "fontId"), ("fills", "fillId"), ("borders", "borderId")):
            used = children(child(foreign, group), group[:-1])[number(source.get(reference))]
            made.set(reference, str(self._place(group, self._copied(used))))
        if child(self._root, "cellStyleXfs") is None:
            made.attrib.pop("xfId", None)
        for name in ("Font", "Fill", "Border", "Alignment", "Protection"):
            made.set(f"apply{name}", "1")
        return self._place("cellXfs", made)

    def _without(self, style: Element, own: Mapping[str, str]) -> int:
        """Return the first style equal to this one under the fill given."""
        fills = [index for index in range(len(self._group("fills"))) if self._colour(index) == own]
        plain = [index for index in fills if not self._is_ours(index)]
        if own == _NOTHING:
            plain = [0]
        wanted = {_signature(_refilled(style, index)) for index in plain}
        for index, other in enumerate(self._group("cellXfs")):
            if _signature(_refilled(other, number(other.get("fillId")))) in wanted:
                return index
        made = deepcopy(style)
        made.set("fillId", str(plain[0] if plain else self._fill(own, _NOTHING)))
        return self._place("cellXfs", made)

    def _is_ours(self, fill: int) -> bool:
        return self._colour(fill).get("rgb", "").upper() in _OUR_FILLS

    def _colour(self, fill: int) -> Mapping[str, str]:
        """Return the colour a fill shows; a pattern or gradient counts as none, a mark cannot keep it."""
        fills = self._group("fills")
        pattern = child(fills[fill], "patternFill") if fill < len(fills) else None
        if pattern is None or pattern.get("patternType") != "solid":
            return _NOTHING
        colour = child(pattern, "fgColor")
        return dict(colour.attrib) if colour is not None else _NOTHING

    def _second_colour(self, fill: int) -> Mapping[str, str]:
        (pattern,) = children(self._group("fills")[fill], "patternFill")
        colour = child(pattern, "bgColor")
        return dict(colour.attrib) if colour is not None else _NOTHING

    def _fill(self, first: Mapping[str, str], second: Mapping[str, str]) -> int:
        made = self._made("fill")
        pattern = add(made, "patternFill", {"patternType": "solid"})
        add(pattern, "fgColor", first)
        add(pattern, "bgColor", second)
        return self._place("fills", made)

    def _place(self, group_name: str, made: Element) -> int:
        """Return the index of an equal member of a group, adding this one when there is none."""
        group = self._group(group_name)
        known = self._known.get(group_name)
        if known is None:
            known = self._known[group_name] = {}
            for index, one in enumerate(group):
                known.setdefault(_signature(one), index)
        signature = _signature(made)
        if signature not in known:
            known[signature] = len(group)
            group.append(made)
            self._changed(group)
        return known[signature]

    def _changed(self, group: Element) -> None:
        group.set("count", str(len(group)))
        self._parts.touch(self._part)

    def _made(self, name: str) -> Element:
        return etree.Element(f"{{{namespace(self._root)}}}{name}")

    def _copied(self, foreign: Element) -> Element:
        """Return a copy in our namespace: strict workbooks have another one."""
        made = self._made(word(foreign))
        made.attrib.update(foreign.attrib)
        made.extend(self._copied(one) for one in foreign)
        return made


def _refilled(style: Element, fill: int) -> Element:
    """Return a copy of a style under a fill, without the word whether the fill counts."""
    made = deepcopy(style)
    made.set("fillId", str(fill))
    made.attrib.pop("applyFill", None)
    return made


def _signature(element: Element) -> Signature:
    """Return what makes two definitions equal: names, attributes in any order, children."""
    inside = tuple(_signature(one) for one in element if word(one))
    return word(element), tuple(sorted(element.attrib.items())), (element.text or "").strip(), inside


def saved_by_libreoffice(parts: Parts) -> bool:
    """Return whether LibreOffice wrote the package."""
    return "docProps/app.xml" in parts and any(
        (one.text or "").startswith("LibreOffice")
        for one in children(parts.tree("docProps/app.xml"), "Application")
    )
