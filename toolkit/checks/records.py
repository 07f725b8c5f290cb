"""A judged workbook as bytes and back, for whoever keeps it: all a CheckResult holds, and nothing that runs.

Classes become arrays of their fields. How each field is spelt follows from its type hint, so a field that is
added to a model needs no word here; a record from before does not fit then, and is not read.
"""

from __future__ import annotations

import dataclasses
import json
import types
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

from toolkit.checks.model import CheckResult
from toolkit.submission.model import Actual, Target, Value

Plain: TypeAlias = Any  # what JSON knows: None, str, int, bool, list
_LEVEL = 1  # of compression: a record shrinks to a fifth, and a higher level costs more than it saves


class RecordError(Exception):
    """Bytes that are no record of these models."""


def pack(result: CheckResult) -> bytes:
    """Return a result as bytes; equal results give equal bytes."""
    plain = coder(CheckResult).encode(result)
    return zlib.compress(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode(), _LEVEL)


def unpack(data: bytes, name: str) -> CheckResult:
    """Return the result that was packed, under the name its file goes by now; RecordError if it is broken."""
    try:
        result: CheckResult = coder(CheckResult).decode(json.loads(zlib.decompress(data)))
    except (zlib.error, ValueError, TypeError, KeyError, IndexError, InvalidOperation) as error:
        raise RecordError(str(error)) from error
    return result if result.file == name else _renamed(result, name)


def _renamed(result: CheckResult, name: str) -> CheckResult:
    submission, merged = result.submission, result.merged
    members = merged.members if merged is not None else ()
    return replace(
        result,
        file=name,
        issues=tuple(issue.in_file(name) for issue in result.issues),
        submission=replace(submission, file=name) if submission is not None else None,
        merged=merged and replace(merged, members=tuple(_moved(one, result.file, name) for one in members)),
    )


def _moved(member: CheckResult, old: str, new: str) -> CheckResult:
    """Return a submission that a 报送 file holds under the file's new name."""
    return _renamed(member, new + member.file.removeprefix(old))


# ── how values of a type are spelt ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Coder:
    """The two ways between values of one type and plain ones."""

    encode: Callable[[Any], Plain]
    decode: Callable[[Plain], Any]


_AS_IT_IS = Coder(lambda value: value, lambda plain: plain)
_SIMPLE: dict[Any, Coder] = {
    str: _AS_IT_IS,
    int: _AS_IT_IS,
    bool: _AS_IT_IS,
    Decimal: Coder(str, Decimal),
    date: Coder(date.isoformat, date.fromisoformat),
}
_KINDS: dict[str, type] = {"n": Decimal, "d": date, "t": Target, "a": Actual}  # of an answer's value


@cache
def coder(hint: Any) -> Coder:
    """Return the coder of a type hint; TypeError for a kind of hint no model has had so far."""
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if hint == Value:
        return _value()
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Coder(lambda member: member.value, hint)
    if dataclasses.is_dataclass(hint):
        return _fields(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType) and len(arguments) == 2 and type(None) in arguments:
        return _optional(coder(next(kind for kind in arguments if kind is not type(None))))
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        item = coder(arguments[0])
        return Coder(
            lambda values: [item.encode(value) for value in values],
            lambda plain: tuple(item.decode(value) for value in plain),
        )
    if origin is dict:
        return _mapping(*arguments)
    raise TypeError(f"no coder for {hint!r}")


def _optional(content: Coder) -> Coder:
    return Coder(
        lambda value: None if value is None else content.encode(value),
        lambda plain: None if plain is None else content.decode(plain),
    )


def _fields(kind: Any) -> Coder:
    """Spell an object as the list of its fields, looked up late, as a class may hold its own kind."""
    parts: list[tuple[str, Coder]] = []

    def known() -> list[tuple[str, Coder]]:
        if not parts:
            hints = get_type_hints(kind)
            named = [entry.name for entry in dataclasses.fields(kind) if entry.init]
            parts.extend((name, coder(hints[name])) for name in named)
        return parts

    def decode(plain: Plain) -> Any:
        return kind(*(part.decode(value) for (_, part), value in zip(known(), plain, strict=True)))

    return Coder(lambda value: [part.encode(getattr(value, name)) for name, part in known()], decode)


def _mapping(key: Any, content: Any) -> Coder:
    """Spell a mapping as pairs, since JSON knows only text for keys; a pair of names is one such key."""
    entry = coder(content)
    named = key is str
    return Coder(
        lambda pairs: [[name, entry.encode(value)] for name, value in pairs.items()],
        lambda plain: {(name if named else tuple(name)): entry.decode(value) for name, value in plain},
    )


def _value() -> Coder:
    """Spell text and nothing as they are, any other value behind the letter of its kind."""
    coders = {letter: coder(kind) for letter, kind in _KINDS.items()}
    letters = {kind: letter for letter, kind in _KINDS.items()}

    def encode(value: Value) -> Plain:
        if value is None or isinstance(value, str):
            return value
        letter = letters[type(value)]
        return [letter, coders[letter].encode(value)]

    def decode(plain: Plain) -> Value:
        if plain is None or isinstance(plain, str):
            return plain
        letter, content = plain
        return coders[letter].decode(content)  # type: ignore[no-any-return]

    return Coder(encode, decode)
