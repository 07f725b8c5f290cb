"""[[section]] -> Section, with its fields, rows and what is derived."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from toolkit.form.model import Derive, Field, FieldType, GridRow, Ref, Section, SectionKind
from toolkit.form.operators import SIGNS, operator_sign
from toolkit.form.references import Names
from toolkit.form.toml_table import REQUIRED, FormError, Table, check_known, suggestion

Synonyms: TypeAlias = Mapping[str, tuple[str, ...]]  # label -> other spellings, wherever it stands
_DERIVES = {"sum": None, "difference": 2, "ratio": 2, "change": 2, "completion": 0}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_NUMERIC = {FieldType.MONEY, FieldType.NUMBER, FieldType.INTEGER}


def read_section(table: Table, names: Names, synonyms: Synonyms) -> Section:
    """Read one section; `synonyms` are aliases the form gives to labels wherever they stand."""
    kind = table.one_of("kind", SectionKind, [kind.value for kind in SectionKind], "answers")
    section_id = table.text("id", REQUIRED)
    fields = tuple(_field(entry, section_id, names, synonyms) for entry in table.tables("field"))
    if not fields:
        raise FormError(table.path, "has no field")
    section = Section(
        id=section_id,
        title=table.text("title", REQUIRED),
        kind=kind,
        fields=fields,
        sheet=table.text("sheet", REQUIRED),
        aliases=table.texts("aliases"),
        rows=tuple(_row(entry, section_id, fields, names, synonyms) for entry in table.tables("row")),
        row_heading=table.text("row_heading", "项目"),
        label_span=table.whole("label_span", 1, least=1),
        label_width=table.whole("label_width", 24, least=1),
        columns=table.whole("columns", 1, least=1),
        numbered=table.flag("numbered"),
        blank_rows=table.whole("blank_rows", 12 if kind is SectionKind.TABLE else 0),
        seeds=_seeds(table),
        totals=table.texts("totals"),
        total_fields=table.texts("total_fields"),
        total_adds=_total_adds(table.table("total_add"), names),
        total_code=table.text("total_code", "B02"),
        indicators=table.flag("indicators"),
        min_rows=table.whole("min_rows"),
        scale=table.text("scale"),
        scales=table.mapping("scales"),
        help=table.text("help"),
        hidden_title=table.flag("hidden_title"),
        side=table.whole("side"),
    )
    if (kind is SectionKind.GRID) != bool(section.rows):
        raise FormError(table.path, "a grid needs rows, and only a grid has them")
    if section.total_fields and not section.totals:
        raise FormError(table.path, "'total_fields' needs 'totals', the words that mark its total row")
    table.done()
    return section


def _aliases(table: Table, synonyms: Synonyms) -> tuple[str, ...]:
    """Return a label's own aliases and those the form gives to every label of that wording."""
    return tuple(dict.fromkeys((*table.texts("aliases"), *synonyms.get(table.text("label"), ()))))


def _seeds(table: Table) -> tuple[dict[str, str], ...]:
    entries = table.tables("seed")
    return tuple({key: str(value) for key, value in entry.rest().items()} for entry in entries)


def _total_adds(table: Table, names: Names) -> dict[str, tuple[Ref, ...]]:
    adds = {}
    for key, written in table.rest().items():
        path = f"{table.path}.{key}"
        if not isinstance(written, list):
            raise FormError(path, f"must be a list of names, not {written!r}")
        adds[key] = tuple(names.resolve(str(name), path) for name in written)
    return adds


