"""Every form, three districts of twenty units: merged upward twice, all is as if built at once."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from collections_made import run
from filling import load_forms
from test_merged import same_figures, tables
from valid import answers

from benchmarks.workbooks import Variation
from toolkit.checks.model import RosterUnit
from toolkit.form.model import Form, SectionKind
from toolkit.writers.blank import write_blank
from toolkit.writers.roster import write_roster

pytestmark = pytest.mark.slow
DISTRICTS = ("东山区", "南湖区", "西河区")
UNITS = 20
FORMS = load_forms()


def collection(root: Path, name: str) -> Path:
    """Make an empty collection of every form that writes no Word reports of units."""
    (root / "workbooks").mkdir(parents=True)
    forms = ", ".join(f'"{form.id}"' for form in FORMS)
    text = f'title = "{name}绩效自评汇总"\ndistrict = "{name}"\nforms = [{forms}]\n'
    without = '[narratives]\ndepartment = ""\nproject = ""\n'
    (root / "xlreport.toml").write_text(text + without, encoding="utf-8")
    return root


def unit_name(district: str, unit: int) -> str:
    return f"{district}第{unit + 1}街道办事处"


def fill_district(root: Path, district: str, number: int) -> None:
    """Put a workbook of every form of every unit into a collection."""
    for unit in range(UNITS):
        for form in FORMS:
            position = number * UNITS + unit
            given = Variation(form, position).of(answers(form.id))
            answer(form, given, "unit", unit_name(district, unit))
            answer(form, given, "district", district)
            file = root / "workbooks" / f"{district}{unit:02}{form.id}.xlsx"
            write_blank(form, file, answers=given, year=2024)


def answer(form: Form, given: dict[str, Any], key: str, text: str) -> None:
    for ref in form.summary.get(key, ()):
        if form.section(ref.section).kind is SectionKind.ANSWERS:
            given.setdefault(ref.section, {})[ref.field] = text


def built(root: Path) -> Path:
    assert run("-C", str(root), "--quiet", "build").exit_code in (0, 1)
    return root


def merging(root: Path, name: str, senders: Iterable[Path]) -> Path:
    """Build a collection of nothing but 报送 files."""
    collection(root, name)
    for sender in senders:
        for path in (sender / "out").glob("报送*.xlsx"):
            shutil.copy(path, root / "workbooks" / f"{sender.name}{path.name}")
    return built(root)


@pytest.fixture(scope="module")
def districts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    base = tmp_path_factory.mktemp("districts")
    made = []
    for number, name in enumerate(DISTRICTS):
        made.append(collection(base / name, name))
        fill_district(made[-1], name, number)
    return [built(root) for root in made]


@pytest.fixture(scope="module")
def direct(districts: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One build over every workbook; where a form asks no district, the roster knows it."""
    root = collection(tmp_path_factory.mktemp("direct") / "甲市", "甲市")
    listed = [
        RosterUnit(code="", name=unit_name(name, unit), district=name, forms=tuple(form.id for form in FORMS))
        for name in DISTRICTS
        for unit in range(UNITS)
    ]
    write_roster(listed, root / "workbooks" / "名册.xlsx")
    for district in districts:
        for path in (district / "workbooks").iterdir():
            shutil.copy(path, root / "workbooks")
    return built(root)


def agreements(root: Path) -> list[tuple[Any, ...]]:
    """Return the lines of 对账表 that do not agree."""
    head, *rows = tables(root / "out" / "汇总表.xlsx")["对账表"][2:]
    at = head.index("结果")
    assert rows
    return [tuple(row) for row in rows if row[at] not in ("一致", "")]


def money(root: Path, sheet: str, heading: str) -> Decimal:
    """Return the sum of a column over the rows that are no totals."""
    head, *rows = tables(root / "out" / "汇总表.xlsx")[sheet][2:]
    at, files = head.index(heading), head.index("来源文件")
    return sum((Decimal(str(row[at])) for row in rows if row[files] and row[at] != ""), Decimal(0))


def test_a_city_of_three_districts_equals_the_direct_build(
    districts: list[Path], direct: Path, tmp_path: Path
) -> None:
    city = merging(tmp_path / "甲市", "甲市", districts)
    same_figures(direct / "out" / "汇总表.xlsx", city / "out" / "汇总表.xlsx")
    assert agreements(city) == agreements(direct) == []
    for heading in ("全年预算数", "全年执行数"):
        parts = sum((money(root, "单位汇总", heading) for root in districts), Decimal(0))
        assert money(city, "单位汇总", heading) == parts


def test_a_province_of_two_cities_equals_the_direct_build(
    districts: list[Path], direct: Path, tmp_path: Path
) -> None:
    first = merging(tmp_path / "乙市", "乙市", districts[:2])
    second = merging(tmp_path / "丙市", "丙市", districts[2:])
    province = merging(tmp_path / "某省", "甲市", [first, second])
    same_figures(direct / "out" / "汇总表.xlsx", province / "out" / "汇总表.xlsx")
    assert agreements(province) == []
