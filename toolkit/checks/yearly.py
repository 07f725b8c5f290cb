"""This year's workbook against last year's of the same unit: figures, targets, indicators, texts.

Every check only sees workbooks that count. What last year's workbook had wrong itself compares with nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from toolkit.checks.context import Context, is_real_reason
from toolkit.checks.figures import answers_at, derive_of, figure
from toolkit.checks.likeness import CHECK
from toolkit.checks.model import CheckResult, Earlier
from toolkit.checks.paragraphs import Paragraph, is_copy, paragraphs, texts_of
from toolkit.checks.policy import Policy
from toolkit.checks.printing import money, percent
from toolkit.checks.rules import check
from toolkit.form.labels import normalise
from toolkit.form.model import Form, Ref, Rule, Section, SectionKind
from toolkit.form.references import EVERY_ROW, Names
from toolkit.issues.catalogue import issue, shorten
from toolkit.issues.model import Issue, Location, Severity
from toolkit.submission.measures import comparable
from toolkit.submission.model import Actual, Answer, Blank, Cell, Operator, Row, Submission, Target

FIGURES = "as_last_year"  # the rule that says which column of last year a 上年 column repeats
LARGE_CHANGE = Decimal("0.5")
SHORTEST_GOAL = 20  # characters of a goal that is told to be last year's
MOST_NAMED = 5
_CENT = Decimal("0.01")
_UPWARDS, _DOWNWARDS = (Operator.GE, Operator.GT), (Operator.LE, Operator.LT)
_FUNDS = {"adjusted_budget": "全年预算数", "actual_expenditure": "全年执行数"}
_Told: TypeAlias = tuple[str, Issue]


@check
def as_last_year(context: Context, code: str, *, prior: str, actual: str) -> Iterator[Issue]:
    """A column on last year repeats what last year's workbook says in another, where the collection knows it.

    There is nothing to tell about one workbook alone: the comparison is made once all are in.
    """
    context.ref(prior), context.ref(actual)
    yield from ()


@dataclass(frozen=True, slots=True)
class _Pair:
    """A figure on last year that a workbook states, and the same in last year's workbook."""

    rule: Rule
    ref: Ref
    answer: Answer
    last: Decimal
    source: Answer  # where last year's workbook says it; without a cell when it follows from others


def with_last_year(result: CheckResult, form: Form, earlier: Earlier) -> tuple[CheckResult, list[Issue]]:
    """Return the workbook with its blank figures on last year taken from last year's, and what is to be told.

    An answer that is there, or follows from what is (as from a stated increase), stays.
    """
    submission = result.submission
    if submission is None:
        return result, []
    blank = [
        pair
        for pair in _pairs(result, form, earlier)
        if pair.answer.value is None
        and pair.answer.blank in (None, Blank.EMPTY)
        and figure(form, submission, pair.ref) is None
        and not _states_change(form, submission, pair.ref)
    ]
    if not blank:
        return result, []
    taken = {(pair.ref.section, pair.ref.row, pair.ref.field): _taken(pair, earlier) for pair in blank}
    told = [_filled(pairs, form, earlier, result) for pairs in _by_section(blank)]
    return replace(result, submission=_completed(submission, taken)), told


def known_figures(form: Form, earlier: Earlier) -> dict[Ref, Decimal]:
    """Return what last year's workbook says of the figures on last year a form asks, in yuan; no totals."""
    names, before = Names.of_form(form), earlier.result.submission
    found: dict[Ref, Decimal] = {}
    for rule in form.rules if before is not None else ():
        if rule.check != FIGURES or before is None:
            continue
        prior, actual = (
            names.resolve(rule.params[key], f"form.rule[{rule.id}]") for key in ("prior", "actual")
        )
        for ref in _each(form.section(prior.section), prior):
            there = _last_ref(form, earlier.form, ref, actual)
            last = figure(earlier.form, before, there) if there is not None else None
            if last is not None and derive_of(form, ref) is None:
                found[ref] = last
    return found


