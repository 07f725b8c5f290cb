"""溯源 of the units' reports: every figure of a workbook that its report can print, back to its cell."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from toolkit.checks.figures import derive_of, derived, parts_of
from toolkit.form.model import Field, FieldType, Form, Ref, Section
from toolkit.issues.catalogue import shorten
from toolkit.submission.model import Actual, Answer, Row, Target
from toolkit.summary.entries import Entry
from toolkit.summary.kinds import Kind

REPORT = "单位报告"
STATED, UNSTATED = "直接取自单位填报数", "未填报，由以下各项计算："
LONGEST = 12  # characters of a target or an outcome; the whole stands under 填报内容
_KINDS = {
    FieldType.MONEY: Kind.MONEY,
    FieldType.PERCENT: Kind.PERCENT,
    FieldType.NUMBER: Kind.NUMBER,
    FieldType.INTEGER: Kind.NUMBER,
    FieldType.TARGET: Kind.TEXT,
    FieldType.ACTUAL: Kind.TEXT,
}
_SIGNS = {"sum": "＋", "difference": "－", "ratio": "÷", "change": "较"}


def report_rows(entry: Entry) -> Iterator[dict[str, Any]]:
    """Yield a row for every figure stated or made in a workbook, in the order of its form."""
    for section in entry.form.sections:
        fields = [field for field in section.fields if field.type in _KINDS]
        data = entry.submission.sections[section.id]
        for row in data.rows if fields else ():
            for field in fields:
                if found := _figure(entry, section, row, field):
                    yield found


def _figure(entry: Entry, section: Section, row: Row, field: Field) -> dict[str, Any] | None:
    answer, ref = row[field.id], Ref(section.id, row.id, field.id)
    value: Decimal | str | None = _stated(answer)
    formula = STATED
    if value is None:
        value = derived(entry.form, entry.submission, ref) if not row.total else None
        formula = f"{UNSTATED}{_words(entry.form, ref)}"
    if value is None:
        return None
    label = _label(section, row, field)
    return {
        "unit": entry.unit,
        "year": entry.year,
        "place": REPORT,
        "figure": label,
        "value": value,
        "kind": Kind.TEXT if isinstance(value, str) else _KINDS[field.type],
        "formula": formula,
        "file": entry.file,
        "sheet": answer.cell.sheet if answer.cell else "",
        "cell": answer.cell.a1 if answer.cell else "",
        "label": f"{section.title}·{label}",
        "raw": answer.raw,
    }


def _stated(answer: Answer) -> Decimal | str | None:
    if isinstance(answer.value, Target | Actual):
        return shorten(answer.value.text, LONGEST)
    return answer.number


def _words(form: Form, ref: Ref) -> str:
    """Return in words what a figure that was not stated is made of."""
    rule = derive_of(form, ref)
    if rule is None:
        return ""
    names = []
    for part in parts_of(rule, ref):
        section = form.section(part.section)
        line = next((line.label for line in section.rows if line.id == part.row), "")
        names.append("·".join(word for word in (line, section.field(part.field).label) if word))
    return _SIGNS.get(rule.how, "、").join(names)


def _label(section: Section, row: Row, field: Field) -> str:
    """Return row and field in words: a grid's row, a table row's own name."""
    if section.rows:
        return f"{section.row(row.id).label}·{field.label}"
    names = (row[one.id].raw.strip() for one in section.fields if one.key)
    name = next((name for name in names if name), "")
    return f"{name}·{field.label}" if name else field.label
