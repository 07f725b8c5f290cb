"""The named checks that forms use as rules, and how a rule is validated and run.

A rule's parameters are the keyword arguments of its check: references are written as in the form
(`section.row.field`, `*` for every row), numbers as Decimal. `validate` refuses a form whose rules do not
fit.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib import import_module
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from toolkit.checks.context import Context
from toolkit.form.model import Form, Rule
from toolkit.form.references import Names
from toolkit.form.toml_table import FormError, as_toml, suggestion
from toolkit.issues.catalogue import entries
from toolkit.issues.model import Issue, Severity

Check = Callable[..., Iterator[Issue]]
_CHECKS: dict[str, Check] = {}
# each registers its checks when it is imported
_MODULES = (
    "amounts",
    "scores",
    "indicators",
    "indicator_sense",
    "plausibility",
    "progress",
    "prose_figures",
    "prose_claims",
    "texts",
    "prior_figures",
)


@cache
def checks() -> dict[str, Check]:
    """Return every check by the name forms use."""
    for name in _MODULES:
        import_module(f"toolkit.checks.{name}")
    return _CHECKS


def check(function: Check) -> Check:
    """Register a check under its function's name."""
    _CHECKS[function.__name__] = function
    return function


def validate(form: Form) -> None:
    """Raise FormError when a rule names an unknown check, code, parameter or answer."""
    names = Names.of_form(form)
    for rule in form.rules:
        path = f"form.rule[{rule.id}]"
        if rule.check not in checks():
            raise FormError(path, f"there is no check '{rule.check}'{suggestion(rule.check, checks())}")
        if rule.code not in entries():
            raise FormError(path, f"there is no issue code '{rule.code}'{suggestion(rule.code, entries())}")
        for code, severity in rule.severities.items():
            if code not in entries():
                raise FormError(path, f"there is no issue code '{code}'{suggestion(code, entries())}")
            if severity not in list(Severity):
                raise FormError(path, f"'{severity}' is no severity{suggestion(severity, list(Severity))}")
        try:
            _validate_parameters(rule, path, names)
        except FormError as error:
            if not form.base:
                raise
            problem = str(error).removeprefix(f"{error.path}: ")
            hint = f"a rule of the base '{form.base}' is left out with without = [\"{rule.id}\"]"
            raise FormError(error.path, f"{problem} ({hint})") from error


def parameters(name: str) -> dict[str, inspect.Parameter]:
    """Return the parameters a rule may give to a check, by name."""
    signature = inspect.signature(checks()[name], eval_str=True)
    return {key: item for key, item in signature.parameters.items() if item.kind is item.KEYWORD_ONLY}


def fits(value: Any, kind: Any) -> bool:
    """Return whether a TOML value is what a parameter's type hint asks for.

    >>> fits(1, Decimal), fits("1", Decimal), fits(["a", 1], Sequence[str]), fits("a", str | Sequence[str])
    (True, False, False, True)
    """
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(value, bool):
        return kind in (bool, Any)
    if origin in (Union, UnionType):
        return any(fits(value, part) for part in inner)
    if origin is Sequence:
        return isinstance(value, list) and all(fits(item, inner[0]) for item in value)
    if origin is Mapping:
        return isinstance(value, dict) and all(
            fits(key, inner[0]) and fits(item, inner[1]) for key, item in value.items()
        )
    if origin is Literal:
        return value in inner
    if kind is Decimal:
        return isinstance(value, (int, Decimal))
    return kind is Any or isinstance(value, kind)


def _validate_parameters(rule: Rule, path: str, names: Names) -> None:
    known = parameters(rule.check)
    for name, value in rule.params.items():
        if name not in known:
            raise FormError(path, f"unknown parameter '{name}'{suggestion(name, known)}")
        if not fits(value, known[name].annotation):
            raise FormError(path, f"the parameter '{name}' cannot be {as_toml(value)}")
    for name, item in known.items():
        if item.default is item.empty and name not in rule.params:
            raise FormError(path, f"the parameter '{name}' is missing")
    for name, value in rule.params.items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and "." in text:
                names.resolve(text, f"{path}.{name}")
            elif name in ("section", "sections") and isinstance(text, str):
                names.section(text, f"{path}.{name}")


def run(context: Context, rule: Rule) -> Iterator[Issue]:
    """Yield what one rule of the form finds, with the severity the form gives it."""
    for found in checks()[rule.check](context, rule.code, **rule.params):
        yield context.policy.by_rule(found, rule)
