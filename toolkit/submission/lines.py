"""Lines within a table that hold no answers: numbers of the columns, a name over rows, a subtotal."""

from __future__ import annotations

import re
from collections.abc import Collection

from toolkit.form.labels import normalise, plain
from toolkit.submission.grid import RawValue
from toolkit.submission.lexicon import Kind
from toolkit.submission.places import Region

LEAST_NUMBERS = 2  # columns numbered one after the other that are no figures of a row
_COUNTED = re.compile(r"\(?(\d{1,2})\)?(?:=.*)?")  # 3, (3), 3=2/1
_STEMS = "甲乙丙丁戊己庚辛"
_HEAD = frozenset({"栏次", "列次", "栏目", "序号", "行次"})
_SUBTOTALS = frozenset({"小计", "合计", "总计", "累计", "本页小计", "本页合计", "共计"})


def below_numbers(region: Region) -> int:
    """Return the first line of a region that is not the row in which its columns are numbered."""
    for line in range(region.first, region.end):
        if region.filled(line):
            return line + 1 if numbers_columns(region, line) else region.first
    return region.first


def numbers_columns(region: Region, line: int) -> bool:
    """Return whether a line numbers its columns: 1, 2, 3 …, after 栏次, 甲 and 乙, or A, B, C …"""
    row, columns = region.view.grid.rows[line], region.filled(line)
    first = _word(row[columns[0]])
    if not (first in _HEAD or first in _STEMS or first == "a" or _COUNTED.fullmatch(first)):
        return False  # most lines, seen by their first cell
    words = [_word(row[column]) for column in columns]
    while words and (words[0] in _HEAD or (words[0] and words[0] in _STEMS)):
        words.pop(0)
    if len(words) < LEAST_NUMBERS or (len(words) < 3 and len(words) == len(columns)):
        return False
    if all(len(word) == 1 and word.isascii() and word.isalpha() for word in words):
        return sorted(words) == [chr(ord("a") + place) for place in range(len(words))]
    counted = sorted(int(match[1]) for word in words if (match := _COUNTED.fullmatch(word)))
    start = counted[0] if counted else 0
    return len(counted) == len(words) and start <= 2 and counted == list(range(start, start + len(words)))


def _word(value: RawValue) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else ""
    return normalise(value) if isinstance(value, str) else ""


def parts_rows(region: Region, line: int, filled: Collection[int]) -> bool:
    """Return whether a line is only a name merged over several columns, for the rows below it."""
    if len(filled) != 1:
        return False
    _, left, _, right = region.view.span(line, *filled)
    return sum(left <= column <= right for column in region.columns.values()) > 1


def is_subtotal(region: Region, line: int) -> bool:
    """Return whether the first text of a line says that it adds up others."""
    value = region.view.grid.rows[line][region.filled(line)[0]]
    return isinstance(value, str) and value != "" and plain(value) in _SUBTOTALS


def asks_elsewhere(region: Region, line: int, answers: Collection[str]) -> bool:
    """Return whether a line is one of answers beside their labels, such as the unit repeated on each page."""
    found = region.view.labels.get(line)
    if not found:
        return False
    columns = region.filled(line)
    asking = [
        column
        for column in columns
        if any(meaning.kind is Kind.FIELD and meaning.section in answers for meaning in found.get(column, ()))
    ]
    return bool(asking) and asking[0] == columns[0] and 2 * len(asking) >= len(columns)
