"""A bureau's blank -> the text of a form definition and what is not certain about it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from toolkit.checks.rules import validate
from toolkit.drafting.blocks import Reading
from toolkit.drafting.inherited import grades_of, rules_for, scoring_of, summary_for, total_adds
from toolkit.drafting.known import HOME_WORTH, Known, Model, nearest_form
from toolkit.drafting.labels import read_label
from toolkit.drafting.parts import Block, Pair, Parts
from toolkit.drafting.questions import Question
from toolkit.drafting.sections import Drafted, draft_section
from toolkit.drafting.shapes import Column, Shape, shape_of
from toolkit.drafting.sheets import Area, Page, pages_of
from toolkit.drafting.toml_text import Node, all_doubts
from toolkit.drafting.words import words
from toolkit.form.labels import normalise, unit_in
from toolkit.form.layout import lay_out
from toolkit.form.loader import parse_form
from toolkit.form.model import FORM_UNITS, FieldType, Form, MoneyUnit, SectionKind
from toolkit.submission.grid import a1
from toolkit.submission.reader import OUR_SHEETS
from toolkit.submission.source import open_source

DEFAULT_ID, DEFAULT_VERSION = "draft", "1.0"
LEAST_WIDTH, MOST_WIDTH, USUAL_WIDTH = 4, 60, 13  # of a column, in characters
_YEAR = re.compile(r"20\d\d")
_DEFAULT_TAB = re.compile(r"(?:sheet|工作表|表)\s*\d*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed definition: its text, and (path, sentence) of every doubt."""

    text: str
    doubts: tuple[tuple[str, str], ...]


class NothingToAskError(Exception):
    """The workbook has no label with room for an answer."""


def draft_form(path: Path, forms: Sequence[Form], form_id: str = "") -> Draft:
    """Propose the form of which a workbook is the official blank; SourceError if it cannot be opened.

    `forms` are those whose labels are known; `form_id` is the id to give it.
    """
    source = open_source(path)
    known = Known(forms)
    pages = [page for page in pages_of(source, path) if page.grid.name.strip() not in OUR_SHEETS]
    parts = [Reading(page, known).parts_of() for page in pages]
    asking = [item for item in parts if item.blocks]
    if not asking:
        raise NothingToAskError
    draft = _Draft(asking, known, form_id)
    for item in parts:
        if not item.blocks:
            draft.root.doubt("", words().doubt("skipped_sheet", found=item.page.grid.name))
    text = draft.finished()
    return Draft(text, tuple(all_doubts(draft.root)))


