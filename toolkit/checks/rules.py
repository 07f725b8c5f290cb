"""Named checks between cells. A form names them with parameters; each yields issues and knows no label.

A rule's parameters are the keyword arguments of its function: references are written as in the form
(`section.row.field`, `*` for every row), numbers as Decimal. `validate` refuses a form whose rules do not
fit.
"""

from __future__ import annotations

import inspect
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from toolkit.checks.context import Context, is_real_reason
from toolkit.checks.figures import answers_at, figure
from toolkit.checks.printing import as_stated, grouped, money, percent, shown
from toolkit.checks.scoring import grade_of
from toolkit.checks.stated import rate_tolerance
from toolkit.form.model import FieldType, Form, MoneyUnit, Ref, Rule
from toolkit.form.references import EVERY_ROW, Names
from toolkit.form.toml_table import FormError, suggestion
from toolkit.issues.catalogue import entries, issue
from toolkit.issues.model import Issue, Severity
from toolkit.submission.model import Answer

Check = Callable[..., Iterator[Issue]]
_CHECKS: dict[str, Check] = {}
SCORE_SLACK = Decimal("0.01")
TEN_THOUSAND = Decimal(10_000)
SCALE_GAP = (Decimal(1000), Decimal(100_000))  # ratios that look like 元 for 万元


def check(function: Check) -> Check:
    """Register a check under its function's name."""
    _CHECKS[function.__name__] = function
    return function


def validate(form: Form) -> None:
    """Raise FormError when a rule names an unknown check, code, parameter or answer."""
    names = Names.of_form(form)
    for rule in form.rules:
        path = f"form.rule[{rule.id}]"
        if rule.check not in _CHECKS:
            raise FormError(path, f"there is no check '{rule.check}'{suggestion(rule.check, _CHECKS)}")
        if rule.code not in entries():
            raise FormError(path, f"there is no issue code '{rule.code}'{suggestion(rule.code, entries())}")
        _validate_parameters(rule, path, names)


def _validate_parameters(rule: Rule, path: str, names: Names) -> None:
    parameters = inspect.signature(_CHECKS[rule.check]).parameters
    known = {name: item for name, item in parameters.items() if item.kind is item.KEYWORD_ONLY}
    for name in rule.params:
        if name not in known:
            raise FormError(path, f"unknown parameter '{name}'{suggestion(name, known)}")
    for name, item in known.items():
        if item.default is item.empty and name not in rule.params:
            raise FormError(path, f"the parameter '{name}' is missing")
    for name, value in rule.params.items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and "." in text:
                names.resolve(text, f"{path}.{name}")
            elif name in ("section", "sections") and isinstance(text, str):
                names.section(text, f"{path}.{name}")


def run(context: Context, rule: Rule) -> Iterator[Issue]:
    """Yield what one rule of the form finds."""
    for found in _CHECKS[rule.check](context, rule.code, **rule.params):
        yield _with_severity(found, rule) if rule.severity else found


def _with_severity(found: Issue, rule: Rule) -> Issue:
    from dataclasses import replace

    return replace(found, severity=Severity(rule.severity))


def _ref(context: Context, name: str) -> Ref:
    return context.names.resolve(name, "rule")


def _pairs(context: Context, left: str, right: str) -> Iterator[tuple[Ref, Answer, Ref, Answer]]:
    """Yield the two answers of every row that both references name."""
    first, second = _ref(context, left), _ref(context, right)
    for ref, answer in answers_at(context.form, context.submission, first):
        row = ref.row if second.row == EVERY_ROW else second.row
        other = Ref(second.section, row, second.field)
        yield ref, answer, other, context.answer(other)


@check
def at_most(context: Context, code: str, *, left: str, right: str) -> Iterator[Issue]:
    """One figure is not above another, row by row (支出 ≤ 预算, 得分 ≤ 分值)."""
    unit = context.form.money
    for ref, answer, other, limit in _pairs(context, left, right):
        if answer.number is None or limit.number is None or context.is_blamed(answer, limit):
            continue
        asked = context.form.field(ref)
        slack = Decimal("0.01") * (unit.yuan if asked.type is FieldType.MONEY else 0)
        if answer.number > limit.number + slack:
            _blame(context, answer)
            yield issue(
                code,
                context.place(ref, answer),
                found=as_stated(asked, answer, unit),
                expected=shown(asked, limit.number, unit),
                other=context.label(other),
            )


def _blame(context: Context, *answers: Answer) -> None:
    context.blamed.update(answer.cell for answer in answers if answer.cell is not None)


