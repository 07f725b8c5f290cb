"""Read an Excel 97 workbook (.xls, and what WPS calls .et): values by calamine, the rest from its records."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from python_calamine import SheetTypeEnum, SheetVisibleEnum

from toolkit.submission import calamine
from toolkit.submission.grid import Finding, Position, SheetGrid, bounded, covering, known, put
from toolkit.submission.guard import Budget, Limits, SourceError
from toolkit.submission.hidden import hidden_data
from toolkit.submission.number_formats import BUILTIN_PERCENTS, format_kind
from toolkit.submission.ole import OleFile
from toolkit.submission.sheet_scan import DENSE_CELLS

ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
_DOCUMENTS = (("worddocument", "doc"), ("powerpoint document", "ppt"), ("visiodocument", "vsd"))
_BOF, _EOF = 0x809, 0x0A
_FILEPASS, _BOUNDSHEET, _SUPBOOK, _FORMAT, _XF = 0x2F, 0x85, 0x1AE, 0x41E, 0xE0
_OWN_BOOK = (b"\x01\x04", b"\x01\x3a")  # links inside the workbook, add-in functions
_NUMBER, _RK, _DIMENSIONS = 0x203, 0x27E, 0x200
_FORMULA, _BOOLERR, _MULRK, _ROW, _COLINFO = 0x06, 0x205, 0xBD, 0x208, 0x7D
_CELLS = {_NUMBER, _RK, 0xFD, 0x204, 0xD6, _FORMULA, _BOOLERR}  # row, column, style at the front of each


@dataclass(slots=True)
class _Sheet:
    """What the records of one sheet say beside its values."""

    height: int = 0
    width: int = 0
    errors: dict[Position, str] = field(default_factory=dict)
    styles: dict[Position, int] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    numbers: dict[Position, float] = field(default_factory=dict)
    stated_boxes: list[tuple[int, bytes]] = field(default_factory=list)  # offset in the stream, record

    def place(self, row: int, column: int, style: int) -> None:
        """Count a cell into the box and keep its style."""
        self.height, self.width = max(self.height, row + 1), max(self.width, column + 1)
        self.styles[row, column] = style


@dataclass(slots=True)
class _Globals:
    """What the records before the sheets say."""

    encrypted: bool = False
    sheets: list[tuple[int, int]] = field(default_factory=list)  # offset in the stream, type
    formats: list[int] = field(default_factory=list)  # number format of each cell style
    percents: set[int] = field(default_factory=lambda: set(BUILTIN_PERCENTS))
    links: list[str] = field(default_factory=list)


def read_xls(data: bytes, limits: Limits) -> tuple[str, list[SheetGrid], list[Finding]]:
    """Return kind, sheets and findings of the workbook in an OLE container.

    Formulas nobody calculated cannot be told here: Excel 97 stores a number for every formula.
    """
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise SourceError("F02", "password")
    ole = OleFile(data)
    names = ole.names()
    stream_name = next((name for name in ("workbook", "book") if name in names), "")
    if not stream_name:
        raise SourceError("F03", next((kind for name, kind in _DOCUMENTS if name in names), "ole"))
    stream = ole.stream(stream_name)
    workbook = _read_globals(stream)
    if workbook.encrypted:
        raise SourceError("F02", "password")
    budget = Budget(limits)
    sheets = [_read_sheet(stream, offset) for offset, _ in workbook.sheets]
    for sheet in sheets:  # calamine lays out every sheet as soon as it opens the file
        budget.spend_cells(sheet.height * sheet.width)
    findings = [Finding("F08", found=target) for target in workbook.links]
    if any(name.startswith("_vba_project") for name in names) or any(
        kind == 1 for _, kind in workbook.sheets
    ):
        findings.append(Finding("F07", found="macros"))
    grids = _grids(_with_true_boxes(data, ole, stream_name, sheets), workbook, sheets, limits)
    for grid in grids:
        findings += hidden_data(grid)
    return "xls", grids, findings


def _with_true_boxes(data: bytes, ole: OleFile, stream_name: str, sheets: list[_Sheet]) -> bytes:
    """Return the file with the stated boxes of its sheets set to the true ones where they are far too large.

    calamine reserves memory for the stated box; styled columns state 16 million cells, a liar 280 billion.
    """
    patched = bytearray(data)
    for sheet in sheets:
        for offset, body in sheet.stated_boxes:
            layout = "<IIHH" if len(body) == 14 else "<4H"
            top, bottom, left, right = struct.unpack_from(layout, body)
            box, worth = (bottom - top) * (right - left), max(DENSE_CELLS, sheet.height * sheet.width)
            if top <= bottom and left <= right and left <= 255 and box <= worth:
                continue
            true = struct.pack(layout, 0, min(sheet.height, 65_535), 0, sheet.width)
            for index, byte in enumerate(true):  # the record may run over the end of a sector
                patched[ole.place(stream_name, offset + index)] = byte
    return bytes(patched)


def _grids(data: bytes, workbook: _Globals, sheets: list[_Sheet], limits: Limits) -> list[SheetGrid]:
    """Return calamine's values joined with what the records say."""
    book, budget = calamine.open_book(data), Budget(limits)
    percents = {style for style, number in enumerate(workbook.formats) if number in workbook.percents}
    grids = []
    for index, tab in enumerate(book.sheets_metadata):
        if tab.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = sheets[index] if len(sheets) == len(book.sheet_names) else _Sheet()
        rows = calamine.read_rows(book, index, budget)
        put(rows, {where: number for where, number in sheet.numbers.items() if number <= 0})
        rows = covering(rows, sheet.errors)
        shown = (where for where, style in sheet.styles.items() if style in percents)
        grids.append(
            SheetGrid(
                tab.name,
                tab.visible == SheetVisibleEnum.Visible,
                rows,
                bounded(calamine.merges(book, index), rows),
                sheet.errors,
                hidden_rows=frozenset(sheet.hidden_rows),
                hidden_columns=frozenset(sheet.hidden_columns),
                find_percents=known(shown),
            )
        )
    return grids


