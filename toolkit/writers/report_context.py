"""What the template of a unit's report may ask: the sections of its form, and what follows from them.

Beside the sections stand two names: `report` for the unit, its year, its projects and its indicators in
numbers, and `number` for the numbers of headings and tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from toolkit.checks.roster import project_key
from toolkit.checks.scoring import MET, UNKNOWN, UNMET
from toolkit.form.model import Section
from toolkit.summary.entries import Entry
from toolkit.summary.indicators import SECTIONS, indicator_records, tally
from toolkit.summary.rounding import ratio, total
from toolkit.writers.numbering import Numbering
from toolkit.writers.report_values import Values, section_values
from toolkit.writers.wording import missing

TO_BE_VERIFIED = "待核实"  # an indicator whose actual value is no figure, and whose outcome nobody stated
LONGEST_SIGNATURE = 15  # characters
_FUNDS = ("initial_budget", "adjusted_budget", "actual_expenditure")


def unit_context(entry: Entry) -> dict[str, object]:
    """Return the data of one unit's report."""
    sections: dict[str, Any] = {section.id: section_values(entry, section) for section in entry.form.sections}
    for section, rows in _indicator_rows(entry, sections):
        sections[section.id] = rows
    return {**sections, "report": _report(entry, sections), "number": Numbering()}


def _report(entry: Entry, sections: Mapping[str, Any]) -> Values:
    rows = _rows_of(entry, sections, "indicators")
    counted = tally(entry, "indicators")
    return {
        "unit": entry.unit,
        "signature": _signature(entry.unit),
        "year": missing("预算年度") if entry.year is None else entry.year,
        "next_year": missing("下一年度") if entry.year is None else entry.year + 1,
        "form_title": entry.form.title,
        "indicators": counted,
        "completion_rate": ratio(counted.met, counted.total),
        "unmet": [row for row in rows if row["met"] is False],
        "explained": _explained(rows),
        "has_scores": any(isinstance(row.get("score"), Decimal) for row in rows),
        "projects": _projects(
            _rows_of(entry, sections, "projects"), _rows_of(entry, sections, "project_indicators")
        ),
    }


def _signature(unit: str) -> str:
    """Return the unit's name as 署名, on two lines when it is too long for the room above the date.

    >>> _signature("广州市花都区人民政府新华街道办事处").split()
    ['广州市花都区人民政府', '新华街道办事处']
    """
    above, below, name = unit.partition("人民政府")
    return f"{above}{below}\n{name}" if name and len(unit) > LONGEST_SIGNATURE else unit


def _rows_of(entry: Entry, sections: Mapping[str, Any], key: str) -> list[Values]:
    """Return the rows of the tables that a [summary] key of the form names."""
    return [row for section in entry.sections(key) for row in sections[section.id]]


def _indicator_rows(entry: Entry, sections: Mapping[str, Any]) -> Iterator[tuple[Section, list[Values]]]:
    """Yield each table of indicators with completion and outcome as recomputed, else as stated."""
    records = indicator_records([entry])
    for key in SECTIONS:
        told = iter([record for record in records if record["key"] == key])
        for section in entry.sections(key):
            rows = sections[section.id]
            own = islice(told, len(rows))  # records come in the order of sections and rows
            yield section, [_indicator(row, record) for row, record in zip(rows, own, strict=True)]


def _indicator(row: Values, record: Mapping[str, Any]) -> Values:
    return {
        **row,
        "met": record["met"],
        "completion": _completion(row, record),
        "status": _status(record),
        "score_computed": record["score_computed"],
        "method": record["method"],
    }


def _completion(row: Values, record: Mapping[str, Any]) -> object:
    """Return the rate; the clerk's own word (达标完成) stays unless the recomputed outcome denies it."""
    stated, computed = record["completion_stated"], record["completion"]
    if isinstance(stated, str) and record["met"] is not False:
        return stated
    return row.get("completion") if computed is None else computed


def _status(record: Mapping[str, Any]) -> str:
    if record["status"] not in ("", UNKNOWN):
        return str(record["status"])
    return record["status_stated"] or {True: MET, False: UNMET}.get(record["met"], TO_BE_VERIFIED)


def _projects(funds: Sequence[Values], indicators: Sequence[Values]) -> list[Values]:
    """Return every project once, in the order of the tables, with its sources of funds and its indicators."""
    names: dict[str, str] = {}
    for row in (*funds, *indicators):
        names.setdefault(_key(row), str(row.get("project_name")))
    return [
        _project(
            name,
            [row for row in funds if _key(row) == key],
            [row for row in indicators if _key(row) == key],
        )
        for key, name in names.items()
    ]


def _key(row: Values) -> str:
    """Return what the rows of one project have in common, however its name is written."""
    return project_key(str(row.get("project_name")))


def _project(name: str, funds: list[Values], indicators: list[Values]) -> Values:
    sums = {column: total(_numbers(funds, column)) for column in _FUNDS}
    ends = [row["met"] for row in indicators]
    return {
        "name": name,
        "title": name if name.endswith("项目") else f"{name}项目",
        "funds": funds,
        **sums,
        "execution_rate": ratio(sums["actual_expenditure"], sums["adjusted_budget"]),
        "indicators": indicators,
        "explained": _explained(indicators),
        "met": ends.count(True),
        "unmet": ends.count(False),
        "undecided": ends.count(None),
    }


def _explained(rows: Sequence[Values]) -> list[Values]:
    """Return the indicators that have a reason, or should have one."""
    return [row for row in rows if row["met"] is False or row.get("reason")]


def _numbers(rows: Sequence[Values], column: str) -> list[Decimal]:
    return [number for row in rows if isinstance(number := row.get(column), Decimal)]
