"""项目汇总: every project once, whether a department's table or a workbook of its own tells of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from toolkit.checks.roster import project_key
from toolkit.form.labels import normalise
from toolkit.form.model import Section
from toolkit.submission.model import Row
from toolkit.summary.columns import PROJECTS
from toolkit.summary.entries import Entry, of_entity, place
from toolkit.summary.indicators import Tally, tally
from toolkit.summary.model import Table
from toolkit.summary.rounding import difference, ratio, total, wan
from toolkit.summary.units import judged, scored

FUNDS = ("initial_budget", "adjusted_budget", "actual_expenditure")
FROM_DEPARTMENT = "部门整体自评表"
FROM_PROJECT = "项目自评表"
UNNAMED = "（未填项目名称）"

Project: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[str, int | None, str]


def projects_table(entries: Sequence[Entry]) -> Table:
    """Build 项目汇总; a project told of twice is counted once, with the figures of its own workbook."""
    own = [_of_workbook(entry) for entry in of_entity(entries, "project")]
    listed = [project for entry in of_entity(entries, "department") for project in _of_department(entry)]
    rows = _merged(own, listed)
    rows.sort(key=lambda row: (row["unit"], row["year"] or 0))
    for number, row in enumerate(rows, 1):
        row["number"] = number
    return Table.of(
        "projects",
        "项目汇总",
        PROJECTS,
        rows,
        note="单位：万元。部门整体自评表所列项目与项目自评表为同一项目的（单位、年度、名称相同，不计末尾“项目”“经费”“资金”），只计一次，"
        "以项目自评表为准，差异见备注。",
        empty="没有可汇总的项目。",
        total_label="合计",
        accepted_label="其中：采用",
        frozen=4,
    )


def _merged(own: Sequence[Project], listed: Sequence[Project]) -> list[Project]:
    by_key: dict[Key, list[Project]] = {}
    for project in listed:
        by_key.setdefault(_key(project), []).append(project)
    counted = [dict(project) for project in own]
    dropped: set[int] = set()
    for project in counted:
        told = by_key.get(_key(project), [])
        same = [other for other in told if normalise(other["name"]) == normalise(project["name"])]
        twins = [other for other in (same or told) if id(other) not in dropped]
        if len(twins) == 1:
            dropped.add(id(twins[0]))
            project["remark"] = _remark(project, twins[0])
            project["replaced"] = twins[0]["adjusted_budget"], twins[0]["actual_expenditure"]
        elif twins:
            project["remark"] = "部门整体自评表有多个名称相近的项目，未能对应，请核对是否重复计列"
    return counted + [dict(project) for project in listed if id(project) not in dropped]


def _remark(own: Project, listed: Project) -> str:
    words = {
        "initial_budget": "年初预算数",
        "adjusted_budget": "全年预算数",
        "actual_expenditure": "全年执行数",
    }
    told = []
    for name, word in words.items():
        gap = difference(own[name], listed[name])
        if gap:
            told.append(f"{word}相差 {wan(gap):+,.2f} 万元（部门表 {wan(listed[name]):,.2f}）")
    name = "" if listed["name"] == own["name"] else f"（表中名称“{listed['name']}”）"
    agreement = "；".join(told) if told else "金额一致"
    return f"部门整体自评表亦列此项目{name}，只计一次，以本表为准；{agreement}"


def _of_workbook(entry: Entry) -> Project:
    counted = tally(entry, "indicators")
    refs = entry.form.summary.get("adjusted_budget", ())
    return {
        "unit": entry.unit,
        "district": entry.district,
        "year": entry.year,
        "name": entry.text("project_name"),
        "supervising_department": entry.text("supervising_department"),
        "sources": "",
        **_rated({name: entry.figure(name) for name in FUNDS}),
        **scored(entry),
        "indicators": counted.total,
        "met": counted.met,
        "completion_rate": ratio(counted.met, counted.total),
        "origin": FROM_PROJECT,
        "remark": "",
        **judged(entry),
        "cell": next((cell for cell in (place(entry.answer(ref)) for ref in refs) if cell), ""),
    }


def _of_department(entry: Entry) -> Iterable[Project]:
    for section in entry.sections("projects"):
        groups: dict[str, list[Row]] = {}
        for row in entry.rows(section):
            groups.setdefault(normalise(row["project_name"].text), []).append(row)
        for rows in groups.values():
            yield _of_rows(entry, section, rows)


def _of_rows(entry: Entry, section: Section, rows: Sequence[Row]) -> Project:
    funds = {name: total(row[name].number for row in rows) if section.has(name) else None for name in FUNDS}
    sources = [row["fund_source"].text.strip() for row in rows]
    name = rows[0]["project_name"].text.strip()
    counted = tally(entry, "project_indicators", name) if name else Tally(0, 0, 0)
    return {
        "unit": entry.unit,
        "district": entry.district,
        "year": entry.year,
        "name": name or UNNAMED,
        "supervising_department": entry.text("supervising_department"),
        "sources": "；".join(dict.fromkeys(filter(None, sources))),
        **_rated(funds),
        "total_score": None,
        "score_rate": None,
        "grade": "",
        "grade_computed": "",
        "indicators": counted.total or None,  # a table that lists none for it does not say there are none
        "met": counted.met if counted.total else None,
        "completion_rate": ratio(counted.met, counted.total),
        "origin": FROM_DEPARTMENT,
        "remark": "",
        **judged(entry),
        "cell": place(rows[0]["adjusted_budget"]) or place(rows[0]["project_name"]),
    }


def _rated(funds: dict[str, Decimal | None]) -> dict[str, Decimal | None]:
    return {**funds, "execution_rate": ratio(funds["actual_expenditure"], funds["adjusted_budget"])}


def _key(project: Project) -> Key:
    return normalise(project["unit"]), project["year"], project_key(project["name"])
