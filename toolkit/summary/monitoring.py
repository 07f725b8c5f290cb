"""运行监控: the year while it runs, by unit and department, month by month; projects behind, reminders.

Every period a unit reports is kept; its latest one of a year is what the sheets but 逐月进度 show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from toolkit.checks.context import is_real_reason
from toolkit.checks.identity import summary_answer
from toolkit.checks.model import StandingRow
from toolkit.checks.progress import MONTHS, due_share, month_of
from toolkit.submission.model import Row
from toolkit.summary.entries import Entry, place
from toolkit.summary.model import Table
from toolkit.summary.monitor_sheets import BEHIND, MONITOR, MONITOR_DEPARTMENTS, MONITOR_MONTHS, REMINDERS
from toolkit.summary.rounding import difference, ratio
from toolkit.summary.rows import Record, Rows, Spools, numbered
from toolkit.summary.sums import Sums
from toolkit.summary.units import judged

BEHIND_CHECK, APART_CHECK = "behind_calendar", "money_and_goals_apart"
MONEY_AHEAD, GOALS_AHEAD = "资金快于目标", "目标快于资金"
HOPELESS = "完全不可能"
UNNAMED = "（未填主管部门）"
WARNINGS = ("behind", "apart", "both")
GOALS = ("goal_progress", "adjusted_budget")  # each project weighs as much as its budget


class Monitoring:
    """Takes the monitoring workbooks one by one; every period is kept until all have come."""

    def __init__(self, spools: Spools) -> None:
        """Begin with none."""
        self._spools = spools
        self._periods = spools.spool(lambda row: (row["unit"], row["year"] or 0, row["month"] or 0))

    def add(self, entry: Entry) -> None:
        """Take a workbook."""
        self._periods.add(_period(entry))

    def tables(self, standings: Iterable[StandingRow]) -> list[Table]:
        """Build the sheets of the running year; none when no workbook is about it."""
        if not len(self._periods):
            return []
        latest, behind, reminders = (
            self._spools.spool(order) for order in (None, lambda row: (-row["warnings"], -row["lag"]), None)
        )
        departments: dict[str, _Period] = {}
        months: dict[tuple[int | None, int | None], _Period] = {}
        units: Counter[int | None] = Counter()
        for (_, year), periods in groupby(self._periods, key=lambda row: (row["unit"], row["year"])):
            newest: dict[str, Record] = {}  # by district: a unit's name may be known in several
            for row in periods:
                months.setdefault((year, row["month"]), _Period()).add(row)
                newest[row["district"]] = row
            units[year] += len(newest)
            for row in newest.values():
                latest.add(row)
                departments.setdefault(row["department"], _Period()).add(row)
                for project in row["listed"]:
                    if project["warnings"]:
                        behind.add(project)
        for row in _reminders(latest, standings):
            reminders.add(row)
        by_department = [
            {"department": name, **departments[name].record()} for name in sorted(departments, key=str)
        ]
        by_month = [
            {"year": year, "month": month, **sums.record(), **sums.calendar(month), "of_units": units[year]}
            for (year, month), sums in sorted(months.items(), key=lambda item: _order(item[0]))
        ]
        return [
            _table("monitor", "运行监控", MONITOR, numbered(latest), "合计", "其中：采用", 3),
            _table("monitor_departments", "分部门监控", MONITOR_DEPARTMENTS, by_department, "合计", frozen=1),
            _table("monitor_months", "逐月进度", MONITOR_MONTHS, by_month, frozen=2),
            _table("behind", "进度滞后", BEHIND, behind, frozen=3),
            _table("reminders", "提醒清单", REMINDERS, numbered(reminders), frozen=2),
        ]


NOTES = {
    "monitor": "单位：万元。每个单位只列当年最近一期；执行率＝截至本期支出数÷全年预算数，序时进度＝月份÷12，"
    "警戒线取自表样的规则。"
    "目标完成进度按项目的全年预算数加权平均；滞后、不一致为项目个数。",
    "monitor_departments": "单位：万元。各单位最近一期按主管部门合计，比率按合计数重新计算。",
    "monitor_months": "单位：万元。逐期累计数；每月只合计当月报送的单位，“单位数”不同的月份不能直接比较。",
    "behind": "单位：万元。最近一期中执行率低于警戒线、或者与绩效目标完成进度相差过大的项目，"
    "两种情形都有的在前。",
    "reminders": "需要提醒单位办理的事项；已写原因的项目仍列入“进度滞后”，不再提醒。",
}


def _table(
    id: str,
    name: str,
    columns: Sequence[Any],
    rows: Rows,
    total_label: str = "",
    accepted_label: str = "",
    frozen: int = 2,
) -> Table:
    empty = {"behind": "没有进度滞后的项目。", "reminders": "没有需要提醒的事项。"}
    return Table.of(
        id,
        name,
        columns,
        rows,
        note=NOTES[id],
        empty=empty.get(id, "没有数据"),
        total_label=total_label,
        accepted_label=accepted_label,
        frozen=frozen,
    )


# --- one workbook ---------------------------------------------------------------------------------------


def _period(entry: Entry) -> dict[str, Any]:
    """Return what one workbook says of one unit up to one month, with its projects under `listed`."""
    answer = summary_answer(entry.form, entry.submission, "period")
    month = month_of(answer) if answer else None
    budget, spent = entry.figure("adjusted_budget"), entry.figure("actual_expenditure")
    named = {
        "unit": entry.unit,
        "district": entry.district,
        "year": entry.year,
        "department": entry.text("supervising_department") or UNNAMED,
        "month": month,
    }
    limit = _limit(entry, month)
    listed = [
        {**named, **_project(entry, row, limit)}
        for section in entry.sections("monitored")
        for row in entry.rows(section)
    ]
    rate, goals = ratio(spent, budget), Sums((), [GOALS])
    for project in listed:
        goals.add(project)
    return {
        **named,
        "projects": len(listed),
        "adjusted_budget": budget,
        "actual_expenditure": spent,
        "execution_rate": rate,
        "calendar": Decimal(month) / MONTHS if month else None,
        "limit": limit,
        "goal_progress": goals.weighted(*GOALS),
        "lag": None if rate is None or limit is None else rate - limit,
        "behind": sum(row["is_behind"] for row in listed),
        "apart": sum(bool(row["apart"]) for row in listed),
        "both": sum(row["warnings"] == 2 for row in listed),
        "state": _state(rate, limit, listed),
        **judged(entry),
        "listed": listed,
        "hopeless": list(_hopeless(entry)),
        "cell": place(answer) if answer else "",
    }


def _state(rate: Decimal | None, limit: Decimal | None, listed: Sequence[Record]) -> str:
    if rate is not None and limit is not None and rate < limit:
        return "滞后"
    return "有滞后项目" if any(row["warnings"] for row in listed) else "正常"


def _limit(entry: Entry, month: int | None) -> Decimal | None:
    """Return the share that must be spent by a month, as the form's own rule has it."""
    limits = _parameter(entry, BEHIND_CHECK, "limits", {})
    return due_share(month, limits) if month else None


