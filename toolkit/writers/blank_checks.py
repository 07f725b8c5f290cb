"""What the 填报状态 sheet compares while the clerk types: array formulas that count differing places.

A mirror of the exact sums and limits only; the toolkit's own checks judge the workbook when it comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from toolkit.form.model import Derive, Field, FieldType, Ref, Rule, Section, SectionKind
from toolkit.form.places import STATUS_SHEET
from toolkit.form.references import EVERY_ROW, TOTAL_ROW
from toolkit.writers.formulas import Workings

CENT = Decimal("0.01")
RATE_TOLERANCE = Decimal("0.0001")
_ROUND = Decimal("1e-8")  # takes away what binary arithmetic adds


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing that must agree: its words, an array formula counting where it does not, and that count."""

    section: str
    text: str
    formula: str
    found: int


@dataclass(frozen=True, slots=True)
class _Operand:
    """One side of a comparison: an address and its numbers, one per row or one for all rows."""

    text: str
    numbers: tuple[Decimal | None, ...]

    def at(self, row: int) -> Decimal | None:
        return self.numbers[row] if len(self.numbers) > 1 else self.numbers[0]


def comparisons(workings: Workings) -> list[Comparison]:
    """Return what a blank can compare, in the order of its sections."""
    found: list[Comparison] = []
    for section in workings.form.sections:
        found += _row_sums(workings, section)
        found += _column_derives(workings, section)
        found += _table_totals(workings, section)
    for rule in workings.form.rules:
        found += _RULES.get(rule.check, _nothing)(workings, rule)
    order = [section.id for section in workings.form.sections]
    return sorted(found, key=lambda comparison: order.index(comparison.section))


def _row_sums(workings: Workings, section: Section) -> Iterator[Comparison]:
    """Compare each row of a grid that is a sum of other rows, over all its columns."""
    for row in section.rows:
        terms, found = [], 0
        for field_id, derive in row.derives.items():
            name = (section.id, row.id, field_id)
            if workings.derive(name) is None or derive.how != "sum":
                continue
            stated, expected = workings.figure(name), workings.worked_out(derive, row.id)
            tolerance = _tolerance(derive, section.field(field_id))
            if stated is not None and expected is not None:
                found += _beyond(stated - expected, tolerance)
            cell = workings.cell(name, STATUS_SHEET)
            parts = ",".join(workings.cell(part, STATUS_SHEET) for part in workings.parts(derive, row.id))
            apart = f"ROUND(ABS({cell}-SUM({parts})),8)>{tolerance}"
            terms.append(f"IF(COUNT({parts})*COUNT({cell})=0,0,IF({apart},1,0))")
        if terms:
            count = len(next(iter(row.derives.values())).of)
            yield Comparison(section.id, f"{row.label}＝{count}个分项之和", "=" + "+".join(terms), found)


def _column_derives(workings: Workings, section: Section) -> Iterator[Comparison]:
    """Compare each derived column of a section, row by row."""
    for field in section.fields:
        derive = field.derive
        if derive is None or derive.how == "completion" or (own := _column(workings, section, field)) is None:
            continue
        if derive.how == "sum":
            yield from _column_sum(workings, section, field, derive, own)
            continue
        first, second = (_operand(workings, _in_every_row(section, ref)) for ref in derive.of)
        tolerance = _tolerance(derive, field)
        sides = {
            "difference": f"({own.text}-({first.text}-{second.text}))",
            "ratio": f"({own.text}*{second.text}-{first.text})",
            "change": f"({own.text}*{second.text}-({first.text}-{second.text}))",
        }
        # compared without a division, so that an array formula meets no #DIV/0!
        scale = "" if derive.how == "difference" else f"*ABS({second.text})"
        test = f"ROUND(ABS{sides[derive.how]},8)>ROUND({tolerance}{scale},8)"
        guards = [own.text, first.text, second.text]
        extra = [] if derive.how == "difference" else [f"({second.text}<>0)"]
        found = 0
        for position, row_id in enumerate(_rows(workings, section)):
            stated, expected = own.at(position), workings.worked_out(derive, row_id)
            if stated is not None and expected is not None:
                weight = (second.at(position) or Decimal(0)) if scale else Decimal(1)
                found += _beyond((stated - expected) * weight, tolerance * abs(weight))
        words = {"difference": "－", "ratio": "÷", "change": "的增减率，对比"}[derive.how]
        labels = words.join(_field_label(workings, ref) for ref in derive.of)
        yield Comparison(
            section.id, f"{field.label}＝{labels}", _counting(workings, section, guards, extra, test), found
        )


