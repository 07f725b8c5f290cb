"""What a Word template may spend: every turn, call, list and text is counted before it is made.

Jinja bounds nothing: ten doublings make a text a thousand times as long. The sandbox passes what could grow
through the filters of this module, which charge it to the document being filled.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sized
from decimal import Decimal
from functools import wraps
from typing import Any, TypeGuard

from jinja2 import StrictUndefined, Undefined, pass_context
from jinja2.exceptions import UndefinedError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import Context, markup_join
from jinja2.utils import _PassArg, missing

from toolkit.writers import wording

STEPS = 1_000_000  # turns of loops in one document; a district report needs some ten thousand
CALL_STEPS = 20  # what a macro call costs beside a turn
CHARACTERS = 128 * 2**20  # printed or joined in one document; a district report has some millions
LONGEST_VALUE = 4 * 2**20  # characters of one text; a clerk's cell holds some thirty thousand
SECONDS = 20  # of processor time in one document; the largest take two or three
LARGEST_NUMBER = 10**30
_BETWEEN_LOOKS = 100  # steps
_PLAIN_LENGTH = 40  # characters that a number or a date may have


class UnknownNameError(UndefinedError):
    """A template asks for a name its data does not have; `owner` is what it was sought in, or `missing`."""

    def __init__(self, name: str, owner: object) -> None:
        super().__init__(name)
        self.name = name
        self.owner = owner


class TooLongError(RuntimeError):
    """A template loops, calls itself or grows its text beyond any document's need."""


class Unknown(StrictUndefined):
    """An undefined name that remembers where it was sought when it is used."""

    __slots__ = ()

    def __init__(self, hint: str | None = None, obj: Any = missing, name: str | None = None, exc: Any = None):
        super().__init__(hint, obj, name, exc or UndefinedError)
        if exc is None:
            self._undefined_exception = lambda _: UnknownNameError(name or "", obj)  # type: ignore[assignment]

    def refuse(self) -> None:
        """Raise what any use of the name raises."""
        self._fail_with_undefined_error()


class Document(Context):
    """The names of one rendering and what it has spent; TooLongError past a limit."""

    steps = 0
    characters = 0
    _next_look = 0
    _until = 0.0

    def step(self, cost: int = 1) -> None:
        """Count one turn of a loop, or what costs as much; look at the clock now and then."""
        self.steps += cost
        if self.steps >= self._next_look:
            self._next_look = self.steps + _BETWEEN_LOOKS
            now = time.thread_time()
            self._until = self._until or now + SECONDS
            if self.steps > STEPS or now > self._until:
                raise TooLongError

    def write(self, length: int) -> None:
        """Count characters before they are made."""
        self.characters += length
        if length > LONGEST_VALUE or self.characters > CHARACTERS:
            raise TooLongError


class MadeUpError(ValueError):
    """A template prints a figure it has reckoned itself: every figure printed comes from the data."""


class _ReckonedInt(int):
    pass


class _ReckonedDecimal(Decimal):
    pass


def reckoned(value: object) -> object:
    """Return what a template has added or subtracted, marked: it may count with it and not print it."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return value
    return _ReckonedInt(value) if isinstance(value, int) else _ReckonedDecimal(value)


def from_data(value: object) -> None:
    """Refuse a figure that a template has reckoned; MadeUpError."""
    if isinstance(value, (_ReckonedInt, _ReckonedDecimal)):
        raise MadeUpError


def defined(function: Callable[..., object]) -> Callable[..., object]:
    """Return the filter, refusing undefined names before it can mistake them for something else."""

    @wraps(function)
    def checked(*args: object, **kwargs: object) -> object:
        for argument in (*args, *kwargs.values()):
            if isinstance(argument, Unknown):
                argument.refuse()
            from_data(argument)
        return function(*args, **kwargs)

    return checked


@pass_context
def counted(context: Context, values: Iterable[object], length: int = 0) -> Iterator[object]:
    """Yield the values of a loop, counting each turn and the `length` of what it prints in any case."""
    for value in values:
        step(context)
        write(context, length)
        yield value


@pass_context
def charged(context: Context, length: int) -> bool:
    """Count what a macro prints in any case; it stands as a condition that never holds."""
    write(context, length)
    return False


@pass_context
def joined(context: Context, *values: object) -> str:
    """Return what `~` makes."""
    for value in values:
        if isinstance(value, Unknown):
            value.refuse()
        from_data(value)
    charge(context, *values)
    return markup_join(values)


@pass_context
def built(context: Context, values: object) -> object:
    """Return a list written in a template, having counted all it holds, so that none doubles itself."""
    step(context, _weight(context, values))
    return values


@pass_context
def replaced(context: Context, text: object, old: object, new: object, count: int | None = None) -> object:
    """Return `replace`, having counted what it makes."""
    for value in (text, old, new):
        if isinstance(value, Unknown):
            value.refuse()
        from_data(value)
    said, sought, put = str(text), str(old), str(new)
    step(context)
    write(context, len(said) + said.count(sought) * len(put))
    return JINJA_FILTERS["replace"](context.eval_ctx, text, sought, put, count)


@pass_context
def joined_list(context: Context, items: object, mark: str = "、", last: str = "") -> object:
    """Return `join_list`, having counted what it makes."""
    if isinstance(items, Iterable) and not isinstance(items, (str, Undefined)):
        items = list(items)
        for item in items:
            from_data(item)
        charge(context, *items, *[mark] * len(items))
    return defined(wording.join_list)(items, mark, last)


def metered(function: Callable[..., object]) -> Callable[..., object]:
    """Return the filter, charged for what it is given, with whatever jinja passes to it."""
    wanted = _PassArg.from_obj(function)

    @wraps(function)
    def charged(context: Context, value: object = None, *args: object, **kwargs: object) -> object:
        if isinstance(value, str):
            step(context)
            write(context, len(value))
        else:
            step(context, 1 + (len(value) if _is_sized(value) else 0))
        given: tuple[object, ...] = ()
        if wanted is not None:
            passed = {
                "context": context,
                "environment": context.environment,
                "eval_context": context.eval_ctx,
            }
            given = (passed[wanted.name],)
        return function(*given, value, *args, **kwargs)

    return pass_context(charged)


def step(context: Context, cost: int = 1) -> None:
    """Charge steps to the document being filled."""
    if isinstance(context, Document):
        context.step(cost)


def write(context: Context, length: int) -> None:
    """Charge characters to the document being filled."""
    if isinstance(context, Document):
        context.write(length)


def charge(context: Context, *values: object) -> None:
    """Count what joining values makes; what is neither text nor number has no place in a text."""
    length = 0
    for value in values:
        if isinstance(value, (list, tuple)):
            step(context, len(value))
        elif isinstance(value, str):
            length += len(value)
        else:
            length += _PLAIN_LENGTH
    step(context)
    write(context, length)


def _weight(context: Context, values: object) -> int:
    """Return how many values a list of lists holds, counting while it looks."""
    if not isinstance(values, (list, tuple)):
        return 1
    step(context, len(values))
    return sum(_weight(context, value) for value in values)


def _is_sized(value: object) -> TypeGuard[Sized]:
    return isinstance(value, Sized) and not isinstance(value, Undefined)


def is_small(value: object) -> bool:
    """Return whether a value is a number that a report could print."""
    return isinstance(value, (int, Decimal)) and -LARGEST_NUMBER < value < LARGEST_NUMBER
