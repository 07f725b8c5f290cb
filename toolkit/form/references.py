"""Names of answers: `field`, `row.field`, `section.field`, `section.row.field`, resolved once and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from toolkit.form.model import Derive, Form, GridRow, Ref, Section, SectionKind
from toolkit.form.toml_table import FormError, suggestion

EVERY_ROW = "*"
TOTAL_ROW = "total"  # the row id under which a table's 合计 row is read


@dataclass(frozen=True, slots=True)
class _SectionNames:
    kind: str
    rows: tuple[str, ...]
    fields: tuple[str, ...]
    totals: bool = False  # a table that has a total row


@dataclass(frozen=True, slots=True)
class Names:
    """The sections, rows and fields that a form knows."""

    sections: Mapping[str, _SectionNames]
    form: Form | None = None  # the form they are of, once it is loaded
    _known: dict[str, Ref] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of_toml(cls, raw: Mapping[str, Any]) -> Names:
        """Collect the names of a definition that has not been validated yet."""

        def ids(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
            entries = entry.get(key, [])
            listed = entries if isinstance(entries, list) else []
            return tuple(str(item.get("id", "")) for item in listed if isinstance(item, dict))

        sections = raw.get("section", [])
        return cls(
            {
                str(entry.get("id", "")): _SectionNames(
                    str(entry.get("kind", "answers")),
                    ids(entry, "row"),
                    ids(entry, "field"),
                    bool(entry.get("totals")),
                )
                for entry in (sections if isinstance(sections, list) else [])
                if isinstance(entry, dict)
            }
        )

    @classmethod
    def of_form(cls, form: Form) -> Names:
        """Collect the names of a loaded form."""
        return cls(
            {
                section.id: _SectionNames(
                    section.kind.value,
                    tuple(row.id for row in section.rows),
                    tuple(field.id for field in section.fields),
                    bool(section.totals),
                )
                for section in form.sections
            },
            form,
        )

    def ref(self, name: str) -> Ref:
        """Return the reference a rule of the form names; rules ask for the same few in every workbook."""
        if name not in self._known:
            self._known[name] = self.resolve(name, "rule")
        return self._known[name]

    def resolve(self, name: str, path: str, section: str = "") -> Ref:
        """Return the full reference a name stands for, seen from `section`; FormError if there is none.

        In a grid or table an empty row means the row where the reference stands.
        """
        parts = name.split(".")
        if not 1 <= len(parts) <= 3 or not all(parts):
            raise FormError(path, f"'{name}' is not a name like field, row.field or section.row.field")
        if len(parts) == 3:
            ref = Ref(*parts)
        elif len(parts) == 2 and section and self._has_row(section, parts[0]):
            ref = Ref(section, parts[0], parts[1])
        elif len(parts) == 2:
            ref = Ref(parts[0], "", parts[1])
        else:
            ref = Ref(section, "", parts[0])
        self._check(ref, name, path)
        return ref

    def section(self, name: str, path: str) -> str:
        """Return `name` if it is a section; FormError with a suggestion otherwise."""
        if name not in self.sections:
            raise FormError(path, f"there is no section '{name}'{suggestion(name, self.sections)}")
        return name

    def _has_row(self, section: str, row: str) -> bool:
        names = self.sections.get(section)
        if names is None or names.kind == "answers":
            return False
        return row in names.rows or row == EVERY_ROW or (names.totals and row == TOTAL_ROW)

    def _check(self, ref: Ref, name: str, path: str) -> None:
        self.section(ref.section, f"{path}: '{name}'")
        known = self.sections[ref.section]
        if ref.field not in known.fields:
            hint = suggestion(ref.field, known.fields)
            raise FormError(path, f"'{name}': section '{ref.section}' has no field '{ref.field}'{hint}")
        if ref.row and not self._has_row(ref.section, ref.row):
            hint = suggestion(ref.row, known.rows)
            if known.kind == "table" and ref.row == TOTAL_ROW:
                hint = ": it needs 'totals', the words that mark one"
            raise FormError(path, f"'{name}': section '{ref.section}' has no row '{ref.row}'{hint}")


def check_cells(form: Form) -> None:
    """Refuse a figure that follows from what no blank asks for; FormError names the row and the part."""
    for section in form.sections:
        path = f"form.section[{section.id}]"
        for entry in section.fields:
            if entry.derive is not None:
                rows: list[GridRow | None] = [
                    row for row in section.rows if row.asks(entry.id) and entry.id not in row.derives
                ]
                for row in rows if section.rows else [None]:
                    where = f"{path}.row[{row.id}]" if row else f"{path}.field[{entry.id}].derive"
                    _check_parts(form, section, row, entry.derive, where)
        for row in section.rows:
            for name, derive in row.derives.items():
                if row.asks(name):
                    _check_parts(form, section, row, derive, f"{path}.row[{row.id}].derive.{name}")
        for name, refs in section.total_adds.items():
            for ref in refs:
                _check_part(form, section, None, ref, f"{path}.total_add.{name}")


def _check_parts(form: Form, section: Section, row: GridRow | None, derive: Derive, path: str) -> None:
    if derive.how in ("sum", "completion"):
        return  # a sum leaves out what no cell asks for
    for ref in derive.of:
        _check_part(form, section, row, ref, path)


def _check_part(form: Form, section: Section, row: GridRow | None, ref: Ref, path: str) -> None:
    other = form.section(ref.section)
    own = other is section
    asked = row if own and not ref.row else next((one for one in other.rows if one.id == ref.row), None)
    if other.kind is SectionKind.ANSWERS:
        there = not ref.row
    elif other.kind is SectionKind.GRID:
        there = asked is not None and asked.asks(ref.field)
    else:
        there = (own and not ref.row) or (ref.row == TOTAL_ROW and ref.field in other.total_fields)
    if not there:
        hint = ": the total row has no such field in 'total_fields'" if ref.row == TOTAL_ROW else ""
        raise FormError(path, f"follows from '{ref}', and the blank has no such cell{hint}")
