"""`xlreport blank`: the workbooks to send out, one per unit and form, with what is known filled in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from toolkit.checks.identity import summary_answer
from toolkit.checks.last_year import LastYear
from toolkit.checks.model import Earlier, RosterUnit
from toolkit.checks.prior_figures import known_figures
from toolkit.checks.roster import match_unit
from toolkit.collecting import collect
from toolkit.collection import Collection
from toolkit.form.model import Field, FieldType, Form, SectionKind
from toolkit.previous import last_year
from toolkit.remote_folder import Folder
from toolkit.settings import CollectionError
from toolkit.writers.blank import write_blank
from toolkit.writers.files import safe_name


def blanks(
    collection: Collection,
    folder: Folder,
    *,
    unit: str = "",
    everyone: bool = False,
    form_id: str = "",
    seeded: bool = False,
) -> Iterator[Folder]:
    """Write blanks and yield their paths: of one unit, of every roster unit, or one of each form.

    A unit's blank carries what its workbook of last year says, where the collection names last year's: the
    figures on last year, the department above it, and when `seeded` the indicators with targets and weights.
    """
    make = partial(_blanks, collection, unit=unit, everyone=everyone, form_id=form_id, seeded=seeded)
    if isinstance(folder, Path):
        yield from make(folder)
        return
    with TemporaryDirectory() as beside:
        for path in make(Path(beside)):
            folder.put(path.name, path)
            yield folder / path.name


def _blanks(
    collection: Collection, folder: Path, *, unit: str, everyone: bool, form_id: str, seeded: bool
) -> Iterator[Path]:
    forms = {form.id: form for form in collection.forms if form_id in ("", form.id)}
    if not forms:
        raise CollectionError(f"没有表样“{form_id}”，可用 xlreport form list 查看。")
    if not unit and not everyone:
        for form in forms.values():
            yield _blank(form, folder / f"{_file_title(form, collection)}.xlsx", None, collection)
        return
    before = last_year(collection, collect)
    if seeded and before is None:
        raise CollectionError("xlreport.toml 没有写“previous”（上年汇总），不能带出上年的指标。")
    for listed in _units(collection, unit):
        for name in listed.forms or tuple(collection.forms_by_id)[:1]:
            if name in forms:
                form = forms[name]
                path = folder / f"{safe_name(listed.name)}-{_file_title(form, collection)}.xlsx"
                yield _blank(form, path, listed, collection, before, seeded=seeded)


def _units(collection: Collection, unit: str) -> tuple[RosterUnit, ...]:
    if not unit:
        return collection.roster
    found, _ = match_unit(unit, collection.roster)
    if found is None:
        raise CollectionError(f"名册中没有单位“{unit}”；可写全称、别名或编码。")
    return (found,)


def _file_title(form: Form, collection: Collection) -> str:
    """Return the form's title, with its id where another form of the collection bears the same title."""
    alike = sum(other.title == form.title for other in collection.forms)
    return f"{form.title}（{form.id}）" if alike > 1 else form.title


def _blank(
    form: Form,
    path: Path,
    unit: RosterUnit | None,
    collection: Collection,
    before: LastYear | None = None,
    *,
    seeded: bool = False,
) -> Path:
    year = unit.year if unit and unit.year else collection.settings.fiscal_year
    answers = _known(form, unit, year)
    earlier = before.of_unit(unit, form, year) if before and unit else None
    if earlier is not None:
        _add_last_year(answers, form, earlier, seeded=seeded)
    write_blank(form, path, answers=answers, year=year)
    return path


_SEEDS = ("project_name", "level1", "level2", "name", "target", "max_score")  # of an indicator


def _add_last_year(answers: dict[str, Any], form: Form, earlier: Earlier, *, seeded: bool) -> None:
    """Add to the answers what last year's workbook knows; people and dates are asked anew."""
    submission = earlier.submission
    for ref, last in known_figures(form, earlier).items():
        section = answers.setdefault(ref.section, {})
        place = section.setdefault(ref.row, {}) if ref.row else section
        place[ref.field] = last / form.money.yuan
    above = summary_answer(earlier.form, submission, "supervising_department")
    for ref in form.summary.get("supervising_department", ())[:1]:
        if above is not None and not ref.row:
            answers.setdefault(ref.section, {}).setdefault(ref.field, above.text)
    for ref in form.summary.get("indicators", ()) if seeded else ():
        own, data = form.section(ref.section), submission.sections.get(ref.section)
        if own.kind is SectionKind.TABLE and data is not None and data.data:
            asked = [field for field in own.fields if _is_seed(field, own.field("target"))]
            answers[own.id] = [
                {
                    field.id: row[field.id].number if row[field.id].number is not None else row[field.id].raw
                    for field in asked
                    if row[field.id].value is not None
                }
                for row in data.data
            ]


def _is_seed(field: Field, target: Field) -> bool:
    """Return whether a column of the indicators is set before the year: its name, target and weight."""
    if field.derive is not None:
        return False
    return field.id in (*_SEEDS, target.operator_from, target.unit_from) or field.type is FieldType.OPERATOR


def _known(form: Form, unit: RosterUnit | None, year: int | None) -> dict[str, Any]:
    """Return the answers the collection already knows, where the form asks for them in an answers section."""
    known = {
        "unit": unit.name if unit else None,
        "year": year,
        "district": unit.district or None if unit else None,
    }
    answers: dict[str, Any] = {}
    for key, value in known.items():
        for ref in form.summary.get(key, ())[:1]:
            if value is not None and not ref.row:
                answers.setdefault(ref.section, {})[ref.field] = value
    return answers
