"""The clerk's own workbook back, marked: fills, comments and a sheet 审核意见; other parts keep their bytes.

openpyxl's load and save would lose shapes, form controls, newer validations, threads of comments and printer
settings, so the package is patched part by part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath

from lxml import etree

from toolkit.issues.model import Issue
from toolkit.submission.grid import Position
from toolkit.submission.guard import Limits, SourceError
from toolkit.submission.sheet_xml import position
from toolkit.submission.sniff import ZIP
from toolkit.writers.annotated_comments import (
    add_comments,
    has_our_comments,
    remove_comments,
    threaded_cells,
)
from toolkit.writers.annotated_opinion import Opinion, opinion_workbook
from toolkit.writers.annotated_package import Parts, child
from toolkit.writers.annotated_sheet import Sheet
from toolkit.writers.annotated_styles import StyleSheet, saved_by_libreoffice
from toolkit.writers.annotated_workbook import find_earlier, put_opinion, sheets_of

DEFAULT_LIMITS = Limits()
OPINION_PREFIX = "审核意见-"


class CannotMarkError(Exception):
    """Say that a file is no Excel package that could be marked; the message is for a maintainer."""


def mark(
    data: bytes, issues: Sequence[Issue], *, created: datetime, limits: Limits = DEFAULT_LIMITS
) -> bytes:
    """Return a workbook marked with its issues in the place of all marks of an earlier round.

    CannotMarkError for anything but a readable .xlsx or .xlsm. The same input gives the same bytes.
    """
    if not data.startswith(ZIP):
        raise CannotMarkError("not a zip package")
    try:
        return _marked(Parts(data, limits), issues, created, limits)
    except (SourceError, etree.XMLSyntaxError) as error:
        raise CannotMarkError(str(error)) from error


def _marked(parts: Parts, issues: Sequence[Issue], created: datetime, limits: Limits) -> bytes:
    """Unmark every sheet before marking any, so that marking again counts and names as it did before."""
    if not parts.package.names:
        raise SourceError("F04", "no sheet")
    earlier = find_earlier(parts, limits)
    sheets = sheets_of(parts, earlier)
    styles = StyleSheet(parts)
    by_sheet: dict[str, list[Issue]] = defaultdict(list)
    for item in issues:
        by_sheet[item.location.sheet].append(item)
    _unmark(sheets.values(), styles, trusted=not saved_by_libreoffice(parts))
    flagged = [sheet for name, sheet in sheets.items() if name in by_sheet and _is_whole(sheet)]
    threads = {sheet.name: threaded_cells(sheet) for sheet in flagged}
    opinion = Opinion(
        issues,
        linkable=frozenset(name for name, sheet in sheets.items() if sheet.visible),
        threads=threads,
        replies=earlier.replies if earlier else {},
    )
    put_opinion(parts, styles, opinion_workbook(opinion, created), earlier)
    for sheet in flagged:
        _mark_sheet(sheet, styles, by_sheet[sheet.name], threads[sheet.name])
    return parts.save(created)


def returned(
    content: bytes,
    name: str,
    issues: Sequence[Issue],
    *,
    created: datetime,
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[str, bytes]:
    """Return name and content of what goes back to the clerk: the marked copy, else the opinion alone.

    `name` is the file's path below workbooks/; the name returned is the path below 退回/.
    """
    marked, alone = copy_names(name)
    try:
        return marked, mark(content, issues, created=created, limits=limits)
    except CannotMarkError:
        return alone, opinion_workbook(Opinion(issues), created)


def copy_names(name: str) -> tuple[str, str]:
    """Return the names below 退回/ of a file's marked copy, and of the opinion alone.

    >>> copy_names("甲/旧表.xls")
    ('甲/旧表.xls', '甲/审核意见-旧表.xls.xlsx')
    """
    path = PurePosixPath(name)
    return name, str(path.with_name(f"{OPINION_PREFIX}{path.name}.xlsx"))


def _is_whole(sheet: Sheet) -> bool:
    """Return whether the sheet can be patched; a damaged or vast one stays as it is and is only listed."""
    try:
        return child(sheet.root, "sheetData") is not None
    except (SourceError, etree.XMLSyntaxError):
        return False


def _unmark(sheets: Iterable[Sheet], styles: StyleSheet, *, trusted: bool) -> None:
    """Take the fills and comments of an earlier round away."""
    marked = styles.marked_styles()
    for sheet in sheets:
        commented = has_our_comments(sheet)
        if (commented or marked) and _is_whole(sheet):
            if commented:
                remove_comments(sheet)
            sheet.restyle_all(marked, partial(styles.unmarked, trusted=trusted))


def _mark_sheet(
    sheet: Sheet, styles: StyleSheet, issues: Sequence[Issue], threads: frozenset[Position]
) -> None:
    """Mark the cells of one sheet; a merged area shows only what its first cell has."""
    by_cell: dict[Position, list[Issue]] = defaultdict(list)
    for item in issues:
        place = position(item.location.cell)
        if place is not None:
            by_cell[sheet.merge(place)[:2]].append(item)
    for place, items in by_cell.items():
        gravest = min((item.severity for item in items), key=lambda severity: severity.rank)
        sheet.restyle(place, partial(styles.marked, severity=gravest))
    add_comments(sheet, {place: _text(items) for place, items in by_cell.items() if place not in threads})


def _text(issues: Sequence[Issue]) -> str:
    """Return the issues of one cell as its comment says them, the gravest first."""
    ordered = sorted(issues, key=lambda item: item.severity.rank)
    return "\n".join(
        dict.fromkeys(f"【{item.severity.word}】{item.message}\n{item.hint}" for item in ordered)
    )
