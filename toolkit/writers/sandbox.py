"""The jinja environment of Word templates: sentences and conditions, and nothing that can do harm.

A template may be handed from district to district, so it is treated like a submitted workbook: it reads the
data it is given, prints it escaped, and can neither call into Python, nor reach beyond that data, nor run
for long. Jinja's own filters are cut down to those that choose and order; words and figures come from
`wording`.

Every document has a budget of turns, of characters and of processor time. What could grow is charged before
it is made: a turn of a loop with the text in it, a call, a filter with what it is given, `~`, `+`, a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from jinja2 import TemplateSyntaxError, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from toolkit.writers import wording
from toolkit.writers.budget import (
    CALL_STEPS,
    Document,
    TooLongError,
    Unknown,
    built,
    charge,
    charged,
    counted,
    defined,
    from_data,
    is_small,
    joined,
    joined_list,
    metered,
    reckoned,
    replaced,
    write,
)

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


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja without calls into Python, without arithmetic beyond + and −, and with an end to every loop."""

    context_class = Document
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

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
        if isinstance(obj, (Macro, Unknown)) or obj is _range:
            return True
        return isinstance(getattr(obj, "__self__", None), LoopContext)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        """Call what is allowed and count it, so that macros calling each other come to an end."""
        if isinstance(__context, Document):
            __context.step(CALL_STEPS)
        return super().call(__context, __obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Join texts and lists, add and subtract numbers to count with, not to print; refuse the rest."""
        for value in (left, right):
            if isinstance(value, Unknown):
                value.refuse()
        if operator == "+" and isinstance(left, (str, list, tuple)):
            charge(context, left, right)
        elif operator not in ("+", "-") or not (is_small(left) and is_small(right)):
            raise SecurityError(f"arithmetic: {operator}")
        return reckoned(super().call_binop(context, operator, left, right))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        _allowed(tree, name, filename)
        for loop in tree.find_all(nodes.For):
            loop.iter = _through("counted", loop.iter, nodes.Const(_length(loop.body)))
        for macro in tree.find_all(nodes.Macro):
            macro.body.insert(0, nodes.If(_through("charged", nodes.Const(_length(macro.body))), [], [], []))
        return _Metering().visit(tree)  # type: ignore[no-any-return]


class _Metering(NodeTransformer):
    """Let `~` and lists written in a template be charged before they are made."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - jinja's name
        self.generic_visit(node)
        return _through("joined", *node.nodes)

    def visit_List(self, node: nodes.List) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _through("built", node)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _through("built", node) if node.ctx == "load" else node


def _through(name: str, value: Any, *arguments: Any) -> nodes.Filter:
    """Return an expression passed through a filter of ours."""
    return nodes.Filter(value, name, list(arguments), [], None, None, lineno=value.lineno or 1)


def _length(body: Iterable[nodes.Node]) -> int:
    """Return the characters of a body that are printed whatever the data, those of its loops left out."""
    return sum(
        len(node.data)
        if isinstance(node, nodes.TemplateData)
        else 0
        if isinstance(node, nodes.For)
        else _length(node.iter_child_nodes())
        for node in body
    )


def _allowed(tree: nodes.Template, name: str | None, filename: str | None) -> None:
    """Refuse statements and expressions a report has no use for; TemplateSyntaxError."""

    def refuse(message: str, node: nodes.Node) -> None:
        raise TemplateSyntaxError(message, node.lineno, name, filename)

    for statement in tree.find_all(nodes.Stmt):
        if not isinstance(statement, _STATEMENTS):
            tag = type(statement).__name__.lower()
            refuse(f"Encountered unknown tag '{tag}'", statement)
    for loop in tree.find_all(nodes.For):
        if loop.recursive:
            refuse("Encountered unknown tag 'recursive'", loop)
    for node in tree.find_all((nodes.NSRef, nodes.Dict)):
        refuse(f"unexpected '{'.' if isinstance(node, nodes.NSRef) else '{'}'", node)


@cache
def environment() -> Sandbox:
    """Return the one environment of this process: autoescape, strict names, our filters."""
    sandbox = Sandbox(autoescape=True, undefined=Unknown, finalize=_printed, keep_trailing_newline=True)
    sandbox.globals.clear()
    sandbox.globals["range"] = _range
    sandbox.filters.clear()
    sandbox.filters.update({name: metered(JINJA_FILTERS[name]) for name in CHOOSING})
    sandbox.filters.update({name: metered(defined(function)) for name, function in wording.FILTERS.items()})
    sandbox.filters.update(merged=metered(defined(merged)), replace=replaced, join_list=joined_list)
    sandbox.filters.update(counted=counted, charged=charged, joined=joined, built=built)
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
def _printed(context: Context, value: object) -> object:
    """Return what a tag prints, having counted it; with a context no constant is printed unseen."""
    from_data(value)
    text = printed(value)
    if isinstance(text, str):
        write(context, len(text))
    return text
