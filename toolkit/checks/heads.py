"""What stays in memory of every result: enough to judge it beside others without a look at its answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from toolkit.checks.figures import figure
from toolkit.checks.files import BROKEN_OFF
from toolkit.checks.identity import summary_answer
from toolkit.checks.model import CheckResult, Merged
from toolkit.form.model import Form
from toolkit.issues.model import Location, Severity, Verdict
from toolkit.issues.values import value_class
from toolkit.submission.model import Answer, Cell, Submission, place_of

FUNDS = ("adjusted_budget", "actual_expenditure")


@value_class(frozen=True, slots=True)
class Head:
    """The head of a result: what a CheckResult says under the same names, and a few answers.

    `form` is empty when nothing was read. `project` and `period` are None where the form asks none or the
    workbook says nothing; `funds` are the FUNDS of a workbook on one project, in yuan.
    """

    file: str
    sha256: str
    size: int
    form: str = ""
    version: str = ""
    unit: str = ""
    year: int | None = None
    errors: int = 0
    explains: int = 0
    notes: int = 0
    broken_off: bool = False  # another day may read more of it
    origin: tuple[str, ...] = ()
    standing: str = ""
    district: str = ""
    excluded: str = ""
    merged: Merged | None = None
    own_district: str = ""  # as its form answers
    filled: date | None = None
    filled_at: Cell | None = None
    unit_at: Cell | None = None
    project: str | None = None
    period: str | None = None
    score: Decimal | None = None
    funds: tuple[Decimal | None, ...] = ()

    @classmethod
    def of(cls, result: CheckResult, form: Form | None) -> Head:
        """Return the head of a result that was read under a form; without the form it knows no answers."""
        read = result.submission
        bare = cls(
            file=result.file,
            sha256=result.sha256,
            size=result.size,
            form=read.form if read is not None else "",
            version=read.version if read is not None else "",
            year=result.year,
            broken_off=any(item.code in BROKEN_OFF for item in result.issues),
            origin=result.origin,
            standing=result.standing,
        ).amended(result)
        return bare if read is None or form is None else bare._answering(read, form)

    def _answering(self, read: Submission, form: Form) -> Head:
        unit, filled, project, period, score = (
            summary_answer(form, read, key)
            for key in ("unit", "fill_date", "project_name", "period", "total_score")
        )
        texts = (read.at(ref).text.strip() for ref in form.summary.get("district", ()))
        return replace(
            self,
            own_district=next(filter(None, texts), ""),
            filled=filled.value if filled is not None and isinstance(filled.value, date) else None,
            filled_at=filled.cell if filled is not None else None,
            unit_at=unit.cell if unit is not None else None,
            project=_said(project),
            period=_said(period),
            score=score.number if score is not None else None,
            funds=_funds(form, read) if project is not None else (),
        )

    def amended(self, result: CheckResult) -> Head:
        """Return the head of the same result after the judgement of all: its answers are what they were."""
        return replace(
            self,
            unit=result.unit,
            errors=result.count(Severity.ERROR),
            explains=result.count(Severity.EXPLAIN),
            notes=result.count(Severity.NOTE),
            district=result.district,
            excluded=result.excluded,
            merged=result.merged and replace(result.merged, members=()),
        )

    @property
    def is_read(self) -> bool:
        """Return whether there are answers."""
        return bool(self.form)

    @property
    def is_unreadable(self) -> bool:
        """Return whether nothing could be taken from a file that should count."""
        return not self.form and self.merged is None and not self.excluded

    @property
    def sender(self) -> str:
        """Return who merged it before it came to us, empty when it came by itself."""
        return self.origin[0] if self.origin else ""

    @property
    def issues(self) -> int:
        """Return how many issues it has."""
        return self.errors + self.explains + self.notes

    @property
    def verdict(self) -> Verdict:
        """Return what becomes of the workbook."""
        if self.errors:
            return Verdict.RETURNED
        return Verdict.EXPLAIN if self.explains else Verdict.ACCEPTED

    def count(self, severity: Severity) -> int:
        """Return how many issues have that severity."""
        if severity is Severity.ERROR:
            return self.errors
        return self.explains if severity is Severity.EXPLAIN else self.notes

    def place(self, cell: Cell | None, label: str) -> Location:
        """Return a cell of the file, or the file, as a place to tell an issue of."""
        return place_of(cell, label, self.file)


def _said(answer: Answer | None) -> str | None:
    return (answer.text or answer.raw) if answer is not None else None


def _funds(form: Form, read: Submission) -> tuple[Decimal | None, ...]:
    refs = (next(iter(form.summary.get(key, ())), None) for key in FUNDS)
    return tuple(figure(form, read, ref) if ref is not None else None for ref in refs)
