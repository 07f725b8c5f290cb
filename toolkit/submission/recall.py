"""What was made of the same bytes before: the parts of one blank are alike, workbook after workbook.

Only small parts are kept, and only so many of them, so that a process that reads a million workbooks grows no
larger for it. What is kept are pure functions of the bytes; a changed part is other bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar, TypeVarTuple

P = TypeVarTuple("P")
T = TypeVar("T")
LARGEST = 1 << 16  # bytes of a part that is kept
MOST = 256  # parts of one kind: some twenty workbooks made by different programs


def recalled(function: Callable[[bytes, *P], T]) -> Callable[[bytes, *P], T]:
    """Return a function of bytes, and of more that has a hash, that remembers what it made of small ones."""
    kept = lru_cache(maxsize=MOST)(function)

    def recall(data: bytes, *more: *P) -> T:
        return kept(data, *more) if len(data) <= LARGEST else function(data, *more)

    return recall
