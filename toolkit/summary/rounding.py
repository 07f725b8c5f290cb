"""Yuan to 万元 in print, so that printed parts still add up to the printed total (舍位平衡)."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from toolkit.form.model import MoneyUnit
from toolkit.summary.rows import Record, Rows

WAN = Decimal(MoneyUnit.WAN.yuan)
CENT = Decimal("0.01")


def wan(yuan: Decimal) -> Decimal:
    """Return yuan as 万元 with two decimals.

    >>> wan(Decimal("437176650"))
    Decimal('43717.67')
    """
    return (yuan / WAN).quantize(CENT, ROUND_HALF_UP)


def balanced_wan(yuan: Sequence[Decimal | None]) -> tuple[list[Decimal | None], list[int]]:
    """Return the parts in 万元 adding up to their rounded sum, and the positions that were moved by 0.01.

    >>> balanced_wan([Decimal(10_044), Decimal(10_044), Decimal(10_042)])
    ([Decimal('1.01'), Decimal('1.00'), Decimal('1.00')], [0])
    """
    steps = balance([{"yuan": part} for part in yuan], ["yuan"])["yuan"]
    printed = [
        None if part is None else wan(part) + steps.get(place, Decimal(0)) for place, part in enumerate(yuan)
    ]
    return printed, sorted(steps)


def balance(rows: Rows, columns: Sequence[str]) -> dict[str, dict[int, Decimal]]:
    """Return, by column, the rows that print 0.01 more or less than rounded, so that printed parts add up.

    Rows are balanced against the `strong` row that follows them, the rest against the rounded sum of their
    own. The parts whose own rounding went furthest astray are moved, the larger of equals first, so no part
    is ever a whole 0.01 away from the truth.
    """
    moved: dict[str, dict[int, Decimal]] = {name: {} for name in columns}
    gaps = _gaps(rows, columns)
    if not gaps:
        return moved
    astray: dict[tuple[int, str], list[tuple[Decimal, Decimal, int]]] = {place: [] for place in gaps}
    for block, at, row in _blocks(rows):
        for name in columns:
            gap, yuan = gaps.get((block, name)), row.get(name)
            if gap is None or yuan is None:
                continue
            step = CENT.copy_sign(gap)
            heap, item = astray[block, name], ((yuan / WAN - wan(yuan)) / step, abs(yuan), -at)
            if len(heap) < int(gap / step):
                heapq.heappush(heap, item)
            else:
                heapq.heappushpop(heap, item)
    for (block, name), heap in astray.items():
        moved[name] |= {-place: CENT.copy_sign(gaps[block, name]) for _, _, place in heap}
    return moved


def _gaps(rows: Rows, columns: Sequence[str]) -> dict[tuple[int, str], Decimal]:
    """Return what the printed parts of a block lack, where they lack anything."""
    exact: dict[tuple[int, str], Decimal] = {}
    printed: dict[tuple[int, str], Decimal] = {}
    for block, _, row in _blocks(rows):
        for name in columns:
            yuan = row.get(name)
            if yuan is not None:
                place = (block, name)
                exact[place] = exact.get(place, Decimal(0)) + yuan
                printed[place] = printed.get(place, Decimal(0)) + wan(yuan)
    return {place: gap for place, amount in exact.items() if (gap := wan(amount) - printed[place])}


def _blocks(rows: Rows) -> Iterator[tuple[int, int, Record]]:
    """Yield (block, position, row) of the rows that are parts."""
    block = 0
    for at, row in enumerate(rows):
        if row.get("strong"):
            block += 1
        else:
            yield block, at, row


def total(parts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the exact sum of what is known, None when nothing is.

    >>> total([Decimal(2), None, Decimal("0.5")]), total([None])
    (Decimal('2.5'), None)
    """
    known = [part for part in parts if part is not None]
    return sum(known, Decimal(0)) if known else None


def ratio(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    """Return part / whole, None when either is unknown or the whole is zero.

    >>> ratio(3, 4), ratio(1, 0)
    (Decimal('0.75'), None)
    """
    return None if part is None or not whole else Decimal(part) / Decimal(whole)


def change(current: Decimal | None, prior: Decimal | None) -> Decimal | None:
    """Return (current − prior) / prior, None when it has no meaning.

    >>> change(Decimal(110), Decimal(100))
    Decimal('0.1')
    """
    return None if current is None or prior is None else ratio(current - prior, prior)


def paired(rows: Iterable[Record], first: str, second: str) -> tuple[Decimal | None, Decimal | None]:
    """Return the sums of two columns over the rows that know both, so that like is compared with like.

    >>> rows = [{"spent": Decimal(9), "budget": Decimal(10)}, {"spent": Decimal(5), "budget": None}]
    >>> paired(rows, "spent", "budget")
    (Decimal('9'), Decimal('10'))
    """
    both = [row for row in rows if row[first] is not None and row[second] is not None]
    return total(row[first] for row in both), total(row[second] for row in both)


def difference(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    """Return left − right when both are known."""
    return None if left is None or right is None else left - right
