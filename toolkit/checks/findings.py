"""Issues found between workbooks, on disk until all are found: of one file there may be hundreds."""

from __future__ import annotations

import json
from collections.abc import Iterable

from toolkit.checks.records import coder, spelt
from toolkit.checks.results import Store
from toolkit.issues.model import Issue


class Findings:
    """What is to be told of each file, in the order it was found."""

    def __init__(self, store: Store) -> None:
        self._connection = store.connection
        store.table(
            "findings", "number INTEGER PRIMARY KEY, file BLOB, likened INTEGER, issue BLOB", index="file"
        )

    def add(self, found: Iterable[tuple[str, Issue]], *, likened: bool = False) -> None:
        """Keep (file, issue); what is `likened` hangs on which workbooks are compared."""
        encode = coder(Issue).encode
        for file, item in found:
            self._connection.execute(
                "INSERT INTO findings (file, likened, issue) VALUES (?, ?, ?)",
                (spelt(file), likened, spelt(encode(item))),
            )

    def of(self, file: str) -> tuple[list[Issue], list[Issue]]:
        """Return what was found of a file: what stands by itself, and what is likened."""
        both: tuple[list[Issue], list[Issue]] = [], []
        decode = coder(Issue).decode
        for likened, record in self._connection.execute(
            "SELECT likened, issue FROM findings WHERE file = ? ORDER BY number", (spelt(file),)
        ):
            both[likened].append(decode(json.loads(record)))
        return both