def compare_years(result: CheckResult, form: Form, earlier: Earlier, policy: Policy) -> Iterator[Issue]:
    """Yield what a workbook says otherwise than last year's, or repeats where it should not."""
    faulty = {(item.location.sheet, item.location.cell) for item in _faults(result)}
    for pair in _pairs(result, form, earlier):
        stated, cell = pair.answer.number, pair.answer.cell
        if (
            stated is None
            or cell is None
            or pair.answer.repairs[:1] == (_TAKEN,)
            or (cell.sheet, cell.a1) in faulty
        ):
            continue
        if abs(stated - pair.last) > _CENT * form.money.yuan:
            found = issue(
                pair.rule.code,
                _place(result, pair.answer, _label(form, pair.ref)),
                found=money(stated, form.money),
                expected=money(pair.last, form.money),
                unit=result.unit,
                source=_source(earlier, pair.source.cell),
            )
            yield _graded(found, pair.rule, policy)
    yield from _large_changes(result, form, earlier)
    yield from _targets(result, form, earlier)
    yield from _dropped(result, form, earlier)
    yield from _copied(result, form, earlier, policy)


# ── figures ─────────────────────────────────────────────────────────────────────────────────────────

_TAKEN = "取自上年自评表"


def _pairs(result: CheckResult, form: Form, earlier: Earlier) -> Iterator[_Pair]:
    """Yield every figure on last year the form asks, with what last year's workbook says of it."""
    submission, before = result.submission, earlier.result.submission
    assert submission is not None and before is not None
    names = Names.of_form(form)
    wrong = {(item.location.sheet, item.location.cell) for item in _faults(earlier.result)}
    for rule in form.rules:
        if rule.check != FIGURES:
            continue
        prior, actual = (
            names.resolve(rule.params[key], f"form.rule[{rule.id}]") for key in ("prior", "actual")
        )
        for ref in _each(form.section(prior.section), prior):
            there = _last_ref(form, earlier.form, ref, actual)
            last = figure(earlier.form, before, there) if there is not None else None
            if there is None or last is None:
                continue
            source = before.answer(there.section, there.row, there.field)
            if source.cell is None or (source.cell.sheet, source.cell.a1) not in wrong:
                yield _Pair(rule, ref, submission.answer(ref.section, ref.row, ref.field), last, source)


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


def _states_change(form: Form, submission: Submission, ref: Ref) -> bool:
    """Return whether the row states its change against last year, from which last year's figure follows."""
    fields = [
        entry
        for entry in form.section(ref.section).fields
        if entry.derive and entry.derive.how == "difference" and entry.derive.of[1].field == ref.field
    ]
    return any(submission.answer(ref.section, ref.row, entry.id).number is not None for entry in fields)


def _taken(pair: _Pair, earlier: Earlier) -> Answer:
    """Return last year's figure as an answer in the cell that was left blank."""
    said = f"{_TAKEN}：{_source(earlier, pair.source.cell)}"
    return Answer(pair.last, "", pair.answer.cell, decimals=2, repairs=(_TAKEN, said))


def _completed(submission: Submission, taken: Mapping[tuple[str, str, str], Answer]) -> Submission:
    sections = dict(submission.sections)
    for section_id in {name[0] for name in taken}:
        data = sections[section_id]
        rows = []
        for row in data.rows:
            own = {name[2]: answer for name, answer in taken.items() if name[:2] == (section_id, row.id)}
            rows.append(replace(row, answers={**row.answers, **own}) if own else row)
        sections[section_id] = replace(data, rows=tuple(rows))
    return replace(submission, sections=sections)


def _by_section(pairs: Sequence[_Pair]) -> list[list[_Pair]]:
    ids = dict.fromkeys(pair.ref.section for pair in pairs)
    return [[pair for pair in pairs if pair.ref.section == section] for section in ids]


def _filled(pairs: Sequence[_Pair], form: Form, earlier: Earlier, result: CheckResult) -> Issue:
    """Return the one note about the figures of a section that were taken from last year's workbook."""
    first = next((pair for pair in pairs if pair.answer.cell is not None), pairs[0])
    cells = [pair.answer.cell.a1 for pair in pairs if pair.answer.cell is not None]
    more = f"等 {len(pairs)} 处（{_listed(cells, 8)}）" if len(pairs) > 1 and cells else ""
    return issue(
        "X14",
        _place(result, first.answer, _label(form, first.ref)),
        found="（空）",
        expected=money(first.last, form.money),
        unit=result.unit,
        more=more,
        source=_source(earlier, first.source.cell),
    )


