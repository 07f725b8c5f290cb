"""What the last build had before it and left behind: when both are as they were, there is nothing to do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from toolkit.cache import content, digest_of, judgement
from toolkit.remote_folder import Folder, RemoteFolder
from toolkit.submission.guard import SourceError
from toolkit.submission.remote import AnyPath
from toolkit.uploads import Published
from toolkit.writers.files import write_whole

_FILE = "last-build.json"


@dataclass(frozen=True, slots=True)
class LastBuild:
    """A finished build: what it was made of, the SHA-256 of every output, what it told, how it ended."""

    basis: str
    outputs: Mapping[str, str]
    told: str
    clean: bool

    @classmethod
    def read(cls, work: Path) -> LastBuild | None:
        """Return the last build of a collection, None when none is known."""
        with suppress(OSError, ValueError, TypeError):
            return cls(**json.loads((work / _FILE).read_text(encoding="utf-8")))
        return None

    def keep(self, work: Path) -> None:
        """Keep the build for the next one to compare."""
        write_whole(work / _FILE, json.dumps(asdict(self), ensure_ascii=False).encode())

    def holds(self, basis: str, out: Folder, work: Path) -> bool:
        """Return whether a build on this basis would leave `out` as it is."""
        if self.basis != basis:
            return False
        if isinstance(out, RemoteFolder):
            there = Published.read(work).digests(out)
            return all(digest == there.get(name) for name, digest in self.outputs.items())
        return all(digest == digest_of(out / name) for name, digest in self.outputs.items())


def basis(files: Iterable[AnyPath], largest: int, *decisive: Any) -> str:
    """Return a digest of all that decides about the outputs: files as they are, and whatever else counts.

    A file of more than `largest` bytes counts by its size; it is not read by anyone. One at an address counts
    by what the storage tells of it, and is fetched only when that is nothing.
    """
    return judgement([*_looks(files, largest)], *decisive)


def _looks(files: Iterable[AnyPath], largest: int) -> Iterator[Sequence[Any]]:
    for path in files:
        if not isinstance(path, Path):
            with suppress(SourceError):
                yield str(path), path.stamp or hashlib.sha256(path.read(largest)).hexdigest()
            continue
        with suppress(OSError):
            yield str(path), content(path, largest) or path.stat().st_size
