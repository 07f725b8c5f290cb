"""Units added up by what they have in common: 分年分区, 报送单位, 等级分布, and all of them in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from toolkit.checks.heads import Head
from toolkit.form.model import Form
from toolkit.issues.model import Verdict
from toolkit.summary.entries import Entry
from toolkit.summary.model import Figures, Table
from toolkit.summary.rounding import ratio
from toolkit.summary.rows import Record
from toolkit.summary.sheets import GRADES, GROUPS, SENDERS
from toolkit.summary.sums import Sums
from toolkit.summary.units import FUNDS, UNRATED

DIRECT = "直接报送"
COUNTS = ("indicators", "met", "unmet", "undecided")
BUDGET, OUTTURN, SCORE = "adjusted_budget", "actual_expenditure", "total_score"
_EXECUTION, _ADJUSTMENT = (OUTTURN, BUDGET), (BUDGET, "initial_budget")


def _sums_of_units() -> Sums:
    return Sums([*FUNDS, *COUNTS, SCORE], [_EXECUTION, _ADJUSTMENT, (SCORE, BUDGET)])


class UnitGroups:
    """Sums of units by a name, such as that of their district, rates recomputed from the sums."""

    def __init__(self, *names: str) -> None:
        """Begin with none; `names` say what a group is called after."""
        self._names = names
        self._groups: dict[tuple[Any, ...], Sums] = {}

    def add(self, row: Record, *called: Any) -> None:
        """Take a row of 单位汇总 into the group of that name."""
        self._groups.setdefault(called, _sums_of_units()).add(row)

    def __len__(self) -> int:
        """Return the number of groups."""
        return len(self._groups)

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield a row for each group, in the order they were met."""
        for called, sums in self._groups.items():
            indicators, met = _count(sums, "indicators"), _count(sums, "met")
            yield {
                **dict(zip(self._names, called, strict=True)),
                "units": sums.count,
                **{fund: sums.total(fund) for fund in FUNDS},
                "execution_rate": sums.rate(*_EXECUTION),
                "adjustment_rate": sums.change(*_ADJUSTMENT),
                "mean_score": sums.mean(SCORE),
                "indicators": indicators,
                "met": met,
                "completion_rate": ratio(met, indicators),
            }


def groups_table(groups: UnitGroups) -> Table:
    """Build 分年分区 from groups of (year, district)."""
    return Table.of(
        "groups",
        "分年分区",
        GROUPS,
        sorted(groups.records(), key=lambda row: (row["year"] or 0, row["district"])),
        note="单位：万元。不同年度、不同区分别合计；比率按合计数重新计算（缺其中一个数的单位不计入该比率），平均自评得分为简单平均。",
        total_label="合计",
        frozen=2,
    )


class Senders:
    """Takes every workbook and 报送 file: what each sender brought in, and what came by itself."""

    def __init__(self) -> None:
        """Begin with none."""
        self._units = UnitGroups("sender")
        self._workbooks: Counter[str] = Counter()
        self._missing: Counter[str] = Counter()

    def add_file(self, head: Head) -> None:
        """Take a file: a 报送 file tells whom its sender still waits for."""
        if head.merged is not None:
            self._missing[head.merged.sender] += len(head.merged.missing)

    def add(self, entry: Entry, unit: Record | None) -> None:
        """Take a workbook, and its row of 单位汇总 if it has one."""
        sender = entry.head.sender or DIRECT
        self._workbooks[sender] += 1
        if unit is not None:
            self._units.add(unit, sender)

    def table(self) -> Table | None:
        """Build 报送单位; None when everything came by itself."""
        if not self._workbooks.keys() - {DIRECT}:
            return None
        rows = [
            {
                **row,
                "workbooks": self._workbooks[row["sender"]],
                "missing": self._missing[row["sender"]],
            }
            for row in self._units.records()
        ]
        return Table.of(
            "senders",
            "报送单位",
            SENDERS,
            rows,
            note="单位：万元。各报送单位所报自评表分别合计；“直接报送”为没有经过下级汇总的自评表。比率按合计数重新计算。",
            total_label="合计",
            frozen=1,
        )


