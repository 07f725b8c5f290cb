"""What was made of the same bytes before: the parts of one blank are alike, workbook after workbook.

Only small parts are kept, and only so many of them, so that a process that reads a million workbooks grows no
larger for it. What is kept are pure functions of the bytes; a changed part is other bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Concatenate, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
LARGEST = 1 << 16  # bytes of a part that is kept
MOST = 256  # parts of one kind: some twenty workbooks made by different programs


def recalled(function: Callable[Concatenate[bytes, P], T]) -> Callable[Concatenate[bytes, P], T]:
    """Return a function of bytes that remembers what it made of small ones."""
    kept = lru_cache(maxsize=MOST)(function)

    def recall(data: bytes, *args: P.args, **kwargs: P.kwargs) -> T:
        made = kept if len(data) <= LARGEST else function
        return made(data, *args, **kwargs)

    return recall
