"""Marked copies as work that may be done anywhere: a clerk's workbook and its issues in, a copy out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from toolkit.crew.batches import Watch
from toolkit.issues.model import Issue
from toolkit.submission.guard import Limits
from toolkit.writers.annotated import returned


@dataclass(frozen=True, slots=True)
class Faulty:
    """A workbook that goes back: its name below workbooks/, its bytes, none when it is not to be opened."""

    name: str
    content: bytes
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class Returning:
    """What all marked copies of a build have in common."""

    created: datetime
    limits: Limits
    watch: Watch

    def prepare(self) -> Callable[[Faulty], tuple[str, bytes]]:
        """Return what makes of a workbook the name below 退回/ and the content of what goes back."""
        return self.returned

    def returned(self, faulty: Faulty) -> tuple[str, bytes]:
        """Return name and content of what goes back."""
        return returned(faulty.content, faulty.name, faulty.issues, created=self.created, limits=self.limits)
