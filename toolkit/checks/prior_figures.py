"""The figures on last year that a form asks: taken from last year's workbook, or compared with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from toolkit.checks.context import Context
from toolkit.checks.figures import derive_of, figure
from toolkit.checks.model import CheckResult, Earlier
from toolkit.checks.policy import Policy
from toolkit.checks.printing import listed, money
from toolkit.checks.rules import check
from toolkit.form.model import Form, Ref, Rule, Section, SectionKind
from toolkit.form.references import EVERY_ROW, Names
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue
from toolkit.submission.model import Answer, Blank, Row, Submission, place_of

FIGURES = "as_last_year"  # the rule that says which column of last year a 上年 column repeats
MOST_CELLS = 8  # named in one note
_CENT = Decimal("0.01")
_TAKEN = "取自上年自评表"


@check
def as_last_year(context: Context, code: str, *, prior: str, actual: str) -> Iterator[Issue]:
    """A column on last year repeats what last year's workbook says in another, where the collection knows it.

    There is nothing to tell about one workbook alone: the comparison is made once all are in.
    """
    context.ref(prior), context.ref(actual)
    yield from ()


@dataclass(frozen=True, slots=True)
class _Known:
    """A figure on last year that a form asks, and what last year's workbook says of it, in yuan."""

    rule: Rule
    ref: Ref
    last: Decimal
    source: Answer  # where last year's workbook says it; without a cell when it follows from others


def known_figures(form: Form, earlier: Earlier) -> dict[Ref, Decimal]:
    """Return what last year's workbook says of the figures on last year a form asks, in yuan; no totals."""
    return {one.ref: one.last for one in _known(form, earlier) if derive_of(form, one.ref) is None}


def with_last_year(result: CheckResult, form: Form, earlier: Earlier) -> tuple[CheckResult, list[Issue]]:
    """Return the workbook with its blank figures on last year taken from last year's, and what is to be told.

    An answer that is there, or follows from what is (as from a stated increase), stays.
    """
    submission = result.submission
    if submission is None:
        return result, []
    blank = [one for one in _sound(form, earlier) if _is_blank(form, submission, one.ref)]
    if not blank:
        return result, []
    told = [_filled(known, form, earlier, result) for known in _by_section(blank)]
    return replace(result, submission=_completed(submission, blank, earlier)), told


def other_figures(result: CheckResult, form: Form, earlier: Earlier, policy: Policy) -> Iterator[Issue]:
    """Yield an issue for each figure on last year that is not what last year's workbook says."""
    assert result.submission is not None
    faulty = result.faulty
    for known in _sound(form, earlier):
        answer = result.submission.at(known.ref)
        stated, cell = answer.number, answer.cell
        if stated is None or cell is None or answer.repairs[:1] == (_TAKEN,):
            continue
        if (cell.sheet, cell.a1) in faulty or abs(stated - known.last) <= _CENT * form.money.yuan:
            continue
        found = issue(
            known.rule.code,
            place_of(cell, _label(form, known.ref), result.file),
            found=money(stated, form.money),
            expected=money(known.last, form.money),
            unit=result.unit,
            source=earlier.source(known.source.cell),
        )
        yield policy.by_rule(found, known.rule)


# ── what is known of last year ──────────────────────────────────────────────────────────────────────


def _sound(form: Form, earlier: Earlier) -> Iterator[_Known]:
    """Yield what is known from cells of last year's workbook that had no fault."""
    wrong = earlier.result.faulty
    for known in _known(form, earlier):
        cell = known.source.cell
        if cell is None or (cell.sheet, cell.a1) not in wrong:
            yield known


def _known(form: Form, earlier: Earlier) -> Iterator[_Known]:
    """Yield every figure on last year the form asks and last year's workbook knows."""
    names, before = Names.of_form(form), earlier.submission
    for rule in form.rules:
        if rule.check != FIGURES:
            continue
        path = f"form.rule[{rule.id}]"
        prior, actual = (names.resolve(rule.params[key], path) for key in ("prior", "actual"))
        for ref in _each(form.section(prior.section), prior):
            there = _last_ref(form, earlier.form, ref, actual)
            last = figure(earlier.form, before, there) if there is not None else None
            if there is not None and last is not None:
                yield _Known(rule, ref, last, before.at(there))


