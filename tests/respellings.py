"""Alterations of how labels, values and units are written; importing it lists them beside the others."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from alter import Page, Position
from alterations import ALTERATIONS, Book, alteration

from toolkit.form.labels import unit_in
from toolkit.form.model import Field, FieldType, MoneyUnit, SectionKind
from toolkit.form.places import ASKED, Placement, Role

__all__ = ["ALTERATIONS"]

_WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
_NUMBERS = frozenset({FieldType.NUMBER, FieldType.INTEGER, FieldType.MONEY})
_LABELS = frozenset({Role.HEADING, Role.ANSWER_LABEL, Role.ROW_LABEL, Role.SECTION_TITLE})


def _values(book: Book, *types: FieldType) -> list[tuple[Page, Position, Placement, Field]]:
    """Return the filled answers of some types."""
    return [
        (page, where, part, entry)
        for page in book.own
        for where, part, entry in book.answers(page)
        if entry.type in types
    ]


def _figure(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def plain(value: float | Decimal) -> str:
    """Return a number as a clerk types it."""
    return f"{Decimal(str(value)):f}" if not isinstance(value, Decimal) else f"{value:f}"


# --- labels -------------------------------------------------------------------------------------------


@alteration("名称加空格、换行、冒号")
def respell_labels(book: Book) -> Any:
    found = [
        (page, where)
        for page in book.own
        for where, part in page.parts.items()
        if part.role in _LABELS and isinstance(page.cells.get(where, ("",))[0], str) and where in page.cells
    ]
    for page, where in book.some(found)[:12]:
        text, shown = page.cells[where]
        middle = book.random.randint(0, len(text))
        spelt = book.pick(
            [
                f"{text[:middle]} {text[middle:]}",
                f"{text[:middle]}\u3000{text[middle:]}",
                f"{text[:middle]}\n{text[middle:]}",
                f"{text[:middle]}\u200b{text[middle:]}",
                f"\xa0{text}\xa0",
                f"{text}：",
                f"{text}:",
                f"{text}*",
                f"*{text}",
                f"{text}（必填）",
                text.translate(_WIDE),
                text.replace("（", "(").replace("）", ")"),
            ]
        )
        page.cells[where] = (spelt, shown)
    return found


# --- values -------------------------------------------------------------------------------------------


def _spellings(number: float) -> list[str]:
    text, grouped = plain(number), f"{Decimal(plain(number)):,}"
    return [
        text,
        f" {text}",
        f"{text}\xa0",
        f"\u3000{text}",
        f"{text}\u200b",
        text.translate(_WIDE),
        grouped,
        grouped.replace(",", "，"),
        f"{text}.0" if "." not in text else f"{text}0",
    ]


@alteration("数字存成文本")
def numbers_as_text(book: Book) -> Any:
    found = [entry for entry in _values(book, *_NUMBERS) if _figure(entry[0].cells[entry[1]][0])]
    for page, where, _, _ in book.some(found)[:10]:
        page.cells[where] = (book.pick(_spellings(page.cells[where][0])), "@")
    return found


@alteration("数字后写单位")
def units_in_cells(book: Book) -> Any:
    found = [
        entry
        for entry in _values(book, *_NUMBERS)
        if _figure(entry[0].cells[entry[1]][0])
        and (entry[3].unit or entry[3].type is FieldType.MONEY)
        and entry[2].section not in book.converted
    ]
    for page, where, _, asked in book.some(found)[:6]:
        number = page.cells[where][0]
        text = plain(number)
        if asked.type is FieldType.MONEY:
            yuan = Decimal(text) * book.form.money.yuan
            spelt = book.pick(
                [f"{plain(yuan / 10000)}万元", f"{plain(yuan / 10000)}万", f"{plain(yuan)}元", f"{yuan:,}元"]
            )
        else:
            spelt = book.pick([f"{text}{asked.unit}", f"{text} {asked.unit}"])
        page.cells[where] = (spelt, "General")
    return found


@alteration("百分数写法")
def percentages(book: Book) -> Any:
    found = [entry for entry in _values(book, FieldType.PERCENT) if _figure(entry[0].cells[entry[1]][0])]
    for page, where, _, _ in book.some(found)[:8]:
        ratio = Decimal(plain(page.cells[where][0]))
        percent = plain((ratio * 100).normalize() if ratio * 100 % 1 else ratio * 100 // 1)
        choices: list[tuple[Any, str]] = [
            (float(ratio), "0.00%"),
            (f"{percent}%", "General"),
            (f"{percent}％", "General"),
            (f"{percent.translate(_WIDE)}％", "@"),
            (f"{percent} %", "General"),
        ]
        if ratio * 100 > 2:
            choices += [(float(ratio * 100), "General"), (percent, "@")]
        if ratio <= 2:
            choices += [(float(ratio), "General"), (plain(ratio), "@")]
        page.cells[where] = book.pick(choices)
    return found


@alteration("指标值写法")
def indicator_values(book: Book) -> Any:
    """Respell targets and actual values: width, spaces, and percentages as the cell's own format."""
    found = [
        entry
        for entry in _values(book, FieldType.TARGET, FieldType.ACTUAL)
        if isinstance(entry[0].cells[entry[1]][0], str)
    ]
    for page, where, _, asked in book.some(found)[:8]:
        text = page.cells[where][0]
        choices: list[tuple[Any, str]] = [
            (text.translate(_WIDE), "General"),
            (f" {text} ", "General"),
            (f"{text}\u3000", "@"),
            (f"{text}\u200b", "@"),
            (text.replace("≥", "≥ ").replace("%", " %"), "General"),
        ]
        number = text.removesuffix("%")
        if text.endswith("%") and number.replace(".", "").isdigit() and asked.type is FieldType.ACTUAL:
            choices.append((float(Decimal(number) / 100), "0.00%"))
        page.cells[where] = book.pick(choices)
    return found


