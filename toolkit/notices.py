"""`xlreport notices`: letters to the units that owe a workbook, and to those that have to mend one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from toolkit.checks.model import CheckResult, Collected, RosterUnit, Standing, StandingRow
from toolkit.checks.roster import match_unit
from toolkit.collection import Collection
from toolkit.issues.model import Severity
from toolkit.outputs import write_report
from toolkit.publication import Publication, alone
from toolkit.remote_folder import Folder
from toolkit.settings import CollectionError
from toolkit.writers.files import safe_name
from toolkit.writers.narrative import Filled, Narrative, TemplateError
from toolkit.writers.notice_context import (
    REMINDER,
    RETURNED,
    Letter,
    reminder_context,
    returned_context,
)
from toolkit.writers.reports import notice_template

FOLDER = "通知"
LATE = "S15"  # the issue that a workbook came late
TITLES: Mapping[str, str] = {REMINDER: "催报通知", RETURNED: "退回通知"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the letters: of which day, until when to answer, to which unit only."""

    day: date
    due: date | None = None
    unit: str = ""


def write_notices(
    collection: Collection, collected: Collected, wanted: Wanted, folder: Path | None = None
) -> list[Folder]:
    """Write the letters and return their paths; CollectionError when a template or a file cannot be used.

    In the collection's own folder (`out/通知`), letters of before that are due no more go; in a folder that
    is given, and with one unit only, nothing is removed.
    """
    ours = [f"*-{title}.docx" for title in TITLES.values()] if folder is None and not wanted.unit else []
    target = folder or collection.out / FOLDER
    with alone(collection.work):
        publication = Publication(target, collection.work / "notices", ours)
        for name, letter in _letters(collection, collected, wanted):
            write_report(publication, name, letter)
        if locked := publication.publish():
            raise CollectionError(f"{'、'.join(locked)} 正被其他程序打开，没有更新；其余通知已写好。")
    return [target / name for name in publication.names]


def _letters(collection: Collection, collected: Collected, wanted: Wanted) -> Iterator[tuple[str, Filled]]:
    owed, faulty = _owed(collected), _faulty(collected)
    listed = {unit.name: unit for unit in collection.roster}
    units = [name for name in dict.fromkeys([*listed, *owed, *faulty]) if name in owed or name in faulty]
    if wanted.unit:
        units = _only(wanted.unit, [*listed, *owed, *faulty], collection, units)
    templates = _templates(collection)
    forms, created = collection.forms_by_id, datetime.combine(wanted.day, time())
    taken: set[str] = set()
    for unit in units:
        head = _head(collection, unit, listed.get(unit), wanted)
        contexts = {
            REMINDER: reminder_context(head, owed[unit], forms) if unit in owed else None,
            RETURNED: returned_context(head, faulty[unit], forms) if unit in faulty else None,
        }
        for kind, context in contexts.items():
            template = templates[kind]
            if context is None or template is None:
                continue
            name = _unique(f"{safe_name(unit)}-{TITLES[kind]}", taken)
            yield name, template.render(context, author=head.district, created=created)


def _owed(collected: Collected) -> dict[str, list[StandingRow]]:
    """Return by unit what our own roster misses, and what came late; what a district waits for is its own."""
    found: dict[str, list[StandingRow]] = defaultdict(list)
    for row in collected.standings:
        ours = row.standing is Standing.MISSING and not row.why
        if ours or (row.standing is Standing.LATE and row.due is not None):
            found[row.unit].append(row)
    return found


def _faulty(collected: Collected) -> dict[str, list[CheckResult]]:
    """Return by unit the workbooks that count and are not accepted.

    Those a district merged are left to it; that one came late is told in the other letter.
    """
    found: dict[str, list[CheckResult]] = defaultdict(list)
    for result in collected.results.bare():
        if result.file not in collected.counting or not result.unit or result.sender:
            continue
        if any(item.severity is not Severity.NOTE and item.code != LATE for item in result.issues):
            found[result.unit].append(result)
    return found


def _only(name: str, known: list[str], collection: Collection, units: list[str]) -> list[str]:
    """Return the one unit that is asked for, none when it has nothing to be told."""
    others = [RosterUnit("", one) for one in dict.fromkeys(known)]
    found = match_unit(name, collection.roster)[0] or match_unit(name, others)[0]
    if found is None:
        raise CollectionError(f"名册和收到的自评表中没有单位“{name}”；可写全称、别名或编码。")
    return [unit for unit in units if unit == found.name]


def _head(collection: Collection, unit: str, listed: RosterUnit | None, wanted: Wanted) -> Letter:
    return Letter(
        unit=unit,
        district=collection.settings.district,
        day=wanted.day,
        due=wanted.due,
        contact=listed.contact if listed else "",
        phone=listed.phone if listed else "",
    )


def _templates(collection: Collection) -> dict[str, Narrative | None]:
    """Open and check the templates of both letters; CollectionError says what is wrong with one."""
    try:
        return {
            kind: notice_template(path, kind, collection.forms_by_id) if path else None
            for kind, path in collection.templates().notices.items()
        }
    except TemplateError as error:
        raise CollectionError(str(error)) from error


def _unique(stem: str, taken: set[str]) -> str:
    """Return a file name no other letter has, where the names of two units are alike on a disk."""
    name, number = stem, 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem}（{number}）"
    taken.add(name.casefold())
    return f"{name}.docx"
