"""Put the 审核意见 sheet into a clerk's workbook: in front, or in the place of an earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from toolkit.submission.guard import Archive, Budget, Limits, SourceError, part_key
from toolkit.submission.package import Package
from toolkit.submission.reader import OPINION_SHEETS
from toolkit.submission.sheet_xml import read_sheet
from toolkit.writers.annotated_opinion import HEADING_ROW, ReplyKey, replies_in
from toolkit.writers.annotated_package import Element, Parts, add, add_before, child, children, number, parsed
from toolkit.writers.annotated_sheet import Sheet
from toolkit.writers.annotated_styles import StyleSheet

_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_TRANSITIONAL = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TRANSITIONAL_KINDS = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_AFTER_VIEWS = frozenset(("sheets",))
_AFTER_NAMES = frozenset(
    (
        "calcPr",
        "oleSize",
        "customWorkbookViews",
        "pivotCaches",
        "smartTagPr",
        "smartTagTypes",
        "webPublishing",
        "fileRecoveryPr",
        "webPublishObjects",
        "extLst",
    )
)
_TITLE_ROWS = "_xlnm.Print_Titles"


@dataclass(frozen=True, slots=True)
class Earlier:
    """The sheet of an earlier round: its part, and what the clerk has replied in it."""

    name: str
    part: str
    replies: dict[ReplyKey, str]


def find_earlier(parts: Parts, limits: Limits) -> Earlier | None:
    """Return the sheet of an earlier round; a clerk's own sheet of that name is not taken for it."""
    for listed in parts.package.sheets:
        if listed.name.strip().startswith(OPINION_SHEETS[0]) and listed.part:
            try:
                content = read_sheet(parts.archive.xml(listed.part), parts.package, Budget(limits))
            except SourceError:
                continue
            last_column = max((column for _, column in content.cells), default=0)
            rows = (
                [str(content.cells.get((row, column), "")) for column in range(min(last_column, 64) + 1)]
                for row in sorted({row for row, _ in content.cells})
            )
            replies = replies_in(rows)
            if replies is not None:
                return Earlier(listed.name, parts.name(listed.part), replies)
    return None


def put_opinion(parts: Parts, styles: StyleSheet, opinion: bytes, earlier: Earlier | None) -> None:
    """Put the only sheet of the workbook `opinion` into the package, its styles added to theirs."""
    name = earlier.name if earlier else free_title(parts.package.names)
    part = (
        earlier.part if earlier else parts.free_name(f"{parts.folder}/worksheets/sheet{{}}.xml".lstrip("/"))
    )
    index = parts.package.names.index(name) if earlier else 0
    if not earlier:
        _insert_tab(parts, part, name)
    root = _grafted(parts, styles, opinion)
    if _active(parts) != index:
        for view in children(child(root, "sheetViews"), "sheetView"):
            view.attrib.pop("tabSelected", None)
    parts.put(
        part, etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True), _SHEET_TYPE
    )
    parts.drop_relations(part)
    _set_title_rows(parts, index, name)


def free_title(taken: Sequence[str]) -> str:
    """Return the first of our names that no sheet has, as Excel compares them."""
    lower = {name.strip().lower() for name in taken}
    numbered = (f"{OPINION_SHEETS[1]}{number}" for number in range(2, len(taken) + 3))
    return next(name for name in (*OPINION_SHEETS, *numbered) if name.lower() not in lower)


def sheets_of(parts: Parts, earlier: Earlier | None) -> dict[str, Sheet]:
    """Return the clerk's own worksheets by name."""
    return {
        one.name: Sheet(parts, one.name, parts.name(one.part), one.visible)
        for one in parts.package.sheets
        if one.part and (earlier is None or part_key(one.part) != part_key(earlier.part))
    }


def _insert_tab(parts: Parts, part: str, name: str) -> None:
    """Add a first tab; what refers to tabs by number is moved by one."""
    root = parts.tree(parts.workbook)
    (tabs,) = children(root, "sheets")
    made = add(tabs, "sheet", {"name": name}, first=True)
    made.set("sheetId", str(1 + max((number(one.get("sheetId")) for one in tabs), default=0)))
    made.set(f"{{{parts.kinds}}}id", parts.relate(parts.workbook, "worksheet", part))
    views = child(root, "bookViews")
    if views is None:
        add(add_before(root, "bookViews", _AFTER_VIEWS), "workbookView")
    for view in children(child(root, "bookViews"), "workbookView"):
        view.set("activeTab", str(number(view.get("activeTab")) + 1))
        view.attrib.pop("firstSheet", None)  # the tabs are shown from the first
    for one in children(child(root, "definedNames"), "definedName"):
        if one.get("localSheetId"):
            one.set("localSheetId", str(number(one.get("localSheetId")) + 1))
    parts.touch(parts.workbook)


def _active(parts: Parts) -> int:
    views = children(child(parts.tree(parts.workbook), "bookViews"), "workbookView")
    return number(views[0].get("activeTab")) if views else 0


def _set_title_rows(parts: Parts, index: int, name: str) -> None:
    """Repeat the headings of our sheet on every printed page."""
    root = parts.tree(parts.workbook)
    names = child(root, "definedNames")
    if names is None:
        names = add_before(root, "definedNames", _AFTER_NAMES)
    for one in children(names, "definedName"):
        if one.get("localSheetId") == str(index):
            names.remove(one)
    row = HEADING_ROW + 1
    made = add(names, "definedName", {"name": _TITLE_ROWS, "localSheetId": str(index)}, first=True)
    made.text = f"'{name}'!${row}:${row}"
    parts.touch(parts.workbook)


def _grafted(parts: Parts, styles: StyleSheet, opinion: bytes) -> Element:
    """Return the sheet of a workbook of ours in the namespace and the style numbers of theirs."""
    archive = Archive(opinion, Limits())
    source = Package(archive)
    content = archive.xml(source.sheets[0].part)
    content = content.replace(_TRANSITIONAL, parts.namespace.encode())
    root = parsed(content.replace(_TRANSITIONAL_KINDS, parts.kinds.encode()))
    looks = parsed(archive.xml("xl/styles.xml"))
    adopted: dict[str, str] = {}
    for element in root.iter(f"{{{parts.namespace}}}*"):
        attribute = "style" if element.tag.endswith("}col") else "s"
        style = element.get(attribute)
        if style is not None:
            if style not in adopted:
                adopted[style] = str(styles.adopt(looks, int(style)))
            element.set(attribute, adopted[style])
    return root
