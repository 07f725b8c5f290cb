"""The Word reports of a build: one for the district, one for each workbook; the check of their templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from toolkit.checks.model import Collected, Standing
from toolkit.checks.results import Results
from toolkit.crew.batches import Watch
from toolkit.form.model import Form
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Location
from toolkit.summary.entries import Entry, counting_entries
from toolkit.summary.model import Summary
from toolkit.summary.summarise import summarise
from toolkit.writers.district_context import district_context
from toolkit.writers.files import safe_name
from toolkit.writers.narrative import Filled, Narrative, TemplateError
from toolkit.writers.notice_context import REMINDER, RETURNED, Letter, reminder_context, returned_context
from toolkit.writers.report_context import project_of, unit_context
from toolkit.writers.report_samples import sample_collection, sample_result
from toolkit.writers.report_writing import Order, ReportWriting
from toolkit.writers.template_chapters import unused_chapters
from toolkit.writers.template_check import Problem
from toolkit.writers.template_vars import Variable, variables
from toolkit.writers.wording import missing

NOTICES = (REMINDER, RETURNED)
Serving = Callable[[Form, int | None, str], Path | None]  # form, year, unit -> template, None for no report


@dataclass(frozen=True, slots=True)
class Due:
    """A report that is due: its file's stem, its workbook, which stays on disk, and its template."""

    stem: str
    entry: Entry
    template: str
    results: Results

    def order(self, name: str) -> Order:
        """Return the order of the report under the name of its file."""
        entry = self.entry
        record = self.results.record(entry.at)
        return Order(name, record, entry.form.name, entry.unit, entry.district, entry.year, self.template)


class Reports:
    """The templates of a collection, checked, ready to be filled."""

    def __init__(
        self,
        *,
        uses: Mapping[Path, Sequence[Form]],
        serving: Serving,
        collection: Path,
        forms: Mapping[str, Form],
        vocabulary: Mapping[str, Form],
    ) -> None:
        """Open and check every template before any work; TemplateError lists what is wrong with one.

        `uses` are the templates of single workbooks with the forms each must fit, `vocabulary` the forms by
        entity whose names a template may ask of any form of that entity.
        """
        self._forms, self._vocabulary, self._serving = forms, vocabulary, serving
        self._collection = _checked(collection, _district_samples(forms))
        self._templates = {
            path: _checked(path, _unit_samples(served, vocabulary)) for path, served in uses.items()
        }

    def collection_report(
        self, summary: Summary, collected: Collected, title: str, created: datetime
    ) -> Filled:
        """Return the district report as .docx."""
        context = district_context(summary, collected, self._forms, title)
        heading = str(context["title"]).replace("\n", "")
        return self._collection.render(context, title=heading, author=summary.district, created=created)

    def due(self, collected: Collected) -> list[Due]:
        """Return the report of every workbook that counts and gets one, in the order of files."""
        served = [
            (entry, template)
            for entry in counting_entries(collected, self._forms, "")
            if (template := self._serving(entry.form, entry.year, entry.unit))
        ]
        stems = _stems([entry for entry, _ in served])
        return [
            Due(stem, entry, str(template), collected.results)
            for stem, (entry, template) in zip(stems, served, strict=True)
        ]

    def writing(self, created: datetime, watch: Watch) -> ReportWriting:
        """Return what every report has in common."""
        return ReportWriting(
            {str(path): (narrative.name, narrative.content) for path, narrative in self._templates.items()},
            {entry.name: entry for entry in self._forms.values()},
            self._vocabulary,
            created,
            watch,
        )


def template_problems(
    templates: Mapping[Path, Sequence[Form]], forms: Mapping[str, Form], vocabulary: Mapping[str, Form]
) -> Iterator[str]:
    """Yield a line for each problem of Word templates, given with the forms each serves.

    One without forms is that of the district report or of a letter; one with forms of several entities must
    fit one of them.
    """
    for path, served in templates.items():
        try:
            _, problems = _fit(Narrative(path), served, forms, vocabulary)
        except TemplateError as error:
            problems = error.problems
        for problem in problems:
            yield f"{path.name}：{problem}"


def template_variables(
    forms: Mapping[str, Form], name: str, vocabulary: Mapping[str, Form]
) -> list[Variable]:
    """Return what a template may ask for: `collection`, a letter, or the id of a form, else KeyError."""
    if name == "collection":
        return list(variables(_district_samples(forms)[0], None))
    if name in NOTICES:
        return list(variables(_notice_sample(name, forms), None))
    form = forms[name]
    return list(variables(_unit_samples([form], vocabulary)[0], form))


