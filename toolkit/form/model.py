"""The form as data: frozen, complete, and free of cell addresses."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as _field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from toolkit.form.scoring import Grade, Scale, Scoring
from toolkit.issues.values import value_class


class FieldType(StrEnum):
    """What an answer is. The reader turns cells into it, the blank formats cells for it."""

    TEXT = "text"  # one line
    PROSE = "prose"  # paragraphs; line breaks are the clerk's own
    NUMBER = "number"
    INTEGER = "integer"
    MONEY = "money"  # read in the unit of its heading or form, kept as Decimal yuan
    PERCENT = "percent"  # kept as a ratio: 96.79% is Decimal("0.9679")
    DATE = "date"
    YEAR = "year"
    CHOICE = "choice"
    OPERATOR = "operator"  # 计算符号, 指标性质: the direction of a target in a column of its own
    TARGET = "target"  # 年度指标值: operator, number, unit, level or deadline
    ACTUAL = "actual"  # 实际完成值


class SectionKind(StrEnum):
    """How a section is laid out and found again."""

    ANSWERS = "answers"  # label beside value
    GRID = "grid"  # fixed rows, named columns
    TABLE = "table"  # named columns, any number of rows


class MoneyUnit(StrEnum):
    """A unit of money; a form is in yuan or in ten thousand, a workbook's heading may name another."""

    YUAN = "元"
    THOUSAND = "千元"
    WAN = "万元"
    MILLION = "百万元"
    YI = "亿元"

    @property
    def yuan(self) -> int:
        """Return how many yuan one unit is."""
        return {"元": 1, "千元": 1000, "万元": 10_000, "百万元": 1_000_000, "亿元": 100_000_000}[self.value]

    @property
    def decimals(self) -> int:
        """Return how many decimals an amount has that is exact to the fen."""
        return len(str(self.yuan)) + 1


FORM_UNITS = (MoneyUnit.YUAN, MoneyUnit.WAN)  # what a form may be in


@value_class(frozen=True, slots=True)
class Ref:
    """A name of one or many answers: `field`, `row.field`, `section.row.field`; `*` is every row.

    An empty `section` or `row` means that of the place where the reference stands.
    """

    section: str
    row: str
    field: str

    def __str__(self) -> str:
        """Return the dotted name as written in TOML."""
        return ".".join(part for part in (self.section, self.row, self.field) if part)


