"""Decide by a byte scan whether calamine can be given a worksheet part, and read what it does not tell.

A sheet is *plain* when every cell is spelt the way Excel, WPS, LibreOffice, openpyxl and xlsxwriter spell
it, lies in a box worth allocating, is no error and has a value if it has a formula, and no row or column is
hidden. Nearly all sheets are plain, and the scan costs a fraction of reading them. The others go to
`sheet_xml`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from toolkit.submission.grid import Merge, Position, column_index
from toolkit.submission.guard import Limits
from toolkit.submission.recall import recalled

DENSE_CELLS = 100_000  # a box up to this size is worth allocating however empty it is
NEAR_COLUMNS = 702  # A to ZZ
TEXT_WORTH_COUNTING = 1_000_000
DENSE_SHARE = 20  # above it, one cell of this many must be written

# Possessive (+), since these meet every cell. Types "e" (error) and "d" (ISO date) are odd on purpose.
_TAIL = rb'(?: s="[0-9]++")?+(?: t="[snbi][a-zS]*+"|) ?+[/>]'
_ODD_NEAR = re.compile(rb'<c(?! r="[A-Z]{1,2}+[0-9]{1,3}+"' + _TAIL + rb")")  # within ZZ999
_ODD = re.compile(rb'<c(?! r="[A-Z]{1,3}+[0-9]{1,7}+"' + _TAIL + rb")")
_ADDRESS = re.compile(rb'<c r="([A-Z]+)([0-9]+)"')
_NO_VALUE = rb"\s*(?:</c>|<v\s*/>|<v>\s*</v>)"
_UNCALCULATED = re.compile(rb"</f>" + _NO_VALUE)
_UNCALCULATED_SHARED = re.compile(rb"<f[^>]*/>" + _NO_VALUE)
_EMPTY_TEXT = re.compile(rb'" t="str"><f[^>]*+>[^<]*+</f>\s*+(?:<v\s*/>|<v>\s*+</v>)')
_HIDDEN = re.compile(rb"""hidden\s*=\s*["'](?:1|true)""")
_ODD_VALUE = re.compile(rb"<v>(?![-.0-9]{1,24}</v>)")
_EMPTY_VALUE = re.compile(rb"<v>\s*+<")
_TEXT = re.compile(rb"<t(?: [^>]*+)?>\s*+[^<\s]")
_PERHAPS_BLANK = re.compile(
    rb"<si>(?!<t[ >]|<r>)|<t(?: [^>]*)?/>|<t(?: [^>]*+)?>\s*+</t>|<(?:r|/rPr|rPr/)></r>"
)
_HARD_TO_COUNT = (b"inlineStr", b"CDATA[", b't="e"')
_MERGE = re.compile(rb'<mergeCell ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')


@lru_cache(maxsize=1024)
def _column(letters: bytes) -> int:
    return column_index(letters.decode())


def is_plain(xml: bytes, limits: Limits) -> bool:
    """Return whether the part is plain."""
    start, end = xml.find(b"<sheetData"), xml.rfind(b"</sheetData>")
    if start < 0 or end < start:
        return False
    if xml.find(b"<!", 0, start) >= 0 or xml.find(b":sheetData", 0, start) >= 0:
        return False
    if xml.find(b":c", start, end) >= 0 or _HIDDEN.search(xml):
        return False
    near = limits.max_columns >= NEAR_COLUMNS and not _ODD_NEAR.search(xml, start, end)
    if not near and (_ODD.search(xml, start, end) or not _is_dense(xml, start, end, limits)):
        return False
    if xml.find(b"<f", start, end) >= 0 and not _all_calculated(xml, start, end):
        return False
    return xml.count(b"mergeCell ", end) == len(_MERGE.findall(xml, end))


