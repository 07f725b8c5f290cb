"""Work that does what its items say: answers, dies, hangs, swells or is wrong; for crews of every kind."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from toolkit.crew.batches import Watch
from toolkit.submission.guard import MIB


@dataclass(frozen=True, slots=True)
class Obeying:
    """A job; an item is a word, and where the word is known, what to do on meeting it."""

    watch: Watch = field(default_factory=lambda: Watch(60, 1024 * MIB))
    note: str = ""

    def prepare(self) -> Callable[[str], str]:
        return self.obey

    def obey(self, word: str) -> str:
        if word.startswith("abort"):
            os.abort()
        if word.startswith("once") and not Path(self.note).exists():
            Path(self.note).touch()
            os.abort()
        while word.startswith("hang"):
            pass
        held = []
        while word.startswith("swell"):
            held.append(b"x" * (32 * MIB))
        if word.startswith("wrong"):
            raise ValueError(word)
        return word.upper()
