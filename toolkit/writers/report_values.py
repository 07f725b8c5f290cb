"""Answers as a Word template prints them: every section of a form by its id, each value ready for a filter.

Money is Decimal yuan, rates are ratios recomputed from their parts, texts are as the clerk wrote them. A
figure that could not be read keeps its text, a required answer that is not there becomes 【待补充：…】, any
other is None.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeAlias

from toolkit.checks.figures import derived, figure
from toolkit.form.labels import unnumbered
from toolkit.form.model import Field, FieldType, GridRow, Ref, Section, SectionKind
from toolkit.submission.model import Actual, Answer, Blank, Row, Target
from toolkit.submission.numerals import blank_of
from toolkit.summary.entries import Entry
from toolkit.writers.wording import missing

Values: TypeAlias = dict[str, object]

RECOMPUTED = ("met", "completion", "status", "score_computed", "method")  # of an indicator, by the checks
_LISTS = ("rows", "filled", "parts", "zeros")
_FIGURES = frozenset({FieldType.MONEY, FieldType.NUMBER, FieldType.INTEGER, FieldType.PERCENT})
_LOST = frozenset({Blank.ERROR, Blank.UNCALCULATED})


def section_values(entry: Entry, section: Section) -> Values | list[Values]:
    """Return a section as templates see it.

    Answers are {field: value}; a table is a list of such rows, totals left out; a grid is {row: {field:
    value}} with lists beside: `rows` all in the order of the form, `filled` those that say anything, `parts`
    the finest of them that are not zero, `zeros` those that are, and `has`, which columns hold anything.
    """
    if section.kind is SectionKind.GRID:
        return _grid(entry, section)
    if section.kind is SectionKind.TABLE:
        return [_table_row(entry, section, row) for row in entry.rows(section)]
    return {
        field.id: value(entry, Ref(section.id, "", field.id), required=field.required, label=field.label)
        for field in section.fields
    }


def unasked(section: Section, *, sample: bool = False) -> Values | list[Values]:
    """Return a section a form does not ask, in the shape templates expect: not a single answer.

    With `sample` its tables have one row and its grids count as filled, so that a check sees their names.
    """
    row: Values = {field.id: None for field in section.fields}
    if section.indicators:
        row |= dict.fromkeys(RECOMPUTED)
    if section.kind is SectionKind.ANSWERS:
        return row
    if section.kind is SectionKind.TABLE:
        return [row] if sample else []
    rows = {each.id: _labels(each) | row for each in section.rows}
    told = list(rows.values()) if sample else []
    return {
        **rows,
        "rows": list(rows.values()),
        "filled": told,
        "parts": told,
        "zeros": told,
        "has": dict.fromkeys(row, False),
    }


def widened(values: Any, section: Section) -> Any:
    """Return the values of a form's section with the names that another form's section of its kind adds."""
    names: Values = {field.id: None for field in section.fields}
    if section.kind is SectionKind.ANSWERS:
        return names | values
    if section.kind is SectionKind.TABLE:
        return [names | row for row in values]
    own = {key: names | row for key, row in values.items() if key not in (*_LISTS, "has")}
    lists = {key: [names | row for row in values[key]] for key in _LISTS}
    empty = unasked(section)
    has = {"has": dict.fromkeys(names, False) | values["has"]}
    return (empty if isinstance(empty, dict) else {}) | own | lists | has


def value(entry: Entry, ref: Ref, *, required: bool, label: str) -> object:
    """Return one answer; `label` names it in 【待补充：…】 when it is required and absent."""
    field, answer = entry.form.field(ref), entry.answer(ref)
    number = _number(entry, field, ref, answer) if field.type in _FIGURES else None
    said = number if number is not None else _said(field, answer, required=required)
    if said is None and (required or answer.blank in _LOST):
        return missing(label)
    return said


def is_said(value: object) -> bool:
    """Return whether a value is an answer: neither nothing nor the mark of a missing one."""
    return value is not None and not (isinstance(value, str) and value.startswith("【待补充"))


def _number(entry: Entry, field: Field, ref: Ref, answer: Answer) -> Decimal | None:
    """Return a figure as stated or else derived, but a rate as derived or else stated."""
    if field.type is FieldType.PERCENT:
        computed = derived(entry.form, entry.submission, ref)
        return answer.number if computed is None else computed
    found = figure(entry.form, entry.submission, ref)
    return found if found is not None else _before_change(entry, ref)


def _before_change(entry: Entry, ref: Ref) -> Decimal | None:
    """Return last year's figure from this year's and the stated change, when it was not given itself."""
    for field in entry.form.section(ref.section).fields:
        rule = field.derive
        if rule is None or rule.how != "difference" or (rule.of[1].row, rule.of[1].field) != ("", ref.field):
            continue
        change = entry.answer(Ref(ref.section, ref.row, field.id)).number
        current = figure(entry.form, entry.submission, Ref(ref.section, ref.row, rule.of[0].field))
        if change is not None and current is not None:
            return current - change
    return None


def _said(field: Field, answer: Answer, *, required: bool) -> object:
    """Return what the cell says when it is no figure of its own."""
    if answer.blank is Blank.UNREADABLE:
        return answer.raw.strip() or None
    if isinstance(answer.value, (Target, Actual)):
        return answer.value.text.strip() or None
    if not isinstance(answer.value, str):
        return answer.value
    text = answer.value.strip()
    asked = required or field.key  # 无 answers such a question; elsewhere it says that there is no answer
    return text if text and (asked or blank_of(text) is None) else None


def _table_row(entry: Entry, section: Section, row: Row) -> Values:
    values: Values = {
        field.id: value(entry, Ref(section.id, row.id, field.id), required=field.required, label=field.label)
        for field in section.fields
    }
    heading = values.get("heading")
    return {**values, "heading": unnumbered(heading)} if isinstance(heading, str) else values


def _grid(entry: Entry, section: Section) -> Values:
    rows = {row.id: _grid_row(entry, section, row) for row in section.rows}
    said = {row.id: _said_beyond_defaults(row, rows[row.id]) for row in section.rows}
    filled = [row for row in section.rows if said[row.id]]
    finest = [row for row in filled if not _is_sum(row, {part.id for part in filled})]
    parts = [row for row in finest if any(said[row.id])]
    zeros = [row for row in finest if not any(said[row.id])]
    return {
        **rows,
        "rows": list(rows.values()),
        "filled": [rows[row.id] for row in filled],
        "parts": [rows[row.id] for row in parts],
        "zeros": [rows[row.id] for row in zeros],
        "has": {field.id: any(is_said(rows[row.id][field.id]) for row in filled) for field in section.fields},
    }


def _grid_row(entry: Entry, section: Section, row: GridRow) -> Values:
    """Return the row's values with its label: as the form prints it, and without number as `name`."""
    values = _labels(row)
    for field in section.fields:
        required = row.asks(field.id) and (field.required or field.id in row.required)
        ref = Ref(section.id, row.id, field.id)
        values[field.id] = value(entry, ref, required=required, label=f"{values['name']}·{field.label}")
    return values


def _labels(row: GridRow) -> Values:
    name = unnumbered(row.label)
    return {"label": row.label, "name": name, "indented": "　" * row.indent + name}


def _said_beyond_defaults(row: GridRow, values: Values) -> list[object]:
    """Return the answers of a row, without those the blank had printed."""
    known = {"label", "name", "indented", *row.defaults}
    return [said for key, said in values.items() if key not in known and is_said(said)]


def _is_sum(row: GridRow, filled: set[str]) -> bool:
    """Return whether a row is a total, or a subtotal of rows that are filled."""
    return row.strong or any(ref.row in filled for rule in row.derives.values() for ref in rule.of)
