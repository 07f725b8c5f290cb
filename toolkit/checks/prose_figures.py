"""The audit of figures in long texts: what a text says of a figure against what the form's tables hold.

Precision comes before recall. A clause is compared only when every word of it is understood: `支出执行率为
96.79%` is, `支出100万元用于防疫` is not. A figure that stands in no table is no issue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from toolkit.checks.context import Context
from toolkit.checks.figure_words import Meaning, Vocabulary, is_filler
from toolkit.checks.figures import answers_of, derive_of, figure, parts_of
from toolkit.checks.identity import stated_year
from toolkit.checks.printing import as_stated, shown
from toolkit.checks.prose import Clause, Figure, clauses, has_figure, long_texts, plain_text
from toolkit.checks.rules import check
from toolkit.form.model import FieldType, Ref
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue
from toolkit.issues.values import value_class

ABOUT = Decimal("0.05")  # how far a figure with 约 or 超 may be from the one it rounds
MOST_TOLD = 3  # contradictions of one text that are written out
_SENTENCE_ENDS = frozenset("。!?")


@value_class(frozen=True, slots=True)
class Statement:
    """A figure of a text with what it is said to be: `answers` are the fields it may state, best first.

    `sure` is True when its own clause names the row in words that mean nothing else. `earlier` are the rows
    the sentence spoke of before, to which a rate without a row may belong as well.
    """

    answers: tuple[Ref, ...]
    figure: Figure
    sure: bool
    down: bool
    earlier: tuple[Ref, ...] = ()


@dataclass(slots=True)
class _Thread:
    """What a paragraph has been talking about so far."""

    topic: Ref | None = None
    pending: str = ""  # the comparison the last figure was in (比上年)
    aside: bool = False  # a clause of this sentence was not understood and holds figures
    astray: bool = False  # the paragraph turned to a part of the whole (某项目)
    past: bool = False  # the sentence is about another year
    earlier: list[Ref] = field(default_factory=list)

    def drop(self) -> None:
        self.topic, self.pending = None, ""

    def end(self, mark: str) -> None:
        """Follow a mark: a full stop ends the sentence, a semicolon or a bracket its topic."""
        if mark in _SENTENCE_ENDS:
            self.aside, self.past = False, False
            self.earlier.clear()
        if mark in _SENTENCE_ENDS or mark in ";()":
            self.drop()


@check
def prose_figures(
    context: Context,
    code: str,
    *,
    named: Mapping[str, Sequence[str]],
    columns: Mapping[str, Sequence[str]],
    bare: Mapping[str, Sequence[str]] | None = None,
    texts: Sequence[str] = (),
    general: Sequence[str] = (),
    parts: Sequence[str] = (),
) -> Iterator[Issue]:
    """Amounts, rates and scores in long texts agree with the tables; one issue for each text that does not.

    `texts` are the cells to read (all prose of the form by default); in `general` ones the words of `bare`
    are understood too, until a word of `parts` shows that the paragraph is about a part of the whole.
    """
    vocabulary = _vocabulary(context, named, bare or {}, columns)
    year = stated_year(context.form, context.submission)
    wide = {(ref.section, ref.field) for ref in map(context.ref, general)}
    for ref, answer in long_texts(context, texts):
        within = (ref.section, ref.field) in wide
        wrong = []
        for said in statements(answer.text, vocabulary, year, general=within, parts=parts):
            told = _contradiction(context, said)
            if told is not None and told not in wrong:
                wrong.append(told)
        if wrong:
            more = f"；另有 {len(wrong) - MOST_TOLD} 处" if len(wrong) > MOST_TOLD else ""
            yield issue(
                code,
                context.place(ref, answer),
                found=wrong[0][0],
                expected=wrong[0][1],
                what="；".join(sentence for _, _, sentence in wrong[:MOST_TOLD]) + more,
            )


_known: dict[int, tuple[Mapping[str, Sequence[str]], Vocabulary]] = {}


def _vocabulary(
    context: Context,
    named: Mapping[str, Sequence[str]],
    bare: Mapping[str, Sequence[str]],
    columns: Mapping[str, Sequence[str]],
) -> Vocabulary:
    """Return the words of a rule; they are the same for every workbook of a process."""
    known = _known.get(id(named))
    if known is None or known[0] is not named or known[1].form is not context.form:
        known = _known[id(named)] = named, Vocabulary.of(context.form, named, bare, columns)
    return known[1]


# ── what a text says ────────────────────────────────────────────────────────────────────────────────


def statements(
    text: str, vocabulary: Vocabulary, year: int | None, *, general: bool, parts: Sequence[str] = ()
) -> Iterator[Statement]:
    """Yield the figures of a text that the form knows, of the year reported."""
    if not has_figure(text):
        return
    for paragraph in plain_text(text).split("\n"):
        if not vocabulary.speaks(paragraph):
            continue
        thread = _Thread()
        for clause in clauses(paragraph):
            yield from _read(clause, thread, vocabulary, year, general=general, parts=parts)
            thread.end(clause.mark)


def _read(
    clause: Clause,
    thread: _Thread,
    vocabulary: Vocabulary,
    year: int | None,
    *,
    general: bool,
    parts: Sequence[str],
) -> list[Statement]:
    """Return the statements of one clause, all or none, and follow where it leads."""
    if not clause.parts:
        _turn(clause.rest, thread, vocabulary, year, parts)
        return []
    meanings, topic, pending = [], thread.topic, thread.pending
    for words, _ in clause.parts:
        meaning = vocabulary.meaning(words, topic, pending)
        if meaning is not None and meaning.explicit and not meaning.sure:
            blocked = not general or thread.aside or thread.astray
            meaning = None if blocked else meaning
        if meaning is None or clause.rest:
            _lose(clause, thread, parts)
            return []
        meanings.append(meaning)
        topic = meaning.row if not meaning.row.field else topic
        pending = meaning.column
    if thread.past or any(meaning.year not in (None, year) for meaning in meanings):
        thread.drop()
        return []
    earlier = tuple(thread.earlier)
    if any(meaning.sure for meaning in meanings):
        thread.aside = thread.astray = False
    thread.topic, thread.pending = topic, pending
    if topic is not None and topic not in thread.earlier:
        thread.earlier.append(topic)
    return [
        said
        for meaning, (_, found) in zip(meanings, clause.parts, strict=True)
        if (said := _statement(vocabulary, meaning, found, earlier)) is not None
    ]


def _statement(
    vocabulary: Vocabulary, meaning: Meaning, found: Figure, earlier: tuple[Ref, ...]
) -> Statement | None:
    answers = tuple(vocabulary.fields(meaning, found.type))
    others = () if meaning.explicit else tuple(row for row in earlier if row != meaning.row)
    return Statement(answers, found, meaning.sure, bool(meaning.down), others) if answers else None


def _turn(
    words: str, thread: _Thread, vocabulary: Vocabulary, year: int | None, parts: Sequence[str]
) -> None:
    """Follow a clause without a figure: a time, a topic, or something else."""
    filler, named_year = is_filler(words)
    if filler:
        thread.past = thread.past or named_year not in (None, year)
        return
    topic = vocabulary.topic(words)
    if topic is not None:
        thread.topic, thread.pending = topic, ""
        return
    thread.drop()
    thread.astray = thread.astray or any(word in words for word in parts)


def _lose(clause: Clause, thread: _Thread, parts: Sequence[str]) -> None:
    """Follow a clause with figures that was not understood."""
    thread.drop()
    thread.aside = True
    words = "".join([*(words for words, _ in clause.parts), clause.rest])
    thread.astray = thread.astray or any(word in words for word in parts)


# ── what the tables hold ────────────────────────────────────────────────────────────────────────────


def _contradiction(context: Context, said: Statement) -> tuple[str, str, str] | None:
    """Return (as written, as in the table, a sentence with both places), or None when nothing disagrees."""
    known = [(ref, value) for ref in said.answers if (value := _held(context, ref)) is not None]
    if not known or any(_agrees(said, value, context) for _, value in known):
        return None
    for row in said.earlier:
        for ref in said.answers:
            other = _held(context, replace(ref, row=row.row)) if row.section == ref.section else None
            if other is not None and _agrees(said, other, context):
                return None
    if not said.sure and _elsewhere(context, said):
        return None
    ref, value = known[0]
    asked, unit = context.form.field(ref), context.form.money
    answer = context.answer(ref)
    counted = answer.number is None or answer.cell is None
    held = shown(asked, value, unit) if counted else as_stated(asked, answer, unit)
    if held[-1:].isdigit():
        held += {FieldType.MONEY: unit.value, FieldType.NUMBER: "分"}.get(asked.type, "")
    place = f"{answer.cell.sheet} {answer.cell.a1} " if answer.cell and not counted else "按表中数据计算"
    sign = "减少 " if said.down else ""
    sentence = f"“{context.label(ref)}”文中写 {sign}{said.figure.text}，{place}为 {held}"
    return said.figure.text, held, sentence


def _held(context: Context, ref: Ref) -> Decimal | None:
    """Return the figure of an answer, stated or derived, unless a cell it rests on has its own issue."""
    answer = context.answer(ref)
    if answer.number is not None:
        return None if context.is_blamed(answer) else answer.number
    rule = derive_of(context.form, ref)
    if rule is None:
        return None
    form, submission = context.form, context.submission
    used = answers_of(form, submission, parts_of(rule, ref))
    unsure = context.is_blamed(answer, *used) or context.is_unsure(ref)
    return None if unsure else figure(form, submission, ref)


def _agrees(said: Statement, value: Decimal, context: Context) -> bool:
    """Return whether a figure as printed may be that value: rounded, cut off, or about it."""
    stated, step = said.figure.value, said.figure.step
    if said.down:
        stated = -stated
    gap = abs(stated - value)
    if gap < step or (said.figure.about and gap <= abs(value) * ABOUT):
        return True
    if said.figure.type is FieldType.NUMBER:
        return False
    unit = Decimal(context.form.money.yuan) if said.figure.type is FieldType.MONEY else Decimal("0.01")
    return gap <= unit / 100  # a total of rounded parts


def _elsewhere(context: Context, said: Statement) -> bool:
    """Return whether any other cell of the workbook holds the figure, so that the text may mean that one."""
    kind = said.figure.type
    return any(
        answer.number is not None
        and context.form.section(section).field(field_id).type is kind
        and _agrees(said, answer.number, context)
        for section, _, field_id, answer in context.submission.facts()
    )
