"""The same project in two workbooks: a row of a department's table and a project workbook of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from toolkit.checks.heads import FUNDS, Head
from toolkit.checks.model import CheckResult
from toolkit.checks.printing import grouped, money
from toolkit.checks.results import Results
from toolkit.checks.roster import project_key
from toolkit.form.model import Form
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue, Location
from toolkit.submission.model import Row, place_of

FEWEST_ALIKE = 3  # projects of one unit from which equal scores are worth a note


def compare_projects(
    results: Results, forms: Mapping[str, Form], counting: Collection[str]
) -> Iterator[tuple[str, Issue]]:
    """Compare the projects of department workbooks with the units' own project workbooks."""
    heads = results.heads
    apart = {
        (head.unit, head.year, project_key(head.project)): head
        for head in heads
        if head.file in counting and head.project is not None
    }
    theirs = {(unit, year) for unit, year, _ in apart}
    for at, head in enumerate(heads):
        listing = head.is_read and forms[head.form].summary.get("projects", ())
        if head.file in counting and listing and (head.unit, head.year) in theirs:
            result = results[at]
            for key, rows in _projects_in(result, forms).items():
                other = apart.get((head.unit, head.year, key))
                if other is not None:
                    yield from _compare_project(result, rows, other, forms)


def same_scores(
    heads: Iterable[Head], forms: Mapping[str, Form], counting: Collection[str]
) -> Iterator[tuple[str, Issue]]:
    """Note units whose projects, three or more, all have one and the same score."""
    scores: dict[tuple[str, int | None], list[tuple[str, Decimal]]] = defaultdict(list)
    for head in heads:
        if head.file in counting and head.score is not None and forms[head.form].entity == "project":
            scores[head.unit, head.year].append((head.file, head.score))
    for (unit, _), found in scores.items():
        if len(found) >= FEWEST_ALIKE and len({number for _, number in found}) == 1:
            file, number = found[0]
            place = Location(file)
            yield file, issue("C15", place, found=unit, expected=grouped(number), count=len(found), unit=unit)


def _projects_in(result: CheckResult, forms: Mapping[str, Form]) -> dict[str, list[Row]]:
    """Return the rows of a department's project table by project."""
    grouped: dict[str, list[Row]] = defaultdict(list)
    assert result.submission is not None
    for ref in forms[result.submission.form].summary.get("projects", ()):
        data = result.submission.sections.get(ref.section)
        for row in data.data if data else ():
            if row["project_name"].text:
                grouped[project_key(row["project_name"].text)].append(row)
    return grouped


def _compare_project(
    result: CheckResult, rows: Sequence[Row], other: Head, forms: Mapping[str, Form]
) -> Iterator[tuple[str, Issue]]:
    form = forms[other.form]
    differing = []
    for key, label, theirs in zip(FUNDS, ("全年预算数", "全年执行数"), other.funds, strict=True):
        numbers = [number for row in rows if (number := row[key].number) is not None]
        if not numbers or theirs is None:
            continue
        mine = sum(numbers, Decimal(0))
        if abs(mine - theirs) > Decimal("0.01") * form.money.yuan * len(numbers):
            differing.append(
                f"{label} {money(mine, form.money)} 与 {money(theirs, form.money)} {form.money.value}"
            )
    if differing:
        cell = rows[0]["project_name"].cell
        place = place_of(cell, "项目名称", result.file)
        name = rows[0]["project_name"].text
        expected = "；".join(differing)
        yield result.file, issue("X12", place, found=name, what="金额", expected=expected, unit=result.unit)
