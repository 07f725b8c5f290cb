"""An officer's waivers: what they turn into a 提示, what they cannot, and that each is accounted for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from collections_made import TODAY, UNIT, add, issues, judged, project, run, start
from filling import form, read
from hypothesis import given, settings
from hypothesis import strategies as st
from test_summary_workbook import opened

from toolkit.checks.across import judge_across
from toolkit.checks.model import CheckResult, Collected, RosterUnit, Waiver, WaiverState
from toolkit.checks.policy import Policy, Treatment
from toolkit.collecting import collect_paths
from toolkit.collection import open_collection
from toolkit.issues.model import Severity, Verdict
from toolkit.summary.summarise import summarise
from toolkit.writers.summary_workbook import write_summary

FAR_OVER = {(1, "actual"): "12.6万份"}  # N07 on this cell, 需说明
UNMET = {(3, "reason"): "无"}  # N17 on that cell, 必改
HEADINGS = ("单位", "代码", "单元格或栏目", "说明人", "说明", "有效期至")


def waiver(**changed: Any) -> str:
    """Return a [[waiver]] as an officer writes it."""
    told = {"unit": UNIT, "code": "N07", "why": "年中扩大了服务范围", "who": "李科长", **changed}
    lines = [
        f"{key} = {value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)}"
        for key, value in told.items()
        if value is not None
    ]
    return "\n".join(["[[waiver]]", *lines, ""])


def sheet(
    root: Path, rows: Sequence[Sequence[Any]], headings: Sequence[str] = HEADINGS, top: int = 0
) -> Path:
    """Write 说明.xlsx as an officer would, the headings below `top` lines of title."""
    book = openpyxl.Workbook()
    page = book.active
    for line in range(top):
        page.append([f"情况说明登记表 {line + 1}"])
    for row in (headings, *rows):
        page.append(list(row))
    book.save(root / "说明.xlsx")
    return root


def uses(collected: Collected) -> list[tuple[WaiverState, int]]:
    return [(use.state, use.count) for use in collected.waivers]


# ── what a waiver does ──────────────────────────────────────────────────────────────────────────────


def test_a_waiver_turns_its_issue_into_a_note_that_says_why_and_who(tmp_path: Path) -> None:
    root = start(tmp_path / "c")
    project(root, FAR_OVER)
    assert judged(root).results[0].verdict is Verdict.EXPLAIN
    add(root, waiver())
    collected = judged(root)
    (found,) = [item for item in collected.results[0].issues if item.code == "N07"]
    assert found.severity is Severity.NOTE
    assert found.message.endswith("（已说明：年中扩大了服务范围，李科长）")
    assert "没有说明原因。" not in found.message
    assert collected.results[0].verdict is Verdict.ACCEPTED
    assert collected.standings[0].verdict == "采用"
    assert uses(collected) == [(WaiverState.USED, 1)]


def test_the_same_waiver_may_be_kept_in_a_workbook_read_by_its_headings(tmp_path: Path) -> None:
    root = start(tmp_path / "c")
    project(root, FAR_OVER)
    headings = ("说明", "说明人", "单位名称", "问题代码", "备注")
    sheet(root, [("年中扩大了服务范围", "李科长", UNIT, "n07", "电话核实")], headings, top=2)
    collected = judged(root)
    assert uses(collected) == [(WaiverState.USED, 1)]
    assert collected.waivers[0].waiver.source == "说明.xlsx 第 4 行"
    assert collected.results[0].verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    "unit", ["红桥街道", "0401", "青山区红桥街道办事处", " 青山区人民政府红桥街道办事处 "]
)
def test_the_unit_may_be_named_as_on_the_roster(tmp_path: Path, unit: str) -> None:
    root = start(tmp_path / "c", waiver(unit=unit))
    project(root, FAR_OVER)
    assert uses(judged(root)) == [(WaiverState.USED, 1)]


def test_without_a_roster_the_unit_is_the_one_the_workbook_names(tmp_path: Path) -> None:
    root = start(tmp_path / "c", waiver(), units=())
    (root / "workbooks" / "名册.xlsx").unlink()
    project(root, FAR_OVER)
    assert uses(judged(root)) == [(WaiverState.USED, 1)]


@pytest.mark.parametrize("place", ["cell", "sheet", "label", "column", "name"])
def test_a_waiver_for_one_place_leaves_the_others(tmp_path: Path, place: str) -> None:
    root = start(tmp_path / "c")
    project(root, {**FAR_OVER, (4, "actual"): "130%", (4, "target"): "≥90%"})
    first, second = issues(root, "N07")
    written: dict[str, dict[str, str]] = {
        "cell": {"cell": first.location.cell.lower()},
        "sheet": {"cell": f"{first.location.sheet}！${first.location.cell[0]}${first.location.cell[1:]}"},
        "label": {"label": first.location.label},
        "column": {"label": "实际完成值"},
        "name": {"label": "配餐份数"},
    }
    add(root, waiver(**written[place]))
    states = [item.severity for item in sorted(issues(root, "N07"), key=lambda item: item.location.cell)]
    assert first.location.cell < second.location.cell
    assert states == [Severity.NOTE, Severity.NOTE if place == "column" else Severity.EXPLAIN]


def test_a_waiver_ends_after_its_last_day(tmp_path: Path) -> None:
    root = start(tmp_path / "c", waiver(until=TODAY))
    project(root, FAR_OVER)
    assert uses(judged(root, TODAY)) == [(WaiverState.USED, 1)]
    after = judged(root, date(2025, 7, 1))
    assert uses(after) == [(WaiverState.EXPIRED, 0)]
    assert after.waivers[0].why == "有效期到 2025-06-30 为止"
    assert after.results[0].verdict is Verdict.EXPLAIN


def test_what_must_be_mended_cannot_be_waived(tmp_path: Path) -> None:
    root = start(tmp_path / "c", waiver(code="N17"))
    project(root, UNMET)
    collected = judged(root)
    assert uses(collected) == [(WaiverState.NOT_APPLICABLE, 0)]
    assert "必改" in collected.waivers[0].why
    assert collected.results[0].verdict is Verdict.RETURNED


def test_a_waiver_follows_the_severity_the_officer_gave_the_code(tmp_path: Path) -> None:
    root = start(tmp_path / "c", '[rules.N17]\nseverity = "explain"\n' + waiver(code="N17"))
    project(root, UNMET)
    assert uses(judged(root)) == [(WaiverState.USED, 1)]


def test_a_unit_that_owes_nothing_more_may_be_explained_where_the_code_allows_it(tmp_path: Path) -> None:
    root = start(
        tmp_path / "c", '[rules.S05]\nseverity = "explain"\n' + waiver(code="S05", why="已撤并，不再报送")
    )
    assert run("-C", str(root), "--quiet", "check").exit_code == 0
    assert judged(root).issues[0].message.endswith("（已说明：已撤并，不再报送，李科长）")


def test_a_waiver_applies_to_a_file_checked_by_itself(tmp_path: Path) -> None:
    root = start(tmp_path / "c", waiver() + waiver(unit="别的单位"))
    path = project(root, FAR_OVER)
    collected = collect_paths(open_collection(root, today=TODAY), [path], jobs=1)
    assert collected.results[0].verdict is Verdict.ACCEPTED
    assert uses(collected) == [(WaiverState.USED, 1)], "waivers for files that are not named are not told"


# ── every waiver is accounted for ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"unit": "青山区人民政府白云街道办事处二队"}, "没有单位“青山区人民政府白云街道办事处二队”"),
        ({"code": "N77"}, "没有问题代码“N77”（相近的有"),
        ({"code": "B07"}, "该单位没有 B07 这个问题"),
        ({"cell": "A1"}, "“A1”没有这个问题，该单位的 N07 在 E"),
        ({"label": "得分"}, "“得分”没有这个问题，该单位的 N07 在 E"),
        ({"code": "S12"}, "该问题只是提示，不需要说明"),
    ],
)
def test_a_waiver_that_misses_says_why(tmp_path: Path, changed: dict[str, str], why: str) -> None:
    root = start(tmp_path / "c", waiver(**changed))
    given = {**FAR_OVER}
    path = project(root, given)
    _unsign(path)
    collected = judged(root)
    assert uses(collected) == [(WaiverState.UNUSED, 0)]
    assert collected.waivers[0].why.startswith(why)
    assert collected.results[0].verdict is Verdict.EXPLAIN


def _unsign(path: Path) -> None:
    """Leave the cell of the leader empty: a 提示 of code S12."""
    book = openpyxl.load_workbook(path)
    for page in book:
        for row in page.iter_rows():
            for cell in row:
                if cell.value == "陈强":
                    cell.value = None
    book.save(path)


def test_of_two_waivers_for_one_issue_the_second_says_that_it_is_not_needed(tmp_path: Path) -> None:
    root = start(tmp_path / "c", waiver() + waiver(who="王主任"))
    project(root, FAR_OVER)
    collected = judged(root)
    assert uses(collected) == [(WaiverState.USED, 1), (WaiverState.UNUSED, 0)]
    assert collected.waivers[1].why == "同一问题已按xlreport.toml 第 1 个 [[waiver]]的说明采用"
    assert issues(root, "N07")[0].message.endswith("李科长）")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ((UNIT, "N07", "", "", "年中扩大了服务范围", None), "没有填写说明人"),
        ((UNIT, "N07", "", "李科长", "", None), "没有填写说明"),
        ((UNIT, "N07", "", "李科长", "年中扩大了服务范围", "整改完为止"), "有效期“整改完为止”不是日期"),
    ],
)
def test_a_row_that_lacks_something_is_listed_and_not_followed(
    tmp_path: Path, row: tuple[Any, ...], why: str
) -> None:
    root = sheet(start(tmp_path / "c"), [row])
    project(root, FAR_OVER)
    collected = judged(root)
    assert uses(collected) == [(WaiverState.UNUSED, 0)]
    assert collected.waivers[0].why == why
    assert collected.results[0].verdict is Verdict.EXPLAIN


def test_dates_and_notes_in_the_list_are_read_as_meant(tmp_path: Path) -> None:
    row = (UNIT, "N07", None, "李科长", "年中扩大了服务范围", datetime(2025, 6, 30))
    root = sheet(start(tmp_path / "c"), [row, (), ("填写说明：一行登记一项。",)])
    assert [item.until for item in open_collection(root).waivers] == [date(2025, 6, 30)]


def test_a_list_without_its_columns_is_refused_by_name(tmp_path: Path) -> None:
    root = sheet(start(tmp_path / "c"), [], ("单位", "代码", "说明"))
    done = run("-C", str(root), "check")
    assert done.exit_code == 2
    assert done.output.strip() == "错误：说明.xlsx 中没有“说明人”一栏。"


@pytest.mark.parametrize(
    ("written", "part"),
    [
        (waiver(who=None), "没有写“who”"),
        (waiver(reason="x"), "不认识的设置“reason”"),
        (waiver(cell="A1", label="得分"), "cell 和 label"),
        (waiver(until="2025年底"), "日期"),
        (waiver(code=7), "“code”应为文字"),
        ('waiver = ["全部"]', "[[waiver]]"),
    ],
)
def test_a_waiver_that_is_not_understood_is_one_sentence(tmp_path: Path, written: str, part: str) -> None:
    root = start(tmp_path / "c")
    path = root / "xlreport.toml"
    path.write_text(
        written + "\n" + path.read_text(encoding="utf-8")
        if "waiver =" in written
        else path.read_text(encoding="utf-8") + written,
        encoding="utf-8",
    )
    done = run("-C", str(root), "check")
    assert done.exit_code == 2
    assert len(done.output.strip().splitlines()) == 1
    assert part in done.output


@pytest.fixture(scope="module")
def judged_apart(tmp_path_factory: pytest.TempPathFactory) -> list[CheckResult]:
    """A workbook with issues of every severity, and one of another unit."""
    root = start(tmp_path_factory.mktemp("apart") / "c")
    path = project(root, {**FAR_OVER, **UNMET, (4, "actual"): "130%"})
    _unsign(path)
    result = read(path)
    return [result, replace(result, file="另一份.xlsx", unit="青山区人民政府东湖街道办事处")]


_WAIVERS = st.builds(
    Waiver,
    unit=st.sampled_from([UNIT, "红桥街道", "东湖街道", "哪里也没有"]),
    code=st.sampled_from(["N07", "N17", "C14", "S12", "N04", "B07", "N77"]),
    why=st.just("已核实"),
    who=st.just("李科长"),
    place=st.sampled_from(["", "E15", "实际完成值", "得分"]),
    until=st.sampled_from([None, TODAY, date(2025, 1, 1)]),
    source=st.uuids().map(str),
)
_CODES = st.dictionaries(
    st.sampled_from(["N07", "N17", "N04"]), st.sampled_from(list(Severity)).map(Treatment)
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_WAIVERS, max_size=6), _CODES)
def test_whatever_is_waived_no_error_vanishes_and_every_waiver_is_accounted_for(
    judged_apart: list[CheckResult], waivers: list[Waiver], codes: dict[str, Treatment]
) -> None:
    roster = [
        RosterUnit("1", UNIT, ("红桥街道",), forms=("project",)),
        RosterUnit("2", "青山区人民政府东湖街道办事处", ("东湖街道",), forms=("project",)),
    ]
    forms, policy = {"project": form("project")}, Policy(codes, TODAY)
    plain = judge_across(judged_apart, roster, forms, policy=policy)
    waived = judge_across(judged_apart, roster, forms, policy=policy, waivers=waivers)
    explained = 0
    for before, after in zip(plain.results, waived.results, strict=True):
        assert len(before.issues) == len(after.issues)
        assert before.count(Severity.ERROR) == after.count(Severity.ERROR)
        assert not (before.verdict is Verdict.RETURNED and after.verdict is not Verdict.RETURNED)
        turned = sum("（已说明：" in item.message for item in after.issues)
        assert before.count(Severity.EXPLAIN) - after.count(Severity.EXPLAIN) == turned
        explained += turned
    assert [use.waiver for use in waived.waivers] == waivers
    assert sum(use.count for use in waived.waivers) == explained
    for use in waived.waivers:
        assert (use.state is WaiverState.USED) is (use.count > 0)
        assert use.count or use.why, "a waiver that did nothing says why"
        assert (use.state is WaiverState.EXPIRED) is (
            use.waiver.until is not None and use.waiver.until < TODAY
        )


# ── where they are told ─────────────────────────────────────────────────────────────────────────────


def test_the_summary_lists_every_waiver_and_has_no_such_sheet_without_any(tmp_path: Path) -> None:
    root = start(tmp_path / "c")
    project(root, FAR_OVER)
    assert "说明与豁免" not in _summary(root, tmp_path / "无.xlsx").sheetnames
    sheet(
        add(root, waiver() + waiver(until=date(2025, 1, 31))), [(UNIT, "B07", "", "李科长", "已核实", None)]
    )
    page = _summary(root, tmp_path / "有.xlsx")["说明与豁免"]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=3, max_row=6)]
    state, count = rows[0].index("状态"), rows[0].index("采用处数")
    assert [row[state] for row in rows[1:]] == ["已采用", "已过期", "未用到"]
    assert [row[count] for row in rows[1:]] == [1, 0, 0]
    assert "说明.xlsx 第 2 行" in rows[3]


def _summary(root: Path, path: Path) -> Any:
    collection = open_collection(root, today=TODAY)
    summary = summarise(judged(root), collection.forms_by_id, title="汇总", district="青山区")
    write_summary(summary, path, created=datetime(2025, 6, 30))
    return opened(path)


def test_check_tells_which_waivers_explained_nothing(tmp_path: Path) -> None:
    root = start(tmp_path / "c", waiver() + waiver(code="B07"))
    project(root, FAR_OVER)
    done = run("-C", str(root), "--quiet", "check")
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert "■ 说明与豁免：已采用 1，未用到 1" in lines
    (told,) = [line for line in lines if line.startswith("  [未用到]")]
    assert "该单位没有 B07 这个问题" in told


def test_json_holds_every_waiver_with_its_state(tmp_path: Path) -> None:
    root = start(tmp_path / "c", waiver(cell="E15", until=date(2099, 12, 31)))
    project(root, FAR_OVER)
    shape = json.loads(run("-C", str(root), "--quiet", "check", "--format", "json").output)
    assert shape["waivers"] == [
        {
            "unit": UNIT,
            "code": "N07",
            "place": "E15",
            "why": "年中扩大了服务范围",
            "who": "李科长",
            "until": "2099-12-31",
            "source": "xlreport.toml 第 1 个 [[waiver]]",
            "state": "已采用",
            "count": 1,
            "remark": "",
        }
    ]
