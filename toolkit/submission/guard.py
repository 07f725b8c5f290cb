"""What a submitted file may be: limits, refusals, and a zip archive that does not believe its own headers."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from mmap import mmap
from typing import IO

from toolkit.submission.recall import LARGEST, recalled

MIB = 1024 * 1024
RATIO_FROM = 16 * MIB  # below this a high ratio harms nobody, and blank styled sheets do pack 100 : 1


@dataclass(frozen=True, slots=True)
class Limits:
    """The most a submitted file may ask of us. The defaults hold a 自评表 with photographs many times."""

    max_bytes: int = 64 * MIB  # bytes of the file
    max_entries: int = 4_000  # parts in the package
    max_expanded: int = 256 * MIB  # bytes of all parts together, inflated
    max_ratio: int = 200  # inflated bytes per packed byte, of packages that inflate beyond 16 MiB
    max_cells: int = (
        4_000_000  # cells of all sheets together, each counted as the box from A1 to its last cell
    )
    max_columns: int = 1_024  # columns of one sheet kept as rows; cells further right are kept one by one
    max_text: int = 100_000_000  # characters of all cells together
    max_text_cells: int = 300_000  # cells of a web page, separated values or an XML spreadsheet
    max_archive: int = 1024 * MIB  # bytes of a zip of workbooks, and of all its members inflated
    max_members: int = 2_000  # members of a zip of workbooks, with those of zips inside it
    max_depth: int = 3  # zips in one another
    max_seconds: int = 60  # wall-clock seconds for one file, watched by the parent process
    max_memory: int = 2048 * MIB  # bytes a worker process may use for one file, watched likewise


class SourceError(Exception):
    """Say why a file cannot be read at all.

    `code` is one of F01 (cannot be opened or damaged), F02 (encrypted), F03 (not a workbook), F04 (empty),
    F05 (over a limit), F06 (unsafe XML), F14 (not had from its address). `found` is the short fact for the
    sentence staff read (`png`, `max_bytes 80000000 > 67108864`), `detail` what a maintainer wants to know
    beside it.
    """

    def __init__(self, code: str, found: str, detail: str = "") -> None:
        super().__init__(code, found, detail)
        self.code = code
        self.found = found
        self.detail = detail

    def __str__(self) -> str:
        """Return code, fact and detail in one line."""
        return " ".join(part for part in (self.code, self.found, self.detail) if part)


def over(limit: str, found: int, allowed: int) -> SourceError:
    """Return the error of a limit that was exceeded.

    >>> str(over("max_entries", 5000, 4000))
    'F05 max_entries 5000 > 4000'
    """
    return SourceError("F05", f"{limit} {found} > {allowed}")


class Budget:
    """What the sheets of one workbook have used up of the limits so far."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.cells = 0
        self.text = 0

    def check_text_cells(self, cells: int) -> None:
        """Refuse (F05) a text, which is taken apart mark by mark, of so many cells."""
        if cells > self.limits.max_text_cells:
            raise over("max_text_cells", cells, self.limits.max_text_cells)

    def check_cells(self, cells: int) -> None:
        """Refuse (F05) a sheet of so many cells when they do not fit."""
        if self.cells + cells > self.limits.max_cells:
            raise over("max_cells", self.cells + cells, self.limits.max_cells)

    def spend_cells(self, cells: int) -> None:
        """Count the cells of a sheet's rectangle."""
        self.check_cells(cells)
        self.cells += cells

    def spend_text(self, characters: int) -> None:
        """Count the characters of a cell or a sheet."""
        self.text += characters
        if self.text > self.limits.max_text:
            raise over("max_text", self.text, self.limits.max_text)


