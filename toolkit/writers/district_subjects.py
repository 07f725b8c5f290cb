"""What the district report may ask about projects of their own workbooks and about the running year."""

from __future__ import annotations

from collections import Counter
from heapq import nsmallest

from toolkit.summary.kinds import Kind
from toolkit.summary.model import Summary, Table
from toolkit.summary.projects import FROM_PROJECT
from toolkit.summary.rounding import ratio
from toolkit.summary.rows import Record, Rows
from toolkit.summary.sums import Sums
from toolkit.writers.district_rows import Mapped, named_rows, ranking, table_of
from toolkit.writers.report_values import Values

MOST_PROJECTS = MOST_LISTED = 20  # projects, units shown in the text; the annex has them all
MOST_BEHIND = 10
_SCORED = ("total_score", "adjusted_budget")
_SPENT = ("actual_expenditure", "adjusted_budget")
_PROGRESS = ("goal_progress", "adjusted_budget")
_COUNTED = ("projects", "behind", "apart", "both")


def project_values(summary: Summary) -> Values:
    """Return the projects, those with the largest budgets first in `shown`, and what their own workbooks say.

    Scores and indicators are of project workbooks only: a list of projects in a department's workbook is
    part of that department's own.
    """
    rows, own = _printed(summary.table("projects")), Sums(("total_score", "indicators", "met"), [_SCORED])
    for row in filter(_is_own, rows):
        own.add(row)
    indicators, met = (int(own.total(name) or 0) for name in ("indicators", "met"))
    shown = nsmallest(MOST_PROJECTS, rows, key=lambda row: -(row["adjusted_budget"] or 0))
    scored = (row for row in rows if _is_own(row) and row["total_score"] is not None)
    return {
        "rows": rows,
        "shown": shown,
        "rest": len(rows) - len(shown),
        "own": own.count,
        "scored": own.known("total_score"),
        "mean_score": own.mean("total_score"),
        "weighted_score": own.weighted(*_SCORED),
        "indicators": indicators,
        "met": met,
        "completion_rate": ratio(met, indicators),
        "execution": ranking(rows, "execution_rate"),
        "scores": ranking(scored, "total_score"),
    }


def _is_own(row: Record) -> bool:
    return bool(row["origin"] == FROM_PROJECT)


def monitoring_values(summary: Summary) -> Values:
    """Return the running year: each unit's latest period, the projects behind, what units are reminded of.

    `month` is None when the latest periods of the units differ; without a running year there are no rows.
    """
    monitor, behind, reminders = (table_of(summary, name) for name in ("monitor", "behind", "reminders"))
    rows, late = _printed(monitor, name="short"), _printed(behind)
    listed = rows if len(rows) <= MOST_LISTED else nsmallest(MOST_LISTED, rows, key=_slowness)
    months = {row["month"]: row["calendar"] for row in rows}
    month, calendar = next(iter(months.items())) if len(months) == 1 and None not in months else (None, None)
    kinds = Counter(row["what"] for row in _printed(reminders))
    return {
        "rows": rows,
        "listed": listed,
        "unlisted": len(rows) - len(listed),
        "units": len({row["unit"] for row in rows}),
        "month": month,
        "calendar": calendar,
        "total": _sums(rows),
        "execution": ranking(rows, "execution_rate"),
        "behind": late,
        "shown": late[:MOST_BEHIND],
        "rest": max(0, len(late) - MOST_BEHIND),
        "unexplained": sum(row["reason_given"] == "未说明" for row in late),
        "reminders": kinds.total(),
        "kinds": [{"name": name, "count": count} for name, count in kinds.items()],
    }


def _slowness(row: Record) -> tuple[bool, object]:
    return row["execution_rate"] is None, row["execution_rate"] or 0


def _printed(table: Table | None, *, name: str = "") -> Mapped:
    """Return the rows with the columns of their sheet, which are the same in every collection.

    Rows that are of units go by the column `name`.
    """
    if table is None:
        return Mapped((), lambda at, row: row)
    columns = [*(column.id for column in table.columns), "short"]
    amounts = [column.id for column in table.columns if column.kind is Kind.MONEY]

    def printed(at: int, row: Record) -> Record:
        values = {column: row.get(column) for column in columns}
        return {**values, "name": row[name]} if name else values

    return Mapped(named_rows(table, amounts), printed)


def _sums(rows: Rows) -> Values:
    sums = Sums((*_COUNTED, *_SPENT), [_SPENT, _PROGRESS])
    for row in rows:
        sums.add(row)
    return {
        **{name: int(sums.total(name) or 0) for name in _COUNTED},
        **{name: sums.total(name) for name in _SPENT},
        "execution_rate": sums.rate(*_SPENT),
        "goal_progress": sums.weighted(*_PROGRESS),
    }
