"""Answers known before a blank is sent out, keyed by the cell they belong to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.form.model import Field, FieldType, Form, Section, SectionKind
from toolkit.form.places import CellName
from toolkit.form.references import TOTAL_ROW
from toolkit.form.toml_table import suggestion


class AnswerError(ValueError):
    """An answer that a blank cannot hold; the message starts with its place."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"answers.{place}: {problem}" if place else f"answers: {problem}")


_WORDS = (FieldType.TEXT, FieldType.CHOICE, FieldType.PROSE)


def prefill(form: Form, answers: Mapping[str, Any] | None) -> dict[CellName, Any]:
    """Return answers, seeds and defaults by cell; AnswerError if the form does not know a name.

    `answers` mirrors the form: {section: {field: value}} for answers, {section: {row: {field: value}}} for
    grids, {section: [{field: value}, …]} for tables. A table row with `total = true` becomes a 合计 row.
    """
    given = answers or {}
    for name in given:
        _known("", "section", name, [section.id for section in form.sections])
    cells: dict[CellName, Any] = {}
    for section in form.sections:
        for row_id, values in _rows(section, given.get(section.id)):
            for field_id, value in values.items():
                if value is not None and value != "":
                    cells[section.id, row_id, field_id] = value
    return cells


def key_fields(section: Section) -> tuple[Field, ...]:
    """Return the fields that make a table row count as filled: its keys, or whatever a clerk must type."""
    keys = tuple(entry for entry in section.fields if entry.key)
    return keys or tuple(
        entry
        for entry in section.fields
        if not (entry.fill_down or entry.derive or entry.default or entry.id in section.companions)
    )


def total_label_field(section: Section) -> Field | None:
    """Return the column that carries the label of a 合计 row: a worded key, else any worded field."""
    worded = [entry for entry in section.fields if entry.type in _WORDS]
    return next((entry for entry in worded if entry.key), worded[0] if worded else None)


def is_total_row(row_id: str) -> bool:
    """Return whether a row id of a table names a 合计 row."""
    return row_id == TOTAL_ROW or row_id.startswith(f"{TOTAL_ROW}.")


def _rows(section: Section, given: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if section.kind is SectionKind.ANSWERS:
        values = _mapping(section.id, {} if given is None else given)
        _check_fields(section, section.id, values)
        yield "", {**_defaults(section), **values}
    elif section.kind is SectionKind.GRID:
        yield from _grid_rows(section, _mapping(section.id, {} if given is None else given))
    else:
        yield from _table_rows(section, section.seeds if given is None else given)


def _grid_rows(section: Section, given: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name in given:
        _known(section.id, "row", name, [row.id for row in section.rows])
    for row in section.rows:
        path = f"{section.id}.{row.id}"
        values = _mapping(path, given.get(row.id, {}))
        _check_fields(section, path, values, row.fields)
        asked = row.fields or tuple(entry.id for entry in section.fields)
        defaults = {name: text for name, text in _defaults(section).items() if name in asked}
        yield row.id, {**defaults, **row.defaults, **values}


def _table_rows(section: Section, given: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(given, (str, Mapping)):
        raise AnswerError(section.id, "a table takes a list of rows")
    ordinal = totals = 0
    for position, entry in enumerate(given, start=1):
        path = f"{section.id}[{position}]"
        values = dict(_mapping(path, entry))
        total = values.pop("total", False) is True and not section.has("total")
        _check_fields(section, path, values)
        if total:
            totals += 1
            row_id = TOTAL_ROW if totals == 1 else f"{TOTAL_ROW}.{totals}"
            yield row_id, values if section.total_fields else _labelled(section, values)
        else:
            ordinal += 1
            yield str(ordinal), {**_defaults(section), **values}


def _labelled(section: Section, values: dict[str, Any]) -> dict[str, Any]:
    label = total_label_field(section)
    if label is None or not section.totals or set(section.totals) & {str(value) for value in values.values()}:
        return values
    return {label.id: section.totals[0], **values}


def _defaults(section: Section) -> dict[str, str]:
    return {entry.id: entry.default for entry in section.fields if entry.default}


def _check_fields(
    section: Section, path: str, values: Mapping[str, Any], asked: tuple[str, ...] = ()
) -> None:
    for name in values:
        _known(path, "field", name, asked or [entry.id for entry in section.fields])


def _mapping(path: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise AnswerError(path, f"must be a table of answers, not {value!r}")
    return value


def _known(path: str, what: str, name: str, known: list[str] | tuple[str, ...]) -> None:
    if name not in known:
        raise AnswerError(path, f"there is no {what} '{name}'{suggestion(name, known)}")
