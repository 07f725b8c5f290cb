"""A worksheet written row by row from the top, of which no row, height or link stays in memory.

xlsxwriter has this as `constant_memory`, but there it refuses tables and keeps every height and every link.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple

from xlsxwriter.format import Format
from xlsxwriter.sharedstrings import SharedStringTable
from xlsxwriter.url import Url
from xlsxwriter.utility import xl_col_to_name, xl_range
from xlsxwriter.worksheet import Worksheet

from toolkit.checks.cell_text import LONGEST_TEXT

_SPECIAL = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9a-fA-F]{4}_")  # written otherwise


class Cell(NamedTuple):
    """One cell: a number, a date, a text or None for a blank one, and a formula whose result that is."""

    value: float | Decimal | date | str | None
    form: Format
    formula: str = ""


class RowSheet(Worksheet):  # type: ignore[misc]
    """A worksheet whose rows are given whole and in order; everything else about it is as in its library."""

    def _initialize(self, init_data: Mapping[str, Any]) -> None:
        super()._initialize({**init_data, "constant_memory": True})
        self._targets: dict[str, int] = {}  # what links lead to -> number of the relationship
        # closed when they are written
        self._links: IO[str] = TemporaryFile("w+", encoding="utf-8", dir=self.tmpdir)  # noqa: SIM115
        self._letters: list[str] = []

    def add_row(self, row: int, cells: Sequence[Cell | None], height: float | None = None) -> None:
        """Write the cells of a row from the first column on, below all that were written before.

        ValueError when a text is longer than a cell holds.
        """
        self._check_dimensions(row, len(cells) - 1)
        while len(self._letters) < len(cells):
            self._letters.append(xl_col_to_name(len(self._letters)))
        self.dim_colmin = 0
        pixels = self.default_row_height if height is None else int(height * 4 / 3 + 0.5)
        tall = "" if pixels == self.default_row_height else f' ht="{pixels * 0.75:.16g}" customHeight="1"'
        name = str(row + 1)
        written = [f'<row r="{name}"{tall}>']
        for letter, cell in zip(self._letters, cells, strict=False):
            if cell is not None:
                written.append(f'<c r="{letter}{name}" s="{cell.form._get_xf_index()}"{self._content(cell)}')
        written.append("</row>")
        self.fh.write("".join(written))
        self.previous_row = row + 1

    def _content(self, cell: Cell) -> str:
        value = cell.value
        if cell.formula:
            told = self._text(value or "") if value is None or isinstance(value, str) else self._figure(value)
            kind = ' t="str"' if isinstance(value, str) and value else ""
            formula = self._escape_data(self._prepare_formula(cell.formula))
            return f"{kind}><f>{formula}</f><v>{told}</v></c>"
        if value is None:
            return "/>"
        if isinstance(value, str):
            kept = ' xml:space="preserve"' if value[:1].isspace() or value[-1:].isspace() else ""
            return f' t="inlineStr"><is><t{kept}>{self._text(value)}</t></is></c>'
        return f"><v>{self._figure(value)}</v></c>"

    def _figure(self, value: float | Decimal | date) -> str:
        figure = self._convert_date_time(value) if isinstance(value, date) else float(value)
        return f"{figure:.16G}"

    def _text(self, text: str) -> str:
        if len(text) * 2 <= LONGEST_TEXT and not _SPECIAL.search(text):
            return text
        if len(text) * 2 > LONGEST_TEXT and len(text.encode("utf-16-le", "replace")) > LONGEST_TEXT * 2:
            raise ValueError(f"a cell does not hold {len(text)} characters")
        return str(self._escape_data(self._escape_control_characters(text)))

    def add_link(self, row: int, column: int, link: str, tip: str) -> None:
        """Make a cell lead to `internal:…` or `external:…`; links are added in the order of cells."""
        told = f'tooltip="{self._escape_attributes(tip)}"'
        path, _, anchor = link.partition("#")
        if link.startswith("internal:"):
            place = f'location="{self._escape_attributes(link.removeprefix("internal:"))}"'
        else:
            if path not in self._targets:
                self._targets[path] = len(self._targets) + 1
            place = f'r:id="rId{self._targets[path]}"'
            place += f' location="{self._escape_attributes(anchor)}"' if anchor else ""
        self._links.write(f'<hyperlink ref="{xl_col_to_name(column)}{row + 1}" {place} {told}/>')
        self.hlink_count += 1

    def add_list(self, top: int, last: int, options: Mapping[str, Any]) -> None:
        """Make the rows from the headings at `top` to `last` a table, whose cells are written as rows.

        The library describes the same table over one row of a sheet that is thrown away.
        """
        columns, bottom = len(options["columns"]), 1 + bool(options.get("total_row"))
        sheet = Worksheet()
        sheet.str_table = SharedStringTable()
        sheet.add_table(0, 0, bottom, columns - 1, dict(options))
        (table,) = sheet.tables
        table["range"] = xl_range(top, 0, last, columns - 1)
        table["a_range"] = table["autofilter"] = xl_range(top, 0, last - bottom + 1, columns - 1)
        self.tables.append(table)

    def _write_hyperlinks(self) -> None:
        if self.hlink_count:
            assert not self.rel_count, "links are the first relationships of a sheet"
            self.rel_count: int = len(self._targets)
            self.external_hyper_links = [
                ["/hyperlink", Url(path)._target(), "External"] for path in self._targets
            ]
            self._xml_start_tag("hyperlinks")
            self._links.seek(0)
            copyfileobj(self._links, self.fh)
            self._xml_end_tag("hyperlinks")
        self._links.close()
