"""收支汇总 and 收支明细: where the money came from and where it went, by unit and for the district."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from toolkit.checks.figures import figure
from toolkit.form.model import GridRow, Ref, Section
from toolkit.issues.model import Verdict
from toolkit.summary.columns import FLOW_ROWS, FLOWS
from toolkit.summary.entries import Entry, place
from toolkit.summary.model import Table
from toolkit.summary.rounding import change, difference, paired, ratio, total
from toolkit.summary.rows import Record

MONEY = ("initial_budget", "adjusted_budget", "actual_expenditure", "prior_expenditure")
SIDES = {"income": "收入", "expenditure": "支出"}
UNDIVIDED = "（未分项）"
_ORDINAL = re.compile(r"^[一二三四五六七八九十]+、\s*")


def flow_records(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return one record per unit and kind of income or expenditure, adding up to the unit's stated totals.

    Totals and subtotals are no rows, so nothing is counted twice; what a stated total has beyond its parts
    becomes a row of its own, so nothing is lost.
    """
    return [
        record
        for entry in entries
        for key, side in SIDES.items()
        for section in entry.sections(key)
        for record in _section_records(entry, section, side)
    ]


def flow_rows_table(records: Sequence[Record]) -> Table:
    """Build 收支明细."""
    return Table.of(
        "flow_rows",
        "收支明细",
        FLOW_ROWS,
        records,
        note="单位：万元。一行一个单位的一个收支项目，不含小计、合计行；“（未分项）”为合计数中没有列入各分项的部分。占比为占本单位收入（支出）合计的比重。",
        empty="没有可汇总的收支数。",
        frozen=5,
    )


def flows_table(records: Sequence[Record]) -> Table:
    """Build 收支汇总: the district by kind, rates and shares recomputed from the sums, 采用 beside."""
    rows: list[dict[str, Any]] = []
    for side in SIDES.values():
        of_side = [row for row in records if row["side"] == side]
        whole = total(row["actual_expenditure"] for row in of_side)
        kinds = dict.fromkeys(row["kind"] for row in sorted(of_side, key=lambda row: row["order"]))
        rows += [
            _sum_row(side, kind, [row for row in of_side if row["kind"] == kind], whole) for kind in kinds
        ]
        if of_side:
            summed = _sum_row(side, f"{side}合计", _by_workbook(of_side), whole)
            rows.append({**summed, "strong": True})
    return Table.of(
        "flows",
        "收支汇总",
        FLOWS,
        rows,
        note="单位：万元。执行率、占比、增减率均按合计数重新计算，不取各单位比率的平均；右侧为结论“采用”的单位。",
        empty="没有可汇总的收支数。",
        totals_among=True,
    )


def _by_workbook(rows: Sequence[Record]) -> list[dict[str, Any]]:
    """Return each workbook's totals as one row, so that the district's rate is that of 单位汇总."""
    held: dict[str, list[Record]] = {}
    for row in rows:
        held.setdefault(row["file"], []).append(row)
    return [
        {"file": file, "verdict": of_file[0]["verdict"]}
        | {name: total(row[name] for row in of_file) for name in MONEY}
        for file, of_file in held.items()
    ]


def _sum_row(side: str, kind: str, rows: Sequence[Record], whole: Decimal | None) -> dict[str, Any]:
    sums = {name: total(row[name] for row in rows) for name in MONEY}
    kept = [row for row in rows if row["verdict"] == Verdict.ACCEPTED]
    adjusted, actual = (
        total(row[name] for row in kept) for name in ("adjusted_budget", "actual_expenditure")
    )
    current, prior = paired(rows, "actual_expenditure", "prior_expenditure")
    return {
        "side": side,
        "kind": kind,
        **sums,
        "execution_rate": ratio(*paired(rows, "actual_expenditure", "adjusted_budget")),
        "share": ratio(sums["actual_expenditure"], whole),
        "change_amount": difference(current, prior),
        "change_rate": change(current, prior),
        "units": len({row["file"] for row in rows}),
        "accepted_budget": adjusted,
        "accepted_actual": actual,
        "accepted_rate": ratio(*paired(kept, "actual_expenditure", "adjusted_budget")),
    }


def _section_records(entry: Entry, section: Section, side: str) -> Iterator[dict[str, Any]]:
    top = next((row.id for row in section.rows if row.strong), "")
    whole = _funds(entry, section, top) if top else {}
    order = [row.id for row in section.rows]
    listed = []
    for row_id in _leaves(entry, section, top) if top else order:
        funds = _funds(entry, section, row_id)
        if row_id != top and any(value is not None for value in funds.values()):
            listed.append(funds)
            kind, cell = _kind(section.row(row_id)), _cell(entry, section, row_id)
            yield _row(entry, (side, kind, order.index(row_id)), funds, whole, cell)
    rest = {name: _rest(whole.get(name), [funds[name] for funds in listed]) for name in MONEY}
    if any(rest.values()):
        yield _row(entry, (side, UNDIVIDED, len(order)), rest, whole, _cell(entry, section, top))


def _kind(row: GridRow) -> str:
    """Return the label without its ordinal; a subtotal that stands for its parts says so."""
    label = _ORDINAL.sub("", row.label)
    return f"{label.removesuffix('小计')}{UNDIVIDED}" if row.derives else label


def _cell(entry: Entry, section: Section, row_id: str) -> str:
    cells = (entry.answer(Ref(section.id, row_id, name)) for name in ("actual_expenditure", *MONEY))
    return next((cell for cell in map(place, cells) if cell), "")


def _leaves(entry: Entry, section: Section, row_id: str) -> Iterator[str]:
    """Yield the finest rows below a total that have figures; a subtotal without parts stands for itself."""
    parts = {ref.row: None for derive in section.row(row_id).derives.values() for ref in derive.of}
    filled = [part for part in parts if any(v is not None for v in _funds(entry, section, part).values())]
    if not filled:
        yield row_id
        return
    for part in filled:
        yield from _leaves(entry, section, part)


def _funds(entry: Entry, section: Section, row_id: str) -> dict[str, Decimal | None]:
    return {
        name: figure(entry.form, entry.submission, Ref(section.id, row_id, name))
        if section.has(name)
        else None
        for name in MONEY
    }


def _rest(whole: Decimal | None, parts: Sequence[Decimal | None]) -> Decimal | None:
    """Return what a total has beyond its parts; None when there is no such thing to say."""
    return difference(whole, total(parts) or Decimal(0)) or None


def _row(
    entry: Entry,
    named: tuple[str, str, int],
    funds: dict[str, Decimal | None],
    whole: dict[str, Decimal | None],
    cell: str,
) -> dict[str, Any]:
    side, kind, order = named
    current, prior = funds["actual_expenditure"], funds["prior_expenditure"]
    return {
        "unit": entry.unit,
        "district": entry.district,
        "year": entry.year,
        "side": side,
        "kind": kind,
        "order": order,
        **funds,
        "execution_rate": ratio(current, funds["adjusted_budget"]),
        "share": ratio(current, whole.get("actual_expenditure")),
        "change_amount": difference(current, prior),
        "change_rate": change(current, prior),
        "verdict": entry.result.verdict.value,
        "file": entry.file,
        "cell": cell,
    }