def _total(context: Context, of: str | Sequence[str]) -> tuple[Decimal | None, list[Answer]]:
    """Return the sum of every figure the references name, and their answers."""
    numbers, answers = [], []
    for name in [of] if isinstance(of, str) else of:
        for ref, answer in answers_at(context.form, context.submission, _ref(context, name)):
            number = figure(context.form, context.submission, ref)
            answers.append(answer)
            if number is not None:
                numbers.append(number)
    return (sum(numbers, Decimal(0)) if numbers else None), answers


@check
def sum_is(
    context: Context, code: str, *, of: str | Sequence[str], value: str | Decimal | int
) -> Iterator[Issue]:
    """Figures add up to a number, or to another figure (分值合计 100, 总分＝各项之和)."""
    total, answers = _total(context, of)
    if total is None or context.is_blamed(*answers):
        return
    if isinstance(value, str):
        ref = _ref(context, value)
        stated = context.answer(ref)
        if stated.number is None or context.is_blamed(stated):
            return
        if abs(stated.number - total) > SCORE_SLACK:
            _blame(context, stated)
            place = context.place(ref, stated)
            yield issue(code, place, found=grouped(stated.number), expected=grouped(total), what=place.label)
        return
    if abs(total - value) > SCORE_SLACK:
        yield _sum_issue(context, code, of, total, f"为 {value} 分")


@check
def sum_at_most(context: Context, code: str, *, of: str, limit: Decimal | int) -> Iterator[Issue]:
    """Figures together are not above a number."""
    total, answers = _total(context, of)
    if total is not None and not context.is_blamed(*answers) and total > limit + SCORE_SLACK:
        yield _sum_issue(context, code, of, total, f"不超过 {limit} 分")


def _sum_issue(context: Context, code: str, of: str | Sequence[str], total: Decimal, expected: str) -> Issue:
    last = _ref(context, of if isinstance(of, str) else of[-1])
    place = context.place(last if last.row != EVERY_ROW else Ref(last.section, "", last.field))
    what = context.form.section(last.section).title
    return issue(code, place, found=grouped(total), expected=expected, what=what)


