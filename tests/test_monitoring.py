"""The year while it runs: every period is kept, the latest counts, what lags behind is told."""

from __future__ import annotations

import shutil
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from collections_made import run
from filling import form
from python_calamine import CalamineWorkbook
from valid import answers

from toolkit.build import collect
from toolkit.checks.model import Collected, RosterUnit, Standing
from toolkit.checks.progress import due_share
from toolkit.collection import open_collection
from toolkit.summary.model import Summary
from toolkit.summary.summarise import summarise
from toolkit.writers.blank import write_blank
from toolkit.writers.roster import write_roster

SHEETS = ["运行监控", "分部门监控", "逐月进度", "进度滞后", "提醒清单"]


def collection(root: Path, rules: str = "") -> Path:
    assert run("init", str(root)).exit_code == 0
    (root / "workbooks" / "名册.xlsx").unlink()
    head = 'title = "运行监控"\ndistrict = "青山区"\nforms = ["monitor", "department"]\n'
    (root / "xlreport.toml").write_text(f"{head}{rules}", encoding="utf-8")
    return root


def send(root: Path, unit: str, month: str, spent: tuple[float, ...], **cover: Any) -> None:
    given = answers("monitor")
    given["cover"] |= {"unit_name": unit, "month": month, **cover}
    for row, amount in zip(given["projects"], spent, strict=True):
        row["actual_expenditure"] = amount
    write_blank(form("monitor"), root / "workbooks" / f"{unit}{month}.xlsx", answers=given, year=2024)


