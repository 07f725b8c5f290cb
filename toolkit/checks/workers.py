"""Many workbooks, judged in worker processes that may die, hang or swell without harm to the others.

The parent watches: it knows which file each worker has in hand, and ends a worker that takes too long or
too much memory. This needs no signal and no limit of the system, so it holds on Windows, too.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from toolkit.checks.files import lost, over_limit
from toolkit.checks.model import CheckResult
from toolkit.checks.policy import Policy
from toolkit.checks.runner import Task, Unpacked, check_task, fingerprint
from toolkit.form.model import Form
from toolkit.submission.guard import Limits
from toolkit.submission.reader import Reader

__all__ = ["Checked", "check_files"]
BATCH = 8  # files given to a worker at once; it tells of each one as soon as it is done
TICK = 0.1  # seconds between two looks at time and memory
ADDRESSES = 1 << 30  # bytes of address space a worker needs beside the memory it uses
if sys.platform == "win32":
    _CONTEXT = multiprocessing.get_context("spawn")
else:
    _CONTEXT = multiprocessing.get_context("forkserver")
    _CONTEXT.set_forkserver_preload([__name__])


@dataclass(frozen=True, slots=True)
class Checked:
    """The results of all files, and how many files in archives were passed over as temporary."""

    results: tuple[CheckResult, ...]
    skipped: int = 0


def check_files(
    tasks: Sequence[Task],
    forms: Sequence[Form],
    *,
    limits: Limits | None = None,
    policy: Policy | None = None,
    passwords: Sequence[str] = (),
    library: Mapping[str, Path] | None = None,
    jobs: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Checked:
    """Check every file in worker processes; results come back in the order of `tasks`.

    In the place of an archive stand the results of its members, sorted by name.

    A file that kills, hangs or swells its worker costs that file only, and is named. `library` holds further
    forms (id -> file), to name a workbook that is none of `forms`.
    """
    job = _Job(list(forms), limits or Limits(), policy or Policy(), tuple(passwords), dict(library or {}))
    crew = _Crew(job, jobs or os.cpu_count() or 1, progress)
    try:
        return crew.check(tasks)
    finally:
        crew.dismiss()


# ── in the worker ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Job:
    """What every file of a run is read and judged by."""

    forms: list[Form]
    limits: Limits
    policy: Policy
    passwords: tuple[str, ...]
    library: Mapping[str, Path]


def _serve(connection: Connection, job: _Job) -> None:
    """Check batch after batch until the parent hangs up, telling it of each file at once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the Rust reader prints its panics; they become issues
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        wanted = job.limits.max_memory + ADDRESSES  # stops what grows between two looks of the parent
        resource.setrlimit(
            resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )
    reader = Reader(job.forms, job.library)
    gc.freeze()  # forms and modules stay: the collector need not look at them again for every workbook
    with suppress(EOFError, OSError):
        connection.send(None)
        while True:
            for task in connection.recv():
                connection.send(_checked(task, reader, job))


def _checked(task: Task, reader: Reader, job: _Job) -> CheckResult | Unpacked:
    try:
        return check_task(task, reader, job.limits, job.policy, job.passwords)
    except MemoryError:
        return over_limit(task.name, "max_memory", job.limits.max_memory + ADDRESSES, job.limits.max_memory)
    except Exception as error:  # a bug met on one file must not hide the others; the issue names it
        return lost(task.name, "程序出错", f"{type(error).__name__}: {error}")


# ── in the parent ───────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Worker:
    """A worker process, the files it has still to do, and since when it has the first of them in hand."""

    process: BaseProcess
    connection: Connection
    batch: deque[Task] = field(default_factory=deque)
    ready: bool = False
    since: float = 0.0

    def give(self, batch: Sequence[Task]) -> None:
        """Send it files to check."""
        self.batch.extend(batch)
        self.since = time.monotonic()
        with suppress(OSError):  # it died while idle; the next look finds the pipe closed
            self.connection.send(tuple(batch))

    def end(self) -> None:
        """Kill the process and free what it held."""
        self.process.kill()
        self.process.join()
        self.connection.close()