class Archive:
    """A zip archive in memory: checked against the limits when opened, inflated part by part.

    Part names are matched without regard to case or to the direction of slashes, as Excel does. `transcoded`
    becomes true when a part read by `xml` was not UTF-8.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        # zipfile builds an object per entry, so the count is bounded by signatures before it runs.
        entries = data.count(b"PK\x01\x02")
        if entries > limits.max_entries:
            raise over("max_entries", entries, limits.max_entries)
        infos = zip_entries(io.BytesIO(data), len(data))
        self._data = data
        self._entries = {part_key(info.filename): info for info in infos}
        self.transcoded = False
        if len(self._entries) != len(infos):
            raise SourceError("F01", "damaged zip", "two parts of one name")
        expanded = sum(info.file_size for info in infos)
        if expanded > limits.max_expanded:
            raise over("max_expanded", expanded, limits.max_expanded)
        if expanded > RATIO_FROM and expanded > limits.max_ratio * len(data):
            raise over("max_ratio", expanded // len(data), limits.max_ratio)

    def __contains__(self, name: str) -> bool:
        """Return whether there is a part of that name."""
        return part_key(name) in self._entries

    def names(self) -> tuple[str, ...]:
        """Return the part names in lower case with forward slashes."""
        return tuple(self._entries)

    def read(self, name: str) -> bytes:
        """Return a part inflated to the size its header states; F01 when it is absent, larger or damaged."""
        info = self._entries.get(part_key(name))
        if info is None:
            raise SourceError("F01", "missing part", name)
        if info.flag_bits & 0x1:
            raise SourceError("F02", "zip password", name)
        return inflated(self._data, info)

    def xml(self, name: str) -> bytes:
        """Return an XML part as UTF-8; F06 when it declares a document type, the only home of entities."""
        content = self.read(name)
        text = utf8(content)
        if text is not content:
            self.transcoded = True
        if b"<!DOCTYPE" in text:
            raise SourceError("F06", "DOCTYPE", name)
        return text


def zip_entries(file: IO[bytes], size: int) -> list[zipfile.ZipInfo]:
    """Return the entries of a zip; F01 when it is damaged or its entries share their bytes, as bombs do."""
    try:
        infos = zipfile.ZipFile(file).infolist()
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        struct.error,
        ValueError,
        NotImplementedError,
    ) as error:
        raise SourceError("F01", "damaged zip", str(error)) from error
    if sum(info.compress_size for info in infos) > size:
        raise SourceError("F01", "damaged zip", "overlapping entries")
    return infos


def inflated(data: bytes | mmap, info: zipfile.ZipInfo) -> bytes:
    """Return an entry inflated to the size its header states; F01 when it is larger or damaged.

    zipfile is not used here: it stops at the stated size and calls that whole, while the reader behind
    us would inflate the rest.
    """
    name, size = info.filename, info.file_size
    header = data[info.header_offset : info.header_offset + 30]
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise SourceError("F01", "damaged zip", name)
    start = info.header_offset + 30 + sum(struct.unpack("<HH", header[26:30]))
    packed = data[start : start + info.compress_size]
    content = _small_content if size <= LARGEST else _content
    return content(packed, info.compress_type, size, info.CRC, name)


def _content(packed: bytes, method: int, size: int, crc: int, name: str) -> bytes:
    if method == zipfile.ZIP_DEFLATED:
        content = _inflate(packed, size, name)
    elif method == zipfile.ZIP_STORED:
        content = packed
    else:
        raise SourceError("F01", "unknown compression", f"{name} method {method}")
    if len(content) != size or zlib.crc32(content) != crc:
        raise SourceError("F01", "damaged zip", f"{name} differs from its header")
    return content


_small_content = recalled(_content)


def part_key(name: str) -> str:
    r"""Return the spelling under which a part is kept.

    >>> part_key("/xl\\Workbook.xml")
    'xl/workbook.xml'
    """
    return name.replace("\\", "/").lstrip("/").lower()


def _inflate(packed: bytes, size: int, name: str) -> bytes:
    """Return the inflated bytes, never more than one beyond `size`."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        return stream.decompress(packed, size + 1)
    except zlib.error as error:
        raise SourceError("F01", "damaged zip", f"{name}: {error}") from error


_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)""")
_ENCODINGS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5",
    "iso-8859-1": "latin-1",
}


def utf8(xml: bytes) -> bytes:
    """Return XML as UTF-8 bytes: the same object when it already is, F01 when its encoding is unknown.

    Excel opens UTF-16 parts, calamine reads them as an empty sheet. The declaration is left as it is, so
    parsers must be told the encoding.
    """
    if xml[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in xml[:4]:
        encoding = "utf-16" if xml[0] >= 0xFE else "utf-16-le" if xml[:1] == b"<" else "utf-16-be"
    else:
        declared = _DECLARED.match(xml[:200])
        stated = declared[1].decode().lower() if declared else "utf-8"
        if stated in {"utf-8", "utf8", "us-ascii"}:
            return xml
        encoding = _ENCODINGS.get(stated, "")
        if not encoding:
            raise SourceError("F01", "unknown encoding", stated)
    try:
        return xml.decode(encoding).encode()
    except UnicodeError as error:
        raise SourceError("F01", "damaged text", str(error)) from error