def _column_sum(
    workings: Workings, section: Section, field: Field, derive: Derive, own: _Operand
) -> Iterator[Comparison]:
    """Compare a column that adds up others of its row; a part left empty counts for nothing."""
    parts = [_operand(workings, _in_every_row(section, ref)) for ref in derive.of]
    terms = "+".join(f"IF(ISNUMBER({part.text}),{part.text},0)" for part in parts)
    some = "+".join(f"ISNUMBER({part.text})" for part in parts)
    tolerance, found = _tolerance(derive, field), 0
    for position, row_id in enumerate(_rows(workings, section)):
        stated, expected = own.at(position), workings.worked_out(derive, row_id)
        if stated is not None and expected is not None:
            found += _beyond(stated - expected, tolerance)
    test = f"ROUND(ABS({own.text}-({terms})),8)>{tolerance}"
    labels = "＋".join(_field_label(workings, ref) for ref in derive.of)
    formula = _counting(workings, section, [own.text], [f"(({some})>0)"], test)
    yield Comparison(section.id, f"{field.label}＝{labels}", formula, found)


def _table_totals(workings: Workings, section: Section) -> Iterator[Comparison]:
    """Compare the figures of the total row below a table."""
    for field_id in filter(section.adds_up, section.total_fields):
        total = Ref(section.id, TOTAL_ROW, field_id)
        column = Ref(section.id, EVERY_ROW, field_id)
        stated, expected = _operand(workings, total), workings.summed_up(section.id, field_id)
        cells = [workings.cell(name, STATUS_SHEET) for name in workings.added(section.id, field_id)]
        listed = ",".join([_operand(workings, column).text, *cells])
        apart = f"ROUND(ABS({stated.text}-SUM({listed})),8)>{CENT}"
        formula = f"=IF(COUNT({listed})*COUNT({stated.text})=0,0,IF({apart},1,0))"
        shown = stated.at(0)
        found = int(shown is not None and expected is not None and _beyond(shown - expected, CENT))
        added = workings.form.section(section.id).total_adds.get(field_id, ())
        words = "＋".join(["各行之和", *(_full_label(workings, ref) for ref in added)])
        yield Comparison(section.id, f"{_field_label(workings, total)}＝{words}", formula, found)


def _at_most(workings: Workings, rule: Rule) -> Iterator[Comparison]:
    left, right = _refs(workings, rule, "left")[0], _refs(workings, rule, "right")[0]
    if left.section != right.section:
        return
    section = workings.form.section(left.section)
    low, high = _operand(workings, left), _operand(workings, right)
    rows = max(len(low.numbers), len(high.numbers))
    pairs = [(low.at(row), high.at(row)) for row in range(rows)]
    found = sum(a is not None and b is not None and _beyond(a - b, Decimal(0), signed=True) for a, b in pairs)
    test = f"ROUND({low.text}-{high.text},8)>0"
    words = f"{_field_label(workings, left)}不超过{_field_label(workings, right)}"
    yield Comparison(section.id, words, _counting(workings, section, [low.text, high.text], [], test), found)


def _same_figure(workings: Workings, rule: Rule) -> Iterator[Comparison]:
    left, right = _refs(workings, rule, "left")[0], _refs(workings, rule, "right")[0]
    if EVERY_ROW in (left.row, right.row):
        return
    here, there = _operand(workings, left), _operand(workings, right)
    apart = f"ROUND(ABS({here.text}-{there.text}),8)>{CENT}"
    formula = f"=IF(COUNT({here.text},{there.text})<2,0,IF({apart},1,0))"
    one, other = here.at(0), there.at(0)
    found = int(one is not None and other is not None and _beyond(one - other, CENT))
    words = f"{_field_label(workings, left)}＝{_full_label(workings, right)}"
    yield Comparison(left.section, words, formula, found)


def _sum_is(workings: Workings, rule: Rule) -> Iterator[Comparison]:
    refs = _refs(workings, rule, "of")
    value = rule.params["value"]
    if isinstance(value, str):
        target = _refs(workings, rule, "value")[0]
        stated = _operand(workings, target)
        expected, text, words = stated.at(0), stated.text, _full_label(workings, target)
    else:
        expected, text, words = Decimal(value), str(value), str(value)
    formula, numbers = _sum(workings, refs)
    told = all(workings.figures(ref) for ref in refs) and expected is not None
    found = int(told and _beyond(sum(numbers, Decimal(0)) - (expected or Decimal(0)), CENT))
    apart = f"ROUND(ABS({formula}-{text}),8)>{CENT}"
    counts = "*".join(f"COUNT({_operand(workings, ref).text})" for ref in refs)
    counted = f"=IF({counts}*COUNT({text})=0,0,IF({apart},1,0))"
    yield Comparison(refs[-1].section, f"{_sum_words(workings, refs)}＝{words}", counted, found)


def _sum_at_most(workings: Workings, rule: Rule) -> Iterator[Comparison]:
    refs = _refs(workings, rule, "of")
    limit = Decimal(rule.params["limit"])
    formula, numbers = _sum(workings, refs)
    found = int(_beyond(sum(numbers, Decimal(0)) - limit, CENT, signed=True))
    counted = f"=IF(ROUND({formula}-{limit},8)>{CENT},1,0)"
    yield Comparison(refs[0].section, f"{_sum_words(workings, refs)}不超过{limit}", counted, found)