@dataclass(frozen=True, slots=True)
class Derive:
    """How a stated figure follows from others; the blank turns it into a formula, the checks recompute it.

    `how` and its arguments (`of`):
    sum a, b, … = a + b + …; difference a, b = a − b; ratio a, b = a / b; change a, b = (a − b) / b;
    completion: 指标完成率 of the row by direction.
    """

    how: str
    of: tuple[Ref, ...]
    code: str  # the issue code when the stated figure differs
    tolerance: Decimal | None = None  # in the field's printed unit; None = by type and number of addends


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `label` is what the blank prints; `aliases` are what other hands have written."""

    id: str
    label: str
    type: FieldType = FieldType.TEXT
    aliases: tuple[str, ...] = ()
    required: bool = False
    help: str = ""
    example: str = ""
    unit: str = ""  # printed after the label: 分, 个, %
    operator_from: str = ""  # of a target: the field of its row that holds its operator
    unit_from: str = ""  # of a target: the field of its row that holds its unit
    coded: bool = False  # a name may come after its code: 51000021R0001-办公经费
    decimals: int | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    max_length: int | None = None
    forbidden: str = ""  # characters that a text must not hold
    choices: tuple[str, ...] = ()
    choice_aliases: dict[str, str] = _field(default_factory=dict)  # spelling -> choice
    strict: bool = True  # a choice outside the list is an error; else a note
    default: str = ""  # printed into the blank
    printed: bool = False  # its defaults are text to read, not answers to change: 评价标准
    fill_down: bool = False  # a blank cell means the value above (merged level cells)
    key: bool = False  # a table row without any key answer is a placeholder row
    derive: Derive | None = None
    span: int = 1  # base columns of the sheet it covers
    group: str = ""  # a heading over it and its neighbours of the same group: 预算数 over 总额, 财政拨款
    width: int = 12  # in half-width characters, when the sheet gives no columns
    lines: int = 1  # height in lines of the answer cell

    @property
    def heading(self) -> str:
        """Return the label with its unit.

        >>> Field("score", "得分", unit="分").heading
        '得分（分）'
        """
        return f"{self.label}（{self.unit}）" if self.unit else self.label


@dataclass(frozen=True, slots=True)
class GridRow:
    """A fixed row of a grid. `fields` limits which columns can be answered; empty means all."""

    id: str
    label: str
    aliases: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    required: tuple[str, ...] = ()  # columns required in this row, beside those always required
    defaults: dict[str, str] = _field(default_factory=dict)
    derives: dict[str, Derive] = _field(default_factory=dict)  # column -> how it follows from other rows
    indent: int = 0
    strong: bool = False  # a total
    scale: str = ""  # how its score follows from its figure

    def asks(self, field_id: str) -> bool:
        """Return whether the column can be answered in this row."""
        return not self.fields or field_id in self.fields


@dataclass(frozen=True, slots=True)
class Section:
    """A block of questions under one title."""

    id: str
    title: str
    kind: SectionKind
    fields: tuple[Field, ...]
    sheet: str
    aliases: tuple[str, ...] = ()
    rows: tuple[GridRow, ...] = ()
    row_heading: str = "项目"
    label_span: int = 1
    label_width: int = 24
    columns: int = 1  # answers: label/value pairs beside each other
    numbered: bool = False  # a leading 序号 column
    blank_rows: int = 0  # table: empty rows in the blank
    seeds: tuple[dict[str, str], ...] = ()  # table: rows begun in the blank
    totals: tuple[str, ...] = ()  # table: labels of total rows (合计, 小计), read apart from data
    total_fields: tuple[str, ...] = ()  # table: columns with a live total row in the blank
    total_adds: dict[str, tuple[Ref, ...]] = _field(default_factory=dict)  # column -> what its total adds
    total_code: str = "B02"  # the issue code when a stated total differs
    indicators: bool = False  # rows are 绩效指标: completion, score and status are recomputed
    min_rows: int = 0
    scale: str = ""  # how the scores of its rows follow, unless `scales` knows the row
    scales: dict[str, str] = _field(default_factory=dict)  # a row's name, level 2 or level 1 -> scale
    help: str = ""
    hidden_title: bool = False
    side: int = 0  # base columns at the left in which the title stands, beside all its rows
    _fields: dict[str, Field] = _field(init=False, repr=False, compare=False)
    _rows: dict[str, GridRow] = _field(init=False, repr=False, compare=False)
    derivable: tuple[str, ...] = _field(init=False, repr=False, compare=False)  # fields that may be derived
    prose: tuple[str, ...] = _field(init=False, repr=False, compare=False)  # fields of long texts
    # fields that name a row: `name` first, then other one-line texts
    naming: tuple[Field, ...] = _field(init=False, repr=False, compare=False)
    # fields that only complete the target of their row: its operator, its unit
    companions: frozenset[str] = _field(init=False, repr=False, compare=False)
    _order: dict[str, int] = _field(init=False, repr=False, compare=False)
    _required: dict[str, frozenset[str]] = _field(init=False, repr=False, compare=False)  # by grid row, ""

    def __post_init__(self) -> None:
        """Index fields and rows: they are looked up for every cell of every workbook."""
        following = {*self.total_fields, *(name for row in self.rows for name in row.derives)}
        names = tuple(entry.id for entry in self.fields if entry.derive or entry.id in following)
        object.__setattr__(self, "derivable", names)
        prose = tuple(entry.id for entry in self.fields if entry.type is FieldType.PROSE)
        object.__setattr__(self, "prose", prose)
        texts = (entry for entry in self.fields if entry.type is FieldType.TEXT)
        naming = tuple(sorted(texts, key=lambda entry: entry.id != "name"))
        object.__setattr__(self, "naming", naming)
        beside = (name for entry in self.fields for name in (entry.operator_from, entry.unit_from) if name)
        object.__setattr__(self, "companions", frozenset(beside))
        object.__setattr__(self, "_order", {entry.id: place for place, entry in enumerate(self.fields)})
        object.__setattr__(self, "_fields", {entry.id: entry for entry in self.fields})
        object.__setattr__(self, "_rows", {row.id: row for row in self.rows})
        always = frozenset(entry.id for entry in self.fields if entry.required)
        required = {
            row.id: frozenset(name for name in always.union(row.required) if row.asks(name))
            for row in self.rows
        }
        object.__setattr__(self, "_required", required | {"": always})

    def field(self, field_id: str) -> Field:
        """Return the field of that id; KeyError if there is none."""
        return self._fields[field_id]

    def place(self, field_id: str) -> int:
        """Return where a field stands among the fields, from 0; KeyError if there is none."""
        return self._order[field_id]

    def required_in(self, row_id: str) -> frozenset[str]:
        """Return the fields that must be answered in a row: a grid's by its id, in any other the same."""
        return self._required.get(row_id, self._required[""])

    @property
    def is_required(self) -> bool:
        """Return whether something of the section must always be answered."""
        if self.kind is SectionKind.TABLE:
            return self.min_rows > 0
        return any(entry.required for entry in self.fields) or any(row.required for row in self.rows)

    def adds_up(self, field_id: str) -> bool:
        """Return whether a table's total row adds a column up; a rate there is one of the totals."""
        derive = self._fields[field_id].derive
        return field_id in self.total_fields and (derive is None or derive.how not in ("ratio", "change"))

    @property
    def titled_above(self) -> bool:
        """Return whether a blank prints the title in a row of its own."""
        return not (self.hidden_title or self.side)

    def has(self, field_id: str) -> bool:
        """Return whether the section asks that field."""
        return field_id in self._fields

    def row(self, row_id: str) -> GridRow:
        """Return the grid row of that id; KeyError if there is none."""
        return self._rows[row_id]

    def label_of(self, field_id: str, row_id: str) -> str:
        """Return how an answer is called: in a grid by its row and column, 支出合计·决算数."""
        label = self.field(field_id).label
        if self.kind is SectionKind.GRID and row_id:
            return f"{self.row(row_id).label}·{label}"
        return label


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of the blank: its tab, its base columns (widths in characters; may be empty) and its paper."""

    name: str
    columns: tuple[int, ...] = ()
    landscape: bool = False
    title: str = ""  # a large title at the top of the page
    footnotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A named check with its parameters; `params` are validated by the check's own signature at load."""

    id: str
    check: str
    code: str
    params: dict[str, Any]
    severity: str = ""  # overrides the catalogue's
    severities: dict[str, str] = _field(
        default_factory=dict
    )  # code -> severity, for a check of several codes
    probation: date | None = None  # until this day, itself included, whatever it finds is a 提示


