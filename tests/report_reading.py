"""Read a report back: its lines, its tables by caption, and what is wrong with its outline."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import docx
from docx.document import Document
from docx.table import Table
from docx.text.paragraph import Paragraph

from toolkit.checks.model import Collected
from toolkit.crew.batches import Watch
from toolkit.writers import wording
from toolkit.writers.reports import Reports

_SLIPS = (
    r"(?<![A-Za-z])(?:None|nan|NaN|Decimal|Undefined)(?![A-Za-z])|\{\{|\}\}|\{%|%\}",
    r"\d\.\d{3,}",  # a figure nobody rounded
    r"\dE[+-]?\d",
    r"[，、；：。][，、；：。]",  # doubled punctuation
    r"[（“][，。；、）”]",  # brackets around nothing
)

_ODDITIES = (
    r"[占率的]—",  # a rate that is not known
    r"“”|（）",
    r"(?:^|\n)[，、；：。）”]",  # a paragraph that begins with the end of something
    r"[，、；：](?:\n|$)(?<![：]\n)",  # one that ends in the middle of a sentence
    r"共0[个项类条份]",
    r"其中：。",
)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or table of the body: its style (`Table` for a table) and its text."""

    style: str
    text: str

    @property
    def level(self) -> int:
        """Return 1 to 4 for a heading, 0 for anything else."""
        return int(self.style[-1]) if self.style.startswith("Heading") else 0


class Report:
    """A filled document."""

    def __init__(self, content: bytes) -> None:
        self.document: Document = docx.Document(io.BytesIO(content))
        self.blocks = list(self._blocks())
        self.text = "\n".join(block.text for block in self.blocks)

    def _blocks(self) -> Iterator[Block]:
        for item in self.document.iter_inner_content():
            if isinstance(item, Table):
                yield Block("Table", "\n".join("\t".join(row) for row in cells(item)))
            else:
                yield Block(_style(item), item.text)

    def headings(self, level: int) -> list[str]:
        """Return the headings of a level."""
        return [block.text for block in self.blocks if block.level == level]

    def table(self, caption: str) -> list[list[str]]:
        """Return the rows of the table with that caption, its heading first; KeyError if there is none."""
        wanted = ""
        for item in self.document.iter_inner_content():
            if isinstance(item, Table) and wanted:
                return cells(item)
            if isinstance(item, Paragraph) and _style(item) == "Caption":
                wanted = item.text if item.text.endswith(f"　{caption}") else ""
        raise KeyError(caption)

    def slips(self) -> list[str]:
        """Return what must never reach a page, with the text around it."""
        found = (
            match.group(0)
            for pattern in _SLIPS
            for match in re.finditer(rf".{{0,12}}(?:{pattern}).{{0,12}}", self.text)
        )
        return [*found, *self._wrong_numbers(), *self._empty_chapters(), *self._lone_captions()]

    def oddities(self) -> list[str]:
        """Return sentences that say nothing or count nothing, with the text around them."""
        sentences = "\n".join(block.text for block in self.blocks if block.style != "Table")
        return [
            match.group(0)
            for pattern in _ODDITIES
            for match in re.finditer(rf".{{0,12}}(?:{pattern}).{{0,12}}", sentences)
        ]

    def _wrong_numbers(self) -> Iterator[str]:
        """Yield headings and captions that do not count on from the one before."""
        chapter = section = table = 0
        for block in self.blocks:
            if block.level == 1:
                chapter, section, table = chapter + 1, 0, 0
                if not block.text.startswith(wording.chapter(chapter)):
                    yield f"chapter {chapter}: {block.text}"
            elif block.level == 2:
                section += 1
                if not block.text.startswith(wording.section(section)):
                    yield f"section {section} of {chapter}: {block.text}"
            elif block.style == "Caption":
                table += 1
                if not block.text.startswith(f"表{chapter}-{table}　"):
                    yield f"table {table} of {chapter}: {block.text}"

    def _empty_chapters(self) -> Iterator[str]:
        """Yield headings with nothing below them."""
        said = [block for block in self.blocks if block.text.strip()]
        for block, below in zip(said, [*said[1:], Block("Heading 1", "")], strict=True):
            if block.level and 0 < below.level <= block.level:
                yield f"nothing below {block.text}"

    def _lone_captions(self) -> Iterator[str]:
        """Yield captions without a table right below them, and references to tables there are not."""
        for place, block in enumerate(self.blocks):
            below = [other.style for other in self.blocks[place + 1 : place + 3]]
            if block.style == "Caption" and "Table" not in below:
                yield f"no table below {block.text}"
        captions = {block.text.partition("　")[0] for block in self.blocks if block.style == "Caption"}
        yield from (f"no {name}" for name in set(re.findall(r"见(表\d+-\d+)", self.text)) - captions)


def unit_reports(reports: Reports, base: Collected, created: datetime) -> Iterator[tuple[str, bytes]]:
    """Yield (file stem, .docx) of every report that is due, written here one after the other."""
    write = reports.writing(created, Watch(0, 0)).prepare()
    for due in reports.due(base):
        yield due.stem, write(due.order(due.stem)).content


def cells(table: Table) -> list[list[str]]:
    """Return the texts of a table; merged cells all say the same."""
    return [[cell.text for cell in row.cells] for row in table.rows]


def _style(paragraph: Paragraph) -> str:
    return str(paragraph.style.name) if paragraph.style is not None else ""
