"""An Excel package patched part by part: what nobody touches keeps its bytes, packed as they came."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from lxml import etree

from toolkit.submission.guard import MIB, Archive, Limits, over, part_key
from toolkit.submission.package import Package
from toolkit.writers.annotated_zip import Entry, pack, write_zip

Element: TypeAlias = Any  # of lxml, which ships no types
MOST_XML = 64 * MIB  # of a part that is held in memory as a tree
CONTENT_TYPES = "[Content_Types].xml"
_RELATIONS_NS = "http://schemas.openxmlformats.org/package/2006/relationships"
_RELATIONS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"
_STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_STRICT_KINDS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# the prefix Excel uses, and the same bytes whatever other library in the process has named it
etree.register_namespace("r", _KINDS)
_ENCODING = re.compile(rb"""(<\?xml[^>]*?encoding\s*=\s*["'])[A-Za-z0-9._-]+""")


@dataclass(frozen=True, slots=True)
class Relation:
    """One relationship of a part: `kind` is the last word of its type, `target` a part name or outside."""

    id: str
    kind: str
    target: str


class Parts:
    """The parts of a workbook, read and replaced by name; names are matched as Excel does, without case.

    SourceError when the package is damaged, protected by a password or over a limit.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.archive = Archive(data, limits)
        self.package = Package(self.archive)  # as it came in
        self._data = data
        self._infos = {part_key(info.filename): info for info in _infos(data)}
        self._names = {key: info.filename.replace("\\", "/").lstrip("/") for key, info in self._infos.items()}
        self._contents: dict[str, bytes] = {}  # of parts replaced or added
        self._trees: dict[str, Element] = {}
        self._changed: set[str] = set()
        self._removed: set[str] = set()
        self.workbook = self.name(self.package.workbook)
        self.folder = posixpath.dirname(self.workbook)
        self.namespace = namespace(self.tree(self.workbook))
        self.kinds = _STRICT_KINDS if self.namespace == _STRICT else _KINDS

    def name(self, part: str) -> str:
        """Return a part's name as the package spells it."""
        return self._names.get(part_key(part), part)

    def __contains__(self, part: str) -> bool:
        """Return whether there is such a part."""
        return part_key(part) in self._names and part_key(part) not in self._removed

    def names(self) -> Iterator[str]:
        """Yield the names of all parts."""
        return (name for key, name in self._names.items() if key not in self._removed)

    def read(self, part: str) -> bytes:
        """Return an XML part as UTF-8, as it is now."""
        key = part_key(part)
        if key in self._trees and key in self._changed:
            return _serialised(self._trees[key])
        if key in self._contents:
            return self._contents[key]
        return _ENCODING.sub(rb"\g<1>UTF-8", self.archive.xml(part), count=1)

    def tree(self, part: str) -> Element:
        """Return the root of an XML part; call `touch` after changing it. XMLSyntaxError when damaged.

        SourceError when it is so large that its tree, some eight times its size, would not fit.
        """
        key = part_key(part)
        if key not in self._trees:
            content = self.read(part)
            if len(content) > MOST_XML:
                raise over("max_xml", len(content), MOST_XML)
            self._trees[key] = parsed(content)
        return self._trees[key]

    def touch(self, part: str) -> None:
        """Say that the tree of a part was changed and is to be written."""
        self._changed.add(part_key(part))

    def put(self, part: str, content: bytes, content_type: str = "") -> None:
        """Replace or add a part; `content_type` declares it unless its extension already does."""
        key = part_key(part)
        self._names.setdefault(key, part)
        self._removed.discard(key)
        self._trees.pop(key, None)
        self._contents[key] = content
        if content_type:
            self._declare(part, content_type)

    def remove(self, part: str) -> None:
        """Take a part out, with its relationships and its content type."""
        types = self.tree(CONTENT_TYPES)
        for one in list(types):
            if part_key(one.get("PartName", "")) == part_key(part):
                types.remove(one)
                self.touch(CONTENT_TYPES)
        self._removed |= {part_key(part), part_key(_relations_part(part))}

    def free_name(self, pattern: str) -> str:
        """Return the first part name not yet taken: `{}` in the pattern becomes a number."""
        return next(name for name in map(pattern.format, range(1, len(self._names) + 2)) if name not in self)

    def relations(self, part: str) -> list[Relation]:
        """Return the relationships of a part."""
        listed = _relations_part(part)
        if listed not in self:
            return []
        found = []
        for one in self.tree(listed):
            target = one.get("Target", "").replace("\\", "/")
            if one.get("TargetMode") != "External":
                joined = posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target)).lstrip("/")
                # some writers forget the leading slash
                target = target if joined not in self and target in self else joined
            found.append(Relation(one.get("Id", ""), one.get("Type", "").rpartition("/")[2], target))
        return found

    def related(self, part: str, kind: str) -> Relation | None:
        """Return the first relationship of a kind that leads to a part we have."""
        return next((one for one in self.relations(part) if one.kind == kind and one.target in self), None)

    def relate(self, part: str, kind: str, target: str) -> str:
        """Add a relationship and return its id."""
        listed = _relations_part(part)
        if listed not in self:
            self.put(listed, f'<Relationships xmlns="{_RELATIONS_NS}"/>'.encode())
            self._declare(listed, _RELATIONS_TYPE, by_extension=True)
        taken = {one.id.lower() for one in self.relations(part)}
        name = next(
            name for name in (f"rId{n}" for n in range(1, len(taken) + 2)) if name.lower() not in taken
        )
        beside = posixpath.relpath(target, posixpath.dirname(part))
        stated = {"Id": name, "Type": f"{self.kinds}/{kind}", "Target": beside}
        add(self.tree(listed), "Relationship", stated)
        self.touch(listed)
        return name

    def unrelate(self, part: str, name: str) -> None:
        """Take the relationship of that id away."""
        tree = self.tree(_relations_part(part))
        for one in [one for one in tree if one.get("Id") == name]:
            tree.remove(one)
        self.touch(_relations_part(part))

    def drop_relations(self, part: str) -> None:
        """Take all relationships of a part away."""
        self._removed.add(part_key(_relations_part(part)))

    def _declare(self, part: str, content_type: str, *, by_extension: bool = False) -> None:
        types = self.tree(CONTENT_TYPES)
        extension = part.rpartition(".")[2].lower()
        for one in types:
            if part_key(one.get("PartName", "")) == part_key(part):
                one.set("ContentType", content_type)
                self.touch(CONTENT_TYPES)
                return
        stated = [one for one in types if one.get("Extension", "").lower() == extension]
        if stated and stated[0].get("ContentType") == content_type:
            return
        self.touch(CONTENT_TYPES)
        if by_extension and not stated:
            stated_type = {"Extension": extension, "ContentType": content_type}
            add(types, "Default", stated_type, first=True)
        else:
            add(types, "Override", {"PartName": f"/{part}", "ContentType": content_type})

    def declare_extension(self, part: str, content_type: str) -> None:
        """Declare the content type of a part by its extension, or of the part alone when that is taken."""
        self._declare(part, content_type, by_extension=True)

    def save(self, created: datetime) -> bytes:
        """Return the package; parts that were replaced or added carry `created` as their time."""
        return write_zip(self._entries(created))

    def _entries(self, created: datetime) -> Iterable[Entry]:
        for key, name in self._names.items():
            if key in self._removed:
                continue
            info = self._infos.get(key)
            if key in self._changed and key in self._trees:
                yield pack(info.orig_filename if info else name, _serialised(self._trees[key]), created, info)
            elif key in self._contents:
                yield pack(info.orig_filename if info else name, self._contents[key], created, info)
            elif info is not None:
                yield Entry.of(info, self._data)


