"""Issues are values: what is wrong, where, how grave, and what follows for the workbook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from toolkit.issues.values import value_class


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


class Stage(StrEnum):
    """When in the judgement an issue comes up; what is early is told first, as it may explain the rest."""

    FILE = "file"
    IDENTITY = "identity"  # which form, whose, of which year
    STRUCTURE = "structure"  # sections, headings, cells nobody asked for
    VALUES = "values"  # one cell by itself
    RULES = "rules"  # between cells
    ACROSS = "across"  # between workbooks

    @classmethod
    def of(cls, code: str) -> Stage:
        """Return the stage of an issue code: by its family, else by what the code is about.

        >>> Stage.of("F01"), Stage.of("S04"), Stage.of("N17")
        (<Stage.FILE: 'file'>, <Stage.VALUES: 'values'>, <Stage.RULES: 'rules'>)
        """
        return _STAGE_OF_CODE.get(code) or _STAGE_OF_FAMILY.get(code[:1], cls.RULES)

    @property
    def rank(self) -> int:
        """Return the place of the stage in the order of the judgement, from 0."""
        return _STAGES.index(self)


_STAGES = tuple(Stage)
_STAGE_OF_FAMILY = {"F": Stage.FILE, "M": Stage.FILE, "S": Stage.STRUCTURE, "V": Stage.VALUES}
_STAGE_OF_CODE = {
    **dict.fromkeys(
        ("S01", "S02", "S03", "S17", "S18", "S19", "S22", "S23", "S24", "S25", "S26", "S29"), Stage.IDENTITY
    ),
    **dict.fromkeys(("S04", "S09", "S10", "S11", "S12"), Stage.VALUES),
    **dict.fromkeys(
        ("F11", "S05", "S14", "S15", "S27", "S28", "X10", "X11", "X12", "X13", "X14", "X15", "X16", "X17"),
        Stage.ACROSS,
    ),
}


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


@value_class(frozen=True, slots=True)
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


@value_class(frozen=True, slots=True)
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

    @property
    def order(self) -> tuple[int, int]:
        """Return the sorting key that puts the gravest first and, among equals, the earlier stage."""
        return self.severity.rank, Stage.of(self.code).rank

    def in_file(self, file: str, unit: str = "") -> Issue:
        """Return the same issue placed in `file`, and of `unit` where that is known."""
        place = replace(self.location, file=file)
        return replace(self, location=place, unit=unit or self.unit)

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
