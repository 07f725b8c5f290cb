"""Texts between the workbooks of different units: copied paragraphs, and names left standing in them.

Linear in the number of workbooks: a paragraph is compared only with the first ones that share a clause with
it, and a name is looked up only where a character stands that names end in.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from toolkit.checks.figures import answers_at
from toolkit.checks.heads import Head
from toolkit.checks.model import CheckResult, RosterUnit
from toolkit.checks.paragraphs import (
    Index,
    Paragraph,
    cells_in_words,
    is_copy,
    paragraphs,
    same_words,
    texts_of,
)
from toolkit.checks.policy import Policy
from toolkit.checks.results import Results
from toolkit.form.model import FieldType, Form, Ref, Rule
from toolkit.form.references import EVERY_ROW
from toolkit.issues.catalogue import issue, shorten
from toolkit.issues.model import Issue
from toolkit.submission.model import Answer

CHECK = "own_words"  # the rule whose parameters say which texts are compared, and how
SHORTEST, ALIKE = 60, Decimal("0.9")
MOST_COMPARED = 3  # of the earlier paragraphs, those that share most


def compare_texts(
    results: Results,
    roster: Sequence[RosterUnit],
    forms: Mapping[str, Form],
    counting: Collection[str],
    policy: Policy,
) -> Iterator[tuple[str, Issue]]:
    """Yield (file, issue) for paragraphs copied from another unit and for other units' names.

    Only workbooks that count are compared. Of two with the same paragraph the later one is told, by the
    fill-in date and then by file name.
    """
    read = [one for one in results.kept if one.head.file in counting and one.head.is_read]
    read.sort(key=lambda one: _turn(one.head))
    copies, foreign = _Copies(Index(results.store), forms, policy), _ForeignNames(roster, forms)
    for result in Results(results.store, read):
        yield from copies.of(result)
        yield from foreign.of(result)


def _turn(head: Head) -> tuple[date, str, str, str]:
    """Return the order of comparing, which is the same whatever way workbooks came."""
    return head.filled or date.max, head.file.rpartition("/")[2], head.sha256, head.file


# ── copied paragraphs ───────────────────────────────────────────────────────────────────────────────


class _Copies:
    """The paragraphs met so far, and what later ones have from them."""

    def __init__(self, index: Index, forms: Mapping[str, Form], policy: Policy) -> None:
        self._index, self._forms, self._policy = index, forms, policy
        self._rules = {name: rule for name, form in forms.items() if (rule := _rule(form)) is not None}
        self._texts = {name: texts_of(forms[name], rule) for name, rule in self._rules.items()}

    def of(self, result: CheckResult) -> Iterator[tuple[str, Issue]]:
        """Yield an issue for each earlier workbook that this one has paragraphs from."""
        assert result.submission is not None
        form = self._forms[result.submission.form]
        rule = self._rules.get(form.id)
        if rule is None:
            return
        copied: dict[str, list[tuple[Paragraph, Paragraph]]] = defaultdict(list)
        shortest = int(rule.params.get("shortest", SHORTEST))
        for paragraph in paragraphs(result, form, self._texts[form.id], shortest):
            source = self._index.whole(paragraph)
            if source is None:
                source = self._near(paragraph, rule)
            elif source.unit == paragraph.unit:
                source = None
            if source is not None:
                copied[source.file].append((paragraph, source))
            else:
                self._index.add(paragraph)
        for pairs in copied.values():
            yield result.file, self._policy.by_rule(_copied(pairs, rule), rule)

    def _near(self, paragraph: Paragraph, rule: Rule) -> Paragraph | None:
        """Return the earlier paragraph of another unit that this one nearly repeats, or None."""
        near = Counter(self._index.sharing(paragraph))
        least = min(2, len(paragraph.keys) - 1)  # one clause in common may be a set phrase
        alike = float(rule.params.get("alike", ALIKE))
        for number, keys_shared in near.most_common(MOST_COMPARED):
            if keys_shared < least:
                continue
            other = self._index.paragraph(number)
            if other.unit != paragraph.unit and is_copy(paragraph, other, alike):
                return other
        return None


def _copied(pairs: Sequence[tuple[Paragraph, Paragraph]], rule: Rule) -> Issue:
    """Return the one issue about what a workbook has from another, on the first of its cells."""
    mine, theirs = pairs[0]
    cells, place = cells_in_words(copy for copy, _ in pairs), theirs.cell
    source = f"{place.sheet} {place.a1}" if place is not None else theirs.label
    return issue(
        rule.code,
        mine.place,
        found=shorten(mine.answer.strip(), 40),
        expected="本单位",
        unit=mine.unit,
        other=f"“{theirs.unit}”的《{theirs.file}》{source} ",
        alike=same_words(mine, theirs) + (f"，这样的文字共 {cells}" if cells else ""),
    )


def _rule(form: Form) -> Rule | None:
    return next((rule for rule in form.rules if rule.check == CHECK), None)


# ── names of other units ────────────────────────────────────────────────────────────────────────────

_SHORTEST_NAME = 3
_WITH_NEIGHBOURS = re.compile(
    r"[与和同跟、]|联|邻|毗|交界|接壤|相接|协[同作]|共建|对口|帮扶|结对|学习|考察|参观|交流|借鉴|经验|划[归入转出]|移交|并入|调[入出]|原属"
)
_NEAR = 6  # characters around a name in which a word says that a neighbour is meant


class _ForeignNames:
    """The names of the roster's units, looked for in what other units write."""

    def __init__(self, roster: Sequence[RosterUnit], forms: Mapping[str, Form]) -> None:
        self._forms = forms
        self._names = _names(roster)
        ends = "".join(sorted({name[-1] for name in self._names}))
        self._ending = re.compile(f"[{re.escape(ends)}]") if ends else None
        self._lengths = sorted({len(name) for name in self._names}, reverse=True)
        self._units = {unit.name: unit for unit in roster}

    def of(self, result: CheckResult) -> Iterator[tuple[str, Issue]]:
        """Tell texts that name another unit of the same kind, unless they speak of it as a neighbour."""
        own = self._units.get(result.unit)
        if own is None or self._ending is None:
            return
        mentions: dict[str, list[tuple[str, Paragraph]]] = defaultdict(list)
        for label, answer in _prose(result, self._forms):
            for unit, name in _mentioned(answer.text, self._names, self._ending, self._lengths):
                if unit.name != own.name and unit.kind == own.kind and not _is_own(name, own):
                    told = Paragraph(result.file, result.unit, label, answer.cell, answer.text, answer.text)
                    mentions[unit.name].append((name, told))
        for other, found in mentions.items():
            yield result.file, _named(other, found)