def _records(stream: bytes, start: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield (type, offset, content) of the records of one substream without those of charts inside it."""
    depth = 0
    while start + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, start)
        start += 4
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 1:
            yield kind, start, stream[start : start + length]
        elif depth < 1:
            return
        start += length


def _read_globals(stream: bytes) -> _Globals:
    found = _Globals()
    for kind, _, body in _records(stream, 0):
        if kind == _FILEPASS:
            found.encrypted = True
            break
        if kind == _BOUNDSHEET and len(body) >= 6:
            found.sheets.append((struct.unpack_from("<I", body)[0], body[5]))
        elif kind == _XF and len(body) >= 4:
            found.formats.append(struct.unpack_from("<H", body, 2)[0])
        elif kind == _FORMAT and len(body) >= 5:
            wide = body[4] & 1
            code = body[5:].decode("utf-16-le" if wide else "latin-1", "replace")
            if format_kind(code) == "percent":
                found.percents.add(struct.unpack_from("<H", body)[0])
        elif kind == _SUPBOOK and len(body) > 5 and body[2:4] not in _OWN_BOOK:
            found.links.append(_link(body))
    return found


def _link(body: bytes) -> str:
    """Return the path of another workbook; its first characters are codes for drive and folder."""
    raw = body[5:].decode("utf-16-le", "replace") if body[4] & 1 else body[5:].decode("latin-1")
    path = raw[: struct.unpack_from("<H", body, 2)[0]]
    return "".join("/" if char == "\x03" else char for char in path if char >= " " or char == "\x03").lstrip(
        "/"
    )


def _read_sheet(stream: bytes, start: int) -> _Sheet:
    sheet = _Sheet()
    for kind, offset, body in _records(stream, start):
        if kind in _CELLS and len(body) >= 8:
            row, column, style = struct.unpack_from("<3H", body)
            sheet.place(row, column, style)
            if (code := _error_code(kind, body)) is not None:
                sheet.errors[row, column] = ERRORS.get(code, f"#ERR{code}")
            elif kind == _NUMBER and len(body) >= 14:
                sheet.numbers[row, column] = struct.unpack_from("<d", body, 6)[0]
            elif kind == _RK and len(body) >= 10:
                sheet.numbers[row, column] = rk_number(struct.unpack_from("<I", body, 6)[0])
        elif kind == _MULRK and len(body) >= 6:
            row, column = struct.unpack_from("<2H", body)
            for place in range(4, len(body) - 7, 6):
                style, number = struct.unpack_from("<HI", body, place)
                sheet.place(row, column, style)
                sheet.numbers[row, column] = rk_number(number)
                column += 1
        elif kind == _DIMENSIONS and len(body) in {10, 14}:
            sheet.stated_boxes.append((offset, body))
        elif kind == _ROW and len(body) >= 14 and body[12] & 0x20:
            sheet.hidden_rows.add(struct.unpack_from("<H", body)[0])
        elif kind == _COLINFO and len(body) >= 10 and body[8] & 1:
            first, last = struct.unpack_from("<2H", body)
            sheet.hidden_columns.update(range(first, min(last, 255) + 1))
    return sheet


def _error_code(kind: int, body: bytes) -> int | None:
    """Return the error a cell shows, None when it shows none."""
    if kind == _BOOLERR and body[7]:
        return body[6]
    if kind == _FORMULA and body[6] == 2 and body[12:14] == b"\xff\xff":
        return body[8]
    return None


def rk_number(packed: int) -> float:
    """Return the number of an RK record: 30 bits of an integer or of a float, perhaps in hundredths.

    >>> rk_number(0x3FF00001), rk_number((-5 & 0x3FFFFFFF) << 2 | 2)
    (0.01, -5.0)
    """
    if packed & 2:
        number = float((packed >> 2) - (1 << 30 if packed & 0x80000000 else 0))
    else:
        number = float(struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))[0])
    return number / 100 if packed & 1 else number
