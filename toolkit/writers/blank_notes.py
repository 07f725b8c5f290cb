"""The 填报说明 sheet: how to fill the blank, what its colours mean, and every field of the form."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from toolkit.checks.scales import in_words
from toolkit.form.model import Field, Form, GridRow, Section, SectionKind
from toolkit.form.places import NOTES_SHEET, STATUS_SHEET
from toolkit.writers.blank_hints import example_of, kind_in_words, limits_in_words
from toolkit.writers.measure import row_height, text_lines

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from toolkit.writers.styles import Styles

WIDTHS = (24, 16, 8, 34, 56)
_LAST = len(WIDTHS) - 1


class _Pen:
    """Writes the sheet line by line."""

    def __init__(self, sheet: Worksheet, styles: Styles) -> None:
        self.sheet = sheet
        self.styles = styles
        self.row = 0

    def line(self, text: str, look: str, height: float = 0) -> None:
        """Write a text over the whole width."""
        self.sheet.merge_range(self.row, 0, self.row, _LAST, text, self.styles.get(look))
        self.sheet.set_row(self.row, height or row_height(text_lines(text, sum(WIDTHS)), padding=5))
        self.row += 1

    def cells(self, texts: tuple[str, ...], look: str) -> None:
        """Write a line of the field table."""
        centred = self.styles.get(look, align="center")
        for column, text in enumerate(texts):
            style = centred if column in (1, 2) else self.styles.get(look)
            self.sheet.write_string(self.row, column, text, style)
        lines = max(text_lines(text, width) for text, width in zip(texts, WIDTHS, strict=True))
        self.sheet.set_row(self.row, max(20, row_height(lines)))
        self.row += 1

    def gap(self, height: float = 8) -> None:
        """Leave a thin line free."""
        self.sheet.set_row(self.row, height)
        self.row += 1


def write_notes(sheet: Worksheet, styles: Styles, form: Form) -> None:
    """Write the sheet."""
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    pen = _Pen(sheet, styles)
    pen.line(f"{form.title}{NOTES_SHEET}", "title", 36)
    pen.line("一、怎样填写", "section_title", 24)
    for number, text in enumerate(_advice(form), start=1):
        pen.line(f"{number}. {text}", "paragraph")
    pen.gap()
    pen.line("二、颜色", "section_title", 24)
    _legend(pen)
    pen.gap()
    pen.line("三、各栏目填报项", "section_title", 24)
    for section in form.sections:
        _section(pen, form, section)


def _advice(form: Form) -> list[str]:
    advice = [form.description] if form.description else []
    advice += [
        f"只填有底色的单元格。金额单位为{form.money}，只填数字；没有发生的填 0，不适用的填“—”。",
        "能下拉的请下拉选择；选中单元格时出现的提示写明了填法和限制。",
        "灰底单元格由公式自动计算。与决算等正式报表不一致的，可以直接改写，并在说明栏写明原因。",
        "行数不够时，在提示行上方整行插入；表格下方没有提示行的，直接往下填，边框会自动出现。",
        "文字显示不全时可以拖动行高。不要删改表头和栏目名称。",
        "百分比填成 96.79% 的样子。指标值写清方向、数值和单位；完成值写实际数，不写“已完成目标”。",
        f"填完看“{STATUS_SHEET}”：各栏目都不是“未填”或“不一致”时即可报送。",
        "工作表设有保护，没有密码，只为防止误改表样。",
    ]
    if form.source:
        advice.append(f"依据：{form.source}")
    return advice


def _legend(pen: _Pen) -> None:
    rows = (
        ("answer", "", "填写的单元格"),
        ("answer", "missing", "必填而还没有填的单元格，填上后恢复为淡黄色"),
        ("derived", "", "公式自动计算，可以改写"),
        ("row_label", "", "表头和栏目名称，不用填"),
    )
    for look, over, text in rows:
        colour = pen.styles.get(over).bg_color if over else None
        style = pen.styles.get(look, locked=True, **({"bg_color": colour} if colour else {}))
        pen.sheet.write_blank(pen.row, 0, None, style)
        pen.sheet.merge_range(pen.row, 1, pen.row, _LAST, text, pen.styles.get("plain"))
        pen.sheet.set_row(pen.row, 20)
        pen.row += 1


def _section(pen: _Pen, form: Form, section: Section) -> None:
    pen.gap(6)
    title = section.title if section.title == section.sheet else f"{section.title}（在“{section.sheet}”页）"
    pen.line(title, "section_title", 22)
    if section.help:
        pen.line(section.help, "help")
    pen.cells(("填报项", "填什么", "必填", "限制", "说明和示例"), "heading")
    for field in (entry for entry in section.fields if not entry.printed):
        texts = (
            field.heading,
            kind_in_words(field, form.money),
            _required(section, field),
            limits_in_words(field),
            _explained(field),
        )
        pen.cells(texts, "plain")
    for row in section.rows:
        if told := _row_explained(form, section, row):
            pen.cells((row.label, "整行", "部分" if row.required else "", "", told), "plain")
    for name, words in _table_methods(form, section):
        pen.cells((name, "计分办法", "", "", f"{words}。"), "plain")


def _row_explained(form: Form, section: Section, row: GridRow) -> str:
    """Return what a row must answer and how it is scored, in words."""
    parts = []
    if row.required:
        parts.append(f"必填：{'、'.join(section.field(name).label for name in row.required)}。")
    scoring, scale = form.scoring, form.scoring.named(row.scale)
    if scale is not None and (scale.text or scale.function != "manual"):
        weight = row.defaults.get("max_score")
        points = Decimal(weight) if weight else None
        words = in_words(scale, weight=points, bands=scoring.bands, reverse=scoring.reverse)
        parts.append(f"计分：{words}。")
    return "".join(parts)


def _table_methods(form: Form, section: Section) -> Iterator[tuple[str, str]]:
    """Yield which indicators of a table are scored by a scale of the form, and how in words."""
    scoring = form.scoring
    default = section.scale or (scoring.scale if section.indicators else "")
    rest = "其余指标" if section.scales else section.title
    for name, scale_id in (*section.scales.items(), (rest, default)):
        if (scale := scoring.named(scale_id)) is not None:
            yield name, in_words(scale, bands=scoring.bands, reverse=scoring.reverse)


def _required(section: Section, field: Field) -> str:
    if field.required:
        return "是"
    return "部分行" if any(field.id in row.required for row in _rows(section)) else ""


def _rows(section: Section) -> tuple[GridRow, ...]:
    return section.rows if section.kind is SectionKind.GRID else ()


def _explained(field: Field) -> str:
    parts = []
    if field.derive is not None and field.derive.how != "completion":
        parts.append("自动计算，可以改写。")
    if field.help:
        parts.append(field.help)
    if example := example_of(field):
        parts.append(f"如：{example}")
    if field.fill_down:
        parts.append("与上一行相同的可以不填。")
    return "".join(parts)
