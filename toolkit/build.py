"""The main job: read, check, aggregate, and write everything an officer sends on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from toolkit.checks.ledger import LEDGER, updated
from toolkit.checks.model import Collected
from toolkit.collecting import Progress, collect, is_clean, probations
from toolkit.collection import Collection
from toolkit.crew.mapping import Crew
from toolkit.crew.watched import hired
from toolkit.last_build import LastBuild, basis
from toolkit.listing import tally_line
from toolkit.outputs import make_outputs, open_reports, require_office
from toolkit.previous import previous
from toolkit.publication import Publication, alone
from toolkit.remote_folder import Folder
from toolkit.shapes import MANIFEST, manifest, write_json

OURS = ("汇总报告.pdf", "单位报告/**/*", "退回/**/*", "报送-*.xlsx")


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
    pdf: bool = False,
) -> Built:
    """Build every output of a collection and put them in place together; with `pdf`, every report as PDF too.

    Templates are checked before any work. An output open in another program is kept as it is and named in
    `locked`, and the others are written. When nothing has changed since the last build, nothing is done.
    """
    with alone(collection.work):
        publication = Publication(collection.out, collection.work, OURS)
        made_of = _basis(collection, pdf)
        last = LastBuild.read(collection.work)
        if last and last.holds(made_of, collection.out, collection.work):
            return Built(last.told, last.clean, [collection.out / name for name in last.outputs], fresh=False)
        reports = open_reports(collection)
        if pdf and not (crew and crew.distant):
            require_office()
        with hired(crew, jobs) as hands:
            collected = collect(collection, crew=hands, progress=progress, keep=True)
            make_outputs(collection, collected, reports, publication, hands, pdf)
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


def _basis(collection: Collection, pdf: bool) -> str:
    """Return the digest of what decides about the outputs; the day counts where something ends on a day."""
    dated = any(waiver.until for waiver in collection.waivers) or bool(probations(collection))
    dated = dated or bool(collection.settings.periods)
    limits, before = collection.settings.limits, previous(collection)
    return basis(
        [*collection.sources(), *(before.sources() if before else ())],
        max(limits.max_bytes, limits.max_archive),
        collection.policy.today if dated else None,
        pdf,
        collection.chooser.decisions,
        collection.times(),
        (before.chooser.decisions, before.times()) if before else None,
    )
