"""A batch done by a worker somewhere else, in a watched process of its own: what an item costs is that item.

The worker itself stays whole, so its scheduler need not find out by losing workers which item was to blame.
"""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from operator import itemgetter
from pathlib import Path
from typing import Any

from toolkit.crew.batches import Watch
from toolkit.crew.mapping import Crew, mapped
from toolkit.crew.watched import watched_crew


class OtherCodeError(Exception):
    """This worker runs another state of the package than whoever sent the batch."""


class _Own(threading.local):
    """The watched process of a thread of this worker, kept from batch to batch."""

    crew: Crew | None = None
    watch: Watch | None = None

    def under(self, watch: Watch) -> Crew:
        """Return the crew of one, ended and hired anew when it is to be watched otherwise."""
        if self.crew is None or self.watch != watch:
            if self.crew is not None:
                self.crew.close()
            self.crew, self.watch = watched_crew(1), watch
        return self.crew


_OWN = _Own()
_LIBRARIES = ("python-calamine", "lxml", "xlsxwriter", "jinja2", "docxtpl", "python-docx")


@dataclass(frozen=True, slots=True)
class _Within:
    """A packed job of packed items."""

    job: bytes
    watch: Watch

    def prepare(self) -> Callable[[bytes], Any]:
        work = pickle.loads(self.job).prepare()
        return lambda item: work(pickle.loads(item))


def run_guarded(code: str, job: bytes, items: Sequence[bytes]) -> list[Any]:
    """Return what became of each item, a LostError in the place of a lost one; `code` is the sender's."""
    if code != code_digest():
        raise OtherCodeError
    within = _Within(job, pickle.loads(job).watch)
    numbered = deque(enumerate(items))
    found = {at: told for (at, _), told in mapped(_OWN.under(within.watch), within, numbered, itemgetter(1))}
    return [found[at] for at in range(len(items))]


@cache
def code_digest() -> str:
    """Return a digest of what makes results: equal where the same workbooks give the same bytes."""
    package = Path(__file__).parent.parent
    digest = hashlib.sha256(repr([(name, version(name)) for name in _LIBRARIES]).encode())
    for path in sorted(package.rglob("*"), key=lambda path: path.relative_to(package).parts):
        if path.suffix in {".py", ".toml"} and "templates" not in path.relative_to(package).parts:
            digest.update("/".join(path.relative_to(package).parts).encode() + b"\n")
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()
