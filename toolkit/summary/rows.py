"""Rows that may be more than memory holds: gone over as often as asked, on disk beyond a few thousand."""

from __future__ import annotations

import heapq
import shutil
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any, Generic, Protocol, Self, TypeAlias, TypeVar

from toolkit.submission.room import named
from toolkit.summary.shards import have_parquet, read_shard, write_shard

MOST_HELD = 4_000  # rows of one spool in memory
MOST_RUNS = 32  # sorted files, or runs of files, that are read at once

Record: TypeAlias = Mapping[str, Any]
Order: TypeAlias = Callable[[Record], Any]
_Item_co = TypeVar("_Item_co", covariant=True)


class Several(Protocol[_Item_co]):
    """Anything whose number is known and that can be gone over more than once."""

    def __len__(self) -> int:
        """Return how many there are."""

    def __iter__(self) -> Iterator[_Item_co]:
        """Yield them from the first to the last."""


Rows: TypeAlias = Several[Record]


class Spool:
    """Rows added one by one; in the order they came, or sorted (equals in the order they came).

    What is on disk are runs of files, each run sorted in itself. So that few are read at once, MOST_RUNS of
    one length are merged into a longer one.
    """

    def __init__(self, stem: Path | None, order: Order | None, most: int) -> None:
        """Keep more than `most` rows in files beginning with `stem`; without it all stay in memory."""
        self._stem, self._order, self._most = stem, order, most
        self._held: list[Record] = []
        self._runs: list[list[list[Path]]] = []  # of the longest first; those of one length in their order
        self._count = self._files = 0

    def add(self, row: Record) -> None:
        """Add a row, which must not be changed any more."""
        self._held.append(row)
        self._count += 1
        if self._stem is not None and len(self._held) >= self._most:
            self._put([self._written(self._stem, self._sorted())], 0)
            self._held = []

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._count

    def __iter__(self) -> Iterator[Record]:
        """Yield the rows, those on disk a few at a time."""
        runs = (run for length in reversed(self._runs) for run in length)
        return self._merged([*map(_read, runs), iter(self._sorted())])

    def _sorted(self) -> list[Record]:
        return sorted(self._held, key=self._order) if self._order else self._held

    def _merged(self, parts: list[Iterator[Record]]) -> Iterator[Record]:
        return heapq.merge(*parts, key=self._order) if self._order else chain.from_iterable(parts)

    def _written(self, stem: Path, rows: list[Record]) -> Path:
        path = stem.with_name(f"{stem.name}-{self._files:06}.parquet")
        self._files += 1
        with named(path):
            write_shard(rows, path)
        return path

    def _put(self, run: list[Path], length: int) -> None:
        """Add a run to those of its length; merge them when they are many."""
        if length == len(self._runs):
            self._runs.append([])
        self._runs[length].append(run)
        if self._order and len(self._runs[length]) >= MOST_RUNS and self._stem is not None:
            runs, self._runs[length] = self._runs[length], []
            rows = self._merged([_read(one) for one in runs])
            longer = []
            while some := list(islice(rows, self._most)):
                longer.append(self._written(self._stem, some))
            for path in chain.from_iterable(runs):
                path.unlink()
            self._put(longer, length + 1)


def _read(run: list[Path]) -> Iterator[Record]:
    return chain.from_iterable(map(read_shard, run))


class Spools:
    """Where rows are kept while a summary is made and written; the files are gone after the `with` block."""

    def __init__(self, folder: Path | None = None, *, most: int = MOST_HELD) -> None:
        """Keep rows in a folder of our own, emptied first; without one, or without pyarrow, in memory."""
        self._folder = folder if folder is not None and have_parquet() else None
        self._most = most
        self._made = 0
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True)

    def spool(self, order: Order | None = None) -> Spool:
        """Return an empty spool; with `order`, one that is sorted by it."""
        self._made += 1
        return Spool(self._folder and self._folder / f"{self._made:02}", order, self._most)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *ended: object) -> None:
        """Remove the files."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


_Source = TypeVar("_Source")


class Mapped(Generic[_Source]):
    """Rows made anew from others, or from whatever is counted, each time they are gone over."""

    def __init__(self, source: Several[_Source], make: Callable[[int, _Source], Record]) -> None:
        """Make each row from its number, counted from one, and what it comes from."""
        self._source, self._make = source, make

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._source)

    def __iter__(self) -> Iterator[Record]:
        """Yield the rows."""
        return (self._make(number, item) for number, item in enumerate(self._source, 1))


class Joined:
    """The rows of one after those of another."""

    def __init__(self, *parts: Rows) -> None:
        """Join them."""
        self._parts = parts

    def __len__(self) -> int:
        """Return the number of rows."""
        return sum(map(len, self._parts))

    def __iter__(self) -> Iterator[Record]:
        """Yield the rows."""
        return chain.from_iterable(self._parts)


def numbered(rows: Rows) -> Rows:
    """Return the rows with `number` counted from one.

    >>> list(numbered([{"unit": "甲"}]))
    [{'unit': '甲', 'number': 1}]
    """
    return Mapped(rows, lambda number, row: {**row, "number": number})


class First:
    """The first few of many rows in some order, equals in the order they came; only those are kept."""

    def __init__(self, most: int, order: Order) -> None:
        """Keep `most` rows."""
        self._most, self._order = most, order
        self._held: list[Record] = []
        self.count = 0

    def add(self, row: Record) -> None:
        """Add a row."""
        self.count += 1
        self._held.append(row)
        if len(self._held) > 8 * self._most:
            self._held = self.rows()

    def rows(self) -> list[Record]:
        """Return the first rows.

        >>> first = First(2, lambda row: row["at"])
        >>> for at in (3, 1, 2):
        ...     first.add({"at": at})
        >>> first.rows(), first.count
        ([{'at': 1}, {'at': 2}], 3)
        """
        return sorted(self._held, key=self._order)[: self._most]