class _Draft:
    """The definition as it grows."""

    def __init__(self, parts: list[Parts], known: Known, form_id: str) -> None:
        self.parts = parts
        self.known = known
        self.root = Node()
        self.title = next((item.title for item in parts if item.title), "")
        candidates = self._understand()
        self.near = nearest_form(candidates, known.forms, self.title)
        if self.near is not None:
            for item in parts:
                item.blocks = [part for block in item.blocks for part in _parted(block, known, self.near)]
            candidates = self._understand()
        self._head(form_id)
        self.tabs = self._tabs()
        self.drafted = self._sections(candidates)

    def _understand(self) -> list[list[Model]]:
        """Take every block for a section; return the known sections each may follow."""
        self.shapes = [shape_of(item, block, self.known) for item in self.parts for block in item.blocks]
        return [_models(self.known, shape) for shape in self.shapes]

    # What stands at the top

    def _head(self, form_id: str) -> None:
        root, say = self.root, words()
        first = self.parts[0]
        title = _without_year(self.title) or first.page.grid.name
        year = next((found for item in self.parts for found in _YEAR.findall(item.title + item.subtitle)), "")
        usable = re.fullmatch(r"[\w.-]+", form_id) and form_id.isascii()
        root.put("id", form_id if usable else DEFAULT_ID, "" if usable else say.doubt("id"))
        root.put("version", f"{year}.1" if year else DEFAULT_VERSION, say.doubt("version"))
        root.put("title", title, "" if self.title else say.doubt("no_title"))
        if first.subtitle:
            subtitle = re.sub(r"20\d\d|x{2,4}|[*_＿×]+|\s{2,}", "{year}", first.subtitle, flags=re.IGNORECASE)
            inside = subtitle if "{year}" in subtitle else subtitle.replace("年", "{year}年", 1)
            root.put("subtitle", inside)
        elif _without_year(self.title) != self.title:
            root.put("subtitle", say.say("subtitle"))
        numbers = [text for item in self.parts for text in item.numbers]
        root.put("description", numbers[0] if numbers else "")
        root.put("source", numbers[1] if len(numbers) > 1 else "")
        self._entity(title)
        self._money()
        if any(item.page.details is None for item in self.parts):
            root.doubt("", say.doubt("no_details"))
        for item in self.parts:
            for area in item.lone:
                place = f"{item.page.grid.name}!{a1(area.row, area.column)}"
                root.doubt("", say.doubt("lone", place=place, found=area.text[:30]))

    def _entity(self, title: str) -> None:
        say = words()
        if say.has_one("department_words", title):
            self.root.put("entity", "department")
        elif say.has_one("project_words", title):
            self.root.put("entity", "project")
        else:
            self.root.put("entity", self.near.entity if self.near else "department", say.doubt("entity"))

    def _money(self) -> None:
        """Take the unit that notes and headings name."""
        found = Counter(unit for item in self.parts for unit in item.units)
        for shape in self.shapes:
            texts = [column.text for column in shape.columns] + [shape.row_heading, shape.title]
            heading = shape.parts.page
            texts += [area.text for area in _stub_texts(heading)]
            found.update(unit.value for text in texts if (unit := unit_in(text)))
        found = Counter({unit: count for unit, count in found.items() if unit in FORM_UNITS})
        if not found:
            self.root.put("money", MoneyUnit.WAN.value, words().doubt("money"))
            return
        usual = found.most_common(1)[0][0]
        say = words()
        told = (say.say("part", unit=unit, count=count) for unit, count in found.items())
        mixed = say.say("rows").join(told)
        self.root.put("money", usual, say.doubt("money_mixed", found=mixed) if len(found) > 1 else "")

    # Sheets

    def _tabs(self) -> dict[int, str]:
        """Return the name of each sheet: its own, but for Sheet1 the title."""
        tabs: dict[int, str] = {}
        for position, item in enumerate(self.parts):
            name = item.page.grid.name.strip()
            title = re.sub(r"[\[\]:*?/\\']", "", _without_year(item.title))[:31]
            if _DEFAULT_TAB.fullmatch(name) and title:
                name = title
            while name in tabs.values():
                name = f"{name[:28]}{position + 1}"
            tabs[id(item)] = name
        return tabs

    def _sheets(self) -> list[Node]:
        nodes = []
        for item in self.parts:
            node, page = Node(), item.page
            node.put("name", self.tabs[id(item)])
            node.put("title", _without_year(item.title))
            needed = max(
                (_needed(drafted) for drafted in self.drafted if drafted.shape.parts is item), default=1
            )
            node.put("columns", _widths(page, needed), "" if _measured(page) else words().doubt("columns"))
            node.put(
                "landscape", page.details.landscape if page.details else sum(_widths(page, needed)) > 110
            )
            node.put("footnotes", _footnotes(item))
            nodes.append(node)
        return nodes

    # Sections

    def _sections(self, candidates: Sequence[Sequence[Model]]) -> list[Drafted]:
        taken: set[str] = set()
        drafted = []
        for shape, models in zip(self.shapes, candidates, strict=True):
            free = [model for model in models if model.section.id not in taken]
            best = max(free, key=self._worth, default=None)
            drafted.append(draft_section(shape, best, self.tabs[id(shape.parts)], taken))
        self._ask_year(drafted)
        return drafted

    def _ask_year(self, drafted: Sequence[Drafted]) -> None:
        """Add a question for the year where only the title tells it."""
        kinds = [question.type for item in drafted for question in item.questions]
        first = next((item for item in drafted if item.shape.kind is SectionKind.ANSWERS), None)
        if first is None or FieldType.YEAR.value in kinds or "subtitle" not in self.root.values:
            return
        label, page = words().say("year_label"), first.shape.parts.page
        node = Node({"id": "fiscal_year", "label": label, "type": FieldType.YEAR.value, "required": True})
        node.put("span", max(1, page.width - page.left - first.shape.label_span))
        node.doubt("label", words().doubt("year", label=label))
        column = Column(read_label(label), label, 1)
        first.node.values["field"].append(node)
        first.questions.append(Question("fiscal_year", column, None, FieldType.YEAR.value, node))

    def _worth(self, model: Model) -> float:
        return model.score + (HOME_WORTH if model.form is self.near else 0.0)

    # The whole

    def finished(self) -> str:
        """Return the text, with what can be inherited once the sections are known to load."""
        root = self.root
        root.values["sheet"] = self._sheets()
        root.values["section"] = [item.node for item in self.drafted]
        bare = parse_form(root.text(), "draft")
        if self.near is not None:
            total_adds(bare, self.near, self.drafted)
        head = {key: value for key, value in root.values.items() if key not in ("sheet", "section")}
        inherited: dict[str, object] = {}
        if self.near is not None and any(item.node.values.get("indicators") for item in self.drafted):
            inherited["scoring"] = scoring_of(self.near)
        if self.near is not None and self.near.grades:
            inherited["grade"] = grades_of(self.near)
        inherited["summary"] = summary_for(bare, self.near, self.drafted)
        rules = rules_for(root, bare, self.near, self.drafted) if self.near is not None else []
        if not rules:
            root.doubt("", words().doubt("rules_none"))
        root.values = {**head, **inherited, "sheet": root.values["sheet"], "section": root.values["section"]}
        if rules:
            root.values["rule"] = rules
        text = root.text()
        form = parse_form(text, "draft")
        validate(form)
        lay_out(form)
        return text


