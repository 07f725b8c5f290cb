"""What the template of the district report may ask: the summary's figures and rows, lists for sentences."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from heapq import nsmallest
from itertools import chain
from operator import itemgetter
from typing import Any, TypeAlias

from toolkit.checks.model import Collected, Standing, StandingRow, WaiverUse
from toolkit.form.model import Form
from toolkit.issues.catalogue import FAMILIES
from toolkit.issues.catalogue import entries as catalogue
from toolkit.issues.model import Severity
from toolkit.summary.entries import Entry, counting_entries, of_entity
from toolkit.summary.model import Summary, Table
from toolkit.summary.ranked import short_names
from toolkit.summary.rounding import paired, ratio
from toolkit.summary.rows import Record
from toolkit.summary.units import UNRATED
from toolkit.writers.district_rows import LONGEST_ANNEX, Mapped, named_rows, ranking, table_of
from toolkit.writers.district_subjects import monitoring_values, project_values
from toolkit.writers.numbering import Numbering
from toolkit.writers.report_values import Values, section_values
from toolkit.writers.wording import missing

LONGEST_LINE = 20  # characters of a title
MOST_UNITS = 60  # in the table of the text; the annex has more
MOST_UNMET = 10  # unmet indicators shown in the text; the annex has them all
MOST_RULES = 10
UNEXPLAINED = "未说明"
ELSEWHERE = "单位较多，不再逐一列出，见各单位的自评报告和自评表。"
Names: TypeAlias = Mapping[tuple[str, int | None], str]  # (unit, year) -> short name

_MONEY = ("initial_budget", "adjusted_budget", "actual_expenditure")
_BOTH_YEARS = {"units": "yearly", "projects": "projects_yearly"}  # what is compared -> its table
_YEAR = re.compile(r"20\d\d")


def district_context(
    summary: Summary, collected: Collected, forms: Mapping[str, Form], title: str
) -> dict[str, object]:
    """Return the data of the district report; units go by short names, with the year when years differ."""
    entries = counting_entries(collected, forms, summary.district)
    units = Mapped(named_rows(summary.table("units"), _MONEY), lambda at, row: {**row, "name": row["short"]})
    projects, monitoring = project_values(summary), monitoring_values(summary)
    names = {(row["unit"], row["year"]): row["name"] for row in units}
    unmet, waivers = _unmet(summary.table("unfinished"), names), [_waiver(use) for use in collected.waivers]
    years = _years(entries)
    return {
        "title": "\n".join(_title_lines(title, years)),
        "years": years,
        "author": f"{summary.district}财政局" if summary.district else missing("报告单位"),
        "date": _latest(entries),
        "reporting": summary.reporting,
        "standings": _standings(collected, forms),
        "total": summary.everything,
        "accepted": summary.accepted,
        "units": units,
        "shown_units": _largest(units),
        "longest": LONGEST_ANNEX,
        "projects": projects,
        "monitoring": monitoring,
        **_words(units, projects, monitoring),
        "groups": next((table.records for table in summary.tables if table.id == "groups"), []),
        "kinds": _kinds(summary.table("flows")),
        "last_year": _last_year(summary),
        "execution": ranking(units, "execution_rate"),
        "scores": ranking(units, "total_score"),
        "grades": _grades(summary.table("grades"), "部门整体"),
        "project_grades": _grades(summary.table("grades"), "项目"),
        "regraded": [row for row in units if _is_regraded(row)],
        "unmet": unmet,
        "rules": _rules(collected),
        **_told(entries, ("problems", "measures"), names),
        "waivers": waivers,
        **_annexes(units, projects, monitoring["rows"], unmet["rows"], waivers),
        "number": Numbering(),
    }


def _largest(units: Sequence[Record]) -> list[Record]:
    """Return the units a table in the text shows, in their order: those with the largest budgets if many."""
    largest = nsmallest(MOST_UNITS, enumerate(units), key=lambda item: -(item[1]["adjusted_budget"] or 0))
    return [row for _, row in sorted(largest, key=itemgetter(0))]


def _words(units: Sequence[Record], projects: Values, monitoring: Values) -> Values:
    """Return what the report is about and what its workbooks are called, as the collection holds them."""
    assessed = bool(units or projects["rows"]) or not monitoring["rows"]
    subjects = [*(["绩效自评"] if assessed else []), *(["绩效运行监控"] if monitoring["rows"] else [])]
    papers = [*(["自评表"] if assessed else []), *(["运行监控表"] if monitoring["rows"] else [])]
    return {"subject": "和".join(subjects), "papers": "、".join(papers)}


def _annexes(units: object, projects: Values, monitoring: object, unmet: object, waivers: object) -> Values:
    """Return the titles of the annexes there are, and by name what each is called in the text."""
    there = {
        "units": ("单位汇总表", units),
        "projects": ("项目汇总表", projects["rows"] and not units),
        "monitoring": ("运行监控情况表", monitoring),
        "unmet": ("未完成指标表", unmet),
        "waivers": ("说明与豁免", waivers),
    }
    titles = {name: title for name, (title, rows) in there.items() if rows}
    marks = {name: f"附件{number if len(titles) > 1 else ''}" for number, name in enumerate(titles, 1)}
    return {"annexes": list(titles.values()), "annex": {name: marks.get(name, "") for name in there}}


def _waiver(use: WaiverUse) -> dict[str, str]:
    """Return a line of the annex 说明与豁免."""
    waiver, entry = use.waiver, catalogue().get(use.waiver.code)
    count = f"（{use.count} 处）" if use.count else ""
    return {
        "unit": waiver.unit,
        "problem": f"{entry.title}（{waiver.code}）" if entry else waiver.code,
        "place": waiver.place or "全部",
        "why": waiver.why,
        "who": waiver.who,
        "state": f"{use.state.value}{count}",
    }


def _title_lines(title: str, years: str) -> list[str]:
    """Return the lines of the title: the years above a title that does not state them.

    >>> _title_lines("花都区部门整体支出绩效自评汇总", "2021—2024年度")
    ['2021—2024年度', '花都区部门整体支出绩效自评汇总报告']
    >>> _title_lines("花都区2024年度部门整体支出绩效自评汇总报告", "2024年度")
    ['花都区2024年度', '部门整体支出绩效自评汇总报告']
    """
    name = title.strip() or "绩效自评汇总报告"
    name = name if name.endswith("报告") else f"{name}报告"
    if not _YEAR.search(name):
        return [years, name] if years else [name]
    place, year, rest = name.partition("年度")
    return [f"{place}{year}", rest] if rest and len(name) > LONGEST_LINE else [name]


def _years(entries: Iterable[Entry]) -> str:
    """Return 2024年度 or 2021—2024年度, empty when no workbook states its year."""
    known = sorted({entry.year for entry in entries if entry.year is not None})
    if not known:
        return ""
    return f"{known[0]}年度" if len(known) == 1 else f"{known[0]}—{known[-1]}年度"


def _latest(entries: Iterable[Entry]) -> date | str:
    """Return the latest fill-in date: the same report from the same workbooks, whenever it is made."""
    days = (entry.head.filled for entry in entries)
    return max((day for day in days if day is not None), default=missing("成文日期"))


def _standings(collected: Collected, forms: Mapping[str, Form]) -> dict[str, list[str]]:
    """Return who is concerned by each kind of standing; forms and years are told where they differ."""
    rows = collected.standings
    several_forms = len({row.form for row in rows if row.form}) > 1
    several_years = len({row.year for row in rows if row.year}) > 1

    def named(row: StandingRow) -> str:
        title = row.title(forms) if several_forms or row.period else ""
        year = f"{row.year}年度" if several_years and row.year else ""
        about = f"（{year}{title}）" if year or title else ""
        return f"{row.unit}{about}" if row.unit else f"文件“{row.file}”"

    return {
        standing.name.lower(): list(dict.fromkeys(named(row) for row in rows if row.standing is standing))
        for standing in Standing
    }


def _last_year(summary: Summary) -> Values | None:
    """Return both years of the units known in each, else of the projects; None when there are neither."""
    tables = {name: table_of(summary, sheet) for name, sheet in _BOTH_YEARS.items()}
    rows_of = {name: named_rows(table, ()) for name, table in tables.items() if table and len(table.rows)}
    if not rows_of:
        return None
    counted, rows = next(iter(rows_of.items()))
    budgets = paired(rows, "adjusted_budget", "last_adjusted_budget")
    outturns = paired(rows, "actual_expenditure", "last_actual_expenditure")
    scores = paired(rows, "total_score", "last_total_score")
    scored = sum(None not in (row["total_score"], row["last_total_score"]) for row in rows)
    return {
        **dict.fromkeys(_BOTH_YEARS, 0),
        counted: len(rows),
        "adjusted_budget": budgets[0],
        "last_adjusted_budget": budgets[1],
        "actual_expenditure": outturns[0],
        "last_actual_expenditure": outturns[1],
        "execution_rate": ratio(*paired(rows, "actual_expenditure", "adjusted_budget")),
        "last_execution_rate": ratio(*paired(rows, "last_actual_expenditure", "last_adjusted_budget")),
        "mean_score": ratio(scores[0], scored),
        "last_mean_score": ratio(scores[1], scored),
    }


def _kinds(table: Table) -> list[dict[str, Any]]:
    """Return the kinds of expenditure that have an amount."""
    return [
        row
        for row in table.records
        if row["side"] == "支出" and not row.get("strong") and row["actual_expenditure"]
    ]


def _grades(table: Table, subject: str) -> list[dict[str, Any]]:
    rows = [row for row in table.records if row["subject"] == subject]
    return [row for row in rows if row["grade"] != UNRATED or row["count"] or row["computed"]]


def _is_regraded(row: Record) -> bool:
    return UNRATED not in (row["grade"], row["grade_computed"]) and row["grade"] != row["grade_computed"]


def _short(names: Names, unit: str, year: int | None) -> str:
    """Return the short name the units' table uses; a unit without a department workbook has its own."""
    return names.get((unit, year)) or short_names([{"unit": unit, "year": year}])[0]


