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
    apart = sorted({*grid.far, *grid.errors, *grid.uncalculated})  # filled, and nothing in `rows`
    if in_rows := _filled_rows(grid, apart):
        spans = _spans(sorted(in_rows))
        shown = ",".join(
            f"{first + 1}" if first == last else f"{first + 1}-{last + 1}" for first, last in spans
        )
        first = spans[0][0]
        findings.append(Finding("S13", grid.name, a1(first, in_rows[first]), f"hidden rows {shown}"))
    if in_columns := _filled_columns(grid, apart):
        letters = (tuple(map(column_letters, span)) for span in _spans(sorted(in_columns)))
        shown = ",".join(first if first == last else f"{first}-{last}" for first, last in letters)
        row, column = min((row, column) for column, row in in_columns.items())
        findings.append(Finding("S13", grid.name, a1(row, column), f"hidden columns {shown}"))
    return findings


def _filled_rows(grid: SheetGrid, apart: list[Position]) -> dict[int, int]:
    """Return each hidden row that holds something -> the first column that does."""
    found: dict[int, int] = {}
    for row in grid.hidden_rows:
        values = grid.rows[row] if row < len(grid.rows) else []
        column = next((at for at, value in enumerate(values) if value != ""), None)
        if column is not None:
            found[row] = column
    for row, column in apart:
        if row in grid.hidden_rows:
            found[row] = min(column, found.get(row, column))
    return found


def _filled_columns(grid: SheetGrid, apart: list[Position]) -> dict[int, int]:
    """Return each hidden column that holds something -> the first row that does."""
    found: dict[int, int] = {}
    width = len(grid.rows[0]) if grid.rows else 0
    for column in grid.hidden_columns:
        lines = enumerate(grid.rows) if column < width else ()
        row = next((at for at, values in lines if values[column] != ""), None)
        if row is not None:
            found[column] = row
    for row, column in apart:
        if column in grid.hidden_columns:
            found[column] = min(row, found.get(column, row))
    return found


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