def _field(table: Table, section: str, names: Names, synonyms: Synonyms) -> Field:
    kind = table.one_of("type", FieldType, [kind.value for kind in FieldType], "text")
    field = Field(
        id=table.text("id", REQUIRED),
        label=table.text("label", REQUIRED),
        type=kind,
        aliases=_aliases(table, synonyms),
        required=table.flag("required"),
        help=table.text("help"),
        example=table.text("example"),
        unit=table.text("unit"),
        operator_from=table.text("operator_from"),
        unit_from=table.text("unit_from"),
        coded=table.flag("coded"),
        decimals=table.optional_whole("decimals"),
        min=table.number("min"),
        max=table.number("max"),
        max_length=table.optional_whole("max_length"),
        forbidden=table.text("forbidden"),
        choices=table.texts("choices") or (SIGNS if kind is FieldType.OPERATOR else ()),
        choice_aliases=table.mapping("choice_aliases"),
        strict=table.flag("strict", default=True),
        default=table.text("default"),
        printed=table.flag("printed"),
        fill_down=table.flag("fill_down"),
        key=table.flag("key"),
        derive=_derive(table, section, names),
        span=table.whole("span", 1, least=1),
        group=table.text("group"),
        width=table.whole("width", 12, least=1),
        lines=table.whole("lines", 1, least=1),
    )
    if kind is FieldType.CHOICE and not field.choices:
        raise FormError(table.path, "a choice needs 'choices'")
    if kind is FieldType.OPERATOR:
        for word in field.choices:
            if not operator_sign(word):
                raise FormError(
                    f"{table.path}.choices", f"'{word}' is no operator; known are {' '.join(SIGNS)}"
                )
    if (field.operator_from or field.unit_from) and kind is not FieldType.TARGET:
        raise FormError(table.path, "only a target takes 'operator_from' and 'unit_from'")
    if wrong := [word for word in field.choice_aliases.values() if word not in field.choices]:
        raise FormError(f"{table.path}.choice_aliases", f"'{wrong[0]}' is none of the choices")
    table.done()
    return field


def _derive(table: Table, section: str, names: Names) -> Derive | None:
    if table.raw("derive", dict, "a table") is None:
        return None
    return _read_derive(table.table("derive"), section, names)


def _read_derive(entry: Table, section: str, names: Names) -> Derive:
    code = entry.text("code", "B05")
    tolerance = entry.number("tolerance")
    rest = entry.rest()
    if len(rest) != 1 or (how := next(iter(rest))) not in _DERIVES:
        listed = ", ".join(_DERIVES)
        hint = "".join(suggestion(key, _DERIVES) for key in rest if key not in _DERIVES)
        raise FormError(entry.path, f"must hold exactly one of {listed}{hint}")
    written = rest[how] if isinstance(rest[how], list) else []
    count = _DERIVES[how]
    if (count is not None and len(written) != count) or (count is None and not written):
        raise FormError(entry.path, f"'{how}' takes {'some' if count is None else count} names")
    refs = tuple(names.resolve(str(name), entry.path, section) for name in written)
    return Derive(how, refs, code, tolerance)


def _row(table: Table, section: str, fields: tuple[Field, ...], names: Names, synonyms: Synonyms) -> GridRow:
    row_id = table.text("id", REQUIRED)
    parts = table.texts("sum")
    code = table.text("sum_code", "B02")
    columns = table.texts("fields")
    derives = {
        field.id: Derive("sum", tuple(Ref(section, part, field.id) for part in parts), code)
        for field in fields
        if parts and field.type in _NUMERIC and field.derive is None and (not columns or field.id in columns)
    }
    path = f"{table.path}.derive"
    for column, written in table.table("derive").rest().items():
        check_known(path, "field", [column], [field.id for field in fields])
        if not isinstance(written, dict):
            raise FormError(path, f"'{column}' must be a table like {{ ratio = [...] }}")
        derives[column] = _read_derive(Table(f"{path}.{column}", written), section, names)
    row = GridRow(
        id=row_id,
        label=table.text("label", REQUIRED),
        aliases=_aliases(table, synonyms),
        fields=columns,
        required=table.texts("required"),
        defaults=table.mapping("defaults"),
        derives=derives,
        indent=table.whole("indent"),
        strong=table.flag("strong"),
        scale=table.text("scale"),
    )
    table.done()
    return row


def check_companions(path: str, entry: Field, section: Section) -> None:
    """Refuse a field whose sign or unit is said to stand in a column that cannot hold it."""
    own = [other.id for other in section.fields if other.id != entry.id]
    for key, name in (("operator_from", entry.operator_from), ("unit_from", entry.unit_from)):
        if name:
            check_known(f"{path}.{key}", "other field", [name], own)
    if entry.operator_from and section.field(entry.operator_from).type is not FieldType.OPERATOR:
        raise FormError(f"{path}.operator_from", f"the field '{entry.operator_from}' must be an operator")


def check_defaults(path: str, section: Section, defaults: Mapping[str, str]) -> None:
    """Refuse what a blank prints into a cell of figures and is none."""
    for name, text in defaults.items():
        if section.field(name).type in _NUMERIC and not _NUMBER.fullmatch(text):
            raise FormError(path, f"the default of '{name}' must be a number, not '{text}'")
