"""The results of a collection, as many as there are: heads in memory, the rest packed on disk.

Who needs answers gets one result at a time; who needs only what was found spares itself the answers, nine
tenths of a record. A judgement that changes a result changes its head and what was found; its answers stay
where they lie.
"""

from __future__ import annotations

import pickle
import sqlite3
import weakref
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

from toolkit.checks.heads import Head
from toolkit.checks.model import CheckResult
from toolkit.checks.records import Record, pack, pack_head, pack_said, pack_told, unpack, unpack_head
from toolkit.form.model import Form

MOST_RECENT = 4  # results kept unpacked for who asks for the same one again

Change = Callable[[Head, CheckResult], CheckResult]  # of a result without its answers


class Store:
    """A shelf of packed parts, by number: a file without a name, which goes when nobody holds the store."""

    def __init__(self) -> None:
        # One thread uses it, but any may be the one in which it is found to be held by nobody, and closed.
        self.connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self.connection.close)
        self.connection.execute("PRAGMA journal_mode = OFF")
        self.connection.execute("BEGIN")
        self.table("parts", "number INTEGER PRIMARY KEY, part BLOB")

    def table(self, name: str, columns: str, *, index: str = "") -> None:
        """Make an empty table beside the parts, for what a stage of the judgement has to remember."""
        self.connection.execute(f"DROP TABLE IF EXISTS {name}")
        self.connection.execute(f"CREATE TABLE {name} ({columns})")
        if index:
            self.connection.execute(f"CREATE INDEX by_{name} ON {name} ({index})")

    def put(self, part: bytes) -> int:
        """Keep a part; return its number, 0 for an empty one."""
        if not part:
            return 0
        return self.connection.execute("INSERT INTO parts (part) VALUES (?)", (part,)).lastrowid or 0

    def get(self, number: int) -> bytes:
        """Return a part by its number."""
        if not number:
            return b""
        (part,) = self.connection.execute("SELECT part FROM parts WHERE number = ?", (number,)).fetchone()
        return bytes(part)

    def pickled(self, value: Any) -> int:
        """Keep a value of ours that nobody else ever reads; return its number."""
        return self.put(zlib.compress(pickle.dumps(value, pickle.HIGHEST_PROTOCOL), 1))

    def unpickled(self, number: int) -> Any:
        """Return such a value."""
        return pickle.loads(zlib.decompress(self.get(number)))

    def keep(self, record: Record) -> Kept:
        """Keep a record; a RecordError is one of its head."""
        return Kept(
            unpack_head(record.head),
            self.put(record.told),
            self.put(record.said),
            tuple(self.keep(member) for member in record.members),
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """A result in a store: its head, the numbers of its parts, and what it holds if it is a 报送 file."""

    head: Head
    told: int
    said: int
    members: tuple[Kept, ...] = ()

    def named(self, file: str) -> Kept:
        """Return the result under the name its file goes by now."""
        old = self.head.file
        if file == old:
            return self
        members = tuple(one.named(file + one.head.file.removeprefix(old)) for one in self.members)
        return replace(self, head=replace(self.head, file=file), members=members)


class Results(Sequence[CheckResult]):
    """Results in order. Every pass over them unpacks each; `heads` cost nothing, `bare` a tenth."""

    def __init__(self, store: Store, kept: Iterable[Kept] = ()) -> None:
        self.store = store
        self.kept = tuple(kept)
        self._recent: dict[int, CheckResult] = {}

    @classmethod
    def of(cls, results: Iterable[CheckResult], forms: Mapping[str, Form] | None = None) -> Results:
        """Keep results that are at hand; `forms`, by id, are those they were read under."""
        if isinstance(results, Results):
            return results
        store = Store()
        return cls(store, (store.keep(pack(result, forms or {})) for result in results))

    @property
    def heads(self) -> list[Head]:
        """Return the heads, in order."""
        return [one.head for one in self.kept]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.kept)

    def __eq__(self, other: object) -> bool:
        """Return whether all results are equal, wherever they are kept."""
        if not isinstance(other, Results):
            return NotImplemented
        return len(self) == len(other) and all(
            mine == theirs for mine, theirs in zip(self, other, strict=True)
        )

    __hash__ = None  # type: ignore[assignment]  # as of a list

    @overload
    def __getitem__(self, at: int) -> CheckResult: ...

    @overload
    def __getitem__(self, at: slice) -> Results: ...

    def __getitem__(self, at: int | slice) -> CheckResult | Results:
        """Return a result; those asked for last are at hand."""
        if isinstance(at, slice):
            return Results(self.store, self.kept[at])
        at = range(len(self.kept))[at]
        found = self._recent.pop(at, None) or self._unpacked(self.kept[at])
        if len(self._recent) >= MOST_RECENT:
            del self._recent[next(iter(self._recent))]
        self._recent[at] = found
        return found

    def __iter__(self) -> Iterator[CheckResult]:
        """Unpack one after the other."""
        return map(self._unpacked, self.kept)

    def bare(self) -> Iterator[CheckResult]:
        """Yield the results without answers: what was found, and the form of what was read."""
        return map(self._bare, self.kept)

    def bare_at(self, at: int) -> CheckResult:
        """Return a result without answers."""
        return self._bare(self.kept[at])

    def record(self, at: int) -> Record:
        """Return a result packed, to be unpacked elsewhere."""
        one = self.kept[at]
        return Record(pack_head(one.head), self.store.get(one.told), self.store.get(one.said))

    def where(self, wanted: Callable[[Head], bool]) -> Results:
        """Return those whose heads are wanted."""
        return Results(self.store, (one for one in self.kept if wanted(one.head)))

    def by_file(self) -> Results:
        """Return the results in the order of their files."""
        return Results(self.store, sorted(self.kept, key=lambda one: one.head.file))

    def changed(self, change: Change) -> Results:
        """Return the results as a judgement leaves them; it sees each without answers, and changes none."""
        return Results(self.store, (self.with_change(one, change) for one in self.kept))

    def with_change(self, one: Kept, change: Change) -> Kept:
        """Return one result as a judgement leaves it."""
        before = self._bare(one)
        after = change(one.head, before)
        if after is before:
            return one
        told = one.told if _same_told(before, after) else self.store.put(pack_told(after))
        return replace(one, head=one.head.amended(after), told=told)

    def with_answers(self, one: Kept, after: CheckResult) -> Kept:
        """Return one result with the answers it has now."""
        return replace(one, said=self.store.put(pack_said(after)))

    def _bare(self, one: Kept) -> CheckResult:
        return unpack(one.head, self.store.get(one.told))

    def _unpacked(self, one: Kept) -> CheckResult:
        return unpack(one.head, self.store.get(one.told), self.store.get(one.said))


def _same_told(before: CheckResult, after: CheckResult) -> bool:
    return (before.issues, before.likened) == (after.issues, after.likened)
