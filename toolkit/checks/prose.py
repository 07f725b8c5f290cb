"""Long text cells taken apart: paragraphs, clauses, and the figures that clauses end in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

from toolkit.checks.context import Context
from toolkit.checks.figures import answers_at
from toolkit.form.model import FieldType, MoneyUnit, Ref
from toolkit.issues.values import value_class
from toolkit.submission.model import Answer

_SPACES_AND_QUOTES = re.compile("(?:[^\\S\\n]|[“”‘’\"'「」])+")
_ORDINAL = re.compile(r"^[^\S\n]*[((]?\d{1,2}(?:[.、))]+[^\S\n]+|[、))])", re.MULTILINE)
_NAMED_TEXT = re.compile(r"《[^《》\n]{0,120}》")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_MARKS = re.compile(r"([。;!?,、:()])")

LONGEST_NUMBER = 15  # digits of a figure; a longer run is a code, not an amount
LONGEST_LINK = 12  # characters between words and their figure
_FIGURE = re.compile(
    rf"(?<![\d.\-~至到第])(?P<number>\d{{1,{LONGEST_NUMBER}}}(?:\.\d{{1,6}})?)(?P<more>[余多]?)"
    r"(?P<unit>亿元|万元|元|%|分(?![之钟别类批期为项])(?=$|左右))(?P<about>左右|以上|上下)?"
)
_UNIT = re.compile(r"[0-9０-９]\s*[亿万元%％分余多]")
_HEDGE = re.compile(r"约|近|超|逾|不足|不到|大概|将近")
_TYPES, _MONEY = {"%": FieldType.PERCENT, "分": FieldType.NUMBER}, FieldType.MONEY
_COPULA = re.compile(
    r"(?:为|是|达到?|共计?|合计|总计|大?约|将?近|大概|超过?|逾|不足|不到|仅|同|均|都|已|了|的|数额?|金额)+$"
)


@value_class(frozen=True, slots=True)
class Figure:
    """A figure of a text as printed; `step` is one of its last digit, both in yuan, ratio or points."""

    text: str
    unit: str
    value: Decimal
    step: Decimal
    about: bool

    @property
    def type(self) -> FieldType:
        """Return what kind of field could hold it."""
        return _TYPES.get(self.unit, _MONEY)


@value_class(frozen=True, slots=True)
class Clause:
    """What stands between two marks: words before each figure, and the mark that ends it.

    `rest` are the words after the last figure, or the whole clause when it has none.
    """

    parts: tuple[tuple[str, Figure], ...]
    rest: str
    mark: str


_SCALES = {
    "亿元": Decimal(100_000_000),
    "万元": Decimal(MoneyUnit.WAN.yuan),
    "元": Decimal(1),
    "%": Decimal("0.01"),
    "分": Decimal(1),
}


def long_texts(context: Context, names: Sequence[str] = ()) -> Iterator[tuple[Ref, Answer]]:
    """Yield the answers in prose that are filled: those named, or all of the form."""
    if not names:
        yield from context.texts()
    for name in names:
        for place, answer in answers_at(context.form, context.submission, context.ref(name)):
            if answer.text:
                yield place, answer


@lru_cache(maxsize=256)  # several checks read the same texts of a workbook one after the other
def plain_text(text: str) -> str:
    """Return a text in one width, without spaces, quotes, thousands separators and names of documents.

    Line breaks stay.

    >>> plain_text("1. 依据《2021年办法》，“三公”经费 支出 1，234.5 万元")
    '依据《》,三公经费支出1234.5万元'
    """
    folded = _ORDINAL.sub("", unicodedata.normalize("NFKC", text).replace("\r", "\n"))
    closed = _SPACES_AND_QUOTES.sub("", folded)
    return _THOUSANDS.sub("", _NAMED_TEXT.sub("《》", closed))


def has_figure(text: str) -> bool:
    """Return whether a text may hold a figure with its unit; most do not, and need no closer look."""
    return _UNIT.search(text) is not None


def clauses(paragraph: str) -> Iterator[Clause]:
    """Yield the clauses of a paragraph of plain text, with the figures in each."""
    pieces = _MARKS.split(paragraph)
    for piece, mark in zip(pieces[::2], [*pieces[1::2], "。"], strict=True):
        if piece or mark:
            yield _clause(piece, mark)


def _clause(piece: str, mark: str) -> Clause:
    parts, start = [], 0
    for match in _FIGURE.finditer(piece):
        parts.append((piece[start : match.start()], _figure(match, piece[start : match.start()])))
        start = match.end()
    return Clause(tuple(parts), piece[start:], mark)


def _figure(match: re.Match[str], words: str) -> Figure:
    number, unit = match["number"], match["unit"]
    decimals = len(number.partition(".")[2])
    scale = _SCALES[unit]
    copula = _COPULA.search(words[-LONGEST_LINK:])
    about = bool(match["more"] or match["about"] or (copula and _HEDGE.search(copula[0])))
    return Figure(match[0], unit, Decimal(number) * scale, scale.scaleb(-decimals), about)


def bare_words(words: str) -> str:
    """Return words without what links them to the figure after them.

    >>> bare_words("全年执行数为"), bare_words("执行率达到"), bare_words("全年执行")
    ('全年执行', '执行率', '全年执行')
    """
    head, tail = words[:-LONGEST_LINK], words[-LONGEST_LINK:]
    return head + _COPULA.sub("", tail)
