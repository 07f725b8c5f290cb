"""python-calamine behind one door: whatever it throws leaves as a SourceError."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from toolkit.submission.grid import Merge, RawValue
from toolkit.submission.guard import Budget, SourceError


def open_book(data: bytes) -> CalamineWorkbook:
    """Open a workbook from bytes, so that a wrong extension does not matter."""
    with _refusals():
        return CalamineWorkbook.from_filelike(io.BytesIO(data))


def read_rows(book: CalamineWorkbook, index: int, budget: Budget) -> list[list[RawValue]]:
    """Return a sheet's cells from A1 on; F05 when its box is over the limit."""
    with _refusals():
        sheet = book.get_sheet_by_index(index)
        end = sheet.end
        if end is None:
            return []
        budget.check_cells((end[0] + 1) * (end[1] + 1))
        # Skipping leading empty rows, the default, would shift every address.
        return list(sheet.to_python(skip_empty_area=False))


def merges(book: CalamineWorkbook, index: int) -> list[Merge]:
    """Return the merged ranges of a sheet; calamine knows them for xlsx and xls only."""
    with _refusals():
        ranges = book.get_sheet_by_index(index).merged_cell_ranges or []
    return [(*first, *last) for first, last in ranges]


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn calamine's errors, and the panics that are no `Exception`, into F01 or F02."""
    try:
        yield
    except PasswordError as error:
        raise SourceError("F02", "password", str(error)) from error
    except (CalamineError, OSError, ValueError) as error:
        raise SourceError("F01", "damaged workbook", str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise SourceError("F01", "damaged workbook", f"calamine panicked: {error}") from error
