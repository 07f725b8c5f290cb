"""The parts of a workbook that can be a form of their own: sheets, or the rows of one form below another."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, combinations, pairwise, starmap
from typing import TypeAlias

from toolkit.form.labels import normalise, unit_in
from toolkit.form.model import Form, SectionKind
from toolkit.submission.accounting import role_of
from toolkit.submission.beside import ANSWER_REACH
from toolkit.submission.bounds import bound
from toolkit.submission.grid import Position, RawValue, a1
from toolkit.submission.lexicon import Kind, Lexicon, Meaning, form_mark, is_note, is_unanswered, parted
from toolkit.submission.lines import below_numbers
from toolkit.submission.locate import find_regions
from toolkit.submission.places import Region, View, is_blank
from toolkit.submission.tabs import mark, year_in
from toolkit.submission.titles import year_in_title

Identity: TypeAlias = dict[str, frozenset[Meaning]]  # unit, project_name, year -> its labels
GRID = SectionKind.GRID
SHARED = 0.6  # of a section's labels, on both sheets, that make it the same section
MOST_DRAFTS = 9  # forms of the same unit, project and year looked for on one sheet
SHORT_NOTE = 20  # characters of a note of the unit of money
_YEAR_LINE = re.compile(r"\(?(?:20\d\d)?年度?\)?")


@dataclass(eq=False)  # no slots: what a comparison asks for is worked out when it is asked for
class Part:
    """A sheet, or the rows of one that hold a form of their own, with what tells it from its rivals."""

    lexicon: Lexicon
    view: View
    rows: range
    whole: bool = True

    @property
    def form(self) -> Form:
        """Return the form of which it may be a part."""
        return self.lexicon.form

    @property
    def labels(self) -> frozenset[str]:
        """Return the labels in their barest form."""
        return self.view.words

    @cached_property
    def names(self) -> dict[str, str]:
        """Return unit, project_name and year as far as the part states them."""
        identity = identity_of(self.form)
        stated = {key: _stated(self.view, asked) for key, asked in identity.items()}
        names = {key: text for key, texts in stated.items() if (text := next(filter(None, texts), ""))}
        if "year" not in names and (year := year_in_title(self.form, [self.view])):
            names["year"] = f"{year.value}"
        return names

    @cached_property
    def tables(self) -> frozenset[str]:
        """Return the sections that are no grids of which the part has most labels."""
        found: dict[str, set[str]] = defaultdict(set)
        for _, meaning in self.view.meanings():
            if meaning.kind is Kind.FIELD:
                found[meaning.section].add(meaning.name)
        asked = {name: section for name in found if (section := self.form.section(name)).kind is not GRID}
        return frozenset(
            name for name, section in asked.items() if len(found[name]) >= SHARED * len(section.fields)
        )

    @cached_property
    def regions(self) -> list[Region]:
        """Return the grids and tables as they lie in the part."""
        regions = find_regions(self.form, [self.view])
        bound(regions, ())
        return regions

    @cached_property
    def sections(self) -> frozenset[str]:
        """Return what the part holds: its grids and tables, and the answers of which it has most labels."""
        answers = (name for name in self.tables if self.form.section(name).kind is SectionKind.ANSWERS)
        return frozenset((*answers, *(region.section.id for region in self.regions)))

    @cached_property
    def answers(self) -> dict[Meaning, str]:
        """Return what the answers say that are filled, of the sections of which the part has most labels."""
        asked = {name for name in self.tables if self.form.section(name).kind is SectionKind.ANSWERS}
        found: dict[Meaning, str] = {}
        for place in self.view.asked:
            for meaning in self.view.asked_at(*place):
                wanted = meaning.kind is Kind.FIELD and meaning.section in asked and meaning not in found
                if wanted and (text := _answer(self.view, *place)):
                    found[meaning] = text
        return found

    @cached_property
    def grids(self) -> dict[str, frozenset[str]]:
        """Return the grids the part has, each with the rows that stand below its heading."""
        rows: dict[str, set[str]] = defaultdict(set)
        for region in self.regions:
            name = region.section.id
            for line in self.view.rows.get(name, ()):
                if region.first <= line < region.end:
                    rows[name] |= self.view.row_names(line, name)
        return {name: frozenset(found) for name, found in rows.items()}

    def repeats(self, other: Part, grid: str) -> bool:
        """Return whether most rows of a grid stand in both parts; a grid that goes on has others there."""
        return len(self.grids[grid] & other.grids[grid]) >= SHARED * len(self.form.section(grid).rows)

    @property
    def mark(self) -> str:
        """Return what the name of the sheet says of its being a copy, an old or a sample one."""
        return mark(self.view.grid.name)

    @cached_property
    def density(self) -> float:
        """Return how many cells that are asked for hold what no blank prints, for each label."""
        printed = self.lexicon.printed
        answered = sum(normalise(text) not in printed for text in self.answers.values())
        for region in self.regions:
            columns = frozenset(region.columns.values())
            for line in range(below_numbers(region), region.end):
                answered += sum(self._is_filled(line, column) for column in columns & {*region.filled(line)})
        return answered / max(1, len(self.labels))

    def _is_filled(self, row: int, column: int) -> bool:
        view = self.view
        return view.grid.rows[row][column] != "" and role_of(self.lexicon, view, row, column) is None

    @property
    def where(self) -> str:
        """Return the sheet, and the rows where the form does not take all of it."""
        name = f"工作表“{self.view.grid.name}”"
        if self.whole:
            return name
        far = self.view.grid.far
        right = max([len(self.view.grid.rows[self.rows.start]) - 1, *(column for _, column in far)])
        bottom = max([self.rows.stop - 1, *(row for row, _ in far)])
        return f"{name}的 {a1(self.rows.start, 0)}:{a1(bottom, right)} "

    @property
    def year(self) -> int:
        """Return the year its answer, its title or its tab names; 0 when none does."""
        return year_in(self.names.get("year", "")) or year_in(self.view.grid.name)


def identity_of(form: Form) -> Identity:
    """Return the labels under which a form asks whose it is, for what and of which year."""
    return {
        key: frozenset(Meaning(Kind.FIELD, ref.section, ref.field) for ref in form.summary.get(key, ()))
        for key in ("unit", "project_name", "year")
    }


def parts_of(lexicon: Lexicon, view: View, starts: list[int]) -> list[Part]:
    """Return the parts of a sheet; each of `starts` begins another form."""
    rows = len(view.grid.rows)
    if not starts:
        return [Part(lexicon, view, range(rows))]
    return [
        Part(lexicon, _only(view, lexicon, first, end), range(first, end), whole=False)
        for first, end in pairwise([0, *starts, rows])
    ]


def _stated(view: View, asked: frozenset[Meaning]) -> list[str]:
    """Return what answers the labels of some meanings, from top to bottom."""
    return [_answer(view, *place) for place in _places(view, asked)]


def _places(view: View, asked: frozenset[Meaning]) -> list[Position]:
    return [place for place in view.asked if not asked.isdisjoint(view.asked_at(*place))]


def _answer(view: View, row: int, column: int) -> str:
    """Return what stands behind a label's colon or right of it, or nothing when that is a label, too."""
    values = view.grid.rows[row]
    if (row, column) in view.inline:
        return parted(str(values[column]))[1]
    first = view.span(row, column)[3] + 1
    for place in range(first, min(len(values), first + ANSWER_REACH)):
        if view.labels.get(row, {}).get(place):
            return ""
        if not is_blank(values[place]):
            text = _text(values[place])
            return "" if is_unanswered(text) else text
    return ""


