"""运行监控: the year while it runs, by unit and department, month by month; projects behind, reminders.

Every period a unit reports is kept; its latest one of a year is what the sheets but 逐月进度 show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from toolkit.checks.context import is_real_reason
from toolkit.checks.identity import summary_answer
from toolkit.checks.model import Collected, StandingRow
from toolkit.checks.progress import MONTHS, due_share, month_of
from toolkit.form.model import Section
from toolkit.submission.model import Row
from toolkit.summary.columns import BEHIND, MONITOR, MONITOR_DEPARTMENTS, MONITOR_MONTHS, REMINDERS
from toolkit.summary.entries import Entry, of_entity, place
from toolkit.summary.model import Table
from toolkit.summary.rounding import difference, paired, ratio, total
from toolkit.summary.rows import Record
from toolkit.summary.units import judged

BEHIND_CHECK, APART_CHECK = "behind_calendar", "money_and_goals_apart"
MONEY_AHEAD, GOALS_AHEAD = "资金快于目标", "目标快于资金"
HOPELESS = "完全不可能"
UNNAMED = "（未填主管部门）"


def monitoring_tables(entries: Iterable[Entry], collected: Collected) -> list[Table]:
    """Build the sheets of the running year; none when no workbook is about it."""
    rows = sorted(
        (_period(entry) for entry in of_entity(entries, "monitor")),
        key=lambda row: (row["unit"], row["year"] or 0, row["month"] or 0),
    )
    if not rows:
        return []
    latest = list({(row["unit"], row["district"], row["year"]): row for row in rows}.values())
    for number, row in enumerate(latest, 1):
        row["number"] = number
    projects = [project for row in latest for project in row["listed"]]
    behind = sorted(
        (row for row in projects if row["warnings"]), key=lambda row: (-row["warnings"], -row["lag"])
    )
    departments = [_sums(held, {"department": name}) for name, held in _by(latest, "department").items()]
    months = [_month(held, rows) for held in _by(rows, "year", "month").values()]
    return [
        _table("monitor", "运行监控", MONITOR, latest, "合计", "其中：采用", 3),
        _table("monitor_departments", "分部门监控", MONITOR_DEPARTMENTS, departments, "合计", frozen=1),
        _table("monitor_months", "逐月进度", MONITOR_MONTHS, months, frozen=2),
        _table("behind", "进度滞后", BEHIND, behind, frozen=3),
        _table("reminders", "提醒清单", REMINDERS, list(_reminders(latest, collected.standings)), frozen=2),
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
    rows: Sequence[Record],
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
        {**named, **_project(entry, section, row, limit)}
        for section in entry.sections("monitored")
        for row in entry.rows(section)
    ]
    rate = ratio(spent, budget)
    return {
        **named,
        "projects": len(listed),
        "adjusted_budget": budget,
        "actual_expenditure": spent,
        "execution_rate": rate,
        "calendar": Decimal(month) / MONTHS if month else None,
        "limit": limit,
        "goal_progress": _weighed(listed),
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


def _project(entry: Entry, section: Section, row: Row, limit: Decimal | None) -> dict[str, Any]:
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
        "verdict": entry.result.verdict.value,
        "file": entry.file,
        "cell": place(row["execution_rate"]) or place(row["project_name"]),
    }


def _hopeless(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield (indicator, cell) of those that the unit says it cannot reach."""
    for section in entry.sections("foreseen"):
        for row in entry.rows(section):
            if row["chance"].text == HOPELESS:
                yield row["name"].text.strip(), place(row["chance"])


def _weighed(listed: Sequence[Record]) -> Decimal | None:
    """Return the progress of goals, each project weighing as much as its budget."""
    known = [row for row in listed if None not in (row["goal_progress"], row["adjusted_budget"])]
    return ratio(
        total(row["goal_progress"] * row["adjusted_budget"] for row in known),
        total(row["adjusted_budget"] for row in known),
    )


# --- many workbooks -------------------------------------------------------------------------------------


def _by(rows: Iterable[Record], *keys: str) -> dict[Any, list[Record]]:
    """Return the rows by the value of a column, or the values of several, in order."""
    held: dict[Any, list[Record]] = {}
    for row in rows:
        held.setdefault(row[keys[0]] if len(keys) == 1 else tuple(row[key] for key in keys), []).append(row)
    return dict(sorted(held.items(), key=lambda item: str(item[0]) if len(keys) == 1 else _order(item[0])))


def _order(values: tuple[int | None, ...]) -> tuple[int, ...]:
    return tuple(value or 0 for value in values)


def _sums(held: Sequence[Record], named: Mapping[str, Any]) -> dict[str, Any]:
    """Return sums over unit rows, and the rates that follow from them."""
    listed = [project for row in held for project in row["listed"]]
    return {
        **named,
        "units": len(held),
        "projects": len(listed),
        "adjusted_budget": total(row["adjusted_budget"] for row in held),
        "actual_expenditure": total(row["actual_expenditure"] for row in held),
        "execution_rate": ratio(*paired(held, "actual_expenditure", "adjusted_budget")),
        "goal_progress": _weighed(listed),
        "behind": sum(row["behind"] for row in held),
        "apart": sum(row["apart"] for row in held),
        "both": sum(row["both"] for row in held),
    }


def _month(held: Sequence[Record], rows: Sequence[Record]) -> dict[str, Any]:
    """Return one month over the units that reported it, beside all units that reported any."""
    year, month = held[0]["year"], held[0]["month"]
    units = {(row["unit"], row["district"]) for row in rows if row["year"] == year}
    limits = {row["limit"] for row in held}
    return {
        **_sums(held, {"year": year, "month": month}),
        "of_units": len(units),
        "calendar": Decimal(month) / MONTHS if month else None,
        "limit": limits.pop() if len(limits) == 1 else None,
    }


def _reminders(latest: Sequence[Record], standings: Sequence[StandingRow]) -> Iterator[dict[str, Any]]:
    """Yield what units must be told: a period not reported, projects without a word, goals out of reach."""
    newest = {year: max(row["month"] or 0 for row in held) for year, held in _by(latest, "year").items()}
    contacts = {row.unit: row for row in standings if row.contact or row.phone}
    found = []
    for row in latest:
        if (row["month"] or 0) < newest[row["year"]]:
            last = f"最近一期截至 {row['month']}月" if row["month"] else "没有填截止月份"
            asked = f"请报送截至 {newest[row['year']]}月的绩效运行监控表"
            found.append((row, "本期未报", "", f"{last}，其他单位已报到 {newest[row['year']]}月", asked, ""))
        found += [(row, *_told(project), project["cell"]) for project in row["listed"] if _is_open(project)]
        for name, cell in row["hopeless"]:
            said = f"单位填报“{HOPELESS}”"
            asked = "请说明原因；确需调整绩效目标的，按程序报批"
            found.append((row, "目标无法完成", name, said, asked, cell))
    for number, (row, what, name, said, asked, cell) in enumerate(found, 1):
        contact = contacts.get(row["unit"])
        yield {
            "number": number,
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
