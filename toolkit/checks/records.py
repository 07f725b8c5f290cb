"""A judged workbook as bytes and back: all a CheckResult holds, and nothing that runs.

Classes become arrays of their fields. How each field is spelt follows from its type hint, so a field that is
added to a model needs no word here; a record from before does not fit then, and is not read.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import types
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

from toolkit.checks.heads import Head
from toolkit.checks.model import CheckResult, IndicatorResult
from toolkit.form.model import Form
from toolkit.issues.model import Issue
from toolkit.submission.model import Actual, CellCount, Submission, Target, Value

Plain: TypeAlias = Any  # what JSON knows: None, str, int, bool, list, dict
_LEVEL = 1  # of compression: a record shrinks to a fifth, and a higher level costs more than it saves


class RecordError(Exception):
    """Bytes that are no record of these models."""


@dataclass(frozen=True, slots=True)
class Record:
    """A result in three parts, since most of who asks for one needs the first or two: see `Results`.

    `said` is empty when nothing was read. Submissions that a 报送 file holds are records of their own.
    """

    head: bytes
    told: bytes
    said: bytes
    members: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """What was found in a file, placed in `file`, which may go by another name since."""

    file: str
    issues: tuple[Issue, ...]
    cells: CellCount
    likened: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """What a workbook answers, and what the checks make of its indicators."""

    submission: Submission
    indicators: dict[tuple[str, str], IndicatorResult]


def pack(result: CheckResult, forms: Mapping[str, Form]) -> Record:
    """Return a result as bytes; equal results give equal bytes. `forms` are by id."""
    form = forms.get(result.submission.form) if result.submission is not None else None
    members = result.merged.members if result.merged is not None else ()
    return Record(
        pack_head(Head.of(result, form)),
        pack_told(result),
        pack_said(result),
        tuple(pack(one, forms) for one in members),
    )


def pack_head(head: Head) -> bytes:
    """Return a head as bytes."""
    return _packed(Head, head)


def pack_told(result: CheckResult) -> bytes:
    """Return what was found as bytes."""
    return _packed(_Told, _Told(result.file, result.issues, result.cells, result.likened))


def pack_said(result: CheckResult) -> bytes:
    """Return what was answered as bytes; none when nothing was read."""
    if result.submission is None:
        return b""
    return _packed(_Said, _Said(result.submission, result.indicators))


def unpack_head(data: bytes) -> Head:
    """Return the head that was packed; RecordError if it is broken."""
    head: Head = _unpacked(Head, data)
    return head


def unpack(head: Head, told: bytes, said: bytes = b"") -> CheckResult:
    """Return the result that was packed, under the name its file goes by now; RecordError if it is broken.

    Without `said`, the submission of a workbook that was read knows its form and has no answers.
    """
    found: _Told = _unpacked(_Told, told)
    moved = found.file != head.file
    read: _Said | None = _unpacked(_Said, said) if said else None
    submission = Submission(head.file, head.form, head.version, {}, found.cells) if head.form else None
    if read is not None:
        submission = replace(read.submission, file=head.file) if moved else read.submission
    return CheckResult(
        file=head.file,
        sha256=head.sha256,
        size=head.size,
        submission=submission,
        issues=tuple(item.in_file(head.file) for item in found.issues) if moved else found.issues,
        unit=head.unit,
        year=head.year,
        indicators=read.indicators if read is not None else {},
        cells=found.cells,
        origin=head.origin,
        standing=head.standing,
        district=head.district,
        merged=head.merged,
        excluded=head.excluded,
        likened=found.likened,
    )


def _packed(kind: type, value: Any) -> bytes:
    return zlib.compress(spelt(coder(kind).encode(value)), _LEVEL)


def spelt(plain: Plain) -> bytes:
    """Return a plain value as JSON; submitted text may hold half of a surrogate pair, which comes back."""
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _unpacked(kind: type, data: bytes) -> Any:
    try:
        with _uncollected():
            return coder(kind).decode(json.loads(zlib.decompress(data)))
    except (zlib.error, ValueError, TypeError, KeyError, IndexError, InvalidOperation) as error:
        raise RecordError(str(error)) from error


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from looking at what is just made: half of the time goes there."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


# ── how values of a type are spelt ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Coder:
    """The two ways between values of one type and plain ones."""

    encode: Callable[[Any], Plain]
    decode: Callable[[Plain], Any]
    is_plain: bool = False  # a value is spelt as it is


_AS_IT_IS = Coder(lambda value: value, lambda plain: plain, is_plain=True)
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
        return _sequence(coder(arguments[0]))
    if origin is dict:
        return _mapping(*arguments)
    raise TypeError(f"no coder for {hint!r}")


def _optional(content: Coder) -> Coder:
    if content.is_plain:
        return content
    return Coder(
        lambda value: None if value is None else content.encode(value),
        lambda plain: None if plain is None else content.decode(plain),
    )


def _sequence(item: Coder) -> Coder:
    if item.is_plain:
        return Coder(list, tuple)
    encode, decode = item.encode, item.decode
    return Coder(lambda values: [encode(value) for value in values], lambda plain: tuple(map(decode, plain)))


def _fields(kind: Any) -> Coder:
    """Spell an object as the list of its fields; a plain list is the decoder's to change.

    Fields are looked up late, as a class may hold its own kind.
    """
    names: list[str] = []
    parts: list[tuple[int, Coder]] = []  # fields that are not spelt as they are

    def look_up() -> None:
        hints = get_type_hints(kind)
        entries = [entry for entry in dataclasses.fields(kind) if entry.init]
        coders = [coder(hints[entry.name]) for entry in entries]
        parts.extend((at, known) for at, known in enumerate(coders) if not known.is_plain)
        names.extend(entry.name for entry in entries)

    def encode(value: Any) -> Plain:
        if not names:
            look_up()
        plain = [getattr(value, name) for name in names]
        for at, part in parts:
            plain[at] = part.encode(plain[at])
        return plain

    def decode(plain: Plain) -> Any:
        if not names:
            look_up()
        if len(plain) != len(names):
            raise ValueError(f"{kind.__name__}: {len(plain)} fields")
        for at, part in parts:
            plain[at] = part.decode(plain[at])
        return kind(*plain)

    return Coder(encode, decode)


def _mapping(key: Any, content: Any) -> Coder:
    """Spell a mapping of names as it is, of pairs of names as pairs, since JSON knows only text for keys."""
    encode, decode = coder(content).encode, coder(content).decode
    if key is str:
        return Coder(
            lambda pairs: {name: encode(value) for name, value in pairs.items()},
            lambda plain: {name: decode(value) for name, value in plain.items()},
        )
    return Coder(
        lambda pairs: [[name, encode(value)] for name, value in pairs.items()],
        lambda plain: {tuple(name): decode(value) for name, value in plain},
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
