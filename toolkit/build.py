"""The main job: read, check, aggregate, and write everything an officer sends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from glob import escape
from pathlib import Path
from typing import Any

from toolkit.checks.ledger import LEDGER, updated
from toolkit.checks.model import Collected
from toolkit.collecting import Progress, collect, is_clean, probations
from toolkit.collection import Collection
from toolkit.crew.mapping import Crew
from toolkit.crew.watched import hired
from toolkit.issues.model import Verdict
from toolkit.last_build import LastBuild, basis
from toolkit.listing import tally_line
from toolkit.outputs import Making, make_outputs, make_single, open_reports, require_office
from toolkit.partial import (
    Chosen,
    Parts,
    manifest_before,
    partial_manifest,
    stale_copies,
    stale_reports,
)
from toolkit.previous import previous
from toolkit.publication import Publication, alone
from toolkit.remote_folder import Folder
from toolkit.shapes import MANIFEST, manifest, write_json

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
    CollectionError names a unit that nobody knows.
    """
    with alone(collection.work):
        publication = Publication(collection.out, collection.work, OURS)
        made_of = _basis(collection, parts)
        last = LastBuild.read(collection.work)
        if last and not parts.only and last.holds(made_of, collection.out, collection.work):
            return Built(last.told, last.clean, [collection.out / name for name in last.outputs], fresh=False)
        reports = open_reports(collection) if parts.reports else None
        if parts.pdf:
            require_office(crew)
        with hired(crew, jobs) as hands:
            collected = collect(collection, crew=hands, progress=progress, keep=True)
            making = Making(collection, collected, reports, publication, hands, parts)
            chosen = Chosen(parts.only, collection, collected) if parts.only else None
            if chosen is None:
                make_outputs(making)
            else:
                make_single(making, chosen)
        return _publish(making, made_of) if chosen is None else _publish_part(making, chosen)


def _publish(making: Making, made_of: str) -> Built:
    """Put the outputs of a whole build in place, and remember what they were made of."""
    collection, collected, out = making.collection, making.collected, making.collection.out
    outputs = making.publication.digests()
    locked = making.publication.publish()
    locked += _keep_ledger(collection, collected)
    told, clean = tally_line(collected, collection.ignored()), is_clean(collected)
    if not locked:
        if not _lacks_files(collected):
            LastBuild(made_of, outputs, told, clean).keep(collection.work)
    elif isinstance(out, Path):
        outputs = _without(outputs, locked)
        _mend_manifest(out, manifest(collection, collected, outputs))
    return Built(told, clean, [out / name for name in outputs], locked)


def _publish_part(making: Making, chosen: Chosen) -> Built:
    """Put in place what was made of the workbooks of some units, and remove what of theirs is due no more.

    The ledger tells of whole builds and stays as it is.
    """
    publication, collected, out = making.publication, making.collected, making.collection.out
    gone = _stale(making, chosen)
    publication.ours = [escape(name) for name in gone]
    made, before = publication.digests(), publication.lying(MANIFEST)
    changed = partial_manifest(before, collected, chosen, made, gone)
    if changed:
        publication.write(MANIFEST, partial(write_json, changed))
    locked = publication.publish()
    if changed and locked and isinstance(out, Path):
        written = partial_manifest(before, collected, chosen, _without(made, locked), gone)
        _mend_manifest(out, written or manifest_before(before))
    told = f"只更新了{'、'.join(chosen.names)}：{len(made)} 个文件，其他输出没有改动。"
    theirs = collected.results.where(chosen.has).heads
    clean = all(head.verdict is Verdict.ACCEPTED for head in theirs)
    clean = clean and not any(item.unit in chosen.names for item in collected.issues)
    return Built(told, clean, [out / name for name in made], locked)


def _stale(making: Making, chosen: Chosen) -> list[str]:
    """Return the reports and marked copies of the units that lie there and are due no more."""
    gone: list[str] = []
    if making.reports is not None:
        due = {one.stem: chosen.has(one.entry.head) for one in making.reports.due(making.collected)}
        gone += stale_reports(making.publication, chosen, due)
    if making.parts.copies:
        theirs = making.collected.results.where(chosen.has).heads
        gone += stale_copies(making.publication, [head.file for head in theirs])
    return gone


def _without(outputs: Mapping[str, str], locked: Sequence[str]) -> dict[str, str]:
    return {name: digest for name, digest in outputs.items() if name not in locked}


def _mend_manifest(out: Path, shape: Mapping[str, Any]) -> None:
    """Write the manifest of what could be replaced after all, unless it is what is held open."""
    with suppress(PermissionError):
        write_json(shape, out / MANIFEST)


def _lacks_files(collected: Collected) -> bool:
    """Return whether a file could not be had from its address, which nothing but trying again will tell."""
    broken_off = collected.results.where(lambda head: head.broken_off)
    return any(item.code == "F14" for result in broken_off.bare() for item in result.issues)


def _keep_ledger(collection: Collection, collected: Collected) -> list[str]:
    """Write 台账.xlsx; return its name when another program holds it open."""
    forms, today = collection.forms_by_id, collection.policy.today
    rows = updated(collection.ledger, collected, forms, collection.times(), today)
    if rows == collection.ledger:
        return []
    try:
        collection.keep_ledger(rows)
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
