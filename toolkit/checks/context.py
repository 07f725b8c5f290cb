"""What a check may look at, and how it says where something is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from toolkit.checks.figures import answers_at, answers_of, derive_of, parts_of
from toolkit.checks.model import IndicatorResult
from toolkit.checks.policy import Policy
from toolkit.form.labels import unnumbered
from toolkit.form.model import Derive, Field, FieldType, Form, Ref, Section, SectionKind
from toolkit.form.references import EVERY_ROW, TOTAL_ROW, Names
from toolkit.issues.model import Location
from toolkit.submission.model import Answer, Blank, Cell, Row, Submission, place_of

_EMPTY_REASONS = frozenset({"详见附件", "已全部完成", "全部完成", "按时完成", "已经完成", "没有偏差"})
SHORTEST_REASON = 4
_CENT = Decimal("0.01")
MOST_ALIKE = 2  # other rows that may not all give the same reason


@dataclass(slots=True)
class Context:
    """One submission under its form. `blamed` are the cells an earlier stage found fault with: what follows
    from them is not told again. `doubtful` are readable figures that must not enter any total."""

    form: Form
    submission: Submission
    names: Names
    policy: Policy = field(default_factory=Policy)
    blamed: set[Cell] = field(default_factory=set)
    doubtful: set[Cell] = field(default_factory=set)
    judged: set[Cell] = field(default_factory=set)
    indicators: dict[tuple[str, str], IndicatorResult] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)  # labels of columns, rows and sections told to be missing
    reasons: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)  # (section, field) -> wordings
    _following: list[tuple[Answer, Derive, list[Answer]]] | None = None
    _texts: list[tuple[Ref, Answer]] | None = None

    def ref(self, name: str) -> Ref:
        """Return the reference a rule names."""
        return self.names.ref(name)

    def pairs(self, left: str, right: str) -> Iterator[tuple[Ref, Answer, Ref, Answer]]:
        """Yield the two answers of every row that both references name."""
        first, second = self.ref(left), self.ref(right)
        for ref, answer in answers_at(self.form, self.submission, first):
            other = _in_row(second, ref.row)
            yield ref, answer, other, self.answer(other)

    def beside(self, ref: Ref, name: str) -> Ref:
        """Return the reference a rule names, in the row of another when it names every row."""
        return _in_row(self.ref(name), ref.row)

    def cent(self, asked: Field) -> Decimal:
        """Return 0.01 of what a field counts in: of the form's unit of money, in yuan, else of one."""
        return _CENT * self.form.money.yuan if asked.type is FieldType.MONEY else _CENT

    def blame(self, *answers: Answer) -> None:
        """Remember that the cells have their own issue."""
        self.blamed.update(answer.cell for answer in answers if answer.cell is not None)

    def pardon(self, place: Location, *, blamed: bool = True) -> None:
        """Take a fault off a cell: its figure counts again, and with `blamed` what follows is judged too."""
        for cells in (self.blamed, self.doubtful) if blamed else (self.doubtful,):
            cells -= {cell for cell in cells if (cell.sheet, cell.a1) == (place.sheet, place.cell)}

    def answer(self, ref: Ref) -> Answer:
        """Return the answer a full reference names."""
        return self.submission.at(ref)

    def place(self, ref: Ref, answer: Answer | None = None) -> Location:
        """Return where an answer stands; without a cell of its own, where its section begins."""
        found = answer or self.answer(ref)
        cell = found.cell
        if cell is None:
            data = self.submission.sections.get(ref.section)
            cell = self.submission.columns.get((ref.section, ref.field)) or (
                data.title_cell if data else None
            )
        return place_of(cell, self.label(ref))

    def label(self, ref: Ref) -> str:
        """Return how staff call an answer: `支出合计·决算数`, `三级指标“…”的得分`."""
        section = self.form.section(ref.section)
        asked = section.field(ref.field)
        if ref.row == EVERY_ROW:
            return f"{section.title}·{asked.label}"
        if section.kind is SectionKind.GRID and ref.row:
            return f"{_bare(section.row(ref.row).label)}·{asked.label}"
        if section.kind is SectionKind.TABLE and ref.row.startswith(TOTAL_ROW):
            return f"{section.totals[0] if section.totals else '合计'}·{asked.label}"
        if section.kind is SectionKind.TABLE and ref.row:
            name = self.row_name(section, ref.row)
            return f"{name}·{asked.label}" if name else asked.label
        return asked.label

    def row_name(self, section: Section, row: str) -> str:
        """Return what a table row is about: its name field, or its first short text."""
        data = self.submission.sections.get(section.id)
        found = data.row(row) if data else None
        if found is None:
            return ""
        for entry in section.naming:
            if text := found[entry.id].text:
                return text if len(text) <= 30 else text[:29] + "…"
        return ""

    def is_blamed(self, *answers: Answer) -> bool:
        """Return whether any of the cells already has its own issue."""
        if self.blamed:
            for answer in answers:  # not any(): asked for every figure by every rule
                if answer.cell in self.blamed:
                    return True
        return False

    def is_unsure(self, *refs: Ref) -> bool:
        """Return whether any figure, or one it follows from, has its own issue or was lost with its label."""
        return any(self._is_unsure(ref) for ref in refs)

    def _is_unsure(self, ref: Ref) -> bool:
        if self.is_lost(ref):
            return True
        for place, answer in answers_at(self.form, self.submission, ref):
            if self.is_blamed(answer):
                return True
            rule = derive_of(self.form, place) if answer.number is None else None
            if rule is not None and self.is_unsure(*parts_of(rule, place)):
                return True
        return False

    def is_lost(self, ref: Ref) -> bool:
        """Return whether an answer cannot be found because its column, row or section was not."""
        section = self.form.section(ref.section)
        rows = [row.label for row in section.rows if ref.row in (row.id, EVERY_ROW)]
        if self.lost.isdisjoint({section.title, section.field(ref.field).label, *rows}):
            return False
        found = answers_at(self.form, self.submission, ref)
        return not any(answer.cell is not None for _, answer in found) or not self.lost.isdisjoint(rows)

    def lacking(self, ref: Ref, given: Answer) -> str:
        """Return in words why a reason cell carries no reason; empty when it carries one of its own.

        The same words in many rows are nobody's reason; a merged cell over many rows says them once.
        """
        if self.is_lost(ref):
            return ""  # that its column is missing is told already
        if self._has_no_column(ref):
            return f"表中没有“{self.form.field(ref).label}”一栏"
        if not is_real_reason(given):
            return f"原因只写了“{given.raw.strip()}”" if given.raw.strip() else "没有说明原因"
        others = self._wordings(ref)[_wording(given)] - 1
        return f"原因与另外 {others} 行一字不差" if others >= MOST_ALIKE else ""

    def lose(self, ref: Ref | None) -> None:
        """Remember, when a table has no such column, that one row was told so: that is enough."""
        if ref is not None and self._has_no_column(ref):
            self.lost.add(self.form.field(ref).label)

    def _has_no_column(self, ref: Ref) -> bool:
        answers = self.form.section(ref.section).kind is SectionKind.ANSWERS
        return not answers and (ref.section, ref.field) not in self.submission.columns

    def _wordings(self, ref: Ref) -> Counter[str]:
        """Return how many cells of a column say the same."""
        key = (ref.section, ref.field)
        if key not in self.reasons:
            cells = {row[ref.field].cell: _wording(row[ref.field]) for row in self.rows(ref.section)}
            self.reasons[key] = Counter(cells.values())
        return self.reasons[key]

    def following(self) -> Sequence[tuple[Answer, Derive, list[Answer]]]:
        """Return every answer that follows from others, how, and the answers it follows from."""
        if self._following is None:
            self._following = list(self._derived_answers())
        return self._following

    def _derived_answers(self) -> Iterator[tuple[Answer, Derive, list[Answer]]]:
        form, submission = self.form, self.submission
        for section in form.sections:
            for row in submission.sections[section.id].rows if section.derivable else ():
                for name in section.derivable:
                    ref = Ref(section.id, row.id, name)
                    rule = derive_of(form, ref) if name in row.answers else None
                    if rule is None:
                        continue
                    yield row[name], rule, answers_of(form, submission, parts_of(rule, ref))

    def texts(self) -> Sequence[tuple[Ref, Answer]]:
        """Return every filled long text of the form; several rules read them."""
        if self._texts is None:
            self._texts = [
                (Ref(section.id, row.id, name), answer)
                for section in self.form.sections
                for row in (self.rows(section.id) if section.prose else ())
                for name in section.prose
                if (answer := row[name]).text
            ]
        return self._texts

    def follows_blamed(self, ref: Ref) -> bool:
        """Return whether a figure is derived from a cell that has its own issue."""
        rule = derive_of(self.form, ref)
        parts = parts_of(rule, ref) if rule else []
        return self.is_blamed(*answers_of(self.form, self.submission, parts))

    def rows(self, section: str) -> Iterable[Row]:
        """Return the data rows of a section."""
        data = self.submission.sections.get(section)
        return data.data if data else ()


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A row that needs a reason and has none, in the words of the issue, and where the reason should stand.

    `cell` is None where the form has no cell for it.
    """

    place: Location
    cell: Ref | None
    reason: str  # what the cell is called
    lacking: str  # why what it holds is no reason


def unexplained(context: Context, ref: Ref, reason: str) -> Unexplained | None:
    """Return what is lacking of the reason for a figure, None when nothing is; a rule may name no cell."""
    if not reason:
        return Unexplained(context.place(ref), None, "另附的说明", "表上没有写原因的栏目")
    cell = context.beside(ref, reason)
    given = context.answer(cell)
    if not (lacking := context.lacking(cell, given)):
        return None
    place = context.place(cell, given) if given.cell else context.place(ref)
    return Unexplained(place, cell, context.form.field(cell).label, lacking)


def _in_row(named: Ref, row: str) -> Ref:
    """Return a reference in one row where it names every row, else as it is."""
    return Ref(named.section, row, named.field) if named.row == EVERY_ROW else named


def is_real_reason(answer: Answer) -> bool:
    """Return whether a reason cell carries a reason: longer than 无, 略 or 已完成, and no stock phrase."""
    if answer.blank in (Blank.EMPTY, Blank.NOT_APPLICABLE) or answer.value is None:
        return False
    text = answer.text.strip(" 。.,，;；").lower()
    return len(text) >= SHORTEST_REASON and text not in _EMPTY_REASONS


def _wording(answer: Answer) -> str:
    """Return a text without what does not make it another: spaces and the stop at its end."""
    return "".join(answer.text.split()).strip("。.；;")


def _bare(label: str) -> str:
    """Return a row label without its number and without 其中.

    >>> _bare("一、基本支出"), _bare("其中：当年财政拨款"), _bare("经济、社会和生态效益")
    ('基本支出', '当年财政拨款', '经济、社会和生态效益')
    """
    return unnumbered(label).removeprefix("其中：")
