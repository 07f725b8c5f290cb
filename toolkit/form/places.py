"""Where things lie on the pages of a blank: plain data, counted from zero, the same for every writer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from toolkit.form.model import Form

NOTES_SHEET = "填报说明"  # generated, never read back
STATUS_SHEET = "填报状态"  # generated, never read back
LISTS_SHEET = "下拉选项"  # generated and hidden: choices too long for a dropdown's own list

CellName: TypeAlias = tuple[str, str, str]  # section, row id, field


class Role(StrEnum):
    """What a cell of a blank is for."""

    FORM_MARK = "form_mark"
    TITLE = "title"
    SUBTITLE = "subtitle"
    SECTION_TITLE = "section_title"
    SIDE_TITLE = "side_title"  # a section's title left of all its rows
    UNIT_NOTE = "unit_note"
    HELP = "help"
    HEADING = "heading"
    ANSWER_LABEL = "answer_label"  # beside the one cell it asks for
    ROW_LABEL = "row_label"
    ORDINAL = "ordinal"
    ANSWER = "answer"
    PRINTED = "printed"  # a text of the form's own where an answer would stand
    DERIVED = "derived"  # answered by a formula that the clerk may overwrite
    TOTAL = "total"  # a derived cell of the total row below a table
    NOT_ASKED = "not_asked"
    INSERT_HINT = "insert_hint"
    FOOTNOTE = "footnote"


ASKED = frozenset({Role.ANSWER, Role.PRINTED, Role.DERIVED, Role.TOTAL})


@dataclass(frozen=True, slots=True)
class Placement:
    """One cell or merged area. `lines` is the height asked for, in lines of text."""

    row: int
    column: int
    role: Role
    text: str = ""
    row_span: int = 1
    column_span: int = 1
    section: str = ""
    row_id: str = ""
    field: str = ""
    lines: int = 1
    indent: int = 0
    strong: bool = False

    @property
    def last_column(self) -> int:
        """Return the last column covered."""
        return self.column + self.column_span - 1


@dataclass(frozen=True, slots=True)
class Extent:
    """The area of one section. Rows are None where the section has no such row.

    `first` to `last` are the rows drawn for answers. `end` is the last row that formulas over a column take
    in: the hint row, or far below an open table. `columns` maps each field of a grid or table to its first
    and last column; `keys` are the fields that make a table row count as filled.
    """

    section: str
    sheet: str
    top: int
    bottom: int
    right: int
    first: int
    last: int
    end: int
    heading: int | None = None
    hint: int | None = None
    total: int | None = None
    open: bool = False
    label_columns: int = 0
    columns: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """One page: column widths in half-width characters, and everything on it in reading order."""

    name: str
    widths: tuple[int, ...]
    landscape: bool
    placements: tuple[Placement, ...]
    extents: tuple[Extent, ...]

    @property
    def bottom(self) -> int:
        """Return the last row that holds something."""
        return max((place.row + place.row_span - 1 for place in self.placements), default=0)

    def width(self, place: Placement) -> int:
        """Return the width of a placement in half-width characters."""
        return sum(self.widths[place.column : place.last_column + 1])


@dataclass(frozen=True, slots=True)
class Layout:
    """All pages of a blank and where each answer lies."""

    form: Form
    sheets: tuple[SheetLayout, ...]
    cells: Mapping[CellName, tuple[str, Placement]]  # -> sheet name, placement
    extents: Mapping[str, Extent]

    def rows(self, section: str) -> tuple[str, ...]:
        """Return the row ids laid out for a section, from the top, without the total row below a table."""
        found = (
            row_id
            for (owner, row_id, _), (_, place) in self.cells.items()
            if owner == section and place.role is not Role.TOTAL
        )
        return tuple(dict.fromkeys(found))
