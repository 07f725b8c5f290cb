"""Judged submissions -> the flat rows of a 报送 file, and such rows -> submissions as they were judged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any, TypeAlias

from toolkit.checks.cell_text import held
from toolkit.checks.identity import summary_answer
from toolkit.checks.merged_tables import (
    CHAIN,
    FACTS,
    FILES,
    INDICATORS,
    ISSUES,
    Scalar,
    digest,
    number_or_text,
)
from toolkit.checks.model import CheckResult, IndicatorResult, issue_key
from toolkit.checks.records import coder
from toolkit.form.model import Form
from toolkit.issues.model import Issue, Location, Severity
from toolkit.submission.model import (
    Actual,
    Answer,
    Blank,
    Cell,
    CellCount,
    Row,
    SectionData,
    Submission,
    Target,
)

ReadRow: TypeAlias = Mapping[str, Any]  # a row as read: cells by column id, and `at`, its place for staff
_YES = "是"
LONG = 200  # characters from which a text stands once in its row, not once more in its record
_ELSEWHERE = "\0"  # in a record: the text of the row's 文字 column


@dataclass(frozen=True, slots=True)
class MergedFile:
    """One submission as rows: that of 报送目录, and those of the tables below it."""

    entry: list[Scalar]
    facts: list[list[Scalar]]
    issues: list[list[Scalar]]
    indicators: list[list[Scalar]]


def form_digest(form: Form) -> str:
    """Return a digest of all a form says, by which two definitions under one name are told apart."""
    return hashlib.sha256(repr(form).encode()).hexdigest()


def rows_of(
    number: int, result: CheckResult, form: Form, *, unit: str, district: str, standing: str
) -> MergedFile:
    """Return a judged submission as rows; ValueError when it is none.

    Unit, district and standing (已报, 迟报 …) are as this collection knows them.
    """
    submission = result.submission
    if submission is None:
        raise ValueError(f"{result.file}: no submission")
    common: dict[str, Scalar] = {"number": number, "unit": unit}
    facts = list(_facts(common, result, submission, form))
    issues = [_issue(common, line, issue, result.likened) for line, issue in enumerate(result.issues, 1)]
    indicators = [_indicator(common, entry, submission) for entry in result.indicators.values()]
    filled = summary_answer(form, submission, "fill_date")
    title_year = submission.title_year
    entry = FILES.row(
        **common,
        district=district,
        origin=CHAIN.join(result.origin),
        form=submission.form,
        version=submission.version,
        form_digest=form_digest(form),
        year=result.year,
        title_year=title_year.number if title_year else None,
        fill_date=filled.value if filled and isinstance(filled.value, date) else None,
        verdict=result.verdict.value,
        standing=standing,
        file=result.file,
        sha256=result.sha256,
        size=result.size,
        **result.cells.as_json(),
        facts=len(facts),
        issues=len(issues),
        indicators=len(indicators),
        digest=digest([*facts, *issues, *indicators]),
    )
    return MergedFile(entry, facts, issues, indicators)


def _facts(
    common: Mapping[str, Scalar], result: CheckResult, submission: Submission, form: Form
) -> Iterator[list[Scalar]]:
    """Yield a row for every answer that is more than an empty cell, totals included."""
    shared = {**common, "form": submission.form, "year": result.year}
    source = {"file": result.file, "sha256": result.sha256}
    lines = count(1)
    for data in submission.sections.values():
        section = form.section(data.section)
        for row in data.rows:
            for field_id, answer in row.answers.items():
                if answer.value is None and answer.blank in (None, Blank.EMPTY):
                    continue
                cell = answer.cell
                yield FACTS.row(
                    **shared,
                    line=next(lines),
                    section=data.section,
                    row=row.id,
                    field=field_id,
                    label=section.label_of(field_id, row.id),
                    **_printed(answer),
                    sheet=cell.sheet if cell else None,
                    cell=cell.a1 if cell else None,
                    **source,
                    record=_record(answer, row.total),
                )


def _printed(answer: Answer) -> dict[str, Scalar]:
    """Return the value for people and pivots: a number in yuan or as a ratio, a text, a day."""
    value = answer.value
    if isinstance(value, Decimal):
        return {"value": number_or_text(value)}
    if isinstance(value, Target | Actual):
        number = number_or_text(value.number) if value.number is not None else None
        return {"value": number, "text": value.text}
    if isinstance(value, date):
        return {"day": value}
    return {"text": value if value is not None else answer.raw}


def _record(answer: Answer, total: bool) -> str:
    """Return the answer whole, as its coder spells it, but for the cell and a long text of the row.

    Where a cell does not hold it, what was typed goes: its value stays, and its text as the row has it.
    """
    text = _printed(answer).get("text")
    record = _spelt(answer, total, text)
    if held(record) == record:
        return record
    return _spelt(replace(answer, raw=text if isinstance(text, str) else answer.raw[:LONG]), total, text)


def _spelt(answer: Answer, total: bool, text: Scalar) -> str:
    plain = coder(Answer).encode(replace(answer, cell=None))
    if isinstance(text, str) and len(text) >= LONG:
        plain = _swapped(plain, text, _ELSEWHERE)
    return json.dumps([total, plain], ensure_ascii=False, separators=(",", ":"))


def _swapped(plain: Any, text: str, other: str) -> Any:
    """Return a plain value with one text in it exchanged for another."""
    if isinstance(plain, list):
        return [_swapped(part, text, other) for part in plain]
    return other if plain == text else plain


def _issue(common: Mapping[str, Scalar], line: int, issue: Issue, likened: Sequence[str]) -> list[Scalar]:
    place = issue.location
    return ISSUES.row(
        **common,
        line=line,
        code=issue.code,
        severity=issue.severity.value,
        sheet=place.sheet,
        cell=place.cell,
        label=place.label,
        found=issue.found,
        expected=issue.expected,
        message=issue.message,
        hint=issue.hint,
        likened=_YES if issue_key(issue) in likened else None,
    )


def _indicator(common: Mapping[str, Scalar], result: IndicatorResult, submission: Submission) -> list[Scalar]:
    name = submission.answer(result.section, result.row, "name")
    return INDICATORS.row(
        **common,
        section=result.section,
        row=result.row,
        name=name.text or name.raw,
        status=result.status,
        method=result.method,
        record=json.dumps(coder(IndicatorResult).encode(result), ensure_ascii=False, separators=(",", ":")),
    )


# ── and back ────────────────────────────────────────────────────────────────────────────────────────


class EditedError(ValueError):
    """A row that is not as it was written; the argument says which, in the words of staff."""


def restored(
    entry: ReadRow,
    facts: Sequence[ReadRow],
    issues: Sequence[ReadRow],
    indicators: Sequence[ReadRow],
    form: Form,
    sender: str,
    merged: str,
) -> CheckResult:
    """Return a submission as its sender judged it, named by the `merged` file and its own.

    Facts that the form does not ask are left out. EditedError when value
    and record of a fact differ, another error of Python's when they are not what `rows_of` makes.
    """
    file = f"{merged}/{entry['file']}"
    origin = tuple(part for part in str(entry["origin"]).split(CHAIN) if part)
    title_year = entry["title_year"]
    cells = CellCount(*(int(entry[name]) for name in ("filled", "labels", "answers", "notes", "unread")))
    submission = Submission(
        file=file,
        form=form.id,
        version=form.version,
        sections=_sections(sorted(facts, key=_line), form),
        cells=cells,
        title_year=Answer(Decimal(int(title_year)), str(int(title_year)), None) if title_year else None,
    )
    results = (coder(IndicatorResult).decode(json.loads(row["record"])) for row in indicators)
    return CheckResult(
        file=file,
        sha256=str(entry["sha256"]),
        size=int(entry["size"]),
        submission=submission,
        issues=tuple(
            _issue_of(row, file, str(entry["unit"]))
            for row in sorted(issues, key=_line)
            if row["likened"] != _YES  # the receiver compares anew, with more of them
        ),
        unit=str(entry["unit"]),
        year=int(entry["year"]) if entry["year"] else None,
        indicators={(result.section, result.row): result for result in results},
        cells=cells,
        origin=(sender, *origin),
        standing=str(entry["standing"]),
        district=str(entry["district"]),
    )


def _line(record: ReadRow) -> float:
    return float(record["line"])


def _sections(facts: Iterable[ReadRow], form: Form) -> dict[str, SectionData]:
    rows: dict[str, dict[str, dict[str, Answer]]] = {section.id: {} for section in form.sections}
    totals: set[tuple[str, str]] = set()
    for fact in facts:
        section, row, name = (str(fact[key]) for key in ("section", "row", "field"))
        total, answer = _answer(fact)
        if section in rows and form.section(section).has(name):
            rows[section].setdefault(row, {})[name] = answer
            totals |= {(section, row)} if total else set()
    return {section: _section(section, found, totals) for section, found in rows.items()}


def _section(
    section: str, rows: Mapping[str, dict[str, Answer]], totals: set[tuple[str, str]]
) -> SectionData:
    cells = (answer.cell for answers in rows.values() for answer in answers.values() if answer.cell)
    first = next(cells, None)
    return SectionData(
        section,
        tuple(Row(row, answers, (section, row) in totals) for row, answers in rows.items()),
        found=bool(rows),
        sheet=first.sheet if first else "",
    )


def _answer(fact: ReadRow) -> tuple[bool, Answer]:
    """Return whether the row is a total, and the answer."""
    total, plain = json.loads(fact["record"])
    answer: Answer = coder(Answer).decode(_swapped(plain, _ELSEWHERE, fact["text"]))
    printed = _printed(answer)
    for column in ("value", "text", "day"):
        if not _same(printed.get(column), fact[column]):
            raise EditedError(f"{fact['at']}行“{fact['label']}”的内容与编码不符，有改动")
    place = Cell.of(str(fact["sheet"]), str(fact["cell"])) if fact["cell"] else None
    return bool(total), replace(answer, cell=place)


def _same(value: Scalar, cell: Any) -> bool:
    """Return whether a read cell holds what was written."""
    if value is None:
        return bool(cell == "")
    if isinstance(value, Decimal) and isinstance(cell, float | int):
        return Decimal(repr(cell)) == value
    if isinstance(cell, datetime):
        cell = cell.date()
    return bool(cell == value)


def _issue_of(row: ReadRow, file: str, unit: str) -> Issue:
    place = Location(file, *(str(row[name]) for name in ("sheet", "cell", "label")))
    found, expected, message, hint = (str(row[name]) for name in ("found", "expected", "message", "hint"))
    return Issue(str(row["code"]), Severity(row["severity"]), place, found, expected, message, hint, unit)
