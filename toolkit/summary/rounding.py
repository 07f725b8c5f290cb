"""Yuan to 万元 in print, so that printed parts still add up to the printed total (舍位平衡)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from toolkit.summary.model import Record, Table, Total

WAN = Decimal(10_000)
CENT = Decimal("0.01")


def wan(yuan: Decimal) -> Decimal:
    """Return yuan as 万元 with two decimals.

    >>> wan(Decimal("437176650"))
    Decimal('43717.67')
    """
    return (yuan / WAN).quantize(CENT, ROUND_HALF_UP)


def balanced_wan(yuan: Sequence[Decimal | None]) -> tuple[list[Decimal | None], list[int]]:
    """Return the parts in 万元 adding up to their rounded sum, and the positions that were moved by 0.01.

    The parts whose own rounding went furthest astray are moved, the larger of equals first, so no part is
    ever a whole 0.01 away from the truth.

    >>> balanced_wan([Decimal(10_044), Decimal(10_044), Decimal(10_042)])
    ([Decimal('1.01'), Decimal('1.00'), Decimal('1.00')], [0])
    """
    printed = [None if part is None else wan(part) for part in yuan]
    gap = wan(total(yuan) or Decimal(0)) - sum((part for part in printed if part is not None), Decimal(0))
    if not gap:
        return printed, []
    step = CENT if gap > 0 else -CENT
    astray = {
        place: (part / WAN - shown) / step
        for place, (part, shown) in enumerate(zip(yuan, printed, strict=True))
        if part is not None and shown is not None
    }
    order = sorted(astray, key=lambda place: (-astray[place], -abs(yuan[place] or Decimal(0)), place))
    moved = sorted(order[: int(gap / step)])
    for place in moved:
        printed[place] = (printed[place] or Decimal(0)) + step
    return printed, moved


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


def printed_money(table: Table, column_id: str) -> tuple[list[Decimal | None], list[int]]:
    """Return a money column in 万元 as the sheet prints it, and the rows moved by 0.01 to add up.

    Rows are balanced against the `strong` row that follows them, else against the table's total row.
    """
    yuan = [row[column_id] for row in table.records]
    strong = [bool(row.get("strong")) for row in table.records]
    summed = table.column(column_id).total is Total.SUM
    if not summed or not (table.total_label or any(strong)):
        return [None if part is None else wan(part) for part in yuan], []
    printed: list[Decimal | None] = []
    moved: list[int] = []
    start = 0
    for end in [*(place for place, flag in enumerate(strong) if flag), len(yuan)]:
        block, shifted = balanced_wan(yuan[start:end])
        moved += [start + place for place in shifted]
        printed += block
        if end < len(yuan):
            printed.append(None if yuan[end] is None else wan(yuan[end]))
        start = end + 1
    return printed, moved
