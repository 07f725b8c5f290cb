"""What was judged before, by content: kept in the collection's cache folder, which is safe to delete.

Results are found by what the workbook holds and is (its SHA-256 and suffix), never by its name or times, and
hold under one judgement only: these forms, these settings, this state of the package.
"""

from __future__ import annotations

import hashlib
import sqlite3
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

from toolkit import __version__
from toolkit.checks.files import BROKEN_OFF
from toolkit.checks.model import CheckResult
from toolkit.checks.records import RecordError, pack, unpack
from toolkit.checks.runner import Task

FILE = "results.sqlite"
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS results (judgement TEXT, content TEXT, record BLOB, "
    "PRIMARY KEY (judgement, content)) WITHOUT ROWID"
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


class ResultCache:
    """Results kept between runs. A cache that cannot be used is an empty one: nothing depends on it."""

    def __init__(self, folder: Path, judged: str, *, largest: int) -> None:
        """Keep results in `folder`; a file of more than `largest` bytes is not looked at."""
        self._path = folder / FILE
        self._judgement = judged
        self._largest = largest

    def find(self, tasks: Iterable[Task]) -> dict[str, CheckResult]:
        """Return the results known, by file name."""
        found: dict[str, CheckResult] = {}
        if not self._path.is_file():
            return found
        with suppress(sqlite3.Error), self._opened() as connection:
            for task in tasks:
                if record := self._record(connection, content(task.path, self._largest)):
                    with suppress(RecordError):
                        found[task.name] = unpack(record, task.name)
        return found

    def keep(self, results: Sequence[CheckResult], records: Mapping[str, bytes] | None = None) -> None:
        """Keep these results and drop all others, so that the cache never outgrows the collection.

        `records` are those that are packed already, by file. A file that could not be read to its end is
        not kept: it is tried again.
        """
        kept = {
            _named(result.sha256, result.file): result
            for result in results
            if result.sha256 and not any(item.code in BROKEN_OFF for item in result.issues)
        }
        with suppress(sqlite3.Error, OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._opened() as connection:
                connection.execute(_SCHEMA)
                connection.execute("DELETE FROM results WHERE judgement != ?", (self._judgement,))
                known = {content for (content,) in connection.execute("SELECT content FROM results")}
                connection.executemany(
                    "DELETE FROM results WHERE content = ?", ((content,) for content in known - kept.keys())
                )
                new = sorted(kept.keys() - known)
                connection.executemany(
                    "INSERT INTO results VALUES (?, ?, ?)",
                    ((self._judgement, content, _packed(kept[content], records or {})) for content in new),
                )

    def _record(self, connection: sqlite3.Connection, content: str) -> bytes:
        row = connection.execute(
            "SELECT record FROM results WHERE judgement = ? AND content = ?", (self._judgement, content)
        ).fetchone()
        return row[0] if row else b""

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Give a connection whose changes are kept together, or not at all."""
        with closing(sqlite3.connect(self._path, timeout=5)) as connection, connection:
            yield connection


def _packed(result: CheckResult, records: Mapping[str, bytes]) -> bytes:
    return records.get(result.file) or pack(result)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, empty when it is not there."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
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
