"""Build submissions, results and collections from plain answers, without a workbook."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from toolkit.checks.model import CheckResult, Collected, IndicatorResult, Standing, StandingRow
from toolkit.checks.results import Results
from toolkit.checks.scoring import outcome
from toolkit.form.loader import load_form
from toolkit.form.model import Field, Form, Section, SectionKind
from toolkit.issues.model import Issue, Location, Severity
from toolkit.submission.answers import read_field
from toolkit.submission.model import (
    Actual,
    Answer,
    Cell,
    CellCount,
    Row,
    SectionData,
    Submission,
    Target,
)

ROOT = Path(__file__).resolve().parent.parent
Answers = Mapping[str, Any]


@cache
def forms() -> dict[str, Form]:
    """Return the shipped forms by id."""
    return {
        name: load_form(ROOT / "templates" / "forms" / f"{name}.toml")
        for name in ("department", "project", "monitor")
    }


def sample(name: str) -> dict[str, Any]:
    """Return the answers of `scripts/samples/<name>.toml`."""
    text = (ROOT / "scripts" / "samples" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)


@dataclass
class _Page:
    """Hands out the next free row of a sheet."""

    next_row: dict[str, int] = field(default_factory=dict)

    def row(self, sheet: str) -> int:
        self.next_row[sheet] = self.next_row.get(sheet, 2) + 1
        return self.next_row[sheet]


def submission(form: Form, answers: Answers, file: str = "甲.xlsx") -> Submission:
    """Turn answers (section -> {field}, {row: {field}} or [{field}]) into facts with plausible cells."""
    page = _Page()
    sections = {
        section.id: _section(form, section, answers.get(section.id), page) for section in form.sections
    }
    filled = sum(len(row.answers) for data in sections.values() for row in data.rows)
    return Submission(file, form.id, form.version, sections, CellCount(filled=filled, answers=filled))


def _section(form: Form, section: Section, given: Any, page: _Page) -> SectionData:
    if given is None:
        return SectionData(section.id, ())
    if section.kind is SectionKind.ANSWERS:
        rows = [("", given)]
    elif section.kind is SectionKind.GRID:
        rows = [(row.id, given[row.id]) for row in section.rows if row.id in given]
        assert len(rows) == len(given), f"{section.id} has rows its form does not know"
    else:
        rows = _table_rows(section, given)
    return SectionData(
        section.id,
        tuple(
            Row(
                row_id,
                _answers(form, section, entry, page.row(section.sheet)),
                total=bool(entry.get("total")),
            )
            for row_id, entry in rows
        ),
        sheet=section.sheet,
    )


def _table_rows(section: Section, given: Sequence[Answers]) -> list[tuple[str, Answers]]:
    """Number the rows and fill merged cells down, as the reader does."""
    above: dict[str, Any] = {}
    rows = []
    for number, entry in enumerate(given, 1):
        above = {
            name: entry.get(name, above.get(name)) for name in (f.id for f in section.fields if f.fill_down)
        }
        filled = {name: value for name, value in above.items() if value is not None}
        rows.append(("total", entry) if entry.get("total") else (str(number), {**filled, **entry}))
    return rows


def _answers(form: Form, section: Section, entry: Answers, row: int) -> dict[str, Answer]:
    return {
        name: _answer(
            form,
            section.field(name),
            value,
            Cell(section.sheet, row, section.fields.index(section.field(name)) + 1),
        )
        for name, value in entry.items()
        if name != "total"
    }


def _answer(form: Form, asked: Field, value: Any, cell: Cell) -> Answer:
    raw = str(value) if isinstance(value, Decimal) else value
    reading = read_field(asked, raw, unit=form.money, percent_format=False)
    return Answer(
        reading.value,
        str(value),
        cell,
        reading.blank,
        reading.decimals,
        reading.printed_unit,
        reading.repairs,
    )


def result(
    form: Form,
    answers: Answers,
    file: str,
    issues: Iterable[Issue] = (),
) -> CheckResult:
    """Return the result of a workbook that says `answers`, with its indicators recomputed."""
    read = submission(form, answers, file)
    cover = answers.get("cover") or answers.get("project") or {}
    return CheckResult(
        file=file,
        sha256=hashlib.sha256(file.encode()).hexdigest(),
        size=1024,
        submission=read,
        issues=tuple(issue.in_file(file) for issue in issues),
        unit=str(cover.get("unit_name", "")).strip(),
        year=cover.get("fiscal_year"),
        indicators=_indicators(form, read),
    )


def _indicators(form: Form, read: Submission) -> dict[tuple[str, str], IndicatorResult]:
    results = {}
    for section in form.sections:
        for row in read.sections[section.id].data if section.indicators else ():
            target, actual = row["target"].value, row["actual"].value
            if isinstance(target, Target) and isinstance(actual, Actual):
                made = outcome(target, actual, form.scoring, row["status"].text)
                results[section.id, row.id] = IndicatorResult(
                    section.id,
                    row.id,
                    made.completion,
                    made.met,
                    made.status,
                    made.score(row["max_score"].number, 2),
                    made.method,
                )
    return results


def issue(
    severity: Severity = Severity.ERROR, code: str = "B05", message: str = "执行率与计算结果不一致"
) -> Issue:
    """Return an issue of that severity in a cell of 收支情况."""
    return Issue(
        code,
        severity,
        Location(sheet="收支情况", cell="F12", label="支出合计·完成率"),
        found="99.00%",
        expected="96.79%",
        message=message,
        hint="按决算数÷全年预算数重新计算",
    )


def collected(
    results: Sequence[CheckResult],
    standings: Sequence[StandingRow] | None = None,
    counting: Iterable[str] | None = None,
) -> Collected:
    """Return a collection; by default every readable result counts and every unit reported in time."""
    if standings is None:
        standings = [
            StandingRow(
                result.unit,
                result.submission.form if result.submission else "",
                result.year,
                Standing.REPORTED if result.submission else Standing.UNLISTED,
                file=result.file,
                verdict=result.verdict.value,
                fill_date=date(2025, 3, 10),
            )
            for result in results
        ]
    names = {r.file for r in results if r.submission} if counting is None else counting
    return Collected(Results.of(results, forms()), tuple(standings), frozenset(names), ())


def unreadable(file: str) -> CheckResult:
    """Return the result of a file that could not be read."""
    found = replace(issue(code="F01", message="文件打不开"), location=Location())
    return CheckResult(file, "0" * 64, 10, None, (found.in_file(file),))


def money(budget: int | str, actual: int | str, initial: int | str = 0, **parts: Any) -> dict[str, Any]:
    """Return answers of 支出 with a stated total, in 万元."""
    return {
        "total": {"initial_budget": initial, "adjusted_budget": budget, "actual_expenditure": actual},
        **parts,
    }


def department(unit: str, year: int = 2024, **sections: Any) -> dict[str, Any]:
    """Return answers of a department workbook: a cover and whatever else is given."""
    return {"cover": {"unit_name": unit, "fiscal_year": year, "district": "某区"}, **sections}


def project(
    unit: str, name: str, budget: Any, actual: Any, year: int = 2024, **sections: Any
) -> dict[str, Any]:
    """Return answers of a project workbook."""
    return {
        "project": {
            "project_name": name,
            "fiscal_year": year,
            "unit_name": unit,
            "supervising_department": unit,
        },
        "funds": {"total": {"adjusted_budget": budget, "actual_expenditure": actual}},
        **sections,
    }
