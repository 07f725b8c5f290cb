"""报送.xlsx: every counting submission as flat tables, for the bureau above to pivot and to merge again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit import __version__
from toolkit.checks.merged_rows import rows_of
from toolkit.checks.merged_tables import (
    COVER,
    COVER_LINES,
    FACTS,
    FILES,
    INDICATORS,
    ISSUES,
    MARK,
    MISSING,
    MOST_FACTS,
    MergedTable,
    Scalar,
    digest,
)
from toolkit.checks.model import Collected, Standing
from toolkit.checks.results import Store
from toolkit.form.model import Form
from toolkit.summary.entries import counting_entries
from toolkit.summary.model import Figures
from toolkit.summary.rounding import wan
from toolkit.writers.files import whole
from toolkit.writers.row_sheet import Cell, RowSheet
from toolkit.writers.styles import DEFAULT_FONT, Colour, NumberFormat, Styles

if TYPE_CHECKING:
    from xlsxwriter import Workbook

MERGED = "报送"
NOTE = (
    "本文件由各单位自评表汇集而成，可直接放入上级汇总文件夹的 workbooks/ 再次汇总。请勿修改："
    "每份自评表都有校验码，改动过的不予采用。金额以元为单位，比率为小数；可以筛选、排序和制作透视表。"
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a 报送 file, on which collection, and the figures its cover quotes."""

    name: str
    title: str
    compiled: date
    figures: Figures


@dataclass(frozen=True, slots=True)
class _Spooled:
    """A submission as rows, packed: the numbers of its line in the directory and of all its rows."""

    entry: int
    rows: int
    facts: int


@dataclass(frozen=True, slots=True)
class _Part:
    """One file of a batch: which it is of how many, and what it holds."""

    number: int
    parts: int
    batch: str
    files: Sequence[_Spooled]
    missing: Sequence[list[Scalar]]
    store: Store

    @property
    def entries(self) -> Iterator[list[Scalar]]:
        """Yield the lines of 报送目录."""
        return (self.store.unpickled(file.entry) for file in self.files)


def merged_files(
    collected: Collected, forms: Mapping[str, Form], district: str, sender: Sender
) -> Iterator[tuple[str, Callable[[Path], None]]]:
    """Yield (name, how to write it) of the files of a batch: one, or several where one would be too large.

    Every file of a batch says how many there are and what all of them hold, so that all rows are made before
    the first is written; they wait on disk.
    """
    standings = {row.file: row.standing.value for row in collected.standings if row.file}
    store, batch = Store(), hashlib.sha256()
    files: list[_Spooled] = []
    for number, entry in enumerate(counting_entries(collected, forms, district), 1):
        rows = rows_of(
            number,
            entry.result,
            entry.form,
            unit=entry.unit,
            district=entry.district,
            standing=standings[entry.file],
        )
        listed = rows.facts, rows.issues, rows.indicators
        files.append(_Spooled(store.pickled(rows.entry), store.pickled(listed), len(rows.facts)))
        batch.update(digest([rows.entry]).encode())
    missing = [
        MISSING.row(
            unit=row.unit,
            form=row.form,
            year=row.year,
            period=row.period,
            due=row.due,
            contact=row.contact,
            phone=row.phone,
        )
        for row in collected.standings
        if row.standing is Standing.MISSING
    ]
    groups = list(_divided(files)) or [[]]
    for number, group in enumerate(groups, 1):
        part = _Part(number, len(groups), batch.hexdigest(), group, missing if number == 1 else [], store)
        name = f"{MERGED}.xlsx" if number == 1 else f"{MERGED}-{number}.xlsx"
        yield name, _writing(part, sender)


def _divided(files: Iterable[_Spooled]) -> Iterator[list[_Spooled]]:
    group: list[_Spooled] = []
    rows = 0
    for file in files:
        if group and rows + file.facts > MOST_FACTS:
            yield group
            group, rows = [], 0
        group.append(file)
        rows += file.facts
    if group:
        yield group