class Grades:
    """Takes rows that carry `grade`, `grade_computed` and funds, and counts them by grade."""

    def __init__(self, subject: str) -> None:
        """Begin with none; `subject` says of what."""
        self._subject = subject
        self._names: dict[str, None] = {}
        self._held: dict[str, Sums] = {}
        self._computed: Counter[str] = Counter()
        self._whole = _sums_of_units()

    def add(self, row: Record, form: Form) -> None:
        """Take a row and the form of its workbook, whose grades are listed even if nobody has them."""
        self._names |= dict.fromkeys(grade.name for grade in form.grades)
        self._held.setdefault(row["grade"], _sums_of_units()).add(row)
        self._whole.add(row)
        self._computed[row["grade_computed"]] += 1

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield a row for each grade, 未评 included, and their total; none when there is nothing to grade."""
        if not self._whole.count:
            return
        others = sorted(self._held.keys() - {*self._names, UNRATED})
        for name in [*self._names, *others, UNRATED]:
            yield self._record(name, self._held.get(name, _sums_of_units()), self._computed[name])
        yield {**self._record("合计", self._whole, self._whole.count), "strong": True}

    def _record(self, name: str, sums: Sums, computed: int) -> dict[str, Any]:
        budget = sums.total(BUDGET) or Decimal(0)
        return {
            "subject": self._subject,
            "grade": name,
            "computed": computed,
            "count": sums.count,
            "share": ratio(sums.count, self._whole.count),
            BUDGET: budget,
            "budget_share": ratio(budget, self._whole.total(BUDGET)),
            OUTTURN: sums.total(OUTTURN) or Decimal(0),
            "execution_rate": sums.rate(*_EXECUTION),
        }


def grades_table(*grades: Grades) -> Table:
    """Build 等级分布."""
    return Table.of(
        "grades",
        "等级分布",
        GRADES,
        [row for each in grades for row in each.records()],
        note="单位：万元。“数量”按单位自评等级；“按得分核定数量”按自评总分和分档标准核定。未评为没有填报等级。",
        empty="没有可汇总的等级。",
        totals_among=True,
    )


class District:
    """Takes the rows of 单位汇总 and 项目汇总, and gives the district in figures: all, and the accepted."""

    def __init__(self) -> None:
        """Begin with none."""
        self._units = _sums_of_units(), _sums_of_units()
        self._projects = _sums_of_projects(), _sums_of_projects()

    def add_unit(self, row: Record) -> None:
        """Take a row of 单位汇总."""
        _add(self._units, row)

    def add_project(self, row: Record) -> None:
        """Take a row of 项目汇总."""
        _add(self._projects, row)

    def figures(self) -> tuple[Figures, Figures]:
        """Return the figures of all workbooks, and of those with the verdict 采用."""
        (units, accepted), (projects, of_accepted) = self._units, self._projects
        return _figures(units, projects), _figures(accepted, of_accepted)


def _sums_of_projects() -> Sums:
    return Sums([BUDGET, OUTTURN], [_EXECUTION])


def _add(sums: tuple[Sums, Sums], row: Record) -> None:
    sums[0].add(row)
    if row["verdict"] == Verdict.ACCEPTED:
        sums[1].add(row)


def _figures(units: Sums, projects: Sums) -> Figures:
    counts = {name: _count(units, name) for name in COUNTS}
    return Figures(
        units=units.count,
        initial_budget=units.total("initial_budget"),
        adjusted_budget=units.total(BUDGET),
        actual_expenditure=units.total(OUTTURN),
        prior_expenditure=units.total("prior_expenditure"),
        execution_rate=units.rate(*_EXECUTION),
        rated=units.known_both(*_EXECUTION),
        adjustment_rate=units.change(*_ADJUSTMENT),
        mean_score=units.mean(SCORE),
        weighted_score=units.weighted(SCORE, BUDGET),
        **counts,
        completion_rate=ratio(counts["met"], counts["indicators"]),
        projects=projects.count,
        project_budget=projects.total(BUDGET),
        project_expenditure=projects.total(OUTTURN),
        project_rate=projects.rate(*_EXECUTION),
    )


def _count(sums: Sums, name: str) -> int:
    return int(sums.total(name) or 0)
