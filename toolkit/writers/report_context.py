"""What the template of one workbook's report may ask: the sections of its form, and what follows from them.

Beside the sections stand `report` for the unit, its year, its projects and its indicators in numbers,
`asked` for which sections the form has, and `number` for the numbers of headings and tables.

A template may serve forms that differ: what the vocabulary, the shipped form of the same entity, asks and
the workbook's own form does not is there and empty, and what only the own form asks is in `report.others`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from toolkit.checks.figures import figure
from toolkit.checks.roster import project_key
from toolkit.checks.scoring import MET, UNKNOWN, UNMET
from toolkit.form.labels import unnumbered
from toolkit.form.model import FieldType, Form, Ref, Section, SectionKind
from toolkit.summary.entries import Entry
from toolkit.summary.indicators import SECTIONS, indicator_records, tally
from toolkit.summary.rounding import ratio, total
from toolkit.writers.numbering import Numbering
from toolkit.writers.report_values import Values, is_said, section_values, unasked, widened
from toolkit.writers.wording import clause, missing

TO_BE_VERIFIED = "待核实"  # an indicator whose actual value is no figure, and whose outcome nobody stated
LONGEST_SIGNATURE = 15  # characters
LONGEST_IN_TITLE = 8  # characters before 部门整体支出绩效自评报告 on one line
_FUNDS = ("initial_budget", "adjusted_budget", "actual_expenditure")
_SCORES = ("duty_score", "management_score", "total_score", "full_score")


def unit_context(entry: Entry, vocabulary: Mapping[str, Form], *, sample: bool = False) -> dict[str, object]:
    """Return the data of one workbook's report; of a `sample`, what its form does not ask is filled too."""
    sections: dict[str, Any] = {section.id: section_values(entry, section) for section in entry.form.sections}
    for section, rows in _indicator_rows(entry, sections):
        sections[section.id] = rows
    known = vocabulary.get(entry.form.entity, entry.form)
    if known is not entry.form:
        sections = _translated(entry.form, sections, known, sample=sample)
    return {
        **sections,
        "asked": {
            section.id: _counterpart(entry.form, known, section) is not None for section in known.sections
        },
        "report": _report(entry, sections, known),
        "number": Numbering(),
    }


def project_of(entry: Entry) -> str:
    """Return the project a workbook is about, empty when it is about a whole department."""
    name = entry.text("project_name") if entry.form.entity == "project" else ""
    return clause(name) if name else ""


def _report(entry: Entry, sections: Mapping[str, Any], known: Form) -> Values:
    rows = _rows_of(known, sections, "indicators")
    counted = tally(entry, "indicators")
    unit = clause(entry.unit)
    return {
        "unit": unit,
        "signature": _signature(unit),
        "title_unit": _title_unit(unit),
        "year": missing("预算年度") if entry.year is None else entry.year,
        "next_year": missing("下一年度") if entry.year is None else entry.year + 1,
        "form_title": entry.form.title,
        "indicators": counted,
        "completion_rate": ratio(counted.met, counted.total),
        "unmet": [row for row in rows if row["met"] is False],
        "explained": _explained(rows),
        "has_scores": any(isinstance(row.get("score"), Decimal) for row in rows),
        "rows": rows,
        "groups": _groups(rows),
        "scored": _scored(entry, _groups(rows)),
        "projects": _projects(
            _rows_of(known, sections, "projects"), _rows_of(known, sections, "project_indicators")
        ),
        "project": project_of(entry) or missing("项目名称"),
        "money": {key: entry.figure(key) for key in _FUNDS}
        | {"execution_rate": ratio(entry.figure("actual_expenditure"), entry.figure("adjusted_budget"))},
        **{key: entry.figure(key) for key in _SCORES},
        "grade": entry.text("grade") or None,
        "supervising_department": entry.text("supervising_department") or None,
        "date": _date(entry),
        "funds": _fund_rows(entry, sections),
        "goals": _goals(entry, sections),
        "others": list(_others(entry, known)),
    }


def _date(entry: Entry) -> object:
    for ref in entry.form.summary.get("fill_date", ()):
        if (value := entry.answer(ref).value) is not None:
            return value
    return missing("成文日期")


def _fund_rows(entry: Entry, sections: Mapping[str, Any]) -> list[Values]:
    """Return the filled rows of the grid that holds the total expenditure."""
    for ref in entry.form.summary.get("actual_expenditure", ()):
        if entry.form.section(ref.section).kind is SectionKind.GRID:
            names = dict.fromkeys((*_FUNDS, "execution_rate"))
            return [names | row for row in sections[ref.section]["filled"]]
    return []


def _goals(entry: Entry, sections: Mapping[str, Any]) -> list[Values]:
    """Return the goals of a form that asks them beside what became of them: `expected`, `completion`."""
    goals: list[Values] = []
    for section in entry.form.sections:
        if section.has("expected") and section.has("completion"):
            values = sections[section.id]
            rows = values["rows"] if section.kind is SectionKind.GRID else values
            goals += [rows] if section.kind is SectionKind.ANSWERS else rows
    return goals


