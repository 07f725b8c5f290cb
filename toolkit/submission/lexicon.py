"""What a form's words mean: every label and alias in normal form, looked up once per cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain

from toolkit.form.labels import LONGEST_LABEL, label_forms, normalise, plain
from toolkit.form.model import Form, Section, SectionKind
from toolkit.issues.values import value_class

_MARK = re.compile(r"表样编号[::]?([\w.-]+@[\w.-]+)")
_PLACEHOLDER = re.compile(r"(?:(?:指标|目标|项目|任务)\d*[::]?[.…]*|[.…/\\*-]+)")
_NOTE = re.compile(
    r"(?:注|备注|说明|(?:填表|填报|填写)说明|\(?(?:金额|计量|货币)?单位)[::\d]|(?:注|备注)$|如需增加"
)
_YEAR_LINE = re.compile(r"\(?20\d\d年度?\)?")
_CLOSING = re.compile(
    r"[-(]*(?:(?:此行)?以下(?:空白|无正文|无内容)|[接转续][上下][页表行]|续表|第\d+页(?:[,/]?共\d+页)?)[-)]*"
)
_CLOSES = frozenset("白文容页表行)）-—")  # what such a text ends with
_UNANSWERED = re.compile(r"[^:]{1,14}:_*|\((?:盖章|公章|签章|签字|签名)\)")
_ORDINAL_HEADINGS = frozenset({"序号", "行次", "编号", "序"})


class Kind(StrEnum):
    """What a label names."""

    SECTION = "section"
    FIELD = "field"
    ROW = "row"
    STUB = "stub"  # the heading over the row labels of a grid


@value_class(frozen=True, slots=True)
class Meaning:
    """One thing a label can name; `name` is the field's or row's id."""

    kind: Kind
    section: str
    name: str = ""


@dataclass(slots=True)
class Lexicon:
    """The words of one form, ready for look-up."""

    form: Form
    _meanings: dict[str, tuple[Meaning, ...]] = field(default_factory=dict)
    _titles: tuple[str, ...] = ()
    _heads: frozenset[str] = frozenset()  # titles of sheets
    printed: frozenset[str] = frozenset()  # what a blank prints beside labels, in normal form
    _cache: dict[str, tuple[Meaning, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, form: Form) -> Lexicon:
        """Index every label of the form."""
        gathered: dict[str, list[Meaning]] = {}
        for text, meaning in _labels(form):
            for key in dict.fromkeys((normalise(text), plain(text))):
                listed = gathered.setdefault(key, [])
                if key and meaning not in listed:
                    listed.append(meaning)
        meanings = {key: tuple(listed) for key, listed in gathered.items() if key}
        titles = tuple(normalise(title) for title in (form.title, *form.aliases))
        heads = frozenset(normalise(sheet.title) for sheet in form.sheets)
        return cls(form, meanings, titles, heads, _printed(form))

    def meanings(self, text: str) -> tuple[Meaning, ...]:
        """Return what the text can name as a label; empty when it is no label of this form."""
        known = self._cache.get(text)
        if known is None:
            found = (self._meanings.get(key, ()) for key in label_forms(text))
            known = tuple(dict.fromkeys(chain.from_iterable(found)))
            if len(self._cache) < 50_000:
                self._cache[text] = known
        return known

    def words(self) -> Iterable[tuple[str, tuple[Meaning, ...]]]:
        """Return every label in normal form with what it means."""
        return self._meanings.items()

    def inline(self, text: str) -> tuple[Meaning, ...]:
        """Return what the part before a colon names in `填报单位：某街道`; empty when nothing follows it."""
        head, answer = parted(text)
        return self.meanings(head) if answer else ()

    def is_title(self, text: str) -> bool:
        """Return whether the text contains the form's title."""
        return len(text) < 120 and any(title in normalise(text) for title in self._titles)

    def is_head(self, text: str) -> bool:
        """Return whether the text stands at the head of a form or sheet: its title or mark, or the year."""
        bare = _YEAR_LINE.sub("", normalise(text))
        return not bare or bare in self._heads or bare.endswith(self._titles) or bool(form_mark(text))

    def admits(self, texts: Iterable[str]) -> bool:
        """Return whether a workbook without mark can be this form: by what all its like have, or none has."""
        wanted = [normalise(word) for word in self.form.telltales]
        refused = [normalise(word) for word in self.form.foreign]
        if not wanted and not refused:
            return True
        shown = {normalise(text) for text in texts if len(text) <= LONGEST_LABEL}
        found = [any(word in text for text in shown) for word in wanted]
        return (not found or any(found)) and not any(word in text for word in refused for text in shown)

    @property
    def size(self) -> int:
        """Return how many different things the form's labels name."""
        return len({meaning for found in self._meanings.values() for meaning in found})


