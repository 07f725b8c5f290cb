"""Find what a sheet holds where nobody sees it."""

from __future__ import annotations

from toolkit.submission.grid import Finding, Position, SheetGrid, a1, column_letters


def hidden_data(grid: SheetGrid) -> list[Finding]:
    """Return at most three findings: a hidden sheet, hidden rows and hidden columns that hold something."""
    findings = []
    if not grid.visible and grid.has_content:
        findings.append(Finding("S13", grid.name, found="hidden sheet"))
    if not grid.hidden_rows and not grid.hidden_columns:
        return findings
    filled = _filled(grid)
    if in_rows := sorted(where for where in filled if where[0] in grid.hidden_rows):
        spans = _spans(sorted({row for row, _ in in_rows}))
        shown = ",".join(
            f"{first + 1}" if first == last else f"{first + 1}-{last + 1}" for first, last in spans
        )
        findings.append(Finding("S13", grid.name, a1(*in_rows[0]), f"hidden rows {shown}"))
    if in_columns := sorted(where for where in filled if where[1] in grid.hidden_columns):
        letters = (
            tuple(map(column_letters, span)) for span in _spans(sorted({column for _, column in in_columns}))
        )
        shown = ",".join(first if first == last else f"{first}-{last}" for first, last in letters)
        findings.append(Finding("S13", grid.name, a1(*in_columns[0]), f"hidden columns {shown}"))
    return findings


def _filled(grid: SheetGrid) -> set[Position]:
    """Return every cell that is not empty."""
    filled = {
        (row, column)
        for row, values in enumerate(grid.rows)
        for column, value in enumerate(values)
        if value != ""
    }
    return filled | grid.far.keys() | grid.errors.keys() | grid.uncalculated


def _spans(numbers: list[int]) -> list[tuple[int, int]]:
    """Return runs of consecutive numbers.

    >>> _spans([3, 5, 6, 7])
    [(3, 3), (5, 7)]
    """
    spans: list[tuple[int, int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return spans
