"""The Word reports of a build: one for the district, one for each unit; and the check of their templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from toolkit.checks.model import Collected
from toolkit.form.model import Form
from toolkit.summary.entries import Entry, counting_entries, of_entity
from toolkit.summary.model import Summary
from toolkit.summary.summarise import summarise
from toolkit.writers.district_context import district_context
from toolkit.writers.files import safe_name
from toolkit.writers.narrative import Narrative, Problem, TemplateError
from toolkit.writers.report_context import unit_context
from toolkit.writers.report_samples import sample_collection, sample_result
from toolkit.writers.template_chapters import unused_chapters
from toolkit.writers.template_vars import Variable, variables
from toolkit.writers.wording import missing

_DEPARTMENT, _COLLECTION = "department", "collection"


class Reports:
    """The two templates of a collection, checked, ready to be filled."""

    def __init__(self, *, department: Path, collection: Path, forms: Mapping[str, Form]) -> None:
        """Open and check both templates before any work; TemplateError lists what is wrong with one."""
        self._forms = forms
        self._department = _checked(department, _DEPARTMENT, forms)
        self._collection = _checked(collection, _COLLECTION, forms)

    def collection_report(
        self, summary: Summary, collected: Collected, title: str, created: datetime
    ) -> bytes:
        """Return the district report as .docx."""
        context = district_context(summary, collected, self._forms, title)
        heading = str(context["title"]).replace("\n", "")
        return self._collection.render(context, title=heading, author=summary.district, created=created)

    def unit_reports(self, collected: Collected, created: datetime) -> Iterator[tuple[str, bytes]]:
        """Yield (file stem, .docx) of every department workbook that counts, in the order of files."""
        entries = of_entity(counting_entries(collected, self._forms, ""), _DEPARTMENT)
        for stem, entry in zip(_stems(entries), entries, strict=True):
            year = f"{entry.year}年度" if entry.year else ""
            title = f"{year}{entry.unit}部门整体支出绩效自评报告"
            context = unit_context(entry)
            yield stem, self._department.render(context, title=title, author=entry.unit, created=created)


def template_problems(forms: Mapping[str, Form], templates: Mapping[Path, str]) -> Iterator[str]:
    """Yield a line for each problem of Word templates, given as template -> `department` or `collection`."""
    for path, use in templates.items():
        try:
            problems = _problems(Narrative(path), use, forms)
        except TemplateError as error:
            problems = error.problems
        for problem in problems:
            yield f"{path.name}：{problem}"


def template_variables(forms: Mapping[str, Form], name: str) -> list[Variable]:
    """Return what a template may ask for: `collection`, or the id of a form; KeyError for any other name."""
    if name == _COLLECTION:
        return list(variables(_samples(_COLLECTION, forms)[0], None))
    form = forms[name]
    return list(variables(unit_context(_sample_entry(form)), form))


def _sample_entry(form: Form) -> Entry:
    result = sample_result(form)
    (entry,) = counting_entries(Collected((result,), (), frozenset({result.file}), ()), {form.id: form}, "")
    return entry


def template_notices(forms: Mapping[str, Form], templates: Mapping[Path, str]) -> Iterator[str]:
    """Yield a line for each chapter a form requires and the template of its reports leaves out."""
    for path, use in templates.items():
        for form in forms.values() if use != _COLLECTION else ():
            if form.entity == use:
                for problem in unused_chapters(Narrative(path), form):
                    yield f"{path.name}（{form.title}）：{problem}"


def _checked(path: Path, use: str, forms: Mapping[str, Form]) -> Narrative:
    narrative = Narrative(path)
    problems = _problems(narrative, use, forms)
    if problems:
        raise TemplateError(narrative.name, *problems)
    return narrative


def _problems(narrative: Narrative, use: str, forms: Mapping[str, Form]) -> tuple[Problem, ...]:
    """Return what is wrong with a template, each mistake once however many forms show it."""
    found = [problem for known in _samples(use, forms) for problem in narrative.check(known)]
    return tuple(dict.fromkeys(found))


def _samples(use: str, forms: Mapping[str, Form]) -> list[dict[str, object]]:
    """Return the data a template is checked against: that of every department form for a unit's report."""
    if use == _COLLECTION:
        collected = sample_collection(forms)
        summary = summarise(collected, forms, title="", district="")
        return [district_context(summary, collected, forms, "")]
    results = [sample_result(form) for form in forms.values() if form.entity == _DEPARTMENT]
    collected = Collected(tuple(results), (), frozenset(result.file for result in results), ())
    return [unit_context(entry) for entry in counting_entries(collected, forms, "")]


def _stems(entries: Sequence[Entry]) -> list[str]:
    """Return the file names of reports: the unit, its year if it has several, a number if still alike."""
    reports = Counter(entry.unit for entry in entries)
    taken: Counter[str] = Counter()
    stems = []
    for entry in entries:
        stem = safe_name(entry.unit)
        if reports[entry.unit] > 1:
            stem += f"（{entry.year or missing('年度')}）"
        key = stem.casefold()  # some file systems do not tell case apart
        taken[key] += 1
        stems.append(stem if taken[key] == 1 else f"{stem}（{taken[key]}）")
    return stems
