"""The named checks that forms use as rules, and how a rule is validated and run.

A rule's parameters are the keyword arguments of its check: references are written as in the form
(`section.row.field`, `*` for every row), numbers as Decimal. `validate` refuses a form whose rules do not
fit.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module

from toolkit.checks.context import Context
from toolkit.form.model import Form, Rule
from toolkit.form.references import Names
from toolkit.form.toml_table import FormError, suggestion
from toolkit.issues.catalogue import entries
from toolkit.issues.model import Issue, Severity

Check = Callable[..., Iterator[Issue]]
_CHECKS: dict[str, Check] = {}
# each registers its checks when it is imported
_MODULES = ("amounts", "scores", "indicators", "indicator_sense", "plausibility")


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
        _validate_parameters(rule, path, names)


def _validate_parameters(rule: Rule, path: str, names: Names) -> None:
    parameters = inspect.signature(checks()[rule.check]).parameters
    known = {name: item for name, item in parameters.items() if item.kind is item.KEYWORD_ONLY}
    for name in rule.params:
        if name not in known:
            raise FormError(path, f"unknown parameter '{name}'{suggestion(name, known)}")
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
    """Yield what one rule of the form finds."""
    for found in checks()[rule.check](context, rule.code, **rule.params):
        yield _with_severity(found, rule) if rule.severity else found


def _with_severity(found: Issue, rule: Rule) -> Issue:
    return replace(found, severity=Severity(rule.severity))
