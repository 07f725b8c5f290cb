"""台账.xlsx: every file that ever came in, which one counts and why, and the officer's word on it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from collections_made import issues, judged, run, start
from filling import fill, form, read
from hypothesis import given, settings
from hypothesis import strategies as st
from valid import answers

from toolkit.checks.across import judge_across
from toolkit.checks.counting import Chooser
from toolkit.checks.ledger import LedgerRow, decided, decisions, updated
from toolkit.checks.model import CheckResult, Collected, Opinion, RosterUnit
from toolkit.collection import open_collection
from toolkit.lists import read_ledger
from toolkit.summary.summarise import summarise
from toolkit.writers.ledger import write_ledger

TODAY = date(2025, 6, 30)
FORM = form("project")
VISIBLE = st.characters(codec="utf-8", exclude_categories=("C", "Z"))
UNITS = ("红桥街道办事处", "青石街道办事处")


def send(root: Path, name: str, **changes: Any) -> Path:
    """Put a project workbook into a collection; `changes` are fields of its sections."""
    given = answers("project")
    for key, value in changes.items():
        section, _, name_of = key.partition("__")
        given[section][name_of] = value
    return fill(FORM, given, root / "workbooks" / name, year=2024)


def ledger(root: Path) -> dict[str, LedgerRow]:
    return {row.file: row for row in read_ledger(root / "台账.xlsx")}


def build(root: Path) -> str:
    done = run("-C", str(root), "build")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code in (0, 1), done.output
    return done.output


def money(root: Path) -> Decimal | None:
    opened = open_collection(root, today=TODAY)
    return summarise(judged(root), opened.forms_by_id, title="", district="").everything.project_expenditure


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return start(tmp_path / "c")


# ── what is kept ────────────────────────────────────────────────────────────────────────────────────


def test_every_file_seen_stays_in_the_ledger_with_what_became_of_it(root: Path) -> None:
    send(root, "一报.xlsx")
    (root / "workbooks" / "坏.xlsx").write_bytes(b"PK\x03\x04")
    build(root)
    send(root, "二报.xlsx", sign__fill_date=date(2025, 3, 20))
    build(root)
    (root / "workbooks" / "一报.xlsx").unlink()
    build(root)
    rows = ledger(root)
    assert {name: row.state for name, row in rows.items()} == {
        "一报.xlsx": "已撤下",
        "坏.xlsx": "无法读取",
        "二报.xlsx": "计入",
    }
    assert rows["二报.xlsx"].filled == date(2025, 3, 20)
    assert rows["二报.xlsx"].unit == answers("project")["project"]["unit_name"]


def test_a_renamed_file_is_said_to_be_renamed(root: Path) -> None:
    send(root, "一报.xlsx")
    build(root)
    (root / "workbooks" / "一报.xlsx").rename(root / "workbooks" / "改名.xlsx")
    build(root)
    assert ledger(root)["一报.xlsx"].why == "现名为“改名.xlsx”"


def test_a_ledger_that_cannot_be_read_stops_the_build_before_it_is_lost(root: Path) -> None:
    send(root, "一报.xlsx")
    (root / "台账.xlsx").write_bytes(b"nothing")
    done = run("-C", str(root), "build")
    assert done.exit_code == 2
    assert "台账.xlsx" in done.output
    assert (root / "台账.xlsx").read_bytes() == b"nothing"


def test_an_opinion_that_is_no_opinion_is_refused_with_its_row(root: Path) -> None:
    send(root, "一报.xlsx")
    build(root)
    book = openpyxl.load_workbook(root / "台账.xlsx")
    sheet = book.active
    column = next(cell.column for cell in sheet[2] if cell.value == "汇总人意见")
    sheet.cell(3, column).value = "不要"
    book.save(root / "台账.xlsx")
    done = run("-C", str(root), "build")
    assert done.exit_code == 2
    assert "台账.xlsx 第 3 行的“汇总人意见”应为排除、采用或空着，现为“不要”" in done.output


@given(
    st.lists(
        st.builds(
            LedgerRow,
            file=st.text(VISIBLE, min_size=1, max_size=30),
            sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
            unit=st.sampled_from(UNITS),
            year=st.one_of(st.none(), st.integers(2000, 2099)),
            filled=st.one_of(st.none(), st.dates(date(2000, 1, 1), date(2099, 1, 1))),
            size=st.integers(0, 10**9),
            opinion=st.sampled_from(["", *Opinion]),
            reason=st.sampled_from(["", "原因"]),
        ),
        max_size=4,
    )
)
@settings(max_examples=20, deadline=None)
def test_a_ledger_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[LedgerRow]
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "台账.xlsx"
    write_ledger(rows, path)
    assert list(read_ledger(path)) == rows


# ── the officer's word ──────────────────────────────────────────────────────────────────────────────


def test_an_excluded_file_leaves_every_total_and_comes_back_when_included(root: Path) -> None:
    send(root, "一报.xlsx")
    build(root)
    before = money(root)
    assert before
    done = run("-C", str(root), "exclude", "一报.xlsx", "--why", "错报年度")
    assert done.exit_code == 0
    build(root)
    assert money(root) is None
    assert ledger(root)["一报.xlsx"].state == "已排除"
    assert ledger(root)["一报.xlsx"].why == "错报年度"
    assert ["不计入汇总（错报年度）" in item.message for item in issues(root, "S27")] == [True]
    assert (root / "workbooks" / "一报.xlsx").is_file()
    assert run("-C", str(root), "include", str(root / "workbooks" / "一报.xlsx")).exit_code == 0
    build(root)
    assert money(root) == before


def test_an_excluded_file_is_told_with_nothing_else_and_fails_no_build(root: Path) -> None:
    send(root, "一报.xlsx", project__supervising_department=None)
    assert run("-C", str(root), "build").exit_code == 1
    run("-C", str(root), "exclude", "一报.xlsx", "--why", "重复项目")
    assert [item.code for result in judged(root).results for item in result.issues] == ["S27"]
    build(root)
    assert list((root / "out").glob("退回/*")) == []


def test_an_opinion_typed_into_the_ledger_counts_as_one_from_the_command_line(root: Path) -> None:
    send(root, "一报.xlsx")
    build(root)
    known = read_ledger(root / "台账.xlsx")
    rows = decided(known, "", known[0].sha256, Opinion.EXCLUDE, "错报")
    write_ledger(rows, root / "台账.xlsx")
    build(root)
    assert ledger(root)["一报.xlsx"].state == "已排除"


def test_the_file_an_officer_includes_goes_before_a_later_one(root: Path) -> None:
    send(root, "一报.xlsx")
    send(root, "二报.xlsx", sign__fill_date=date(2025, 3, 20))
    build(root)
    assert ledger(root)["一报.xlsx"].state == "被替换"
    run("-C", str(root), "include", "一报.xlsx", "--why", "二报有误")
    build(root)
    rows = ledger(root)
    assert (rows["一报.xlsx"].state, rows["二报.xlsx"].state) == ("计入", "被替换")
    assert "汇总人指定采用另一份：二报有误" in rows["二报.xlsx"].why


def test_an_opinion_follows_a_file_under_another_name_but_not_a_corrected_file(root: Path) -> None:
    path = send(root, "一报.xlsx")
    run("-C", str(root), "exclude", "一报.xlsx", "--why", "有误")
    path.rename(path.with_name("改名.xlsx"))
    build(root)
    assert ledger(root)["改名.xlsx"].state == "已排除"
    send(
        root,
        "改正.xlsx",
        goal__goal={"expected": "为长者提供平价餐食。", "completion": "全年配餐九万三千份。"},
    )
    build(root)
    assert ledger(root)["改正.xlsx"].state == "计入"


def test_a_file_nobody_knows_is_refused_with_the_nearest_name(root: Path) -> None:
    send(root, "红桥街道.xlsx")
    build(root)
    done = run("-C", str(root), "exclude", "红桥街.xlsx", "--why", "x")
    assert done.exit_code == 2
    assert "没有文件“红桥街.xlsx”" in done.output
    assert "红桥街道.xlsx" in done.output


# ── which of several counts ─────────────────────────────────────────────────────────────────────────


def test_of_equal_dates_the_file_saved_last_counts(root: Path) -> None:
    later = send(root, "甲.xlsx", project__supervising_department="青山区民政局（一）")
    earlier = send(root, "乙.xlsx", project__supervising_department="青山区民政局（二）")
    os.utime(later, (2_000_000_000, 2_000_000_000))
    os.utime(earlier, (1_000_000_000, 1_000_000_000))
    assert judged(root).counting == {"甲.xlsx"}
    assert "保存的时间较晚" in issues(root, "S14")[0].message


# ── what a re-sent file changed ─────────────────────────────────────────────────────────────────────


def test_a_re_sent_file_tells_every_answer_it_gives_otherwise_on_its_cell(root: Path) -> None:
    send(root, "一报.xlsx")
    given = answers("project")
    given["sign"]["fill_date"] = date(2025, 3, 20)
    given["funds"]["current"]["actual_expenditure"] = 97
    given["indicators"].insert(0, {**given["indicators"][0], "name": "新增指标", "max_score": 0, "score": 0})
    fill(FORM, given, root / "workbooks" / "二报.xlsx", year=2024)
    told = {item.location.label: item for item in issues(root, "S28")}
    assert {item.location.file for item in told.values()} == {"二报.xlsx"}
    money_told = told["其中：当年财政拨款·全年执行数"]
    assert (money_told.expected, money_told.found) == ("98", "97")
    assert money_told.location.cell
    assert any(label.startswith("新增指标·") for label in told)
    assert not any(label.startswith("配餐份数·") for label in told)  # it only moved down a row


def test_another_spelling_of_a_figure_is_no_change(root: Path) -> None:
    send(root, "一报.xlsx")
    given = answers("project")
    given["sign"]["fill_date"] = date(2025, 3, 20)
    given["funds"]["current"]["actual_expenditure"] = "９８．００"
    fill(FORM, given, root / "workbooks" / "二报.xlsx", year=2024)
    assert [item.location.label for item in issues(root, "S28")] == ["填报日期"]


def test_an_identical_file_is_said_to_be_identical(root: Path) -> None:
    path = send(root, "一报.xlsx")
    shutil.copy(path, root / "workbooks" / "副本.xlsx")
    assert len(issues(root, "F11")) == 1
    assert issues(root, "S28") == []


def test_the_changes_are_marked_in_the_copy_that_goes_back(root: Path) -> None:
    send(root, "一报.xlsx")
    send(root, "二报.xlsx", sign__fill_date=date(2025, 3, 20), project__supervising_department=None)
    build(root)
    sheet = openpyxl.load_workbook(root / "out" / "退回" / "二报.xlsx")["审核意见"]
    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert any("与上次报送的“一报.xlsx”不同" in text for text in texts)


# ── any history ─────────────────────────────────────────────────────────────────────────────────────


class Pile(list[CheckResult]):
    """Judged workbooks, shown in a word where a test is shown."""

    def __repr__(self) -> str:
        return f"{len(self)} workbooks"


@pytest.fixture(scope="module")
def submissions(tmp_path_factory: pytest.TempPathFactory) -> Pile:
    """Judged workbooks of two units, two years, two dates, one of them late; and a file none can read."""
    folder = tmp_path_factory.mktemp("submissions")
    made = []
    days = (date(2025, 3, 1), date(2025, 4, 9))
    for number, (unit, year, day) in enumerate(product(UNITS, (2023, 2024), days)):
        given = answers("project")
        given["project"] |= {"unit_name": unit, "fiscal_year": year}
        given["sign"]["fill_date"] = day
        made.append(read(fill(FORM, given, folder / f"{number}.xlsx", year=year), (FORM,)))
    broken = folder / "坏.xlsx"
    broken.write_bytes(b"PK\x03\x04")
    return Pile([*made, read(broken, (FORM,))])


@dataclass
class History:
    """What happened to a folder of workbooks, and the ledger after every build."""

    folder: dict[str, CheckResult] = field(default_factory=dict)
    rows: tuple[LedgerRow, ...] = ()
    seen: set[tuple[str, str]] = field(default_factory=set)

    def build(self) -> Collected:
        forms = {"project": FORM}
        due = date(2025, 3, 31)
        roster = [RosterUnit(unit, unit, forms=("project",), due=due) for unit in UNITS]
        results = [replace(result, file=name) for name, result in self.folder.items()]
        collected = judge_across(results, roster, forms, chooser=Chooser(forms, decisions(self.rows)))
        self.rows = updated(self.rows, collected, forms, {}, TODAY)
        self.seen |= {(name, result.sha256) for name, result in self.folder.items()}
        return collected


@dataclass(frozen=True)
class Step:
    """One thing that happens: `what` is send, remove, rename or an opinion; names are numbers."""

    what: str
    name: int
    other: int

    def happen(self, history: History, known: Pile) -> None:
        file, other = f"{self.name}.xlsx", f"{self.other}.xlsx"
        if self.what == "send":
            history.folder[file] = known[self.other % len(known)]
        elif result := history.folder.get(file):
            if self.what == "remove":
                del history.folder[file]
            elif self.what == "rename":
                history.folder[other] = history.folder.pop(file)
            else:
                history.rows = decided(history.rows, file, result.sha256, Opinion(self.what), "意见")


steps = st.builds(
    Step,
    what=st.sampled_from(["send", "send", "send", "remove", "rename", *(word.value for word in Opinion)]),
    name=st.integers(0, 5),
    other=st.integers(0, 8),
)


@given(st.lists(st.lists(steps, min_size=1, max_size=4), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_history_keeps_ledger_and_reconciliation_true(
    submissions: Pile, builds: list[list[Step]]
) -> None:
    history = History()
    for taken in builds:
        for step in taken:
            step.happen(history, submissions)
        collected = history.build()
        rows = {(row.file, row.sha256): row for row in history.rows if row.seen}
        assert history.seen <= rows.keys()  # never a row less
        present = {(name, result.sha256) for name, result in history.folder.items()}
        assert {key for key, row in rows.items() if row.state != "已撤下"} == present
        counted = {key[0] for key, row in rows.items() if row.state == "计入"}
        assert counted == collected.counting
        opinions = {sha256: decision.opinion for sha256, decision in decisions(history.rows).items()}
        subjects = {
            (result.unit, result.year)
            for result in history.folder.values()
            if result.submission and opinions.get(result.sha256) is not Opinion.EXCLUDE
        }
        told = [(result.unit, result.year) for result in collected.results if result.file in counted]
        assert sorted(told) == sorted(subjects)  # each counts, and once
        table = summarise(collected, {"project": FORM}, title="", district="").table("reconciliation")
        assert {row["agreement"] for row in table.records} <= {"一致"}
