"""Numbers of headings and tables that stay consecutive whatever a report leaves out."""

from __future__ import annotations

from toolkit.writers.wording import chapter, item, section, subitem


class Numbering:
    """A counter for templates: each `{{ number.chapter }}` gives the next number when it is printed.

    A template can neither call nor assign what outlives a loop, so reading is what counts; officers may move
    or delete chapters in Word and the numbers follow. One object serves one document.

    >>> number = Numbering()
    >>> number.chapter, number.section, number.item, number.item, number.section, number.item
    ('一、', '（一）', '1.', '2.', '（二）', '1.')
    >>> number.anew + number.item
    '1.'
    >>> number.next_table, number.table, number.chapter, number.table
    ('表1-1', '表1-1', '二、', '表2-1')
    """

    def __init__(self) -> None:
        self._chapter = self._section = self._item = self._subitem = self._table = 0

    @property
    def chapter(self) -> str:
        """Count a heading 一、 and begin sections, items and tables anew."""
        self._chapter += 1
        self._section = self._item = self._subitem = self._table = 0
        return chapter(self._chapter)

    @property
    def section(self) -> str:
        """Count a heading （一） and begin items anew."""
        self._section += 1
        self._item = self._subitem = 0
        return section(self._section)

    @property
    def item(self) -> str:
        """Count a heading 1. and begin those below anew."""
        self._item += 1
        self._subitem = 0
        return item(self._item)

    @property
    def subitem(self) -> str:
        """Count a heading （1）."""
        self._subitem += 1
        return subitem(self._subitem)

    @property
    def anew(self) -> str:
        """Begin items anew and print nothing, for a second list under one heading."""
        self._item = self._subitem = 0
        return ""

    @property
    def table(self) -> str:
        """Count a table of the chapter."""
        self._table += 1
        return f"表{self._chapter}-{self._table}"

    @property
    def next_table(self) -> str:
        """Return the number the next table will have, for the sentence before it."""
        return f"表{self._chapter}-{self._table + 1}"