def _parameter(entry: Entry, check: str, name: str, default: Any) -> Any:
    """Return a parameter of the form's rule that runs a check, so that a limit is written once."""
    rule = next((rule for rule in entry.form.rules if rule.check == check), None)
    return rule.params.get(name, default) if rule else default


def _project(entry: Entry, row: Row, limit: Decimal | None) -> dict[str, Any]:
    budget, spent = row["adjusted_budget"].number, row["actual_expenditure"].number
    rate, done = ratio(spent, budget), row["goal_progress"].number
    gap, most = difference(rate, done), _parameter(entry, APART_CHECK, "gap", Decimal("0.10"))
    is_behind = rate is not None and limit is not None and rate < limit
    apart = "" if gap is None or abs(gap) <= most else MONEY_AHEAD if gap > 0 else GOALS_AHEAD
    return {
        "name": row["project_name"].text.strip(),
        "adjusted_budget": budget,
        "actual_expenditure": spent,
        "execution_rate": rate,
        "limit": limit,
        "goal_progress": done,
        "gap": gap,
        "lag": (limit or Decimal(0)) - rate if rate is not None else Decimal(0),
        "is_behind": is_behind,
        "behind": "滞后" if is_behind else "",
        "apart": apart,
        "warnings": is_behind + bool(apart),
        "reason_given": "已说明" if is_real_reason(row["reason"]) else "未说明",
        "reason": row["reason"].text.strip(),
        "measures": row["measures"].text.strip(),
        "verdict": entry.head.verdict.value,
        "file": entry.file,
        "cell": place(row["execution_rate"]) or place(row["project_name"]),
    }


