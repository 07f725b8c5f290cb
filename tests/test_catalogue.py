"""Every code has its sentences, in words a clerk knows, and is reached by a case or a test that names it."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from toolkit.issues.catalogue import Entry, entries, issue
from toolkit.issues.model import Location

TESTS = Path(__file__).parent
KNOWN_WORDS = {
    "Excel",
    "WPS",
    "PDF",
    "Word",
    "XML",
    "VBA",
    "xlsx",
    "xls",
    "xlsm",
    "toml",
    "xlreport",
    "limits",
    "passwords",
    "ZIP",
    "GB",
}
WORD = re.compile(r"[A-Za-z]{2,}")


@pytest.mark.parametrize("entry", entries().values(), ids=lambda entry: entry.code)
def test_an_entry_says_what_why_and_what_to_do(entry: Entry) -> None:
    for text in (entry.title, entry.message, entry.hint, entry.why, entry.example):
        assert text.strip(), entry.code
    assert entry.family
    assert entry.message.endswith("。")
    assert entry.hint.endswith(("。", "{help}"))  # a field's own help is a sentence


@pytest.mark.parametrize("entry", entries().values(), ids=lambda entry: entry.code)
def test_sentences_use_no_word_of_programmers(entry: Entry) -> None:
    for text in (entry.title, entry.message, entry.hint, entry.why):
        printed = "".join(part for part, *_ in string.Formatter().parse(text))
        words = {word for word in WORD.findall(printed) if word not in KNOWN_WORDS}
        assert not words, (entry.code, words)


@pytest.mark.parametrize("entry", entries().values(), ids=lambda entry: entry.code)
def test_every_sentence_can_be_worded(entry: Entry) -> None:
    texts = (entry.message, entry.hint)
    names = {name for text in texts for _, name, *_ in string.Formatter().parse(text) if name}
    facts = dict.fromkeys(names - {"label", "found", "expected"}, "某")
    worded = issue(entry.code, Location(label="栏目"), found="甲", expected="乙", **facts)
    assert "{" not in worded.message + worded.hint


def test_every_code_is_reached_by_a_case_or_a_test() -> None:
    cases = {path.parent.name for path in (TESTS / "cases").glob("*/*.toml")}
    written = "".join(
        path.read_text(encoding="utf-8")
        for path in TESTS.glob("test_*.py")
        if path.name != "test_catalogue.py"
    )
    named = {code for code in entries() if f'"{code}"' in written}
    assert set(entries()) - cases - named == set()
