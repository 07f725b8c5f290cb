"""What 审核报告.html says: the judgement of a collection, arranged for an officer to look through."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from toolkit.checks.model import CheckResult, Collected, Standing, StandingRow
from toolkit.form.model import Form
from toolkit.issues.catalogue import FAMILIES, Entry, entries
from toolkit.issues.model import Issue, Severity, Verdict

UNKNOWN_UNIT = "单位不明"
OWED = (Standing.REPORTED, Standing.LATE, Standing.RETURNED, Standing.MISSING)
_UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_FIRST = (Verdict.RETURNED, Verdict.EXPLAIN, Verdict.ACCEPTED)


def printable(text: str) -> str:
    """Return submitted text with characters no page may hold, or that turn its direction, made visible.

    >>> printable("甲\\u202e\\x00")
    '甲��'
    """
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


@dataclass(frozen=True, slots=True)
class Finding:
    """One message and everywhere it holds; `count` is the number of issues it stands for."""

    message: str
    places: tuple[str, ...]  # `sheet!cell` in a file, with the file's name elsewhere
    label: str  # of the cell, when the message does not name it
    unit: str
    count: int


@dataclass(frozen=True, slots=True)
class Block:
    """Findings of one rule that call for the same remedy."""

    code: str
    severity: Severity
    hint: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Workbook:
    """One file that came in and what was found in it; `anchor` is empty when there is nothing to show."""

    anchor: str
    file: str
    unit: str
    form: str  # its title
    year: int | None
    verdict: Verdict
    readable: bool
    counts: bool  # its figures enter the totals
    standing: str
    why: str
    tally: Counter[Severity]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A form a unit of the roster has not sent."""

    unit: str
    form: str  # its title
    year: int | None
    due: date | None
    contact: str
    phone: str


@dataclass(frozen=True, slots=True)
class Owing:
    """What the roster owes: due = arrived + missing, arrived = the sum of `verdicts`.

    `beside` are workbooks that no unit owes (重复, 名册外, 无法读取). Without a roster, `due` is None and
    everything that came in has arrived.
    """

    due: int | None
    arrived: int
    missing: int
    verdicts: Counter[Verdict]
    beside: dict[str, int]


@dataclass(frozen=True, slots=True)
class Content:
    """Everything the page shows. `workbooks` are in reading order: what must be mended comes first."""

    workbooks: tuple[Workbook, ...]
    shared: tuple[Block, ...]  # issues of no single file
    missing: tuple[Missing, ...]
    owing: Owing
    verdicts: Counter[Verdict]
    tally: Counter[Severity]
    by_rule: dict[str, Counter[Severity]]
    by_unit: dict[str, Counter[Severity]]
    rules: dict[str, Entry]  # those that were broken, in the order of the catalogue
    latest: date | None  # fill-in date

    @property
    def troubled(self) -> tuple[Workbook, ...]:
        """Return the workbooks with issues."""
        return tuple(book for book in self.workbooks if book.blocks)

    @property
    def unreadable(self) -> tuple[Workbook, ...]:
        """Return the files that could not be read."""
        return tuple(book for book in self.workbooks if not book.readable)

    @property
    def families(self) -> dict[str, list[str]]:
        """Return the codes of broken rules by the Chinese name of their family."""
        found: dict[str, list[str]] = defaultdict(list)
        for code in self.by_rule:
            found[FAMILIES.get(code[:1], "其他")].append(code)
        return found


def content_of(collected: Collected, forms: Mapping[str, Form]) -> Content:
    """Arrange a collection for the page."""
    standings = {row.file: row for row in collected.standings if row.file}
    ordered = sorted(collected.results.bare(), key=_reading_order)
    books = tuple(
        _workbook(f"file-{number}", result, standings.get(result.file), collected, forms)
        for number, result in enumerate(ordered, 1)
    )
    shared = tuple(_blocks(collected.issues, in_file=False))
    by_rule, by_unit = _counted((book.blocks for book in books), shared)
    known = entries()
    return Content(
        workbooks=books,
        shared=shared,
        missing=tuple(_missing(collected.standings, forms)),
        owing=_owing(collected),
        verdicts=Counter(book.verdict for book in books),
        tally=sum(by_rule.values(), Counter()),
        by_rule=_in_order_of(known, by_rule),
        by_unit=dict(sorted(by_unit.items())),
        rules={code: entry for code, entry in known.items() if code in by_rule},
        latest=max((row.fill_date for row in collected.standings if row.fill_date), default=None),
    )


