"""What kind of section a block is: answers, a grid of fixed rows, or an open table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from toolkit.drafting.heads import Head
from toolkit.drafting.known import Known
from toolkit.drafting.labels import Printed, read_label
from toolkit.drafting.parts import Block, BodyRow, Pair, Parts
from toolkit.drafting.sheets import Area
from toolkit.drafting.words import words
from toolkit.form.labels import normalise, plain
from toolkit.form.model import SectionKind
from toolkit.submission.lexicon import is_ordinal_heading, is_placeholder

NEARLY_ALL = 0.8
_WEIGHT = re.compile(r"[（(]\s*(\d+(?:\.\d+)?)\s*分?\s*[)）]")


@dataclass(slots=True)
class Column:
    """A question: its label, how wide it is, and the cells it is answered in."""

    printed: Printed
    text: str
    span: int
    cells: list[Area] = field(default_factory=list)
    group: str = ""
    example: str = ""
    shared: bool = False
    closing: bool = False  # the last of its line


@dataclass(slots=True)
class FixedRow:
    """A fixed row of a grid with the cell of each column."""

    label: str
    cells: tuple[Area, ...]


@dataclass(slots=True)
class Shape:
    """A block understood as a section."""

    parts: Parts
    kind: SectionKind
    title: str
    title_shown: bool
    help: str = ""
    columns: list[Column] = field(default_factory=list)
    rows: list[FixedRow] = field(default_factory=list)
    seeds: list[dict[int, str]] = field(default_factory=list)  # column position -> what is printed there
    weights: dict[str, str] = field(default_factory=dict)  # level -> points printed beside it
    totals: list[str] = field(default_factory=list)
    total_columns: list[int] = field(default_factory=list)
    row_heading: str = ""
    label_span: int = 1
    per_line: int = 1
    numbered: bool = False
    blank_rows: int = 0
    below: bool = False
    examples: list[int] = field(default_factory=list)  # sheet rows left out because they are filled in


def shape_of(parts: Parts, block: Block, known: Known) -> Shape:
    """Return what a block is."""
    if block.below is not None:
        return _below(parts, block.below)
    if block.lines:
        return _answers(parts, block)
    heads = [head for head in block.heads if not is_ordinal_heading(head.area.text)]
    if len(heads) < len(block.heads):
        block = _without_ordinals(block, heads)
    if (grid := _grid(parts, block, known)) is not None:
        return grid
    return _table(parts, block)


def _below(parts: Parts, area: Area) -> Shape:
    """A question over the whole width with its answer below is a grid of one row and one column."""
    printed = read_label(area.text)
    span = max(1, parts.page.width - parts.page.left - 1)
    cell = parts.page.at(area.last_row + 1, area.column)
    shape = Shape(parts, SectionKind.GRID, area.text, title_shown=False, below=True)
    shape.columns = [Column(printed, area.text, span, [cell])]
    shape.rows = [FixedRow(printed.label, (cell,))]
    shape.row_heading = printed.label
    return shape


def _answers(parts: Parts, block: Block) -> Shape:
    pairs = [pair for line in block.lines for pair in line]
    spans = Counter(pair.label.span for pair in pairs if pair.answer is not None)
    label_span = spans.most_common(1)[0][0] if spans else 1
    wide = parts.page.width - parts.page.left
    label_span = max(1, min(label_span, wide - 1))
    shape = Shape(
        parts, SectionKind.ANSWERS, block.title, block.title_shown, block.help, label_span=label_span
    )
    shape.per_line = max(len(line) for line in block.lines)
    for line in block.lines:
        used = 0
        for position, pair in enumerate(line):
            left = wide - used - label_span
            last = position == len(line) - 1
            span = max(1, left if last else min(_answer_span(parts, pair, label_span, used, len(line)), left))
            used += label_span + span
            column = Column(read_label(pair.text), pair.text, span, example=pair.example, shared=pair.shared)
            column.cells = [pair.answer] if pair.answer is not None else []
            column.closing = last
            shape.columns.append(column)
    return shape


def _answer_span(parts: Parts, pair: Pair, label_span: int, used: int, pairs: int) -> int:
    """Return how many columns an answer takes, so that the next label stands where it does on the blank."""
    if pair.answer is None:
        return max(1, (parts.page.width - parts.page.left) // pairs - label_span)
    return pair.answer.last_column + 1 - parts.page.left - used - label_span


def _without_ordinals(block: Block, heads: list[Head]) -> Block:
    kept = [position for position, head in enumerate(block.heads) if head in heads]
    body = [
        BodyRow(row.row, row.labels, tuple(row.cells[position] for position in kept), row.total)
        for row in block.body
    ]
    return Block(
        block.title, block.title_shown, block.help, heads=tuple(heads), heading=block.heading, body=body,
        blank_rows=block.blank_rows,
    )  # fmt: skip


# Grids


def _grid(parts: Parts, block: Block, known: Known) -> Shape | None:
    """Return the block as a grid when each of its rows has a name of its own."""
    heading = block.heading
    assert heading is not None
    body = [row for row in block.body if any(area.filled for area in (*row.labels, *row.cells))]
    named = [(row, _row_label(row.labels)) for row in block.body if _row_label(row.labels)]
    if named and len(named) >= NEARLY_ALL * len(body) and not _levels(block.heads):
        label_span = max(1, block.heads[0].first - parts.page.left)
        corner = heading.corner or block.title
        return _with_rows(parts, block, named, list(block.heads), corner, label_span)
    first = block.heads[0]
    printed = [(row, row.cells[0].text) for row in block.body if row.cells[0].filled]
    own = [(row, text) for row, text in printed if not row.total]
    texts = [plain(text) for _, text in printed if not plain(text).isdigit() and not is_placeholder(text)]
    corner = plain(first.area.text)
    fixed = any(known.is_row(text) or plain(text) == corner for _, text in own)
    if (
        len(block.heads) > 1
        and len(texts) == len(set(texts)) == len(printed)
        and len(own) >= (1 if fixed else 2)
        and len(printed) >= NEARLY_ALL * len(body)
        and not any(_is_filled_in(row) for row, _ in own)
        and not _levels(block.heads)
        and (fixed or not any(row.cells[1].filled for row, _ in printed))
        and not words().is_one("name_headings", first.area.text)
    ):
        label_span = first.last + 1 - parts.page.left
        return _with_rows(parts, block, printed, list(block.heads[1:]), first.area.text, label_span, skip=1)
    if heading.stub is not None and len(block.body) == 1 and not body:
        row = block.body[0]
        label_span = max(1, block.heads[0].first - parts.page.left)
        stub = heading.stub.text
        return _with_rows(parts, block, [(row, stub)], list(block.heads), stub, label_span)
    return None


def _is_filled_in(row: BodyRow) -> bool:
    """Return whether most of a row is written already, as in an example."""
    return sum(cell.filled for cell in row.cells) > len(row.cells) / 2 and len(row.cells) > 2


def _levels(heads: Sequence[Head]) -> bool:
    return any(words().is_one("level_headings", head.area.text) for head in heads)


def _row_label(labels: Sequence[Area]) -> str:
    """Return the label nearest to the columns; ordinals alone name nothing."""
    texts = [area.text for area in labels if area.filled and not plain(area.text).isdigit()]
    return texts[-1] if texts else ""


def _with_rows(
    parts: Parts,
    block: Block,
    rows: Sequence[tuple[BodyRow, str]],
    heads: list[Head],
    corner: str,
    label_span: int,
    skip: int = 0,
) -> Shape:
    shape = Shape(parts, SectionKind.GRID, block.title, block.title_shown, block.help, label_span=label_span)
    shape.row_heading = read_label(corner).label
    shape.rows = [FixedRow(read_label(label).label, row.cells[skip:]) for row, label in rows]
    shape.columns = _columns(heads, [row.cells[skip:] for row, _ in rows])
    return shape


def _columns(heads: Sequence[Head], cells: Sequence[Sequence[Area]]) -> list[Column]:
    return [
        Column(
            read_label(head.area.text),
            head.area.text,
            head.last - head.first + 1,
            [row[position] for row in cells],
            head.group,
        )
        for position, head in enumerate(heads)
    ]


# Tables


def _table(parts: Parts, block: Block) -> Shape:
    heading = block.heading
    assert heading is not None
    shape = Shape(parts, SectionKind.TABLE, block.title, block.title_shown, block.help)
    body = [row for row in block.body if not row.total]
    shape.columns = _columns(block.heads, [row.cells for row in body])
    left = block.heads[0].first - parts.page.left
    shape.numbered = is_ordinal_heading(heading.heads[0].area.text) or is_ordinal_heading(heading.corner)
    shape.columns[0].span += max(0, left - int(shape.numbered))
    shape.blank_rows = max(1, len(body))
    for row in block.body:
        if row.total:
            _add_total(shape, block, row)
    carried: dict[int, str] = {}
    for row in body:
        seed = _seed(shape, row, carried)
        if _is_example(shape, seed):
            shape.examples.append(row.row + 1)
        elif seed and not _only_dots(row):
            shape.seeds.append(seed)
    return shape


def _add_total(shape: Shape, block: Block, row: BodyRow) -> None:
    label = next((area for area in (*row.labels, *row.cells) if area.filled), None)
    if label is None:
        return
    shape.totals.append(label.text)
    shape.total_columns = [
        position
        for position, cell in enumerate(row.cells)
        if cell.column > label.last_column and (cell.last_column <= block.heads[position].last)
    ]


def _seed(shape: Shape, row: BodyRow, carried: dict[int, str]) -> dict[int, str]:
    """Return what a row prints; a merged level cell is printed in each row it covers."""
    seed: dict[int, str] = {}
    for position, cell in enumerate(row.cells):
        if not cell.filled or is_placeholder(cell.text):
            continue
        if cell.row != row.row and cell.row > row.row:
            continue
        text = cell.text
        if weight := _WEIGHT.search(text):
            text = _WEIGHT.sub("", text).strip() or carried.get(position, "")
            if text:
                shape.weights[text] = weight.group(1)
        if text:
            seed[position] = text
            carried[position] = text
    return seed


def _only_dots(row: BodyRow) -> bool:
    """Return whether a row only says that more may follow: ……."""
    own = [
        cell
        for cell in row.cells
        if cell.row == row.row and isinstance(cell.value, str) and cell.value.strip()
    ]
    return bool(own) and all(set(normalise(str(cell.value))) <= {".", "…"} for cell in own)


def _is_example(shape: Shape, seed: dict[int, str]) -> bool:
    """Return whether a row is filled in as an example: nearly everything a unit would write is there."""
    return len(shape.columns) > 2 and len(seed) >= NEARLY_ALL * len(shape.columns)
