"""Read a text of separated values, as other programs export it, under the name of a workbook."""

from __future__ import annotations

import csv
import io
import re

from toolkit.submission.grid import Finding, RawValue, SheetGrid
from toolkit.submission.guard import Budget, Limits, SourceError
from toolkit.submission.package import SheetPart
from toolkit.submission.sheet_xml import SheetContent
from toolkit.submission.xlsx import grid_of

NAME = "Sheet1"  # of the one sheet of a text
LONGEST_FIELD = 1_000_000  # characters
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?", re.ASCII)
_DELIMITERS = "\t,;|"
_LINES = 50  # as many tell the delimiter


def read_text_table(data: bytes, limits: Limits) -> tuple[str, list[SheetGrid], list[Finding]]:
    """Return kind, sheet and findings of separated values; F01 when it is in no encoding known here."""
    text = decoded_text(data)
    stated = re.match(r"sep=(.)\r?\n", text)  # Excel's own first line
    delimiter, text = (stated[1], text[stated.end() :]) if stated else (_delimiter(text), text)
    content, budget = SheetContent(), Budget(limits)
    budget.check_text_cells(text.count(delimiter) + text.count("\n"))  # before they are taken apart
    csv.field_size_limit(LONGEST_FIELD)
    try:
        for row, fields in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)):
            for column, field in enumerate(fields):
                put_text(content, budget, row, column, field)
    except csv.Error as error:
        raise SourceError("F01", "damaged text", str(error)) from error
    return "csv", [grid_of(SheetPart(NAME, True, "", 0), content, budget)], [Finding("F13", found="csv")]


def decoded_text(data: bytes, declared: str = "") -> str:
    """Return bytes as text: by their mark, as declared, as UTF-8, else as a Chinese Windows writes them."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", *([declared] if declared else []), "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    raise SourceError("F01", "unknown encoding")


def put_text(content: SheetContent, budget: Budget, row: int, column: int, text: str) -> None:
    """Place a text as a cell; what Excel would take for a number is one."""
    stripped = text.strip()
    if stripped:
        content.cells[row, column] = as_cell(stripped)
        budget.check_cells(len(content.cells))
        budget.spend_text(len(stripped))


def as_cell(text: str) -> RawValue:
    """Return a number for what is plainly one; codes keep their zeros and long numbers all their digits.

    >>> as_cell("1,234.50"), as_cell("007"), as_cell("90%"), as_cell("440106199001011234")
    (1234.5, '007', '90%', '440106199001011234')
    """
    if not _NUMBER.fullmatch(text):
        return text
    digits = text.lstrip("+-").replace(",", "")
    if (digits.startswith("0") and digits[1:2].isdigit()) or len(digits) > 15:
        return text
    return float(text.replace(",", ""))


def _delimiter(text: str) -> str:
    """Return the delimiter that parts most lines into equally many fields."""
    lines = [line for line in text[:100_000].splitlines()[:_LINES] if line.strip()]
    counts = {mark: [line.count(mark) for line in lines] for mark in _DELIMITERS}
    return max(_DELIMITERS, key=lambda mark: (sum(count > 0 for count in counts[mark]), sum(counts[mark])))
