"""One TOML table being read: keys are asked for by name and type, and none is left unexplained."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

_T = TypeVar("_T")
REQUIRED = object()


class FormError(Exception):
    """A mistake in a form definition; the message starts with its path in the file."""

    def __init__(self, path: str, problem: str) -> None:
        """Keep the path for the caller and print both."""
        super().__init__(f"{path}: {problem}")
        self.path = path


def as_toml(value: Any) -> str:
    """Return a value as TOML spells it.

    >>> as_toml(True), as_toml("ge"), as_toml([Decimal("0.8"), 1]), as_toml({"6": Decimal("0.4")})
    ('true', '"ge"', '[0.8, 1]', '{ 6 = 0.4 }')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {as_toml(item)}' for key, item in value.items())} }}"
    return str(value)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return `, did you mean 'x'?` or an empty string.

    >>> suggestion("maxlength", ["max_length", "min"])
    ", did you mean 'max_length'?"
    """
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f", did you mean '{near[0]}'?" if near else ""


def check_known(path: str, what: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a name that is none of the known ones, and suggest the nearest of them."""
    listed = list(known)
    for name in names:
        if name not in listed:
            raise FormError(path, f"there is no {what} '{name}'{suggestion(name, listed)}")


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the same hint for staff, or an empty string.

    >>> nearest("indicatrs", ["indicators", "grade"])
    '（相近的有“indicators”）'
    """
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"（相近的有“{near[0]}”）" if near else ""


class Table:
    """One TOML table being consumed: every key is taken once, and what is left over is a mistake."""

    def __init__(self, path: str, raw: Mapping[str, Any]) -> None:
        self.path = path
        self._raw = raw
        self._taken: set[str] = set()

    def _take(self, key: str, kind: type | tuple[type, ...], what: str, default: Any) -> Any:
        self._taken.add(key)
        if key not in self._raw:
            if default is REQUIRED:
                raise FormError(self.path, f"'{key}' is missing")
            return default
        value = self._raw[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise FormError(self.path, f"'{key}' must be {what}, not {as_toml(value)}")
        return value

    def text(self, key: str, default: Any = "") -> str:
        """Take a text."""
        return str(self._take(key, str, "a text", default))

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Take true or false."""
        return bool(self._take(key, bool, "true or false", default))

    def whole(self, key: str, default: int = 0, *, least: int = 0) -> int:
        """Take a whole number, not below `least`."""
        value = int(self._take(key, int, "a whole number", default))
        if value < least:
            raise FormError(self.path, f"'{key}' must be at least {least}, not {value}")
        return value

    def optional_whole(self, key: str) -> int | None:
        """Take a whole number that is not negative, or None when the key is absent."""
        absent = self._take(key, int, "a whole number", None) is None
        return None if absent else self.whole(key)

    def number(self, key: str, default: Any = None) -> Decimal | None:
        """Take a number as Decimal."""
        value = self._take(key, (int, Decimal), "a number", default)
        return None if value is None else Decimal(value)

    def day(self, key: str) -> date | None:
        """Take a day, or None when the key is absent."""
        value: date | None = self._take(key, date, "a date like 2025-12-31", None)
        if isinstance(value, datetime):
            raise FormError(self.path, f"'{key}' must be a date like 2025-12-31, not {as_toml(value)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of texts."""
        values = self._take(key, list, "a list of texts", [])
        if not all(isinstance(value, str) for value in values):
            raise FormError(self.path, f"'{key}' must be a list of texts")
        return tuple(values)

    def wholes(self, key: str) -> tuple[int, ...]:
        """Take a list of whole numbers."""
        values = self._take(key, list, "a list of whole numbers", [])
        if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            raise FormError(self.path, f"'{key}' must be a list of whole numbers")
        if any(value < 1 for value in values):
            raise FormError(self.path, f"the numbers of '{key}' must be at least 1")
        return tuple(values)

    def mapping(self, key: str) -> dict[str, str]:
        """Take a table of texts; numbers in it become texts."""
        values = self._take(key, dict, "a table of texts", {})
        for name, value in values.items():
            if not isinstance(value, (str, int, Decimal)) or isinstance(value, bool):
                raise FormError(f"{self.path}.{key}", f"'{name}' must be a text, not {as_toml(value)}")
        return {name: str(value) for name, value in values.items()}

    def raw(self, key: str, kind: type | tuple[type, ...], what: str, default: Any = None) -> Any:
        """Take a value of the given kind as it stands."""
        return self._take(key, kind, what, default)

    def one_of(self, key: str, enum: Callable[[str], _T], known: Iterable[str], default: Any) -> _T:
        """Take one of the known words, as `enum`."""
        value = self.text(key, default)
        names = list(known)
        if value not in names:
            listed = ", ".join(names)
            raise FormError(self.path, f"'{key}' is '{value}'; known are {listed}{suggestion(value, names)}")
        return enum(value)

    def table(self, key: str) -> Table:
        """Take a table inside this one."""
        return Table(f"{self.path}.{key}", self._take(key, dict, "a table", {}))

    def tables(self, key: str, named_by: str = "id") -> list[Table]:
        """Take a list of tables; `named_by` must not repeat and names each in its path."""
        entries = self._take(key, list, "a list of tables", [])
        tables, seen = [], set()
        for position, entry in enumerate(entries):
            if not isinstance(entry, dict):
                raise FormError(self.path, f"'{key}' must be a list of tables")
            name = entry.get(named_by, str(position))
            if not isinstance(name, str):
                where = f"{self.path}.{key}[{position}]"
                raise FormError(where, f"'{named_by}' must be a text, not {name!r}")
            path = f"{self.path}.{key}[{name}]"
            if named_by in entry and name in seen:
                raise FormError(path, f"the {named_by} '{name}' stands twice")
            seen.add(name)
            tables.append(Table(path, entry))
        return tables

    def rest(self) -> dict[str, Any]:
        """Return the keys nobody took, and take them."""
        left = {key: value for key, value in self._raw.items() if key not in self._taken}
        self._taken.update(left)
        return left

    def done(self) -> None:
        """Refuse the keys nobody took."""
        for key in self._raw:
            if key not in self._taken:
                raise FormError(self.path, f"unknown key '{key}'{suggestion(key, self._taken)}")
