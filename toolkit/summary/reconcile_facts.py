"""The lines of 对账表 that go back to what units wrote: by source of funds, and as 报送 sends it up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from toolkit.form.model import FieldType, Form, GridRow, Ref, Section
from toolkit.summary.entries import Entry, sections_of
from toolkit.summary.kinds import Kind
from toolkit.summary.rounding import CENT, WAN, wan
from toolkit.summary.sums import Sums

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


class FundSources:
    """Takes workbooks one by one; for every form that asks money by source, totals beside their sources."""

    def __init__(self) -> None:
        """Begin with none."""
        self._forms: dict[str, list[_BySource]] = {}

    def add(self, entry: Entry) -> None:
        """Take a workbook."""
        if entry.form.name not in self._forms:
            self._forms[entry.form.name] = list(_columns_by_source(entry.form))
        for column in self._forms[entry.form.name]:
            column.add(entry)

    def rows(self) -> Rows:
        """Yield one line per money column of a total row that its parts make up."""
        for columns in self._forms.values():
            for column in columns:
                yield from column.rows()


def _columns_by_source(form: Form) -> Iterator[_BySource]:
    for section in sections_of(form, "sources"):
        for row in section.rows:
            for column, derive in row.derives.items():
                if section.field(column).type is FieldType.MONEY and row.strong:
                    parts = tuple(ref for ref in derive.of if ref.section == section.id and ref.row)
                    yield _BySource(form, section, row, column, parts)


@dataclass(slots=True)
class _BySource:
    """A money column of a total row, and the rows that are its sources."""

    form: Form
    section: Section
    row: GridRow
    column: str
    parts: tuple[Ref, ...]
    stated: int = 0
    whole: Decimal = Decimal(0)
    undivided: Decimal = Decimal(0)
    sums: dict[str, Decimal] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Take a workbook that states the total."""
        number = entry.submission.answer(self.section.id, self.row.id, self.column).number
        if number is None:
            return
        self.stated += 1
        self.whole += number
        given = {ref.row: entry.answer(ref).number for ref in self.parts}
        if all(value is None for value in given.values()):
            self.undivided += number
        for name, value in given.items():
            self.sums[name] = self.sums.get(name, Decimal(0)) + (value or 0)

    def rows(self) -> Rows:
        """Yield the line, if any workbook states the total."""
        if not self.stated:
            return
        words = [
            f"{self.section.row(name).label.removeprefix('其中：')} {wan(value):,.2f}"
            for name, value in self.sums.items()
        ]
        words += [f"{UNDIVIDED} {wan(self.undivided):,.2f}"] if self.undivided else []
        yield money_row(
            "资金来源",
            f"{self.form.title}·{self.section.title}·{self.section.field(self.column).label}",
            (f"{self.stated} 份表的“{self.row.label}”相加", self.whole),
            ("＋".join(words), sum(self.sums.values(), self.undivided)),
            allowed=CENT * WAN * len(self.parts) * self.stated,
        )


class SentUp:
    """Takes the department workbooks: what the facts that 报送.xlsx lists one by one come to."""

    def __init__(self) -> None:
        """Begin with none."""
        self._listed = {key: Decimal(0) for key in FUNDS}
        self._derived = {key: Decimal(0) for key in FUNDS}

    def add(self, entry: Entry) -> None:
        """Take a workbook."""
        found = {key: next(entry.found(key), None) for key in FUNDS}
        stated: dict[tuple[str, str, str], list[Decimal]] = {
            (ref.section, ref.row, ref.field): [] for ref, _ in filter(None, found.values())
        }
        for section, row, name, answer in entry.submission.facts():
            if (section, row, name) in stated and answer.number is not None:
                stated[section, row, name].append(answer.number)
        for key, of in found.items():
            if of is not None:
                ref, value = of
                numbers = stated[ref.section, ref.row, ref.field]
                self._listed[key] += sum(numbers, Decimal(0))
                self._derived[key] += 0 if numbers else value

    def rows(self, units: Sums) -> Rows:
        """Yield a line for each sum of 单位汇总."""
        for key, word in FUNDS.items():
            left, listed, derived = units.total(key), self._listed[key], self._derived[key]
            if left is None:
                continue
            beside = f"＋合计未填报、由分项计算的 {wan(derived):,.2f}" if derived else ""
            yield money_row(
                "报送",
                f"{word}合计",
                ("“单位汇总”合计（“报送”封面、汇总报告同此数）", left),
                (f"“报送”逐项数据中各单位{word}相加{beside}", listed + derived),
            )
