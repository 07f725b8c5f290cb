"""The judgement of one workbook, and of all of them together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from toolkit.issues.model import Issue, Severity, Verdict
from toolkit.issues.values import value_class
from toolkit.submission.model import Cell, CellCount, Submission

if TYPE_CHECKING:
    from toolkit.checks.heads import Head
    from toolkit.checks.results import Results
    from toolkit.form.model import Form


@value_class(frozen=True, slots=True)
class IndicatorResult:
    """What the tool makes of one indicator row, beside what the clerk stated.

    `completion` is a ratio (None when it has no number), `met` is None when it cannot be decided,
    `score` is None when it is a matter of judgement (qualitative) or cannot be computed.
    """

    section: str
    row: str
    completion: Decimal | None
    met: bool | None
    status: str  # 已完成, 未完成, 达成, 部分达成, 未达成 or 无法判定
    score: Decimal | None
    method: str  # one Chinese phrase saying how it was computed


@dataclass(frozen=True, slots=True)
class RosterUnit:
    """A unit of 名册.xlsx that must report; `forms` are form ids, `year` None means the collection's."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    kind: str = ""
    district: str = ""
    contact: str = ""
    phone: str = ""
    forms: tuple[str, ...] = ()
    year: int | None = None
    due: date | None = None


class Standing(StrEnum):
    """Where a unit stands with one form it owes, or a workbook nobody asked for."""

    REPORTED = "已报"
    LATE = "迟报"
    RETURNED = "退回"
    MISSING = "漏报"
    EXCLUDED = "已排除"  # an officer left it out
    DUPLICATE = "重复"  # a second workbook of the same unit, form and year that does not count
    UNLISTED = "名册外"
    UNREADABLE = "无法读取"  # whose file it is nobody can tell


# where the roster's units stand with what they owe
OWED = (Standing.REPORTED, Standing.LATE, Standing.RETURNED, Standing.MISSING)


@dataclass(frozen=True, slots=True)
class StandingRow:
    """One line of 上报情况: a unit and a form it owes, or one more workbook that came in."""

    unit: str
    form: str
    year: int | None
    standing: Standing
    file: str = ""
    verdict: str = ""
    fill_date: date | None = None
    due: date | None = None
    contact: str = ""
    phone: str = ""
    why: str = ""  # one Chinese phrase when something needs explaining
    period: str = ""  # up to when, of a form that is filled several times a year

    def title(self, forms: Mapping[str, Form]) -> str:
        """Return the form in words, with the period it is about."""
        title = forms[self.form].title if self.form in forms else self.form
        return f"{title}（截至{self.period}）" if self.period else title


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One input file after reading and judging; `submission` is None when it could not be read."""

    file: str
    sha256: str
    size: int
    submission: Submission | None
    issues: tuple[Issue, ...]
    unit: str = ""  # as the cover states it, trimmed
    year: int | None = None
    indicators: dict[tuple[str, str], IndicatorResult] = field(default_factory=dict)  # (section, row)
    cells: CellCount = field(default_factory=CellCount)
    origin: tuple[str, ...] = ()  # who merged it on its way to us, the last sender first
    standing: str = ""  # where it stood with its sender
    district: str = ""  # as its sender says, where its own form does not
    merged: Merged | None = None  # what a 报送 file holds
    excluded: str = ""  # why an officer left it out of every total
    likened: tuple[str, ...] = ()  # keys of the issues that hang on which workbooks it was compared with

    @property
    def is_unreadable(self) -> bool:
        """Return whether nothing could be taken from a file that should count."""
        return self.submission is None and self.merged is None and not self.excluded

    @property
    def sender(self) -> str:
        """Return who merged it before it came to us, empty when it came by itself."""
        return self.origin[0] if self.origin else ""

    @property
    def faulty(self) -> set[tuple[str, str]]:
        """Return the cells that have to be mended, by sheet and address."""
        places = (item.location for item in self.issues if item.severity is Severity.ERROR)
        return {(place.sheet, place.cell) for place in places if place.cell}

    @property
    def verdict(self) -> Verdict:
        """Return what becomes of the workbook."""
        return Verdict.of(issue.severity for issue in self.issues)

    def count(self, severity: Severity) -> int:
        """Return how many issues have that severity."""
        return sum(issue.severity is severity for issue in self.issues)


def issue_key(issue: Issue) -> str:
    """Return what tells an issue of a workbook from the others: code and place."""
    return f"{issue.code} {issue.location.sheet}!{issue.location.cell}"


@dataclass(frozen=True, slots=True)
class Merged:
    """What a 报送 file holds: submissions, what its sender still waits for, and which part of a batch it is.

    `batch` is alike in all `parts` of one merging, `part` counts from 1. `members` are there while the file
    is opened; once results are kept, each is one of its own, and `held` says how many they are.
    """

    sender: str
    compiled: date
    batch: str
    part: int
    parts: int
    members: tuple[CheckResult, ...] = ()
    missing: tuple[StandingRow, ...] = ()
    held: int = 0


class Opinion(StrEnum):
    """What an officer says of a file, in the words of 台账.xlsx."""

    EXCLUDE = "排除"  # it leaves every total
    INCLUDE = "采用"  # it counts, and before others of the same unit


@dataclass(frozen=True, slots=True)
class Decision:
    """An officer's opinion of a file, and why."""

    opinion: Opinion
    why: str = ""


