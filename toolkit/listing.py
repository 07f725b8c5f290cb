"""What the commands print for people: issues by file, who has reported, what a code means."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.checks.model import CheckResult, Collected, Standing, WaiverState, WaiverUse
from toolkit.form.model import FieldType, Form, Section
from toolkit.issues.catalogue import Entry, entries
from toolkit.issues.model import Issue, Severity
from toolkit.writers.measure import display_width

if TYPE_CHECKING:
    from toolkit.writers.template_vars import Variable

MOST_LINES = 12  # lines of one file on the screen; the rest is counted
MOST_PLACES = 5  # cells named in one line
_TYPES = {
    FieldType.TEXT: "文字",
    FieldType.PROSE: "段落",
    FieldType.NUMBER: "数字",
    FieldType.INTEGER: "整数",
    FieldType.MONEY: "金额",
    FieldType.PERCENT: "百分数",
    FieldType.DATE: "日期",
    FieldType.YEAR: "年份",
    FieldType.CHOICE: "选项",
    FieldType.OPERATOR: "计算符号",
    FieldType.TARGET: "指标目标值",
    FieldType.ACTUAL: "指标完成值",
}


@dataclass(frozen=True, slots=True)
class Told:
    """Issues of one file that are told in one line: their cells, and a message that is true of them all."""

    severity: Severity
    code: str
    places: tuple[str, ...]  # `sheet!B7、C7`, without repeats
    message: str
    hint: str
    count: int


def issue_lines(results: Iterable[CheckResult], forms: Mapping[str, Form]) -> Iterator[str]:
    """Yield the issues of every file, the gravest first; the same message on many cells is one line."""
    for result in results:
        counts = [f"{level.word} {result.count(level)}" for level in Severity if result.count(level)]
        form = forms.get(result.submission.form) if result.submission else None
        about = "，".join(part for part in (result.unit, form.title if form else "") if part)
        yield f"■ {result.file}" + (f"（{about}）" if about else "")
        yield f"  {result.verdict.value}" + (f"：{'，'.join(counts)}" if counts else "：没有问题")
        lines = grouped(result.issues)
        for line in lines[:MOST_LINES]:
            yield f"  [{line.severity.word} {line.code}] {_places(line.places)}{line.message}"
            yield f"      → {line.hint}"
        if rest := lines[MOST_LINES:]:
            left = "，".join(f"{level.word} {count}" for level in Severity if (count := _count(rest, level)))
            yield f"  ……还有：{left}；完整清单见 issues.json 或 --format json。"


def _count(lines: Iterable[Told], severity: Severity) -> int:
    """Return how many issues of a severity stand in some lines."""
    return sum(line.count for line in lines if line.severity is severity)


def grouped(issues: Iterable[Issue]) -> list[Told]:
    """Return what is to be told, the gravest and earliest stage first.

    Issues of a sheet whose messages differ in nothing but the label are one line. So are all 提示 of one code
    on one sheet, whatever they found: the first stands for the others.
    """
    same: dict[tuple[str, ...], list[Issue]] = defaultdict(list)
    for item in sorted(issues, key=lambda item: item.order):
        same[_key(item)].append(item)
    return [_told(items) for items in same.values()]


def _key(item: Issue) -> tuple[str, ...]:
    """Return what issues told in one line have in common."""
    kind = (item.severity, item.code, item.location.sheet)
    return kind if item.severity is Severity.NOTE else (*kind, _unlabelled(item, item.message), item.hint)


def _unlabelled(item: Issue, message: str, instead: str = "") -> str:
    """Return a message with the label it names put otherwise."""
    return message.replace(f"“{item.location.label}”", instead, 1) if item.location.label else message


def _told(items: Sequence[Issue]) -> Told:
    first = items[0]
    message = first.message
    if len({_unlabelled(item, item.message) for item in items}) > 1:
        message = f"{entries()[first.code].title}，共 {len(items)} 处，如：{message}"
    elif len({item.location.label for item in items}) > 1:
        message = _unlabelled(first, message, f"“{first.location.label}”等 {len(items)} 处")
    cells = dict.fromkeys(item.location.cell for item in items if item.location.cell)
    sheet = first.location.sheet
    places = [f"{sheet}!{cell}" if sheet and at == 0 else cell for at, cell in enumerate(cells)]
    return Told(
        first.severity,
        first.code,
        tuple(places) or ((sheet,) if sheet else ()),
        message,
        first.hint,
        len(items),
    )


def _places(places: Sequence[str]) -> str:
    shown = "、".join(places[:MOST_PLACES])
    more = f" 等 {len(places)} 处" if len(places) > MOST_PLACES else ""
    return f"{shown}{more} " if shown else ""


def waiver_lines(waivers: Sequence[WaiverUse]) -> Iterator[str]:
    """Yield a line on all waivers, then each that explained nothing, with the reason."""
    if not waivers:
        return
    states = Counter(use.state for use in waivers)
    yield f"■ 说明与豁免：{'，'.join(f'{state} {states[state]}' for state in WaiverState if states[state])}"
    for use in waivers:
        if use.state is not WaiverState.USED:
            place = f" {use.waiver.place}" if use.waiver.place else ""
            about = f"{use.waiver.unit} {use.waiver.code}{place}"
            yield f"  [{use.state}] {use.waiver.source}（{about}）：{use.why}"


def tally_line(collected: Collected, ignored: int) -> str:
    """Return one line on how the workbooks fared."""
    verdicts: dict[str, int] = defaultdict(int)
    merged = sum(head.merged is not None for head in collected.results.heads)
    for head in collected.results.heads:
        if head.merged is None:
            verdicts[Standing.EXCLUDED.value if head.excluded else head.verdict.value] += 1
    parts = [f"{name} {count}" for name, count in verdicts.items()]
    parts += [] if len(collected.results) else ["没有找到自评表"]
    missing = sum(row.standing is Standing.MISSING for row in collected.standings)
    parts += [f"漏报 {missing}"] if missing else []
    skipped = ignored + collected.skipped
    parts += [f"跳过临时文件 {skipped}"] if skipped else []
    parts += [f"另有报送文件 {merged}"] if merged else []
    return f"共 {len(collected.results) - merged} 个文件" + (f"：{'，'.join(parts)}" if parts else "") + "。"


def status_lines(collected: Collected, forms: Mapping[str, Form]) -> Iterator[str]:
    """Yield who has reported and who has not, as columns."""
    head = ("单位", "表样", "年度", "状态", "结论", "填报日期", "文件", "说明")
    rows = [
        (
            row.unit or "（未知单位）",
            row.title(forms),
            str(row.year or ""),
            row.standing.value,
            row.verdict,
            str(row.fill_date or ""),
            row.file,
            row.why,
        )
        for row in collected.standings
    ]
    yield from _columns([head, *rows])


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows with their columns aligned; a Chinese character is two wide."""
    widths = [max(display_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [cell + " " * (width - display_width(cell)) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()


def entry_lines(entry: Entry) -> Iterator[str]:
    """Yield what an issue code means, why it exists and how to mend it."""
    yield f"{entry.code}  {entry.title}（{entry.severity.word}，{entry.family}）"
    yield f"  为什么检查：{entry.why}"
    yield f"  提示的话：  {_template(entry.message)}"
    yield f"  怎么改：    {_template(entry.hint)}"
    yield f"  例子：      {entry.example}"


def _template(text: str) -> str:
    """Return a sentence template with its places shown as ……."""
    return re.sub(r"\{\w+\}", "……", text)


def form_lines(form: Form) -> Iterator[str]:
    """Yield the sections and fields of a form."""
    yield f"{form.name}  {form.title}（金额单位：{form.money.value}）"
    if form.description:
        yield f"  {form.description}"
    for section in form.sections:
        yield ""
        yield f"【{section.title}】 {section.id} · 工作表“{section.sheet}”{_rows(section)}"
        for entry in section.fields:
            marks = [_TYPES[entry.type]]
            marks += ["必填"] if entry.required else []
            marks += [f"选项：{'、'.join(entry.choices)}"] if entry.choices else []
            marks += ["自动计算"] if entry.derive else []
            yield f"  {entry.heading}  ({entry.id})  {'；'.join(marks)}"


def doubt_lines(doubts: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield each doubt about a drafted form with where it stands; the same doubt of many places once."""
    places: dict[str, list[str]] = defaultdict(list)
    for path, sentence in doubts:
        places[sentence].append(path)
    if doubts:
        yield f"待确认 {len(doubts)} 处："
    for sentence, paths in places.items():
        shown = "、".join(paths[:MOST_PLACES])
        more = f" 等 {len(paths)} 处" if len(paths) > MOST_PLACES else ""
        yield f"  {sentence}（{shown}{more}）"


def _rows(section: Section) -> str:
    return f" · {len(section.rows)} 行" if section.rows else ""


def variable_lines(variables: Sequence[Variable], filters: Sequence[str]) -> Iterator[str]:
    """Yield what a Word template may ask for, as a table, what rows have below their list; then formats."""
    heading = ("变量", "栏目", "写法", "例")
    rows = [
        ("  " * (one.within.count(">") + bool(one.within)) + one.name, one.label, one.tag, one.example)
        for one in variables
    ]
    yield from _columns([heading, *rows])
    yield ""
    yield f"格式（写在 | 之后）：{'、'.join(filters)}"
