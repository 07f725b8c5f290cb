"""What 看板 shows of a collection: of departments, of projects only, or of a year that is not over.

Every key figure is one formula over a sheet; the tiles above show some of them large.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from toolkit.summary.kinds import Kind
from toolkit.summary.model import Figures, Summary
from toolkit.summary.rounding import WAN
from toolkit.writers.summary_totals import Placed, TotalCell, overall

DASH = "—"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the key figures: one formula over all workbooks, and over the accepted ones."""

    label: str
    kind: Kind
    table: str
    how: str
    of: tuple[str, ...]

    def cell(self, placed: Mapping[str, Placed], *, accepted: bool = False) -> TotalCell:
        """Return the formula and what it gives."""
        return overall(placed[self.table], self.how, self.of, accepted=accepted)


@dataclass(frozen=True, slots=True)
class Tile:
    """A large figure with its name above and what it is made of below."""

    label: str
    value: Decimal | int | str | None
    kind: Kind
    note: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What the board shows: key figures, tiles beside the first, and where charts stand.

    `charts` is chart id -> first column, columns, whether it stands in the upper row.
    """

    lines: tuple[Line, ...]
    tiles: Callable[[Summary, Mapping[str, Placed]], list[Tile]]
    charts: Mapping[str, tuple[int, int, bool]]


def profile_of(placed: Mapping[str, Placed]) -> Profile:
    """Return the profile that fits what the collection holds; departments when it holds nothing."""
    if not placed["units"].count:
        if placed["projects"].count:
            return PROJECTS
        if "monitor" in placed:
            return MONITOR
    return DEPARTMENTS


def reported_tile(summary: Summary) -> Tile:
    """Return how many workbooks came in, of those that have to."""
    told = summary.reporting
    arrived = told.reported + told.late + told.returned
    standing = f"已报 {told.reported}　迟报 {told.late}　退回 {told.returned}　漏报 {told.missing}"
    if not told.due:
        return Tile("收到工作簿（份）", told.workbooks, Kind.INTEGER, "没有名册")
    return Tile("收到／应报（份）", f"{arrived}／{told.due}", Kind.TEXT, standing)


def _of_departments(summary: Summary, placed: Mapping[str, Placed]) -> list[Tile]:
    figures = summary.everything
    return [
        Tile("全年预算数（万元）", figures.adjusted_budget, Kind.MONEY, f"{figures.units} 个单位"),
        Tile("全年执行数（万元）", figures.actual_expenditure, Kind.MONEY, "部门整体支出"),
        Tile("预算执行率", figures.execution_rate, Kind.PERCENT, _rated(figures)),
        Tile("平均自评得分", figures.mean_score, Kind.SCORE, _weighted(figures.weighted_score)),
        Tile(
            "指标完成率", figures.completion_rate, Kind.PERCENT, f"{figures.met}／{figures.indicators} 个指标"
        ),
    ]


def _of_projects(summary: Summary, placed: Mapping[str, Placed]) -> list[Tile]:
    figures, value = summary.everything, {line.label: line.cell(placed).value for line in _SCORED_PROJECTS}
    met, indicators = value[_MET], value[_INDICATORS]
    return [
        Tile("全年预算数（万元）", figures.project_budget, Kind.MONEY, f"{figures.projects} 个项目"),
        Tile("全年执行数（万元）", figures.project_expenditure, Kind.MONEY, "项目支出"),
        Tile("预算执行率", figures.project_rate, Kind.PERCENT, "两数齐全的项目，执行合计÷预算合计"),
        Tile("平均自评得分", value[_MEAN], Kind.SCORE, _weighted(value[_WEIGHTED])),
        Tile("指标完成率", value[_COMPLETION], Kind.PERCENT, f"{met or 0}／{indicators or 0} 个指标"),
    ]


def _of_monitor(summary: Summary, placed: Mapping[str, Placed]) -> list[Tile]:
    value = {line.label: line.cell(placed).value for line in MONITORED}
    units, projects, apart = (value[label] or 0 for label in (_UNITS, _PROJECTS, _APART))
    yuan = {label: wan * WAN if (wan := value[label]) else wan for label in (_BUDGET, _SPENT)}
    return [
        Tile(_BUDGET, yuan[_BUDGET], Kind.MONEY, f"{units} 个单位 {projects} 个项目"),
        Tile(_SPENT, yuan[_SPENT], Kind.MONEY, "各单位最近一期"),
        Tile(_RATE, value[_RATE], Kind.PERCENT, "支出合计÷预算合计"),
        Tile(_BEHIND, value[_BEHIND], Kind.INTEGER, "执行率低于警戒线"),
        Tile(_BOTH, value[_BOTH], Kind.INTEGER, f"资金与目标进度不一致的 {apart} 个"),
    ]


def _rated(figures: Figures) -> str:
    """Return what the execution rate is over: units without a budget or an outturn are left out of it."""
    if figures.rated == figures.units:
        return "执行合计÷预算合计"
    return f"只计两数齐全的 {figures.rated} 个单位"


def _weighted(score: Decimal | None) -> str:
    return f"简单平均；按预算加权 {DASH if score is None else f'{score:.2f}'}"


_MEAN, _WEIGHTED = "自评得分（简单平均）", "自评得分（按预算加权）"
_INDICATORS, _MET, _COMPLETION = "绩效指标（个）", "其中：已完成（个）", "指标完成率"
_UNITS, _PROJECTS, _APART = "单位数（个）", "监控项目（个）", "资金与目标进度不一致（个）"
_BUDGET, _SPENT, _RATE = "全年预算数（万元）", "截至本期支出数（万元）", "执行率"
_BEHIND, _BOTH = "进度滞后项目（个）", "双预警项目（个）"


def _scored(table: str) -> tuple[Line, ...]:
    """Return the lines on scores and indicators, over units or projects."""
    return (
        Line(_MEAN, Kind.SCORE, table, "mean", ("total_score",)),
        Line(_WEIGHTED, Kind.SCORE, table, "weighted", ("total_score", "adjusted_budget")),
        Line(_INDICATORS, Kind.INTEGER, table, "sum", ("indicators",)),
        Line(_MET, Kind.INTEGER, table, "sum", ("met",)),
        Line(_COMPLETION, Kind.PERCENT, table, "rate", ("met", "indicators")),
    )


def _spent(table: str, budget: str, spent: str, rate: str) -> tuple[Line, ...]:
    return (
        Line(budget, Kind.MONEY, table, "sum", ("adjusted_budget",)),
        Line(spent, Kind.MONEY, table, "sum", ("actual_expenditure",)),
        Line(rate, Kind.PERCENT, table, "rate", ("actual_expenditure", "adjusted_budget")),
    )


_SCORED_PROJECTS = _scored("projects")
MONITORED = (
    Line(_UNITS, Kind.INTEGER, "monitor", "count", ("verdict",)),
    Line(_PROJECTS, Kind.INTEGER, "monitor", "sum", ("projects",)),
    *_spent("monitor", _BUDGET, _SPENT, _RATE),
    Line(_BEHIND, Kind.INTEGER, "monitor", "sum", ("behind",)),
    Line(_APART, Kind.INTEGER, "monitor", "sum", ("apart",)),
    Line(_BOTH, Kind.INTEGER, "monitor", "sum", ("both",)),
)
_UPPER = {"money": (8, 8, True), "execution": (16, 8, True)}
_LOWER = {
    "score": (0, 6, False),
    "grade": (6, 4, False),
    "indicators": (10, 6, False),
    "issues": (16, 8, False),
}
DEPARTMENTS = Profile(
    (
        Line("单位数（个）", Kind.INTEGER, "units", "count", ("verdict",)),
        Line("年初预算数（万元）", Kind.MONEY, "units", "sum", ("initial_budget",)),
        *_spent("units", "全年预算数（万元）", "全年执行数（万元）", "预算执行率"),
        Line("预算调整率", Kind.PERCENT, "units", "change", ("adjusted_budget", "initial_budget")),
        *_scored("units"),
        Line("项目（个）", Kind.INTEGER, "projects", "count", ("verdict",)),
        *_spent("projects", "项目全年预算数（万元）", "项目全年执行数（万元）", "项目预算执行率"),
    ),
    _of_departments,
    _UPPER | _LOWER,
)
PROJECTS = Profile(
    (
        Line("项目（个）", Kind.INTEGER, "projects", "count", ("verdict",)),
        Line("年初预算数（万元）", Kind.MONEY, "projects", "sum", ("initial_budget",)),
        *_spent("projects", "全年预算数（万元）", "全年执行数（万元）", "预算执行率"),
        *_SCORED_PROJECTS,
    ),
    _of_projects,
    _UPPER | _LOWER,
)
MONITOR = Profile(MONITORED, _of_monitor, _UPPER | {"progress": (0, 12, False), "issues": (12, 12, False)})
PROFILES: Sequence[Profile] = (DEPARTMENTS, PROJECTS, MONITOR)
MOST_LINES = max(len(profile.lines) for profile in PROFILES)
