"""The 填报状态 sheet: what is still missing and what disagrees, live while the clerk types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.form.model import Field, GridRow, Section, SectionKind
from toolkit.form.places import STATUS_SHEET, CellName
from toolkit.form.prefill import key_fields
from toolkit.writers.blank_checks import Comparison, comparisons
from toolkit.writers.formulas import EMPTY, Workings, address
from toolkit.writers.measure import row_height, text_lines

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from toolkit.writers.styles import Styles

MISSING, DIFFERENT, DONE, OPTIONAL = "未填", "不一致", "完成", "选填"
AGREES = "一致"
WIDTHS = (6, 32, 18, 12, 12, 12, 44)
_OVERALL_ROW = 2
_FIRST = 5


@dataclass(frozen=True, slots=True)
class Counted:
    """An expression over the blank and what it gives now."""

    text: str
    value: int


@dataclass(frozen=True, slots=True)
class SectionStatus:
    """One line of the sheet."""

    section: Section
    missing: Counted
    entered: Counted
    differing: int

    @property
    def state(self) -> str:
        """Return the word the line shows now."""
        if self.missing.value:
            return MISSING
        if self.differing:
            return DIFFERENT
        return DONE if self.entered.value else OPTIONAL


def section_statuses(workings: Workings, compared: Sequence[Comparison]) -> list[SectionStatus]:
    """Return where each section stands."""
    return [
        SectionStatus(
            section,
            *(_table(workings, section) if section.kind is SectionKind.TABLE else _cells(workings, section)),
            sum(one.found for one in compared if one.section == section.id),
        )
        for section in workings.form.sections
    ]


def filled_rows(workings: Workings, section: Section, on_sheet: str) -> str:
    """Return an array condition: the rows of a table in which a key is filled."""
    keys = (workings.column(section.id, key.id, on_sheet) for key in key_fields(section))
    any_key = "+".join(f"(LEN(TRIM({column}))>0)" for column in keys)
    return f"{workings.inside(section.id, on_sheet)}*(({any_key})>0)"


def write_status(sheet: Worksheet, styles: Styles, workings: Workings) -> None:
    """Write the sheet."""
    compared = comparisons(workings)
    statuses = section_statuses(workings, compared)
    last = _FIRST + len(statuses) - 1
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    _head(sheet, styles, statuses, last)
    checks_first = last + 4
    for position, status in enumerate(statuses):
        _section_line(sheet, styles, _FIRST + position, status, compared, checks_first)
    _colour(sheet, styles, _FIRST, last, 5)
    _comparison_lines(sheet, styles, workings, compared, checks_first)


def _head(sheet: Worksheet, styles: Styles, statuses: Sequence[SectionStatus], last: int) -> None:
    sheet.merge_range(0, 0, 0, 6, STATUS_SHEET, styles.get("title"))
    sheet.set_row(0, 34)
    hint = (
        "本表随填报自动更新，不需要填写，也不用报送打印。“未填”指还有必填项，“不一致”指合计或比率与明细不符。"
    )
    sheet.merge_range(1, 0, 1, 6, hint, styles.get("help", align="center"))
    sheet.set_row(1, 20)
    missing, differing = (
        f"SUM({address(_FIRST, column)}:{address(last, column)})" for column in (3, 4)
    )  # columns of 必填未填 and 不一致
    text = (
        f'=IF({missing}>0,"未填：还有"&{missing}&"个必填项",'
        f'IF({differing}>0,"不一致：有"&{differing}&"处需要核对","完成：必填项已填齐，可以报送"))'
    )
    left = sum(status.missing.value for status in statuses)
    apart = sum(status.differing for status in statuses)
    now = "完成：必填项已填齐，可以报送"
    if left or apart:
        now = f"未填：还有{left}个必填项" if left else f"不一致：有{apart}处需要核对"
    verdict = styles.get("verdict", font_size=14)
    sheet.merge_range(_OVERALL_ROW, 0, _OVERALL_ROW, 6, "", verdict)
    sheet.write_formula(_OVERALL_ROW, 0, text, verdict, now)
    sheet.set_row(_OVERALL_ROW, 32)
    sheet.set_row(_OVERALL_ROW + 1, 8)
    for word, look in ((MISSING, "wait"), (DIFFERENT, "bad"), (DONE, "good")):
        rule = {"type": "text", "criteria": "begins with", "value": word, "format": styles.get(look)}
        sheet.conditional_format(_OVERALL_ROW, 0, _OVERALL_ROW, 6, rule)
    headings = ("序号", "栏目", "所在工作表", "必填未填", "不一致", "状态", "说明")
    for column, heading in enumerate(headings):
        sheet.write_string(_FIRST - 1, column, heading, styles.get("heading"))
    sheet.set_row(_FIRST - 1, 24)


def _section_line(
    sheet: Worksheet,
    styles: Styles,
    row: int,
    status: SectionStatus,
    compared: Sequence[Comparison],
    checks_first: int,
) -> None:
    section, centred = status.section, styles.get("centred")
    sheet.set_row(row, 22)
    sheet.write_number(row, 0, row - _FIRST + 1, centred)
    sheet.write_string(row, 1, section.title, styles.get("plain"))
    target = f"internal:'{section.sheet}'!A1"
    sheet.write_url(row, 2, target, styles.get("link", align="center"), section.sheet)
    sheet.write_array_formula(row, 3, row, 3, f"={status.missing.text}", centred, status.missing.value)
    lines = [
        address(checks_first + place, 5) for place, one in enumerate(compared) if one.section == section.id
    ]
    differing = f"=SUM({lines[0]}:{lines[-1]})" if lines else "=0"
    sheet.write_formula(row, 4, differing, centred, status.differing)
    missing, apart, state = (address(row, column) for column in (3, 4, 5))
    text = (
        f'=IF({missing}>0,"{MISSING}",IF({apart}>0,"{DIFFERENT}",'
        f'IF(({status.entered.text})>0,"{DONE}","{OPTIONAL}")))'
    )
    sheet.write_array_formula(row, 5, row, 5, text, styles.get("verdict"), status.state)
    note = (
        f'=IF({state}="{MISSING}","还有"&{missing}&"个必填项未填",IF({state}="{DIFFERENT}",'
        f'"有"&{apart}&"处不一致，见下方核对事项",IF({state}="{OPTIONAL}","没有必填项，可以不填","")))'
    )
    now = {
        MISSING: f"还有{status.missing.value}个必填项未填",
        DIFFERENT: f"有{status.differing}处不一致，见下方核对事项",
        OPTIONAL: "没有必填项，可以不填",
    }.get(status.state, EMPTY)
    sheet.write_formula(row, 6, note, styles.get("plain"), now)


def _comparison_lines(
    sheet: Worksheet, styles: Styles, workings: Workings, compared: Sequence[Comparison], first: int
) -> None:
    if not compared:
        return
    heading = styles.get("heading")
    sheet.merge_range(first - 2, 0, first - 2, 6, "核对事项", styles.get("section_title"))
    sheet.set_row(first - 2, 26)
    sheet.write_string(first - 1, 0, "序号", heading)
    sheet.write_string(first - 1, 1, "栏目", heading)
    sheet.merge_range(first - 1, 2, first - 1, 4, "应当一致的内容", heading)
    sheet.write_string(first - 1, 5, "不一致处数", heading)
    sheet.write_string(first - 1, 6, "结果", heading)
    sheet.set_row(first - 1, 24)
    plain, centred = styles.get("plain"), styles.get("centred")
    for position, one in enumerate(compared):
        row = first + position
        lines = max(1, text_lines(one.text, sum(WIDTHS[2:5])))
        sheet.set_row(row, max(22, row_height(lines)))
        sheet.write_number(row, 0, position + 1, centred)
        sheet.write_string(row, 1, workings.form.section(one.section).title, plain)
        sheet.merge_range(row, 2, row, 4, one.text, plain)
        sheet.write_array_formula(row, 5, row, 5, one.formula, centred, one.found)
        result = f'=IF({address(row, 5)}>0,"{DIFFERENT}","{AGREES}")'
        sheet.write_formula(row, 6, result, styles.get("verdict"), DIFFERENT if one.found else AGREES)
    _colour(sheet, styles, first, first + len(compared) - 1, 6)


def _colour(sheet: Worksheet, styles: Styles, first: int, last: int, column: int) -> None:
    for word, look in ((MISSING, "wait"), (DIFFERENT, "bad"), (DONE, "good")):
        rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": styles.get(look)}
        sheet.conditional_format(first, column, last, column, rule)


def _cells(workings: Workings, section: Section) -> tuple[Counted, Counted]:
    """Count the required blanks and the entered cells of an answers section or grid."""
    needed, typed, computed = [], [], []
    for name, row, field in _asked(workings, section):
        if field.id in section.required_in(row.id if row else ""):
            needed.append(name)
        if workings.derive(name) is not None:
            computed.append(name)
        elif not (field.default or (row is not None and field.id in row.defaults)):
            typed.append(name)
    blanks = [f"1*(LEN(TRIM({workings.cell(name, STATUS_SHEET)}))=0)" for name in needed]
    missing = Counted("+".join(blanks) or "0", sum(not workings.filled(name) for name in needed))
    terms = [f"COUNTA({area})" for area in _areas(workings, typed)]
    terms += [f"COUNT({area})" for area in _areas(workings, computed)]
    entered = sum(workings.filled(name) for name in typed)
    entered += sum(workings.figure(name) is not None for name in computed)
    return missing, Counted("+".join(terms) or "0", entered)


def _table(workings: Workings, section: Section) -> tuple[Counted, Counted]:
    """Count the required blanks and the filled rows of a table."""
    present = filled_rows(workings, section, STATUS_SHEET)
    rows = [
        row
        for row in workings.data_rows(section.id)
        if any(workings.filled((section.id, row, key.id)) for key in key_fields(section))
    ]
    count = f"SUM(1*({present}))"
    terms, missing = [], 0
    if section.min_rows:
        terms.append(f"MAX(0,{section.min_rows}-{count})")
        missing += max(0, section.min_rows - len(rows))
    for field in section.fields:
        if not field.required:
            continue
        blank = f"(LEN(TRIM({workings.column(section.id, field.id, STATUS_SHEET)}))=0)"
        if field.fill_down:  # the first row must say it, the others may leave it to the row above
            filled = f"SUM({workings.inside(section.id, STATUS_SHEET)}*(1-{blank}))"
            terms.append(f"IF({count}>0,IF({filled}=0,1,0),0)")
            said = any(workings.filled((section.id, row, field.id)) for row in workings.data_rows(section.id))
            missing += int(bool(rows) and not said)
        else:
            terms.append(f"SUM({present}*{blank})")
            missing += sum(not workings.filled((section.id, row, field.id)) for row in rows)
    return Counted("+".join(terms) or "0", missing), Counted(count, len(rows))


def _asked(workings: Workings, section: Section) -> Iterator[tuple[CellName, GridRow | None, Field]]:
    rows: Iterable[GridRow | None] = section.rows if section.kind is SectionKind.GRID else (None,)
    for row in rows:
        for field in section.fields:
            name = (section.id, row.id if row else "", field.id)
            if name in workings.layout.cells:
                yield name, row, field


def _areas(workings: Workings, names: Sequence[CellName]) -> Iterator[str]:
    """Yield the addresses of cells, those below each other as one range."""
    places = sorted(
        (workings.layout.cells[name] for name in names), key=lambda one: (one[1].column, one[1].row)
    )
    start = 0
    for end in range(1, len(places) + 1):
        if end < len(places):
            above, here = places[end - 1][1], places[end][1]
            if here.column == above.column and here.row == above.row + 1:
                continue
        sheet, top = places[start]
        bottom = places[end - 1][1]
        area = address(top.row, top.column)
        if bottom.row > top.row:
            area += f":{address(bottom.row, bottom.column)}"
        yield workings.prefix(sheet, STATUS_SHEET) + area
        start = end
