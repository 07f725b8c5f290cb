"""A workbook's cells and the forms known -> a Submission, with every non-empty cell accounted for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from toolkit.form.model import Form, Section, SectionKind
from toolkit.form.places import LISTS_SHEET, NOTES_SHEET, STATUS_SHEET
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue, Location
from toolkit.submission.accounting import account_for
from toolkit.submission.answers import Readings
from toolkit.submission.copies import Aside, choose, told
from toolkit.submission.extract import Extraction
from toolkit.submission.grid import SheetGrid, Source
from toolkit.submission.lexicon import Lexicon, form_mark
from toolkit.submission.locate import locate
from toolkit.submission.model import Answer, Blank, Cell, CellCount, Row, SectionData, Submission
from toolkit.submission.places import Label, Places, Region, View, is_blank
from toolkit.submission.recognition import (
    LEAST_FIT,
    LEAST_LEAD,
    SURE_CARRIED,
    SURE_LEAD,
    TITLE_ROWS,
    Library,
    Likeness,
    Recogniser,
)
from toolkit.submission.region_rows import RegionRows
from toolkit.submission.titles import year_in_title

OPINION_SHEETS = ("审核意见", "审核意见（退回）")  # the second where the clerk has a sheet of the first name
OUR_SHEETS = (NOTES_SHEET, STATUS_SHEET, LISTS_SHEET, *OPINION_SHEETS)
LEAST_UNDERSTOOD = 0.5  # share of the cells, on the sheets with answers, that a guessed form must explain
MOST_NEEDED = 0.8  # share of the needed sections that an untitled workbook must have
LEAST_MARKED = 0.6  # share of the needed sections below which a mark is doubted
MOST_UNREAD = 0.2  # share of the cells above which it is, too


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What reading gave: no submission when no form fits."""

    submission: Submission | None
    issues: tuple[Issue, ...]
    cells: CellCount


@dataclass(frozen=True, slots=True)
class _Choice:
    """The form a workbook is read as, and what is to be told of how it was found."""

    form: Form | None
    issues: list[Issue] = field(default_factory=list)
    guessed: bool = False


