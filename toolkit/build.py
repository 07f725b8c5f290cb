"""The main job: read, check, aggregate, and write everything an officer sends on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.checks.ledger import LEDGER, updated
from toolkit.checks.model import Collected
from toolkit.collecting import Progress, collect, is_clean, probations
from toolkit.collection import Collection
from toolkit.crew.mapping import Crew
from toolkit.crew.watched import hired
from toolkit.issues.model import Verdict
from toolkit.last_build import LastBuild, basis
from toolkit.listing import tally_line
from toolkit.outputs import make_outputs, make_parts, open_reports, require_office
from toolkit.partial import Chosen, Parts, partial_manifest, stale_copies, stale_reports
from toolkit.previous import previous
from toolkit.publication import Publication, alone
from toolkit.remote_folder import Folder
from toolkit.shapes import MANIFEST, manifest, write_json

if TYPE_CHECKING:
    from toolkit.writers.reports import Reports

OURS = ("汇总报告.docx", "汇总报告.pdf", "单位报告/**/*", "退回/**/*", "报送-*.xlsx", "汇总表-*.xlsx")

ALL = Parts()


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made: what it has to tell, files in the order written, those it could not replace."""

    told: str
    clean: bool  # every workbook is accepted and nothing is missing
    written: Sequence[Folder]
    locked: Sequence[str] = ()
    fresh: bool = True  # False when nothing had changed since the last build


def build(
    collection: Collection,
    *,
    crew: Crew | None = None,
    jobs: int | None = None,
    progress: Progress = lambda done: None,
    parts: Parts = ALL,
) -> Built:
    """Build the outputs of a collection that are wanted and put them in place together.

    Without the reports or the marked copies, those of an earlier build go: what lies there is of one build.
    Of some units only, all other outputs stay, and so does what is known of the last build.

    Templates are checked before any work. An output open in another program is kept as it is and named in
    `locked`, and the others are written. When nothing has changed since the last build, nothing is done.
    """
    with alone(collection.work):
        publication = Publication(collection.out, collection.work, OURS)
        made_of = _basis(collection, parts)
        last = LastBuild.read(collection.work)
        if last and not parts.only and last.holds(made_of, collection.out, collection.work):
            return Built(last.told, last.clean, [collection.out / name for name in last.outputs], fresh=False)
        reports = open_reports(collection) if parts.reports else None
        if parts.pdf and not (crew and crew.distant):
            require_office()
        with hired(crew, jobs) as hands:
            collected = collect(collection, crew=hands, progress=progress, keep=True)
            if parts.only:
                return _build_part(collection, collected, reports, publication, hands, parts)
            make_outputs(collection, collected, reports, publication, hands, parts)
        outputs = publication.digests()
        locked = publication.publish()
        locked += _keep_ledger(collection, collected)
        told, clean = tally_line(collected, collection.ignored()), is_clean(collected)
        if not locked:
            if not _lacks_files(collected):
                LastBuild(made_of, outputs, told, clean).keep(collection.work)
        elif isinstance(collection.out, Path):
            outputs = {name: digest for name, digest in outputs.items() if name not in locked}
            with suppress(PermissionError):  # when it is the manifest that is held open
                write_json(manifest(collection, collected, outputs), collection.out / MANIFEST)
    out = collection.out
    return Built(told, clean, [out / name for name in outputs], locked)


def _build_part(
    collection: Collection,
    collected: Collected,
    reports: Reports | None,
    publication: Publication,
    crew: Crew,
    parts: Parts,
) -> Built:
    """Build what is made of the workbooks of some units, and remove what of theirs is due no more.

    CollectionError names a unit that nobody knows. The ledger tells of whole builds and stays as it is.
    """
    chosen = Chosen(parts.only, collection, collected)
    make_parts(collection, collected, reports, publication, crew, parts, chosen)
    gone: list[str] = []
    theirs = collected.results.where(chosen.has)
    if reports is not None:
        due = {one.stem: chosen.has(one.entry.head) for one in reports.due(collected)}
        gone += stale_reports(publication, chosen, due)
    if parts.copies:
        gone += stale_copies(publication, [head.file for head in theirs.heads])
    publication.ours = [escape(name) for name in gone]
    made, before = publication.digests(), publication.lying(MANIFEST)
    changed = partial_manifest(before, collected, chosen, made, gone)
    if changed:
        publication.write(MANIFEST, partial(write_json, changed))
    locked, out = publication.publish(), collection.out
    if changed and locked and isinstance(out, Path):
        written = {name: digest for name, digest in made.items() if name not in locked}
        changed = partial_manifest(before, collected, chosen, written, gone) or json.loads(before)
        with suppress(PermissionError):
            write_json(changed, out / MANIFEST)
    told = f"只更新了{'、'.join(chosen.names)}：{len(made)} 个文件，其他输出没有改动。"
    clean = all(head.verdict is Verdict.ACCEPTED for head in theirs.heads)
    clean = clean and not any(item.unit in chosen.names for item in collected.issues)
    return Built(told, clean, [out / name for name in made], locked)


def _lacks_files(collected: Collected) -> bool:
    """Return whether a file could not be had from its address, which nothing but trying again will tell."""
    broken_off = collected.results.where(lambda head: head.broken_off)
    return any(item.code == "F14" for result in broken_off.bare() for item in result.issues)


def _keep_ledger(collection: Collection, collected: Collected) -> list[str]:
    """Write 台账.xlsx; return its name when another program holds it open."""
    from toolkit.writers.ledger import write_ledger

    forms, today = collection.forms_by_id, collection.policy.today
    rows = updated(collection.ledger, collected, forms, collection.times(), today)
    if rows == collection.ledger:
        return []
    try:
        write_ledger(rows, collection.root / LEDGER)
    except PermissionError:
        return [LEDGER]
    return []


def _basis(collection: Collection, parts: Parts) -> str:
    """Return the digest of what decides about the outputs; the day counts where something ends on a day."""
    dated = any(waiver.until for waiver in collection.waivers) or bool(probations(collection))
    dated = dated or bool(collection.settings.periods)
    limits, before = collection.settings.limits, previous(collection)
    return basis(
        [*collection.sources(), *(before.sources() if before else ())],
        max(limits.max_bytes, limits.max_archive),
        collection.policy.today if dated else None,
        parts,
        collection.chooser.decisions,
        collection.times(),
        (before.chooser.decisions, before.times()) if before else None,
    )
