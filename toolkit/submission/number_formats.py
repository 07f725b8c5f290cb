"""Tell from the number formats of a workbook which cells show dates, durations and percentages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from toolkit.submission.markup import parse
from toolkit.submission.recall import recalled


@dataclass(frozen=True, slots=True)
class Styles:
    """Which cell styles (by their index) show dates, durations and percentages."""

    dates: frozenset[int] = frozenset()
    durations: frozenset[int] = frozenset()
    percents: frozenset[int] = frozenset()


BUILTIN_DATES = frozenset(
    (*range(14, 23), *range(27, 37), 45, 47, *range(50, 59))
)  # 27-36, 50-58 are Chinese
BUILTIN_DURATION = 46
BUILTIN_PERCENTS = frozenset((9, 10))
_DECORATION = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')  # quoted, escaped, padding, colours and locales
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.I)


def format_kind(code: str) -> str:
    """Return what a number format shows: `percent`, `date`, `duration` or nothing.

    >>> [format_kind(code) for code in ("0.0%", '0"%"', 'yyyy"年"m"月"', "[h]:mm", "G/通用格式", "[Red]0.00")]
    ['percent', '', 'date', 'duration', '', '']
    """
    bare = _DECORATION.sub("", code)
    if "%" in bare:
        return "percent"
    if _ELAPSED.search(code):
        return "duration"
    if bare.lower() == "general" or not re.search("[ymdhs]", bare, re.I):
        return ""
    return "date"


@recalled  # workbooks made from one blank share their styles, byte for byte
def read_styles(xml: bytes) -> Styles:
    """Return which cell styles show dates, durations and percentages."""
    kinds: dict[int, str] = dict.fromkeys(BUILTIN_DATES, "date")
    kinds |= dict.fromkeys(BUILTIN_PERCENTS, "percent") | {BUILTIN_DURATION: "duration"}
    used: dict[str, set[int]] = {"date": set(), "duration": set(), "percent": set(), "": set()}
    where = {"cells": False, "index": 0}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "xf" and where["cells"]:
            number = attributes.get("numFmtId", "0")
            used[kinds.get(int(number), "") if number.isdecimal() else ""].add(where["index"])
            where["index"] += 1
        elif tag == "cellXfs":
            where["cells"] = True
        elif tag == "numFmt" and attributes.get("numFmtId", "").isdecimal():
            kinds[int(attributes["numFmtId"])] = format_kind(attributes.get("formatCode", ""))

    def end(tag: str) -> None:
        if tag == "cellXfs":
            where["cells"] = False

    parse(xml, start, end)
    return Styles(frozenset(used["date"]), frozenset(used["duration"]), frozenset(used["percent"]))
