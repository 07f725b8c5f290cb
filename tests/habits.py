"""Habits of people who work in WPS and Excel; importing it lists them beside the other alterations."""

from __future__ import annotations

from typing import Any

import respellings  # noqa: F401  (they are listed before)
from alterations import ALTERATIONS, Block, Book, alteration

from toolkit.form.model import FieldType, SectionKind
from toolkit.form.places import ASKED, Role

__all__ = ["ALTERATIONS"]

HEADED = (SectionKind.GRID, SectionKind.TABLE)


def open_blocks(book: Book, *kinds: SectionKind) -> list[Block]:
    """Return the blocks that stand alone, and whose headings take one row that no merge runs through."""
    return [
        block
        for block in book.blocks(*kinds)
        if block.lines
        and block.alone
        and len({row for row, _ in block.places(Role.HEADING)}) == 1
        and not any(top != bottom and top in block.rows for top, _, bottom, _ in block.page.merges)
    ]


def width(block: Block) -> tuple[int, int]:
    columns = [column for _, column in block.places(Role.HEADING)]
    return min(columns), max(columns)


@alteration("整行合并的分隔行")
def divider(book: Book) -> Any:
    """Part the rows of a table by a line merged over all columns."""
    found = [block for block in open_blocks(book, SectionKind.TABLE) if len(block.lines) > 1]
    if not found:
        return False
    block = book.pick(found)
    row, (left, right) = book.pick(block.lines), width(block)
    block.page.insert_row(row)
    block.page.put(
        (row, left), book.pick(["（以下为区级项目）", "第二部分", "以下由业务科室填写", "重点工作"])
    )
    block.page.merges.append((row, left, row, right))
    return True


@alteration("每个打印页重复标题和表头")
def printed_pages(book: Book) -> Any:
    """Repeat the title of the form, the unit and the heading where the printed page ends."""
    found = [block for block in open_blocks(book, SectionKind.TABLE) if len(block.lines) > 2]
    if not found or book.pinned or book.converted:
        return False
    block = book.pick(found)
    row, page = book.pick(block.lines[1:]), block.page
    head = page.copied().cut(range(block.heading, block.lines[0]))
    left, right = width(block)
    page.insert_row(row, 2 + block.lines[0] - block.heading)
    page.put((row, left), book.form.title, foreign=False)
    page.merges.append((row, left, row, right))
    page.put((row + 1, right), f"单位：{book.form.money}", foreign=False)
    page.paste(head, row + 2)
    book.converted.add(block.section.id)  # every page names its unit: another would contradict it
    return True


@alteration("表头下的栏次行")
def column_numbers(book: Book) -> Any:
    """Number the columns in a row of their own below the heading: 1, 2, 3 … or 甲, 乙, 1, 2 …"""
    found = [block for block in open_blocks(book, *HEADED) if len(block.section.fields) > 2]
    if not found:
        return False
    block = book.pick(found)
    row = block.heading + 1
    columns = [column for at, column in block.places(Role.HEADING) if at == block.heading]
    words = book.pick(
        [
            range(1, 40),
            ["甲", "乙", *range(1, 40)],
            ["栏次", *range(1, 40)],
            list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ]
    )
    block.page.insert_row(row)
    for column, word in zip(sorted(columns), words, strict=False):
        block.page.put((row, column), word, foreign=False)
    return True


@alteration("表中的小计行")
def subtotal(book: Book) -> Any:
    """Add up the rows so far in a line of its own in the middle of a table."""
    figures = (FieldType.MONEY, FieldType.NUMBER)
    found = [
        block
        for block in open_blocks(book, SectionKind.TABLE)
        if len(block.lines) > 2
        and any(entry.type in figures for entry in block.section.fields)
        and "小计" not in block.section.totals  # else it is asked for
    ]
    if not found:
        return False
    block = book.pick(found)
    row, page = book.pick(block.lines[1:]), block.page
    page.insert_row(row)
    headings = [where for where in block.places(Role.HEADING) if where[0] == block.heading]
    label = row, book.pick(headings[:2])[1]
    page.put(label, book.pick(["小计", "小  计", "本页小计"]))
    page.either.add(label)
    for where in headings[2:]:
        name = page.parts[where].field
        if name and block.section.field(name).type in figures:
            page.put((row, where[1]), 7)
    return True


@alteration("表头括注另起一行")
def remarks_in_headings(book: Book) -> Any:
    found = [
        (block.page, where)
        for block in book.blocks(*HEADED)
        for where in block.places(Role.HEADING)
        if where in block.page.cells and block.page.parts[where].field
    ]
    for page, where in book.some(found)[:6]:
        text, shown = page.cells[where]
        page.cells[where] = (
            f"{text}\n{book.pick(['（保留两位小数）', '（必填项）', '（据实填写）', '(见填报说明)'])}",
            shown,
        )
    return found


