"""Our own reader of one worksheet part: slower than calamine, reads what calamine refuses, drops or dies of.

It keeps only cells with content, so a value at XFD1048576 costs one entry; it knows error cells, formulas
without a value, hidden rows and columns; it reads every namespace prefix and cells without an address.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from toolkit.submission.grid import Merge, Position, RawValue, column_index
from toolkit.submission.guard import Budget
from toolkit.submission.markup import parse
from toolkit.submission.package import XML_BLANKS, Package, unescaped

LAST_ROW, LAST_COLUMN = 1_048_575, 16_383
_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_EPOCH = datetime(1899, 12, 30)
_DAY_MS = 86_400_000
_FIRST_BEYOND = 2_958_466.0  # 10000-01-01
_TRUE = frozenset(("1", "true"))


@dataclass(slots=True)
class SheetContent:
    """What a sheet part holds. Error cells and formulas without a value are `""` in `cells`."""

    cells: dict[Position, RawValue] = field(default_factory=dict)
    errors: dict[Position, str] = field(default_factory=dict)
    uncalculated: set[Position] = field(default_factory=set)
    percents: set[Position] = field(default_factory=set)
    damaged: dict[Position, str] = field(default_factory=dict)  # cells whose shared string does not exist
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def read_sheet(xml: bytes, package: Package, budget: Budget) -> SheetContent:
    """Return the content of a worksheet part; F01 when not well formed, F05 with too many cells or text."""
    reader = _SheetReader(package, budget)
    parse(xml, reader.start, reader.end, reader.text)
    return reader.content


class _SheetReader:
    """The expat handlers and the cell they are in."""

    def __init__(self, package: Package, budget: Budget) -> None:
        self.content = SheetContent()
        self._package = package
        self._styles = package.styles
        self._budget = budget
        self._row = self._column = -1
        self._style = 0
        self._type = ""
        self._formula = self._stated = False
        self._pieces: list[str] = []
        self._buffer: list[str] | None = None
        self._keep_blanks = self._phonetic = False
        self._hidden_until = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element."""
        if tag == "c":
            self._open_cell(attributes)
        elif tag == "v":
            self._stated = True
            self._keep_blanks, self._buffer = True, []
        elif tag == "t" and not self._phonetic:
            self._keep_blanks, self._buffer = attributes.get("xml:space") == "preserve", []
        elif tag == "f":
            self._formula = True
        elif tag == "rPh":
            self._phonetic = True
        elif tag == "row":
            number = attributes.get("r", "")
            self._row = int(number) - 1 if number.isdecimal() else self._row + 1
            self._column = -1
            if attributes.get("hidden") in _TRUE:
                self.content.hidden_rows.add(self._row)
        elif tag == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            if (top := position(first)) and (bottom := position(last or first)):
                self.content.merges.append((*top, *bottom))
        elif tag == "col" and attributes.get("hidden") in _TRUE:
            first, last = attributes.get("min", ""), attributes.get("max", "")
            # Ranges ascend; others are skipped, or a hostile file makes us add the same columns for ever.
            if first.isdecimal() and last.isdecimal() and int(first) > self._hidden_until:
                self._hidden_until = min(int(last), LAST_COLUMN + 1)
                self.content.hidden_columns.update(range(int(first) - 1, self._hidden_until))

    def text(self, data: str) -> None:
        """Keep character data of a value."""
        if self._buffer is not None:
            self._buffer.append(data)

    def end(self, tag: str) -> None:
        """Close an element."""
        if tag == "c":
            self._close_cell()
        elif tag == "rPh":
            self._phonetic = False
        elif tag in {"v", "t"} and self._buffer is not None:
            piece = "".join(self._buffer)
            self._pieces.append(piece if self._keep_blanks else piece.strip(XML_BLANKS))
            self._buffer = None

    def _open_cell(self, attributes: dict[str, str]) -> None:
        address = position(attributes.get("r", ""))
        if address is not None:
            self._row, self._column = address
        else:
            self._column += 1
        style = attributes.get("s", "0")
        self._style = int(style) if style.isdecimal() else 0
        self._type = attributes.get("t", "n")
        self._formula = self._stated = False
        self._pieces.clear()

    def _close_cell(self) -> None:
        content, where, text = self.content, (self._row, self._column), "".join(self._pieces)
        if self._style in self._styles.percents:
            content.percents.add(where)
        value: RawValue = ""
        if text:
            value = self._value(text, where)
        elif self._formula and not (self._type == "str" and self._stated):
            content.uncalculated.add(where)
        if value == "" and where not in content.errors and where not in content.uncalculated:
            return
        content.cells[where] = value
        self._budget.check_cells(len(content.cells))
        if isinstance(value, str):
            self._budget.spend_text(len(value))

    def _value(self, text: str, where: Position) -> RawValue:  # noqa: PLR0911 - one return for each cell type
        match self._type:
            case "s":
                strings = self._package.strings
                if text.strip().isdecimal() and int(text) < len(strings):
                    return strings[int(text)]
                self.content.damaged[where] = text
                return ""
            case "str" | "inlineStr":
                return unescaped(text)
            case "b":
                return text.strip() in _TRUE
            case "e":
                self.content.errors[where] = text.strip()
                return ""
            case "d":
                return iso_date(text)
        number = float(text) if _NUMBER.fullmatch(text.strip(XML_BLANKS)) else math.nan
        if not math.isfinite(number):
            return text  # junk in a numeric cell is shown as it stands
        if self._style in self._styles.dates:
            return serial_date(number, self._package.date1904)
        if self._style in self._styles.durations:
            return timedelta(milliseconds=round(number * _DAY_MS)) if abs(number) < _FIRST_BEYOND else number
        return number


def position(address: str) -> Position | None:
    """Return row and column of an address, or None when it is none of a worksheet.

    >>> position("XFD1048576"), position("A0"), position("ZZZ1")
    ((1048575, 16383), None, None)
    """
    match = _ADDRESS.fullmatch(address)
    if match is None:
        return None
    row, column = int(match[2]) - 1, column_index(match[1].upper())
    return (row, column) if 0 <= row <= LAST_ROW and column <= LAST_COLUMN else None


def serial_date(number: float, date1904: bool = False) -> RawValue:
    """Return what a number under a date format means; zero, negative and far numbers stay numbers.

    Excel shows day 0 as 1900-01-00 and negative days as ####: neither is a date anybody meant.

    >>> serial_date(45292.0), serial_date(45292.75), serial_date(0.0)
    (datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1, 18, 0), 0.0)
    """
    days = number + 1462 if date1904 else number
    if not 0 < days < _FIRST_BEYOND:
        return number
    milliseconds = round(days * _DAY_MS)
    if milliseconds < _DAY_MS:
        return (_EPOCH + timedelta(milliseconds=milliseconds)).time()
    if days < 61:  # Excel counts 1900-02-29, a day that never was
        milliseconds += _DAY_MS if days < 60 else 0
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return moment.date() if float(days).is_integer() else moment


def iso_date(text: str) -> RawValue:
    """Return the value of a cell that stores its date as ISO 8601, or the text when it is no such date.

    >>> iso_date("2024-05-06T00:00:00"), iso_date("去年")
    (datetime.date(2024, 5, 6), '去年')
    """
    stripped = text.strip()
    try:
        if "-" not in stripped:
            return time.fromisoformat(stripped).replace(tzinfo=None)
        moment = datetime.fromisoformat(stripped).replace(tzinfo=None)
    except ValueError:
        return text
    return moment.date() if moment.time() == time() else moment
