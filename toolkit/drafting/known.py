"""What the forms at hand already call things: labels of an unknown blank looked up in all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from toolkit.drafting.words import words
from toolkit.form.labels import plain
from toolkit.form.model import Field, Form, GridRow, Section, SectionKind
from toolkit.submission.lexicon import Kind, Lexicon

TITLE_WORTH = 1.5  # matched labels that a matching section title is worth
HOME_WORTH = 1.2  # that belonging to the form nearest to the whole blank is worth
LEAST_MATCHED = 2  # labels that a section must share with a block of some length to be its model

Label: TypeAlias = tuple[str, str]  # as printed, and the heading over it and its neighbours if there is one


@dataclass(frozen=True, slots=True)
class Model:
    """A known section that a block resembles; `fields` and `rows` map the block's labels to its own."""

    form: Form
    section: Section
    fields: Mapping[Label, Field]
    rows: Mapping[str, GridRow]
    score: float


@dataclass(slots=True)
class Known:
    """The labels of every form at hand."""

    forms: Sequence[Form]
    _lexicons: list[Lexicon] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Index the forms."""
        self._lexicons = [Lexicon.of(form) for form in self.forms]

    def is_answer(self, text: str) -> bool:
        """Return whether the text labels a single answer in some form."""
        return SectionKind.ANSWERS in self._kinds(text) or plain(text) in words().fields

    def is_column(self, text: str) -> bool:
        """Return whether the text heads a column in some form."""
        return bool(self._kinds(text) - {SectionKind.ANSWERS}) or plain(text) in words().fields

    def is_row(self, text: str) -> bool:
        """Return whether the text names a fixed row in some form."""
        return self._names(text, Kind.ROW) or plain(text) in words().rows

    def is_section(self, text: str) -> bool:
        """Return whether the text is the title of a section in some form."""
        return self._names(text, Kind.SECTION) or self._names(text, Kind.STUB)

    def is_level(self, text: str) -> bool:
        """Return whether the text is a choice of some level column: 产出指标, 数量指标."""
        return any(
            plain(text) in {plain(choice) for choice in (*entry.choices, *entry.choice_aliases)}
            for form in self.forms
            for section in form.sections
            for entry in section.fields
            if entry.fill_down
        )

    def _kinds(self, text: str) -> set[SectionKind]:
        return {
            lexicon.form.section(meaning.section).kind
            for lexicon in self._lexicons
            for meaning in lexicon.meanings(text)
            if meaning.kind is Kind.FIELD
        }

    def _names(self, text: str, kind: Kind) -> bool:
        return any(meaning.kind is kind for lexicon in self._lexicons for meaning in lexicon.meanings(text))

    def homes(self, form: Form, text: str) -> set[str]:
        """Return the sections of a form in which the text labels a single answer."""
        lexicon = next(known for known in self._lexicons if known.form is form)
        named = (meaning.section for meaning in lexicon.meanings(text) if meaning.kind is Kind.FIELD)
        return {name for name in named if form.section(name).kind is SectionKind.ANSWERS}

    def models(
        self, kind: SectionKind, title: str, labels: Sequence[Label], rows: Sequence[str] = ()
    ) -> list[Model]:
        """Return the known sections of a kind that a block may be, the likeliest first."""
        found = [
            self._model(lexicon, section, title, labels, rows)
            for lexicon in self._lexicons
            for section in lexicon.form.sections
            if section.kind is kind
        ]
        return sorted((model for model in found if model.score > 0), key=lambda model: -model.score)

    @staticmethod
    def _model(
        lexicon: Lexicon, section: Section, title: str, labels: Sequence[Label], rows: Sequence[str]
    ) -> Model:
        fields: dict[Label, Field] = {}
        for label in labels:
            named = [section.field(name) for name in _named(lexicon, section, label[0], Kind.FIELD)]
            free = [entry for entry in named if entry not in fields.values()]
            if label not in fields and free:  # 总额 under 预算数 and 总额 under 执行数 are two
                fields[label] = min(free, key=lambda entry: plain(entry.group) != plain(label[1]))
        matched_rows: dict[str, GridRow] = {}
        for text in rows:
            for row in _named(lexicon, section, text, Kind.ROW):
                if text not in matched_rows and row not in (item.id for item in matched_rows.values()):
                    matched_rows[text] = section.row(row)
        titled = bool(title) and any(
            meaning.section == section.id and meaning.kind in (Kind.SECTION, Kind.STUB)
            for meaning in lexicon.meanings(title)
        )
        score = len(fields) - 0.4 * (len(labels) - len(fields)) - 0.15 * (len(section.fields) - len(fields))
        score += TITLE_WORTH if titled else 0
        if rows:
            score += len(matched_rows) - 0.3 * (len(rows) - len(matched_rows))
        enough = min(LEAST_MATCHED, len(labels), len(section.fields))
        if len(fields) < enough or (
            len(fields) == 1 and not titled and section.kind is not SectionKind.ANSWERS
        ):
            score = 0.0
        return Model(lexicon.form, section, fields, matched_rows, score)


def nearest_form(candidates: Iterable[Sequence[Model]], forms: Sequence[Form], title: str) -> Form | None:
    """Return the form whose sections are most like the blocks of a blank, its title counted."""
    sums = {form.name: 0.0 for form in forms}
    for models in candidates:
        best: dict[str, float] = {}
        for model in models:
            best[model.form.name] = max(best.get(model.form.name, 0.0), model.score)
        for name, score in best.items():
            sums[name] += score
    for form in forms:
        if any(plain(known) == plain(title) for known in (form.title, *form.aliases)):
            sums[form.name] += 2 * TITLE_WORTH
    best_name = max(sums, key=lambda name: sums[name], default="")
    return next((form for form in forms if form.name == best_name and sums[best_name] > 0), None)


def _named(lexicon: Lexicon, section: Section, label: str, kind: Kind) -> list[str]:
    return [
        meaning.name
        for meaning in lexicon.meanings(label)
        if meaning.kind is kind and meaning.section == section.id
    ]
