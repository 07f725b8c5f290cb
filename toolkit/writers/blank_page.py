"""One form sheet of a blank: the layout's placements put into cells, and what makes the sheet live."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from toolkit.form.model import Field, FieldType, Section, SectionKind
from toolkit.form.places import ASKED, Extent, Placement, Role, SheetLayout
from toolkit.form.prefill import is_total_row
from toolkit.writers.blank_guides import add_guides
from toolkit.writers.entries import number_format
from toolkit.writers.formulas import Workings, address
from toolkit.writers.measure import row_height, text_lines
from toolkit.writers.styles import A4, NumberFormat

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from toolkit.writers.styles import Styles

FROZEN_ROWS = 6  # a taller head would leave too little of a small screen
GAP_HEIGHT = 10
MARGIN, FOOTER = 0.5, 0.2  # inches
PAPER = (8.27, 11.69)  # inches
KEPT_ROWS = 3  # of a table, below its heading, before a page break
WORTH_KEEPING = 0.25  # of a page: with less on it, it is not turned
LEAST_SCALE = 0.6  # a sheet that fits one page at this scale is printed on one
POINTS_PER_CHARACTER = 5.25  # of column width, at 7 pixels
_LOOKS = {
    Role.ANSWER_LABEL: "label",
    Role.SIDE_TITLE: "heading",
    Role.NOT_ASKED: "dash",
    Role.TOTAL: "derived",
}
_LEAST = {  # points
    Role.TITLE: 36,
    Role.SUBTITLE: 22,
    Role.FORM_MARK: 14,
    Role.SECTION_TITLE: 26,
    Role.UNIT_NOTE: 18,
    Role.HELP: 16,
    Role.FOOTNOTE: 18,
    Role.INSERT_HINT: 14,
    Role.HEADING: 28,
}
_ROW_HEIGHT = 22  # points, of everything else
_SMALL = {
    Role.HELP: 9,
    Role.PRINTED: 9,
    Role.FOOTNOTE: 9,
    Role.INSERT_HINT: 8,
    Role.FORM_MARK: 8,
    Role.TITLE: 18,
}
_CENTRED = frozenset(
    {
        *(FieldType.CHOICE, FieldType.OPERATOR, FieldType.DATE),
        *(FieldType.NUMBER, FieldType.INTEGER, FieldType.YEAR),
    }
)
_RIGHT = frozenset({FieldType.MONEY, FieldType.PERCENT})


def print_setup(sheet: Worksheet, *, landscape: bool, pages: int = 0) -> None:
    """Set A4, one page wide and `pages` high (0: as many as it takes), centred, with page numbers."""
    sheet.set_paper(A4)
    (sheet.set_landscape if landscape else sheet.set_portrait)()
    sheet.fit_to_pages(1, pages)
    sheet.center_horizontally()
    sheet.set_margins(left=MARGIN, right=MARGIN, top=MARGIN, bottom=MARGIN + FOOTER)
    sheet.set_footer("&C&9第 &P 页，共 &N 页&R&9&A")


class PageWriter:
    """Writes one sheet of the layout."""

    def __init__(
        self,
        page: Worksheet,
        styles: Styles,
        workings: Workings,
        sheet: SheetLayout,
        lists: Mapping[tuple[str, ...], str],
    ) -> None:
        self.page = page
        self.styles = styles
        self.workings = workings
        self.form = workings.form
        self.sheet = sheet
        self.lists = lists
        self.heights: dict[int, float] = {}
        self.extents = {extent.section: extent for extent in sheet.extents}

    def write(self) -> None:
        """Write the sheet."""
        self._columns()
        for place in self.sheet.placements:
            self._put(place)
        self._heights()
        for extent in self.sheet.extents:
            add_guides(self.page, self.styles, self.workings, extent, self.lists)
        self._print_and_freeze()

    # Columns and gaps

    def _columns(self) -> None:
        """Set the widths; below an open table whole columns are unlocked, so what lies between is locked."""
        for column, width in enumerate(self.sheet.widths):
            self.page.set_column(column, column, width)
        last = next((extent for extent in self.sheet.extents if extent.open), None)
        if last is None:
            return
        section = self.form.section(last.section)
        for column in range(last.right + 1):
            self.page.set_column(column, column, self.sheet.widths[column], self.styles.get("open"))
        for field in section.fields:
            start, end = last.columns[field.id]
            look = self._answer_format("open", field, section)
            for column in range(start, end + 1):
                self.page.set_column(column, column, self.sheet.widths[column], look)
        taken = {
            (place.row, column)
            for place in self.sheet.placements
            for column in range(place.column, place.last_column + 1)
        }
        for row in range(self.sheet.bottom + 1):
            for column in range(last.right + 1):
                if (row, column) not in taken:
                    self.page.write_blank(row, column, None, self.styles.get("gap"))

    # Cells

    def _put(self, place: Placement) -> None:
        style = self._format(place)
        if place.column_span > 1 or place.row_span > 1:
            last_row = place.row + place.row_span - 1
            self.page.merge_range(place.row, place.column, last_row, place.last_column, "", style)
        if place.role is Role.ORDINAL:
            self._ordinal(place, style)
        elif place.role in ASKED:
            self._answer(place, style)
        elif place.text:
            self._text(place, place.text, style)
        else:
            self.page.write_blank(place.row, place.column, None, style)

    def _text(self, place: Placement, text: str, style: Format) -> None:
        if self.page.write_string(place.row, place.column, text, style):
            raise ValueError(
                f"{self.sheet.name}!{address(place.row, place.column)}: the text cannot be written"
            )

    def _ordinal(self, place: Placement, style: Format) -> None:
        """Number a table row by its place, so that rows inserted above are counted."""
        heading = self.extents[place.section].heading
        if not place.text or heading is None:
            self.page.write_blank(place.row, place.column, None, style)
            return
        number = int(place.text)
        uncounted = place.row - heading - number  # 合计 rows above
        formula = f"=ROW()-ROW({address(heading, place.column, fixed=True)})"
        formula += f"-{uncounted}" if uncounted else ""
        self.page.write_formula(place.row, place.column, formula, style, number)

    def _answer(self, place: Placement, style: Format) -> None:
        name = (place.section, place.row_id, place.field)
        stated = self.workings.entries.get(name)
        formula = None if stated else self.workings.formula(name)
        if formula is not None:
            self.page.write_formula(place.row, place.column, formula.text, style, formula.cached)
        elif stated is None:
            self.page.write_blank(place.row, place.column, None, style)
        elif isinstance(stated.value, Decimal):
            self.page.write_number(place.row, place.column, float(stated.value), style)
        elif isinstance(stated.value, date):
            moment = datetime.combine(stated.value, datetime.min.time())
            self.page.write_datetime(place.row, place.column, moment, style)
        else:
            self._text(place, stated.value, style)

    def _format(self, place: Placement) -> Format:
        look = _LOOKS.get(place.role, place.role.value)
        strong = {"bold": True} if place.strong else {}
        if place.role in ASKED:
            section = self.form.section(place.section)
            stated = self.workings.entries.get((place.section, place.row_id, place.field))
            shown = stated.number_format if stated else ""
            return self._answer_format(look, section.field(place.field), section, shown, **strong)
        if place.role is Role.ROW_LABEL:
            return self._label_format(place, **strong)
        return self.styles.get(look, **strong)

    def _label_format(self, place: Placement, **more: Any) -> Format:
        """Return the format of a row label: totals and lone rows are centred like headings."""
        if place.indent:
            return self.styles.get("row_label", indent=2 * place.indent, **more)
        lone = len(self.form.section(place.section).rows) == 1
        align = "center" if lone or is_total_row(place.row_id) else "left"
        return self.styles.get("row_label", align=align, **more)

    def _answer_format(
        self, look: str, field: Field, section: Section, shown: str = "", **more: Any
    ) -> Format:
        align = "left"
        if section.kind is not SectionKind.ANSWERS:
            apart = field.type is FieldType.ACTUAL and section.companions
            short = field.type in _CENTRED or field.operator_from or field.id in section.companions or apart
            align = "center" if short else "right" if field.type in _RIGHT else "left"
        form = shown or number_format(field)
        if form != NumberFormat.GENERAL:
            more["num_format"] = str(form)
        return self.styles.get(look, align=align, **more)

    # Heights

    def _heights(self) -> None:
        self.heights = dict.fromkeys(range(self.sheet.bottom + 1), float(GAP_HEIGHT))
        for place in self.sheet.placements:
            if place.row_span > 1:  # it has the height of all its rows
                continue
            self.heights[place.row] = max(self.heights[place.row], self._height(place))
        for row, height in self.heights.items():
            self.page.set_row(row, height)

    def _height(self, place: Placement) -> float:
        size = _SMALL.get(place.role, 10.5)
        text, lines = place.text, place.lines
        if place.role in ASKED:
            stated = self.workings.entries.get((place.section, place.row_id, place.field))
            text = stated.value if stated and isinstance(stated.value, str) else ""
        width = self.sheet.width(place) - 2 * place.indent
        lines = max(lines, text_lines(text, width, size=size))
        least = _LEAST.get(place.role, _ROW_HEIGHT)
        return least if lines == 1 else max(least, row_height(lines, size=size))

    # Paper and panes

    def _print_and_freeze(self) -> None:
        pages = self._pages()
        print_setup(self.page, landscape=self.sheet.landscape, pages=pages)
        if not pages:
            self.page.set_h_pagebreaks(self._breaks())
        headed = [extent for extent in self.sheet.extents if extent.heading is not None]
        if not headed:
            return
        main = headed[-1]
        if main.heading is not None:
            self.page.repeat_rows(main.heading)
        self.page.freeze_panes(*self._frozen(headed))

    def _pages(self) -> int:
        """Return 1 for a sheet that is legible on one page and cannot grow without end, else 0."""
        scale, height = self._paper()
        needed = min(scale, height / sum(self.heights.values()))
        return int(needed >= LEAST_SCALE and not any(extent.open for extent in self.sheet.extents))

    def _breaks(self) -> list[int]:
        """Return the rows before which to turn the page.

        Answers and grids stay whole, a table keeps its head and some rows together; a page is not turned
        when hardly anything stands on it.
        """
        scale, height = self._paper()
        room = height / scale
        breaks, used, done = [], 0.0, 0
        for extent in self.sheet.extents:
            used += sum(self.heights[row] for row in range(done, extent.top))
            section = self.form.section(extent.section)
            last = extent.bottom
            if section.kind is SectionKind.TABLE:
                last = min(last, extent.first + KEPT_ROWS - 1)
            kept = sum(self.heights[row] for row in range(extent.top, last + 1))
            if used > room * WORTH_KEEPING and section.titled_above and used + kept > room >= kept:
                breaks.append(extent.top)
                used = 0.0
            used += sum(self.heights[row] for row in range(extent.top, extent.bottom + 1))
            used %= room
            done = extent.bottom + 1
        return breaks

    def _paper(self) -> tuple[float, float]:
        """Return the scale at which the sheet is one page wide, and the height of the page in points."""
        short, long = ((side - 2 * MARGIN) * 72 for side in PAPER)
        width, height = (long, short) if self.sheet.landscape else (short, long)
        drawn = (sum(self.sheet.widths) + len(self.sheet.widths)) * POINTS_PER_CHARACTER
        return min(width / drawn, 1), height - FOOTER * 72

    def _frozen(self, headed: list[Extent]) -> tuple[int, int]:
        """Return the rows and columns to keep in view: the head of a lone table, the labels of grids."""
        first = headed[0]
        labels = min((extent.label_columns for extent in headed), default=0)
        grids = all(self.form.section(one.section).kind is SectionKind.GRID for one in headed)
        columns = labels if grids and len(self.sheet.widths) > 6 else 0
        alone = len(headed) == 1 and first.heading is not None and first.heading < FROZEN_ROWS
        return (first.heading + 1 if alone and first.heading is not None else 0), columns
