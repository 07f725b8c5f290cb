"""溯源: every figure of 汇总表 and of the reports back to its cells, or to the sheet it was made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from toolkit.checks.figures import derive_of, parts_of
from toolkit.form.model import Form, Ref
from toolkit.submission.model import Answer
from toolkit.summary.derivations import DERIVATIONS, ELSEWHERE
from toolkit.summary.entries import Entry
from toolkit.summary.kinds import Kind
from toolkit.summary.model import Table
from toolkit.summary.rounding import change, ratio
from toolkit.summary.rows import Spools
from toolkit.summary.sheets import TRACE, UNITS, scores_column
from toolkit.summary.trace_reports import STATED as DIRECT
from toolkit.summary.trace_reports import report_rows
from toolkit.summary.units import scored_aspects

READ = (
    "initial_budget",
    "adjusted_budget",
    "actual_expenditure",
    "duty_score",
    "management_score",
    "total_score",
)
RATES = {
    "execution_rate": ("全年执行数÷全年预算数", ratio, "actual_expenditure", "adjusted_budget"),
    "adjustment_rate": ("（全年预算数－年初预算数）÷年初预算数", change, "adjusted_budget", "initial_budget"),
}
PLACES = {"department": "单位汇总", "project": "项目汇总", "monitor": "运行监控"}
HEADINGS = {column.id: column for column in UNITS}


class Trace:
    """Takes workbooks one by one, a row per figure and cell, then the columns made of other figures."""

    def __init__(self, spools: Spools) -> None:
        """Begin with none."""
        self._rows = spools.spool()

    def add(self, entry: Entry) -> None:
        """Take a workbook."""
        for row in _entry(entry):
            self._rows.add(row)

    def table(self, tables: Iterable[Table]) -> Table:
        """Return 溯源, when every workbook has come; `tables` are the other sheets."""
        if len(self._rows):
            for table in tables:
                for row in _made(table):
                    self._rows.add(row)
            for words in ELSEWHERE:
                self._rows.add(_words(*words))
        return Table.of(
            "trace",
            "溯源",
            TRACE,
            self._rows,
            note="金额单位：万元（“填报内容”为单位填写的原样）。一个汇总数由几个单元格相加的，每个单元格一行；"
            "末尾各行说明由其他表算出的栏目。",
            empty="没有可溯源的数据。",
            frozen=4,
        )


def _made(table: Table) -> Iterator[dict[str, Any]]:
    """Yield how the columns of a table are made that are not read from one cell."""
    told = DERIVATIONS.get(table.id, {})
    for column in table.columns:
        if column.id in told and len(table.rows):
            yield _words(table.name, column.heading, told[column.id])


def _words(place: str, figure: str, words: str) -> dict[str, Any]:
    return {"place": place, "figure": figure, "formula": words, "kind": Kind.NUMBER}


def _entry(entry: Entry) -> Iterator[dict[str, Any]]:
    place = PLACES[entry.form.entity]
    for key in READ:
        yield from _figure(entry, place, key)
    for key, (formula, compute, first, second) in RATES.items():
        if entry.form.entity == "monitor" and second not in entry.form.summary:
            continue
        value = compute(entry.figure(first), entry.figure(second))
        label = "由上列两个数计算" if value is not None else "缺少计算所需的数"
        yield _row(entry, (place, key), value, formula, label=label)
    if entry.form.entity == "department":
        for label, ref in scored_aspects(entry):
            answer = entry.answer(ref)
            if answer.number is not None:
                named = ("得分汇总", scores_column(label).heading)
                yield _row(entry, named, answer.number, DIRECT, answer, _label(entry.form, ref))
    if entry.form.entity != "monitor":  # no report is written of a running year
        yield from report_rows(entry)


def _figure(entry: Entry, place: str, key: str) -> Iterator[dict[str, Any]]:
    ref, value = next(entry.found(key), (None, None))
    if ref is None:
        if key in entry.form.summary:
            yield _row(entry, (place, key), None, "单位未填报，也无法由分项计算")
        return
    sources = list(_sources(entry, ref))
    if [source for source, _ in sources] == [ref]:
        formula = DIRECT
    else:
        names = "、".join(_label(entry.form, source) for source, _ in sources)
        formula = f"合计数未填报，由以下各项计算：{names}"
    for source, answer in sources:
        yield _row(entry, (place, key), value, formula, answer, _label(entry.form, source))


def _sources(entry: Entry, ref: Ref) -> Iterator[tuple[Ref, Answer]]:
    """Yield the cells a figure rests on: its own when it was stated, else those of its parts."""
    answer = entry.answer(ref)
    if answer.number is not None:
        yield ref, answer
        return
    derive = derive_of(entry.form, ref)
    for part in parts_of(derive, ref) if derive else ():
        yield from _sources(entry, part)


def _row(
    entry: Entry,
    named: tuple[str, str],
    value: Decimal | None,
    formula: str,
    answer: Answer | None = None,
    label: str = "",
) -> dict[str, Any]:
    place, key = named
    column = HEADINGS.get(key)
    cell = answer.cell if answer else None
    return {
        "unit": entry.unit,
        "year": entry.year,
        "place": place,
        "figure": column.heading if column else key,
        "value": value,
        "kind": column.kind if column else Kind.SCORE,
        "formula": formula,
        "file": entry.file,
        "sheet": cell.sheet if cell else "",
        "cell": cell.a1 if cell else "",
        "label": label,
        "raw": answer.raw if answer else "",
    }


def _label(form: Form, ref: Ref) -> str:
    section = form.section(ref.section)
    row = next((row.label for row in section.rows if row.id == ref.row), "")
    return "·".join(part for part in (section.title, row, section.field(ref.field).label) if part)
