"""The workbooks whose figures count, and what the sheets ask of each: unit, figures, texts, rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import PurePosixPath

from toolkit.checks.figures import figure
from toolkit.checks.heads import Head
from toolkit.checks.model import CheckResult, Collected, IndicatorResult, Standing
from toolkit.form.model import Form, Ref, Section
from toolkit.issues.model import Verdict
from toolkit.submission.model import Answer, Row, Submission


@dataclass(frozen=True, slots=True)
class Entry:
    """One counting workbook with its form.

    What it answers is on disk: `result` and `submission` unpack it, so that a list of entries is small. Of
    one workbook ask all at once; the last few are at hand.
    """

    head: Head
    form: Form
    unit: str
    district: str
    year: int | None
    results: Sequence[CheckResult]
    at: int

    @property
    def result(self) -> CheckResult:
        """Return what was made of the workbook."""
        return self.results[self.at]

    @property
    def submission(self) -> Submission:
        """Return what the workbook says."""
        read = self.result.submission
        assert read is not None  # an entry is of a workbook that was read
        return read

    @property
    def file(self) -> str:
        """Return the file the workbook came in."""
        return self.head.file

    @property
    def accepted(self) -> bool:
        """Return whether the workbook passed without anything to explain."""
        return self.head.verdict is Verdict.ACCEPTED

    def figure(self, key: str) -> Decimal | None:
        """Return a figure of the form's [summary] by the first reference that has one."""
        return next((value for _, value in self.found(key)), None)

    def found(self, key: str) -> Iterator[tuple[Ref, Decimal]]:
        """Yield the references of a [summary] key that have a figure."""
        for ref in self.form.summary.get(key, ()):
            value = figure(self.form, self.submission, ref)
            if value is not None:
                yield ref, value

    def text(self, key: str) -> str:
        """Return a text of the form's [summary], empty when it was not written."""
        for ref in self.form.summary.get(key, ()):
            if text := self.answer(ref).text.strip():
                return text
        return ""

    def answer(self, ref: Ref) -> Answer:
        """Return the answer a reference names, ABSENT when the workbook has no such cell."""
        return self.submission.at(ref)

    def sections(self, *keys: str) -> Iterator[Section]:
        """Yield the sections that [summary] keys name."""
        return sections_of(self.form, *keys)

    def rows(self, section: Section) -> tuple[Row, ...]:
        """Return the rows of a section that are facts."""
        data = self.submission.sections.get(section.id)
        return data.data if data else ()

    def indicator(self, section: Section, row: Row) -> IndicatorResult | None:
        """Return what the checks made of an indicator row."""
        return self.result.indicators.get((section.id, row.id))


def counting_entries(collected: Collected, forms: Mapping[str, Form], district: str) -> list[Entry]:
    """Return the workbooks that were read and count, in the order of unit names within the order of files.

    A roster's spelling of a unit goes before the cover's, so that its workbooks meet under one name.
    """
    listed = {
        standing.file: standing.unit
        for standing in collected.standings
        if standing.file and standing.unit and standing.standing is not Standing.UNLISTED
    }
    entries = []
    for at, head in enumerate(collected.results.heads):
        form = forms.get(f"{head.form}@{head.version}") or forms.get(head.form)
        if head.file in collected.counting and form is not None:
            bare = Entry(head, form, "", district, head.year, collected.results, at)
            year = bare.figure("year") if head.year is None else None
            entries.append(
                replace(
                    bare,
                    unit=listed.get(head.file)
                    or head.unit
                    or bare.text("unit")
                    or PurePosixPath(head.file).stem,
                    district=head.own_district or head.district or district,
                    year=head.year if year is None else int(year),
                )
            )
    return entries


def sections_of(form: Form, *keys: str) -> Iterator[Section]:
    """Yield the sections of a form that [summary] keys name."""
    for key in keys:
        for ref in form.summary.get(key, ()):
            yield form.section(ref.section)


def of_entity(entries: Iterable[Entry], entity: str) -> list[Entry]:
    """Return the entries whose form is about that entity, `department` or `project`."""
    return [entry for entry in entries if entry.form.entity == entity]


def place(answer: Answer) -> str:
    """Return sheet and address of an answer as staff type it, empty when it has no cell.

    >>> from toolkit.submission.model import Cell
    >>> place(Answer(None, "", Cell("收支情况", 2, 1)))
    '收支情况!B3'
    """
    return f"{answer.cell.sheet}!{answer.cell.a1}" if answer.cell else ""
