"""Open a submitted file safely: bytes in, sheets of cells out, nothing decided by the file's name."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from toolkit.submission.encrypted import unlocked
from toolkit.submission.grid import Finding, RawValue, SheetGrid, Source
from toolkit.submission.guard import Archive, Limits, SourceError, over
from toolkit.submission.html_table import read_html, read_mhtml
from toolkit.submission.ods import read_flat_ods, read_ods
from toolkit.submission.remote import AnyPath
from toolkit.submission.sniff import OLE, ZIP, kind_of_archive, kind_of_bytes
from toolkit.submission.text_table import read_text_table
from toolkit.submission.xls import read_xls
from toolkit.submission.xlsb import read_xlsb
from toolkit.submission.xlsx import read_xlsx
from toolkit.submission.xml_2003 import read_xml_2003

__all__ = [
    "Finding",
    "Limits",
    "RawValue",
    "SheetGrid",
    "Source",
    "SourceError",
    "file_bytes",
    "open_source",
    "read_source",
]

DEFAULT_LIMITS = Limits()
_Read: TypeAlias = tuple[str, list[SheetGrid], list[Finding]]
_TEXTS: Mapping[str, Callable[[bytes, Limits], _Read]] = {
    "csv": read_text_table,
    "html": read_html,
    "mhtml": read_mhtml,
    "xml spreadsheet 2003": read_xml_2003,
    "flat opendocument": read_flat_ods,
}


def open_source(
    path: AnyPath,
    *,
    limits: Limits = DEFAULT_LIMITS,
    passwords: Sequence[str] = (),
    only_counted: Collection[str] = (),
) -> Source:
    """Read a file once and return its sheets; SourceError when that cannot be done.

    Of the sheets named in `only_counted` nothing but the number of filled cells is asked.
    """
    data = file_bytes(path, limits)
    return read_source(data, path.name, limits=limits, passwords=passwords, only_counted=only_counted)


def file_bytes(path: AnyPath, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the bytes of a regular file within the limit; a pipe named .xlsx would hold any reader."""
    if not isinstance(path, Path):
        return path.read(limits.max_bytes)
    try:
        # Without O_NONBLOCK opening a pipe already waits for its writer.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise SourceError("F01", "not a regular file")
            if status.st_size > limits.max_bytes:
                raise over("max_bytes", status.st_size, limits.max_bytes)
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(status.st_size)
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise SourceError("F01", "no such file", str(error)) from error
    except PermissionError as error:
        raise SourceError("F01", "no permission", str(error)) from error
    except OSError as error:
        raise SourceError("F01", "cannot be opened", str(error)) from error


def read_source(
    data: bytes,
    name: str,
    *,
    limits: Limits = DEFAULT_LIMITS,
    passwords: Sequence[str] = (),
    only_counted: Collection[str] = (),
) -> Source:
    """Return the sheets of a workbook held in memory; `name` is only passed on."""
    if not data:
        raise SourceError("F04", "0 bytes")
    if len(data) > limits.max_bytes:
        raise over("max_bytes", len(data), limits.max_bytes)
    try:
        kind, sheets, findings = _read(data, limits, only_counted)
    except SourceError as error:
        if error.code != "F02" or not data.startswith(OLE):
            raise
        kind, sheets, findings = _read(unlocked(data, passwords), limits, only_counted)
    if not sheets:
        raise SourceError("F04", "no sheet")
    if not any(sheet.has_content for sheet in sheets):
        raise SourceError("F04", "no content")
    return Source(name, kind, hashlib.sha256(data).hexdigest(), len(data), tuple(sheets), tuple(findings))


def _read(data: bytes, limits: Limits, only_counted: Collection[str]) -> _Read:
    """Choose the reader by content and return kind, sheets and findings."""
    if data.startswith(OLE):
        return read_xls(data, limits)
    if not data.startswith(ZIP):
        if not data.strip(b"\0"):
            raise SourceError("F01", "nothing but zero bytes")
        kind = kind_of_bytes(data)
        if kind not in _TEXTS:
            raise SourceError("F03", kind)
        return _TEXTS[kind](data, limits)
    archive = Archive(data, limits)
    if "xl/workbook.bin" in archive:
        return read_xlsb(data, archive, limits)
    if "xl/workbook.xml" in archive or _is_excel(archive):
        return read_xlsx(data, archive, limits, only_counted)
    if "content.xml" in archive and kind_of_archive(archive) == "ods":
        return read_ods(data, archive, limits)
    raise SourceError("F03", kind_of_archive(archive))


def _is_excel(archive: Archive) -> bool:
    """Return whether a package says it is a workbook although the parts do not lie where Excel puts them."""
    types = "[Content_Types].xml"
    return types in archive and b"spreadsheetml.sheet.main+xml" in archive.xml(types)
