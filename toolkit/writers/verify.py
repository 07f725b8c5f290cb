"""Read an output back and compare what it says with what it was made from.

A build that writes a wrong figure is worse than none, whatever the cause: a library that drops a cell, a
disk that fails, a merge that swallows a text. So every written workbook is read again with another library
than the one that wrote it, every document as plain XML, and each cell or paragraph is held against the model.
"""

from __future__ import annotations

import math
import re
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any, TypeAlias

from lxml import etree
from python_calamine import CalamineError

from toolkit.writers.reading_back import sheet_rows
from toolkit.writers.wording import number

ClaimedRow: TypeAlias = tuple[int, Sequence[Any]]  # row from zero, values from the first column on
Claims: TypeAlias = Mapping[str, Iterable[ClaimedRow]]  # sheet -> its rows from the top, once

MOST_TOLD = 5
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TOKEN = re.compile(
    r"<w:tabs>.*?</w:tabs>"
    r"|<w:p(?: [^>]*)?(?P<empty>/)?>"
    r"|(?P<close></w:p>)"
    r"|<w:t(?: [^>]*)?>(?P<text>.*?)</w:t>"
    r"|(?P<space><w:(?:tab|br|cr)(?: [^>]*)?/>)",
    re.DOTALL,
)
_MARK = re.compile(r"<\?.*?\?>")


@dataclass(frozen=True, slots=True)
class Difference:
    """A place of an output that does not say what it should."""

    place: str  # `单位汇总!F5`, or the paragraph as it should be
    expected: str
    found: str

    def __str__(self) -> str:
        """Return the words for staff."""
        return f"{self.place} 应为“{self.expected}”，读回的是“{self.found}”"


@dataclass(frozen=True, slots=True)
class Said:
    """A paragraph as it was rendered; one that may be merged into the cell above need not be there."""

    text: str
    may_be_merged: bool = False


# ── workbooks ───────────────────────────────────────────────────────────────────────────────────────


def in_rows(claims: Mapping[tuple[int, int], Any]) -> list[ClaimedRow]:
    """Return claims on single cells, by row and column, as claims on rows.

    >>> in_rows({(2, 1): 5, (0, 0): "甲"})
    [(0, ['甲']), (2, [None, 5])]
    """
    rows: dict[int, list[Any]] = {}
    for (row, column), value in sorted(claims.items(), key=lambda claim: claim[0]):
        cells = rows.setdefault(row, [])
        cells += [None] * (column - len(cells)) + [value]
    return list(rows.items())


def workbook_differences(path: Path, claims: Claims) -> Iterator[Difference]:
    """Yield each cell that differs from its claim, and each figure that nothing claims."""
    names = set()
    for name, rows in sheet_rows(path):
        names.add(name)
        yield from _sheet_differences(name, rows, iter(claims.get(name, ())))
    for name in claims.keys() - names:
        yield Difference(name, "一张工作表", "没有这张表")


def _sheet_differences(
    name: str, rows: Iterator[ClaimedRow], claims: Iterator[ClaimedRow]
) -> Iterator[Difference]:
    """Compare two runs of rows, each in order; a row that only one of them has is compared with nothing."""
    nothing: ClaimedRow = (sys.maxsize, ())
    found, claimed = next(rows, nothing), next(claims, nothing)
    while (row := min(found[0], claimed[0])) < sys.maxsize:
        expected = claimed[1] if claimed[0] == row else ()
        shown = found[1] if found[0] == row else ()
        for column, (one, other) in enumerate(zip_longest(expected, shown)):
            if not _same(one, other):
                yield _cell_difference(name, row, column, one, other)
        if claimed[0] == row:
            claimed = next(claims, nothing)
        if found[0] == row:
            found = next(rows, nothing)


