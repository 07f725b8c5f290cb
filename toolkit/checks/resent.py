"""What a workbook that was sent again says otherwise than the one it replaces, answer by answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from toolkit.checks.model import CheckResult
from toolkit.form.model import Field, FieldType, Form, Section, SectionKind
from toolkit.issues.catalogue import issue, shorten
from toolkit.issues.model import Issue, Location
from toolkit.submission.model import (
    ABSENT,
    Actual,
    Answer,
    Row,
    SectionData,
    Submission,
    Target,
    place_of,
)

_Key: TypeAlias = tuple[str, ...]
NOTHING = "（空）"
MOST = 200  # changes told one by one


def changes(earlier: CheckResult, later: CheckResult, form: Form) -> Iterator[Issue]:
    """Yield a note for every answer that differs, in the order of the form, on its cell in the later one.

    Rows of a table meet by their key answers, not by their place: an inserted row changes no other.
    """
    old, new = earlier.submission, later.submission
    if old is None or new is None:
        return
    found = [
        (label, before, after)
        for section in form.sections
        for label, before, after in _section(section, _rows(old, section), _rows(new, section))
    ]
    for label, before, after in found[:MOST]:
        cell = after.cell
        gone = f"（原在 {before.cell.sheet}!{before.cell.a1}）" if cell is None and before.cell else ""
        place = place_of(cell, label, later.file)
        was = shorten(_printed(before)) + gone
        yield issue("S28", place, found=_printed(after), expected=was, earlier=earlier.file, unit=later.unit)
    if len(found) > MOST:
        rest = f"另有 {len(found) - MOST} 处"
        place = Location(later.file, label="其余改动")
        yield issue("S28", place, found=rest, expected="", earlier=earlier.file, unit=later.unit)


def _section(
    section: Section, before: Mapping[_Key, Row], after: Mapping[_Key, Row]
) -> Iterator[tuple[str, Answer, Answer]]:
    for key in dict.fromkeys([*after, *before]):
        old, new = before.get(key), after.get(key)
        for entry in section.fields:
            was = old[entry.id] if old else ABSENT
            now = new[entry.id] if new else ABSENT
            if _said(was) != _said(now):
                yield _label(section, entry, new or old), was, now


def _rows(submission: Submission, section: Section) -> dict[_Key, Row]:
    """Return the rows of a section by what makes them the same row; of equal ones, by their order, too."""
    data: SectionData | None = submission.sections.get(section.id)
    keys = [
        entry.id for entry in section.fields if entry.key and entry.type in (FieldType.TEXT, FieldType.PROSE)
    ]
    found: dict[_Key, Row] = {}
    for row in data.rows if data else ():
        named = section.kind is SectionKind.TABLE and keys and not row.total
        key = tuple(_bare(row[name]) for name in keys) if named else (row.id,)
        while key in found:
            key = (*key, "")
        found[key] = row
    return found


def _bare(answer: Answer) -> str:
    return "".join(answer.raw.split())


def _said(answer: Answer) -> object:
    """Return what an answer says, however it is spelt: 2,000 and 2000 are one figure."""
    if isinstance(answer.value, Target | Actual):
        return "".join(answer.value.text.split())
    if answer.value is None:
        return answer.raw.strip() or None
    return answer.value.strip() if isinstance(answer.value, str) else answer.value


def _printed(answer: Answer) -> str:
    return answer.raw.strip() or NOTHING


def _label(section: Section, entry: Field, row: Row | None) -> str:
    """Return section, row and field in words."""
    if section.kind is not SectionKind.TABLE or row is None:
        return section.label_of(entry.id, row.id if row else "")
    names = [row[one.id].raw.strip() for one in section.fields if one.key and row[one.id].raw.strip()]
    return f"{names[0] if names else f'{section.title}第 {row.id} 行'}·{entry.label}"