@dataclass(frozen=True, slots=True)
class Form:
    """One form and version: the only place a label, type, limit or rule is written.

    `summary` maps a figure of the district summary to the references tried in turn.
    """

    id: str
    version: str
    title: str
    entity: str  # what one workbook is about: "department", "project", or "monitor", a part of the year
    money: MoneyUnit
    sheets: tuple[Sheet, ...]
    sections: tuple[Section, ...]
    scoring: Scoring
    grades: tuple[Grade, ...]
    rules: tuple[Rule, ...]
    summary: dict[str, tuple[Ref, ...]]
    aliases: tuple[str, ...] = ()
    telltales: tuple[str, ...] = ()  # without one of these texts a workbook without mark is not this form
    foreign: tuple[str, ...] = ()  # with one of these it is another
    subtitle: str = ""
    description: str = ""
    source: str = ""
    base: str = ""  # the form whose scoring, grades and rules it takes over
    without: tuple[str, ...] = ()  # rules of the base it leaves out
    _sections: dict[str, Section] = _field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the sections."""
        object.__setattr__(self, "_sections", {section.id: section for section in self.sections})

    @property
    def name(self) -> str:
        """Return `id@version`, the text of the cover cell that names the form."""
        return f"{self.id}@{self.version}"

    def section(self, section_id: str) -> Section:
        """Return the section of that id; KeyError if there is none."""
        return self._sections[section_id]

    def scale_of(self, section: Section, *words: str) -> Scale | None:
        """Return how a row is scored: by its own words (nearest first), its section, or the whole form."""
        own = (section.scales[word] for word in words if word in section.scales)
        default = self.scoring.scale if section.indicators else ""
        return self.scoring.named(next(own, section.scale or default))

    def field(self, ref: Ref) -> Field:
        """Return the field a full reference names; KeyError if there is none."""
        return self.section(ref.section).field(ref.field)
