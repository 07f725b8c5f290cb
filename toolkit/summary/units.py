"""单位汇总 and what follows from its rows: 得分汇总, 等级分布, 分年分区."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from toolkit.checks.scoring import grade_of
from toolkit.form.labels import unnumbered
from toolkit.form.model import Ref, Section
from toolkit.issues.model import Severity
from toolkit.summary.entries import Entry, place
from toolkit.summary.indicators import Tally, tally
from toolkit.summary.model import Table
from toolkit.summary.rounding import change, ratio
from toolkit.summary.rows import Mapped, Record, Rows, Spools
from toolkit.summary.sheets import SCORES, UNITS, scores_column

UNRATED = "未评"
FUNDS = ("initial_budget", "adjusted_budget", "actual_expenditure", "prior_expenditure")
_OF_SCORES = ("places", *(column.id for column in SCORES if column.id not in ("score_rank", "reason")))


class Units:
    """Takes the department workbooks one by one; the ranks are known when all have come."""

    def __init__(self, spools: Spools) -> None:
        """Begin with none."""
        self._rows, self._scores = spools.spool(), spools.spool()
        self._aspects: dict[str, None] = {}
        self._values: dict[str, Counter[Decimal]] = {"execution_rate": Counter(), "total_score": Counter()}

    def add(self, entry: Entry) -> Record:
        """Take a workbook and return its row, which has no ranks yet."""
        row = _unit(len(self._rows) + 1, entry)
        self._rows.add(row)
        scores, reasons = _aspects(entry)
        self._aspects |= dict.fromkeys(scores)
        self._scores.add(
            {name: row.get(name) for name in _OF_SCORES} | scores | {"reason": "；".join(reasons)}
        )
        for name, values in self._values.items():
            if row[name] is not None:
                values[row[name]] += 1
        return row

    def tables(self) -> tuple[Table, Table]:
        """Return 单位汇总 and 得分汇总."""
        execution, score = (_ranks(values) for values in self._values.values())

        def ranked(_: int, row: Record) -> Record:
            return {
                **row,
                "execution_rank": execution.get(row.get("execution_rate")),
                "score_rank": score.get(row["total_score"]),
            }

        return _units_table(Mapped(self._rows, ranked)), self._scores_table(Mapped(self._scores, ranked))

    def _scores_table(self, rows: Rows) -> Table:
        """Build 得分汇总: one row per unit, one column per scored aspect of its form."""
        columns = [*SCORES]
        at = next(index for index, column in enumerate(columns) if column.id == "reason")
        columns[at:at] = [scores_column(label) for label in self._aspects]
        return Table.of(
            "scores",
            "得分汇总",
            columns,
            rows,
            note="单位：分。得分为单位自评得分；“等级（核）”按得分和分档标准核定；平均行为简单平均，每个单位同等计算。",
            empty="没有可汇总的得分。",
            total_label="平均",
            accepted_label="其中：采用",
        )


def _units_table(rows: Rows) -> Table:
    return Table.of(
        "units",
        "单位汇总",
        UNITS,
        rows,
        note="单位：万元。执行率＝全年执行数÷全年预算数，调整率＝（全年预算数－年初预算数）÷年初预算数；合计行的比率按合计数重新计算（缺其中一个数的单位不计入该比率）。"
        "指标完成情况按工具核算，工具无法判定的按单位填报。排名在全部单位之间由高到低，数值相同的名次并列。",
        empty="没有可汇总的部门整体支出绩效自评表。",
        total_label="合计",
        accepted_label="其中：采用",
    )


def judged(entry: Entry) -> dict[str, Any]:
    """Return the columns every sheet shows about the workbook a row comes from."""
    return {
        "errors": entry.head.count(Severity.ERROR),
        "explains": entry.head.count(Severity.EXPLAIN),
        "verdict": entry.head.verdict.value,
        "file": entry.file,
    }


def scored(entry: Entry) -> dict[str, Any]:
    """Return total score, its rate, the stated grade and the grade the score earns."""
    score, full = entry.figure("total_score"), entry.figure("full_score")
    earned = "" if score is None else grade_of(entry.form.grades, score, full or Decimal(100))
    return {
        "total_score": score,
        "score_rate": ratio(score, full),
        "grade": entry.text("grade") or UNRATED,
        "grade_computed": earned or UNRATED,
    }


def _unit(number: int, entry: Entry) -> dict[str, Any]:
    funds = {name: entry.figure(name) for name in FUNDS}
    counted: Tally = tally(entry, "indicators")
    return {
        "number": number,
        "unit": entry.unit,
        "district": entry.district,
        "year": entry.year,
        **funds,
        "execution_rate": ratio(funds["actual_expenditure"], funds["adjusted_budget"]),
        "adjustment_rate": change(funds["adjusted_budget"], funds["initial_budget"]),
        "indicators": counted.total,
        "met": counted.met,
        "unmet": counted.unmet,
        "undecided": counted.undecided,
        "completion_rate": ratio(counted.met, counted.total),
        "duty_score": entry.figure("duty_score"),
        "management_score": entry.figure("management_score"),
        **scored(entry),
        **judged(entry),
        "places": _places(entry),
    }


def _places(entry: Entry) -> dict[str, str]:
    """Return where each figure of the row stands that was stated in one cell."""
    keys = (*FUNDS, "duty_score", "management_score", "total_score")
    stated = {key: next(entry.found(key), None) for key in keys}
    return {
        key: place(answer)
        for key, found in stated.items()
        if found and (answer := entry.answer(found[0])).number is not None
    }


def scored_aspects(entry: Entry) -> Iterator[tuple[str, Ref]]:
    """Yield the scored rows below the total: label, and where the score stands."""
    main = {ref.section for ref in entry.form.summary.get("total_score", ())}
    for section in entry.form.sections:
        for row in entry.rows(section) if _is_scored(section) and section.id not in main else ():
            grid_row = section.row(row.id)
            if not grid_row.strong:
                yield unnumbered(grid_row.label), Ref(section.id, row.id, "score")


def _aspects(entry: Entry) -> tuple[dict[str, Decimal | None], list[str]]:
    """Return the scored rows below the total by label, and the reasons for lost points."""
    scores = {label: entry.answer(ref).number for label, ref in scored_aspects(entry)}
    reasons = []
    for section in entry.form.sections:
        if not _is_scored(section):
            continue
        for row in entry.rows(section):
            label = unnumbered(section.row(row.id).label)
            if reason := row["reason"].text.strip():
                reasons.append(f"{label}：{reason.rstrip('。；;')}")
    return scores, reasons


def _is_scored(section: Section) -> bool:
    return bool(section.rows) and section.has("max_score") and section.has("score")


def _ranks(values: Counter[Decimal]) -> dict[Decimal | None, int]:
    """Return competition ranks, the highest first; equal values share a rank, unknown ones have none.

    >>> _ranks(Counter([Decimal(90), Decimal(95), Decimal(90), Decimal(80)]))
    {Decimal('95'): 1, Decimal('90'): 2, Decimal('80'): 4}
    """
    ranks: dict[Decimal | None, int] = {}
    above = 0
    for value in sorted(values, reverse=True):
        ranks[value] = above + 1
        above += values[value]
    return ranks
