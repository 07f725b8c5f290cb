"""One workbook in, one CheckResult out: a pure function of the file and the forms."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from toolkit.checks import rules
from toolkit.checks.context import Context
from toolkit.checks.fields import check_fields
from toolkit.checks.files import finding, unreadable
from toolkit.checks.identity import check_identity, stated_unit, stated_year
from toolkit.checks.merged import check_merged, is_merged
from toolkit.checks.model import CheckResult
from toolkit.checks.policy import Policy
from toolkit.checks.stated import check_stated, spread_blame
from toolkit.form.model import Form
from toolkit.form.references import Names
from toolkit.issues.catalogue import entries, issue
from toolkit.issues.model import Issue, Location, Severity
from toolkit.submission.container import Container, Inside, check_depth, member_bytes, open_container
from toolkit.submission.grid import Source
from toolkit.submission.guard import Limits
from toolkit.submission.model import Answer, Blank, Cell, Row, SectionData, Submission
from toolkit.submission.reader import OUR_SHEETS, Reader
from toolkit.submission.remote import AnyPath
from toolkit.submission.source import SourceError, file_bytes, read_source

# What staff read of a check that raised; `expected` keeps the error for the maintainer.
NOT_FITTING = "规则的参数与表格内容不相容"


@dataclass(frozen=True, slots=True)
class Task:
    """A file to read and the name it goes by (relative to workbooks/).

    `inside` is the way to a member of the archive at `path`: its name, after those of archives around it.
    `content` are the bytes of just this file or member, for a worker that cannot reach `path`.
    """

    path: AnyPath
    name: str
    inside: Inside = ()
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What an archive of workbooks turned out to hold: tasks, their inflated bytes, files passed over."""

    members: tuple[Task, ...]
    size: int
    ignored: int


def check_task(
    task: Task, reader: Reader, limits: Limits, policy: Policy, passwords: Sequence[str] = ()
) -> CheckResult | Unpacked:
    """Read and judge one file, or say what is in it when it is an archive of workbooks."""
    try:
        task = replace(task, content=_content(task, limits, passwords))
        source = _opened(task, limits, passwords)
    except SourceError as error:
        return _refused(task, error, limits, passwords)
    return check_source(source, reader, policy)


def carried(task: Task, limits: Limits, passwords: Sequence[str] = ()) -> Task | CheckResult | Unpacked:
    """Give the task its bytes, for a worker that cannot reach the file, or say what there is to say."""
    try:
        return replace(task, content=_content(task, limits, passwords))
    except SourceError as error:
        return _refused(task, error, limits, passwords)


def _refused(
    task: Task, error: SourceError, limits: Limits, passwords: Sequence[str]
) -> CheckResult | Unpacked:
    """Return what is in a file that was refused as a workbook, or why nothing of it can be read."""
    try:
        return _unpacked(task, error, limits, passwords)
    except SourceError as graver:
        return _unread(task, graver, limits, passwords)


def check_workbook(task: Task, reader: Reader, limits: Limits, policy: Policy | None = None) -> CheckResult:
    """Read and judge one file that is no archive; whatever is wrong is in the result."""
    try:
        task = replace(task, content=_content(task, limits, ()))
        source = _opened(task, limits, ())
    except SourceError as error:
        return _unread(task, error, limits, ())
    return check_source(source, reader, policy or Policy())


def _unread(task: Task, error: SourceError, limits: Limits, passwords: Sequence[str]) -> CheckResult:
    if error.code == "F14":  # to ask again at once would not be polite
        sha256, size = "", _size(task)
    else:
        sha256, size = fingerprint(task, limits, passwords)
    return CheckResult(task.name, sha256, size, None, (unreadable(error, task.name),))


def _opened(task: Task, limits: Limits, passwords: Sequence[str]) -> Source:
    content = _content(task, limits, passwords)
    return read_source(content, task.name, limits=limits, passwords=passwords, only_counted=OUR_SHEETS)


def _content(task: Task, limits: Limits, passwords: Sequence[str]) -> bytes:
    if task.content is not None:
        return task.content
    if task.inside:
        return member_bytes(task.path, task.inside, limits, passwords)
    return file_bytes(task.path, limits)


def _unpacked(task: Task, error: SourceError, limits: Limits, passwords: Sequence[str]) -> Unpacked:
    """Return the members of an archive whose reading as a workbook was refused; else SourceError.

    An archive of workbooks may be larger, hold more and inflate further than one workbook may.
    """
    if error.found != "zip" and error.code != "F05" and error.found != "damaged zip":
        raise error
    try:
        container = _container(task, limits, passwords)
    except SourceError as graver:
        raise graver if error.found == "zip" or graver.code == "F05" else error from graver
    listing = container.listing
    if listing.is_package:
        raise error
    if not listing.names:
        raise SourceError("F04", "no member")
    members = tuple(Task(task.path, f"{task.name}/{name}", (*task.inside, name)) for name in listing.names)
    return Unpacked(members, listing.size, listing.ignored)


def _container(task: Task, limits: Limits, passwords: Sequence[str]) -> Container:
    if task.content is None:
        return open_container(task.path, task.inside, limits, passwords)
    check_depth(task.inside, limits)
    return Container(io.BytesIO(task.content), task.content, limits)


