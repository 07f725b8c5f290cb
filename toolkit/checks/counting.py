"""Of several workbooks on one thing, which counts: one unit's form for one year, one project."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from toolkit.checks.identity import summary_answer
from toolkit.checks.model import CheckResult, Decision, Opinion
from toolkit.checks.resent import changes
from toolkit.form.labels import normalise
from toolkit.form.model import Form
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue, Location, Verdict
from toolkit.submission.model import Answer


@dataclass(frozen=True, slots=True)
class Counted:
    """Which files count; `told` are (file, issue): why it does not count, or what it changed."""

    files: frozenset[str]
    told: tuple[tuple[str, Issue], ...]


@dataclass(frozen=True, slots=True)
class Chooser:
    """What decides between workbooks beside what they say: the officer, and when a file was saved.

    `decisions` are by SHA-256, `times` (nanoseconds since the epoch) by file.
    """

    forms: Mapping[str, Form]
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    times: Mapping[str, int] = field(default_factory=dict)

    def flagged(self, result: CheckResult) -> CheckResult:
        """Return the result as it stands once the officer excluded it: with nothing but that to tell."""
        decision = self.decisions.get(result.sha256)
        if decision is None or decision.opinion is not Opinion.EXCLUDE:
            return result
        told = issue("S27", Location(result.file), found=decision.why or "未写原因", unit=result.unit)
        return replace(result, issues=(told,), excluded=decision.why or "未写原因")

    def counted(self, results: Sequence[CheckResult]) -> Counted:
        """Choose among all results.

        Of files with the same bytes the one whose name sorts last is taken, whatever it says. Then what the
        officer includes goes first, then the later fill-in date, then an accepted one, then the file saved
        last, then the one whose name sorts last.
        """
        last = {result.sha256: result for result in results if result.submission}
        told: list[tuple[str, Issue]] = []
        groups: dict[tuple[object, ...], list[CheckResult]] = defaultdict(list)
        for result in results:
            if result.submission is None or result.excluded:
                continue
            twin = last[result.sha256]
            if twin is result:
                groups[self._subject(result)].append(result)
            else:
                told.append((result.file, issue("F11", Location(), found=twin.file, unit=result.unit)))
        files = set()
        for group in groups.values():
            *others, best = sorted(group, key=self._order)
            files.add(best.file)
            told += [(other.file, self._replaced(other, best, len(group))) for other in others]
            if others:
                form = self.forms[best.submission.form] if best.submission else None
                told += [(best.file, item) for item in changes(others[-1], best, form)] if form else []
        return Counted(frozenset(files), tuple(told))

    def _subject(self, result: CheckResult) -> tuple[object, ...]:
        """Return what may be reported once only: a unit's form, for a year or a part of it, on a project."""
        assert result.submission is not None
        unit = normalise(result.unit) or result.file
        words = (self._words(result, key) for key in ("project_name", "period"))
        return (*result.origin, unit), result.submission.form, result.year, *words

    def _words(self, result: CheckResult, key: str) -> str:
        answer = self._answer(result, key)
        return normalise(answer.text or answer.raw) if answer is not None else ""

    def _order(self, result: CheckResult) -> tuple[bool, date, bool, int, str]:
        return (
            self._is_included(result),
            self._filled(result) or date.min,
            result.verdict is not Verdict.RETURNED,
            self.times.get(result.file, 0),
            result.file,
        )

    def _is_included(self, result: CheckResult) -> bool:
        decision = self.decisions.get(result.sha256)
        return decision is not None and decision.opinion is Opinion.INCLUDE

    def _answer(self, result: CheckResult, key: str) -> Answer | None:
        assert result.submission is not None
        return summary_answer(self.forms[result.submission.form], result.submission, key)

    def _filled(self, result: CheckResult) -> date | None:
        answer = self._answer(result, "fill_date")
        return answer.value if answer is not None and isinstance(answer.value, date) else None

    def _replaced(self, result: CheckResult, best: CheckResult, count: int) -> Issue:
        assert result.submission is not None
        answer = self._answer(result, "unit")
        cell = answer.cell if answer is not None else None
        place = Location(result.file, cell.sheet if cell else "", cell.a1 if cell else "", "单位名称")
        return issue(
            "S14",
            place,
            found=best.file,
            unit_name=result.unit or "未填单位",
            year=(f"{result.year}年" if result.year else "") + self._until(result),
            form_title=self.forms[result.submission.form].title,
            count=count,
            reason=self._reason(result, best),
            unit=result.unit,
        )

    def _until(self, result: CheckResult) -> str:
        period = self._answer(result, "period")
        return f"截至{period.text or period.raw}" if period is not None else ""

    def _reason(self, result: CheckResult, best: CheckResult) -> str:
        if self._is_included(best) and not self._is_included(result):
            why = self.decisions[best.sha256].why
            return f"汇总人指定采用另一份{f'：{why}' if why else ''}"
        mine, other = self._filled(result), self._filled(best)
        if mine != other:
            return f"填报日期较早（{mine or '未填'}，另一份为 {other}）"
        if result.verdict is not best.verdict:
            return "填报日期相同，另一份问题较少"
        if self.times.get(result.file, 0) != self.times.get(best.file, 0):
            return "填报日期相同，另一份保存的时间较晚"
        return "填报日期相同，按文件名采用另一份"
