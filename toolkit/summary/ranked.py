"""What the charts of 看板 draw: few bars, short names, the most telling first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from toolkit.checks.model import Collected
from toolkit.issues.catalogue import entries as catalogue
from toolkit.summary.model import Ranked
from toolkit.summary.rounding import paired, ratio, total
from toolkit.summary.rows import Record

MOST_BARS = 12
MOST_RULES = 10
LONGEST_NAME = 12
_PLACE = re.compile(r"^(?:[^省]{1,8}省)?(?:[^市]{1,6}市)?(?:[^区县]{1,6}[区县])?(?:人民政府)?(?=.{2})")


def chart_data(
    units: Sequence[Record], projects: Sequence[Record], collected: Collected
) -> dict[str, Ranked]:
    """Return what each chart draws, by chart id; without department workbooks, projects by unit stand in."""
    money = units or _by_unit(projects)
    issues = Counter(
        issue.code
        for issue in [
            *(issue for result in collected.results.bare() for issue in result.issues),
            *collected.issues,
        ]
    )
    return {
        "money": _ranked(
            money,
            lambda row: -(row["adjusted_budget"] or Decimal(0)),
            {"全年预算数": "adjusted_budget", "全年执行数": "actual_expenditure"},
            needs="adjusted_budget",
        ),
        "execution": _ranked(
            money, lambda row: row["execution_rate"], {"预算执行率": "execution_rate"}, needs="execution_rate"
        ),
        "score": _ranked(
            units, lambda row: -row["total_score"], {"自评总分": "total_score"}, needs="total_score"
        ),
        "grade": _grades(units),
        "indicators": _ranked(
            [row for row in units if row["indicators"]],
            lambda row: (-row["unmet"], -row["indicators"]),
            {"已完成": "met", "未完成": "unmet", "无法判定": "undecided"},
        ),
        "issues": _rules(issues),
    }


def years_chart(records: Sequence[Record]) -> Ranked:
    """Return what the units spent last year and this year, those that spend most first."""
    return _ranked(
        records,
        lambda row: -row["actual_expenditure"],
        {"上年执行数": "last_actual_expenditure", "本年执行数": "actual_expenditure"},
        needs="actual_expenditure",
    )


def short_names(records: Sequence[Record]) -> list[str]:
    """Return a short name for each unit of the records, the full one where short ones would meet.

    >>> short_names([{"unit": "广州市天河区人民政府前进街道办事处", "year": 2023}])
    ['前进街道']
    """
    years = {row["year"] for row in records}
    names = [f"{_short(row['unit'])}{_year(row) if len(years) > 1 else ''}" for row in records]
    often = Counter(names)
    return [
        name if often[name] == 1 else f"{row['unit']}{_year(row)}"
        for name, row in zip(names, records, strict=True)
    ]


def _short(unit: str) -> str:
    bare = _PLACE.sub("", unit).removesuffix("办事处")
    name = bare if len(bare) > 1 else unit
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def _year(row: Record) -> str:
    return f"（{row['year']}）" if row["year"] else ""


def _ranked(
    records: Sequence[Record], order: Callable[[Record], Any], series: dict[str, str], *, needs: str = ""
) -> Ranked:
    known = sorted((row for row in records if not needs or row[needs] is not None), key=order)
    drawn = known[:MOST_BARS]
    return Ranked(
        tuple(short_names(drawn)),
        {name: tuple(row[column] for row in drawn) for name, column in series.items()},
        rest=len(known) - len(drawn),
    )


def _grades(units: Sequence[Record]) -> Ranked:
    counts = Counter(row["grade"] for row in units)
    names = [name for name in ("优", "良", "中", "差") if name in counts]
    names += [name for name in counts if name not in names]
    return Ranked(tuple(names), {"单位数": tuple(counts[name] for name in names)})


def _rules(codes: Counter[str]) -> Ranked:
    most = sorted(codes.items(), key=lambda item: (-item[1], item[0]))
    titles = {code: entry.title for code, entry in catalogue().items()}
    drawn = most[:MOST_RULES]
    return Ranked(
        tuple(f"{code} {titles.get(code, '')}".strip() for code, _ in drawn),
        {"问题数": tuple(count for _, count in drawn)},
        rest=len(most) - len(drawn),
    )


def _by_unit(projects: Sequence[Record]) -> list[dict[str, Any]]:
    """Return the projects added up by unit and year, for a collection of project workbooks only."""
    keys = dict.fromkeys((row["unit"], row["year"]) for row in projects)
    rows = []
    for unit, year in keys:
        held = [row for row in projects if (row["unit"], row["year"]) == (unit, year)]
        budget, spent = (
            total(row[name] for row in held) for name in ("adjusted_budget", "actual_expenditure")
        )
        rows.append(
            {
                "unit": unit,
                "year": year,
                "adjusted_budget": budget,
                "actual_expenditure": spent,
                "execution_rate": ratio(*paired(held, "actual_expenditure", "adjusted_budget")),
            }
        )
    return rows
