"""Form TOML -> Form. An author's mistake is a FormError that names its path and suggests the cure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from toolkit.form.inheritance import FindBase, Toml, inherit, no_base
from toolkit.form.model import FORM_UNITS, Form, MoneyUnit, Ref, Rule, Sheet
from toolkit.form.references import Names, check_cells
from toolkit.form.scales import read_scale
from toolkit.form.scoring import Band, Grade, Scoring
from toolkit.form.sections import Synonyms, check_companions, check_defaults, read_section
from toolkit.form.toml_table import REQUIRED, FormError, Table, check_known, suggestion

SUMMARY_KEYS = (  # what the summary and the reports ask a form for; any of them may be left out
    *("unit", "year", "district", "supervising_department", "fill_date", "project_name"),
    *("income", "expenditure", "indicators", "projects", "project_indicators", "problems", "measures"),
    *("period", "monitored", "foreseen", "sources"),
    *("initial_budget", "adjusted_budget", "actual_expenditure", "prior_expenditure"),
    *("duty_score", "management_score", "total_score", "full_score", "grade"),
)


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
    return read_form(_toml(text, name), find_base)


def read_form(written: Toml, find_base: FindBase = no_base) -> Form:
    """Read a form definition from what its TOML says; FormError if no blank can be made of it."""
    raw = inherit(written, find_base)
    form = _form(Table("form", raw), Names.of_toml(raw))
    _check_names(form)
    check_cells(form)
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
    sections = tuple(read_section(entry, names, synonyms) for entry in table.tables("section"))
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
        money=table.one_of("money", MoneyUnit, [unit.value for unit in FORM_UNITS], MoneyUnit.WAN.value),
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
    check_known("form.scoring", "scale", [form.scoring.scale], scales)
    for section in form.sections:
        path = f"form.section[{section.id}]"
        check_known(path, "sheet", [section.sheet], sheets)
        field_ids = [field.id for field in section.fields]
        row_ids = [row.id for row in section.rows]
        for row in section.rows:
            where = f"{path}.row[{row.id}]"
            check_known(where, "field", row.fields, field_ids)
            check_known(where, "field of this row", (*row.required, *row.defaults), row.fields or field_ids)
            check_defaults(where, section, row.defaults)
            check_known(where, "scale", [row.scale], scales)
            used = [ref for derive in row.derives.values() for ref in derive.of]
            parts = [ref.row for ref in used if ref.section == section.id and ref.row]
            check_known(f"{where}.sum", "row", parts, row_ids)
        check_defaults(path, section, {entry.id: entry.default for entry in section.fields if entry.default})
        for entry in section.fields:
            check_companions(f"{path}.field[{entry.id}]", entry, section)
        check_known(path, "scale", (section.scale, *section.scales.values()), scales)
        for seed in section.seeds:
            check_known(f"{path}.seed", "field", seed, field_ids)
            check_defaults(f"{path}.seed", section, seed)
        check_known(f"{path}.total_fields", "field", section.total_fields, field_ids)
        check_known(f"{path}.total_add", "total field", section.total_adds, section.total_fields)
