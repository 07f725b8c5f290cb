"""Lists that officers keep in Excel (名册, 说明, 台账): read by their headings, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from toolkit.checks.files import unreadable
from toolkit.checks.ledger import LEDGER, LEDGER_COLUMNS, LedgerRow
from toolkit.checks.model import Opinion, RosterUnit, Waiver
from toolkit.form.labels import plain
from toolkit.settings import CollectionError
from toolkit.submission.dates import read_date, read_year
from toolkit.submission.grid import RawValue
from toolkit.submission.guard import SourceError
from toolkit.submission.model import Blank
from toolkit.submission.numerals import fold
from toolkit.submission.remote import AnyPath
from toolkit.submission.source import open_source

HEADING_ROWS = 20  # rows in which the headings are looked for
ROSTER_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("单位编码", "编码", "单位代码"),
    "name": ("单位名称", "单位全称", "名称", "单位"),
    "aliases": ("别名", "简称", "曾用名"),
    "kind": ("单位类型", "类型", "单位性质"),
    "district": ("所在区", "区", "所在区（县）", "区县"),
    "contact": ("联系人", "填报人"),
    "phone": ("联系电话", "电话"),
    "forms": ("应报表", "应报表样", "表样"),
    "year": ("预算年度", "年度"),
    "due": ("截止日期", "报送截止日期", "期限"),
}
WAIVER_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "unit": ("单位", "单位名称", "单位全称"),
    "code": ("代码", "问题代码"),
    "place": ("单元格或栏目", "单元格", "栏目"),
    "who": ("说明人", "经办人"),
    "why": ("说明", "说明原因", "原因"),
    "until": ("有效期至", "有效期", "截止日期"),
}


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of a list: its number as Excel shows it, and the cells of the columns that were found."""

    number: int
    cells: Mapping[str, RawValue]

    def text(self, column: str) -> str:
        """Return a cell as text on one line, empty when there is no such column."""
        value = self.cells.get(column, "")
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return " ".join(str(value).split())


def read_roster(path: AnyPath | None) -> tuple[RosterUnit, ...]:
    """Read 名册.xlsx; a collection without one has no roster."""
    rows = _rows(path, ROSTER_COLUMNS, {"name": "单位名称"}) if path and path.is_file() else ()
    return tuple(_unit(row) for row in rows if row.text("name"))


def read_waivers(path: Path) -> tuple[Waiver, ...]:
    """Read 说明.xlsx; a row that lacks something comes back with its `problem`."""
    needed = {key: WAIVER_COLUMNS[key][0] for key in ("unit", "code", "who", "why")}
    rows = _rows(path, WAIVER_COLUMNS, needed) if path.is_file() else ()
    return tuple(
        _waiver(row, f"{path.name} 第 {row.number} 行")
        for row in rows
        if any(row.text(key) for key in ("code", "who", "why"))  # a lone text in the first column is a note
    )


def read_ledger(path: Path) -> tuple[LedgerRow, ...]:
    """Read the ledger; CollectionError when it is there and cannot be read, so that nothing is lost."""
    if not path.is_file():
        return ()
    needed = {key: LEDGER_COLUMNS[key][0] for key in ("file", "sha256", "opinion")}
    listed = _rows(path, LEDGER_COLUMNS, needed)
    return tuple(_ledger_row(row) for row in listed if row.text("file") or row.text("sha256"))


def _rows(
    path: AnyPath, columns: Mapping[str, tuple[str, ...]], needed: Mapping[str, str]
) -> Iterator[ListRow]:
    """Yield the rows below the first row that has all the headings needed; CollectionError if none has."""
    try:
        source = open_source(path)
    except SourceError as error:
        raise CollectionError(f"{path.name} 无法读取：{unreadable(error, path.name).message}") from error
    missing = list(needed.values())
    for sheet in source.sheets:
        for at, values in enumerate(sheet.rows[:HEADING_ROWS]):
            found = _headings(values, columns)
            lacking = [heading for key, heading in needed.items() if key not in found]
            if not lacking:
                for number, row in enumerate(sheet.rows[at + 1 :], at + 2):
                    yield ListRow(number, {key: row[column] for key, column in found.items()})
                return
            missing = min(missing, lacking, key=len)
    raise CollectionError(f"{path.name} 中没有“{missing[0]}”一栏。")


def _headings(values: list[RawValue], columns: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    spellings = {plain(text): key for key, texts in columns.items() for text in texts}
    found: dict[str, int] = {}
    for column, value in enumerate(values):
        if isinstance(value, str) and (key := spellings.get(plain(value))):
            found.setdefault(key, column)
    return found


def _unit(row: ListRow) -> RosterUnit:
    year = read_year(row.cells.get("year", "")).value
    due = read_date(row.cells.get("due", "")).value
    return RosterUnit(
        code=row.text("code"),
        name=row.text("name"),
        aliases=_listed(row.text("aliases")),
        kind=row.text("kind"),
        district=row.text("district"),
        contact=row.text("contact"),
        phone=row.text("phone"),
        forms=_listed(row.text("forms")),
        year=int(year) if isinstance(year, Decimal) else None,
        due=due if isinstance(due, date) else None,
    )


def _waiver(row: ListRow, source: str) -> Waiver:
    until = read_date(row.cells.get("until", ""))
    lacking = [WAIVER_COLUMNS[key][0] for key in ("unit", "code", "who", "why") if not row.text(key)]
    problem = f"没有填写{'、'.join(lacking)}" if lacking else ""
    if until.blank not in (None, Blank.EMPTY):  # an end nobody can read must not become no end
        problem = problem or f"有效期“{row.text('until')}”不是日期"
    return Waiver(
        unit=row.text("unit"),
        code=row.text("code"),
        why=row.text("why"),
        who=row.text("who"),
        place=row.text("place"),
        until=until.value if isinstance(until.value, date) else None,
        source=source,
        problem=problem,
    )


def _listed(text: str) -> tuple[str, ...]:
    """Return the names of a cell that lists several.

    >>> _listed("department、project"), _listed("前进街道；前进街")
    (('department', 'project'), ('前进街道', '前进街'))
    """
    for mark in "，,；;\n":
        text = text.replace(mark, "、")
    return tuple(part.strip() for part in text.split("、") if part.strip())


def _ledger_row(row: ListRow) -> LedgerRow:
    opinion = fold(row.text("opinion")).strip()
    if opinion and opinion not in set(Opinion):
        words = "、".join(Opinion)
        raise CollectionError(
            f"{LEDGER} 第 {row.number} 行的“汇总人意见”应为{words}或空着，现为“{opinion}”。"
        )
    year, filled = row.text("year"), read_date(row.cells.get("filled", "")).value
    return LedgerRow(
        file=row.text("file"),
        sha256=row.text("sha256"),
        unit=row.text("unit"),
        form=row.text("form"),
        year=int(year) if year.isdigit() else None,
        filled=filled if isinstance(filled, date) else None,
        saved=row.text("saved"),
        size=int(row.text("size")) if row.text("size").isdigit() else 0,
        verdict=row.text("verdict"),
        state=row.text("state"),
        why=row.text("why"),
        seen=row.text("seen"),
        opinion=opinion,
        reason=row.text("reason"),
    )