def _hopeless(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield (indicator, cell) of those that the unit says it cannot reach."""
    for section in entry.sections("foreseen"):
        for row in entry.rows(section):
            if row["chance"].text == HOPELESS:
                yield row["name"].text.strip(), place(row["chance"])


# --- many workbooks -------------------------------------------------------------------------------------


def _order(values: tuple[int | None, ...]) -> tuple[int, ...]:
    return tuple(value or 0 for value in values)


class _Period:
    """Sums over unit rows, and the rates that follow from them."""

    def __init__(self) -> None:
        self._sums = Sums(
            ("projects", "adjusted_budget", "actual_expenditure", *WARNINGS),
            [("actual_expenditure", "adjusted_budget")],
        )
        self._goals = Sums((), [GOALS])
        self._limits: set[Decimal | None] = set()

    def add(self, row: Record) -> None:
        """Take what one workbook says."""
        self._sums.add(row)
        self._limits.add(row["limit"])
        for project in row["listed"]:
            self._goals.add(project)

    def record(self) -> dict[str, Any]:
        """Return the sums."""
        sums = self._sums
        return {
            "units": sums.count,
            **{name: sums.total(name) for name in ("adjusted_budget", "actual_expenditure")},
            "execution_rate": sums.rate("actual_expenditure", "adjusted_budget"),
            "goal_progress": self._goals.weighted(*GOALS),
            **{name: int(sums.total(name) or 0) for name in ("projects", *WARNINGS)},
        }

    def calendar(self, month: int | None) -> dict[str, Any]:
        """Return the share of the year, and the limit if all have the same."""
        return {
            "calendar": Decimal(month) / MONTHS if month else None,
            "limit": next(iter(self._limits)) if len(self._limits) == 1 else None,
        }


def _reminders(latest: Rows, standings: Iterable[StandingRow]) -> Iterator[dict[str, Any]]:
    """Yield what units must be told: a period not reported, projects without a word, goals out of reach."""
    newest: Counter[int | None] = Counter()
    for row in latest:
        newest[row["year"]] = max(newest[row["year"]], row["month"] or 0)
    contacts = {row.unit: row for row in standings if row.contact or row.phone}
    for row in latest:
        contact = contacts.get(row["unit"])
        for what, name, said, asked, cell in _told_of(row, newest[row["year"]]):
            yield {
                "unit": row["unit"],
                "year": row["year"],
                "month": row["month"],
                "what": what,
                "name": name,
                "said": said,
                "asked": asked,
                "contact": contact.contact if contact else "",
                "phone": contact.phone if contact else "",
                "file": row["file"],
                "cell": cell,
            }


def _told_of(row: Record, newest: int) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield what a unit must be told of its latest period: kind, name, the case, what to do, cell."""
    if (row["month"] or 0) < newest:
        last = f"最近一期截至 {row['month']}月" if row["month"] else "没有填截止月份"
        said, asked = f"{last}，其他单位已报到 {newest}月", f"请报送截至 {newest}月的绩效运行监控表"
        yield "本期未报", "", said, asked, ""
    for project in row["listed"]:
        if _is_open(project):
            yield *_told(project), project["cell"]
    for name, cell in row["hopeless"]:
        said = f"单位填报“{HOPELESS}”"
        yield "目标无法完成", name, said, "请说明原因；确需调整绩效目标的，按程序报批", cell


def _is_open(project: Record) -> bool:
    return bool(project["warnings"]) and project["reason_given"] != "已说明"


def _told(project: Record) -> tuple[str, str, str, str]:
    """Return what to say of a project: the kind of warning, its name, the figures, what to do."""
    rate = f"执行率 {project['execution_rate']:.2%}"
    said = [f"{rate}，低于警戒线 {project['limit']:.2%}"] if project["is_behind"] else []
    if project["apart"]:
        beside = "" if said else f"{rate}，"
        said.append(f"{beside}绩效目标完成进度 {project['goal_progress']:.2%}，{project['apart']}")
    what = "双预警" if project["warnings"] == 2 else "执行滞后" if project["is_behind"] else "进度不一致"
    return what, project["name"], "；".join(said), "请在监控表写明偏差原因和纠偏措施"
