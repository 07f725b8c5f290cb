"""The paragraphs of workbooks that are compared, and those met so far, on disk.

Linear in the number of workbooks: a paragraph is compared only with the first ones that share a clause with
it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

from toolkit.checks.figures import answers_at
from toolkit.checks.model import CheckResult
from toolkit.checks.records import spelt
from toolkit.checks.results import Store
from toolkit.form.model import Form, Ref, Rule
from toolkit.form.references import Names
from toolkit.issues.model import Location
from toolkit.submission.model import Cell, place_of

INDEXED = 4  # clauses a paragraph is found again by: those of the lowest checksum, the same ones in a copy
MOST_SHARING = 12  # earlier paragraphs remembered for one clause; the first are enough to find a copy
MOST_RECENT = 200  # earlier paragraphs kept at hand
MOST_CELLS = 6  # named in one sentence
SHARED_PART = 0.4  # of a paragraph, in whole clauses, before it is compared character by character
_SHORTEST_CLAUSE = 6
_MARK = re.compile(r"[,。;:!?、()《》\n]+")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_NOT_SAID = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a workbook with what it is compared by."""

    file: str
    unit: str
    label: str
    cell: Cell | None
    answer: str  # that it is a paragraph of, as written
    text: str  # in one width, without spaces

    @property
    def place(self) -> Location:
        """Return where it stands."""
        return place_of(self.cell, self.label, self.file)

    @cached_property
    def clauses(self) -> set[str]:
        """Return its clauses, figures left out: a copy with other figures shares them."""
        blanked = _DIGITS.sub("0", self.text)
        return {piece for piece in _MARK.split(blanked) if len(piece) >= _SHORTEST_CLAUSE}

    @cached_property
    def keys(self) -> list[int]:
        """Return the checksums under which it is indexed."""
        return sorted(map(checksum, self.clauses))[:INDEXED]

    @cached_property
    def grams(self) -> set[str]:
        """Return its runs of three characters, without punctuation."""
        return grams(_NOT_SAID.sub("", self.text))


def same_words(paragraph: Paragraph, other: Paragraph) -> str:
    """Return in words how alike a paragraph and the one it repeats are."""
    return "相同" if paragraph.text == other.text else "几乎相同"


def cells_in_words(found: Iterable[Paragraph]) -> str:
    """Return how many cells hold the paragraphs, and the first of them; empty for a single cell."""
    cells = list(dict.fromkeys(one.cell.a1 for one in found if one.cell is not None))
    listed = "、".join(cells[:MOST_CELLS]) + ("等" if len(cells) > MOST_CELLS else "")
    return f"{len(cells)} 处（{listed}）" if len(cells) > 1 else ""


def is_copy(paragraph: Paragraph, other: Paragraph, alike: float) -> bool:
    """Return whether a paragraph repeats another, figures aside."""
    shorter, longer = sorted((len(paragraph.text), len(other.text)))
    if shorter < longer * alike * alike:
        return False
    shared = sum(len(clause) for clause in paragraph.clauses & other.clauses)
    return shared >= shorter * SHARED_PART and likeness(paragraph.grams, other.grams) >= alike


def checksum(text: str) -> int:
    """Return a checksum of a text, the same in every run."""
    return crc32(text.encode("utf-8", "surrogatepass"))


def grams(text: str) -> set[str]:
    """Return the runs of three characters of a text, those that come again with how often they came.

    >>> sorted(grams("ababab"))
    ['aba', 'aba2', 'bab', 'bab2']
    """
    counts = Counter(text[start : start + 3] for start in range(len(text) - 2))
    again = ((run, count) for run, count in counts.items() if count > 1)
    return {*counts, *(f"{run}{nth}" for run, count in again for nth in range(2, count + 1))}


def likeness(one: set[str], other: set[str]) -> float:
    """Return how alike two paragraphs are: the share of the runs of three characters they have in common.

    >>> likeness({"abc", "bcd"}, {"abc", "bce"})
    0.5
    """
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 0.0


def texts_of(form: Form, rule: Rule, key: str = "texts") -> list[Ref]:
    """Return the texts that are compared between units, or with last year's (`yearly`)."""
    names = Names.of_form(form)
    return [names.resolve(name, f"form.rule[{rule.id}].{key}") for name in rule.params.get(key, ())]


def paragraphs(result: CheckResult, form: Form, texts: Sequence[Ref], shortest: int) -> Iterator[Paragraph]:
    """Yield the paragraphs of those texts that are long enough to be compared."""
    assert result.submission is not None
    for asked in texts:
        label = form.field(asked).label
        for _, answer in answers_at(form, result.submission, asked):
            for line in answer.text.splitlines() if len(answer.text) >= shortest else ():
                text = "".join(unicodedata.normalize("NFKC", line).split())
                if len(text) >= shortest:
                    yield Paragraph(result.file, result.unit, label, answer.cell, answer.text, text)


class Index:
    """Paragraphs met so far, on disk: by their whole text, and by the clauses they are found again by."""

    def __init__(self, store: Store) -> None:
        self._connection = store.connection
        self._recent: dict[int, Paragraph] = {}
        store.table("paragraphs", "number INTEGER PRIMARY KEY, digest INTEGER, record BLOB", index="digest")
        store.table("clauses", "key INTEGER, nth INTEGER, paragraph INTEGER", index="key, nth")

    def whole(self, paragraph: Paragraph) -> Paragraph | None:
        """Return the earliest paragraph with the same text."""
        numbers = self._connection.execute(
            "SELECT number FROM paragraphs WHERE digest = ? ORDER BY number", (checksum(paragraph.text),)
        ).fetchall()
        known = (self.paragraph(number) for (number,) in numbers)
        return next((other for other in known if other.text == paragraph.text), None)

    def sharing(self, paragraph: Paragraph) -> Iterator[int]:
        """Yield the numbers of earlier paragraphs with a clause of this one, for each clause."""
        for key in paragraph.keys:
            for (number,) in self._connection.execute(
                "SELECT paragraph FROM clauses WHERE key = ? ORDER BY nth", (key,)
            ):
                yield number

    def paragraph(self, number: int) -> Paragraph:
        """Return an earlier paragraph; those asked for last are at hand."""
        found = self._recent.pop(number, None)
        if found is None:
            (record,) = self._connection.execute(
                "SELECT record FROM paragraphs WHERE number = ?", (number,)
            ).fetchone()
            file, unit, label, cell, answer, text = json.loads(record)
            found = Paragraph(file, unit, label, Cell(*cell) if cell else None, answer, text)
        if len(self._recent) >= MOST_RECENT:
            del self._recent[next(iter(self._recent))]
        self._recent[number] = found
        return found

    def add(self, paragraph: Paragraph) -> None:
        """Remember a paragraph; of one clause the first few that have it are enough."""
        cell = paragraph.cell
        place = (cell.sheet, cell.row, cell.column) if cell is not None else ()
        record = (paragraph.file, paragraph.unit, paragraph.label, place, paragraph.answer, paragraph.text)
        number = self._connection.execute(
            "INSERT INTO paragraphs (digest, record) VALUES (?, ?)",
            (checksum(paragraph.text), spelt(record)),
        ).lastrowid
        self._connection.executemany(
            "INSERT INTO clauses SELECT :key, known, :number FROM "
            "(SELECT count(*) AS known FROM clauses WHERE key = :key) WHERE known < :most",
            ({"key": key, "number": number, "most": MOST_SHARING} for key in paragraph.keys),
        )
