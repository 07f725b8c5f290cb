"""Forms of kinds that are not shipped, written as TOML only: issued, filled, read, checked, aggregated."""

from __future__ import annotations

import copy
import shutil
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from collections_made import run
from filling import FORMS, facts, fill, form, load_forms, read
from valid import answers
from valid_unshipped import ELSEWHERE, UNSHIPPED

from toolkit.checks.rules import validate
from toolkit.form.loader import load_form
from toolkit.form.model import Form
from toolkit.writers.blank import write_blank


def load(name: str) -> Form:
    form = load_form(ELSEWHERE / f"{name}.toml", {path.stem: path for path in FORMS.glob("*.toml")})
    validate(form)
    return form


@pytest.mark.parametrize("name", UNSHIPPED)
def test_a_form_of_another_kind_is_issued_filled_and_accepted(name: str, tmp_path: Path) -> None:
    form = load(name)
    path = fill(form, UNSHIPPED[name], tmp_path / "filled.xlsx", year=2024)
    result = read(path, (form, *load_forms()))
    assert result.submission is not None
    assert (result.submission.form, result.issues, result.cells.unread) == (name, (), 0)
    typed = {
        (section, field)
        for section, given in UNSHIPPED[name].items()
        if isinstance(given, list)
        for field in given[0]
    }
    assert {(section, field) for section, _, field in facts(result)} >= typed
    first = result.indicators["indicators", "1"]
    assert (first.completion, first.met, first.score) == (Decimal("0.9"), False, 45)


def test_each_form_judges_by_its_own_page(tmp_path: Path) -> None:
    """Beijing's rate is of the initial budget, Hubei's execution counts 20, Tianjin's target is in parts."""

    def codes(name: str, *places: tuple[str, Any, str, Any]) -> list[tuple[str, str]]:
        given = copy.deepcopy(UNSHIPPED[name])
        for section, row, field, value in places:
            given[section][row][field] = value
        form = load(name)
        path = fill(form, given, tmp_path / "wrong.xlsx", year=2024)
        return [(item.code, item.location.label) for item in read(path, (form,)).issues]

    assert codes("beijing-project", ("funds", "other", "actual_expenditure", 25)) == [
        ("B04", "其他资金·全年执行数（B）"),
    ]
    assert codes("hubei-project", ("funds", "total", "score", 9.5)) == [
        ("B06", "年度财政资金总额·得分（20分×执行率）")
    ]
    assert codes("tianjin-project", ("indicators", 1, "operator", "≤")) == [
        ("C10", "受益居民户数·得分")
    ] * 0 + [
        ("C10", "受益居民户数·得分"),
        ("N17", "受益居民户数·偏差原因分析及改进措施"),
    ]


@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_a_collection_with_its_own_forms_adds_them_up(tmp_path: Path) -> None:
    root = tmp_path / "collection"
    assert run("init", str(root)).exit_code == 0
    settings = root / "xlreport.toml"
    listed = ", ".join(f'"{name}"' for name in UNSHIPPED)
    text = settings.read_text(encoding="utf-8").replace('["department", "project"]', f"[{listed}]")
    settings.write_text(text, encoding="utf-8")
    for name in UNSHIPPED:
        shutil.copy(ELSEWHERE / f"{name}.toml", root / "templates" / "forms")
        given = copy.deepcopy(UNSHIPPED[name])
        given["project"]["project_name"] = f"加装电梯{name[:2]}"
        fill(load(name), given, root / "workbooks" / f"{name}.xlsx", year=2024)
    done = run("-C", str(root), "build")
    assert done.exit_code in (0, 1), done.output
    assert "漏报" not in done.output
    book = openpyxl.load_workbook(root / "out" / "汇总表.xlsx", data_only=True)
    projects = {row["项目名称"]: row for row in rows(book["项目汇总"])}
    wanted = ("全年预算数", "全年执行数", "预算执行率", "自评得分")
    figures = {name: [projects[f"加装电梯{name[:2]}"][key] for key in wanted] for name in UNSHIPPED}
    assert figures == {
        "beijing-project": [400, 380, 0.95, 94.5],
        "hubei-project": [400, 380, 0.95, 94],
        "tianjin-project": [400, 380, 0.95, 94.5],
    }
    targets = {(row["来源文件"], row["年度指标值"], row["计量单位"]) for row in rows(book["指标明细"])}
    assert ("tianjin-project.xlsx", "=40部", "部") in targets
    assert ("tianjin-project.xlsx", "≥90%", "%") in targets
    assert {row["三级指标"] for row in rows(book["未完成指标"])} == {"加装电梯数"}


def test_the_indicators_of_a_published_report_fit_the_form_without_scores(tmp_path: Path) -> None:
    """番禺 2024, 26 rows: nothing is asked for that its page has no column for, and no score is made up."""
    text = (FORMS.parent.parent / "scripts" / "samples" / "zhongcun-2024.toml").read_text(encoding="utf-8")
    printed = tomllib.loads(text)["indicators"]
    given = answers("panyu-department") | {"indicators": printed}
    path = tmp_path / "filled.xlsx"
    write_blank(form("panyu-department"), path, answers=given, year=2024)
    result = read(path)
    assert result.submission is not None
    assert (result.submission.form, result.cells.unread) == ("panyu-department", 0)
    judged = result.indicators.values()
    assert len(judged) == len(printed) == 26
    assert all(item.score is None for item in judged)
    assert {item.completion for item in judged} == {Decimal(1), None}  # capped, or not a matter of figures
    assert not {item.code for item in result.issues} & {"S04", "S06", "C09", "C10", "C11", "N06", "N17"}
    bounds = [item.location.cell for item in result.issues if item.code == "N03"]
    assert len(bounds) == sum("≥" in row["actual"] for row in printed) == 3


def rows(sheet: Any) -> list[dict[str, Any]]:
    """Return the rows below a sheet's heading row, by heading."""
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    at = next(index for index, line in enumerate(lines) if "单位" in line)
    return [dict(zip(lines[at], line, strict=True)) for line in lines[at + 1 :] if line[0]]
