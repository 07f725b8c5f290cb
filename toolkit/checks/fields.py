"""Checks of one cell: required, readable, in range, among the choices, short enough, and what was mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, TypeAlias

from toolkit.checks.context import Context
from toolkit.checks.figures import derive_of, derived, is_held_up, parts_of
from toolkit.checks.printing import grouped, plain, shown
from toolkit.form.model import Field, FieldType, Form, GridRow, Ref, Section, SectionKind
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue, Location, Severity
from toolkit.submission.model import Answer, Blank, Row, place_of
from toolkit.submission.numerals import INVISIBLE

_Teller: TypeAlias = Callable[..., Issue]  # makes the issue of the cell at hand from code and facts
_EMPTY = Blank.EMPTY  # looking up a member of an enum costs a call
_WANTED = {
    FieldType.NUMBER: "数字，如 12.5",
    FieldType.INTEGER: "整数，如 12",
    FieldType.MONEY: "金额数字，如 1234.56；没有发生的填 0，不适用的填“—”",
    FieldType.PERCENT: "百分数，如 96.79%",
    FieldType.DATE: "日期，如 2025-03-10",
    FieldType.YEAR: "四位年份，如 2024",
    FieldType.TARGET: "目标值，写清方向、数值和单位，如“≥90%”“不少于8场”",
    FieldType.ACTUAL: "实际达到的数值和单位，如“92.5%”“9场”",
}


def check_fields(context: Context) -> Iterator[Issue]:
    """Yield the issues of every cell by itself, in the order of the form."""
    for section in context.form.sections:
        data = context.submission.sections[section.id]
        if not data.found:
            continue
        if section.kind is SectionKind.TABLE and len(data.data) < section.min_rows:
            yield _too_few_rows(context, section, len(data.data))
        yield from _missing_rows(context, section)
        for row in data.rows:
            yield from _check_row(context, section, row)


def _too_few_rows(context: Context, section: Section, found: int) -> Issue:
    cell = context.submission.sections[section.id].title_cell
    location = place_of(cell, section.title)
    return issue("S20", location, found=str(found), expected=str(section.min_rows), help=section.help)


def _missing_rows(context: Context, section: Section) -> Iterator[Issue]:
    """Yield an issue for every row of a grid that must be answered and was not found under its name.

    A grid of which nothing was found under its title has lost its headings, and is one issue.
    """
    data = context.submission.sections[section.id]
    found = {row.id for row in data.rows}
    missing = [
        line
        for line in section.rows
        if line.id not in found and (_is_needed(section, line) or _is_added(context, section, line))
    ]
    what, labels = ("行", [line.label for line in missing]) if found else ("表头", [section.title])
    for label in labels if missing else ():
        context.lost.add(label)
        title = data.title_cell
        location = Location(sheet=data.sheet, cell=title.a1 if title else "", label=label)
        yield issue("S06", location, what=what, near="", help="")


def _is_needed(section: Section, line: GridRow) -> bool:
    """Return whether a row has something that must be answered."""
    return bool(line.required) or any(entry.required and line.asks(entry.id) for entry in section.fields)


def _is_added(context: Context, section: Section, line: GridRow) -> bool:
    """Return whether a required total was left to be added up and cannot be for want of this row."""
    for row in context.submission.sections[section.id].rows:
        for field_id, rule in section.row(row.id).derives.items():
            ref = Ref(section.id, row.id, field_id)
            if (
                row[field_id].value is None
                and field_id in section.required_in(row.id)
                and any((part.section, part.row) == (section.id, line.id) for part in parts_of(rule, ref))
                and derived(context.form, context.submission, ref) is None
            ):
                return True
    return False


def _check_row(context: Context, section: Section, row: Row) -> Iterator[Issue]:
    needed = frozenset() if row.total else section.required_in(row.id)
    for asked in section.fields:
        answer = row.answers.get(asked.id)
        if answer is None:
            if section.kind is SectionKind.ANSWERS and asked.required:
                yield _not_found(context, section, asked)
            continue
        required = asked.id in needed
        if not required and answer.blank is _EMPTY:  # most cells of most workbooks
            continue
        cell = answer.cell
        if cell is not None and (cell in context.judged or cell in context.blamed):
            continue
        ref = Ref(section.id, row.id, asked.id)
        for found in _check_answer(context, asked, ref, answer, required=required):
            if cell is not None and found.severity is not Severity.NOTE:
                context.blamed.add(cell)
            yield found
        if cell is not None:
            context.judged.add(cell)  # a level cell serves many rows and is judged once


def _not_found(context: Context, section: Section, asked: Field) -> Issue:
    data = context.submission.sections[section.id]
    location = Location(sheet=data.sheet, label=asked.label)
    return issue("S06", location, what="栏目", near="", help="")


def _check_answer(
    context: Context, asked: Field, ref: Ref, answer: Answer, *, required: bool
) -> Iterator[Issue]:
    def told(code: str, **facts: Any) -> Issue:
        return issue(code, context.place(ref, answer), **facts)  # the place is looked up for an issue only

    if answer.blank is None:
        limited = asked.min is not None or asked.max is not None
        ranged = limited and derive_of(context.form, ref) is None
        yield from _check_value(context.form, asked, answer, told, ranged=ranged)
        return
    match answer.blank:
        case Blank.EMPTY | Blank.NOT_APPLICABLE:
            if required and not _follows(context, ref):
                yield told("S04", found=answer.raw.strip(), expected=asked.label, help=_help(asked))
        case Blank.ERROR:
            yield told("S11", found=f"是错误值 {answer.raw}", help="")
        case Blank.UNCALCULATED:
            if derive_of(context.form, ref) is not None:
                if required and not _follows(context, ref):
                    yield told("S04", expected=asked.label, help=_help(asked))
            else:
                yield told("S11", found="是没有计算过的公式", help="在 Excel 中打开并保存一次即可。")
        case Blank.UNREADABLE:
            wanted = _WANTED.get(asked.type, "规范的写法")
            yield told("V01", found=answer.raw, expected=wanted, problem=answer.problem)


def _help(asked: Field) -> str:
    """Return how the hint on an empty cell goes on: help, choices, an example, or what the type wants."""
    if asked.help:
        return f"：{asked.help}"
    if asked.choices:
        return f"：从下拉列表选择，{'、'.join(asked.choices[:6])}。"
    if asked.example:
        return f"，如“{asked.example}”。"
    return f"{_WANTED[asked.type]}。" if asked.type in _WANTED else "。"


def _follows(context: Context, ref: Ref) -> bool:
    """Return whether an empty cell follows from its parts, or would but for one that is told anyway."""
    form, submission = context.form, context.submission
    rule = derive_of(form, ref)
    if rule is not None and context.is_unsure(*parts_of(rule, ref)):
        return True
    return derived(form, submission, ref) is not None or is_held_up(form, submission, ref)


def _check_value(form: Form, asked: Field, answer: Answer, told: _Teller, *, ranged: bool) -> Iterator[Issue]:
    """Yield issues of a value; one is not `ranged` without limits, or when it follows from parts that are."""
    if answer.problem and asked.type is FieldType.TARGET:
        yield told("V05", found=answer.raw.strip(), expected=answer.problem)
    if answer.problem and asked.type in (FieldType.CHOICE, FieldType.OPERATOR):
        severity = None if asked.strict else Severity.NOTE
        yield told("V02", found=answer.raw, expected="、".join(asked.choices), severity=severity)
        return
    if answer.number is not None and ranged:
        yield from _check_range(form, asked, answer.number, told)
    if asked.max_length and len(answer.raw) > asked.max_length:
        yield told("S09", found=str(len(answer.raw)), expected=str(asked.max_length))
    if asked.forbidden and (wrong := "".join(char for char in asked.forbidden if char in answer.text)):
        yield told("S10", found=answer.text, expected=wrong)
    removed = len(INVISIBLE.findall(answer.raw)) if answer.repairs and answer.text else 0
    if removed:
        yield told("V06", found=str(removed))
    if answer.repairs and answer.number is not None:
        expected = shown(asked, answer.number, form.money)
        unit = form.money.value if asked.type is FieldType.MONEY else ""
        repair = "；".join(answer.repairs)
        yield told("V04", found=answer.raw, expected=expected + unit, repair=repair)


def _check_range(form: Form, asked: Field, number: Decimal, told: _Teller) -> Iterator[Issue]:
    limit = Decimal(form.money.yuan) if asked.type is FieldType.MONEY else Decimal(1)
    low = None if asked.min is None else asked.min * limit
    high = None if asked.max is None else asked.max * limit
    if (low is None or number >= low) and (high is None or number <= high):
        return
    show = plain if asked.type in (FieldType.YEAR, FieldType.INTEGER) else grouped
    if asked.min is not None and asked.max is not None:
        expected = f"在 {show(asked.min)} 至 {show(asked.max)} 之间"
    else:
        expected = (
            f"不小于 {show(asked.min)}"
            if asked.min is not None
            else f"不大于 {show(asked.max or Decimal(0))}"
        )
    yield told("V03", found=shown(asked, number, form.money), expected=expected)
