"""报送 files among the results: which batch of a sender counts, whether it is whole, and what it holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from toolkit.checks.model import CheckResult, Merged
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue, Location


def opened(results: Iterable[CheckResult]) -> list[CheckResult]:
    """Return all results, 报送 files followed by the submissions they hold.

    Of a sender's batches the one compiled last counts; a batch with a part missing counts for what came, and
    the lack is an error.
    """
    flat: list[CheckResult] = []
    by_sender: dict[str, dict[str, list[tuple[CheckResult, Merged]]]] = defaultdict(lambda: defaultdict(list))
    for result in results:
        if result.merged is None:
            flat.append(result)
        else:
            by_sender[result.merged.sender][result.merged.batch].append((result, result.merged))
    for batches in by_sender.values():
        ordered = sorted(batches.values(), key=lambda parts: (parts[0][1].compiled, parts[0][0].file))
        flat += _counted(ordered[-1])
        for earlier in ordered[:-1]:
            flat += _left_out(earlier, ordered[-1])
    return flat


def _counted(parts: Sequence[tuple[CheckResult, Merged]]) -> Iterator[CheckResult]:
    """Yield the files of a batch, each part once, and their submissions."""
    first: dict[int, str] = {}
    lack = [number for number in range(1, parts[0][1].parts + 1) if number not in {p.part for _, p in parts}]
    for result, merged in parts:
        if merged.part in first:
            yield _without(result, issue("F11", Location(), found=first[merged.part]))
            continue
        if lack and not first:
            numbers = "、".join(str(number) for number in lack)
            what = f"共 {merged.parts} 份，缺第 {numbers} 份，收到的各份已计入"
            yield _with(result, issue("M02", Location(label="报送文件"), found=what))
        else:
            yield result
        first[merged.part] = result.file
        yield from merged.members


def _left_out(
    parts: Sequence[tuple[CheckResult, Merged]], best: Sequence[tuple[CheckResult, Merged]]
) -> Iterator[CheckResult]:
    other, counted = best[0]
    for result, merged in parts:
        later = merged.compiled < counted.compiled
        reason = f"编制日期较早（{merged.compiled}）" if later else "编制日期相同，按文件名采用另一批"
        found = issue("M05", Location(), found=other.file, sender=merged.sender, reason=reason)
        yield _without(result, found)


def _with(result: CheckResult, found: Issue) -> CheckResult:
    return replace(result, issues=(*result.issues, found.in_file(result.file)))


def _without(result: CheckResult, found: Issue) -> CheckResult:
    """Return the file with an issue and without what it holds, which comes from elsewhere."""
    told = _with(result, found)
    assert told.merged is not None
    return replace(told, merged=replace(told.merged, members=(), missing=()))
