"""What xlreport.toml changes about the forms: rules, scoring, grades and bands, for all forms or for one.

A table holds what is meant for every form that knows the name; a table of a form's id inside it is for that
form and has the last word: `[scoring]` and `[scoring.project]`, `[rules.grade]` and `[rules.project.grade]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeAlias

from toolkit.checks.policy import SettingError, is_code, read_treatment
from toolkit.checks.rules import fits, parameters, validate
from toolkit.form.model import Form, Rule
from toolkit.form.scoring import Band, Grade, Scoring
from toolkit.form.toml_table import FormError, as_toml, nearest

Written: TypeAlias = Mapping[str, Any]  # a table as it stands in the file, numbers as int or Decimal
_SCORING: Mapping[str, tuple[str | int, ...]] = {
    "reverse": ("linear_double", "ratio"),
    "completion_cap": (False, True),
    "default_operator": ("ge", "eq"),
    "score_decimals": (0, 1, 2, 3, 4),
}
_ABOVE = re.compile(r"[>＞]\s*(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Overrides:
    """The tables of xlreport.toml that change forms, as written; they are read with the forms at hand."""

    rules: Written = field(default_factory=dict)
    scoring: Written = field(default_factory=dict)
    grades: Written = field(default_factory=dict)
    bands: Written = field(default_factory=dict)


def changed(forms: Sequence[Form], overrides: Overrides) -> tuple[Form, ...]:
    """Return the forms with what the collection changes; SettingError names the setting that does not fit."""
    of_rules = {name: table for name, table in overrides.rules.items() if not is_code(name)}
    rules = _by_form("rules", of_rules, forms, lambda form: [rule.id for rule in form.rules])
    scoring = _by_form("scoring", overrides.scoring, forms, lambda form: _SCORING)
    grades = _by_form("grades", overrides.grades, forms, lambda form: [item.name for item in form.grades])
    bands = _by_form("bands", overrides.bands, forms, lambda form: [item.name for item in form.scoring.bands])
    return tuple(
        _checked(
            form,
            rules=tuple(_rules(form, rules[form.id])),
            scoring=_bands(_scoring(form.scoring, scoring[form.id]), bands[form.id]),
            grades=_grades(form.grades, grades[form.id]),
        )
        for form in forms
    )


def _checked(form: Form, **parts: Any) -> Form:
    """Return the form with other parts, if its rules still fit."""
    result = replace(form, **parts)
    try:
        validate(result)
    except FormError as error:
        raise SettingError(f"[rules] 的改动与表样“{form.id}”不合：{error}") from error
    return result


def _by_form(
    topic: str, written: Written, forms: Sequence[Form], known: Callable[[Form], Iterable[str]]
) -> dict[str, dict[str, Any]]:
    """Return form id -> the settings meant for it; a name that no form knows is refused."""
    own = {form.id: written[form.id] for form in forms if form.id in written}
    general = {name: value for name, value in written.items() if name not in own}
    everything = dict.fromkeys(name for form in forms for name in known(form))
    _refuse_unknown(f"[{topic}]", general, (*everything, *(form.id for form in forms)))
    settings = {}
    for form in forms:
        names, mine = list(known(form)), own.get(form.id, {})
        if not isinstance(mine, Mapping):
            raise SettingError(f"“{topic}.{form.id}”应写成一节，如 [{topic}.{form.id}]")
        _refuse_unknown(f"[{topic}.{form.id}]", mine, names)
        settings[form.id] = {
            name: _later(general.get(name), mine.get(name))
            for name in names
            if name in general or name in mine
        }
    return settings


def _refuse_unknown(path: str, names: Iterable[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise SettingError(f"{path} 中有不认识的名称“{name}”{nearest(name, known)}")


def _later(general: Any, own: Any) -> Any:
    if isinstance(general, Mapping) and isinstance(own, Mapping):
        return {**general, **own}
    return general if own is None else own


def _rules(form: Form, settings: Written) -> Iterable[Rule]:
    for rule in form.rules:
        if rule.id not in settings:
            yield rule
            continue
        path = f"rules.{rule.id}"
        treatment, params = read_treatment(path, settings[rule.id])
        known = parameters(rule.check)
        for name, value in params.items():
            if name not in known:
                hint = nearest(name, (*known, "severity", "off", "probation"))
                raise SettingError(f"[{path}] 中有不认识的参数“{name}”{hint}")
            if not fits(value, known[name].annotation):
                raise SettingError(
                    f"[{path}] 的“{name}”不能写成 {as_toml(value)}，应与表样中这条规则的写法相同"
                )
        if not treatment.off:
            yield replace(
                rule,
                params={**rule.params, **params},
                severity=treatment.severity.value if treatment.severity else rule.severity,
                probation=treatment.probation or rule.probation,
            )


def _scoring(scoring: Scoring, settings: Written) -> Scoring:
    for name, value in settings.items():
        allowed = _SCORING[name]
        if not any(type(value) is type(word) and value == word for word in allowed):
            listed = "、".join(as_toml(word) for word in allowed)
            raise SettingError(f"[scoring] 的“{name}”应为 {listed} 之一，现为 {as_toml(value)}")
    return replace(scoring, **settings)


def _grades(grades: tuple[Grade, ...], settings: Written) -> tuple[Grade, ...]:
    """Return the grades, best first, with other lower ends; their order must stay what it was."""
    ranked = sorted(grades, key=lambda grade: -grade.min)
    moved = tuple(_grade(grade, settings.get(grade.name)) for grade in ranked)
    if any(lower.min >= higher.min for higher, lower in pairwise(moved)):
        listed = "、".join(f"{grade.name} {grade.min}" for grade in moved)
        raise SettingError(f"[grades] 改动后各等级的下限应由高到低，现为 {listed}")
    return moved


def _grade(grade: Grade, value: Any) -> Grade:
    """Return a grade from another lower end: a number belongs to it, that of `">90"` does not."""
    if value is None:
        return grade
    above = _ABOVE.fullmatch(value) if isinstance(value, str) else None
    if above is None and not fits(value, Decimal):
        wanted = '下限，如 90，或 ">90"（不含 90）'
        raise SettingError(f"[grades] 的“{grade.name}”应为{wanted}，现为 {as_toml(value)}")
    return replace(grade, min=Decimal(above.group(1) if above else value), open_end=above is not None)


def _bands(scoring: Scoring, settings: Written) -> Scoring:
    return replace(scoring, bands=tuple(_band(band, settings.get(band.name)) for band in scoring.bands))


def _band(band: Band, value: Any) -> Band:
    if value is None:
        return band
    if not fits(value, Sequence[Decimal]) or len(value) != 2 or not 0 <= value[0] <= value[1] <= 1:
        raise SettingError(f"[bands] 的“{band.name}”应为得分占分值的范围，如 [0.8, 1]，现为 {as_toml(value)}")
    return replace(band, low=Decimal(value[0]), high=Decimal(value[1]))