@dataclass(slots=True)
class Reader:
    """Reads sources under a fixed set of forms; build it once and use it for every workbook."""

    forms: Sequence[Form]
    library: Library = field(default_factory=dict)  # forms that are not asked for
    _lexicons: dict[str, Lexicon] = field(init=False)
    _readings: dict[str, Readings] = field(init=False)
    _recogniser: Recogniser = field(init=False)

    def __post_init__(self) -> None:
        """Index the labels of every form."""
        self._lexicons = {form.name: Lexicon.of(form) for form in self.forms}
        self._readings = {form.name: Readings(form) for form in self.forms}
        self._recogniser = Recogniser(self.forms, self.library)

    def read(self, source: Source) -> ReadResult:
        """Read one workbook; never raises for what staff have done to it."""
        sheets = [sheet for sheet in source.sheets if not _ours(sheet)]
        choice = self._choose(sheets)
        form, issues = choice.form, list(choice.issues)
        if form is None:
            return _unknown(source, issues)
        lexicon = self._lexicons[form.name]
        views = [View.of(position, sheet, lexicon) for position, sheet in enumerate(sheets)]
        views, asides = choose(form, lexicon, views)
        places = locate(form, views)
        extraction = Extraction(lexicon, self._readings[form.name])
        title_year = year_in_title(form, views)
        sections = _extract(form, places, extraction, title_year)
        account = account_for(lexicon, views, extraction.roles)
        cells = _with_our_notes(_with_unread(account.count, asides), source)
        if choice.guessed:
            if account.understood < LEAST_UNDERSTOOD or not _recognisable(lexicon, sections, sheets):
                title = self._recogniser.title(form)
                return _unknown(source, [issue("S18", Location(), candidates=f"，比较接近的有{title}")])
        elif _is_doubtful(form, sections, account.count) and (other := self._belied(form, sheets)):
            return _unknown(source, [_belying(form, self._recogniser.title(other), sheets)])
        for aside in asides:
            issues += told(form, aside, sections)
        issues += _structure(form, places, sections)
        issues += account.issues
        submission = Submission(
            file=source.name,
            form=form.id,
            version=form.version,
            sections=sections,
            cells=cells,
            issues=tuple(issues),
            columns=_heading_cells(places.regions),
            title_year=title_year,
        )
        return ReadResult(submission, tuple(issues), cells)

    def _choose(self, sheets: Sequence[SheetGrid]) -> _Choice:
        """Return the form of the workbook: by its mark, else by the labels that fit best."""
        mark, place = _mark(sheets)
        location = Location(sheet=place.sheet, cell=place.a1, label="表样编号") if place else Location()
        if mark in self._lexicons:
            return _Choice(self._lexicons[mark].form)
        name = mark.partition("@")[0]
        if same := [form for form in self.forms if form.id == name]:
            return _Choice(same[-1], [issue("S19", location, found=mark, expected=same[-1].name)])
        if name in self.library:
            others = (lexicon.form for lexicon in self._recogniser.lexicons)
            sent = next((form for form in others if form.id == name), None)
            title = self._recogniser.title(sent) if sent is not None else f"“{name}”"
            return _Choice(None, [self._not_collected(title, location)])
        choice = self._guess(sheets)
        if mark and choice.form is not None:
            return replace(choice, issues=[issue("S19", location, found=mark, expected=choice.form.name)])
        return choice

    def _guess(self, sheets: Sequence[SheetGrid]) -> _Choice:
        """Return the form whose labels fit best, if it is in use, fits well and leads the others."""
        known = self._recogniser
        likely = [item for item in known.likenesses(sheets) if item.carried >= LEAST_FIT]
        usable = [item for item in likely if known.is_in_use(item.form)]
        lead = usable[0].fit if usable else 0.0
        if likely and likely[0].fit - lead >= LEAST_LEAD and not known.is_in_use(likely[0].form):
            if likely[0].carried >= SURE_CARRIED:
                return _Choice(None, [self._not_collected(known.title(likely[0].form), Location())])
            return _Choice(None, [self._unrecognised(likely[:3])])
        near = [item for item in usable if lead - item.fit < LEAST_LEAD]
        if len(near) != 1:
            return _Choice(None, [self._unrecognised(near)])
        return _Choice(near[0].form, [issue("S17", Location(), found=near[0].form.title)], guessed=True)

    def _unrecognised(self, near: Sequence[Likeness]) -> Issue:
        titles = "、".join(self._recogniser.title(item.form) for item in near[:3])
        return issue("S18", Location(), candidates=f"，比较接近的有{titles}" if titles else "")

    def _not_collected(self, title: str, location: Location) -> Issue:
        collected = "、".join(dict.fromkeys(f"“{form.title}”" for form in self.forms))
        return issue("S25", location, found=title, expected=collected)

    def _belied(self, form: Form, sheets: Sequence[SheetGrid]) -> Form | None:
        """Return the form that a marked workbook is much rather than the one of its mark."""
        likely = self._recogniser.likenesses(sheets)
        own = next((item.fit for item in likely if item.form.name == form.name), 0.0)
        best = next((item for item in likely if item.form.name != form.name), None)
        sure = best is not None and best.fit - own >= SURE_LEAD and best.carried >= SURE_CARRIED
        return best.form if best is not None and sure else None


def _unknown(source: Source, issues: list[Issue]) -> ReadResult:
    """Return the result of a workbook that is none of the forms: every cell is unread."""
    filled = _filled(sheet for sheet in source.sheets if not _ours(sheet))
    return ReadResult(None, tuple(issues), _with_our_notes(CellCount(filled=filled, unread=filled), source))


