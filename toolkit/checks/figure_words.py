"""Which figure of the form a clause talks about: words for rows and for columns, put together.

The words stand in the form, as parameters of its rule: `named` are unmistakable wherever they stand, `bare`
mean the unit as a whole only where nothing else is being talked about, `columns` name what of a row is meant.
Keys are `section.row`, `section.row.field` or `section.field`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.checks.prose import bare_words, plain_text
from toolkit.form.model import FieldType, Form, Ref, SectionKind
from toolkit.form.references import Names
from toolkit.form.toml_table import FormError
from toolkit.issues.values import value_class

LONGEST_WORDS = 30  # characters before a figure that may name it
_YEAR = re.compile(r"^(20\d\d)年?度?")
_FILLER = re.compile(
    r"^(?:其中|全年度?|本年度?|年度|当年|今年|我街道?|我镇|我局|我单位|本?街道|本?单位|本?部门|整体|实际|决算"
    r"|累计|总|共|已|综合|自评|的|经|前述)"
)
_DIRECTION = re.compile(r"(增加|增长|增支|上升|提高|追加|调增|减少|下降|降低|减支|调减)$")
_DOWN = frozenset({"减少", "下降", "降低", "减支", "调减"})
_TOPIC_ENDING = re.compile(r"(?:方面|情况|上|中)$")
_CHANGES = ("difference", "change")


@value_class(frozen=True, slots=True)
class Meaning:
    """What words before a figure mean: the row, and the word used for the column ("" when none was).

    `sure` is True for words that can mean nothing else, `explicit` when the row itself was named. `year` is
    the year written before it.
    """

    row: Ref
    column: str
    sure: bool = False
    explicit: bool = False
    down: bool | None = None
    year: int | None = None


@dataclass(slots=True)
class Vocabulary:
    """The words of one rule, resolved against its form."""

    form: Form
    rows: dict[str, tuple[Ref, bool]] = field(default_factory=dict)  # word -> row or answer, sure
    columns: dict[str, dict[str, list[str]]] = field(default_factory=lambda: defaultdict(dict))
    stems: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        form: Form,
        named: Mapping[str, Sequence[str]],
        bare: Mapping[str, Sequence[str]],
        columns: Mapping[str, Sequence[str]],
    ) -> Vocabulary:
        """Resolve the words of a rule; FormError when a key names nothing or a word two things."""
        made, names = cls(form), Names.of_form(form)
        for by_row, sure in ((bare, False), (named, True)):
            for key, spellings in by_row.items():
                for word in spellings:
                    made._mean(_word(word), _resolve(names, form, key), sure=sure)
        for key, spellings in columns.items():
            ref = names.resolve(key, "rule.columns")
            for word in spellings:
                fields = made.columns[_word(word)].setdefault(ref.section, [])
                if ref.field not in fields:
                    fields.append(ref.field)
        stems: list[str] = []
        for word in sorted(made.rows, key=len):
            if not any(stem in word for stem in stems):
                stems.append(word)
        made.stems = tuple(stems)
        return made

    def _mean(self, word: str, row: Ref, *, sure: bool) -> None:
        if word in self.rows and self.rows[word][0] != row:
            raise FormError("rule", f"'{word}' cannot mean both {self.rows[word][0]} and {row}")
        self.rows[word] = row, sure

    def speaks(self, paragraph: str) -> bool:
        """Return whether a paragraph has any word for a row at all."""
        for stem in self.stems:  # noqa: SIM110 - twice as fast as any() over every paragraph
            if stem in paragraph:
                return True
        return False

    def meaning(self, words: str, topic: Ref | None, pending: str = "") -> Meaning | None:
        """Return what the words before a figure mean, or None; `topic` is the row talked about so far.

        `pending` is the comparison (比上年) that an `增长` by itself goes on with.
        """
        if len(words) > LONGEST_WORDS:
            return None
        text = bare_words(words)
        turned = _DIRECTION.search(text)
        down = None if turned is None else turned[1] in _DOWN
        if turned is not None:
            text = bare_words(text[: turned.start()])
            if not text and topic is not None and pending:
                return Meaning(topic, pending, down=down)
        year: int | None = None
        while text:
            found = self._row_and_column(text, topic)
            if found is not None:
                return Meaning(found.row, found.column, found.sure, found.explicit, down, year)
            if (match := _YEAR.match(text)) is not None:
                year = int(match[1])
            elif (match := _FILLER.match(text)) is None:
                return None
            text = text[match.end() :]
        return None

    def topic(self, words: str) -> Ref | None:
        """Return the row that a clause without a figure turns to (机关运行经费方面)."""
        text = _TOPIC_ENDING.sub("", words)
        found = self.meaning(text, None) if len(text) <= LONGEST_WORDS and self.speaks(text) else None
        return found.row if found is not None and found.sure and not found.row.field else None

    def _row_and_column(self, text: str, topic: Ref | None) -> Meaning | None:
        if topic is not None and topic.section in self.columns.get(text, ()):
            return Meaning(topic, text)
        if text in self.rows:
            row, sure = self.rows[text]
            return Meaning(row, "", sure, True)
        for cut in range(1, len(text)):
            for name, column in ((text[:cut], text[cut:]), (text[cut:], text[:cut])):
                if name not in self.rows:
                    continue
                row, sure = self.rows[name]
                word = _stripped(column)
                if not row.field and any(row.section in self.columns.get(one, ()) for one in (column, word)):
                    known = column if row.section in self.columns.get(column, ()) else word
                    return Meaning(row, known, sure, True)
        return None

    def fields(self, meaning: Meaning, kind: FieldType) -> Iterator[Ref]:
        """Yield the answers the words may mean that hold figures of that kind.

        A word with a direction (比上年增加) means a change, one without (比上年) does not, except a word that
        is itself called …额 or …率.
        """
        row = meaning.row
        if row.field:
            if self.form.field(row).type is kind:
                yield row
            return
        for name in self.columns.get(meaning.column, {}).get(row.section, ()):
            ref = Ref(row.section, row.row, name)
            asked = self.form.field(ref)
            change = asked.derive is not None and asked.derive.how in _CHANGES
            fits = change if meaning.down is not None else not change or meaning.column[-1:] in ("额", "率")
            if asked.type is kind and fits:
                yield ref


def is_filler(words: str) -> tuple[bool, int | None]:
    """Return whether words say nothing but a time or whose (2024年, 其中, 我街道), and the year they name."""
    if len(words) > LONGEST_WORDS:
        return False, None
    year: int | None = None
    text = bare_words(words)
    while text:
        if (match := _YEAR.match(text)) is not None:
            year = int(match[1])
        elif (match := _FILLER.match(text)) is None:
            return False, None
        text = text[match.end() :]
    return True, year


def _stripped(text: str) -> str:
    """Return words without filler at their beginning, as between a row and its column (经费|全年|预算)."""
    while (match := _FILLER.match(text)) is not None:
        text = text[match.end() :]
    return text


def _word(text: str) -> str:
    return bare_words(plain_text(text))


def _resolve(names: Names, form: Form, key: str) -> Ref:
    """Return the row or answer a key names."""
    section, _, rest = key.partition(".")
    grid = section in names.sections and form.section(section).kind is not SectionKind.ANSWERS
    if grid and rest and "." not in rest:
        columns = form.section(section).fields
        ref = names.resolve(f"{section}.{rest}.{columns[0].id}", "rule")
        return Ref(ref.section, ref.row, "")
    return names.resolve(key, "rule")
