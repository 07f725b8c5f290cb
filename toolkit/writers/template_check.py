"""Find the mistakes of a Word template before any report is made from it, each with its paragraph.

Three passes, because each mistake hides the next: tags as they stand in the paragraphs of the document,
then jinja's grammar, then the names the tags ask for, followed through every branch with sample data.
"""

# ruff: noqa: N802 - jinja names the methods of a visitor after its nodes
from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from docx.oxml.ns import qn
from jinja2 import TemplateSyntaxError, Undefined, nodes
from jinja2.visitor import NodeVisitor

from toolkit.writers.sandbox import Sandbox, environment

Scope: TypeAlias = dict[str, object]
NESTED = "括号、条件或循环套得太深"

_MARKS = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}
_FULL_WIDTH = re.compile(r"｛[｛{%％]|\{[｛％]|[％%]｝|％\}|｝[｝}]|\}｝")
_WHOLE = re.compile(r"\{%(p|tr) [^%}]*%\}")
_NOT_OURS = re.compile(r"\{%-?\s*(?:(?:r|tc)\s|cellbg|colspan|hm\s)|\{\{(?:r|p|tr|tc)\s")  # of docxtpl
_BLOCKS = {"for": "endfor", "if": "endif", "macro": "endmacro", "with": "endwith"}
_TAGS = (*_BLOCKS, *_BLOCKS.values(), "elif", "else", "set", "endset")
_GRAMMAR = (
    (r"unknown tag '(\w+)'", "不能使用标签“{0}”"),
    (r"unexpected char '(.+)' at", "标签里有不能识别的字符“{0}”"),
    (r"expected token '(.+)', got '(.+)'", "此处应为“{0}”，写成了“{1}”"),
    (r"[Uu]nexpected '(.+)'", "此处不应有“{0}”"),
)
_SAME_ELEMENTS = frozenset(
    ("counted", "built", "list", "sort", "unique", "reverse", "select", "reject", "selectattr", "rejectattr")
)
_ONE_ELEMENT = frozenset(("first", "last", "min", "max"))
_BY_ATTRIBUTE = frozenset(("selectattr", "rejectattr"))
_INTERNAL = frozenset(("counted", "charged", "joined", "built"))  # filters the sandbox puts in itself
_CALLED = frozenset(("cycle", "changed"))  # methods of `loop`
_REFUSED_ARITHMETIC = (nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)
_ANYTHING = object()  # a value the check cannot know
_LOOP: dict[str, object] = dict.fromkeys(
    (
        *("index", "index0", "revindex", "revindex0", "first", "last", "length"),
        *("previtem", "nextitem", "cycle", "changed"),
    ),
    _ANYTHING,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake of a template: the paragraph it stands in, what is wrong, and what may have been meant."""

    paragraph: str
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        """Return the line printed for the author of the template."""
        hint = f"，是否应为“{self.suggestion}”？" if self.suggestion else "。"
        return f"“{self.paragraph}”：{self.message}{hint}"


@dataclass(frozen=True, slots=True)
class Source:
    """A part of a template as jinja reads it; every paragraph and table row begins a line."""

    part: str
    text: str

    def lines(self) -> list[str]:
        """Return the readable text of every line, cut where it is long."""
        return [_readable(line) for line in self.text.split("\n")]

    def paragraph(self, line: int) -> str:
        """Return the readable text of a line, counted from one."""
        lines = self.text.split("\n")
        return _readable(lines[min(line, len(lines)) - 1])


def _readable(line: str) -> str:
    text = re.sub(r"<[^>]*>", "", line).strip()
    return text if len(text) <= 60 else f"{text[:60]}…"


def nearest(name: str, names: Iterable[object]) -> str:
    """Return the known name most like a misspelt one, or an empty string."""
    return next(iter(difflib.get_close_matches(str(name), [str(known) for known in names], 1, 0.6)), "")


def names_of(owner: object) -> list[str]:
    """Return what a template may ask of a value."""
    if isinstance(owner, Mapping):
        return [str(key) for key in owner]
    return [name for name in dir(owner) if not name.startswith("_")]


def mark_problems(body: Any) -> Iterator[Problem]:
    """Yield tags that stay open in their paragraph, and text that a `{%p %}` or `{%tr %}` would drop."""
    for paragraph in body.iter(qn("w:p")):
        text = _own_text(paragraph)
        if _FULL_WIDTH.search(text):
            yield Problem(text, "标签的括号和百分号要用半角，如 {{ }} 和 {% %}")
        for tag in _NOT_OURS.findall(text):
            yield Problem(text, f"不能使用标签“{tag.strip()}”", "{{ }}" if "{{" in tag else "{%p … %}")
        yield from _unclosed(text)
        for tag in _WHOLE.finditer(text):
            place = "一段" if tag[1] == "p" else "一行"
            owner = paragraph if tag[1] == "p" else next(paragraph.iterancestors(qn("w:tr")), None)
            if owner is None:
                yield Problem(text, "{%tr … %} 只能写在表格的行里")
            elif "".join(owner.itertext(qn("w:t"))).strip() != tag[0]:
                yield Problem(text, f"{{%{tag[1]} … %}} 要单独占{place}，同{place}的其他文字会丢失")


def grammar_problems(source: Source) -> Iterator[Problem]:
    """Yield what jinja cannot parse: first blocks left open, else its first complaint."""
    try:
        open_blocks = list(_open_blocks(source))
        if not open_blocks:
            environment().parse(source.text)
    except TemplateSyntaxError as error:
        yield _grammar_problem(source, error)
    except RecursionError:
        yield Problem(source.part, NESTED)
    else:
        yield from open_blocks


def name_problems(source: Source, known: Mapping[str, object] | None) -> list[Problem]:
    """Return unknown filters and tests, and with `known` every name the data does not have."""
    names = _Names(source, environment(), known)
    try:
        names.visit(environment().parse(source.text), dict(known or {}))
    except RecursionError:
        return [Problem(source.part, NESTED)]
    return list(dict.fromkeys(names.problems))


class _Names(NodeVisitor):
    """A walk that visits every branch with the names in scope, and returns what each expression is.

    What the sample cannot tell is `_ANYTHING`, of which anything may be asked.
    """

    def __init__(self, source: Source, sandbox: Sandbox, known: Mapping[str, object] | None) -> None:
        self.problems: list[Problem] = []
        self._macros: set[str] = set()
        self._source = source
        self._sandbox = sandbox
        self._lenient = known is None

    def generic_visit(self, node: nodes.Node, scope: Scope) -> object:
        if isinstance(node, _REFUSED_ARITHMETIC):
            self._report(node, "模板里不能做乘、除、乘方和取余，数字要取自数据", "")
        for child in node.iter_child_nodes():
            self.visit(child, scope)
        return _ANYTHING

    def visit_For(self, node: nodes.For, scope: Scope) -> None:
        inner = {**scope, "loop": _LOOP}
        self._bind(node.target, _element(self.visit(node.iter, scope)), inner)
        if node.test is not None:
            self.visit(node.test, inner)
        self._visit_all(node.body, inner)
        self._visit_all(node.else_, dict(scope))

    def visit_Assign(self, node: nodes.Assign, scope: Scope) -> None:
        self._bind(node.target, self.visit(node.node, scope), scope)

    def visit_AssignBlock(self, node: nodes.AssignBlock, scope: Scope) -> None:
        self._visit_all(node.body, dict(scope))
        self._bind(node.target, _ANYTHING, scope)

    def visit_Macro(self, node: nodes.Macro, scope: Scope) -> None:
        scope[node.name] = _ANYTHING
        self._macros.add(node.name)
        self._visit_all(node.body, {**scope, **{argument.name: _ANYTHING for argument in node.args}})

    def visit_With(self, node: nodes.With, scope: Scope) -> None:
        inner = dict(scope)
        for target, value in zip(node.targets, node.values, strict=True):
            self._bind(target, self.visit(value, scope), inner)
        self._visit_all(node.body, inner)

    def visit_Name(self, node: nodes.Name, scope: Scope) -> object:
        if node.name in scope:
            return scope[node.name]
        if not self._lenient and node.name not in self._sandbox.globals:
            self._report(node, f"数据中没有“{node.name}”", nearest(node.name, scope))
        return _ANYTHING

    def visit_Const(self, node: nodes.Const, scope: Scope) -> object:
        return node.value

    def visit_Call(self, node: nodes.Call, scope: Scope) -> object:
        called = node.node
        macro = isinstance(called, nodes.Name) and called.name in {"range", *self._macros}
        if not macro and not (isinstance(called, nodes.Getattr) and called.attr in _CALLED):
            self._report(node, "模板里不能调用程序，只能取用数据、宏和 range", "")
        return self.generic_visit(node, scope)

    def visit_Getattr(self, node: nodes.Getattr, scope: Scope) -> object:
        return self._part(self.visit(node.node, scope), node.attr, node)

    def visit_Getitem(self, node: nodes.Getitem, scope: Scope) -> object:
        owner, key = self.visit(node.node, scope), self.visit(node.arg, scope)
        return self._part(owner, key, node) if isinstance(key, str) else _element(owner)

    def visit_Test(self, node: nodes.Test, scope: Scope) -> object:
        if node.name in ("defined", "undefined"):
            return _ANYTHING
        if node.name not in self._sandbox.tests:
            self._report(node, f"没有名为“{node.name}”的判断", nearest(node.name, self._sandbox.tests))
        return self.generic_visit(node, scope)

    def visit_Filter(self, node: nodes.Filter, scope: Scope) -> object:
        if node.name not in self._sandbox.filters:
            choices = set(self._sandbox.filters) - _INTERNAL
            self._report(node, f"没有名为“{node.name}”的格式", nearest(node.name, choices))
        self._visit_all([*node.args, *(keyword.value for keyword in node.kwargs)], scope)
        if node.node is None or node.name in ("default", "d"):
            return _ANYTHING
        value = self.visit(node.node, scope)
        mapped = self._attribute_of(_element(value), node)
        if node.name in _SAME_ELEMENTS:
            return value
        if node.name in _ONE_ELEMENT:
            return _element(value)
        return [mapped] if node.name == "map" else _ANYTHING

    def _attribute_of(self, element: object, node: nodes.Filter) -> object:
        """Return what `selectattr("met")`, `map(attribute="name")` or `sort(attribute=…)` reads."""
        given: list[nodes.Node] = [word.value for word in node.kwargs if word.key == "attribute"]
        given += node.args[:1] if node.name in _BY_ATTRIBUTE else []
        if not given or not isinstance(given[0], nodes.Const):
            return _ANYTHING
        for name in str(given[0].value).split("."):
            element = self._part(element, name, node)
        return element

    def _visit_all(self, children: Iterable[nodes.Node], scope: Scope) -> None:
        for child in children:
            self.visit(child, scope)

    def _bind(self, target: nodes.Node, value: object, scope: Scope) -> None:
        if isinstance(target, nodes.Name):
            scope[target.name] = value
        else:
            scope.update({name.name: _ANYTHING for name in target.find_all(nodes.Name)})

    def _part(self, owner: object, name: str, node: nodes.Node) -> object:
        if name.startswith("_"):
            self._report(node, f"数据中没有“{name}”", "")
            return _ANYTHING
        if owner is _ANYTHING or owner is None:
            return _ANYTHING
        value = self._sandbox.getattr(owner, name)
        if isinstance(value, Undefined):
            self._report(node, f"数据中没有“{name}”", nearest(name, names_of(owner)))
            return _ANYTHING
        return value

    def _report(self, node: nodes.Node, message: str, suggestion: str) -> None:
        self.problems.append(Problem(self._source.paragraph(node.lineno), message, suggestion))


def _element(values: object) -> object:
    """Return the first element of a sample sequence, or `_ANYTHING`."""
    if isinstance(values, Sequence) and not isinstance(values, str) and values:
        return values[0]
    return _ANYTHING


def _own_text(paragraph: Any) -> str:
    """Return the text of a paragraph without that of text boxes anchored in it."""
    pieces = paragraph.iter(qn("w:t"))
    return "".join(piece.text or "" for piece in pieces if next(piece.iterancestors(qn("w:p"))) is paragraph)


def _unclosed(text: str) -> Iterator[Problem]:
    """Yield the tag a paragraph leaves open, or a closing mark without its opening one."""
    opened = ""
    for mark in _MARKS.findall(text):
        if opened == "{#" and mark != "#}":
            continue  # a comment may hold anything
        if opened and mark == _CLOSING[opened]:
            opened = ""
        elif opened or mark not in _CLOSING:
            wanted = _CLOSING[opened] if opened else next(o for o, c in _CLOSING.items() if c == mark)
            yield Problem(text, f"标签不成对，缺少“{wanted}”")
            return
        else:
            opened = mark
    if opened:
        yield Problem(text, f"标签不成对，缺少“{_CLOSING[opened]}”")


def _open_blocks(source: Source) -> Iterator[Problem]:
    """Yield a tag there is not, or blocks that are opened and not closed, or closed and not opened."""
    stack: list[tuple[str, int]] = []
    expecting = False
    for line, kind, word in environment().lex(source.text):
        if kind == "name" and expecting:
            if word not in _TAGS:
                yield Problem(source.paragraph(line), f"不能使用标签“{word}”", nearest(word, _TAGS))
                return
            if word in _BLOCKS:
                stack.append((word, line))
            elif word in _BLOCKS.values() and (not stack or _BLOCKS[stack.pop()[0]] != word):
                yield Problem(source.paragraph(line), f"“{word}”没有对应的开头标签")
                return
        if kind == "raw_begin":
            yield Problem(source.paragraph(line), "不能使用标签“raw”")
            return
        expecting = kind == "block_begin" or (expecting and kind == "whitespace")
    for word, line in stack:
        yield Problem(source.paragraph(line), f"“{word}”没有对应的“{_BLOCKS[word]}”")


def _grammar_problem(source: Source, error: TemplateSyntaxError) -> Problem:
    """Return jinja's complaint in Chinese."""
    place = source.paragraph(error.lineno)
    for pattern, message in _GRAMMAR:
        found = re.search(pattern, error.message or "")
        if found:
            return Problem(place, message.format(*found.groups()))
    return Problem(place, "标签写法有误")
