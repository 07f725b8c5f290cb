"""Column widths of a sheet, in half-width characters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

from toolkit.form.model import Section, SectionKind

ORDINAL_WIDTH = 6


def columns_for(width: int, widths: Sequence[int]) -> int:
    """Return how many columns from the right are needed for a width.

    >>> columns_for(14, [30, 10, 10])
    2
    """
    reached = accumulate(reversed(widths))
    return next((count for count, sum_ in enumerate(reached, start=1) if sum_ >= width), len(widths))


def derived_widths(sections: Iterable[Section]) -> tuple[int, ...]:
    """Return column widths that give every section its fields' widths, for a sheet that states none."""
    widths: list[int] = []
    for section in sections:
        labels = [-(-section.label_width // section.label_span)] * section.label_span
        if section.kind is SectionKind.TABLE:
            labels = [ORDINAL_WIDTH] if section.numbered else []
        fields = [[-(-entry.width // entry.span)] * entry.span for entry in section.fields]
        if section.kind is SectionKind.ANSWERS:
            widest = max(fields, key=len)
            own = [width for _ in range(max(1, section.columns)) for width in (*labels, *widest)]
        else:
            own = [*labels, *(width for spans in fields for width in spans)]
        own = [ORDINAL_WIDTH] * section.side + own
        widths += [0] * (len(own) - len(widths))
        widths = [max(width, more) for width, more in zip(widths, own + [0] * len(widths), strict=False)]
    return tuple(widths) or (ORDINAL_WIDTH,)