def _large_changes(result: CheckResult, form: Form, earlier: Earlier) -> Iterator[Issue]:
    """Yield one issue when budget or outturn is far from last year's and nobody says why."""
    submission, before = result.submission, earlier.result.submission
    assert submission is not None and before is not None
    if any(item.code == "X11" for item in result.issues):
        return
    rule = next((rule for rule in form.rules if rule.code == "X11"), None)
    limit, reason = Decimal(rule.params.get("limit", LARGE_CHANGE)) if rule else LARGE_CHANGE, None
    if rule and "reason" in rule.params:
        reason = Names.of_form(form).resolve(rule.params["reason"], f"form.rule[{rule.id}]")
        if any(is_real_reason(answer) for _, answer in answers_at(form, submission, reason)):
            return
    faulty = {
        (item.location.sheet, item.location.cell) for item in (*_faults(result), *_faults(earlier.result))
    }
    for key, what in _FUNDS.items():
        now, then = _fund(form, submission, key), _fund(earlier.form, before, key)
        if now is None or then is None or not now[1] or not then[1]:
            continue
        answers = [submission.answer(*_parts(now[0])), before.answer(*_parts(then[0]))]
        if any(one.cell is not None and (one.cell.sheet, one.cell.a1) in faulty for one in answers):
            continue
        change = abs(now[1] - then[1]) / then[1]
        if change > limit:
            place = _place(result, answers[0], _label(form, now[0]))
            yield issue(
                "X11",
                place,
                found=money(now[1], form.money),
                expected=money(then[1], form.money),
                unit=result.unit,
                what=what,
                rate=percent(change),
                reason=form.field(reason).label if reason else "原因说明",
            )
            return


def _fund(form: Form, submission: Submission, key: str) -> tuple[Ref, Decimal] | None:
    for ref in form.summary.get(key, ()):
        value = figure(form, submission, ref)
        if value is not None:
            return ref, value
    return None


def _parts(ref: Ref) -> tuple[str, str, str]:
    return ref.section, ref.row, ref.field


# ── targets and indicators ──────────────────────────────────────────────────────────────────────────


def _targets(result: CheckResult, form: Form, earlier: Earlier) -> Iterator[Issue]:
    """Yield a note for each target that asks less than last year already brought."""
    for key in ("indicators", "project_indicators"):
        then = _indicator_rows(earlier.result, earlier.form, key)
        for name, (section, row) in _indicator_rows(result, form, key).items():
            target, before = row["target"].value, then[name][1]["actual"].value if name in then else None
            if not isinstance(target, Target) or not isinstance(before, Actual) or not _eases(target, before):
                continue
            yield issue(
                "X15",
                _place(result, row["target"], section.field("target").label),
                found=target.text,
                expected=before.text,
                unit=result.unit,
                name=row["name"].text.strip(),
                source=_source(earlier, then[name][1]["actual"].cell),
            )


def _eases(target: Target, before: Actual) -> bool:
    """Return whether a target asks less than was brought: below it, or above it where less is better."""
    figures = comparable(target, before)
    if figures is None:
        return False
    asked, brought = figures
    if target.operator in _UPWARDS or (target.operator is Operator.EQ and not target.stated):
        return asked < brought
    return target.operator in _DOWNWARDS and asked > brought > 0  # below nothing no target can be


def _indicator_rows(result: CheckResult, form: Form, key: str) -> dict[tuple[str, str], tuple[Section, Row]]:
    """Return the indicator rows by project and name; of equal ones the first."""
    found: dict[tuple[str, str], tuple[Section, Row]] = {}
    submission = result.submission
    for ref in form.summary.get(key, ()):
        section = form.section(ref.section)
        data = submission.sections.get(section.id) if submission else None
        for row in data.data if data else ():
            name = normalise(row["name"].text)
            if name:
                found.setdefault((normalise(row["project_name"].text), name), (section, row))
    return found


