"""Read the tables of a web page, which many systems export under the name of an Excel workbook."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from toolkit.submission.grid import Finding, SheetGrid
from toolkit.submission.guard import Budget, Limits, SourceError, over
from toolkit.submission.package import SheetPart
from toolkit.submission.sheet_xml import LAST_COLUMN, LAST_ROW, SheetContent
from toolkit.submission.text_table import NAME, decoded_text, put_text
from toolkit.submission.xlsx import grid_of

Element: TypeAlias = Any  # of lxml, which ships no types
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([A-Za-z0-9._-]{1,30})""", re.I)
_CHINESE = {"gb2312": "gb18030", "gbk": "gb18030"}
TAGS_OF_CELL = 2  # <td></td>
_SILENT = frozenset(("head", "script", "style", "template", "noscript", "iframe", "object"))
_BLOCKS = frozenset(("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "tr", "td", "th", "br", "caption"))
_UNSEEN = re.compile(r"display\s*:\s*none", re.I)


def read_html(data: bytes, limits: Limits) -> tuple[str, list[SheetGrid], list[Finding]]:
    """Return kind, sheet and findings of a page: its tables and the lines between them, below each other."""
    budget = Budget(limits)
    return "html", [_page(data, "", NAME, budget)], [Finding("F13", found="html")]


def read_mhtml(data: bytes, limits: Limits) -> tuple[str, list[SheetGrid], list[Finding]]:
    """Return kind, sheets and findings of pages in one file, as Excel saves them: a page for each sheet."""
    budget = Budget(limits)
    sheets: list[SheetGrid] = []
    for part in email.message_from_bytes(data, policy=email.policy.compat32).walk():
        content = part.get_payload(decode=True)
        if part.get_content_type() == "text/html" and isinstance(content, bytes) and b"<t" in content:
            name = f"Sheet{len(sheets) + 1}"
            grid = _page(content, str(part.get_content_charset("")), name, budget)
            sheets += [grid] if grid.has_content else []
    if not sheets:
        raise SourceError("F03", "mhtml")
    return "mhtml", sheets, [Finding("F13", found="mhtml")]


def _page(data: bytes, charset: str, name: str, budget: Budget) -> SheetGrid:
    """Return a page as a sheet; lxml is loaded here, as few collections need it for reading."""
    from lxml import etree, html

    declared = _CHARSET.search(data[:4096])
    charset = charset or (declared[1].decode().lower() if declared else "")
    text = decoded_text(data, _CHINESE.get(charset, charset))
    budget.check_text_cells(text.count("<") // TAGS_OF_CELL)
    parser = html.HTMLParser(
        no_network=True, remove_comments=True, remove_pis=True, huge_tree=False, encoding="utf-8"
    )
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise SourceError("F01", "damaged text", str(error)) from error
    sheet = _Sheet(budget)
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            sheet.add(element.tail or "", breaks=element.tag in _BLOCKS)
        elif element.tag in _SILENT:
            walk.skip_subtree()
        elif element.tag == "table" and element.find(".//table") is None:
            sheet.flush()
            sheet.table(element)
            walk.skip_subtree()
        else:
            sheet.add(element.text or "", breaks=element.tag in _BLOCKS)
    sheet.flush()
    return grid_of(SheetPart(name, True, "", 0), sheet.content, budget)


class _Sheet:
    """The sheet while its page is gone through."""

    def __init__(self, budget: Budget) -> None:
        self.content = SheetContent()
        self._budget = budget
        self._row = self._width = 0
        self._line: list[str] = []

    def add(self, text: str, *, breaks: bool) -> None:
        """Add text outside of tables; a block begins a new line."""
        if breaks:
            self.flush()
        self._line.append(text)

    def flush(self) -> None:
        """Place the line outside of tables."""
        if line := " ".join("".join(self._line).split()):
            put_text(self.content, self._budget, self._row, 0, line)
            self._next_row()
        self._line.clear()

    def table(self, table: Element) -> None:
        """Place a table that holds no other."""
        taken: dict[int, int] = {}  # column -> how many rows below it still belongs to a cell above
        for row in table.iter("tr"):
            if _UNSEEN.search(row.get("style") or ""):
                self.content.hidden_rows.add(self._row)
            column = 0
            for cell in row.iterchildren("td", "th"):
                while taken.get(column):
                    column += 1
                down, right = _span(cell, "rowspan", LAST_ROW), _span(cell, "colspan", LAST_COLUMN)
                if column + right - 1 > LAST_COLUMN:
                    raise over("max_columns", column + right, LAST_COLUMN + 1)
                self._width = max(self._width, column + right)
                self._budget.check_cells(self._row * self._width)  # spans cost work, too
                put_text(self.content, self._budget, self._row, column, _text_of(cell))
                if down > 1 or right > 1:
                    last = min(self._row + down - 1, LAST_ROW)
                    self.content.merges.append((self._row, column, last, column + right - 1))
                    taken.update(dict.fromkeys(range(column, column + right), down))
                column += right
            taken = {place: left - 1 for place, left in taken.items() if left > 1}
            self._next_row()

    def _next_row(self) -> None:
        self._row += 1
        if self._row > LAST_ROW:
            raise over("max_cells", self._row + 1, LAST_ROW + 1)


def _text_of(cell: Element) -> str:
    """Return what a cell shows; a number Excel wrote beside it is more exact."""
    if exact := cell.get("x:num"):
        return str(exact)
    if not len(cell):
        return " ".join((cell.text or "").split())
    return "\n".join(filter(None, (" ".join(line.split()) for line in "".join(_pieces(cell)).split("\v"))))


def _pieces(element: Element) -> Iterator[str]:
    for part in element.iter():
        if part is not element and part.tag in _BLOCKS:
            yield "\v"
        yield part.text or "" if part.tag not in _SILENT else ""
        if part is not element:
            yield part.tail or ""


def _span(cell: Element, name: str, most: int) -> int:
    stated = (cell.get(name) or "").strip()
    return min(max(int(stated), 1), most + 1) if stated.isdecimal() and len(stated) < 8 else 1
