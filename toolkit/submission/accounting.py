"""Cell accounting: every non-empty cell is a label, an answer, a note or unread, and unread ones are told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from toolkit.form.labels import normalise, plain
from toolkit.issues.catalogue import issue, shorten
from toolkit.issues.model import Issue, Location
from toolkit.submission.extract import Role
from toolkit.submission.grid import Position, RawValue, a1
from toolkit.submission.lexicon import Lexicon, form_mark, is_note, is_ordinal_heading, is_placeholder
from toolkit.submission.model import Cell, CellCount
from toolkit.submission.places import View, is_blank

MOST_TOLD = 40  # unread cells told one by one; with more, each sheet is one issue that lists their ranges
MOST_RANGES = 500  # ranges listed in one issue; a checkerboard of a million cells has as many
_YEAR_LINE = re.compile(r"\(?(?:20\d\d)?年度?\)?")


@dataclass(frozen=True, slots=True)
class Account:
    """The count and the issues of the cells nobody asked for."""

    count: CellCount
    issues: list[Issue]
    understood: float  # share of the cells of sheets with answers that are not unread


def account_for(
    lexicon: Lexicon, views: Sequence[View], roles: Mapping[tuple[int, int, int], Role]
) -> Account:
    """Give each non-empty cell its role; `roles` holds those already known from reading."""
    found: list[Role | None] = []  # of every cell; None is unread
    unread: list[tuple[Cell, str]] = []
    answer = Role.ANSWER
    answered = {sheet for (sheet, _, _), role in roles.items() if role is answer}
    concerned, missed = 0, 0
    for view in views:
        before = len(found), len(unread)
        for row in range(len(view.grid.rows)):
            for column in view.filled(row):
                value = view.grid.rows[row][column]
                role = roles.get((view.index, row, column)) or role_of(lexicon, view, row, column)
                found.append(role)
                if role is None:
                    unread.append((Cell(view.grid.name, row, column), _text(value)))
        for (row, column), value in view.grid.far.items():
            if is_blank(value):
                continue
            found.append(None)
            unread.append((Cell(view.grid.name, row, column), _text(value)))
        if view.index in answered:
            concerned += len(found) - before[0]
            missed += len(unread) - before[1]
    counted = Counter(found)
    count = CellCount(
        filled=len(found),
        labels=counted[Role.LABEL],
        answers=counted[Role.ANSWER],
        notes=counted[Role.NOTE],
        unread=counted[None],
    )
    return Account(count, _issues(unread), 1 - missed / concerned if concerned else 0.0)


def role_of(lexicon: Lexicon, view: View, row: int, column: int) -> Role | None:
    """Return the role of a cell that no region or label has claimed."""
    value: RawValue = view.grid.rows[row][column]
    if not isinstance(value, str):
        return None
    if view.labels.get(row, {}).get(column) or lexicon.is_title(value) or form_mark(value):
        return Role.LABEL
    if is_ordinal_heading(value) or is_placeholder(value) or _YEAR_LINE.fullmatch(normalise(value)):
        return Role.LABEL
    if normalise(value) in lexicon.printed or plain(value) in lexicon.printed:
        return Role.LABEL
    return Role.NOTE if is_note(value) else None


def _text(value: RawValue) -> str:
    return value if isinstance(value, str) else f"{value:.15g}" if isinstance(value, float) else str(value)


def _issues(unread: Sequence[tuple[Cell, str]]) -> list[Issue]:
    if len(unread) <= MOST_TOLD:
        return [_told(cell, text, f"{cell.sheet}!{cell.a1} ") for cell, text in unread]
    sheets: dict[str, list[tuple[Cell, str]]] = {}
    for cell, text in unread:
        sheets.setdefault(cell.sheet, []).append((cell, text))
    issues = []
    for sheet, cells in sheets.items():
        ranges = _ranges([(cell.row, cell.column) for cell, _ in cells])
        listed = "、".join(ranges[:MOST_RANGES]) + (" 等处" if len(ranges) > MOST_RANGES else "")
        count = f"（共 {len(cells)} 个单元格）" if len(cells) > 1 else " "
        issues.append(_told(*cells[0], f"{sheet}!{listed}{count}"))
    return issues


def _told(cell: Cell, text: str, where: str) -> Issue:
    location = Location(sheet=cell.sheet, cell=cell.a1)
    return issue("S16", location, found=shorten(text, 40) or "公式", where=where)


def _ranges(cells: Sequence[Position]) -> list[str]:
    """Return the fewest rectangles of whole runs that hold the cells, in reading order.

    >>> _ranges([(0, 0), (0, 1), (1, 0), (1, 1), (4, 3)])
    ['A1:B2', 'D5']
    """
    boxes: list[list[int]] = []  # top, left, bottom, right
    open_boxes: dict[tuple[int, int], list[int]] = {}
    for row, run in _runs(cells):
        box = open_boxes.get(run)
        if box is not None and box[2] == row - 1:
            box[2] = row
        else:
            box = open_boxes[run] = [row, run[0], row, run[1]]
            boxes.append(box)
    return [
        a1(top, left) if (top, left) == (bottom, right) else f"{a1(top, left)}:{a1(bottom, right)}"
        for top, left, bottom, right in boxes
    ]


def _runs(cells: Sequence[Position]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield (row, (first column, last column)) of neighbouring cells of a row."""
    first: Position | None = None
    last = (-1, -1)
    for row, column in sorted(cells):
        if first is not None and (row, column) != (last[0], last[1] + 1):
            yield first[0], (first[1], last[1])
            first = None
        first, last = first or (row, column), (row, column)
    if first is not None:
        yield first[0], (first[1], last[1])