def _groups(rows: Sequence[Values]) -> list[Values]:
    """Return the indicators by 一级指标, in the order of their first rows, with weights and scores summed."""
    names = dict.fromkeys(str(row.get("level1") or "") for row in rows)
    groups: list[Values] = []
    for name in names:
        of = [row for row in rows if str(row.get("level1") or "") == name]
        ends = [row["met"] for row in of]
        weight, score = total(_numbers(of, "max_score")), total(_numbers(of, "score"))
        groups.append(
            {
                "name": name or "未分类指标",
                "rows": of,
                "max_score": weight,
                "score": score,
                "score_rate": ratio(score, weight),
                "met": ends.count(True),
                "unmet": ends.count(False),
                "undecided": ends.count(None),
            }
        )
    return groups


def _scored(entry: Entry, groups: Sequence[Values]) -> list[Values]:
    """Return the score of budget execution, if a form scores it, those of the groups and the total."""
    names = ("name", "max_score", "score", "score_rate")
    rows = [*_execution_score(entry), *(row for row in groups if row["score"] is not None)]
    rows = [{name: row[name] for name in names} for row in rows]
    got, full = entry.figure("total_score"), entry.figure("full_score")
    if rows and got is not None:
        rows.append({"name": "合计", "max_score": full, "score": got, "score_rate": ratio(got, full)})
    return rows


def _execution_score(entry: Entry) -> Iterator[Values]:
    for ref in entry.form.summary.get("actual_expenditure", ()):
        section = entry.form.section(ref.section)
        if section.has("score") and section.has("max_score"):
            score, full = (
                figure(entry.form, entry.submission, Ref(ref.section, ref.row, name))
                for name in ("score", "max_score")
            )
            if score is not None:
                yield {
                    "name": "预算执行率",
                    "max_score": full,
                    "score": score,
                    "score_rate": ratio(score, full),
                }
            return


# ── forms that differ from the vocabulary ───────────────────────────────────────────────────────────


def _section(form: Form, section_id: str) -> Section | None:
    return next((section for section in form.sections if section.id == section_id), None)


def _translated(form: Form, sections: Mapping[str, Any], known: Form, *, sample: bool) -> dict[str, Any]:
    """Return the sections of a form with those of the vocabulary it does not ask, in their shape.

    A section whose kind is not the vocabulary's is left out; its prose is among the others.
    """
    found = dict(sections)
    for section in known.sections:
        own = _counterpart(form, known, section)
        found[section.id] = (
            unasked(section, sample=sample) if own is None else widened(sections[own.id], section)
        )
    return found


def _counterpart(form: Form, known: Form, section: Section) -> Section | None:
    """Return the section of a form that stands for one of the vocabulary: by id, or by a key of [summary]."""
    keys = [key for key, refs in known.summary.items() if Ref(section.id, "", "") in refs]
    ids = [section.id, *(ref.section for key in keys for ref in form.summary.get(key, ()) if not ref.field)]
    candidates = [_section(form, section_id) for section_id in ids]
    return next((own for own in candidates if own is not None and own.kind is section.kind), None)


def _others(entry: Entry, known: Form) -> Iterator[Values]:
    """Yield what staff wrote under headings the vocabulary does not know: a label and its text."""
    meant = {
        own.id: section
        for section in known.sections
        if (own := _counterpart(entry.form, known, section)) is not None
    }
    for section in entry.form.sections:
        asked = meant.get(section.id)
        for field in section.fields:
            if field.type is not FieldType.PROSE or (asked is not None and asked.has(field.id)):
                continue
            for row in entry.rows(section):
                text = row[field.id].text.strip()
                if is_said(text or None):
                    yield {"label": _label(section, field.label, row.id), "text": text}


def _label(section: Section, label: str, row: str) -> str:
    if section.kind is SectionKind.GRID:
        return f"{unnumbered(section.row(row).label)}·{unnumbered(label)}"
    return unnumbered(label)


def _signature(unit: str) -> str:
    """Return the unit's name as 署名, on two lines when it is too long for the room above the date.

    >>> _signature("广州市花都区人民政府新华街道办事处").split()
    ['广州市花都区人民政府', '新华街道办事处']
    """
    above, below, name = unit.partition("人民政府")
    return f"{above}{below}\n{name}" if name and len(unit) > LONGEST_SIGNATURE else unit


def _title_unit(unit: str) -> str:
    """Return the unit's name as it stands in a title between the year and the report's name, in two lines.

    >>> _title_unit("广州市花都区人民政府新华街道办事处"), _title_unit("某区教育局")
    ('广州市花都区人民政府\\n新华街道办事处', '某区教育局\\n')
    """
    above, below, name = unit.partition("人民政府")
    return f"{above}{below}\n{name}" if 0 < len(name) <= LONGEST_IN_TITLE else f"{unit}\n"


def _rows_of(known: Form, sections: Mapping[str, Any], key: str) -> list[Values]:
    """Return the rows of the tables that a [summary] key of the vocabulary names."""
    return [row for ref in known.summary.get(key, ()) for row in sections[ref.section]]


def _indicator_rows(entry: Entry, sections: Mapping[str, Any]) -> Iterator[tuple[Section, list[Values]]]:
    """Yield each table of indicators with completion and outcome as recomputed, else as stated."""
    records = list(indicator_records(entry))
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
