"""What came in and what was found in it: 上报情况, 问题清单, 说明与豁免, and how many there are of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from toolkit.checks.heads import Head
from toolkit.checks.model import OWED, Collected, Standing, StandingRow, WaiverUse
from toolkit.form.model import Form
from toolkit.issues.catalogue import entries as catalogue
from toolkit.issues.model import Issue, Severity
from toolkit.summary.entries import Entry
from toolkit.summary.model import Reporting, Table
from toolkit.summary.rows import Mapped, Record, Spools, numbered
from toolkit.summary.sheets import ISSUES, STANDINGS, WAIVERS


class Reported:
    """Takes every file with its issues."""

    def __init__(self, spools: Spools) -> None:
        """Begin with none."""
        self._rows = spools.spool(lambda row: (row["rank"], row["file"] == "", row["file"], *row["order"]))
        self._units: dict[str, str] = {}
        self._severities: Counter[Severity] = Counter()
        self._workbooks = self._counted = self._unreadable = 0
        self.codes: Counter[str] = Counter()

    def add(self, head: Head, issues: Iterable[Issue], entry: Entry | None) -> None:
        """Take a file with what was found in it, and the workbook in it if it counts."""
        self._units[head.file] = entry.unit if entry is not None else head.unit
        self._workbooks += head.merged is None
        self._counted += entry is not None
        self._unreadable += head.is_unreadable
        for issue in issues:
            self._add(issue)

    def _add(self, issue: Issue) -> None:
        self._severities[issue.severity] += 1
        self.codes[issue.code] += 1
        self._rows.add(
            {
                "rank": issue.severity.rank,
                "order": issue.order,
                "severity": issue.severity.word,
                "unit": issue.unit or self._units.get(issue.location.file, ""),
                "file": issue.location.file,
                "sheet": issue.location.sheet,
                "cell": issue.location.cell,
                "label": issue.location.label,
                "message": issue.message,
                "found": issue.found,
                "expected": issue.expected,
                "hint": issue.hint,
                "code": issue.code,
            }
        )

    def table(self, issues: Sequence[Issue]) -> Table:
        """Return 问题清单, when every file has come; `issues` are those of no single file."""
        for issue in issues:
            self._add(issue)
        return Table.of(
            "issues",
            "问题清单",
            ISSUES,
            numbered(self._rows),
            note="必改：改正后重新报送；需说明：补充原因后采用；提示：请核对，不影响采用。",
            empty="没有发现问题。",
        )

    def figures(self, collected: Collected) -> Reporting:
        """Return who has reported and what was found, when every issue has come."""
        standings = Counter(row.standing for row in collected.standings)
        return Reporting(
            due=sum(standings[standing] for standing in OWED),
            reported=standings[Standing.REPORTED],
            late=standings[Standing.LATE],
            returned=standings[Standing.RETURNED],
            missing=standings[Standing.MISSING],
            duplicate=standings[Standing.DUPLICATE],
            unlisted=standings[Standing.UNLISTED],
            workbooks=self._workbooks,
            counted=self._counted,
            unreadable=self._unreadable,
            errors=self._severities[Severity.ERROR],
            explains=self._severities[Severity.EXPLAIN],
            notes=self._severities[Severity.NOTE],
        )


def standings_table(standings: Sequence[StandingRow], forms: Mapping[str, Form]) -> Table:
    """Build 上报情况."""

    def row(number: int, standing: StandingRow) -> Record:
        return {
            "number": number,
            "unit": standing.unit,
            "form": standing.title(forms),
            "year": standing.year,
            "standing": standing.standing.value,
            "verdict": standing.verdict,
            "fill_date": standing.fill_date,
            "due": standing.due,
            "contact": standing.contact,
            "phone": standing.phone,
            "file": standing.file,
            "why": standing.why,
        }

    return Table.of(
        "standings",
        "上报情况",
        STANDINGS,
        Mapped(standings, row),
        note="应报＝已报＋迟报＋退回＋漏报；“重复”不计入汇总，“名册外”为名册没有列出的工作簿。",
        empty="名册没有列出单位，也没有收到工作簿。",
    )


def waivers_table(uses: Sequence[WaiverUse]) -> Table:
    """Build 说明与豁免: every waiver an officer recorded, and what became of it."""
    titles = {code: entry.title for code, entry in catalogue().items()}
    rows = [
        {
            "number": number,
            "unit": use.waiver.unit,
            "code": use.waiver.code,
            "title": titles.get(use.waiver.code, ""),
            "place": use.waiver.place or "该代码全部",
            "who": use.waiver.who,
            "why": use.waiver.why,
            "until": use.waiver.until,
            "state": use.state.value,
            "count": use.count,
            "remark": use.why,
            "source": use.waiver.source,
        }
        for number, use in enumerate(uses, 1)
    ]
    return Table.of(
        "waivers",
        "说明与豁免",
        WAIVERS,
        rows,
        note="已采用：需说明的问题按登记的说明改为提示；未用到、已过期、不适用的没有改变任何问题。必改问题不能豁免。",
        total_label="合计",
    )
