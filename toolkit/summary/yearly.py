"""上年对比: each unit's figures beside those of its workbook of last year; only where both are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toolkit.checks.model import Earlier
from toolkit.summary.entries import Entry
from toolkit.summary.model import Ranked, Table
from toolkit.summary.ranked import Drawn
from toolkit.summary.rounding import change, difference, ratio
from toolkit.summary.rows import Record, Spools, numbered
from toolkit.summary.sheets import YEARLY

KEYS = ("adjusted_budget", "actual_expenditure", "total_score")


class Yearly:
    """Takes the department workbooks one by one and keeps those that have one of last year."""

    def __init__(self, spools: Spools, earlier: Mapping[str, Earlier]) -> None:
        """Begin with none; `earlier` are last year's workbooks by this year's file."""
        self._rows = spools.spool()
        self._earlier = earlier
        self._drawn = Drawn(
            lambda row: -row["actual_expenditure"],
            {"上年执行数": "last_actual_expenditure", "本年执行数": "actual_expenditure"},
            needs="actual_expenditure",
        )

    def add(self, entry: Entry) -> None:
        """Take a workbook."""
        if entry.file in self._earlier:
            row = _record(entry, self._earlier[entry.file])
            self._rows.add(row)
            self._drawn.add(row)

    def table(self) -> Table:
        """Return 上年对比."""
        return Table.of(
            "yearly",
            "上年对比",
            YEARLY,
            numbered(self._rows),
            note="单位：万元。只列两年都有自评表的单位；上年数取自上年自评表，不取本年表中填写的上年数。"
            "合计行的比率、增减率按合计数重新计算，得分为简单平均。",
            empty="没有两年都有自评表的单位。",
            total_label="合计",
            accepted_label="其中：采用",
        )

    def chart(self) -> Ranked:
        """Return what the units spent last year and this year, those that spend most first."""
        return self._drawn.ranked()


def _record(entry: Entry, before: Earlier) -> Record:
    last = Entry(before.head, before.form, entry.unit, "", before.head.year, before.results, before.at)
    now: dict[str, Any] = {key: entry.figure(key) for key in KEYS}
    then: dict[str, Any] = {f"last_{key}": last.figure(key) for key in KEYS}
    return {
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
