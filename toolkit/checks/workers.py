"""Many workbooks, judged by a crew: a file that kills, hangs or swells its worker costs itself only.

What a worker gives back of a file is packed, so that it is taken apart by those who ask for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from toolkit.checks.files import lost, over_limit
from toolkit.checks.model import CheckResult
from toolkit.checks.policy import Policy
from toolkit.checks.records import Record, pack
from toolkit.checks.results import Kept, Results, Store
from toolkit.checks.runner import Task, Unpacked, carried, check_task, fingerprint
from toolkit.crew.batches import LostError, Watch, Why
from toolkit.crew.mapping import Crew, Settled, mapped
from toolkit.crew.process import ADDRESSES
from toolkit.form.model import Form
from toolkit.submission.guard import Limits
from toolkit.submission.reader import Reader
from toolkit.submission.recognition import Library
from toolkit.submission.remote import is_within_reach
from toolkit.submission.room import is_lack_of_room


@dataclass(frozen=True, slots=True)
class Judging:
    """What every file of a run is read and judged by.

    `library` holds further forms, to name a workbook that is none of `forms`; a worker elsewhere has no
    files to read them from.
    """

    forms: Sequence[Form]
    limits: Limits = field(default_factory=Limits)
    policy: Policy = field(default_factory=Policy)
    passwords: tuple[str, ...] = ()
    library: Library = field(default_factory=dict)

    @property
    def watch(self) -> Watch:
        """Return the most that one file may take."""
        return Watch(self.limits.max_seconds, self.limits.max_memory)

    def prepare(self) -> Callable[[Task], Record | Unpacked]:
        """Return what judges a file."""
        reader, forms = Reader(self.forms, self.library), {form.id: form for form in self.forms}

        def judged(task: Task) -> Record | Unpacked:
            found = self._judged(task, reader)
            return found if isinstance(found, Unpacked) else pack(found, forms)

        return judged

    def _judged(self, task: Task, reader: Reader) -> CheckResult | Unpacked:
        try:
            return check_task(task, reader, self.limits, self.policy, self.passwords)
        except MemoryError:
            most = self.limits.max_memory
            return over_limit(task.name, "max_memory", most + ADDRESSES, most)
        except Exception as error:  # a bug met on one file must not hide the others; the issue names it
            if is_lack_of_room(error):  # which is the fault of no file
                raise
            return lost(task.name, "程序出错", f"{type(error).__name__}: {error}")


class FileChecks:
    """The judging of files: iterate over it for the record of each as it comes, in no order.

    In the place of an archive come the records of its members.
    """

    def __init__(self, tasks: Sequence[Task], judging: Judging, crew: Crew) -> None:
        self._tasks = tasks
        self._judging = judging
        self._crew = crew
        self._waiting = deque(tasks)
        self._unpacked: dict[str, Unpacked] = {}

    @property
    def skipped(self) -> int:
        """Return how many files in archives were passed over as temporary, as far as archives are open."""
        return sum(archive.ignored for archive in self._unpacked.values())

    def archives(self) -> dict[str, Archive]:
        """Return what is in the archives among the tasks, by name."""
        found: dict[str, Archive] = {}
        for task in self._tasks:
            if task.name in self._unpacked:
                ignored = sum(
                    one.ignored for one in self._unpacked.values() if one.members[0].path == task.path
                )
                found[task.name] = Archive(tuple(self._in_order([task])), ignored)
        return found

    def names(self) -> Iterator[str]:
        """Yield the names of what was judged in the order of the tasks, members of an archive by name."""
        yield from self._in_order(self._tasks)

    def __iter__(self) -> Iterator[Record]:
        """Yield records."""
        for task, told in mapped(self._crew, self._judging, self._waiting, self._sent):
            if isinstance(told, Record):
                yield told
            elif isinstance(told, LostError):
                yield pack(self._blamed(task, told), {})
            elif refused := self._unpack(task, told):
                yield pack(refused, {})

    def _sent(self, task: Task) -> Task | Settled[Record | Unpacked]:
        """Return what travels of a task: with its bytes, where its path leads nowhere for the worker."""
        if is_within_reach(task.path, distant=self._crew.distant):
            return task
        found = carried(task, self._judging.limits, self._judging.passwords)
        if isinstance(found, Task):
            return found
        return Settled(found if isinstance(found, Unpacked) else pack(found, {}))

    def _in_order(self, tasks: Iterable[Task]) -> Iterator[str]:
        for task in tasks:
            if task.name in self._unpacked:
                yield from self._in_order(self._unpacked[task.name].members)
            else:
                yield task.name

    def _blamed(self, task: Task, error: LostError) -> CheckResult:
        """Return the result of a file that cost its worker; hash and size no worker lived to tell."""
        limits = {Why.TOO_LONG: "max_seconds", Why.TOO_LARGE: "max_memory"}
        if error.why in limits:
            result = over_limit(task.name, limits[error.why], error.found, error.allowed)
        else:
            result = lost(task.name, "读取程序崩溃")
        if error.why is Why.TOO_LONG and not isinstance(task.path, Path):
            return result  # to ask for it here would be to hang here
        sha256, size = fingerprint(task, self._judging.limits, self._judging.passwords)
        return replace(result, sha256=sha256, size=size)

    def _unpack(self, task: Task, archive: Unpacked) -> CheckResult | None:
        """Put members in the place of their archive, unless it and those around it are too much."""
        limits = self._judging.limits
        family = [
            *(other for other in self._unpacked.values() if other.members[0].path == task.path),
            archive,
        ]
        count, size = sum(len(one.members) for one in family), sum(one.size for one in family)
        if count > limits.max_members:
            return over_limit(task.name, "max_members", count, limits.max_members)
        if size > limits.max_archive:
            return over_limit(task.name, "max_archive", size, limits.max_archive)
        self._unpacked[task.name] = archive
        self._waiting.extendleft(reversed(archive.members))
        return None


@dataclass(frozen=True, slots=True)
class Archive:
    """The names of what an archive holds, and how many files in it were passed over as temporary."""

    members: tuple[str, ...]
    ignored: int


@dataclass(frozen=True, slots=True)
class Checked:
    """The results of all files, and how many files in archives were passed over as temporary.

    `archives` says of each that was opened, by task, what is in it, archives in it opened, too.
    """

    results: Results
    skipped: int = 0
    archives: Mapping[str, Archive] = field(default_factory=dict)


def check_files(
    tasks: Sequence[Task],
    judging: Judging,
    crew: Crew,
    progress: Callable[[int], None] = lambda done: None,
    store: Store | None = None,
    on_each: Callable[[Kept], None] = lambda one: None,
) -> Checked:
    """Judge every file and return the results in the order of `tasks`, kept in `store`.

    `on_each` is told of each as it comes: a run may be cut short.
    """
    checks, store = FileChecks(tasks, judging, crew), store or Store()
    kept: dict[str, Kept] = {}
    for record in checks:
        one = store.keep(record)
        kept[one.head.file] = one
        on_each(one)
        progress(1)
    results = Results(store, (kept[name] for name in checks.names()))
    return Checked(results, checks.skipped, checks.archives())
