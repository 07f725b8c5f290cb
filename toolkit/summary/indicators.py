"""指标明细 and 未完成指标: every indicator row of every counting workbook, stated beside recomputed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from toolkit.checks.model import IndicatorResult
from toolkit.form.labels import normalise
from toolkit.form.model import Section
from toolkit.submission.model import Actual, Answer, Row, Target
from toolkit.summary.entries import Entry, place
from toolkit.summary.model import Table
from toolkit.summary.rounding import difference
from toolkit.summary.rows import Spools
from toolkit.summary.sheets import INDICATORS, UNFINISHED

SECTIONS = ("indicators", "project_indicators")
WHOLE = "部门整体"
_STATED = {"已完成": True, "达成": True, "达标完成": True, "部分完成": False, "部分达成": False}
_STATED |= {"未完成": False, "未达成": False}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many indicators a workbook has, and how they ended."""

    met: int
    unmet: int
    undecided: int

    @property
    def total(self) -> int:
        """Return the number of indicators."""
        return self.met + self.unmet + self.undecided


def tally(entry: Entry, key: str, project: str = "") -> Tally:
    """Count the indicators of the section that a [summary] key names, or those of one project in it."""
    ends = [
        _met(entry.indicator(section, row), row)
        for section, row in _rows(entry, (key,))
        if not project or normalise(row["project_name"].text) == normalise(project)
    ]
    return Tally(ends.count(True), ends.count(False), ends.count(None))


def indicator_records(entry: Entry) -> Iterator[dict[str, Any]]:
    """Yield one record per indicator row of a workbook; `key` says which [summary] key names its section."""
    for key in SECTIONS:
        for section, row in _rows(entry, (key,)):
            yield {**_record(entry, row, entry.indicator(section, row)), "key": key}


class Indicators:
    """Takes workbooks one by one and keeps their indicators, those that are not met once more."""

    def __init__(self, spools: Spools) -> None:
        """Begin with none."""
        self._rows, self._unfinished = spools.spool(), spools.spool()
        self.unmet = 0
        self.of_departments = 0  # those of the department as a whole

    def add(self, entry: Entry) -> None:
        """Take a workbook."""
        for row in indicator_records(entry):
            self._rows.add(row)
            self.of_departments += entry.form.entity == "department" and row["key"] == "indicators"
            if row["met"] is False:
                self.unmet += 1
                self._unfinished.add(
                    {
                        **row,
                        "reason_given": "已说明" if row["reason"] else "未说明",
                        "lost": difference(row["max_score"], row["score"]),
                    }
                )

    def tables(self) -> tuple[Table, Table]:
        """Return 指标明细 and 未完成指标, which has a word on whether a reason was given."""
        return (
            Table.of(
                "indicators",
                "指标明细",
                INDICATORS,
                self._rows,
                note="一行一个绩效指标。（报）为单位填报，（核）为工具按目标方向核算；"
                "完成率按实际显示，计分时封顶 100%。",
                empty="没有可汇总的绩效指标。",
                frozen=3,
            ),
            Table.of(
                "unfinished",
                "未完成指标",
                UNFINISHED,
                self._unfinished,
                note="按工具核算未达到年度指标值的指标（无法核算的按单位填报）。“未说明”须请单位补填偏差原因和改进措施。",
                empty="没有未完成的指标。",
                frozen=3,
            ),
        )


def _rows(entry: Entry, keys: Iterable[str]) -> Iterator[tuple[Section, Row]]:
    for section in entry.sections(*keys):
        for row in entry.rows(section):
            yield section, row


def _record(entry: Entry, row: Row, result: IndicatorResult | None) -> dict[str, Any]:
    target, actual = row["target"].value, row["actual"].value
    completion = row["completion"]
    met = _met(result, row)
    return {
        "unit": entry.unit,
        "district": entry.district,
        "year": entry.year,
        "scope": row["project_name"].text or entry.text("project_name") or WHOLE,
        "level1": row["level1"].text,
        "level2": row["level2"].text,
        "name": row["name"].text,
        "target": _written(row["target"]),
        "actual": _written(row["actual"]),
        "operator": target.operator.sign if isinstance(target, Target) else "",
        "target_number": target.number if isinstance(target, Target) else None,
        "target_unit": target.unit if isinstance(target, Target) else "",
        # a bound written where a figure belongs (≥90%) is no measurement
        "actual_number": actual.number if isinstance(actual, Actual) and actual.operator is None else None,
        "completion": result.completion if result else None,
        "status": result.status if result else "",
        "completion_stated": completion.number if completion.number is not None else completion.text or None,
        "status_stated": row["status"].text,
        "met": met,
        "max_score": row["max_score"].number,
        "score": row["score"].number,
        "score_computed": result.score if result else None,
        "reason": row["reason"].text.strip(),
        "method": result.method if result else "",
        "verdict": entry.head.verdict.value,
        "file": entry.file,
        "cell": place(row["name"]),
    }


def _met(result: IndicatorResult | None, row: Row) -> bool | None:
    """Return how the indicator ended: as recomputed, else as the clerk stated it, else None."""
    if result is not None and result.met is not None:
        return result.met
    stated = row["status"].text or row["completion"].text
    return _STATED.get(stated)


def _written(answer: Answer) -> str:
    value = answer.value
    if isinstance(value, (Target, Actual)):
        return value.text
    return str(value) if isinstance(value, (str, Decimal)) else answer.raw.strip()
