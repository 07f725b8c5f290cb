"""The workbooks whose figures count, and what the sheets ask of each: unit, figures, texts, rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePosixPath

from toolkit.checks.figures import figure
from toolkit.checks.model import CheckResult, Collected, IndicatorResult, Standing
from toolkit.form.model import Form, Ref, Section
from toolkit.issues.model import Verdict
from toolkit.submission.model import Answer, Row, Submission


@dataclass(frozen=True, slots=True)
class Entry:
    """One counting workbook with its form."""

    result: CheckResult
    submission: Submission
    form: Form
    unit: str
    district: str
    year: int | None

    @property
    def file(self) -> str:
        """Return the file the workbook came in."""
        return self.result.file

    @property
    def accepted(self) -> bool:
        """Return whether the workbook passed without anything to explain."""
        return self.result.verdict is Verdict.ACCEPTED

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
        return self.submission.answer(ref.section, ref.row, ref.field)

    def sections(self, *keys: str) -> Iterator[Section]:
        """Yield the sections that [summary] keys name."""
        for key in keys:
            for ref in self.form.summary.get(key, ()):
                yield self.form.section(ref.section)

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
    for result in collected.results:
        form = _form_of(result.submission, forms)
        if result.file not in collected.counting or result.submission is None or form is None:
            continue
        bare = Entry(result, result.submission, form, "", district, result.year)
        year = bare.figure("year")
        entries.append(
            Entry(
                result,
                result.submission,
                form,
                unit=listed.get(result.file)
                or result.unit
                or bare.text("unit")
                or PurePosixPath(result.file).stem,
                district=bare.text("district") or result.district or district,
                year=result.year if result.year is not None or year is None else int(year),
            )
        )
    return entries


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


def _form_of(submission: Submission | None, forms: Mapping[str, Form]) -> Form | None:
    if submission is None:
        return None
    return forms.get(f"{submission.form}@{submission.version}") or forms.get(submission.form)