def _writing(part: _Part, sender: Sender) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        import xlsxwriter

        options = {"default_format_properties": dict(DEFAULT_FONT), "tmpdir": str(path.parent)}
        with whole(path) as beside, xlsxwriter.Workbook(str(beside), options) as workbook:
            workbook.set_properties(
                {
                    "title": f"{sender.title}（报送）",
                    "author": sender.name,
                    "created": datetime.combine(sender.compiled, time()),
                }
            )
            styles = Styles(workbook)
            _write_cover(workbook, styles, part, sender)
            directory = _Lines(workbook, styles, FILES)
            directory.write(part.entries)
            directory.end()
            below = [_Lines(workbook, styles, table) for table in (FACTS, ISSUES, INDICATORS, MISSING)]
            for file in part.files:
                for lines, rows in zip(below, part.store.unpickled(file.rows), strict=False):
                    lines.write(rows)
            below[-1].write(part.missing)
            for lines in below:
                lines.end()

    return write


def _write_cover(workbook: Workbook, styles: Styles, part: _Part, sender: Sender) -> None:
    sheet = workbook.add_worksheet(COVER)
    sheet.set_tab_color(Colour.TITLE.value)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 74)
    values: dict[str, Scalar] = {
        "sender": sender.name,
        "title": sender.title,
        "compiled": sender.compiled,
        "part": part.number,
        "parts": part.parts,
        "batch": part.batch,
        "files": len(part.files),
        "facts": sum(file.facts for file in part.files),
        "digest": digest([*part.entries, *part.missing]),
        "tool": f"xlreport {__version__}",
    }
    figures = sender.figures
    shown: dict[str, Scalar] = {
        "单位数": figures.units,
        "全年预算数合计（万元）": _wan(figures.adjusted_budget),
        "全年执行数合计（万元）": _wan(figures.actual_expenditure),
    }
    sheet.write_string(0, 0, MARK, styles.get("form_mark"))
    sheet.set_row(1, 36)
    sheet.merge_range(1, 0, 1, 1, f"{sender.title}（报送）", styles.get("title"))
    lines = [*((COVER_LINES[key], value) for key, value in values.items()), *shown.items()]
    for at, (label, value) in enumerate(lines, 3):
        sheet.set_row(at, 21)
        sheet.write_string(at, 0, label, styles.get("label"))
        if isinstance(value, date):
            day = styles.get("plain", num_format=NumberFormat.DATE.value, align="left")
            sheet.write_datetime(at, 1, datetime.combine(value, time()), day)
        else:
            format_ = NumberFormat.MONEY if isinstance(value, Decimal) else NumberFormat.GENERAL
            (sheet.write_string if isinstance(value, str) else sheet.write)(
                at, 1, value, styles.get("plain", num_format=format_.value, align="left")
            )
    at = 4 + len(lines)
    sheet.set_row(at, 52)
    sheet.merge_range(at, 0, at, 1, NOTE, styles.get("footnote"))
    sheet.fit_to_pages(1, 0)


def _wan(money: Decimal | None) -> Decimal | None:
    return None if money is None else wan(money)


class _Lines:
    """A table for filters and pivots: one line a row, no merges, no totals, no empty rows."""

    def __init__(self, workbook: Workbook, styles: Styles, table: MergedTable) -> None:
        self._sheet: RowSheet = workbook.add_worksheet(table.sheet, RowSheet)
        self._columns = table.columns
        self._line = styles.get("line")
        self._last = 0
        for at, column in enumerate(table.columns):
            self._sheet.set_column(at, at, column.width, self._line)
        self._sheet.freeze_panes(1, 2)
        self._sheet.add_row(0, [Cell(column.heading, styles.get("column")) for column in table.columns])
        self._day = styles.get("line", num_format=NumberFormat.DATE.value)

    def write(self, rows: Iterable[Sequence[Scalar]]) -> None:
        """Write rows below those that are there."""
        for line, row in enumerate(rows, self._last + 1):
            self._last = line
            self._sheet.add_row(line, [self._cell(value) for value in row])

    def _cell(self, value: Scalar) -> Cell | None:
        if value is None or value == "":
            return None
        return Cell(value, self._day if isinstance(value, date) else self._line)

    def end(self) -> None:
        """Let the rows be filtered, once all of them are there."""
        self._sheet.autofilter(0, 0, self._last, len(self._columns) - 1)