def _with_our_notes(count: CellCount, source: Source) -> CellCount:
    """Count the cells of the sheets we wrote ourselves, 填报说明 and the like, as notes."""
    notes = _filled(sheet for sheet in source.sheets if _ours(sheet))
    return replace(count, filled=count.filled + notes, notes=count.notes + notes)


def _with_unread(count: CellCount, asides: Sequence[Aside]) -> CellCount:
    """Count the cells of the forms that were not read."""
    unread = sum(aside.filled for aside in asides)
    return replace(count, filled=count.filled + unread, unread=count.unread + unread)


def _filled(sheets: Iterable[SheetGrid]) -> int:
    """Return how many cells of the sheets hold something."""
    return sum(
        sheet.counted
        + sum(value != "" and not is_blank(value) for row in sheet.rows for value in row)
        + sum(not is_blank(value) for value in sheet.far.values())
        + len(sheet.errors.keys() | sheet.uncalculated)
        for sheet in sheets
    )


def _ours(sheet: SheetGrid) -> bool:
    return sheet.name.strip() in OUR_SHEETS


def _mark(sheets: Sequence[SheetGrid]) -> tuple[str, Cell | None]:
    for sheet in sheets:
        for row, values in enumerate(sheet.rows[:40]):
            for column, value in enumerate(values):
                if isinstance(value, str) and (mark := form_mark(value)):
                    return mark, Cell(sheet.name, row, column)
    return "", None


def _extract(
    form: Form, places: Places, extraction: Extraction, title_year: Answer | None
) -> dict[str, SectionData]:
    """Read the answers first: the year they give completes dates such as 12月底前 in the tables."""
    sections: dict[str, SectionData] = {}
    for section in form.sections:
        if section.kind is SectionKind.ANSWERS:
            labels = [label for label in places.labels if label.section is section]
            sections[section.id] = _answers_data(section, labels, extraction)
    extraction.year = _year(form, sections, title_year)
    for section in form.sections:
        if section.kind is not SectionKind.ANSWERS:
            regions = [region for region in places.regions if region.section is section]
            sections[section.id] = _block_data(section, regions, extraction)
    return {section.id: sections[section.id] for section in form.sections}


def _answers_data(section: Section, labels: list[Label], extraction: Extraction) -> SectionData:
    if not labels:
        return SectionData(section.id, (), found=False)
    row = extraction.answers(labels)
    return SectionData(section.id, (row,), sheet=labels[0].view.grid.name)


def _block_data(section: Section, regions: list[Region], extraction: Extraction) -> SectionData:
    if not regions:
        return SectionData(section.id, (), found=False)
    rows: dict[str, Row] = {}
    above: dict[str, Answer] = {}
    for region in regions:
        if section.kind is SectionKind.GRID:
            for row in RegionRows(extraction, region).of_grid(rows):
                rows[row.id] = row
        else:
            start = sum(not row.total for row in rows.values()) + 1
            for row in RegionRows(extraction, region).of_table(start, above):
                rows[row.id] = row
    first = regions[0]
    place = first.title or (first.heading[0], first.stub_end)
    return SectionData(
        section.id,
        tuple(rows.values()),
        sheet=first.view.grid.name,
        title_cell=Cell(first.view.grid.name, *place),
    )


def _year(form: Form, sections: dict[str, SectionData], title_year: Answer | None) -> int | None:
    """Return the fiscal year; when no cell answers it, the year in the title stands in and is recorded."""
    for ref in form.summary.get("year", ()):
        data = sections[ref.section]
        rows = data.rows or (Row("", {}),)
        answer = rows[0][ref.field]
        if answer.number is not None:
            return int(answer.number)
        if title_year is not None and title_year.number is not None and answer.blank is Blank.EMPTY:
            first = Row("", {**rows[0].answers, ref.field: title_year})
            sections[ref.section] = replace(data, rows=(first, *rows[1:]), found=True)
            return int(title_year.number)
    return None


