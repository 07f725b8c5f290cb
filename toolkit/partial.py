"""Part of a build: the reports and marked copies of some units, while every other output stays as it is.

All workbooks are judged, since what one unit hands in may concern another; those judged before are not read
again. The manifest tells apart what the last whole build made and what was made for some units since.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from glob import escape
from typing import Any

from toolkit import __version__
from toolkit.checks.heads import Head
from toolkit.checks.model import Collected, RosterUnit
from toolkit.checks.roster import Units
from toolkit.collection import Collection
from toolkit.form.toml_table import nearest
from toolkit.publication import Publication
from toolkit.settings import CollectionError
from toolkit.shapes import inputs
from toolkit.writers.files import safe_name

REPORTS, COPIES = "单位报告", "退回"  # the folders of what is made of single workbooks


@dataclass(frozen=True, slots=True)
class Parts:
    """What of a build is wanted: reports and PDFs of them, marked copies, those of some units only."""

    reports: bool = True
    pdf: bool = False
    copies: bool = True
    only: tuple[str, ...] = ()


class Chosen:
    """The units that are asked for by name, alias or code, and which workbooks are theirs."""

    def __init__(self, wanted: Iterable[str], collection: Collection, collected: Collected) -> None:
        """Find the units; CollectionError when there is none of a name, with the nearest that there are."""
        self._roster = Units(collection.roster)
        self._listed = {row.file: row.unit for row in collected.standings if row.file and row.unit}
        others = {self._of(head): None for head in collected.results.heads}
        unlisted = [name for name in others if name and name not in self._roster.names]
        known = Units([*collection.roster, *(RosterUnit("", name) for name in unlisted)])
        aliases = [alias for unit in collection.roster for alias in unit.aliases]
        self.names: dict[str, None] = {}
        for name in wanted:
            found = known.match(name)[0]
            if found is None:
                hint = nearest(name, [*known.names, *aliases])
                raise CollectionError(f"名册和收到的自评表中没有单位“{name}”{hint}；可写全称、别名或编码。")
            self.names[found.name] = None

    def has(self, head: Head) -> bool:
        """Return whether a workbook is of one of the units."""
        return self._of(head) in self.names

    def _of(self, head: Head) -> str:
        listed = self._roster.match(head.unit)[0]
        return self._listed.get(head.file) or (listed.name if listed else head.unit)


def stale_reports(publication: Publication, chosen: Chosen, due: Mapping[str, bool]) -> Iterator[str]:
    """Yield the reports of the units that lie there and are due no more.

    `due` are the stems of all reports that are, and whether each is of the units; a unit's name may be the
    beginning of another's.
    """
    for unit in chosen.names:
        stem = escape(f"{REPORTS}/{safe_name(unit)}")
        for name in publication.there([f"{stem}.*", f"{stem}-*", f"{stem}（*"]):
            of_others = due.get(name.rpartition("/")[2].rpartition(".")[0]) is False
            if name not in publication.names and not of_others:
                yield name


def stale_copies(publication: Publication, files: Iterable[str]) -> Iterator[str]:
    """Yield the marked copies of these files that lie there and are due no more."""
    from toolkit.writers.annotated import copy_names

    for file in files:
        names = [f"{COPIES}/{name}" for name in copy_names(file)]
        yield from (name for name in publication.there(map(escape, names)) if name not in publication.names)


def partial_manifest(
    before: bytes, collected: Collected, chosen: Chosen, made: Mapping[str, str], gone: Sequence[str]
) -> dict[str, Any] | None:
    """Return the manifest that follows the one before; None when nothing has changed.

    `made` is what was made (name -> SHA-256), `gone` what was removed. What was made for units since the
    last whole build stands by itself, with the workbooks it was made of.
    """
    manifest = manifest_before(before)
    parts = [manifest, *manifest["only"]]
    known = {each["file"]: each["sha256"] for part in parts for each in part["outputs"]}
    if all(known.get(name) == digest for name, digest in made.items()) and not known.keys() & set(gone):
        return None
    changed = {*made, *gone}
    for part in parts:
        part["outputs"] = [each for each in part["outputs"] if each["file"] not in changed]
    now = {
        "units": list(chosen.names),
        "version": __version__,
        "inputs": list(inputs(collected, chosen.has)),
        "outputs": [{"file": name, "sha256": made[name]} for name in sorted(made)],
    }
    manifest["only"] = [part for part in (*manifest["only"], now) if part["outputs"]]
    return manifest


def manifest_before(content: bytes) -> dict[str, Any]:
    """Return a manifest that was there, or that of nothing where there was none."""
    nothing = {"tool": "xlreport", "version": __version__, "forms": [], "inputs": [], "outputs": []}
    found: dict[str, Any] = json.loads(content) if content else nothing
    return {**found, "only": found.get("only", [])}
