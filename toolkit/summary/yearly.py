"""上年对比: each unit's figures beside those of its workbook of last year; only where both are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toolkit.checks.model import Earlier
from toolkit.summary.columns import YEARLY
from toolkit.summary.entries import Entry
from toolkit.summary.model import Table
from toolkit.summary.rounding import change, difference, ratio
from toolkit.summary.rows import Record

KEYS = ("adjusted_budget", "actual_expenditure", "total_score")


def yearly_table(entries: Sequence[Entry], earlier: Mapping[str, Earlier]) -> Table:
    """Build 上年对比 from the department workbooks that have one of last year."""
    return Table.of(
        "yearly",
        "上年对比",
        YEARLY,
        _records(entries, earlier),
        note="单位：万元。只列两年都有自评表的单位；上年数取自上年自评表，不取本年表中填写的上年数。"
        "合计行的比率、增减率按合计数重新计算，得分为简单平均。",
        empty="没有两年都有自评表的单位。",
        total_label="合计",
        accepted_label="其中：采用",
    )


def _records(entries: Sequence[Entry], earlier: Mapping[str, Earlier]) -> Iterator[Record]:
    both = [(entry, earlier[entry.file]) for entry in entries if entry.file in earlier]
    for number, (entry, before) in enumerate(both, 1):
        last = Entry(before.head, before.form, entry.unit, "", before.head.year, before.results, before.at)
        now: dict[str, Any] = {key: entry.figure(key) for key in KEYS}
        then: dict[str, Any] = {f"last_{key}": last.figure(key) for key in KEYS}
        yield {
            "number": number,
            "unit": entry.unit,
            "year": entry.year,
            **now,
            **then,
            "budget_change": change(now["adjusted_budget"], then["last_adjusted_budget"]),
            "expenditure_change": change(now["actual_expenditure"], then["last_actual_expenditure"]),
            "last_rate": ratio(then["last_actual_expenditure"], then["last_adjusted_budget"]),
            "execution_rate": ratio(now["actual_expenditure"], now["adjusted_budget"]),
            "score_change": difference(now["total_score"], then["last_total_score"]),
            "verdict": entry.head.verdict.value,
            "last_file": last.file,
            "file": entry.file,
        }