def _unmet(table: Table, names: Names) -> Values:
    """Return the unmet indicators, those of the lowest completion first in `shown`."""
    without = dict.fromkeys(column.id for column in table.columns)

    def told(at: int, row: Record) -> Record:
        return {
            **without,
            **row,
            "short": _short(names, row["unit"], row["year"]),
            "completion": row["completion_stated"] if row["completion"] is None else row["completion"],
            "reason": row["reason"] or UNEXPLAINED,
        }

    rows = Mapped(table.rows, told)
    shown = nsmallest(MOST_UNMET, rows, key=lambda row: (row["completion"] is None, row["completion"] or 0))
    return {
        "rows": rows,
        "shown": shown,
        "rest": max(0, len(rows) - MOST_UNMET),
        "unexplained": sum(row["reason"] == UNEXPLAINED for row in rows),
    }


def _rules(collected: Collected) -> Values:
    """Return the rules that found most, the gravest first, with how many units each concerns."""
    counts: Counter[tuple[str, Severity]] = Counter()
    units: dict[tuple[str, Severity], set[str]] = defaultdict(set)
    for issue, unit in chain(
        (
            (issue, issue.unit or result.unit or result.file)
            for result in collected.results.bare()
            for issue in result.issues
        ),
        ((issue, issue.unit) for issue in collected.issues),
    ):
        counts[issue.code, issue.severity] += 1
        units[issue.code, issue.severity].add(unit)
    rows = [
        {
            "code": code,
            "title": catalogue()[code].title if code in catalogue() else code,
            "severity": severity.word,
            "count": count,
            "units": len(units[code, severity]),
        }
        for (code, severity), count in sorted(
            counts.items(), key=lambda item: (item[0][1].rank, -item[1], item[0][0])
        )
    ]
    return {
        "total": counts.total(),
        "rows": rows[:MOST_RULES],
        "rest": len(rows[MOST_RULES:]),
        "families": _families(counts, units),
    }


