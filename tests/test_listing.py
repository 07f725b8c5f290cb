"""What a screen shows of many issues: gravest first, one line for what says the same, and what is left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from builders import forms
from filling import fill, form, read
from hypothesis import given
from hypothesis import strategies as st
from valid import answers

from toolkit.checks.model import CheckResult
from toolkit.issues.catalogue import issue
from toolkit.issues.model import Issue, Location, Severity
from toolkit.listing import MOST_LINES, grouped, issue_lines

SHEET = "收支情况"


def empty(cell: str, label: str, help: str = "金额数字。") -> Issue:
    return issue("S04", Location("甲.xlsx", SHEET, cell, label), expected=label, help=help)


def mended(cell: str, found: str, label: str = "基本支出·决算数") -> Issue:
    place = Location("甲.xlsx", SHEET, cell, label)
    return issue("V04", place, found=found, expected=found.strip(), repair="空格已去除")


def result_of(*found: Issue) -> CheckResult:
    return CheckResult("甲.xlsx", "", 0, None, found)


def test_messages_that_differ_in_nothing_but_the_label_are_one_line_with_all_cells() -> None:
    found = [
        empty("B3", "基本支出·年初预算数"),
        empty("C3", "基本支出·全年预算数"),
        empty("D4", "项目支出·决算数"),
    ]
    (line,) = grouped(found)
    assert line.places == ("收支情况!B3", "C3", "D4")
    assert line.message == "“基本支出·年初预算数”等 3 处没有填写。"
    assert line.count == 3


def test_the_same_note_on_several_cells_of_a_workbook_is_one_line(tmp_path: Path) -> None:
    given = answers("project")
    for row in given["indicators"]:
        row["max_score"] = f"{row['max_score']} 分"
    result = read(fill(form("project"), given, tmp_path / "甲.xlsx", year=2024))
    assert sum(item.code == "V04" for item in result.issues) == 4
    (line,) = [line for line in grouped(result.issues) if line.code == "V04"]
    assert len(line.places) == line.count == 4
    assert "共 4 处，如：" in line.message


def test_errors_that_found_different_things_are_told_one_by_one() -> None:
    found = [
        issue("C04", Location("甲.xlsx", SHEET, cell, "得分"), found=number, expected="10", other="分值")
        for cell, number in (("B3", "12"), ("B4", "15"))
    ]
    assert [line.places for line in grouped(found)] == [("收支情况!B3",), ("收支情况!B4",)]


def test_hints_that_say_to_do_different_things_are_not_thrown_together() -> None:
    found = [empty("B3", "决算数"), empty("B9", "评价等级", "从下拉列表选择。")]
    assert len(grouped(found)) == 2


def test_the_gravest_come_first_and_what_is_left_is_counted() -> None:
    notes = [
        issue("S16", Location("甲.xlsx", f"表{number}", "A1"), found="备注", where="A1 ", what="")
        for number in range(MOST_LINES + 3)
    ]
    lines = list(issue_lines([result_of(*notes, empty("B3", "决算数"))], forms()))
    assert lines[2].startswith("  [必改 S04] 收支情况!B3 ")
    assert lines[-1] == "  ……还有：提示 4；完整清单见 issues.json 或 --format json。"
    assert sum(line.startswith("  [") for line in lines) == MOST_LINES


def test_a_message_without_a_place_is_told_without_one() -> None:
    lost = issue("F04", Location("甲.xlsx"))
    (line,) = grouped([lost, replace(lost, location=Location("甲.xlsx"))])
    assert line.places == ()
    assert list(issue_lines([result_of(lost)], forms()))[2] == "  [必改 F04] 文件里没有任何内容。"


_ISSUES = st.lists(
    st.one_of(
        st.builds(empty, st.sampled_from(["B3", "C3", "D4"]), st.sampled_from(["年初预算数", "决算数"])),
        st.builds(mended, st.sampled_from(["B3", "C3"]), st.sampled_from(["1 2", "3 4"])),
        st.builds(lambda cell: issue("F08", Location("甲.xlsx", SHEET, cell), found="乙.xlsx"), st.just("")),
    )
)


@given(_ISSUES)
def test_whatever_is_found_nothing_is_lost_in_the_lines(found: list[Issue]) -> None:
    lines = grouped(found)
    assert sum(line.count for line in lines) == len(found)
    for severity in Severity:
        told = sum(line.count for line in lines if line.severity is severity)
        assert told == sum(item.severity is severity for item in found)
    assert [line.severity.rank for line in lines] == sorted(line.severity.rank for line in lines)
    cells = {(line.code, place.split("!")[-1]) for line in lines for place in line.places if place != SHEET}
    assert cells == {(item.code, item.location.cell) for item in found if item.location.cell}