def _infos(data: bytes) -> list[zipfile.ZipInfo]:
    return zipfile.ZipFile(io.BytesIO(data)).infolist()


def _relations_part(part: str) -> str:
    folder, _, file = part.rpartition("/")
    return f"{folder}/_rels/{file}.rels".lstrip("/")


def parsed(content: bytes) -> Element:
    """Return the root of XML in UTF-8; nothing outside it is ever loaded."""
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, strip_cdata=False)
    return etree.fromstring(content, parser)


def _serialised(root: Element) -> bytes:
    content: bytes = etree.tostring(
        root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True
    )
    return content


def namespace(element: Element) -> str:
    """Return the namespace of an element."""
    found: str = etree.QName(element).namespace or ""
    return found


def word(element: Element) -> str:
    """Return the local name of an element, "" for comments and processing instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def child(parent: Element, name: str) -> Element | None:
    """Return the first child of that local name."""
    return next((one for one in parent if word(one) == name), None)


def children(parent: Element | None, name: str) -> list[Element]:
    """Return the children of that local name; none of None."""
    return [] if parent is None else [one for one in parent if word(one) == name]


def add(
    parent: Element, name: str, attributes: Mapping[str, str] | None = None, *, first: bool = False
) -> Element:
    """Add a child in the namespace of its parent and return it."""
    made = etree.Element(f"{{{namespace(parent)}}}{name}", dict(attributes or {}))
    parent.insert(0 if first else len(parent), made)
    return made


def add_before(
    parent: Element, name: str, later: frozenset[str], prefixes: Mapping[str, str] | None = None
) -> Element:
    """Add a child where the schema wants it: before the first child named in `later`."""
    made = etree.Element(f"{{{namespace(parent)}}}{name}", nsmap=prefixes)
    place = next((index for index, one in enumerate(parent) if word(one) in later), len(parent))
    parent.insert(place, made)
    return made


def number(text: str | None, otherwise: int = 0) -> int:
    """Return the whole number an attribute states."""
    return int(text) if text and text.isdecimal() else otherwise


def printable(text: str) -> str:
    """Return a text without the characters XML cannot hold.

    >>> printable("甲\\x0b乙\\ud800")
    '甲乙'
    """
    return _UNPRINTABLE.sub("", text)


_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
