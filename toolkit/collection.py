"""A collection: the folder with an xlreport.toml, its forms, roster and workbooks."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from toolkit.checks.model import RosterUnit
from toolkit.checks.rules import validate
from toolkit.checks.runner import Task
from toolkit.form.labels import plain
from toolkit.form.loader import load_form
from toolkit.form.model import Form
from toolkit.form.toml_table import suggestion
from toolkit.submission.grid import RawValue, SheetGrid
from toolkit.submission.guard import Limits, SourceError
from toolkit.submission.source import open_source
from toolkit.submission.values import read_date, read_year

SETTINGS = "xlreport.toml"
ROSTER = "名册.xlsx"
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
NARRATIVES: Mapping[str, str] = {"department": "单位自评报告.docx", "collection": "汇总报告.docx"}
_IGNORED_NAMES = frozenset({"thumbs.db", "desktop.ini"})
_IGNORED_PREFIXES = (".", "~$", "~")
_IGNORED_SUFFIXES = (".tmp", ".temp", ".crdownload", ".part", ".download")


class CollectionError(Exception):
    """A collection that cannot be used; the message is one Chinese sentence."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What xlreport.toml says. `forms` are ids in the order of the settings; empty means every form found."""

    title: str
    district: str
    fiscal_year: int | None
    due: date | None
    forms: tuple[str, ...]
    narratives: Mapping[str, str]
    limits: Limits


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection ready for work; `ignored` counts lock, hidden and temporary files under workbooks/."""

    root: Path
    settings: Settings
    forms: tuple[Form, ...]
    roster: tuple[RosterUnit, ...]

    @property
    def workbooks(self) -> Path:
        """Return the folder of what came in."""
        return self.root / "workbooks"

    @property
    def out(self) -> Path:
        """Return the folder of what is made."""
        return self.root / "out"

    @property
    def forms_by_id(self) -> dict[str, Form]:
        """Return the forms in use by id."""
        return {form.id: form for form in self.forms}

    def tasks(self) -> list[Task]:
        """Return every file that came in, sorted by name."""
        return [task for task, ignored in self._files() if not ignored]

    def ignored(self) -> int:
        """Return how many lock, hidden and temporary files lie among the workbooks."""
        return sum(ignored for _, ignored in self._files())

    def _files(self) -> Iterator[tuple[Task, bool]]:
        yield from files_under(self.workbooks)

    def narrative(self, use: str) -> Path:
        """Return the Word template of a use (`department`, `collection`): the collection's own, else ours."""
        name = self.settings.narratives[use]
        for folder in template_folders(self.root):
            path = folder / "narratives" / name
            if path.is_file():
                return path
        raise CollectionError(
            f"找不到 Word 模板“{name}”，请检查 {SETTINGS} 的 [narratives] 和 templates/narratives。"
        )


def open_collection(root: Path) -> Collection:
    """Read settings, forms and roster; CollectionError or FormError when the collection cannot be used."""
    path = root / SETTINGS
    if not path.is_file():
        raise CollectionError(
            f"“{root.resolve()}”里没有 {SETTINGS}，请用 -C 指定汇总文件夹，或先运行 xlreport init 新建。"
        )
    settings = read_settings(path)
    forms = load_forms(root, settings.forms)
    return Collection(root, settings, forms, read_roster(root / "workbooks" / ROSTER))


def files_under(folder: Path) -> Iterator[tuple[Task, bool]]:
    """Yield (file, whether it is to be ignored) below a folder, sorted by name; the roster is left out."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            relative = path.relative_to(folder).as_posix()
            if relative != ROSTER:
                yield Task(path, relative), _is_ignored(name)


def _is_ignored(name: str) -> bool:
    lower = name.lower()
    return lower in _IGNORED_NAMES or lower.startswith(_IGNORED_PREFIXES) or lower.endswith(_IGNORED_SUFFIXES)


# ── settings ────────────────────────────────────────────────────────────────────────────────────────


def read_settings(path: Path) -> Settings:
    """Read xlreport.toml; CollectionError names the key that is wrong."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CollectionError(f"{SETTINGS} 无法读取：{error}。") from error
    known = ("title", "district", "fiscal_year", "due", "forms", "narratives", "limits")
    for key in raw:
        if key not in known:
            raise CollectionError(f"{SETTINGS} 中有不认识的设置“{key}”{_chinese(suggestion(key, known))}。")
    narratives = {**NARRATIVES, **_table(raw, "narratives")}
    if wrong := [key for key in narratives if key not in NARRATIVES]:
        raise CollectionError(f"{SETTINGS} 的 [narratives] 中有不认识的用途“{wrong[0]}”。")
    return Settings(
        title=_typed(raw, "title", str, "文字", ""),
        district=_typed(raw, "district", str, "文字", ""),
        fiscal_year=_typed(raw, "fiscal_year", int, "年份", None),
        due=_typed(raw, "due", date, "日期，如 2025-03-31", None),
        forms=tuple(_typed(raw, "forms", list, "表样编号的列表", [])),
        narratives=narratives,
        limits=_limits(_table(raw, "limits")),
    )


