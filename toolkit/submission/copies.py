"""A second unit's form, last year's, or a copy of a sheet in the same workbook: one is read, the others told.

Two sheets are rivals when both hold the same grid, name different units, projects or years, repeat each
other's texts under the same heading, or one bears the other's name with `(2)` behind it. A table that merely
goes on elsewhere, or a cover line repeated on every page, is none of these. A form pasted below the first on
one sheet is cut off as a sheet of its own beforehand.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, combinations, pairwise, starmap
from typing import TypeAlias

from toolkit.form.labels import normalise, plain, unit_in
from toolkit.form.model import Form, SectionKind
from toolkit.submission.grid import RawValue, a1
from toolkit.submission.lexicon import Kind, Lexicon, Meaning, form_mark, is_note
from toolkit.submission.places import View, is_blank
from toolkit.submission.titles import year_in_title

ALIKE = 0.8  # of a sheet's labels, found on the other: both hold the same tables
Identity: TypeAlias = dict[str, frozenset[Meaning]]  # unit, project_name, year -> its labels
SHARED = 0.6  # of a section's labels, on both sheets, that make it the same section
REPEATED = 0.5  # of a sheet's longer texts, found on the other, that make it a copy
LONG_TEXT = 4  # characters of a text that does not recur by chance
BLANK = 0.25  # of the answers for each label of the other: with fewer, a sheet is an empty blank
ANSWER_REACH = 4
SHORT_NOTE = 20  # characters of a note of the unit of money
_WHOSE = {"unit", "project_name"}
_YEAR = re.compile(r"20\d\d(?=年|$|[^\d])")
_YEAR_LINE = re.compile(r"\(?(?:20\d\d)?年度?\)?")
_COPY = re.compile(r"\s*[(（]\d{1,2}[)）]$|副本|备份|复制|copy|backup", re.IGNORECASE)
_UNUSED = re.compile(r"示例|样表|样例|范例|示范|模板|空表|空白|作废|旧|上年|去年|往年|参考")


@dataclass(eq=False)  # no slots: what a comparison asks for is worked out when it is asked for
class Part:
    """A sheet, or the rows of one that hold a form of their own, with what tells it from its rivals."""

    form: Form
    view: View
    rows: range
    whole: bool = True

    @cached_property
    def labels(self) -> frozenset[str]:
        """Return the labels in their barest form."""
        return _labels(self.view)

    @cached_property
    def names(self) -> dict[str, str]:
        """Return unit, project_name and year as far as the part states them."""
        identity = _identity(self.form)
        names = {key: value for key, asked in identity.items() if (value := _stated(self.view, asked))}
        if "year" not in names and (year := year_in_title(self.form, [self.view])):
            names["year"] = f"{year.value}"
        return names

    @cached_property
    def sections(self) -> frozenset[str]:
        """Return the sections of which the part has most labels: rows of grids, fields of the others."""
        found: dict[str, set[str]] = defaultdict(set)
        for labels in self.view.labels.values():
            for meaning in chain.from_iterable(labels.values()):
                grid = meaning.kind is Kind.ROW
                if meaning.kind is Kind.FIELD or grid:
                    kind = self.form.section(meaning.section).kind
                    if grid == (kind is SectionKind.GRID):
                        found[meaning.section].add(meaning.name)
        asked = {name: self.form.section(name) for name in found}
        return frozenset(
            name
            for name, names in found.items()
            if len(names) >= SHARED * len(asked[name].rows or asked[name].fields)
        )

    @property
    def mark(self) -> str:
        """Return what the name of the sheet says of its being a copy, an old or a sample one."""
        name = self.view.grid.name
        return "".join(match[0] for shape in (_COPY, _YEAR, _UNUSED) if (match := shape.search(name)))

    @property
    def where(self) -> str:
        """Return the sheet, and the rows where the form does not take all of it."""
        name = f"工作表“{self.view.grid.name}”"
        if self.whole:
            return name
        last = len(self.view.grid.rows[self.rows.start]) - 1
        return f"{name}的 {a1(self.rows.start, 0)}:{a1(self.rows.stop - 1, last)} "

    @property
    def year(self) -> int:
        """Return the year its answer, its title or its tab names; 0 when none does."""
        for text in (self.names.get("year", ""), self.view.grid.name):
            if match := _YEAR.search(normalise(text)):
                return int(match[0])
        return 0


@dataclass(slots=True)
class Aside:
    """The parts of one form that is not read, and why it is not."""

    parts: list[Part]
    kept: list[Part]
    blank: bool = False
    alike: bool = False

    @property
    def filled(self) -> int:
        """Return how many cells of the parts hold something."""
        return sum(
            len(part.view.filled(row)) for part in self.parts for row in range(len(part.view.grid.rows))
        )

    @property
    def year_kept(self) -> int:
        """Return the latest year of the parts that are read; 0 when they name none."""
        return max((part.year for part in self.kept), default=0)

    def name(self, key: str) -> str:
        """Return the unit, project or year that the parts state."""
        return next((part.names[key] for part in self.parts if part.names.get(key)), "")


def choose(form: Form, lexicon: Lexicon, views: Sequence[View]) -> tuple[list[View], list[Aside]]:
    """Return the views to read, numbered anew, and the forms set aside."""
    identity = _identity(form)
    cuts = {view.index: _cuts(lexicon, view, identity) for view in views}
    if not any(cuts.values()) and not any(starmap(_much_alike, combinations(map(_labels, views), 2))):
        return list(views), []
    parts = [part for view in views for part in _parts(form, lexicon, view, cuts[view.index])]
    dealt = _Forms.of(parts)
    lost = _lost(dealt)
    if not lost:
        return list(views), []
    gone = {part for form in lost for part in form}
    chosen = [part.view for part in parts if part not in gone]
    for index, view in enumerate(chosen):
        view.index = index
    return chosen, [_aside(form, [part for part in parts if part not in gone], dealt) for form in lost]


# --- what a sheet holds -------------------------------------------------------------------------------


def _identity(form: Form) -> Identity:
    return {
        key: frozenset(Meaning(Kind.FIELD, ref.section, ref.field) for ref in form.summary.get(key, ()))
        for key in ("unit", "project_name", "year")
    }


def _parts(form: Form, lexicon: Lexicon, view: View, starts: list[int]) -> list[Part]:
    rows = len(view.grid.rows)
    if not starts:
        return [Part(form, view, range(rows))]
    return [
        Part(form, _only(view, lexicon, first, end), range(first, end), whole=False)
        for first, end in pairwise([0, *starts, rows])
    ]


def _labels(view: View) -> frozenset[str]:
    """Return the labels of a sheet in their barest form."""
    rows = view.grid.rows
    return frozenset(plain(str(rows[row][column])) for row, found in view.labels.items() for column in found)


def _places(view: View, asked: frozenset[Meaning]) -> list[tuple[int, int]]:
    """Return the label cells of an answer."""
    return [
        (row, column)
        for row, labels in view.labels.items()
        for column, meanings in labels.items()
        if not asked.isdisjoint(meanings)
    ]


def _answer(view: View, row: int, column: int) -> str:
    """Return what stands right of a label, or nothing when that is a label, too."""
    values = view.grid.rows[row]
    first = view.span(row, column)[3] + 1
    for place in range(first, min(len(values), first + ANSWER_REACH)):
        if view.labels.get(row, {}).get(place):
            return ""
        if not is_blank(values[place]):
            return _text(values[place])
    return ""


def _stated(view: View, asked: frozenset[Meaning]) -> str:
    return next((value for place in _places(view, asked) if (value := _answer(view, *place))), "")


def _text(value: RawValue) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip()


# --- forms one below the other ------------------------------------------------------------------------


def _cuts(lexicon: Lexicon, view: View, identity: Identity) -> list[int]:
    """Return the rows at which another form begins: another unit, project or year, and all labels again."""
    cuts: set[int] = set()
    for asked in identity.values():
        places = _places(view, asked)
        if len(places) < 2:
            continue
        places = [place for place in places if _answer(view, *place)]
        if any(differ(_answer(view, *one), _answer(view, *other)) for one, other in pairwise(places)):
            cuts |= _recurrences(lexicon, view, len(places))
    return sorted(cuts)


def _recurrences(lexicon: Lexicon, view: View, forms: int) -> set[int]:
    """Return where each further form begins when most labels stand as often in each of so many."""
    rows: dict[Meaning, list[int]] = defaultdict(list)
    for row, labels in view.labels.items():
        for meanings in labels.values():
            for meaning in meanings:
                if meaning.kind in (Kind.ROW, Kind.FIELD):
                    rows[meaning].append(row)
    repeated = [sorted(found) for found in rows.values() if len(found) % forms == 0]
    if len(repeated) < SHARED * len(rows):
        return set()
    right = max(column for found in view.labels.values() for column in found)
    starts = set()
    for turn in range(1, forms):
        last = max(found[len(found) // forms * turn - 1] for found in repeated)
        first = min(found[len(found) // forms * turn] for found in repeated)
        start = _head(lexicon, view, first, right)
        if start <= last:
            return set()
        starts.add(start)
    return starts


def _head(lexicon: Lexicon, view: View, row: int, right: int) -> int:
    """Return the first row of the head of a form: headings, titles, notes of unit and year above a row."""
    while row > 0 and _heads(lexicon, view, row - 1, right):
        row -= 1
    return row


def _heads(lexicon: Lexicon, view: View, row: int, right: int) -> bool:
    """Return whether a row holds no answers; right of the last label there are only remarks."""
    return all(
        column in view.labels.get(row, {})
        or lexicon.is_title(str(text))
        or form_mark(str(text))
        or _YEAR_LINE.fullmatch(normalise(str(text)))
        or (len(str(text)) < SHORT_NOTE and unit_in(str(text)))
        for column, text in enumerate(view.grid.rows[row][: right + 1])
        if not is_blank(text)
    )


def _only(view: View, lexicon: Lexicon, first: int, end: int) -> View:
    """Return the sheet with nothing but some rows, at their own addresses."""
    grid = view.grid
    rows = range(first, end)
    last = end == len(grid.rows)
    cut = replace(
        grid,
        rows=[values if row in rows else [""] * len(values) for row, values in enumerate(grid.rows)],
        merges=tuple(merge for merge in grid.merges if merge[0] in rows),
        errors={where: error for where, error in grid.errors.items() if where[0] in rows},
        uncalculated=frozenset(where for where in grid.uncalculated if where[0] in rows),
        far=grid.far if last else {},
    )
    return View.of(view.index, cut, lexicon)


# --- rivals -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Forms:
    """The parts of a workbook dealt out to as many forms as it holds, in the order of the workbook."""

    forms: list[list[Part]]
    rivals: dict[Part, list[Part]]  # part -> those of which it or they can be read, not both
    twins: dict[Part, list[Part]]  # likewise, but only because of the forms they belong to

    @classmethod
    def of(cls, parts: Sequence[Part]) -> _Forms:
        """Deal out the parts: no two rivals in one form, and what follows the start of a form is its own."""
        dealt = cls([[]], defaultdict(list), defaultdict(list))
        current = 0
        for part in parts:
            against = [other for form in dealt.forms for other in form if _rival(part, other)]
            pairs = dealt.rivals
            if not against and dealt._goes_on(part, current):
                against = [other for form in dealt.forms for other in dealt._twins(part, form)]
                pairs = dealt.twins
            for other in against:
                pairs[part].append(other)
                pairs[other].append(part)
            number = dealt._home(part, against, current)
            if number == len(dealt.forms):
                dealt.forms.append([])
            dealt.forms[number].append(part)
            current = number if against else current
        return dealt

    def _goes_on(self, part: Part, current: int) -> bool:
        """Return whether a second form has begun, whose next sheet the part may be."""
        form = self.forms[current]
        begun = current > 0 and form[0].mark == part.mark and any(other.names for other in form)
        return begun and not self._twins(part, form)

    @staticmethod
    def _twins(part: Part, form: list[Part]) -> list[Part]:
        return [other for other in form if _same_labels(part.labels, other.labels)]

    def _home(self, part: Part, against: list[Part], current: int) -> int:
        """Return the number of a part's form: the current one, one of the same mark, or a new one."""
        free = [number for number, form in enumerate(self.forms) if not set(against) & set(form)]
        alike = [
            number for number in free if not self.forms[number] or self.forms[number][0].mark == part.mark
        ]
        if current in free and (against or current in alike):
            return current
        return (alike or [len(self.forms)])[0]

    def year(self, part: Part) -> int:
        """Return the year of a part, else that of the form it belongs to."""
        home = next(form for form in self.forms if part in form)
        return part.year or max(other.year for other in home)