def _reading_order(result: CheckResult) -> tuple[bool, int, str]:
    return result.submission is not None, _FIRST.index(result.verdict), result.file


def _workbook(
    anchor: str,
    result: CheckResult,
    standing: StandingRow | None,
    collected: Collected,
    forms: Mapping[str, Form],
) -> Workbook:
    unit = result.unit or UNKNOWN_UNIT
    read = result.submission
    return Workbook(
        anchor=anchor if result.issues else "",
        file=result.file,
        unit=unit,
        form=_title(read.form, forms) if read else "",
        year=result.year,
        verdict=result.verdict,
        readable=read is not None,
        counts=result.file in collected.counting,
        standing=standing.standing.value if standing and read else "",
        why=standing.why if standing else "",
        tally=Counter(item.severity for item in result.issues),
        blocks=tuple(_blocks((replace(item, unit=unit) for item in result.issues), in_file=True)),
    )


def _title(form: str, forms: Mapping[str, Form]) -> str:
    return forms[form].title if form in forms else form


def _blocks(issues: Iterable[Issue], *, in_file: bool) -> Iterator[Block]:
    """Yield issues grouped by rule and remedy, the gravest first, each message once with all its cells."""
    groups: dict[tuple[Severity, str, str], dict[tuple[str, str], list[Issue]]] = {}
    for item in issues:
        group = groups.setdefault((item.severity, item.code, item.hint), {})
        group.setdefault((item.unit or UNKNOWN_UNIT, item.message), []).append(item)
    for (severity, code, hint), messages in sorted(groups.items(), key=lambda pair: pair[0][0].rank):
        findings = (_finding(message, unit, same, in_file) for (unit, message), same in messages.items())
        yield Block(code, severity, hint, tuple(findings))


def _finding(message: str, unit: str, same: list[Issue], in_file: bool) -> Finding:
    locations = (item.location for item in same)
    places = (str(replace(place, file="") if in_file else place) for place in locations)
    labels = {item.location.label for item in same}
    label = labels.pop() if len(labels) == 1 else ""
    return Finding(
        message=message,
        places=tuple(dict.fromkeys(place for place in places if place)),
        label="" if label in message else label,
        unit=unit,
        count=len(same),
    )


def _counted(
    of_files: Iterable[tuple[Block, ...]], shared: tuple[Block, ...]
) -> tuple[dict[str, Counter[Severity]], dict[str, Counter[Severity]]]:
    """Return how many issues there are by rule and by unit."""
    by_rule: dict[str, Counter[Severity]] = defaultdict(Counter)
    by_unit: dict[str, Counter[Severity]] = defaultdict(Counter)
    for block in (block for blocks in (*of_files, shared) for block in blocks):
        for finding in block.findings:
            by_rule[block.code][block.severity] += finding.count
            by_unit[finding.unit][block.severity] += finding.count
    return by_rule, by_unit


def _in_order_of(
    known: Mapping[str, Entry], by_rule: Mapping[str, Counter[Severity]]
) -> dict[str, Counter[Severity]]:
    place = {code: number for number, code in enumerate(known)}
    codes = sorted(by_rule, key=lambda code: (place.get(code, len(place)), code))
    return {code: by_rule[code] for code in codes}


def _missing(standings: Iterable[StandingRow], forms: Mapping[str, Form]) -> Iterator[Missing]:
    for row in standings:
        if row.standing is Standing.MISSING:
            yield Missing(row.unit, _title(row.form, forms), row.year, row.due, row.contact, row.phone)


def _owing(collected: Collected) -> Owing:
    """Count what is owed; a file nobody could read fulfils no duty, its unit stays missing."""
    heads = collected.results.heads
    unreadable = {head.file for head in heads if head.is_unreadable}
    rows = [row for row in collected.standings if row.file not in unreadable]
    owed = [row for row in rows if row.standing in OWED]
    if not owed:
        verdicts = Counter(head.verdict for head in heads)
        return Owing(None, len(heads), 0, verdicts, {})
    missing = sum(row.standing is Standing.MISSING for row in owed)
    others = Counter(row.standing.value for row in rows if row.standing not in OWED)
    return Owing(
        due=len(owed),
        arrived=len(owed) - missing,
        missing=missing,
        verdicts=Counter(Verdict(row.verdict) for row in owed if row.verdict),
        beside={name: count for name, count in [*others.items(), ("无法读取", len(unreadable))] if count},
    )
