"""Of several workbooks on one thing, which counts: one unit's form for one year, one project."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from toolkit.checks.heads import Head
from toolkit.checks.model import CheckResult, Decision, Opinion
from toolkit.checks.resent import changes
from toolkit.checks.results import Results
from toolkit.form.labels import normalise
from toolkit.form.model import Form
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue, Location, Verdict


@dataclass(frozen=True, slots=True)
class Counted:
    """Which files count; `told` yields (file, issue): why it does not count, or what it changed."""

    files: frozenset[str]
    told: Iterator[tuple[str, Issue]]


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

    def counted(self, results: Results) -> Counted:
        """Choose among all results.

        Of files with the same bytes the one whose name sorts last is taken, whatever it says. Then what the
        officer includes goes first, then the later fill-in date, then an accepted one, then the file saved
        last, then the one whose name sorts last.
        """
        heads = results.heads
        last = {head.sha256: at for at, head in enumerate(heads) if head.is_read}
        twins: list[tuple[Head, Head]] = []
        groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for at, head in enumerate(heads):
            if not head.is_read or head.excluded:
                continue
            twin = last[head.sha256]
            if twin == at:
                groups[self._subject(head)].append(at)
            else:
                twins.append((head, heads[twin]))
        ordered = [sorted(group, key=lambda at: self._order(heads[at])) for group in groups.values()]
        files = frozenset(heads[group[-1]].file for group in ordered)
        return Counted(files, self._told(results, twins, [group for group in ordered if len(group) > 1]))

    def _told(
        self, results: Results, twins: Sequence[tuple[Head, Head]], groups: Sequence[Sequence[int]]
    ) -> Iterator[tuple[str, Issue]]:
        """Yield what is to be told of files with the same bytes, and of groups, what counts in them last."""
        for one, other in twins:
            yield one.file, issue("F11", Location(), found=other.file, unit=one.unit)
        for group in groups:
            *others, best = (results.kept[at].head for at in group)
            for other in others:
                yield other.file, self._replaced(other, best, len(group))
            for item in changes(results[group[-2]], results[group[-1]], self.forms[best.form]):
                yield best.file, item

    def _subject(self, head: Head) -> tuple[object, ...]:
        """Return what may be reported once only: a unit's form, for a year or a part of it, on a project."""
        unit = normalise(head.unit) or head.file
        words = (normalise(said or "") for said in (head.project, head.period))
        return (*head.origin, unit), head.form, head.year, *words

    def _order(self, head: Head) -> tuple[bool, date, bool, int, str]:
        return (
            self._is_included(head),
            head.filled or date.min,
            head.verdict is not Verdict.RETURNED,
            self.times.get(head.file, 0),
            head.file,
        )

    def _is_included(self, head: Head) -> bool:
        decision = self.decisions.get(head.sha256)
        return decision is not None and decision.opinion is Opinion.INCLUDE

    def _replaced(self, head: Head, best: Head, count: int) -> Issue:
        until = f"截至{head.period}" if head.period is not None else ""
        return issue(
            "S14",
            head.place(head.unit_at, "单位名称"),
            found=best.file,
            unit_name=head.unit or "未填单位",
            year=(f"{head.year}年" if head.year else "") + until,
            form_title=self.forms[head.form].title,
            count=count,
            reason=self._reason(head, best),
            unit=head.unit,
        )

    def _reason(self, head: Head, best: Head) -> str:
        if self._is_included(best) and not self._is_included(head):
            why = self.decisions[best.sha256].why
            return f"汇总人指定采用另一份{f'：{why}' if why else ''}"
        mine, other = head.filled, best.filled
        if mine != other:
            return f"填报日期较早（{mine or '未填'}，另一份为 {other}）"
        if head.verdict is not best.verdict:
            return "填报日期相同，另一份问题较少"
        if self.times.get(head.file, 0) != self.times.get(best.file, 0):
            return "填报日期相同，另一份保存的时间较晚"
        return "填报日期相同，按文件名采用另一份"
