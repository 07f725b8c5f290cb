"""项目汇总: every project once, whether a department's table or a workbook of its own tells of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from toolkit.checks.roster import project_key
from toolkit.form.labels import normalise
from toolkit.form.model import Section
from toolkit.submission.model import Row
from toolkit.summary.entries import Entry, place
from toolkit.summary.indicators import Tally, tally
from toolkit.summary.model import Table
from toolkit.summary.rounding import difference, ratio, total, wan
from toolkit.summary.rows import Record, Spools, numbered
from toolkit.summary.sheets import PROJECTS
from toolkit.summary.units import judged, scored

FUNDS = ("initial_budget", "adjusted_budget", "actual_expenditure")
SPENT = FUNDS[1:]
FROM_DEPARTMENT = "部门整体自评表"
FROM_PROJECT = "项目自评表"
UNNAMED = "（未填项目名称）"


class Projects:
    """Takes workbooks one by one; a project told of twice counts once, as its own workbook has it."""

    def __init__(self, spools: Spools) -> None:
        """Begin with none."""
        self._told = spools.spool(lambda row: (*project_of(row), not row["own"]))
        self._rows = spools.spool(lambda row: (row["unit"], row["year"] or 0, not row["own"], row["at"]))

    def add(self, entry: Entry) -> Record | None:
        """Take a workbook; return its row if it is about a project."""
        if entry.form.entity == "project":
            row = _of_workbook(entry)
            self._told.add({**row, "own": True, "at": len(self._told)})
            return row
        for project in _of_department(entry) if entry.form.entity == "department" else ():
            self._told.add({**project, "own": False, "at": len(self._told)})
        return None

    def table(self) -> Table:
        """Return 项目汇总, when all workbooks have come."""
        for _, rows in groupby(self._told, key=project_of):
            for row in _counted_once(list(rows)):
                self._rows.add(row)
        return Table.of(
            "projects",
            "项目汇总",
            PROJECTS,
            numbered(self._rows),
            note="单位：万元。部门整体自评表所列项目与项目自评表为同一项目的（单位、年度、名称相同，不计末尾“项目”“经费”“资金”），只计一次，"
            "以项目自评表为准，差异见备注。",
            empty="没有可汇总的项目。",
            total_label="合计",
            accepted_label="其中：采用",
            frozen=4,
        )


def _counted_once(told: Sequence[Record]) -> Iterator[Record]:
    """Yield projects of like names, those of their own workbooks first; these replace what tables list."""
    listed = [project for project in told if not project["own"]]
    replaced: set[int] = set()
    for project in told:
        if not project["own"]:
            continue
        same = [other for other in listed if normalise(other["name"]) == normalise(project["name"])]
        twins = [other for other in (same or listed) if other["at"] not in replaced]
        if len(twins) == 1:
            replaced.add(twins[0]["at"])
            beside = {f"replaced_{name}": twins[0][name] for name in SPENT}
            yield {**project, **beside, "remark": _remark(project, twins[0])}
        elif twins:
            remark = "部门整体自评表有多个名称相近的项目，未能对应，请核对是否重复计列"
            yield {**project, "remark": remark}
        else:
            yield project
    yield from (project for project in listed if project["at"] not in replaced)


def _remark(own: Record, listed: Record) -> str:
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


def _of_workbook(entry: Entry) -> dict[str, Any]:
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
        "unmet": counted.unmet,
        "undecided": counted.undecided,
        "completion_rate": ratio(counted.met, counted.total),
        "origin": FROM_PROJECT,
        "remark": "",
        **judged(entry),
        "cell": next((cell for cell in (place(entry.answer(ref)) for ref in refs) if cell), ""),
    }


def _of_department(entry: Entry) -> Iterator[dict[str, Any]]:
    for section in entry.sections("projects"):
        groups: dict[str, list[Row]] = {}
        for row in entry.rows(section):
            groups.setdefault(normalise(row["project_name"].text), []).append(row)
        for rows in groups.values():
            yield _of_rows(entry, section, rows)


def _of_rows(entry: Entry, section: Section, rows: Sequence[Row]) -> dict[str, Any]:
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


def project_of(project: Record) -> tuple[str, bool, int, str]:
    """Return what tellings of the same project have in common, in the order of units."""
    year = project["year"]
    return normalise(project["unit"]), year is None, year or 0, project_key(project["name"])
