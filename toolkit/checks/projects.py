"""The same project in two workbooks: a row of a department's table and a project workbook of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from toolkit.checks.figures import figure
from toolkit.checks.identity import summary_answer
from toolkit.checks.model import CheckResult
from toolkit.checks.printing import grouped, money
from toolkit.checks.roster import project_key
from toolkit.form.model import Form
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue, Location
from toolkit.submission.model import Row

FEWEST_ALIKE = 3  # projects of one unit from which equal scores are worth a note


def compare_projects(
    results: Sequence[CheckResult], forms: Mapping[str, Form], counting: Collection[str]
) -> Iterator[tuple[str, Issue]]:
    """Compare the projects of department workbooks with the units' own project workbooks."""
    apart = {}
    for result in results:
        if result.file not in counting or result.submission is None:
            continue
        name = summary_answer(forms[result.submission.form], result.submission, "project_name")
        if name is not None:
            apart[result.unit, result.year, project_key(name.text)] = result
    for result in results:
        if result.file in counting and result.submission is not None:
            for key, rows in _projects_in(result, forms).items():
                other = apart.get((result.unit, result.year, key))
                if other is not None:
                    yield from _compare_project(result, rows, other, forms)


def same_scores(
    results: Sequence[CheckResult], forms: Mapping[str, Form], counting: Collection[str]
) -> Iterator[tuple[str, Issue]]:
    """Note units whose projects, three or more, all have one and the same score."""
    scores: dict[tuple[str, int | None], list[tuple[str, Decimal]]] = defaultdict(list)
    for result in results:
        if result.file not in counting or result.submission is None:
            continue
        form = forms[result.submission.form]
        total = summary_answer(form, result.submission, "total_score")
        if form.entity == "project" and total is not None and total.number is not None:
            scores[result.unit, result.year].append((result.file, total.number))
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
    result: CheckResult, rows: Sequence[Row], other: CheckResult, forms: Mapping[str, Form]
) -> Iterator[tuple[str, Issue]]:
    assert result.submission is not None
    assert other.submission is not None
    form = forms[other.submission.form]
    differing = []
    for key, label in (("adjusted_budget", "全年预算数"), ("actual_expenditure", "全年执行数")):
        numbers = [number for row in rows if (number := row[key].number) is not None]
        ref = next(iter(form.summary.get(key, ())), None)
        theirs = figure(form, other.submission, ref) if ref else None
        if not numbers or theirs is None:
            continue
        mine = sum(numbers, Decimal(0))
        if abs(mine - theirs) > Decimal("0.01") * form.money.yuan * len(numbers):
            differing.append(
                f"{label} {money(mine, form.money)} 与 {money(theirs, form.money)} {form.money.value}"
            )
    if differing:
        cell = rows[0]["project_name"].cell
        place = Location(result.file, cell.sheet if cell else "", cell.a1 if cell else "", "项目名称")
        name = rows[0]["project_name"].text
        expected = "；".join(differing)
        yield result.file, issue("X12", place, found=name, what="金额", expected=expected, unit=result.unit)