def _same(expected: Any, found: Any) -> bool:
    """Return whether a cell holds what it should; words that nothing claims are headings and notes."""
    if expected is None or expected == "":
        return isinstance(found, str) or found is None
    if isinstance(expected, str):
        return isinstance(found, str) and found == expected
    if isinstance(expected, date):
        return bool(_day(found) == _day(expected))
    if not isinstance(found, (int, float)) or isinstance(found, bool):
        return False
    return bool(math.isclose(float(expected), found, rel_tol=1e-12, abs_tol=1e-9))


def _day(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


def _cell_difference(sheet: str, row: int, column: int, expected: Any, found: Any) -> Difference:
    from xlsxwriter.utility import xl_rowcol_to_cell

    return Difference(f"{sheet}!{xl_rowcol_to_cell(row, column)}", _words(expected), _words(found))


def _words(value: Any) -> str:
    if value is None or value == "":
        return "空白"
    exact = isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
    text = number(Decimal(str(value))) if exact else str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


# ── documents ───────────────────────────────────────────────────────────────────────────────────────


def said(rendered: str) -> Iterator[Said]:
    """Yield the paragraphs of a rendered part that say anything, as they are before the document is made."""
    begun: list[list[str]] = []  # in the order of the document; a text box stands inside a paragraph
    opened: list[list[str]] = []
    merged: set[int] = set()
    for token in _TOKEN.finditer(rendered):
        if token["close"]:
            opened.pop()
        elif token["text"] is not None or token["space"]:
            text = token["text"]
            opened[-1].append(" " if text is None else unescape(_MARK.sub("", text)))
            if text and "<?merged?>" in text:
                merged.add(id(opened[-1]))
        elif token[0].startswith("<w:p"):
            begun.append([])
            if not token["empty"]:
                opened.append(begun[-1])
    for pieces in begun:
        text = "".join(pieces)
        if text.strip():
            yield Said(text, id(pieces) in merged)


def document_differences(
    document: Path | IO[bytes], claims: Mapping[str, Sequence[Said]]
) -> Iterator[Difference]:
    """Yield each paragraph that differs from what was rendered for its part, in the order of the document."""
    with zipfile.ZipFile(document) as package:
        for part, paragraphs in claims.items():
            found = list(_read_back(package.read(part)))
            yield from _compared(paragraphs, found)


def _read_back(content: bytes) -> Iterator[str]:
    """Yield the paragraphs of a written part that say anything; those in a text box stand by themselves."""
    for paragraph in etree.fromstring(content).iter(f"{_W}p"):
        text = "".join(
            (piece.text or "") if piece.tag == f"{_W}t" else " "
            for piece in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}cr")
            if piece.getparent().tag == f"{_W}r" and _owner(piece) is paragraph
        )
        if text.strip():
            yield text


def _owner(piece: Any) -> Any:
    return next(piece.iterancestors(f"{_W}p"), None)


def _compared(paragraphs: Sequence[Said], found: Sequence[str]) -> Iterator[Difference]:
    at = 0
    for expected in paragraphs:
        if at < len(found) and found[at] == expected.text:
            at += 1
        elif not expected.may_be_merged:
            yield Difference("段落", *_from_where_they_part(expected.text, "".join(found[at : at + 1])))
            return  # what follows is out of step
    if at < len(found):
        yield Difference("文末", "空白", _words(found[at]))


def _from_where_they_part(expected: str, found: str) -> tuple[str, str]:
    """Return two texts that differ, cut to the words around the first difference."""
    same = next((at for at, pair in enumerate(zip(expected, found, strict=False)) if len(set(pair)) > 1), 0)
    start = max(0, same - 20)
    return _words(expected[start:]), _words(found[start:])


def told(name: str, differences: Iterable[Difference]) -> str:
    """Return one sentence on an output that is not what it should be, empty when it is."""
    try:
        found = list(differences)
    except (CalamineError, zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, KeyError, OSError):
        return f"写出的“{name}”无法读回。"
    if not found:
        return ""
    more = f"，等 {len(found)} 处" if len(found) > MOST_TOLD else ""
    return f"写出的“{name}”与数据不符：{'；'.join(map(str, found[:MOST_TOLD]))}{more}。"