def template_notices(
    templates: Mapping[Path, Sequence[Form]], forms: Mapping[str, Form], vocabulary: Mapping[str, Form]
) -> Iterator[str]:
    """Yield a line for each chapter a form requires and the template of its reports leaves out."""
    for path, served in templates.items():
        narrative = Narrative(path)
        fitting, _ = _fit(narrative, served, forms, vocabulary)
        for form in fitting:
            for problem in unused_chapters(narrative, form):
                yield f"{path.name}（{form.title}）：{problem}"


def _fit(
    narrative: Narrative,
    served: Sequence[Form],
    forms: Mapping[str, Form],
    vocabulary: Mapping[str, Form],
) -> tuple[Sequence[Form], tuple[Problem, ...]]:
    """Return the forms of one entity that a template fits best, and its mistakes.

    There are none for the template of the district report, or of a letter to units.
    """
    entities = {form.entity: [other for other in served if other.entity == form.entity] for form in served}
    tried = [(group, _unit_samples(group, vocabulary)) for group in entities.values()]
    if len(entities) != 1:
        tried.append(([], _district_samples(forms)))
        tried += [([], [_notice_sample(kind, forms)]) for kind in NOTICES]
    asked = narrative.variables()
    judged = [
        (group, _problems(narrative, samples), len(asked & set(samples[0]))) for group, samples in tried
    ]
    group, problems, _ = min(judged, key=lambda found: (len(found[1]), -found[2]))
    return group, problems


def _checked(path: Path, samples: Sequence[Mapping[str, object]]) -> Narrative:
    narrative = Narrative(path)
    problems = _problems(narrative, samples)
    if problems:
        raise TemplateError(narrative.name, *problems)
    return narrative


def _problems(narrative: Narrative, samples: Sequence[Mapping[str, object]]) -> tuple[Problem, ...]:
    """Return what is wrong with a template, each mistake once however many forms show it."""
    found = [problem for known in samples for problem in narrative.check(known)]
    return tuple(dict.fromkeys(found))


def _district_samples(forms: Mapping[str, Form]) -> list[dict[str, object]]:
    """Return the data the template of the district report is checked against."""
    collected = sample_collection(forms)
    summary = summarise(collected, forms, title="", district="")
    return [district_context(summary, collected, forms, "")]


def notice_template(path: Path, kind: str, forms: Mapping[str, Form]) -> Narrative:
    """Open and check the template of a letter (`reminder`, `returned`); TemplateError lists its mistakes."""
    return _checked(path, [_notice_sample(kind, forms)])


def _notice_sample(kind: str, forms: Mapping[str, Form]) -> dict[str, object]:
    """Return the data a letter's template is checked against: one of everything."""
    collected = sample_collection(forms)
    day = date(2025, 4, 10)
    letter = Letter("示例单位", "示例区", day, date(2025, 4, 20), "张三", "020-00000000")
    if kind == REMINDER:
        asked = (Standing.MISSING, Standing.LATE)
        rows = [replace(row, due=day, fill_date=day) for row in collected.standings if row.standing in asked]
        return reminder_context(letter, rows, forms)
    found = issue("S04", Location(sheet="封面", cell="B2", label="单位名称"), expected="单位名称", help="。")
    results = [replace(result, issues=(found,)) for result in collected.results.bare()]
    return returned_context(letter, results, forms)


def _unit_samples(served: Sequence[Form], vocabulary: Mapping[str, Form]) -> list[dict[str, object]]:
    """Return the data a template of single workbooks is checked against: a full workbook of each form."""
    results = Results.of((sample_result(form) for form in served), {form.id: form for form in served})
    collected = Collected(results, (), frozenset(head.file for head in results.heads), ())
    entries = counting_entries(collected, {form.id: form for form in served}, "")
    return [unit_context(entry, vocabulary, sample=True) for entry in entries]


def _stems(entries: Sequence[Entry]) -> list[str]:
    """Return the file names of reports: the unit, the project if it is one's, the year if there are several.

    Names that are still alike get a number.
    """
    named = [(entry.unit, project_of(entry)) for entry in entries]
    reports = Counter(named)
    taken: Counter[str] = Counter()
    stems = []
    for entry, (unit, project) in zip(entries, named, strict=True):
        year = f"（{entry.year or missing('年度')}）" if reports[unit, project] > 1 else ""
        stem = safe_name(f"{unit}-{project}" if project else unit) + year
        key = stem.casefold()  # some file systems do not tell case apart
        taken[key] += 1
        stems.append(stem if taken[key] == 1 else f"{stem}（{taken[key]}）")
    return stems
