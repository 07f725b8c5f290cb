"""Rules, summary, scoring and grades of the nearest form, as far as they hold for the drafted one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from toolkit.checks.rules import validate
from toolkit.drafting.sections import Drafted
from toolkit.drafting.toml_text import Node
from toolkit.drafting.words import words
from toolkit.form.labels import plain
from toolkit.form.model import Form, Ref, Rule, SectionKind
from toolkit.form.references import TOTAL_ROW, Names
from toolkit.form.toml_table import FormError


def rules_for(root: Node, form: Form, near: Form, drafted: Sequence[Drafted]) -> list[Node]:
    """Return the rules of the nearest form that can be asked of the drafted `form`, pruned to what is there.

    A rule on a section that follows no section of the nearest form is left out: same words, other meaning.
    """
    say = words()
    followed = {item.id for item in drafted if item.model is not None and item.model.section.id == item.id}
    nodes = []
    for rule in near.rules:
        kept = _kept(rule, lambda candidate: _is_valid(form, candidate, near, followed))
        if kept is None:
            continue
        params, told = dict(kept.params), rule.params != kept.params
        node = Node({"id": rule.id, "check": rule.check, "code": rule.code})
        node.put("severity", rule.severity)
        if rule.check == "group_sum_is":
            if not _weigh(node, params, drafted, near):
                root.doubt("", say.doubt("levels_new", form=near.title))
                continue
        elif told or any(isinstance(value, (Decimal, int)) for value in params.values()):
            node.doubt("", say.doubt("rule", form=near.title))
        for key, value in params.items():
            node.values[key] = Node(dict(value)) if isinstance(value, Mapping) and len(value) > 4 else value
        nodes.append(node)
    return nodes


def _weigh(node: Node, params: dict[str, Any], drafted: Sequence[Drafted], near: Form) -> bool:
    """Take the weights of levels from the blank, else of the nearest form; False if its levels differ."""
    say = words()
    weights = next((item.shape.weights for item in drafted if item.id == params.get("section")), {})
    if weights and params.get("by") == "level1":
        params["values"] = {name: Decimal(points) for name, points in weights.items()}
        told = (say.say("weight", name=name, points=points) for name, points in weights.items())
        node.doubt("values", say.doubt("weights", found=say.say("rows").join(told)))
        return True
    levels = _printed_levels(drafted, str(params.get("section")), str(params.get("by")))
    given = params["values"]  # of one kind of project, or of several
    fitting = [
        values
        for values in (given if isinstance(given, list) else [given])
        if not levels or levels == {plain(name) for name in values}
    ]
    if not fitting:
        return False
    params["values"] = fitting if len(fitting) > 1 else fitting[0]
    node.doubt("values", say.doubt("weights_model", form=near.title))
    return True


def _printed_levels(drafted: Sequence[Drafted], section: str, level: str) -> set[str]:
    return {
        plain(str(seed.values[level]))
        for item in drafted
        if item.id == section
        for seed in item.node.values.get("seed", [])
        if level in seed.values
    }


def _kept(rule: Rule, is_valid: Callable[[Rule], bool]) -> Rule | None:
    """Return the rule with the elements of its lists and tables that hold; None when it cannot be asked."""
    if is_valid(rule):
        return rule
    params: dict[str, Any] = {}
    for name, value in rule.params.items():
        if isinstance(value, list):
            params[name] = [item for item in value if _element_holds(rule, name, item, is_valid)]
        elif isinstance(value, Mapping) and any("." in key for key in value):
            params[name] = {
                key: item for key, item in value.items() if _element_holds(rule, name, key, is_valid)
            }
        else:
            params[name] = value
    pruned = replace(rule, params=params)
    return pruned if params != rule.params and all(params.values()) and is_valid(pruned) else None


def _element_holds(rule: Rule, name: str, element: Any, is_valid: Callable[[Rule], bool]) -> bool:
    """Return whether one element of a parameter names something that is there; anything but a name holds."""
    return not isinstance(element, str) or is_valid(Rule(rule.id, "signed", rule.code, {"of": [element]}))


def _is_valid(form: Form, rule: Rule, near: Form, followed: set[str]) -> bool:
    try:
        validate(replace(form, rules=(rule,)))
    except FormError:
        return False
    names = Names.of_form(form)
    sections = {section.id for section in near.sections}
    found = list(_names_in(rule.params))
    if any(name in sections - followed for name in found):
        return False
    section = rule.params.get("section")
    if section in followed and not _has_fields(form, near, str(section), found):
        return False
    return all(_is_there(names, name, followed) for name in found if "." in name)


def _has_fields(form: Form, near: Form, section: str, found: Sequence[str]) -> bool:
    """Return whether the drafted section asks the fields that a rule on it names or takes for granted."""
    known, own = near.section(section), form.section(section)
    named = {name for name in found if known.has(name)}
    taken = {"name", "target", "actual", "reason"} if known.indicators else set()
    return all(own.has(name) for name in named | (taken & {entry.id for entry in known.fields}))


def _names_in(value: Any) -> Iterator[str]:
    """Yield what may be names anywhere in parameters: values, elements and keys."""
    if isinstance(value, str):
        if value.isascii():
            yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _names_in(key)
            yield from _names_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _names_in(item)


def _is_there(names: Names, name: str, followed: set[str]) -> bool:
    section, *rest = name.split(".")
    if section not in followed:
        return False
    try:
        if len(rest) == 1 and rest[0] in names.sections[section].rows:
            return True  # a whole row: funds.total
        names.resolve(name, "form")
    except FormError:
        return False
    return True


# The summary


def summary_for(form: Form, near: Form | None, drafted: Sequence[Drafted]) -> Node:
    """Return where the summary finds its figures: as in the nearest form, else by the ids that are there."""
    node = Node()
    names = Names.of_form(form)
    for key, refs in (near.summary if near is not None else {}).items():
        held = [str(ref) for ref in refs if _resolves(names, ref)]
        if held:
            node.values[key] = held[0] if len(held) == 1 else held
    for key, found in _by_id(drafted):
        node.values.setdefault(key, found)
    return node


def _resolves(names: Names, ref: Ref) -> bool:
    try:
        if not ref.field:
            names.section(ref.section, "form")
        else:
            names.resolve(str(ref), "form")
    except FormError:
        return False
    return True


def _by_id(drafted: Sequence[Drafted]) -> Iterator[tuple[str, str]]:
    """Yield summary figures by the ids of what was recognised."""
    answers = {"unit_name": "unit", "fiscal_year": "year", "project_name": "project_name", "grade": "grade",
               "supervising_department": "supervising_department", "fill_date": "fill_date"}  # fmt: skip
    for item in drafted:
        ids = [question.id for question in item.questions]
        if item.shape.kind is SectionKind.ANSWERS:
            yield from ((key, f"{item.id}.{name}") for name, key in answers.items() if name in ids)
        elif item.shape.kind is SectionKind.GRID and "total" in item.row_ids:
            figures = ("initial_budget", "adjusted_budget", "actual_expenditure")
            yield from ((name, f"{item.id}.total.{name}") for name in figures if name in ids)
        elif item.node.values.get("indicators"):
            yield "indicators", item.id
            totals = item.node.values.get("total_fields", [])
            for key, name in (("total_score", "score"), ("full_score", "max_score")):
                if name in totals:
                    yield key, f"{item.id}.{TOTAL_ROW}.{name}"


def total_adds(form: Form, near: Form, drafted: Sequence[Drafted]) -> None:
    """Let a table's total take in what it does in the nearest form, as far as it is there."""
    names = Names.of_form(form)
    for item in drafted:
        if item.model is None or item.model.form is not near or "total_fields" not in item.node.values:
            continue
        added = {
            name: [str(ref) for ref in refs]
            for name, refs in item.model.section.total_adds.items()
            if name in item.node.values["total_fields"] and all(_resolves(names, ref) for ref in refs)
        }
        item.node.put("total_add", added)


# Scoring and grades


def scoring_of(near: Form) -> Node:
    """Return the scoring of a form as a table."""
    scoring = near.scoring
    node = Node({"reverse": scoring.reverse, "completion_cap": scoring.completion_cap,
                 "default_operator": scoring.default_operator})  # fmt: skip
    bands = []
    for band in scoring.bands:
        entry = Node({"name": band.name, "low": band.low, "high": band.high})
        entry.put("aliases", list(band.aliases))
        entry.put("open_top", band.open_top)
        bands.append(entry)
    if bands:
        node.values["band"] = bands
    return node


def grades_of(near: Form) -> list[Node]:
    """Return the grades of a form as tables."""
    nodes = []
    for grade in near.grades:
        node = Node({"name": grade.name, "min": grade.min})
        node.put("open_end", grade.open_end)
        node.put("aliases", list(grade.aliases))
        nodes.append(node)
    if nodes:
        nodes[0].doubt("", words().doubt("grades", form=near.title))
    return nodes
