"""上年对比: the figures of each unit and project beside those of last year; only where both are known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from toolkit.checks.model import Earlier
from toolkit.form.labels import normalise
from toolkit.summary.entries import Entry
from toolkit.summary.model import Ranked, Table
from toolkit.summary.projects import UNNAMED, Projects, project_of
from toolkit.summary.ranked import Drawn
from toolkit.summary.rounding import change, difference, ratio
from toolkit.summary.rows import Record, Rows, Spools, numbered
from toolkit.summary.sheets import PROJECTS_YEARLY, YEARLY

KEYS = ("adjusted_budget", "actual_expenditure", "total_score")
_TOLD = ("unit", "year", "name", *KEYS, "verdict", "file")  # of a project


class Yearly:
    """Takes the department workbooks one by one and keeps those that have one of last year."""

    def __init__(self, spools: Spools, earlier: Mapping[str, Earlier]) -> None:
        """Begin with none; `earlier` are last year's workbooks by this year's file."""
        self._rows = spools.spool()
        self._earlier = earlier
        self._drawn = _drawn()

    def add(self, entry: Entry) -> None:
        """Take a workbook."""
        if entry.file in self._earlier:
            last = _last(entry, self._earlier[entry.file])
            row = _compared(
                {"unit": entry.unit, "year": entry.year, **{key: entry.figure(key) for key in KEYS}}
                | {"verdict": entry.head.verdict.value, "file": entry.file},
                {key: last.figure(key) for key in KEYS} | {"file": last.file},
            )
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


class ProjectsYearly:
    """Takes workbooks one by one for what those of last year tell of projects, then 项目汇总 of this year."""

    def __init__(self, spools: Spools, earlier: Mapping[str, Earlier]) -> None:
        """Begin with none; `earlier` are last year's workbooks by this year's file."""
        self._last, self._earlier = Projects(spools), earlier
        self._told = spools.spool(lambda row: (*project_of(row), row["last"]))
        self._rows = spools.spool(lambda row: row["at"])
        self._seen: set[str] = set()
        self._drawn = _drawn()

    def add(self, entry: Entry) -> None:
        """Take a workbook; what last year's tells goes by the unit's name and the year of this one."""
        before = self._earlier.get(entry.file)
        if before is not None and before.head.file not in self._seen:
            self._seen.add(before.head.file)
            self._last.add(_last(entry, before))

    def table(self, projects: Rows) -> Table | None:
        """Return 项目上年对比, when all have come; None when no project is known of both years."""
        if not self._seen:
            return None
        for last, rows in ((False, projects), (True, self._last.table().rows)):
            for at, row in enumerate(rows):
                if row["name"] not in ("", UNNAMED):
                    self._told.add({key: row[key] for key in _TOLD} | {"at": at, "last": last})
        for _, told in groupby(self._told, key=project_of):
            for this, before in _same(list(told)):
                row = _compared(this, before)
                self._rows.add(row)
                self._drawn.add({**row, "unit": row["name"]})
        if not len(self._rows):
            return None
        return Table.of(
            "projects_yearly",
            "项目上年对比",
            PROJECTS_YEARLY,
            numbered(self._rows),
            note="单位：万元。只列两年都有的项目：同一单位，名称相同（不计末尾“项目”“经费”“资金”），取数同“项目汇总”；名称相近而分不清的不列。"
            "合计行的比率、增减率按合计数重新计算，得分为简单平均。",
            total_label="合计",
            accepted_label="其中：采用",
            frozen=4,
        )

    def chart(self) -> Ranked:
        """Return what the projects spent last year and this year, those that spend most first."""
        return self._drawn.ranked("项目")


def _last(entry: Entry, before: Earlier) -> Entry:
    """Return last year's workbook under what this year's is called, and of the year they are compared in."""
    return Entry(before.head, before.form, entry.unit, "", entry.year, before.results, before.at)


def _same(told: Sequence[Record]) -> Iterator[tuple[Record, Record]]:
    """Yield (this year's, last year's) of one project, of projects of like names."""
    this = [row for row in told if not row["last"]]
    last = [row for row in told if row["last"]]
    if len(this) == len(last) == 1:
        yield this[0], last[0]
        return
    known = _unmistakable(last)
    for name, row in _unmistakable(this).items():
        if name in known:
            yield row, known[name]


def _unmistakable(rows: Iterable[Record]) -> dict[str, Record]:
    """Return the projects whose name no other one bears, by that name."""
    listed = [(normalise(row["name"]), row) for row in rows]
    often = Counter(name for name, _ in listed)
    return {name: row for name, row in listed if often[name] == 1}


def _compared(now: Mapping[str, Any], then: Mapping[str, Any]) -> Record:
    """Return the row of both years; `then` says the KEYS of last year, and its file."""
    return {
        **now,
        **{f"last_{key}": then[key] for key in KEYS},
        "budget_change": change(now["adjusted_budget"], then["adjusted_budget"]),
        "expenditure_change": change(now["actual_expenditure"], then["actual_expenditure"]),
        "last_rate": ratio(then["actual_expenditure"], then["adjusted_budget"]),
        "execution_rate": ratio(now["actual_expenditure"], now["adjusted_budget"]),
        "score_change": difference(now["total_score"], then["total_score"]),
        "last_file": then["file"],
    }


def _drawn() -> Drawn:
    return Drawn(
        lambda row: -row["actual_expenditure"],
        {"上年执行数": "last_actual_expenditure", "本年执行数": "actual_expenditure"},
        needs="actual_expenditure",
    )