@alteration("日期写成文本")
def dates_as_text(book: Book) -> Any:
    found = [
        entry for entry in _values(book, FieldType.DATE) if isinstance(entry[0].cells[entry[1]][0], date)
    ]
    for page, where, _, _ in book.some(found):
        day = page.cells[where][0]
        day = day.date() if isinstance(day, datetime) else day
        year, month, number = day.year, day.month, day.day
        page.cells[where] = (
            book.pick(
                [
                    f"{year}年{month}月{number}日",
                    f"{year}.{month}.{number}",
                    f"{year}/{month:02}/{number:02}",
                    f"{year}-{month:02}-{number:02}",
                    f" {year}年{month}月{number}日 ",
                    f"{year}{month:02}{number:02}",
                    (day - date(1899, 12, 30)).days,
                    f"{year}-{month:02}-{number:02} 00:00:00",
                ]
            ),
            "General",
        )
    return found


@alteration("年度写法")
def years(book: Book) -> Any:
    found = [entry for entry in _values(book, FieldType.YEAR) if _figure(entry[0].cells[entry[1]][0])]
    for page, where, _, _ in book.some(found):
        year = int(page.cells[where][0])
        page.cells[where] = (
            book.pick([f"{year}年", f"{year}年度", f"{year} ", str(year).translate(_WIDE), f"{year}"]),
            "@",
        )
    return found


@alteration("文字前后加空格")
def spaced_texts(book: Book) -> Any:
    found = [
        entry
        for entry in _values(book, FieldType.TEXT, FieldType.CHOICE)
        if isinstance(entry[0].cells[entry[1]][0], str)
    ]
    for page, where, _, _ in book.some(found)[:10]:
        text = page.cells[where][0]
        page.cells[where] = (
            book.pick([f" {text}", f"{text}\u3000", f"{text}\n", f"\ufeff{text}", f"{text}\xa0"]),
            "@",
        )
    return found


# --- units --------------------------------------------------------------------------------------------


def _other(book: Book) -> MoneyUnit:
    """Choose a unit the form is not in."""
    return book.pick([unit for unit in MoneyUnit if unit is not book.form.money])


def _convert(book: Book, section: str, unit: MoneyUnit) -> None:
    """Write a section's money in another unit; amounts that carry their own unit stay."""
    times = Decimal(book.form.money.yuan) / unit.yuan
    for page, where, part, _ in _values(book, FieldType.MONEY):
        value, shown = page.cells[where]
        if part.section == section and _figure(value):
            page.cells[where] = (float(Decimal(plain(value)) * times), shown)
    book.converted.add(section)