def form_mark(text: str) -> str:
    """Return `id@version` from a 表样编号 cell, or an empty string.

    >>> form_mark("表样编号：department@2024.1")
    'department@2024.1'
    """
    match = _MARK.search(normalise(text)) if "@" in text or "＠" in text else None
    return match.group(1) if match else ""


def parted(text: str) -> tuple[str, str]:
    """Return what stands before the first colon, and what follows it but for lines to write on.

    >>> parted("填报单位：某街道"), parted("填报单位：____"), parted("填报单位")
    (('填报单位', '某街道'), ('填报单位', ''), ('填报单位', ''))
    """
    head, _, tail = text.replace(":", "：").partition("：")
    return head, tail.strip(" _＿\u3000")


def is_placeholder(text: str) -> bool:
    """Return whether the text only keeps a place: 指标1：, ……, /.

    >>> [is_placeholder(text) for text in ("指标1：", "……", "指标 2", "指标覆盖率")]
    [True, True, True, False]
    """
    return len(text) < 20 and _PLACEHOLDER.fullmatch(normalise(text)) is not None


def is_note(text: str) -> bool:
    """Return whether the text announces itself as a note.

    >>> [is_note(text) for text in ("注：1. 金额单位", "（单位：万元）", "注册项目")]
    [True, True, False]
    """
    return _NOTE.match(normalise(text[:40])) is not None or is_closing(text)


def is_closing(text: str) -> bool:
    """Return whether the text only closes a page or table.

    >>> [is_closing(text) for text in ("以下空白", "（接下页）", "第 1 页 共 2 页", "以下任务")]
    [True, True, True, False]
    """
    return (
        len(text) < 20 and text.rstrip()[-1:] in _CLOSES and _CLOSING.fullmatch(normalise(text)) is not None
    )


def is_unanswered(text: str) -> bool:
    """Return whether the text asks for something and says nothing: no answer, whatever it stands beside.

    >>> [is_unanswered(text) for text in ("填报日期：", "（盖章）", "联系人：王丽", "红桥街道")]
    [True, True, False, False]
    """
    end = text.rstrip()[-1:]
    return end in "：:_)）" and len(text) < 40 and _UNANSWERED.fullmatch(normalise(text)) is not None


def is_ordinal_heading(text: str) -> bool:
    """Return whether the text heads a column of running numbers."""
    return plain(text) in _ORDINAL_HEADINGS


def _labels(form: Form) -> Iterator[tuple[str, Meaning]]:
    for section in form.sections:
        yield from _each((section.title, *section.aliases), Meaning(Kind.SECTION, section.id))
        for entry in section.fields:
            names = (entry.label, entry.heading, *entry.aliases)
            yield from _each(names, Meaning(Kind.FIELD, section.id, entry.id))
        yield from _row_labels(section)


def _printed(form: Form) -> frozenset[str]:
    """Return, in normal form, what a blank prints beside labels: footnotes, help, choices of level cells."""
    texts = [form.description, form.source]
    texts += [note for sheet in form.sheets for note in (sheet.title, *sheet.footnotes)]
    for section in form.sections:
        texts += [section.help, *section.totals]
        texts += [value for seed in section.seeds for value in seed.values()]
        for entry in section.fields:
            texts += [entry.help, entry.example, entry.group]
            if entry.fill_down:
                texts += [*entry.choices, *entry.choice_aliases]
    return frozenset(normalise(text) for text in texts if text)


def _row_labels(section: Section) -> Iterator[tuple[str, Meaning]]:
    if section.kind is not SectionKind.GRID:
        return
    yield from _each((section.row_heading,), Meaning(Kind.STUB, section.id))
    for row in section.rows:
        yield from _each((row.label, *row.aliases), Meaning(Kind.ROW, section.id, row.id))


def _each(texts: Iterable[str], meaning: Meaning) -> Iterator[tuple[str, Meaning]]:
    for text in texts:
        yield text, meaning
