"""The jinja environment of Word templates: sentences and conditions, and nothing that can do harm.

A template may be handed from district to district, so it is treated like a submitted workbook: it reads the
data it is given, prints it escaped, and can neither call into Python, nor reach beyond that data, nor run
for long. Jinja's own filters are cut down to those that choose and order; words and figures come from
`wording`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache, wraps
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from markupsafe import Markup, escape

from toolkit.writers import wording

STEPS = 1_000_000  # turns of loops in one document; a district report needs some ten thousand
CALL_STEPS = 20  # what a macro call costs beside a turn
LONGEST_RANGE = 1_000
CHOOSING = (
    *("default", "d", "first", "last", "length", "list", "items", "map", "max", "min", "replace"),
    *("reverse", "select", "reject", "selectattr", "rejectattr", "sort", "trim", "unique"),
)
MERGED = "merged"  # the processing instruction that `merged` leaves in a cell

_FORBIDDEN_IN_XML = re.compile(r"[\x00-\x08\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_STATEMENTS = (
    *(nodes.Output, nodes.For, nodes.If, nodes.Assign, nodes.AssignBlock),
    *(nodes.Macro, nodes.With, nodes.Scope),
)
_TAG_OF = {
    "scopedevalcontextmodifier": "autoescape",
    "callblock": "call",
    "filterblock": "filter",
    "for": "recursive",
}


class UnknownNameError(UndefinedError):
    """A template asks for a name its data does not have; `owner` is what it was sought in, or `missing`."""

    def __init__(self, name: str, owner: object) -> None:
        super().__init__(name)
        self.name = name
        self.owner = owner


class TooLongError(RuntimeError):
    """A template loops or calls itself beyond any document's need."""


class _Unknown(StrictUndefined):
    """An undefined name that remembers where it was sought when it is used."""

    __slots__ = ()

    def __init__(self, hint: str | None = None, obj: Any = missing, name: str | None = None, exc: Any = None):
        super().__init__(hint, obj, name, exc or UndefinedError)
        if exc is None:
            self._undefined_exception = lambda _: UnknownNameError(name or "", obj)  # type: ignore[assignment]

    def refuse(self) -> None:
        """Raise what any use of the name raises."""
        self._fail_with_undefined_error()


class _Document(Context):
    """The names of one rendering and the steps it has taken."""

    steps = 0

    def step(self, cost: int = 1) -> None:
        """Count one turn of a loop, or what costs as much; TooLongError past the limit."""
        self.steps += cost
        if self.steps > STEPS:
            raise TooLongError


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja without calls into Python, without arithmetic beyond + and −, and with an end to every loop."""

    context_class = _Document
    intercepted_binops = frozenset({"*", "/", "//", "%", "**"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Read a key of a mapping, else an attribute: `row.items` is the row's own 'items', not a method."""
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Read a key or a position; never fall back to a method of a mapping."""
        if isinstance(obj, Mapping) and isinstance(argument, str):
            return self.getattr(obj, argument)
        return super().getitem(obj, argument)

    def is_safe_callable(self, obj: Any) -> bool:
        """Allow macros, `range` and the methods of `loop`."""
        if isinstance(obj, (Macro, _Unknown)) or obj is _range:
            return True
        return isinstance(getattr(obj, "__self__", None), LoopContext)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        """Call what is allowed and count it, so that macros calling each other come to an end."""
        if isinstance(__context, _Document):
            __context.step(CALL_STEPS)
        return super().call(__context, __obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Refuse arithmetic: every figure printed comes from the data."""
        raise SecurityError(f"arithmetic: {operator}")

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for statement in tree.find_all(nodes.Stmt):
            if not isinstance(statement, _STATEMENTS):
                tag = type(statement).__name__.lower()
                raise TemplateSyntaxError(
                    f"Encountered unknown tag '{tag}'", statement.lineno, name, filename
                )
        for loop in tree.find_all(nodes.For):
            if loop.recursive:
                raise TemplateSyntaxError("Encountered unknown tag 'recursive'", loop.lineno, name, filename)
            loop.iter = nodes.Filter(loop.iter, "counted", [], [], None, None, lineno=loop.lineno)
        return tree


@cache
def environment() -> Sandbox:
    """Return the one environment of this process: autoescape, strict names, our filters."""
    sandbox = Sandbox(autoescape=True, undefined=_Unknown, finalize=printed, keep_trailing_newline=True)
    sandbox.globals.clear()
    sandbox.globals["range"] = _range
    sandbox.filters.clear()
    sandbox.filters.update({name: JINJA_FILTERS[name] for name in CHOOSING})
    sandbox.filters.update({name: _defined(function) for name, function in wording.FILTERS.items()})
    sandbox.filters.update(merged=_defined(merged), counted=_counted)
    return sandbox


def printed(value: object) -> object:
    r"""Return what `{{ value }}` puts between `<w:t>` and `</w:t>`: escaped, with real tabs and line breaks.

    Numbers are written out, dates and truth values in Chinese; None is 【待补充】. Anything that only Python
    could spell (a list, an object, a float) is a mistake in the template or the data: TypeError.

    >>> print(printed("A & <B>\x07"), printed(Decimal("1E+2")), printed(None), printed(True))
    A &amp; &lt;B&gt; 100 【待补充】 是
    """
    if isinstance(value, (Markup, Undefined)):
        return value
    text = value if isinstance(value, str) else _in_words(value)
    text = str(escape(writable(text)))
    text = text.replace("\t", '</w:t><w:tab/><w:t xml:space="preserve">')
    return Markup(_LINE_END.sub('</w:t><w:br/><w:t xml:space="preserve">', text))


def writable(text: str) -> str:
    """Return text without the characters that XML cannot hold."""
    return _FORBIDDEN_IN_XML.sub("", text)


def merged(value: object) -> Markup:
    """Mark a table cell to be merged with the cell above when both say the same.

    Cells to the left that are marked too must agree as well, so that 数量指标 of one 一级指标 does not run
    into that of the next.
    """
    return Markup(f"<?{MERGED}?>") + Markup(printed(value))


def _in_words(value: object) -> str:
    """Return a value that is not text as text; TypeError if staff could not read it."""
    if value is None:
        return wording.missing()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return wording.day(value)
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else wording.missing()
    if isinstance(value, int):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be printed")


def _range(*bounds: int) -> range:
    """Return `range`, of a length a document can need."""
    numbers = range(*bounds)
    if len(numbers) > LONGEST_RANGE:
        raise TooLongError
    return numbers


@pass_context
def _counted(context: Context, values: Iterable[object]) -> Iterator[object]:
    """Yield the values of a loop, counting each turn."""
    for value in values:
        if isinstance(context, _Document):
            context.step()
        yield value


def _defined(function: Callable[..., object]) -> Callable[..., object]:
    """Return the filter, refusing undefined names before it can mistake them for something else."""

    @wraps(function)
    def checked(*args: object, **kwargs: object) -> object:
        for argument in (*args, *kwargs.values()):
            if isinstance(argument, _Unknown):
                argument.refuse()
        return function(*args, **kwargs)

    return checked