def _balance(workings: Workings, rule: Rule) -> Iterator[Comparison]:
    names = ("opening", "income", "expenditure", "closing")
    refs = [_refs(workings, rule, name)[0] for name in names]
    cells = [_operand(workings, ref) for ref in refs]
    a, b, c, d = (cell.text for cell in cells)
    apart = f"ROUND(ABS({a}+{b}-{c}-{d}),8)>{4 * CENT}"
    formula = f"=IF(COUNT({a},{b},{c},{d})<4,0,IF({apart},1,0))"
    known = [number for cell in cells if (number := cell.at(0)) is not None]
    found = int(len(known) == 4 and _beyond(known[0] + known[1] - known[2] - known[3], 4 * CENT))
    labels = [_full_label(workings, ref) for ref in refs]
    yield Comparison(refs[3].section, f"{labels[0]}＋{labels[1]}－{labels[2]}＝{labels[3]}", formula, found)


def _nothing(_workings: Workings, _rule: Rule) -> Iterator[Comparison]:
    return iter(())


_RULES: dict[str, Callable[[Workings, Rule], Iterator[Comparison]]] = {
    "at_most": _at_most,
    "same_figure": _same_figure,
    "sum_is": _sum_is,
    "sum_at_most": _sum_at_most,
    "balance": _balance,
}


def _refs(workings: Workings, rule: Rule, name: str) -> list[Ref]:
    return workings.resolve(rule.params[name], f"form.rule[{rule.id}].{name}")


def _beyond(difference: Decimal, tolerance: Decimal, *, signed: bool = False) -> bool:
    size = difference if signed else abs(difference)
    return size.quantize(_ROUND) > tolerance.quantize(_ROUND)


def _tolerance(derive: Derive, field: Field) -> Decimal:
    """Return how far a stated figure may lie from its derivation, in the cell's own unit."""
    percent = field.type is FieldType.PERCENT
    if derive.tolerance is not None:
        return derive.tolerance.scaleb(-2) if percent else derive.tolerance
    return RATE_TOLERANCE if percent else CENT * max(1, len(derive.of))


def _rows(workings: Workings, section: Section) -> Sequence[str]:
    return workings.data_rows(section.id)


def _column(workings: Workings, section: Section, field: Field) -> _Operand | None:
    rows = _rows(workings, section)
    if section.kind is SectionKind.ANSWERS:
        return _operand(workings, Ref(section.id, "", field.id))
    return _operand(workings, Ref(section.id, EVERY_ROW, field.id)) if rows else None


def _in_every_row(section: Section, ref: Ref) -> Ref:
    beside = ref.section == section.id and not ref.row and section.kind is not SectionKind.ANSWERS
    return Ref(ref.section, EVERY_ROW, ref.field) if beside else ref


def _operand(workings: Workings, ref: Ref) -> _Operand:
    if ref.row != EVERY_ROW:
        name = (ref.section, ref.row, ref.field)
        return _Operand(workings.cell(name, STATUS_SHEET), (workings.figure(name),))
    rows = workings.data_rows(ref.section)
    numbers = tuple(workings.figure((ref.section, row, ref.field)) for row in rows)
    return _Operand(workings.column(ref.section, ref.field, STATUS_SHEET), numbers)


def _counting(
    workings: Workings, section: Section, guards: Sequence[str], extra: Sequence[str], test: str
) -> str:
    """Return an array formula that counts the rows where all guards are numbers and the test holds."""
    conditions = [f"ISNUMBER({text})" for text in guards] + list(extra)
    if section.kind is SectionKind.TABLE:
        conditions.append(workings.inside(section.id, STATUS_SHEET))
    return f"=SUM(IF({'*'.join(conditions)},IF({test},1,0),0))"


def _sum(workings: Workings, refs: Sequence[Ref]) -> tuple[str, list[Decimal]]:
    """Return an expression adding the references up, and their numbers."""
    terms = []
    for ref in refs:
        text = _operand(workings, ref).text
        if ref.row == EVERY_ROW and workings.form.section(ref.section).kind is SectionKind.TABLE:
            inside = workings.inside(ref.section, STATUS_SHEET)
            terms.append(f"SUM(IF(ISNUMBER({text})*{inside},{text},0))")
        else:
            terms.append(f"SUM({text})")
    return "+".join(terms), [number for ref in refs for number in workings.figures(ref)]


def _field_label(workings: Workings, ref: Ref) -> str:
    """Return the label of a field, after that of its row when one row is meant."""
    section = workings.form.section(ref.section)
    label = section.field(ref.field).label
    if ref.row in ("", EVERY_ROW):
        return label
    if section.kind is SectionKind.GRID:
        return f"{section.row(ref.row).label}的{label}"
    return f"{section.totals[0] if section.totals else '合计'}的{label}"


def _full_label(workings: Workings, ref: Ref) -> str:
    section = workings.form.section(ref.section)
    return f"“{section.title}”{_field_label(workings, ref)}"


def _sum_words(workings: Workings, refs: Sequence[Ref]) -> str:
    words = [_full_label(workings, ref) for ref in refs]
    return "＋".join(words) + ("合计" if any(ref.row == EVERY_ROW for ref in refs) else "")