@recalled  # our notes are the same in every workbook
def count_filled(xml: bytes, blank_strings: frozenset[int]) -> int | None:
    """Return how many cells of a sheet hold more than white space, None when a scan cannot tell.

    `blank_strings` are the shared strings that are blank: a cell that refers to one holds nothing.
    """
    if b"<sheetData" not in xml or any(mark in xml for mark in _HARD_TO_COUNT):
        return None
    if xml.find(b"<f") >= 0 and not _all_calculated(xml, 0, len(xml)):
        return None  # a formula without a value holds something, too
    filled = xml.count(b"<v>") - len(_EMPTY_VALUE.findall(xml))
    if blank_strings:
        names = b"|".join(b"%d" % index for index in sorted(blank_strings))
        filled -= len(re.findall(rb't="s" ?><v>(?:' + names + rb")</v>", xml))
    return filled


def blank_strings(xml: bytes) -> frozenset[int] | None:
    """Return which of the shared strings are blank, None when a scan cannot tell."""
    if b"<si/>" in xml or (xml and b"<sst" not in xml) or any(mark in xml for mark in _HARD_TO_COUNT):
        return None
    if not _PERHAPS_BLANK.search(xml):
        return frozenset()
    strings = xml.split(b"</si>")[:-1]
    return frozenset(index for index, string in enumerate(strings) if not _TEXT.search(string))


def text_bound(xml: bytes, longest_string: int) -> int:
    """Return an upper bound of the characters calamine copies out of the shared strings for this part.

    It copies a string for each cell that uses it: 300 KB of package can become gigabytes.
    """
    bound = longest_string * (len(xml) // len('<c r="A1" t="s"><v>0</v></c>'))
    return bound if bound < TEXT_WORTH_COUNTING else longest_string * xml.count(b't="s"')


def _is_dense(xml: bytes, start: int, end: int, limits: Limits) -> bool:
    """Return whether the box of all cells is worth allocating."""
    addresses = _ADDRESS.findall(xml, start, end)
    if not addresses:
        return True
    columns, rows = zip(*addresses, strict=True)
    width = max(map(_column, set(columns))) + 1
    box = width * max(int(row) for row in set(rows))
    return width <= limits.max_columns and box <= limits.max_cells and box <= dense_box(len(addresses))


def dense_box(cells: int) -> int:
    """Return the largest box worth allocating for so many cells.

    >>> dense_box(600), dense_box(1_000_000)
    (100000, 20000000)
    """
    return max(DENSE_CELLS, DENSE_SHARE * cells)


def _all_calculated(xml: bytes, start: int, end: int) -> bool:
    """Return whether every formula has a value; an empty text is one when the cell says it is text."""
    empty = _UNCALCULATED.search(xml, start, end)
    if empty and len(_UNCALCULATED.findall(xml, start, end)) != len(_EMPTY_TEXT.findall(xml, start, end)):
        return False
    return xml.find(b"<f t=", start, end) < 0 or not _UNCALCULATED_SHARED.search(xml, start, end)


def has_odd_number(xml: bytes) -> bool:
    """Return whether any value is other than a short plain number, so that it may read as NaN or infinite."""
    return _ODD_VALUE.search(xml) is not None


def merges(xml: bytes) -> list[Merge]:
    """Return the merged ranges of a plain sheet."""
    return [
        (int(top) - 1, _column(left), int(bottom) - 1, _column(right))
        for left, top, right, bottom in _MERGE.findall(xml, xml.rfind(b"</sheetData>"))
    ]


def cells_of_styles(xml: bytes, styles: frozenset[int]) -> frozenset[Position]:
    """Return the cells of a plain sheet that have one of these styles."""
    wanted = b"|".join(b"%d" % style for style in sorted(styles))
    pattern = re.compile(rb'<c r="([A-Z]+)([0-9]+)" s="(?:' + wanted + rb')"')
    found = frozenset((int(row) - 1, _column(letters)) for letters, row in pattern.findall(xml))
    if 0 in styles:  # cells that name no style have style 0
        pattern = re.compile(rb'<c r="([A-Z]+)([0-9]+)"(?! s=)')
        found |= {(int(row) - 1, _column(letters)) for letters, row in pattern.findall(xml)}
    return found
