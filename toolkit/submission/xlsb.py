"""Read an xlsb package: values by calamine, the rest from the binary records of its sheets."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from python_calamine import SheetTypeEnum, SheetVisibleEnum

from toolkit.submission import calamine
from toolkit.submission.grid import Finding, Position, SheetGrid, covering
from toolkit.submission.guard import Archive, Budget, Limits
from toolkit.submission.hidden import hidden_data
from toolkit.submission.package import package_findings, relations
from toolkit.submission.xls import ERRORS

_ROW = 0
_ERROR, _FORMULA_ERROR = 3, 11
_FIRST_CELL, _LAST_CELL = 2, 11  # 1 is a blank cell
_TAB = 156


def read_xlsb(data: bytes, archive: Archive, limits: Limits) -> tuple[str, list[SheetGrid], list[Finding]]:
    """Return kind, sheets and findings of a binary workbook.

    Percentages, merges, hidden rows and formulas without a value are not looked for in this rare format.
    """
    budget = Budget(limits)
    errors = []
    for part in _sheet_parts(archive):
        height, width, found = _scan(archive.read(part)) if part in archive else (0, 0, {})
        budget.spend_cells(height * width)
        errors.append(found)
    findings = package_findings(archive)
    book, budget = calamine.open_book(data), Budget(limits)
    grids = []
    for index, tab in enumerate(book.sheets_metadata):
        if tab.typ != SheetTypeEnum.WorkSheet:
            continue
        found = errors[index] if len(errors) == len(book.sheet_names) else {}
        rows = covering(calamine.read_rows(book, index, budget), found)
        grids.append(SheetGrid(tab.name, tab.visible == SheetVisibleEnum.Visible, rows, errors=found))
        findings += hidden_data(grids[-1])
    return "xlsb", grids, findings


def _sheet_parts(archive: Archive) -> list[str]:
    """Return the parts of all tabs in order."""
    targets = relations(archive, "xl/workbook.bin")
    parts = []
    for kind, body in _records(archive.read("xl/workbook.bin")):
        if kind == _TAB and len(body) >= 12:
            (length,) = struct.unpack_from("<I", body, 8)
            relation = body[12 : 12 + 2 * length].decode("utf-16-le", "replace")
            parts.append(targets.get(relation, ("", ""))[1])
    return parts


def _scan(part: bytes) -> tuple[int, int, dict[Position, str]]:
    """Return height and width of a sheet's box, and its error cells."""
    row = height = width = 0
    errors: dict[Position, str] = {}
    for kind, body in _records(part):
        if kind == _ROW and len(body) >= 4:
            (row,) = struct.unpack_from("<I", body)
        elif _FIRST_CELL <= kind <= _LAST_CELL and len(body) >= 9:
            (column,) = struct.unpack_from("<I", body)
            height, width = max(height, row + 1), max(width, column + 1)
            if kind in {_ERROR, _FORMULA_ERROR}:
                errors[row, column] = ERRORS.get(body[8], f"#ERR{body[8]}")
    return height, width, errors


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (type, content); type and length are stored in groups of seven bits, lowest first."""
    start = 0
    while start < len(part):
        kind, start = _sevens(part, start, 2)
        length, start = _sevens(part, start, 4)
        yield kind, part[start : start + length]
        start += length


def _sevens(part: bytes, start: int, at_most: int) -> tuple[int, int]:
    """Return a number and the place after it.

    >>> _sevens(bytes((0x9C, 0x01)), 0, 2)
    (156, 2)
    """
    number = 0
    for shift, byte in enumerate(part[start : start + at_most]):
        number |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return number, start + shift + 1
    return number, start + at_most
