"""Which Word template serves which workbook: [narratives] by use, [[narrative]] by form, year and unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from toolkit.checks.model import RosterUnit
from toolkit.checks.roster import Units, match_unit
from toolkit.form.model import Form
from toolkit.form.toml_table import nearest
from toolkit.settings import SETTINGS, CollectionError, NarrativeChoice, Settings

COLLECTION = "collection"
NOTICES = ("reminder", "returned")  # letters to units
Find = Callable[[str, str], Path]  # (file name, where it is named) -> template


class Templates:
    """The Word templates of a collection. Of the choices that fit a workbook the most particular one counts.

    A choice without `form` is for all forms of whole departments; a project says its form.
    """

    def __init__(
        self, settings: Settings, forms: Sequence[Form], roster: Sequence[RosterUnit], find: Find
    ) -> None:
        """Find every template; CollectionError names the entry that is wrong."""
        self._forms = {form.id: form for form in forms}
        self._roster, self._units = roster, Units(roster)
        self._choices = sorted(settings.choices, key=lambda choice: choice.rank, reverse=True)
        for choice in settings.choices:
            self._refuse_unknown(choice)
        self._refuse_rivals(settings.choices)
        place = f"{SETTINGS} 的 [narratives]"
        self._paths: dict[str, Path] = {"": Path()}
        for name, source in (
            *((name, place) for name in settings.narratives.values()),
            *((choice.template, choice.source) for choice in settings.choices),
        ):
            if name not in self._paths:
                self._paths[name] = find(name, source)
        if not settings.narratives[COLLECTION]:
            raise CollectionError(f"{place} 中“{COLLECTION}”没有写汇总报告的模板。")
        self._by_use = settings.narratives

    @property
    def collection(self) -> Path:
        """Return the template of the district report."""
        return self._paths[self._by_use[COLLECTION]]

    @property
    def notices(self) -> dict[str, Path | None]:
        """Return the templates of letters to units by use, None for a letter that is not written."""
        return {use: self._path(self._by_use[use]) for use in NOTICES}

    def serving(self, form: Form, year: int | None, unit: str) -> Path | None:
        """Return the template of one workbook's report, None when it gets none."""
        for choice in self._choices:
            if self._is_for(choice, form) and choice.year in (None, year) and self._is_unit(choice, unit):
                return self._path(choice.template)
        return self._path(self._by_use[form.entity])

    def uses(self) -> dict[Path, list[Form]]:
        """Return each template of single workbooks with the forms it may have to serve."""
        found: dict[Path, list[Form]] = {}
        for form in self._forms.values():
            names = [choice.template for choice in self._choices if self._is_for(choice, form)]
            for path in {self._paths[name]: None for name in (*names, self._by_use[form.entity]) if name}:
                found.setdefault(path, []).append(form)
        return found

    def _path(self, name: str) -> Path | None:
        return self._paths[name] if name else None

    def _is_for(self, choice: NarrativeChoice, form: Form) -> bool:
        return choice.form == form.id if choice.form else form.entity == "department"

    def _is_unit(self, choice: NarrativeChoice, unit: str) -> bool:
        if not choice.unit:
            return True
        listed, _ = self._units.match(choice.unit)
        return listed.name == unit if listed else match_unit(choice.unit, [_alone(unit)])[0] is not None

    def _refuse_unknown(self, choice: NarrativeChoice) -> None:
        if choice.form and choice.form not in self._forms:
            hint = nearest(choice.form, self._forms) or f"，在用的有 {'、'.join(self._forms)}"
            raise CollectionError(f"{choice.source} 的 form：没有在用的表样“{choice.form}”{hint}。")
        if choice.unit and self._roster and self._units.match(choice.unit)[0] is None:
            names = [name for unit in self._roster for name in (unit.name, *unit.aliases)]
            raise CollectionError(
                f"{choice.source} 的 unit：名册里没有“{choice.unit}”{nearest(choice.unit, names)}。"
            )

    def _refuse_rivals(self, choices: Sequence[NarrativeChoice]) -> None:
        """Refuse two entries for the same form, year and unit."""
        seen: dict[tuple[str, int | None, str], NarrativeChoice] = {}
        for choice in choices:
            listed, _ = self._units.match(choice.unit) if choice.unit else (None, False)
            key = (choice.form, choice.year, listed.name if listed else choice.unit)
            if key in seen:
                raise CollectionError(f"{choice.source} 与 {seen[key].source} 适用范围相同，请只留一个。")
            seen[key] = choice


def _alone(name: str) -> RosterUnit:
    """Return a roster's entry of a unit that stands in no roster."""
    return RosterUnit(code="", name=name)


def template_files(folders: Sequence[Path]) -> Iterator[Path]:
    """Yield the Word templates of the folders, the first folder's first."""
    for folder in folders:
        yield from sorted(path for path in (folder / "narratives").glob("*.docx") if path.name[0] != "~")
