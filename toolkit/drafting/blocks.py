"""A sheet of a blank taken apart: title, notes, labels with their answers, headings with their rows."""

from __future__ import annotations

import re

from toolkit.drafting.heads import Heading, heading_at
from toolkit.drafting.known import Known
from toolkit.drafting.labels import read_label
from toolkit.drafting.parts import Block, BodyRow, Pair, Parts
from toolkit.drafting.sheets import Area, Page
from toolkit.drafting.words import words
from toolkit.form.labels import normalise, plain, unit_in
from toolkit.submission.lexicon import form_mark, is_note, is_placeholder

TITLE_ROWS = 8
_SUBTITLE = re.compile(r"\(?(?:\d{4}|x{2,4}|[*_]+)?年度?\)?")
_CHAPTER = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十]{1,3}\)|第[一二三四五六]部分)"
)
_NUMBERED = re.compile(r"\(?\d{1,2}[、.)]")
_INLINE = re.compile(r"([^:：]{2,20})[:：]")


class Reading:
    """One sheet being taken apart from top to bottom."""

    def __init__(self, page: Page, known: Known) -> None:
        self.page = page
        self.known = known
        self.parts = Parts(page)
        self._title: Area | None = None  # a section title waiting for its section
        self._help = ""

    def parts_of(self) -> Parts:
        """Return the parts of the sheet."""
        row = 0
        while row < self.page.height:
            filled = self.page.filled(row)
            heading = heading_at(self.page, self.known, row) if len(filled) > 1 else None
            if heading is not None:
                row = self._rows(heading)
            else:
                row = self._line(row, filled) if filled else row + 1
        self._forget_title()
        return self.parts

    # One line

    def _line(self, row: int, filled: list[Area]) -> int:
        rest = [area for area in filled if not self._told(area, len(filled) == 1)]
        if not rest:
            return row + 1
        if len(rest) == 1 and len(filled) == 1 and self._is_title(rest[0]):
            self.parts.title = rest[0].text
            return row + 1
        if len(rest) == 1 and self._is_chapter(rest[0], beside=len(filled) > 1):
            return self._chapter(rest[0])
        pairs, stub = self._pairs(row)
        if pairs:
            self._add_pairs(pairs, stub)
        return row + 1

    def _told(self, area: Area, alone: bool) -> bool:
        """Take a subtitle, a unit, a note or the form's number; return whether it was one."""
        text = normalise(area.text)
        if _SUBTITLE.fullmatch(text):
            self.parts.subtitle = self.parts.subtitle or area.text
            return True
        if (unit := unit_in(text)) and is_note(area.text) and len(text) < 30:
            self.parts.units.append(unit.value)
            return True
        if form_mark(area.text):
            return True
        if len(text) < 30 and text.startswith(words().lists["form_numbers"]):
            self.parts.numbers.append(area.text)
            return True
        if self._is_note(area.text) or (alone and self._goes_on(area)):
            self.parts.notes.append((area.row, str(area.value).strip()))
            return True
        return False

    def _is_note(self, text: str) -> bool:
        return is_note(text) and not self.known.is_answer(text)  # 备注 may be a question

    def _goes_on(self, area: Area) -> bool:
        """Return whether the line is the next point of the note above it."""
        after = self.parts.notes and self.parts.notes[-1][0] == area.row - 1
        return bool(after) and _NUMBERED.match(normalise(area.text)) is not None

    def _is_title(self, area: Area) -> bool:
        text = area.text
        return (
            not self.parts.title
            and not self.parts.blocks
            and area.row < TITLE_ROWS
            and 5 <= len(text) <= 60
            and not self.known.is_answer(text)
            and (words().has_one("title_words", text) or text.endswith(words().lists["title_ends"][0]))
            and (text.endswith(words().lists["title_ends"]) or area.span > 2 or area.row == 0)
        )

    def _is_chapter(self, area: Area, beside: bool) -> bool:
        """Return whether the line is the title of what follows, or a question answered below it.

        `beside`: a unit or a note stands in the same row.
        """
        wide = (beside or area.last_column >= self.page.width - 1) and area.column <= self.page.left
        if wide:
            return not _INLINE.match(area.text)
        if self.known.is_answer(area.text):
            return False
        return bool(_CHAPTER.match(normalise(area.text))) or self.known.is_section(area.text)

    def _chapter(self, area: Area) -> int:
        row = area.last_row + 1
        if row < self.page.height and self._answered_below(area, row):
            end = self.page.at(row, area.column).last_row
            self._forget_title()
            self.parts.blocks.append(Block(title=area.text, title_shown=True, below=area))
            return end + 1
        self._forget_title()
        self._title = area
        return row

    def _answered_below(self, area: Area, row: int) -> bool:
        below = self.page.at(row, area.column)
        if self.page.filled(row) or below.filled:
            return False
        asked = self.known.is_answer(area.text) or words().type_of(read_label(area.text).label)[0] == "prose"
        asked = asked or read_label(area.text).limit is not None
        return asked and (below.last_column >= self.page.width - 1 or below.last_row > row)

    def _forget_title(self) -> None:
        if self._title is not None:
            self.parts.lone.append(self._title)
            self._title = None

    # Labels and answers

    def _pairs(self, row: int) -> tuple[list[Pair], Area | None]:
        areas = self.page.row(row)
        pairs: list[Pair] = []
        stub: Area | None = None
        position = 0
        while position < len(areas):
            area = areas[position]
            after = areas[position + 1] if position + 1 < len(areas) else None
            position += 1
            if not area.filled or (area.row != row and (pairs or area.column > self.page.left)):
                continue
            if self._is_stub(area, after, row):
                stub = area
            elif area.row != row:
                continue
            elif area.text.replace(".", "").isdigit():
                self.parts.lone.append(area)
            elif after is not None and after.row == row and not after.filled:
                pairs += self._inline(area, after)
                position += 1
            elif after is not None and self._is_example(area, after):
                pairs.append(Pair(area, area.text, after, after.text))
                position += 1
            elif inline := self._inline(area, None):
                pairs += inline
            elif after is None and self.known.is_answer(
                area.text
            ):  # room for the answer is right of all cells
                pairs.append(Pair(area, area.text, self.page.at(row, area.last_column + 1)))
            elif not self._told(area, alone=False):
                self.parts.lone.append(area)
        return pairs, stub

    def _is_stub(self, area: Area, after: Area | None, row: int) -> bool:
        """Return whether an area stands beside several lines as their common title."""
        if area.last_row == area.row or after is None or area.column > self.page.left:
            return False
        return area.row != row or (after.filled and after.last_row < area.last_row)

    def _inline(self, area: Area, answer: Area | None) -> list[Pair]:
        """Return the labels of one cell: 项目负责人：     财务负责人：   are two."""
        found = [match.group(1) for match in _INLINE.finditer(str(area.value).replace("\n", " "))]
        labels = [
            label for label in (re.split(r"\s{2,}|[_＿]+", name.strip())[-1] for name in found) if label
        ]
        if answer is not None and len(labels) < 2:
            return [Pair(area, area.text, answer)]
        return [Pair(area, label, shared=len(labels) > 1) for label in labels]

    def _is_example(self, area: Area, after: Area) -> bool:
        if after.row != area.row or self.known.is_answer(after.text):
            return False
        return self.known.is_answer(area.text) or any(box in after.text for box in words().lists["boxes"])

    def _add_pairs(self, pairs: list[Pair], stub: Area | None) -> None:
        key = (stub.row, stub.column) if stub else None
        last = self.parts.blocks[-1] if self.parts.blocks else None
        if self._title is None and last is not None and last.lines and last.key == key:
            last.lines.append(pairs)
            return
        block = self._begin(stub)
        block.lines.append(pairs)
        block.key = key

    def _begin(self, stub: Area | None) -> Block:
        """Begin a block under the title waiting for it, else under the label beside its rows."""
        block = Block(help=self._help)
        if self._title is not None:
            block.title, block.title_shown = self._title.text, True
        elif stub is not None:
            block.title = stub.text
        self._title, self._help = None, ""
        self.parts.blocks.append(block)
        return block

    # Headings and rows

    def _rows(self, heading: Heading) -> int:
        block = self._begin(heading.stub)
        block.heading, block.heads = heading, heading.heads
        row, blanks = heading.end + 1, 0
        limit = min(self.page.height, heading.stub.last_row + 1 if heading.stub else self.page.height)
        while row < limit:
            if self._is_hint(row):
                row += 1
                continue
            body = self._body_row(heading, row)
            if body is None:
                break
            if not any(area.filled for area in (*body.labels, *body.cells) if area.row == row):
                blanks += 1
            elif self._is_closed(block) and not body.total:
                break
            block.body.append(body)
            row += 1
        if row == limit and row < self.page.height:
            below = self._body_row(heading, row)  # a total stands below the label beside the rows, too
            if below is not None and below.total:
                block.body.append(below)
                row += 1
        block.blank_rows = blanks
        return row

    @staticmethod
    def _is_closed(block: Block) -> bool:
        """Return whether a total has closed the rows; one that stands first only heads them."""
        rows = [row for row in block.body if any(area.filled for area in (*row.labels, *row.cells))]
        return len(rows) > 1 and rows[-1].total and not rows[0].total

    def _body_row(self, heading: Heading, row: int) -> BodyRow | None:
        """Return the row as the heading divides it; None when it is no row of this block."""
        own = self.page.filled(row)
        first = own[0] if own else None
        total = first is not None and words().is_one("totals", first.text)
        if first is not None and not total and self._is_other(heading, row, own):
            return None
        if not total and self._crosses(heading, row):
            return None
        labels = [
            area
            for area in self._unique(row, heading.labels_from, heading.first)
            if area.filled or area.row == row
        ]
        cells = [self.page.at(row, head.first) for head in heading.heads]
        return BodyRow(row, tuple(labels), tuple(cells), total)

    def _unique(self, row: int, first: int, end: int) -> list[Area]:
        return list(dict.fromkeys(self.page.at(row, column) for column in range(first, end)))

    def _crosses(self, heading: Heading, row: int) -> bool:
        """Return whether an area of the row lies across the columns of the heading."""
        edges = {head.first for head in heading.heads} | {heading.labels_from}
        for area in self.page.row(row):
            if area.row == row and any(
                area.column < edge <= area.last_column for edge in edges if edge > heading.labels_from
            ):
                return True
        return False

    def _is_other(self, heading: Heading, row: int, own: list[Area]) -> bool:
        if len(own) == 1 and self._is_apart(heading, own[0]):
            return True
        inner = heading_at(self.page, self.known, row) if len(own) > 1 else None
        if inner is not None and inner.known >= max(2, 0.6 * len(inner.heads)):
            return True
        if any(self.known.is_row(area.text) or self.known.is_level(area.text) for area in own):
            return False
        told = [area for area in own if not is_placeholder(area.text)]
        if any(area.text.endswith((":", "：")) for area in told) and not self._labelled(heading):
            return True
        return bool(told) and all(self.known.is_answer(area.text) for area in told)

    def _is_apart(self, heading: Heading, area: Area) -> bool:
        """Return whether the only text of a row is a note, or the title of what comes next."""
        text = normalise(area.text)
        if self._is_note(area.text) or _SUBTITLE.fullmatch(text):
            return True
        chapter = _CHAPTER.match(text) is not None and not self.known.is_row(area.text)
        return chapter and area.column <= heading.labels_from and not self._labelled(heading)

    def _is_hint(self, row: int) -> bool:
        """Return whether a row is a remark above the total row of a table."""
        own = self.page.filled(row)
        if len(own) != 1 or not self._is_note(own[0].text) or row + 1 >= self.page.height:
            return False
        below = self.page.filled(row + 1)
        return bool(below) and words().is_one("totals", below[0].text)

    def _labelled(self, heading: Heading) -> bool:
        """Return whether the first row below a heading is named, as those of a grid are."""
        first = (
            self.page.at(heading.end + 1, heading.labels_from) if heading.end + 1 < self.page.height else None
        )
        return first is not None and first.filled and not plain(first.text).isdigit()
