"""What a cell of an output holds of a text: files of other programs may hold longer ones than Excel takes."""

from __future__ import annotations

import re

LONGEST_TEXT = 32_767  # UTF-16 units an Excel cell holds
CUT = "…（已截断）"
_HALF = re.compile("[\ud800-\udfff]")  # of a surrogate pair; no file takes it


def held(text: str) -> str:
    """Return a text as a cell can hold it: visibly cut when it is longer, and without half a character.

    >>> held("一" * 40_000)[-6:], held("甲\\ud800")
    ('…（已截断）', '甲�')
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        text = _HALF.sub("\N{REPLACEMENT CHARACTER}", text)
    if len(text) * 2 <= LONGEST_TEXT:
        return text
    encoded = text.encode("utf-16-le", "replace")
    if len(encoded) <= LONGEST_TEXT * 2:
        return text
    return encoded[: (LONGEST_TEXT - len(CUT)) * 2].decode("utf-16-le", "ignore") + CUT
