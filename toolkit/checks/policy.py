"""What a collection decides about issue codes: another severity, silence, or probation until a day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from toolkit.form.model import Rule
from toolkit.form.toml_table import as_toml, nearest
from toolkit.issues.catalogue import entries
from toolkit.issues.model import Issue, Severity

OFF = "off"
# the only trace of a file, a sheet or a rule that was left out: whatever an officer sets, it must be told
FIXED = frozenset(
    {"F01", "F02", "F03", "F04", "F05", "F06", "F09", "F10", "F11", "F12", "F14", "R01"}
    | {"S14", "S18", "S25", "S26", "S27", "M01", "M02", "M03", "M05"}
)
_CODE = re.compile(r"[A-Z]\d{2}")


class SettingError(Exception):
    """A setting that cannot be followed; the message is one Chinese sentence without its full stop."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """How issues of a code or of a rule are taken; None leaves severity and probation as they are."""

    severity: Severity | None = None
    off: bool = False
    probation: date | None = None  # until this day, itself included, only 提示


@dataclass(frozen=True, slots=True)
class Policy:
    """The treatments of a collection by issue code, on a day that decides what is still on probation."""

    codes: Mapping[str, Treatment] = field(default_factory=dict)
    today: date = field(default_factory=date.today)

    def treated(self, found: Issue) -> Issue | None:
        """Return the issue with the severity it has here, or None when its code is switched off.

        A treatment by code has the last word, over the catalogue's severity and over the form's rules.
        """
        treatment = self.codes.get(found.code)
        if treatment is None:
            return found
        if treatment.off:
            return None
        severity = Severity.NOTE if self.is_probation(treatment.probation) else treatment.severity
        return replace(found, severity=severity) if severity else found

    def by_rule(self, found: Issue, rule: Rule) -> Issue:
        """Return an issue of a rule with the severity the form gives it; on probation it is a 提示."""
        severity = rule.severities.get(found.code) or rule.severity
        if self.is_probation(rule.probation):
            severity = Severity.NOTE
        return replace(found, severity=Severity(severity)) if severity else found

    def is_off(self, code: str) -> bool:
        """Return whether a code is switched off, so that the next best thing is to be told instead."""
        return code in self.codes and self.codes[code].off

    def all_treated(self, found: Iterable[Issue]) -> Iterator[Issue]:
        """Yield the issues that are told here, with their severities; doing so twice changes nothing."""
        return (treated for item in found if (treated := self.treated(item)) is not None)

    def is_probation(self, until: date | None) -> bool:
        """Return whether a probation that ends on a day still lasts."""
        return until is not None and self.today <= until


def is_code(name: str) -> bool:
    """Return whether a name is spelt like an issue code.

    >>> is_code("N07"), is_code("indicators")
    (True, False)
    """
    return _CODE.fullmatch(name) is not None


def code_treatments(written: Mapping[str, Any]) -> dict[str, Treatment]:
    """Read the tables of [rules] that are named by an issue code."""
    treatments = {}
    for code, table in written.items():
        if not is_code(code):
            continue
        if code not in entries():
            raise SettingError(f"[rules] 中没有问题代码“{code}”{nearest(code, entries())}")
        treatment, rest = read_treatment(f"rules.{code}", table)
        if rest:
            name = next(iter(rest))
            hint = nearest(name, ("severity", "off", "probation"))
            raise SettingError(f"[rules.{code}] 中有不认识的设置“{name}”{hint}，参数要写在规则编号下")
        if code in FIXED:
            raise SettingError(
                f"[rules.{code}] 不能设置：“{entries()[code].title}”说明有内容没有采用，必须照常提示"
            )
        treatments[code] = treatment
    return treatments


def read_treatment(path: str, table: Any) -> tuple[Treatment, dict[str, Any]]:
    """Take `severity`, `off` and `probation` out of a table; the rest comes back beside the treatment."""
    if not isinstance(table, Mapping):
        raise SettingError(f"“{path}”应写成一节，如 [{path}]")
    rest = dict(table)
    severity, off, probation = rest.pop("severity", None), rest.pop("off", False), rest.pop("probation", None)
    known = [level.value for level in Severity]
    if severity is not None and severity not in (*known, OFF):
        raise SettingError(f"[{path}] 的 severity 应为 {'、'.join(known)} 或 {OFF}，现为 {as_toml(severity)}")
    if not isinstance(off, bool):
        raise SettingError(f"[{path}] 的 off 应为 true 或 false，现为 {as_toml(off)}")
    if probation is not None and (not isinstance(probation, date) or isinstance(probation, datetime)):
        raise SettingError(f"[{path}] 的 probation 应为日期，如 2025-12-31，现为 {as_toml(probation)}")
    level = Severity(severity) if severity in known else None
    return Treatment(level, off or severity == OFF, probation), rest