def _rival(one: Part, other: Part) -> bool:
    if not _same_labels(one.labels, other.labels):
        return False
    shared = one.sections & other.sections
    if not shared:
        return False
    if any(one.form.section(name).kind is SectionKind.GRID for name in shared):
        return True
    if any(differ(one.names[key], other.names[key]) for key in one.names.keys() & other.names.keys()):
        return True
    names = sorted((one.view.grid.name.strip(), other.view.grid.name.strip()), key=len)
    if names[1].startswith(names[0]) and _COPY.match(names[1], len(names[0])):
        return True
    texts, others = _long_texts(one.form, one.view), _long_texts(one.form, other.view)
    return len(texts & others) >= max(2, REPEATED * min(len(texts), len(others)))


def _much_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether two sheets share so many labels that a closer look is worth it."""
    return len(one & other) > min(len(one), len(other)) // 3


def _same_labels(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether the labels of one sheet are nearly all on the other."""
    return bool(one and other) and len(one & other) >= ALIKE * min(len(one), len(other))


def differ(one: str, other: str) -> bool:
    """Return whether two names mean different things: neither is the other's short form."""
    one, other = normalise(one), normalise(other)
    return bool(one and other) and one not in other and other not in one


def _long_texts(form: Form, view: View) -> frozenset[str]:
    """Return the longer texts of a sheet's tables, in the rows without a label, that are no choices."""
    fields = [entry for section in form.sections for entry in section.fields]
    choices = {text for entry in fields for text in (*entry.choices, *entry.choice_aliases)}
    return frozenset(
        value
        for row, values in enumerate(view.grid.rows)
        if row not in view.labels
        for value in values
        if isinstance(value, str) and len(value) >= LONG_TEXT and value not in choices and not is_note(value)
    )