def _text(value: RawValue) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip()


def differ(one: str, other: str) -> bool:
    """Return whether two names mean different things: neither is the other's short form."""
    one, other = normalise(one), normalise(other)
    return bool(one and other) and one not in other and other not in one


# --- forms one below the other ------------------------------------------------------------------------


def cuts_of(lexicon: Lexicon, view: View, identity: Identity) -> list[int]:
    """Return the rows at which another form begins: all labels again, for another unit, project or year.

    When it names no other, what comes again must be more than the head of a page and of its table.
    """
    if len(_places(view, frozenset[Meaning]().union(*identity.values()))) < 2:
        return []
    stated = {key: _stated(view, asked) for key, asked in identity.items()}
    cuts: set[int] = set()
    for found in stated.values():
        texts = [text for text in found if text]
        if any(starmap(differ, pairwise(texts))):
            cuts |= _recurrences(lexicon, view, _repeated(view, len(texts)), len(texts))
    if cuts:
        return sorted(cuts)
    heads = frozenset(meaning.section for asked in identity.values() for meaning in asked)
    for times in sorted({len(found) for found in stated.values()} & {*range(2, MOST_DRAFTS + 1)}):
        repeated = _repeated(view, times)
        if _is_whole(lexicon.form, repeated, heads):
            return sorted(_recurrences(lexicon, view, repeated, times))
    return []


