"""A form definition as TOML text: keys in order, each doubt as a comment beside its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LINE = 100  # a list longer than this goes one element a line
MARK = "# 待确认："


@dataclass(slots=True)
class Node:
    """One TOML table. `doubts` are by key; those under an empty key concern the table as a whole."""

    values: dict[str, Any] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)

    def put(self, key: str, value: Any, doubt: str = "") -> None:
        """Set a key unless its value says nothing."""
        if value not in (None, "", [], (), {}, False):
            self.values[key] = value
        self.doubt(key, doubt)

    def doubt(self, key: str, sentence: str) -> None:
        """Add a doubt about a key."""
        if sentence:
            known = self.doubts.get(key, "")
            self.doubts[key] = f"{known}；{sentence}" if known else sentence

    def text(self) -> str:
        """Return the whole document."""
        return "\n".join(_lines(self, "", "")).strip("\n") + "\n"


def all_doubts(node: Node, path: str = "form") -> Iterator[tuple[str, str]]:
    """Yield (path, doubt) of a table and all below it, in the order of the text."""
    for key, sentence in node.doubts.items():
        yield (f"{path}.{key}" if key else path), sentence
    for key, value in node.values.items():
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, Node):
                name = child.values.get("id") or child.values.get("name") or ""
                yield from all_doubts(child, f"{path}.{key}[{name}]" if name else f"{path}.{key}")


def _lines(node: Node, name: str, header: str) -> Iterator[str]:
    if header:
        yield ""
    if "" in node.doubts:
        yield f"{MARK}{_one_line(node.doubts[''])}"
    if header:
        yield header
    for key, doubt in node.doubts.items():
        if key and key not in node.values:
            yield f"{MARK}{key}：{_one_line(doubt)}"
    for key, value in node.values.items():
        if not _is_table(value):
            doubt = node.doubts.get(key, "")
            beside = f"  {MARK}{_one_line(doubt)}" if doubt else ""
            first, *rest = _value(value).split("\n")
            yield f"{_key(key)} = {first}{beside}"
            yield from rest
    for key, value in node.values.items():
        if not _is_table(value):
            continue
        path = f"{name}.{_key(key)}" if name else _key(key)
        if isinstance(value, Node):
            yield from _lines(value, path, f"[{path}]")
        else:
            for child in value:
                yield from _lines(child, path, f"[[{path}]]")


def _is_table(value: Any) -> bool:
    return isinstance(value, Node) or (isinstance(value, list) and bool(value) and isinstance(value[0], Node))


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _quoted(key)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _value(value: Any) -> str:
    """Return a TOML value; long lists take one line an element.

    >>> print(_value(["a", 1, Decimal("0.80")]), _value({"total": ["x.y"]}), _value(True))
    ["a", 1, 0.80] { total = ["x.y"] } true
    """
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
        case str():
            return _quoted(value)
        case Mapping():
            inside = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items())
            return f"{{ {inside} }}"
        case list() | tuple():
            parts = [_value(item) for item in value]
            line = f"[{', '.join(parts)}]"
            return line if len(line) <= _LINE else "[\n" + "".join(f"  {part},\n" for part in parts) + "]"
        case _:
            raise TypeError(f"no TOML for {value!r}")
