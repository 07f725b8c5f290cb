"""Sums that grow row by row, so that rows need not be kept to be added up."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from toolkit.summary.rounding import change, ratio
from toolkit.summary.rows import Record

Pair = tuple[str, str]


class Sums:
    """Exact sums of columns over what is known, and of two columns over the rows that know both."""

    def __init__(self, columns: Iterable[str], pairs: Iterable[Pair] = ()) -> None:
        """Begin with no rows."""
        self.count = 0
        self._columns = {name: (0, Decimal(0)) for name in columns}
        self._pairs = {pair: (0, Decimal(0), Decimal(0), Decimal(0)) for pair in pairs}

    @property
    def is_idle(self) -> bool:
        """Return whether there is nothing to add up."""
        return not self._columns and not self._pairs

    def add(self, row: Record) -> None:
        """Add a row; unknown figures are None."""
        self.count += 1
        for name, (known, amount) in self._columns.items():
            if (value := row.get(name)) is not None:
                self._columns[name] = known + 1, amount + value
        for (first, second), (known, left, right, product) in self._pairs.items():
            one, other = row.get(first), row.get(second)
            if one is not None and other is not None:
                added = known + 1, left + one, right + other, product + Decimal(one) * other
                self._pairs[first, second] = added

    def known(self, column: str) -> int:
        """Return how many rows know a column."""
        return self._columns[column][0]

    def total(self, column: str) -> Decimal | None:
        """Return the sum of a column, None when no row knows it."""
        known, amount = self._columns[column]
        return amount if known else None

    def mean(self, column: str) -> Decimal | None:
        """Return the mean over the rows that know a column."""
        return ratio(self.total(column), self.known(column))

    def both(self, first: str, second: str) -> tuple[Decimal | None, Decimal | None]:
        """Return the sums of two columns over the rows that know both, so that like is compared with like.

        >>> sums = Sums((), [("spent", "budget")])
        >>> sums.add({"spent": Decimal(9), "budget": Decimal(10)})
        >>> sums.add({"spent": Decimal(5), "budget": None})
        >>> sums.both("spent", "budget"), sums.rate("spent", "budget")
        ((Decimal('9'), Decimal('10')), Decimal('0.9'))
        """
        known, left, right, _ = self._pairs[first, second]
        return (left, right) if known else (None, None)

    def known_both(self, first: str, second: str) -> int:
        """Return how many rows know both columns."""
        return self._pairs[first, second][0]

    def rate(self, first: str, second: str) -> Decimal | None:
        """Return first / second, over the rows that know both."""
        return ratio(*self.both(first, second))

    def change(self, first: str, second: str) -> Decimal | None:
        """Return (first − second) / second, over the rows that know both."""
        return change(*self.both(first, second))

    def weighted(self, column: str, weight: str) -> Decimal | None:
        """Return the mean of a column, each row weighing as much as another column says."""
        _, _, weights, product = self._pairs[column, weight]
        return ratio(product, weights)
