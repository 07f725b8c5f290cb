"""Interleaved rounds: everyone takes the same batch in turn, so a busy machine is busy for all of them."""

from __future__ import annotations

import gc
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

Job: TypeAlias = Callable[[Sequence[Any]], Any]
ROUND = 25  # items each contestant takes before the next one has its turn


@dataclass(frozen=True, slots=True)
class Ratio:
    """How long one takes in terms of another, over all rounds; times are milliseconds an item."""

    what: str
    beside: str
    least: float
    median: float
    own: float
    other: float

    @classmethod
    def of(cls, what: str, beside: str, times: Mapping[str, Sequence[float]]) -> Ratio:
        """Compare two contestants round by round, over the rounds both took part in."""
        pairs = list(zip(times[what], times[beside], strict=False))
        ratios = [own / other for own, other in pairs]
        own, other = (statistics.median(side) * 1000 for side in zip(*pairs, strict=True))
        return cls(what, beside, min(ratios), statistics.median(ratios), own, other)


def rounds(
    contestants: Mapping[str, Job],
    items: Sequence[Any],
    *,
    slow: Mapping[str, int] | None = None,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, list[float]]:
    """Return seconds an item by contestant and round; `slow` ones leave after so many rounds.

    Processor time by default: what other processes do then matters least.
    """
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for job in contestants.values():
        job(items[:2])  # imports and caches
    gc.collect()
    gc.freeze()  # as in a worker: what is imported and loaded by now costs nobody a second look
    for start in range(0, len(items), ROUND):
        batch = items[start : start + ROUND]
        for name, job in contestants.items():
            if len(times[name]) >= (slow or {}).get(name, len(items)):
                continue
            began = clock()
            job(batch)
            times[name].append((clock() - began) / len(batch))
    return times


def command(*arguments: str, folder: Path) -> tuple[float, int]:
    """Run a Python command; return its seconds and the bytes of its largest process at its peak."""
    code = (
        "import resource, subprocess, sys, time; began = time.perf_counter();"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
        "print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, sys.executable, *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, peak = told.stdout.split()
    return float(seconds), int(peak) * (1 if sys.platform == "darwin" else 1024)


def peak_here() -> int:
    """Return the bytes this process has used at its peak."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
