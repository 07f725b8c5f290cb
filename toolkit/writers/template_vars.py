"""What a Word template may ask for: every name of a form's report or of the district's, with an example.

The names come from the data a template is checked against, the words from the form, so that the list cannot
differ from what the reports know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from toolkit.form.model import FieldType, Form, Section
from toolkit.writers.numbering import Numbering
from toolkit.writers.sandbox import environment, printed
from toolkit.writers.template_check import names_of

LONGEST_EXAMPLE = 40  # characters
_FORMATS = {
    FieldType.MONEY: "wan_text",
    FieldType.PERCENT: "percent",
    FieldType.NUMBER: "number",
    FieldType.INTEGER: "count",
    FieldType.DATE: "day",
    FieldType.PROSE: "paragraphs",
}
_GRID_LISTS = {"rows": "全部行", "filled": "填了数的行", "parts": "不含合计、小计的行", "zeros": "填了零的行"}
_BY_NAME = {  # figures that are no field of a form -> how they are said
    "_rate": "percent",
    "_budget": "wan_text",
    "_expenditure": "wan_text",
    "_amount": "wan_text",
    "share": "percent",
    "completion": "percent",
    "_score": "score",
}


@dataclass(frozen=True, slots=True)
class Variable:
    """A name a template may ask for; `tag` is how it is usually written, `example` what that prints."""

    name: str
    label: str
    tag: str
    example: str
    within: str = ""  # the list whose rows have it; empty for what stands by itself

    def as_json(self) -> dict[str, str]:
        """Return the public JSON shape."""
        return {
            "name": self.name,
            "within": self.within,
            "label": self.label,
            "tag": self.tag,
            "example": self.example,
        }


def variables(context: Mapping[str, object], form: Form | None) -> Iterator[Variable]:
    """Yield every name of a context; `form` says the words of its sections."""
    sections = {section.id: section for section in form.sections} if form else {}
    for name, value in context.items():
        yield from _named(name, value, sections.get(name))


def _named(name: str, value: object, section: Section | None, label: str = "") -> Iterator[Variable]:
    if isinstance(value, Numbering):
        yield from _numbers(name)
    elif isinstance(value, Mapping):
        yield from _group(name, value, section)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from _rows(name, value, section, label)
    elif value is None or isinstance(value, (str, int, Decimal, date)):
        yield _plain(name, value, section, label)
    else:
        for part in names_of(value):
            yield from _named(f"{name}.{part}", getattr(value, part), None)


def _group(name: str, values: Mapping[str, object], section: Section | None) -> Iterator[Variable]:
    rows = {row.id: row.label for row in section.rows} if section else {}
    told = False  # the columns of a grid are the same in each row, and told once
    for key, value in values.items():
        if key in rows and told:
            yield Variable(f"{name}.{key}", rows[key], f"{{{{ {name}.{key}.… }}}}", "各栏同上")
        elif key in rows:
            told = True
            yield from _named(f"{name}.{key}", value, section)
        elif rows and key in _GRID_LISTS:
            yield _loop(f"{name}.{key}", _GRID_LISTS[key], value)
        elif not (rows and key == "has"):
            yield from _named(f"{name}.{key}", value, section)


def _rows(name: str, values: Sequence[object], section: Section | None, label: str) -> Iterator[Variable]:
    """Yield a list, and what its first element has."""
    yield _loop(name, label or (section.title if section else ""), values)
    if values and not isinstance(values[0], (str, int, Decimal)):
        for variable in _named("row", values[0], section):
            yield replace(variable, within=" > ".join(filter(None, (name, variable.within))))


def _loop(name: str, label: str, values: object) -> Variable:
    size = len(values) if isinstance(values, Sequence) else 0
    return Variable(name, label, f"{{%p for row in {name} %}}", f"{size} 行")


def _plain(name: str, value: object, section: Section | None, label: str) -> Variable:
    key = name.rpartition(".")[2]
    field = section.field(key) if section is not None and section.has(key) else None
    form = _FORMATS.get(field.type, "") if field else ""
    if field is None and isinstance(value, Decimal):
        form = next((form for end, form in _BY_NAME.items() if key.endswith(end)), "number")
    tag = f"{{{{ {name}|{form} }}}}" if form else f"{{{{ {name} }}}}"
    if form == "paragraphs":
        tag = f"{{%p for line in {name}|paragraphs %}}"
    return Variable(name, label or (field.label if field else ""), tag, _example(value, form))


def _example(value: object, form: str) -> str:
    """Return what the tag prints of the sample."""
    if value is None:
        return ""
    if form in ("", "paragraphs"):
        text = str(printed(value).striptags())  # type: ignore[attr-defined]
    else:
        text = environment().from_string(f"{{{{ value|{form} }}}}").render(value=value)
    return text if len(text) <= LONGEST_EXAMPLE else f"{text[:LONGEST_EXAMPLE]}…"


def _numbers(name: str) -> Iterator[Variable]:
    """Yield the counters, each as it stands below the first chapter."""
    for part in names_of(Numbering):
        number = Numbering()
        begun = part == "chapter" or number.chapter
        tag = f"{{{{ {name}.{part} }}}}"
        yield Variable(f"{name}.{part}", "自动编号", tag, str(begun and getattr(number, part)))