@dataclass(frozen=True, slots=True)
class Waiver:
    """An officer's word that 需说明 issues of a unit are explained: by whom, why, until when.

    `place` is a cell (`B7`, `收支情况!B7`) or a label; empty means every cell of that code. `problem` says
    why a waiver as written cannot be followed.
    """

    unit: str
    code: str
    why: str
    who: str
    place: str = ""
    until: date | None = None  # the last day it applies; None is no end
    source: str = ""  # where it is written: a row of 说明.xlsx, an entry of xlreport.toml
    problem: str = ""


class WaiverState(StrEnum):
    """What became of a waiver."""

    USED = "已采用"
    UNUSED = "未用到"
    EXPIRED = "已过期"
    NOT_APPLICABLE = "不适用"  # the issue must be mended and cannot be waived


@dataclass(frozen=True, slots=True)
class WaiverUse:
    """What became of a waiver; `count` is how many issues it explained, `why` what else is to be known."""

    waiver: Waiver
    state: WaiverState
    count: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """Last year's workbook on the same unit or project, and the form it was read under."""

    head: Head
    form: Form
    results: Results
    at: int

    @classmethod
    def of(cls, results: Results, at: int, form: Form) -> Earlier:
        """Return one of last year's results."""
        return cls(results.kept[at].head, form, results, at)

    @property
    def result(self) -> CheckResult:
        """Return the result; it is unpacked for this."""
        return self.results[self.at]

    @property
    def submission(self) -> Submission:
        """Return what the workbook says: it was read, else it would be nobody's last year."""
        submission = self.result.submission
        assert submission is not None
        return submission

    def source(self, cell: Cell | None) -> str:
        """Return file, sheet and cell of an answer, as sentences name it."""
        return f"《{self.head.file}》{f'{cell.sheet} {cell.a1}' if cell else ''}".strip()


@dataclass(frozen=True, slots=True)
class Collected:
    """All workbooks of a collection, judged together.

    `results` are in the order of their file names and carry the issues between workbooks too;
    `counting` names the files whose figures enter the totals; `issues` are those of no single file;
    `waivers` are all that were recorded, used or not; `skipped` counts temporary files in archives;
    `earlier` is, by file, last year's workbook on the same thing, where the collection names last year's.
    """

    results: Results
    standings: tuple[StandingRow, ...]
    counting: frozenset[str]
    issues: tuple[Issue, ...]
    waivers: tuple[WaiverUse, ...] = ()
    skipped: int = 0
    earlier: Mapping[str, Earlier] = field(default_factory=dict)
