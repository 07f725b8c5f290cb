"""What 审核报告.html says: the judgement of a collection, arranged for an officer to look through."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate, chain, takewhile

from toolkit.checks.heads import Head
from toolkit.checks.model import OWED, Collected, Standing, StandingRow
from toolkit.form.model import Form
from toolkit.issues.catalogue import FAMILIES, Entry, entries
from toolkit.issues.model import Issue, Severity, Verdict

UNKNOWN_UNIT = "单位不明"
MOST_TOLD, MOST_ISSUES = 2_000, 40_000  # files, and issues in them, that the page tells one by one
MOST_LISTED = 10_000  # files, or missing workbooks, in one list
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
    """One file that came in and what was found in it; `anchor` is empty where the page does not tell it."""

    anchor: str
    file: str
    unit: str
    form: str  # its title
    year: int | None
    verdict: Verdict
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


class Books:
    """The files that came in, in reading order: what must be mended comes first.

    Each is made when its turn comes. Of a large collection the page tells the issues of the gravest files and
    lists the first ones; the rest are in 汇总表.xlsx.
    """

    def __init__(self, collected: Collected, forms: Mapping[str, Form]) -> None:
        self._collected, self._forms = collected, forms
        self._standings = {row.file: row for row in collected.standings if row.file}
        heads = self._heads = collected.results.heads
        self._order = sorted(range(len(heads)), key=lambda at: _reading_order(heads[at]))
        self._told = _gravest(heads)

    def __len__(self) -> int:
        """Return how many files came in."""
        return len(self._heads)

    @property
    def listed(self) -> Iterator[Workbook]:
        """Yield the files the page lists, without their issues."""
        for number, at in enumerate(self._order[:MOST_LISTED], 1):
            yield self._book(number, at)

    @property
    def troubled(self) -> Iterator[Workbook]:
        """Yield the files whose issues the page tells."""
        for number, at in enumerate(self._order, 1):
            if at in self._told:
                yield self._book(number, at, self._collected.results.bare_at(at).issues)

    @property
    def unreadable(self) -> Iterator[Workbook]:
        """Yield the files that could not be read."""
        for number, at in enumerate(self._order, 1):
            if self._heads[at].is_unreadable:
                yield self._book(number, at, self._collected.results.bare_at(at).issues)

    @property
    def unread(self) -> int:
        """Return how many files could not be read."""
        return sum(head.is_unreadable for head in self._heads)

    @property
    def unlisted(self) -> int:
        """Return how many files the page does not list."""
        return max(0, len(self) - MOST_LISTED)

    @property
    def untold(self) -> tuple[int, int]:
        """Return how many files have issues that the page does not tell, and how many issues."""
        rest = [head for at, head in enumerate(self._heads) if at not in self._told and head.issues]
        return len(rest), sum(head.issues for head in rest)

    @property
    def units_told(self) -> set[str]:
        """Return the units whose issues the page tells."""
        return {self._heads[at].unit or UNKNOWN_UNIT for at in self._told}

    def _book(self, number: int, at: int, issues: Iterable[Issue] = ()) -> Workbook:
        head = self._heads[at]
        unit, standing = head.unit or UNKNOWN_UNIT, self._standings.get(head.file)
        return Workbook(
            anchor=f"file-{number}" if at in self._told else "",
            file=head.file,
            unit=unit,
            form=_title(head.form, self._forms),
            year=head.year,
            verdict=head.verdict,
            counts=head.file in self._collected.counting,
            standing=standing.standing.value if standing and head.is_read else "",
            why=standing.why if standing else "",
            tally=Counter({severity: head.count(severity) for severity in Severity}),
            blocks=tuple(_blocks((replace(item, unit=unit) for item in issues), in_file=True)),
        )


def _reading_order(head: Head) -> tuple[bool, int, str]:
    return head.is_read, _FIRST.index(head.verdict), head.file


def _gravest(heads: Sequence[Head]) -> frozenset[int]:
    """Return the positions of the files whose issues a page can hold, those with the gravest if not all."""
    troubled = [at for at, head in enumerate(heads) if head.issues]
    if len(troubled) > MOST_TOLD or sum(heads[at].issues for at in troubled) > MOST_ISSUES:
        troubled.sort(key=lambda at: tuple(-heads[at].count(severity) for severity in Severity))
        sums = accumulate(heads[at].issues for at in troubled)
        fitting = sum(1 for _ in takewhile(lambda issues: issues <= MOST_ISSUES, sums))
        troubled = troubled[: max(1, min(MOST_TOLD, fitting))]
    return frozenset(troubled)


@dataclass(frozen=True, slots=True)
class Content:
    """Everything the page shows."""

    workbooks: Books
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
    def families(self) -> dict[str, list[str]]:
        """Return the codes of broken rules by the Chinese name of their family."""
        found: dict[str, list[str]] = defaultdict(list)
        for code in self.by_rule:
            found[FAMILIES.get(code[:1], "其他")].append(code)
        return found

    @property
    def shown_units(self) -> dict[str, Counter[Severity]]:
        """Return the units one can filter by, with their issues."""
        if not self.workbooks.untold[0]:
            return self.by_unit
        shown = self.workbooks.units_told | {one.unit for block in self.shared for one in block.findings}
        return {unit: tally for unit, tally in self.by_unit.items() if unit in shown}


def content_of(collected: Collected, forms: Mapping[str, Form]) -> Content:
    """Arrange a collection for the page."""
    by_rule, by_unit = _counted(collected)
    known = entries()
    return Content(
        workbooks=Books(collected, forms),
        shared=tuple(_blocks(collected.issues, in_file=False)),
        missing=tuple(_missing(collected.standings, forms)),
        owing=_owing(collected),
        verdicts=Counter(head.verdict for head in collected.results.heads),
        tally=sum(by_rule.values(), Counter()),
        by_rule=_in_order_of(known, by_rule),
        by_unit=dict(sorted(by_unit.items())),
        rules={code: entry for code, entry in known.items() if code in by_rule},
        latest=max((row.fill_date for row in collected.standings if row.fill_date), default=None),
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


def _counted(collected: Collected) -> tuple[dict[str, Counter[Severity]], dict[str, Counter[Severity]]]:
    """Return how many issues there are by rule and by unit."""
    by_rule: dict[str, Counter[Severity]] = defaultdict(Counter)
    by_unit: dict[str, Counter[Severity]] = defaultdict(Counter)
    of_files = ((result.unit, issue) for result in collected.results.bare() for issue in result.issues)
    for unit, issue in chain(of_files, ((issue.unit, issue) for issue in collected.issues)):
        by_rule[issue.code][issue.severity] += 1
        by_unit[unit or UNKNOWN_UNIT][issue.severity] += 1
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