def _repeated(view: View, times: int) -> dict[Meaning, list[Position]]:
    """Return the labels that stand as often in each of so many forms, with their cells; none when few do."""
    places: dict[Meaning, list[Position]] = defaultdict(list)
    for place, meaning in view.meanings():
        if meaning.kind in (Kind.ROW, Kind.FIELD):
            places[meaning].append(place)
    repeated = {meaning: sorted(found) for meaning, found in places.items() if len(found) % times == 0}
    return repeated if len(repeated) >= SHARED * len(places) else {}


def _is_whole(form: Form, repeated: Mapping[Meaning, Sequence[Position]], heads: Container[str]) -> bool:
    """Return whether labels are more than a printed page repeats, its head and the heading of a table."""
    found: dict[str, list[Sequence[Position]]] = defaultdict(list)
    for meaning, places in repeated.items():
        found[meaning.section].append(places)
    tables: list[frozenset[Position]] = []  # the cells of their headings
    for name, places_of in found.items():
        section = form.section(name)
        labels = len(section.fields) + (len(section.rows) if section.kind is GRID else 0)
        if name in heads or len(places_of) < SHARED * labels:
            continue
        if section.kind is not SectionKind.TABLE:
            return True
        tables.append(frozenset(chain.from_iterable(places_of)))
    return any(starmap(frozenset.isdisjoint, combinations(tables, 2)))


def _recurrences(
    lexicon: Lexicon, view: View, repeated: Mapping[Meaning, Sequence[Position]], times: int
) -> set[int]:
    """Return where each further form begins, when the labels of one all stand above those of the next."""
    if not repeated:
        return set()
    right = max(column for found in view.labels.values() for column in found)
    starts = set()
    for turn in range(1, times):
        last = max(found[len(found) // times * turn - 1][0] for found in repeated.values())
        first = min(found[len(found) // times * turn][0] for found in repeated.values())
        if first <= last:
            return set()
        starts.add(_head(lexicon, view, range(last + 1, first), right))
    return starts


def _head(lexicon: Lexicon, view: View, above: range, right: int) -> int:
    """Return the first row of the head of a form: headings, titles, notes of unit and year above a row.

    Right of the last label there are only remarks.
    """
    head = row = above.stop
    while row > above.start:
        row -= 1
        texts = {column: str(view.grid.rows[row][column]) for column in view.filled(row) if column <= right}
        if not all(_heads(lexicon, view, row, column, text) for column, text in texts.items()):
            break
        if not all(map(is_note, texts.values())):
            head = row  # empty rows and notes belong to it when a title stands above them
    return head


def _heads(lexicon: Lexicon, view: View, row: int, column: int, text: str) -> bool:
    """Return whether a cell belongs to the head of a form: no answer, and a name over several headings."""
    _, left, _, last = view.span(row, column)
    return bool(
        column in view.labels.get(row, {})
        or lexicon.is_title(text)
        or is_note(text)
        or form_mark(text)
        or _YEAR_LINE.fullmatch(normalise(text))
        or (len(text) < SHORT_NOTE and unit_in(text))
        or sum(left <= below <= last for below in view.labels.get(row + 1, ())) > 1
    )


def _only(view: View, lexicon: Lexicon, first: int, end: int) -> View:
    """Return the sheet with nothing but some rows, at their own addresses."""
    grid = view.grid
    rows = range(first, end)
    beyond = end == len(grid.rows)  # nothing stands below
    cut = replace(
        grid,
        rows=[values if row in rows else [""] * len(values) for row, values in enumerate(grid.rows)],
        merges=tuple(merge for merge in grid.merges if merge[0] in rows),
        errors={where: error for where, error in grid.errors.items() if where[0] in rows},
        uncalculated=frozenset(where for where in grid.uncalculated if where[0] in rows),
        far={at: text for at, text in grid.far.items() if at[0] in rows or (beyond and at[0] >= end)},
    )
    return View.of(view.index, cut, lexicon)
