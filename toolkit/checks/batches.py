"""报送 files among the results: which batch of a sender counts, whether it is whole, and what it holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from toolkit.checks.model import CheckResult, Merged
from toolkit.checks.results import Kept, Results
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue, Location

_Part: TypeAlias = tuple[Kept, Merged]


def opened(results: Results) -> Results:
    """Return all results, 报送 files followed by the submissions they hold.

    Of a sender's batches the one compiled last counts; a batch with a part missing counts for what came, and
    the lack is an error.
    """
    flat: list[Kept] = []
    by_sender: dict[str, dict[str, list[_Part]]] = defaultdict(lambda: defaultdict(list))
    for one in results.kept:
        merged = one.head.merged
        if merged is None:
            flat.append(one)
        else:
            by_sender[merged.sender][merged.batch].append((one, merged))
    for batches in by_sender.values():
        ordered = sorted(batches.values(), key=lambda parts: (parts[0][1].compiled, parts[0][0].head.file))
        flat += _counted(ordered[-1], results)
        for earlier in ordered[:-1]:
            flat += _left_out(earlier, ordered[-1], results)
    return Results(results.store, flat)


def _counted(parts: Sequence[_Part], results: Results) -> Iterator[Kept]:
    """Yield the files of a batch, each part once, and their submissions."""
    first: dict[int, str] = {}
    lack = [number for number in range(1, parts[0][1].parts + 1) if number not in {p.part for _, p in parts}]
    for one, merged in parts:
        if merged.part in first:
            yield _without(one, issue("F11", Location(), found=first[merged.part]), results)
            continue
        if lack and not first:
            numbers = "、".join(str(number) for number in lack)
            what = f"共 {merged.parts} 份，缺第 {numbers} 份，收到的各份已计入"
            yield _with(one, issue("M02", Location(label="报送文件"), found=what), results)
        else:
            yield one
        first[merged.part] = one.head.file
        yield from one.members


def _left_out(parts: Sequence[_Part], best: Sequence[_Part], results: Results) -> Iterator[Kept]:
    other, counted = best[0]
    for one, merged in parts:
        later = merged.compiled < counted.compiled
        reason = f"编制日期较早（{merged.compiled}）" if later else "编制日期相同，按文件名采用另一批"
        found = issue("M05", Location(), found=other.head.file, sender=merged.sender, reason=reason)
        yield _without(one, found, results)


def _with(one: Kept, found: Issue, results: Results) -> Kept:
    return results.with_change(one, lambda head, result: _told(result, found))


def _without(one: Kept, found: Issue, results: Results) -> Kept:
    """Return the file with an issue and without what it holds, which comes from elsewhere."""

    def emptied(result: CheckResult) -> CheckResult:
        assert result.merged is not None
        return replace(result, merged=replace(result.merged, missing=(), held=0))

    return results.with_change(one, lambda head, result: emptied(_told(result, found)))


def _told(result: CheckResult, found: Issue) -> CheckResult:
    return replace(result, issues=(*result.issues, found.in_file(result.file)))
