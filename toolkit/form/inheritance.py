"""A form written on the ground of another: how things are judged is taken over, the page is its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from toolkit.form.toml_table import FormError, Table, suggestion

Toml: TypeAlias = dict[str, Any]
FindBase: TypeAlias = Callable[[str], Toml]  # form id -> its TOML; FormError when there is none


def no_base(name: str) -> Toml:
    """Refuse a base where no other form can be looked up."""
    raise FormError("form", f"the base '{name}' cannot be looked up here")


def inherit(raw: Toml, find: FindBase, above: tuple[str, ...] = ()) -> Toml:
    """Return a definition with what it takes from its `base`; FormError if that cannot be done.

    Taken over are `synonyms` and `scoring` key by key, `grade` as a whole, and rules by id: a rule of that
    id changes single keys of the base's rule, `without` leaves rules out. Sheets, sections and `summary` are
    always the form's own. `above` are the forms being built on it, to refuse a circle.
    """
    own = Table("form", raw)
    name, without = own.text("base"), own.texts("without")
    if not name:
        if without:
            raise FormError("form", "'without' leaves out rules of a 'base', and there is none")
        return raw
    if name in above or name == raw.get("id"):
        raise FormError("form", f"the base '{name}' is built on this form itself")
    base = inherit(find(name), find, (*above, str(raw.get("id", ""))))
    merged = dict(raw)
    for key in ("synonyms", "scoring"):
        merged[key] = {**_part(base, key, dict), **_part(raw, key, dict)}
    merged["grade"] = raw.get("grade", base.get("grade", []))
    merged["rule"] = _rules(_part(base, "rule", list), _part(raw, "rule", list), name, without)
    return merged


def _part(raw: Toml, key: str, kind: type[Any]) -> Any:
    value = raw.get(key, kind())
    if not isinstance(value, kind):
        raise FormError("form", f"'{key}' must be {'a list of tables' if kind is list else 'a table'}")
    return value


def _rules(base: list[Toml], own: list[Toml], name: str, without: tuple[str, ...]) -> list[Toml]:
    known = {str(rule.get("id")): rule for rule in base}
    for left_out in without:
        if left_out not in known:
            raise FormError("form.without", f"'{name}' has no rule '{left_out}'{suggestion(left_out, known)}")
    changes: Mapping[str, Toml] = {str(rule.get("id")): rule for rule in own if isinstance(rule, dict)}
    kept = [{**rule, **changes.get(key, {})} for key, rule in known.items() if key not in without]
    return kept + [
        rule
        for rule in own
        if not isinstance(rule, dict) or str(rule.get("id")) not in known or rule.get("id") in without
    ]
