"""One sheet of a blank, laid out from top to bottom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from toolkit.form.model import Field, FieldType, Form, GridRow, Section, SectionKind, Sheet
from toolkit.form.places import CellName, Extent, Placement, Role, SheetLayout
from toolkit.form.prefill import is_total_row, key_fields
from toolkit.form.references import TOTAL_ROW
from toolkit.form.toml_table import FormError
from toolkit.form.widths import columns_for, derived_widths

INSERT_HINT = "如需增加，请在本行上方插入行"
DASH = "—"
OPEN_ROWS = 500  # how far below its drawn rows an open table is taken in by formulas and dropdowns
SPARE_ROWS = 3  # blank rows left below rows filled beforehand
UNIT_NOTE_WIDTH = 14


class Page:
    """One sheet being filled from top to bottom."""

    def __init__(self, form: Form, sheet: Sheet, known: Mapping[CellName, Any]) -> None:
        self.form = form
        self.sheet = sheet
        self.known = known
        self.sections = [section for section in form.sections if section.sheet == sheet.name]
        self.widths = sheet.columns or derived_widths(self.sections)
        self.placements: list[Placement] = []
        self.extents: list[Extent] = []
        self.row = 0

    @property
    def columns(self) -> int:
        """Return how many base columns the sheet has."""
        return len(self.widths)

    def put(self, column: int, role: Role, text: str = "", *, span: int = 1, **more: Any) -> None:
        """Place a cell in the current row."""
        self.placements.append(Placement(self.row, column, role, text, column_span=span, **more))

    def head(self, *, first: bool, year: int | None) -> None:
        """Place what stands above the first section."""
        if first:
            self.put(0, Role.FORM_MARK, f"表样编号：{self.form.name}", span=self.columns)
            self.row += 1
        if self.sheet.title:
            self.put(0, Role.TITLE, self.sheet.title, span=self.columns)
            self.row += 1
        if first and self.form.subtitle:
            text = self.form.subtitle.replace("{year}", "    " if year is None else str(year))
            self.put(0, Role.SUBTITLE, text, span=self.columns)
            self.row += 1
        if any(not section.titled_above and _has_money(section) for section in self.sections):
            self.put(0, Role.UNIT_NOTE, self._unit(), span=self.columns)
            self.row += 1

    def body(self) -> None:
        """Place the sections, one below the other."""
        for position, section in enumerate(self.sections):
            if section.titled_above and position:
                self.row += 1
            top = self.row
            right = self._right_edge(section)
            self._title(section, right)
            place = {
                SectionKind.ANSWERS: self._answers,
                SectionKind.GRID: self._grid,
                SectionKind.TABLE: self._table,
            }[section.kind]
            place(section, top, right)
            if section.side:
                self._side_title(section, top)

    def foot(self) -> None:
        """Place the footnotes in one cell, so that they read as one note."""
        if self.sheet.footnotes:
            self.put(0, Role.FOOTNOTE, "\n".join(self.sheet.footnotes), span=self.columns)
            self.row += 1

    def finish(self) -> SheetLayout:
        """Return the page."""
        return SheetLayout(
            self.sheet.name,
            tuple(self.widths),
            self.sheet.landscape,
            tuple(self.placements),
            tuple(self.extents),
        )

    def _unit(self) -> str:
        return f"单位：{self.form.money}"

    def _right_edge(self, section: Section) -> int:
        """Return the last column of a section; FormError if it does not fit."""
        used = self.columns if section.kind is SectionKind.ANSWERS else _column_count(section)
        if section.kind is SectionKind.ANSWERS and section.side + section.label_span >= self.columns:
            used = section.side + section.label_span + 1
        if used > self.columns:
            path = f"form.section[{section.id}]"
            raise FormError(path, f"needs {used} columns, sheet '{self.sheet.name}' has {self.columns}")
        return used - 1

    def _title(self, section: Section, right: int) -> None:
        if section.titled_above:
            note = columns_for(UNIT_NOTE_WIDTH, self.widths[: right + 1]) if _has_money(section) else 0
            if note > right:  # a single column: the note takes a row of its own
                note = 0
            self.put(0, Role.SECTION_TITLE, section.title, span=right + 1 - note, section=section.id)
            if note:
                self.put(right + 1 - note, Role.UNIT_NOTE, self._unit(), span=note, section=section.id)
            self.row += 1
        if section.help and section.titled_above:
            self.put(0, Role.HELP, f"说明：{section.help}", span=right + 1, section=section.id)
            self.row += 1

    def _side_title(self, section: Section, top: int) -> None:
        """Place the title left of the rows of its section, the total row below a table left out."""
        bottom = self.row - 1 - int(bool(section.total_fields))
        self.placements.append(
            Placement(
                top,
                0,
                Role.SIDE_TITLE,
                section.title,
                row_span=bottom - top + 1,
                column_span=section.side,
                section=section.id,
            )
        )

    def _answers(self, section: Section, top: int, right: int) -> None:
        first = self.row
        for line in _lines(section, right + 1 - section.side):
            column = section.side
            for position, entry in enumerate(line):
                self.put(
                    column,
                    Role.ANSWER_LABEL,
                    entry.heading,
                    span=section.label_span,
                    section=section.id,
                    field=entry.id,
                )
                column += section.label_span
                last = position == len(line) - 1
                span = right + 1 - column if last else min(entry.span, right + 1 - column)
                self._ask(section, "", entry, column, span)
                column += span
            self.row += 1
        bottom = self.row - 1
        self._extent(section, top=top, right=right, first=first, last=bottom, end=bottom)

    def _grid(self, section: Section, top: int, right: int) -> None:
        labels = section.side + section.label_span
        columns = self._headings(section, section.label_span, self._stub(section))
        heading = self.row - 1
        first = self.row
        for row in section.rows:
            self.put(
                section.side,
                Role.ROW_LABEL,
                row.label,
                span=section.label_span,
                section=section.id,
                row_id=row.id,
                indent=row.indent,
                strong=row.strong,
            )
            for entry in section.fields:
                start, end = columns[entry.id]
                if row.fields and entry.id not in row.fields:
                    span = end - start + 1
                    self.put(start, Role.NOT_ASKED, DASH, span=span, section=section.id, row_id=row.id)
                else:
                    self._ask(section, row.id, entry, start, end - start + 1, grid_row=row)
            self.row += 1
        bottom = self.row - 1
        self._extent(
            section,
            top=top,
            right=right,
            first=first,
            last=bottom,
            end=bottom,
            heading=heading,
            label_columns=labels,
            columns=columns,
        )

    def _table(self, section: Section, top: int, right: int) -> None:
        ordinals = int(section.numbered)
        columns = self._headings(section, ordinals, "序号")
        heading = self.row - 1
        first = self.row
        for row_id in self._table_rows(section):
            if ordinals:
                number = "" if is_total_row(row_id) else row_id
                self.put(section.side, Role.ORDINAL, number, section=section.id, row_id=row_id)
            for entry in section.fields:
                start, end = columns[entry.id]
                self._ask(section, row_id, entry, start, end - start + 1)
            self.row += 1
        last = self.row - 1
        closed = section.total_fields or self.sheet.footnotes or section.side
        is_open = section is self.sections[-1] and not closed
        hint = total = None
        if not is_open:
            hint = self.row
            left = section.side
            self.put(left, Role.INSERT_HINT, INSERT_HINT, span=right + 1 - left, section=section.id)
            self.row += 1
        if section.total_fields:
            total = self.row
            self._total_row(section, columns)
            self.row += 1
        self._extent(
            section,
            top=top,
            right=right,
            first=first,
            last=last,
            end=last + OPEN_ROWS if hint is None else hint,
            heading=heading,
            hint=hint,
            total=total,
            open=is_open,
            label_columns=section.side + ordinals,
            columns=columns,
            keys=tuple(entry.id for entry in key_fields(section)),
        )

    def _total_row(self, section: Section, columns: Mapping[str, tuple[int, int]]) -> None:
        """Place the live 合计 row: its label over all columns left of the first sum."""
        start = min(columns[name][0] for name in section.total_fields)
        label = section.totals[0] if section.totals else "合计"
        if start:
            more = {"section": section.id, "row_id": TOTAL_ROW, "strong": True}
            self.put(0, Role.ROW_LABEL, label, span=start, **more)
        for entry in section.fields:
            left, end = columns[entry.id]
            if entry.id in section.total_fields:
                self.put(
                    left,
                    Role.TOTAL,
                    span=end - left + 1,
                    section=section.id,
                    row_id=TOTAL_ROW,
                    field=entry.id,
                    strong=True,
                )
            elif left > start:
                span = end - left + 1
                self.put(left, Role.NOT_ASKED, "", span=span, section=section.id, row_id=TOTAL_ROW)

    def _table_rows(self, section: Section) -> list[str]:
        """Return the row ids known beforehand and those of the blank rows after them."""
        below = section.total_fields and (TOTAL_ROW,)
        ids = list(
            dict.fromkeys(row for owner, row, _ in self.known if owner == section.id and row not in below)
        )
        numbered = sum(not is_total_row(row_id) for row_id in ids)
        blank = max(section.blank_rows - len(ids), SPARE_ROWS)
        return ids + [str(numbered + extra) for extra in range(1, blank + 1)]

    def _headings(self, section: Section, labels: int, stub: str) -> dict[str, tuple[int, int]]:
        """Place the heading over all columns, in two rows when some stand in groups; move below it."""
        deep = 2 if any(entry.group for entry in section.fields) else 1
        column = section.side
        if labels:
            self.put(column, Role.HEADING, stub, span=labels, row_span=deep, section=section.id)
            column += labels
        columns = {}
        for entry in section.fields:
            columns[entry.id] = (column, column + entry.span - 1)
            column += entry.span
        for group, fields in groupby(section.fields, lambda entry: entry.group):
            members = list(fields)
            if group:
                left, right = columns[members[0].id][0], columns[members[-1].id][1]
                self.put(left, Role.HEADING, group, span=right - left + 1, section=section.id)
                self.row += 1
            for entry in members:
                more = {"section": section.id, "field": entry.id, "row_span": 1 if group else deep}
                self.put(columns[entry.id][0], Role.HEADING, entry.heading, span=entry.span, **more)
            if group:
                self.row -= 1
        self.row += deep
        return columns

    def _stub(self, section: Section) -> str:
        """Return the heading over the row labels, naming the unit where no title row can."""
        unit = f"（{self.form.money}）" if not section.titled_above and _has_money(section) else ""
        return section.row_heading + unit

    def _ask(
        self,
        section: Section,
        row_id: str,
        entry: Field,
        column: int,
        span: int,
        grid_row: GridRow | None = None,
    ) -> None:
        derived = _is_derived(section, row_id, entry, grid_row)
        self.put(
            column,
            Role.PRINTED if entry.printed else Role.DERIVED if derived else Role.ANSWER,
            span=span,
            section=section.id,
            row_id=row_id,
            field=entry.id,
            lines=entry.lines,
            strong=grid_row is not None and grid_row.strong,
        )

    def _extent(self, section: Section, **edges: Any) -> None:
        self.extents.append(Extent(section.id, self.sheet.name, bottom=self.row - 1, **edges))


def _is_derived(section: Section, row_id: str, entry: Field, grid_row: GridRow | None) -> bool:
    """Return whether a formula can answer a cell.

    A 合计 row written inside a table states its figures, and a sum needs rows that ask for the column.
    """
    if grid_row is not None and (derive := grid_row.derives.get(entry.id)):
        if derive.how != "sum":
            return True
        parts = (section.row(ref.row) for ref in derive.of)
        return any(not part.fields or entry.id in part.fields for part in parts)
    stated = section.kind is SectionKind.TABLE and is_total_row(row_id)
    return entry.derive is not None and entry.derive.how != "completion" and not stated


def _lines(section: Section, columns: int) -> Iterable[Sequence[Field]]:
    """Yield the fields of an answers section that share a line."""
    line: list[Field] = []
    used = 0
    for entry in section.fields:
        need = section.label_span + entry.span
        if line and (len(line) == max(1, section.columns) or used + need > columns):
            yield line
            line, used = [], 0
        line.append(entry)
        used += need
    if line:
        yield line


def _has_money(section: Section) -> bool:
    return any(entry.type is FieldType.MONEY for entry in section.fields)


def _column_count(section: Section) -> int:
    labels = section.label_span if section.kind is SectionKind.GRID else int(section.numbered)
    return section.side + labels + sum(entry.span for entry in section.fields)
