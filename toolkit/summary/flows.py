"""收支汇总 and 收支明细: where the money came from and where it went, by unit and for the district."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from toolkit.checks.figures import figure
from toolkit.form.labels import unnumbered
from toolkit.form.model import GridRow, Ref, Section
from toolkit.issues.model import Verdict
from toolkit.summary.entries import Entry, place
from toolkit.summary.model import Table
from toolkit.summary.rounding import change, difference, ratio, total
from toolkit.summary.rows import Record, Spools
from toolkit.summary.sheets import FLOW_ROWS, FLOWS
from toolkit.summary.sums import Sums

MONEY = ("initial_budget", "adjusted_budget", "actual_expenditure", "prior_expenditure")
SIDES = {"income": "收入", "expenditure": "支出"}
UNDIVIDED = "（未分项）"


class Flows:
    """Takes the department workbooks one by one: a row per kind of money, and the district by kind."""

    def __init__(self, spools: Spools) -> None:
        """Begin with none."""
        self._rows = spools.spool()
        self._sides = {side: _Side(side) for side in SIDES.values()}
        self.budgets = Sums(MONEY)  # over all rows of expenditure

    def add(self, entry: Entry) -> None:
        """Take a workbook: its rows add up to the totals it states.

        Totals and subtotals are no rows, so nothing is counted twice; what a stated total has beyond its
        parts becomes a row of its own, so nothing is lost.
        """
        held: dict[str, list[Record]] = {}
        for key, side in SIDES.items():
            for section in entry.sections(key):
                held.setdefault(side, []).extend(_section_records(entry, section, side))
        for side, rows in held.items():
            self._sides[side].add(rows)
            for row in rows:
                self._rows.add(row)
                if side == SIDES["expenditure"]:
                    self.budgets.add(row)

    def tables(self) -> tuple[Table, Table]:
        """Return 收支汇总 and 收支明细."""
        return (
            Table.of(
                "flows",
                "收支汇总",
                FLOWS,
                [row for side in self._sides.values() for row in side.records()],
                note="单位：万元。执行率、占比、增减率均按合计数重新计算，不取各单位比率的平均；右侧为结论“采用”的单位。",
                empty="没有可汇总的收支数。",
                totals_among=True,
            ),
            Table.of(
                "flow_rows",
                "收支明细",
                FLOW_ROWS,
                self._rows,
                note="单位：万元。一行一个单位的一个收支项目，不含小计、合计行；“（未分项）”为合计数中没有列入各分项的部分。占比为占本单位收入（支出）合计的比重。",
                empty="没有可汇总的收支数。",
                frozen=5,
            ),
        )


class _Kind:
    """One kind of money, or all of a side: sums over its rows, rates recomputed from them."""

    def __init__(self) -> None:
        self._sums, self._accepted = _sums(), _sums()
        self._workbooks = 0
        self._file: str | None = None

    def add(self, row: Record) -> None:
        """Take a row; those of one workbook come one after another."""
        self._sums.add(row)
        if row["verdict"] == Verdict.ACCEPTED:
            self._accepted.add(row)
        self._workbooks += row["file"] != self._file
        self._file = row["file"]

    @property
    def spent(self) -> Decimal | None:
        """Return the outturn."""
        return self._sums.total("actual_expenditure")

    def record(self, side: str, kind: str, whole: Decimal | None) -> dict[str, Any]:
        """Return its row of 收支汇总."""
        current, prior = self._sums.both("actual_expenditure", "prior_expenditure")
        return {
            "side": side,
            "kind": kind,
            **{name: self._sums.total(name) for name in MONEY},
            "execution_rate": self._sums.rate("actual_expenditure", "adjusted_budget"),
            "share": ratio(self.spent, whole),
            "change_amount": difference(current, prior),
            "change_rate": change(current, prior),
            "units": self._workbooks,
            "accepted_budget": self._accepted.total("adjusted_budget"),
            "accepted_actual": self._accepted.total("actual_expenditure"),
            "accepted_rate": self._accepted.rate("actual_expenditure", "adjusted_budget"),
        }


class _Side:
    """Income or expenditure: its kinds in the order of the forms, and their total."""

    def __init__(self, side: str) -> None:
        self._side = side
        self._kinds: dict[str, _Kind] = {}
        self._order: dict[str, tuple[int, int]] = {}
        self._whole = _Kind()
        self._rows = 0

    def add(self, rows: Sequence[Record]) -> None:
        """Take the rows of one workbook."""
        for row in rows:
            self._rows += 1
            kind, order = row["kind"], (row["order"], self._rows)
            self._kinds.setdefault(kind, _Kind()).add(row)
            self._order[kind] = min(self._order.get(kind, order), order)
        if rows:  # added up first, so that the district's rate is that of 单位汇总
            sums = {name: total(row[name] for row in rows) for name in MONEY}
            self._whole.add({"file": rows[0]["file"], "verdict": rows[0]["verdict"], **sums})

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield a row for each kind, then their total."""
        for kind in sorted(self._kinds, key=self._order.__getitem__):
            yield self._kinds[kind].record(self._side, kind, self._whole.spent)
        if self._kinds:
            yield {**self._whole.record(self._side, f"{self._side}合计", self._whole.spent), "strong": True}


def _sums() -> Sums:
    return Sums(
        MONEY, [("actual_expenditure", "adjusted_budget"), ("actual_expenditure", "prior_expenditure")]
    )


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
    label = unnumbered(row.label)
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
        "verdict": entry.head.verdict.value,
        "file": entry.file,
        "cell": cell,
    }
