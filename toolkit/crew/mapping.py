"""Many items, mapped in batches over an executor that may lose some: results, or the item that is to blame.

An executor that tells which item was in hand (WatchedExecutor) costs that item alone. Of any other that loses
a batch with its worker (a broken process pool, a cluster that gave up), every item of the batch is a suspect:
it is tried again with nothing else under way, and blamed when that fails, too.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from toolkit.crew.batches import Job, LostError, Watch, Why, packed, run_batch

Item = TypeVar("Item")
Result = TypeVar("Result")
Answer = TypeVar("Answer")
AHEAD = 2  # batches under way for each worker: one it works at, one that waits for it
LOOK = 1.0  # seconds after which an interrupt is noticed where waiting cannot be interrupted (Windows)


class GoneError(Exception):
    """Whoever did the work has taken it off the list: a cluster that was shut down, or cannot be reached."""


@dataclass(frozen=True, slots=True)
class Settled(Generic[Result]):
    """The result of an item that needs no worker."""

    result: Result


class Crew:
    """An executor on call: started when there is work, renewed when it breaks, one for each kind of watch."""

    def __init__(
        self,
        start: Callable[[Watch], Executor],
        size: Callable[[], int] | int | None = None,
        *,
        most: int = 8,
        heaviest: int = 1 << 24,
        run: Callable[[bytes, Sequence[bytes]], list[Any]] = run_batch,
        breaks: tuple[type[BaseException], ...] = (),
        distant: bool = False,
        ask: Callable[[Callable[[], Any]], Mapping[str, Any]] = lambda question: {},
    ) -> None:
        """Take what starts an executor and how many batches it works at; `breaks` are errors of lost workers.

        A batch has at most `most` items and about `heaviest` bytes. A `distant` crew sees no file of ours;
        `ask` puts a question to each of its workers.
        """
        self.distant = distant
        self.most = most
        self.heaviest = heaviest
        self.breaks: tuple[type[BaseException], ...] = (BrokenExecutor, *breaks)
        self._start = start
        self._ask = ask
        self._size = size or os.cpu_count() or 1
        self._run = run
        self._executors: dict[Watch, Executor] = {}

    @property
    def size(self) -> int:
        """Return how many batches are worked at."""
        return self._size if isinstance(self._size, int) else max(1, self._size())

    def everywhere(self, question: Callable[[], Answer]) -> Mapping[str, Answer | BaseException]:
        """Return what each worker elsewhere answers, by its address: a value, or the error it met.

        Nobody is asked of a crew of this machine. The question is a picklable function of this package.
        """
        return self._ask(question)

    def submit(self, watch: Watch, job: bytes, items: Sequence[bytes]) -> tuple[Future[list[Any]], Executor]:
        """Send a batch; return its future and who has it."""
        if watch not in self._executors:
            self._executors[watch] = self._start(watch)
        executor = self._executors[watch]
        try:
            return executor.submit(self._run, job, items), executor
        except BrokenExecutor as error:  # it broke after its last batch
            broken: Future[list[Any]] = Future()
            broken.set_exception(error)
            return broken, executor

    def drop(self, executor: Executor) -> None:
        """Let go of an executor that broke; the next batch starts another."""
        for watch, known in list(self._executors.items()):
            if known is executor:
                del self._executors[watch]
                executor.shutdown(wait=False)

    def close(self) -> None:
        """End every executor, whatever it is doing."""
        while self._executors:
            _, executor = self._executors.popitem()
            try:
                executor.shutdown(cancel_futures=True)
            except TypeError:  # one that was written before there was this word
                executor.shutdown(wait=False)

    def __enter__(self) -> Crew:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End every executor."""
        self.close()


class _Here(Executor):
    """An executor that does the work at once, in this thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def nobody_else() -> Crew:
    """Return a crew of this thread alone, for work that is done before others could be asked."""
    return Crew(lambda watch: _Here(), 1)


def mapped(
    crew: Crew,
    job: Job[Any, Result],
    waiting: deque[Item],
    send: Callable[[Item], Any] = lambda item: item,
    *,
    most: int | None = None,
) -> Iterator[tuple[Item, Result | LostError]]:
    """Yield each item with its result as soon as there is one, or with what its worker was lost of.

    Whoever iterates may add to `waiting` meanwhile. `send` makes of an item what travels, just before it
    does, or Settled. A batch has at most `most` items, by default as many as the crew takes. GoneError when
    the work was dropped; what the job itself raises is raised.
    """
    run = _Run(crew, job, waiting, send, most or crew.most)
    try:
        yield from run.outcomes()
    finally:
        for future in run.flying:
            future.cancel()


class _Run(Generic[Item, Result]):
    """One mapping: what waits, what is under way, and what is to be tried again alone."""

    def __init__(
        self,
        crew: Crew,
        job: Job[Any, Result],
        waiting: deque[Item],
        send: Callable[[Item], Any],
        most: int,
    ) -> None:
        self.flying: dict[Future[list[Any]], tuple[list[Item], Executor]] = {}
        self._alone = False  # all that is under way is one suspect
        self._crew = crew
        self._watch = job.watch
        self._job = packed(job)
        self._waiting = waiting
        self._send = send
        self._most = most
        self._suspects: deque[Item] = deque()
        self._settled: deque[tuple[Item, Result]] = deque()

    def outcomes(self) -> Iterator[tuple[Item, Result | LostError]]:
        while self._waiting or self.flying or self._suspects:
            self._let_go()
            while self._settled:
                yield self._settled.popleft()
            done, _ = wait(self.flying, LOOK, FIRST_COMPLETED) if self.flying else ((), ())
            for future in done:
                yield from self._landed(future, *self.flying.pop(future))

    def _let_go(self) -> None:
        """Send batches while there is room, and a suspect when nothing else is under way."""
        size = self._crew.size
        self._alone = self._alone and bool(self.flying)
        while self._waiting and len(self.flying) < AHEAD * size:
            self._launch(self._waiting, max(1, min(self._most, len(self._waiting) // (AHEAD * size))))
        if not self.flying and not self._waiting and self._suspects:
            self._alone = True
            self._launch(self._suspects, 1)

    def _launch(self, queue: deque[Item], most: int) -> None:
        batch: list[Item] = []
        sent: list[bytes] = []
        weight = 0
        while queue and len(batch) < most and weight < self._crew.heaviest:
            item = queue.popleft()
            told = self._send(item)
            if isinstance(told, Settled):
                self._settled.append((item, told.result))
                continue
            batch.append(item)
            sent.append(packed(told))
            weight += len(sent[-1])
        if batch:
            future, executor = self._crew.submit(self._watch, self._job, sent)
            self.flying[future] = batch, executor

    def _landed(
        self, future: Future[list[Any]], batch: list[Item], executor: Executor
    ) -> Iterator[tuple[Item, Result | LostError]]:
        if future.cancelled():
            raise GoneError
        error = future.exception()
        if error is None:
            yield from zip(batch, future.result(), strict=True)
        elif isinstance(error, LostError):
            culprit = batch.pop(error.done)
            self._waiting.extendleft(reversed(batch))
            if error.why is Why.DIED and not self._alone:  # the whole machine may have been short of memory
                self._suspects.append(culprit)
            else:
                yield culprit, error
        elif isinstance(error, self._crew.breaks):
            if isinstance(error, BrokenExecutor):
                self._crew.drop(executor)
            if self._alone:
                yield batch[0], LostError(Why.DIED)
            else:
                self._suspects.extend(batch)
        else:
            raise error