def _open_money(book: Book) -> list[str]:
    """Return the sections with money that are still in the form's own unit, every amount a bare number."""
    found = {part.section for _, _, part, _ in _values(book, FieldType.MONEY)} - book.converted
    worded = {
        part.section
        for page, where, part, _ in _values(book, FieldType.MONEY)
        if not _figure(page.cells[where][0])
    }
    return sorted(found - worded)


def _without_unit(page: Page, section: str) -> None:
    """Take the unit out of the headings of a section."""
    for where, part in page.parts.items():
        if part.section == section and part.role not in ASKED and where in page.cells:
            text, shown = page.cells[where]
            if unit_in(str(text)) and part.role is not Role.UNIT_NOTE:
                page.cells[where] = (part.text.replace("（万元）", "").replace("（元）", ""), shown)


@alteration("单位写在表头")
def unit_in_headings(book: Book) -> Any:
    found = [name for name in _open_money(book) if book.form.section(name).kind is not SectionKind.ANSWERS]
    if not found:
        return False
    name = book.pick(found)
    section, unit = book.form.section(name), _other(book)
    _convert(book, name, unit)
    shape = book.pick(
        [
            "{}（{}）",
            "{}({})",
            "{}\n（单位：{}）",
            "{}（单位{}）",
            "{}（金额单位：{}）",
            "{}（人民币{}）",
            "{}[{}]",
            "{}，{}",
        ]
    )
    for page in book.own:
        _without_unit(page, name)
        for where, part in page.parts.items():
            asked = part.section == name and part.role is Role.HEADING and part.field
            if asked and section.field(part.field).type is FieldType.MONEY and where in page.cells:
                text, shown = page.cells[where]
                page.cells[where] = (shape.format(text, unit), shown)
    return True


@alteration("单位只写在标题")
def unit_in_title(book: Book) -> Any:
    """Name another unit in the title of a table, or in the note right above it."""
    found = []
    for page in book.own:
        for where, part in page.parts.items():
            if part.role is Role.UNIT_NOTE and part.section in _open_money(book) and where in page.cells:
                blocks = [block for block in book.blocks() if block.section.id == part.section]
                if len(blocks) == 1:
                    found.append((page, where, part))
    if not found:
        return False
    page, where, part = book.pick(found)
    unit = _other(book)
    _convert(book, part.section, unit)
    _without_unit(page, part.section)
    title = next(
        (
            place
            for place, other in page.parts.items()
            if other.role is Role.SECTION_TITLE and other.section == part.section
        ),
        None,
    )
    if title in page.cells and book.random.random() < 0.5:
        del page.cells[where]
        text, shown = page.cells[title]
        page.cells[title] = (
            f"{text}{book.pick(['（单位：{}）', '（{}）', '（金额单位：人民币{}）']).format(unit)}",
            shown,
        )
    else:
        page.cells[where] = (
            book.pick(["单位：{}", "金额单位：{}", "（单位：{}）", "单位:人民币{}"]).format(unit),
            "General",
        )
    return True


@alteration("单位写在页首")
def unit_at_the_top(book: Book) -> Any:
    """Name another unit once for the whole sheet, in the note below its title."""
    found = [
        (page, where)
        for page in book.own
        for where, part in page.parts.items()
        if part.role is Role.UNIT_NOTE and not part.section and where in page.cells
    ]
    if not found:
        return False
    page, where = book.pick(found)
    noted = {part.section for part in page.parts.values() if part.role is Role.UNIT_NOTE}
    here = {part.section for part in page.parts.values() if part.section} - noted
    money = {part.section for _, _, part, _ in _values(book, FieldType.MONEY)} & here
    elsewhere = {part.section for other in book.own if other is not page for part in other.parts.values()}
    if not money or money & elsewhere or not money <= set(_open_money(book)) or len(book.form.sheets) > 1:
        return False
    unit = _other(book)
    for name in money:
        _convert(book, name, unit)
        _without_unit(page, name)
    book.pinned |= here
    page.cells[where] = (f"单位：{unit}", "General")
    return True