@check
def group_sum_is(
    context: Context, code: str, *, section: str, by: str, of: str, values: Mapping[str, Any]
) -> Iterator[Issue]:
    """The figures of each group of rows add up to its fixed weight (产出 50, 效益 30, 满意度 10)."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    first: dict[str, Ref] = {}
    for row in context.rows(section):
        number, group = row[of].number, row[by].text
        if number is None or context.is_blamed(row[of]):
            return
        sums[group] += number
        first.setdefault(group, Ref(section, row.id, by))
    for group, expected in values.items():
        if group in sums and abs(sums[group] - Decimal(str(expected))) > SCORE_SLACK:
            place = context.place(first[group])
            yield issue(code, place, found=grouped(sums[group]), expected=str(expected), group=group)


@check
def same_figure(context: Context, code: str, *, left: str, right: str) -> Iterator[Issue]:
    """Two places state the same figure."""
    first, second = _ref(context, left), _ref(context, right)
    one, other = context.answer(first), context.answer(second)
    two = figure(context.form, context.submission, second)
    if one.number is None or two is None or context.is_blamed(one, other):
        return
    asked, unit = context.form.field(first), context.form.money
    slack = Decimal("0.01") * (unit.yuan if asked.type is FieldType.MONEY else 1)
    if abs(one.number - two) > slack:
        place = context.place(first, one)
        expected = shown(asked, two, unit)
        yield issue(
            code,
            place,
            found=shown(asked, one.number, unit),
            expected=expected,
            basis=f"“{context.label(second)}”",
        )


@check
def rate_is(
    context: Context, code: str, *, rate: str, numerator: Sequence[str], denominator: Sequence[str]
) -> Iterator[Issue]:
    """A rate stated apart agrees with the first pair of figures that can be divided."""
    ref = _ref(context, rate)
    stated = context.answer(ref)
    if stated.number is None or context.is_blamed(stated):
        return
    for above, below in zip(numerator, denominator, strict=True):
        upper, lower = _ref(context, above), _ref(context, below)
        top, bottom = (figure(context.form, context.submission, part) for part in (upper, lower))
        if not bottom or top is None or context.is_blamed(context.answer(upper), context.answer(lower)):
            continue
        if abs(stated.number - top / bottom) > rate_tolerance(stated):
            basis = f"按“{context.label(upper)}”÷“{context.label(lower)}”计算"
            place = context.place(ref, stated)
            yield issue(
                code, place, found=percent(stated.number), expected=percent(top / bottom), basis=basis
            )
        return


@check
def balance(
    context: Context, code: str, *, opening: str, income: str, expenditure: str, closing: str
) -> Iterator[Issue]:
    """年初结转 + 收入 − 支出 = 年末结转, where both ends of the year are stated."""
    refs = [_ref(context, name) for name in (opening, income, expenditure, closing)]
    figures = [figure(context.form, context.submission, ref) for ref in refs]
    before, received, spent, after = figures
    if before is None or received is None or spent is None or after is None:
        return
    if context.is_blamed(*(context.answer(ref) for ref in refs)):
        return
    expected, unit = before + received - spent, context.form.money
    if abs(after - expected) > Decimal("0.03") * unit.yuan:
        place = context.place(refs[3])
        gap = money(abs(after - expected), unit)
        yield issue(code, place, found=money(after, unit), expected=money(expected, unit), gap=gap)


@check
def same_scale(context: Context, code: str, *, sections: Sequence[str]) -> Iterator[Issue]:
    """No amount is some ten thousand times larger or smaller than its neighbours: 元 taken for 万元."""
    form = context.form
    amounts: list[tuple[Ref, Answer, Decimal]] = []
    for ref, answer in _money_answers(context, sections):
        if answer.number:
            amounts.append((ref, answer, abs(answer.number)))
    middle = statistics.median(size for _, _, size in amounts) if amounts else Decimal(0)
    for ref, answer, size in amounts:
        if context.is_blamed(answer) or not _far_off(size, middle, amounts, ref, answer, form.money):
            continue
        _blame(context, answer)
        if answer.cell is not None:
            context.doubtful.add(answer.cell)
        asked, signed = form.field(ref), answer.number or Decimal(0)
        likely = signed * TEN_THOUSAND if size < middle else signed / TEN_THOUSAND
        yield issue(
            code,
            context.place(ref, answer),
            found=as_stated(asked, answer, form.money),
            expected=money(likely, form.money) + form.money.value,
            amount=money(signed, form.money) + form.money.value,
            form_unit=form.money.value,
        )


def _money_answers(context: Context, sections: Sequence[str]) -> Iterator[tuple[Ref, Answer]]:
    for section_id in sections:
        for entry in context.form.section(section_id).fields:
            if entry.type is FieldType.MONEY and entry.derive is None:
                for row in context.rows(section_id):
                    yield Ref(section_id, row.id, entry.id), row[entry.id]


def _far_off(
    size: Decimal,
    middle: Decimal,
    amounts: Sequence[tuple[Ref, Answer, Decimal]],
    ref: Ref,
    answer: Answer,
    unit: MoneyUnit,
) -> bool:
    """Return whether an amount differs by ten thousand from its own row, or is labelled with the wrong unit.

    A row is compared with itself: 年初, 全年 and 决算 of one thing are of one size, while a small project
    beside a large one is no mistake. The cell nearer to the workbook's middle is taken to be right.
    """
    peers = [
        other
        for place, _, other in amounts
        if place.row == ref.row and place.section == ref.section and place != ref
    ]
    low, high = SCALE_GAP
    apart = [other for other in peers if low <= max(size, other) / min(size, other) <= high]
    if not apart or len(apart) < len(peers):
        return False
    if answer.printed_unit not in ("", unit.value):
        return True
    marked = [
        item.printed_unit
        for place, item, _ in amounts
        if place.row == ref.row and place.section == ref.section
    ]
    if any(text not in ("", unit.value) for text in marked):
        return False
    return len(peers) > 1 or abs(size - middle) > abs(apart[0] - middle)


@check
def grade_fits(context: Context, code: str, *, score: str, grade: str) -> Iterator[Issue]:
    """The grade is the one its total earns."""
    total, ref = figure(context.form, context.submission, _ref(context, score)), _ref(context, grade)
    stated = context.answer(ref)
    if total is None or not stated.text or context.is_blamed(stated, context.answer(_ref(context, score))):
        return
    expected = grade_of(context.form.grades, total)
    if expected and stated.text != expected:
        scale = "，".join(
            f"{item.min} 分{'以上' if item.open_end else '（含）以上'}为{item.name}"
            for item in context.form.grades
        )
        place = context.place(ref, stated)
        yield issue(code, place, found=stated.text, expected=expected, score=grouped(total), scale=scale)


@check
def reason_when_below(
    context: Context, code: str, *, left: str, right: str, reason: str, except_rows: Sequence[str] = ()
) -> Iterator[Issue]:
    """A score below its weight carries a reason in its row."""
    why = _ref(context, reason)
    for ref, answer, _, full in _pairs(context, left, right):
        if ref.row in except_rows or answer.number is None or full.number is None:
            continue
        place = Ref(why.section, ref.row if why.row == EVERY_ROW else why.row, why.field)
        given = context.answer(place)
        if answer.number >= full.number or is_real_reason(given) or context.is_blamed(answer, full):
            continue
        yield issue(
            code,
            context.place(place if given.cell else ref, given if given.cell else answer),
            found=grouped(answer.number),
            expected=grouped(full.number),
            gap=grouped(full.number - answer.number),
            name=context.label(ref).rpartition("·")[0] or context.label(ref),
            reason=context.form.field(why).label,
        )


@check
def reason_when_changed(
    context: Context, code: str, *, current: str, prior: str, reason: str, limit: Decimal
) -> Iterator[Issue]:
    """A large change against last year or against the initial budget carries a reason."""
    why, unit = _ref(context, reason), context.form.money
    for ref, answer, other, before in _pairs(context, current, prior):
        if not answer.number or not before.number or context.is_blamed(answer, before):
            continue
        change = (answer.number - before.number) / before.number
        place = Ref(why.section, ref.row if why.row == EVERY_ROW else why.row, why.field)
        given = context.answer(place)
        if abs(change) <= limit or is_real_reason(given) or (given.cell is None and context.is_blamed(given)):
            continue
        asked = context.form.field(ref)
        yield issue(
            code,
            context.place(place if given.cell else ref, given if given.cell else answer),
            found=shown(asked, answer.number, unit),
            expected=shown(context.form.field(other), before.number, unit),
            rate=percent(abs(change)),
            reason=context.form.field(why).label,
        )


@check
def reason_when_low(
    context: Context, code: str, *, rate: str, reason: str, limit: Decimal
) -> Iterator[Issue]:
    """An execution rate below the limit carries a reason."""
    ref, why = _ref(context, rate), _ref(context, reason)
    value, given = figure(context.form, context.submission, ref), context.answer(why)
    if value is None or value >= limit or is_real_reason(given) or context.is_blamed(context.answer(ref)):
        return
    place = context.place(why if given.cell else ref)
    label = context.form.field(why).label
    yield issue(code, place, found=percent(value), expected=percent(limit), reason=label)


@check
def execution_score(context: Context, code: str, *, rate: str, weight: str, score: str) -> Iterator[Issue]:
    """预算执行率得分 = 执行率 × 分值, never above the weight."""
    refs = [_ref(context, name) for name in (rate, weight, score)]
    share, full, stated = (figure(context.form, context.submission, ref) for ref in refs)
    if share is None or full is None or stated is None or context.is_blamed(*map(context.answer, refs)):
        return
    expected = min(full, max(Decimal(0), share * full)).quantize(Decimal("0.01"), "ROUND_HALF_UP")
    if abs(stated - expected) > SCORE_SLACK:
        place = context.place(refs[2])
        yield issue(
            code, place, found=grouped(stated), expected=grouped(expected), rate=percent(share), weight=full
        )


@check
def table_totals(context: Context, code: str, *, section: str, fields: Sequence[str]) -> Iterator[Issue]:
    """A 合计 row inside a table is the sum of the rows since the 合计 before it, or of all rows."""
    data = context.submission.sections[section]
    since: list[Any] = []
    everything: list[Any] = []
    for row in data.rows:
        if not row.total:
            since.append(row)
            everything.append(row)
            continue
        for name in fields:
            yield from _compare_total(context, code, Ref(section, row.id, name), since, everything)
        since = []


def _compare_total(
    context: Context, code: str, ref: Ref, since: Sequence[Any], everything: Sequence[Any]
) -> Iterator[Issue]:
    stated, unit = context.answer(ref), context.form.money
    asked = context.form.field(ref)
    sums = []
    for rows in (since, everything):
        numbers = [row[ref.field].number for row in rows if row[ref.field].number is not None]
        if not numbers or context.is_blamed(*(row[ref.field] for row in rows)):
            return
        sums.append((sum(numbers, Decimal(0)), len(numbers)))
    if stated.number is None:
        return
    scale = Decimal("0.01") * (unit.yuan if asked.type is FieldType.MONEY else 1)
    if all(abs(stated.number - total) > scale * count for total, count in sums):
        expected = sums[0][0]
        yield issue(
            code,
            context.place(ref, stated),
            found=shown(asked, stated.number, unit),
            expected=shown(asked, expected, unit),
            gap=shown(asked, abs(stated.number - expected), unit),
            unfilled="",
        )
