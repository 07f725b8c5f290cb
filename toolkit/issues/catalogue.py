"""Every issue code and every sentence staff can read about it.

A sentence says what was found and what it should be; the hint says what to do, with an example. Codes follow
the families of the field's rule catalogue: F file, M merged file, S structure and identity, V value of one
cell, B budget, C weights and scores, N quantitative indicators, Q qualitative and text, X text against tables
and workbook against workbook, R the tool itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from toolkit.issues.model import Issue, Location, Severity

LONGEST_FOUND = 80


@dataclass(frozen=True, slots=True)
class Entry:
    """One code; its sentences are templates naming `label`, `found`, `expected` and the rule's facts."""

    code: str
    title: str
    severity: Severity
    message: str
    hint: str
    why: str
    example: str

    @property
    def family(self) -> str:
        """Return the Chinese name of the code's family."""
        return FAMILIES[self.code[0]]


FAMILIES = {
    "F": "文件",
    "M": "报送文件",
    "S": "结构与身份",
    "V": "单元格取值",
    "B": "预算与收支",
    "C": "分值与得分",
    "N": "定量指标",
    "Q": "定性与文字",
    "X": "前后与工作簿之间",
    "R": "程序",
}


@cache
def entries() -> Mapping[str, Entry]:
    """Return every entry by code, in the order of the catalogue file."""
    raw = tomllib.loads(files("toolkit.issues").joinpath("catalogue.toml").read_text(encoding="utf-8"))
    return {
        code: Entry(
            code=code,
            title=entry["title"],
            severity=Severity(entry["severity"]),
            message=entry["message"],
            hint=entry["hint"],
            why=entry["why"],
            example=entry["example"],
        )
        for code, entry in raw.items()
    }


def issue(
    code: str,
    location: Location,
    *,
    found: str = "",
    expected: str = "",
    severity: Severity | None = None,
    unit: str = "",
    **facts: object,
) -> Issue:
    """Return the issue of that code, worded; `facts` fill the names that only its sentences use."""
    entry = entries()[code]
    words = {"label": location.label, "found": shorten(found), "expected": expected, **facts}
    return Issue(
        code=code,
        severity=severity or entry.severity,
        location=location,
        found=shorten(found),
        expected=expected,
        message=entry.message.format_map(words),
        hint=entry.hint.format_map(words),
        unit=unit,
    )


def shorten(text: str, longest: int = LONGEST_FOUND) -> str:
    """Return the text on one line, cut visibly when it is long.

    >>> shorten("一二三四五六", 4)
    '一二三…'
    """
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
