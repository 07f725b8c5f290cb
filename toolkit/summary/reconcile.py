"""对账表: counts and sums reached by two ways, to show that nothing was lost or counted twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from toolkit.checks.figures import derived
from toolkit.checks.model import Collected, Standing
from toolkit.form.model import FieldType, GridRow, Ref, Section
from toolkit.summary.columns import RECONCILIATION
from toolkit.summary.entries import Entry, of_entity, place
from toolkit.summary.kinds import Kind
from toolkit.summary.model import Table
from toolkit.summary.reconcile_facts import Rows, fund_sources, money_row, sent_up
from toolkit.summary.rounding import CENT, WAN, total, wan
from toolkit.summary.rows import Record

FUNDS = {"initial_budget": "年初预算数", "adjusted_budget": "全年预算数", "actual_expenditure": "全年执行数"}
AGREED, DIFFERENT = "一致", "不一致"


def reconciliation_table(
    collected: Collected, entries: Sequence[Entry], tables: Mapping[str, Table]
) -> Table:
    """Build 对账表 from the sheets that are already built."""
    rows = [
        *_workbooks(collected, entries, tables),
        *_counts(tables),
        *_district_money(entries, tables),
        *fund_sources(entries),
        *sent_up(entries, tables),
        *_printed(tables.values()),
        *_unit_totals(of_entity(entries, "department")),
    ]
    for number, row in enumerate(rows, 1):
        gap = (
            wan(row["left"]) - wan(row["right"]) if row["kind"] is Kind.MONEY else row["left"] - row["right"]
        )
        allowed = row["allowed"] / WAN if row["kind"] is Kind.MONEY else row["allowed"]
        row |= {"number": number, "agreement": AGREED if abs(gap) <= allowed else DIFFERENT}
        row["gap"] = gap * WAN if row["kind"] is Kind.MONEY else gap
    return Table.of(
        "reconciliation",
        "对账表",
        RECONCILIATION,
        rows,
        note="金额单位：万元。甲、乙为同一数据的两种取数途径；差额（甲－乙）和结果为公式。单位合计与分项之差由填报产生，须退回单位核实。"
        "本工作簿和 Word 报告写好后都逐格、逐段读回，与数据有一处不符即不发布。",
        empty="没有可核对的数据。",
        frozen=3,
    )


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


def _workbooks(collected: Collected, entries: Sequence[Entry], tables: Mapping[str, Table]) -> Rows:
    counted = {entry.file for entry in entries}
    heads = collected.results.heads
    by_standing: dict[Standing, set[str]] = {}
    for standing in collected.standings:
        by_standing.setdefault(standing.standing, set()).add(standing.file)
    unreadable = {head.file for head in heads if head.is_unreadable}
    duplicate = by_standing.get(Standing.DUPLICATE, set()) - counted - unreadable
    unlisted = by_standing.get(Standing.UNLISTED, set()) - counted - unreadable - duplicate
    merged = {head.file for head in heads if head.merged is not None}
    excluded = {head.file for head in heads if head.excluded}
    placed = counted | unreadable | duplicate | unlisted | merged | excluded
    rest = {head.file for head in heads} - placed
    parts = {
        "计入汇总": len(counted),
        "重复未计": len(duplicate),
        "已排除": len(excluded),
        "名册外未计": len(unlisted),
        "无法读取": len(unreadable),
    }
    yield _count(
        "收到的工作簿都有去向",
        ("收到的工作簿（报送文件所含的在内）", len(heads) - len(merged)),
        ("＋".join(f"{word} {number}" for word, number in parts.items()), sum(parts.values())),
        "未说明去向：" + "；".join(sorted(rest)) if rest else "",
    )
    yield _in_sheets(entries, tables)
    standings = Counter(row.standing for row in collected.standings)
    words = "＋".join(f"{standing} {standings[standing]}" for standing in Standing)
    yield _count(
        "上报情况每行都有状态",
        ("“上报情况”行数", len(tables["standings"].rows)),
        (words, sum(standings.values())),
    )


def _in_sheets(entries: Sequence[Entry], tables: Mapping[str, Table]) -> dict[str, Any]:
    """Return the row that says that every counting workbook is on the sheet of its kind."""
    kinds = ("department", "project", "monitor")
    departments, projects, monitors = (len(of_entity(entries, entity)) for entity in kinds)
    own = sum(row["origin"] == "项目自评表" for row in tables["projects"].records)
    left, right = (
        f"部门整体自评表 {departments}＋项目自评表 {projects}",
        "“单位汇总”行数＋“项目汇总”中取自项目自评表的行数",
    )
    if monitors:
        left, right = f"{left}＋运行监控表 {monitors}", f"{right}＋“逐月进度”本期已报单位数合计"
    shown = len(tables["units"].rows) + own
    shown += sum(row["units"] for row in tables["monitor_months"].records) if monitors else 0
    return _count("计入汇总的工作簿都在表中", (left, departments + projects + monitors), (right, shown))


def _counts(tables: Mapping[str, Table]) -> Rows:
    units, indicators = tables["units"].records, tables["indicators"].records
    whole = {row["file"] for row in units}
    yield _count(
        "指标逐行计数＝单位汇总的指标总数",
        (
            "“指标明细”中部门整体指标行数",
            sum(r["file"] in whole and r["key"] == "indicators" for r in indicators),
        ),
        ("“单位汇总”指标总数合计", sum(row["indicators"] for row in units)),
    )
    yield _count(
        "未完成指标逐条列出",
        ("“未完成指标”行数", len(tables["unfinished"].rows)),
        ("“指标明细”中核定未完成的行数", sum(row["met"] is False for row in indicators)),
    )
    grades = _departments_by_grade(tables)
    yield _count(
        "等级分布的单位数＝单位汇总行数",
        ("“等级分布”部门整体数量合计", sum(row["count"] for row in grades)),
        ("“单位汇总”行数", len(units)),
    )


def _departments_by_grade(tables: Mapping[str, Table]) -> list[dict[str, Any]]:
    return [row for row in tables["grades"].records if row["subject"] == "部门整体" and not row.get("strong")]


def _district_money(entries: Sequence[Entry], tables: Mapping[str, Table]) -> Rows:
    units = tables["units"].records
    flowing = {entry.file for entry in entries if any(True for _ in entry.sections("expenditure"))}
    split = [row for row in units if row["file"] in flowing]  # other forms ask no expenditure by kind
    without = f"（没有收支表的 {len(units) - len(split)} 个单位除外）" if len(split) < len(units) else ""
    flows = [row for row in tables["flow_rows"].records if row["side"] == "支出"]
    ways: list[tuple[str, Sequence[Record], str, Sequence[Record]]] = [
        (f"“单位汇总”合计{without}", split, "“收支明细”支出各行之和", flows),
        ("“单位汇总”合计", units, "“等级分布”部门整体各行之和", _departments_by_grade(tables)),
    ]
    for name, word in (("groups", "分年分区"), ("senders", "报送单位")):
        if name in tables:
            ways.append(("“单位汇总”合计", units, f"“{word}”各行之和", tables[name].records))
    for name, word in FUNDS.items():
        for left_name, of_units, right_name, rows in ways:
            left, right = total(row[name] for row in of_units), total(row.get(name) for row in rows)
            if left is not None and right is not None:
                yield money_row("全区金额", f"{word}合计", (left_name, left), (right_name, right))
    yield from _project_money(entries, tables["projects"].records)


def _project_money(entries: Sequence[Entry], projects: Sequence[Record]) -> Rows:
    for at, name in enumerate(("adjusted_budget", "actual_expenditure")):
        listed = total(
            row[name].number
            for entry in of_entity(entries, "department")
            for section in entry.sections("projects")
            for row in entry.rows(section)
        ) or Decimal(0)
        own = total(entry.figure(name) for entry in of_entity(entries, "project")) or Decimal(0)
        twice = total(row["replaced"][at] for row in projects if row.get("replaced")) or Decimal(0)
        if projects:
            yield money_row(
                "全区金额",
                f"项目{FUNDS[name]}合计",
                ("“项目汇总”合计", total(row[name] for row in projects) or Decimal(0)),
                (
                    f"部门表所列 {wan(listed):,.2f}＋项目自评表 {wan(own):,.2f}－两处都有 {wan(twice):,.2f}",
                    listed + own - twice,
                ),
            )


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


def _unit_totals(entries: Iterable[Entry]) -> Rows:
    for entry in entries:
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
