"""Pieces both narratives are made of: conditions inside sentences, numbered headings, run-in text."""

from __future__ import annotations

from official_document import OfficialDocument

INLINE = "|paragraphs|join_list('；')"  # prose inside a sentence: its paragraphs on one line
NEXT_TABLE = "{{ number.next_table }}"


def given(condition: str, words: str, otherwise: str = "") -> str:
    """Return words that a sentence says only under a condition.

    >>> given("late", "，迟报", "，没有迟报")
    '{% if late %}，迟报{% else %}，没有迟报{% endif %}'
    """
    other = f"{{% else %}}{otherwise}" if otherwise else ""
    return f"{{% if {condition} %}}{words}{other}{{% endif %}}"


def known(name: str, before: str, form: str, after: str = "") -> str:
    """Return a figure with the words around it, nothing when the figure is not known.

    >>> known("row.share", "，占", "percent")
    '{% if row.share is not none %}，占{{ row.share|percent }}{% endif %}'
    """
    return given(f"{name} is not none", f"{before}{{{{ {name}|{form} }}}}{after}")


def each(loop: str, words: str, mark: str) -> str:
    """Return words repeated inside a sentence, parted by a mark.

    >>> each("row in rows", "{{ row.name }}", "、")
    '{% for row in rows %}{{ row.name }}{% if not loop.last %}、{% endif %}{% endfor %}'
    """
    return f"{{% for {loop} %}}{words}{{% if not loop.last %}}{mark}{{% endif %}}{{% endfor %}}"


def ranked(ranking: str, column: str, form: str, what: str, whose: str = "各单位") -> str:
    """Return the sentence on who leads and who trails, or that all are alike."""
    one = f"{{{{ row.name }}}}{{{{ row.{column}|{form} }}}}"
    high, low = (f"{ranking}.{end}" for end in ("highest", "lowest"))
    alike = f"{ranking}.known > 1 and {ranking}.alike is not none"
    return (
        given(high, f"{what}较高的有{each(f'row in {high}', one, '、')}")
        + given(f"{high} and {low}", "，")
        + given(low, f"{what}较低的有{each(f'row in {low}', one, '、')}")
        + given(f"{high} or {low}", "。")
        + given(alike, f"{whose}{what}均为{{{{ {ranking}.alike|{form} }}}}。")
    )


def chapter(paper: OfficialDocument, title: str) -> None:
    """Add a heading 一、 that counts itself."""
    paper.heading1("{{ number.chapter }}" + title)


def section(paper: OfficialDocument, title: str) -> None:
    """Add a heading （一） that counts itself."""
    paper.heading2("{{ number.section }}" + title)


def run_in(paper: OfficialDocument, rows: str, level: str = "item") -> None:
    """Add rows of heading and text, the text on the heading's line, numbered when there are several rows.

    A text without heading that the clerk has numbered keeps the clerk's numbers.
    """
    number = given(
        f"{rows}|length > 1 and (part.heading or not part.text|numbered)", f"{{{{ number.{level} }}}}"
    )
    start = given("loop.first", number + given("part.heading", "{{ part.heading|clause }}。"))
    with paper.repeat(f"part in {rows}"), paper.repeat("paragraph in part.text|paragraphs"):
        paper.body(start + "{{ paragraph }}")


def continued(paper: OfficialDocument, start: str, text: str) -> None:
    """Add a paragraph that begins with `start` and goes on with prose, which may be missing."""
    paper.body(start + given(text, f"{{{{ ({text}|paragraphs)[0] }}}}"))
    with paper.when(text):
        paper.prose(f"({text}|paragraphs)[1:]")
