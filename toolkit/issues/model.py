"""Issues are values: what is wrong, where, how grave, and what follows for the workbook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    """How grave an issue is; the value is the word used in JSON, `word` the one staff read."""

    ERROR = "error"
    EXPLAIN = "explain"
    NOTE = "note"

    @property
    def word(self) -> str:
        """Return the word staff read.

        >>> Severity.EXPLAIN.word
        '需说明'
        """
        return {"error": "必改", "explain": "需说明", "note": "提示"}[self.value]

    @property
    def rank(self) -> int:
        """Return 0 for the gravest, so that sorting puts it first."""
        return ("error", "explain", "note").index(self.value)


class Verdict(StrEnum):
    """What becomes of a workbook."""

    ACCEPTED = "采用"
    EXPLAIN = "待说明"
    RETURNED = "退回"

    @classmethod
    def of(cls, severities: Iterable[Severity]) -> Verdict:
        """Return the one verdict that follows from the severities of a workbook's issues.

        >>> Verdict.of([Severity.NOTE, Severity.EXPLAIN])
        <Verdict.EXPLAIN: '待说明'>
        """
        found = set(severities)
        if Severity.ERROR in found:
            return cls.RETURNED
        return cls.EXPLAIN if Severity.EXPLAIN in found else cls.ACCEPTED


@dataclass(frozen=True, slots=True)
class Location:
    """A place staff can open: file (path relative to workbooks/), sheet, cell in A1 and the label beside it.

    Any part may be empty: an unreadable file has no sheet, a missing unit has no file.
    """

    file: str = ""
    sheet: str = ""
    cell: str = ""
    label: str = ""

    def __str__(self) -> str:
        """Return `file › sheet!cell`, leaving out what is not known."""
        place = f"{self.sheet}!{self.cell}" if self.sheet and self.cell else self.sheet or self.cell
        return " › ".join(part for part in (self.file, place) if part)


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding; the sentences come from the catalogue, so only `catalogue.issue` should build it.

    `found` and `expected` are short printable texts; `unit` names the unit concerned when it is known.
    """

    code: str
    severity: Severity
    location: Location
    found: str
    expected: str
    message: str
    hint: str
    unit: str = ""

    def in_file(self, file: str) -> Issue:
        """Return the same issue placed in `file`."""
        return replace(self, location=replace(self.location, file=file))

    def as_json(self) -> dict[str, str]:
        """Return the public JSON shape of an issue (see README, "For machines")."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "sheet": self.location.sheet,
            "cell": self.location.cell,
            "label": self.location.label,
            "found": self.found,
            "expected": self.expected,
            "message": self.message,
            "hint": self.hint,
        }