def _each(section: Section, ref: Ref) -> Iterator[Ref]:
    """Yield the references of a column: of a grid one for each row that asks it."""
    if ref.row != EVERY_ROW:
        yield ref
    elif section.kind is SectionKind.GRID:
        yield from (Ref(ref.section, row.id, ref.field) for row in section.rows if row.asks(ref.field))


def _last_ref(form: Form, last: Form, prior: Ref, actual: Ref) -> Ref | None:
    """Return where last year's form asks a figure: at its own name, else at the total its summary names."""
    ref = Ref(actual.section, prior.row if actual.row == EVERY_ROW else actual.row, actual.field)
    if _has(last, ref):
        return ref
    if prior in form.summary.get("prior_expenditure", ()):
        return next((known for known in last.summary.get("actual_expenditure", ())), None)
    return None


def _has(form: Form, ref: Ref) -> bool:
    section = next((one for one in form.sections if one.id == ref.section), None)
    if section is None or not section.has(ref.field):
        return False
    return section.kind is not SectionKind.GRID or any(row.id == ref.row for row in section.rows)


# ── blanks that it fills ────────────────────────────────────────────────────────────────────────────


def _is_blank(form: Form, submission: Submission, ref: Ref) -> bool:
    """Return whether a figure is neither stated nor follows from what is."""
    answer = submission.at(ref)
    return (
        answer.value is None
        and answer.blank in (None, Blank.EMPTY)
        and figure(form, submission, ref) is None
        and not _states_change(form, submission, ref)
    )


def _states_change(form: Form, submission: Submission, ref: Ref) -> bool:
    """Return whether the row states its change against last year, from which last year's figure follows."""
    fields = [
        entry
        for entry in form.section(ref.section).fields
        if entry.derive and entry.derive.how == "difference" and entry.derive.of[1].field == ref.field
    ]
    return any(submission.answer(ref.section, ref.row, entry.id).number is not None for entry in fields)


def _completed(submission: Submission, blank: Sequence[_Known], earlier: Earlier) -> Submission:
    """Return the submission with last year's figures in the cells that were left blank."""
    taken: dict[tuple[str, str], dict[str, Answer]] = {}
    for known in blank:
        said = f"{_TAKEN}：{earlier.source(known.source.cell)}"
        own = submission.at(known.ref)
        answer = Answer(known.last, "", own.cell, decimals=2, repairs=(_TAKEN, said))
        taken.setdefault((known.ref.section, known.ref.row), {})[known.ref.field] = answer
    sections = dict(submission.sections)
    for name in dict.fromkeys(section for section, _ in taken):
        data = sections[name]
        rows = (_with(row, taken.get((name, row.id), {})) for row in data.rows)
        sections[name] = replace(data, rows=tuple(rows))
    return replace(submission, sections=sections)


def _with(row: Row, answers: Mapping[str, Answer]) -> Row:
    return replace(row, answers={**row.answers, **answers}) if answers else row


def _by_section(known: Sequence[_Known]) -> list[list[_Known]]:
    ids = dict.fromkeys(one.ref.section for one in known)
    return [[one for one in known if one.ref.section == section] for section in ids]


def _filled(known: Sequence[_Known], form: Form, earlier: Earlier, result: CheckResult) -> Issue:
    """Return the one note about the figures of a section that were taken from last year's workbook."""
    assert result.submission is not None
    places = {one.ref: result.submission.at(one.ref).cell for one in known}
    first = next((one for one in known if places[one.ref] is not None), known[0])
    cells = [cell.a1 for cell in places.values() if cell is not None]
    more = f"等 {len(known)} 处（{listed(cells, MOST_CELLS)}）" if len(known) > 1 and cells else ""
    return issue(
        "X14",
        place_of(places[first.ref], _label(form, first.ref), result.file),
        found="（空）",
        expected=money(first.last, form.money),
        unit=result.unit,
        more=more,
        source=earlier.source(first.source.cell),
    )


def _label(form: Form, ref: Ref) -> str:
    return form.section(ref.section).label_of(ref.field, ref.row)
