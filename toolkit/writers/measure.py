"""How much room a text takes in a cell, in half-width characters and points."""

from __future__ import annotations

import unicodedata

from toolkit.writers.styles import BODY_SIZE

LEADING = 1.42  # line height of 宋体 as a multiple of its size
PADDING = 6.0  # points above and below the text of a row
TALLEST = 409.0  # points; Excel's limit
_WIDE = frozenset("WFA")


class _Widths(dict[str, int]):
    """The width of every character met so far."""

    def __missing__(self, char: str) -> int:
        width = self[char] = 2 if unicodedata.east_asian_width(char) in _WIDE else 1
        return width


_WIDTHS = _Widths()


def display_width(text: str) -> int:
    """Return the width in half-width characters; a Chinese character takes two.

    >>> display_width("决算数(B)")
    9
    """
    return len(text) if text.isascii() else sum(map(_WIDTHS.__getitem__, text))


def text_lines(text: str, width: float, *, size: float = BODY_SIZE) -> int:
    """Return how many lines a text takes in a column of that width.

    >>> text_lines("主要增减变动原因", 12), text_lines("一\\n二", 30)
    (2, 2)
    """
    usable = max(2, int((width - 1) * BODY_SIZE / size))
    return sum(max(1, -(-display_width(line) // usable)) for line in text.split("\n"))


def row_height(lines: int, *, size: float = BODY_SIZE, padding: float = PADDING) -> float:
    """Return the height in points of a row holding so many lines."""
    return min(TALLEST, round(lines * size * LEADING + padding, 1))
