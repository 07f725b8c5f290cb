"""Lines within a table that hold no answers: numbers of the columns, a name over rows, a sum, signatures."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date

from toolkit.form.labels import normalise, plain
from toolkit.submission.grid import RawValue
from toolkit.submission.lexicon import Kind
from toolkit.submission.places import Region

LEAST_NUMBERS = 2  # columns numbered one after the other that are no figures of a row
_COUNTED = re.compile(r"\(?(\d{1,2})\)?(?:=.*)?")  # 3, (3), 3=2/1
_STEMS = "甲乙丙丁戊己庚辛"
_HEAD = frozenset({"栏次", "列次", "栏目", "序号", "行次"})
_SUBTOTALS = frozenset({"小计", "合计", "总计", "累计", "本页小计", "本页合计", "共计"})
_DUTY = "制表|填表|填报|编制|编报|审核|审批|审定|复核|经办|承办|联系|主管|分管|负责|法定代表"
_WHOSE = "单位|部门|项目|财务|科室|领导"
_SEAL = r"\((?:盖章|公章|签章|签字|签名)\)"
_WHO = rf"(?:{_WHOSE}|{_DUTY})*(?:(?:{_DUTY})人员?|日期|时间|电话)(?:{_SEAL})?"
_SIGNER = re.compile(rf"{_WHO}:?_*")  # the name stands beside
_SIGNED = re.compile(
    rf"{_WHO}:.{{0,12}}"
    rf"|(?:{_WHOSE}|{_DUTY})+:_*"
    r"|(?:制表|填表|复核|审核|经办):[\u4e00-\u9fff·]{2,4}"
    rf"|.{{0,30}}{_SEAL}:?_*"
)
_DATED = re.compile(r"(?:20\d\d|_*)[年.\-/](?:\d{1,2}|_*)[月.\-/](?:\d{1,2}|_*)日?")
_SIGNS = frozenset("人期间话日:)_")  # the last characters of such texts, where no colon is in them
LONGEST_NAME = 12  # characters of who signed


def below_numbers(region: Region) -> int:
    """Return the first line of a region that is not the row in which its columns are numbered."""
    for line in range(region.first, region.end):
        if region.near(line):
            return line + 1 if numbers_columns(region, line) else region.first
    return region.first


def numbers_columns(region: Region, line: int) -> bool:
    """Return whether a line numbers its columns: 1, 2, 3 …, after 栏次, 甲 and 乙, or A, B, C …"""
    row, columns = region.view.grid.rows[line], region.near(line)
    first = _word(row[columns[0]]) if columns else ""
    if not (_is_head(first) or first == "a" or _COUNTED.fullmatch(first)):
        return False  # most lines, seen by their first cell
    words = [word for column in columns if not _is_head(word := _word(row[column]))]
    if len(words) < LEAST_NUMBERS or (len(words) < 3 and len(words) == len(columns)):
        return False
    if all(len(word) == 1 and word.isascii() and word.isalpha() for word in words):
        return sorted(words) == [chr(ord("a") + place) for place in range(len(words))]
    counted = sorted({int(match[1]) for word in words if (match := _COUNTED.fullmatch(word))})
    if len(counted) < len(words) or counted[0] > 2:
        return False
    missing = counted[-1] - counted[0] + 1 - len(counted)  # where a column was taken out
    return missing == 0 or (missing == 1 and len(counted) > 3)


def _is_head(word: str) -> bool:
    return word in _HEAD or (word != "" and word in _STEMS)


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


def is_share(region: Region, line: int, filled: Collection[int]) -> bool:
    """Return whether the first text of a line says that it is a part of the row above: 其中：财政拨款."""
    value = region.view.grid.rows[line][min(filled)] if filled else ""
    return isinstance(value, str) and normalise(value[:8]).startswith("其中")


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


def is_signature(region: Region, line: int) -> bool:
    """Return whether a line is the block of signatures below a table: who filled it in, the stamp, the date.

    Names may stand behind their colons or in cells of their own. A date alone is one, too: nothing says what
    it would be the date of.
    """
    columns = region.near(line)
    row = region.view.grid.rows[line]
    if not columns or not _may_sign(row[columns[0]]):
        return False  # most lines, seen by their first cell
    signed, named = False, False  # is there one already; may a name follow
    for value in map(row.__getitem__, columns):
        text = normalise(value) if isinstance(value, str) else ""
        if isinstance(value, date) or _DATED.fullmatch(text):
            named = False
        elif _SIGNER.fullmatch(text):
            signed = named = True
        elif _SIGNED.fullmatch(text):
            signed, named = True, False
        elif named and 0 < len(text) <= LONGEST_NAME:
            named = False
        else:
            return False
    return signed or not _goes_on(region, line)


def _may_sign(value: RawValue) -> bool:
    if not isinstance(value, str):
        return isinstance(value, date)
    text = normalise(value)
    return text[-1:] in _SIGNS or ":" in text or text[:2] == "20"


def _goes_on(region: Region, line: int) -> bool:
    """Return whether a line belongs to the row above: a cell merged over both says what it is of."""
    places = ((line, column) for column in region.columns.values())
    return any(region.view.anchor(*place)[0] < line for place in places)
