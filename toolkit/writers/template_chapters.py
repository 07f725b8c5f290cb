"""Tell the author of a Word template which chapters, though the form asks for them, it never prints."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from toolkit.form.model import FieldType, Form, Section, SectionKind
from toolkit.writers.narrative import Narrative
from toolkit.writers.template_check import Problem

_TOLD_BY = {  # [summary] key -> what `report` says of the section it names
    "unit": {"unit", "signature"},
    "project_name": {"project"},
    "indicators": {"indicators", "unmet", "explained", "rows", "groups"},
    "projects": {"projects"},
    "project_indicators": {"projects"},
    "actual_expenditure": {"money", "funds"},
    "total_score": {"total_score", "scored"},
    "grade": {"grade"},
}


def unused_chapters(narrative: Narrative, form: Form) -> Iterator[Problem]:
    """Yield each section that must be filled and is asked nowhere, at the paragraph most like its title.

    These are notices: an office may leave a chapter out on purpose.
    """
    asked, told, lines = narrative.variables(), narrative.asked_of("report"), narrative.lines()
    for section in form.sections:
        if section.is_required and section.id not in asked and not _is_told(section, told, form):
            tag = f"{{%p for row in {section.id} %}}"
            if section.kind is not SectionKind.TABLE:
                tag = f"{{{{ {section.id}.… }}}}"
            place = _like(section.title, lines)
            where = "可在此处加入" if place else "可加入"
            yield Problem(place or section.title, f"表样要求填写的“{section.title}”没有用到，{where} {tag}")


def _is_told(section: Section, told: set[str], form: Form) -> bool:
    """Return whether `report` brings the section into the document."""
    if "goals" in told and section.has("expected") and section.has("completion"):
        return True
    if "others" in told and all(field.type is FieldType.PROSE for field in section.fields if field.required):
        return True  # prose of headings the shipped form does not know
    named = (key for key, refs in form.summary.items() if any(ref.section == section.id for ref in refs))
    return any(_TOLD_BY.get(key, set()) & told for key in named)


def _like(title: str, lines: Sequence[str]) -> str:
    """Return the paragraph that holds a title or is most like it, empty when none is."""
    for line in lines:
        if title in line and len(line) < 3 * len(title):
            return line
    return next(iter(difflib.get_close_matches(title, lines, 1, 0.6)), "")
