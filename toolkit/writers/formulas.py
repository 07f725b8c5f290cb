"""Derived answers as Excel formulas, each beside the value it gives, computed here in Decimal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from toolkit.form.model import Derive, Form, Ref, SectionKind
from toolkit.form.places import CellName, Extent, Layout, Placement, Role
from toolkit.form.prefill import is_total_row, total_label_field
from toolkit.form.references import EVERY_ROW, Names
from toolkit.submission.grid import column_letters
from toolkit.writers.entries import Entry


class EmptyText(str):
    """The empty result of a formula.

    xlsxwriter takes a plain "" to mean that nobody has calculated the formula; Excel writes an empty text.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        """Differ from the plain empty text."""
        return self is other

    __hash__ = str.__hash__


EMPTY = EmptyText()


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula with its result; None is the empty text."""

    text: str
    value: Decimal | None

    @property
    def cached(self) -> float | str:
        """Return the result as xlsxwriter takes it."""
        return EMPTY if self.value is None else float(self.value)


def address(row: int, column: int, *, fixed: bool = False) -> str:
    """Return the A1 name of a cell.

    >>> address(2, 27), address(2, 27, fixed=True)
    ('AB3', '$AB$3')
    """
    mark = "$" if fixed else ""
    return f"{mark}{column_letters(column)}{mark}{row + 1}"


@dataclass(frozen=True, slots=True)
class Workings:
    """A blank laid out and answered: addresses for formulas, and the figures those cells hold."""

    layout: Layout
    entries: Mapping[CellName, Entry]
    names: Names
    _figures: dict[CellName, Decimal | None] = field(default_factory=dict)

    @classmethod
    def of(cls, layout: Layout, entries: Mapping[CellName, Entry]) -> Workings:
        """Bring a layout and its entries together."""
        return cls(layout, entries, Names.of_form(layout.form))

    @property
    def form(self) -> Form:
        """Return the form laid out."""
        return self.layout.form

    # What the cells hold

    def figure(self, name: CellName) -> Decimal | None:
        """Return the number a cell shows, stated or worked out; None when it shows none."""
        if name not in self._figures:
            stated = self.entries.get(name)
            formula = None if stated else self.formula(name)
            self._figures[name] = stated.number if stated else formula.value if formula else None
        return self._figures[name]

    def filled(self, name: CellName) -> bool:
        """Return whether a cell shows anything."""
        stated = self.entries.get(name)
        if stated is not None:
            return not isinstance(stated.value, str) or bool(stated.value.strip())
        return self.figure(name) is not None

    def data_rows(self, section_id: str) -> tuple[str, ...]:
        """Return the rows of a section that are facts, not the totals of a table."""
        rows = self.layout.rows(section_id)
        if self.form.section(section_id).kind is not SectionKind.TABLE:
            return rows
        return tuple(row for row in rows if not self._reads_as_total(section_id, row))

    def figures(self, ref: Ref) -> list[Decimal]:
        """Return the numbers that a reference names; `*` names those of every row that is no total."""
        rows = self.data_rows(ref.section) if ref.row == EVERY_ROW else (ref.row,)
        found = (self.figure((ref.section, row, ref.field)) for row in rows)
        return [number for number in found if number is not None]

    def _reads_as_total(self, section_id: str, row_id: str) -> bool:
        section = self.form.section(section_id)
        label = total_label_field(section)
        stated = self.entries.get((section_id, row_id, label.id)) if label else None
        return is_total_row(row_id) or (stated is not None and stated.value in section.totals)

    # Where they are

    def cell(self, name: CellName, on_sheet: str) -> str:
        """Return the address of a cell as seen from a sheet; KeyError when the blank has no such cell."""
        sheet, place = self.layout.cells[name]
        return self.prefix(sheet, on_sheet) + address(place.row, place.column)

    def column(self, section_id: str, field_id: str, on_sheet: str) -> str:
        """Return a field's range from above the first answer to below the last.

        Of a table it starts in the heading and ends in the hint row, so that it grows with inserted rows.
        """
        extent = self.layout.extents[section_id]
        first, last = self.rows_of_range(extent)
        left = extent.columns[field_id][0]
        corners = f"{address(first, left, fixed=True)}:{address(last, left, fixed=True)}"
        return self.prefix(extent.sheet, on_sheet) + corners

    def inside(self, section_id: str, on_sheet: str) -> str:
        """Return a condition over `column` ranges of a table: a data row, neither heading, hint nor total."""
        extent = self.layout.extents[section_id]
        section = self.form.section(section_id)
        any_column = self.column(section_id, section.fields[0].id, on_sheet)
        prefix = self.prefix(extent.sheet, on_sheet)
        left = extent.columns[section.fields[0].id][0]
        first, last = self.rows_of_range(extent)
        tests = [f"(ROW({any_column})>ROW({prefix}{address(first, left, fixed=True)}))"]
        if extent.hint is not None:
            tests.append(f"(ROW({any_column})<ROW({prefix}{address(last, left, fixed=True)}))")
        label = total_label_field(section)
        if label is not None:
            texts = self.column(section_id, label.id, on_sheet)
            tests += [f'({texts}<>"{word}")' for word in section.totals]
        return "*".join(tests)

    def rows_of_range(self, extent: Extent) -> tuple[int, int]:
        """Return the first and last row of `column` ranges: heading and hint of a table, else its answers."""
        is_table = self.form.section(extent.section).kind is SectionKind.TABLE
        heading = extent.heading if is_table and extent.heading is not None else extent.first
        return heading, extent.end

    @staticmethod
    def prefix(sheet: str, on_sheet: str) -> str:
        """Return `'sheet'!` where it is needed."""
        quoted = sheet.replace("'", "''")
        return "" if sheet == on_sheet else f"'{quoted}'!"

    # What follows from what

    def formula(self, name: CellName) -> Formula | None:
        """Return the formula of a derived cell, or None for any other cell."""
        if name not in self.layout.cells:
            return None
        sheet, place = self.layout.cells[name]
        if place.role is Role.TOTAL and self.form.section(name[0]).adds_up(name[2]):
            return self._total(name, sheet, place)
        derive = self.derive(name)
        return None if derive is None else self._derived(derive, name[1], sheet)

    def derive(self, name: CellName) -> Derive | None:
        """Return how a cell follows from others: the row's own way goes before the column's."""
        if name not in self.layout.cells:
            return None
        section, role = self.form.section(name[0]), self.layout.cells[name][1].role
        if role is Role.TOTAL:
            return None if section.adds_up(name[2]) else section.field(name[2]).derive
        if role is not Role.DERIVED:
            return None
        own = section.row(name[1]).derives if section.kind is SectionKind.GRID else {}
        return own.get(name[2]) or section.field(name[2]).derive

    def parts(self, derive: Derive, row_id: str) -> list[CellName]:
        """Return the cells a derived cell follows from; a sum leaves out what no cell asks for."""
        names = [(ref.section, ref.row or self._row_beside(ref, row_id), ref.field) for ref in derive.of]
        return [name for name in names if derive.how != "sum" or name in self.layout.cells]

    def worked_out(self, derive: Derive, row_id: str) -> Decimal | None:
        """Return what a derived figure must be; None when it cannot be said."""
        numbers = [self.figure(part) for part in self.parts(derive, row_id)]
        known = [number for number in numbers if number is not None]
        if derive.how == "sum":
            return sum(known, Decimal(0)) if known else None
        if len(known) < len(numbers) or (derive.how != "difference" and known[1] == 0):
            return None
        first, second = known
        return {
            "difference": lambda: first - second,
            "ratio": lambda: first / second,
            "change": lambda: (first - second) / second,
        }[derive.how]()

    def _row_beside(self, ref: Ref, row_id: str) -> str:
        return "" if self.form.section(ref.section).kind is SectionKind.ANSWERS else row_id

    def _derived(self, derive: Derive, row_id: str, sheet: str) -> Formula:
        cells = [self.cell(part, sheet) for part in self.parts(derive, row_id)]
        listed = ",".join(cells)
        if derive.how == "sum":
            text = f'=IF(COUNT({listed})=0,"",SUM({listed}))'
        else:
            first, second = cells
            text = {
                "difference": f'=IF(COUNT({listed})<2,"",{first}-{second})',
                "ratio": f'=IF(COUNT({listed})<2,"",IF({second}=0,"",{first}/{second}))',
                "change": f'=IF(COUNT({listed})<2,"",IF({second}=0,"",({first}-{second})/{second}))',
            }[derive.how]
        return Formula(text, self.worked_out(derive, row_id))

    def _total(self, name: CellName, sheet: str, place: Placement) -> Formula:
        """Return the sum of a table's column and of what the form adds to it."""
        section_id, _, field_id = name
        first, last = self.rows_of_range(self.layout.extents[section_id])
        listed = [f"{address(first, place.column)}:{address(last, place.column)}"]
        listed += [self.cell(added, sheet) for added in self.added(section_id, field_id)]
        cells = ",".join(listed)
        return Formula(f'=IF(COUNT({cells})=0,"",SUM({cells}))', self.summed_up(section_id, field_id))

    def added(self, section_id: str, field_id: str) -> list[CellName]:
        """Return the cells that a table's total counts beside its own rows."""
        refs = self.form.section(section_id).total_adds.get(field_id, ())
        return [(ref.section, ref.row, ref.field) for ref in refs]

    def summed_up(self, section_id: str, field_id: str) -> Decimal | None:
        """Return what the total of a table's column must be; None without any figure."""
        own = [(section_id, row_id, field_id) for row_id in self.layout.rows(section_id)]
        found = (self.figure(name) for name in (*own, *self.added(section_id, field_id)))
        numbers = [number for number in found if number is not None]
        return sum(numbers, Decimal(0)) if numbers else None

    def resolve(self, names: str | Iterable[str], path: str) -> list[Ref]:
        """Return the references that one name or a list of names stands for."""
        listed = [names] if isinstance(names, str) else list(names)
        return [self.names.resolve(name, path) for name in listed]
