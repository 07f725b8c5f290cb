"""The look of every workbook we write: the only place of a colour, a font, a size or a number format."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format


class Colour(StrEnum):
    """The palette: quiet blues of an official form, and one warm colour for what is still to do."""

    INK = "#1F2328"
    QUIET = "#7A7F87"
    RULE = "#8C96A3"  # cell borders
    TITLE = "#1F3864"
    HEADING = "#DCE6F1"
    LABEL = "#F3F6FA"
    ANSWER = "#FFFDEB"
    REQUIRED = "#FCE4D6"  # an answer that is still missing
    DERIVED = "#EEEEEE"
    GOOD = "#E2EFDA"
    GOOD_INK = "#375623"
    BAD = "#FFC7CE"
    BAD_INK = "#9C0006"
    WAIT = "#FFEB9C"
    WAIT_INK = "#7F6000"
    TAB_FORM = "#2F5597"
    TAB_NOTES = "#7F7F7F"
    TAB_STATUS = "#548235"
    HAIR = "#D0D5DB"  # cell borders of long tables
    BAR = "#CFE2F3"  # behind a share
    SERIES = "#2F5597"  # charts: the first series, the one beside it, what is amiss, what is open
    SERIES_BESIDE = "#9DC3E6"
    SERIES_AMISS = "#E08E79"
    SERIES_OPEN = "#D9D9D9"
    MARK_ERROR = "#F8D3CB"  # fills of cells in a marked copy, in no other use: marking again finds them by it
    MARK_EXPLAIN = "#FDE9B1"
    MARK_NOTE = "#D5E8F1"
    TAB_OPINION = "#C0504D"


class Font(StrEnum):
    """Typefaces every office in China has."""

    TITLE = "黑体"
    BODY = "宋体"
    NOTE = "仿宋"


class NumberFormat(StrEnum):
    """How figures print."""

    GENERAL = "General"
    MONEY = "#,##0.00"
    PERCENT = "0.00%"
    WHOLE = "0"
    COUNT = "#,##0"
    SCORE = "0.00"
    RATE = "0.0%"
    RATE_AXIS = "0%"
    SHORT = "0.0"
    MEASURE = "#,##0.00##"  # a figure with decimals in its own unit; whole ones print as COUNT
    DATE = "yyyy-mm-dd"
    TEXT = "@"


def decimals(places: int, *, percent: bool = False) -> str:
    """Return the number format that prints so many decimals.

    >>> decimals(1, percent=True), decimals(0)
    ('0.0%', '0')
    """
    return ("0." + "0" * places if places else "0") + ("%" if percent else "")


A3, A4 = 8, 9  # paper sizes as Excel numbers them
BODY_SIZE = 10.5  # points; 五号
# xlsxwriter writes into the mapping it is given, so each workbook gets a copy
DEFAULT_FONT = {"font_name": Font.BODY.value, "font_size": 10}  # its digit is 7 px wide, as widths assume

_CELL: Mapping[str, Any] = {
    "font_name": Font.BODY.value,
    "font_size": BODY_SIZE,
    "font_color": Colour.INK.value,
    "valign": "vcenter",
    "text_wrap": True,
}
_BOXED: Mapping[str, Any] = {**_CELL, "border": 1, "border_color": Colour.RULE.value}
_ANSWER: Mapping[str, Any] = {**_BOXED, "bg_color": Colour.ANSWER.value, "locked": False}
_QUIET: Mapping[str, Any] = {
    **_CELL,
    "font_name": Font.NOTE.value,
    "font_size": 9,
    "font_color": Colour.QUIET.value,
}

_LISTED: Mapping[str, Any] = {
    **_CELL,
    "font_size": 10,
    "border": 1,
    "border_color": Colour.HAIR.value,
}
_SUMMED: Mapping[str, Any] = {**_LISTED, "font_name": Font.TITLE.value, "bg_color": Colour.LABEL.value}
_TILE: Mapping[str, Any] = {**_CELL, "align": "center", "bg_color": Colour.LABEL.value, "text_wrap": False}

LOOKS: Mapping[str, Mapping[str, Any]] = {
    "title": {
        **_CELL,
        "font_name": Font.TITLE.value,
        "font_size": 18,
        "font_color": Colour.TITLE.value,
        "align": "center",
        "text_wrap": False,
    },
    "subtitle": {**_CELL, "align": "center", "font_size": 12},
    "form_mark": {**_QUIET, "font_size": 8, "text_wrap": False},
    "unit_note": {**_CELL, "font_size": 10, "align": "right", "valign": "bottom", "text_wrap": False},
    "section_title": {
        **_CELL,
        "font_name": Font.TITLE.value,
        "font_size": 12,
        "font_color": Colour.TITLE.value,
        "valign": "bottom",
        "text_wrap": False,
    },
    "help": {**_QUIET, "valign": "top"},
    "footnote": {**_QUIET, "valign": "top"},
    "insert_hint": {**_QUIET, "font_size": 8, "border": 1, "border_color": Colour.RULE.value},
    "heading": {
        **_BOXED,
        "font_name": Font.TITLE.value,
        "bg_color": Colour.HEADING.value,
        "align": "center",
    },
    "label": {**_BOXED, "bg_color": Colour.LABEL.value, "align": "center"},
    "row_label": {**_BOXED, "bg_color": Colour.LABEL.value, "align": "left"},
    "printed": {**_BOXED, "font_size": 9, "bg_color": Colour.LABEL.value, "align": "left"},
    "ordinal": {**_BOXED, "bg_color": Colour.LABEL.value, "align": "center", "locked": False},
    "dash": {**_BOXED, "bg_color": Colour.LABEL.value, "align": "center", "font_color": Colour.QUIET.value},
    "answer": _ANSWER,
    "derived": {**_ANSWER, "bg_color": Colour.DERIVED.value},
    "open": {**_CELL, "locked": False},  # a column that may be filled further down
    "gap": {**_CELL},
    "plain": {**_BOXED},
    "centred": {**_BOXED, "align": "center"},
    "link": {**_BOXED, "font_color": Colour.TAB_FORM.value, "underline": 1},
    "paragraph": {**_CELL, "valign": "top"},
    "verdict": {**_BOXED, "align": "center", "bold": True},
    # 汇总表
    "sheet_title": {
        **_CELL,
        "font_name": Font.TITLE.value,
        "font_size": 14,
        "font_color": Colour.TITLE.value,
        "text_wrap": False,
    },
    "sheet_note": {**_QUIET, "valign": "vcenter", "text_wrap": False},
    "column": {
        **_LISTED,
        "font_name": Font.TITLE.value,
        "align": "center",
        "bg_color": Colour.HEADING.value,
        "border_color": Colour.RULE.value,
    },
    "listed": {**_LISTED},
    "listed_centre": {**_LISTED, "align": "center"},
    "listed_figure": {**_LISTED, "align": "right", "text_wrap": False},
    "listed_top": {**_LISTED, "valign": "top"},  # in a row of several lines
    "listed_top_centre": {**_LISTED, "valign": "top", "align": "center"},
    "listed_top_figure": {**_LISTED, "valign": "top", "align": "right", "text_wrap": False},
    "line": {**_CELL, "font_size": 10, "text_wrap": False},
    "summed": {**_SUMMED},
    "summed_centre": {**_SUMMED, "align": "center"},
    "summed_figure": {**_SUMMED, "align": "right", "text_wrap": False},
    "tile_label": {**_TILE, "font_size": 11, "font_color": Colour.QUIET.value},
    "tile_value": {**_TILE, "font_name": Font.TITLE.value, "font_size": 20, "font_color": Colour.TITLE.value},
    "tile_note": {**_TILE, "font_size": 9, "font_color": Colour.QUIET.value},
    "board_label": {**_LISTED, "indent": 1, "text_wrap": False},
    "board_figure": {**_LISTED, "align": "right", "indent": 1, "text_wrap": False},
    "board_note": {**_CELL, "align": "center", "font_color": Colour.QUIET.value, "text_wrap": False},
    "board_link": {
        **_CELL,
        "font_color": Colour.TAB_FORM.value,
        "underline": 1,
        "align": "center",
        "text_wrap": False,
    },
    # parts laid over cells by conditional formats
    "missing": {"bg_color": Colour.REQUIRED.value},
    "grown": {"bg_color": Colour.ANSWER.value, "border": 1, "border_color": Colour.RULE.value},
    "good": {"bg_color": Colour.GOOD.value, "font_color": Colour.GOOD_INK.value},
    "bad": {"bg_color": Colour.BAD.value, "font_color": Colour.BAD_INK.value},
    "wait": {"bg_color": Colour.WAIT.value, "font_color": Colour.WAIT_INK.value},
}


DATA_BAR: Mapping[str, Any] = {  # a share of one, drawn behind its figure
    "type": "data_bar",
    "bar_color": Colour.BAR.value,
    "bar_solid": True,
    "bar_border_color": Colour.BAR.value,
    "min_type": "num",
    "min_value": 0,
    "max_type": "num",
    "max_value": 1,
}


CHART_TITLE: Mapping[str, Any] = {
    "name": Font.TITLE.value,
    "size": 10,
    "bold": False,
    "color": Colour.TITLE.value,
}
CHART_TEXT: Mapping[str, Any] = {"name": Font.BODY.value, "size": 8, "bold": False, "color": Colour.INK.value}
CHART_TEXT_INSIDE: Mapping[str, Any] = {**CHART_TEXT, "color": "#FFFFFF"}  # on a bar


class Styles:
    """Formats of one workbook, each made once."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[Hashable, Format] = {}

    def get(self, look: str, **changes: Any) -> Format:
        """Return the format of a look, with single properties changed; KeyError for an unknown look."""
        key = (look, tuple(sorted(changes.items())))
        if key not in self._made:
            self._made[key] = self._workbook.add_format({**LOOKS[look], **changes})
        return self._made[key]
