"""单位汇总 and what follows from its rows: 得分汇总, 等级分布, 分年分区."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from toolkit.checks.scoring import grade_of
from toolkit.form.model import Form, Ref, Section
from toolkit.issues.model import Severity
from toolkit.summary.columns import SCORES, UNITS, scores_column
from toolkit.summary.entries import Entry, place
from toolkit.summary.indicators import Tally, tally
from toolkit.summary.model import Table
from toolkit.summary.rounding import change, paired, ratio, total
from toolkit.summary.rows import Record

UNRATED = "未评"
_ORDINAL = re.compile(r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|\d+[.、．]\s*)\s*")
FUNDS = ("initial_budget", "adjusted_budget", "actual_expenditure", "prior_expenditure")


def units_table(entries: Sequence[Entry]) -> Table:
    """Build 单位汇总 from the department workbooks."""
    records = [_unit(number, entry) for number, entry in enumerate(entries, 1)]
    _rank(records, "execution_rate", "execution_rank")
    _rank(records, "total_score", "score_rank")
    return Table.of(
        "units",
        "单位汇总",
        UNITS,
        records,
        note="单位：万元。执行率＝全年执行数÷全年预算数，调整率＝（全年预算数－年初预算数）÷年初预算数；合计行的比率按合计数重新计算（缺其中一个数的单位不计入该比率）。"
        "指标完成情况按工具核算，工具无法判定的按单位填报。排名在全部单位之间由高到低，数值相同的名次并列。",
        empty="没有可汇总的部门整体支出绩效自评表。",
        total_label="合计",
        accepted_label="其中：采用",
    )


def scores_table(entries: Sequence[Entry], units: Table) -> Table:
    """Build 得分汇总: one row per unit, one column per scored aspect of its form."""
    aspects: dict[str, None] = {}
    records = []
    for entry, unit in zip(entries, units.records, strict=True):
        scores, reasons = _aspects(entry)
        aspects |= dict.fromkeys(scores)
        records.append({**unit, **scores, "reason": "；".join(reasons)})
    columns = [*SCORES]
    at = next(index for index, column in enumerate(columns) if column.id == "reason")
    columns[at:at] = [scores_column(label) for label in aspects]
    return Table.of(
        "scores",
        "得分汇总",
        columns,
        records,
        note="单位：分。得分为单位自评得分；“等级（核）”按得分和分档标准核定；平均行为简单平均，每个单位同等计算。",
        empty="没有可汇总的得分。",
        total_label="平均",
        accepted_label="其中：采用",
    )


def grade_records(records: Sequence[Record], forms: Iterable[Form], subject: str) -> list[dict[str, Any]]:
    """Return one row per grade of rows that carry `grade`, `grade_computed` and funds, 未评 included."""
    if not records:
        return []
    names = list(dict.fromkeys(grade.name for form in forms for grade in form.grades))
    names += sorted({row["grade"] for row in records} - {*names, UNRATED})
    rows = []
    for name in [*names, UNRATED]:
        held = [row for row in records if row["grade"] == name]
        computed = sum(row["grade_computed"] == name for row in records)
        rows.append({"grade": name, "computed": computed, **_grade_sums(held, records)})
    rows.append({"grade": "合计", "computed": len(records), **_grade_sums(records, records), "strong": True})
    return [{"subject": subject, **row} for row in rows]


def _grade_sums(held: Sequence[Record], records: Sequence[Record]) -> dict[str, Any]:
    budget, actual = (total(row[name] for row in held) for name in ("adjusted_budget", "actual_expenditure"))
    whole = total(row["adjusted_budget"] for row in records)
    return {
        "count": len(held),
        "share": ratio(len(held), len(records)),
        "adjusted_budget": budget or Decimal(0),
        "budget_share": ratio(budget or 0, whole),
        "actual_expenditure": actual or Decimal(0),
        "execution_rate": ratio(*paired(held, "actual_expenditure", "adjusted_budget")),
    }


def group_records(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Return one row per year and district with rates recomputed from the sums."""
    groups = sum_records(records, lambda row: {"year": row["year"], "district": row["district"]})
    return sorted(groups, key=lambda row: (row["year"] or 0, row["district"]))


def sum_records(records: Sequence[Record], name: Callable[[Record], dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row per group of units, under what names it, with sums, and rates recomputed from them."""
    groups: dict[tuple[Any, ...], list[Record]] = {}
    for row in records:
        groups.setdefault(tuple(name(row).values()), []).append(row)
    return [{**name(held[0]), **_sums(held)} for held in groups.values()]


def _sums(held: Sequence[Record]) -> dict[str, Any]:
    scores = [row["total_score"] for row in held if row["total_score"] is not None]
    indicators, met = sum(row["indicators"] for row in held), sum(row["met"] for row in held)
    return {
        "units": len(held),
        **{fund: total(row[fund] for row in held) for fund in FUNDS},
        "execution_rate": ratio(*paired(held, "actual_expenditure", "adjusted_budget")),
        "adjustment_rate": change(*paired(held, "adjusted_budget", "initial_budget")),
        "mean_score": ratio(total(scores), len(scores)),
        "indicators": indicators,
        "met": met,
        "completion_rate": ratio(met, indicators),
    }


def judged(entry: Entry) -> dict[str, Any]:
    """Return the columns every sheet shows about the workbook a row comes from."""
    return {
        "errors": entry.result.count(Severity.ERROR),
        "explains": entry.result.count(Severity.EXPLAIN),
        "verdict": entry.result.verdict.value,
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
                yield _ORDINAL.sub("", grid_row.label), Ref(section.id, row.id, "score")


def _aspects(entry: Entry) -> tuple[dict[str, Decimal | None], list[str]]:
    """Return the scored rows below the total by label, and the reasons for lost points."""
    scores = {label: entry.answer(ref).number for label, ref in scored_aspects(entry)}
    reasons = []
    for section in entry.form.sections:
        if not _is_scored(section):
            continue
        for row in entry.rows(section):
            label = _ORDINAL.sub("", section.row(row.id).label)
            if reason := row["reason"].text.strip():
                reasons.append(f"{label}：{reason.rstrip('。；;')}")
    return scores, reasons


def _is_scored(section: Section) -> bool:
    return bool(section.rows) and section.has("max_score") and section.has("score")


def _rank(records: list[dict[str, Any]], of: str, into: str) -> None:
    """Write competition ranks, the highest first; equal values share a rank, unknown ones have none."""
    values = sorted((row[of] for row in records if row[of] is not None), reverse=True)
    places = {value: place for place, value in reversed(list(enumerate(values, 1)))}
    for row in records:
        row[into] = None if row[of] is None else places[row[of]]
