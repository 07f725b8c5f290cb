"""The rows of a workbook we wrote, a few thousand at a time, read with calamine.

calamine holds a whole sheet. A sheet of a million rows is handed to it in slices, each as the only content of
a small workbook with the same styles and shared strings.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from lxml import etree
from python_calamine import CalamineWorkbook

SLICE = 1 << 21  # bytes of a sheet that calamine is given at a time
_ROW, _END = b"<row ", b"</sheetData>"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def sheet_rows(path: Path) -> Iterator[tuple[str, Iterator[tuple[int, Sequence[Any]]]]]:
    """Yield each sheet's name with its rows: (row from zero, values from the first column on)."""
    with ZipFile(path) as package:
        parts = _parts(package)
        around = {
            name: package.read(name)
            for name in package.namelist()
            if not name.startswith(("xl/worksheets/", "xl/tables/", "xl/charts/", "xl/drawings/"))
        }
        for name, part in parts.items():
            yield name, _rows(package, around, name, part)


def _parts(package: ZipFile) -> dict[str, str]:
    """Return the part of each sheet, in the order of the workbook."""
    rels = etree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    targets = {rel.get("Id"): rel.get("Target") for rel in rels}
    sheets = etree.fromstring(package.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
    return {sheet.get("name"): f"xl/{targets[sheet.get(_REL)]}" for sheet in sheets}


def _rows(
    package: ZipFile, around: dict[str, bytes], name: str, part: str
) -> Iterator[tuple[int, Sequence[Any]]]:
    with package.open(part) as stream:
        for xml in _slices(stream):
            content = io.BytesIO()
            with ZipFile(content, "w", zipfile.ZIP_STORED) as small:
                for other, data in around.items():
                    small.writestr(other, data)
                small.writestr(part, xml)
            content.seek(0)
            sheet = CalamineWorkbook.from_filelike(content).get_sheet_by_name(name)
            if sheet.start is not None:
                top, left = sheet.start
                for row, values in enumerate(sheet.to_python(skip_empty_area=True), top):
                    yield row, [None] * left + values


def _slices(stream: io.BufferedIOBase | Any) -> Iterator[bytes]:
    """Yield the part as several that are whole: the same beginning, and some of its rows."""
    data = stream.read(SLICE)
    head, row, _ = data.partition(_ROW)
    if not row:
        yield data + stream.read()
        return
    held = data[len(head) :]
    while True:
        more = stream.read(SLICE)
        if _END in held or not more:
            break
        held += more
        cut = held.rfind(_ROW)
        if cut > 0:
            yield head + held[:cut] + _END + b"</worksheet>"
            held = held[cut:]
    yield head + re.sub(rb"</sheetData>.*", b"", held + more, flags=re.DOTALL) + _END + b"</worksheet>"
