"""Filled forms altered by any sequence of hands, read, and what must hold of the reading."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from alter import Page, as_source, take_apart
from alterations import YEAR, Book
from filling import FORMS, fill, load_forms
from touches import ALTERATIONS
from valid import answers
from valid_unshipped import ELSEWHERE

from toolkit.form.layout import lay_out
from toolkit.form.loader import load_form
from toolkit.form.model import Form, SectionKind
from toolkit.form.places import ASKED
from toolkit.issues.model import Issue
from toolkit.submission.grid import a1, column_index
from toolkit.submission.model import Actual, Target
from toolkit.submission.reader import OUR_SHEETS, Reader, ReadResult

LAST = (
    "同一页下方另一单位的表",
    "同一页下方的旧稿",
)  # else moved about with the rest
SPLIT = "一张表拆到两页"
_RANGE = re.compile(r"\b([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?\b")


@cache
def forms() -> dict[str, Form]:
    """Return the shipped forms by id."""
    return {form.id: form for form in load_forms()}


@cache
def all_forms() -> dict[str, Form]:
    """Return the shipped forms and those of `tests/forms_elsewhere`, by id."""
    bases = {path.stem: path for path in FORMS.glob("*.toml")}
    return forms() | {path.stem: load_form(path, bases) for path in sorted(ELSEWHERE.glob("*.toml"))}


@cache
def reader() -> Reader:
    """Return one reader for all forms."""
    return Reader(tuple(all_forms().values()))


@cache
def _filled(form: str) -> list[Page]:
    with tempfile.TemporaryDirectory() as folder:
        path = fill(all_forms()[form], answers(form), Path(folder) / "filled.xlsx", year=YEAR)
        pages = take_apart(path, lay_out(all_forms()[form], year=YEAR))
    return [page for page in pages if page.name not in OUR_SHEETS]


@cache
def expected(form: str) -> dict[tuple[str, str, str], Any]:
    """Return what an unaltered workbook of the form says."""
    return values(reader().read(as_source(_filled(form))))


def values(result: ReadResult) -> dict[tuple[str, str, str], Any]:
    """Return every answered value by its name, without the way it was spelt."""
    assert result.submission is not None, result.issues
    return {
        (section, row, name): _bare(answer.value)
        for section, row, name, answer in result.submission.facts()
        if answer.value is not None
    }


def _in_order(answers: dict[tuple[str, str, str], Any], section: str) -> dict[tuple[str, str, str], Any]:
    """Return the answers with the rows of one table numbered by what they say, not by where they stand."""
    rows: dict[str, dict[str, Any]] = {}
    for (name, row, asked), value in answers.items():
        if name == section:
            rows.setdefault(row, {})[asked] = value
    kept = {name: value for name, value in answers.items() if name[0] != section}
    ordered = sorted(rows.values(), key=lambda row: str(sorted(row.items())))
    return kept | {
        (section, str(number), asked): value
        for number, row in enumerate(ordered, 1)
        for asked, value in row.items()
    }


def _bare(value: Any) -> Any:
    if isinstance(value, Target):
        return value.operator, value.number, value.upper, value.unit, value.deadline
    if isinstance(value, Actual):
        return value.number, value.unit, value.operator, value.level, value.date
    return value.normalize() if isinstance(value, Decimal) else value


@dataclass
class Altered:
    """A filled form after some alterations, and what came of reading it."""

    form: str
    pages: list[Page]
    result: ReadResult
    applied: list[str] = field(default_factory=list)

    @property
    def differing(self) -> dict[tuple[str, str, str], tuple[Any, Any]]:
        """Return name -> (before, after) of every answer that is not what it was."""
        before, after = expected(self.form), values(self.result)
        for section in self._in_pieces:
            before, after = _in_order(before, section), _in_order(after, section)
        return {
            name: (before.get(name), after.get(name))
            for name in {*before, *after}
            if before.get(name) != after.get(name)
        }

    @property
    def untold(self) -> dict[tuple[str, str, str], tuple[Any, Any]]:
        """Return those of the differing answers that no issue names, by their cell or by what is missing."""
        form = all_forms()[self.form]
        missing = {issue.location.label for issue in self.result.issues if issue.code == "S06"}
        cells = {(issue.location.sheet, issue.location.cell) for issue in self.result.issues}
        told = {
            (part.section, part.field)
            for page in self.pages
            for where, part in page.parts.items()
            if (page.name, *where) in self.listed or (page.name, a1(where[0] - 1, where[1] - 1)) in cells
        }
        return {
            name: values
            for name, values in self.differing.items()
            if (name[0], name[2]) not in told
            and missing.isdisjoint((form.section(name[0]).title, form.section(name[0]).field(name[2]).label))
        }

    @property
    def _in_pieces(self) -> set[str]:
        """Return the tables whose rows come in the order in which the pieces lie, once one was split."""
        if SPLIT not in self.applied:
            return set()
        return {one.id for one in all_forms()[self.form].sections if one.kind is SectionKind.TABLE}

    @property
    def filled(self) -> int:
        """Return how many cells hold something, counted from what was written."""
        return sum(len(page.filled) for page in self.pages)

    @property
    def foreign(self) -> set[tuple[str, int, int]]:
        """Return the cells no form asks for."""
        return {
            (page.name, *where)
            for page in self.pages
            for where in (page.filled if page.set_aside else page.foreign & page.filled)
        }

    @property
    def all_listed(self) -> bool:
        """Return whether every cell no form asks for is told, and no other."""
        return self.none_passed_over and self.listed <= self.foreign | self._either

    @property
    def none_passed_over(self) -> bool:
        """Return whether every cell no form asks for is told."""
        return self.foreign - self._either <= self.listed

    @property
    def _either(self) -> set[tuple[str, int, int]]:
        return {(page.name, *where) for page in self.pages for where in _labels(page, self.form)}

    @property
    def listed(self) -> set[tuple[str, int, int]]:
        """Return the cells that issues say were not read."""
        return {cell for issue in self.result.issues for cell in unread_cells(issue, self.pages)}


def _labels(page: Page, form: str) -> set[tuple[int, int]]:
    """Return the cells that may be told as labels or as unread: all those of a sheet without answers.

    The levels that a blank prints are no answers of a clerk's.
    """
    answered = any(
        where in page.cells
        and where not in page.foreign
        and not all_forms()[form].section(part.section).field(part.field).fill_down
        for where, part in page.parts.items()
        if part.role in ASKED
    )
    return page.either if answered else page.filled


def unread_cells(issue: Issue, pages: Sequence[Page]) -> set[tuple[str, int, int]]:
    """Return the filled cells that an issue names as unread: by address, by range, or by the sheet."""
    if issue.code not in ("S16", "S23", "S24"):
        return set()
    named = issue.message.partition("填有内容" if issue.code == "S16" else "是另一")[0]
    found = set()
    if issue.code == "S16":
        named = named.partition("!")[2]
    for page in pages:
        if issue.location.sheet != page.name and f"“{page.name}”" not in named:
            continue
        boxes = [_box(match) for match in _RANGE.finditer(named)]
        found |= {
            (page.name, row, column)
            for row, column in page.filled
            if not boxes
            or any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in boxes)
        }
    return found


def _box(match: re.Match[str]) -> tuple[int, int, int, int]:
    left, top, right, bottom = match.groups()
    first, row = column_index(left) + 1, int(top)
    return row, first, int(bottom or row), column_index(right) + 1 if right else first


def altered(form: str, names: Sequence[str], random: Random) -> Altered:
    """Alter a filled form by one hand after another and read it."""
    book = Book(all_forms()[form], [page.copied() for page in _filled(form)], random)
    ordered = sorted(dict.fromkeys(names), key=lambda name: name in LAST)
    applied = [name for name in ordered if ALTERATIONS[name](book) not in (False, None, []) or _always(name)]
    return Altered(form, book.pages, reader().read(as_source(book.pages)), applied)


def _always(name: str) -> bool:
    return name in ("插入空行", "插入空列", "隐藏行列", "页边批注", "远处的空格", "工作表改名")