def summary(root: Path) -> Summary:
    opened = open_collection(root)
    made = collect(opened, jobs=1)
    return summarise(made, opened.forms_by_id, title="", district="青山区")


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two units of one department and one of another; one has not reported June."""
    root = collection(tmp_path_factory.mktemp("year") / "青山区")
    send(root, "红桥街道", "3月", (40, 20, 10))
    send(root, "红桥街道", "6月", (96, 80, 19.5))
    send(root, "白塔街道", "3月", (50, 30, 9))
    send(root, "水务中心", "6月", (30, 160, 20), supervising_department="青山区水务局")
    return root


@pytest.fixture(scope="module")
def made(year: Path) -> Summary:
    return summary(year)


def rows(made: Summary, table: str) -> list[dict[str, Any]]:
    return made.table(table).records


def test_all_periods_are_kept_and_the_latest_of_a_unit_is_shown(made: Summary) -> None:
    assert made.reporting.counted == 4
    assert [(row["unit"], row["month"]) for row in rows(made, "monitor")] == [
        ("水务中心", 6),
        ("白塔街道", 3),
        ("红桥街道", 6),
    ]
    months = [(row["month"], row["units"], row["of_units"]) for row in rows(made, "monitor_months")]
    assert months == [(3, 2, 3), (6, 2, 3)]


def test_execution_stands_beside_the_calendar_and_the_limit(made: Summary) -> None:
    red = next(row for row in rows(made, "monitor") if row["unit"] == "红桥街道")
    assert red["actual_expenditure"] == Decimal("1955000")
    assert red["execution_rate"] == Decimal("195.5") / 560
    assert (red["calendar"], red["limit"]) == (Decimal("0.5"), Decimal("0.40"))
    assert (red["behind"], red["apart"], red["both"], red["state"]) == (1, 1, 1, "滞后")


def test_departments_are_added_up_and_their_rates_recomputed(made: Summary) -> None:
    both = {row["department"]: row for row in rows(made, "monitor_departments")}
    street = both["青山区人民政府"]
    assert (street["units"], street["projects"]) == (2, 6)
    assert street["execution_rate"] == (Decimal("195.5") + 89) / 1120
    assert both["青山区水务局"]["execution_rate"] == Decimal(210) / 560


def test_projects_behind_are_listed_with_what_their_unit_says(made: Summary) -> None:
    listed = {(row["unit"], row["name"]): row for row in rows(made, "behind")}
    alley = listed["红桥街道", "背街小巷整治"]
    assert (alley["behind"], alley["apart"], alley["reason_given"]) == ("滞后", "目标快于资金", "已说明")
    care = listed["水务中心", "社区养老服务"]
    assert (care["execution_rate"], care["goal_progress"]) == (Decimal("0.15"), Decimal("0.5"))
    assert care["reason_given"] == "未说明"
    assert ("红桥街道", "社区养老服务") not in listed


def test_reminders_name_the_unit_the_matter_and_what_to_do(made: Summary) -> None:
    told = {(row["unit"], row["what"], row["name"]) for row in rows(made, "reminders")}
    assert ("白塔街道", "本期未报", "") in told
    assert ("水务中心", "双预警", "社区养老服务") in told
    assert not [row for row in told if row[2] == "背街小巷整治" and row[0] == "红桥街道"]


def test_every_way_of_counting_agrees(made: Summary) -> None:
    assert {row["agreement"] for row in rows(made, "reconciliation")} == {"一致"}


def test_a_collection_without_monitoring_has_no_such_sheet(tmp_path: Path) -> None:
    root = collection(tmp_path / "区")
    write_blank(form("department"), root / "workbooks" / "甲.xlsx", answers=answers("department"), year=2024)
    assert not {table.name for table in summary(root).tables} & set(SHEETS)


def test_two_workbooks_of_one_period_count_once(tmp_path: Path) -> None:
    root = collection(tmp_path / "区")
    send(root, "红桥街道", "6月", (96, 80, 19.5))
    (root / "workbooks" / "红桥街道6月.xlsx").rename(root / "workbooks" / "旧.xlsx")
    send(root, "红桥街道", "6月", (100, 140, 19.5))
    opened = open_collection(root)
    judged = collect(opened, jobs=1)
    assert len(judged.counting) == 1
    (told,) = [item for result in judged.results for item in result.issues if item.code == "S14"]
    assert "截至6月" in told.message


def test_a_collection_sets_limits_of_its_own_and_the_sheets_follow(tmp_path: Path) -> None:
    rules = "[rules.monitor.behind-calendar]\nlimits = { 6 = 0.10 }\n"
    root = collection(tmp_path / "区", rules)
    send(root, "红桥街道", "6月", (96, 80, 19.5))
    (row,) = rows(summary(root), "monitor")
    assert (row["limit"], row["behind"]) == (Decimal("0.10"), 0)


def test_a_build_writes_the_sheets_and_no_word_report(year: Path) -> None:
    assert run("-C", str(year), "build").exit_code == 1
    assert not list((year / "out").glob("单位报告/*"))
    with zipfile.ZipFile(year / "out" / "汇总表.xlsx") as package:
        charts = [package.read(name).decode() for name in package.namelist() if "/charts/" in name]
    series = [text.count("<c:ser>") for text in charts if "逐月进度（累计）" in text]
    assert series == [4, 4]  # on its sheet and on the board


def test_the_board_of_a_running_year_shows_its_figures_live(year: Path) -> None:
    board = CalamineWorkbook.from_path(year / "out" / "汇总表.xlsx").get_sheet_by_name("看板").to_python()
    shown = {row[0]: (row[4], row[6]) for row in board if row[0]}
    assert shown["监控项目（个）"] == (9.0, 3.0)  # all, and those of accepted workbooks
    assert shown["执行率"][0] == pytest.approx(float(rate_of_all(summary(year))))
    with zipfile.ZipFile(year / "out" / "汇总表.xlsx") as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    assert "'运行监控'!" in sheet
    assert "'单位汇总'!$" not in sheet


def rate_of_all(made: Summary) -> Decimal:
    known = rows(made, "monitor")
    return sum(row["actual_expenditure"] for row in known) / sum(row["adjusted_budget"] for row in known)


def test_months_of_two_years_stand_under_their_year(tmp_path: Path) -> None:
    root = collection(tmp_path / "区")
    for fiscal_year in (2023, 2024):
        send(root, f"红桥{fiscal_year}", "6月", (96, 80, 19.5), fiscal_year=fiscal_year)
    assert run("-C", str(root), "build").exit_code == 1
    with zipfile.ZipFile(root / "out" / "汇总表.xlsx") as package:
        charts = [package.read(name).decode() for name in package.namelist() if "/charts/" in name]
    assert all("multiLvlStrRef" in text for text in charts if "逐月进度（累计）" in text)


@pytest.mark.parametrize(
    ("limits", "month", "share"),
    [
        ({}, 3, "0.25"),
        ({}, 12, "1"),
        ({"4": Decimal("0.2")}, 2, "0.1"),
        ({"6": Decimal("0.4")}, 9, "0.7"),
        ({"12": Decimal("0.9")}, 12, "0.9"),
    ],
)
def test_between_limits_the_share_grows_evenly(limits: dict[str, Decimal], month: int, share: str) -> None:
    assert due_share(month, limits) == Decimal(share)


def test_a_limit_for_a_month_that_is_none_is_refused(tmp_path: Path) -> None:
    root = collection(tmp_path / "区", "[rules.monitor.behind-calendar]\nlimits = { 13 = 0.5 }\n")
    refused = run("-C", str(root), "check")
    assert refused.exit_code == 2
    assert "{ 13 = 0.5 }" in refused.output


def owing(root: Path, *, today: date) -> Collected:
    """Two units owe March, June and September; one sent March and June, June too late, the other March."""
    collection(root, "fiscal_year = 2024\n[periods]\n3 = 2024-04-10\n6 = 2024-07-10\n9 = 2024-10-10\n")
    units = [
        RosterUnit(code, name, forms=("monitor",)) for code, name in (("1", "红桥街道"), ("2", "白塔街道"))
    ]
    write_roster(units, root / "workbooks" / "名册.xlsx")
    send(root, "红桥街道", "3月", (40, 20, 10), fill_date=date(2024, 4, 8))
    send(root, "红桥街道", "6月", (96, 80, 19.5), fill_date=date(2024, 7, 12))
    send(root, "白塔街道", "3月", (50, 30, 9), fill_date=date(2024, 4, 9))
    return collect(open_collection(root, today=today), jobs=1)


@pytest.mark.parametrize(
    ("today", "missing"),
    [
        (date(2024, 5, 1), ["6月"]),  # not due, but somebody has reported it
        (date(2024, 10, 11), ["6月", "9月", "9月"]),
    ],
)
def test_each_period_is_owed_by_its_own_date(tmp_path: Path, today: date, missing: list[str]) -> None:
    made = owing(tmp_path / "区", today=today)
    found = sorted(row.period for row in made.standings if row.standing is Standing.MISSING)
    assert found == missing
    told = {item.message for item in made.issues if item.code == "S05"}
    assert "“白塔街道”尚未报送绩效运行监控表（2024年度，截至6月）。" in told
    (late,) = [row for row in made.standings if row.standing is Standing.LATE or row.verdict == "退回"]
    assert (late.unit, late.period, late.due) == ("红桥街道", "6月", date(2024, 7, 10))
    overdue = [item for result in made.results for item in result.issues if item.code == "S15"]
    assert [(item.found, item.expected) for item in overdue] == [("2024-07-12", "2024-07-10")]


def test_a_missing_period_travels_upward(tmp_path: Path) -> None:
    root = tmp_path / "区"
    owing(root, today=date.today())
    run("-C", str(root), "build")
    city = collection(tmp_path / "市")
    shutil.copy(root / "out" / "报送.xlsx", city / "workbooks" / "青山区报送.xlsx")
    made = collect(open_collection(city), jobs=1)
    waited = [(row.unit, row.period) for row in made.standings if row.standing is Standing.MISSING]
    assert waited == [("红桥街道", "9月"), ("白塔街道", "6月"), ("白塔街道", "9月")]


@pytest.mark.parametrize("written", ["13 = 2024-04-10", '3 = "四月"'])
def test_a_period_that_cannot_be_is_one_sentence(tmp_path: Path, written: str) -> None:
    refused = run("-C", str(collection(tmp_path / "区", f"[periods]\n{written}\n")), "check")
    assert refused.exit_code == 2
    assert "[periods]" in refused.output