class _Crew:
    """The workers of one run: hired while there is work for them, replaced when they are lost."""

    def __init__(self, job: _Job, size: int, progress: Callable[[int], None]) -> None:
        self._job = job
        self._limits = job.limits
        self._size = size
        self._progress = progress
        self._workers: list[_Worker] = []
        self._waiting: deque[Task] = deque()
        self._results: dict[str, CheckResult] = {}
        self._unpacked: dict[str, Unpacked] = {}

    def check(self, tasks: Sequence[Task]) -> Checked:
        """Return the results in the order of the tasks.

        What a worker died of is tried once more, alone: the whole machine may have been short of memory.
        """
        for task in self._run(tasks):
            if self._run([task]):
                self._keep(self._stamped(task, lost(task.name, "读取程序崩溃")))
        skipped = sum(archive.ignored for archive in self._unpacked.values())
        return Checked(tuple(self._in_order(tasks)), skipped)

    def _in_order(self, tasks: Iterable[Task]) -> Iterator[CheckResult]:
        for task in tasks:
            if task.name in self._unpacked:
                yield from self._in_order(self._unpacked[task.name].members)
            else:
                yield self._results[task.name]

    def dismiss(self) -> None:
        """End every worker, whatever it is doing."""
        while self._workers:
            self._workers.pop().end()

    def _run(self, tasks: Sequence[Task]) -> list[Task]:
        """Check files; return those their worker died of."""
        died: list[Task] = []
        self._waiting.extend(tasks)
        while self._waiting or any(worker.batch for worker in self._workers):
            self._hand_out()
            busy = [worker for worker in self._workers if worker.batch]
            heard = wait([worker.connection for worker in busy], TICK)
            for worker in busy:
                if worker.connection in heard:
                    died += self._hear(worker)
                elif worker.ready and (found := self._beyond(worker)) is not None:
                    self._keep(self._stamped(self._replace(worker), found))
        return died

    def _hand_out(self) -> None:
        """Give every idle worker a batch, and hire while there is more."""
        for worker in self._workers:
            if self._waiting and not worker.batch:
                worker.give(self._next_batch())
        while self._waiting and len(self._workers) < self._size:
            mine, theirs = _CONTEXT.Pipe()
            process = _CONTEXT.Process(target=_serve, args=(theirs, self._job), daemon=True)
            process.start()
            theirs.close()
            self._workers.append(_Worker(process, mine))
            self._workers[-1].give(self._next_batch())

    def _next_batch(self) -> list[Task]:
        count = max(1, min(BATCH, len(self._waiting) // self._size))
        return [self._waiting.popleft() for _ in range(count)]

    def _hear(self, worker: _Worker) -> list[Task]:
        """Take what a worker has to tell; return the file it died of instead."""
        try:
            told = worker.connection.recv()
        except (EOFError, OSError):
            if not worker.ready:
                raise RuntimeError(f"a worker process ended with {worker.process.exitcode} at once") from None
            return [self._replace(worker)]
        worker.since = time.monotonic()
        if worker.ready:
            task = worker.batch.popleft()
            if isinstance(told, Unpacked):
                self._unpack(task, told)
            else:
                self._keep(told)
        worker.ready = True
        return []

    def _replace(self, worker: _Worker) -> Task:
        """End a worker and give back what it had not begun; return the file it had in hand."""
        worker.end()
        self._workers.remove(worker)
        in_hand = worker.batch.popleft()
        self._waiting.extendleft(reversed(worker.batch))
        return in_hand

    def _beyond(self, worker: _Worker) -> CheckResult | None:
        """Return the result of a file that takes more time or memory than it may."""
        name, limits = worker.batch[0].name, self._limits
        seconds = time.monotonic() - worker.since
        if seconds > limits.max_seconds:
            return over_limit(name, "max_seconds", int(seconds), limits.max_seconds)
        used = _memory_of(worker.process)
        return over_limit(name, "max_memory", used, limits.max_memory) if used > limits.max_memory else None

    def _unpack(self, task: Task, archive: Unpacked) -> None:
        """Put members in the place of their archive, unless it and those around it are too much."""
        family = [
            *(other for other in self._unpacked.values() if other.members[0].path == task.path),
            archive,
        ]
        count, size = sum(len(one.members) for one in family), sum(one.size for one in family)
        if count > self._limits.max_members:
            self._keep(over_limit(task.name, "max_members", count, self._limits.max_members))
        elif size > self._limits.max_archive:
            self._keep(over_limit(task.name, "max_archive", size, self._limits.max_archive))
        else:
            self._unpacked[task.name] = archive
            self._waiting.extendleft(reversed(archive.members))

    def _stamped(self, task: Task, result: CheckResult) -> CheckResult:
        """Return the result of a lost file with hash and size, which its worker did not live to tell."""
        sha256, size = fingerprint(task, self._limits, self._job.passwords)
        return replace(result, sha256=sha256, size=size)

    def _keep(self, result: CheckResult) -> None:
        self._results[result.file] = result
        self._progress(1)


def _memory_of(process: BaseProcess) -> int:
    """Return the bytes of memory a process uses, 0 when it is gone."""
    if sys.platform == "linux":
        try:
            return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            return 0
    import psutil

    try:
        return int(psutil.Process(process.pid).memory_info().rss)
    except psutil.Error:
        return 0
