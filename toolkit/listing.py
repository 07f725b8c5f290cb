"""What the commands print for people: issues by file, who has reported, what a code means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from toolkit.checks.model import CheckResult, Collected, Standing
from toolkit.form.model import FieldType, Form, Section
from toolkit.issues.catalogue import Entry
from toolkit.issues.model import Issue, Severity
from toolkit.writers.measure import display_width

MOST_LINES = 12  # lines of one file on the screen; the rest is counted
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
    FieldType.TARGET: "指标目标值",
    FieldType.ACTUAL: "指标完成值",
}


def issue_lines(results: Iterable[CheckResult], forms: Mapping[str, Form]) -> Iterator[str]:
    """Yield the issues of every file, the gravest first; the same message on many cells is one line."""
    for result in results:
        counts = [f"{level.word} {result.count(level)}" for level in Severity if result.count(level)]
        form = forms.get(result.submission.form) if result.submission else None
        about = "，".join(part for part in (result.unit, form.title if form else "") if part)
        yield f"■ {result.file}" + (f"（{about}）" if about else "")
        yield f"  {result.verdict.value}" + (f"：{'，'.join(counts)}" if counts else "：没有问题")
        lines = list(_grouped(result.issues))
        for severity, places, item in lines[:MOST_LINES]:
            yield f"  [{severity.word} {item.code}] {_places(places)}{item.message}"
            yield f"      → {item.hint}"
        if len(lines) > MOST_LINES:
            yield f"  ……另有 {len(lines) - MOST_LINES} 条，完整清单见 issues.json 或 --format json。"


def _grouped(issues: Iterable[Issue]) -> Iterator[tuple[Severity, list[str], Issue]]:
    """Yield (severity, places, first issue) for issues that say the same."""
    groups: dict[tuple[Severity, str, str], list[Issue]] = defaultdict(list)
    for item in issues:
        groups[item.severity, item.code, item.message].append(item)
    for (severity, _, _), items in sorted(groups.items(), key=lambda pair: pair[0][0].rank):
        places = [f"{item.location.sheet}!{item.location.cell}".strip("!") for item in items]
        yield severity, list(dict.fromkeys(place for place in places if place)), items[0]


def _places(places: Sequence[str]) -> str:
    shown = "、".join(places[:5])
    more = f" 等 {len(places)} 处" if len(places) > 5 else ""
    return f"{shown}{more} " if shown else ""


def tally_line(collected: Collected, ignored: int) -> str:
    """Return one line on how the workbooks fared."""
    verdicts = defaultdict(int)
    for result in collected.results:
        verdicts[result.verdict.value] += 1
    parts = [f"{name} {count}" for name, count in verdicts.items()]
    missing = sum(row.standing is Standing.MISSING for row in collected.standings)
    parts += [f"漏报 {missing}"] if missing else []
    parts += [f"跳过临时文件 {ignored}"] if ignored else []
    return f"共 {len(collected.results)} 个文件" + (f"：{'，'.join(parts)}" if parts else "") + "。"


def status_lines(collected: Collected, forms: Mapping[str, Form]) -> Iterator[str]:
    """Yield who has reported and who has not, as columns."""
    head = ("单位", "表样", "年度", "状态", "结论", "填报日期", "文件", "说明")
    rows = [
        (
            row.unit or "（未知单位）",
            forms[row.form].title if row.form in forms else row.form,
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
    import re

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


def _rows(section: Section) -> str:
    return f" · {len(section.rows)} 行" if section.rows else ""
