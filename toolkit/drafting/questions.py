"""One question of a section as a `field` table: what is known of it, what the blank says, what is guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from toolkit.drafting.known import Label
from toolkit.drafting.labels import Printed, same
from toolkit.drafting.shapes import Column, Shape
from toolkit.drafting.sheets import Details
from toolkit.drafting.toml_text import Node
from toolkit.drafting.words import Words, words
from toolkit.form.labels import plain
from toolkit.form.model import Field, FieldType, SectionKind
from toolkit.form.operators import operator_sign

LONG_ROWS = 2  # an answer over more rows of the blank is a paragraph
_MONEY_UNITS = ("元", "万元")
_PARTING = "、/／;；,， "


@dataclass(slots=True)
class Question:
    """A column with the id it got; `model` is the known field it follows."""

    id: str
    column: Column
    model: Field | None
    type: str
    node: Node

    @property
    def printed(self) -> Printed:
        """Return the label as taken apart."""
        return self.column.printed


def questions_of(shape: Shape, fields: Mapping[Label, Field], source: str) -> list[Question]:
    """Return the questions of a section; `fields` are known ones of the form titled `source`."""
    found: list[Question] = []
    taken: set[str] = {entry.id for entry in fields.values()}
    used: set[str] = set()
    for position, column in enumerate(shape.columns, 1):
        model = fields.get((column.text, column.group))
        if model is not None and model.id in used:
            model = None
        name = model.id if model is not None else _free_id(column, position, taken | used)
        used.add(name)
        found.append(_question(shape, column, name, model, source))
    _join_targets(found)
    labels = [plain(question.printed.label) for question in found]
    places = [(label, plain(question.column.group)) for label, question in zip(labels, found, strict=True)]
    for position, question in enumerate(found):
        _clear_aliases(question, labels)
        if places.count(places[position]) > 1:
            question.node.doubt("label", words().doubt("twice", label=question.printed.label))
    return found


def _join_targets(found: Sequence[Question]) -> None:
    """Let the target take its sign and its unit from the columns beside it."""
    target = next((question for question in found if question.type == FieldType.TARGET.value), None)
    if target is None:
        return
    sign = next((question.id for question in found if question.type == FieldType.OPERATOR.value), None)
    unit = next((question.id for question in found if question.id == "unit"), None)
    target.node.put("operator_from", sign)
    target.node.put("unit_from", unit)


def _free_id(column: Column, position: int, taken: set[str]) -> str:
    known = reversed(words().fields.get(plain(column.printed.label), ()))
    return next((name for name in known if name not in taken), f"field_{position}")


def _question(shape: Shape, column: Column, name: str, model: Field | None, source: str) -> Question:
    say, printed, node = words(), column.printed, Node()
    details = shape.parts.page.details
    choices, boxes = _choices(column, details)
    kind, why = _type(column, name, model, details)
    if kind == FieldType.OPERATOR.value:
        choices = choices if all(operator_sign(word) for word in choices) else ()
    elif choices and kind in ("text", "prose", "choice", "number", "integer"):
        kind = "choice"
    elif kind != FieldType.PERCENT.value:
        choices = ()
    label = printed.label
    node.put("id", name)
    known = model is not None or name in say.field_types or not name.startswith("field_")
    node.put("label", label, "" if known else say.doubt("field", label=label, why=why, type=kind))
    node.put("type", kind if kind != "text" else None)
    node.put("group", column.group)
    if column.shared:
        node.doubt("label", say.doubt("shared", label=label))
    if column.example and not boxes:
        if model is not None and model.default:
            node.put("default", column.example, say.doubt("default", label=label))
        else:
            node.doubt("label", say.doubt("filled", label=label, found=column.example[:20]))
    node.put("unit", _unit(printed, kind))
    _put_limits(node, column.text, printed, model, kind, source)
    if kind == "choice":
        _put_choices(node, choices, boxes, model)
    elif kind == FieldType.OPERATOR.value:
        node.put("choices", list(choices) or (list(model.choices) if model is not None else []))
    elif allowed := choices or (model.choices if model is not None and model.type.value == kind else ()):
        node.put("choices", list(allowed))  # words allowed where a figure is asked: 达标完成
    if details is not None:
        _doubt_dropdown(node, column, details)
    node.put("fill_down", bool(model and model.fill_down) or name in ("level1", "level2"))
    if shape.kind is SectionKind.TABLE:
        node.put("key", bool(model and model.key) or (model is None and name in ("name", "target", "actual")))
    node.put("span", column.span if column.span > 1 else None)
    node.put("lines", _lines(column))
    return Question(name, column, model, kind, node)


def _unit(printed: Printed, kind: str) -> str:
    if printed.unit and printed.unit not in _MONEY_UNITS:
        return "" if printed.unit == "%" and kind == "percent" else printed.unit
    return ""


def _put_limits(node: Node, text: str, printed: Printed, model: Field | None, kind: str, source: str) -> None:
    required = printed.required or bool(model and model.required)
    doubt = words().doubt("required", form=source) if required and not printed.required else ""
    node.put("required", required, doubt)
    node.put("max_length", printed.limit or (model.max_length if model else None))
    if model is not None and model.type.value == kind:
        node.put("min", model.min)
        if model.min == 0:
            node.values["min"] = model.min
        node.put("max", model.max)
        node.put("forbidden", model.forbidden)
        node.put("coded", model.coded)
    known = (model.label, *model.aliases) if model is not None else ()
    node.put("aliases", list(dict.fromkeys(word for word in (text, *known) if not same(word, printed.label))))


def _clear_aliases(question: Question, labels: Sequence[str]) -> None:
    """Drop aliases that the blank itself uses for another question."""
    aliases = question.node.values.get("aliases")
    if aliases:
        kept = [text for text in aliases if plain(text) not in labels]
        question.node.values.pop("aliases")
        question.node.put("aliases", kept)


# Types


def _type(column: Column, name: str, model: Field | None, details: Details | None) -> tuple[str, str]:
    """Return the type of a question and what it was judged by."""
    say = words()
    if model is not None:
        return model.type.value, ""
    if name in say.field_types:
        return say.field_types[name], ""
    if column.printed.unit in _MONEY_UNITS:
        return "money", column.printed.unit
    if column.printed.ratio is not None or column.printed.unit == "%":
        return "percent", column.text
    kind, end = say.type_of(column.printed.label)
    if formatted := _formatted(column, details):
        return formatted
    if kind:
        return kind, end
    if (
        any(cell.last_row - cell.row + 1 > LONG_ROWS for cell in column.cells)
        or (column.printed.limit or 0) > 60
    ):
        return "prose", say.say("tall")
    return "text", say.say("plain")


def _formatted(column: Column, details: Details | None) -> tuple[str, str] | None:
    """Return the type that the number format of the answer cells shows."""
    if details is None:
        return None
    for cell in column.cells:
        shown = details.formats.get((cell.row, cell.column), "")
        bare = shown.split(";")[0].lower()
        if "%" in bare:
            return "percent", shown
        if "yy" in bare or ("m" in bare and "d" in bare):
            return "date", shown
    return None


def _lines(column: Column) -> int | None:
    cell = column.cells[0] if column.cells else None
    height = cell.last_row - cell.row + 1 if cell is not None else 1
    return height if 1 < height <= 12 and len(column.cells) == 1 else None


# Choices


def _choices(column: Column, details: Details | None) -> tuple[tuple[str, ...], bool]:
    """Return the choices of a question and whether they are boxes to tick on paper."""
    if column.example and (boxes := _boxes(column.example, words())):
        return boxes, True
    for cell in column.cells:
        if details is not None and (found := details.choices.get((cell.row, cell.column))):
            return tuple(dict.fromkeys(found)), False
        if cell.filled and (boxes := _boxes(cell.text, words())):
            return boxes, True
    return (), False


def _boxes(text: str, say: Words) -> tuple[str, ...]:
    """Return what stands beside the boxes of 一般性项目□ 专项□; empty when there are not two."""
    marks = "".join(say.lists["boxes"][:-1])
    count = sum(text.count(mark) for mark in marks)
    if count < 2:
        return ()
    for mark in marks:
        text = text.replace(mark, "\n")
    parts = [part.strip(_PARTING).lstrip("0123456789.、") for part in text.split("\n")]
    return tuple(dict.fromkeys(part for part in parts if part))


def _put_choices(node: Node, choices: Sequence[str], boxes: bool, model: Field | None) -> None:
    known = list(model.choices) if model is not None else []
    node.put("choices", list(choices) or known or list(words().lists["box_choices"]))
    if boxes or not (choices or known):
        node.doubt("choices", words().doubt("choices"))
    if model is not None:
        kept = {key: word for key, word in model.choice_aliases.items() if word in node.values["choices"]}
        node.put("choice_aliases", kept)
        if not model.strict:
            node.values["strict"] = False


def _doubt_dropdown(node: Node, column: Column, details: Details) -> None:
    for cell in column.cells:
        if found := details.unread_lists.get((cell.row, cell.column)):
            node.doubt("label", words().doubt("dropdown", found=found))
            return


NUMERIC = (FieldType.MONEY.value, FieldType.NUMBER.value, FieldType.INTEGER.value)
