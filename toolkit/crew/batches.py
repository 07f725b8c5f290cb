"""What travels to whoever does the work, and what is done there: a batch of items under one job."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol, TypeVar

Item_contra = TypeVar("Item_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Watch:
    """The most that one item may take: wall-clock seconds, and bytes of memory of its process."""

    seconds: int
    memory: int


class Why(StrEnum):
    """What became of a process that had an item in hand."""

    DIED = "died"
    TOO_LONG = "too long"
    TOO_LARGE = "too large"


class LostError(Exception):
    """A process was lost with a batch: `done` items of it were finished, the next one was in hand.

    `found` and `allowed` are seconds or bytes, 0 where it died by itself.
    """

    def __init__(self, why: Why, found: int = 0, allowed: int = 0, done: int = 0) -> None:
        super().__init__(why, found, allowed, done)
        self.why = why
        self.found = found
        self.allowed = allowed
        self.done = done


class Job(Protocol[Item_contra, Result_co]):
    """What is the same for all items: picklable, and made ready once in each process."""

    @property
    def watch(self) -> Watch:
        """Return the most that one item may take."""
        ...

    def prepare(self) -> Callable[[Item_contra], Result_co]:
        """Return what makes a result of an item; the result is picklable."""
        ...


def packed(value: Any) -> bytes:
    """Return what is sent, as bytes of a known size that no executor looks into."""
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def run_batch(job: bytes, items: Sequence[bytes]) -> list[Any]:
    """Return the results of packed items under a packed job, in their order."""
    work = _prepared(job)
    results: list[Any] = []
    for item in items:
        _tell(len(results))
        results.append(work(pickle.loads(item)))
    return results


@lru_cache(maxsize=4)
def _prepared(job: bytes) -> Callable[[Any], Any]:
    work: Callable[[Any], Any] = pickle.loads(job).prepare()
    if _tell is not _untold:
        gc.freeze()  # forms and modules stay: the collector need not look at them again for every item
    return work


def _untold(done: int) -> None:
    """Tell nobody."""


_tell: Callable[[int], None] = _untold


def tell_of_each(tell: Callable[[int], None]) -> None:
    """Let a watched process say before each item how many of its batch are done."""
    global _tell  # noqa: PLW0603 - a process is watched or not, once and for all
    _tell = tell
