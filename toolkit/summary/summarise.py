"""Collected workbooks -> Summary: exact, complete even when there is nothing to add up, in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from toolkit.checks.heads import Head
from toolkit.checks.model import Collected
from toolkit.form.model import Form
from toolkit.issues.model import Issue
from toolkit.summary.entries import Entry, counting_entries
from toolkit.summary.flows import Flows
from toolkit.summary.groups import District, Grades, Senders, UnitGroups, grades_table, groups_table
from toolkit.summary.indicators import Indicators
from toolkit.summary.model import Summary, Table
from toolkit.summary.monitoring import Monitoring
from toolkit.summary.projects import Projects
from toolkit.summary.ranked import Charts
from toolkit.summary.reconcile import Reconciliation
from toolkit.summary.reported import Reported, standings_table, waivers_table
from toolkit.summary.rows import Spools
from toolkit.summary.trace import Trace
from toolkit.summary.units import Units
from toolkit.summary.yearly import ProjectsYearly, Yearly


def summarise(
    collected: Collected,
    forms: Mapping[str, Form],
    *,
    title: str,
    district: str,
    spools: Spools | None = None,
) -> Summary:
    """Add up the workbooks that count; `forms` are found by `id@version`, else by id.

    The results are gone over once. The rows of the tables lie in `spools`, and are gone with them.
    """
    adding = _Adding(collected, spools or Spools())
    counting = {entry.at: entry for entry in counting_entries(collected, forms, district)}
    for at, head in enumerate(collected.results.heads):
        adding.add(head, collected.results[at].issues, counting.get(at))
    return adding.summary(forms, title, district)


class _Adding:
    """Everything that is made of the workbooks, growing with each."""

    def __init__(self, collected: Collected, spools: Spools) -> None:
        self._collected = collected
        self._units, self._flows, self._indicators = Units(spools), Flows(spools), Indicators(spools)
        self._projects, self._monitoring = Projects(spools), Monitoring(spools)
        self._yearly = Yearly(spools, collected.earlier)
        self._projects_yearly = ProjectsYearly(spools, collected.earlier)
        self._trace = Trace(spools)
        self._reconciliation = Reconciliation(spools, collected.standings)
        self._reported = Reported(spools)
        self._groups, self._senders = UnitGroups("year", "district"), Senders()
        self._grades = {"department": Grades("部门整体"), "project": Grades("项目")}
        self._district, self._charts = District(), Charts()

    def add(self, head: Head, issues: Sequence[Issue], entry: Entry | None) -> None:
        """Take a file with what was found in it, and the workbook in it if it counts."""
        self._reported.add(head, issues, entry)
        self._senders.add_file(head)
        self._reconciliation.add_file(head, counted=entry is not None)
        if entry is not None:
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        unit = self._units.add(entry) if entry.form.entity == "department" else None
        if unit is not None:
            self._district.add_unit(unit)
            self._charts.add_unit(unit)
            self._groups.add(unit, unit["year"], unit["district"])
            self._grades["department"].add(unit, entry.form)
            self._flows.add(entry)
            self._yearly.add(entry)
        if entry.form.entity == "monitor":
            self._monitoring.add(entry)
        own = self._projects.add(entry)
        self._projects_yearly.add(entry)
        if own is not None:
            self._grades["project"].add(own, entry.form)
        self._indicators.add(entry)
        self._senders.add(entry, unit)
        self._reconciliation.add(entry, unit)
        self._trace.add(entry)

    def summary(self, forms: Mapping[str, Form], title: str, district: str) -> Summary:
        """Return the summary, when all have come."""
        tables = list(self._tables(forms))
        by_id = {table.id: table for table in tables}
        projects = by_id["projects"].rows
        for row in projects:
            self._district.add_project(row)
            self._reconciliation.add_project(row)
        if not len(by_id["units"].rows):
            self._charts.add_projects(projects)
            if not len(projects) and "monitor" in by_id:
                self._charts.add_monitor(by_id["monitor"].rows)
        tables.append(self._reconciliation.table(by_id, self._indicators, self._flows))
        tables.append(self._trace.table(tables))
        everything, accepted = self._district.figures()
        charts = self._charts.data(self._reported.codes)
        return Summary(
            title=title,
            district=district,
            reporting=self._reported.figures(self._collected),
            everything=everything,
            accepted=accepted,
            tables=tuple(tables),
            charts=charts | {"years": (self._yearly if "yearly" in by_id else self._projects_yearly).chart()},
        )

    def _tables(self, forms: Mapping[str, Form]) -> Iterator[Table]:
        """Yield the sheets made of the workbooks, in their order."""
        collected = self._collected
        units, scores = self._units.tables()
        yield units
        if len(self._groups) > 1:
            yield groups_table(self._groups)
        if senders := self._senders.table():
            yield senders
        yield from self._flows.tables()
        yield scores
        yield from self._indicators.tables()
        projects = self._projects.table()
        yield projects
        yield grades_table(*self._grades.values())
        yield from self._monitoring.tables(collected.standings)
        if collected.earlier:
            units, compared = self._yearly.table(), self._projects_yearly.table(projects.rows)
            if compared is None or len(units.rows):
                yield units
            if compared is not None:
                yield compared
        yield standings_table(collected.standings, forms)
        yield self._reported.table(collected.issues)
        if collected.waivers:
            yield waivers_table(collected.waivers)
