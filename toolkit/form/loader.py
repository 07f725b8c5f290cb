"""Form TOML -> Form. An author's mistake is a FormError that names its path and suggests the cure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from toolkit.form.inheritance import FindBase, Toml, inherit, no_base
from toolkit.form.model import (
    Band,
    Derive,
    Field,
    FieldType,
    Form,
    Grade,
    GridRow,
    MoneyUnit,
    Ref,
    Rule,
    Scoring,
    Section,
    SectionKind,
    Sheet,
)
from toolkit.form.operators import SIGNS, operator_sign
from toolkit.form.references import Names
from toolkit.form.scales import read_scale
from toolkit.form.toml_table import REQUIRED, FormError, Table, suggestion

Synonyms: TypeAlias = Mapping[str, tuple[str, ...]]  # label -> other spellings, wherever it stands
SUMMARY_KEYS = (  # what the summary and the reports ask a form for; any of them may be left out
    *("unit", "year", "district", "supervising_department", "fill_date", "project_name"),
    *("income", "expenditure", "indicators", "projects", "project_indicators", "problems", "measures"),
    *("period", "monitored", "foreseen"),
    *("initial_budget", "adjusted_budget", "actual_expenditure", "prior_expenditure"),
    *("duty_score", "management_score", "total_score", "full_score", "grade"),
)
_DERIVES = {"sum": None, "difference": 2, "ratio": 2, "change": 2, "completion": 0}
_NUMERIC = {FieldType.MONEY, FieldType.NUMBER, FieldType.INTEGER}


def load_form(path: Path, bases: Mapping[str, Path] | None = None) -> Form:
    """Read one form definition; FormError if it cannot be used.

    The form it is based on, if any, is looked for beside it, then among `bases` (form id -> file).
    """

    def base(name: str) -> Toml:
        beside = path.with_name(f"{name}.toml")
        found = beside if beside.is_file() else (bases or {}).get(name)
        if found is None:
            known = (*(other.stem for other in path.parent.glob("*.toml")), *(bases or ()))
            raise FormError("form", f"there is no form '{name}' to be its base{suggestion(name, known)}")
        return _toml(_text(found), str(found))

    return parse_form(_text(path), str(path), base)


def parse_form(text: str, name: str = "form", find_base: FindBase = no_base) -> Form:
    """Read a form definition from TOML text; `name` is used when it is not TOML at all."""
    raw = inherit(_toml(text, name), find_base)
    form = _form(Table("form", raw), Names.of_toml(raw))
    _check_names(form)
    return form


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FormError(str(path), f"cannot be read as UTF-8 text ({error})") from error


def _toml(text: str, name: str) -> Toml:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise FormError(name, f"not valid TOML: {error}") from error


def _form(table: Table, names: Names) -> Form:
    synonyms = _synonyms(table.table("synonyms"))
    sections = tuple(_section(entry, names, synonyms) for entry in table.tables("section"))
    form = Form(
        id=table.text("id", REQUIRED),
        version=table.text("version", REQUIRED),
        base=table.text("base"),
        without=table.texts("without"),
        title=table.text("title", REQUIRED),
        aliases=table.texts("aliases"),
        telltales=table.texts("telltales"),
        foreign=table.texts("foreign"),
        subtitle=table.text("subtitle"),
        description=table.text("description"),
        source=table.text("source"),
        entity=table.one_of("entity", str, ("department", "project", "monitor"), "department"),
        money=table.one_of("money", MoneyUnit, [unit.value for unit in MoneyUnit], MoneyUnit.WAN.value),
        sheets=tuple(_sheet(entry) for entry in table.tables("sheet", "name")),
        sections=sections,
        scoring=_scoring(table.table("scoring")),
        grades=tuple(_grade(entry) for entry in table.tables("grade", "name")),
        rules=tuple(_rule(entry) for entry in table.tables("rule")),
        summary=_summary(table.table("summary"), names),
    )
    table.done()
    return form


def _synonyms(table: Table) -> Synonyms:
    return {
        label: Table(table.path, {label: spellings}).texts(label) for label, spellings in table.rest().items()
    }


def _sheet(table: Table) -> Sheet:
    sheet = Sheet(
        name=table.text("name", REQUIRED),
        columns=table.wholes("columns"),
        landscape=table.flag("landscape"),
        title=table.text("title"),
        footnotes=table.texts("footnotes"),
    )
    table.done()
    return sheet


def _section(table: Table, names: Names, synonyms: Synonyms) -> Section:
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
        label_span=table.whole("label_span", 1),
        label_width=table.whole("label_width", 24),
        columns=table.whole("columns", 1),
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
    return {
        key: tuple(names.resolve(str(name), f"{table.path}.{key}") for name in written)
        for key, written in table.rest().items()
    }


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
        span=table.whole("span", 1),
        group=table.text("group"),
        width=table.whole("width", 12),
        lines=table.whole("lines", 1),
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
        _known(path, "field", [column], [field.id for field in fields])
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


def _scoring(table: Table) -> Scoring:
    scoring = Scoring(
        reverse=table.one_of("reverse", str, ("linear_double", "ratio"), "linear_double"),
        completion_cap=table.flag("completion_cap"),
        bands=tuple(_band(entry) for entry in table.tables("band", "name")),
        default_operator=table.one_of("default_operator", str, ("ge", "eq"), "ge"),
        score_decimals=table.whole("score_decimals", 2),
        scales=tuple(read_scale(entry) for entry in table.tables("scale")),
        scale=table.text("default_scale"),
    )
    table.done()
    return scoring


def _band(table: Table) -> Band:
    band = Band(
        name=table.text("name", REQUIRED),
        low=table.number("low", REQUIRED) or Decimal(0),
        high=table.number("high", REQUIRED) or Decimal(0),
        aliases=table.texts("aliases"),
        open_top=table.flag("open_top"),
    )
    table.done()
    return band


def _grade(table: Table) -> Grade:
    grade = Grade(
        name=table.text("name", REQUIRED),
        min=table.number("min", REQUIRED) or Decimal(0),
        open_end=table.flag("open_end"),
        aliases=table.texts("aliases"),
    )
    table.done()
    return grade


def _rule(table: Table) -> Rule:
    return Rule(
        id=table.text("id", REQUIRED),
        check=table.text("check", REQUIRED),
        code=table.text("code", REQUIRED),
        severity=table.one_of("severity", str, ("", "error", "explain", "note"), ""),
        severities=table.mapping("severities"),
        probation=table.day("probation"),
        params=table.rest(),
    )


def _summary(table: Table, names: Names) -> dict[str, tuple[Ref, ...]]:
    summary = {}
    for key, value in table.rest().items():
        path = f"{table.path}.{key}"
        if key not in SUMMARY_KEYS:
            raise FormError(table.path, f"unknown key '{key}'{suggestion(key, SUMMARY_KEYS)}")
        written = [str(name) for name in value] if isinstance(value, list) else [str(value)]
        summary[key] = tuple(
            names.resolve(name, path) if "." in name else Ref(names.section(name, path), "", "")
            for name in written
        )
    return summary


def _check_names(form: Form) -> None:
    sheets = [sheet.name for sheet in form.sheets]
    scales = ["", *(scale.id for scale in form.scoring.scales)]
    _known("form.scoring", "scale", [form.scoring.scale], scales)
    for section in form.sections:
        path = f"form.section[{section.id}]"
        _known(path, "sheet", [section.sheet], sheets)
        field_ids = [field.id for field in section.fields]
        row_ids = [row.id for row in section.rows]
        for row in section.rows:
            where = f"{path}.row[{row.id}]"
            _known(where, "field", (*row.fields, *row.required, *row.defaults), field_ids)
            _known(where, "scale", [row.scale], scales)
            used = [ref for derive in row.derives.values() for ref in derive.of]
            parts = [ref.row for ref in used if ref.section == section.id and ref.row]
            _known(f"{where}.sum", "row", parts, row_ids)
        for entry in section.fields:
            _check_companions(f"{path}.field[{entry.id}]", entry, section)
        _known(path, "scale", (section.scale, *section.scales.values()), scales)
        for seed in section.seeds:
            _known(f"{path}.seed", "field", seed, field_ids)
        _known(f"{path}.total_fields", "field", section.total_fields, field_ids)
        _known(f"{path}.total_add", "total field", section.total_adds, section.total_fields)


def _check_companions(path: str, entry: Field, section: Section) -> None:
    own = [other.id for other in section.fields if other.id != entry.id]
    for key, name in (("operator_from", entry.operator_from), ("unit_from", entry.unit_from)):
        if name:
            _known(f"{path}.{key}", "other field", [name], own)
    if entry.operator_from and section.field(entry.operator_from).type is not FieldType.OPERATOR:
        raise FormError(f"{path}.operator_from", f"the field '{entry.operator_from}' must be an operator")


def _known(path: str, what: str, names: Iterable[str], known: Iterable[str]) -> None:
    listed = list(known)
    for name in names:
        if name not in listed:
            raise FormError(path, f"there is no {what} '{name}'{suggestion(name, listed)}")
