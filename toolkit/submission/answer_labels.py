"""Which cell asks for each single answer: one a field, on the sheet that has most of its section."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from toolkit.form.model import Form, SectionKind
from toolkit.submission.lexicon import Kind, is_unanswered
from toolkit.submission.places import Label, Region, View

_FIELD = Kind.FIELD  # looking up a member of an enum costs a call


def answer_labels(form: Form, views: Sequence[View], regions: Sequence[Region]) -> list[Label]:
    """Find the cells that ask for single answers, one for each field; headings of tables ask for none."""
    sections = {section.id: section for section in form.sections if section.kind is SectionKind.ANSWERS}
    headings = {
        (region.view.index, row)
        for region in regions
        for row in range(region.heading[0], region.heading[1] + 1)
    }
    found: dict[str, list[Label]] = defaultdict(list)
    for view in views:
        for row, column in view.asked:
            if (view.index, row) in headings:
                continue
            inline = (row, column) in view.inline
            for meaning in view.asked_at(row, column):
                if meaning.kind is _FIELD and meaning.section in sections:
                    label = Label(sections[meaning.section], meaning.name, view, row, column, inline)
                    found[meaning.section].append(label)
    return [label for labels in found.values() for label in _one_per_field(labels)]


def _one_per_field(labels: Sequence[Label]) -> list[Label]:
    """Choose one label per field: on the sheet that has most of the section's labels, the likeliest there."""
    fields_on = {
        label.view.index: len({other.field_id for other in labels if other.view is label.view})
        for label in labels
    }
    chosen: dict[str, Label] = {}
    cells: set[tuple[int, int, int]] = set()
    for label in sorted(
        labels, key=lambda item: (-fields_on[item.view.index], item.view.index, *_likely(item))
    ):
        cell = (label.view.index, label.row, label.column)
        if label.field_id not in chosen and cell not in cells:
            chosen[label.field_id] = label
            cells.add(cell)
    return list(chosen.values())


def _likely(label: Label) -> tuple[bool, int, int, int]:
    """Return a key that puts a label with an answer beside it before a title of the same words."""
    view = label.view
    _, left, _, right = view.span(label.row, label.column)
    row = view.grid.rows[label.row]
    beside = (row[column] for column in view.filled(label.row) if column > right)
    answered = label.inline or any(not isinstance(text, str) or not is_unanswered(text) for text in beside)
    return not answered, right - left, label.row, label.column