@alteration("签章行写在表上方")
def signature_above(book: Book) -> Any:
    """Write the line for stamp and signatures above everything else."""
    page = book.pick(book.own)
    page.insert_row(1, 2)
    page.put((1, 1), book.pick(["单位（盖章）：", "负责人签字：____　　日期：　年　月　日", "（公章）"]))
    page.either.add((1, 1))
    return True


@alteration("隐藏的旧数栏")
def hidden_old_figures(book: Book) -> Any:
    """Keep last year's figures in a hidden column beside the new ones, under a copy of their heading."""
    money = (FieldType.MONEY, FieldType.NUMBER)
    found = [
        (block, column, block.page.parts[row, column].field)
        for block in open_blocks(book, *HEADED)
        for row, column in block.places(Role.HEADING)
        if (name := block.page.parts[row, column].field)
        and block.section.field(name).type in money
        and any(
            isinstance(block.page.cells.get((line, column), ("",))[0], int | float)
            for line in block.lines[:4]
        )
        and not any(
            left <= column <= right and top in block.rows and left != right
            for top, left, _, right in block.page.merges
        )
    ]
    if not found:
        return False
    block, column, _ = book.pick(found)
    page, heading = block.page, block.heading
    text = page.cells[heading, column][0]
    page.insert_column(column)
    page.put((heading, column), book.pick([text, f"2023年{plain_label(text)}", "上年数"]), foreign=True)
    page.either.add((heading, column))
    for row in block.lines[:4]:
        value = page.cells.get((row, column + 1), (0, ""))[0]
        if isinstance(value, int | float):
            page.put((row, column), value + 3)
    page.hidden_columns.add(column)
    return True


def plain_label(text: str) -> str:
    return text.partition("（")[0]


@alteration("每页重复单位、年度")
def cover_repeated(book: Book) -> Any:
    """Copy the line that says whose it is to the top of another page."""
    wanted = {(ref.section, ref.field) for key in ("unit", "year") for ref in book.form.summary.get(key, ())}
    lines = {
        (page.name, where[0])
        for page in book.own
        for where, part in page.parts.items()
        if part.role in ASKED and (part.section, part.field) in wanted and where in page.cells
    }
    if len(book.own) < 2 or not lines:
        return False
    name, row = book.pick(sorted(lines))
    source = next(page for page in book.own if page.name == name)
    goal = book.pick([page for page in book.own if page is not source])
    line = source.copied().cut(range(row, row + 1))
    goal.insert_row(1, 2)
    line.parts, line.foreign = {}, set()
    line.either = set(line.filled)
    goal.paste(line, 1)
    return True


@alteration("在副本上填写")
def filled_copy(book: Book) -> Any:
    """Keep the blank and fill a copy of it, as Excel and WPS name copies."""
    if len(book.own) != len(book.pages) or len(book.pages) != len(book.form.sheets):
        return False
    blanks = [page.copied() for page in book.pages]
    for blank, page in zip(blanks, book.pages, strict=True):
        for where, part in list(blank.parts.items()):
            if part.role in ASKED and where in blank.cells:
                entry = book.form.section(part.section).field(part.field)
                if not (entry.fill_down and entry.choices) and not entry.default:
                    del blank.cells[where]
        blank.set_aside = True
        page.name = book.name(f"{page.name[:24]} (2)")
    book.pages = (
        [*blanks, *book.pages]
        if book.random.random() < 0.5
        else [page for pair in zip(blanks, book.pages, strict=True) for page in pair]
    )
    return True


@alteration("以下空白、页码")
def closing_lines(book: Book) -> Any:
    """Write what closes a page in an empty row of a table: 以下空白, the number of the page."""
    found = []
    for block in open_blocks(book, SectionKind.TABLE):
        empty = [row for row in block.lines if not any(at == row for at, _ in block.page.cells)]
        found += [(block, row) for row in empty[:1]]
    if not found:
        return False
    block, row = book.pick(found)
    columns = [column for at, column in block.places(Role.HEADING) if at == block.heading]
    words = ["以下空白", "（以下空白）", "第1页 共2页", "（接下页）", "——以下无正文——"]
    block.page.put((row, book.pick(columns)), book.pick(words))
    block.page.either.add(
        next(iter([(row, column) for column in columns if (row, column) in block.page.cells]))
    )
    return True
