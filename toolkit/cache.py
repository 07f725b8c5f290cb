"""What was judged before, by content: kept in the collection's cache folder, which is safe to delete.

Results are found by what the workbook holds and is (its SHA-256 and suffix), never by its name or times, and
hold under one judgement only: these forms, these settings, this state of the package.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any
from zlib import crc32

from toolkit import __version__
from toolkit.checks.records import Record, RecordError, pack_head, spelt
from toolkit.checks.results import Kept, Results, Store
from toolkit.checks.runner import Task
from toolkit.checks.workers import Archive
from toolkit.submission.remote import AnyPath

FILE = "results.sqlite"
GROWS_AFTER = 10.0  # seconds after which results that came are kept
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS records (judgement TEXT, content TEXT, place INTEGER, head BLOB, told BLOB, "
    "said BLOB, checksum INTEGER, PRIMARY KEY (judgement, content, place))"
)
_ADDRESSES = "CREATE TABLE IF NOT EXISTS addresses (address TEXT PRIMARY KEY, stamp TEXT, content TEXT)"

_ARCHIVES = (
    "CREATE TABLE IF NOT EXISTS archives (judgement TEXT, content TEXT, members BLOB, ignored INTEGER, "
    "PRIMARY KEY (judgement, content))"
)


def judgement(*decisive: Any) -> str:
    """Return the name of a judgement: of everything a result depends on beside the workbook's bytes.

    The package's own sources are among it, so that a changed rule never meets results from before.
    """
    digest = hashlib.sha256(repr((__version__, decisive)).encode())
    package = Path(__file__).parent
    for path in sorted(package.rglob("*")):
        if path.suffix in {".py", ".toml"}:
            status = path.stat()
            digest.update(f"{path.relative_to(package)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


@dataclass(slots=True)
class Known:
    """The results of tasks that need not be read again, by name, and what is in the archives among them."""

    results: dict[str, list[Kept]] = field(default_factory=dict)
    archives: dict[str, Archive] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Opened:
    """The records of what an archive holds, by name in it, and how many files in it are passed over."""

    records: dict[str, Record]
    ignored: int


class ResultCache:
    """Results kept between runs. A cache that cannot be used is an empty one: nothing depends on it."""

    def __init__(self, folder: Path, judged: str, *, largest: int) -> None:
        """Keep results in `folder`; a file of more than `largest` bytes is not looked at."""
        self._path = folder / FILE
        self._judgement = judged
        self._largest = largest

    def find(self, tasks: Iterable[Task], store: Store) -> Known:
        """Return the results known, in a store; those of an archive when all that it holds is known."""
        known = Known()
        if not self._path.is_file():
            return known
        with suppress(sqlite3.Error), self._opened() as connection:
            for task in tasks:
                with suppress(RecordError):
                    held = self._content(connection, task.path)
                    if record := self._record(connection, held):
                        known.results[task.name] = [store.keep(record).named(task.name)]
                    elif found := self._archive(connection, held):
                        names = tuple(f"{task.name}/{name}" for name in found.records)
                        kept = map(store.keep, found.records.values())
                        known.results[task.name] = [
                            one.named(name) for name, one in zip(names, kept, strict=True)
                        ]
                        known.archives[task.name] = Archive(names, found.ignored)
        return known

    def keep(
        self, results: Results, tasks: Sequence[Task] = (), archives: Mapping[str, Archive] | None = None
    ) -> None:
        """Keep these results and drop all others, so that the cache never outgrows the collection.

        A file that could not be read to its end is not kept: it is tried again. Of the tasks it is kept what
        a file at an address held when it had this stamp, and what is in those that are `archives`.
        """
        kept = _lasting(results.kept)
        with suppress(sqlite3.Error, OSError), self._prepared() as connection:
            connection.execute("DELETE FROM addresses")
            connection.executemany("INSERT INTO addresses VALUES (?, ?, ?)", _addresses(results, tasks))
            connection.execute("DELETE FROM archives")
            connection.executemany(
                "INSERT OR REPLACE INTO archives VALUES (?, ?, ?, ?)",
                self._listings(connection, results, tasks, archives or {}),
            )
            connection.execute("DROP TABLE IF EXISTS results")  # of an older version
            connection.execute("DELETE FROM records WHERE judgement != ?", (self._judgement,))
            known = {content for (content,) in connection.execute("SELECT content FROM records")}
            connection.executemany(
                "DELETE FROM records WHERE content = ?", ((content,) for content in known - kept.keys())
            )
            self._insert(connection, kept, results.store)

    @contextmanager
    def growing(self, store: Store, tasks: Iterable[Task]) -> Iterator[Callable[[Kept], None]]:
        """Give what takes each result as it comes; they are kept now and then, and when the block ends.

        So a run that is cut short (a cluster that is gone, the power) has not worked for nothing. `tasks` are
        those the results are of; what is in archives, and what is out of date, is the matter of `keep`.
        """
        by_name = {task.name: task for task in tasks}
        waiting: list[Kept] = []
        due = time.monotonic() + GROWS_AFTER

        def take(one: Kept) -> None:
            nonlocal due
            waiting.append(one)
            if time.monotonic() > due:
                flush()
                due = time.monotonic() + GROWS_AFTER

        def flush() -> None:
            named = [by_name[one.head.file] for one in waiting if one.head.file in by_name]
            with suppress(sqlite3.Error, OSError), self._prepared() as connection:
                self._insert(connection, _lasting(waiting), store)
                connection.executemany(
                    "INSERT OR REPLACE INTO addresses VALUES (?, ?, ?)",
                    _addresses(Results(store, waiting), named),
                )
            waiting.clear()

        try:
            yield take
        finally:
            flush()

    def _insert(self, connection: sqlite3.Connection, kept: Mapping[str, Kept], store: Store) -> None:
        """Insert the results (by content) that are not there."""
        rows = connection.execute("SELECT content FROM records WHERE judgement = ?", (self._judgement,))
        known = {content for (content,) in rows}
        connection.executemany(
            "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (self._judgement, content, place, *parts, _checksum(parts))
                for content in sorted(kept.keys() - known)
                for place, parts in enumerate(_parts(kept[content], store))
            ),
        )

    def _content(self, connection: sqlite3.Connection, path: AnyPath) -> str:
        """Return what a file holds and is; one at an address is known by its stamp, and not fetched."""
        if isinstance(path, Path):
            return content(path, self._largest)
        row = connection.execute(
            "SELECT content FROM addresses WHERE address = ? AND stamp = ? AND stamp != ''",
            (str(path), path.stamp),
        ).fetchone()
        return row[0] if row else ""

    def _record(self, connection: sqlite3.Connection, content: str) -> Record | None:
        """Return a record with its members; None when it is not known or not as it was kept."""
        rows = connection.execute(
            "SELECT head, told, said, checksum FROM records WHERE judgement = ? AND content = ? "
            "ORDER BY place",
            (self._judgement, content),
        ).fetchall()
        if not rows or any(checksum != _checksum(parts) for *parts, checksum in rows):
            return None
        first, *members = (Record(*parts) for *parts, _ in rows)
        return replace(first, members=tuple(members))

    def _archive(self, connection: sqlite3.Connection, content: str) -> _Opened | None:
        """Return what an archive holds; None when that is not known, or not all of it."""
        row = connection.execute(
            "SELECT members, ignored FROM archives WHERE judgement = ? AND content = ?",
            (self._judgement, content),
        ).fetchone()
        if not row:
            return None
        listed = {name: self._record(connection, held) for name, held in json.loads(row[0]).items()}
        records = {name: record for name, record in listed.items() if record is not None}
        return _Opened(records, row[1]) if len(records) == len(listed) else None

    def _listings(
        self,
        connection: sqlite3.Connection,
        results: Results,
        tasks: Iterable[Task],
        archives: Mapping[str, Archive],
    ) -> Iterator[tuple[str, str, bytes, int]]:
        """Yield the archives all of whose members were read to their end."""
        known = {one.head.file: one.head for one in results.kept} if archives else {}
        for task in tasks:
            if (archive := archives.get(task.name)) is None:
                continue
            heads = [known[name] for name in archive.members]
            held = self._content(connection, task.path)
            if held and all(head.sha256 and not head.broken_off for head in heads):
                members = {
                    head.file.removeprefix(f"{task.name}/"): _named(head.sha256, head.file) for head in heads
                }
                yield self._judgement, held, spelt(members), archive.ignored

    @contextmanager
    def _prepared(self) -> Iterator[sqlite3.Connection]:
        """Give a connection to a file that has all tables."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._opened() as connection:
            for table in (_SCHEMA, _ADDRESSES, _ARCHIVES):
                connection.execute(table)
            yield connection

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Give a connection whose changes are kept together, or not at all."""
        with closing(sqlite3.connect(self._path, timeout=5)) as connection, connection:
            yield connection


def _lasting(results: Iterable[Kept]) -> dict[str, Kept]:
    """Return by content the results of what was read to its end; the others are tried again."""
    return {
        _named(one.head.sha256, one.head.file): one
        for one in results
        if one.head.sha256 and not one.head.broken_off
    }


def _parts(one: Kept, store: Store) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield the parts of a result, then those of what it holds."""
    for part in (one, *one.members):
        yield pack_head(part.head), store.get(part.told), store.get(part.said)


def _addresses(results: Results, tasks: Iterable[Task]) -> Iterator[tuple[str, str, str]]:
    """Yield address, stamp and content of the files at addresses, as far as they were read."""
    digests = {head.file: head.sha256 for head in results.heads}
    for task in tasks:
        if not isinstance(task.path, Path) and (sha256 := digests.get(task.name)):
            yield str(task.path), task.path.stamp, _named(sha256, task.name)


def _checksum(parts: Iterable[bytes]) -> int:
    return crc32(b"".join(parts))


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, empty when it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def content(path: Path, largest: int) -> str:
    """Return what a regular file holds and is, empty when there is no telling."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > largest:
            return ""
        with path.open("rb") as file:
            return _named(hashlib.file_digest(file, "sha256").hexdigest(), path.name)
    except OSError:
        return ""


def _named(sha256: str, name: str) -> str:
    return sha256 + PurePosixPath(name).suffix.lower()
