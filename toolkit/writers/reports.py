"""The Word reports of a build: one for the district, one for each workbook; the check of their templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from toolkit.checks.model import Collected
from toolkit.form.model import Form
from toolkit.summary.entries import Entry, counting_entries
from toolkit.summary.model import Summary
from toolkit.summary.summarise import summarise
from toolkit.writers.district_context import district_context
from toolkit.writers.files import safe_name
from toolkit.writers.narrative import Filled, Narrative, Problem, TemplateError
from toolkit.writers.report_context import project_of, unit_context
from toolkit.writers.report_samples import sample_collection, sample_result
from toolkit.writers.template_chapters import unused_chapters
from toolkit.writers.template_vars import Variable, variables
from toolkit.writers.wording import missing

Serving = Callable[[Form, int | None, str], Path | None]  # form, year, unit -> template, None for no report


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

    def unit_reports(self, collected: Collected, created: datetime) -> Iterator[tuple[str, Filled]]:
        """Yield (file stem, .docx) of every workbook that counts and gets a report, in the order of files."""
        served = [
            (entry, template)
            for entry in counting_entries(collected, self._forms, "")
            if (template := self._serving(entry.form, entry.year, entry.unit))
        ]
        for stem, (entry, template) in zip(_stems([entry for entry, _ in served]), served, strict=True):
            context = unit_context(entry, self._vocabulary)
            content = self._templates[template].render(context, author=entry.unit, created=created)
            yield stem, content


def template_problems(
    templates: Mapping[Path, Sequence[Form]], forms: Mapping[str, Form], vocabulary: Mapping[str, Form]
) -> Iterator[str]:
    """Yield a line for each problem of Word templates, given with the forms each serves.

    One without forms is that of the district report; one with forms of several entities must fit one of them.
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
    """Return what a template may ask for: `collection`, or the id of a form; KeyError for any other name."""
    if name == "collection":
        return list(variables(_district_samples(forms)[0], None))
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
    """Return the forms of one entity that a template fits best, none for the district's, and its mistakes."""
    entities = {form.entity: [other for other in served if other.entity == form.entity] for form in served}
    tried: list[tuple[Sequence[Form], tuple[Problem, ...]]] = [
        (group, _problems(narrative, _unit_samples(group, vocabulary))) for group in entities.values()
    ]
    if len(entities) != 1:
        tried.append(((), _problems(narrative, _district_samples(forms))))
    return min(tried, key=lambda found: len(found[1]))


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


def _unit_samples(served: Sequence[Form], vocabulary: Mapping[str, Form]) -> list[dict[str, object]]:
    """Return the data a template of single workbooks is checked against: a full workbook of each form."""
    results = [sample_result(form) for form in served]
    collected = Collected(tuple(results), (), frozenset(result.file for result in results), ())
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