def _dropped(result: CheckResult, form: Form, earlier: Earlier) -> Iterator[Issue]:
    """Yield one note on the indicators of last year that are there no more."""
    now, then = (
        _indicator_rows(one, asked, "indicators")
        for one, asked in ((result, form), (earlier.result, earlier.form))
    )
    gone = [row["name"].text.strip() for name, (_, row) in then.items() if name not in now]
    new = [row["name"].text.strip() for name, (_, row) in now.items() if name not in then]
    if not gone or not now:
        return
    section = next(iter(now.values()))[0]
    assert result.submission is not None
    head = (
        result.submission.columns.get((section.id, "name"))
        or result.submission.sections[section.id].title_cell
    )
    yield issue(
        "X16",
        _at(result, head, section.title),
        found=f"减少 {len(gone)} 个：{_listed(gone)}",
        expected=f"上年 {len(then)} 个",
        unit=result.unit,
        new=f"，新增 {len(new)} 个（{_listed(new)}）" if new else "",
    )


# ── texts ───────────────────────────────────────────────────────────────────────────────────────────


def _copied(result: CheckResult, form: Form, earlier: Earlier, policy: Policy) -> Iterator[Issue]:
    """Yield one issue on the goals and texts that are last year's, on the first of their cells."""
    rule = next((rule for rule in form.rules if rule.check == CHECK), None)
    if rule is None:
        return
    alike = float(rule.params.get("alike", Decimal("0.9")))
    copies: list[tuple[Paragraph, Paragraph]] = []
    goals = [*texts_of(form, rule, "yearly"), *_goals(form)]
    texts = texts_of(form, rule)
    for refs, shortest in ((texts, int(rule.params.get("shortest", 60))), (goals, SHORTEST_GOAL)):
        for ref in refs:
            if not _has_column(earlier.form, ref):
                continue
            before = list(paragraphs(earlier.result, earlier.form, [ref], shortest))
            for mine in paragraphs(result, form, [ref], shortest) if before else ():
                same = next((other for other in before if other.text == mine.text), None)
                same = same or next((other for other in before if is_copy(mine, other, alike)), None)
                if same is not None:
                    copies.append((mine, same))
    if not copies:
        return
    mine, theirs = copies[0]
    cells = list(dict.fromkeys(pair[0].cell.a1 for pair in copies if pair[0].cell is not None))
    found = issue(
        "X17",
        _at(result, mine.cell, mine.label),
        found=shorten(mine.answer.strip(), 40),
        expected="本年情况",
        unit=result.unit,
        source=_source(earlier, theirs.cell),
        alike="相同" if mine.text == theirs.text else "几乎相同",
        more=f"，这样的文字共 {len(cells)} 处（{_listed(cells, 6)}）" if len(cells) > 1 else "",
    )
    yield found if not policy.is_probation(rule.probation) else replace(found, severity=Severity.NOTE)


def _goals(form: Form) -> list[Ref]:
    """Return the goals of a form that asks them beside what became of them."""
    return [
        Ref(section.id, "" if section.kind is SectionKind.ANSWERS else EVERY_ROW, "expected")
        for section in form.sections
        if section.has("expected") and section.has("completion")
    ]


def _has_column(form: Form, ref: Ref) -> bool:
    section = next((one for one in form.sections if one.id == ref.section), None)
    return section is not None and section.has(ref.field)


# ── places and words ────────────────────────────────────────────────────────────────────────────────


def _faults(result: CheckResult) -> Iterable[Issue]:
    return (item for item in result.issues if item.severity is Severity.ERROR and item.location.cell)


def _graded(found: Issue, rule: Rule, policy: Policy) -> Issue:
    """Return the issue with the severity its rule gives it."""
    severity = Severity.NOTE if policy.is_probation(rule.probation) else rule.severity
    return replace(found, severity=Severity(severity)) if severity else found


def _place(result: CheckResult, answer: Answer, label: str) -> Location:
    return _at(result, answer.cell, label)


def _at(result: CheckResult, cell: Cell | None, label: str) -> Location:
    return Location(result.file, cell.sheet if cell else "", cell.a1 if cell else "", label)


def _label(form: Form, ref: Ref) -> str:
    section = form.section(ref.section)
    row = f"{section.row(ref.row).label}·" if section.kind is SectionKind.GRID and ref.row else ""
    return f"{row}{section.field(ref.field).label}"


def _source(earlier: Earlier, cell: Cell | None) -> str:
    """Return file, sheet and cell of last year's answer."""
    return f"《{earlier.head.file}》{f'{cell.sheet} {cell.a1}' if cell else ''}".strip()


def _listed(names: Sequence[str], most: int = MOST_NAMED) -> str:
    return "、".join(names[:most]) + (f"等 {len(names)} 个" if len(names) > most else "")
