"""对账表: counts and sums reached by two ways, to show that nothing was lost or counted twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from toolkit.checks.figures import derived
from toolkit.checks.heads import Head
from toolkit.checks.model import Standing, StandingRow
from toolkit.form.model import FieldType, GridRow, Ref, Section
from toolkit.summary.entries import Entry, place
from toolkit.summary.flows import Flows
from toolkit.summary.indicators import Indicators
from toolkit.summary.kinds import Kind
from toolkit.summary.model import Table
from toolkit.summary.projects import FROM_PROJECT, SPENT
from toolkit.summary.reconcile_facts import FUNDS, FundSources, Rows, SentUp, money_row
from toolkit.summary.rounding import CENT, WAN, total, wan
from toolkit.summary.rows import Joined, Record, Spools, numbered
from toolkit.summary.sheets import RECONCILIATION
from toolkit.summary.sums import Sums

AGREED, DIFFERENT = "一致", "不一致"


class Reconciliation:
    """Takes files and workbooks one by one, and holds the sheets made of them against what it counted."""

    def __init__(self, spools: Spools, standings: Sequence[StandingRow]) -> None:
        """Begin with none; `standings` say what became of each file."""
        self._files = _Files(standings)
        self._entities: Counter[str] = Counter()
        self._units, self._split = Sums((*FUNDS, "indicators")), Sums(FUNDS)
        self._sources, self._sent = FundSources(), SentUp()
        self._projects = _Projects()
        self._totals = spools.spool()

    def add_file(self, head: Head, *, counted: bool) -> None:
        """Take a file and whether it is in the totals."""
        self._files.add(head, counted=counted)

    def add(self, entry: Entry, unit: Record | None) -> None:
        """Take a workbook, and its row of 单位汇总 if it has one."""
        self._entities[entry.form.entity] += 1
        self._sources.add(entry)
        self._projects.add(entry)
        if unit is None:
            return
        self._units.add(unit)
        if any(True for _ in entry.sections("expenditure")):
            self._split.add(unit)  # other forms ask no expenditure by kind
        self._sent.add(entry)
        for row in _unit_totals(entry):
            self._totals.add(_compared(row))

    def add_project(self, row: Record) -> None:
        """Take a row of 项目汇总."""
        self._projects.add_row(row)

    def table(self, tables: Mapping[str, Table], indicators: Indicators, flows: Flows) -> Table:
        """Build 对账表 from the sheets that are already built."""
        head = [
            self._files.row(),
            self._in_sheets(tables),
            *self._counts(tables, indicators),
            *self._district_money(tables, flows),
            *self._projects.rows(),
            *self._sources.rows(),
            *self._sent.rows(self._units),
            *_printed(tables.values()),
        ]
        return Table.of(
            "reconciliation",
            "对账表",
            RECONCILIATION,
            numbered(Joined(list(map(_compared, head)), self._totals)),
            note="金额单位：万元。甲、乙为同一数据的两种取数途径；差额（甲－乙）和结果为公式。单位合计与分项之差由填报产生，须退回单位核实。"
            "本工作簿和 Word 报告写好后都逐格、逐段读回，与数据有一处不符即不发布。",
            empty="没有可核对的数据。",
            frozen=3,
        )

    def _in_sheets(self, tables: Mapping[str, Table]) -> dict[str, Any]:
        """Return the row that says that every counting workbook is on the sheet of its kind."""
        departments, projects, monitors = (
            self._entities[entity] for entity in ("department", "project", "monitor")
        )
        left, right = (
            f"部门整体自评表 {departments}＋项目自评表 {projects}",
            "“单位汇总”行数＋“项目汇总”中取自项目自评表的行数",
        )
        shown = len(tables["units"].rows) + self._projects.own
        if monitors:
            left, right = f"{left}＋运行监控表 {monitors}", f"{right}＋“逐月进度”本期已报单位数合计"
            shown += sum(row["units"] for row in tables["monitor_months"].rows)
        return _count("计入汇总的工作簿都在表中", (left, departments + projects + monitors), (right, shown))

    def _counts(self, tables: Mapping[str, Table], indicators: Indicators) -> Rows:
        yield self._files.standings_row(len(tables["standings"].rows))
        yield _count(
            "指标逐行计数＝单位汇总的指标总数",
            ("“指标明细”中部门整体指标行数", indicators.of_departments),
            ("“单位汇总”指标总数合计", int(self._units.total("indicators") or 0)),
        )
        yield _count(
            "未完成指标逐条列出",
            ("“未完成指标”行数", len(tables["unfinished"].rows)),
            ("“指标明细”中核定未完成的行数", indicators.unmet),
        )
        yield _count(
            "等级分布的单位数＝单位汇总行数",
            ("“等级分布”部门整体数量合计", sum(row["count"] for row in _departments_by_grade(tables))),
            ("“单位汇总”行数", len(tables["units"].rows)),
        )

    def _district_money(self, tables: Mapping[str, Table], flows: Flows) -> Rows:
        others = self._units.count - self._split.count
        without = f"（没有收支表的 {others} 个单位除外）" if others else ""
        ways: list[tuple[str, Sums, str, Sums]] = [
            (f"“单位汇总”合计{without}", self._split, "“收支明细”支出各行之和", flows.budgets),
            (
                "“单位汇总”合计",
                self._units,
                "“等级分布”部门整体各行之和",
                _added(_departments_by_grade(tables)),
            ),
        ]
        for name, word in (("groups", "分年分区"), ("senders", "报送单位")):
            if name in tables:
                ways.append(("“单位汇总”合计", self._units, f"“{word}”各行之和", _added(tables[name].rows)))
        for name, word in FUNDS.items():
            for left_name, one, right_name, other in ways:
                left, right = one.total(name), other.total(name)
                if left is not None and right is not None:
                    yield money_row("全区金额", f"{word}合计", (left_name, left), (right_name, right))


class _Files:
    """Where every file went."""

    def __init__(self, standings: Sequence[StandingRow]) -> None:
        self._standings = Counter(row.standing for row in standings)
        self._duplicate = {row.file for row in standings if row.standing is Standing.DUPLICATE}
        self._unlisted = {row.file for row in standings if row.standing is Standing.UNLISTED}
        self._parts = dict.fromkeys(("计入汇总", "重复未计", "已排除", "名册外未计", "无法读取"), 0)
        self._seen = 0
        self._lost: list[str] = []

    def add(self, head: Head, *, counted: bool) -> None:
        """Take a file."""
        if head.merged is not None:
            return
        self._seen += 1
        apart = counted or head.is_unreadable
        duplicate = head.file in self._duplicate and not apart
        unlisted = head.file in self._unlisted and not apart and not duplicate
        went = (counted, duplicate, bool(head.excluded), unlisted, head.is_unreadable)
        for part, here in zip(self._parts, went, strict=True):
            self._parts[part] += here
        if not any(went):
            self._lost.append(head.file)

    def row(self) -> dict[str, Any]:
        """Return the line that says that every workbook went somewhere."""
        return _count(
            "收到的工作簿都有去向",
            ("收到的工作簿（报送文件所含的在内）", self._seen),
            (
                "＋".join(f"{word} {number}" for word, number in self._parts.items()),
                sum(self._parts.values()),
            ),
            "未说明去向：" + "；".join(sorted(self._lost)) if self._lost else "",
        )

    def standings_row(self, listed: int) -> dict[str, Any]:
        """Return the line that says that every row of 上报情况 has a standing."""
        words = "＋".join(f"{standing} {self._standings[standing]}" for standing in Standing)
        return _count(
            "上报情况每行都有状态", ("“上报情况”行数", listed), (words, sum(self._standings.values()))
        )


class _Projects:
    """The money of projects: as 项目汇总 has it, and as workbooks and tables of departments state it."""

    def __init__(self) -> None:
        self.own = 0  # rows of 项目汇总 taken from project workbooks
        self._stated = {name: {"listed": Decimal(0), "own": Decimal(0)} for name in SPENT}
        self._rows = Sums((*SPENT, *(f"replaced_{name}" for name in SPENT)))

    def add(self, entry: Entry) -> None:
        """Take a workbook."""
        for name, stated in self._stated.items():
            if entry.form.entity == "project":
                stated["own"] += entry.figure(name) or 0
            elif entry.form.entity == "department":
                for section in entry.sections("projects"):
                    stated["listed"] += total(row[name].number for row in entry.rows(section)) or 0

    def add_row(self, row: Record) -> None:
        """Take a row of 项目汇总."""
        self.own += row["origin"] == FROM_PROJECT
        self._rows.add(row)

    def rows(self) -> Rows:
        """Yield a line for each sum of 项目汇总."""
        for name, stated in self._stated.items() if self._rows.count else ():
            listed, own = stated["listed"], stated["own"]
            twice = self._rows.total(f"replaced_{name}") or Decimal(0)
            yield money_row(
                "全区金额",
                f"项目{FUNDS[name]}合计",
                ("“项目汇总”合计", self._rows.total(name) or Decimal(0)),
                (
                    f"部门表所列 {wan(listed):,.2f}＋项目自评表 {wan(own):,.2f}－两处都有 {wan(twice):,.2f}",
                    listed + own - twice,
                ),
            )


def _departments_by_grade(tables: Mapping[str, Table]) -> list[Record]:
    return [row for row in tables["grades"].rows if row["subject"] == "部门整体" and not row.get("strong")]


def _added(rows: Iterable[Record]) -> Sums:
    sums = Sums(FUNDS)
    for row in rows:
        sums.add(row)
    return sums


def _compared(row: dict[str, Any]) -> dict[str, Any]:
    """Return a line with the gap between its two figures, and whether they agree."""
    money = row["kind"] is Kind.MONEY
    gap = wan(row["left"]) - wan(row["right"]) if money else row["left"] - row["right"]
    allowed = row["allowed"] / WAN if money else row["allowed"]
    agreement = AGREED if abs(gap) <= allowed else DIFFERENT
    return {**row, "agreement": agreement, "gap": gap * WAN if money else gap}


def _count(item: str, left: tuple[str, int], right: tuple[str, int], remark: str = "") -> dict[str, Any]:
    return {
        "topic": "份数、个数",
        "item": item,
        "left_name": left[0],
        "left": left[1],
        "right_name": right[0],
        "right": right[1],
        "allowed": 0,
        "kind": Kind.NUMBER,
        "remark": remark,
    }


def _printed(tables: Iterable[Table]) -> Rows:
    """Yield one row per figure that was moved by 0.01 so that a printed column adds up."""
    for table in tables:
        places = {at for steps in table.moved.values() for at in steps}
        rows = {at: row for at, row in enumerate(table.rows) if at in places} if places else {}
        for column_id, steps in table.moved.items():
            for at in sorted(steps):
                row = rows[at]
                yield money_row(
                    "舍位平衡",
                    f"“{table.name}”{table.column(column_id).heading}",
                    ("四舍五入数", row[column_id]),
                    ("列示数", (table.printed(column_id, at, row[column_id]) or Decimal(0)) * WAN),
                    unit=row.get("unit") or row.get("kind") or row.get("district") or "",
                    allowed=CENT * WAN,
                    remark="换算为万元后调整 0.01，使各行之和等于合计",
                )


def _unit_totals(entry: Entry) -> Rows:
    for section in entry.sections("income", "expenditure"):
        data = entry.submission.sections.get(section.id)
        for row in section.rows if data else ():
            yield from _row_totals(entry, section, row)


def _row_totals(entry: Entry, section: Section, row: GridRow) -> Rows:
    for name, derive in row.derives.items():
        ref = Ref(section.id, row.id, name)
        answer = entry.answer(ref)
        parts = derived(entry.form, entry.submission, ref)
        if section.field(name).type is not FieldType.MONEY or answer.number is None or parts is None:
            continue
        yield money_row(
            "单位合计与分项",
            f"{row.label}·{section.field(name).label}",
            ("单位填报的合计数", answer.number),
            ("各分项之和", parts),
            unit=entry.unit,
            allowed=CENT * WAN * len(derive.of),
            file=entry.file,
            cell=place(answer),
        )
