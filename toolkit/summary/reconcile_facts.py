"""The lines of 对账表 that go back to what units wrote: by source of funds, and as 报送 sends it up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from toolkit.form.model import FieldType, GridRow, Section
from toolkit.summary.entries import Entry, of_entity
from toolkit.summary.kinds import Kind
from toolkit.summary.model import Table
from toolkit.summary.rounding import CENT, WAN, total, wan

Rows: TypeAlias = Iterator[dict[str, Any]]
FUNDS = {"initial_budget": "年初预算数", "adjusted_budget": "全年预算数", "actual_expenditure": "全年执行数"}
UNDIVIDED = "未分来源"


def money_row(
    topic: str, item: str, left: tuple[str, Decimal], right: tuple[str, Decimal], **more: Any
) -> dict[str, Any]:
    """Return a line on money: what it is about, two ways to it with their names, and what else is known."""
    return {
        "topic": topic,
        "item": item,
        "left_name": left[0],
        "left": left[1],
        "right_name": right[0],
        "right": right[1],
        "allowed": Decimal(0),
        "kind": Kind.MONEY,
        **more,
    }


def fund_sources(entries: Sequence[Entry]) -> Rows:
    """Yield, for every form that asks money by source, the sum of totals beside the sums of the sources."""
    for name in dict.fromkeys(entry.form.name for entry in entries):
        held = [entry for entry in entries if entry.form.name == name]
        for section in held[0].sections("sources"):
            for row in section.rows:
                yield from _by_source(held, section, row)


def _by_source(held: Sequence[Entry], section: Section, row: GridRow) -> Rows:
    """Yield one line per money column of a total row that its parts make up."""
    for column, derive in row.derives.items():
        if section.field(column).type is not FieldType.MONEY or not row.strong:
            continue
        parts = [ref for ref in derive.of if ref.section == section.id and ref.row]
        stated = [
            (entry, number)
            for entry in held
            if (number := entry.submission.answer(section.id, row.id, column).number) is not None
        ]
        sums = {ref.row: Decimal(0) for ref in parts}
        undivided = Decimal(0)
        for entry, number in stated:
            given = {
                ref.row: entry.submission.answer(ref.section, ref.row, ref.field).number for ref in parts
            }
            if all(value is None for value in given.values()):
                undivided += number
            for name, value in given.items():
                sums[name] += value or 0
        if not stated:
            continue
        words = [
            f"{section.row(name).label.removeprefix('其中：')} {wan(value):,.2f}"
            for name, value in sums.items()
        ]
        words += [f"{UNDIVIDED} {wan(undivided):,.2f}"] if undivided else []
        yield money_row(
            "资金来源",
            f"{held[0].form.title}·{section.title}·{section.field(column).label}",
            (f"{len(stated)} 份表的“{row.label}”相加", sum((number for _, number in stated), Decimal(0))),
            ("＋".join(words), sum(sums.values(), undivided)),
            allowed=CENT * WAN * len(parts) * len(stated),
        )


def sent_up(entries: Sequence[Entry], tables: Mapping[str, Table]) -> Rows:
    """Yield, for each sum of 单位汇总, what the facts that 报送.xlsx lists one by one come to."""
    units = tables["units"].records
    departments = of_entity(entries, "department")
    for key, word in FUNDS.items():
        left = total(row[key] for row in units)
        if left is None:
            continue
        listed, derived = Decimal(0), Decimal(0)
        for entry in departments:
            ref, value = next(entry.found(key), (None, None))
            if ref is None or value is None:
                continue
            stated = [
                answer.number
                for section, row, field, answer in entry.submission.facts()
                if (section, row, field) == (ref.section, ref.row, ref.field) and answer.number is not None
            ]
            listed += sum(stated, Decimal(0))
            derived += 0 if stated else value
        beside = f"＋合计未填报、由分项计算的 {wan(derived):,.2f}" if derived else ""
        yield money_row(
            "报送",
            f"{word}合计",
            ("“单位汇总”合计（“报送”封面、汇总报告同此数）", left),
            (f"“报送”逐项数据中各单位{word}相加{beside}", listed + derived),
        )