def _typed(raw: Mapping[str, Any], key: str, kind: type, what: str, default: Any) -> Any:
    value = raw.get(key, default)
    if value is not default and (not isinstance(value, kind) or isinstance(value, bool)):
        raise CollectionError(f"{SETTINGS} 的“{key}”应为{what}，现为 {value!r}。")
    return value.date() if isinstance(value, datetime) else value


def _table(raw: Mapping[str, Any], key: str) -> dict[str, Any]:
    return dict(_typed(raw, key, dict, f"[{key}] 一节", {}))


def _limits(raw: Mapping[str, Any]) -> Limits:
    known = [entry.name for entry in fields(Limits)]
    for key, value in raw.items():
        if key not in known:
            raise CollectionError(
                f"{SETTINGS} 的 [limits] 中有不认识的设置“{key}”{_chinese(suggestion(key, known))}。"
            )
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
            raise CollectionError(f"{SETTINGS} 的 [limits] 中“{key}”应为正整数，现为 {value!r}。")
    return Limits(**raw)


def _chinese(english: str) -> str:
    """Return a suggestion of the TOML reader as staff read it."""
    return (
        english.replace(", did you mean '", "，是不是“").replace("'?", "”？").rstrip("？") + "？"
        if english
        else ""
    )


# ── templates ───────────────────────────────────────────────────────────────────────────────────────


def shipped_templates() -> Path:
    """Return the templates of the wheel, or of the checkout the package is run from."""
    inside = Path(__file__).parent / "templates"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "templates"


def template_folders(root: Path | None) -> list[Path]:
    """Return where templates are looked for: the collection's own first, the shipped ones after."""
    own = [root / "templates"] if root is not None else []
    return [folder for folder in (*own, shipped_templates()) if folder.is_dir()]


def form_files(root: Path | None) -> dict[str, Path]:
    """Return form id -> file; a collection's own form hides the shipped one of that name."""
    found: dict[str, Path] = {}
    for folder in template_folders(root):
        for path in sorted((folder / "forms").glob("*.toml")):
            found.setdefault(path.stem, path)
    return found


def load_forms(root: Path | None, wanted: tuple[str, ...] = ()) -> tuple[Form, ...]:
    """Load and validate forms by id; all that are found when none is named."""
    files = form_files(root)
    for name in wanted:
        if name not in files:
            hint = _chinese(suggestion(name, files))
            raise CollectionError(f"没有表样“{name}”{hint or '，可用 xlreport form list 查看'}。")
    forms = tuple(load_form(files[name]) for name in (wanted or tuple(files)))
    for form in forms:
        validate(form)
    return forms


# ── roster ──────────────────────────────────────────────────────────────────────────────────────────


def read_roster(path: Path) -> tuple[RosterUnit, ...]:
    """Read 名册.xlsx; a collection without one has no roster."""
    if not path.is_file():
        return ()
    try:
        source = open_source(path)
    except SourceError as error:
        raise CollectionError(f"{ROSTER} 无法读取：{error}。请用 Excel 打开另存后重试。") from error
    for sheet in source.sheets:
        for row, values in enumerate(sheet.rows[:20]):
            columns = _roster_columns(values)
            if "name" in columns:
                return tuple(_roster_units(sheet, row + 1, columns))
    raise CollectionError(f"{ROSTER} 中没有“单位名称”一栏。")


def _roster_columns(values: list[RawValue]) -> dict[str, int]:
    spellings = {plain(text): key for key, texts in ROSTER_COLUMNS.items() for text in texts}
    columns: dict[str, int] = {}
    for column, value in enumerate(values):
        if isinstance(value, str) and (key := spellings.get(plain(value))):
            columns.setdefault(key, column)
    return columns


def _roster_units(sheet: SheetGrid, first: int, columns: Mapping[str, int]) -> Iterator[RosterUnit]:
    for values in sheet.rows[first:]:
        cells = {key: values[column] for key, column in columns.items()}
        texts = {key: _text(value) for key, value in cells.items()}
        if not texts["name"]:
            continue
        year = read_year(cells.get("year", "")).value
        due = read_date(cells.get("due", "")).value
        yield RosterUnit(
            code=texts.get("code", ""),
            name=texts["name"],
            aliases=_listed(texts.get("aliases", "")),
            kind=texts.get("kind", ""),
            district=texts.get("district", ""),
            contact=texts.get("contact", ""),
            phone=texts.get("phone", ""),
            forms=_listed(texts.get("forms", "")),
            year=int(year) if year is not None and not isinstance(year, (str, date)) else None,  # type: ignore[arg-type]
            due=due if isinstance(due, date) else None,
        )


def _text(value: RawValue) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())


def _listed(text: str) -> tuple[str, ...]:
    """Return the names of a cell that lists several.

    >>> _listed("department、project"), _listed("前进街道；前进街")
    (('department', 'project'), ('前进街道', '前进街'))
    """
    for mark in "，,；;\n":
        text = text.replace(mark, "、")
    return tuple(part.strip() for part in text.split("、") if part.strip())
