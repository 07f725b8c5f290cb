"""A shape and the known section it follows -> a `section` table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.drafting.known import Model
from toolkit.drafting.labels import same
from toolkit.drafting.questions import NUMERIC, Question, questions_of
from toolkit.drafting.shapes import FixedRow, Shape
from toolkit.drafting.toml_text import Node
from toolkit.drafting.words import words
from toolkit.form.labels import normalise, plain
from toolkit.form.model import Derive, SectionKind

SEED_ROWS = 3


@dataclass(slots=True)
class Drafted:
    """A section proposed, with what rules and the summary need to know of it."""

    id: str
    shape: Shape
    model: Model | None
    questions: list[Question]
    row_ids: list[str]
    node: Node


def draft_section(shape: Shape, model: Model | None, sheet: str, taken: set[str]) -> Drafted:
    """Return the section of a shape."""
    say, node = words(), Node()
    position = len(taken) + 1
    name = model.section.id if model is not None else f"section_{position}"
    while name in taken:
        name = f"{name}_{position}"
    taken.add(name)
    title = shape.title or (model.section.title if model is not None else "")
    node.put(
        "id", name, "" if model else say.doubt("section", title=title or say.say("block", number=position))
    )
    node.put(
        "title", title or say.say("section", number=position), "" if title else say.doubt("section_title")
    )
    aliases = (model.section.title, *model.section.aliases) if model is not None else ()
    node.put("aliases", [text for text in aliases if not same(text, title)])
    node.put("sheet", sheet)
    node.put("kind", shape.kind.value)
    node.put("hidden_title", not shape.title_shown)
    node.put("help", shape.help)
    questions = questions_of(shape, model.fields if model else {}, model.form.title if model else "")
    drafted = Drafted(name, shape, model, questions, [], node)
    if shape.kind is SectionKind.ANSWERS:
        node.put("columns", shape.per_line if shape.per_line > 1 else None)
        node.put("label_span", shape.label_span if shape.label_span > 1 else None)
    elif shape.kind is SectionKind.GRID:
        _grid_keys(drafted)
    else:
        _table_keys(drafted)
    if shape.below:
        node.doubt("title", say.doubt("below", label=shape.columns[0].printed.label))
    _derive(drafted)
    node.values["field"] = [question.node for question in questions]
    if shape.kind is SectionKind.GRID:
        node.values["row"] = _rows(drafted)
    if shape.seeds:
        node.values["seed"] = _seeds(drafted)
    return drafted


def _grid_keys(drafted: Drafted) -> None:
    node, shape = drafted.node, drafted.shape
    node.put("row_heading", shape.row_heading)
    node.put("label_span", shape.label_span if shape.label_span > 1 else None)


def _table_keys(drafted: Drafted) -> None:
    node, shape, model, say = drafted.node, drafted.shape, drafted.model, words()
    ids = {question.id for question in drafted.questions}
    node.put("indicators", {"name", "target", "actual"} <= ids)
    node.put("numbered", shape.numbered)
    node.put("blank_rows", max(shape.blank_rows, len(shape.seeds)) + (SEED_ROWS if shape.seeds else 0))
    node.put(
        "min_rows", model.section.min_rows if model is not None else 1 if "indicators" in node.values else 0
    )
    if shape.totals:
        known = model.section.totals if model is not None else ()
        node.put("totals", list(dict.fromkeys((*shape.totals, *known))))
        summed = [
            question.id
            for position, question in enumerate(drafted.questions)
            if position in shape.total_columns and question.type in NUMERIC
        ]
        node.put("total_fields", summed, say.doubt("total"))
        if model is not None and model.section.total_code != "B02":
            node.put("total_code", model.section.total_code)
    if shape.examples:
        rows = say.say("rows").join(str(row) for row in shape.examples)
        node.doubt("", say.doubt("example", row=rows))


# Derived figures


def _derive(drafted: Drafted) -> None:
    """Say how a rate follows: by the letters of the headings, by the known section, else by what there is."""
    ids = {question.id: question for question in drafted.questions}
    letters = {
        question.printed.letter: question.id for question in drafted.questions if question.printed.letter
    }
    for question in drafted.questions:
        known = question.model.derive if question.model is not None else None
        ratio = question.printed.ratio
        if ratio is not None and letters.get(ratio[0]) and letters.get(ratio[1]):
            _put_ratio(question, ids[letters[ratio[0]]], ids[letters[ratio[1]]], "rate_label")
        elif known is not None and _holds(drafted, known, ids):
            names = [".".join(part for part in (ref.row, ref.field) if part) for ref in known.of]
            question.node.put("derive", {known.how: names, "code": known.code})
        elif question.id == "execution_rate" and "actual_expenditure" in ids:
            below = next((name for name in ("adjusted_budget", "initial_budget") if name in ids), None)
            if below is not None:
                _put_ratio(question, ids["actual_expenditure"], ids[below], "rate")


def _put_ratio(question: Question, top: Question, bottom: Question, doubt: str) -> None:
    sentence = words().doubt(doubt, numerator=top.printed.label, denominator=bottom.printed.label)
    usual = bottom.id == "adjusted_budget" and top.id == "actual_expenditure"
    question.node.put("derive", {"ratio": [top.id, bottom.id], "code": "B05"}, "" if usual else sentence)


def _holds(drafted: Drafted, derive: Derive, ids: dict[str, Question]) -> bool:
    """Return whether all a figure follows from is asked in this section, too."""
    rows = {row.id for row in drafted.model.rows.values()} if drafted.model is not None else set()
    own = drafted.model.section.id if drafted.model is not None else ""
    return all(
        ref.section == own and ref.field in ids and (not ref.row or ref.row in rows) for ref in derive.of
    )


# Rows


def _rows(drafted: Drafted) -> list[Node]:
    model, say = drafted.model, words()
    used: set[str] = set()
    for position, row in enumerate(drafted.shape.rows, 1):
        known = model.rows.get(row.label) if model is not None else None
        single = model is not None and len(model.section.rows) == len(drafted.shape.rows) == 1
        names = [*say.rows.get(plain(row.label), ())]
        names = [known.id] if known else [model.section.rows[0].id] if single and model else names
        drafted.row_ids.append(next((name for name in names if name not in used), f"row_{position}"))
        used.add(drafted.row_ids[-1])
    total = next((position for position, row in enumerate(drafted.shape.rows) if _is_total(row)), None)
    return [_row(drafted, position, position == total) for position in range(len(drafted.shape.rows))]


def _is_total(row: FixedRow) -> bool:
    return words().is_one("total_rows", row.label)


def _row(drafted: Drafted, position: int, total: bool) -> Node:
    node, shape, say = Node(), drafted.shape, words()
    row, name = shape.rows[position], drafted.row_ids[position]
    known = drafted.model.rows.get(row.label) if drafted.model is not None else None
    node.put("id", name)
    node.put("label", row.label)
    if known is not None:
        aliases = [text for text in (known.label, *known.aliases) if not same(text, row.label)]
        others = [plain(other.label) for other in shape.rows if other is not row]
        node.put("aliases", [text for text in aliases if plain(text) not in others])
    open_fields, defaults = _asked(drafted, row)
    if len(open_fields) < len(drafted.questions):
        node.put("fields", open_fields)
    node.put("defaults", defaults)
    required = known.required if known is not None else ()
    node.put("required", [name for name in required if name in open_fields])
    if total:
        node.put("sum", _parts(drafted, position), "" if known is not None else say.doubt("sum"))
        node.put("strong", True)
    elif known is not None:
        node.put("indent", known.indent)
    return node


def _asked(drafted: Drafted, row: FixedRow) -> tuple[list[str], dict[str, str]]:
    """Return the columns that a row asks, those without a dash, and what is printed in them."""
    dashes = words().lists["dashes"]
    asked: list[str] = []
    defaults: dict[str, str] = {}
    for question, cell in zip(drafted.questions, row.cells, strict=True):
        dash = isinstance(cell.value, str) and normalise(cell.value) in dashes
        if dash:
            continue
        asked.append(question.id)
        if (
            cell.filled
            and question.type in ("number", "integer", "text")
            and plain(cell.text).replace(".", "").isdigit()
        ):
            defaults[question.id] = cell.text
    return (asked, defaults) if asked else ([question.id for question in drafted.questions], {})


def _parts(drafted: Drafted, total: int) -> list[str]:
    """Return the rows a total is the sum of: as in the known section, else all others."""
    model, own = drafted.model, drafted.row_ids
    known = model.rows.get(drafted.shape.rows[total].label) if model is not None else None
    if known is not None and known.derives:
        parts = [ref.row for ref in next(iter(known.derives.values())).of]
        if all(part in own for part in parts):
            return parts
    return [
        name
        for position, name in enumerate(own)
        if position != total and not _is_total(drafted.shape.rows[position])
    ]


def _seeds(drafted: Drafted) -> list[Node]:
    """Return the rows begun on the blank; level choices are what stands there."""
    nodes = []
    levels = [question for question in drafted.questions if question.node.values.get("fill_down")]
    for seed in drafted.shape.seeds:
        node = Node()
        for position, text in seed.items():
            question = drafted.questions[position]
            worded = question in levels or question.type in ("text", "prose", "target")
            if worded or (question.type in NUMERIC and text.replace(".", "", 1).isdigit()):
                node.put(question.id, text)
        if node.values:
            nodes.append(node)
    for question in levels:
        _choices_from(question, [str(node.values.get(question.id, "")) for node in nodes])
    return nodes


def _choices_from(question: Question, printed: Sequence[str]) -> None:
    found = list(dict.fromkeys(text for text in printed if text))
    node = question.node
    known = node.values.get("choices", [])
    spellings = {plain(text) for text in (*known, *node.values.get("choice_aliases", {}))}
    if question.type == "choice" and found and not {plain(text) for text in found} <= spellings | {""}:
        node.values["choices"] = list(dict.fromkeys((*found, *known)))
        node.values["strict"] = False
        node.doubt("choices", words().doubt("levels"))
