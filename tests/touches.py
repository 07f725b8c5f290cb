"""The last touches before a workbook is sent: signatures, merges made and undone, numbers for the rows."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from alterations import Block, Book, alteration
from habits import ALTERATIONS, HEADED, open_blocks, width

from toolkit.form.model import FieldType, SectionKind
from toolkit.form.places import Role

__all__ = ["ALTERATIONS"]

_SIGNED = (
    ["填表人：王丽", "审核人：李强", "单位负责人：张敏"],
    ["单位负责人（签字）：", "（公章）"],
    ["填报日期：2025年3月10日"],
    ["制表：王丽", "复核：李强", "2025年3月10日"],
    ["制表人", "王丽", "2025.3.10"],
    ["审核人", "李强", "（签章）"],
    ["2025年3月10日"],
)


@alteration("表末签章行")
def signature_below(book: Book) -> Any:
    """Write the line for signatures and the stamp right below the last row of a table."""
    found = [block for block in open_blocks(book, SectionKind.TABLE) if len(block.places(Role.HEADING)) > 3]
    if not found:
        return False
    block = book.pick(found)
    row = block.rows.stop
    block.page.insert_row(row)
    left, right = width(block)
    columns = sorted(book.random.sample(range(left, right + 1), 3))
    fields = [entry for section in book.form.sections for entry in section.fields]
    asked = {label for entry in fields for label in (entry.label, *entry.aliases)}
    signed = [texts for texts in _SIGNED if asked.isdisjoint(text.partition("：")[0] for text in texts)]
    for column, text in zip(columns, book.pick(signed), strict=False):
        block.page.put((row, column), text)
        block.page.either.add((row, column))
    return True


@alteration("行行之间空一行")
def spaced_rows(book: Book) -> Any:
    """Leave an empty row between all rows of a table."""
    found = [block for block in open_blocks(book, *HEADED) if len(block.lines) > 1]
    if not found:
        return False
    block = book.pick(found)
    for row in sorted(block.lines[1:], reverse=True):
        block.page.insert_row(row)
    return True


@alteration("行下另列其中数")
def shares(book: Book) -> Any:
    """List below a row what its amounts are made of."""
    found = [
        (block, row, columns)
        for block in open_blocks(book, SectionKind.TABLE)
        for row in block.lines
        if (columns := _amounts(block, row))
    ]
    if not found:
        return False
    block, row, columns = book.pick(found)
    page, (left, _) = block.page, width(block)
    first = min(column for at, column in block.places(Role.ANSWER) if at == row and column >= left)
    page.insert_row(row + 1, 2)
    for line, text in ((row + 1, "其中：首期工程"), (row + 2, "其中:二期工程")):
        page.put((line, first), text)
        for column in columns:
            page.put((line, column), float(page.cells[row, column][0]) / 2)
    return True


def _amounts(block: Block, row: int) -> list[int]:
    """Return the columns of a row that hold amounts of money."""
    return [
        column
        for (at, column), part in block.page.parts.items()
        if at == row
        and part.section == block.section.id
        and part.role is Role.ANSWER
        and block.section.field(part.field).type is FieldType.MONEY
        and isinstance(block.page.cells.get((at, column), ("",))[0], int | float)
    ]


@alteration("取消合并单元格")
def unmerge(book: Book) -> Any:
    """Undo the merges of a page that go across columns: the text stays in the first cell."""
    page = book.pick(book.own)
    across = [merge for merge in page.merges if merge[0] == merge[2] and merge[1] != merge[3]]
    page.merges = [merge for merge in page.merges if merge not in across]
    return across


@alteration("左边插入序号列")
def numbered_rows(book: Book) -> Any:
    """Number the rows of a table in a new column before its first."""
    found = [block for block in open_blocks(book, SectionKind.TABLE) if not block.section.numbered]
    if not found:
        return False
    block = book.pick(found)
    left, _ = width(block)
    page = block.page
    page.insert_column(left)
    page.put((block.heading, left), book.pick(["序号", "编号", "序 号"]), foreign=False)
    for number, row in enumerate(block.lines, 1):
        if any((row, column) in page.cells for column in range(left + 1, page.size[1] + 1)):
            page.put((row, left), book.pick([number, f"{number}", f"{number}."]), foreign=False)
            page.either.add((row, left))  # beside 以下空白 it numbers nothing
    return True


@alteration("名称与答案写在一格")
def inline_answers(book: Book) -> Any:
    """Write answers behind their labels and a colon, in one cell."""
    found = [
        (block.page, label, where)
        for block in book.blocks(SectionKind.ANSWERS)
        for label, where in _pairs(block)
        if book.form.section(block.section.id).field(block.page.parts[where].field).type
        in (FieldType.TEXT, FieldType.YEAR)
    ]
    for page, label, where in book.some(found)[:4]:
        text, shown = page.cells[label]
        value, _ = page.cells.pop(where)
        page.cells[label] = (f"{str(text).rstrip('：: ')}：{value}", shown)
        page.parts[label] = page.parts.pop(where)
    return found


def _pairs(block: Block) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return the labels whose answers, filled, stand right of them."""
    cells = sorted(block.places(Role.ANSWER_LABEL, Role.ANSWER))
    role = {where: block.page.parts[where].role for where in cells}
    return [
        (label, where)
        for label, where in pairwise(cells)
        if role[label] is Role.ANSWER_LABEL
        and role[where] is Role.ANSWER
        and label[0] == where[0]
        and block.page.parts[label].field == block.page.parts[where].field
        and {label, where} <= block.page.cells.keys()
    ]