def _families(
    counts: Mapping[tuple[str, Severity], int], units: Mapping[tuple[str, Severity], set[str]]
) -> list[Values]:
    """Return what was found by kind of problem, the most frequent first, and how many units each concerns."""
    found: dict[str, list[tuple[str, Severity]]] = {}
    for key in counts:
        found.setdefault(FAMILIES.get(key[0][:1], key[0]), []).append(key)
    ranked = sorted(found.items(), key=lambda item: -sum(counts[key] for key in item[1]))
    return [
        {
            "name": name,
            "count": sum(counts[key] for key in keys),
            "units": len(set[str]().union(*(units[key] for key in keys))),
        }
        for name, keys in ranked
    ]


def _told(
    entries: Iterable[Entry], keys: Sequence[str], names: Mapping[tuple[str, int | None], str]
) -> dict[str, list[Values]]:
    """Return by [summary] key what units wrote in the tables it names, units without a word left out.

    Beyond LONGEST_ANNEX units nobody reads on: of the others it is said where they tell it.
    """
    told: dict[str, list[Values]] = {key: [] for key in keys}
    for entry in of_entity(entries, "department"):
        if max(map(len, told.values())) >= LONGEST_ANNEX:
            for found in filter(None, told.values()):
                found.append({"unit": "其余单位", "parts": [{"heading": "", "text": ELSEWHERE}]})
            break
        for key, found in told.items():
            parts = [
                row
                for section in entry.sections(key)
                for row in section_values(entry, section)
                if isinstance(row, dict) and row.get("text")
            ]
            if parts:
                found.append({"unit": _short(names, entry.unit, entry.year), "parts": parts})
    return told
