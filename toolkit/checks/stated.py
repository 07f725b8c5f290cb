"""Stated figures against the ones the form derives: totals, rates, shares and changes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from toolkit.checks.context import Context
from toolkit.checks.figures import answers_at, answers_of, derive_of, derived, figure, parts_of
from toolkit.checks.printing import as_stated, shown
from toolkit.form.model import Derive, Field, FieldType, Ref, Section, SectionKind
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue, Severity
from toolkit.submission.model import Answer

RATE_SLACK = Decimal("0.0001")  # 0.01 percentage points
MILD_GAP = Decimal("0.0005")  # a rate off by no more than 0.05 percentage points asks for a word, not a mend
MOST_DECIMALS = 6  # a rate with more decimals was computed, not printed
_SIGNS = {"difference": "－", "ratio": "÷"}


def check_stated(context: Context) -> Iterator[Issue]:
    """Yield an issue for every stated figure that its parts contradict beyond rounding."""
    spread_blame(context)
    for section in context.form.sections:
        for row in context.submission.sections[section.id].rows if section.derivable else ():
            for name in section.derivable:
                answer = row[name]
                if answer.number is None or context.is_blamed(answer):
                    continue
                ref = Ref(section.id, row.id, name)
                rule = derive_of(context.form, ref)
                if rule is not None:
                    yield from _compare(context, section, section.field(name), ref, answer, rule)


def spread_blame(context: Context) -> None:
    """Blame what follows from blamed cells too, so that one mistake is told once, where it was made.

    A total that merely repeats a doubtful amount is doubtful itself.
    """
    if not context.blamed:
        return
    following = context.following()
    spreading = True
    while spreading:
        spreading = False
        for answer, rule, used in following:
            if answer.cell is None or answer.cell in context.blamed or not context.is_blamed(*used):
                continue
            context.blamed.add(answer.cell)
            spreading = True
            if rule.how == "sum" and any(part.cell in context.doubtful for part in used):
                context.doubtful.add(answer.cell)


def _compare(
    context: Context, section: Section, asked: Field, ref: Ref, answer: Answer, rule: Derive
) -> Iterator[Issue]:
    parts = parts_of(rule, ref)
    expected = derived(context.form, context.submission, ref)
    if expected is None or answer.number is None:
        return
    used = answers_of(context.form, context.submission, parts)
    if context.is_blamed(*used):
        return
    tolerance = _tolerance(context, asked, answer, rule, parts)
    if abs(answer.number - expected) <= tolerance:
        return
    unit, gap = context.form.money, abs(answer.number - expected)
    mild = asked.type is FieldType.PERCENT and gap <= MILD_GAP
    if answer.cell is not None:
        context.blamed.add(answer.cell)
    yield issue(
        rule.code,
        context.place(ref, answer),
        severity=Severity.EXPLAIN if mild else None,
        found=as_stated(asked, answer, unit),
        expected=shown(asked, expected, unit),
        gap=shown(asked, gap, unit),
        basis=_basis(context, rule, parts),
        unfilled=_unfilled(context, section, rule, parts),
    )


def _tolerance(context: Context, asked: Field, answer: Answer, rule: Derive, parts: list[Ref]) -> Decimal:
    """Return how far a stated figure may be off through rounding alone.

    Amounts: 0.01 of the form's unit for each addend; rates: 0.01 percentage points beside the rounding of the
    last digit printed; scores: 0.01.
    """
    if rule.tolerance is not None:
        scale = context.form.money.yuan if asked.type is FieldType.MONEY else 1
        return rule.tolerance * scale
    if asked.type is FieldType.PERCENT:
        return rate_tolerance(answer)
    used = [item for part in parts for item, _ in answers_at(context.form, context.submission, part)]
    addends = sum(figure(context.form, context.submission, part) is not None for part in used)
    return context.cent(asked) * max(addends, 1)


def rate_tolerance(answer: Answer) -> Decimal:
    """Return how far a stated rate may be from the exact one.

    >>> rate_tolerance(Answer(Decimal("0.412"), "41.2%", None, decimals=1))
    Decimal('0.0006')
    """
    rounding = Decimal(5).scaleb(-answer.decimals - 3) if answer.decimals < MOST_DECIMALS else Decimal(0)
    return rounding + RATE_SLACK


def _basis(context: Context, rule: Derive, parts: list[Ref]) -> str:
    """Return in words what the figure follows from."""
    labels = [f"“{context.label(part)}”" for part in parts]
    if rule.how == "change":
        return f"（{labels[0]}－{labels[1]}）÷{labels[1]}"
    return _SIGNS.get(rule.how, "＋").join(labels)


def _unfilled(context: Context, section: Section, rule: Derive, parts: list[Ref]) -> str:
    """Return a clause naming the addends nobody filled, which may be the cause."""
    if rule.how != "sum" or section.kind is not SectionKind.GRID:
        return ""
    blank = [part for part in parts if figure(context.form, context.submission, part) is None]
    if not blank:
        return ""
    names = "、".join(context.label(part).partition("·")[0] for part in blank[:3])
    more = "等" if len(blank) > 3 else ""
    return f"（{names}{more}没有填写）"
