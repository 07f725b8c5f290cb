"""The 审核意见 sheet: every issue of a workbook, a link to its cell, what to do, a column for the reply."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.issues.model import Issue, Severity, Verdict
from toolkit.submission.grid import Position
from toolkit.submission.reader import OPINION_SHEETS
from toolkit.submission.sheet_xml import position
from toolkit.writers.annotated_package import printable
from toolkit.writers.annotated_styles import MARKS
from toolkit.writers.measure import PADDING, row_height, text_lines
from toolkit.writers.styles import A4, BODY_SIZE, DEFAULT_FONT, LOOKS, Colour, Styles

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

COLUMNS = {  # heading -> width in half-width characters
    "序号": 6,
    "级别": 8,
    "位置": 20,
    "栏目": 16,
    "问题": 42,
    "怎么改": 42,
    "填报内容": 16,
    "应为": 16,
    "代码": 7,
    "回复": 26,
}
HEADING_ROW = 4
SAME = "同上"
THREADED = "（这个单元格有批注对话，意见只列在本表。）"
_WRAPPED = ("位置", "栏目", "问题", "怎么改", "填报内容", "应为", "回复")
_GUIDE = (
    "请按“怎么改”逐条修改本工作簿；点“位置”可跳到该单元格，有底色的单元格上另有批注。"
    "“必改”须改正，“需说明”须改正或在原因栏写明原因，“提示”供核对。"
    "改好后原样报送即可，本表、底色和批注不必删除，再次报送时不计入填报内容。"
)
_VERDICT_LOOKS = {Verdict.RETURNED: "bad", Verdict.EXPLAIN: "wait", Verdict.ACCEPTED: "good"}
ReplyKey = tuple[str, str, str]  # code, place, message


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the sheet; `first` says whether it opens a group of issues with the same message."""

    number: int
    issue: Issue
    first: bool

    @property
    def place(self) -> str:
        """Return sheet and cell as staff write them."""
        where = self.issue.location
        return f"{where.sheet}!{where.cell}" if where.sheet and where.cell else where.sheet or where.cell

    @property
    def reply_key(self) -> ReplyKey:
        """Return what tells the line from all others in the next round."""
        return self.issue.code, self.place, self.issue.message


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the sheet says. `linkable` are sheets a link can jump to, `threads` cells that get no comment."""

    issues: Sequence[Issue]
    linkable: frozenset[str] = frozenset()
    threads: Mapping[str, frozenset[Position]] = field(default_factory=dict)  # sheet -> cells
    replies: Mapping[ReplyKey, str] = field(default_factory=dict)

    def lines(self) -> Iterator[Line]:
        """Yield the issues, the gravest first, those that say the same below each other."""
        groups: dict[tuple[int, str, str, str], list[Issue]] = defaultdict(list)
        for item in self.issues:
            groups[item.severity.rank, item.code, item.message, item.hint].append(item)
        ordered = sorted(groups.items(), key=lambda pair: pair[0][0])
        for number, (_, items) in enumerate(ordered, start=1):
            for index, item in enumerate(dict.fromkeys(items)):
                yield Line(number, item, index == 0)

    @property
    def verdict(self) -> Verdict:
        """Return what becomes of the workbook."""
        return Verdict.of(item.severity for item in self.issues)

    def summary(self) -> str:
        """Return verdict and counts in one line."""
        counts = [
            f"{level.word} {count} 处"
            for level in Severity
            if (count := sum(item.severity is level for item in self.issues))
        ]
        return f"审核结论：{self.verdict.value}" + (f"（{'，'.join(counts)}）" if counts else "")

    def about(self) -> str:
        """Return the unit and the file."""
        unit = next((item.unit for item in self.issues if item.unit), "")
        file = next((item.location.file for item in self.issues if item.location.file), "")
        parts = (f"单位：{unit}" if unit else "", f"文件：{Path(file).name}" if file else "")
        return "　".join(part for part in parts if part)


def opinion_workbook(opinion: Opinion, created: datetime) -> bytes:
    """Return a workbook with nothing but the sheet."""
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    options = {
        "default_format_properties": dict(DEFAULT_FONT),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": True,  # texts stay in the sheet, so that it can be put into another workbook
    }
    workbook = Workbook(buffer, options)
    workbook.set_properties({"title": OPINION_SHEETS[0], "created": created})
    _write(workbook.add_worksheet(OPINION_SHEETS[0]), Styles(workbook), opinion)
    workbook.close()
    return buffer.getvalue()


def _write(sheet: Worksheet, styles: Styles, opinion: Opinion) -> None:
    """Write from the top down, the only way a workbook in constant memory can be written."""
    last = len(COLUMNS) - 1
    for column, width in enumerate(COLUMNS.values()):
        sheet.set_column(column, column, width)
    verdict = styles.get("verdict", font_size=12, **LOOKS[_VERDICT_LOOKS[opinion.verdict]])
    guide_height = row_height(text_lines(_GUIDE, sum(COLUMNS.values()), size=BODY_SIZE))
    tops = (
        (OPINION_SHEETS[0], styles.get("title"), 34.0),
        (opinion.about(), styles.get("subtitle"), 22.0),
        (opinion.summary(), verdict, 28.0),
        (_GUIDE, styles.get("paragraph", valign="vcenter"), guide_height + PADDING),
    )
    for row, (text, style, height) in enumerate(tops):
        sheet.set_row(row, height)
        sheet.merge_range(row, 0, row, last, printable(text), style)
    sheet.set_row(HEADING_ROW, 24)
    for column, heading in enumerate(COLUMNS):
        sheet.write_string(HEADING_ROW, column, heading, styles.get("heading"))
    for row, line in enumerate(opinion.lines(), start=HEADING_ROW + 1):
        _write_line(sheet, styles, opinion, row, line)
    sheet.freeze_panes(HEADING_ROW + 1, 3)
    sheet.hide_gridlines(2)
    sheet.set_tab_color(Colour.TAB_OPINION)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.repeat_rows(HEADING_ROW)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _write_line(sheet: Worksheet, styles: Styles, opinion: Opinion, row: int, line: Line) -> None:
    item = line.issue
    hint = item.hint if line.first else SAME
    if position(item.location.cell) in opinion.threads.get(item.location.sheet, frozenset()):
        hint += THREADED
    texts = {
        "序号": str(line.number) if line.first else "",
        "级别": item.severity.word,
        "位置": line.place,
        "栏目": item.location.label,
        "问题": item.message if line.first else SAME,
        "怎么改": hint,
        "填报内容": item.found,
        "应为": item.expected,
        "代码": item.code,
        "回复": opinion.replies.get(line.reply_key, ""),
    }
    lines = max(text_lines(texts[heading], COLUMNS[heading]) for heading in _WRAPPED)
    sheet.set_row(row, row_height(lines))
    for column, (heading, stated) in enumerate(texts.items()):
        text = printable(stated)
        look, changes = _look(heading, line)
        style = styles.get(look, **changes)
        target = _target(item, opinion) if heading == "位置" else ""
        if target:
            sheet.write_url(row, column, target, styles.get("link"), text, "点击跳到该单元格")
        elif heading == "序号" and text:
            sheet.write_number(row, column, line.number, style)
        elif text:
            sheet.write_string(row, column, text, style)
        else:
            sheet.write_blank(row, column, None, style)


def _look(heading: str, line: Line) -> tuple[str, dict[str, str]]:
    if heading == "级别":
        return "centred", {"bg_color": MARKS[line.issue.severity].value}
    if heading == "回复":
        return "answer", {}
    if heading in {"问题", "怎么改"} and not line.first:
        return "plain", {"font_color": Colour.QUIET.value}
    return ("centred" if heading in {"序号", "代码"} else "plain"), {}


def _target(item: Issue, opinion: Opinion) -> str:
    """Return where the link jumps to, "" where it could not: no cell, or a sheet hidden or not there."""
    where = item.location
    if not where.sheet or where.sheet not in opinion.linkable:
        return ""
    quoted = where.sheet.replace("'", "''")
    return f"internal:'{quoted}'!{where.cell or 'A1'}"


def replies_in(rows: Iterable[Sequence[str]]) -> dict[ReplyKey, str] | None:
    """Return the replies written into a sheet of ours; None when the rows are not those of such a sheet."""
    headings: list[str] = []
    found: dict[ReplyKey, str] = {}
    message = ""
    for row in rows:
        if not headings:
            if {"位置", "问题", "怎么改", "代码", "回复"} <= set(row):
                headings = list(row)
            continue
        cells = dict(zip(headings, row, strict=False))
        message = message if cells["问题"] == SAME else cells["问题"]
        if reply := cells["回复"]:
            found[cells["代码"], cells["位置"], message] = reply
    return found if headings else None
