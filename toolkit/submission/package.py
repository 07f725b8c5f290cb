"""The parts of an Excel package beside its sheets: list of sheets, shared strings, number formats, links."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property

from toolkit.submission.grid import Finding, link_to
from toolkit.submission.guard import Archive, SourceError
from toolkit.submission.markup import local, parse
from toolkit.submission.number_formats import Styles, read_styles
from toolkit.submission.recall import recalled
from toolkit.submission.sheet_scan import blank_strings

WORKBOOK, _STRINGS, _STYLES = "xl/workbook.xml", "xl/sharedstrings.xml", "xl/styles.xml"
_UNIQUE_COUNT = re.compile(rb"""uniqueCount\s*=\s*["']([0-9]{1,18})["']""")


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet as the workbook lists it."""

    name: str
    visible: bool
    part: str  # "" when its relationship leads nowhere
    index: int  # among all tabs, charts included


class Package:
    """An xlsx or xlsm package; shared strings and styles are read when first asked for.

    Every part calamine opens beside the sheets passes through `Archive.xml` in `suits_calamine`.
    """

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.workbook = _main_part(archive)
        self._relations = relations(archive, self.workbook)
        self._strings_part = self._part_of("sharedStrings", _STRINGS)
        self._styles_part = self._part_of("styles", _STYLES)
        self.date1904, tabs = _tabs(archive.xml(self.workbook))
        self.names = [tab.name for tab in tabs]  # every tab, charts included
        self.sheets: list[SheetPart] = []
        self.macro_sheets: list[str] = []
        for index, tab in enumerate(tabs):
            kind, part = self._relations.get(tab.id, ("worksheet", ""))
            if kind == "worksheet":
                self.sheets.append(SheetPart(tab.name, tab.visible, part if part in archive else "", index))
            elif "macrosheet" in kind.lower():
                self.macro_sheets.append(tab.name)

    def suits_calamine(self) -> bool:
        """Check what calamine reads beside the sheets; return whether it finds the same bytes as we do.

        It takes the last main document of the package and fixed names beside it, and reserves memory for as
        many shared strings as the part says it has.
        """
        if self._styles_part:
            self.archive.xml(self._styles_part)
        stated = _UNIQUE_COUNT.findall(self._string_xml)
        return (
            self.workbook == WORKBOOK
            and not self.archive.transcoded
            and self._strings_part in {"", _STRINGS}
            and self._styles_part in {"", _STYLES}
            and self._string_xml.count(b"uniqueCount") == len(stated)
            and all(int(count) <= len(self._string_xml) for count in stated)
        )

    def longest_string(self) -> int:
        """Return a bound for the length of the longest shared string."""
        if b"<![CDATA[" in self._string_xml:
            return len(self._string_xml)
        return max(map(len, self._string_xml.split(b"</si>")))

    @cached_property
    def _string_xml(self) -> bytes:
        return self.archive.xml(self._strings_part) if self._strings_part else b""

    @cached_property
    def blank_strings(self) -> frozenset[int] | None:
        """Return which shared strings are blank, None when that takes reading them."""
        return blank_strings(self._string_xml)

    @cached_property
    def strings(self) -> list[str]:
        """Return the shared strings in order."""
        return shared_strings(self._string_xml) if self._string_xml else []

    @cached_property
    def styles(self) -> Styles:
        """Return the cell styles that change the meaning of a number."""
        return read_styles(self.archive.xml(self._styles_part)) if self._styles_part else Styles()

    def findings(self) -> list[Finding]:
        """Return macros and links to other workbooks."""
        sheets = [Finding("F07", sheet=name, found="macro sheet") for name in self.macro_sheets]
        return sheets + package_findings(self.archive)

    def _part_of(self, kind: str, usual: str) -> str:
        """Return the part the workbook relates to as `kind`, else the usual one, "" when there is neither."""
        for stated, target in self._relations.values():
            if stated == kind and target in self.archive:
                return target
        return usual if usual in self.archive else ""


@dataclass(frozen=True, slots=True)
class _Tab:
    """A sheet as the workbook part names it."""

    name: str
    visible: bool
    id: str  # of its relationship


@recalled
def _tabs(xml: bytes) -> tuple[bool, tuple[_Tab, ...]]:
    """Return whether dates count from 1904, and the tabs in order."""
    since_1904, tabs = [False], []

    def element(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            values = {local(name): value for name, value in attributes.items()}
            visible = values.get("state", "visible") == "visible"
            tabs.append(_Tab(values.get("name", ""), visible, values.get("id", "")))
        elif tag == "workbookPr":
            since_1904.append(attributes.get("date1904") in {"1", "true"})

    parse(xml, start=element)
    return since_1904[-1], tuple(tabs)


def relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """Return id -> (kind, target part) of a part's relationships; strict and transitional kinds are one."""
    folder, _, file = part.rpartition("/")
    name = f"{folder}/_rels/{file}.rels".lstrip("/")
    if name not in archive:
        return {}
    return {
        # some writers forget the leading slash
        key: (kind, (target if resolved not in archive and target in archive else resolved).lower())
        for key, kind, target, resolved in _related(archive.xml(name), folder)
    }


@recalled
def _related(xml: bytes, folder: str) -> tuple[tuple[str, str, str, str], ...]:
    """Return (id, kind, target as written, target seen from the package) of relationships within it."""
    found: list[tuple[str, str, str, str]] = []

    def element(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            resolved = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            kind = attributes.get("Type", "").rpartition("/")[2]
            found.append((attributes.get("Id", ""), kind, target, resolved))

    parse(xml, start=element)
    return tuple(found)


def package_findings(archive: Archive) -> list[Finding]:
    """Return the macros and links to other workbooks that parts of their own give away."""
    found = []
    for part in archive.names():
        folder, _, file = part.rpartition("/")
        if file == "vbaproject.bin":
            found.append(Finding("F07", found="vbaProject.bin"))
        elif folder == "xl/externallinks" and file.endswith((".xml", ".bin")):
            found.append(link_to(_target(archive, f"{folder}/_rels/{file}.rels") or file))
    return found


def _main_part(archive: Archive) -> str:
    """Return the workbook part: the last main document the package names, else the usual one."""
    named = [target for kind, target in relations(archive, "").values() if kind == "officeDocument"]
    for part in (*reversed(named), WORKBOOK):
        if part in archive:
            return part
    raise SourceError("F01", "missing part", WORKBOOK)


def _target(archive: Archive, relations: str) -> str:
    """Return the file an external link leads to."""
    targets: list[str] = []
    if relations in archive:
        parse(archive.xml(relations), start=lambda _, found: targets.append(found.get("Target", "")))
    return next(filter(None, targets), "")


ESCAPED = re.compile(r"_x(?![dD][89a-fA-F])([0-9A-Fa-f]{4})_")  # half a surrogate pair is no character
XML_BLANKS = " \t\r\n"


def unescaped(text: str) -> str:
    r"""Return text with Excel's `_xHHHH_` spellings of characters undone.

    >>> unescaped("a_x000D_b _x005F_x000D_")
    'a\rb _x000D_'
    """
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def shared_strings(xml: bytes) -> list[str]:
    """Return the texts of a shared strings part; reading aids (phonetics) are left out."""
    strings: list[str] = []
    pieces: list[str] = []
    buffer: list[str] = []
    inside = {"rPh": 0, "t": 0, "keep": 0}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "t" and not inside["rPh"]:
            inside["t"], inside["keep"] = 1, attributes.get("xml:space") == "preserve"
        elif tag == "rPh":
            inside["rPh"] = 1
        elif tag == "si":
            pieces.clear()

    def end(tag: str) -> None:
        if tag == "t" and inside["t"]:
            piece = "".join(buffer)
            pieces.append(piece if inside["keep"] else piece.strip(XML_BLANKS))
            buffer.clear()
            inside["t"] = 0
        elif tag == "rPh":
            inside["rPh"] = 0
        elif tag == "si":
            strings.append(unescaped("".join(pieces)))

    parse(xml, start, end, lambda text: buffer.append(text) if inside["t"] else None)
    return strings
