"""台账.xlsx: every file ever seen, what became of it, and what the officer says of it; never a row less.

A file is known by its SHA-256. The officer's opinion (排除, 采用) stands in a column of its own and may be
typed there or given on the command line; all else is written by the build.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from toolkit.checks.model import CheckResult, Collected, Decision, Opinion, Standing
from toolkit.form.model import Form

LEDGER = "台账.xlsx"
LEDGER_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "file": ("文件",),
    "unit": ("单位",),
    "form": ("表样",),
    "year": ("年度",),
    "filled": ("填报日期",),
    "saved": ("文件时间",),
    "size": ("字节数",),
    "verdict": ("结论",),
    "state": ("处理",),
    "why": ("原因",),
    "seen": ("首次汇总",),
    "opinion": ("汇总人意见",),
    "reason": ("意见说明",),
    "sha256": ("校验码",),
}
COUNTS, REPLACED, EXCLUDED = "计入", "被替换", "已排除"
UNREADABLE, MERGED, GONE = "无法读取", "报送文件", "已撤下"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One file: what it was, what became of it, and the officer's opinion."""

    file: str
    sha256: str
    unit: str = ""
    form: str = ""
    year: int | None = None
    filled: date | None = None
    saved: str = ""  # when the file was saved, as staff read it
    size: int = 0
    verdict: str = ""
    state: str = ""
    why: str = ""
    seen: str = ""  # the day of the first build that met it
    opinion: str = ""
    reason: str = ""


def decisions(rows: Iterable[LedgerRow]) -> dict[str, Decision]:
    """Return the officer's opinions by SHA-256."""
    return {
        row.sha256: Decision(Opinion(row.opinion), row.reason) for row in rows if row.opinion and row.sha256
    }


def decided(
    rows: Sequence[LedgerRow], file: str, sha256: str, opinion: Opinion, why: str
) -> tuple[LedgerRow, ...]:
    """Return the rows with an opinion on a file, which gets a row when it has none yet."""
    known = [row for row in rows if row.sha256 == sha256]
    if not known:
        return (*rows, LedgerRow(file, sha256, opinion=opinion.value, reason=why))
    return tuple(
        replace(row, opinion=opinion.value, reason=why) if row.sha256 == sha256 else row for row in rows
    )


def updated(
    rows: Sequence[LedgerRow],
    collected: Collected,
    forms: Mapping[str, Form],
    times: Mapping[str, int],
    today: date,
) -> tuple[LedgerRow, ...]:
    """Return the ledger after a build: every file that came in, and every file that was there before."""
    standings = {row.file: row for row in collected.standings if row.file}
    before = {(row.file, row.sha256): row for row in rows}
    by_content = {row.sha256: row for row in rows if row.sha256}
    now: dict[tuple[str, str], LedgerRow] = {}
    names = {head.sha256: head.file for head in collected.results.heads}
    for result in collected.results.bare():
        key = (result.file, result.sha256)
        known = before.get(key) or by_content.get(result.sha256)
        row = standings.get(result.file)
        state, why = _state(result, collected, row.standing if row else None)
        now[key] = LedgerRow(
            file=result.file,
            sha256=result.sha256,
            unit=result.unit,
            form=forms[result.submission.form].title if result.submission else "",
            year=result.year,
            filled=row.fill_date if row else None,
            saved=_minute(times[result.file]) if result.file in times else "",
            size=result.size,
            verdict=result.verdict.value,
            state=state,
            why=why,
            seen=known.seen if known and known.seen else today.isoformat(),
            opinion=known.opinion if known else "",
            reason=known.reason if known else "",
        )
    kept = [
        now.pop(key) if (key := (row.file, row.sha256)) in now else _gone(row, names)
        for row in dict.fromkeys(rows)
    ]
    return (*kept, *now.values())


def _gone(row: LedgerRow, now: Mapping[str, str]) -> LedgerRow:
    """Return the row of a file that is no longer there under its name; `now` is where its bytes are."""
    other = now.get(row.sha256, "") if row.sha256 else ""
    return replace(row, state=GONE, why=f"现名为“{other}”" if other else "文件已不在自评表文件夹中")


def _state(result: CheckResult, collected: Collected, standing: Standing | None) -> tuple[str, str]:
    """Return what became of a file, and why it does not count."""
    if result.merged is not None:
        return MERGED, f"含 {result.merged.held} 份自评表"
    if result.excluded:
        return EXCLUDED, result.excluded
    if result.is_unreadable:
        return UNREADABLE, result.issues[0].message if result.issues else ""
    if result.file in collected.counting:
        return COUNTS, "名册中没有这个单位" if standing is Standing.UNLISTED else ""
    told = [item.message for item in result.issues if item.code in ("S14", "F11")]
    return REPLACED, told[0] if told else "同一单位另有采用的一份"


def _minute(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds / 1e9).isoformat(" ", "minutes")