def check_source(source: Source, reader: Reader, policy: Policy) -> CheckResult:
    """Judge an opened workbook; a 报送 file is opened further."""
    if is_merged(source):
        return check_merged(source, reader.forms)
    result = reader.read(source)
    noticed = (finding(item) for item in source.findings if item.sheet not in OUR_SHEETS)
    found = list(policy.all_treated((*noticed, *result.issues)))
    if result.submission is None:
        issues = tuple(item.in_file(source.name) for item in found)
        return CheckResult(source.name, source.sha256, source.size, None, issues, cells=result.cells)
    form = next(
        form
        for form in reader.forms
        if (form.id, form.version) == (result.submission.form, result.submission.version)
    )
    context = Context(form, result.submission, _names(form), policy)
    context.lost.update(item.location.label for item in result.issues if item.code == "S06")
    found += judge(context)
    unit = stated_unit(form, result.submission)
    issues = tuple(item.in_file(source.name, unit) for item in _without_echoes(found))
    return CheckResult(
        file=source.name,
        sha256=source.sha256,
        size=source.size,
        submission=_without_doubtful(result.submission, context.doubtful),
        issues=issues,
        unit=unit,
        year=stated_year(form, result.submission),
        indicators=context.indicators,
        cells=result.cells,
    )


_known_names: dict[str, Names] = {}


def _names(form: Form) -> Names:
    """Return the names a form knows; they are the same for every workbook of a process."""
    known = _known_names.get(form.name)
    if known is None or known.form is not form:
        known = _known_names[form.name] = Names.of_form(form)
    return known


def judge(context: Context) -> list[Issue]:
    """Return what the checks find, stage by stage: identity, values, stated figures, rules of the form."""
    found = _heard(context, "身份", check_identity) + _heard(context, "单元格", check_fields)
    of_money = [rule for rule in context.form.rules if rule.check == "same_scale"]
    others = [rule for rule in context.form.rules if rule.check != "same_scale"]
    for rule in of_money:  # a wrong unit of money explains every rate and total around it
        found += _heard(context, rule.id, partial(rules.run, rule=rule))
    found += _heard(context, "填报数与计算数", check_stated)
    for rule in others:
        before = len(context.blamed)
        found += _heard(context, rule.id, partial(rules.run, rule=rule))
        if len(context.blamed) > before:
            spread_blame(context)
    return found


def _heard(context: Context, name: str, check: Callable[[Context], Iterator[Issue]]) -> list[Issue]:
    """Return what a check finds, as the policy treats it; a check that raises is one issue naming it.

    What is no more than a 提示 here must hide nothing else, so its cell is pardoned; and only the figure of
    an error is kept out of the totals.
    """
    heard = []
    try:
        for item in check(context):
            treated = context.policy.treated(item)
            level = treated.severity if treated is not None else Severity.NOTE
            if level is not Severity.ERROR and entries()[item.code].severity is not Severity.NOTE:
                context.pardon(item.location, blamed=level is Severity.NOTE)
            if treated is not None:
                heard.append(treated)
    except Exception as error:
        detail = f"{type(error).__name__}: {error}"
        heard.append(issue("R01", Location(), found=NOT_FITTING, expected=detail, rule=name))
    return heard


def _without_echoes(found: Iterable[Issue]) -> list[Issue]:
    """Drop the note on a mended spelling where the cell has a graver issue; order by gravity and stage."""
    listed = list(found)
    blamed = {
        (item.location.sheet, item.location.cell) for item in listed if item.severity is not Severity.NOTE
    }
    kept = [
        item
        for item in listed
        if item.code != "V04" or (item.location.sheet, item.location.cell) not in blamed
    ]
    return sorted(kept, key=lambda item: item.order)


def _without_doubtful(submission: Submission, doubtful: set[Cell]) -> Submission:
    """Return the submission with doubtful figures taken back to text, so that no total uses them."""
    if not doubtful:
        return submission

    def mended(answer: Answer) -> Answer:
        if answer.cell not in doubtful:
            return answer
        return replace(answer, value=None, blank=Blank.UNREADABLE, problem="疑似金额单位写错")

    sections = {}
    for name, data in submission.sections.items():
        rows = tuple(
            Row(row.id, {key: mended(answer) for key, answer in row.answers.items()}, row.total)
            for row in data.rows
        )
        sections[name] = SectionData(data.section, rows, data.found, data.sheet, data.title_cell)
    return replace(submission, sections=sections)


def fingerprint(task: Task, limits: Limits, passwords: Sequence[str] = ()) -> tuple[str, int]:
    """Return hash and size of a file that could not be opened, as far as it can be read at all."""
    try:
        content = _content(task, limits, passwords)
        return hashlib.sha256(content).hexdigest(), len(content)
    except SourceError:
        return "", _size(task)


def _size(task: Task) -> int:
    """Return the size of a file that is not read, 0 when there is no telling."""
    if task.inside or not task.path.is_file():
        return 0
    try:
        return task.path.stat().st_size if isinstance(task.path, Path) else task.path.size or 0
    except OSError:
        return 0
