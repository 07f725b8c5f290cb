"""Every alteration a clerk's hand makes to the page, each a small function that changes no answer.

An alteration takes a `Book` and changes it in place; it returns False (or nothing to point at) when the form
gives it no occasion. All chance comes from `book.random`, so that hypothesis can steer and shrink it, and a
seed repeats it. How single values and labels are spelt is altered in `respellings.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from alter import Page, Position

from toolkit.form.model import Field, FieldType, Form, Section, SectionKind
from toolkit.form.places import ASKED, Placement, Role

T = TypeVar("T")
YEAR = 2024
SECOND_UNIT = "青山区人民政府白塔街道办事处"
REMARKS = ("请财务科核对", "已与决算核对一致", "李科长已阅", "√", "待补充佐证材料", 20240315)
_LABELS = frozenset({Role.HEADING, Role.ANSWER_LABEL, Role.ROW_LABEL, Role.SECTION_TITLE})


@dataclass
class Block:
    """The rows of one section on one page."""

    page: Page
    section: Section
    rows: range

    def places(self, *roles: Role) -> list[Position]:
        """Return the cells of the section with one of the roles, in reading order."""
        return sorted(
            where
            for where, part in self.page.parts.items()
            if part.section == self.section.id and part.role in roles
        )

    @property
    def lines(self) -> list[int]:
        """Return the rows that ask for answers, the total row left out."""
        return sorted({where[0] for where in self.places(Role.ANSWER, Role.DERIVED)})

    @property
    def heading(self) -> int:
        """Return the first heading row of a grid or table."""
        return min(row for row, _ in self.places(Role.HEADING))

    @property
    def alone(self) -> bool:
        """Return whether no other section stands in these rows."""
        return all(
            part.section in ("", self.section.id)
            for (row, _), part in self.page.parts.items()
            if row in self.rows
        )


@dataclass
class Book:
    """The pages of a filled form and the hand that alters them."""

    form: Form
    pages: list[Page]
    random: Random
    converted: set[str] = field(default_factory=set)  # sections whose unit of money is not to be changed
    pinned: set[str] = field(default_factory=set)  # sections that a note at the top of their sheet speaks for

    @property
    def own(self) -> list[Page]:
        """Return the pages that are not set aside as another unit's or year's."""
        return [page for page in self.pages if not page.set_aside]

    def pick(self, among: Sequence[T]) -> T:
        """Choose one."""
        return among[self.random.randrange(len(among))]

    def some(self, among: Sequence[T]) -> list[T]:
        """Choose some, at least one."""
        return self.random.sample(list(among), self.random.randint(1, len(among))) if among else []

    def blocks(self, *kinds: SectionKind) -> list[Block]:
        """Return the sections as they lie on the pages; one split over two pages is two blocks."""
        found = []
        for page in self.own:
            rows: dict[str, list[int]] = {}
            for (row, _), part in page.parts.items():
                if part.section:
                    rows.setdefault(part.section, []).append(row)
            for name, taken in rows.items():
                section = self.form.section(name)
                if not kinds or section.kind in kinds:
                    found.append(Block(page, section, range(min(taken), max(taken) + 1)))
        return found

    def answers(self, page: Page) -> Iterator[tuple[Position, Placement, Field]]:
        """Yield the filled answers of a page with their fields."""
        for where, part in page.parts.items():
            if part.role in ASKED and where in page.cells:
                yield where, part, self.form.section(part.section).field(part.field)

    def name(self, wish: str) -> str:
        """Return a sheet name that is still free."""
        taken = {page.name.lower() for page in self.pages}
        return next(
            name
            for name in (wish, *(f"{wish}{number}" for number in range(2, 99)))
            if name.lower() not in taken
        )


Alter = Callable[[Book], Any]
ALTERATIONS: dict[str, Alter] = {}


def alteration(name: str) -> Callable[[Alter], Alter]:
    """List an alteration under the name the documentation gives it."""

    def listed(alter: Alter) -> Alter:
        ALTERATIONS[name] = alter
        return alter

    return listed


# --- rows and columns ---------------------------------------------------------------------------------


@alteration("插入空行")
def insert_rows(book: Book) -> None:
    page = book.pick(book.own)
    page.insert_row(book.random.randint(1, page.size[0]), book.random.randint(1, 2))


@alteration("插入空列")
def insert_columns(book: Book) -> None:
    page = book.pick(book.own)
    page.insert_column(book.random.randint(1, page.size[1]), book.random.randint(1, 2))


@alteration("删除空行")
def delete_empty_rows(book: Book) -> Any:
    page = book.pick(book.own)
    filled = {row for row, _ in page.cells}
    filled |= {row for top, _, bottom, _ in page.merges if top != bottom for row in range(top, bottom + 1)}
    empty = [row for row in range(1, page.size[0] + 1) if row not in filled]
    for row in sorted(book.some(empty), reverse=True):
        page.delete_row(row)
    return bool(empty)


@alteration("删除空列")
def delete_empty_columns(book: Book) -> Any:
    page = book.pick(book.own)
    filled = {column for _, column in page.cells}
    empty = [column for column in range(1, page.size[1] + 1) if column not in filled]
    for column in sorted(book.some(empty), reverse=True):
        page.delete_column(column)
    return bool(empty)


@alteration("删除没有填的选填栏")
def drop_optional_column(book: Book) -> Any:
    found = [
        (block, entry.id)
        for block in book.blocks(SectionKind.GRID, SectionKind.TABLE)
        for entry in block.section.fields
        if not entry.required
        and len(block.section.fields) > 2
        and not any(entry.id in row.required or entry.id in row.defaults for row in block.section.rows)
        and not any(
            part.field == entry.id
            for where, part, _ in book.answers(block.page)
            if part.section == block.section.id
        )
    ]
    if not found:
        return False
    block, name = book.pick(found)
    for where, part in list(block.page.parts.items()):
        if part.section == block.section.id and part.field == name:
            block.page.cells.pop(where, None)
            del block.page.parts[where]
            block.page.merges = [merge for merge in block.page.merges if merge[:2] != where]
            if part.role is Role.HEADING:
                for row in range(where[0] + 1, block.lines[0]):  # the number below it, where columns have one
                    block.page.cells.pop((row, where[1]), None)
    return True


@alteration("隐藏行列")
def hide(book: Book) -> None:
    page = book.pick(book.own)
    page.hidden_rows |= set(book.some(range(1, page.size[0] + 1))[:5])
    page.hidden_columns.add(book.random.randint(1, page.size[1]))


@alteration("筛选后隐藏数据行")
def filter_rows(book: Book) -> Any:
    block = _block(book, SectionKind.TABLE)
    if block:
        block.page.hidden_rows |= set(book.some(block.lines))
    return block


# --- tables moved -------------------------------------------------------------------------------------


def _block(book: Book, *kinds: SectionKind, alone: bool = False) -> Block | None:
    blocks = [block for block in book.blocks(*kinds) if block.lines and (block.alone or not alone)]
    return book.pick(blocks) if blocks else None


def _movable(book: Book) -> list[Block]:
    """Return the blocks that may go elsewhere: the unit that holds for them goes with them."""
    return [
        block
        for block in book.blocks()
        if block.alone and block.lines and block.section.id not in book.pinned
    ]


def _take(block: Block) -> Page:
    """Cut a block out, with the empty row above it where there is one."""
    return block.page.cut(block.rows)


@alteration("表移到本页下方")
def move_down(book: Book) -> Any:
    found = _movable(book)
    if not found:
        return False
    block = book.pick(found)
    piece = _take(block)
    block.page.paste(piece, block.page.size[0] + book.random.randint(2, 4))
    return True


@alteration("表移到另一张工作表")
def move_to_other_sheet(book: Book) -> Any:
    found = [block for block in _movable(book) if len(book.own) > 1]
    if not found:
        return False
    block = book.pick(found)
    piece = _take(block)
    goal = book.pick([page for page in book.own if page is not block.page])
    goal.paste(piece, goal.size[0] + 2)
    _without_empty_pages(book)
    return True


@alteration("表移到新工作表")
def move_to_new_sheet(book: Book) -> Any:
    found = _movable(book)
    if not found:
        return False
    block = book.pick(found)
    piece = _take(block)
    piece.name = book.name(book.pick(["Sheet1", "表二", "附表", block.section.title[:20]]))
    place = book.random.randint(0, len(book.pages))
    book.pages.insert(place, piece)
    _without_empty_pages(book)
    return True


@alteration("各表次序对调")
def reorder_blocks(book: Book) -> Any:
    page = book.pick(book.own)
    blocks = sorted(
        (block for block in _movable(book) if block.page is page), key=lambda block: block.rows.start
    )
    if len(blocks) < 2:
        return False
    pieces = [page.cut(block.rows) for block in blocks]
    book.random.shuffle(pieces)
    row = page.size[0] + 2 if page.cells else 1
    for piece in pieces:
        page.paste(piece, row)
        row += piece.size[0] + 1
    return True


@alteration("两表并排")
def side_by_side(book: Book) -> Any:
    found = [block for block in _movable(book) if block.section.kind is not SectionKind.ANSWERS]
    hosts = [block for block in _movable(book) if block.section.kind is not SectionKind.ANSWERS]
    pairs = [(host, guest) for host in hosts for guest in found if guest.section is not host.section]
    if not pairs:
        return False
    host, guest = book.pick(pairs)
    piece = guest.page.cut(guest.rows)
    beside = {column for row, column in host.page.filled if row - host.rows.start in range(piece.size[0])}
    right = max(
        [*beside, *(column for _, column in host.page.parts), *(merge[3] for merge in host.page.merges)]
    )
    host.page.paste(piece, host.rows.start, right + 1 + book.random.randint(1, 2))
    _without_empty_pages(book)
    return True


@alteration("各表合到一张工作表")
def gather(book: Book) -> Any:
    own = book.own
    if len(own) < 2 or book.pinned:
        return False
    first = own[0]
    for page in own[1:]:
        shift = first.size[0] + book.random.randint(1, 2)
        first.paste(page.cut(range(1, 5000)), shift + 1)
    _without_empty_pages(book)
    return True


@alteration("一张表拆到两页")
def split(book: Book) -> Any:
    """Carry the lower rows of a table or grid over to a new sheet, under a copy of its heading."""
    found = [
        block
        for block in book.blocks(SectionKind.GRID, SectionKind.TABLE)
        if len(block.lines) > 2 and block.alone and _ungrouped(block) and block.section.id not in book.pinned
    ]
    if not found:
        return False
    block = book.pick(found)
    at = book.pick(block.lines[1:])
    heading = range(block.heading, block.lines[0])
    below = range(at, block.rows.stop)
    head, rest = block.page.copied().cut(heading), block.page.cut(below)
    page = Page(book.name(book.pick(["续表", "Sheet2", f"{block.page.name[:20]}续"])))
    page.paste(head, 1)
    page.paste(rest, head.size[0] + 1)
    page.hidden_columns = set(block.page.hidden_columns)
    book.pages.insert(book.pages.index(block.page) + 1, page)
    return True


@alteration("表中重复表头")
def repeat_heading(book: Book) -> Any:
    """Repeat the heading in the middle of a table, as for a printed page."""
    found = [
        block
        for block in book.blocks(SectionKind.TABLE)
        if len(block.lines) > 2 and block.alone and _ungrouped(block)
    ]
    if not found:
        return False
    block = book.pick(found)
    at = book.pick(block.lines[1:])
    head = block.page.copied().cut(range(block.heading, block.lines[0]))
    height = block.lines[0] - block.heading
    block.page.insert_row(at, height)
    block.page.paste(head, at)
    return True


def _ungrouped(block: Block) -> bool:
    """Return whether no merge reaches over several rows of the block, and its headings stand together."""
    heads = {row for row, _ in block.places(Role.HEADING)}
    return len(heads) == 1 and not any(
        top != bottom and top in block.rows for top, _, bottom, _ in block.page.merges
    )


def _without_empty_pages(book: Book) -> None:
    book.pages = [page for page in book.pages if page.cells]


# --- headings and columns -----------------------------------------------------------------------------


@alteration("表头合并两三行")
def tall_heading(book: Book) -> Any:
    found = [
        block
        for block in book.blocks(SectionKind.GRID, SectionKind.TABLE)
        if block.alone
        and len({row for row, _ in block.places(Role.HEADING)}) == 1
        and not any(top <= block.heading < bottom for top, _, bottom, _ in block.page.merges)
    ]
    if not found:
        return False
    block = book.pick(found)
    heading, extra = block.heading, book.random.randint(1, 2)
    across = {merge[1]: merge for merge in block.page.merges if merge[0] == heading}
    block.page.insert_row(heading + 1, extra)
    for _, column in [where for where in block.places(Role.HEADING) if where[0] == heading]:
        right = across[column][3] if column in across else column
        block.page.merges = [merge for merge in block.page.merges if merge[:2] != (heading, column)]
        block.page.merges.append((heading, column, heading + extra, right))
    return True


@alteration("表头加一行总栏名")
def group_heading(book: Book) -> Any:
    """Put a heading over several columns, on a row of its own."""
    block = _block(book, SectionKind.GRID, SectionKind.TABLE, alone=True)
    if block is None:
        return False
    columns = [column for _, column in block.places(Role.HEADING)]
    if len(columns) < 3:
        return False
    block.page.insert_row(block.heading)
    row = block.heading - 1
    block.page.put((row, columns[1]), book.pick(["本年情况", "填报内容", "有关数据"]))
    block.page.merges.append((row, columns[1], row, columns[-1]))
    return True


@alteration("栏目次序调换")
def swap_columns(book: Book) -> Any:
    found = []
    for block in book.blocks(SectionKind.GRID, SectionKind.TABLE):
        if not block.alone or not block.lines:
            continue
        rows = range(block.heading, block.rows.stop)
        wide = {merge[1] for merge in block.page.merges if merge[0] in rows and merge[1:2] != merge[3:4]}
        wide |= {
            column
            for merge in block.page.merges
            if merge[0] in rows and merge[1] != merge[3]
            for column in range(merge[1], merge[3] + 1)
        }
        columns = [
            column
            for row, column in block.places(Role.HEADING)
            if block.page.parts[row, column].field
            and column not in wide
            and not block.section.field(block.page.parts[row, column].field).fill_down
        ]
        if len(columns) > 1:
            found.append((block, rows, columns))
    if not found:
        return False
    block, rows, columns = book.pick(found)
    block.page.swap_columns(*book.random.sample(columns, 2), rows=rows)
    return True


@alteration("另加栏目")
def extra_column(book: Book) -> Any:
    block = _block(book, SectionKind.GRID, SectionKind.TABLE, alone=True)
    if block is None:
        return False
    heading = block.heading
    column = book.pick(
        [
            column
            for row, column in block.places(Role.HEADING)
            if row == heading and block.page.parts[row, column].field
        ]
    )
    merged = any(left < column <= right and top in block.rows for top, left, _, right in block.page.merges)
    if merged:
        return False
    block.page.insert_column(column)
    block.page.put((heading, column), book.pick(["复核意见", "科室核对", "复核人"]))
    for row in book.some(block.lines[:4]):
        block.page.put((row, column), book.pick(["无误", "已核", 1, "张三"]))
    return True


# --- level cells, rows of tables ----------------------------------------------------------------------


def _levels(book: Book) -> list[tuple[Block, list[int]]]:
    """Return the tables with level columns, and those columns' positions."""
    found = []
    for block in book.blocks(SectionKind.TABLE):
        columns = [
            column
            for row, column in block.places(Role.HEADING)
            if (name := block.page.parts[row, column].field) and block.section.field(name).fill_down
        ]
        if columns and block.lines:
            found.append((block, sorted(set(columns))))
    return found


