"""Dropdowns, hints and colours that follow the clerk's typing on a form sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from toolkit.form.model import Field, GridRow, Section, SectionKind
from toolkit.form.places import Extent, Placement, Role
from toolkit.submission.grid import column_letters
from toolkit.writers.blank_hints import validation
from toolkit.writers.formulas import Workings, address

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from toolkit.writers.styles import Styles


def add_guides(
    page: Worksheet,
    styles: Styles,
    workings: Workings,
    extent: Extent,
    lists: Mapping[tuple[str, ...], str],
) -> None:
    """Add what guides the clerk through one section; `lists` gives the ranges of long dropdowns."""
    section = workings.form.section(extent.section)
    if section.kind is SectionKind.TABLE:
        for field in section.fields:
            left, right = extent.columns[field.id]
            options = _options(workings, section, None, field, lists, derived=field.derive is not None)
            # the hint row is taken in, so that rows inserted above it are guided too
            _validate(page, (extent.first, left, extent.end, right), options)
            _mark_missing_in_table(page, styles, section, extent, field)
        if extent.open:
            _grow(page, styles, section, extent)
        return
    for field in section.fields:
        for rows, (is_required, derived) in _alike(workings, section, field):
            top, bottom = rows[0], rows[-1]
            area = (top.row, top.column, bottom.row, top.last_column)
            row = _grid_row(section, top.row_id)
            _validate(page, area, _options(workings, section, row, field, lists, derived=derived))
            if is_required:
                rule = {"type": "blanks", "format": styles.get("missing")}
                page.conditional_format(*area, rule)


def _options(
    workings: Workings,
    section: Section,
    row: GridRow | None,
    field: Field,
    lists: Mapping[tuple[str, ...], str],
    *,
    derived: bool,
) -> dict[str, Any] | None:
    derived = derived and not (field.derive is not None and field.derive.how == "completion")
    return validation(
        field,
        workings.form.money,
        required=field.id in section.required_in(row.id if row else ""),
        derived=derived,
        choices_at=lists.get(field.choices, ""),
    )


def _validate(page: Worksheet, area: tuple[int, int, int, int], options: dict[str, Any] | None) -> None:
    if options is not None and page.data_validation(*area, options):
        raise ValueError(f"{page.name}!{address(area[0], area[1])}: its dropdown or hint cannot be written")


def _alike(
    workings: Workings, section: Section, field: Field
) -> Iterator[tuple[list[Placement], tuple[bool, bool]]]:
    """Yield the cells of a field that lie below each other and are guided alike."""

    def kind(place: Placement) -> tuple[bool, bool, int]:
        is_required = field.id in section.required_in(place.row_id)
        return is_required, place.role is Role.DERIVED, place.row - order[place.row_id]

    cells = [
        workings.layout.cells[section.id, row_id, field.id][1]
        for row_id in workings.layout.rows(section.id)
        if (section.id, row_id, field.id) in workings.layout.cells and not field.printed
    ]
    order = {place.row_id: position for position, place in enumerate(cells)}
    for (is_required, derived, _), group in groupby(cells, kind):
        yield list(group), (is_required, derived)


def _grid_row(section: Section, row_id: str) -> GridRow | None:
    return section.row(row_id) if section.kind is SectionKind.GRID else None


def _mark_missing_in_table(
    page: Worksheet, styles: Styles, section: Section, extent: Extent, field: Field
) -> None:
    """Colour what a begun row still needs, and the first rows of a table that must not stay empty."""
    if extent.heading is None or not ((field.required and not field.fill_down) or field.id in extent.keys):
        return
    row = extent.first + 1
    column = extent.columns[field.id][0]
    keys = "&".join(f"${column_letters(extent.columns[key][0])}{row}" for key in extent.keys)
    among_first = f"ROW()-ROW({address(extent.heading, column, fixed=True)})<={section.min_rows}"
    begun = f"LEN(TRIM({keys}))>0"
    wanted = f"OR({among_first},{begun})" if field.required else f"AND({among_first},LEN(TRIM({keys}))=0)"
    tests = [wanted, f"LEN(TRIM({address(extent.first, column)}))=0"]
    if extent.hint is not None:
        tests.append(f"ROW()<ROW({address(extent.hint, column, fixed=True)})")
    rule = {"type": "formula", "criteria": f"=AND({','.join(tests)})", "format": styles.get("missing")}
    page.conditional_format(extent.first, column, extent.end, column, rule)


def _grow(page: Worksheet, styles: Styles, section: Section, extent: Extent) -> None:
    """Draw borders and tint below an open table as far as it is filled, and one row more."""
    first, row = extent.last + 1, extent.last + 2
    columns = [column_letters(extent.columns[entry.id][0]) for entry in section.fields if not entry.derive]
    here, above = ("&".join(f"${column}{line}" for column in columns) for line in (row, row - 1))
    rule = {
        "type": "formula",
        "criteria": f"=OR(LEN({here})>0,LEN({above})>0)",
        "format": styles.get("grown"),
    }
    page.conditional_format(first, 0, extent.end, extent.right, rule)
