"""Which form is this? The labels of a workbook weighed for all forms at once, the rarer the more telling."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from toolkit.form.labels import label_forms, normalise, plain, unit_in
from toolkit.form.loader import load_form
from toolkit.form.model import Form, MoneyUnit
from toolkit.form.toml_table import FormError
from toolkit.submission.grid import SheetGrid
from toolkit.submission.lexicon import Kind, Lexicon, Meaning

LEAST_FIT = 0.25  # of a form that may be read, see `Likeness.carried`
LEAST_LEAD = 0.05  # by which the best form must lead the next
SURE_LEAD = 0.2  # by which another form must lead that of the mark before the mark is not believed
SURE_CARRIED = 0.5  # what a form that is not in use must carry before a workbook is said to be it
TITLE_ROWS = 8  # rows at the top of a sheet in which a title is looked for
_UNIT_NOTE_LENGTH = 40
_YEAR = re.compile(r"\(?20\d\d年度?\)?")
_COUNTED = (Kind.FIELD, Kind.ROW)

Thing: TypeAlias = tuple[Kind, str, str]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like a form a workbook is.

    `fit` compares forms: each word of the workbook that is a label of some form counts for the forms that
    know it, each label of a form for being there, both the more, the fewer forms have it. `carried` is
    absolute: the share of the form's own questions that are there.
    """

    form: Form
    fit: float
    carried: float
    titled: bool = False


@dataclass(slots=True)
class _Read:
    """What recognition looks at in a workbook."""

    texts: set[str] = field(default_factory=set)
    heads: set[str] = field(default_factory=set)  # normalised, near the top of a sheet
    units: set[MoneyUnit] = field(default_factory=set)
    names: set[str] = field(default_factory=set)  # of sheets, normalised

    @classmethod
    def of(cls, sheets: Iterable[SheetGrid]) -> _Read:
        """Collect the words of the sheets."""
        read = cls()
        for sheet in sheets:
            read.names.add(normalise(sheet.name))
            for row, values in enumerate(sheet.rows):
                texts = [value for value in values if value and isinstance(value, str)]
                read.texts.update(texts)
                if row < TITLE_ROWS:
                    read.heads.update(normalise(text) for text in texts if len(text) < 120)
        short = (text for text in read.texts if "元" in text and len(text) < _UNIT_NOTE_LENGTH)
        read.units.update(unit for text in short if (unit := unit_in(text)) is not None)
        return read


Library: TypeAlias = Mapping[str, Path | Form]


