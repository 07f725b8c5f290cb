"""报送 files: what a district merged is opened again as the submissions it holds, each with its own source.

A file says of every submission how many rows it has and what they add up to, so that a lost row or an edited
cell is known, and of which unit. Damage costs the submission it is in, never its neighbours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from toolkit.checks.merged_rows import EditedError, ReadRow, form_digest, restored
from toolkit.checks.merged_tables import (
    COVER,
    COVER_LINES,
    FACTS,
    FILES,
    INDICATORS,
    ISSUES,
    MARK,
    MISSING,
    MergedTable,
    digest,
)
from toolkit.checks.model import CheckResult, Merged, Standing, StandingRow
from toolkit.form.model import Form
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue, Location
from toolkit.submission.grid import RawValue, Source

_MARK_ROWS = 5
_COUNTED = {"facts": FACTS, "issues": ISSUES, "indicators": INDICATORS}


class _BrokenError(Exception):
    """A 报送 file that cannot be used at all; the argument says why, in the words of staff."""


@dataclass(slots=True)
class _Rows:
    """Rows of a table as read: by column, and as they stand, for the digest."""

    records: list[ReadRow] = field(default_factory=list)
    cells: list[list[RawValue]] = field(default_factory=list)


def is_merged(source: Source) -> bool:
    """Return whether a workbook is a 报送 file, of this or another version of its format."""
    name = MARK.partition("@")[0]
    return source.sheets[0].name == COVER and any(
        isinstance(value, str) and value.startswith(name) for value in _top(source)
    )


def check_merged(source: Source, forms: Iterable[Form]) -> CheckResult:
    """Open a 报送 file; what cannot be used of it is told in its issues."""
    bare = CheckResult(source.name, source.sha256, source.size, None, ())
    known = {form.id: form for form in forms}
    try:
        cover = _cover(source)
        files, missing = _directory(source, cover)
        tables = {key: _by_number(_rows(source, table)) for key, table in _COUNTED.items()}
        head = Merged(
            sender=str(cover["sender"]),
            compiled=_day(cover["compiled"]),
            batch=str(cover["batch"]),
            part=_whole(cover["part"]),
            parts=_whole(cover["parts"]),
            missing=tuple(_missing(missing.records, known)),
        )
    except _BrokenError as error:
        place = Location(source.name, COVER, label="报送文件")
        return replace(bare, issues=(issue("M02", place, found=str(error)),))
    found, members = [*_other_forms(files.records, known)], []
    for entry in files.records:
        if form := known.get(str(entry["form"])):
            rows = {key: table.get(entry["number"], _Rows()) for key, table in tables.items()}
            try:
                members.append(_member(entry, rows, form, head.sender, source.name))
            except EditedError as error:
                found.append(_edited(entry, str(error)))
            except (ValueError, KeyError, TypeError, IndexError):
                found.append(_edited(entry, "内容不完整"))
    issues = tuple(item.in_file(source.name) for item in found)
    return replace(
        bare, issues=issues, unit=head.sender, merged=replace(head, members=tuple(members), held=len(members))
    )


def _top(source: Source) -> Iterator[RawValue]:
    for row in source.sheets[0].rows[:_MARK_ROWS]:
        yield from row


def _cover(source: Source) -> dict[str, RawValue]:
    """Return what the cover says, by key."""
    if MARK not in _top(source):
        raise _BrokenError("文件格式的版本与本程序不同")
    keys = {text: key for key, text in COVER_LINES.items()}
    said: dict[str, RawValue] = {}
    for row in source.sheets[0].rows:
        texts = [value for value in row if value != ""]
        if len(texts) >= 2 and (key := keys.get(str(texts[0]))):
            said[key] = texts[1]
    for key, text in COVER_LINES.items():
        if key not in said:
            raise _BrokenError(f"封面缺少“{text}”")
    return said


def _directory(source: Source, cover: Mapping[str, RawValue]) -> tuple[_Rows, _Rows]:
    """Return 报送目录 and 漏报, which must be as the cover says."""
    files, missing = _rows(source, FILES), _rows(source, MISSING)
    if len(files.records) != cover["files"]:
        raise _BrokenError(f"封面写明 {_whole(cover['files'])} 份自评表，目录现有 {len(files.records)} 份")
    if digest([*files.cells, *missing.cells]) != cover["digest"]:
        raise _BrokenError("目录与封面的校验码不符，有改动")
    return files, missing


def _rows(source: Source, table: MergedTable) -> _Rows:
    """Return the rows of a table, from every sheet it takes: 数据, 数据2 …"""
    rows, found = _Rows(), False
    headings, ids = ([getattr(column, key) for column in table.columns] for key in ("heading", "id"))
    for sheet in source.sheets:
        if sheet.name.rstrip("0123456789") != table.sheet:
            continue
        found = True
        if not sheet.rows or sheet.rows[0][: len(ids)] != headings:
            raise _BrokenError(f"工作表“{sheet.name}”的表头有改动")
        for at, cells in enumerate(sheet.rows[1:], 2):
            record = dict(zip(ids, cells, strict=False))
            rows.records.append({**record, "at": f"“{sheet.name}”第 {at} "})
            rows.cells.append(cells[: len(ids)])
    if not found:
        raise _BrokenError(f"缺少工作表“{table.sheet}”")
    return rows


def _by_number(rows: _Rows) -> dict[RawValue, _Rows]:
    """Return the rows of each submission, by its number in the directory."""
    found: dict[RawValue, _Rows] = defaultdict(_Rows)
    for record, cells in zip(rows.records, rows.cells, strict=True):
        mine = found[record["number"]]
        mine.records.append(record)
        mine.cells.append(cells)
    return found


def _member(entry: ReadRow, rows: Mapping[str, _Rows], form: Form, sender: str, merged: str) -> CheckResult:
    """Return a submission; EditedError when rows are missing or were edited."""
    for key, table in _COUNTED.items():
        if len(rows[key].records) != entry[key]:
            counted = f"应有 {_whole(entry[key])} 行，现有 {len(rows[key].records)} 行"
            raise EditedError(f"工作表“{table.sheet}”{counted}")
    facts, issues, indicators = (rows[key].records for key in _COUNTED)
    result = restored(entry, facts, issues, indicators, form, sender, merged)
    if digest(cells for part in rows.values() for cells in part.cells) != entry["digest"]:
        raise EditedError("内容与校验码不符，有改动")
    return result


def _edited(entry: ReadRow, what: str) -> Issue:
    place = Location(sheet=FILES.sheet, cell="", label=str(entry["unit"]))
    return issue(
        "M01", place, found=what, unit_name=entry["unit"], source=entry["file"], unit=str(entry["unit"])
    )


def _other_forms(files: Iterable[ReadRow], known: Mapping[str, Form]) -> Iterator[Issue]:
    """Yield an issue for each form that this collection does not use, or knows in another version."""
    digests = {form.id: form_digest(form) for form in known.values()}
    counts: dict[tuple[str, str, bool], int] = defaultdict(int)
    for entry in files:
        name = str(entry["form"])
        form = known.get(name)
        if form is None:
            counts[name, "", False] += 1
        elif entry["form_digest"] != digests[name]:
            counts[name, str(entry["version"]), form.version != entry["version"]] += 1
    for (name, version, other), count in counts.items():
        place = Location(sheet=FILES.sheet, label=name)
        if not version:
            yield issue("M03", place, found=name, count=count)
        else:
            what = f"版本 {version}，本汇总为 {known[name].version}" if other else "同一版本的内容不同"
            yield issue("M04", place, found=name, what=what, count=count)


def _missing(records: Iterable[ReadRow], known: Mapping[str, Form]) -> Iterator[StandingRow]:
    for record in records:
        if record["form"] in known:
            yield StandingRow(
                unit=str(record["unit"]),
                form=str(record["form"]),
                year=_whole(record["year"]) if record["year"] else None,
                standing=Standing.MISSING,
                due=_day(record["due"]) if record["due"] else None,
                contact=str(record["contact"]),
                phone=str(record["phone"]),
                period=str(record["period"]),
            )


def _whole(value: RawValue) -> int:
    if not isinstance(value, float | int):
        raise _BrokenError(f"“{value}”应为数字，有改动")
    return int(value)


def _day(value: RawValue) -> date:
    if not isinstance(value, date):
        raise _BrokenError(f"“{value}”应为日期，有改动")
    return value.date() if isinstance(value, datetime) else value
