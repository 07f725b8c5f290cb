"""The headings of grids and tables on a blank, stacked ones included."""

from __future__ import annotations

import re
from dataclasses import dataclass

from toolkit.drafting.known import Known
from toolkit.drafting.sheets import Area, Page
from toolkit.submission.lexicon import is_note, is_ordinal_heading

MOST_DEPTH = 3  # rows a heading may be stacked over
LONGEST_HEADING = 40
_FIGURE = re.compile(r"[\d.,%]+")


@dataclass(frozen=True, slots=True)
class Head:
    """A column: the cell that names it, the one above that groups it, and the base columns it covers."""

    area: Area
    first: int
    last: int
    group: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its last row, its columns, and the label beside all its rows if there is one."""

    row: int
    end: int
    heads: tuple[Head, ...]
    labels_from: int  # first column that may name rows
    known: int  # how many of its words head columns of known forms
    stub: Area | None = None
    corner: str = ""  # the words over the row labels

    @property
    def first(self) -> int:
        """Return the first column with a heading of its own."""
        return self.heads[0].first


def heading_at(page: Page, known: Known, row: int) -> Heading | None:
    """Return the heading that begins in a row, or None."""
    filled = page.filled(row)
    run = _longest_run(filled)
    if len(run) < 2 or any(_is_no_heading(known, area.text) for area in run):
        return None
    end = _end(page, run[1:])
    stub = run[0] if run[0].last_row > end else None
    if stub is None and filled[0] is not run[0] and filled[0].last_row > end:
        stub = filled[0]
    heads = [area for area in run if area is not stub]
    if len(heads) < 2 or filled[-1] is not run[-1] or not _is_heading(page, known, heads, end):
        return None
    corner = next((area.text for area in filled if area not in heads), "")
    labels_from = stub.last_column + 1 if stub is not None else page.left
    leaves = tuple(leaf for area in heads for leaf in _leaves(page, area, end))
    count = sum(known.is_column(leaf.area.text) for leaf in leaves)
    return Heading(row, end, leaves, min(labels_from, heads[0].column), count, stub, corner)


def _is_no_heading(known: Known, text: str) -> bool:
    if len(text) > LONGEST_HEADING or _FIGURE.fullmatch(text):
        return True
    return is_note(text) and not known.is_column(text)


def _longest_run(filled: list[Area]) -> list[Area]:
    runs: list[list[Area]] = []
    for area in filled:
        if runs and runs[-1][-1].last_column + 1 == area.column:
            runs[-1].append(area)
        else:
            runs.append([area])
    return max(runs, key=len, default=[])


def _end(page: Page, heads: list[Area]) -> int:
    """Return the last row of a heading: the lowest row that a group of columns is divided in."""
    end = min(area.last_row for area in heads)
    for area in heads:
        if _divided(page, area):
            parts = _below(page, area)
            end = max(end, *(_end(page, [part]) for part in parts))
    return min(end, heads[0].row + MOST_DEPTH - 1)


def _below(page: Page, area: Area) -> list[Area]:
    row = area.last_row + 1
    if row >= page.height:
        return []
    return [
        part
        for part in page.filled(row)
        if area.column <= part.column and part.last_column <= area.last_column
    ]


def _divided(page: Page, area: Area) -> bool:
    """Return whether a wide heading cell has headings of its own below it, side by side."""
    if area.span < 2 or area.last_row - area.row >= MOST_DEPTH:
        return False
    parts = _below(page, area)
    return (
        len(parts) > 1
        and sum(part.span for part in parts) == area.span
        and not any(_FIGURE.fullmatch(part.text) for part in parts)
    )


def _leaves(page: Page, area: Area, end: int, group: str = "") -> list[Head]:
    if area.last_row < end and _divided(page, area):
        return [leaf for part in _below(page, area) for leaf in _leaves(page, part, end, area.text)]
    return [Head(area, area.column, area.last_column, group)]


def _is_heading(page: Page, known: Known, heads: list[Area], end: int) -> bool:
    count = sum(known.is_column(area.text) or _divided(page, area) for area in heads)
    if all(area.text.endswith((":", "：")) for area in heads):
        return False  # labels of one line, each with its answer in the same cell
    if known.is_level(heads[0].text) and count < 2:
        return False
    if _are_examples(known, heads):
        return False
    if count >= max(2, 0.6 * len(heads)):
        return True
    asking = [area for area in heads if not is_ordinal_heading(area.text)]
    below = [page.at(end + 1, area.column) for area in asking] if end + 1 < page.height else []
    empty = sum(not area.filled for area in below)
    if not below:
        return len(heads) > 2 and count > 0
    return empty == len(below) or (len(asking) > 2 and empty > 0)


def _are_examples(known: Known, heads: list[Area]) -> bool:
    """Return whether labels and what is written beside them take turns: 所属区 番禺区 填报日期."""
    asked, written = heads[::2], heads[1::2]
    return all(known.is_answer(area.text) for area in asked) and not any(
        known.is_answer(area.text) or known.is_column(area.text) for area in written
    )
