"""Figures of a submission: as the clerk stated them, else derived from their parts as the form says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from toolkit.form.model import Derive, Form, Ref, SectionKind
from toolkit.form.references import EVERY_ROW, TOTAL_ROW
from toolkit.submission.model import Answer, Blank, Submission

# looking up a member of an enum costs a call
_TABLE, _GRID = SectionKind.TABLE, SectionKind.GRID
_UNKNOWN = (Blank.UNREADABLE, Blank.ERROR)


def figure(form: Form, submission: Submission, ref: Ref) -> Decimal | None:
    """Return the stated number of one answer, or the derived one when the cell states none.

    A reference to every row (`*`) gives their sum.
    """
    if ref.row == EVERY_ROW:
        known = [answer.number for _, answer in answers_at(form, submission, ref)]
        numbers = [number for number in known if number is not None]
        return sum(numbers, Decimal(0)) if numbers else None
    stated = submission.answer(ref.section, ref.row, ref.field).number
    return stated if stated is not None else derived(form, submission, ref)


def derived(form: Form, submission: Submission, ref: Ref) -> Decimal | None:
    """Return what the other figures make of this one by the form; None when it cannot be computed."""
    rule = derive_of(form, ref)
    if rule is None or rule.how == "completion":
        return None
    parts = parts_of(rule, ref)
    values = [figure(form, submission, part) for part in parts]
    if rule.how == "sum":
        if any(_is_unknown(form, submission, part) for part in parts):
            return None  # a sum without a part that could not be read would pass for the whole
        known = [value for value in values if value is not None]
        return sum(known, Decimal(0)) if known else None
    left, right = values
    if rule.how == "change" and right is None and left is not None:
        right = _prior_from_change(form, submission, ref, rule, left)
    if left is None or right is None:
        return None
    return _OF_TWO[rule.how](left, right)


def _is_unknown(form: Form, submission: Submission, ref: Ref) -> bool:
    """Return whether a cell holds something that is no figure: an error, or a text nobody can read."""
    return any(answer.blank in _UNKNOWN for answer in answers_of(form, submission, [ref]))


def is_held_up(form: Form, submission: Submission, ref: Ref) -> bool:
    """Return whether a figure waits for a part that holds something unreadable, however far down."""
    rule = derive_of(form, ref)
    return rule is not None and any(
        _is_unknown(form, submission, part) or is_held_up(form, submission, part)
        for part in parts_of(rule, ref)
    )


def _divided(left: Decimal, right: Decimal) -> Decimal | None:
    return left / right if right else None


_OF_TWO: dict[str, Callable[[Decimal, Decimal], Decimal | None]] = {
    "difference": lambda left, right: left - right,
    "ratio": _divided,
    "change": lambda left, right: _divided(left - right, right),
}


def _prior_from_change(
    form: Form, submission: Submission, ref: Ref, rule: Derive, current: Decimal
) -> Decimal | None:
    """Return current − Δ when last year's figure is blank but the change against it is stated."""
    for entry in form.section(ref.section).fields:
        if entry.derive and entry.derive.how == "difference" and entry.derive.of == rule.of:
            change = submission.answer(ref.section, ref.row, entry.id).number
            return None if change is None else current - change
    return None


def derive_of(form: Form, ref: Ref) -> Derive | None:
    """Return how one figure follows from others: by its row (a total) or by its column (a rate)."""
    section = form.section(ref.section)
    if ref.field not in section.derivable:
        return None
    if section.kind is _TABLE and ref.row == TOTAL_ROW and section.adds_up(ref.field):
        parts = (Ref(ref.section, EVERY_ROW, ref.field), *section.total_adds.get(ref.field, ()))
        return Derive("sum", parts, section.total_code)
    if section.kind is _GRID and ref.row:
        by_row = section.row(ref.row).derives.get(ref.field)
        if by_row is not None:
            return by_row
    return section.field(ref.field).derive


def parts_of(rule: Derive, place: Ref) -> list[Ref]:
    """Return the references a derivation uses, seen from the row of `place`."""
    return [
        Ref(part.section, place.row, part.field) if not part.row and part.section == place.section else part
        for part in rule.of
    ]


def answers_at(form: Form, submission: Submission, ref: Ref) -> Iterator[tuple[Ref, Answer]]:
    """Yield (reference of one row, answer) for every data row that `*` names, or for the one row named.

    A table's 合计 rows are left out of `*`; a grid's rows are all named by it.
    """
    data = submission.sections.get(ref.section)
    if data is None:
        return
    if ref.row != EVERY_ROW:
        yield ref, submission.answer(ref.section, ref.row, ref.field)
        return
    section = form.section(ref.section)
    grid = section.kind is _GRID
    for row in data.rows:
        if row.total or (grid and not section.row(row.id).asks(ref.field)):
            continue
        yield Ref(ref.section, row.id, ref.field), row[ref.field]


def answers_of(form: Form, submission: Submission, refs: Iterable[Ref]) -> list[Answer]:
    """Return the answers that references name, all rows of those that name every row."""
    found: list[Answer] = []
    for ref in refs:
        if ref.row == EVERY_ROW:
            found += (answer for _, answer in answers_at(form, submission, ref))
        elif ref.section in submission.sections:
            found.append(submission.answer(ref.section, ref.row, ref.field))
    return found
