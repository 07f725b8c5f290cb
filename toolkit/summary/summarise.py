"""Collected workbooks -> Summary: pure, exact, and complete even when there is nothing to add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from toolkit.checks.model import Collected, Standing
from toolkit.form.model import Form
from toolkit.issues.catalogue import entries as catalogue
from toolkit.issues.model import Severity, Verdict
from toolkit.summary.columns import GRADES, GROUPS, ISSUES, SENDERS, STANDINGS, WAIVERS
from toolkit.summary.entries import Entry, counting_entries, of_entity
from toolkit.summary.flows import flow_records, flow_rows_table, flows_table
from toolkit.summary.indicators import indicator_records, indicators_table, unfinished_table
from toolkit.summary.model import Figures, Reporting, Summary, Table
from toolkit.summary.monitoring import monitoring_tables
from toolkit.summary.projects import FROM_PROJECT, projects_table
from toolkit.summary.ranked import chart_data, years_chart
from toolkit.summary.reconcile import reconciliation_table
from toolkit.summary.rounding import change, paired, ratio, total
from toolkit.summary.rows import Record
from toolkit.summary.trace import trace_table
from toolkit.summary.units import grade_records, group_records, scores_table, sum_records, units_table
from toolkit.summary.yearly import yearly_table


def summarise(collected: Collected, forms: Mapping[str, Form], *, title: str, district: str) -> Summary:
    """Add up the workbooks that count; `forms` are found by `id@version`, else by id."""
    entries = counting_entries(collected, forms, district)
    departments = of_entity(entries, "department")
    units = units_table(departments)
    indicators = indicator_records(entries)
    flows = flow_records(departments)
    projects = projects_table(entries)
    tables = [units]
    groups = group_records(units.records)
    if len(groups) > 1:
        tables.append(_groups_table(groups))
    if any(entry.result.sender for entry in entries):
        tables.append(_senders_table(entries, units.records, collected))
    tables += [
        flows_table(flows),
        flow_rows_table(flows),
        scores_table(departments, units),
        indicators_table(indicators),
        unfinished_table(indicators),
        projects,
        _grades_table(entries, units.records, projects.records),
        _standings_table(collected, forms),
        _issues_table(collected, entries),
    ]
    tables[-2:-2] = monitoring_tables(entries, collected)
    years = yearly_table(departments, collected.earlier)
    if collected.earlier:
        tables[-2:-2] = [years]
    if collected.waivers:
        tables.append(_waivers_table(collected))
    tables.append(reconciliation_table(collected, entries, {table.id: table for table in tables}))
    tables.append(trace_table(entries, tables))
    return Summary(
        title=title,
        district=district,
        reporting=_reporting(collected, entries),
        everything=_figures(units.records, projects.records),
        accepted=_figures(_accepted(units.records), _accepted(projects.records)),
        tables=tuple(tables),
        charts=chart_data(units.records, projects.records, collected) | {"years": years_chart(years.records)},
    )


def _accepted(records: Iterable[Record]) -> list[Record]:
    return [row for row in records if row["verdict"] == Verdict.ACCEPTED]


DIRECT = "直接报送"
_FUNDS = ("initial_budget", "adjusted_budget", "actual_expenditure", "prior_expenditure")


def _figures(units: Sequence[Record], projects: Sequence[Record]) -> Figures:
    initial, adjusted, actual, prior = (total(row[name] for row in units) for name in _FUNDS)
    counts = {name: sum(row[name] for row in units) for name in ("indicators", "met", "unmet", "undecided")}
    scores = [row["total_score"] for row in units if row["total_score"] is not None]
    weighed = [row for row in units if row["total_score"] is not None and row["adjusted_budget"]]
    budget, spent = (
        total(row[name] for row in projects) for name in ("adjusted_budget", "actual_expenditure")
    )
    return Figures(
        units=len(units),
        initial_budget=initial,
        adjusted_budget=adjusted,
        actual_expenditure=actual,
        prior_expenditure=prior,
        execution_rate=ratio(*paired(units, "actual_expenditure", "adjusted_budget")),
        rated=sum(None not in (row["actual_expenditure"], row["adjusted_budget"]) for row in units),
        adjustment_rate=change(*paired(units, "adjusted_budget", "initial_budget")),
        mean_score=ratio(total(scores), len(scores)),
        weighted_score=ratio(
            total(row["total_score"] * row["adjusted_budget"] for row in weighed),
            total(row["adjusted_budget"] for row in weighed),
        ),
        **counts,
        completion_rate=ratio(counts["met"], counts["indicators"]),
        projects=len(projects),
        project_budget=budget,
        project_expenditure=spent,
        project_rate=ratio(*paired(projects, "actual_expenditure", "adjusted_budget")),
    )


def _reporting(collected: Collected, entries: Sequence[Entry]) -> Reporting:
    standings = Counter(row.standing for row in collected.standings)
    severities = Counter(issue.severity for issue in _issues(collected))
    owed = (Standing.REPORTED, Standing.LATE, Standing.RETURNED, Standing.MISSING)
    return Reporting(
        due=sum(standings[standing] for standing in owed),
        reported=standings[Standing.REPORTED],
        late=standings[Standing.LATE],
        returned=standings[Standing.RETURNED],
        missing=standings[Standing.MISSING],
        duplicate=standings[Standing.DUPLICATE],
        unlisted=standings[Standing.UNLISTED],
        workbooks=sum(head.merged is None for head in collected.results.heads),
        counted=len(entries),
        unreadable=sum(head.is_unreadable for head in collected.results.heads),
        errors=severities[Severity.ERROR],
        explains=severities[Severity.EXPLAIN],
        notes=severities[Severity.NOTE],
    )


def _issues(collected: Collected) -> list[Any]:
    return [*(issue for result in collected.results.bare() for issue in result.issues), *collected.issues]


def _groups_table(records: Sequence[Record]) -> Table:
    return Table.of(
        "groups",
        "分年分区",
        GROUPS,
        records,
        note="单位：万元。不同年度、不同区分别合计；比率按合计数重新计算（缺其中一个数的单位不计入该比率），平均自评得分为简单平均。",
        total_label="合计",
        frozen=2,
    )


def _senders_table(entries: Sequence[Entry], units: Sequence[Record], collected: Collected) -> Table:
    """Build 报送单位: what each 报送 file brought in, and what came by itself."""
    senders = {entry.file: entry.result.sender for entry in entries}
    missing = Counter(
        head.merged.sender
        for head in collected.results.heads
        if head.merged is not None
        for _ in head.merged.missing
    )
    records = sum_records(units, lambda row: {"sender": senders[row["file"]] or DIRECT})
    for row in records:
        row["workbooks"] = sum((sender or DIRECT) == row["sender"] for sender in senders.values())
        row["missing"] = missing[row["sender"]]
    return Table.of(
        "senders",
        "报送单位",
        SENDERS,
        records,
        note="单位：万元。各报送单位所报自评表分别合计；“直接报送”为没有经过下级汇总的自评表。比率按合计数重新计算。",
        total_label="合计",
        frozen=1,
    )


def _grades_table(entries: Sequence[Entry], units: Sequence[Record], projects: Sequence[Record]) -> Table:
    own = [row for row in projects if row["origin"] == FROM_PROJECT]
    forms = {
        entity: [entry.form for entry in of_entity(entries, entity)] for entity in ("department", "project")
    }
    return Table.of(
        "grades",
        "等级分布",
        GRADES,
        [
            *grade_records(units, forms["department"], "部门整体"),
            *grade_records(own, forms["project"], "项目"),
        ],
        note="单位：万元。“数量”按单位自评等级；“按得分核定数量”按自评总分和分档标准核定。未评为没有填报等级。",
        empty="没有可汇总的等级。",
        totals_among=True,
    )


def _standings_table(collected: Collected, forms: Mapping[str, Form]) -> Table:
    rows = [
        {
            "number": number,
            "unit": row.unit,
            "form": forms[row.form].title if row.form in forms else row.form,
            "year": row.year,
            "standing": row.standing.value,
            "verdict": row.verdict,
            "fill_date": row.fill_date,
            "due": row.due,
            "contact": row.contact,
            "phone": row.phone,
            "file": row.file,
            "why": row.why,
        }
        for number, row in enumerate(collected.standings, 1)
    ]
    return Table.of(
        "standings",
        "上报情况",
        STANDINGS,
        rows,
        note="应报＝已报＋迟报＋退回＋漏报；“重复”不计入汇总，“名册外”为名册没有列出的工作簿。",
        empty="名册没有列出单位，也没有收到工作簿。",
    )


def _issues_table(collected: Collected, entries: Sequence[Entry]) -> Table:
    units = {head.file: head.unit for head in collected.results.heads} | {e.file: e.unit for e in entries}
    ordered = sorted(
        _issues(collected),
        key=lambda issue: (issue.severity.rank, issue.location.file == "", issue.location.file, issue.order),
    )
    rows = [
        {
            "number": number,
            "severity": issue.severity.word,
            "unit": issue.unit or units.get(issue.location.file, ""),
            "file": issue.location.file,
            "sheet": issue.location.sheet,
            "cell": issue.location.cell,
            "label": issue.location.label,
            "message": issue.message,
            "found": issue.found,
            "expected": issue.expected,
            "hint": issue.hint,
            "code": issue.code,
        }
        for number, issue in enumerate(ordered, 1)
    ]
    return Table.of(
        "issues",
        "问题清单",
        ISSUES,
        rows,
        note="必改：改正后重新报送；需说明：补充原因后采用；提示：请核对，不影响采用。",
        empty="没有发现问题。",
    )


def _waivers_table(collected: Collected) -> Table:
    """Build 说明与豁免: every waiver an officer recorded, and what became of it."""
    titles = {code: entry.title for code, entry in catalogue().items()}
    rows = [
        {
            "number": number,
            "unit": use.waiver.unit,
            "code": use.waiver.code,
            "title": titles.get(use.waiver.code, ""),
            "place": use.waiver.place or "该代码全部",
            "who": use.waiver.who,
            "why": use.waiver.why,
            "until": use.waiver.until,
            "state": use.state.value,
            "count": use.count,
            "remark": use.why,
            "source": use.waiver.source,
        }
        for number, use in enumerate(collected.waivers, 1)
    ]
    return Table.of(
        "waivers",
        "说明与豁免",
        WAIVERS,
        rows,
        note="已采用：需说明的问题按登记的说明改为提示；未用到、已过期、不适用的没有改变任何问题。必改问题不能豁免。",
        total_label="合计",
    )