def _names(roster: Sequence[RosterUnit]) -> dict[str, RosterUnit]:
    """Return the names that mean one unit of the roster only."""
    owners: dict[str, list[RosterUnit]] = defaultdict(list)
    for unit in roster:
        for name in spellings(unit):
            owners[name].append(unit)
    return {name: units[0] for name, units in owners.items() if len(units) == 1}


def spellings(unit: RosterUnit) -> set[str]:
    """Return what a unit is called in texts: its name, its aliases, and its name without what all share.

    >>> sorted(spellings(RosterUnit("1", "某市某区人民政府红桥街道办事处", ("红桥街",))), key=len)
    ['红桥街', '红桥街道', '红桥街道办事处', '某市某区人民政府红桥街道办事处']
    """
    short = unit.name.rpartition("人民政府")[2]
    names = {unit.name, *unit.aliases, short, short.removesuffix("办事处")}
    return {name.strip() for name in names if len(name.strip()) >= _SHORTEST_NAME}


def _is_own(name: str, own: RosterUnit) -> bool:
    return any(name in mine for mine in spellings(own))


def _mentioned(
    text: str, names: Mapping[str, RosterUnit], ending: re.Pattern[str], lengths: Sequence[int]
) -> Iterator[tuple[RosterUnit, str]]:
    """Yield the units a text names, with the name used; the longest at each place."""
    for match in ending.finditer(text):
        end = match.end()
        for length in lengths:
            unit = names.get(text[end - length : end]) if length <= end else None
            if unit is None:
                continue
            around = text[max(0, end - length - _NEAR) : end - length] + "|" + text[end : end + _NEAR]
            if not _WITH_NEIGHBOURS.search(around):
                yield unit, text[end - length : end]
            break


def _prose(result: CheckResult, forms: Mapping[str, Form]) -> Iterator[tuple[str, Answer]]:
    submission = result.submission
    assert submission is not None
    form = forms[submission.form]
    for section in form.sections:
        for entry in section.fields:
            if entry.type is FieldType.PROSE:
                for _, answer in answers_at(form, submission, Ref(section.id, EVERY_ROW, entry.id)):
                    if answer.text:
                        yield entry.label, answer


def _named(other: str, found: Sequence[tuple[str, Paragraph]]) -> Issue:
    """Return the one issue about another unit's name, on the first cell that holds it."""
    name, paragraph = max((item[0] for item in found), key=len), found[0][1]
    cells = cells_in_words(item for _, item in found)
    return issue(
        "Q08",
        paragraph.place,
        found=name,
        expected=f"名册中的“{other}”",
        unit=paragraph.unit,
        more=f"，共 {cells}" if cells else "",
    )