def _structure(form: Form, places: Places, sections: dict[str, SectionData]) -> list[Issue]:
    """Return issues of headings that are missing, misspelt or doubled."""
    found: list[Issue] = []
    for section in form.sections:
        data = sections[section.id]
        if not data.found:
            if section.is_required:
                what = "表格" if section.kind is not SectionKind.ANSWERS else "栏目"
                found.append(issue("S06", Location(label=section.title), what=what, near="", help=""))
            continue
        for region in (region for region in places.regions if region.section is section):
            found += _missing_columns(region)
            found += _doubled_columns(region)
            break
    return found


def _recognisable(lexicon: Lexicon, sections: Mapping[str, SectionData], sheets: Sequence[SheetGrid]) -> bool:
    """Return whether a workbook without mark bears the form's title, or most of what the form must have."""
    for sheet in sheets:
        for values in sheet.rows[:TITLE_ROWS]:
            if any(isinstance(value, str) and value and lexicon.is_title(value) for value in values):
                return True
    return _share_found(lexicon.form, sections) >= MOST_NEEDED


def _share_found(form: Form, sections: Mapping[str, SectionData]) -> float:
    """Return the share of the needed sections that were found; 1 when none is needed."""
    needed = [section.id for section in form.sections if section.is_required]
    return sum(sections[name].found for name in needed) / len(needed) if needed else 1.0


def _is_doubtful(form: Form, sections: Mapping[str, SectionData], count: CellCount) -> bool:
    """Return whether a workbook holds too little of the form of its mark, or too much else."""
    return count.unread > MOST_UNREAD * count.filled or _share_found(form, sections) < LEAST_MARKED


def _belying(form: Form, other: str, sheets: Sequence[SheetGrid]) -> Issue:
    """Return the issue of a mark that names another form than the labels do."""
    _, place = _mark(sheets)
    location = Location(sheet=place.sheet, cell=place.a1, label="表样编号") if place else Location()
    return issue("S26", location, found=f"“{form.title}”", expected=other)


def _missing_columns(region: Region) -> list[Issue]:
    grid, found = region.view.grid, []
    unknown = {
        column: str(grid.rows[row][column])
        for row in range(region.heading[0], region.heading[1] + 1)
        for column in region.view.filled(row)
        if column not in region.columns.values() and not region.view.labels.get(row, {}).get(column)
    }
    for entry in region.section.fields:
        if entry.id in region.columns:
            continue
        near = difflib.get_close_matches(entry.label, list(unknown.values()), n=1, cutoff=0.6)
        needed = entry.required or any(entry.id in row.required for row in region.section.rows)
        if not needed and not near:
            continue
        column = next((place for place, text in unknown.items() if near and text == near[0]), None)
        place = Cell(grid.name, region.heading[0], column if column is not None else region.stub_end)
        hint = f"，表头“{near[0].strip()}”可能是它" if near else ""
        location = Location(sheet=grid.name, cell=place.a1, label=entry.label)
        found.append(issue("S06", location, found=near[0] if near else "", what="栏目", near=hint, help=""))
    return found


def _doubled_columns(region: Region) -> list[Issue]:
    grid, found = region.view.grid, []
    for name, column in region.repeated.items():
        if column in region.columns.values():
            continue
        places = [Cell(grid.name, region.heading[0], place) for place in (region.columns[name], column)]
        label = region.section.field(name).label
        location = Location(sheet=grid.name, cell=places[1].a1, label=label)
        listed = "、".join(place.a1 for place in places)
        found.append(issue("S21", location, found=listed, kept=places[0].a1))
    return found


def _heading_cells(regions: Iterable[Region]) -> dict[tuple[str, str], Cell]:
    cells: dict[tuple[str, str], Cell] = {}
    for region in regions:
        for name, column in region.columns.items():
            cells.setdefault(
                (region.section.id, name), Cell(region.view.grid.name, region.heading[0], column)
            )
    return cells