# --- which one counts ---------------------------------------------------------------------------------


def _lost(dealt: _Forms) -> list[list[Part]]:
    """Return, form by form, the parts that are not read.

    A blank, an older year, a name that says copy or sample, or a hidden sheet loses; where nothing speaks for
    either, the form that won elsewhere wins, else the first.
    """
    keys = {part: _key(part, dealt) for part in dealt.rivals}
    wins = [
        sum(keys[part] < keys[other] for part in form for other in dealt.rivals.get(part, ()))
        - sum(keys[part] > keys[other] for part in form for other in dealt.rivals.get(part, ()))
        for form in dealt.forms
    ]
    order = sorted(range(len(wins)), key=lambda number: (-wins[number], number))
    place = {part: order.index(number) for number, form in enumerate(dealt.forms) for part in form}
    losers: set[Part] = set()
    ranks = {part: (key, place[part]) for part, key in keys.items()}
    for part in sorted(keys, key=ranks.__getitem__):
        if any(ranks[other] < ranks[part] for other in dealt.rivals[part] if other not in losers):
            losers.add(part)
    losers |= {
        part for part, others in dealt.twins.items() if any(place[other] < place[part] for other in others)
    }
    return [lost for form in dealt.forms if (lost := [part for part in form if part in losers])]


def _key(part: Part, dealt: _Forms) -> tuple[bool, int, bool, bool, bool]:
    rivals = dealt.rivals[part]
    years = [dealt.year(other) for other in (part, *rivals)]
    blank = _density(part) < BLANK * max(map(_density, rivals))
    nobody = not part.names.keys() & _WHOSE and any(other.names.keys() & _WHOSE for other in rivals)
    return (
        blank and nobody,
        max(years) - years[0] if years[0] else 0,
        blank,
        bool(_COPY.search(part.view.grid.name) or _UNUSED.search(part.view.grid.name)),
        not part.view.grid.visible,
    )


def _density(part: Part) -> float:
    """Return how many cells that are no labels hold something, for each label."""
    view, rows = part.view, range(len(part.view.grid.rows))
    filled = sum(len(set(view.filled(row)) - view.labels.get(row, {}).keys()) for row in rows)
    return filled / max(1, len(part.labels))


def _aside(lost: list[Part], chosen: list[Part], dealt: _Forms) -> Aside:
    """Return a form that is not read, with the sheets that are read in its place."""
    against = {part: {*dealt.rivals.get(part, ()), *dealt.twins.get(part, ())} for part in lost}
    kept = [part for part in chosen if any(part in others for others in against.values())] or chosen[:1]
    pairs = [(part, other) for part in lost for other in kept if other in against[part]]
    return Aside(
        lost,
        kept,
        blank=all(_density(part) < BLANK * _density(other) for part, other in pairs),
        alike=all(part.view.grid.rows == other.view.grid.rows for part, other in pairs),
    )
