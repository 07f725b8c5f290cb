"""What the charts of 看板 draw: few bars, short names, the most telling first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import groupby

from toolkit.issues.catalogue import entries as catalogue
from toolkit.summary.model import Ranked
from toolkit.summary.rows import First, Order, Record, Rows
from toolkit.summary.sums import Sums

MOST_BARS = 12
MOST_RULES = 10
LONGEST_NAME = 12
_SPENT = ("actual_expenditure", "adjusted_budget")
_PLACE = re.compile(r"^(?:[^省]{1,8}省)?(?:[^市]{1,6}市)?(?:[^区县]{1,6}[区县])?(?:人民政府)?(?=.{2})")


class Drawn:
    """Takes rows one by one for a chart, and keeps the few it draws."""

    def __init__(self, order: Order, series: Mapping[str, str], *, needs: str = "", title: str = "") -> None:
        """Draw the first by `order`; `series` are names with columns, `needs` a column that must be known."""
        self._series, self._needs, self._title = series, needs, title
        self._first = First(MOST_BARS, order)

    def add(self, row: Record) -> None:
        """Take a row."""
        if not self._needs or row[self._needs] is not None:
            self._first.add(row)

    def ranked(self, subject: str = "单位") -> Ranked:
        """Return what the chart draws; `subject` is what its rows are about."""
        drawn = self._first.rows()
        return Ranked(
            tuple(short_names(drawn)),
            {name: tuple(row[column] for row in drawn) for name, column in self._series.items()},
            rest=self._first.count - len(drawn),
            title=self._title,
            subject=subject,
        )


class Charts:
    """Takes the rows of 单位汇总; where there are none, projects or the running year stand in."""

    def __init__(self) -> None:
        """Begin with none."""
        self._money = _money("全年执行数", "预算执行率")
        self._scores = Drawn(
            lambda row: -row["total_score"], {"自评总分": "total_score"}, needs="total_score"
        )
        self._indicators = Drawn(
            lambda row: (-row["unmet"], -row["indicators"]),
            {"已完成": "met", "未完成": "unmet", "无法判定": "undecided"},
        )
        self._grades: Counter[str] = Counter()
        self._subject = "单位"

    def add_unit(self, row: Record) -> None:
        """Take a row of 单位汇总."""
        for drawn in self._money.values():
            drawn.add(row)
        self._add_rated(row)

    def add_projects(self, rows: Iterable[Record]) -> None:
        """Take 项目汇总, which is sorted by unit and year, where there are no units.

        Money is drawn by unit; a project that is not its unit's only one goes by its own name.
        """
        self._subject = "项目"
        for (unit, year), group in groupby(rows, key=lambda row: (row["unit"], row["year"])):
            sums, held = Sums(_SPENT, [_SPENT]), list(group)
            for row in held:
                sums.add(row)
                self._add_rated(row if len(held) == 1 else {**row, "unit": row["name"]})
            for drawn in self._money.values():
                drawn.add(
                    {
                        "unit": unit,
                        "year": year,
                        **{name: sums.total(name) for name in _SPENT},
                        "execution_rate": sums.rate(*_SPENT),
                    }
                )

    def add_monitor(self, rows: Iterable[Record]) -> None:
        """Take 运行监控, where there is nothing else."""
        titles = ("预算与支出（万元）", "执行率（由低到高）")
        self._money = _money("截至本期支出数", "执行率", titles)
        for row in rows:
            for drawn in self._money.values():
                drawn.add(row)

    def _add_rated(self, row: Record) -> None:
        self._scores.add(row)
        if row["indicators"]:
            self._indicators.add(row)
        self._grades[row["grade"]] += 1

    def data(self, codes: Counter[str]) -> dict[str, Ranked]:
        """Return what each chart draws, by chart id."""
        return {
            **{name: drawn.ranked() for name, drawn in self._money.items()},
            "score": self._scores.ranked(self._subject),
            "grade": _grades(self._grades, self._subject),
            "indicators": self._indicators.ranked(self._subject),
            "issues": _rules(codes),
        }


def _money(spent: str, rate: str, titles: tuple[str, str] = ("", "")) -> dict[str, Drawn]:
    """Return what draws budgets beside what was spent, and the rates of execution, by the names given."""
    return {
        "money": Drawn(
            lambda row: -(row["adjusted_budget"] or Decimal(0)),
            {"全年预算数": "adjusted_budget", spent: "actual_expenditure"},
            needs="adjusted_budget",
            title=titles[0],
        ),
        "execution": Drawn(
            lambda row: row["execution_rate"],
            {rate: "execution_rate"},
            needs="execution_rate",
            title=titles[1],
        ),
    }


def short_names(records: Rows) -> list[str]:
    """Return a short name for the unit of each record, the full one where short ones would meet.

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


def _grades(counts: Counter[str], subject: str) -> Ranked:
    names = [name for name in ("优", "良", "中", "差") if name in counts]
    names += [name for name in counts if name not in names]
    series: dict[str, tuple[Decimal | int | None, ...]] = {
        f"{subject}数": tuple(counts[name] for name in names)
    }
    return Ranked(tuple(names), series, title=f"等级分布（{subject}数）")


def _rules(codes: Counter[str]) -> Ranked:
    most = sorted(codes.items(), key=lambda item: (-item[1], item[0]))
    titles = {code: entry.title for code, entry in catalogue().items()}
    drawn = most[:MOST_RULES]
    return Ranked(
        tuple(f"{code} {titles.get(code, '')}".strip() for code, _ in drawn),
        {"问题数": tuple(count for _, count in drawn)},
        rest=len(most) - len(drawn),
    )