def _without_year(title: str) -> str:
    return re.sub(r"[（(]?20\d\d年度?[)）]?", "", title).strip()


def _parted(block: Block, known: Known, near: Form) -> list[Block]:
    """Part lines that run on without a title where the nearest form begins another section of answers."""
    if block.key is not None or len(block.lines) < 2:
        return [block]
    runs: list[list[list[Pair]]] = []
    home: set[str] = set()
    for line in block.lines:
        own = set().union(*(known.homes(near, pair.text) for pair in line))
        if not runs or (home and own and not home & own):
            runs.append([])
            home = own
        runs[-1].append(line)
        home = home & own or home or own
    first, *others = runs
    return [replace(block, lines=first), *(Block(lines=lines) for lines in others)]


def _models(known: Known, shape: Shape) -> list[Model]:
    rows = [row.label for row in shape.rows]
    if shape.kind is SectionKind.GRID and len(rows) == 1:
        rows = []
    return known.models(
        shape.kind,
        shape.title or shape.row_heading,
        [(column.text, column.group) for column in shape.columns],
        rows,
    )


def _stub_texts(page: Page) -> list[Area]:
    return [area for row in range(page.height) for area in page.filled(row) if area.last_row > area.row]


def _needed(drafted: Drafted) -> int:
    """Return how many columns a section takes on its sheet."""
    shape = drafted.shape
    spans = [int(question.node.values.get("span", 1)) for question in drafted.questions]
    if shape.kind is SectionKind.ANSWERS:
        return shape.label_span + 1
    return sum(spans) + (shape.label_span if shape.kind is SectionKind.GRID else int(shape.numbered))


def _widths(page: Page, needed: int) -> list[int]:
    known = page.details.widths if page.details is not None else {}
    widths = [
        min(max(round(known.get(column, USUAL_WIDTH)), LEAST_WIDTH), MOST_WIDTH)
        for column in range(page.left, page.width)
    ]
    return widths + [USUAL_WIDTH] * max(0, needed - len(widths))


def _measured(page: Page) -> bool:
    return page.details is not None and bool(page.details.widths)


def _footnotes(parts: Parts) -> list[str]:
    """Return the notes below the last block."""
    notes = [text for row, text in parts.notes if not text.startswith(words().lists["hints"])]
    return [line.strip() for text in notes for line in text.splitlines() if normalise(line)]
