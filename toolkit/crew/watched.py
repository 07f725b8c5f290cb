"""An executor of processes that may die, hang or swell: what they had in hand fails, and nothing else does.

The parent watches: it knows which item of a batch each process has in hand, and ends one that takes too long
or too much memory. This needs no signal and no limit of the system, so it holds on Windows, too.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from threading import Lock, Thread
from typing import Any, ParamSpec, TypeVar

from toolkit.crew.batches import LostError, Watch, Why
from toolkit.crew.mapping import Crew
from toolkit.crew.process import Told, serve

TICK = 0.1  # seconds between two looks at time and memory
PRELOADED = ["toolkit.checks.workers"]  # what the server of forks has loaded before there is work
_STARTING = Lock()  # what is changed about this process while another starts is changed back
P = ParamSpec("P")
T = TypeVar("T")
if sys.platform == "win32":
    _CONTEXT = multiprocessing.get_context("spawn")
else:
    _CONTEXT = multiprocessing.get_context("forkserver")
    _CONTEXT.set_forkserver_preload(PRELOADED)


@dataclass(slots=True)
class _Process:
    """A process, what it works at, and since when it has the item in hand that follows the `done` ones."""

    process: BaseProcess
    connection: Connection
    future: Future[Any] | None = None
    ready: bool = False
    done: int = 0
    since: float = 0.0

    def give(self, future: Future[Any], call: bytes) -> None:
        """Send it a call."""
        self.future, self.done, self.since = future, 0, time.monotonic()
        with suppress(OSError):  # it died while idle; the next look finds the pipe closed
            self.connection.send_bytes(call)

    def end(self) -> None:
        """Kill the process and free what it held."""
        self.process.kill()
        self.process.join()
        self.connection.close()


class WatchedExecutor(Executor):
    """Calls in up to `size` processes, started as there is work for them and replaced when they are lost.

    The future of a call that was lost with its process has a LostError.
    """

    def __init__(self, size: int, watch: Watch) -> None:
        self._size = size
        self._watch = watch
        self._lock = Lock()
        self._pending: deque[tuple[Future[Any], bytes]] = deque()
        self._closing = self._cancelled = False
        self._processes: list[_Process] = []
        self._heard, self._bell = _CONTEXT.Pipe(duplex=False)
        self._thread: Thread | None = None

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Schedule a call of a module's function with picklable arguments."""
        future: Future[T] = Future()
        call = bytes(ForkingPickler.dumps((fn, args, kwargs)))
        with self._lock:
            if self._closing:
                raise RuntimeError("the executor is shut down")
            self._pending.append((future, call))
            if self._thread is None:
                self._thread = Thread(target=self._manage, daemon=True)
                self._thread.start()
        self._bell.send_bytes(b"")
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes when all is done; with `cancel_futures` at once, whatever they are doing."""
        with self._lock:
            self._closing = True
            self._cancelled |= cancel_futures
        if self._thread is not None:
            with suppress(OSError):  # it has ended already
                self._bell.send_bytes(b"")
            if wait:
                self._thread.join()

    # ── in the thread that watches ──────────────────────────────────────────────────────────────────

    def _manage(self) -> None:
        try:
            while not self._is_over():
                self._hand_out()
                busy = any(worker.future or not worker.ready for worker in self._processes)
                heard = wait(
                    [self._heard, *(worker.connection for worker in self._processes)], TICK if busy else None
                )
                if self._heard in heard:
                    self._heard.recv_bytes()
                for worker in list(self._processes):
                    if worker.connection in heard:
                        self._hear(worker)
                    elif worker.ready and worker.future and (lost := self._beyond(worker)):
                        self._lose(worker, lost)
        except BaseException as error:  # a bug here must not leave anybody waiting
            self._fail(error)
        finally:
            while self._processes:
                self._processes.pop().end()

    def _is_over(self) -> bool:
        with self._lock:
            if self._cancelled:
                for future in (*(future for future, _ in self._pending), *self._futures()):
                    future.cancel()
                    if not future.done():  # it was running
                        future.set_exception(LostError(Why.DIED))
                self._pending.clear()
                return True
            return self._closing and not self._pending and not any(self._futures())

    def _futures(self) -> Iterator[Future[Any]]:
        yield from (worker.future for worker in self._processes if worker.future)

    def _fail(self, error: BaseException) -> None:
        with self._lock:
            self._closing = True
            for future in (*(future for future, _ in self._pending), *self._futures()):
                if not future.done():
                    future.set_exception(error)
            self._pending.clear()

    def _hand_out(self) -> None:
        """Give every idle process a call, and start processes while there are more calls."""
        for worker in self._processes:
            if worker.ready and not worker.future and (call := self._next()):
                worker.give(*call)
        starting = sum(not worker.ready for worker in self._processes)
        for _ in range(min(len(self._pending) - starting, self._size - len(self._processes))):
            self._processes.append(self._started())

    def _next(self) -> tuple[Future[Any], bytes] | None:
        with self._lock:
            while self._pending:
                future, call = self._pending.popleft()
                if future.set_running_or_notify_cancel():
                    return future, call
        return None

    def _started(self) -> _Process:
        mine, theirs = _CONTEXT.Pipe()
        process = _CONTEXT.Process(target=serve, args=(theirs, self._watch), daemon=True)
        with _STARTING, _free_to_have_children(), _same_modules():
            process.start()
        theirs.close()
        return _Process(process, mine)

    def _hear(self, worker: _Process) -> None:
        """Take what a process has to tell."""
        try:
            told, value = pickle.loads(worker.connection.recv_bytes())
        except (EOFError, OSError):
            if not worker.ready:
                code = worker.process.exitcode
                raise RuntimeError(f"a worker process ended with {code} at once") from None
            self._lose(worker, LostError(Why.DIED, done=worker.done))
            return
        worker.since = time.monotonic()
        if told is Told.READY:
            worker.ready = True
        elif told is Told.DONE:
            worker.done = value
        elif worker.future:
            future, worker.future = worker.future, None
            if told is Told.RESULT:
                future.set_result(value)
            else:
                if isinstance(value, LostError):
                    value.done = worker.done
                future.set_exception(value)

    def _lose(self, worker: _Process, lost: LostError) -> None:
        """End a process; what it had in hand has failed."""
        worker.end()
        self._processes.remove(worker)
        if worker.future:
            worker.future.set_exception(lost)

    def _beyond(self, worker: _Process) -> LostError | None:
        """Return what is wrong with an item that takes more time or memory than it may."""
        watch = self._watch
        seconds = time.monotonic() - worker.since
        if seconds > watch.seconds:
            return LostError(Why.TOO_LONG, int(seconds), watch.seconds, worker.done)
        used = _memory_of(worker.process)
        return LostError(Why.TOO_LARGE, used, watch.memory, worker.done) if used > watch.memory else None


@contextmanager
def _free_to_have_children() -> Iterator[None]:
    """Let a daemon have children, as the workers are that dask's nanny starts.

    Python forbids it since they would be orphaned; ours end with their pipe, and one that hangs by its alarm.
    """
    config: dict[str, Any] = multiprocessing.current_process()._config  # type: ignore[attr-defined]
    before = config.get("daemon")
    config["daemon"] = False
    try:
        yield
    finally:
        config["daemon"] = before


@contextmanager
def _same_modules() -> Iterator[None]:
    """Let a process that starts find the modules where this one does, and none in the current folder.

    Python begins its server of forks, and processes on Windows, with `-c`, which looks there first: in a
    folder of somebody else's a `toolkit`, or a `struct.py`, would be run in the place of what is meant.
    """
    given = {
        "PYTHONSAFEPATH": "1",
        "PYTHONPATH": os.pathsep.join(folder or str(Path.cwd()) for folder in sys.path),
    }
    before = {name: os.environ.pop(name, None) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value


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


def watched_crew(jobs: int | None = None) -> Crew:
    """Return a crew of processes of this machine, by default as many as there are processors."""
    size = jobs or os.cpu_count() or 1
    return Crew(lambda watch: WatchedExecutor(size, watch), size)


@contextmanager
def hired(crew: Crew | None, jobs: int | None) -> Iterator[Crew]:
    """Give the crew there is, else one of so many processes for as long as the block lasts."""
    if crew is not None:
        yield crew
    else:
        with watched_crew(jobs) as own:
            yield own