@dataclass
class Recogniser:
    """Knows the forms in use, and those of a library that may have been sent by mistake: id -> file or form.

    The library is read when the first workbook without a usable mark is met; a file in it that is no form
    is passed over.
    """

    forms: Sequence[Form]
    library: Library

    @cached_property
    def lexicons(self) -> list[Lexicon]:
        """Return the words of every form, those in use first."""
        return [Lexicon.of(form) for form in (*self.forms, *self._others())]

    def _others(self) -> Iterator[Form]:
        used = {form.id for form in self.forms}
        files = {name: found for name, found in self.library.items() if isinstance(found, Path)}
        for name, found in self.library.items():
            if name not in used:
                try:
                    yield load_form(found, files) if isinstance(found, Path) else found
                except FormError:
                    continue

    @cached_property
    def _index(self) -> dict[str, list[tuple[int, tuple[Meaning, ...]]]]:
        """Return normal form of a label -> the forms that have it and what it means there."""
        index: dict[str, list[tuple[int, tuple[Meaning, ...]]]] = defaultdict(list)
        for number, lexicon in enumerate(self.lexicons):
            for key, meanings in lexicon.words():
                index[key].append((number, meanings))
            for key in _levels(lexicon.form):
                index[key].append((number, ()))
        return dict(index)

    @cached_property
    def _weights(self) -> list[dict[Thing, float]]:
        """Return, for each form, its questions and fixed rows with how telling each is."""
        weights: list[dict[Thing, float]] = []
        for lexicon in self.lexicons:
            things: dict[Thing, float] = {}
            for section in lexicon.form.sections:
                for entry in section.fields:
                    things[Kind.FIELD, section.id, entry.id] = self._rarity(entry.label)
                for row in section.rows:
                    things[Kind.ROW, section.id, row.id] = self._rarity(row.label)
            weights.append(things)
        return weights

    def _rarity(self, label: str) -> float:
        known = {number for key in label_forms(label) for number, _ in self._index.get(key, ())}
        return 1 / max(1, len(known))

    def likenesses(self, sheets: Sequence[SheetGrid]) -> list[Likeness]:
        """Return how like each form a workbook is, the likest first; forms it cannot be are left out."""
        read = _Read.of(sheets)
        found: list[set[Thing]] = [set() for _ in self.lexicons]
        explained = [0.0] * len(self.lexicons)
        total = 0.0
        for keys in {label_forms(text) for text in read.texts}:
            known: set[int] = set()
            for key in keys:
                for number, meanings in self._index.get(key, ()):
                    known.add(number)
                    found[number].update(
                        (meaning.kind, meaning.section, meaning.name)
                        for meaning in meanings
                        if meaning.kind in _COUNTED
                    )
            total += 1 / len(known) if known else 0
            for number in known:
                explained[number] += 1 / len(known)
        likenesses = [
            self._likeness(number, read, found[number], explained[number] / total if total else 0.0)
            for number, lexicon in enumerate(self.lexicons)
            if found[number] and lexicon.admits(read.texts)
        ]
        return sorted(likenesses, key=lambda likeness: -likeness.fit)

    def _likeness(self, number: int, read: _Read, found: set[Thing], explained: float) -> Likeness:
        form, things = self.lexicons[number].form, self._weights[number]
        used = {section for _, section, _ in found}
        weight = sum(things.get(thing, 0.0) for thing in found)
        of_used = sum(value for (_, section, _), value in things.items() if section in used)
        coverage = 0.4 * weight / sum(things.values()) + 0.6 * (weight / of_used if of_used else 0.0)
        title = _title(form, read.heads)
        tabs = sum(normalise(sheet.name) in read.names for sheet in form.sheets) / len(form.sheets)
        contradicted = bool(read.units) and form.money not in read.units
        fit = 0.4 * explained + 0.4 * coverage + 0.15 * title + 0.05 * tabs - 0.1 * contradicted
        return Likeness(form, fit, _carried(form, found, titled=title > 0), title > 0)

    def is_in_use(self, form: Form) -> bool:
        """Return whether the collection asks for the form."""
        return any(form is used for used in self.forms)

    def title(self, form: Form) -> str:
        """Return the form's title, with its id where several forms share it."""
        same = sum(lexicon.form.title == form.title for lexicon in self.lexicons)
        return f"“{form.title}”（{form.id}）" if same > 1 else f"“{form.title}”"


def _levels(form: Form) -> set[str]:
    """Return the words of the level columns: 产出指标, 经济成本指标."""
    return {
        plain(word)
        for section in form.sections
        for entry in section.fields
        if entry.fill_down
        for word in (*entry.choices, *entry.choice_aliases)
    }


def _title(form: Form, heads: Iterable[str]) -> float:
    """Return how exactly the form's title stands at the top: alone, by another name, or within more words."""
    bare = {_YEAR.sub("", head) for head in heads}
    if normalise(form.title) in bare:
        return 1.0
    titles = [normalise(title) for title in (form.title, *form.aliases)]
    if any(title in bare for title in titles):
        return 0.8
    return 0.6 if any(title in head for title in titles for head in bare) else 0.0


def _carried(form: Form, found: set[Thing], *, titled: bool) -> float:
    """Return the share of a form's questions that is there, of its sections in sight, and of its title."""
    named = {(section, name) for kind, section, name in found if kind is Kind.FIELD}
    used = {section for section, _ in named}
    asked = sum(len(section.fields) for section in form.sections)
    of_used = sum(len(section.fields) for section in form.sections if section.id in used)
    if not of_used:
        return 0.0
    return 0.5 * len(named) / asked + 0.3 * len(named) / of_used + (0.3 if titled else 0.0)
