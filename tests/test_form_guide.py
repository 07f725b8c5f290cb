"""The guide for authors of forms, 表样编写.md, lists what the loader and the checks know, and no more."""

from __future__ import annotations

import copy
import inspect
import json
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from filling import load_forms, read

from toolkit.checks.rules import checks, validate
from toolkit.form.loader import parse_form
from toolkit.form.toml_table import FormError, Table
from toolkit.writers.blank import write_blank

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "表样编写.md").read_text(encoding="utf-8")
KEYS_PART, _, RULES_PART = GUIDE.partition("### `at_most`")

# a form with one table of every kind
SPECIMEN: dict[str, Any] = {
    "id": "specimen",
    "version": "1",
    "title": "样表",
    "scoring": {
        "band": [{"name": "达成", "low": 1, "high": 1}],
        "scale": [{"id": "own", "function": "manual"}],
    },
    "grade": [{"name": "优", "min": 90}],
    "sheet": [{"name": "页"}],
    "section": [
        {
            "id": "funds",
            "title": "资金",
            "sheet": "页",
            "kind": "grid",
            "field": [{"id": "rate", "label": "执行率", "derive": {"ratio": ["rate", "rate"]}}],
            "row": [{"id": "total", "label": "合计"}],
        }
    ],
    "rule": [{"id": "rule", "check": "at_most", "code": "B04"}],
}


def toml(value: Any) -> str:
    """Return a value as TOML writes it inside a line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key} = {toml(entry)}" for key, entry in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def text_of(form: dict[str, Any]) -> str:
    return "\n".join(f"{key} = {toml(value)}" for key, value in form.items())


def table_at(form: dict[str, Any], path: str) -> dict[str, Any]:
    """Return the (first) table at a path such as form.section.field."""
    found: Any = form
    for part in path.split(".")[1:]:
        found = found[part]
        found = found[0] if isinstance(found, list) else found
    assert isinstance(found, dict)
    return found


def rows(text: str) -> list[tuple[str, str]]:
    """Return (key, default) of the lines of tables that start with a key."""
    return re.findall(r"^\| `(\w+)` \|[^|]+\| ([^|]+) \|", text, re.MULTILINE)


def documented() -> dict[str, dict[str, str]]:
    """Return path -> key -> default as the guide lists them; headings name the TOML table."""
    chapters = re.split(r"^## .*：`\[*([\w.]+)\]*`$", KEYS_PART, flags=re.MULTILINE)[1:]
    listed = {}
    for name, chapter in zip(chapters[::2], chapters[1::2], strict=True):
        path = {"form": "form", "derive": "form.section.field.derive"}.get(name, f"form.{name}")
        for part in chapter.partition("\n## ")[0].split("\n\n"):
            if part.strip().startswith("| 键 | 类型 |"):
                listed[path] = dict(rows(part))
    return listed


KEYS = documented()
ENTRIES = [(path, key, default) for path, keys in KEYS.items() for key, default in keys.items()]
REQUIRED = [(path, key) for path, key, default in ENTRIES if default == "必填"]
DEFAULTS = [
    (path, key, default.strip("`"))
    for path, key, default in ENTRIES
    if default.startswith("`") and key not in table_at(SPECIMEN, path)
]


def test_the_guide_lists_the_keys_the_loader_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, set[str]] = {}
    take = Table._take

    def told(self: Table, key: str, *rest: Any) -> Any:
        asked.setdefault(re.sub(r"\[[^]]*\]", "", self.path), set()).add(key)
        return take(self, key, *rest)

    monkeypatch.setattr(Table, "_take", told)
    parse_form(text_of(SPECIMEN))
    assert {path: set(keys) for path, keys in KEYS.items()} == asked


@pytest.mark.parametrize(("path", "key"), REQUIRED)
def test_a_form_without_a_required_key_is_refused(path: str, key: str) -> None:
    form = copy.deepcopy(SPECIMEN)
    del table_at(form, path)[key]
    with pytest.raises(FormError, match=f"'{key}' is missing"):
        parse_form(text_of(form))


@pytest.mark.parametrize(("path", "key", "default"), DEFAULTS)
def test_a_default_written_out_changes_nothing(path: str, key: str, default: str) -> None:
    form = copy.deepcopy(SPECIMEN)
    table_at(form, path)[key] = tomllib.loads(f"it = {default}")["it"]
    assert parse_form(text_of(form)) == parse_form(text_of(SPECIMEN))


def test_the_guide_lists_every_derivation() -> None:
    chapter = KEYS_PART.partition("## 计算关系：`derive`")[2].partition("另可写")[0]
    listed = re.findall(r"^\| `(\w+)` \|", chapter, re.MULTILINE)
    form = copy.deepcopy(SPECIMEN)
    table_at(form, "form.section.field")["derive"] = {"guess": []}
    with pytest.raises(FormError, match=f"must hold exactly one of {', '.join(listed)}$"):
        parse_form(text_of(form))


def test_the_guide_lists_every_check_with_its_parameters() -> None:
    chapters = re.split(r"^### `(\w+)`$", f"### `at_most`{RULES_PART}", flags=re.MULTILINE)[1:]
    listed = dict(zip(chapters[::2], map(rows, chapters[1::2]), strict=True))
    known = {
        name: [
            (item.name, inspect.Parameter.empty if item.default is item.empty else item.default)
            for item in inspect.signature(function).parameters.values()
            if item.kind is item.KEYWORD_ONLY
        ]
        for name, function in checks().items()
    }
    assert {
        name: [(key, _default(text)) for key, text in entries] for name, entries in listed.items()
    } == known


def _default(text: str) -> Any:
    if text in ("必填", "—"):
        return inspect.Parameter.empty if text == "必填" else None
    value = tomllib.loads(f"it = {text.strip('`')}", parse_float=Decimal)["it"]
    return tuple(value) if isinstance(value, list) else value


def test_the_guide_lists_every_figure_the_shipped_forms_give_the_summary() -> None:
    chapter = KEYS_PART.partition("## 汇总取数")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.+?) \|", chapter, re.MULTILINE)
    listed = {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}
    assert {key for form in load_forms() for key in form.summary} <= listed


def test_the_form_shown_to_authors_is_filled_and_judged(tmp_path: Path) -> None:
    block = re.search(r"^```toml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    assert block is not None
    form = parse_form(block[1])
    validate(form)
    answers = {
        "cover": {"unit_name": "红桥街道办事处", "project_name": "社工培训", "fiscal_year": 2024},
        "funds": {"fiscal": {"adjusted_budget": 20, "actual_expenditure": 19.5}},
        "indicators": [
            {"name": "培训人次", "target": "≥200人次", "actual": "212人次", "max_score": 60, "score": 60},
            {"name": "学员满意度", "target": "≥90%", "actual": "81%", "max_score": 40, "score": 40},
        ],
    }
    write_blank(form, tmp_path / "filled.xlsx", answers=answers)
    result = read(tmp_path / "filled.xlsx", (form, *load_forms()))
    assert result.submission is not None
    assert result.submission.form == form.id
    assert [item.code for item in result.issues] == ["C10", "N17"]


def test_the_guide_names_every_shipped_form() -> None:
    guide = (ROOT / "docs" / "用户指南.md").read_text(encoding="utf-8")
    shipped = {path.stem for path in (ROOT / "templates" / "forms").glob("*.toml")}
    table = guide.partition("程序自带这些表样")[2].partition("\n\n例如")[0]
    assert set(re.findall(r"^\| `([\w-]+)` \|", table, re.M)) == shipped