def _runs(block: Block, columns: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """Yield (column, rows) of consecutive rows that say the same in this level and all left of it."""
    lines = [row for row in block.lines if any((row, column) in block.page.cells for column in columns)]
    for depth, column in enumerate(columns):
        run: list[int] = []
        before: Any = None
        for row in lines:
            levels = [block.page.cells.get((row, place), ("",))[0] for place in columns[: depth + 1]]
            if run and levels == before and row == run[-1] + 1 and levels[-1]:
                run.append(row)
            else:
                if len(run) > 1:
                    yield column, run
                run = [row]
            before = levels
        if len(run) > 1:
            yield column, run


@alteration("层级单元格合并")
def merge_levels(book: Book) -> Any:
    found = [(block, columns, list(_runs(block, columns))) for block, columns in _levels(book)]
    found = [entry for entry in found if entry[2]]
    if not found:
        return False
    block, _, runs = book.pick(found)
    for column, rows in runs:
        page = block.page
        if any(top in rows and left <= column <= right for top, left, _, right in page.merges):
            continue
        page.merges.append((rows[0], column, rows[-1], column))
        for row in rows[1:]:
            page.cells.pop((row, column), None)
    return True


@alteration("层级只写首行")
def level_once(book: Book) -> Any:
    found = [(block, columns, list(_runs(block, columns))) for block, columns in _levels(book)]
    found = [entry for entry in found if entry[2]]
    if not found:
        return False
    block, _, runs = book.pick(found)
    for column, rows in runs:
        if any(top in rows and left <= column <= right for top, left, _, right in block.page.merges):
            continue
        for row in rows[1:]:
            block.page.cells.pop((row, column), None)
    return True


@alteration("表中留空行")
def separator_rows(book: Book) -> Any:
    block = _block(book, SectionKind.TABLE, SectionKind.GRID)
    if block:
        for row in sorted(book.some(block.lines[1:])[:3], reverse=True):
            block.page.insert_row(row)
    return block


@alteration("在预留行之下加行")
def append_rows(book: Book) -> Any:
    """Write the last row of a table below the prepared ones."""
    found = []
    for block in book.blocks(SectionKind.TABLE):
        filled = {
            where[0]
            for where, part, entry in book.answers(block.page)
            if part.section == block.section.id and not entry.fill_down and part.role is not Role.TOTAL
        }
        if (
            len(filled) > 1
            and block.alone
            and not any(top != bottom and top in block.rows for top, _, bottom, _ in block.page.merges)
        ):
            found.append((block, max(filled)))
    if not found:
        return False
    block, row = book.pick(found)
    for level in _levels(book):  # its levels are written out, as a clerk would who starts a row afresh
        if (
            level[0].section is block.section
            and level[0].page is block.page
            and any((row, column) not in block.page.cells for column in level[1])
        ):
            return False
    goal = max(block.lines) + 1
    block.page.insert_row(goal)
    piece = block.page.cut(range(row, row + 1))
    block.page.paste(piece, goal)
    return True


@alteration("合计行改写或删除")
def total_row(book: Book) -> Any:
    found = [block for block in book.blocks(SectionKind.TABLE) if block.places(Role.TOTAL)]
    if not found:
        return False
    block = book.pick(found)
    row = block.places(Role.TOTAL)[0][0]
    labels = [
        where for where in block.places(Role.ROW_LABEL) if where[0] == row and where in block.page.cells
    ]
    if (
        any((row, column) in block.page.cells for _, column in block.places(Role.TOTAL))
        or book.random.random() < 0.5
    ):
        for where in labels:
            text = str(book.pick(block.section.totals))
            block.page.cells[where] = (
                book.pick([f"{text}：", f"{text[0]}　{text[1:]}", f" {text} ", text]),
                "General",
            )
    else:
        block.page.delete_row(row)
    return True


# --- what stands beside -------------------------------------------------------------------------------


@alteration("页边批注")
def margin_notes(book: Book) -> None:
    page = book.pick(book.own)
    height, _ = page.size
    right = max([column for _, column in [*page.parts, *page.cells]] + [merge[3] for merge in page.merges])
    for _ in range(book.random.randint(1, 3)):
        page.put((book.random.randint(1, height), right + book.random.randint(1, 3)), book.pick(REMARKS))


@alteration("远处的空格")
def stray_spaces(book: Book) -> None:
    page = book.pick(book.own)
    page.put((900, book.random.randint(1, 12)), book.pick(["  ", "\u3000", " \u3000\xa0"]), foreign=False)
    page.put((book.random.randint(1, 30), 702), " ", foreign=False)


@alteration("工作表改名")
def rename(book: Book) -> None:
    page = book.pick(book.own)
    page.name = book.name(book.pick(["Sheet1", "表1", "红桥街道", "2024年", "最终版", "自评"]))


# --- other tables in the same book --------------------------------------------------------------------


def _copies(book: Book, pages: Sequence[Page], suffix: str) -> list[Page]:
    copies = [page.copied() for page in pages]
    for page in copies:
        page.name = book.name(f"{page.name[:24]}{suffix}")
        page.set_aside = True
    return copies


def _rewrite(book: Book, page: Page, unit: str = "", year: int | None = None, *, words: bool = False) -> None:
    """Change the figures of a page, and whose they are or of which year; `words`: its texts, too."""
    unit_names = {(ref.section, ref.field) for ref in book.form.summary.get("unit", ())}
    year_names = {(ref.section, ref.field) for ref in book.form.summary.get("year", ())}
    for where, part, entry in list(book.answers(page)):
        value, shown = page.cells[where]
        own = words and entry.type in (FieldType.TEXT, FieldType.PROSE) and not entry.fill_down
        if (part.section, part.field) in year_names:
            value = year or value
        elif (part.section, part.field) in unit_names:
            head, colon, _ = str(value).rpartition("：")
            value = f"{head}{colon}{unit}" if unit else value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            value = value + 7
        elif own and isinstance(value, str) and book.form.section(part.section).kind is SectionKind.TABLE:
            value = f"白塔{value[::-1]}"  # nothing of it stands in the first unit's
        page.cells[where] = (value, shown)
    for where, (value, shown) in list(page.cells.items()):
        part = page.parts.get(where)
        if year and part and part.role in (Role.SUBTITLE, Role.TITLE) and str(YEAR) in str(value):
            page.cells[where] = (str(value).replace(str(YEAR), str(year)), shown)


def _complete(book: Book) -> bool:
    """Return whether the pages are still the form's own, one after the other, and nothing is set aside."""
    return len(book.own) == len(book.pages) == len(book.form.sheets)


@alteration("另存的旧年度表")
def last_year(book: Book) -> Any:
    if not _complete(book):
        return False
    copies = _copies(book, book.pages, book.pick(["（2023）", " (2)", "2023年"]))
    for page in copies:
        _rewrite(book, page, year=YEAR - 1)
    book.pages = copies + book.pages if book.random.random() < 0.5 else book.pages + copies
    return True


@alteration("同一文件另一单位的表")
def second_unit(book: Book) -> Any:
    if not _complete(book) or not book.form.summary.get("unit"):
        return False
    copies = _copies(book, book.pages, book.pick([" (2)", "（白塔）"]))
    words = book.random.random() < 0.5
    for page in copies:
        _rewrite(book, page, unit=SECOND_UNIT, words=words)
    book.pages = book.pages + copies
    return True


@alteration("同一页下方另一单位的表")
def second_unit_below(book: Book) -> Any:
    """Paste a second unit's form below the first, on the one sheet the form has."""
    return bool(book.form.summary.get("unit")) and _paste_below(book, SECOND_UNIT)


@alteration("同一页下方的旧稿")
def draft_below(book: Book) -> Any:
    """Paste an older draft below the form that counts, with other figures."""
    return _paste_below(book)


def _paste_below(book: Book, unit: str = "") -> bool:
    if not _complete(book) or len(book.pages) != 1:
        return False
    page = book.pages[0]
    other = page.copied()
    _rewrite(book, other, unit=unit)
    answered = {where for where, part in other.parts.items() if part.section}
    other.foreign = (other.foreign | answered) & other.filled
    other.either = other.filled - other.foreign
    other.parts = {}
    page.paste(other, page.size[0] + book.random.randint(2, 4))
    return True


@alteration("工作表的副本")
def duplicate_sheet(book: Book) -> Any:
    """Keep a copy of one sheet with older figures, named as Excel names copies."""
    if not _complete(book):
        return False
    page = book.pick(book.pages)
    (copied,) = _copies(book, [page], " (2)")
    if book.random.random() < 0.5:
        _rewrite(book, copied)
    book.pages.insert(book.pages.index(page) + 1, copied)
    return True
