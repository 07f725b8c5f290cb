"""`xlreport blank`: the workbooks to send out, one per unit and form, with what is known filled in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toolkit.checks.model import RosterUnit
from toolkit.checks.roster import match_unit
from toolkit.collection import Collection
from toolkit.form.model import Form
from toolkit.settings import CollectionError
from toolkit.writers.blank import write_blank
from toolkit.writers.files import safe_name


def blanks(
    collection: Collection, folder: Path, *, unit: str = "", everyone: bool = False, form_id: str = ""
) -> Iterator[Path]:
    """Write blanks and yield their paths: of one unit, of every roster unit, or one of each form."""
    forms = {form.id: form for form in collection.forms if form_id in ("", form.id)}
    if not forms:
        raise CollectionError(f"没有表样“{form_id}”，可用 xlreport form list 查看。")
    if not unit and not everyone:
        for form in forms.values():
            yield _blank(form, folder / f"{_file_title(form, collection)}.xlsx", None, collection)
        return
    for listed in _units(collection, unit):
        for name in listed.forms or tuple(collection.forms_by_id)[:1]:
            if name in forms:
                form = forms[name]
                path = folder / f"{safe_name(listed.name)}-{_file_title(form, collection)}.xlsx"
                yield _blank(form, path, listed, collection)


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


def _blank(form: Form, path: Path, unit: RosterUnit | None, collection: Collection) -> Path:
    year = unit.year if unit and unit.year else collection.settings.fiscal_year
    write_blank(form, path, answers=_known(form, unit, year), year=year)
    return path


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
