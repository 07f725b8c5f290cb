"""What a printed label says beside its name: the unit, how many characters, that it must be filled."""

from __future__ import annotations

import re
from dataclasses import dataclass

from toolkit.form.labels import plain

_REQUIRED = re.compile(r"^[*＊★※]+|[*＊★※]+$|[（(]必填[)）]")
_LIMIT = re.compile(
    r"[（(【]?[^（(【）)】\d]{0,8}(\d{2,4})个?字(?:以内|以下|之内|内|左右|符)?[^（(）)]{0,6}[)）】]?$"
)
_UNIT = re.compile(
    r"[（(](?:单位[:：]?)?(万元|元|分|%|％|个|人|人次|次|户|天|平方米|项|公里|亩|件|套|台)[)）]$"
)
_FORMULA = re.compile(r"[（(=＝]?([A-Za-z])\s*[/／÷]\s*([A-Za-z])(?:[×*]100%?)?[)）]?$")
_LETTER = re.compile(r"[（(]([A-Za-zＡ-Ｚ])[)）]$")


@dataclass(frozen=True, slots=True)
class Printed:
    """A label taken apart."""

    label: str
    unit: str = ""
    limit: int | None = None
    required: bool = False
    letter: str = ""  # 全年预算数（A）
    ratio: tuple[str, str] | None = None  # 执行率（B/A): numerator, denominator


def read_label(text: str) -> Printed:
    """Take a label apart.

    >>> read_label("*年度目标完成情况（200字以内）")
    Printed(label='年度目标完成情况', unit='', limit=200, required=True, letter='', ratio=None)
    >>> read_label("执行率（B/A）").ratio, read_label("得分（分）：").unit
    (('B', 'A'), '分')
    """
    label = text.strip().rstrip(":：").strip()
    bare = _REQUIRED.sub("", label).strip()
    required, label = bare != label and bool(bare), bare or label
    limit = None
    if (found := _LIMIT.search(label)) and found.start() > 1:
        limit, label = int(found.group(1)), label[: found.start()].rstrip(":：，,").strip() or label
    unit = ""
    if (found := _UNIT.search(label)) and found.start() > 0:
        unit, label = found.group(1).replace("％", "%"), label[: found.start()].strip()
    ratio = None
    if found := _FORMULA.search(label):
        ratio = (found.group(1).upper(), found.group(2).upper())
    letter = found.group(1).upper() if (found := _LETTER.search(label)) else ""
    return Printed(label, unit, limit, required, letter, ratio)


def same(one: str, other: str) -> bool:
    """Return whether two labels are one to the reader."""
    return plain(one) == plain(other)
