"""What a check may look at, and how it says where something is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from toolkit.checks.figures import answers_at
from toolkit.checks.model import IndicatorResult
from toolkit.form.model import Field, FieldType, Form, Ref, Section, SectionKind
from toolkit.form.references import EVERY_ROW, TOTAL_ROW, Names
from toolkit.issues.model import Location
from toolkit.submission.model import Answer, Blank, Cell, Row, Submission

_EMPTY_REASONS = frozenset({"详见附件", "已全部完成", "全部完成", "按时完成", "已经完成", "没有偏差"})
SHORTEST_REASON = 4


@dataclass(slots=True)
class Context:
    """One submission under its form. `blamed` are the cells an earlier stage found fault with: what follows
    from them is not told again. `doubtful` are readable figures that must not enter any total."""

    form: Form
    submission: Submission
    names: Names
    blamed: set[Cell] = field(default_factory=set)
    doubtful: set[Cell] = field(default_factory=set)
    judged: set[Cell] = field(default_factory=set)
    indicators: dict[tuple[str, str], IndicatorResult] = field(default_factory=dict)

    def ref(self, name: str) -> Ref:
        """Return the reference a rule names."""
        return self.names.resolve(name, "rule")

    def pairs(self, left: str, right: str) -> Iterator[tuple[Ref, Answer, Ref, Answer]]:
        """Yield the two answers of every row that both references name."""
        first, second = self.ref(left), self.ref(right)
        for ref, answer in answers_at(self.form, self.submission, first):
            row = ref.row if second.row == EVERY_ROW else second.row
            other = Ref(second.section, row, second.field)
            yield ref, answer, other, self.answer(other)

    def blame(self, *answers: Answer) -> None:
        """Remember that the cells have their own issue."""
        self.blamed.update(answer.cell for answer in answers if answer.cell is not None)

    def answer(self, ref: Ref) -> Answer:
        """Return the answer a full reference names."""
        return self.submission.answer(ref.section, ref.row, ref.field)

    def place(self, ref: Ref, answer: Answer | None = None) -> Location:
        """Return where an answer stands; without a cell of its own, where its section begins."""
        found = answer or self.answer(ref)
        cell = found.cell
        if cell is None:
            data = self.submission.sections.get(ref.section)
            cell = self.submission.columns.get((ref.section, ref.field)) or (
                data.title_cell if data else None
            )
        return Location(sheet=cell.sheet if cell else "", cell=cell.a1 if cell else "", label=self.label(ref))

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
        found = next((item for item in data.rows if item.id == row), None) if data else None
        if found is None:
            return ""
        for entry in name_fields(section):
            if text := found[entry.id].text:
                return text if len(text) <= 30 else text[:29] + "…"
        return ""

    def is_blamed(self, *answers: Answer) -> bool:
        """Return whether any of the cells already has its own issue."""
        return any(answer.cell in self.blamed for answer in answers if answer.cell is not None)

    def rows(self, section: str) -> Iterable[Row]:
        """Return the data rows of a section."""
        data = self.submission.sections.get(section)
        return data.data if data else ()


def name_fields(section: Section) -> list[Field]:
    """Return the fields that name a table row: `name` first, then other one-line texts."""
    texts = [entry for entry in section.fields if entry.type is FieldType.TEXT]
    return sorted(texts, key=lambda entry: entry.id != "name")


def is_real_reason(answer: Answer) -> bool:
    """Return whether a reason cell carries a reason: longer than 无, 略 or 已完成, and no stock phrase."""
    if answer.blank in (Blank.EMPTY, Blank.NOT_APPLICABLE) or answer.value is None:
        return False
    text = answer.text.strip(" 。.,，;；").lower()
    return len(text) >= SHORTEST_REASON and text not in _EMPTY_REASONS


def _bare(label: str) -> str:
    """Return a row label without its ordinal.

    >>> _bare("一、基本支出"), _bare("其中：当年财政拨款"), _bare("1. 预算编制")
    ('基本支出', '当年财政拨款', '预算编制')
    """
    for mark in ("、", "：", ". "):
        head, found, tail = label.partition(mark)
        if found and len(head) <= 3:
            return tail
    return label
