"""What the district report may ask about projects of their own workbooks and about the running year."""

from __future__ import annotations

from collections import Counter
from typing import Any

from toolkit.summary.kinds import Kind
from toolkit.summary.model import Summary, Table
from toolkit.summary.projects import FROM_PROJECT
from toolkit.summary.rounding import paired, ratio, total
from toolkit.writers.district_rows import named_rows, ranking, table_of
from toolkit.writers.report_values import Values

MOST_PROJECTS = MOST_LISTED = 20  # projects, units shown in the text; the annex has them all
MOST_BEHIND = 10
_MONEY = ("adjusted_budget", "actual_expenditure")


def project_values(summary: Summary) -> Values:
    """Return the projects, those with the largest budgets first in `shown`, and what their own workbooks say.

    Scores and indicators are of project workbooks only: a list of projects in a department's workbook is
    part of that department's own.
    """
    rows = _as_printed(summary.table("projects"))
    own = [row for row in rows if row["origin"] == FROM_PROJECT]
    scored = [row for row in own if row["total_score"] is not None]
    weighed = [row for row in scored if row["adjusted_budget"]]
    shown = sorted(rows, key=lambda row: -(row["adjusted_budget"] or 0))[:MOST_PROJECTS]
    indicators, met = (sum(row[name] or 0 for row in own) for name in ("indicators", "met"))
    return {
        "rows": rows,
        "shown": shown,
        "rest": len(rows) - len(shown),
        "own": len(own),
        "scored": len(scored),
        "mean_score": ratio(total(row["total_score"] for row in scored), len(scored)),
        "weighted_score": ratio(
            total(row["total_score"] * row["adjusted_budget"] for row in weighed),
            total(row["adjusted_budget"] for row in weighed),
        ),
        "indicators": indicators,
        "met": met,
        "completion_rate": ratio(met, indicators),
        "execution": ranking(rows, "execution_rate"),
        "scores": ranking(scored, "total_score"),
    }


def monitoring_values(summary: Summary) -> Values:
    """Return the running year: each unit's latest period, the projects behind, what units are reminded of.

    `month` is None when the latest periods of the units differ; without a running year there are no rows.
    """
    monitor, behind, reminders = (_printed_rows(summary, name) for name in ("monitor", "behind", "reminders"))
    rows = [{**row, "name": row["short"]} for row in monitor]
    slowest = sorted(rows, key=lambda row: (row["execution_rate"] is None, row["execution_rate"] or 0))
    slowest = slowest[:MOST_LISTED] if len(rows) > MOST_LISTED else rows
    months = {row["month"] for row in rows}
    kinds = Counter(row["what"] for row in reminders)
    alike = rows[0] if len(months) == 1 and None not in months else None
    return {
        "rows": rows,
        "listed": slowest,
        "unlisted": len(rows) - len(slowest),
        "units": len({row["unit"] for row in rows}),
        "month": alike["month"] if alike else None,
        "calendar": alike["calendar"] if alike else None,
        "total": _sums(rows),
        "execution": ranking(rows, "execution_rate"),
        "behind": behind,
        "shown": behind[:MOST_BEHIND],
        "rest": len(behind[MOST_BEHIND:]),
        "unexplained": sum(row["reason_given"] == "未说明" for row in behind),
        "reminders": sum(kinds.values()),
        "kinds": [{"name": name, "count": count} for name, count in kinds.items()],
    }


def _printed_rows(summary: Summary, table_id: str) -> list[dict[str, Any]]:
    table = table_of(summary, table_id)
    return _as_printed(table) if table else []


def _as_printed(table: Table) -> list[dict[str, Any]]:
    """Return the rows with the columns of their sheet, which are the same in every collection."""
    names = [*(column.id for column in table.columns), "short"]
    amounts = [column.id for column in table.columns if column.kind is Kind.MONEY]
    return [{name: row.get(name) for name in names} for row in named_rows(table, amounts)]


def _sums(rows: list[dict[str, Any]]) -> Values:
    known = [row for row in rows if None not in (row["goal_progress"], row["adjusted_budget"])]
    return {
        "projects": sum(row["projects"] for row in rows),
        **{name: total(row[name] for row in rows) for name in _MONEY},
        "execution_rate": ratio(*paired(rows, "actual_expenditure", "adjusted_budget")),
        "goal_progress": ratio(
            total(row["goal_progress"] * row["adjusted_budget"] for row in known),
            total(row["adjusted_budget"] for row in known),
        ),
        **{name: sum(row[name] for row in rows) for name in ("behind", "apart", "both")},
    }
