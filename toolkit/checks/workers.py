"""Many workbooks, judged in worker processes that may die without harm to the others."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial

from toolkit.checks.model import CheckResult
from toolkit.checks.policy import Policy
from toolkit.checks.runner import Task, check_workbook
from toolkit.form.model import Form
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Location
from toolkit.submission.guard import Limits
from toolkit.submission.reader import Reader

BATCH = 32  # files a worker takes at once; smaller ones spend their time on the way
MEMORY_PER_WORKER = 3 << 30  # bytes of address space


@dataclass(slots=True)
class _Worker:
    """What a worker process keeps between batches."""

    reader: Reader
    limits: Limits
    policy: Policy


_worker: list[_Worker] = []


def _start_worker(forms: Sequence[Form], limits: Limits, policy: Policy) -> None:
    _worker[:] = [_Worker(Reader(forms), limits, policy)]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    os.dup2(
        os.open(os.devnull, os.O_WRONLY), 2
    )  # the Rust reader prints its panics; we report them as issues
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_PER_WORKER, hard))


def _check_batch(tasks: Sequence[Task]) -> list[CheckResult]:
    worker = _worker[0]
    return [_check_in_time(task, worker) for task in tasks]


def _check_in_time(task: Task, worker: _Worker) -> CheckResult:
    """Check one file; a reader that hangs is ended by the system's own alarm, and the process with it."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, worker.limits.max_seconds)
    try:
        return check_workbook(task, worker.reader, worker.limits, worker.policy)
    except MemoryError:
        return _lost(task, "内存不足")
    except Exception as error:  # a bug met on one file must not hide the others; the issue names it
        return _lost(task, "程序出错", f"{type(error).__name__}: {error}")
    finally:
        if sys.platform != "win32":
            signal.setitimer(signal.ITIMER_REAL, 0)


def _lost(task: Task, why: str, detail: str = "") -> CheckResult:
    """Return the result of a file that could not be judged; `detail` is for maintainers."""
    found = issue("F10", Location(file=task.name), found=why, expected=detail)
    return CheckResult(task.name, "", 0, None, (found,))


def check_files(
    tasks: Sequence[Task],
    forms: Sequence[Form],
    *,
    limits: Limits | None = None,
    policy: Policy | None = None,
    jobs: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> list[CheckResult]:
    """Check every file in worker processes; results come back in the order of `tasks`.

    A file that kills or hangs its worker costs that file only: its batch is run again, then file by file.
    """
    bounds = limits or Limits()
    prepare = partial(_start_worker, list(forms), bounds, policy or Policy())
    workers = max(1, min(jobs or os.cpu_count() or 1, len(tasks)))
    size = max(1, min(BATCH, -(-len(tasks) // workers)))
    batches = [tuple(tasks[start : start + size]) for start in range(0, len(tasks), size)]
    results: dict[str, CheckResult] = {}

    def keep(found: Iterable[CheckResult]) -> None:
        for result in found:
            results[result.file] = result
            progress(1)

    suspects = _run_batches(batches, prepare, workers, keep)
    for batch in suspects:
        for lone in _run_batches([batch], prepare, 1, keep):
            for task in lone:
                if _run_batches([(task,)], prepare, 1, keep):
                    keep([_lost(task, f"超过 {bounds.max_seconds} 秒或程序崩溃")])
    return [results[task.name] for task in tasks]


def _run_batches(
    batches: Sequence[tuple[Task, ...]],
    prepare: Callable[[], None],
    workers: int,
    keep: Callable[[Iterable[CheckResult]], None],
) -> list[tuple[Task, ...]]:
    """Run batches in one pool; return those that were lost because a worker died."""
    if not batches:
        return []
    method = "forkserver" if sys.platform != "win32" else "spawn"
    lost: list[tuple[Task, ...]] = []
    with ProcessPoolExecutor(workers, multiprocessing.get_context(method), initializer=prepare) as pool:
        futures = {pool.submit(_check_batch, batch): batch for batch in batches}
        for future in as_completed(futures):
            try:
                keep(future.result())
            except BrokenProcessPool:
                lost.append(futures[future])
    return lost
