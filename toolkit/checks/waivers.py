"""Waivers: what an officer recorded turns matching 需说明 issues into 提示; every waiver is accounted for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from toolkit.checks.model import RosterUnit, Waiver, WaiverState, WaiverUse
from toolkit.checks.results import Results
from toolkit.checks.roster import Units
from toolkit.form.labels import normalise
from toolkit.form.toml_table import nearest
from toolkit.issues.catalogue import entries
from toolkit.issues.model import Issue, Location, Severity

MOST_PLACES = 5  # cells named in the word on a waiver that found nothing where it looked
SETTLED = "汇总人已登记说明，不用再处理。"
_CELL = re.compile(r"[a-z]{1,3}[1-9]\d{0,6}")


@dataclass(slots=True)
class _Claim:
    """One waiver while issues are gone through, for the unit it means."""

    waiver: Waiver
    unit: str = ""
    remark: str = ""
    refused: WaiverState | None = None
    used: int = 0
    errors: int = 0
    notes: int = 0
    taken_by: str = ""  # source of the waiver that already explained the issue
    elsewhere: list[str] = field(default_factory=list)  # where the unit has such issues, but not this place


def waive(
    results: Results,
    issues: Sequence[Issue],
    waivers: Sequence[Waiver],
    roster: Sequence[RosterUnit],
    today: date,
) -> tuple[Results, tuple[Issue, ...], tuple[WaiverUse, ...]]:
    """Apply waivers to the issues of all files and to those of none; return both and every waiver's use.

    Of two waivers for one issue the earlier is used. A 必改 issue is never waived.
    """
    if not waivers:
        return results, tuple(issues), ()
    listed = Units(roster)
    names = {name: _name(name, listed) for name in (head.unit for head in results.heads)}
    names |= {item.unit: _name(item.unit, listed) for item in issues}
    unlisted = set(names.values()) - {unit.name for unit in roster} - {""}
    units = Units([*roster, *(RosterUnit("", name) for name in sorted(unlisted))])
    claims = [_claim(waiver, units, today) for waiver in waivers]
    waived = results.changed(
        lambda head, result: replace(result, issues=_all_explained(result.issues, names[head.unit], claims))
    )
    others = tuple(_explained(item, names[item.unit], claims) for item in issues)
    return waived, others, tuple(_use(claim) for claim in claims)


def _name(unit: str, roster: Units) -> str:
    found, _ = roster.match(unit)
    return found.name if found else unit


def _claim(waiver: Waiver, units: Units, today: date) -> _Claim:
    """Return whom a waiver is for, or why it is not followed whatever the issues are."""
    code = _code(waiver)
    if waiver.until is not None and waiver.until < today:
        return _Claim(waiver, refused=WaiverState.EXPIRED, remark=f"有效期到 {waiver.until} 为止")
    if waiver.problem:
        return _Claim(waiver, refused=WaiverState.UNUSED, remark=waiver.problem)
    if code not in entries():
        hint = nearest(code, entries())
        return _Claim(waiver, refused=WaiverState.UNUSED, remark=f"没有问题代码“{waiver.code}”{hint}")
    unit, guessed = units.match(waiver.unit)
    if unit is None:
        hint = nearest(waiver.unit, units.names)
        return _Claim(waiver, refused=WaiverState.UNUSED, remark=f"没有单位“{waiver.unit}”{hint}")
    return _Claim(waiver, unit.name, remark=f"单位按“{unit.name}”匹配" if guessed else "")


def _code(waiver: Waiver) -> str:
    return normalise(waiver.code).upper()


def _all_explained(issues: Sequence[Issue], unit: str, claims: Sequence[_Claim]) -> tuple[Issue, ...]:
    return tuple(sorted((_explained(item, unit, claims) for item in issues), key=lambda item: item.order))


def _explained(item: Issue, unit: str, claims: Sequence[_Claim]) -> Issue:
    """Return the issue, as a 提示 with the explanation when a claim covers it; the claims take note."""
    owner: _Claim | None = None
    for claim in claims:
        if claim.refused is not None or claim.unit != unit or _code(claim.waiver) != item.code:
            continue
        if not is_at(claim.waiver.place, item.location):
            claim.elsewhere.append(item.location.cell or item.location.label)
        elif item.severity is Severity.ERROR:
            claim.errors += 1
        elif item.severity is Severity.NOTE:
            claim.notes += 1
        elif owner is not None:
            claim.taken_by = owner.waiver.source
        else:
            owner = claim
            claim.used += 1
    if owner is None:
        return item
    word = f"（已说明：{owner.waiver.why}，{owner.waiver.who}）"
    return replace(item, severity=Severity.NOTE, message=item.message.removesuffix("。") + word, hint=SETTLED)


def is_at(place: str, location: Location) -> bool:
    """Return whether a waiver's cell or label means a location; an empty one means every location.

    >>> here = Location(sheet="收支情况", cell="B7", label="基本支出·决算数")
    >>> [is_at(place, here) for place in ("", "b7", "收支情况!$B$7", "封面!B7", "决算数", "基本支出·决算数")]
    [True, True, True, False, True, True]
    """
    wanted = normalise(place)
    if not wanted:
        return True
    sheet, _, cell = wanted.rpartition("!")
    if _CELL.fullmatch(cell := cell.replace("$", "")):
        return cell == location.cell.lower() and sheet.strip("'") in ("", normalise(location.sheet))
    return wanted in (normalise(location.label), *map(normalise, location.label.split("·")))


def _use(claim: _Claim) -> WaiverUse:
    """Return what became of a waiver, with one phrase where an officer would ask why."""
    if claim.refused is not None:
        return WaiverUse(claim.waiver, claim.refused, 0, claim.remark)
    remarks = [claim.remark] if claim.remark else []
    if claim.used:
        if claim.errors:
            remarks.append(f"另有 {claim.errors} 处是必改问题，只能改正")
        return WaiverUse(claim.waiver, WaiverState.USED, claim.used, "；".join(remarks))
    if claim.errors:
        remarks.append("该问题是必改问题，只能改正，不能说明")
        return WaiverUse(claim.waiver, WaiverState.NOT_APPLICABLE, 0, "；".join(remarks))
    return WaiverUse(claim.waiver, WaiverState.UNUSED, 0, "；".join([*remarks, _why_unused(claim)]))


def _why_unused(claim: _Claim) -> str:
    if claim.taken_by:
        return f"同一问题已按{claim.taken_by}的说明采用"
    if claim.notes:
        return "该问题只是提示，不需要说明"
    if claim.elsewhere:
        listed = list(dict.fromkeys(claim.elsewhere))
        more = f"等 {len(listed)} 处" if len(listed) > MOST_PLACES else ""
        places = "、".join(listed[:MOST_PLACES]) + more
        return f"“{claim.waiver.place}”没有这个问题，该单位的 {_code(claim.waiver)} 在 {places}"
    return f"该单位没有 {_code(claim.waiver)} 这个问题"
