"""What a sheet of a blank is made of: labels with their answers, headings with their rows, notes."""

from __future__ import annotations

from dataclasses import dataclass, field

from toolkit.drafting.heads import Head, Heading
from toolkit.drafting.sheets import Area, Page


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and the area that answers it; none where the answer follows the colon in the same cell."""

    label: Area
    text: str
    answer: Area | None = None
    example: str = ""
    shared: bool = False  # another label stands in the same cell


@dataclass(frozen=True, slots=True)
class BodyRow:
    """A row below a heading: what stands left of the columns, and the area under each."""

    row: int
    labels: tuple[Area, ...]
    cells: tuple[Area, ...]
    total: bool = False


@dataclass(slots=True)
class Block:
    """One part of a sheet. Answers have `lines` of pairs; grids and tables have `heads` and a `body`."""

    title: str = ""
    title_shown: bool = False  # it has a row of its own
    help: str = ""
    lines: list[list[Pair]] = field(default_factory=list)
    heads: tuple[Head, ...] = ()
    heading: Heading | None = None
    body: list[BodyRow] = field(default_factory=list)
    blank_rows: int = 0
    below: Area | None = None  # the one answer stands below its label
    key: tuple[int, int] | None = None  # where the label beside all its rows begins


@dataclass(slots=True)
class Parts:
    """Everything found on one sheet."""

    page: Page
    title: str = ""
    subtitle: str = ""
    notes: list[tuple[int, str]] = field(default_factory=list)  # row, text
    units: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)  # 附件1, 报表编号：…
    blocks: list[Block] = field(default_factory=list)
    lone: list[Area] = field(default_factory=list)
