"""Where the answer to a label stands: beside it, or below it when another label is there."""

from __future__ import annotations

from toolkit.submission.grid import Position
from toolkit.submission.lexicon import Kind, is_unanswered
from toolkit.submission.places import Label, View

ANSWER_REACH = 4  # empty columns an answer may stand away from its label


def answer_places(labels: list[Label]) -> dict[str, Position]:
    """Return the cells that answer the labels of a section: labels of one column, answers of one column.

    What stands farther right, beside an empty answer, is a remark in the margin. A label with another right
    beside it has no cell for its answer.
    """
    taken = {(label.view.index, label.row, label.column) for label in labels}
    places: dict[str, Position] = {}
    nearest: dict[tuple[int, int], int] = {}
    lines: list[tuple[Label, tuple[int, int]]] = []
    for label in labels:
        if label.inline:
            continue
        line = label.view.index, label.view.span(label.row, label.column)[3]
        lines.append((label, line))
        place = _beside(label, taken)
        if place is None:
            continue
        row, column = places[label.field_id] = place
        if row == label.row and column in label.view.filled(row):
            nearest[line] = min(column, nearest.get(line, column))
    for label, line in lines:
        row, column = places.get(label.field_id, (-1, -1))
        if row == label.row and column > nearest.get(line, column):
            places[label.field_id] = row, nearest[line]
    return places


def _beside(label: Label, taken: set[tuple[int, int, int]]) -> Position | None:
    """Return the cell that answers a label: right of it, or below it when another label is there."""
    view = label.view
    _, _, last_row, last_column = view.span(label.row, label.column)
    first = last_column + 1
    width = len(view.grid.rows[label.row])
    for column in range(first, min(width, first + ANSWER_REACH)):
        if (view.index, label.row, column) in taken or _is_label(view, label, column):
            if column > first:
                break
            free = _below_is_free(view, last_row + 1, label.column, taken)
            return (last_row + 1, label.column) if free else None
        if _filled(view, label.row, column) or (label.row, column) in view.merged:
            return label.row, column
    return label.row, first


def _is_label(view: View, label: Label, column: int) -> bool:
    """Return whether the cell is a label of the same section, or asks for something and says nothing.

    An answer may look like any other label.
    """
    meanings = view.labels.get(label.row, {}).get(column, ())
    if any(meaning.kind is Kind.FIELD and meaning.section == label.section.id for meaning in meanings):
        return True
    value = view.grid.rows[label.row][column]
    return isinstance(value, str) and value != "" and is_unanswered(value)


def _filled(view: View, row: int, column: int) -> bool:
    value = view.grid.rows[row][column]
    position = (row, column)
    return value != "" or position in view.grid.errors or position in view.grid.uncalculated


def _below_is_free(view: View, row: int, column: int, taken: set[tuple[int, int, int]]) -> bool:
    return (
        row < len(view.grid.rows)
        and (view.index, row, column) not in taken
        and not is_unanswered(str(view.grid.rows[row][column]))
        and not any(meaning.kind is Kind.FIELD for meaning in view.labels.get(row, {}).get(column, ()))
    )
